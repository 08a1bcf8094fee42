import { createHash } from 'node:crypto'
import { ban, banLeft, type Fault, lineFault, spoil, strike } from '../faults.ts'
import { answer, type Outcome, type Params, type Received } from '../http.ts'
import { type Json, readJson } from '../json-parts.ts'
import { count, countCall, type Sandbox } from '../state.ts'
import type { Shop } from '../world/model.ts'
import { hash32 } from '../world/random.ts'
import { expireSessions, nowSeconds } from '../world/world.ts'
import { badParam, sellerId, wordIn, wrong, type XhsError, type XhsMethod, type XhsResult } from './call.ts'
import { COMPANIES } from './companies.ts'
import { getStock, skuList, syncStock } from './goods.ts'
import * as orders from './orders.ts'
import * as refunds from './refunds.ts'
import { deliver, modifyExpress } from './ships.ts'
import { isTokenMethod, tokenCall } from './tokens.ts'
import * as waybills from './waybills.ts'

/** Seconds by which a timestamp may differ. The documents name no figure. */
const TOLERANCE = 600

const METHODS: Readonly<Record<string, XhsMethod>> = {
  'common.getSellerKeyInfo': ({ shop }) => ({
    data: { sellerId: sellerId(hash32(shop.key)), appKey: shop.options.appKey },
  }),
  'common.getExpressCompanyList': () => ({
    data: {
      expressCompanyInfos: COMPANIES.map(([expressCompanyCode, expressCompanyName], index) => ({
        expressCompanyId: index + 1,
        expressCompanyCode,
        expressCompanyName,
        comment: '',
      })),
    },
  }),
  'order.getOrderList': orders.list,
  'order.getOrderDetail': orders.detail,
  'order.getOrderReceiverInfo': orders.receivers,
  'order.modifySellerMarkInfo': orders.modifyMark,
  'order.orderDeliver': deliver,
  'order.modifyOrderExpressInfo': modifyExpress,
  'express.queryEbillSubscribes': waybills.subscribes,
  'express.queryEbillTemplates': waybills.templates,
  'express.createEbillOrders': waybills.createOrders,
  'express.cancelEbillOrder': waybills.cancelOrder,
  'product.getDetailSkuList': skuList,
  'inventory.getSkuStock': getStock,
  'inventory.syncSkuStock': syncStock,
}
/** The newer family of methods has an envelope of its own inside `data`. */
const WRAPPED: Readonly<Record<string, XhsMethod>> = {
  'afterSale.listAfterSaleInfos': refunds.list,
  'afterSale.getAfterSaleInfo': refunds.detail,
  'afterSale.auditReturns': refunds.audit,
  'afterSale.confirmReceive': refunds.confirmReceive,
  'afterSale.rejectReasons': refunds.rejectReasons,
}

/** POST /ark/open_api/v3/common_controller: one address for all methods; everything is in one flat JSON body. */
export function xiaohongshuGateway(sandbox: Sandbox, received: Received): Outcome {
  const checked = check(sandbox, received)
  if ('code' in checked) return fail(sandbox, '-', '', checked)
  const { method, body, apps } = checked
  if (isTokenMethod(method)) return answered(sandbox, { shop: '-', method }, tokenCall(sandbox, apps, body))
  const shop = sessionShop(sandbox, apps, wordIn(body, 'accessToken'))
  if (shop === undefined) return fail(sandbox, '-', method, tokenOver)
  const nowMs = sandbox.world.clock.now()
  countCall(sandbox, shop.key, method, nowMs)
  if (banLeft(sandbox.board, { shop: shop.key, method, nowMs }).seconds > 0)
    return fail(sandbox, shop.key, method, limited)
  const fault = strike(sandbox.board, shop.key, method)
  const spoiled = fault && faultOutcome(sandbox, shop, method, fault)
  if (spoiled) return spoiled
  const run = METHODS[method] ?? WRAPPED[method]
  if (run === undefined) return fail(sandbox, shop.key, method, badParam('method不存在'))
  const result = run({ sandbox, shop, body, now: nowSeconds(sandbox.world) })
  return answered(sandbox, { shop: shop.key, method, fault }, result)
}

function answered(
  sandbox: Sandbox,
  { shop, method, fault }: { shop: string; method: string; fault?: Fault | undefined },
  result: XhsResult,
): Outcome {
  const isWrapped = WRAPPED[method] !== undefined
  if ('code' in result) {
    if (!isWrapped) return fail(sandbox, shop, method, result)
    count(sandbox.errors, `${shop} ${method} ${result.code}`)
    return answer(JSON.stringify(envelope({ code: result.code, msg: result.error, success: false })))
  }
  const data = fault?.kind === 'empty-list' ? withoutLists(result.data) : result.data
  const whole = isWrapped ? { code: 0, msg: '成功', success: true, data } : data
  return spoil(fault, JSON.stringify(envelope(whole)), 'application/json;charset=UTF-8')
}

const envelope = (data: unknown): Json => ({ error_code: 0, error_msg: '', success: true, data })

function faultOutcome(sandbox: Sandbox, shop: Shop, method: string, fault: Fault): Outcome | undefined {
  count(sandbox.errors, `${shop.key} ${method} fault:${fault.kind}`)
  if (fault.kind === 'limited') {
    ban(sandbox.board, fault, { shop: shop.key, method, nowMs: sandbox.world.clock.now() })
    return fail(sandbox, shop.key, method, limited)
  }
  if (fault.kind === 'isp') return fail(sandbox, shop.key, method, wrong(-1, '系统繁忙，请稍后重试'))
  if (fault.kind === 'session-expired') {
    expireSessions(sandbox.world, shop)
    return fail(sandbox, shop.key, method, tokenOver)
  }
  if (fault.kind === 'forbidden')
    return fail(sandbox, shop.key, method, wrong(-2_000_503, '应用没有该接口的权限'))
  return lineFault(fault)
}

/** Only the parameters of the system are signed, and neither those of the method nor the token. */
export function xiaohongshuSign(body: Json, secret: string): string {
  const of = (name: string) => String(body[name] ?? '')
  const text = `${of('method')}?appId=${of('appId')}&timestamp=${of('timestamp')}&version=${of('version')}`
  return createHash('md5').update(`${text}${secret}`, 'utf8').digest('hex')
}

/** /ark/authorization names the parameters of the consent page in its own way. */
export const consentParams = (params: Params): Params =>
  new Map([
    ...params,
    ['response_type', 'code'],
    ['client_id', params.get('appId') ?? ''],
    ['redirect_uri', params.get('redirectUri') ?? ''],
  ])

type Checked = { method: string; body: Json; apps: readonly Shop[] }

const SYSTEM = ['appId', 'method', 'version', 'timestamp', 'sign']

function check(sandbox: Sandbox, { verb, query, type, body: bytes }: Received): Checked | XhsError {
  if (verb !== 'POST' || !type.startsWith('application/json') || query !== '')
    return badParam('仅支持POST JSON')
  const body = readJson(bytes.toString('utf8'))
  if (body === undefined) return badParam('body不是JSON')
  const of = (name: string) => wordIn(body, name)
  const missing = SYSTEM.find((name) => of(name) === '')
  if (missing !== undefined) return badParam(`${missing}不能为空`)
  if (of('version') !== '2.0') return badParam('version不正确')
  const seconds = /^\d{10}$/.test(of('timestamp')) ? Number(of('timestamp')) : Number.NaN
  if (!(Math.abs(seconds - sandbox.world.clock.now() / 1000) <= TOLERANCE)) return badParam('timestamp不正确')
  const apps = sandbox.world.shops.filter(
    ({ platform, options }) => platform === 'xiaohongshu' && options.appKey === of('appId'),
  )
  const [app] = apps
  if (app === undefined) return wrong(-2_000_504, 'appId不存在')
  if (xiaohongshuSign(body, app.options.appSecret) !== of('sign')) return wrong(-2_000_505, '签名校验失败')
  return { method: of('method'), body, apps }
}

function sessionShop(sandbox: Sandbox, apps: readonly Shop[], token: string): Shop | undefined {
  const session = sandbox.world.sessions.get(token)
  const isAlive = session !== undefined && session.expires > nowSeconds(sandbox.world)
  return isAlive && apps.includes(session.shop) ? session.shop : undefined
}

/** The answer without its lists, for the fault `empty-list`. */
const withoutLists = (data: unknown): unknown =>
  typeof data === 'object' && data !== null
    ? Object.fromEntries(Object.entries(data).filter(([, value]) => !Array.isArray(value)))
    : data

function fail(sandbox: Sandbox, shop: string, method: string, { code, error }: XhsError): Outcome {
  count(sandbox.errors, `${shop} ${method} ${code}`)
  return answer(JSON.stringify({ error_code: code, error_msg: error, success: false }))
}

const tokenOver = wrong(-2_000_506, 'accessToken无效或已过期，请重新授权')
const limited = wrong(-9013, '触发Method维度的限流')
