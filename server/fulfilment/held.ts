import { type Scope, wholeScope } from '../core/access/actor.ts'
import type { Tx } from '../core/db/db.ts'
import { answerEach, numbered, type Outcome, type Refusal } from '../core/decide.ts'
import type { LockedOrder } from '../orders/holds/shipping.ts'
import { lockOrdersById } from '../orders/holds/shipping.ts'
import {
  type DeliveryRow,
  deliveriesOf,
  lockedDeliveriesOf,
  ordersOf,
  ordersOfShipments,
  pendingUnderWaybills,
} from './queries.ts'

export type LockedDelivery = { delivery: DeliveryRow; order: LockedOrder }

/**
 * Locks the orders of these deliveries and of their merged shipments in the order of the orders' ids, and returns the deliveries. They are
 * read under the locks (`read`), so deliveries that have left a shipment meanwhile are not included.
 */
export async function lockDeliveries(
  tx: Tx,
  ids: readonly string[],
  scope: Scope,
  read: typeof deliveriesOf = deliveriesOf,
): Promise<LockedDelivery[]> {
  const asked = await ordersOf(tx, [...new Set(ids)], scope)
  const parcels = new Set(asked.flatMap(({ parcel }) => parcel ?? []))
  const pairs = parcels.size === 0 ? asked : [...asked, ...(await ordersOfShipments(tx, [...parcels]))]
  const orders = await lockOrdersById(
    tx,
    pairs.map(({ orderId }) => orderId),
  )
  const rows = await read(
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

/** As `lockDeliveries`, with the rows of the deliveries locked too, so that their steps stay as they are read. */
export const lockLeaving = (tx: Tx, ids: readonly string[], scope: Scope): Promise<LockedDelivery[]> =>
  lockDeliveries(tx, ids, scope, lockedDeliveriesOf)

/** Locks the pending deliveries of these orders that have the waybill, as `lockDeliveries` does, without others of their merged shipments. */
export async function lockPendingUnder(
  tx: Tx,
  shown: readonly { orderId: string; waybillNo: string }[],
): Promise<LockedDelivery[]> {
  const ids = await pendingUnderWaybills(tx, shown)
  if (ids.length === 0) return []
  const named = new Set(ids)
  return (await lockDeliveries(tx, ids, wholeScope)).filter(({ delivery }) => named.has(delivery.id))
}

/**
 * Makes one outcome for each id; deliveries outside the scope are "not found". `done`: the permitted deliveries, including others of
 * their merged shipments. `together`: a refusal of one delivery refuses all of its shipment, except those that are in the wanted state
 * already.
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

const byNeighbour = ({ order }: LockedDelivery, { code, message }: Refusal): Refusal => ({
  code,
  message: { zh: `同包裹的 ${order.no}：${message.zh}`, en: `${order.no} in the same parcel: ${message.en}` },
})
