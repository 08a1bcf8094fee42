import { PlatformError } from '../lib/platform-error.ts'
import type { BadItem, Call, ListedRefund, Refund, RefundStatus } from './connector.ts'
import type { NumberedList } from './lists.ts'

/** One refund in the answer of a refund check. Its amount, reason and other fields are in the refund's detail. */
export type RefundBrief = { refundId: string; oid: string; status: RefundStatus }

/**
 * The requests by which a platform can be asked, shortly before shipping, whether a trade has an open refund. A platform may support
 * several of them. For a platform without any, `asking` is missing and the downloaded refunds are used.
 */
export type RefundInquiry = {
  /** A list of changed refunds, newest first. If it was read to its end, it covers every trade of the shop. */
  list?: NumberedList<ListedRefund | BadItem>
  /**
   * Asks about at most `most` trades in one call. Returns the trades that have a refund, open or ended. `RefundSource.detail` for such a
   * trade then returns its last refund.
   */
  trades?: { most: number; withRefunds(call: Call, tids: readonly string[]): Promise<string[]> }
  /** Asks about one trade. Returns its refunds; of a line at least the last one, and each that is open. */
  trade?: (call: Call, tid: string) => Promise<RefundBrief[]>
}

/** What a check of refunds needs of a refund. @throws {PlatformError} if it cannot be read, because its trade must not count as one without refunds. */
export function refundBriefOf(refund: Refund | BadItem): RefundBrief {
  if (refund.kind === 'bad')
    throw new PlatformError('retry', 'bad_answer', `A refund cannot be read: ${refund.reason}.`)
  const { refundId, oid, status } = refund
  return { refundId, oid, status }
}
