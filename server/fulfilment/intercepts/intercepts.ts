import type { Actor } from '../../core/access/actor.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import { withdrawActions } from '../../core/outbox/actions.ts'
import { sendEvent } from '../../events.ts'
import type { LockedOrder } from '../../orders/holds/shipping.ts'
import { lockOrdersById, noteShipping, writeBackFacts } from '../../orders/holds/shipping.ts'
import { isGone } from '../../orders/order/lifecycle.ts'
import { type Wanted, wantedBack } from '../../orders/refunds/refund-goods.ts'
import { deliveriesOf } from '../queries.ts'
import { orderWriteBacks } from '../write-backs.ts'
import type { InterceptState } from './intercept-lifecycle.ts'
import {
  type Away,
  aliveOfDeliveries,
  aliveOfOrders,
  besideThem,
  type InterceptRow,
  type InterceptSummary,
  insertIntercepts,
  lastOfOrders,
  lockShipments,
  type NewIntercept,
  ordersWithOpenStop,
  parcelsAway,
  stoppedForNothing,
  writeDeadlines,
  writeInterceptState,
  writeRefunds,
  writeResumed,
  writeStopped,
} from './intercept-queries.ts'

/** Returns the earliest deadline of each order's refunds; null: none of them has a deadline. */
export function earliestDeadlines(
  refunds: readonly { orderId: string; deadline: Date | null }[],
): Map<string, Date | null> {
  const earliest = new Map<string, Date | null>()
  for (const { orderId, deadline } of refunds) {
    const known = earliest.get(orderId)
    earliest.set(orderId, known && (deadline === null || known < deadline) ? known : deadline)
  }
  return earliest
}

/**
 * Updates the intercepts of these orders to their present refunds. A parcel that is wanted back gets an intercept. If its write-back was
 * not sent yet, the write-back is stopped; one that is being sent counts as sent. If no refund wants the parcel any more, the intercept is
 * lifted and the shipment is written back. Decisions of people stay for this shipping. Runs in the transaction that noted or applied the
 * refunds, under the orders' locks, so that no write-back is sent in between. An order without a deadline here keeps its intercept's.
 */
export async function syncIntercepts(
  tx: Tx,
  orderIds: readonly string[],
  actor: Actor,
  deadlines: ReadonlyMap<string, Date | null>,
): Promise<void> {
  if (orderIds.length === 0) return
  const orders = await lockOrdersById(tx, orderIds)
  const gone = [...orders.values()].filter(({ status }) => isGone(status))
  if (gone.length === 0) return
  const goneIds = gone.map(({ id }) => id)
  await lockShipments(tx, goneIds)
  const away = await parcelsAway(tx, goneIds)
  const wanted = await wantedBack(tx, gone)
  const raised = away.filter(
    (one) => one.interceptId === null && !one.decided && raises(one, wanted.get(one.orderId)),
  )
  const lifted = away.filter(({ orderId, interceptId }) => !wanted.has(orderId) && interceptId !== null)
  const kept = away.filter(({ orderId, interceptId }) => wanted.has(orderId) && interceptId !== null)
  await raise(tx, raised, { wanted, deadlines }, actor)
  await writeDeadlines(
    tx,
    kept.flatMap(({ interceptId, orderId }) => {
      const deadline = deadlines.get(orderId)
      return interceptId === null || deadline === undefined ? [] : [{ interceptId, deadline }]
    }),
  )
  await writeRefunds(
    tx,
    kept.flatMap(({ interceptId, orderId }) => {
      const why = wanted.get(orderId)
      return interceptId === null || !why ? [] : [{ interceptId, ...why }]
    }),
  )
  if (lifted.length === 0) return
  const liftedIds = lifted.map(({ deliveryId }) => deliveryId)
  await end(tx, await aliveOfDeliveries(tx, liftedIds), { state: 'lifted', note: '' }, actor)
}

/**
 * A parcel that the platform does not know of is stopped at once. Any other is asked back only when its refund was converted: until then a
 * person may agree to the money only. A person who took the write-back over may have shipped it on the platform's own pages.
 */
const raises = ({ writeBack }: Away, wanted: Wanted | undefined): boolean =>
  wanted !== undefined && (wanted.converted || (wanted.way === 'pull' && writeBack !== 'manual'))

async function raise(
  tx: Tx,
  raised: readonly Away[],
  { wanted, deadlines }: { wanted: ReadonlyMap<string, Wanted>; deadlines: ReadonlyMap<string, Date | null> },
  actor: Actor,
): Promise<void> {
  if (raised.length === 0) return
  const untold = raised.filter(
    ({ orderId, writeBack, shownWaybill }) =>
      wanted.get(orderId)?.way === 'pull' &&
      (writeBack === 'waiting' || writeBack === 'failed') &&
      shownWaybill === '',
  )
  const actionIds = untold.flatMap(({ actionId }) => (actionId === null ? [] : [actionId]))
  const { withdrawn } = await withdrawActions(tx, actionIds, { actor, reason: '退款拦截' })
  const stopped = untold.filter(({ actionId }) => actionId !== null && withdrawn.has(actionId))
  await writeStopped(
    tx,
    stopped.map(({ deliveryId }) => deliveryId),
  )
  await stopBeside(tx, stopped, actor)
  const rows = raised.flatMap((one): (NewIntercept & { orderId: string })[] => {
    const why = wanted.get(one.orderId)
    if (!why) return []
    const { deliveryId, orderId } = one
    const way = why.way === 'pull' && isUntold(one, stopped) ? 'pull' : 'recall'
    const deadline = deadlines.get(orderId) ?? null
    return [{ deliveryId, orderId, way, refundNo: why.refundNo, amountFen: why.amountFen, deadline }]
  })
  await insertIntercepts(tx, rows, actor.name)
  const events = rows.map(({ orderId, way, refundNo }) => ({
    orderId,
    event: 'intercept_raised',
    detail: { way, refundNo },
  }))
  await noteShipping(tx, events, actor)
}

/**
 * Stops the write-backs of the other deliveries in the same merged shipments, because their goods come back with the parcel. Their
 * orders need no lock: a transaction that changes such a delivery locks all orders of the shipment, one of which the caller has locked.
 */
export async function stopBeside(
  tx: Tx,
  stopped: readonly Pick<Away, 'deliveryId' | 'parcel'>[],
  actor: Actor,
): Promise<void> {
  const merged = stopped.filter(({ parcel }) => parcel !== null)
  if (merged.length === 0) return
  const beside = await besideThem(
    tx,
    merged.map(({ deliveryId }) => deliveryId),
  )
  const actionIds = beside.map(({ actionId }) => actionId)
  const { withdrawn } = await withdrawActions(tx, actionIds, { actor, reason: '退款拦截' })
  const ids = beside.filter(({ actionId }) => withdrawn.has(actionId)).map(({ deliveryId }) => deliveryId)
  await writeStopped(tx, ids)
}

/**
 * True if there is no write-back to stop: a person took it over (`manual`), no platform is concerned (`none`), or it is stopped already. A
 * platform that shows a former waybill (改运单) knows of the shipping.
 */
function isUntold(one: Away, stopped: readonly Away[]): boolean {
  if (one.shownWaybill !== '') return false
  return ['manual', 'none', 'stopped'].includes(one.writeBack) || stopped.includes(one)
}

type End = { state: Exclude<InterceptState, 'open' | 'asked'>; note: string }

/** Ends intercepts under the orders' locks. Stopped write-backs of deliveries that are still shipped are enqueued. */
export async function end(
  tx: Tx,
  intercepts: readonly InterceptRow[],
  { state, note }: End,
  actor: Actor,
): Promise<void> {
  if (intercepts.length === 0) return
  const ids = intercepts.map(({ id }) => id)
  await writeInterceptState(tx, ids, { state, note, by: actor.name })
  await resumeWriteBacks(tx, intercepts, actor)
  const events = intercepts.map(({ orderId, refundNo, way }) => ({
    orderId,
    event: `intercept_${state}`,
    detail: { refundNo, way, ...(note === '' ? {} : { note }) },
  }))
  await noteShipping(tx, events, actor)
  const orderIds = intercepts.map(({ orderId }) => orderId)
  await sendEvent(tx, 'intake.intercept_ended', [{ orderIds, state, by: actor }])
}

/**
 * Enqueues the stopped write-backs of shipments that have no open intercept any more. The id of the last ended intercept is part of the
 * idempotency key, so that each end enqueues a write-back at most once.
 */
async function resumeWriteBacks(tx: Tx, intercepts: readonly InterceptRow[], actor: Actor): Promise<void> {
  const free = await stoppedForNothing(
    tx,
    intercepts.map(({ deliveryId }) => deliveryId),
  )
  if (free.length === 0) return
  const deliveries = await deliveriesOf(tx, free)
  const orders = await writeBackFacts(
    tx,
    deliveries.map(({ orderId }) => orderId),
  )
  const told = deliveries.flatMap((delivery) => {
    const order = orders.get(delivery.orderId)
    return order ? [{ delivery, order }] : []
  })
  const last = intercepts.reduce((newest, { id }) => (BigInt(id) > BigInt(newest) ? id : newest), '0')
  const actions = await orderWriteBacks(tx, told, ({ delivery }) => `${delivery.round}/${last}`, actor)
  await writeResumed(
    tx,
    [...actions].map(([id, actionId]) => ({ id, actionId })),
  )
}

/** 撤销发货 ends the intercepts of these deliveries as `pulled`: the parcels are in our warehouse again. */
export async function endByUnshipping(tx: Tx, deliveryIds: readonly string[], actor: Actor): Promise<void> {
  await end(tx, await aliveOfDeliveries(tx, deliveryIds), { state: 'pulled', note: '' }, actor)
}

export async function endByReturning(tx: Tx, deliveryIds: readonly string[], actor: Actor): Promise<void> {
  await end(tx, await aliveOfDeliveries(tx, deliveryIds), { state: 'returned', note: '' }, actor)
}

export const ordersBeingStopped = (tx: Tx, orders: readonly Pick<LockedOrder, 'id'>[]) =>
  ordersWithOpenStop(
    tx,
    orders.map(({ id }) => id),
  )

export async function aliveOf(tx: Tx, orderIds: readonly string[]): Promise<Map<string, string>> {
  return new Map((await aliveOfOrders(tx, orderIds)).map(({ orderId, id }) => [orderId, id]))
}

export async function interceptsOf(
  db: Database,
  orderIds: readonly string[],
): Promise<Map<string, InterceptSummary>> {
  return new Map((await lastOfOrders(db, orderIds)).map((row) => [row.orderId, row]))
}
