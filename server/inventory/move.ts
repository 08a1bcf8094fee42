import { sql } from 'kysely'
import type { Database, Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { ranking } from './ranking.ts'
import {
  balanceRows,
  bumpChanges,
  ensureStock,
  lastChoice,
  lockStock,
  pairsOf,
  wakeWaiting,
} from './stock.ts'

export type Moved = Row<'reservation', 'orderId'> & {
  /**
   * `reserved`: everything is reserved in the new warehouse; `short`: some is backordered there; `already`: it was reserved there
   * before.
   */
  code: 'reserved' | 'short' | 'already' | 'no_warehouse' | 'nothing'
}

/**
 * 换仓: moves the reservations and backorders of these orders from other warehouses to this one, in one step. The caller has locked the
 * orders.
 */
export async function moveReservations(
  tx: Tx,
  orderIds: readonly string[],
  warehouseId: string,
): Promise<Moved[]> {
  const targets = await ensureStock(
    tx,
    sql`select ${warehouseId}::bigint as warehouse_id, sku_id from reservation
        where order_id = any(${orderIds}::bigint[]) and not shipped`,
  )
  const leaving = (await pairsOf(tx, orderIds, false)).filter((pair) => pair.warehouseId !== warehouseId)
  const pairs = targets.length === 0 ? [] : [...targets, ...leaving]
  const balances = await lockStock(tx, pairs)
  const answered = await sql<Moved>`
    with pair as materialized (select * from ${balanceRows(balances)}),
    leaving as (
      select r.*, target.available from reservation r
      join pair old on old.warehouse_id = r.warehouse_id and old.sku_id = r.sku_id
      join pair target on target.warehouse_id = ${warehouseId}::bigint and target.sku_id = r.sku_id
      where r.order_id = any(${orderIds}::bigint[]) and not r.shipped and r.warehouse_id <> ${warehouseId}::bigint
    ), fresh as (
      select ${warehouseId}::bigint as warehouse_id, sku_id, available, order_id, line_no, per_line, wanted, paid_at
      from leaving
    ), ${ranking}, moved as (
      update reservation r set warehouse_id = k.warehouse_id, reserved = case when k.fits then r.wanted else 0 end
      from ranked k
      where k.fresh and r.order_id = k.order_id and r.line_no = k.line_no and r.sku_id = k.sku_id
      returning r.order_id, r.line_no, r.warehouse_id, r.sku_id, r.wanted, r.reserved
    ), delta as (
      select warehouse_id, sku_id, -reserved as reserved, reserved - wanted as short from leaving
      union all
      select warehouse_id, sku_id, reserved, wanted - reserved from moved
    ), balances as (
      update stock s set reserved = s.reserved + d.reserved, short = s.short + d.short
      from (
        select warehouse_id, sku_id, sum(reserved) as reserved, sum(short) as short from delta group by warehouse_id, sku_id
      ) d
      where s.warehouse_id = d.warehouse_id and s.sku_id = d.sku_id
    ), changes as (${bumpChanges(sql`select sku_id from delta where reserved <> 0`)})
    select id as "orderId", (array['short', 'reserved', 'already', 'no_warehouse', 'nothing'])[min(rank)] as code
    from (
      select order_id as id, case when reserved < wanted then 1 else 2 end as rank from moved
      union all
      -- What was there before.
      select order_id, case when reserved < wanted then 1 else 3 end from reservation
      where order_id = any(${orderIds}::bigint[]) and not shipped and warehouse_id = ${warehouseId}::bigint
      union all
      select order_id, 4 from reservation where order_id = any(${orderIds}::bigint[]) and not shipped
      union all
      ${lastChoice(orderIds, 5)}
    ) told
    group by id order by id`.execute(tx)
  await wakeWaiting(tx, leaving)
  return answered.rows
}

export type WholeWarehouse = Row<'reservation', 'orderId' | 'warehouseId'>

/**
 * Returns the warehouses that could reserve everything that an order still wants, preferred ones first. Pieces that backorders of other
 * orders wait for do not count as available.
 */
export async function warehousesThatHave(
  db: Database,
  orderIds: readonly string[],
): Promise<WholeWarehouse[]> {
  const found = await sql<WholeWarehouse>`
    with want as (
      select order_id, warehouse_id, sku_id, sum(wanted) as wanted, sum(reserved) as reserved, sum(wanted - reserved) as short
      from reservation where order_id = any(${orderIds}::bigint[]) and not shipped
      group by order_id, warehouse_id, sku_id
    ), kinds as (
      select order_id, sku_id, sum(wanted) as wanted from want group by order_id, sku_id
    )
    select k.order_id as "orderId", w.id as "warehouseId"
    from kinds k
    join stock s on s.sku_id = k.sku_id
    join warehouse w on w.id = s.warehouse_id and w.active and w.kind <> 'defective'
    left join want own on own.order_id = k.order_id and own.sku_id = k.sku_id and own.warehouse_id = s.warehouse_id
    where s.on_hand - s.reserved - s.locked - s.short + coalesce(own.reserved + own.short, 0) >= k.wanted
    group by k.order_id, w.id, w.priority
    having count(*) = (select count(*) from kinds all_ where all_.order_id = k.order_id)
    order by k.order_id, w.priority, w.id`.execute(db)
  return found.rows
}
