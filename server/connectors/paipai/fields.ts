import { toChinaTime } from '../../lib/time.ts'
import { type Doubted, type Doubts, type Fields, note, timeAt, wholeAt } from '../fields.ts'
import { needed } from '../gateway.ts'
import type { Page, Window } from '../lists.ts'

/** The window as the lists take it; both ends are in it. */
export const timesOf = ({ from, to }: Window) => ({
  timeBegin: toChinaTime(from),
  timeEnd: toChinaTime(to),
})

/** Pages are counted from 1. */
export const pageOf = ({ mode, number, size }: Page) =>
  mode === 'count' ? { pageIndex: '1', pageSize: '1' } : { pageIndex: String(number), pageSize: String(size) }

/** Returns the total of a list. @throws {PlatformError} if it is missing: zero in its place would skip the window. */
export function totalOf(body: Fields): number {
  return needed(wholeAt(body, 'countTotal', 0, Number.MAX_SAFE_INTEGER), 'countTotal')
}

/** Reads a time. An empty one, and `0000-00-00 00:00:00`, is null; one that cannot be read is a doubt too. */
export function momentAt(of: Fields, key: string, doubted?: Doubted): Date | null {
  const unread: Doubts = []
  const time = timeAt(of, key, unread)
  if (unread.length > 0 && doubted) note(doubted.doubts, doubted.as, of[key])
  return time
}

/** The time of the last change, whose name the platform's own classes write in two ways. */
export const changedAt = (of: Fields, doubted?: Doubted): Date | null =>
  momentAt(of, 'lastUpdateTime', doubted) ?? momentAt(of, 'lastUpStringTime', doubted)
