import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Call, Connector } from '../connectors/connector.ts'
import { systemActor, wholeScope } from '../core/access/actor.ts'
import { audit } from '../core/access/audit.ts'
import { authExpired, banShop, pauseShopTasks } from '../core/access/shop-gate.ts'
import type { Database, Tx } from '../core/db/db.ts'
import { AppError } from '../errors.ts'
import { sharedMs } from '../lib/clock.ts'
import { createLimiter, type Limiter, type Rate } from '../lib/limiter.ts'
import { PlatformError } from '../lib/platform-error.ts'
import type { KeyRing } from '../lib/seal.ts'
import { hourMs, minuteMs, secondMs } from '../lib/time.ts'
import { assertUsable } from './credentials.ts'
import { type SealedShop, type ShopRow, sealedShop, setAuthError, setExpired } from './queries.ts'
import { isSecret, withoutSecrets } from './secrets.ts'
import { openCredentials, openToken, refreshToken } from './tokens.ts'

export type PlatformRequest = Parameters<NonNullable<Call['onRequest']>>[0]

/** What calling a platform needs of the process: made once at its start, not per call. */
export type CallDeps = {
  db: Database
  ring: KeyRing
  connectors: readonly Connector[]
  /** In the demo and in tests: an address may be plain http on this machine. */
  simulator: boolean
  /** One for the process; shops of one app share its quota. Absent: each opened shop has its own. */
  limiter?: Limiter
  metrics?: { platformRequest(platform: string, request: PlatformRequest): void }
}

export type OpenOptions = { signal?: AbortSignal; onRequest?: (request: PlatformRequest) => void }

/** A shop ready to be called for the length of one run. Credentials and token are in memory: no query per call. */
export type OpenedShop = {
  shop: ShopRow
  connector: Connector
  /** Replaced when the token is: read it anew for each call, or let `callShop` hand it over. */
  call: Call
  deps: CallDeps
  limiter: Limiter
  /** The app whose quota the calls spend, without its secrets. */
  limiterKey: string
  rate: Rate
  tokenVersion: number
  /** From then on the next call fetches a new token first; Infinity when it cannot be refreshed. */
  refreshAt: number
  refreshing: Promise<boolean> | undefined
  /** When its row was read (`performance.now()`); Infinity for a verification, which looks at no state. */
  readAt: number
  /** The seller must authorise again: every further call ends with this, without asking the platform. */
  ended: PlatformError | undefined
  /** Never to appear in an error text. */
  secrets: string[]
}

/** A token is renewed this long before its end, so that one bad hour of the platform costs nothing. */
const refreshAheadMs = hourMs
/** What a person changes of a shop is heeded this soon by work that is under way. */
const lookAgainMs = 5 * secondMs
const maxTries = 4
const retryForMs = 20 * secondMs
const retryBaseMs = 300
const maxBans = 5
/** A longer ban is the task's to wait for: the run ends, and the limiter keeps the others off until it is over. */
const longestBanMs = minuteMs

/**
 * Opens a shop's credentials and token, and renews the token when it ends within an hour.
 * Throws `not_found`, `shop_disabled`, `credentials_missing`, `invalid_input` for an address; PlatformError `reauthorise` when the seller must agree again.
 */
export async function openCall(
  deps: CallDeps,
  shopId: string,
  options: OpenOptions = {},
): Promise<OpenedShop> {
  const shop = await sealedShop(deps.db, shopId, wholeScope)
  assertCallable(shop)
  const opened = openSealed(deps, shop, options)
  assertAuthorised(opened)
  opened.readAt = performance.now()
  await renewWhenDue(opened)
  return opened
}

function assertCallable(shop: SealedShop | undefined): asserts shop {
  if (!shop) throw new AppError('not_found', { what: { zh: '店铺', en: 'Shop' } })
  if (!shop.enabled) throw new AppError('shop_disabled')
  if (shop.authState === 'expired') throw new PlatformError('reauthorise', 'shop_expired', shop.authError)
}

function assertAuthorised({ connector, call }: OpenedShop): void {
  if (!connector.oauth || call.session !== '') return
  throw new PlatformError('reauthorise', 'never_authorised', 'The seller has not authorised this shop yet.')
}

/** A run may last an hour; a shop that was disabled, expired or given another app meanwhile ends or changes its calls. */
async function reloadShopWhenDue(opened: OpenedShop): Promise<void> {
  if (performance.now() - opened.readAt < lookAgainMs) return
  opened.readAt = performance.now()
  const shop = await sealedShop(opened.deps.db, opened.shop.id, wholeScope)
  assertCallable(shop)
  const sameApp = appKeyOf(shop.platform, openCredentials(opened.deps.ring, shop)) === opened.limiterKey
  if (sameApp && shop.tokenVersion === opened.tokenVersion) return
  takeSecrets(opened, shop)
  assertAuthorised(opened)
}

/** The same without any look at the shop's state, for verification. */
export function openSealed(deps: CallDeps, shop: SealedShop, options: OpenOptions = {}): OpenedShop {
  const connector = connectorOf(deps.connectors, shop.platform)
  if (!shop.credentials) throw new AppError('credentials_missing')
  const onRequest = (request: PlatformRequest): void => {
    deps.metrics?.platformRequest(shop.platform, request)
    options.onRequest?.(request)
  }
  const call: Call = { credentials: {}, session: '', variant: shop.variant, onRequest }
  if (options.signal) call.signal = options.signal
  const opened: OpenedShop = {
    shop,
    connector,
    call,
    deps,
    limiter: deps.limiter ?? createLimiter(),
    limiterKey: '',
    rate: {
      perSecond: shop.settings.requestsPerSecond ?? connector.limits.requestsPerSecond,
      concurrent: shop.settings.concurrentRequests ?? connector.limits.concurrentRequests,
    },
    tokenVersion: 0,
    refreshAt: Number.POSITIVE_INFINITY,
    refreshing: undefined,
    readAt: Number.POSITIVE_INFINITY,
    ended: undefined,
    secrets: [],
  }
  takeSecrets(opened, shop)
  return opened
}

export function connectorOf(connectors: readonly Connector[], platform: string): Connector {
  const connector = connectors.find((one) => one.id === platform)
  if (!connector)
    throw new AppError('not_found', { what: { zh: `平台 ${platform}`, en: `Platform ${platform}` } })
  return connector
}

/** Opens the shop, makes one call and forgets it: for what a person asks for. */
export async function withShop<T>(
  deps: CallDeps,
  shopId: string,
  work: (connector: Connector, call: Call) => Promise<T>,
  options: OpenOptions & CallOptions = {},
): Promise<T> {
  return callShop(await openCall(deps, shopId, options), work, options)
}

export type CallOptions = {
  /** A `write` whose outcome is unclear is never tried again here: whoever asked must look first. */
  effect?: 'read' | 'write'
  /** How often it is tried at most; 4 when left out. Whoever tries again by himself asks for 1. */
  tries?: number
  /** Ends this call alone; absent: the signal that the shop was opened with. */
  signal?: AbortSignal
  /** The call tries a token that is not the stored one: its refusal says nothing about the shop. */
  trial?: boolean
}

type Attempts = { startedAt: number; tries: number; bans: number; renewals: number }

/**
 * The one place where a connector is called: waits for the limiter, renews the token when it is due or refused, tries
 * again what is worth trying (up to 4 times in 20 s; short bans are waited for), and marks the shop expired
 * when the platform wants the seller back. Throws the last PlatformError, cleaned of secrets.
 */
export async function callShop<T>(
  opened: OpenedShop,
  work: (connector: Connector, call: Call) => Promise<T>,
  options: CallOptions = {},
): Promise<T> {
  const { signal } = options
  const attempts: Attempts = { startedAt: performance.now(), tries: 0, bans: 0, renewals: 0 }
  for (;;) {
    if (opened.ended) throw opened.ended
    await reloadShopWhenDue(opened)
    if (sharedMs() >= opened.refreshAt) await renewWhenDue(opened)
    refuseLongBan(opened)
    let usedVersion = opened.tokenVersion
    let failure: unknown
    try {
      return await opened.limiter.run(
        opened.limiterKey,
        opened.rate,
        () => {
          // While it waited for its turn, another call may have renewed the token.
          usedVersion = opened.tokenVersion
          return work(opened.connector, signal ? { ...opened.call, signal } : opened.call)
        },
        signal ?? opened.call.signal,
      )
    } catch (error) {
      failure = error
    }
    await beforeNextTry(opened, failure, usedVersion, attempts, options)
  }
}

function refuseLongBan({ limiter, limiterKey }: OpenedShop): void {
  const leftMs = limiter.bannedForMs(limiterKey)
  if (leftMs <= longestBanMs) return
  const seconds = Math.ceil(leftMs / secondMs)
  throw new PlatformError('rate_limited', 'banned', `Banned for ${seconds} more seconds.`, { waitMs: leftMs })
}

/** Returns when another try makes sense, and throws what the caller shall see when it does not. */
async function beforeNextTry(
  opened: OpenedShop,
  error: unknown,
  usedVersion: number,
  attempts: Attempts,
  options: CallOptions,
): Promise<void> {
  if (!(error instanceof PlatformError)) throw error
  const clean = withoutSecrets(error, opened.secrets)
  if (options.effect === 'write' && error.unclear) throw clean
  const signal = options.signal ?? opened.call.signal
  signal?.throwIfAborted()
  switch (error.kind) {
    case 'retry': {
      attempts.tries += 1
      if (
        attempts.tries >= (options.tries ?? maxTries) ||
        performance.now() - attempts.startedAt > retryForMs
      )
        throw clean
      // Full jitter: many callers that failed together do not come back together.
      await sleep(Math.random() * retryBaseMs * 2 ** attempts.tries, undefined, signal ? { signal } : {})
      return
    }
    case 'rate_limited': {
      attempts.bans += 1
      const waitMs = error.waitMs || secondMs
      opened.limiter.ban(opened.limiterKey, waitMs)
      if (attempts.bans <= maxBans && waitMs <= longestBanMs) return
      // The other processes learn of it too: no run of this shop begins before the ban is over.
      await banShop(opened.deps.db, opened.shop.id, waitMs)
      throw clean
    }
    case 'reauthorise':
      if (options.trial) throw clean
      return renewRefused(opened, clean, usedVersion, attempts)
    case 'rejected':
      throw clean
  }
}

/** The platform does not know the token any more: one renewal is tried before the seller is asked. */
async function renewRefused(
  opened: OpenedShop,
  error: PlatformError,
  usedVersion: number,
  attempts: Attempts,
): Promise<void> {
  attempts.renewals += 1
  if (attempts.renewals <= 2 && opened.tokenVersion !== usedVersion) return
  const renewed =
    attempts.renewals === 1 &&
    (await renew(opened).catch((failure) => {
      if (isOver(failure)) return false
      throw failure
    }))
  if (renewed) return
  await expire(opened, error, usedVersion)
  throw error
}

/** Before the end of the token. A failure is only a warning while the old one lasts. */
async function renewWhenDue(opened: OpenedShop): Promise<void> {
  if (sharedMs() < opened.refreshAt) return
  const version = opened.tokenVersion
  const endsAt = opened.shop.tokenExpiresAt?.getTime() ?? Number.POSITIVE_INFINITY
  try {
    if (!(await renew(opened))) opened.refreshAt = Number.POSITIVE_INFINITY
  } catch (failure) {
    if (!(failure instanceof PlatformError)) throw failure
    if (sharedMs() < endsAt) {
      opened.refreshAt = Math.min(sharedMs() + 5 * minuteMs, endsAt)
      await setAuthError(opened.deps.db, opened.shop.id, failure.message)
      return
    }
    if (isOver(failure)) await expire(opened, failure, version)
    throw failure
  }
}

/** False when there is nothing to renew with. Calls of one opened shop that need a token at once share one renewal. */
function renew(opened: OpenedShop): Promise<boolean> {
  opened.refreshing ??= renewOnce(opened).finally(() => {
    opened.refreshing = undefined
  })
  return opened.refreshing
}

async function renewOnce(opened: OpenedShop): Promise<boolean> {
  const { deps, connector, shop, tokenVersion } = opened
  try {
    const answer = await refreshToken(deps, connector, shop.id, tokenVersion)
    if (!answer.refreshed) return false
    takeSecrets(opened, answer.shop)
    // A token that lives shorter than the margin is renewed at half its life rather than with every call.
    const leftMs = (opened.shop.tokenExpiresAt?.getTime() ?? 0) - sharedMs()
    if (opened.refreshAt <= sharedMs()) opened.refreshAt = sharedMs() + Math.max(leftMs / 2, secondMs)
    return opened.call.session !== ''
  } catch (failure) {
    throw failure instanceof PlatformError ? withoutSecrets(failure, opened.secrets) : failure
  }
}

async function expire(opened: OpenedShop, error: PlatformError, usedVersion: number): Promise<void> {
  const { db } = opened.deps
  opened.ended = error
  const words = wordsOf(error)
  await db.transaction().execute((tx) => markExpired(tx, opened.shop.id, words, usedVersion))
}

/**
 * The seller must authorise again: the shop's tasks and write-backs pause until then. True when the shop was live
 * until now. With `tokenVersion`, a newer token stored meanwhile is left alone.
 */
export async function markExpired(
  tx: Tx,
  shopId: string,
  error: string,
  tokenVersion?: number,
): Promise<boolean> {
  const changed = await setExpired(tx, shopId, error.slice(0, 500), tokenVersion ?? null)
  if (!changed) return false
  await pauseShopTasks(tx, shopId, authExpired)
  await audit(tx, {
    actor: systemActor,
    action: 'shop.expire',
    subject: { type: 'shop', id: shopId },
    shopId,
    detail: { error: error.slice(0, 200) },
  })
  return true
}

/** What a client is told when a platform call that a person waits for has failed. */
export function refusalOf(error: PlatformError): AppError {
  const detail = wordsOf(error)
  if (error.kind === 'reauthorise') return new AppError('reauthorise')
  return new AppError(error.kind === 'rejected' ? 'platform_rejected' : 'platform_unavailable', { detail })
}

/** Most platforms say their code in the message as well; once is enough. */
function wordsOf({ code, message }: PlatformError): string {
  return message.includes(code) ? message : [code, message].filter(Boolean).join(' ')
}

function takeSecrets(opened: OpenedShop, shop: SealedShop): void {
  const { ring } = opened.deps
  const { credentials: _, token: __, ...row } = shop
  const token = openToken(ring, shop)
  const credentials = openCredentials(ring, shop)
  assertUsable(opened.connector, credentials, opened.deps.simulator)
  opened.shop = row
  opened.call = { ...opened.call, credentials, session: token.accessToken }
  opened.limiterKey = appKeyOf(shop.platform, credentials)
  opened.tokenVersion = shop.tokenVersion
  const hidden = Object.entries(credentials).filter(([field]) => isSecret(opened.connector, field))
  opened.secrets = [...hidden.map(([, value]) => value), token.accessToken, token.refreshToken].filter(
    Boolean,
  )
  opened.refreshAt = refreshTime(opened.connector, token.refreshToken, shop.tokenExpiresAt)
}

function refreshTime(connector: Connector, refresh: string, expiresAt: Date | null): number {
  if (!connector.oauth || refresh === '' || !expiresAt) return Number.POSITIVE_INFINITY
  return expiresAt.getTime() - refreshAheadMs
}

function isOver(failure: unknown): boolean {
  return failure instanceof PlatformError && (failure.kind === 'reauthorise' || failure.kind === 'rejected')
}

function appKeyOf(platform: string, credentials: Record<string, string>): string {
  return createHash('sha256')
    .update(JSON.stringify([platform, credentials]))
    .digest('base64url')
}
