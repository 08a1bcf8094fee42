import type { Actor } from '../core/access/actor.ts'
import type { Tx } from '../core/db/db.ts'
import { syncIntercepts } from '../fulfilment/intercepts/intercepts.ts'
import { applyRefunds, type RefundVersion } from '../orders/refunds/refunds.ts'
import { syncReturns } from '../returns/following/follow.ts'

type RefundParcel = Parameters<typeof syncReturns>[1][number]
/** A version of a refund, and the parcel in which its buyer sends goods back. */
type RefundOfOrder = { version: RefundVersion; parcel: RefundParcel }
export type RefundOutcome = Awaited<ReturnType<typeof applyRefunds>>[number]

/**
 * A platform's refund is applied to the orders of its trade, in one transaction of the caller:
 *
 * 1. order and settlement: the order is held, loses goods or is voided, by the table in `orders/refunds/refund-rules.ts`; its settlements
 *    follow (`orders/settle`).
 * 2. intercept: a parcel under way that is wanted back is stopped. The platform must not hear of it in between.
 * 3. return: goods that come back get their return, and an open return learns its parcel.
 *
 * Locks, in this order: the trades and refunds, by the caller; orders with their parts and shipments, settlements, gift rules and stock
 * balances, by step 1; intercepts with their write-backs; returns. Answers for each refund.
 */
export async function applyRefundsToOrders(
  tx: Tx,
  refunds: readonly RefundOfOrder[],
  actor: Actor,
): Promise<RefundOutcome[]> {
  const versions = refunds.map(({ version }) => version)
  const outcomes = versions.length === 0 ? [] : await applyRefunds(tx, versions, actor)
  const deadlines = deadlinesOfOrders(refunds, outcomes)
  await syncIntercepts(tx, [...deadlines.keys()], actor, deadlines)
  await syncReturns(tx, parcelsToFollow(refunds, outcomes), actor)
  return outcomes
}

/** The orders that a refund changed, each with the earliest deadline of its refunds. */
function deadlinesOfOrders(
  refunds: readonly RefundOfOrder[],
  outcomes: readonly RefundOutcome[],
): Map<string, Date | null> {
  const deadlines = new Map<string, Date | null>()
  for (const [at, outcome] of outcomes.entries()) {
    if (!outcome.done) continue
    const own = refunds[at]?.parcel.deadline ?? null
    for (const orderId of outcome.orderIds) {
      const known = deadlines.get(orderId)
      deadlines.set(orderId, known && (own === null || known < own) ? known : own)
    }
  }
  return deadlines
}

/** Each refund is the newest version that we know. One of the same second may bring no more than its parcel, which is new as well. */
function parcelsToFollow(
  refunds: readonly RefundOfOrder[],
  outcomes: readonly RefundOutcome[],
): RefundParcel[] {
  const followed = outcomes.map((outcome) => outcome.done || outcome.code === 'already')
  return refunds.filter((_, at) => followed[at]).map(({ parcel }) => parcel)
}
