import { ban, banLeft, lineFault, spoil, strike } from '../faults.ts'
import { answer, type Outcome, type Params } from '../http.ts'
import { noteIsp, punishedSeconds } from '../peak.ts'
import { count, countCall, type Sandbox } from '../state.ts'
import { quote, readPlatformTime, requestId } from '../wire.ts'
import type { Session } from '../world/model.ts'
import { expireSessions, nowSeconds } from '../world/world.ts'
import type { Call, Method, TopError } from './call.ts'
import { METHODS, OPEN_METHODS } from './methods.ts'
import { topSign } from './sign.ts'
import { disturbWindow } from './trades.ts'
import { jsonToXml, simplify } from './xml.ts'

/** Answers one call of /router/rest. Every answer has HTTP status 200, including errors, as TOP's answers do. */
export function topGateway(
  sandbox: Sandbox,
  verb: string,
  params: Params,
  files: Map<string, Buffer>,
): Outcome {
  const name = params.get('method') ?? ''
  const checked = check(sandbox, verb, params)
  if ('code' in checked) return fail(sandbox, params, '-', checked)
  const { session, method } = checked
  const shop = session.shop
  const nowMs = sandbox.world.clock.now()
  countCall(sandbox, shop.key, name, nowMs)

  const banned = banLeft(sandbox.board, { shop: shop.key, method: name, nowMs })
  if (banned.seconds > 0) return fail(sandbox, params, shop.key, limited(banned.subCode, banned.seconds))
  const request = () => requestKey(shop.key, params)
  const punished = punishedSeconds(sandbox.board, shop, request, nowMs)
  if (punished > 0) {
    const sentence = { subCode: 'api-access-count', seconds: punished }
    ban(sandbox.board, sentence, { shop: shop.key, method: name, nowMs })
    return fail(sandbox, params, shop.key, limited(sentence.subCode, punished))
  }
  const fault = strike(sandbox.board, shop.key, name)
  if (fault !== undefined) {
    count(sandbox.errors, `${shop.key} ${name} fault:${fault.kind}`)
    if (fault.kind === 'limited') {
      ban(sandbox.board, fault, { shop: shop.key, method: name, nowMs })
      return fail(sandbox, params, shop.key, limited(fault.subCode, fault.seconds))
    }
    if (fault.kind === 'isp') {
      noteIsp(sandbox.board, request(), nowMs)
      const subMsg = '服务暂不可用，请稍后再试'
      return fail(sandbox, params, shop.key, refusedIsp(fault.subCode, subMsg))
    }
    if (fault.kind === 'forbidden') return fail(sandbox, params, shop.key, FORBIDDEN)
    const line = lineFault(fault)
    if (line !== undefined) return line
    if (fault.kind === 'session-expired') {
      expireSessions(sandbox.world, shop)
      return fail(sandbox, params, shop.key, invalidSession())
    }
  }

  const call: Call = { sandbox, shop, params, files, now: nowSeconds(sandbox.world) }
  const result = method(call)
  if (fault?.kind === 'mutate') disturbWindow(call, fault.trades)
  if (typeof result !== 'string') return fail(sandbox, params, shop.key, result)
  const inner = fault?.kind === 'empty-list' ? withoutList(result) : result
  const root = `${name.replace(/^taobao\./, '').replaceAll('.', '_')}_response`
  const written = write(params, root, `{${inner}${inner === '' ? '' : ','}"request_id":"${requestId()}"}`)
  return spoil(fault, written.body, written.type)
}

/** Names a request without what differs each time that it is sent. */
function requestKey(shop: string, params: Params): string {
  const same = [...params].filter(([name]) => name !== 'timestamp' && name !== 'sign')
  return `${shop} ${same
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join('&')}`
}

const refusedIsp = (subCode: string, subMsg: string): TopError => ({
  code: 15,
  msg: 'Remote service error',
  subCode,
  subMsg,
})

/** Removes the rows from a list's answer, so that only the count or has_next remains. */
function withoutList(inner: string): string {
  return inner.replace(/,?"(trades|refunds|items|tid_list)":.*$/s, '')
}

/** Makes the gateway's own checks in TOP's order: required parameters, application, method, time, signature, session. */
function check(
  sandbox: Sandbox,
  verb: string,
  params: Params,
): { session: Session; method: Method } | TopError {
  if (verb !== 'POST' && verb !== 'GET') return { code: 9, msg: 'Http Action Not Allowed' }
  const absent = REQUIRED.find(([name]) => (params.get(name) ?? '') === '')
  if (absent !== undefined) return { code: absent[1], msg: absent[2] }
  const name = params.get('method') ?? ''
  const apps = sandbox.world.shops.filter(
    (shop) => shop.platform !== 'pinduoduo' && shop.options.appKey === params.get('app_key'),
  )
  const app = apps[0]
  if (app === undefined)
    return { code: 29, msg: 'Invalid app Key', subCode: 'isv.appkey-not-exists', subMsg: 'app_key不存在' }
  if (params.get('v') !== '2.0') return { code: 33, msg: 'Invalid Version' }
  const format = params.get('format') ?? 'xml'
  if (format !== 'json' && format !== 'xml') return { code: 23, msg: 'Invalid Format' }
  const method = METHODS[name]
  if (method === undefined)
    return {
      code: 22,
      msg: 'Invalid method',
      subCode: 'isv.invalid-method',
      subMsg: `不存在的方法名:${name}`,
    }
  const time = readPlatformTime(params.get('timestamp') ?? '')
  if (time === undefined || Math.abs(time * 1000 - sandbox.world.clock.now()) > 600_000) {
    return {
      code: 31,
      msg: 'Invalid Timestamp',
      subCode: 'isv.invalid-timestamp',
      subMsg: '时间戳与服务器时间相差不能超过10分钟',
    }
  }
  if (topSign(params, app.options.appSecret, params.get('sign_method') ?? 'md5') !== params.get('sign')) {
    return { code: 25, msg: 'Invalid signature', subCode: 'isv.invalid-signature', subMsg: '签名错误' }
  }
  const token = params.get('session') ?? ''
  if (OPEN_METHODS.has(name) && token === '') return { session: { shop: app, expires: 0 }, method }
  if (token === '')
    return { code: 26, msg: 'Missing session', subCode: 'isv.missing-session', subMsg: '缺少session参数' }
  const session = sandbox.world.sessions.get(token)
  const alive =
    session !== undefined && apps.includes(session.shop) && session.expires > nowSeconds(sandbox.world)
  return alive ? { session, method } : invalidSession()
}

function invalidSession(): TopError {
  return {
    code: 27,
    msg: 'Invalid session',
    subCode: 'sessionkey-not-generated-by-server',
    subMsg: 'session已过期或不存在，请重新授权',
  }
}

function limited(subCode: string, seconds: number): TopError {
  return {
    code: 7,
    msg: 'App Call Limited',
    subCode: `accesscontrol.limited-by-${subCode}`,
    subMsg: `This ban will last for ${seconds} more seconds`,
  }
}

function fail(sandbox: Sandbox, params: Params, shop: string, error: TopError): Outcome {
  count(
    sandbox.errors,
    `${shop} ${params.get('method') ?? '-'} ${error.code}${error.subCode === undefined ? '' : ` ${error.subCode}`}`,
  )
  const sub =
    error.subCode === undefined
      ? ''
      : `,"sub_code":${quote(error.subCode)}${error.subMsg === undefined ? '' : `,"sub_msg":${quote(error.subMsg)}`}`
  const body = `{"code":${error.code},"msg":${quote(error.msg)}${sub},"request_id":"${requestId()}"}`
  const json = params.get('format') === 'json'
  return answer(
    json ? `{"error_response":${body}}` : jsonToXml('error_response', body),
    json ? undefined : XML_TYPE,
  )
}

function write(params: Params, root: string, body: string): { body: string; type: string } {
  if (params.get('format') !== 'json') return { body: jsonToXml(root, body), type: XML_TYPE }
  return {
    body: params.get('simplify') === 'true' ? simplify(body) : `{"${root}":${body}}`,
    type: 'application/json;charset=UTF-8',
  }
}

const FORBIDDEN: TopError = {
  code: 11,
  msg: 'Insufficient isv permissions',
  subCode: 'isv.permission-api-package-limit',
  subMsg: '应用没有调用此API的权限',
}
const XML_TYPE = 'text/xml;charset=UTF-8'
const REQUIRED = [
  ['method', 21, 'Missing Method'],
  ['app_key', 28, 'Missing App Key'],
  ['sign', 24, 'Missing Signature'],
  ['timestamp', 30, 'Missing Timestamp'],
  ['v', 32, 'Missing Version'],
] as const
