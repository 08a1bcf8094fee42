import { type RawBuilder, sql } from 'kysely'
import type { Tx } from '../db.ts'
import { unnestRows } from '../lib/unnest.ts'
import { ranking } from './ranking.ts'
import { bumpChanges, ensureStock, lockStock, type Pair, pairRows } from './stock.ts'

/** What a line wants of a SKU; a bundle is one for each of its parts. */
export type Demand = {
  orderId: string
  lineNo: number
  skuId: string
  warehouseId: string
  quantity: number
  /** Pieces of the SKU in one piece of the line; 1 when left out. */
  perLine?: number
  /** Who paid first is served first. Of an order that is not paid: when it was placed. */
  paidAt: Date
}

export type Reserved = {
  orderId: string
  lineNo: number
  skuId: string
  /** `already`: the row exists, whatever became of it. `no_warehouse`: unknown, retired, or none. */
  code: 'reserved' | 'short' | 'already' | 'no_warehouse'
}

/**
 * Promises stock, whole rows or none, first paid first served; what does not fit waits as a shortage. A busy SKU is one
 * change of its balance, however many demands. `demands` may be a relation that the caller owns, read twice:
 *
 *   order_id, line_no, sku_id, warehouse_id, quantity, per_line, paid_at
 *
 * The caller holds the orders. A row that exists already is left as it is: its key decides.
 */
export async function reserve(tx: Tx, demands: readonly Demand[] | RawBuilder<unknown>): Promise<Reserved[]> {
  const relation = isRows(demands) ? rowsOf(demands) : demands
  const pairs = await ensureStock(tx, relation)
  await lockStock(tx, pairs)
  return write(tx, relation, pairs)
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

async function write(tx: Tx, relation: RawBuilder<unknown>, pairs: readonly Pair[]): Promise<Reserved[]> {
  const answered = await sql<Reserved>`
    with demand as materialized (
      select order_id, line_no, sku_id, min(warehouse_id) as warehouse_id, sum(quantity)::int as wanted,
        sum(per_line)::int as per_line, min(paid_at) as paid_at
      from (${relation}) d group by order_id, line_no, sku_id
    ), here as (
      select demand.* from demand join ${pairRows(pairs)} using (warehouse_id, sku_id)
    ), fresh as (
      select here.* from here
      where not exists (
        select from reservation r
        where r.order_id = here.order_id and r.line_no = here.line_no and r.sku_id = here.sku_id)
    ), ${ranking}, made as (
      insert into reservation (order_id, line_no, sku_id, warehouse_id, per_line, wanted, reserved, paid_at)
      select f.order_id, f.line_no, f.sku_id, f.warehouse_id, f.per_line, f.wanted,
        case when k.fits then f.wanted else 0 end, f.paid_at
      from fresh f join ranked k using (warehouse_id, sku_id, order_id, line_no)
      where k.fresh
      order by f.order_id, f.line_no, f.sku_id
      on conflict do nothing
      returning order_id, line_no, sku_id, warehouse_id, wanted, reserved
    ), balances as (
      update stock s set reserved = s.reserved + m.reserved, short = s.short + m.short
      from (
        select warehouse_id, sku_id, sum(reserved) as reserved, sum(wanted - reserved) as short
        from made group by warehouse_id, sku_id
      ) m
      where s.warehouse_id = m.warehouse_id and s.sku_id = m.sku_id
    ), changes as (${bumpChanges(sql`select sku_id from made where reserved > 0`)})
    select d.order_id as "orderId", d.line_no as "lineNo", d.sku_id as "skuId",
      case when made.reserved > 0 then 'reserved' when made.reserved = 0 then 'short'
           when here.order_id is null then 'no_warehouse' else 'already' end as code
    from demand d
    left join made using (order_id, line_no, sku_id)
    left join here using (order_id, line_no, sku_id)
    order by d.order_id, d.line_no, d.sku_id`.execute(tx)
  return answered.rows
}
