import { ban, banLeft, lineFault, spoil, strike } from '../faults.ts'
import { answer, type Outcome, type Received } from '../http.ts'
import { type Json, readJson, textIn } from '../json-parts.ts'
import { keptMap } from '../kept-map.ts'
import { count, countCall, type Sandbox } from '../state.ts'
import type { Shop } from '../world/model.ts'
import { hash32 } from '../world/random.ts'
import { expireSessions, issueTokens, nowSeconds } from '../world/world.ts'
import * as aftersales from './aftersales.ts'
import { isError, LONG_MARK, type WxError, type WxMethod, wrong } from './call.ts'
import { noteUpdate, orderGet, orderList } from './orders.ts'
import { stockUpdate } from './products.ts'
import { companies, deliverySend, deliveryUpdate } from './ships.ts'
import * as waybills from './waybills.ts'

/** Answers one call below /channels/ec/. The token is in the address, the parameters are JSON. */
export function weixinGateway(sandbox: Sandbox, { verb, path, params, body }: Received): Outcome {
  const method = path.slice('/channels/ec/'.length)
  const shop = shopOfToken(sandbox, params.get('access_token') ?? '')
  if ('errcode' in shop) return fail(sandbox, '-', method, shop)
  const nowMs = sandbox.world.clock.now()
  countCall(sandbox, shop.key, method, nowMs)
  if (banLeft(sandbox.board, { shop: shop.key, method, nowMs }, QUOTA_SECONDS).seconds > 0)
    return fail(sandbox, shop.key, method, TOO_OFTEN)
  const fault = strike(sandbox.board, shop.key, method)
  if (fault !== undefined) {
    count(sandbox.errors, `${shop.key} ${method} fault:${fault.kind}`)
    const refusal = FAULTS[fault.kind]
    if (fault.kind === 'limited') ban(sandbox.board, fault, { shop: shop.key, method, nowMs })
    if (fault.kind === 'session-expired') expireSessions(sandbox.world, shop)
    if (refusal !== undefined) return fail(sandbox, shop.key, method, refusal)
    const line = lineFault(fault)
    if (line !== undefined) return line
  }
  const run = METHODS[method]
  if (run === undefined) return fail(sandbox, shop.key, method, wrong(40066, 'invalid url'))
  const isGet = GETS.has(method)
  if (isGet !== (verb === 'GET'))
    return fail(
      sandbox,
      shop.key,
      method,
      wrong(isGet ? 43001 : 43002, `require ${isGet ? 'GET' : 'POST'} method`),
    )
  const text = body.toString('utf8')
  if (!isGet && text === '') return fail(sandbox, shop.key, method, wrong(44002, 'empty post data'))
  const asked = isGet ? {} : readJson(text.replace(LONG, `$1"${JSON.stringify(LONG_MARK).slice(1, -1)}$2"`))
  if (asked === undefined) return fail(sandbox, shop.key, method, wrong(47001, 'data format error'))
  const result = run({ sandbox, shop, body: asked, now: nowSeconds(sandbox.world) })
  if (isError(result)) return fail(sandbox, shop.key, method, result)
  const whole = fault?.kind === 'empty-list' ? withoutLists(result) : result
  return spoil(
    fault,
    JSON.stringify({ errcode: 0, errmsg: 'ok', ...whole }),
    'application/json; encoding=utf-8',
  )
}

/** Whole numbers of 16 digits and more keep their digits. */
const LONG = /([:[,]\s*)(\d{16,20})(?=\s*[,}\]])/g

/** Seconds: when less of a token is left, the next one is given, while the old one still works. */
const AHEAD = 300
const LONGEST = 7200

/** POST /cgi-bin/stable_token. `force_refresh` ends the present token; within 30 seconds it is ignored. */
export function stableToken(sandbox: Sandbox, { verb, body }: Received): Outcome {
  const asked = readJson(body.toString('utf8'))
  if (verb !== 'POST') return fail(sandbox, '-', 'stable_token', wrong(43002, 'require POST method'))
  if (asked === undefined) return fail(sandbox, '-', 'stable_token', wrong(47001, 'data format error'))
  const shop = sandbox.world.shops.find(
    ({ platform, options }) => platform === 'weixin' && options.appKey === textIn(asked, 'appid'),
  )
  if (textIn(asked, 'grant_type') !== 'client_credential')
    return fail(sandbox, '-', 'stable_token', wrong(40002, 'invalid grant_type'))
  if (shop === undefined) return fail(sandbox, '-', 'stable_token', wrong(40013, 'invalid appid'))
  if (textIn(asked, 'secret') !== shop.options.appSecret)
    return fail(sandbox, shop.key, 'stable_token', wrong(40125, 'invalid appsecret'))
  countCall(sandbox, shop.key, 'stable_token', sandbox.world.clock.now())
  const now = nowSeconds(sandbox.world)
  if (asked['force_refresh'] === true && now - (forced.get(shop) ?? 0) >= 30) {
    forced.set(shop, now)
    expireSessions(sandbox.world, shop)
  }
  const [token, left] = presentToken(sandbox, shop, now)
  return answer(JSON.stringify({ access_token: token, expires_in: left }))
}

const forced = keptMap<Shop, number>('weixin forced')

function presentToken(sandbox: Sandbox, shop: Shop, now: number): [string, number] {
  for (const [token, session] of sandbox.world.sessions) {
    const left = session.expires - now
    if (session.shop === shop && left > AHEAD && left <= LONGEST) return [token, left]
  }
  const life = Math.min(sandbox.tokenLife, LONGEST)
  return [issueTokens(sandbox.world, shop, life).access, life]
}

function shopOfToken(sandbox: Sandbox, token: string): Shop | WxError {
  if (token === '') return wrong(41001, 'access_token missing')
  const session = sandbox.world.sessions.get(token)
  if (session === undefined || session.shop.platform !== 'weixin')
    return wrong(40001, 'invalid credential, access_token is invalid or not latest')
  return session.expires <= nowSeconds(sandbox.world) ? wrong(42001, 'access_token expired') : session.shop
}

const shopInfo: WxMethod = ({ shop }) => ({
  info: {
    nickname: shop.options.name,
    headimg_url: '',
    subject_type: '企业',
    status: 'open_finished',
    username: `gh_${hash32(shop.key).toString(16)}`,
  },
})

const withoutLists = (result: Json): Json =>
  Object.fromEntries(Object.entries(result).filter(([, value]) => !Array.isArray(value)))

let requests = 0
function fail(
  sandbox: Sandbox,
  shop: string,
  method: string,
  { errcode, errmsg, more = {} }: WxError,
): Outcome {
  count(sandbox.errors, `${shop} ${method} ${errcode}`)
  requests++
  const rid = `${nowSeconds(sandbox.world).toString(16)}-${requests.toString(16).padStart(8, '0')}-0badcafe`
  return answer(JSON.stringify({ errcode, errmsg: `${errmsg} rid: ${rid}`, ...more }))
}

/** The quota is one of a minute, as the words of 45011 say. */
const QUOTA_SECONDS = 60
const TOO_OFTEN = wrong(45011, 'api minute-quota reach limit, must slower, retry next minute')
const FAULTS: Readonly<Record<string, WxError>> = {
  limited: TOO_OFTEN,
  isp: wrong(-1, 'system error'),
  'session-expired': wrong(42001, 'access_token expired'),
  forbidden: wrong(48001, 'api unauthorized'),
}
const GETS: ReadonlySet<string> = new Set(['basics/info/get'])
const METHODS: Readonly<Record<string, WxMethod>> = {
  'basics/info/get': shopInfo,
  'order/list/get': orderList,
  'order/get': orderGet,
  'order/merchantnotes/update': noteUpdate,
  'order/deliverycompanylist/get': companies,
  'order/delivery/send': deliverySend,
  'order/deliveryinfo/update': deliveryUpdate,
  'aftersale/getaftersalelist': aftersales.list,
  'aftersale/getaftersaleorder': aftersales.get,
  'aftersale/acceptapply': aftersales.accept,
  'aftersale/rejectapply': aftersales.reject,
  'aftersale/rejectreason/get': aftersales.rejectReasons,
  'product/stock/update': stockUpdate,
  'logistics/ewaybill/biz/delivery/get': waybills.deliveryGet,
  'logistics/ewaybill/biz/account/get': waybills.accountGet,
  'logistics/ewaybill/biz/template/config': waybills.templateConfig,
  'logistics/ewaybill/biz/template/get': waybills.templateGet,
  'logistics/ewaybill/biz/order/precreate': waybills.precreate,
  'logistics/ewaybill/biz/order/create': waybills.create,
  'logistics/ewaybill/biz/order/get': waybills.orderGet,
  'logistics/ewaybill/biz/order/cancel': waybills.cancel,
  'logistics/ewaybill/biz/order/print': waybills.printed,
  'logistics/ewaybill/biz/order/batchprint': waybills.batchPrinted,
  'logistics/ewaybill/biz/print/get': waybills.printGet,
}
