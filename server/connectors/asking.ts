import type { Call, RefundStatus } from './connector.ts'

/** The facts about one refund in the answer to a refund check; everything else is in the refund's detail. */
export type RefundBrief = { refundId: string; oid: string; status: RefundStatus }

/**
 * The ways in which a platform can be asked, shortly before shipping, whether a trade has an open refund. A platform may offer several; one
 * that offers none has no `asking`, and the downloaded refunds have to suffice.
 */
export type RefundInquiry = {
  /** By the list of changed refunds, newest first: once read to its end, it covers every trade of the shop. */
  list?: { pageSize: number }
  /**
   * By many trades at once: returns those that have any refund, open or ended. `detail` by the trade alone then returns the last refund.
   */
  trades?: { most: number; withRefunds(call: Call, tids: readonly string[]): Promise<string[]> }
  /** By one trade: returns the last refund of each of its lines. */
  trade?: (call: Call, tid: string) => Promise<RefundBrief[]>
}
