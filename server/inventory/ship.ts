import { type RawBuilder, sql } from 'kysely'
import type { Actor } from '../core/access/actor.ts'
import type { Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { lastChoice, lockStock, pairRows, pairsOf } from './stock.ts'

export type Shipped = Row<'reservation', 'orderId'> & { code: 'shipped' | 'short' | 'already' | 'nothing' }

/**
 * 发货: takes reserved pieces off hand with their movements, whole orders or none. A repeated call changes nothing: a shipped reservation is
 * not read again, and the unique index of movements would refuse a second movement. The available quantity stays the same. The caller has
 * locked the orders.
 */
export async function shipReserved(tx: Tx, orderIds: readonly string[], actor: Actor): Promise<Shipped[]> {
  const pairs = await pairsOf(tx, orderIds, false)
  await lockStock(tx, pairs)
  const answered = await sql<Shipped>`
    with mine as materialized (
      select r.*, bool_and(pair.sku_id is not null and r.reserved = r.wanted) over (partition by r.order_id) as whole
      from reservation r left join ${pairRows(pairs)} on pair.warehouse_id = r.warehouse_id and pair.sku_id = r.sku_id
      where r.order_id = any(${orderIds}::bigint[]) and not r.shipped
    ), ${moving(sql`select * from mine where whole`, -1, actor)}, gone as (
      update reservation r set shipped = true from written w
      where r.order_id = w.document_id and r.line_no = w.line_no and r.sku_id = w.sku_id
    ), balances as (
      update stock s set on_hand = s.on_hand - w.quantity, reserved = s.reserved - w.quantity
      from (select warehouse_id, sku_id, -sum(quantity) as quantity from written group by warehouse_id, sku_id) w
      where s.warehouse_id = w.warehouse_id and s.sku_id = w.sku_id
    )
    select id as "orderId", (array['shipped', 'short', 'already', 'nothing'])[min(rank)] as code
    from (
      select document_id as id, 1 as rank from written
      union all
      select order_id, 2 from mine
      union all
      select order_id, 3 from reservation where order_id = any(${orderIds}::bigint[])
      union all
      ${lastChoice(orderIds, 4)}
    ) told
    group by id order by id`.execute(tx)
  return answered.rows
}

export type Unshipped = Row<'reservation', 'orderId'> & { code: 'unshipped' | 'nothing' }

/** 撤销发货: puts the goods on hand again; they stay reserved for their order. */
export async function unshipReserved(
  tx: Tx,
  orderIds: readonly string[],
  actor: Actor,
): Promise<Unshipped[]> {
  const pairs = await pairsOf(tx, orderIds, true)
  await lockStock(tx, pairs)
  const answered = await sql<Unshipped>`
    with mine as materialized (
      select r.* from reservation r
      join ${pairRows(pairs)} on pair.warehouse_id = r.warehouse_id and pair.sku_id = r.sku_id
      where r.order_id = any(${orderIds}::bigint[]) and r.shipped
    ), ${moving(sql`select * from mine`, 1, actor)}, back as (
      update reservation r set shipped = false from written w
      where r.order_id = w.document_id and r.line_no = w.line_no and r.sku_id = w.sku_id
    ), balances as (
      update stock s set on_hand = s.on_hand + w.quantity, reserved = s.reserved + w.quantity
      from (select warehouse_id, sku_id, sum(quantity) as quantity from written group by warehouse_id, sku_id) w
      where s.warehouse_id = w.warehouse_id and s.sku_id = w.sku_id
    )
    select id as "orderId", (array['unshipped', 'nothing'])[min(rank)] as code
    from (select document_id as id, 1 as rank from written union all ${lastChoice(orderIds, 2)}) told
    group by id order by id`.execute(tx)
  return answered.rows
}

/**
 * CTE `written`: inserts a movement for each row. The step number follows from the existing movements, under the balance's lock: odd
 * steps ship, even ones undo it, so neither can happen twice in a row.
 */
const moving = (rows: ReturnType<typeof sql>, sign: 1 | -1, actor: Actor) => sql`
  written as (
    insert into stock_movement (warehouse_id, sku_id, quantity, document_kind, document_id, line_no, step, created_by)
    select m.warehouse_id, m.sku_id, ${sign} * m.wanted, 'order', m.order_id, m.line_no, next.step, ${actor.name}
    from (${rows}) m
    cross join lateral (
      select 1 + coalesce(max(x.step), 0) as step from stock_movement x
      where x.document_kind = 'order' and x.document_id = m.order_id and x.line_no = m.line_no
        and x.warehouse_id = m.warehouse_id and x.sku_id = m.sku_id
    ) next
    where next.step % 2 = ${sign === -1 ? 1 : 0}
    order by m.order_id, m.line_no, m.sku_id
    on conflict do nothing
    returning document_id, line_no, warehouse_id, sku_id, quantity
  )`

/**
 * Returns those of these orders that have backorders. The caller has locked the orders, so their reservations do not change, and the orders
 * that are not returned can ship.
 */
export async function shortOrders(tx: Tx, orderIds: readonly string[]): Promise<Set<string>> {
  const found = await sql<Row<'reservation', 'orderId'>>`
    select distinct order_id as "orderId" from reservation
    where order_id = any(${orderIds}::bigint[]) and ${isShort}`.execute(tx)
  return new Set(found.rows.map(({ orderId }) => orderId))
}

const isShort = sql`reserved < wanted and not shipped`

/** SQL: true if the order of this id is one of `shortOrders`. */
export const isShortOrder = (orderId: string): RawBuilder<boolean> =>
  sql<boolean>`exists (select from reservation where order_id = ${sql.ref(orderId)} and ${isShort})`
