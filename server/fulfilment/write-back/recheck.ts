import { systemActor } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { withdrawClaimed } from '../../core/outbox/actions.ts'
import type { Claimed, SendGuard } from '../../core/outbox/handlers.ts'
import { lockOrdersById, noteShipping } from '../../orders/holds/shipping.ts'
import {
  lockShipments,
  stoppedDeliveries,
  writeStopped,
  writeWarehouseStop,
} from '../intercepts/intercept-queries.ts'
import { stopBeside } from '../intercepts/intercepts.ts'
import { deliveriesOf } from '../queries.ts'
import { returningNumbers } from '../waybills/number-queries.ts'

const idsOf = (actions: readonly Claimed[]) => actions.map(({ subjectId }) => subjectId)

/**
 * Decides before a write-back is sent again whether it is still wanted. A refund that arrives while a write-back is being sent gets an
 * intercept by courier recall, as if the platform knew of the shipping. If that send failed and is due again, the platform does not know:
 * the action is withdrawn, and the intercept becomes a warehouse stop.
 */
export const writeBackGuard: SendGuard = {
  async doubt(db, actions) {
    const stopped = await stoppedDeliveries(db, idsOf(actions))
    return new Set(actions.filter(({ subjectId }) => stopped.has(subjectId)).map(({ id }) => id))
  },
  withhold,
  /**
   * 快手 refuses a shipment with another waybill while the number that was taken for the order is not given back. A number that could not be
   * given back stops nothing: then the platform decides.
   */
  async waits(db, actions) {
    const returning = await returningNumbers(db, idsOf(actions))
    return new Map(
      actions.flatMap(({ id, subjectId }) => (returning.has(subjectId) ? [[id, 'number_returning']] : [])),
    )
  },
}

async function withhold(tx: Tx, actions: readonly Claimed[]): Promise<ReadonlySet<string>> {
  const named = await deliveriesOf(tx, idsOf(actions))
  const orderIds = named.map(({ orderId }) => orderId)
  await lockOrdersById(tx, orderIds)
  await lockShipments(tx, orderIds)
  const stopped = await stoppedDeliveries(tx, idsOf(actions))
  const by = { actor: systemActor, reason: '退款拦截' }
  const unwanted = actions.filter(({ subjectId }) => stopped.has(subjectId))
  const withdrawn = await withdrawClaimed(tx, unwanted, by)
  // Deliveries are read under the locks. An action whose shipping was undone meanwhile belongs to no delivery any more and stops none.
  const untold = (await deliveriesOf(tx, idsOf(unwanted))).filter(
    ({ actionId }) => actionId !== null && withdrawn.has(actionId),
  )
  const ids = untold.map(({ id }) => id)
  await writeStopped(tx, ids)
  await writeWarehouseStop(tx, ids)
  await stopBeside(
    tx,
    untold.map(({ id, parcel }) => ({ deliveryId: id, parcel })),
    systemActor,
  )
  const events = untold.map(({ orderId }) => ({ orderId, event: 'write_back_stopped', detail: {} }))
  await noteShipping(tx, events, systemActor)
  return withdrawn
}
