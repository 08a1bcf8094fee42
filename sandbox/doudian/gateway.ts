import { createHash, createHmac } from 'node:crypto'
import { ban, banLeft, type Fault, lineFault, spoil, strike } from '../faults.ts'
import { answer, type Outcome, type Params, type Received } from '../http.ts'
import type { Json } from '../json-parts.ts'
import { count, countCall, type Sandbox } from '../state.ts'
import { quote, readPlatformTime, requestId } from '../wire.ts'
import type { Shop } from '../world/model.ts'
import { expireSessions, nowSeconds } from '../world/world.ts'
import type { DoudianCall, DoudianError, DoudianMethod } from './call.ts'
import { readCanonical } from './canonical.ts'
import { productList, skuList, syncStock, syncStockBatch } from './goods.ts'
import { merge } from './merge.ts'
import { addOrderRemark, disturbOrders, orderDetail, searchList } from './orders.ts'
import { addressList, cancelSuccess, operate, rejectReasons, warehouseSuccess } from './refund-actions.ts'
import { afterSaleDetail, afterSaleList } from './refunds.ts'
import {
  companyList,
  logisticsAdd,
  logisticsAddMultiPack,
  logisticsEdit,
  logisticsEditByPack,
} from './ships.ts'
import { tokenCreate, tokenRefresh } from './tokens.ts'
import {
  cancelOrder,
  customTemplateList,
  getShopKey,
  listShopNetsite,
  newCreateOrder,
  templateList,
  waybillApply,
} from './waybills.ts'

/** Seconds by which a timestamp may differ. The documents name no figure. */
const TOLERANCE = 600

const METHODS: Readonly<Record<string, DoudianMethod>> = {
  '/token/create': tokenCreate,
  '/token/refresh': tokenRefresh,
  '/order/searchList': searchList,
  '/order/orderDetail': orderDetail,
  '/order/addOrderRemark': addOrderRemark,
  '/order/merge': merge,
  '/order/logisticsAdd': logisticsAdd,
  '/order/logisticsAddMultiPack': logisticsAddMultiPack,
  '/order/logisticsEdit': logisticsEdit,
  '/order/logisticsEditByPack': logisticsEditByPack,
  '/order/logisticsCompanyList': companyList,
  '/afterSale/List': afterSaleList,
  '/afterSale/Detail': afterSaleDetail,
  '/afterSale/operate': operate,
  '/afterSale/rejectReasonCodeList': rejectReasons,
  '/afterSale/CancelSendGoodsSuccess': cancelSuccess,
  '/afterSale/returnGoodsToWareHouseSuccess': warehouseSuccess,
  '/address/list': addressList,
  '/logistics/listShopNetsite': listShopNetsite,
  '/logistics/templateList': templateList,
  '/logistics/getCustomTemplateList': customTemplateList,
  '/logistics/newCreateOrder': newCreateOrder,
  '/logistics/waybillApply': waybillApply,
  '/logistics/cancelOrder': cancelOrder,
  '/logistics/getShopKey': getShopKey,
  '/product/listV2': productList,
  '/sku/list': skuList,
  '/sku/syncStock': syncStock,
  '/sku/syncStockBatch': syncStockBatch,
}

export const isDoudianPath = (path: string): boolean => Object.hasOwn(METHODS, path)

/** Answers one call: the method is the path, the public parameters are in the query, and the body is param_json. */
export function doudianGateway(sandbox: Sandbox, received: Received): Outcome {
  const outcome = outcomeOf(sandbox, received)
  return received.headers['x-open-no-old-err-code'] === '1' ? outcome : inOldForm(outcome)
}

/** A client that does not ask for the new codes gets the old pair of names. */
function inOldForm(outcome: Outcome): Outcome {
  if (outcome.kind !== 'answer' || typeof outcome.body !== 'string') return outcome
  const body = outcome.body.replace(
    /"code":(\d+),"msg":"[^"]*","sub_code":"[^"]*","sub_msg":/,
    '"err_no":$1,"message":',
  )
  return { ...outcome, body }
}

function outcomeOf(sandbox: Sandbox, received: Received): Outcome {
  const { path } = received
  const type = path.slice(1).replaceAll('/', '.')
  const checked = check(sandbox, received, type)
  if ('code' in checked) return fail(sandbox, '-', type, checked)
  const { shop, body, method } = checked
  const nowMs = sandbox.world.clock.now()
  countCall(sandbox, shop.key, type, nowMs)
  if (banLeft(sandbox.board, { shop: shop.key, method: type, nowMs }).seconds > 0)
    return fail(sandbox, shop.key, type, LIMITED)
  const fault = strike(sandbox.board, shop.key, type)
  const spoiled = fault && faultOutcome(sandbox, shop, type, fault)
  if (spoiled) return spoiled
  const call: DoudianCall = { sandbox, shop, body, now: nowSeconds(sandbox.world) }
  const result = method(call)
  if (fault?.kind === 'mutate') disturbOrders(call, fault.trades)
  if ('code' in result) return fail(sandbox, shop.key, type, result)
  const data = fault?.kind === 'empty-list' ? emptied(result.data) : result.data
  return spoil(
    fault,
    `{"code":10000,"msg":"success","sub_code":"","sub_msg":"","data":${data},"log_id":"${requestId()}"}`,
    'application/json;charset=UTF-8',
  )
}

function faultOutcome(sandbox: Sandbox, shop: Shop, type: string, fault: Fault): Outcome | undefined {
  count(sandbox.errors, `${shop.key} ${type} fault:${fault.kind}`)
  if (fault.kind === 'limited') {
    ban(sandbox.board, fault, { shop: shop.key, method: type, nowMs: sandbox.world.clock.now() })
    return fail(sandbox, shop.key, type, LIMITED)
  }
  if (fault.kind === 'isp') return fail(sandbox, shop.key, type, BUSY)
  if (fault.kind === 'session-expired') {
    expireSessions(sandbox.world, shop)
    return fail(sandbox, shop.key, type, tokenError('expired', 'access_token已过期'))
  }
  if (fault.kind === 'forbidden') return fail(sandbox, shop.key, type, FORBIDDEN)
  return lineFault(fault)
}

/** The signature over app_key, method, param_json, timestamp and v: hmac-sha256 if sign_method says so, otherwise md5. */
export function doudianSign(params: Params, json: string, secret: string): string {
  const of = (name: string) => params.get(name) ?? ''
  const pairs = ['app_key', 'method', 'timestamp', 'v'].map((name) => [name, of(name)] as const)
  const all = [...pairs.slice(0, 2), ['param_json', json] as const, ...pairs.slice(2)]
  const text = `${secret}${all.map(([name, value]) => name + value).join('')}${secret}`
  return of('sign_method') === 'hmac-sha256'
    ? createHmac('sha256', secret).update(text, 'utf8').digest('hex')
    : createHash('md5').update(text, 'utf8').digest('hex')
}

type Checked = { shop: Shop; body: Json; method: DoudianMethod }

function check(
  sandbox: Sandbox,
  { verb, path, params, type: contentType, body: bytes }: Received,
  type: string,
): Checked | DoudianError {
  const of = (name: string) => params.get(name) ?? ''
  if (verb !== 'POST' || !contentType.includes('json')) return parameter('请使用POST application/json')
  const missing = ['app_key', 'method', 'timestamp', 'v', 'sign'].find((name) => of(name) === '')
  if (missing === 'sign') return { code: 40001, subCode: 'isv.signature-missing', subMsg: '签名缺失' }
  if (missing === 'app_key') return { code: 40001, subCode: 'isv.app-id-missing', subMsg: 'app_key缺失' }
  if (missing !== undefined)
    return { code: 40001, subCode: 'isv.parameter-missing', subMsg: `${missing}缺失` }
  const method = METHODS[path]
  if (method === undefined || of('method') !== type) return parameter('method与请求路径不一致')
  if (of('v') !== '2') return parameter('v只支持2')
  if (!['', 'md5', 'hmac-sha256'].includes(of('sign_method'))) return parameter('sign_method不合法')
  const apps = sandbox.world.shops.filter(
    (shop) => shop.platform === 'doudian' && shop.options.appKey === of('app_key'),
  )
  const [app] = apps
  if (app === undefined) return { code: 30001, subCode: 'dop.app-forbidden', subMsg: '应用不存在' }
  const at = /^\d{10}$/.test(of('timestamp')) ? Number(of('timestamp')) : readPlatformTime(of('timestamp'))
  if (at === undefined || Math.abs(at - nowSeconds(sandbox.world)) > TOLERANCE)
    return { code: 40003, subCode: 'isv.timestamp-invalid', subMsg: 'timestamp不合法' }
  const json = bytes.toString('utf8')
  const body = readCanonical(json)
  if (body === undefined || doudianSign(params, json, app.options.appSecret) !== of('sign'))
    return { code: 40003, subCode: 'isv.signature-invalid', subMsg: '签名校验失败' }
  if (path.startsWith('/token/')) return { shop: app, body, method }
  const token = of('access_token')
  if (token === '') return { code: 40001, subCode: 'isv.access-token-missing', subMsg: 'access_token缺失' }
  const session = sandbox.world.sessions.get(token)
  if (session === undefined || !apps.includes(session.shop))
    return tokenError('no-existed', 'access_token不存在')
  if (session.expires <= nowSeconds(sandbox.world)) return tokenError('expired', 'access_token已过期')
  return { shop: session.shop, body, method }
}

/** Returns the data of a list without its rows, but with their number. */
function emptied(data: string): string {
  return data.startsWith('[')
    ? '[]'
    : data.replace(
        /"(shop_order_list|items|data|address_list|order_list|netsites|ebill_infos|waybill_infos)":\[.*\]/s,
        '"$1":[]',
      )
}

function fail(
  sandbox: Sandbox,
  shop: string,
  type: string,
  { code, subCode, subMsg }: DoudianError,
): Outcome {
  count(sandbox.errors, `${shop} ${type} ${subCode}`)
  return answer(
    `{"code":${code},"msg":${quote(WORDS[code] ?? '失败')},"sub_code":${quote(subCode)},"sub_msg":${quote(subMsg)},"data":null,"log_id":"${requestId()}"}`,
  )
}

const parameter = (subMsg: string): DoudianError => ({
  code: 40002,
  subCode: 'isv.parameter-invalid:1000',
  subMsg,
})
const tokenError = (what: string, subMsg: string): DoudianError => ({
  code: 40003,
  subCode: `isv.access-token-${what}`,
  subMsg,
})
const WORDS: Readonly<Record<number, string>> = {
  20000: '服务异常',
  30001: '无权限',
  40001: '缺少必选参数',
  40002: '非法的参数',
  40003: '非法的参数',
  40004: '非法的参数',
  50001: '业务处理失败',
  50002: '业务处理失败',
  60000: '限流',
}
const LIMITED: DoudianError = { code: 60000, subCode: 'isv.traffic-limited', subMsg: '请求过于频繁' }
const BUSY: DoudianError = { code: 20000, subCode: 'isp.service-error:15001', subMsg: '系统繁忙，请稍后再试' }
const FORBIDDEN: DoudianError = {
  code: 30001,
  subCode: 'isv.app-permissions-insufficient',
  subMsg: '应用没有该接口的权限',
}
