import { PlatformError } from '../../lib/platform-error.ts'
import { secondMs } from '../../lib/time.ts'
import { type Fields, wholeAt } from '../fields.ts'
import type { Page, Window } from '../lists.ts'

/** The window in whole seconds. Both ends are inside, and the platform wants them to differ. */
export function secondsOf({ from, to }: Window): { from: number; to: number } {
  const [first, last] = [from, to].map((time) => Math.floor(time.getTime() / secondMs))
  return { from: first ?? 0, to: Math.max(last ?? 0, (first ?? 0) + 1) }
}

/** Pages of orders and after-sales are counted from 0. */
export const pageOf = ({ mode, number, size }: Page) =>
  mode === 'count' ? { page: 0, size: 1 } : { page: number - 1, size }

/** Returns whether rows come after this page. @throws {PlatformError} if the count is missing, or the page has lost its rows. */
export function rowsAfter(data: Fields, rows: readonly unknown[], { number, size }: Page): boolean {
  const total = totalOf(data)
  if (rows.length === 0 && (number - 1) * size < total)
    throw new PlatformError('retry', 'bad_answer', 'The page should hold rows and has none.')
  return number * size < total
}

/** Returns the total of a list. @throws {PlatformError} if it is missing: zero in its place would skip the window. */
export function totalOf(data: Fields): number {
  const total = wholeAt(data, 'total', 0, Number.MAX_SAFE_INTEGER)
  if (total === null) throw new PlatformError('retry', 'bad_answer', 'The list has no total.')
  return total
}
