import type { Actor, Scope } from '../actor.ts'
import type { Outcome } from '../batches/batch.ts'
import { couriers } from '../connectors/couriers.ts'
import type { Tx } from '../db.ts'
import { noteShipping } from '../orders/shipping.ts'
import { answerHeld, type Held, holdDeliveries } from './held.ts'
import { type Refusal, waybillPattern, whyNot } from './lifecycle.ts'
import { lockWaybills, type Waybill, waybillHolders, writeWaybills } from './queries.ts'

const shape = new RegExp(waybillPattern)

/** "顺丰", "顺丰速运", "SF", "sf express" → SF. */
export function courierOf(text: string): string | undefined {
  const bare = (words: string) =>
    words.toLowerCase().replace(/\s|速运|速递|快递|快运|物流|包裹|express|logistics|parcel/g, '')
  const asked = bare(text)
  if (asked === '') return undefined
  return couriers.find(({ code, zh, en }) =>
    [code, zh, en].some((name) => bare(name) === asked || name.toLowerCase() === text.trim().toLowerCase()),
  )?.code
}

/** Courier and waybill of deliveries that wait. A waybill is on one live delivery only; two may change theirs over. */
export async function setWaybills(
  tx: Tx,
  waybills: readonly Waybill[],
  actor: Actor,
  scope: Scope,
): Promise<Outcome[]> {
  await lockWaybills(tx)
  const asked = new Map(waybills.map((one) => [one.deliveryId, one]))
  const held = await holdDeliveries(tx, [...asked.keys()], scope)
  const holders = await waybillHolders(tx, [...asked.values()])
  const twice = repeated([...asked.values()])
  const outcomes = answerHeld([...asked.keys()], held, ({ delivery }) => {
    const waybill = asked.get(delivery.id)
    if (!waybill) return unknownCourier
    const holder = holders.get(keyOf(waybill))
    const givesItAway = holder && asked.has(holder.id) && keyOf(asked.get(holder.id)) !== keyOf(waybill)
    return (
      whyNot(delivery, 'waybill') ??
      whyWrong(waybill) ??
      (twice.has(keyOf(waybill)) ? sameTwice : undefined) ??
      (holder && holder.id !== delivery.id && !givesItAway ? usedBy(holder.no) : undefined)
    )
  })
  const done = new Set(outcomes.filter((one) => one.done).map(({ id }) => id))
  const refusedHolder = (one: Waybill) => {
    const holder = holders.get(keyOf(one))
    return holder !== undefined && holder.id !== one.deliveryId && !done.has(holder.id)
  }
  const written = [...asked.values()].filter((one) => done.has(one.deliveryId) && !refusedHolder(one))
  if (written.length > 0) {
    await writeWaybills(tx, written)
    await noteShipping(tx, eventsOf(written, held), actor)
  }
  const kept = new Set(written.map(({ deliveryId }) => deliveryId))
  return outcomes.map((one) =>
    one.done && !kept.has(one.id)
      ? { ...one, done: false, ...usedBy(holders.get(keyOf(asked.get(one.id)))?.no ?? '') }
      : one,
  )
}

function eventsOf(written: readonly Waybill[], held: readonly Held[]) {
  const orderOf = new Map(held.map(({ delivery }) => [delivery.id, delivery.orderId]))
  return written.map(({ deliveryId, courier, waybillNo }) => ({
    orderId: orderOf.get(deliveryId) ?? '',
    event: 'waybill',
    detail: { courier, waybillNo },
  }))
}

const keyOf = (waybill: Pick<Waybill, 'courier' | 'waybillNo'> | undefined) =>
  waybill ? `${waybill.courier} ${waybill.waybillNo}` : ''

function repeated(waybills: readonly Waybill[]): Set<string> {
  const byKey = Map.groupBy(waybills, keyOf)
  return new Set([...byKey].filter(([, rows]) => rows.length > 1).map(([key]) => key))
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
const usedBy = (no: string): Refusal => ({
  code: 'waybill_used',
  message: { zh: `运单号已用在 ${no}`, en: `This waybill is on ${no} already` },
})
