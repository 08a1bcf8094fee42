import { type Json, textIn } from '../json-parts.ts'
import type { Sandbox } from '../state.ts'
import type { Refund, Shop, Trade } from '../world/model.ts'

export interface XhsCall {
  sandbox: Sandbox
  shop: Shop
  /** The flat body: the parameters of the system and of the method beside each other. */
  body: Json
  /** Epoch seconds. */
  now: number
}

export interface XhsError {
  code: number
  error: string
}

export type XhsResult = { data: unknown } | XhsError
export type XhsMethod = (call: XhsCall) => XhsResult

export const wrong = (code: number, error: string): XhsError => ({ code, error })
/** No list of the numbers of errors is public. */
export const badParam = (error: string): XhsError => wrong(-2_000_400, error)
export const done: XhsResult = { data: 'success' }

/** Ids are texts; a number counts as missing. */
export const wordIn = (of: Json, name: string): string =>
  typeof of[name] === 'string' ? textIn(of, name) : ''

/** Numbers are numbers; a text counts as missing. */
export const wholeIn = (of: Json, name: string): number | undefined => {
  const value = of[name]
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined
}

export const askedTrade = ({ shop, body }: XhsCall): Trade | XhsError => {
  const id = wordIn(body, 'orderId')
  if (id === '') return badParam('orderId不能为空')
  return shop.trades.get(id) ?? wrong(-2_000_101, '订单不存在')
}

export const askedRefund = ({ shop, body }: XhsCall): Refund | XhsError => {
  const id = wordIn(body, 'returnsId')
  if (id === '') return badParam('returnsId不能为空')
  return shop.refunds.get(id) ?? wrong(-2_000_102, '售后单不存在')
}

const DAY = 86_400
const HALF_HOUR = 1800

/** A window by creation (`timeType` 1) has a day at most, one by change (2) half an hour; both ends are inside. `unit`: the units of a second. */
export function readSpan(
  body: Json,
  unit: number,
): { byCreation: boolean; from: number; to: number } | XhsError {
  const [begin, end, type] = [wholeIn(body, 'startTime'), wholeIn(body, 'endTime'), wholeIn(body, 'timeType')]
  if (begin === undefined || end === undefined || (type !== 1 && type !== 2))
    return badParam('startTime、endTime、timeType不能为空')
  if (end < begin) return badParam('endTime不能早于startTime')
  if (end - begin > (type === 1 ? DAY : HALF_HOUR) * unit)
    return badParam(type === 1 ? '创建时间范围不能超过24小时' : '更新时间范围不能超过30分钟')
  return { byCreation: type === 1, from: Math.ceil(begin / unit), to: Math.floor(end / unit) }
}

/** 24 hexadecimal digits. */
export const sellerId = (digits: number): string => `5f3a61d2${digits.toString(16).padStart(16, '0')}`
