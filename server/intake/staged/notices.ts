import type { Refund } from '../../connectors/connector.ts'
import type { Actor } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { aliveOf, earliestDeadlines, syncIntercepts } from '../../fulfilment/intercepts/intercepts.ts'
import { partDeliveries } from '../../fulfilment/parcels.ts'
import {
  applyNoticesOfTrades,
  markNoticesProcessed,
  type Noted,
  noteAgreeing,
  noteLines,
  noteRefunds,
  type TradeLines,
} from '../../orders/refunds/refund-notices.ts'

type Numbered = { shopId: string; refundNo: string; tid: string }

// These functions inform the orders of refunds, in the transaction that stages the refunds.

/**
 * `applying`: the numbers of converted refunds, which the caller applies to their orders next. Then it calls `stopParcels` with the
 * returned notes.
 */
export async function noteStaged(
  tx: Tx,
  shopId: string,
  refunds: readonly Refund[],
  { actor, applying }: { actor: Actor; applying: ReadonlySet<string> },
): Promise<Noted> {
  const versions = refunds.map((refund) => ({
    shopId,
    refundNo: refund.refundId,
    tid: refund.tid,
    oid: refund.oid,
    kind: refund.refundKind,
    phase: refund.phase,
    status: refund.status,
    version: refund.version,
    modifiedAt: refund.modifiedAt,
    amountFen: refund.amountFen,
    quantity: refund.quantity,
  }))
  const noted = await noteRefunds(tx, versions, actor, applying)
  await partDeliveries(tx, noted.held, actor)
  return noted
}

/**
 * Stops parcels that have left and that the platform does not know of yet, as their refunds ask, converted or not, and lifts the stops of
 * refunds that have ended. The orders are locked already, and the lock of a parcel is taken only under those of its orders.
 */
export async function stopParcels(
  tx: Tx,
  { left }: Pick<Noted, 'left'>,
  refunds: readonly Pick<Refund, 'refundId' | 'deadline'>[],
  actor: Actor,
): Promise<void> {
  if (left.length === 0) return
  const alive = await aliveOf(tx, [...new Set(left.map(({ orderId }) => orderId))])
  const asking = left.filter(({ goods }) => goods === 'pull' || goods === 'recall')
  const ids = [
    ...asking.filter(({ goods }) => goods === 'pull').map(({ orderId }) => orderId),
    ...alive.keys(),
  ]
  const deadlineOf = new Map(refunds.map(({ refundId, deadline }) => [refundId, deadline]))
  const deadlines = earliestDeadlines(
    asking.flatMap(({ orderId, refundNo }) => {
      const deadline = deadlineOf.get(refundNo)
      return deadline === undefined ? [] : [{ orderId, deadline }]
    }),
  )
  await syncIntercepts(tx, [...new Set(ids)], actor, deadlines)
}

/** Takes newly held orders out of their parcels, and stops parcels that have left. */
async function follow(tx: Tx, noted: Noted, actor: Actor): Promise<void> {
  await partDeliveries(tx, noted.held, actor)
  await stopParcels(tx, noted, [], actor)
}

/**
 * Records the state of our agreement: it is being sent (`asked`), it is done (`done`), or it failed or the refund is over (`''`). Pass all
 * refunds in one call, because their orders are locked together.
 */
export async function noteOurAgreement(
  tx: Tx,
  refunds: readonly (Numbered & { agreeing: '' | 'asked' | 'done' })[],
  actor: Actor,
): Promise<void> {
  await follow(tx, await noteAgreeing(tx, refunds, actor), actor)
}

export async function noteProcessed(
  tx: Tx,
  refunds: readonly Numbered[],
  processed: boolean,
  actor: Actor,
): Promise<void> {
  await follow(tx, await markNoticesProcessed(tx, refunds, processed, actor), actor)
}

/** Records the refunds that the lines of converted trades show. */
export async function noteTradeLines(tx: Tx, trades: readonly TradeLines[], actor: Actor): Promise<void> {
  await follow(tx, await noteLines(tx, trades, actor), actor)
}

/** Applies the notices of these trades to orders that were created while the notices were written. */
export async function noteAgain(
  tx: Tx,
  shopId: string,
  tids: readonly string[],
  actor: Actor,
): Promise<void> {
  const trades = tids.map((tid) => ({ tid, shopId }))
  await partDeliveries(tx, await applyNoticesOfTrades(tx, trades, actor), actor)
}
