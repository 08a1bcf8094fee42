import type { By } from '../core/access/actor.ts'
import { shopsBeingRead } from '../core/access/shop-gate.ts'
import type { Tx } from '../core/db/db.ts'
import type { Outcome, Refusal } from '../core/decide.ts'
import { recordUnchecked, type UnansweredCheck, uncheckedDecisions } from '../fulfilment/asking/asking.ts'
import { type LockedDelivery, lockDeliveries, lockLeaving, outcomesOfDeliveries } from '../fulfilment/held.ts'
import { lacksWork, whyNotDelivery } from '../fulfilment/lifecycle.ts'
import { partDeliveries } from '../fulfilment/parcels.ts'
import { goodsChanged } from '../fulfilment/ship-steps.ts'
import { writeBackShipped } from '../fulfilment/write-backs.ts'
import { shipReserved, shortOrders } from '../inventory/ship.ts'
import { type Stop, stopsOf } from '../orders/holds/shipping.ts'
import { whyNotOrder } from '../orders/order/lifecycle.ts'
import { applyNotices } from '../orders/refunds/refund-notices.ts'
import { transition } from '../orders/status/transition.ts'

/**
 * 发货: ships deliveries in one transaction. The caller checks refunds on the platforms before (`checkRefundsBeforeShipping`), since no
 * transaction may wait for a platform.
 *
 * 1. The deliveries are locked together with the others of their merged shipments. Refund notices are applied, and orders on hold leave
 *    their merged shipment.
 * 2. Under these locks deliveries are refused for holds, open refunds, changed addresses and designated couriers, goods that are not
 *    reserved or were refunded after the parcel was checked, and, where the settings say so, a refund check without an answer.
 * 3. Deliveries that ship although their refund check had no answer are recorded.
 * 4. The orders become shipped.
 * 5. The deliveries become shipped, and their write-back is enqueued.
 * 6. The reserved goods leave the stock. Orders without reservations, as in an installation without warehouses, ship without stock.
 *
 * Lock order: orders with their child orders, shipments and deliveries, settlements and gift rules, by step 1; stock balances, by step 6.
 */
export async function shipDeliveries(
  tx: Tx,
  ids: readonly string[],
  { actor, scope }: By,
): Promise<Outcome[]> {
  const held = await lockAndApplyNotices(tx, ids, { actor, scope })
  const orderIds = held.map(({ order }) => order.id)
  const stops = await stopsOf(tx, orderIds)
  const short = await shortOrders(tx, orderIds)
  const changed = await goodsChanged(
    tx,
    held.flatMap(({ delivery: { id, checkedAt } }) => (checkedAt === null ? [] : [id])),
  )
  const silences = await uncheckedDecisions(tx, held)
  const reading = await shopsBeingRead(
    tx,
    held.map(({ order }) => order.shopId),
  )
  const { outcomes, done: leaving } = outcomesOfDeliveries(ids, held, (one) =>
    whyNotShip(one, { stops, short, changed, silences, reading }),
  )
  if (leaving.length === 0) return outcomes
  const leavingIds = leaving.map(({ order }) => order.id)
  await recordUnchecked(tx, leaving, silences)
  await transition(tx, leavingIds, { event: 'ship' }, actor)
  await writeBackShipped(tx, leaving, actor)
  const shipped = await shipReserved(tx, leavingIds, actor)
  // `shortOrders` tested this under the orders' locks. If stock is short nevertheless, the whole transaction must fail.
  if (shipped.some(({ code }) => code === 'short')) throw new Error('Goods that were reserved are not there.')
  return outcomes
}

/**
 * Locks the deliveries and applies the refund notices of their orders. Deliveries whose stopped orders no longer belong to their merged
 * shipment are separated from it. That includes orders which left the shipment in an earlier transaction that had not locked the shipment's
 * other orders.
 */
async function lockAndApplyNotices(
  tx: Tx,
  ids: readonly string[],
  { actor, scope }: By,
): Promise<LockedDelivery[]> {
  const all = await lockLeaving(tx, ids, scope)
  const orderIds = all.map(({ order }) => order.id)
  const { held } = await applyNotices(tx, orderIds, actor)
  if (held.length === 0 && !all.some(hasLeft)) return all
  const stops = await stopsOf(tx, orderIds)
  await partDeliveries(
    tx,
    orderIds.filter((id) => stops.has(id)),
    actor,
  )
  return lockDeliveries(tx, ids, scope)
}

const hasLeft = ({ delivery, order }: LockedDelivery) =>
  delivery.status === 'pending' && delivery.parcel !== null && order.parcel === null

type Against = {
  stops: ReadonlyMap<string, Stop>
  short: ReadonlySet<string>
  changed: ReadonlySet<string>
  silences: ReadonlyMap<string, UnansweredCheck>
  /** Shops that were not read again since the database was restored. */
  reading: ReadonlySet<string>
}

function whyNotShip(
  { delivery, order }: LockedDelivery,
  { stops, short, changed, silences, reading }: Against,
): Refusal | undefined {
  const wrong = whyNotDelivery(delivery, 'ship')
  if (wrong && !lacksWork(wrong)) return wrong
  if (order.status !== 'released') return refusalOf(order)
  if (reading.has(order.shopId)) return refusalOf({ ...order, beingRead: true })
  const stop = stops.get(order.id)
  if (stop) return stop
  if (short.has(order.id)) return shortOfStock
  if (changed.has(delivery.id)) return otherGoods
  const silence = silences.get(delivery.id)
  return wrong ?? refusalOf(order) ?? (silence && 'refusal' in silence ? silence.refusal : undefined)
}

function refusalOf(order: LockedDelivery['order'] & { beingRead?: boolean }): Refusal | undefined {
  return whyNotOrder({ ...order, lockedByOther: '' }, 'ship')
}

const shortOfStock: Refusal = {
  code: 'short',
  message: { zh: '缺货，没有占到库存', en: 'Short: its goods are not reserved' },
}

const otherGoods: Refusal = {
  code: 'goods_changed',
  message: {
    zh: '验货之后退了商品，要重新验货',
    en: 'Goods were refunded after they were checked. Check the parcel again',
  },
}
