import type { Actor } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { addOrderEvents } from '../order/queries.ts'
import { removeFromShipments } from './merge-queries.ts'

/**
 * Takes orders out of their merged shipments, and writes into their histories why: `for` names the cause, such as a refund. The caller has
 * locked the orders of the shipments.
 */
export async function leaveShipments(
  tx: Tx,
  leaving: readonly { orderId: string; for: string }[],
  actor: Actor,
): Promise<void> {
  if (leaving.length === 0) return
  // The first of several causes of one order is written.
  const causes = new Map(leaving.toReversed().map((one) => [one.orderId, one.for]))
  await removeFromShipments(tx, [...causes.keys()])
  const events = [...causes].map(([orderId, cause]) => ({
    orderId,
    event: 'unmerged',
    detail: { for: cause },
  }))
  await addOrderEvents(tx, events, actor)
}
