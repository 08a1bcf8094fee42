import { type Actor, systemActor, wholeScope } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { OwnVoidReason } from '../lifecycle.ts'
import { linesOf, waitingOfOrders } from '../queries.ts'
import { lockReturns, transition } from '../transition.ts'
import { goneOrders } from './receive.ts'

/**
 * Voids open returns whose goods are all in our warehouse again, after 撤销发货 or a stopped parcel. If the goods are shipped again and a
 * refund asks for them, the return is revived.
 */
export async function voidUnshipped(
  tx: Tx,
  orderIds: readonly string[],
  reason: OwnVoidReason = 'unshipped',
  by: Actor = systemActor,
): Promise<void> {
  const waiting = await waitingOfOrders(tx, orderIds)
  if (waiting.length === 0) return
  const held = await lockReturns(tx, waiting, wholeScope)
  const lines = await linesOf(tx, waiting)
  const gone = await goneOrders(tx, [...lines.values()].flat())
  const isBack = (id: string) => (lines.get(id) ?? []).every(({ orderId }) => !gone.has(orderId))
  await transition(
    tx,
    held.filter(({ id }) => isBack(id)),
    { event: 'void', detail: { reason } },
    by,
  )
}
