import { createHash, createHmac } from 'node:crypto'
import { ban, banLeft, type Fault, lineFault, spoil, strike } from '../faults.ts'
import { answer, decodeForm, type Outcome, type Params, type Received } from '../http.ts'
import type { Json } from '../json-parts.ts'
import { count, countCall, type Sandbox } from '../state.ts'
import type { Shop } from '../world/model.ts'
import { hash32 } from '../world/random.ts'
import { expireSessions, nowSeconds } from '../world/world.ts'
import { type KsError, type KsMethod, readParam, writeJson, wrong } from './call.ts'
import { itemList, skuList, stockUpdate } from './items.ts'
import { cursorList, detail, noteAdd } from './orders.ts'
import { sellerNumber } from './refund-json.ts'
import * as refunds from './refunds.ts'
import { deliver, logisticsUpdate, splitDeliver } from './ships.ts'
import { accessToken, refreshToken } from './tokens.ts'
import * as waybills from './waybills.ts'

/** Milliseconds by which a timestamp may differ. The documents name no figure. */
const TOLERANCE = 600_000

/** The methods that are called with GET, although some of them change something. */
const READS: Readonly<Record<string, KsMethod>> = {
  'open.user.seller.get': ({ shop }) => ({
    data: {
      name: shop.options.name,
      sellerId: sellerNumber(shop.key),
      openId: `ks${hash32(shop.key).toString(36)}`,
      sex: '其他',
      head: '',
      bigHead: '',
    },
  }),
  'open.order.cursor.list': cursorList,
  'open.order.detail': detail,
  'open.seller.order.refund.pcursor.list': refunds.list,
  'open.seller.order.refund.detail': refunds.detail,
  'open.refund.reject.reason': refunds.rejectReasons,
  'open.item.list.get': itemList,
  'open.item.sku.list.get': skuList,
  'open.express.custom.tempate.list.query': waybills.customTemplateList,
  'open.express.ebill.cancel': waybills.ebillCancel,
}
/** The methods that are called with POST, although some of them only read. */
const WRITES: Readonly<Record<string, KsMethod>> = {
  'open.seller.order.goods.deliver': deliver,
  'open.order.goods.split.deliver': splitDeliver,
  'open.seller.order.logistics.update': logisticsUpdate,
  'open.seller.order.note.add': noteAdd,
  'open.seller.order.refund.approve': refunds.approve,
  'open.seller.order.refund.returngoods.approve': refunds.returnApprove,
  'open.seller.order.refund.confirm.receipt': refunds.confirmReceipt,
  'open.refund.reject': refunds.reject,
  'open.item.sku.stock.update': stockUpdate,
  'open.express.subscribe.query': waybills.subscribeQuery,
  'open.express.standard.template.list.get': waybills.templateList,
  'open.express.ebill.get': waybills.ebillGet,
}

export const isKuaishouPath = (path: string): boolean => /^\/(open|oauth2)\//.test(path)

/** Answers one call: the method is the path, a reading call has everything in the address, a writing one `param` in a form. */
export function kuaishouGateway(sandbox: Sandbox, received: Received): Outcome {
  if (received.path === '/oauth2/access_token') return accessToken(sandbox, received)
  if (received.path === '/oauth2/refresh_token') return refreshToken(sandbox, received)
  const checked = check(sandbox, received)
  if ('result' in checked) return fail(sandbox, '-', methodOf(received.path), checked)
  const { shop, method, run, param } = checked
  const nowMs = sandbox.world.clock.now()
  countCall(sandbox, shop.key, method, nowMs)
  if (banLeft(sandbox.board, { shop: shop.key, method, nowMs }).seconds > 0)
    return fail(sandbox, shop.key, method, limited(method, shop))
  const fault = strike(sandbox.board, shop.key, method)
  const spoiled = fault && faultOutcome(sandbox, shop, method, fault)
  if (spoiled) return spoiled
  const result = run({ sandbox, shop, param, now: nowSeconds(sandbox.world) })
  if ('result' in result) return fail(sandbox, shop.key, method, result)
  const data = fault?.kind === 'empty-list' ? withoutLists(result.data) : result.data
  return spoil(
    fault,
    writeJson({
      result: 1,
      error_msg: 'SUCCESS',
      code: '1',
      msg: 'SUCCESS',
      sub_code: '',
      sub_msg: '',
      requestId: nextRequest(),
      ...(data === undefined ? {} : { data }),
    }),
    'application/json;charset=UTF-8',
  )
}

const methodOf = (path: string) => path.slice(1).replaceAll('/', '.')

function faultOutcome(sandbox: Sandbox, shop: Shop, method: string, fault: Fault): Outcome | undefined {
  count(sandbox.errors, `${shop.key} ${method} fault:${fault.kind}`)
  if (fault.kind === 'limited') {
    ban(sandbox.board, fault, { shop: shop.key, method, nowMs: sandbox.world.clock.now() })
    return fail(sandbox, shop.key, method, limited(method, shop))
  }
  if (fault.kind === 'isp') return fail(sandbox, shop.key, method, wrong(100_200_500, 'server_error'))
  if (fault.kind === 'session-expired') {
    expireSessions(sandbox.world, shop)
    return fail(sandbox, shop.key, method, tokenOver)
  }
  if (fault.kind === 'forbidden')
    return fail(sandbox, shop.key, method, wrong(100_200_106, 'token中无scope权限'))
  return lineFault(fault)
}

const SIGNED = ['access_token', 'appkey', 'method', 'param', 'signMethod', 'timestamp', 'version']

/** The signature over the seven parameters as they are before they are encoded. */
export function kuaishouSign(params: Params, signSecret: string): string {
  const pairs = SIGNED.filter((name) => params.has(name)).map((name) => `${name}=${params.get(name)}`)
  const text = `${pairs.join('&')}&signSecret=${signSecret}`
  return params.get('signMethod') === 'MD5'
    ? createHash('md5').update(text, 'utf8').digest('hex')
    : createHmac('sha256', signSecret).update(text, 'utf8').digest('base64')
}

type Checked = { shop: Shop; method: string; run: KsMethod; param: Json }

function check(sandbox: Sandbox, { verb, path, params: query, type, body }: Received): Checked | KsError {
  const params: Params = new Map(query)
  if (verb === 'POST') {
    if (!type.startsWith('application/x-www-form-urlencoded'))
      return wrong(100_200_100, 'Content-Type仅支持application/x-www-form-urlencoded')
    decodeForm(body.toString('utf8'), params)
  }
  const of = (name: string) => params.get(name) ?? ''
  const missing = [...SIGNED, 'sign'].find((name) => of(name) === '')
  if (missing !== undefined) return wrong(100_200_100, `${missing}缺失`)
  const method = methodOf(path)
  const run = (verb === 'GET' ? READS : WRITES)[method]
  if (run === undefined || of('method') !== method) return wrong(100_200_100, 'Invalid url')
  if (of('version') !== '1' || !['MD5', 'HMAC_SHA256'].includes(of('signMethod')))
    return wrong(100_200_100, 'version或signMethod不合法')
  const apps = sandbox.world.shops.filter(
    ({ platform, options }) => platform === 'kuaishou' && options.appKey === of('appkey'),
  )
  const [app] = apps
  if (app === undefined) return wrong(100_200_101, 'unauthorized_client')
  const at = /^\d{13}$/.test(of('timestamp')) ? Number(of('timestamp')) : Number.NaN
  if (!(Math.abs(at - sandbox.world.clock.now()) <= TOLERANCE)) return wrong(100_200_100, 'timestamp不合法')
  const secret = app.options.signSecret ?? app.options.appSecret
  if (kuaishouSign(params, secret) !== of('sign')) return wrong(100_200_100, '签名校验失败')
  const session = sandbox.world.sessions.get(of('access_token'))
  if (session === undefined || !apps.includes(session.shop)) return wrong(100_200_102, 'access_denied')
  if (session.expires <= nowSeconds(sandbox.world)) return tokenOver
  const param = readParam(of('param'))
  return param === undefined
    ? wrong(100_200_100, 'param不是JSON')
    : { shop: session.shop, method, run, param }
}

/** The answer without its lists, for the fault `empty-list`. */
const withoutLists = (data: unknown): unknown =>
  Array.isArray(data)
    ? []
    : typeof data === 'object' && data !== null
      ? Object.fromEntries(Object.entries(data).filter(([, value]) => !Array.isArray(value)))
      : data

let requests = 0
const nextRequest = (): string => {
  requests += 1
  return `ks${requests.toString(36).padStart(8, '0')}`
}

function fail(sandbox: Sandbox, shop: string, method: string, { result, error }: KsError): Outcome {
  count(sandbox.errors, `${shop} ${method} ${result}`)
  return answer(JSON.stringify({ result, error_msg: error, requestId: nextRequest() }))
}

const tokenOver = wrong(100_200_102, 'TOKEN过期')
/** K1008; its number is not shown. */
const limited = (method: string, { options }: Shop): KsError =>
  wrong(429, `Exceed qps limit, KEY [apiId:${method};appkey:${options.appKey}], MAX_QPS [300.0]`)
