import { type Json, textIn } from '../json-parts.ts'
import type { Sandbox } from '../state.ts'
import type { Shop } from '../world/model.ts'

export interface DoudianCall {
  sandbox: Sandbox
  shop: Shop
  body: Json
  now: number
}

export interface DoudianError {
  code: number
  subCode: string
  subMsg: string
}

/** `data` is JSON text, so that numbers keep their digits. */
export type DoudianResult = { data: string } | DoudianError
export type DoudianMethod = (call: DoudianCall) => DoudianResult

export const done: DoudianResult = { data: '{}' }

/** Returns a business error, 50002 with its number. The numbers are those of each method's documents. */
export const business = (number: number, subMsg: string): DoudianError => ({
  code: 50002,
  subCode: `isv.business-failed:${number}`,
  subMsg,
})

/** Returns a parameter error; without a number it is one that the documents do not list. */
export const invalid = (subMsg: string, number = 4006): DoudianError => ({
  code: 40004,
  subCode: `isv.parameter-invalid:${number}`,
  subMsg,
})

export const missing = (name: string): DoudianError => ({
  code: 40002,
  subCode: 'isv.missing-parameter:20000',
  subMsg: `必填参数${name}缺失`,
})

/** Returns a whole number; an error if it is missing without a fallback, is no number, or is given as text. */
export function readNumber(body: Json, name: string, fallback?: number): number | DoudianError {
  const value = body[name]
  if (value === undefined || value === null) return fallback ?? missing(name)
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : invalid(`参数${name}不是整数`)
}

/** Returns a text; an error if it is missing, or given as a number. */
export function readText(body: Json, name: string): string | DoudianError {
  const value = body[name]
  if (value === undefined || value === null || value === '') return missing(name)
  return typeof value === 'string' ? value : invalid(`参数${name}应为字符串`)
}

/** Returns the digits of a 64-bit number, which `readCanonical` keeps as text if it is long; an error if it is missing or no number. */
export function readLong(body: Json, name: string): string | DoudianError {
  const text = textIn(body, name)
  if (text === '') return missing(name)
  return /^\d{1,19}$/.test(text) ? text : invalid(`参数${name}不是整数`)
}

export interface PageAsked {
  page: number
  size: number
}

/** Reads a page counted from 0 and its size up to 100; both are required, and only the first `most` rows can be reached. */
export function readPage(body: Json, most: number): PageAsked | DoudianError {
  const page = readNumber(body, 'page')
  if (typeof page !== 'number') return page
  const size = readNumber(body, 'size')
  if (typeof size !== 'number') return size
  if (page < 0) return invalid('page从0开始')
  if (size < 1 || size > 100) return invalid('size取值范围1~100')
  return page * size > most ? invalid(`page*size不能超过${most}`) : { page, size }
}

/** Seconds, both included; undefined: the window was not asked for. */
export function readSpan(
  body: Json,
  [first, last]: readonly [string, string],
): { from: number; to: number } | undefined | DoudianError {
  if (body[first] === undefined && body[last] === undefined) return undefined
  const from = readNumber(body, first)
  if (typeof from !== 'number') return from
  const to = readNumber(body, last)
  if (typeof to !== 'number') return to
  return to > from ? { from, to } : invalid(`${last}必须大于${first}`)
}
