import { yuanFromFen } from '../../lib/money.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { type Doubted, type Fields, fenAt, fieldsAt, idAt, isFields, isMissing, note } from '../fields.ts'
import { noOrder } from './errors.ts'

/** The number in a global id: gid://shopify/Order/5000000000001 → 5000000000001; '' for anything else. */
export function numberAt(of: Fields, key: string): string {
  const value = of[key]
  const number = typeof value === 'string' ? /^gid:\/\/shopify\/\w+\/(\d{1,19})$/.exec(value)?.[1] : undefined
  return idAt({ number }, 'number')
}

export const gid = (type: string, number: string): string => `gid://shopify/${type}/${number}`

/** The global id of an order. @throws {PlatformError} for a number that no order has. */
export function orderGid(tid: string): string {
  if (/^\d{1,19}$/.test(tid)) return gid('Order', tid)
  throw new PlatformError('rejected', noOrder, 'An order has a number here.')
}

/** Reads "2026-11-24T06:32:07Z"; null if it is missing or impossible. */
export function utcAt(of: Fields, key: string, doubted?: Doubted): Date | null {
  const value = of[key]
  const isTime = typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/.test(value)
  const time = isTime ? new Date(value) : new Date(Number.NaN)
  if (time.getTime() > 0) return time
  if (!isMissing(value) && doubted) note(doubted.doubts, doubted.as, value)
  return null
}

/** The time of a window's end in a search. */
export const utcOf = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`

/** Reads the amount in the shop's currency of a MoneyBag, also below nothing; null: missing, or no amount. */
export const bagAt = (of: Fields, key: string): number | null =>
  fenAt(fieldsAt(fieldsAt(of, key), 'shopMoney'), 'amount')

/** The same, never negative. A value that cannot be read is a doubt and counts as nothing. */
export function amountAt(of: Fields, key: string, doubted?: Doubted): number | null {
  const fen = bagAt(of, key)
  if (fen !== null && fen >= 0) return fen
  const value = of[key]
  if (isMissing(value)) return null
  const raw = isFields(value) ? fieldsAt(value, 'shopMoney').amount : value
  if (doubted) note(doubted.doubts, doubted.as, raw, { guess: yuanFromFen(0), line: doubted.line ?? '' })
  return doubted ? 0 : null
}
