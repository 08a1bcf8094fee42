import { type Json, textIn } from '../json-parts.ts'
import type { Sandbox } from '../state.ts'
import type { Refund, Shop, Trade } from '../world/model.ts'

export interface KsCall {
  sandbox: Sandbox
  shop: Shop
  /** The JSON of `param`, in which 64-bit numbers are texts behind a mark. */
  param: Json
  /** Epoch seconds. */
  now: number
}

export interface KsError {
  result: number
  error: string
}

/** `data` of the answer; undefined: the answer has none. */
export type KsResult = { data: unknown } | KsError
export type KsMethod = (call: KsCall) => KsResult

export const done: KsResult = { data: undefined }
export const wrong = (result: number, error: string): KsError => ({ result, error })

/** The documents show no number for a parameter that is missing or out of its range. */
export const badParam = (name: string, why = '不合法'): KsError => wrong(10, `参数${name}${why}`)
/** K1006: an order that the shop does not have. */
export const noOrder = wrong(21, 'order operation reject')

const LONG = '@@'

/**
 * Reads `param`; undefined if it is no JSON object. Numbers that no JavaScript number holds are kept as their digits behind a mark; a text of
 * digits stays a text.
 */
export function readParam(text: string): Json | undefined {
  try {
    const marked = text.replace(/([:[,]\s*)(-?\d{16,20})(?=\s*[,}\]])/g, `$1"${LONG}$2"`)
    const value: unknown = JSON.parse(marked)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

/** A 64-bit number for an answer; `writeJson` writes its digits. */
export const long = (digits: string): string => `${LONG}${digits}`
export const writeJson = (value: unknown): string =>
  JSON.stringify(value).replace(/"@@(\d{1,20})"/g, (_all, digits: string) => digits)

/** Returns the digits of a 64-bit number; '' if it is missing, or given as a text. */
export function longIn(of: Json, name: string): string {
  const value = of[name]
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return String(value)
  return typeof value === 'string' && value.startsWith(LONG) ? value.slice(LONG.length) : ''
}

export const wholeIn = (of: Json, name: string): number | undefined => {
  const value = of[name]
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined
}

export const wordIn = (of: Json, name: string): string =>
  typeof of[name] === 'string' ? textIn(of, name) : ''

export const askedTrade = ({ shop, param }: KsCall, name: string): Trade | KsError => {
  const id = longIn(param, name)
  if (id === '') return badParam(name)
  return shop.trades.get(id) ?? noOrder
}

export const askedRefund = ({ shop, param }: KsCall): Refund | KsError => {
  const id = longIn(param, 'refundId')
  if (id === '') return wrong(300006, 'REFUND ID IS BLANK')
  return shop.refunds.get(id) ?? wrong(300011, 'REFUND ORDER NOT FOUND')
}

const DAY = 86_400

/** Reads a window of milliseconds as whole seconds, both ends inside. `days`: its longest span. */
export function readSpan(
  { param, now }: KsCall,
  days: number,
  tooWide: KsError,
): { from: number; to: number } | KsError {
  const [begin, end] = [wholeIn(param, 'beginTime'), wholeIn(param, 'endTime')]
  if (begin === undefined || end === undefined) return badParam('beginTime, endTime')
  if (end <= begin) return wrong(300003, 'ENDTIME MUST AFTER BEGINTIME')
  if (end - begin > days * DAY * 1000) return tooWide
  if (begin < (now - 90 * DAY) * 1000) return wrong(300005, 'CAN NOT SEARCH BEFORE 90 DAYS')
  return { from: Math.ceil(begin / 1000), to: Math.floor(end / 1000) }
}

/** A cursor names its query and the place in it; a foreign one is refused. */
export function readCursor(
  given: string,
  query: string,
): { skip: number; after: (skip: number) => string } | KsError {
  const after = (skip: number) => `${digest(query)}.${skip}`
  if (given === '') return { skip: 0, after }
  const skip = Number(given.split('.')[1])
  return given === after(skip) ? { skip, after } : badParam('cursor')
}

/** Thirty-two bits over the text. */
function digest(text: string): string {
  let sum = 5381
  for (let at = 0; at < text.length; at += 1) sum = ((sum * 33) ^ text.charCodeAt(at)) >>> 0
  return sum.toString(36)
}
