import type { Actor, By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Outcome } from '../../core/decide.ts'
import { sendEvent } from '../../events.ts'
import { unreserveOrders } from '../allocation/goods.ts'
import { withoutForeignEditLocks } from '../order/access.ts'
import { resolveEnded } from '../order/difference-queries.ts'
import { isOffPlatform } from '../order/lifecycle.ts'
import { lockOrders, refreshOrders } from '../order/queries.ts'
import { endLoneShipments } from '../shipments/merge-queries.ts'
import { transition } from './transition.ts'

/** 作废: voids unshipped orders, on hold or not. The reason is required and stored on the order. */
export function voidOrders(
  tx: Tx,
  ids: readonly string[],
  reason: string,
  { actor, scope }: By,
): Promise<Outcome[]> {
  return withoutForeignEditLocks(tx, ids, { actor, scope }, async (granted) => {
    const outcomes = await voidLocked(tx, granted, { reason }, actor)
    await unreserveOrders(
      tx,
      outcomes.filter((outcome) => outcome.done).map((outcome) => outcome.id),
    )
    return outcomes
  })
}

/**
 * Voids locked orders. An order that is alone in their merged shipment then leaves it. This also resolves open changes "closed" and
 * "shipped elsewhere". The caller must unreserve the goods at the end of its transaction.
 */
export async function voidLocked(
  tx: Tx,
  ids: readonly string[],
  detail: { reason: string },
  actor: Actor,
): Promise<Outcome[]> {
  const orders = await lockOrders(tx, ids)
  const released = new Set(orders.filter(({ status }) => status === 'released').map(({ id }) => id))
  const outcomes = await transition(tx, ids, { event: 'void', detail, locked: orders }, actor)
  const voided = outcomes.filter((outcome) => outcome.done).map((outcome) => outcome.id)
  await endLoneShipments(
    tx,
    orders.flatMap(({ id, parcel }) => (parcel !== null && voided.includes(id) ? [parcel] : [])),
  )
  if (voided.length > 0) await refreshOrders(tx, await resolveEnded(tx, voided, actor.name))
  const orderIds = voided.filter((id) => released.has(id))
  if (orderIds.length > 0) await sendEvent(tx, 'fulfilment.orders_voided', [{ orderIds }])
  const own = orders.filter(({ id, origin }) => isOffPlatform(origin) && voided.includes(id))
  const payloads = [...Map.groupBy(own, ({ shopId }) => shopId)].map(([shopId, rows]) => ({
    shopId,
    tids: rows.map(({ tid }) => tid),
  }))
  if (payloads.length > 0) await sendEvent(tx, 'intake.number_freed', payloads)
  return outcomes
}
