import { answer, type Outcome, type Params } from '../http.ts'
import { count, type Sandbox } from '../state.ts'
import type { Shop } from '../world/model.ts'
import { hash32 } from '../world/random.ts'
import { issueTokens, nowSeconds } from '../world/world.ts'

/** GET /authorize: a page that asks which shop to open to the application; its form is sent to /authorize/grant. */
export function consentPage(sandbox: Sandbox, params: Params): Outcome {
  const clientId = params.get('client_id') ?? ''
  const redirect = params.get('redirect_uri') ?? ''
  const shops = sandbox.world.shops.filter((shop) => shop.options.appKey === clientId)
  if (params.get('response_type') !== 'code' || shops.length === 0 || !/^https?:\/\//.test(redirect)) {
    return answer(
      page('授权失败', `<p>参数不正确：response_type、client_id 或 redirect_uri。</p>`),
      'text/html;charset=UTF-8',
      400,
    )
  }
  const choices = shops
    .map(
      (shop, index) =>
        `<label><input type="radio" name="shop" value="${escapeHtml(shop.key)}"${index === 0 ? ' checked' : ''}> ${escapeHtml(shop.options.name)}</label>`,
    )
    .join('')
  const hidden = (name: string) =>
    `<input type="hidden" name="${name}" value="${escapeHtml(params.get(name) ?? '')}">`
  const form = `<form action="/authorize/grant" method="get">${choices}${hidden('client_id')}${hidden('redirect_uri')}${hidden('state')}<button>授权并登录</button></form>`
  return answer(
    page('店铺授权', `<p>应用 <b>${escapeHtml(clientId)}</b> 申请访问店铺的订单、退款与物流。</p>${form}`),
    'text/html;charset=UTF-8',
  )
}

/** Handles the consent page's form: redirects to the application with a code that can be used once. */
export function grant(sandbox: Sandbox, params: Params): Outcome {
  const { world } = sandbox
  const shop = world.shops.find(
    (known) => known.key === params.get('shop') && known.options.appKey === params.get('client_id'),
  )
  const redirect = params.get('redirect_uri') ?? ''
  if (shop === undefined || !URL.canParse(redirect))
    return answer(page('授权失败', '<p>店铺或 redirect_uri 不正确。</p>'), 'text/html;charset=UTF-8', 400)
  world.nextToken++
  const code = `${hash32(`${world.seed}:code:${world.nextToken}`).toString(36)}${world.nextToken.toString(36)}`
  world.codes.set(code, shop)
  world.codeTimes.set(code, nowSeconds(world))
  const target = new URL(redirect)
  target.searchParams.set('code', code)
  if (params.has('state')) target.searchParams.set('state', params.get('state') ?? '')
  return { kind: 'answer', status: 302, type: 'text/plain', body: '', headers: { location: target.href } }
}

/** POST /token: authorization_code or refresh_token. Errors are `{"error","error_description"}`. */
export function token(sandbox: Sandbox, params: Params): Outcome {
  const { world } = sandbox
  const grantType = params.get('grant_type') ?? ''
  count(sandbox.calls, `- token ${grantType}`)
  const credential = params.get(grantType === 'refresh_token' ? 'refresh_token' : 'code') ?? ''
  const shop = (grantType === 'refresh_token' ? world.refreshTokens : world.codes).get(credential)
  if (grantType !== 'refresh_token' && grantType !== 'authorization_code')
    return oauthError('unsupported_grant_type', 'grant_type is not supported')
  if (shop === undefined)
    return oauthError(
      'invalid_grant',
      `${grantType === 'refresh_token' ? 'refresh_token' : 'code'} is invalid or expired`,
    )
  if (
    shop.options.appKey !== params.get('client_id') ||
    shop.options.appSecret !== params.get('client_secret')
  )
    return oauthError('invalid_client', 'client_id or client_secret is wrong')
  world.codes.delete(credential)
  return answer(tokenJson(sandbox, shop, issueTokens(world, shop, sandbox.tokenLife)))
}

/** Returns the token answer in Taobao's form; the nick is url-encoded. */
export function tokenJson(sandbox: Sandbox, shop: Shop, tokens: { access: string; refresh: string }): string {
  const life = sandbox.tokenLife
  return JSON.stringify({
    w1_expires_in: life,
    refresh_token_valid_time: (Math.floor(sandbox.world.clock.now() / 1000) + 2 * life) * 1000,
    taobao_user_nick: encodeURIComponent(shop.options.name),
    re_expires_in: 2 * life,
    expire_time: (Math.floor(sandbox.world.clock.now() / 1000) + life) * 1000,
    token_type: 'Bearer',
    access_token: tokens.access,
    taobao_open_uid: `AAE${hash32(shop.key).toString(36)}`,
    w1_valid: 0,
    refresh_token: tokens.refresh,
    w2_expires_in: 1800,
    w2_valid: 0,
    r1_expires_in: life,
    r1_valid: 0,
    r2_expires_in: 259_200,
    r2_valid: 0,
    taobao_user_id: String(2_200_000_000_000 + hash32(shop.key)),
    expires_in: life,
  })
}

function oauthError(error: string, description: string): Outcome {
  return answer(JSON.stringify({ error, error_description: description }), undefined, 400)
}

function page(title: string, body: string): string {
  return `<!doctype html><meta charset="utf-8"><title>${title}</title><style>body{font:14px/1.6 sans-serif;max-width:420px;margin:12vh auto;color:#222}label{display:block;margin:8px 0}button{margin-top:16px;padding:8px 20px;border:0;border-radius:6px;background:#3450c4;color:#fff}</style><h1>${title}</h1>${body}`
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
