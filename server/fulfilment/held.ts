import type { Scope } from '../core/access/actor.ts'
import type { Tx } from '../core/db/db.ts'
import { answerEach, numbered, type Outcome, type Refusal } from '../core/decide.ts'
import type { LockedOrder } from '../orders/holds/shipping.ts'
import { lockOrdersById } from '../orders/holds/shipping.ts'
import { type DeliveryRow, deliveriesOf, ordersOf, ordersOfShipments } from './queries.ts'

export type LockedDelivery = { delivery: DeliveryRow; order: LockedOrder }

/**
 * The deliveries of the scope, and whatever leaves in one parcel with them, with their orders, which are locked in key order. Read under
 * those locks: what left the parcel while they were waited for is nobody's here.
 */
export async function lockDeliveries(
  tx: Tx,
  ids: readonly string[],
  scope: Scope,
): Promise<LockedDelivery[]> {
  const asked = await ordersOf(tx, [...new Set(ids)], scope)
  const parcels = new Set(asked.flatMap(({ parcel }) => parcel ?? []))
  const pairs = parcels.size === 0 ? asked : [...asked, ...(await ordersOfShipments(tx, [...parcels]))]
  const orders = await lockOrdersById(
    tx,
    pairs.map(({ orderId }) => orderId),
  )
  const rows = await deliveriesOf(
    tx,
    pairs.map(({ id }) => id),
  )
  const named = new Set(asked.map(({ id }) => id))
  const theirs = new Set(rows.flatMap(({ id, parcel }) => (named.has(id) && parcel !== null ? [parcel] : [])))
  return rows.flatMap((delivery) => {
    const order = orders.get(delivery.orderId)
    const isMeant = named.has(delivery.id) || (delivery.parcel !== null && theirs.has(delivery.parcel))
    return order && isMeant ? [{ delivery, order }] : []
  })
}

/**
 * One answer for each id; those outside the scope are "not found". `done`: the deliveries that were asked for, and
 * those of the same parcels, as far as nothing speaks against it. `together`: what speaks against one of a parcel speaks against all,
 * unless it is where it should be already.
 */
export function outcomesOfDeliveries(
  ids: readonly string[],
  held: readonly LockedDelivery[],
  why: (one: LockedDelivery) => Refusal | undefined,
  together = true,
): { outcomes: Outcome[]; done: LockedDelivery[] } {
  const rows = new Map(held.map((one) => [one.delivery.id, { ...one, no: one.delivery.no }]))
  const refusals = new Map(held.map((one) => [one.delivery.id, why(one)]))
  const stopped = new Map(
    held.flatMap((one) => {
      const refusal = refusals.get(one.delivery.id)
      const { parcel } = one.delivery
      return together && parcel !== null && refusal && refusal.code !== 'already'
        ? [[parcel, { one, refusal }] as const]
        : []
    }),
  )
  const refusalOf = ({ delivery }: LockedDelivery) => {
    const neighbour = stopped.get(delivery.parcel ?? '')
    return refusals.get(delivery.id) ?? (neighbour && byNeighbour(neighbour.one, neighbour.refusal))
  }
  const outcomes = answerEach(ids, rows, deliveryAnswers, refusalOf)
  return { outcomes, done: held.filter((one) => refusalOf(one) === undefined) }
}

export const deliveryAnswers = numbered({ zh: '发货单', en: 'Delivery' })

/** What leaves in the same parcel stops it. */
const byNeighbour = ({ order }: LockedDelivery, { code, message }: Refusal): Refusal => ({
  code,
  message: { zh: `同包裹的 ${order.no}：${message.zh}`, en: `${order.no} in the same parcel: ${message.en}` },
})
