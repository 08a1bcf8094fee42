import type { Actor, By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Outcome } from '../../core/decide.ts'
import { sendEvent } from '../../events.ts'
import { shipStepsOf, usualShipSteps } from '../../inventory/warehouses.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import type { LockedOrder } from '../../orders/holds/shipping.ts'
import {
  deliveryFactsOf,
  inconsistentShipments,
  lockOrdersById,
  lockWithShipment,
  stopsOf,
} from '../../orders/holds/shipping.ts'
import { otherLockOwner, withinScope } from '../../orders/order/access.ts'
import { whyNotOrder } from '../../orders/order/lifecycle.ts'
import { applyNotices } from '../../orders/refunds/refund-notices.ts'
import { transition } from '../../orders/status/transition.ts'
import { packedGoods } from '../goods-rules.ts'
import { lockDeliveries, outcomesOfDeliveries } from '../held.ts'
import { insertCancelled } from '../intercepts/put-back-queries.ts'
import { whyNotDelivery } from '../lifecycle.ts'
import { giveBackUnused, packagesBefore } from '../numbers.ts'
import { ordersBeside, partDeliveries } from '../parcels.ts'
import { insertDeliveries, type NewDelivery } from '../queries.ts'
import { printedOrders } from '../ship-steps.ts'
import { cancelPending } from '../status-queries.ts'

/**
 * 通知配货: releases orders and creates their deliveries. An open refund, a changed address or a hold prevents it. Orders of a merged
 * shipment are released together or not at all.
 */
export function releaseOrders(tx: Tx, ids: readonly string[], { actor, scope }: By): Promise<Outcome[]> {
  return withinScope(tx, ids, scope, async (granted) => {
    const orders = await lockAndApplyNotices(tx, granted, actor)
    const all = [...orders.keys()]
    const stops = await stopsOf(tx, all)
    const stopped = all.flatMap((id): Outcome[] => {
      const order = orders.get(id)
      const stop = stops.get(id)
      // `transition` below refuses an order that is not confirmed, with its status as the reason.
      if (!order || !stop || order.status !== 'confirmed') return []
      return [{ id, done: false, ...stop, ref: order.no }]
    })
    const apart = await whyNotTogether(tx, orders, stopped, actor)
    const refused = [...stopped, ...apart]
    const free = all.filter((id) => !refused.some((one) => one.id === id))
    const outcomes = await transition(tx, free, { event: 'release' }, actor)
    const released = outcomes.filter(({ done }) => done).map(({ id }) => id)
    if (released.length > 0) {
      const rows = await newDeliveries(tx, released)
      // An order that was voided and restored may still have a delivery, if the warehouse was not informed yet.
      await cancelAndPutBack(tx, released, 'void', actor)
      await insertDeliveries(tx, rows, actor.name)
    }
    return [...outcomes, ...refused]
  })
}

/** Returns the deliveries of these orders, with the steps that their warehouses require and the packages that they had before. */
async function newDeliveries(tx: Tx, orderIds: readonly string[]): Promise<NewDelivery[]> {
  const parcels = [...(await deliveryFactsOf(tx, orderIds)).values()]
  const shipSteps = await shipStepsOf(
    tx,
    parcels.flatMap(({ warehouseId }) => warehouseId ?? []),
  )
  const packed = parcels.map((row) => ({ ...row, ...packedGoods(row) }))
  const packages = await packagesBefore(tx, packed)
  return packed.map((row) => ({
    ...row,
    orderNo: row.no,
    packageCount: packages.get(row.orderId) ?? 1,
    shipSteps: [...(shipSteps.get(row.warehouseId ?? '') ?? usualShipSteps)],
  }))
}

async function lockAndApplyNotices(
  tx: Tx,
  ids: readonly string[],
  actor: Actor,
): Promise<ReadonlyMap<string, LockedOrder>> {
  // An order that was voided and restored may have its delivery still in a merged shipment, whose other orders are locked too.
  const beside = await ordersBeside(tx, ids)
  if (beside.length > 0) await lockWithShipment(tx, [...ids, ...beside])
  const orders = await lockWithShipment(tx, ids)
  const { held } = await applyNotices(tx, [...orders.keys()], actor)
  return held.length === 0 ? orders : lockWithShipment(tx, ids)
}

/** Refuses the orders of a merged shipment if one of them cannot be released, or if they no longer have one receiver and one warehouse. */
async function whyNotTogether(
  tx: Tx,
  orders: ReadonlyMap<string, LockedOrder>,
  stopped: readonly Outcome[],
  actor: Actor,
): Promise<Outcome[]> {
  const merged = [...orders.values()].filter(({ parcel }) => parcel !== null)
  if (merged.length === 0) return []
  const differing = await inconsistentShipments(tx, [
    ...new Set(merged.flatMap(({ parcel }) => parcel ?? [])),
  ])
  const own = new Map(stopped.flatMap((one) => (one.done ? [] : [[one.id, one.message] as const])))
  const why = (order: LockedOrder) => {
    const refusal = whyNotOrder({ ...order, lockedByOther: otherLockOwner(order, actor) }, 'release')
    if (!refusal) return own.get(order.id) ?? (differing.has(order.parcel ?? '') ? otherReceiver : undefined)
    return refusal.code === 'already' ? undefined : refusal.message
  }
  return [...Map.groupBy(merged, ({ parcel }) => parcel).values()].flatMap((parcel) => {
    const first = parcel.find((order) => why(order))
    const message = first && why(first)
    return first && message
      ? parcel
          .filter((order) => order.id !== first.id && !own.has(order.id))
          .concat(own.has(first.id) ? [] : [first])
          .map(({ id, no }) => ({
            id,
            done: false,
            code: 'parcel',
            message: named(first.no, message),
            ref: no,
          }))
      : []
  })
}

const named = (no: string, { zh, en }: LocalizedText) => ({
  zh: `同包裹的 ${no}：${zh}。取消合单后可单独发`,
  en: `${no} in the same parcel: ${en}. Take it out to ship the others`,
})
const otherReceiver = {
  zh: '收件人、地址、仓库或平台指定的快递变了',
  en: 'its receiver, address, warehouse or designated couriers have changed',
}

/** 取消配货: makes orders confirmed again, cancels their deliveries and lists the goods as put-backs. */
export async function unreleaseDeliveries(
  tx: Tx,
  ids: readonly string[],
  { actor, scope }: By,
): Promise<Outcome[]> {
  const held = await lockDeliveries(tx, ids, scope)
  const { outcomes, done } = outcomesOfDeliveries(
    ids,
    held,
    ({ delivery, order }) =>
      whyNotDelivery(delivery, 'unrelease') ?? whyNotOrder({ ...order, lockedByOther: '' }, 'unrelease'),
  )
  const orderIds = done.map(({ order }) => order.id)
  if (orderIds.length > 0) {
    await transition(tx, orderIds, { event: 'unrelease' }, actor)
    await cancelAndPutBack(tx, orderIds, 'unrelease', actor)
  }
  return outcomes
}

/**
 * Cancels the deliveries of released orders and makes the orders confirmed, until a person releases them again. Called before we report to
 * the platform that the goods were stopped, because the platform pays the refund on that report. The caller has locked the orders.
 */
export async function giveUpDeliveries(tx: Tx, orderIds: readonly string[], actor: Actor): Promise<void> {
  const orders = await lockOrdersById(tx, orderIds)
  const released = [...orders.values()].filter(({ status }) => status === 'released').map(({ id }) => id)
  if (released.length === 0) return
  await transition(tx, released, { event: 'unrelease', detail: { reason: 'told_stopped' } }, actor)
  await cancelAndPutBack(tx, released, 'unrelease', actor)
}

/** Cancels the deliveries of voided orders. An order that was restored and released again keeps its delivery. */
export async function cancelVoided(tx: Tx, orderIds: readonly string[], actor: Actor): Promise<void> {
  const orders = await lockOrdersById(tx, [...orderIds, ...(await ordersBeside(tx, orderIds))])
  const gone = [...new Set(orderIds)].filter((id) => orders.get(id)?.status !== 'released')
  if (gone.length > 0) await cancelAndPutBack(tx, gone, 'void', actor)
}

/**
 * Cancels the pending deliveries of these orders and lists their goods as put-backs; they leave their merged shipments before. Picking is not recorded, so any of the goods may have
 * been picked since the release.
 */
async function cancelAndPutBack(
  tx: Tx,
  orderIds: readonly string[],
  source: 'void' | 'unrelease',
  actor: Actor,
): Promise<void> {
  const printed = [...(await printedOrders(tx, orderIds))]
  await partDeliveries(tx, orderIds, actor)
  const cancelled = await cancelPending(tx, orderIds, actor.name)
  if (cancelled.length === 0) return
  await insertCancelled(tx, cancelled, source)
  await giveBackUnused(tx, cancelled, actor)
  if (printed.length > 0) await sendEvent(tx, 'intake.printed_given_up', [{ orderIds: printed }])
}
