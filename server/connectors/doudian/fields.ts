import { secondMs } from '../../lib/time.ts'
import { type Fields, wholeAt } from '../fields.ts'
import { needed } from '../gateway.ts'
import type { Page, Window } from '../lists.ts'

/** The window in whole seconds. Both ends are inside, and the platform wants them to differ. */
export function secondsOf({ from, to }: Window): { from: number; to: number } {
  const [first, last] = [from, to].map((time) => Math.floor(time.getTime() / secondMs))
  return { from: first ?? 0, to: Math.max(last ?? 0, (first ?? 0) + 1) }
}

/** Pages of orders and after-sales are counted from 0. */
export const pageOf = ({ mode, number, size }: Page) =>
  mode === 'count' ? { page: 0, size: 1 } : { page: number - 1, size }

/** Returns the total of a list. @throws {PlatformError} if it is missing: zero in its place would skip the window. */
export function totalOf(data: Fields): number {
  return needed(wholeAt(data, 'total', 0, Number.MAX_SAFE_INTEGER), 'total')
}
