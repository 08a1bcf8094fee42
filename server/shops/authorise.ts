import Type from 'typebox'
import Value from 'typebox/value'
import type { Connector, ShopIdentity, Token } from '../connectors/connector.ts'
import { type By, wholeScope } from '../core/access/actor.ts'
import { audit } from '../core/access/audit.ts'
import { authExpired, resumeShopTasks } from '../core/access/shop-gate.ts'
import { orTaken, type Tx } from '../core/db/db.ts'
import { AppError } from '../errors.ts'
import { sharedMs } from '../lib/clock.ts'
import { PlatformError } from '../lib/platform-error.ts'
import { type KeyRing, seal, unseal } from '../lib/seal.ts'
import { minuteMs } from '../lib/time.ts'
import { scopeNow } from '../users/current-rights.ts'
import { type CallDeps, type CallOptions, callShop, type OpenedShop, openSealed, refusalOf } from './calls.ts'
import {
  lockShops,
  lockToken,
  type SealedShop,
  type ShopRow,
  sameShopElsewhere,
  sealedShop,
  setIdentity,
  setLive,
  storeToken,
} from './queries.ts'
import { grantsOf, relayedOf } from './relays/hand-over.ts'
import { entry, type ShopKeys, shopWord } from './shops.ts'
import { type KeptToken, sealToken } from './tokens.ts'

export type ConnectDeps = CallDeps &
  ShopKeys & {
    /**
     * Called in the transaction in which a shop is authorised, for the first time or again, to create the shop's tasks. It may be called
     * repeatedly.
     */
    onShopConnected?: (tx: Tx, shop: ShopRow, connector: Connector) => Promise<void>
  }

/**
 * Asks the platform which shop the credentials belong to, and makes the shop live. Throws `credentials_missing`, `reauthorise`,
 * `wrong_shop`, `duplicate`, `platform_rejected`, `platform_unavailable`, and `conflict` if the credentials were changed meanwhile.
 */
export async function verifyShop(deps: ConnectDeps, shopId: string, by: By): Promise<ShopIdentity> {
  const shop = await sealed(deps, shopId, by)
  const opened = openSealed(deps, shop)
  if (opened.connector.oauth && opened.call.session === '') throw new AppError('reauthorise')
  const identity = await identityOf(opened)
  await connect(deps, async (tx) => {
    await becomeLive(tx, deps, { seen: shop, connector: opened.connector, identity }, by)
    await audit(tx, {
      ...entry(by, 'shop.verify', shopId),
      detail: { platformShopId: identity.platformShopId },
    })
  })
  return identity
}

/**
 * Returns the URL of the platform's page on which the seller authorises us. It is valid for half an hour and may be sent to the shop's
 * owner.
 */
export async function authorizeUrl(
  deps: ConnectDeps,
  shopId: string,
  redirectUri: string,
  by: By,
): Promise<string> {
  const shop = await sealed(deps, shopId, by)
  const { connector, call } = openSealed(deps, shop)
  if (!connector.oauth) throw needsNoAuthorisation(connector)
  const { actor } = by
  const state = sealState(deps.ring, { shopId, actor: { id: actor.id, kind: actor.kind, name: actor.name } })
  await deps.db.transaction().execute((tx) => audit(tx, entry(by, 'shop.authorise_begin', shopId)))
  return connector.oauth.authorizeUrl(call.credentials, { redirectUri, state })
}

export type Grant = { code: string; state: string; redirectUri: string; request?: { ip: string; id: string } }

/**
 * Finishes an authorisation: exchanges the code, asks the platform which shop it is for, and stores the token only if it is this shop.
 * Returns the shop's id and the seller's name on the platform. Throws `authorisation_stale`, `forbidden` if the user who began it has no
 * longer the right, and the errors of `verifyShop`.
 */
export async function finishAuthorisation(
  deps: ConnectDeps,
  grant: Grant,
): Promise<{ shopId: string; nick: string }> {
  const state = openState(deps.ring, grant.state)
  const { shopId, actor } = state
  // The user who began the authorisation may have been disabled since, or have lost the right to the shop.
  const scope = await scopeNow(deps.db, actor, 'shops.write', wholeScope)
  const by: By = { actor, scope, request: grant.request }
  const shop = await sealed(deps, shopId, by)
  // The stored token may have ended, with the one that renews it. It is not used, so it is not renewed either.
  const opened = { ...openSealed(deps, shop), refreshAt: Number.POSITIVE_INFINITY }
  const token = await exchange(opened, grant)
  // The shop is verified before anything is stored, because the token of another seller would mix the trades of two shops.
  const identity = await identityOf({ ...opened, ...withToken(opened, token) }, { trial: true })
  await acceptToken(deps, { seen: shop, connector: opened.connector, identity }, token, by)
  return { shopId, nick: identity.nick || token.sellerNick }
}

/** Stores a token that was obtained without the authorisation page, if the platform confirms that it belongs to this shop. */
export async function adoptToken(
  deps: ConnectDeps,
  shopId: string,
  token: KeptToken,
  by: By,
): Promise<ShopIdentity> {
  const shop = await sealed(deps, shopId, by)
  const opened = openSealed(deps, shop)
  const identity = await identityOf({ ...opened, ...withToken(opened, token) }, { trial: true })
  await acceptToken(deps, { seen: shop, connector: opened.connector, identity }, token, by)
  return identity
}

/**
 * Stores a session key that the seller obtained elsewhere and a user typed in. It cannot be renewed. Throws `unsupported_by_platform` if
 * the platform has no session keys, and the errors of `verifyShop`.
 */
export async function adoptSessionKey(
  deps: ConnectDeps,
  shopId: string,
  typed: { sessionKey: string; expiresAt?: string | undefined },
  by: By,
): Promise<ShopIdentity> {
  const { connector } = openSealed(deps, await sealed(deps, shopId, by))
  if (!connector.oauth) throw needsNoAuthorisation(connector)
  const token = {
    accessToken: typed.sessionKey.trim(),
    refreshToken: '',
    expiresAt: typed.expiresAt === undefined ? null : new Date(typed.expiresAt),
    refreshExpiresAt: null,
    sellerNick: '',
  }
  return adoptToken(deps, shopId, token, by)
}

function needsNoAuthorisation(connector: Connector): AppError {
  const reason = {
    zh: '不用授权，填写凭证后验证即可',
    en: 'it needs no authorisation; set credentials and verify',
  }
  return new AppError('unsupported_by_platform', { platform: connector.name, reason })
}

/** Returns the shop of a `state`, for the page that shows a failure; undefined if the state is not valid. */
export function shopOfState(ring: KeyRing, state: string): string | undefined {
  try {
    return openState(ring, state).shopId
  } catch {
    return undefined
  }
}

/** `seen`: the shop with the credentials that were verified. */
type VerifiedShop = { seen: SealedShop; connector: Connector; identity: ShopIdentity }

async function acceptToken(
  deps: ConnectDeps,
  verified: VerifiedShop,
  token: KeptToken,
  by: By,
): Promise<void> {
  const { identity } = verified
  const shopId = verified.seen.id
  await connect(deps, async (tx) => {
    await lockToken(tx, shopId)
    const [locked] = await lockShops(tx, [shopId], by.scope)
    if (!locked) throw new AppError('not_found', { what: shopWord })
    await storeToken(tx, shopId, locked.tokenVersion, sealToken(deps.ring, shopId, token))
    await becomeLive(tx, deps, verified, by)
    const detail = {
      platformShopId: identity.platformShopId,
      expiresAt: token.expiresAt?.toISOString() ?? null,
    }
    await audit(tx, { ...entry(by, 'shop.authorise', shopId), detail })
  })
}

/**
 * Makes the shop live. Throws `conflict` if its credentials changed after they were verified, `wrong_shop`, and `duplicate` if the
 * platform's shop is connected already.
 */
async function becomeLive(
  tx: Tx,
  deps: ConnectDeps,
  { seen, connector, identity }: VerifiedShop,
  by: By,
): Promise<void> {
  const shopId = seen.id
  const [shop] = await lockShops(tx, [shopId], by.scope)
  if (!shop) throw new AppError('not_found', { what: shopWord })
  assertSameCredentials(seen, shop)
  const { platformShopId, name, nick } = identity
  if (shop.platformShopId !== '' && shop.platformShopId !== platformShopId) {
    throw new AppError('wrong_shop', {
      other: nick || name || platformShopId,
      shop: shop.sellerNick || shop.name,
    })
  }
  const twin = platformShopId && (await sameShopElsewhere(tx, shopId, shop.platform, platformShopId))
  if (twin) throw alreadyConnected(twin)
  await setIdentity(tx, shopId, platformShopId, nick || name)
  // Also of a shop that is live: the late answer to a former token may have paused it.
  await resumeShopTasks(tx, shopId, authExpired)
  if (!(await setLive(tx, shopId))) return
  await deps.onShopConnected?.(
    tx,
    { ...shop, authState: 'live', platformShopId, sellerNick: nick || name },
    connector,
  )
}

function assertSameCredentials(seen: SealedShop, now: SealedShop): void {
  if (Buffer.compare(seen.credentials ?? Buffer.alloc(0), now.credentials ?? Buffer.alloc(0)) === 0) return
  throw new AppError('conflict', { what: { zh: '店铺凭证', en: 'The set of credentials' } })
}

async function identityOf(opened: OpenedShop, options: CallOptions = {}): Promise<ShopIdentity> {
  try {
    return await callShop(opened, (connector, call) => connector.verify(call), options)
  } catch (failure) {
    throw failure instanceof PlatformError ? refusalOf(failure) : failure
  }
}

/** Exchanges the code for a token. A code works once, so an unclear answer is not repeated; the seller authorises again. */
async function exchange(opened: OpenedShop, { code, redirectUri }: Grant): Promise<Token> {
  const { oauth } = grantsOf(opened.connector, relayedOf(opened.deps, opened.shop))
  if (!oauth) throw new AppError('authorisation_stale')
  try {
    const options: CallOptions = { effect: 'write', trial: true }
    return await callShop(
      opened,
      (_, call) => oauth.exchange(call.credentials, { code, redirectUri }),
      options,
    )
  } catch (failure) {
    if (!(failure instanceof PlatformError)) throw failure
    throw failure.kind === 'reauthorise' ? new AppError('authorisation_stale') : refusalOf(failure)
  }
}

/**
 * Returns the parts of an opened shop that a token changes before it is stored. Such a token must not be renewed, so `refreshAt` is
 * infinite.
 */
function withToken(opened: OpenedShop, token: KeptToken): Partial<OpenedShop> {
  return {
    call: { ...opened.call, session: token.accessToken },
    secrets: [...opened.secrets, token.accessToken, token.refreshToken].filter(Boolean),
    refreshAt: Number.POSITIVE_INFINITY,
  }
}

async function sealed(deps: ConnectDeps, shopId: string, by: By): Promise<SealedShop> {
  const shop = await sealedShop(deps.db, shopId, by.scope)
  if (!shop) throw new AppError('not_found', { what: shopWord })
  return shop
}

async function connect(deps: ConnectDeps, work: (tx: Tx) => Promise<void>): Promise<void> {
  await deps.db
    .transaction()
    .execute(work)
    .catch(orTaken(() => alreadyConnected('')))
}

function alreadyConnected(name: string): AppError {
  const what = {
    zh: `这家店铺的连接${name && `「${name}」`}`,
    en: `A connection to this shop${name && ` ("${name}")`}`,
  }
  return new AppError('duplicate', { what })
}

const stateFields = Type.Object({
  shopId: Type.String(),
  actor: Type.Object({
    id: Type.String(),
    kind: Type.Union([
      Type.Literal('user'),
      Type.Literal('api_key'),
      Type.Literal('task'),
      Type.Literal('system'),
    ]),
    name: Type.String(),
  }),
  until: Type.Number(),
})
type State = Type.Static<typeof stateFields>

/** The name for which a `state` is sealed. No shop has it, so a value that is sealed for a shop cannot be used as a state. */
const stateSeal = 'oauth_state'
const stateLifeMs = 30 * minuteMs

/** Seals the `state`, which passes through the seller's browser. It can be neither read nor forged, nor used after its time. */
function sealState(ring: KeyRing, state: Omit<State, 'until'>, now = sharedMs()): string {
  return seal(ring, stateSeal, JSON.stringify({ ...state, until: now + stateLifeMs })).toString('base64url')
}

function openState(ring: KeyRing, text: string): State {
  try {
    const state: unknown = JSON.parse(
      unseal(ring, stateSeal, Buffer.from(text, 'base64url')).toString('utf8'),
    )
    if (Value.Check(stateFields, state) && state.until > sharedMs()) return state
  } catch {
    // A state that is forged, incomplete, or sealed with a dropped key is answered like an expired one.
  }
  throw new AppError('authorisation_stale')
}
