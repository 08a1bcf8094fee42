import { couriers } from '../../connectors/couriers.ts'
import type { By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Outcome, Refusal } from '../../core/decide.ts'
import { deliveryFactsOf, noteShipping } from '../../orders/holds/shipping.ts'
import { type LockedDelivery, lockDeliveries, outcomesOfDeliveries } from '../held.ts'
import { waybillPattern, whyNotDelivery } from '../lifecycle.ts'
import { giveBackUnused, takenElsewhere } from '../numbers.ts'
import { lockWaybills, type Waybill, waybillHolders, writeWaybills } from '../queries.ts'
import { whyNotCourier } from './designation.ts'

const shape = new RegExp(waybillPattern)

/**
 * Sets courier and waybill of pending deliveries. A waybill belongs to one live delivery or shipment; two may swap theirs. A courier other
 * than those that the platform designates is refused, unless a person chose the order's courier.
 */
export async function setWaybills(
  tx: Tx,
  waybills: readonly Waybill[],
  { actor, scope }: By,
): Promise<Outcome[]> {
  await lockWaybills(tx)
  const ids = waybills.map(({ deliveryId }) => deliveryId)
  const held = await lockDeliveries(tx, ids, scope)
  const asked = forParcels(waybills, held)
  const holders = await waybillHolders(tx, [...asked.values()])
  const taken = await takenElsewhere(tx, [...asked.values()])
  const facts = await deliveryFactsOf(
    tx,
    held.map(({ order }) => order.id),
  )
  const parcelOf = new Map(held.map(({ delivery: { id, parcel } }) => [id, parcel]))
  const twice = repeated([...asked.values()], parcelOf)
  const { outcomes } = outcomesOfDeliveries([...asked.keys()], held, ({ delivery, order }) => {
    const waybill = asked.get(delivery.id)
    if (!waybill) return unknownCourier
    const holder = holders.get(keyOf(waybill))
    const givesItAway = holder && asked.has(holder.id) && keyOf(asked.get(holder.id)) !== keyOf(waybill)
    return (
      whyNotDelivery(delivery, 'waybill') ??
      whyWrong(waybill) ??
      whyNotCourier(facts.get(order.id)?.designations ?? [], waybill.courier) ??
      (twice.has(keyOf(waybill)) ? sameTwice : undefined) ??
      (isTakenByOther(taken.get(keyOf(waybill)), delivery.id, held) ? takenForOther : undefined) ??
      (holder && !isSame(holder, delivery) && !givesItAway ? usedBy(holder.no) : undefined)
    )
  })
  const done = new Set(outcomes.filter((one) => one.done).map(({ id }) => id))
  const refusedHolder = (one: Waybill) => {
    const holder = holders.get(keyOf(one))
    const own = { id: one.deliveryId, parcel: parcelOf.get(one.deliveryId) ?? null }
    return holder !== undefined && !isSame(holder, own) && !done.has(holder.id)
  }
  const written = [...asked.values()].filter((one) => done.has(one.deliveryId) && !refusedHolder(one))
  if (written.length > 0) {
    await writeWaybills(tx, written)
    await noteShipping(tx, eventsOf(written, held), actor)
    await giveBackUnused(
      tx,
      written.map(({ deliveryId }) => deliveryId),
      actor,
    )
  }
  const kept = new Set(written.map(({ deliveryId }) => deliveryId))
  const answered = new Set(ids)
  return outcomes
    .filter(({ id }) => answered.has(id))
    .map((one) =>
      one.done && !kept.has(one.id)
        ? { ...one, done: false, ...usedBy(holders.get(keyOf(asked.get(one.id)))?.no ?? '') }
        : one,
    )
}

function eventsOf(written: readonly Waybill[], held: readonly LockedDelivery[]) {
  const orderOf = new Map(held.map(({ delivery }) => [delivery.id, delivery.orderId]))
  return written.map(({ deliveryId, courier, waybillNo }) => ({
    orderId: orderOf.get(deliveryId) ?? '',
    event: 'waybill',
    detail: { courier, waybillNo },
  }))
}

const keyOf = (waybill: Pick<Waybill, 'courier' | 'waybillNo'> | undefined) =>
  waybill ? `${waybill.courier} ${waybill.waybillNo}` : ''

function forParcels(waybills: readonly Waybill[], held: readonly LockedDelivery[]): Map<string, Waybill> {
  const asked = new Map(waybills.map((one) => [one.deliveryId, one]))
  const ofParcel = new Map(
    held.flatMap(({ delivery: { id, parcel } }) => {
      const own = asked.get(id)
      return parcel !== null && own ? [[parcel, own] as const] : []
    }),
  )
  for (const { delivery } of held) {
    const shared = ofParcel.get(delivery.parcel ?? '')
    if (shared && delivery.status === 'pending')
      asked.set(delivery.id, { ...shared, deliveryId: delivery.id })
  }
  return asked
}

/** True if the number was taken for a delivery that is not in this one's merged shipment: its label has another address. */
function isTakenByOther(
  ownerId: string | undefined,
  deliveryId: string,
  held: readonly LockedDelivery[],
): boolean {
  if (ownerId === undefined || ownerId === deliveryId) return false
  const placed = (id: string) => held.find(({ delivery }) => delivery.id === id)?.delivery
  const [owner, own] = [placed(ownerId), placed(deliveryId)]
  return !owner || !own || !isSame(owner, own)
}

type Placed = { id: string; parcel: string | null }
const isSame = (one: Placed, other: Placed) =>
  one.id === other.id || (one.parcel !== null && one.parcel === other.parcel)

function repeated(waybills: readonly Waybill[], parcelOf: ReadonlyMap<string, string | null>): Set<string> {
  const byKey = Map.groupBy(waybills, keyOf)
  const places = (rows: readonly Waybill[]) =>
    new Set(rows.map(({ deliveryId }) => parcelOf.get(deliveryId) ?? `delivery ${deliveryId}`))
  return new Set([...byKey].filter(([, rows]) => places(rows).size > 1).map(([key]) => key))
}

function whyWrong({ courier, waybillNo }: Waybill): Refusal | undefined {
  if (!couriers.some(({ code }) => code === courier)) return unknownCourier
  return shape.test(waybillNo) ? undefined : badWaybill
}

export const unknownCourier: Refusal = {
  code: 'unknown_courier',
  message: { zh: '没有这家快递', en: 'There is no such courier' },
}
export const badWaybill: Refusal = {
  code: 'bad_waybill',
  message: {
    zh: '运单号应是 4 到 40 位字母、数字或横线',
    en: 'A waybill has 4 to 40 letters, digits or dashes',
  },
}
export const sameTwice: Refusal = {
  code: 'waybill_twice',
  message: {
    zh: '同一个运单号出现了两次，都没有填',
    en: 'The same waybill came twice; neither was taken',
  },
}
const takenForOther: Refusal = {
  code: 'waybill_used',
  message: {
    zh: '这个运单号是给别的发货单取的，面单上是那一单的地址',
    en: 'This number was taken for another delivery; its label has that address',
  },
}
const usedBy = (no: string): Refusal => ({
  code: 'waybill_used',
  message: { zh: `运单号已用在 ${no}`, en: `This waybill is on ${no} already` },
})
