import { hash } from 'node:crypto'
import { ban, banLeft, lineFault, spoil, strike } from '../faults.ts'
import { answer, decodeForm, type Outcome, type Params, type Received } from '../http.ts'
import { pmcPermit } from '../push/permits.ts'
import { count, countCall, type Sandbox } from '../state.ts'
import { quote, requestId } from '../wire.ts'
import type { Session } from '../world/model.ts'
import { hash32 } from '../world/random.ts'
import { expireSessions, issueTokens, nowSeconds } from '../world/world.ts'
import { mallId, missing, type PopCall, type PopError, type PopMethod, type PopResult } from './call.ts'
import { sendgoodsCancel } from './genius.ts'
import { goodsList, goodsQuantity } from './goods.ts'
import { disturbOrders, noteUpdate, orderIncrement, orderInformation, orderList } from './orders.ts'
import { refundCheck, refundIncrement, refundInformation } from './refunds.ts'
import { warehouseUpdate } from './returns.ts'
import { companies, onlineSend } from './ships.ts'
import { orderTrace } from './traces.ts'
import * as waybills from './waybills.ts'

/** Answers one call of /api/router; the parameters are in the query, a form or a flat JSON object. */
export function popGateway(sandbox: Sandbox, received: Received): Outcome {
  const { verb, params } = received
  const isJson = received.type.includes('json')
  const text = received.body.toString('utf8')
  const readable = isJson ? readJsonParams(text, params) : true
  if (!isJson) decodeForm(text, params)
  const type = params.get('type') ?? ''
  const checked =
    verb !== 'POST' || !readable ? { code: 21001, msg: '请求报文解析异常' } : check(sandbox, params)
  if ('code' in checked) return fail(sandbox, '-', type, checked)
  const { shop } = checked.session
  const nowMs = sandbox.world.clock.now()
  countCall(sandbox, shop.key, type, nowMs)
  if (banLeft(sandbox.board, { shop: shop.key, method: type, nowMs }).seconds > 0)
    return fail(sandbox, shop.key, type, TOO_OFTEN)
  const fault = strike(sandbox.board, shop.key, type)
  if (fault !== undefined) {
    count(sandbox.errors, `${shop.key} ${type} fault:${fault.kind}`)
    if (fault.kind === 'limited') {
      ban(sandbox.board, fault, { shop: shop.key, method: type, nowMs })
      return fail(sandbox, shop.key, type, TOO_OFTEN)
    }
    if (fault.kind === 'isp')
      return fail(sandbox, shop.key, type, {
        code: 50000,
        msg: '系统内部错误',
        subCode: fault.subCode,
        subMsg: '服务暂不可用，请稍后再试',
      })
    if (fault.kind === 'session-expired') {
      expireSessions(sandbox.world, shop)
      return fail(sandbox, shop.key, type, EXPIRED)
    }
    if (fault.kind === 'forbidden') return fail(sandbox, shop.key, type, FORBIDDEN)
    const line = lineFault(fault)
    if (line !== undefined) return line
  }
  const call: PopCall = { sandbox, shop, params, now: nowSeconds(sandbox.world) }
  const result = checked.method(call)
  if (fault?.kind === 'mutate') disturbOrders(call, fault.trades)
  if ('code' in result) return fail(sandbox, shop.key, type, result)
  return spoil(fault, written(result, fault?.kind === 'empty-list'), 'application/json;charset=UTF-8')
}

/** POP's signature: upper-case MD5 of secret, sorted names and values, secret; there is no sign_method. */
export function popSign(params: Params, secret: string): string {
  const names = [...params.keys()]
    .filter((name) => name !== 'sign' && name !== '' && params.get(name) !== '')
    .sort((a, b) => (a < b ? -1 : 1))
  const base = names.map((name) => name + (params.get(name) ?? '')).join('')
  return hash('md5', secret + base + secret, 'hex').toUpperCase()
}

function check(sandbox: Sandbox, params: Params): { session: Session; method: PopMethod } | PopError {
  for (const name of ['type', 'client_id', 'timestamp', 'sign']) {
    if ((params.get(name) ?? '') === '') return { code: 10001, msg: `公共参数错误:${name}` }
  }
  const type = params.get('type') ?? ''
  const method = METHODS[type]
  if (method === undefined) return { code: 10001, msg: '公共参数错误:type' }
  const apps = sandbox.world.shops.filter(
    (shop) => shop.platform === 'pinduoduo' && shop.options.appKey === params.get('client_id'),
  )
  const app = apps[0]
  if (app === undefined) return { code: 10016, msg: 'client_id不存在' }
  const format = params.get('data_type') ?? 'JSON'
  if (format !== 'JSON') return { code: 10001, msg: '公共参数错误:data_type' }
  const version = params.get('version') ?? 'V1'
  if (version !== 'V1') return { code: 10001, msg: '公共参数错误:version' }
  const timestamp = params.get('timestamp') ?? ''
  if (!/^\d{10}$/.test(timestamp) || Math.abs(Number(timestamp) - nowSeconds(sandbox.world)) > 600)
    return { code: 10001, msg: '公共参数错误:timestamp' }
  if (popSign(params, app.options.appSecret) !== params.get('sign'))
    return { code: 20004, msg: '签名sign校验失败' }
  if (OPEN.has(type)) return { session: { shop: app, expires: 0 }, method }
  const token = params.get('access_token') ?? ''
  if (token === '') return { code: 10001, msg: '公共参数错误:access_token' }
  const session = sandbox.world.sessions.get(token)
  if (session === undefined || !apps.includes(session.shop) || session.expires <= nowSeconds(sandbox.world))
    return EXPIRED
  return { session, method }
}

const mallInfo: PopMethod = ({ shop }) => ({
  root: 'mall_info_get_response',
  inner: `"mall_id":${mallId(shop)},"mall_name":${quote(shop.options.name)},"mall_character":1,"merchant_type":2,"logo":"","mall_desc":""`,
})

const timeGet: PopMethod = ({ now }) => ({ root: 'time_get_response', inner: `"time":"${now}"` })

const tokenCreate: PopMethod = ({ sandbox, params }) => {
  const code = params.get('code') ?? ''
  if (code === '') return missing('code')
  const shop = sandbox.world.codes.get(code)
  if (shop === undefined || shop.platform !== 'pinduoduo')
    return { code: 10035, msg: 'code已过期或不存在，请重新授权' }
  sandbox.world.codes.delete(code)
  return {
    root: 'pop_auth_token_create_response',
    inner: tokenInner(sandbox, issueTokens(sandbox.world, shop, sandbox.tokenLife), shop.options.name),
  }
}

const tokenRefresh: PopMethod = ({ sandbox, params }) => {
  const shop = sandbox.world.refreshTokens.get(params.get('refresh_token') ?? '')
  if (shop === undefined || shop.platform !== 'pinduoduo')
    return { code: 10036, msg: 'refresh_token已过期，请重新授权' }
  return {
    root: 'pop_auth_token_refresh_response',
    inner: tokenInner(sandbox, issueTokens(sandbox.world, shop, sandbox.tokenLife), shop.options.name),
  }
}

function tokenInner(sandbox: Sandbox, tokens: { access: string; refresh: string }, name: string): string {
  const life = sandbox.tokenLife
  const now = nowSeconds(sandbox.world)
  const levels = ['r1', 'r2', 'w1', 'w2']
    .map((level) => `"${level}_expires_in":${life},"${level}_expires_at":${now + life}`)
    .join(',')
  return `"access_token":"${tokens.access}","expires_in":${life},"expires_at":${now + life},"refresh_token":"${tokens.refresh}","refresh_token_expires_in":${2 * life},"refresh_token_expires_at":${now + 2 * life},"owner_id":"${100_000_000 + (hash32(name) % 800_000_000)}","owner_name":${quote(name)},"scope":${JSON.stringify(Object.keys(METHODS))},${levels}`
}

function written(result: Exclude<PopResult, PopError>, emptied: boolean): string {
  const inner = emptied ? result.inner.replace(/,"[a-z_]*list":.*$/s, '') : result.inner
  return result.root === '' ? `{${inner}}` : `{"${result.root}":{${inner},"request_id":"${requestId()}"}}`
}

function fail(sandbox: Sandbox, shop: string, type: string, error: PopError): Outcome {
  count(sandbox.errors, `${shop} ${type === '' ? '-' : type} ${error.code}`)
  const sub = `"sub_msg":${quote(error.subMsg ?? '')},"sub_code":${error.subCode === undefined ? 'null' : quote(error.subCode)}`
  return answer(
    `{"error_response":{"error_msg":${quote(error.msg)},${sub},"error_code":${error.code},"request_id":"${requestId()}"}}`,
  )
}

/** Adds flat JSON parameters to `params` as texts, because the signature is made over texts. */
function readJsonParams(text: string, params: Params): boolean {
  try {
    const body: unknown = JSON.parse(text)
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return false
    for (const [name, value] of Object.entries(body)) {
      if (value === null || value === undefined) continue
      params.set(name, typeof value === 'object' ? JSON.stringify(value) : String(value))
    }
    return true
  } catch {
    return false
  }
}

const EXPIRED: PopError = { code: 10019, msg: 'access_token已过期' }
const FORBIDDEN: PopError = { code: 20031, msg: '用户没有授权访问此接口' }
const TOO_OFTEN: PopError = { code: 70031, msg: '调用过于频繁，请调整调用频率' }
const OPEN: ReadonlySet<string> = new Set([
  'pdd.pop.auth.token.create',
  'pdd.pop.auth.token.refresh',
  'pdd.time.get',
  'pdd.logistics.companies.get',
])
const METHODS: Record<string, PopMethod> = {
  'pdd.order.number.list.increment.get': orderIncrement,
  'pdd.order.list.get': orderList,
  'pdd.order.information.get': orderInformation,
  'pdd.order.note.update': noteUpdate,
  'pdd.refund.list.increment.get': refundIncrement,
  'pdd.refund.information.get': refundInformation,
  'pdd.refund.status.check': refundCheck,
  'pdd.rdc.pddgenius.sendgoods.cancel': sendgoodsCancel,
  'pdd.nextone.logistics.warehouse.update': warehouseUpdate,
  'pdd.logistics.online.send': onlineSend,
  'pdd.logistics.companies.get': companies,
  'pdd.logistics.ordertrace.get': orderTrace,
  'pdd.goods.list.get': goodsList,
  'pdd.waybill.search': waybills.search,
  'pdd.waybill.get': waybills.take,
  'pdd.waybill.cancel': waybills.cancel,
  'pdd.cloudprint.stdtemplates.get': waybills.templates,
  'pdd.cloudprint.customares.get': waybills.customAreas,
  'pdd.goods.quantity.update': goodsQuantity,
  'pdd.mall.info.get': mallInfo,
  'pdd.pmc.user.permit': pmcPermit,
  'pdd.time.get': timeGet,
  'pdd.pop.auth.token.create': tokenCreate,
  'pdd.pop.auth.token.refresh': tokenRefresh,
}
