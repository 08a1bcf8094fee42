import { type Json, readJson } from '../json-parts.ts'
import type { Sandbox } from '../state.ts'
import type { Shop, Trade } from '../world/model.ts'

export interface WooCall {
  sandbox: Sandbox
  shop: Shop
  /** The numbers in the path: the order, then what lies below it. */
  ids: readonly string[]
  params: ReadonlyMap<string, string>
  body: Json
  /** Epoch seconds. */
  now: number
}

export interface WooError {
  status: number
  code: string
  message: string
}

/** `rows`: a page of a list, of which the headers say how many there are in all. */
export type WooResult = { data: unknown } | { rows: readonly Json[]; total: number; size: number } | WooError
export type WooMethod = (call: WooCall) => WooResult

export const wrong = (status: number, code: string, message: string): WooError => ({ status, code, message })
export const badParam = (name: string): WooError =>
  wrong(400, 'rest_invalid_param', `Invalid parameter(s): ${name}`)
export const noOrder = wrong(404, 'woocommerce_rest_shop_order_invalid_id', 'Invalid ID.')

export const askedTrade = ({ shop, ids }: WooCall): Trade | WooError =>
  shop.trades.get(ids[0] ?? '') ?? noOrder

export const jsonOf = (bytes: Buffer): Json | undefined =>
  bytes.length === 0 ? {} : readJson(bytes.toString('utf8'))

/** JSON in which a bigint is a number with all its digits, as ids are. */
export const written = (data: unknown): string =>
  JSON.stringify(data, (_, value: unknown) => (typeof value === 'bigint' ? `\0${value}` : value)).replace(
    /"\\u0000(\d+)"/g,
    '$1',
  )

/** Times are UTC without a letter for it. */
export const gmt = (seconds: number): string | null =>
  seconds === 0 ? null : new Date(seconds * 1000).toISOString().slice(0, 19)
/** The site is at +08:00. */
export const local = (seconds: number): string | null => gmt(seconds === 0 ? 0 : seconds + 8 * 3600)

/** Reads page and per_page: a hundred rows at most, ten if nothing is said. */
export function pageIn(params: ReadonlyMap<string, string>): { page: number; size: number } | WooError {
  const [page, size] = [wholeIn(params, 'page', 1), wholeIn(params, 'per_page', 10)]
  if (page === undefined || page < 1) return badParam('page')
  if (size === undefined || size < 1 || size > 100) return badParam('per_page')
  return { page, size }
}

function wholeIn(params: ReadonlyMap<string, string>, name: string, instead: number): number | undefined {
  const text = params.get(name)
  if (text === undefined) return instead
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined
}

/** Reads an amount's places: `dp`, or those of the shop. */
export const placesIn = (params: ReadonlyMap<string, string>): number => wholeIn(params, 'dp', 2) ?? 2

/** Reads an end of a window, which lies outside it. A time without `dates_are_gmt` is the site's own. */
export function momentIn(
  params: ReadonlyMap<string, string>,
  name: string,
  missing: number,
): number | undefined {
  const text = params.get(name)
  if (text === undefined) return missing
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(text)) return undefined
  const seconds = Date.parse(`${text}Z`) / 1000
  return ['true', '1'].includes(params.get('dates_are_gmt') ?? '') ? seconds : seconds - 8 * 3600
}

/** Leaves out the fields that were not asked for. */
export function fieldsOf(params: ReadonlyMap<string, string>, row: Json): Json {
  const asked = params.get('_fields')
  if (asked === undefined || asked === '') return row
  const names = new Set(asked.split(',').map((name) => name.trim().split('.')[0] ?? ''))
  return Object.fromEntries(Object.entries(row).filter(([name]) => names.has(name)))
}
