import type { Actor, Scope } from '../../core/access/actor.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import { firstHoldReason, holdNames } from '../order/hold-rules.ts'
import type { GuardCode } from '../order/lifecycle.ts'
import {
  addOrderEvents,
  childIds,
  type LockedOrder,
  lockOrders,
  lockOrdersWithChildren,
  type NewEvent,
  openHoldsOf,
} from '../order/queries.ts'
import { leaveShipments } from '../shipments/leave.ts'
import { type ShipmentMember, shipmentMembers, withShipments } from '../shipments/merge-queries.ts'
import { haveOneCourier, isOtherReceiver } from '../shipments/merge-rules.ts'
import { transition } from '../status/transition.ts'
import {
  accountFactsOf,
  chosenCouriers,
  copiedOrders,
  type DeliveryOrderFacts,
  deliveryOrderRows,
  idsByNumber,
  isStopped,
  openStops,
  voidedIds,
  writeBackRows,
  writeWrittenBack,
} from './shipping-queries.ts'

// Functions of orders that fulfilment calls while it has the orders locked.

export type { DeliveryOrderFacts, LockedOrder }

export type Stop = {
  code: GuardCode | 'refund_open' | 'address_changed' | 'courier_changed'
  reason?: string
  message: LocalizedText
}

export async function lockOrdersById(tx: Tx, ids: readonly string[]): Promise<Map<string, LockedOrder>> {
  return new Map((await lockOrders(tx, [...new Set(ids)])).map((order) => [order.id, order]))
}

export async function lockWithShipment(tx: Tx, ids: readonly string[]): Promise<Map<string, LockedOrder>> {
  return lockOrdersById(tx, await withShipments(tx, ids))
}

/**
 * Returns those of these merged shipments whose orders no longer have one warehouse, one receiver and a courier that the platforms allow for all.
 * The caller has locked the orders.
 */
export async function inconsistentShipments(tx: Tx, parcels: readonly string[]): Promise<Set<string>> {
  const members = await shipmentMembers(tx, parcels)
  const places = (rows: readonly ShipmentMember[]) =>
    new Set(rows.map(({ warehouseId, receiverHash }) => `${warehouseId}/${receiverHash}`))
  const differ = (rows: readonly ShipmentMember[]) =>
    places(rows).size > 1 ||
    !haveOneCourier(rows) ||
    rows.some((one) => rows.some((other) => isOtherReceiver(one, other)))
  return new Set([...members].filter(([, rows]) => differ(rows)).map(([parcel]) => parcel))
}

/** Takes orders whose shipping was undone out of their merged shipments, of which others have left. The caller has locked the orders of the shipments. */
export async function leaveUndone(tx: Tx, ids: readonly string[], actor: Actor): Promise<void> {
  await leaveShipments(
    tx,
    ids.map((orderId) => ({ orderId, for: 'unship' })),
    actor,
  )
}

export async function lockWithChildren(tx: Tx, ids: readonly string[]): Promise<LockedOrder[]> {
  return lockOrdersWithChildren(tx, [...new Set(ids)])
}

export async function lockWithShipmentAndChildren(tx: Tx, ids: readonly string[]): Promise<LockedOrder[]> {
  return lockWithChildren(tx, await withShipments(tx, [...ids, ...(await childIds(tx, ids))]))
}

/**
 * Returns the reason why each order must not be shipped: an open refund, a changed address or designated courier (also after its
 * hold was lifted without a decision), or a hold; orders without a reason are missing. The text is complete, since the packer reads it with
 * the parcel in hand.
 */
export async function stopsOf(tx: Tx, ids: readonly string[]): Promise<Map<string, Stop>> {
  const byOrder = Map.groupBy(await openStops(tx, ids), (stop) => stop.orderId)
  return new Map(
    [...byOrder].map(([id, stops]) => {
      const reasons = new Set(stops.map((stop) => stop.reason))
      if (reasons.has('refund_open')) return [id, refundOpen(stops.map(({ refund }) => refund))] as const
      if (reasons.has('address_changed')) return [id, addressChanged] as const
      if (reasons.has('courier_changed')) return [id, courierChanged] as const
      return [id, onHold([...reasons])] as const
    }),
  )
}

/** The refusal names the refund numbers, so that the packer can look them up. */
function refundOpen(refunds: readonly string[]): Stop {
  const numbers = [...new Set(refunds)].filter((number) => number !== '')
  const zh = numbers.length === 0 ? '' : `（退款 ${numbers.join('、')}）`
  const en = numbers.length === 0 ? '' : ` (${numbers.join(', ')})`
  return {
    code: 'refund_open',
    message: {
      zh: `已拦截：买家在退款${zh}，有结果前不能出库`,
      en: `Stopped: the buyer has a refund${en}; nothing leaves before it is settled`,
    },
  }
}
const addressChanged: Stop = {
  code: 'address_changed',
  message: {
    zh: '已拦截：买家改了地址，先处理差异',
    en: 'Stopped: the buyer changed the address; settle that first',
  },
}
const courierChanged: Stop = {
  code: 'courier_changed',
  message: {
    zh: '已拦截：平台改了指定快递，先处理差异',
    en: 'Stopped: the platform designates another courier; settle that first',
  },
}
function onHold(reasons: readonly string[]): Stop {
  const names = holdNames(reasons)
  return {
    code: 'on_hold',
    reason: firstHoldReason(reasons),
    message: { zh: `已拦截，挂起：${names.zh}`, en: `Stopped, on hold: ${names.en}` },
  }
}

export async function deliveryFactsOf(
  tx: Tx,
  ids: readonly string[],
): Promise<Map<string, DeliveryOrderFacts>> {
  return new Map((await deliveryOrderRows(tx, ids)).map((row) => [row.orderId, row]))
}

/** Facts of an order for its write-back. They never change, so no lock is needed. */
export type WriteBackFacts = Pick<LockedOrder, 'id' | 'tid' | 'cod' | 'origin'>

export async function writeBackFacts(tx: Tx, ids: readonly string[]): Promise<Map<string, WriteBackFacts>> {
  return new Map((await writeBackRows(tx, ids)).map((row) => [row.id, row]))
}

export { accountFactsOf, chosenCouriers, copiedOrders, isStopped, openHoldsOf }

export type WriteBackNote = NewEvent & { told: boolean }

/** Records results of write-backs as events of the orders. `told`: the platform now has the shipment. */
export async function noteWriteBacks(tx: Tx, notes: readonly WriteBackNote[], actor: Actor): Promise<void> {
  const told = notes.filter((note) => note.told).map(({ orderId }) => orderId)
  if (told.length > 0) await writeWrittenBack(tx, told)
  await addOrderEvents(tx, notes, actor)
}

export const noteShipping = (tx: Tx, events: readonly NewEvent[], actor: Actor) =>
  addOrderEvents(tx, events, actor)

/**
 * 完成: completes the orders of finished trades and their child orders. Orders that are not shipped, or completed already, stay unchanged.
 */
export async function completeOrders(tx: Tx, ids: readonly string[], actor: Actor): Promise<void> {
  const orders = await lockWithChildren(tx, ids)
  const shipped = orders.filter(({ status }) => status === 'shipped').map(({ id }) => id)
  if (shipped.length > 0) await transition(tx, shipped, { event: 'complete' }, actor)
}

export async function ordersByNumber(
  db: Database | Tx,
  numbers: readonly string[],
  scope: Scope,
): Promise<Map<string, string[]>> {
  const found = await idsByNumber(db, numbers, scope.shops === 'all' ? null : scope.shops)
  const byNumber = Map.groupBy(found, ({ number }) => number)
  return new Map([...byNumber].map(([number, rows]) => [number, rows.map(({ id }) => id)]))
}

export const voidedOrders = async (db: Database | Tx, ids: readonly string[]): Promise<ReadonlySet<string>> =>
  new Set(await voidedIds(db, ids))
