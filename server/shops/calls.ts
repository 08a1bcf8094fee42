import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Call, Connector } from '../connectors/connector.ts'
import { systemActor, wholeScope } from '../core/access/actor.ts'
import { audit } from '../core/access/audit.ts'
import { authExpired, pauseShopTasks } from '../core/access/shop-gate.ts'
import type { Database, Tx } from '../core/db/db.ts'
import { AppError } from '../errors.ts'
import { sharedMs } from '../lib/clock.ts'
import { createLimiter, type Limiter, type Rate } from '../lib/limiter.ts'
import { PlatformError } from '../lib/platform-error.ts'
import type { KeyRing } from '../lib/seal.ts'
import { minuteMs, secondMs } from '../lib/time.ts'
import { assertUsable } from './credentials.ts'
import { postedBooks } from './posted-books.ts'
import { type SealedShop, type ShopRow, sealedShop, setAuthError, setExpired } from './queries.ts'
import { relayedOf } from './relays/hand-over.ts'
import { isSecret, isSetting, withoutSecrets } from './secrets.ts'
import { openCredentials, openToken, refreshTime, refreshToken } from './tokens.ts'
import { requestsWithinQuota } from './turns.ts'

export type PlatformRequest = Parameters<NonNullable<Call['onRequest']>>[0]

export type CallDeps = {
  db: Database
  ring: KeyRing
  connectors: readonly Connector[]
  /** True in the demo and in tests: an address may be plain http on this machine. */
  simulator: boolean
  /** One limiter for the process, because shops of the same app share its quota. Undefined: each opened shop has its own. */
  limiter?: Limiter
  /** Our address as others see it, to which some sources send news. */
  publicUrl?: string
  metrics?: { platformRequest(platform: string, request: PlatformRequest): void }
}

export type OpenOptions = { signal?: AbortSignal; onRequest?: (request: PlatformRequest) => void }

/** A shop that was opened for one run. Credentials and token are in memory, so a call needs no query. */
export type OpenedShop = {
  shop: ShopRow
  connector: Connector
  /** Replaced when the token is renewed, so read it for each call or use the one that `callShop` passes. */
  call: Call
  deps: CallDeps
  limiter: Limiter
  /** Identifies the app whose quota the calls use. It contains no secret. */
  limiterKey: string
  rate: Rate
  tokenVersion: number
  /** The time from which a call first renews the token, in milliseconds; Infinity: the token cannot be renewed. */
  refreshAt: number
  refreshing: Promise<boolean> | undefined
  /** When the shop's row was read (`performance.now()`). Infinity: it is not read again, because a verification does not check its state. */
  readAt: number
  /** Set if the seller must authorise again. Every further call throws this error and does not reach the platform. */
  ended: PlatformError | undefined
  /** The secrets that must not appear in an error message. */
  secrets: string[]
}

/** Running work reads the shop's row again after this number of milliseconds, and so notices a change by a user. */
const lookAgainMs = 5 * secondMs
const maxTries = 4
const retryForMs = 20 * secondMs
const retryBaseMs = 300

/**
 * Opens a shop with its credentials and token, and renews a token that is about to end. Throws `not_found`, `shop_disabled`,
 * `credentials_missing`, `invalid_input` for a bad address, and PlatformError `reauthorise` if the seller must authorise again.
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

/**
 * Reads the shop's row again after some seconds. A run, which may last an hour, then ends if the shop was disabled or has expired, and uses
 * new credentials.
 */
async function reloadShopWhenDue(opened: OpenedShop): Promise<void> {
  if (performance.now() - opened.readAt < lookAgainMs) return
  const readAt = performance.now()
  const shop = await sealedShop(opened.deps.db, opened.shop.id, wholeScope)
  assertCallable(shop)
  opened.readAt = readAt
  const isSame = isDeepStrictEqual(openCredentials(opened.deps.ring, shop), opened.call.credentials)
  if (isSame && shop.tokenVersion === opened.tokenVersion) return
  takeSecrets(opened, shop)
  assertAuthorised(opened)
}

/** Opens a shop without checking its state, for a verification. */
export function openSealed(deps: CallDeps, shop: SealedShop, options: OpenOptions = {}): OpenedShop {
  const connector = connectorOf(deps.connectors, shop.platform)
  if (!shop.credentials) throw new AppError('credentials_missing')
  const onRequest = (request: PlatformRequest): void => {
    deps.metrics?.platformRequest(shop.platform, request)
    options.onRequest?.(request)
  }
  const call: Call = { credentials: {}, session: '', variant: shop.variant, onRequest }
  if (connector.posted) call.books = postedBooks(deps.db, deps.ring, shop.id)
  const relayed = relayedOf(deps, shop)
  if (relayed) call.transport = relayed.send
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

export async function withShop<T>(
  deps: CallDeps,
  shopId: string,
  work: (connector: Connector, call: Call) => Promise<T>,
  options: OpenOptions & CallOptions = {},
): Promise<T> {
  return callShop(await openCall(deps, shopId, options), work, options)
}

export type CallOptions = {
  /** For a `write`, a call whose effect is unclear is not repeated; the caller must verify first. */
  effect?: 'read' | 'write'
  /** The call is attempted at most this many times; undefined: 4. A caller that retries by itself passes 1. */
  tries?: number
  /** Aborts only this call. Undefined: the signal with which the shop was opened. */
  signal?: AbortSignal
  /** True if the call uses a token that is not stored. Its error does not mark the shop as expired. */
  trial?: boolean
}

/** `failedMs`: the time that the requests took that failed, without the waiting for their turn. */
type Attempts = { failedMs: number; tries: number; renewals: number }

/**
 * Makes a call of a connector, whose requests wait for the limiter. Renews the token when it is due or refused, and repeats the call after an
 * error that may pass (up to 4 attempts, whose failed requests took less than 20 s). Marks the shop as expired if the seller must authorise
 * again. Throws the last PlatformError without secrets.
 */
export async function callShop<T>(
  opened: OpenedShop,
  work: (connector: Connector, call: Call) => Promise<T>,
  options: CallOptions = {},
): Promise<T> {
  const { signal } = options
  const attempts: Attempts = { failedMs: 0, tries: 0, renewals: 0 }
  for (;;) {
    if (opened.ended) throw opened.ended
    await reloadShopWhenDue(opened)
    if (sharedMs() >= opened.refreshAt) await renewWhenDue(opened)
    const usedVersion = opened.tokenVersion
    const turns = requestsWithinQuota(opened, signal ?? opened.call.signal)
    const call = { ...opened.call, withinQuota: turns.withinQuota }
    let failure: unknown
    try {
      return await work(opened.connector, signal ? { ...call, signal } : call)
    } catch (error) {
      failure = error
    }
    const now = performance.now()
    attempts.failedMs += now - (turns.sentAt ?? now)
    await beforeNextTry(opened, { error: failure, usedVersion }, attempts, options)
  }
}

/** Returns after a pause if the call is to be repeated; otherwise throws the error. */
async function beforeNextTry(
  opened: OpenedShop,
  { error, usedVersion }: { error: unknown; usedVersion: number },
  attempts: Attempts,
  options: CallOptions,
): Promise<void> {
  if (!(error instanceof PlatformError)) throw error
  const clean = withoutSecrets(error, opened.secrets)
  // An unclear `reauthorise` is not thrown here: the token ended between several calls of the work. A connector reports it only for work
  // that is safe to repeat.
  if (options.effect === 'write' && error.unclear && error.kind !== 'reauthorise') throw clean
  // The platform did nothing, which its caller must learn also of a call that is over.
  if (error.kind === 'rate_limited' || error.kind === 'rejected') throw clean
  const signal = options.signal ?? opened.call.signal
  // Nor did it by a write that failed with certainty: its caller would take the end of the time for a call that may have had its effect.
  const isCertain = options.effect === 'write' && error.kind === 'retry'
  if (isCertain && signal?.aborted) throw clean
  signal?.throwIfAborted()
  switch (error.kind) {
    case 'retry': {
      attempts.tries += 1
      if (attempts.tries >= (options.tries ?? maxTries) || attempts.failedMs > retryForMs) throw clean
      // A random pause: calls that failed together are not repeated together. Some platforms punish a repetition that comes at once.
      const pauseMs = error.waitMs + Math.random() * retryBaseMs * 2 ** attempts.tries
      await sleep(pauseMs, undefined, signal ? { signal } : {}).catch((stopped) => {
        throw isCertain ? clean : stopped
      })
      return
    }
    case 'reauthorise':
      if (options.trial) throw clean
      return renewRefused(opened, clean, usedVersion, attempts)
  }
}

/** Handles a refused token: renews it once, before the seller is asked to authorise again. */
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
    (await renew(opened, { refused: true }).catch((failure) => {
      if (isOver(failure)) return false
      throw failure
    }))
  if (renewed) return
  await expire(opened, error, usedVersion)
  throw error
}

/** Renews a token before its end. A failure is only a warning while the old token is valid. */
async function renewWhenDue(opened: OpenedShop): Promise<void> {
  if (sharedMs() < opened.refreshAt) return
  const version = opened.tokenVersion
  const { shop, call } = opened
  const endsAt = call.session === '' ? 0 : (shop.tokenExpiresAt?.getTime() ?? Number.POSITIVE_INFINITY)
  try {
    if (!(await renew(opened))) opened.refreshAt = Number.POSITIVE_INFINITY
  } catch (failure) {
    if (!(failure instanceof PlatformError)) throw failure
    if (sharedMs() < endsAt) {
      opened.refreshAt = Math.min(sharedMs() + 5 * minuteMs, endsAt)
      await setAuthError(opened.deps.db, opened.shop.id, failure.message, version)
      return
    }
    if (isOver(failure)) await expire(opened, failure, version)
    throw failure
  }
}

/** Renews the token. Calls that need it at the same time share one renewal. Returns false if there is no refresh token. */
function renew(opened: OpenedShop, { refused = false } = {}): Promise<boolean> {
  opened.refreshing ??= renewOnce(opened, refused).finally(() => {
    opened.refreshing = undefined
  })
  return opened.refreshing
}

async function renewOnce(opened: OpenedShop, refused: boolean): Promise<boolean> {
  const { deps, connector, shop, tokenVersion: seenVersion } = opened
  try {
    const answer = await refreshToken(deps, connector, shop.id, { seenVersion, refused })
    if (!answer.refreshed) return false
    takeSecrets(opened, answer.shop)
    // A token whose life is shorter than the margin is renewed at half of its life, and not at every call.
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
 * Marks a shop as expired: its tasks and write-backs pause until the seller authorises again. Returns true if the shop was live before.
 * With `tokenVersion`, nothing changes if a newer token is stored.
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

export function refusalOf(error: PlatformError): AppError {
  const detail = wordsOf(error)
  if (error.kind === 'reauthorise') return new AppError('reauthorise')
  return new AppError(error.kind === 'rejected' ? 'platform_rejected' : 'platform_unavailable', { detail })
}

/** Returns the error's code and message; only the message if it contains the code. */
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
  opened.limiterKey = appKeyOf(opened.connector, credentials)
  opened.tokenVersion = shop.tokenVersion
  const hidden = Object.entries(credentials).filter(([field]) => isSecret(opened.connector, field))
  opened.secrets = [...hidden.map(([, value]) => value), token.accessToken, token.refreshToken].filter(
    Boolean,
  )
  opened.refreshAt = refreshTime(opened.connector, token, shop.tokenExpiresAt)
}

function isOver(failure: unknown): boolean {
  return failure instanceof PlatformError && (failure.kind === 'reauthorise' || failure.kind === 'rejected')
}

/** A setting, such as the key with which a shop's news are signed, is the shop's own, and its app is one with that of other shops. */
function appKeyOf(connector: Connector, credentials: Record<string, string>): string {
  const ofApp = Object.entries(credentials)
    .filter(([field]) => !isSetting(connector, field))
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
  return createHash('sha256')
    .update(JSON.stringify([connector.id, ofApp]))
    .digest('base64url')
}
