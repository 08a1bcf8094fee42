import { ban, banLeft, type Fault, lineFault, spoil, strike } from '../faults.ts'
import type { Outcome, Params, Received } from '../http.ts'
import type { Json } from '../json-parts.ts'
import { count, countCall, type Sandbox } from '../state.ts'
import { jsonToXml } from '../taobao/xml.ts'
import type { Shop } from '../world/model.ts'
import { expireSessions, nowSeconds } from '../world/world.ts'
import { badParameter, isError, type PaipaiCall, type PaipaiError, type PaipaiMethod, uinOf } from './call.ts'
import { type Charset, decodeParams, encode, paipaiSign } from './charset.ts'
import { disturbDeals, getDealDetail, modifySellerNote, sellerSearchDealList } from './deals.ts'
import { getItem, modifyItemStock, sellerSearchItemList } from './items.ts'
import { getDealRefundDetailInfo, getDealRefundInfoList } from './refunds.ts'
import { sellerConsignDealItem } from './ships.ts'

/** Seconds by which timeStamp may differ. The documents name no figure. */
const TOLERANCE = 600

const getShopInfo: PaipaiMethod = ({ shop }) => ({
  sellerUin: uinOf(shop),
  shopName: shop.options.name,
  shopState: '1',
})

const METHODS: Readonly<Record<string, PaipaiMethod>> = {
  'shop/getShopInfo': getShopInfo,
  'deal/sellerSearchDealList': sellerSearchDealList,
  'deal/getDealDetail': getDealDetail,
  'deal/modifySellerNote': modifySellerNote,
  'deal/sellerConsignDealItem': sellerConsignDealItem,
  'deal/getDealRefundInfoList': getDealRefundInfoList,
  'deal/getDealRefundDetailInfo': getDealRefundDetailInfo,
  'item/sellerSearchItemList': sellerSearchItemList,
  'item/getItem': getItem,
  'item/modifyItemStock': modifyItemStock,
}

/** The methods that name the seller as a user. */
const OF_USER = ['deal/getDealRefundInfoList', 'deal/getDealRefundDetailInfo']

export const isPaipaiPath = (path: string): boolean => path.endsWith('.xhtml')

type Asked = { verb: string; path: string; method: string; params: Params; charset: Charset }

/** Answers one call: the method is the path, the parameters are a query or a form in the charset that they name. */
export function paipaiGateway(sandbox: Sandbox, { verb, path, query, body }: Received): Outcome {
  const { params, charset = 'gbk' } = decodeParams(verb === 'GET' ? query : body.toString('latin1'))
  const asked: Asked = { verb, path, method: path.slice(1, -'.xhtml'.length), params, charset }
  const outcome = outcomeOf(sandbox, asked)
  return outcome.kind === 'answer' && typeof outcome.body === 'string'
    ? { ...outcome, body: encode(outcome.body, charset) }
    : outcome
}

function outcomeOf(sandbox: Sandbox, asked: Asked): Outcome {
  const { method } = asked
  const shop = shopOf(sandbox, asked)
  if ('errorCode' in shop) return fail(sandbox, asked, '-', shop)
  const nowMs = sandbox.world.clock.now()
  countCall(sandbox, shop.key, method, nowMs)
  if (banLeft(sandbox.board, { shop: shop.key, method, nowMs }).seconds > 0)
    return fail(sandbox, asked, shop.key, TOO_OFTEN)
  const fault = strike(sandbox.board, shop.key, method)
  const spoiled = fault && faultOutcome(sandbox, asked, shop, fault)
  if (spoiled) return spoiled
  const run = METHODS[method]
  if (run === undefined)
    return fail(sandbox, asked, shop.key, { errorCode: 8192, errorMessage: '不支持的请求' })
  const call: PaipaiCall = { sandbox, shop, params: asked.params, now: nowSeconds(sandbox.world) }
  const result = run(call)
  if (fault?.kind === 'mutate') disturbDeals(call, fault.trades)
  if (isError(result)) return fail(sandbox, asked, shop.key, result)
  const whole = fault?.kind === 'empty-list' ? emptied(result) : result
  return spoil(fault, written(asked, { errorCode: 0, errorMessage: '', ...whole }), typeOf(asked))
}

function faultOutcome(sandbox: Sandbox, asked: Asked, shop: Shop, fault: Fault): Outcome | undefined {
  count(sandbox.errors, `${shop.key} ${asked.method} fault:${fault.kind}`)
  if (fault.kind === 'limited')
    ban(sandbox.board, fault, { shop: shop.key, method: asked.method, nowMs: sandbox.world.clock.now() })
  if (fault.kind === 'session-expired') expireSessions(sandbox.world, shop)
  const refusal = FAULTS[fault.kind]
  return refusal === undefined ? lineFault(fault) : fail(sandbox, asked, shop.key, refusal)
}

const REQUIRED = ['appOAuthID', 'accessToken', 'uin', 'timeStamp', 'randomValue', 'sign']

function shopOf(sandbox: Sandbox, { verb, path, method, params, charset }: Asked): Shop | PaipaiError {
  const of = (name: string) => params.get(name) ?? ''
  if (verb !== 'GET' && verb !== 'POST') return badParameter('method')
  const missing = REQUIRED.find((name) => of(name) === '')
  if (missing !== undefined) return badParameter(missing, '不能为空')
  if (!['', 'gbk', 'utf-8'].includes(of('charset').toLowerCase())) return badParameter('charset')
  if (!['', 'xml', 'json'].includes(of('format'))) return badParameter('format')
  if (!/^\d{5,7}$/.test(of('randomValue'))) return badParameter('randomValue')
  const app = sandbox.world.shops.find(
    ({ platform, options }) => platform === 'paipai' && options.appKey === of('appOAuthID'),
  )
  if (app === undefined) return UNAUTHORISED
  if (paipaiSign({ verb, path, charset }, params, app.options.appSecret) !== of('sign'))
    return { errorCode: 12_290, errorMessage: '签名错误' }
  // Clients sent seconds, and some milliseconds.
  const seconds = /^\d{13}$/.test(of('timeStamp')) ? Number(of('timeStamp')) / 1000 : Number(of('timeStamp'))
  if (!(Math.abs(seconds - nowSeconds(sandbox.world)) <= TOLERANCE)) return badParameter('timeStamp')
  const session = sandbox.world.sessions.get(of('accessToken'))
  if (session?.shop !== app || of('uin') !== uinOf(app)) return UNAUTHORISED
  if (session.expires <= nowSeconds(sandbox.world)) return LOGGED_OUT
  const seller = OF_USER.includes(method) ? 'userUin' : 'sellerUin'
  return of(seller) === of('uin') ? app : badParameter(seller)
}

/** JSON only if it is asked for, and alone only with pureData; otherwise it is assigned to a variable. */
function written({ method, params, charset }: Asked, answer: Json): string {
  const json = JSON.stringify(answer)
  const root = method.slice(method.indexOf('/') + 1)
  if (params.get('format') !== 'json')
    return jsonToXml(root, json).replace('encoding="utf-8"', `encoding="${charset}"`)
  const whole = params.get('needRoot') === '1' ? JSON.stringify({ [root]: answer }) : json
  return params.get('pureData') === '1' ? whole : `var result=${whole};`
}

const typeOf = ({ params, charset }: Asked): string =>
  `${params.get('format') === 'json' ? 'application/json' : 'text/xml'};charset=${charset}`

const emptied = (result: Json): Json =>
  Object.fromEntries(Object.entries(result).map(([name, value]) => [name, Array.isArray(value) ? [] : value]))

function fail(sandbox: Sandbox, asked: Asked, shop: string, error: PaipaiError): Outcome {
  count(sandbox.errors, `${shop} ${asked.method} ${error.errorCode}`)
  const { errorCode, errorMessage } = error
  return {
    kind: 'answer',
    status: 200,
    type: typeOf(asked),
    body: written(asked, { errorCode, errorMessage }),
  }
}

const TOO_OFTEN: PaipaiError = { errorCode: 12_291, errorMessage: '调用太频繁' }
const UNAUTHORISED: PaipaiError = { errorCode: 12_288, errorMessage: '授权失败' }
const LOGGED_OUT: PaipaiError = { errorCode: 508, errorMessage: '未登录或没有权限' }
const FAULTS: Readonly<Record<string, PaipaiError>> = {
  limited: TOO_OFTEN,
  isp: { errorCode: 4096, errorMessage: '服务异常' },
  'session-expired': LOGGED_OUT,
  forbidden: { errorCode: 12_289, errorMessage: '没有外部访问权限' },
}
