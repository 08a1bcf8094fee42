import type { Call, RefundStatus } from './connector.ts'

/** What a trade says of one of its refunds when it is asked; the rest is the refund's own detail. */
export type RefundBrief = { refundId: string; oid: string; status: RefundStatus }

/**
 * How a platform is asked, shortly before a parcel leaves, whether a refund stands against its trade. A platform may know several ways;
 * one that knows none has no `asking`, and what was downloaded has to do.
 */
export type RefundInquiry = {
  /** By the list of changed refunds, which is newest first: read to its end it speaks for every trade of the shop. */
  list?: { pageSize: number }
  /** By many trades at once: which of them have any refund, open or ended. Its `detail` by the trade alone is that of the last one. */
  trades?: { most: number; withRefunds(call: Call, tids: readonly string[]): Promise<string[]> }
  /** By one trade: the last refund of each of its lines. */
  trade?: (call: Call, tid: string) => Promise<RefundBrief[]>
}
