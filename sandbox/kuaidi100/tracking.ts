import { createHash } from 'node:crypto'
import { lineFault, spoil, strike } from '../faults.ts'
import { decodeForm, type Outcome, type Params, type Received } from '../http.ts'
import { part, readJson, textIn } from '../json-parts.ts'
import { countCall, type Sandbox } from '../state.ts'
import { platformTime, quote } from '../wire.ts'
import { type ParcelStep, stepsOf } from '../world/parcels.ts'
import { nowSeconds } from '../world/world.ts'

// 快递100: 实时查询 and 订阅推送, with the codes of its documents.

interface Subscription {
  company: string
  number: string
  callbackUrl: string
  salt: string
  /** Scans that were pushed; -1: nothing was. */
  pushed: number
  status: 'polling' | 'shutdown' | 'abort'
  /** When it began, or was given up. */
  at: number
}

/** What 快递100 knows. A parcel that no shop of the world shipped lives from the moment it is first asked for. */
export interface TrackingBooks {
  left: Map<string, number>
  subscriptions: Map<string, Subscription>
  /** Times of subscribing by number, in epoch seconds. */
  asked: Map<string, number[]>
  /** Times of asking by number, in epoch seconds. */
  queried: Map<string, number[]>
  pushes: { number: string; status: number; body: string }[]
}

export const createTracking = (): TrackingBooks => ({
  left: new Map(),
  subscriptions: new Map(),
  asked: new Map(),
  queried: new Map(),
  pushes: [],
})

const DAY = 86_400
const COMPANIES = new Set(
  'shunfeng yuantong zhongtong shentong yunda jtexpress jd ems youzhengguonei debangkuaidi huitongkuaidi tiantian youshuwuliu zhaijisong danniao zhongyouex kuayue zhongtongkuaiyun yundakuaiyun shunfengkuaiyun annengwuliu debangwuliu sxjdfreight'.split(
    ' ',
  ),
)
const WANTS_PHONE = new Set(['shunfeng', 'shunfengkuaiyun', 'zhongtong'])
const isPhone = (text: string) => /^(\d{4}|\d{7,12})$/.test(text)

const TYPE = 'application/json;charset=UTF-8'
const says = (result: boolean, returnCode: string, message: string): string =>
  JSON.stringify({ result, returnCode, message })
const md5 = (text: string) => createHash('md5').update(text, 'utf8').digest('hex')

/** Answers poll and poll/query.do: forms. The enterprise counts as a shop for faults and counters. */
export function trackingGateway(sandbox: Sandbox, { path, params, body }: Received): Outcome {
  decodeForm(body.toString('utf8'), params)
  const name = path === '/poll' ? 'poll.subscribe' : 'poll.query'
  countCall(sandbox, 'kuaidi100', name, sandbox.world.clock.now())
  const fault = strike(sandbox.board, 'kuaidi100', name)
  const line = fault && lineFault(fault)
  if (line !== undefined) return line
  const answered = path === '/poll' ? subscribe(sandbox, params) : query(sandbox, params)
  return spoil(fault, answered, TYPE)
}

/** poll/query.do. */
function query(sandbox: Sandbox, params: Params): string {
  const { tracking } = sandbox
  const param = params.get('param') ?? ''
  const account = [...sandbox.kuaidi100.enterprises.values()].find(
    ({ customer }) => customer === params.get('customer'),
  )
  if (!account) return says(false, '400', 'customer不存在')
  if (params.get('sign') !== md5(`${param}${account.key}${account.customer}`).toUpperCase())
    return says(false, '503', '验证签名失败')
  if (account.ended) return says(false, '601', 'KEY已过期')
  const asked = readJson(param) ?? {}
  const number = textIn(asked, 'num')
  const company = textIn(asked, 'com')
  const wrong = whyNot(company, number, textIn(asked, 'phone'))
  if (wrong) return says(false, wrong === 'phone' ? '408' : '400', '提交的数据不完整，或者贵公司没授权')
  const now = nowSeconds(sandbox.world)
  const recent = (tracking.queried.get(number) ?? []).filter((at) => at > now - DAY)
  const last = recent.at(-1)
  if (recent.length >= 48 || (last !== undefined && last > now - 1800))
    return says(false, '502', '查询过于频繁，单号已锁定')
  tracking.queried.set(number, [...recent, now])
  const steps = scansOf(sandbox, number, now)
  if (steps.length === 0) return says(false, '500', '查询无结果，请隔段时间再查')
  return `{"message":"ok",${resultJson(company, number, steps)}}`
}

/** poll. */
function subscribe(sandbox: Sandbox, params: Params): string {
  if (params.get('schema') !== 'json') return says(false, '700', 'schema应为json')
  const asked = readJson(params.get('param') ?? '') ?? {}
  const account = sandbox.kuaidi100.enterprises.get(textIn(asked, 'key'))
  if (account === undefined) return says(false, '600', '您不是合法的订阅者（即授权Key出错）')
  if (account.ended) return says(false, '601', 'KEY已过期')
  const more = part(asked, 'parameters')
  const [company, number] = [textIn(asked, 'company'), textIn(asked, 'number')]
  const callbackUrl = textIn(more, 'callbackurl')
  if (!URL.canParse(callbackUrl)) return says(false, '700', '错误的回调地址')
  if (whyNot(company, number, textIn(more, 'phone')))
    return says(false, '700', '订阅方的订阅数据存在错误（如不支持的快递公司、单号为空、单号超长等）')
  const { subscriptions, asked: all } = sandbox.tracking
  const key = `${company} ${number}`
  const now = nowSeconds(sandbox.world)
  const known = subscriptions.get(key)
  const isTooSoon = known?.status === 'abort' && now - known.at < 1800
  if (known?.status === 'polling' || isTooSoon) return says(false, '501', '重复订阅')
  const month = (all.get(number) ?? []).filter((at) => at > now - 30 * DAY)
  if (month.length >= 4) return says(false, '700', '同一单号一个月内最多订阅4次')
  all.set(number, [...month, now])
  const salt = textIn(more, 'salt')
  subscriptions.set(key, { company, number, callbackUrl, salt, pushed: -1, status: 'polling', at: now })
  scansOf(sandbox, number, now)
  return says(true, '200', '提交成功')
}

function whyNot(company: string, number: string, phone: string): 'phone' | 'number' | undefined {
  if (!COMPANIES.has(company) || !/^[\w-]{6,32}$/.test(number)) return 'number'
  return WANTS_PHONE.has(company) && !isPhone(phone) ? 'phone' : undefined
}

export function scansOf({ world, tracking }: Sandbox, number: string, now: number): ParcelStep[] {
  const shipped = world.waybills.get(number)?.consigned
  const left = shipped || (tracking.left.get(number) ?? now)
  if (!shipped) tracking.left.set(number, left)
  return stepsOf(left, world.fates.get(number) ?? 'arrives', now)
}

/** state and statusCode of the world's scans. A way back is state 6, until its 退签 (4). */
const CODES: Readonly<Record<string, readonly [state: string, code: string, word: string]>> = {
  GOT: ['1', '103', '揽收'],
  DEPARTURE: ['0', '1002', '干线'],
  ARRIVAL: ['0', '1001', '到达派件城市'],
  SEND: ['5', '5', '派件'],
  SIGN: ['3', '301', '本人签收'],
  FAIL: ['2', '206', '无法联系'],
  RETURN: ['6', '6', '退回'],
}

function resultJson(company: string, number: string, steps: readonly ParcelStep[]): string {
  const isBack = steps.some(({ action }) => action === 'RETURN')
  const codeOf = ({ action }: ParcelStep) => {
    if (isBack && action === 'SIGN') return ['4', '4', '退签'] as const
    return CODES[action] ?? (['0', '0', '在途'] as const)
  }
  const rows = steps.toReversed().map((step) => {
    const [, code, word] = codeOf(step)
    const time = platformTime(step.at)
    return `{"time":"${time}","ftime":"${time}","context":${quote(step.text)},"status":"${word}","statusCode":"${code}","areaCode":"","areaName":"","location":""}`
  })
  const last = steps.at(-1)
  const state = last === undefined ? '0' : codeOf(last)[0]
  return `"state":"${state}","status":"200","condition":"F00","ischeck":"${state === '3' ? 1 : 0}","com":"${company}","nu":"${number}","data":[${rows.join(',')}]`
}

/**
 * Pushes new scans to every subscriber: the whole list after a scan, `shutdown` once it is signed for, `abort` after three days without a
 * scan. Returns the number of pushes. A push that is not answered with success is tried again with the next call.
 */
export async function pushTracking(sandbox: Sandbox, post = postCallback): Promise<number> {
  const now = nowSeconds(sandbox.world)
  let pushes = 0
  for (const one of sandbox.tracking.subscriptions.values()) {
    if (one.status !== 'polling') continue
    const steps = scansOf(sandbox, one.number, now)
    const isOver = steps.at(-1)?.action === 'SIGN'
    const isEmpty = steps.length === 0 && now - one.at > 3 * DAY
    if (!isEmpty && (steps.length === 0 || steps.length === one.pushed)) continue
    const status = isEmpty ? 'abort' : isOver ? 'shutdown' : 'polling'
    const message = isEmpty ? '3天查询无记录' : ''
    const param = pushParam(one.company, one.number, { status, message, steps })
    pushes += 1
    const said = await post(one.callbackUrl, new URLSearchParams({ sign: md5(`${param}${one.salt}`), param }))
    sandbox.tracking.pushes.push({ number: one.number, ...said })
    const taken = readJson(said.body) ?? {}
    if (said.status !== 200 || textIn(taken, 'returnCode') !== '200') continue
    one.pushed = steps.length
    one.status = status
    if (isEmpty) one.at = now
  }
  return pushes
}

export function pushParam(
  company: string,
  number: string,
  { status, message = '', steps }: { status: string; message?: string; steps: readonly ParcelStep[] },
): string {
  return `{"status":"${status}","billstatus":"","message":"${message}","autoCheck":"0","comOld":"","comNew":"","lastResult":{"message":"ok",${resultJson(company, number, steps)}}}`
}

async function postCallback(url: string, body: URLSearchParams): Promise<{ status: number; body: string }> {
  try {
    const response = await fetch(url, { method: 'POST', body, signal: AbortSignal.timeout(20_000) })
    return { status: response.status, body: await response.text() }
  } catch (error) {
    return { status: 0, body: String(error) }
  }
}
