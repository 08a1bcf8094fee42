import type { Call, RefundStatus } from './connector.ts'

/** The answer of a refund check about one refund. Everything else is in the refund's detail. */
export type RefundBrief = { refundId: string; oid: string; status: RefundStatus }

/**
 * How a platform can be asked, shortly before shipping, whether a trade has an open refund. A platform may have several ways. For a
 * platform without any, `asking` is missing and the downloaded refunds are used.
 */
export type RefundInquiry = {
  /** By the list of changed refunds, newest first. A list that was read to its end covers every trade of the shop. */
  list?: { pageSize: number }
  /**
   * By many trades at once. Returns the trades that have a refund, open or ended. `detail` of such a trade then returns its last refund.
   */
  trades?: { most: number; withRefunds(call: Call, tids: readonly string[]): Promise<string[]> }
  /** By one trade. Returns the last refund of each line. */
  trade?: (call: Call, tid: string) => Promise<RefundBrief[]>
}
