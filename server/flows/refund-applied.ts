import type { Actor } from '../core/access/actor.ts'
import type { Tx } from '../core/db/db.ts'
import { earliestDeadlines, syncIntercepts } from '../fulfilment/intercepts/intercepts.ts'
import { applyRefunds, type RefundVersion } from '../orders/refunds/refunds.ts'
import { syncReturns } from '../returns/following/follow.ts'

type RefundParcel = Parameters<typeof syncReturns>[1][number]
type RefundOfOrder = { version: RefundVersion; parcel: RefundParcel }
export type RefundOutcome = Awaited<ReturnType<typeof applyRefunds>>[number]

/**
 * Applies platform refunds to the orders of their trades, in the caller's transaction:
 * 1. order and settlement: by `orders/refunds/refund-rules.ts` the order is held, loses goods or is voided; its settlements follow
 * (`orders/settle`).
 * 2. intercept: a shipped parcel that is wanted back is stopped. It must not be written back in between, hence the same transaction.
 * 3. return: goods that come back get their return, and an open return gets its parcel's waybill.
 * Lock order: trades and refunds, by the caller; orders with child orders and merged shipments, settlements, gift rules and stock
 * balances, by step 1; intercepts with their write-backs; returns. Returns an outcome for each refund.
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

/** Returns the orders that the refunds changed, each with the earliest deadline of its refunds; null: none has a deadline. */
function deadlinesOfOrders(
  refunds: readonly RefundOfOrder[],
  outcomes: readonly RefundOutcome[],
): Map<string, Date | null> {
  return earliestDeadlines(
    outcomes.flatMap((outcome, at) => {
      const deadline = refunds[at]?.parcel.deadline ?? null
      return outcome.done ? outcome.orderIds.map((orderId) => ({ orderId, deadline })) : []
    }),
  )
}

/**
 * Returns the parcels of refunds that were applied. A version that was applied before ("already") is included, because its parcel may be
 * new.
 */
function parcelsToFollow(
  refunds: readonly RefundOfOrder[],
  outcomes: readonly RefundOutcome[],
): RefundParcel[] {
  const followed = outcomes.map((outcome) => outcome.done || outcome.code === 'already')
  return refunds.filter((_, at) => followed[at]).map(({ parcel }) => parcel)
}
