import type { Params } from '../http.ts'
import type { Json } from '../json-parts.ts'
import type { Sandbox } from '../state.ts'
import { platformTime, readPlatformTime } from '../wire.ts'
import type { Shop, Trade } from '../world/model.ts'

export interface PaipaiCall {
  sandbox: Sandbox
  shop: Shop
  params: Params
  now: number
}

export interface PaipaiError {
  errorCode: number
  errorMessage: string
}

/** The fields beside errorCode and errorMessage. */
export type PaipaiResult = Json | PaipaiError
export type PaipaiMethod = (call: PaipaiCall) => PaipaiResult

export const isError = (result: object): result is PaipaiError => 'errorCode' in result

/** 8193: a parameter is missing or wrong. */
export const badParameter = (name: string, why = '不合法'): PaipaiError => ({
  errorCode: 8193,
  errorMessage: `参数错误:${name}${why}`,
})

/** The documents show no code of a refusal of the business itself; this one is a rule of the simulator. */
export const refused = (errorMessage: string): PaipaiError => ({ errorCode: 20_001, errorMessage })

export const textOf = ({ params }: PaipaiCall, name: string): string => params.get(name) ?? ''

/** A whole number within [least, most]; an error if it is missing without a fallback. */
export function wholeOf(
  call: PaipaiCall,
  name: string,
  { least, most, fallback }: { least: number; most: number; fallback?: number },
): number | PaipaiError {
  const text = textOf(call, name)
  if (text === '') return fallback ?? badParameter(name, '不能为空')
  const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  return number >= least && number <= most ? number : badParameter(name)
}

export interface Paged {
  skip: number
  size: number
  index: number
}

/** Pages are counted from 1; without a size they have ten rows. */
export function pageOf(call: PaipaiCall, most: number): Paged | PaipaiError {
  const index = wholeOf(call, 'pageIndex', { least: 1, most: 1_000_000, fallback: 1 })
  if (typeof index !== 'number') return index
  const size = wholeOf(call, 'pageSize', { least: 1, most, fallback: 10 })
  return typeof size === 'number' ? { skip: (index - 1) * size, size, index } : size
}

/** Seconds of timeBegin and timeEnd, both included. */
export function spanOf(call: PaipaiCall): { from: number; to: number } | PaipaiError {
  const [from, to] = ['timeBegin', 'timeEnd'].map((name) => readPlatformTime(textOf(call, name)))
  if (from === undefined) return badParameter('timeBegin')
  return to === undefined || to < from ? badParameter('timeEnd') : { from, to }
}

export function askedDeal(call: PaipaiCall): Trade | PaipaiError {
  const code = textOf(call, 'dealCode')
  if (code === '') return badParameter('dealCode', '不能为空')
  return call.shop.trades.get(code) ?? refused('订单不存在')
}

/** The number of the seller is that of the application, too. */
export const uinOf = (shop: Shop): string => shop.options.appKey

/** A time that has not come is all zeros. */
export const timeOf = (seconds: number): string =>
  seconds === 0 ? '0000-00-00 00:00:00' : platformTime(seconds)
