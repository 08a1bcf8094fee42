import { answer, decodeForm, type Outcome, type Params, type Received } from '../http.ts'
import { keptMap } from '../kept-map.ts'
import { count, countCall, type Sandbox } from '../state.ts'
import type { Shop } from '../world/model.ts'
import { hash32 } from '../world/random.ts'
import { issueTokens, nowSeconds, type World } from '../world/world.ts'

const HOUR = 3600
const DAY = 24 * HOUR
const CODE_LIFE = 120

interface Grant {
  /** The end of the seller's agreement: every later refresh token ends with the first one. */
  ends: number
  isUsed: boolean
}

/** By refresh token. One that the world began with was agreed to when it is first seen. */
const grants = keptMap<World, Map<string, Grant>>('kuaishou grants')

/** GET /oauth2/access_token: an authorisation code, good once and for two minutes. */
export function accessToken(sandbox: Sandbox, { verb, params }: Received): Outcome {
  if (verb !== 'GET') return fail(sandbox, 100_200_100, 'invalid_request', '仅支持GET')
  const app = checked(sandbox, params, 'code', ['app_id', 'app_secret', 'code'])
  if (!Array.isArray(app)) return app
  const { world } = sandbox
  const code = params.get('code') ?? ''
  const shop = world.codes.get(code)
  const at = world.codeTimes.get(code) ?? nowSeconds(world)
  world.codes.delete(code)
  if (shop === undefined || !app.includes(shop) || nowSeconds(world) - at > CODE_LIFE)
    return fail(sandbox, 100_200_105, 'invalid_grant', 'code不合法')
  return pair(sandbox, shop, nowSeconds(world) + 180 * DAY)
}

/** POST /oauth2/refresh_token: the old refresh token is discarded, and the new one inherits its end. */
export function refreshToken(sandbox: Sandbox, { verb, params: query, body }: Received): Outcome {
  const params: Params = new Map(query)
  decodeForm(body.toString('utf8'), params)
  if (verb !== 'POST') return fail(sandbox, 100_200_100, 'invalid_request', '仅支持POST')
  const app = checked(sandbox, params, 'refresh_token', ['app_id', 'app_secret', 'refresh_token'])
  if (!Array.isArray(app)) return app
  const { world } = sandbox
  const token = params.get('refresh_token') ?? ''
  const shop = world.refreshTokens.get(token)
  if (shop === undefined || !app.includes(shop))
    return fail(sandbox, 100_200_102, 'access_denied', 'invalid refresh_token')
  const known = grantsOf(world)
  const grant = known.get(token) ?? { ends: nowSeconds(world) + 180 * DAY, isUsed: false }
  if (grant.isUsed) return fail(sandbox, 100_200_102, 'access_denied', 'refreshToken.discarded')
  if (grant.ends <= nowSeconds(world))
    return fail(sandbox, 100_200_102, 'access_denied', 'invalid refresh_token')
  known.set(token, { ...grant, isUsed: true })
  return pair(sandbox, shop, grant.ends)
}

function checked(
  sandbox: Sandbox,
  params: Params,
  grant: string,
  needed: readonly string[],
): Shop[] | Outcome {
  const missing = needed.find((name) => (params.get(name) ?? '') === '')
  if (missing !== undefined) return fail(sandbox, 100_200_100, 'invalid_request', `${missing}缺失`)
  if (params.get('grant_type') !== grant)
    return fail(sandbox, 100_200_104, 'unsupported_grant_type', 'grant_type不支持')
  const apps = sandbox.world.shops.filter(
    ({ platform, options }) =>
      platform === 'kuaishou' &&
      options.appKey === params.get('app_id') &&
      options.appSecret === params.get('app_secret'),
  )
  return apps.length > 0 ? apps : fail(sandbox, 100_200_101, 'unauthorized_client', 'app非法')
}

function pair(sandbox: Sandbox, shop: Shop, ends: number): Outcome {
  const { world } = sandbox
  const life = Math.min(sandbox.tokenLife, 48 * HOUR)
  countCall(sandbox, shop.key, 'oauth2', world.clock.now())
  const { access, refresh } = issueTokens(world, shop, life)
  grantsOf(world).set(refresh, { ends, isUsed: false })
  return answer(
    JSON.stringify({
      result: 1,
      access_token: access,
      expires_in: life,
      refresh_token: refresh,
      refresh_token_expires_in: ends - nowSeconds(world),
      open_id: `ks${hash32(shop.key).toString(36)}`,
      scopes: ['merchant_order', 'merchant_refund', 'merchant_item', 'merchant_logistics', 'merchant_user'],
    }),
  )
}

function grantsOf(world: World): Map<string, Grant> {
  const known = grants.get(world) ?? new Map<string, Grant>()
  grants.set(world, known)
  return known
}

function fail(sandbox: Sandbox, result: number, error: string, words: string): Outcome {
  count(sandbox.errors, `- oauth2 ${result}`)
  return answer(JSON.stringify({ result, error, error_msg: words }))
}
