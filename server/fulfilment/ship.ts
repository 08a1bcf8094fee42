import type { Actor, By } from '../core/access/actor.ts'
import type { Tx } from '../core/db/db.ts'
import type { Outcome, Refusal } from '../core/decide.ts'
import { withdrawActions } from '../core/outbox/actions.ts'
import { sendEvent } from '../events.ts'
import { shipReserved, shortOrders, unshipReserved } from '../inventory/ship.ts'
import { type Stop, stopsOf } from '../orders/holds/shipping.ts'
import { whyNotOrder } from '../orders/order/lifecycle.ts'
import { applyNotices } from '../orders/refunds/refund-notices.ts'
import { applyMissedAfterUnship } from '../orders/refunds/take-up.ts'
import { transition } from '../orders/status/transition.ts'
import { recordUnchecked, type UnansweredCheck, uncheckedDecisions } from './asking/asking.ts'
import { type LockedDelivery, lockDeliveries, outcomesOfDeliveries } from './held.ts'
import { endByUnshipping } from './intercepts/intercepts.ts'
import { whyNotDelivery } from './lifecycle.ts'
import { partDeliveries } from './parcels.ts'
import { writeShipped, writeUnshipped } from './status-queries.ts'
import { orderWriteBacks } from './write-backs.ts'

/**
 * 发货: the parcel has left. Refunds, holds and changed addresses are asked about again under the orders' locks; whoever calls it asks
 * the platforms before (`checkRefundsBeforeShipping`), and what leaves without their answer is noted. Stock
 * leaves the shelf and the platform is told of it by an action of the same transaction. Orders without reservations, as in
 * a house without warehouses, ship without stock.
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
  const silences = await uncheckedDecisions(tx, held)
  const { outcomes, done: leaving } = outcomesOfDeliveries(ids, held, (one) =>
    whyNotShip(one, { stops, short, silences }),
  )
  if (leaving.length === 0) return outcomes
  const leavingIds = leaving.map(({ order }) => order.id)
  await recordUnchecked(tx, leaving, silences)
  await transition(tx, leavingIds, 'ship', actor)
  await writeBack(tx, leaving, actor)
  const shipped = await shipReserved(tx, leavingIds, actor)
  // Checked above under the orders' locks; if it is not so all the same, nothing of this may stand.
  if (shipped.some(({ code }) => code === 'short')) throw new Error('Goods that were reserved are not there.')
  return outcomes
}

/**
 * Whatever was noted of their refunds comes to bear: a parcel goes without what stands still for one, also where its order left the parcel
 * before, under locks that did not reach the others.
 */
async function lockAndApplyNotices(
  tx: Tx,
  ids: readonly string[],
  { actor, scope }: By,
): Promise<LockedDelivery[]> {
  const all = await lockDeliveries(tx, ids, scope)
  const orderIds = all.map(({ order }) => order.id)
  const { held } = await applyNotices(tx, orderIds, actor)
  if (held.length === 0 && !all.some(hasLeft)) return all
  const stops = await stopsOf(tx, orderIds)
  await partDeliveries(
    tx,
    orderIds.filter((id) => stops.has(id)),
  )
  return lockDeliveries(tx, ids, scope)
}

const hasLeft = ({ delivery, order }: LockedDelivery) =>
  delivery.status === 'pending' && delivery.parcel !== null && order.parcel === null

type Against = {
  stops: ReadonlyMap<string, Stop>
  short: ReadonlySet<string>
  silences: ReadonlyMap<string, UnansweredCheck>
}

function whyNotShip(
  { delivery, order }: LockedDelivery,
  { stops, short, silences }: Against,
): Refusal | undefined {
  const wrong = whyNotDelivery(delivery, 'ship')
  if (wrong && wrong.code !== 'no_waybill') return wrong
  if (order.status !== 'released') return refusalOf(order)
  const stop = stops.get(order.id)
  if (stop) return stop
  if (short.has(order.id)) return shortOfStock
  const silence = silences.get(delivery.id)
  return wrong ?? refusalOf(order) ?? (silence && 'refusal' in silence ? silence.refusal : undefined)
}

function refusalOf(order: LockedDelivery['order']): Refusal | undefined {
  return whyNotOrder({ ...order, lockedByOther: '' }, 'ship')
}

const shortOfStock: Refusal = {
  code: 'short',
  message: { zh: '缺货，没有占到库存', en: 'Short: its goods are not reserved' },
}

/** What was undone and is shipped again is another intent. */
async function writeBack(tx: Tx, leaving: readonly LockedDelivery[], actor: Actor): Promise<void> {
  const actions = await orderWriteBacks(tx, leaving, ({ delivery }) => String(delivery.round + 1), actor)
  await writeShipped(
    tx,
    leaving.map(({ delivery }) => ({ id: delivery.id, actionId: actions.get(delivery.id) ?? null })),
    actor.name,
  )
}

/**
 * 撤销发货, until the platform was told: the action is withdrawn, the goods are back on the shelf, and the delivery waits
 * again with its waybill. An action that is under way, or whose outcome is unclear, cannot be withdrawn any more. What was
 * refunded meanwhile comes off the order, which is held or voided for it.
 */
export async function unshipDeliveries(
  tx: Tx,
  ids: readonly string[],
  { actor, scope }: By,
): Promise<Outcome[]> {
  const held = await lockDeliveries(tx, ids, scope)
  const why = ({ delivery, order }: LockedDelivery) =>
    whyNotDelivery(delivery, 'unship') ?? whyNotOrder({ ...order, lockedByOther: '' }, 'unship')
  const asked = held.filter((one) => why(one) === undefined)
  const actionIds = asked.flatMap(({ delivery }) => (delivery.actionId === null ? [] : [delivery.actionId]))
  const { standing } = await withdrawActions(tx, actionIds, { actor, reason: '撤销发货' })
  const stays = (one: LockedDelivery) => {
    const state = standing.get(one.delivery.actionId ?? '')
    return why(one) ?? (state === undefined ? undefined : stillOut(state))
  }
  // Of a parcel, what the platform was told of stays shipped; the others wait for it no longer.
  const { outcomes, done: back } = outcomesOfDeliveries(ids, held, stays, false)
  if (back.length === 0) return outcomes
  const orderIds = back.map(({ order }) => order.id)
  await transition(tx, orderIds, 'unship', actor)
  const backIds = back.map(({ delivery }) => delivery.id)
  await writeUnshipped(tx, backIds)
  await endByUnshipping(tx, backIds, actor)
  await sendEvent(tx, 'fulfilment.unshipped', [{ orderIds }])
  await unshipReserved(tx, orderIds, actor)
  await applyMissedAfterUnship(tx, orderIds, actor)
  return outcomes
}

function stillOut(state: string): Refusal {
  if (state === 'unknown')
    return {
      code: 'write_back_unclear',
      message: {
        zh: '回写结果不明，核实之前不能撤销',
        en: 'The outcome of the write-back is unclear; it cannot be undone before that is known',
      },
    }
  return {
    code: 'write_back_under_way',
    message: {
      zh: '正在回写平台，不能撤销',
      en: 'The platform is being told right now; it cannot be undone',
    },
  }
}
