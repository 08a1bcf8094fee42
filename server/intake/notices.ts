import type { Actor } from '../actor.ts'
import type { Refund } from '../connectors/connector.ts'
import type { Tx } from '../db.ts'
import { partDeliveries } from '../fulfilment/parcels.ts'
import { noteRefunds } from '../orders/refund-notices.ts'

// What orders hear of refunds from the moment in which we know of them, in the same transaction.

/** `applying`: those that are converted, and which the caller applies to their orders next. */
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
  await partDeliveries(tx, await noteRefunds(tx, versions, actor, applying))
}
