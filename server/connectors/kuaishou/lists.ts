import { sharedNow } from '../../lib/clock.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { dayMs, hourMs, minuteMs } from '../../lib/time.ts'
import type { Call } from '../connector.ts'
import { type Fields, longest, textAt } from '../fields.ts'
import type { ListLimits, Window } from '../lists.ts'
import { noMore } from './fields.ts'
import { listLagMs } from './unverified.ts'

const limits = { lagMs: listLagMs, overlapMs: minuteMs, advisedWindowMs: hourMs, rowsMax: 10_000 }
/** open.order.cursor.list: 7 days and 50 rows. */
export const tradeList: ListLimits = { ...limits, windowMs: 7 * dayMs, pageSize: 50 }
/** open.seller.order.refund.pcursor.list: a day, which may be shortened when the platform is busy, and 100 rows. */
export const refundList: ListLimits = { ...limits, windowMs: dayMs, pageSize: 100 }

/** Both lists reach back ninety days; a minute of them is left for the way of the call. */
const reachMs = 90 * dayMs - minuteMs

/**
 * Windows are given in milliseconds. The documents do not say whether their ends are inside, so both are treated as inside. A window that begins before
 * the ninety days begins with them: a first load of ninety days is requested some minutes later. Undefined: the window ends before them. The platform
 * rejects a request for it, which would stop the list for ever: a shop may be authorised days after it was entered.
 */
export function spanOf(call: Call, { from, to }: Window): { beginTime: number; endTime: number } | undefined {
  const oldest = (call.now?.() ?? sharedNow()).getTime() - reachMs
  if (to.getTime() <= oldest) return undefined
  const beginTime = Math.max(from.getTime(), oldest)
  return { beginTime, endTime: Math.max(to.getTime(), beginTime + 1) }
}

/** The page of a window that the platform shows nothing of. */
export const emptyPage = { items: [], next: null }

/** Returns the cursor of the next page; null: there is none. @throws {PlatformError} if the answer has none: an end in its place would skip rows. */
export function cursorAfter(data: Fields, key: string): string | null {
  const cursor = textAt(data, key, longest.token)
  if (cursor === '') throw new PlatformError('retry', 'bad_answer', 'The list has no cursor.')
  return cursor === noMore ? null : cursor
}
