import { sql } from 'kysely'
import { skuParts } from '../../catalog/relations.ts'
import { type Actor, systemActor } from '../../core/access/actor.ts'
import { preparedStatement, type Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { type TransferredLine, transferReservations } from '../../inventory/cut.ts'
import { changeLines, reassign } from '../../inventory/reassign.ts'
import { activeWarehouses, reservationRows } from '../../inventory/relations.ts'
import { type LineLeft, unreserve } from '../../inventory/release.ts'
import { type Reserved, reserve } from '../../inventory/reserve.ts'
import { markChanged } from '../../inventory/stock.ts'
import { allocationBits, allocationFacet } from '../order/facets.ts'
import { unshipped } from '../order/lifecycle.ts'
import { addOrderEvents } from '../order/queries.ts'
import { redoSourcing } from '../sourcing/place.ts'
import { rematchUnreserved } from './rematch.ts'

// The goods of an order: their warehouse, their reservations and their allocation state. Stock is requested last in a transaction
// (ARCHITECTURE.md, Locks).

/**
 * Over `sales_order o`: true if stock may be requested for the order. Released orders are included, because a corrected refund can leave
 * more pieces than are reserved. Record-only orders are never shipped by us.
 */
export const isReservable = sql`o.status in ('unconfirmed', 'confirmed', 'released') and o.origin <> 'record' and (o.paid_at is not null or o.cod)`

/** The demands of these orders for stock: the unrefunded pieces of their matched lines, a bundle by its components. */
const demandsOf = (ids: readonly string[]) => sql`
  select l.order_id, l.line_no, part.part_id as sku_id, o.warehouse_id,
    (l.quantity - l.refunded_quantity) * part.quantity as quantity, part.quantity as per_line,
    coalesce(o.paid_at, o.ordered_at) as paid_at
  from sales_order o
  join order_line l on l.order_id = o.id
  join ${skuParts} part on part.sku_id = l.sku_id
  where o.id = any(${ids}::bigint[]) and ${isReservable} and o.warehouse_id is not null and l.refunded_quantity < l.quantity`

/**
 * Requests stock for goods of these orders that are not requested yet. Lines and orders without reservations get their current SKU and
 * sourcing before. The caller has locked the orders.
 */
export async function reserveOrders(tx: Tx, ids: readonly string[]): Promise<Reserved[]> {
  if (ids.length === 0) return []
  await rematchUnreserved(tx, ids)
  await sourceUnreserved(tx, ids)
  const answers = await reserve(tx, demandsOf(ids))
  await refreshAllocation(tx, ids)
  return answers
}

/** `touched`: the orders were changed after their insertion. `moved`: SKUs whose staged demand becomes demand of these orders. */
export type JustMade = { touched?: boolean; moved?: readonly string[] }

/**
 * Reserves stock for orders that this transaction inserted. They were inserted with the state "all reserved", which is usually right, so
 * only the others are updated.
 */
export async function reserveNewOrders(
  tx: Tx,
  ids: readonly string[],
  { touched = false, moved = [] }: JustMade = {},
): Promise<Reserved[]> {
  if (ids.length === 0) {
    await markChanged(tx, moved)
    return []
  }
  const answers = await reserve(tx, demandsOf(ids), moved)
  await refreshAllocation(tx, touched ? ids : [...new Set(answers.filter(isNot('reserved')).map(orderOf))])
  return answers
}

const isNot = (code: Reserved['code']) => (answer: Reserved) => answer.code !== code
const orderOf = ({ orderId }: Reserved) => orderId

export async function unreserveOrders(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await unreserve(tx, ids)
  await refreshAllocation(tx, ids)
}

/** For orders that moved to another warehouse: unreserves their goods in the old warehouse and requests them in the new one. */
export async function reassignOrders(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await reassign(tx, ids, demandsOf(ids))
  await refreshAllocation(tx, ids)
}

/** Changes reservations of orders whose lines partly shrank and partly are new, in one step. The caller has locked the orders. */
export async function changeReservedLines(
  tx: Tx,
  ids: readonly string[],
  lines: readonly LineLeft[],
): Promise<void> {
  if (ids.length === 0) return
  await changeLines(tx, lines, demandsOf(ids))
  await refreshAllocation(tx, ids)
}

/**
 * Transfers the reservations of line pieces that moved to other orders. The orders in `moved` have another warehouse, so their goods are
 * requested there. The caller has locked `all`, the old and the new orders.
 */
export async function transferReserved(
  tx: Tx,
  cuts: readonly TransferredLine[],
  { all, moved }: { all: readonly string[]; moved: readonly string[] },
): Promise<void> {
  await transferReservations(tx, cuts, demandsOf(all))
  await reassignOrders(tx, moved)
  await reserve(tx, demandsOf(all))
  await refreshAllocation(tx, all)
}

/**
 * Redoes the sourcing of orders after facts have changed that the sourcing rules read; choices of a person stay. The caller has locked the
 * orders, and none is confirmed.
 */
export async function redoSourcingOfChanged(tx: Tx, ids: readonly string[], actor: Actor): Promise<void> {
  const placed = await redoSourcing(tx, ids, byRules, actor)
  await reassignOrders(
    tx,
    placed.filter(({ moved }) => moved).map(({ id }) => id),
  )
}

const byRules = { warehouse: true, courier: true, overHand: false }

/**
 * Redoes the sourcing of orders without any reservation or backorder, with their SKUs as now known: unconfirmed orders, and confirmed
 * ones without an active warehouse. A released order stays with the warehouse that packs it.
 */
async function sourceUnreserved(tx: Tx, ids: readonly string[]): Promise<void> {
  const found = await sql<Row<'sales_order', 'id'>>`
    select o.id from sales_order o
    where o.id = any(${ids}::bigint[]) and ${isReservable} and o.status <> 'released'
      and (o.status = 'unconfirmed' or not exists (select from ${activeWarehouses} w where w.id = o.warehouse_id))
      and not exists (select from ${reservationRows} r where r.order_id = o.id)`.execute(tx)
  const waiting = found.rows.map(({ id }) => id)
  await redoSourcing(tx, waiting, byRules, systemActor)
}

/** Updates the allocation state of orders from their lines and reservations. The caller has locked the orders. */
export async function refreshAllocation(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  const { unmatched, short, unasked } = allocationBits
  await sql`${preparedStatement}
    update sales_order o set facets[5] = ${allocationFacet(0)}::int + n.bits, updated_at = now()
    from (
      select l.order_id, bit_or(
        case when l.refunded_quantity >= l.quantity then 0 when l.sku_id is null then ${sql.lit(unmatched)}
             when r.enough is null then ${sql.lit(unasked)} when not r.enough then ${sql.lit(short)} else 0 end) as bits
      from order_line l
      cross join lateral (
        select bool_and(reserved = wanted and wanted >= (l.quantity - l.refunded_quantity) * per_line) as enough
        from ${reservationRows} r where r.order_id = l.order_id and r.line_no = l.line_no
      ) r
      where l.order_id = any(${ids}::bigint[])
      group by l.order_id
    ) n
    where o.id = n.order_id and o.origin <> 'record' and o.facets[5] <> ${allocationFacet(0)}::int + n.bits`.execute(
    tx,
  )
}

/**
 * Places or lifts the hold `unmatched`: an unshipped order has it while a line with unrefunded pieces has no SKU. Returns the orders
 * whose hold changed, for `refreshOrders`. The caller has locked the orders.
 */
export async function keepUnmatchedHolds(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const changed = await sql<
    Row<'order_hold', 'orderId'> & { event: 'hold' | 'release_hold' }
  >`${preparedStatement}
    with waiting as materialized (
      select o.id from sales_order o
      where o.id = any(${ids}::bigint[]) and o.origin <> 'record' and o.status = any(${[...unshipped]}::text[])
        and exists (
          select from order_line l where l.order_id = o.id and l.sku_id is null and l.refunded_quantity < l.quantity)
    ), lifted as (
      update order_hold h set released_at = now(), released_by = ${systemActor.name}
      where h.order_id = any(${ids}::bigint[]) and h.reason = 'unmatched' and h.released_at is null
        and not exists (
          select from order_line l where l.order_id = h.order_id and l.sku_id is null and l.refunded_quantity < l.quantity)
      returning h.order_id
    ), placed as (
      insert into order_hold (order_id, reason, source, note, held_by)
      select id, 'unmatched', '', '', ${systemActor.name} from waiting
      on conflict (order_id, reason, source) where released_at is null do nothing
      returning order_id
    )
    select order_id as "orderId", 'release_hold' as event from lifted
    union all
    select order_id, 'hold' from placed`.execute(tx)
  await addOrderEvents(
    tx,
    changed.rows.map((row) => ({ ...row, detail: { reason: 'unmatched' } })),
    systemActor,
  )
  return changed.rows.map(({ orderId }) => orderId)
}
