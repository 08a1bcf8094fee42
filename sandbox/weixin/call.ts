import type { Json } from '../json-parts.ts'
import type { Sandbox } from '../state.ts'
import type { Refund, Shop, Trade } from '../world/model.ts'
import { hash32 } from '../world/random.ts'

export interface WxCall {
  sandbox: Sandbox
  shop: Shop
  body: Json
  now: number
}

export interface WxError {
  errcode: number
  errmsg: string
  /** Fields beside them. */
  more?: Json
}

/** The fields beside `errcode` and `errmsg`. */
export type WxResult = Json | WxError
export type WxMethod = (call: WxCall) => WxResult

export const isError = (result: object): result is WxError => 'errcode' in result

export const wrong = (errcode: number, errmsg: string): WxError => ({ errcode, errmsg })

/** 40097: a field of the body is missing, or is not what the documents say. */
export const badBody = (field: string): WxError => wrong(40097, `invalid request body: ${field}`)

/** Ids are texts in requests; a number is refused. */
export const idIn = (body: Json, name: string): string => {
  const value = body[name]
  return typeof value === 'string' ? value : ''
}

/** Marks a whole number of 16 digits and more, which a JavaScript number could not hold. */
export const LONG_MARK = '\u0001'

/** The digits of an id that a request writes as a number; a text is refused. */
export function longIn(body: Json, name: string): string {
  const value = body[name]
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value.startsWith(LONG_MARK) ? value.slice(1) : ''
}

export const wholeIn = (body: Json, name: string): number | undefined => {
  const value = body[name]
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined
}

export function askedTrade({ shop, body }: WxCall): Trade | WxError {
  const id = idIn(body, 'order_id')
  if (id === '') return badBody('order_id')
  return shop.trades.get(id) ?? wrong(100002, 'order not found')
}

export function askedRefund({ shop, body }: WxCall): Refund | WxError {
  const id = idIn(body, 'after_sale_order_id')
  if (id === '') return badBody('after_sale_order_id')
  return shop.refunds.get(id) ?? wrong(10021050, '售后单不存在')
}

/**
 * Reads how many rows the page's key skips. A key names its query, the place in it and the page size, and does not open another query (606006).
 */
export function readPage(
  { body }: WxCall,
  query: string,
  size: number,
): { skip: number; keyAfter: (skip: number) => string } | WxError {
  const keyAfter = (skip: number) => `${hash32(query).toString(36)}.${skip}.${size}`
  const key = body['next_key']
  if (key === undefined || key === '') return { skip: 0, keyAfter }
  const skip = Number(String(key).split('.')[1])
  if (key !== keyAfter(skip)) return wrong(606006, 'next_key与请求参数不匹配')
  return { skip, keyAfter }
}
