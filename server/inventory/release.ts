import { sql } from 'kysely'
import { preparedStatement, type Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { unnestRows } from '../lib/unnest.ts'
import { bumpChanges, lastChoice, lockStock, pairRows, pairsOf, wakeWaiting } from './stock.ts'

export type Unreserved = Row<'reservation', 'orderId'> & { code: 'released' | 'shipped' | 'nothing' }

/** Unreserves all goods of these orders and ends their backorders. Shipped reservations stay. The caller has locked the orders. */
export async function unreserve(tx: Tx, orderIds: readonly string[]): Promise<Unreserved[]> {
  const pairs = await pairsOf(tx, orderIds, false)
  await lockStock(tx, pairs)
  const answered = await sql<Unreserved>`
    with gone as (
      delete from reservation r using ${pairRows(pairs)}
      where r.order_id = any(${orderIds}::bigint[]) and not r.shipped
        and r.warehouse_id = pair.warehouse_id and r.sku_id = pair.sku_id
      returning r.order_id, r.warehouse_id, r.sku_id, r.wanted, r.reserved
    ), balances as (
      update stock s set reserved = s.reserved - g.reserved, short = s.short - g.short
      from (
        select warehouse_id, sku_id, sum(reserved) as reserved, sum(wanted - reserved) as short
        from gone group by warehouse_id, sku_id
      ) g
      where s.warehouse_id = g.warehouse_id and s.sku_id = g.sku_id
    ), changes as (${bumpChanges(sql`select sku_id from gone`)})
    select id as "orderId", (array['released', 'shipped', 'nothing'])[min(rank)] as code
    from (
      select order_id as id, 1 as rank from gone
      union all
      select order_id, 2 from reservation where order_id = any(${orderIds}::bigint[]) and shipped
      union all
      ${lastChoice(orderIds, 3)}
    ) told
    group by id order by id`.execute(tx)
  await wakeWaiting(tx, pairs)
  return answered.rows
}

/** The pieces that remain on an order line. This is not the number of removed pieces, so applying it twice changes nothing more. */
export type LineLeft = { orderId: string; lineNo: number; left: number }
export type Reduced = Row<'reservation', 'orderId' | 'lineNo'> & {
  code: 'reduced' | 'same' | 'shipped' | 'nothing'
}

/** Shrinks reservations to the remaining pieces after refunds, of a bundle each component. Never increases a reservation. */
export async function reduceReservations(tx: Tx, lines: readonly LineLeft[]): Promise<Reduced[]> {
  const pairs = await pairsOf(
    tx,
    lines.map(({ orderId }) => orderId),
    false,
  )
  await lockStock(tx, pairs)
  const asked = unnestRows('asked', lines, [
    ['order_id', 'int8', (line) => line.orderId],
    ['line_no', 'int2', (line) => line.lineNo],
    ['remaining', 'int4', (line) => Math.max(0, line.left)],
  ])
  const answered = await sql<Reduced>`${preparedStatement}
    with asked as materialized (
      select order_id, line_no, min(remaining) as remaining from ${asked} group by order_id, line_no
    ), mine as (
      select r.*, least(r.wanted, asked.remaining * r.per_line) as kept
      from reservation r
      join asked using (order_id, line_no)
      join ${pairRows(pairs)} on pair.warehouse_id = r.warehouse_id and pair.sku_id = r.sku_id
      where not r.shipped
    ), gone as (
      delete from reservation r using mine m
      where r.order_id = m.order_id and r.line_no = m.line_no and r.sku_id = m.sku_id and m.kept = 0
    ), smaller as (
      update reservation r set wanted = m.kept, reserved = case when m.reserved > 0 then m.kept else 0 end
      from mine m
      where r.order_id = m.order_id and r.line_no = m.line_no and r.sku_id = m.sku_id and m.kept > 0 and m.kept < m.wanted
    ), balances as (
      update stock s set reserved = s.reserved - g.reserved, short = s.short - g.short
      from (
        select warehouse_id, sku_id, coalesce(sum(wanted - kept) filter (where reserved > 0), 0) as reserved,
          coalesce(sum(wanted - kept) filter (where reserved = 0), 0) as short
        from mine where kept < wanted group by warehouse_id, sku_id
      ) g
      where s.warehouse_id = g.warehouse_id and s.sku_id = g.sku_id
    ), changes as (${bumpChanges(sql`select sku_id from mine where kept < wanted`)})
    select order_id as "orderId", line_no as "lineNo", (array['reduced', 'same', 'shipped', 'nothing'])[min(rank)] as code
    from (
      select order_id, line_no, case when kept < wanted then 1 else 2 end as rank from mine
      union all
      select order_id, line_no, 3 from reservation r join asked using (order_id, line_no) where r.shipped
      union all
      select order_id, line_no, 4 from asked
    ) told
    group by order_id, line_no order by order_id, line_no`.execute(tx)
  await wakeWaiting(tx, pairs)
  return answered.rows
}
