import { createHash } from 'node:crypto'
import { ban, banLeft, type Fault, lineFault, spoil, strike } from '../faults.ts'
import { answer, decodeForm, type Outcome, type Params, type Received } from '../http.ts'
import { type Json, readJson } from '../json-parts.ts'
import { count, countCall, type Sandbox } from '../state.ts'
import { readPlatformTime } from '../wire.ts'
import type { Shop } from '../world/model.ts'
import { expireSessions, nowSeconds } from '../world/world.ts'
import { type JdError, type JdMethod, wrong } from './call.ts'
import { skuList, stockSet } from './goods.ts'
import { venderId } from './order-json.ts'
import * as orders from './orders.ts'
import * as refunds from './refunds.ts'
import * as answers from './service-answers.ts'
import * as services from './services.ts'
import { companyList, LIST_METHOD, LIST_ROOT, shipment } from './ships.ts'

/** Milliseconds by which a timestamp may differ. */
const TOLERANCE = 360_000

const METHODS: Readonly<Record<string, JdMethod>> = {
  'jingdong.vender.shop.query': ({ shop }) => ({
    name: 'shop_jos_result',
    body: {
      shop_id: String(venderId(shop.key) + 700_000),
      vender_id: String(venderId(shop.key)),
      shop_name: shop.options.name,
      open_time: '2020-01-01 00:00:00',
      brief: '',
    },
  }),
  'jingdong.pop.order.search': orders.search,
  'jingdong.pop.order.get': orders.get,
  'jingdong.pop.order.shipment': shipment,
  'jingdong.pop.order.modifyVenderRemark': orders.modifyRemark,
  'jingdong.order.venderRemark.queryByOrderId': orders.remarkOf,
  'jingdong.pop.afs.soa.refundapply.queryPageList': refunds.list,
  'jingdong.pop.afs.soa.refundapply.replyRefund': refunds.reply,
  [LIST_METHOD]: companyList,
  'jingdong.asc.query.list': services.queryList,
  'jingdong.asc.sync.list': services.syncList,
  'jingdong.asc.query.view': services.view,
  'jingdong.asc.freight.view': services.freightView,
  'jingdong.asc.serviceAndRefund.view': services.moneyView,
  'jingdong.asc.audit.reason.list': answers.reasonList,
  'jingdong.asc.audit.send': answers.send,
  'jingdong.asc.audit.delivery': answers.delivery,
  'jingdong.asc.audit.refuse': answers.refuse,
  'jingdong.asc.receive.register': answers.register,
  'jingdong.sku.read.searchSkuList': skuList,
  'jingdong.ware.stock.sku.set': stockSet,
}

/** 京东 and 快手 have the same token paths. 京东 names the application app_key, 快手 app_id. */
export const isJdTokenPath = (path: string, params: Params): boolean =>
  path.startsWith('/oauth2/') && params.has('app_key')

/** POST /routerjson: the parameters of the system in the address, those of the method as JSON in a form. */
export function jdGateway(sandbox: Sandbox, received: Received): Outcome {
  const checked = check(sandbox, received)
  if ('code' in checked) return fail(sandbox, '-', received.params.get('method') ?? '', checked)
  const { shop, method, run, param } = checked
  const nowMs = sandbox.world.clock.now()
  countCall(sandbox, shop.key, method, nowMs)
  if (banLeft(sandbox.board, { shop: shop.key, method, nowMs }).seconds > 0)
    return fail(sandbox, shop.key, method, limited)
  const fault = strike(sandbox.board, shop.key, method)
  const spoiled = fault && faultOutcome(sandbox, shop, method, fault)
  if (spoiled) return spoiled
  const result = run({ sandbox, shop, param, now: nowSeconds(sandbox.world) })
  if ('code' in result) return fail(sandbox, shop.key, method, result)
  const body = fault?.kind === 'empty-list' ? withoutLists(result.body) : result.body
  const root =
    method === LIST_METHOD
      ? { [LIST_ROOT]: { code: '0', ...body } }
      : { [`${method.replaceAll('.', '_')}_responce`]: { code: '0', [result.name]: body } }
  return spoil(fault, JSON.stringify(root), 'application/json;charset=UTF-8')
}

function faultOutcome(sandbox: Sandbox, shop: Shop, method: string, fault: Fault): Outcome | undefined {
  count(sandbox.errors, `${shop.key} ${method} fault:${fault.kind}`)
  if (fault.kind === 'limited') {
    ban(sandbox.board, fault, { shop: shop.key, method, nowMs: sandbox.world.clock.now() })
    return fail(sandbox, shop.key, method, limited)
  }
  if (fault.kind === 'isp')
    return fail(sandbox, shop.key, method, wrong('50', '平台系统错误，请稍后再试', 'System error'))
  if (fault.kind === 'session-expired') {
    expireSessions(sandbox.world, shop)
    return fail(sandbox, shop.key, method, tokenOver)
  }
  if (fault.kind === 'forbidden')
    return fail(sandbox, shop.key, method, wrong('2001', '没有调用该接口的权限', 'No permission'))
  return lineFault(fault)
}

/** The signature of the parameters that were sent, without format and sign_method; empty values take no part. */
export function jdSign(params: Params, secret: string): string {
  const text = [...params.keys()]
    .filter((name) => !['sign', 'format', 'sign_method'].includes(name) && params.get(name) !== '')
    .sort()
    .map((name) => `${name}${params.get(name)}`)
    .join('')
  return createHash('md5').update(`${secret}${text}${secret}`, 'utf8').digest('hex').toUpperCase()
}

type Checked = { shop: Shop; method: string; run: JdMethod; param: Json }

const NEEDED: readonly (readonly [name: string, error: JdError])[] = [
  ['method', wrong('14', '缺少方法名参数', 'Missing Method')],
  ['app_key', wrong('21', '缺少app_key', 'Missing app_key')],
  ['access_token', wrong('19', '缺少access_token', 'Missing access_token')],
  ['timestamp', wrong('7', '缺少时间戳参数', 'Missing Timestamp')],
  ['v', wrong('4', '缺少版本参数', 'Missing Version')],
  ['sign', wrong('11', '缺少签名参数', 'Missing Signature')],
]

function check(sandbox: Sandbox, { verb, params: query, type, body }: Received): Checked | JdError {
  if (verb !== 'POST' || !type.startsWith('application/x-www-form-urlencoded'))
    return wrong('9', '仅支持表单提交', 'Http Action Not Allowed')
  const params: Params = new Map(query)
  decodeForm(body.toString('utf8'), params)
  if (query.has('360buy_param_json'))
    return wrong('10', '业务参数应在表单中', 'Business parameters belong in the form')
  const of = (name: string) => params.get(name) ?? ''
  const missing = NEEDED.find(([name]) => of(name) === '')
  if (missing) return missing[1]
  const run = METHODS[of('method')]
  if (run === undefined) return wrong('15', '不存在的方法名', 'Invalid Method')
  if (of('v') !== '2.0') return wrong('5', '不支持的版本号', 'Unsupported Version')
  if (!(Math.abs(readTimestamp(of('timestamp')) - sandbox.world.clock.now()) <= TOLERANCE))
    return wrong('8', '非法的时间戳参数', 'Invalid Timestamp')
  const apps = sandbox.world.shops.filter(
    ({ platform, options }) => platform === 'jd' && options.appKey === of('app_key'),
  )
  const [app] = apps
  if (app === undefined) return wrong('21', `key=${of('app_key')} 信息无效`, 'Invalid app_key')
  if (jdSign(params, app.options.appSecret) !== of('sign'))
    return wrong('12', '无效签名', 'Invalid Signature')
  const session = sandbox.world.sessions.get(of('access_token'))
  if (session === undefined || !apps.includes(session.shop) || session.expires <= nowSeconds(sandbox.world))
    return tokenOver
  const param = readJson(of('360buy_param_json') || '{}')
  return param === undefined
    ? wrong('10', '业务参数不是JSON', 'Invalid parameters')
    : { shop: session.shop, method: of('method'), run, param }
}

/** 2026-11-24 12:00:00.000+0800, or without the part behind the seconds. */
function readTimestamp(text: string): number {
  const [, seconds = '', ms = '0'] = /^(.{19})(?:\.(\d{3})\+0800)?$/.exec(text) ?? []
  return (readPlatformTime(seconds) ?? Number.NaN) * 1000 + Number(ms)
}

/** The answer without its lists, for the fault `empty-list`. */
const withoutLists = (of: Json): Json =>
  Object.fromEntries(Object.entries(of).filter(([, value]) => !Array.isArray(value)))

function fail(sandbox: Sandbox, shop: string, method: string, { code, zh, en }: JdError): Outcome {
  count(sandbox.errors, `${shop} ${method} ${code}`)
  return answer(JSON.stringify({ error_response: { code, zh_desc: zh, en_desc: en } }))
}

const tokenOver = wrong('19', 'access_token已过期或无效', 'Invalid access_token')
const limited = wrong('2', '限制时间内调用失败次数', 'App Call Limited')
