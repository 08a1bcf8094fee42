import { sql } from 'kysely'
import Type from 'typebox'
import { matchedListings } from '../../catalog/relations.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import type { Job } from '../../core/jobs/job.ts'
import { defineInstallationTaskKind } from '../../core/tasks/kinds.ts'
import { receiveEvent, sendEvent } from '../../events.ts'
import type { Filled } from '../../inventory/fill.ts'
import { activeWarehouses } from '../../inventory/relations.ts'
import { allocationBits, allocationFacet } from '../order/facets.ts'
import { lockOrders, refreshOrders } from '../order/queries.ts'
import { isReservable, keepUnmatchedHolds, refreshAllocation, reserveOrders } from './goods.ts'
import { followRematch, rematchedOrders } from './rematch.ts'

const batchSize = 500

export async function enqueueUnmatched(tx: Tx, orderIds: readonly string[]): Promise<void> {
  if (orderIds.length > 0) await sendEvent(tx, 'orders.unmatched', [{ orderIds }])
}

/**
 * Enqueues the update of orders whose backorders were filled. Orders must be locked before stock (ARCHITECTURE.md, Locks), so the orders
 * are updated in a later transaction.
 */
export async function enqueueFilled(tx: Tx, filled: readonly Filled[]): Promise<void> {
  await sendEvent(tx, 'orders.filled', [{ orderIds: [...new Set(filled.map(({ orderId }) => orderId))] }])
}

/**
 * Reserves stock for orders whose lines were matched just now. `complete`: those of them that have no unmatched line any more. Gifts are a
 * room above this one, so `worker.ts` passes the function that gives them too.
 */
type ReserveMatched = (tx: Tx, ids: readonly string[], complete: readonly string[]) => Promise<unknown>

export const goodsJobs = (reserveMatched: ReserveMatched = reserveOrders): readonly Job[] => [
  receiveEvent('orders.listings_matched', async ({ db }, payloads) => {
    const listingIds = payloads.flatMap((payload) => payload.listingIds)
    await matchWaiting(db, sql`g.id = any(${listingIds}::bigint[])`, reserveMatched)
    const fromSkuIds = payloads.flatMap((payload) => payload.fromSkuIds ?? [])
    if (fromSkuIds.length > 0) await rematchWaiting(db, listingIds, fromSkuIds)
  }),
  receiveEvent('orders.unmatched', ({ db }, payloads) =>
    matchWaiting(
      db,
      sql`l.order_id = any(${payloads.flatMap((payload) => payload.orderIds)}::bigint[])`,
      reserveMatched,
    ),
  ),
  receiveEvent('orders.filled', async ({ db }, payloads) => {
    const ids = [...new Set(payloads.flatMap((payload) => payload.orderIds))]
    for (let from = 0; from < ids.length; from += batchSize) {
      const some = ids.slice(from, from + batchSize)
      await db.transaction().execute(async (tx) => {
        await lockOrders(tx, some)
        await refreshAllocation(tx, some)
      })
    }
  }),
]

/** Join condition of `order_line l`, `sales_order o` and the listing `g`: lines without a SKU whose listing now has one. */
const waiting = sql`
  l.sku_id is null and o.id = l.order_id and g.shop_id = o.shop_id and g.item_id = l.item_id
  and g.platform_sku_id = l.platform_sku_id`

/** Sets the SKU of waiting lines in batches. A line with a SKU is not found again, so the loop ends. */
async function matchWaiting(
  db: Database,
  which: ReturnType<typeof sql>,
  reserveMatched: ReserveMatched,
): Promise<void> {
  for (;;) {
    const found = await sql<Row<'order_line', 'orderId'>>`
      select distinct order_id as "orderId" from (
        select l.order_id from ${matchedListings} g, order_line l, sales_order o where ${which} and ${waiting} limit ${batchSize}
      ) waiting_line`.execute(db)
    const ids = found.rows.map(({ orderId }) => orderId)
    if (ids.length === 0) return
    await db.transaction().execute((tx) => matchOrders(tx, ids, reserveMatched))
  }
}

/**
 * Moves lines to the new SKU of their listing and requests stock for it. Each batch takes two transactions, since a transaction calls only
 * one verb of stock. If the process ends between the two, the task `reserve_waiting` requests the goods.
 */
async function rematchWaiting(
  db: Database,
  listingIds: readonly string[],
  fromSkuIds: readonly string[],
): Promise<void> {
  const ids = await rematchedOrders(db, listingIds, fromSkuIds)
  for (let from = 0; from < ids.length; from += batchSize) {
    const some = ids.slice(from, from + batchSize)
    const moved = await db.transaction().execute(async (tx) => {
      await lockOrders(tx, some)
      const followed = await followRematch(tx, some)
      await refreshAllocation(tx, followed)
      return followed
    })
    await db.transaction().execute(async (tx) => {
      await lockOrders(tx, moved)
      await reserveOrders(tx, moved)
    })
  }
}

/** Sets the SKUs of lines, lifts the holds that waited for them, and reserves stock. A repeated or concurrent call changes nothing. */
async function matchOrders(tx: Tx, ids: readonly string[], reserveMatched: ReserveMatched): Promise<void> {
  await lockOrders(tx, ids)
  const complete = await sql<Row<'order_line', 'orderId'>>`
    with matched as (
      update order_line l set sku_id = g.sku_id
      from ${matchedListings} g, sales_order o
      where l.order_id = any(${ids}::bigint[]) and ${waiting}
      returning l.order_id, l.line_no
    )
    select distinct m.order_id as "orderId" from matched m
    where not exists (
      select from order_line l where l.order_id = m.order_id and l.sku_id is null and l.refunded_quantity < l.quantity
        and (l.order_id, l.line_no) not in (select order_id, line_no from matched))`.execute(tx)
  await refreshOrders(tx, await keepUnmatchedHolds(tx, ids))
  await reserveMatched(
    tx,
    ids,
    complete.rows.map(({ orderId }) => orderId),
  )
}

/**
 * 占用库存: reserves stock for orders with goods that are not requested: the order had no warehouse or was not paid, or its requests were
 * dropped after a corrected refund or a new match. The earliest payment comes first.
 */
export const reservingWaiting = defineInstallationTaskKind({
  kind: 'reserve_waiting',
  name: { zh: '占用库存', en: 'Promise stock' },
  params: Type.Object({}, { additionalProperties: false }),
  defaultSchedule: { everySeconds: 60 },
  async run({ db, signal, progress }) {
    let after: Place = { at: '-infinity', id: '0' }
    for (let seen = 0; ; ) {
      signal.throwIfAborted()
      const orders = await ordersNotRequested(db, after)
      const last = orders.at(-1)
      if (!last) return { seen, updated: seen }
      const ids = orders.map(({ id }) => id)
      await db.transaction().execute(async (tx) => {
        await lockOrders(tx, ids)
        await reserveOrders(tx, ids)
      })
      after = last
      seen += ids.length
      progress({ seen })
    }
  },
})

type Place = Row<'sales_order', 'id'> & Record<'at', string>

/** Returns the next batch of orders whose goods were not requested; none while the installation has no active warehouse. */
async function ordersNotRequested(db: Database, after: Place): Promise<Place[]> {
  const found = await sql<Place>`
    select o.id, coalesce(o.paid_at, o.ordered_at)::text as at from sales_order o
    where o.facets[5] >= ${sql.lit(allocationFacet(allocationBits.unasked))} and ${isReservable}
      and (coalesce(o.paid_at, o.ordered_at), o.id) > (${after.at}::timestamptz, ${after.id}::bigint)
      and exists (select from ${activeWarehouses} w)
    order by coalesce(o.paid_at, o.ordered_at), o.id limit ${batchSize}`.execute(db)
  return found.rows
}
