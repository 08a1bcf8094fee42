import type { Params } from '../http.ts'
import type { Sandbox } from '../state.ts'
import type { Shop } from '../world/model.ts'
import { hash32 } from '../world/random.ts'

export interface PopCall {
  sandbox: Sandbox
  shop: Shop
  params: Params
  now: number
}

export interface PopError {
  code: number
  msg: string
  subCode?: string
  subMsg?: string
}

/** The name of the root and the content of its object; the root '' means an object without a root. */
export type PopResult = { root: string; inner: string } | PopError
export type PopMethod = (call: PopCall) => PopResult

export const mallId = ({ key }: Shop) => 100_000_000 + (hash32(key) % 800_000_000)

/** Returns error 50001 业务服务错误 with the given cause. */
export function business(subCode: string, subMsg: string): PopError {
  return { code: 50001, msg: '业务服务错误', subCode, subMsg }
}

export function missing(name: string): PopError {
  return { code: 10000, msg: `参数错误:${name}`, subCode: '10000', subMsg: `${name}不能为空` }
}

/** Reads a whole number parameter; an error if it is missing without a default, or is no number. */
export function readNumber(params: Params, name: string, fallback?: number): number | PopError {
  const text = params.get(name) ?? ''
  if (text === '') return fallback ?? missing(name)
  return /^-?\d{1,15}$/.test(text) ? Number(text) : { code: 10000, msg: `参数错误:${name}` }
}

export interface PopWindow {
  from: number
  to: number
  page: number
  size: number
  useHasNext: boolean
}

/**
 * Reads start, end and page of a list by this time. `longest`: the most seconds of the window; `lag`: the window must end that many
 * seconds before the platform's present time.
 */
export function readWindow(
  call: PopCall,
  time: 'updated_at' | 'confirm_at',
  { longest, lag = 0 }: { longest: number; lag?: number },
): PopWindow | PopError {
  const from = readNumber(call.params, `start_${time}`)
  if (typeof from !== 'number') return from
  const to = readNumber(call.params, `end_${time}`)
  if (typeof to !== 'number') return to
  const page = readNumber(call.params, 'page', 1)
  if (typeof page !== 'number') return page
  const size = readNumber(call.params, 'page_size', 100)
  if (typeof size !== 'number') return size
  if (to < from) return business('50001', '结束时间不能小于开始时间')
  if (to - from > longest) return business('50001', `开始时间结束时间间距不能超过${longest / 60}分钟`)
  if (to > call.now - lag) return business('50001', '结束时间必须早于系统时间3分钟')
  if (page < 1) return business('50001', '页码从1开始')
  if (size < 1 || size > 100) return business('50001', 'page_size最大100')
  return { from, to, page, size, useHasNext: call.params.get('use_has_next') === 'true' }
}
