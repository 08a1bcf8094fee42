import type { Refund } from '../../connectors/connector.ts'
import type { Actor } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { partDeliveries } from '../../fulfilment/parcels.ts'
import {
  applyNoticesOfTrades,
  markNoticesProcessed,
  noteAgreeing,
  noteLines,
  noteRefunds,
  type TradeLines,
} from '../../orders/refunds/refund-notices.ts'

type Numbered = { shopId: string; refundNo: string; tid: string }

// These functions inform the orders of refunds, in the transaction that stages the refunds.

/** `applying`: the numbers of converted refunds, which the caller applies to their orders next. */
export async function noteStaged(
  tx: Tx,
  shopId: string,
  refunds: readonly Refund[],
  { actor, applying }: { actor: Actor; applying: ReadonlySet<string> },
): Promise<void> {
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
  await partDeliveries(tx, await noteRefunds(tx, versions, actor, applying), actor)
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
  await partDeliveries(tx, await noteAgreeing(tx, refunds, actor), actor)
}

export async function noteProcessed(
  tx: Tx,
  refunds: readonly Numbered[],
  processed: boolean,
  actor: Actor,
): Promise<void> {
  await partDeliveries(tx, await markNoticesProcessed(tx, refunds, processed, actor), actor)
}

/** Records the refunds that the lines of converted trades show. */
export async function noteTradeLines(tx: Tx, trades: readonly TradeLines[], actor: Actor): Promise<void> {
  await partDeliveries(tx, await noteLines(tx, trades, actor), actor)
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
