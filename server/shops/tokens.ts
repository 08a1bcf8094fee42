import Type from 'typebox'
import Value from 'typebox/value'
import type { Connector, Token } from '../connectors/connector.ts'
import { wholeScope } from '../core/access/actor.ts'
import type { Database, Tx } from '../core/db/db.ts'
import { type KeyRing, seal, unseal } from '../lib/seal.ts'
import { hourMs } from '../lib/time.ts'
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

/**
 * Renews the shop's token on the platform and stores it. If two processes do it at once, the second uses the token of the first.
 * `refused`: the platform refused the present one. `refreshed` false: there is no refresh token. Throws the connector's PlatformError.
 */
export async function refreshToken(
  deps: { db: Database; ring: KeyRing },
  connector: Connector,
  shopId: string,
  { seenVersion, refused }: { seenVersion: number; refused: boolean },
): Promise<{ shop: SealedShop; refreshed: boolean }> {
  return deps.db.transaction().execute(async (tx) => {
    await lockToken(tx, shopId)
    const shop = await sealedShop(tx, shopId, wholeScope)
    if (!shop) throw new Error(`Shop ${shopId} has disappeared.`)
    if (shop.tokenVersion !== seenVersion) return { shop, refreshed: true }
    const old = openToken(deps.ring, shop)
    const credentials = openCredentials(deps.ring, shop)
    const { issue, oauth } = grantsOf(connector, relayedOf(deps, shop))
    const fresh = issue
      ? await issue.token(credentials, { refused: refused ? old.accessToken : '' })
      : old.refreshToken !== '' && (await oauth?.refresh(credentials, old.refreshToken))
    if (!fresh) return { shop, refreshed: false }
    // Some platforms give the refresh token only once. If it is missing, the old one stays.
    await keepToken(tx, deps.ring, shop, { ...fresh, refreshToken: fresh.refreshToken || old.refreshToken })
    const stored = await sealedShop(tx, shopId, wholeScope)
    return { shop: stored ?? shop, refreshed: true }
  })
}

async function keepToken(tx: Tx, ring: KeyRing, shop: SealedShop, fresh: Token): Promise<void> {
  const whole: Token = { ...fresh, refreshExpiresAt: fresh.refreshExpiresAt ?? shop.refreshExpiresAt }
  await storeToken(tx, shop.id, shop.tokenVersion, sealToken(ring, shop.id, whole))
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
