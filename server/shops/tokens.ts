import { setTimeout as sleep } from 'node:timers/promises'
import Type from 'typebox'
import Value from 'typebox/value'
import type { Connector, Token } from '../connectors/connector.ts'
import { wholeScope } from '../core/access/actor.ts'
import type { Database, Tx } from '../core/db/db.ts'
import { PlatformError } from '../lib/platform-error.ts'
import { type KeyRing, seal, unseal } from '../lib/seal.ts'
import { hourMs, secondMs } from '../lib/time.ts'
import {
  liveShops,
  lockToken,
  type NewToken,
  type SealedShop,
  type ShopRow,
  sealedShop,
  storeToken,
} from './queries.ts'
import { grantsOf, relayedOf } from './relays/hand-over.ts'
import { claimMs, claimRenewal, type RenewalClaim, releaseRenewal } from './relays/renewal-claims.ts'

/** The content of a sealed token. Each part may be empty. */
export type OpenToken = { accessToken: string; refreshToken: string }

/**
 * Milliseconds. A token is renewed this long before its end unless the connector names another time, so that renewing may fail for an hour
 * while the token is still valid.
 */
const refreshAheadMs = hourMs

const textFields = Type.Record(Type.String(), Type.String())
const noToken: OpenToken = { accessToken: '', refreshToken: '' }

export function sealCredentials(ring: KeyRing, shopId: string, credentials: Record<string, string>): Buffer {
  return seal(ring, shopId, JSON.stringify(credentials))
}

/** Returns the credentials; empty if none are stored. Throws if the bytes were sealed for another shop or their key was dropped. */
export function openCredentials(ring: KeyRing, shop: SealedShop): Record<string, string> {
  return shop.credentials ? openFields(ring, shop.id, shop.credentials) : {}
}

/**
 * Returns the enabled shops that are authorised, with their credentials, by id. A shop whose credentials cannot be unsealed is left out, so that
 * it does not stop the others; its own calls fail with that reason.
 */
export async function liveCredentials(
  db: Database,
  ring: KeyRing,
): Promise<{ shop: ShopRow; credentials: Record<string, string> }[]> {
  return (await liveShops(db)).flatMap((shop) => {
    try {
      return [{ shop, credentials: openCredentials(ring, shop) }]
    } catch {
      return []
    }
  })
}

/** A token, or a session key that a user typed in. The end of a session key may be unknown (null). */
export type KeptToken = Omit<Token, 'expiresAt'> & { expiresAt: Date | null }

export function sealToken(ring: KeyRing, shopId: string, token: KeptToken): NewToken {
  const inside: OpenToken = { accessToken: token.accessToken, refreshToken: token.refreshToken }
  return {
    token: seal(ring, shopId, JSON.stringify(inside)),
    expiresAt: token.expiresAt,
    refreshExpiresAt: token.refreshExpiresAt,
  }
}

export function openToken(ring: KeyRing, shop: SealedShop): OpenToken {
  return shop.token ? { ...noToken, ...openFields(ring, shop.id, shop.token) } : noToken
}

type TokenDeps = { db: Database; ring: KeyRing }
type Renewal = { shopId: string; seenVersion: number; refused: boolean }
type Renewed = { shop: SealedShop; refreshed: boolean }

/** Milliseconds between two looks whether another process has renewed a token. */
const lookMs = 100

/**
 * Renews the shop's token on the platform and stores it. If two processes do it at once, the second uses the token of the first.
 * `refused`: the platform refused the present one. `refreshed` false: there is no refresh token. Throws the connector's PlatformError.
 */
export async function refreshToken(
  deps: TokenDeps,
  connector: Connector,
  shopId: string,
  seen: Omit<Renewal, 'shopId'>,
): Promise<Renewed> {
  const until = performance.now() + claimMs + 5 * secondMs
  while (performance.now() < until) {
    const begun = await beginRenewal(deps, connector, { ...seen, shopId })
    if (begun && 'refreshed' in begun) return begun
    if (begun) return renewThroughRelay(deps, connector, begun, seen)
    await sleep(lookMs)
  }
  throw new PlatformError('retry', 'relay_no_answer', 'Another process renews the token and does not end.')
}

/**
 * Renews the token within one transaction, whose lock keeps others from it, if we call the platform ourselves. A call through a relay needs
 * further connections, so it must not be made while one is held: the renewal is only claimed. Undefined: another process has claimed it.
 */
async function beginRenewal(
  deps: TokenDeps,
  connector: Connector,
  { shopId, seenVersion, refused }: Renewal,
): Promise<Renewed | { shop: SealedShop; claim: RenewalClaim } | undefined> {
  return deps.db.transaction().execute(async (tx) => {
    await lockToken(tx, shopId)
    const shop = await sealedShop(tx, shopId, wholeScope)
    if (!shop) throw new Error(`Shop ${shopId} has disappeared.`)
    if (shop.tokenVersion !== seenVersion) return { shop, refreshed: true }
    const { relayId } = shop
    if (relayId === null) {
      const fresh = await grantToken(deps, connector, shop, refused)
      return fresh ? keepToken(tx, deps.ring, shop, fresh) : { shop, refreshed: false }
    }
    const claim = await claimRenewal(tx, deps.ring, { shopId, relayId })
    return claim && { shop, claim }
  })
}

async function renewThroughRelay(
  deps: TokenDeps,
  connector: Connector,
  { shop, claim }: { shop: SealedShop; claim: RenewalClaim },
  { refused }: Pick<Renewal, 'refused'>,
): Promise<Renewed> {
  try {
    const fresh = await grantToken(deps, connector, shop, refused)
    if (!fresh) return { shop, refreshed: false }
    return await deps.db.transaction().execute(async (tx) => {
      await lockToken(tx, shop.id)
      return keepToken(tx, deps.ring, shop, fresh)
    })
  } finally {
    // A claim that stays ends by itself.
    await releaseRenewal(deps.db, claim).catch(() => {})
  }
}

/** Asks for a new token. Undefined: there is no refresh token. */
async function grantToken(
  deps: TokenDeps,
  connector: Connector,
  shop: SealedShop,
  refused: boolean,
): Promise<Token | undefined> {
  const old = openToken(deps.ring, shop)
  const credentials = openCredentials(deps.ring, shop)
  const { issue, oauth } = grantsOf(connector, relayedOf(deps, shop))
  if (issue) return issue.token(credentials, { refused: refused ? old.accessToken : '' })
  return old.refreshToken === '' ? undefined : oauth?.refresh(credentials, old.refreshToken)
}

/** Stores a token over the one that was renewed. A newer one that is stored meanwhile stays, and is returned. */
async function keepToken(tx: Tx, ring: KeyRing, shop: SealedShop, fresh: Token): Promise<Renewed> {
  const whole: Token = {
    ...fresh,
    // Some platforms give the refresh token only once. If it is missing, the old one stays.
    refreshToken: fresh.refreshToken || openToken(ring, shop).refreshToken,
    refreshExpiresAt: fresh.refreshExpiresAt ?? shop.refreshExpiresAt,
  }
  await storeToken(tx, shop.id, shop.tokenVersion, sealToken(ring, shop.id, whole))
  const stored = await sealedShop(tx, shop.id, wholeScope)
  return { shop: stored ?? shop, refreshed: true }
}

function openFields(ring: KeyRing, shopId: string, sealed: Buffer): Record<string, string> {
  const fields: unknown = JSON.parse(unseal(ring, shopId, sealed).toString('utf8'))
  if (!Value.Check(textFields, fields)) throw new Error(`The sealed fields of shop ${shopId} are not text.`)
  return fields
}

/** Returns the time from which the token is renewed, in milliseconds; Infinity: it cannot be. */
export function refreshTime(
  connector: Connector,
  { accessToken, refreshToken: refresh }: OpenToken,
  expiresAt: Date | null,
): number {
  if (connector.issue)
    return accessToken === '' || !expiresAt ? 0 : expiresAt.getTime() - connector.issue.aheadMs
  if (!connector.oauth || refresh === '' || !expiresAt) return Number.POSITIVE_INFINITY
  return expiresAt.getTime() - (connector.oauth.aheadMs ?? refreshAheadMs)
}
