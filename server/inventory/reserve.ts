import { type RawBuilder, sql } from 'kysely'
import { preparedStatement, type Tx } from '../core/db/db.ts'
import type { Row, Rows } from '../core/db/rows.ts'
import { unnestRows } from '../lib/unnest.ts'
import { ranking } from './ranking.ts'
import { type Balance, balanceRows, bumpChanges, ensureStock, lockStock, movedRows } from './stock.ts'

/** The demand of one order line for one SKU; a bundle has one demand for each component. */
export type Demand = Row<'reservation', 'orderId' | 'lineNo' | 'skuId' | 'warehouseId' | 'paidAt'> & {
  quantity: Rows['order_line']['quantity']
  /** Pieces of the SKU in one piece of the line; left out: 1. */
  perLine?: Rows['reservation']['perLine']
}

export type Reserved = Row<'reservation', 'orderId' | 'lineNo' | 'skuId'> & {
  /** `already`: the reservation exists, in any state. `no_warehouse`: the warehouse is unknown, inactive or null. */
  code: 'reserved' | 'short' | 'already' | 'no_warehouse'
}

/**
 * Reserves stock, each row completely or not at all, the earliest payment first; rows that do not fit become backorders. Each SKU's balance
 * is updated once, however many demands there are. `demands` may be a relation, which is read once: (order_id, line_no, sku_id,
 * warehouse_id, quantity, per_line, paid_at). The caller has locked the orders. If the order line has a reservation for the SKU already, it
 * is not changed. `moved`: further SKUs whose available quantity the transaction has changed; their change counters are raised too.
 */
export async function reserve(
  tx: Tx,
  demands: readonly Demand[] | RawBuilder<unknown>,
  moved: readonly string[] = [],
): Promise<Reserved[]> {
  const relation = rowsOf(isRows(demands) ? demands : await readOnce(tx, demands))
  const pairs = await ensureStock(tx, relation)
  return write(tx, relation, await lockStock(tx, pairs), moved)
}

/** Reads the relation once, because evaluating it again costs several times as much as sending its rows back. */
async function readOnce(tx: Tx, demands: RawBuilder<unknown>): Promise<Demand[]> {
  const found = await sql<Demand>`${preparedStatement}
    select order_id as "orderId", line_no as "lineNo", sku_id as "skuId", warehouse_id as "warehouseId", quantity, per_line as "perLine",
      paid_at as "paidAt"
    from (${demands}) d`.execute(tx)
  return found.rows
}

function isRows(demands: readonly Demand[] | RawBuilder<unknown>): demands is readonly Demand[] {
  return Array.isArray(demands)
}

function rowsOf(demands: readonly Demand[]): RawBuilder<unknown> {
  return sql`select * from ${unnestRows('demand', demands, [
    ['order_id', 'int8', (row) => row.orderId],
    ['line_no', 'int2', (row) => row.lineNo],
    ['sku_id', 'int8', (row) => row.skuId],
    ['warehouse_id', 'int8', (row) => row.warehouseId],
    ['quantity', 'int4', (row) => row.quantity],
    ['per_line', 'int4', (row) => row.perLine ?? 1],
    ['paid_at', 'timestamptz', (row) => row.paidAt],
  ])}`
}

async function write(
  tx: Tx,
  relation: RawBuilder<unknown>,
  balances: readonly Balance[],
  moved: readonly string[],
): Promise<Reserved[]> {
  const answered = await sql<Reserved>`${preparedStatement}
    with pair as materialized (select * from ${balanceRows(balances)}),
    demand as (
      select order_id, line_no, sku_id, min(warehouse_id) as warehouse_id, sum(quantity)::int as wanted,
        sum(per_line)::int as per_line, min(paid_at) as paid_at
      from (${relation}) d group by order_id, line_no, sku_id
    ), known as materialized (
      select demand.*, pair.available, exists (
        select from reservation r
        where r.order_id = demand.order_id and r.line_no = demand.line_no and r.sku_id = demand.sku_id) as present
      from demand left join pair using (warehouse_id, sku_id)
    ), fresh as (
      select * from known where available is not null and not present
    ), ${ranking}, made as (
      insert into reservation (order_id, line_no, sku_id, warehouse_id, per_line, wanted, reserved, paid_at)
      select order_id, line_no, sku_id, warehouse_id, per_line, wanted, case when fits then wanted else 0 end, paid_at
      from ranked where fresh
      order by order_id, line_no, sku_id
      on conflict do nothing
      returning order_id, line_no, sku_id, warehouse_id, wanted, reserved
    ), balances as (
      update stock s set reserved = s.reserved + m.reserved, short = s.short + m.short
      from (
        select warehouse_id, sku_id, sum(reserved) as reserved, sum(wanted - reserved) as short
        from made group by warehouse_id, sku_id
      ) m
      where s.warehouse_id = m.warehouse_id and s.sku_id = m.sku_id
    ), changes as (${bumpChanges(sql`select sku_id from made union all ${movedRows(moved)}`)})
    select order_id as "orderId", line_no as "lineNo", sku_id as "skuId",
      (array['reserved', 'short', 'no_warehouse', 'already'])[min(rank)] as code
    from (
      select order_id, line_no, sku_id, case when reserved > 0 then 1 else 2 end as rank from made
      union all
      select order_id, line_no, sku_id, case when available is null then 3 else 4 end from known
    ) told
    group by order_id, line_no, sku_id
    order by order_id, line_no, sku_id`.execute(tx)
  return answered.rows
}
