import { type Json, textIn } from '../json-parts.ts'
import type { Sandbox } from '../state.ts'
import type { Shop, Trade } from '../world/model.ts'

export interface JdCall {
  sandbox: Sandbox
  shop: Shop
  /** The JSON of 360buy_param_json. */
  param: Json
  /** Epoch seconds. */
  now: number
}

/** An error of the gateway. */
export interface JdError {
  code: string
  zh: string
  en: string
}

/** The business object of an answer by its name, which differs from method to method. */
export type JdResult = { name: string; body: Json } | JdError
export type JdMethod = (call: JdCall) => JdResult

export const wrong = (code: string, zh: string, en: string): JdError => ({ code, zh, en })

let answers = 0
/** `success` is now a truth value and now a text, as on the platform. */
export function success(is: boolean): boolean | string {
  answers += 1
  return answers % 2 === 0 ? is : String(is)
}

/** The `apiResult` of an order, and what a writing call answers. */
export const fine = (): Json => ({
  success: success(true),
  chineseErrCode: '',
  englishErrCode: '',
  numberCode: 0,
})
export const refused = (zh: string, en = 'Business error', number = 10_100_001): Json => ({
  success: success(false),
  chineseErrCode: zh,
  englishErrCode: en,
  numberCode: number,
})

/** Numbers and texts come as texts; every other value counts as missing. */
export const given = (param: Json, name: string): string => textIn(param, name).trim()

/** Returns a whole number within bounds; undefined if it is missing, is no number or is outside of them. */
export function wholeIn(
  param: Json,
  name: string,
  [least, most]: readonly [number, number],
): number | undefined {
  const text = given(param, name)
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN
  return value >= least && value <= most ? value : undefined
}

/** The order of a number, paid or not; undefined: the shop has none. */
export const orderOf = ({ shop }: JdCall, id: string): Trade | undefined => shop.trades.get(id)
