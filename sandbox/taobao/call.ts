import type { Params } from '../http.ts'
import type { Sandbox } from '../state.ts'
import { readPlatformTime } from '../wire.ts'
import type { Shop } from '../world/model.ts'

export interface Call {
  sandbox: Sandbox
  shop: Shop
  params: Params
  files: Map<string, Buffer>
  /** The platform's present time in epoch seconds. */
  now: number
}

export interface TopError {
  code: number
  msg: string
  subCode?: string
  subMsg?: string
}

/** The content of the answer without braces and request id, or an error. */
export type Result = string | TopError
export type Method = (call: Call) => Result

export function missing(name: string): TopError {
  return {
    code: 40,
    msg: `Missing required arguments:${name}`,
    subCode: `isv.missing-parameter:${name}`,
    subMsg: `缺少必要参数:${name}`,
  }
}

export function invalid(name: string, why: string): TopError {
  return { code: 41, msg: `Invalid arguments:${name}`, subCode: `isv.invalid-parameter:${name}`, subMsg: why }
}

export function refused(subCode: string, subMsg: string): TopError {
  return { code: 15, msg: 'Remote service error', subCode, subMsg }
}

export interface Page {
  no: number
  size: number
  useHasNext: boolean
}

/** Reads page_no, page_size (≤ 100) and use_has_next. */
export function readPage(params: Params): Page | TopError {
  const no = readCount(params.get('page_no') ?? '1')
  const size = readCount(params.get('page_size') ?? '40')
  if (no === undefined || no < 1) return invalid('page_no', 'page_no必须是大于零的整数')
  if (size === undefined || size < 1 || size > 100) return invalid('page_size', 'page_size取值范围为1~100')
  return { no, size, useHasNext: params.get('use_has_next') === 'true' }
}

/** Reads a time parameter; undefined if it is missing and not required. */
export function readTime(params: Params, name: string, required: boolean): number | undefined | TopError {
  const text = params.get(name) ?? ''
  if (text === '') return required ? missing(name) : undefined
  return readPlatformTime(text) ?? invalid(name, `${name}格式应为yyyy-MM-dd HH:mm:ss`)
}

function readCount(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined
}
