import type { Json } from '../json-parts.ts'
import { keptMap } from '../kept-map.ts'
import { countCall, type Sandbox } from '../state.ts'
import type { Shop } from '../world/model.ts'
import { hash32 } from '../world/random.ts'
import { issueTokens, nowSeconds, type World } from '../world/world.ts'
import { sellerId, wordIn, wrong, type XhsError, type XhsResult } from './call.ts'

const DAY = 86_400
const CODE_LIFE = 600
/** Sooner than half an hour before its end, a token is answered again; later a new one is, and the old one lives for five more minutes. */
const EARLY = 1800
const AFTER = 300

interface Grant {
  access: string
  /** The end of the refresh token. */
  ends: number
}

/** By refresh token. The pair that the world began with is known when it is first seen. */
const grants = keptMap<World, Map<string, Grant>>('xiaohongshu grants')

export const isTokenMethod = (method: string): boolean =>
  method === 'oauth.getAccessToken' || method === 'oauth.refreshToken'

/** Both calls are signed and carry no access token. `apps`: the shops of the application. */
export function tokenCall(sandbox: Sandbox, apps: readonly Shop[], body: Json): XhsResult {
  return wordIn(body, 'method') === 'oauth.getAccessToken'
    ? exchange(sandbox, apps, wordIn(body, 'code'))
    : renew(sandbox, apps, wordIn(body, 'refreshToken'))
}

/** A code is good once and for ten minutes. */
function exchange(sandbox: Sandbox, apps: readonly Shop[], code: string): XhsResult {
  const { world } = sandbox
  const shop = world.codes.get(code)
  const at = world.codeTimes.get(code) ?? nowSeconds(world)
  world.codes.delete(code)
  if (shop === undefined || !apps.includes(shop) || nowSeconds(world) - at > CODE_LIFE)
    return wrong(-2_000_501, 'code无效或已过期，请重新授权')
  return pair(sandbox, shop)
}

/** While more than half an hour of the access token is left, the same pair is answered. */
function renew(sandbox: Sandbox, apps: readonly Shop[], token: string): XhsResult {
  const { world } = sandbox
  const shop = world.refreshTokens.get(token)
  if (shop === undefined || !apps.includes(shop)) return refreshOver
  const known = grantsOf(world)
  const now = nowSeconds(world)
  const grant = known.get(token) ?? { access: shop.options.sessionKey, ends: now + 14 * DAY }
  if (grant.ends <= now) return refreshOver
  known.set(token, grant)
  const session = world.sessions.get(grant.access)
  const left = (session?.expires ?? 0) - now
  if (left > EARLY)
    return {
      data: tokenJson(shop, { access: grant.access, refresh: token }, { left, grant, world, sandbox }),
    }
  if (session) session.expires = Math.min(session.expires, now + AFTER)
  world.refreshTokens.delete(token)
  return pair(sandbox, shop)
}

const refreshOver: XhsError = wrong(-2_000_502, 'refreshToken无效或已过期，请重新授权')

function pair(sandbox: Sandbox, shop: Shop): XhsResult {
  const { world } = sandbox
  const left = Math.min(sandbox.tokenLife, 7 * DAY)
  countCall(sandbox, shop.key, 'oauth', world.clock.now())
  const tokens = issueTokens(world, shop, left)
  const grant = { access: tokens.access, ends: nowSeconds(world) + 14 * DAY }
  grantsOf(world).set(tokens.refresh, grant)
  return { data: tokenJson(shop, tokens, { left, grant, world, sandbox }) }
}

function tokenJson(
  shop: Shop,
  { access, refresh }: { access: string; refresh: string },
  { left, grant, world, sandbox }: { left: number; grant: Grant; world: World; sandbox: Sandbox },
): Json {
  // The session that a world begins with has no end.
  const life = Number.isFinite(left) ? left : Math.min(sandbox.tokenLife, 7 * DAY)
  return {
    accessToken: access,
    accessTokenExpiresAt: (nowSeconds(world) + life) * 1000,
    refreshToken: refresh,
    refreshTokenExpiresAt: grant.ends * 1000,
    sellerId: sellerId(hash32(shop.key)),
    sellerName: shop.options.name,
  }
}

function grantsOf(world: World): Map<string, Grant> {
  const known = grants.get(world) ?? new Map<string, Grant>()
  grants.set(world, known)
  return known
}
