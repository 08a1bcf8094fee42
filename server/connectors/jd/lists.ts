import { sharedNow } from '../../lib/clock.ts'
import { dayMs, hourMs, minuteMs, toChinaTime } from '../../lib/time.ts'
import type { Call } from '../connector.ts'
import type { ListLimits, Window } from '../lists.ts'
import { listLagMs, rowsMax } from './unverified.ts'

const limits = { lagMs: listLagMs, overlapMs: minuteMs, advisedWindowMs: hourMs }
/** jingdong.pop.order.search: a month, of which the shortest has 28 days, and 100 rows. */
export const tradeList: ListLimits = { ...limits, rowsMax, windowMs: 28 * dayMs, pageSize: 100 }
/** jingdong.pop.afs.soa.refundapply.queryPageList: a hundred pages of 50 rows. */
export const refundPages = 100
export const refundList: ListLimits = { ...limits, windowMs: dayMs, pageSize: 50, rowsMax: refundPages * 50 }

/** The list of changes reaches back three months, that of creation two years; a minute is left for the way of the call. */
export const reach = { modified: 89 * dayMs, created: 729 * dayMs } as const

/**
 * Windows are given in seconds. The documents do not say whether their ends are inside, so both are treated as inside. A window that begins before
 * the list's reach begins with it. Undefined: the window ends before it. The platform rejects a request for such a window, which would stop the list
 * for ever.
 */
export function spanOf(
  call: Call,
  { from, to }: Window,
  reachMs: number = reach.created,
): { from: string; to: string } | undefined {
  const oldest = (call.now?.() ?? sharedNow()).getTime() - reachMs
  if (to.getTime() <= oldest) return undefined
  return { from: toChinaTime(new Date(Math.max(from.getTime(), oldest))), to: toChinaTime(to) }
}
