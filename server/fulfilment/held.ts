import type { Scope } from '../actor.ts'
import type { Outcome } from '../batches/batch.ts'
import type { Tx } from '../db.ts'
import { holdForShipping, type LockedOrder } from '../orders/shipping.ts'
import type { Refusal } from './lifecycle.ts'
import { type DeliveryRow, deliveriesOf, ordersOf } from './queries.ts'

export type Held = { delivery: DeliveryRow; order: LockedOrder }

/** The deliveries of the scope with their orders, which are locked in key order. Read under those locks. */
export async function holdDeliveries(tx: Tx, ids: readonly string[], scope: Scope): Promise<Held[]> {
  const pairs = await ordersOf(tx, [...new Set(ids)], scope)
  const orders = await holdForShipping(
    tx,
    pairs.map(({ orderId }) => orderId),
  )
  const rows = await deliveriesOf(
    tx,
    pairs.map(({ id }) => id),
  )
  return rows.flatMap((delivery) => {
    const order = orders.get(delivery.orderId)
    return order ? [{ delivery, order }] : []
  })
}

/** One answer for each id; those outside the scope are "not found". `why` undefined is done. */
export function answerHeld(
  ids: readonly string[],
  held: readonly Held[],
  why: (one: Held) => Refusal | undefined,
): Outcome[] {
  const byId = new Map(held.map((one) => [one.delivery.id, one]))
  return [...new Set(ids)].map((id) => {
    const one = byId.get(id)
    if (!one)
      return { id, done: false, code: 'not_found', message: { zh: '找不到发货单', en: 'Delivery not found' } }
    const refusal = why(one)
    return refusal
      ? { id, done: false, code: refusal.code, message: refusal.message, ref: one.delivery.no }
      : { id, done: true, ref: one.delivery.no }
  })
}
