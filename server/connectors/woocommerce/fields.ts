import { yuanFromFen } from '../../lib/money.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { type Doubted, type Fields, isMissing, note } from '../fields.ts'
import { invalidOrder } from './errors.ts'

/** The path of an order. @throws {PlatformError} for one that no order has. */
export function pathOf(tid: string): string {
  if (/^\d{1,19}$/.test(tid)) return `orders/${tid}`
  throw new PlatformError('rejected', invalidOrder, 'An order has a number here.')
}

/** Reads "2026-11-24T06:32:07", which is UTC; null if it is missing or impossible. */
export function utcAt(of: Fields, key: string, doubted?: Doubted): Date | null {
  const value = of[key]
  const isTime = typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(value)
  const time = isTime ? new Date(`${value}Z`) : new Date(Number.NaN)
  if (time.getTime() > 0) return time
  if (!isMissing(value) && doubted) note(doubted.doubts, doubted.as, value)
  return null
}

/** The time of a window's end as a parameter. */
export const utcOf = (time: number): string => new Date(time).toISOString().slice(0, 19)

/** Amounts are asked for with four places, because net and tax are rounded each by itself. */
export const exact = { dp: '4' } as const
const unitsOfFen = 100

/** Reads an amount in hundredths of a 分; null: missing, or none up to ten billion yuan. */
function unitsAt(of: Fields, key: string): number | null {
  const value = of[key]
  const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : ''
  const match = /^(-?)(\d{1,10})(?:\.(\d{0,20}))?$/.exec(text)
  if (!match) return null
  const units = Number(match[2]) * 10_000 + Number((match[3] ?? '').slice(0, 4).padEnd(4, '0'))
  return match[1] && units !== 0 ? -units : units
}

/** Reads the sum of a net amount and its tax in 分; null: the net amount is missing or is none. */
export function signedFenAt(of: Fields, net: string, tax: string): number | null {
  const units = unitsAt(of, net)
  return units === null ? null : Math.round((units + (unitsAt(of, tax) ?? 0)) / unitsOfFen)
}

/** The same, never negative. A value that cannot be read is a doubt and counts as nothing. */
export function grossAt(of: Fields, [net, tax]: readonly [string, string], doubted?: Doubted): number | null {
  const fen = signedFenAt(of, net, tax)
  if (fen !== null && fen >= 0) return fen
  if (isMissing(of[net])) return null
  if (doubted) note(doubted.doubts, doubted.as, of[net], { guess: yuanFromFen(0), line: doubted.line ?? '' })
  return doubted ? 0 : null
}
