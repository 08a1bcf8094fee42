import { answer, type Outcome, type Params, type Received } from '../http.ts'
import { count, countCall, type Sandbox } from '../state.ts'
import type { Shop } from '../world/model.ts'
import { hash32 } from '../world/random.ts'
import { issueTokens, nowSeconds } from '../world/world.ts'

const DAY = 86_400
const CODE_LIFE = 300

/** GET /oauth2/access_token and /oauth2/refresh_token. */
export function oauthGateway(sandbox: Sandbox, { path, params }: Received): Outcome {
  if (path === '/oauth2/access_token') return accessToken(sandbox, params)
  return path === '/oauth2/refresh_token'
    ? refreshToken(sandbox, params)
    : answer('not found', 'text/plain', 404)
}

/** An authorisation code is good once. */
function accessToken(sandbox: Sandbox, params: Params): Outcome {
  const apps = appsOf(sandbox, params, 'authorization_code')
  if (!Array.isArray(apps)) return apps
  const { world } = sandbox
  const code = params.get('code') ?? ''
  const shop = world.codes.get(code)
  const at = world.codeTimes.get(code) ?? nowSeconds(world)
  world.codes.delete(code)
  if (shop === undefined || !apps.includes(shop) || nowSeconds(world) - at > CODE_LIFE)
    return fail(sandbox, 402, 'code无效或已过期')
  return pair(sandbox, shop)
}

/** A token is renewed within the last day before its end, and never after it. The first one of a world has no end, and may always be renewed. */
function refreshToken(sandbox: Sandbox, params: Params): Outcome {
  const apps = appsOf(sandbox, params, 'refresh_token')
  if (!Array.isArray(apps)) return apps
  const { world } = sandbox
  const token = params.get('refresh_token') ?? ''
  const shop = world.refreshTokens.get(token)
  if (shop === undefined || !apps.includes(shop)) return fail(sandbox, 403, 'refresh_token无效')
  const now = nowSeconds(world)
  const left = [...world.sessions.values()]
    .filter((one) => one.shop === shop)
    .map(({ expires }) => expires - now)
  const last = Math.max(...left)
  if (last <= 0) return fail(sandbox, 404, 'refresh_token已过期，请重新授权')
  if (last > DAY && last !== Number.POSITIVE_INFINITY) return fail(sandbox, 405, '只能在过期前24小时内刷新')
  world.refreshTokens.delete(token)
  return pair(sandbox, shop)
}

function appsOf(sandbox: Sandbox, params: Params, grant: string): Shop[] | Outcome {
  const apps = sandbox.world.shops.filter(
    ({ platform, options }) =>
      platform === 'jd' &&
      options.appKey === params.get('app_key') &&
      options.appSecret === params.get('app_secret'),
  )
  if (apps.length === 0) return fail(sandbox, 401, 'app_key或app_secret不正确')
  return params.get('grant_type') === grant ? apps : fail(sandbox, 400, 'grant_type不正确')
}

function pair(sandbox: Sandbox, shop: Shop): Outcome {
  const { world } = sandbox
  countCall(sandbox, shop.key, 'oauth2', world.clock.now())
  const { access, refresh } = issueTokens(world, shop, sandbox.tokenLife)
  return answer(
    JSON.stringify({
      access_token: access,
      expires_in: sandbox.tokenLife,
      refresh_token: refresh,
      scope: 'snsapi_base',
      open_id: `oj${hash32(shop.key).toString(36)}`,
      xid: `o*AA${hash32(shop.key).toString(36)}`,
      token_type: 'bearer',
    }),
  )
}

function fail(sandbox: Sandbox, code: number, msg: string): Outcome {
  count(sandbox.errors, `- oauth2 ${code}`)
  return answer(JSON.stringify({ code, msg, requestId: `jd${sandbox.errors.size}` }))
}
