import { couriers, packageCouriers } from '../../connectors/couriers.ts'
import type { By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Outcome, Refusal } from '../../core/decide.ts'
import { deliveryFactsOf, noteShipping } from '../../orders/holds/shipping.ts'
import { type LockedDelivery, lockDeliveries, outcomesOfDeliveries } from '../held.ts'
import { waybillPattern, whyNotDelivery } from '../lifecycle.ts'
import { giveBackUnused, givenUnder, noSubWaybills, takenElsewhere, voidNumbers } from '../numbers.ts'
import { lockWaybills, type Waybill, waybillHolders, writeWaybills } from '../queries.ts'
import { writeUnwanted } from '../waybill-states.ts'
import { whyNotCourier } from './designation.ts'

const shape = new RegExp(waybillPattern)

/**
 * Sets courier and waybill of pending deliveries, and the sub-numbers of their packages if they are known. A number belongs to one live
 * delivery or shipment; two may swap theirs. A courier other than those that the platform designates is refused, unless a person chose the
 * order's courier. A request for a number that a typed one replaces (`typed`) is not wanted any more: it is not sent, or its number goes back.
 */
export async function setWaybills(
  tx: Tx,
  waybills: readonly Waybill[],
  { actor, scope }: By,
  from: 'typed' | 'source' = 'typed',
): Promise<Outcome[]> {
  await lockWaybills(tx)
  const ids = waybills.map(({ deliveryId }) => deliveryId)
  const held = await lockDeliveries(tx, ids, scope)
  const asked = forParcels(waybills, held, ({ status }) => status === 'pending')
  const whySeveral = severalForOne(waybills, held)
  const numbers = [...asked.values()].flatMap(numbersOf)
  const holders = await waybillHolders(tx, numbers)
  const taken = await takenElsewhere(tx, numbers)
  const mains = await givenUnder(tx, numbers)
  const back = await voidNumbers(
    tx,
    [...asked.values()].flatMap((one) =>
      numbersOf(one).map((number) => ({ deliveryId: one.deliveryId, ...number })),
    ),
  )
  const facts = await deliveryFactsOf(
    tx,
    held.map(({ order }) => order.id),
  )
  const parcelOf = new Map(held.map(({ delivery: { id, parcel } }) => [id, parcel]))
  const twice = repeated([...asked.values()], parcelOf)
  const { outcomes } = outcomesOfDeliveries([...asked.keys()], held, ({ delivery, order }) => {
    const waybill = asked.get(delivery.id)
    if (!waybill) return whyNotDelivery(delivery, 'waybill') ?? unknownCourier
    const keys = keysOf(waybill)
    const holder = keys
      .flatMap((key) => {
        const one = holders.get(key)
        const givesItAway = one && asked.has(one.id) && !keysOf(asked.get(one.id)).includes(key)
        return one && !isSame(one, delivery) && !givesItAway ? [one] : []
      })
      .at(0)
    return (
      whyNotDelivery(delivery, 'waybill') ??
      whySeveral(delivery) ??
      whyWrong(waybill, delivery) ??
      whyNotCourier(facts.get(order.id)?.designations ?? [], waybill.courier) ??
      (keys.some((key) => twice.has(key)) ? sameTwice : undefined) ??
      (keys.some((key) => isTakenByOther(taken.get(key), delivery.id, held)) ? takenForOther : undefined) ??
      (holder ? usedBy(holder.no) : undefined) ??
      (isMixed(waybill, mains) ? givenTogether : undefined) ??
      whyVoid(keys.map((key) => back.get(`${delivery.id} ${key}`)))
    )
  })
  const done = new Set(outcomes.filter((one) => one.done).map(({ id }) => id))
  const refusedHolder = (one: Waybill | undefined) => {
    const own = { id: one?.deliveryId ?? '', parcel: parcelOf.get(one?.deliveryId ?? '') ?? null }
    return keysOf(one)
      .flatMap((key) => holders.get(key) ?? [])
      .find((holder) => !isSame(holder, own) && !done.has(holder.id))
  }
  const written = [...asked.values()].filter((one) => done.has(one.deliveryId) && !refusedHolder(one))
  if (written.length > 0) {
    await writeWaybills(tx, written)
    await noteShipping(tx, eventsOf(written, held), actor)
    const deliveryIds = written.map(({ deliveryId }) => deliveryId)
    if (from === 'typed') await writeUnwanted(tx, deliveryIds)
    await giveBackUnused(tx, deliveryIds, actor)
  }
  const kept = new Set(written.map(({ deliveryId }) => deliveryId))
  const answered = new Set(ids)
  return outcomes
    .filter(({ id }) => answered.has(id))
    .map((one) =>
      one.done && !kept.has(one.id)
        ? { ...one, done: false, ...usedBy(refusedHolder(asked.get(one.id))?.no ?? '') }
        : one,
    )
}

function eventsOf(written: readonly Waybill[], held: readonly LockedDelivery[]) {
  const orderOf = new Map(held.map(({ delivery }) => [delivery.id, delivery.orderId]))
  return written.map(({ deliveryId, courier, waybillNo, packageNos = [] }) => ({
    orderId: orderOf.get(deliveryId) ?? '',
    event: 'waybill',
    detail: { courier, waybillNo, ...(packageNos.length > 0 ? { packageNos } : {}) },
  }))
}

/** The main number, and those of the packages, of which the first may be the same. */
const numbersOf = ({ courier, waybillNo, packageNos = [] }: Waybill) =>
  [...new Set([waybillNo, ...packageNos])].map((no) => ({ courier, waybillNo: no }))

const keysOf = (waybill: Waybill | undefined) =>
  waybill ? numbersOf(waybill).map((one) => `${one.courier} ${one.waybillNo}`) : []

/** Returns the waybill of each delivery: those of its parcel that `mayShare` get it too. */
export function forParcels(
  waybills: readonly Waybill[],
  held: readonly LockedDelivery[],
  mayShare: (delivery: LockedDelivery['delivery']) => boolean,
): Map<string, Waybill> {
  const asked = new Map(waybills.map((one) => [one.deliveryId, one]))
  const ofParcel = new Map(
    held.flatMap(({ delivery: { id, parcel } }) => {
      const own = asked.get(id)
      return parcel !== null && own ? [[parcel, own] as const] : []
    }),
  )
  for (const { delivery } of held) {
    const shared = ofParcel.get(delivery.parcel ?? '')
    if (shared && mayShare(delivery)) asked.set(delivery.id, { ...shared, deliveryId: delivery.id })
  }
  return asked
}

/** Why all rows of a parcel are refused: they give it different waybills, and it is unknown which is right. */
export function severalForOne(
  waybills: readonly Waybill[],
  held: readonly LockedDelivery[],
): (delivery: Placed) => Refusal | undefined {
  const parcelOf = new Map(held.map(({ delivery: { id, parcel } }) => [id, parcel]))
  const placeOf = (id: string) => parcelOf.get(id) ?? `delivery ${id}`
  const byPlace = Map.groupBy(waybills, ({ deliveryId }) => placeOf(deliveryId))
  const several = new Set(
    [...byPlace].filter(([, some]) => new Set(some.map(textOf)).size > 1).map(([place]) => place),
  )
  return ({ id }) => (several.has(placeOf(id)) ? parcelWaybills : undefined)
}

const textOf = ({ courier, waybillNo, packageNos = [] }: Waybill) =>
  [courier, waybillNo, ...packageNos].join(' ')

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
  const uses = waybills.flatMap((one) =>
    keysOf(one).map((key) => ({ key, place: parcelOf.get(one.deliveryId) ?? `delivery ${one.deliveryId}` })),
  )
  const byKey = Map.groupBy(uses, ({ key }) => key)
  return new Set(
    [...byKey].filter(([, some]) => new Set(some.map(({ place }) => place)).size > 1).map(([key]) => key),
  )
}

function whyWrong(waybill: Waybill, { packageCount }: { packageCount: number }): Refusal | undefined {
  const { courier, waybillNo, packageNos = [] } = waybill
  if (!couriers.some(({ code }) => code === courier)) return unknownCourier
  if (![waybillNo, ...packageNos].every((no) => shape.test(no))) return badWaybill
  if (packageNos.length === 0) return undefined
  if (!packageCouriers.includes(courier)) return noSubWaybills([{ courier }])
  return packageNos.length === packageCount && packageCount > 1 && new Set(packageNos).size === packageCount
    ? undefined
    : packageNumbers(packageCount)
}

/** True if sub-numbers are typed that a source gave under another main number, or others than it gave under this one. */
function isMixed(waybill: Waybill, mains: ReadonlyMap<string, string>): boolean {
  const { courier, waybillNo, packageNos = [] } = waybill
  const main = mains.get(`${courier} ${waybillNo}`)
  if (packageNos.length === 0) return false
  return (main ?? waybillNo) !== waybillNo || packageNos.some((no) => mains.get(`${courier} ${no}`) !== main)
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
const parcelWaybills: Refusal = {
  code: 'parcel_waybills',
  message: {
    zh: '一个包裹只有一个运单，填了两个不同的，都没有填',
    en: 'A parcel has one waybill, and different ones came for it; none was taken',
  },
}
const packageNumbers = (packages: number): Refusal => ({
  code: 'package_numbers',
  message: {
    zh: `这一单是 ${packages} 个包裹。子单号填 ${packages > 1 ? `${packages} 个，各不相同` : '不了：先改包裹数'}，或一个都不填`,
    en: `It has ${packages} package(s): type as many different sub-numbers, or none`,
  },
})
const givenTogether: Refusal = {
  code: 'package_numbers',
  message: {
    zh: '有的子单号是电子面单账号给的，只跟着它自己的母单号。清空子单号，或填这个母单号自己的',
    en: 'An account gave some of these sub-numbers, which go with their own main number. Leave them out, or type those of this one',
  },
}
export const takenForOther: Refusal = {
  code: 'waybill_used',
  message: {
    zh: '这个运单号是给别的发货单取的，面单上是那一单的地址',
    en: 'This number was taken for another delivery; its label has that address',
  },
}
/** Why a number is not typed that went back to its source (true), or would go because of this (false). */
export const whyVoid = (backs: readonly (boolean | undefined)[]): Refusal | undefined =>
  backs.includes(true) ? wentBack : backs.includes(false) ? otherCourier : undefined

const wentBack: Refusal = {
  code: 'waybill_returned',
  message: {
    zh: '这个运单号已退回平台，它的面单作废。填别的运单号，或重新取号',
    en: 'This number went back to the platform, and its label is void. Type another one, or take a new number',
  },
}
const otherCourier: Refusal = {
  code: 'waybill_returned',
  message: {
    zh: '这个运单号是从账号取的，属于另一家快递。换了快递它会退回平台，面单作废：快递不改，或填别的运单号',
    en: 'An account gave this number, of another courier. With this courier it would go back and its label be void: keep the courier, or type another number',
  },
}
export const usedBy = (no: string): Refusal => ({
  code: 'waybill_used',
  message: { zh: `运单号已用在 ${no}`, en: `This waybill is on ${no} already` },
})
