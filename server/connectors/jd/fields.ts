import { type Doubted, type Fields, instantMsAt, isMissing, note, timeAt } from '../fields.ts'

/** Reads "2026-11-24 14:32:07" at +08:00. An empty time may be one of the year 1. */
export function momentAt(of: Fields, key: string, doubted?: Doubted): Date | null {
  const value = of[key]
  const time = timeAt(of, key)
  const isEmpty = isMissing(value) || (typeof value === 'string' && /^(0001-01-01\b|[0: -]*$)/.test(value))
  if (time === null && !isEmpty && doubted) note(doubted.doubts, doubted.as, value)
  return time
}

/** Reads a time of a service order: milliseconds, or the form of orders. */
export function instantOrMoment(of: Fields, key: string, doubted?: Doubted): Date | null {
  const isMs = typeof of[key] === 'number' || /^\d{12,14}$/.test(String(of[key] ?? ''))
  return isMs ? instantMsAt(of, key, doubted) : momentAt(of, key, doubted)
}
