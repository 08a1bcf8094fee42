import { sql } from 'kysely'
import type { Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { bumpChanges, lockStock, type Pair, pairRows } from './stock.ts'

export type Filled = Row<'reservation', 'orderId' | 'lineNo' | 'skuId' | 'warehouseId'>
export type FillAsked = {
  warehouseId?: string | undefined
  skuIds?: readonly string[] | undefined
  limit: number
}

/**
 * Fills backorders, the earliest payment first: a later small backorder does not pass an earlier large one of its SKU and warehouse. Fills at most `limit` rows;
 * `more`: there may be others, call again.
 */
export async function fillShortages(tx: Tx, asked: FillAsked): Promise<{ filled: Filled[]; more: boolean }> {
  const pairs = await waitingPairs(tx, asked)
  if (pairs.length === 0) return { filled: [], more: false }
  await lockStock(tx, pairs)
  const found = await sql<Filled>`
    with room as (
      select s.warehouse_id, s.sku_id, s.on_hand - s.reserved - s.locked as available
      from stock s join ${pairRows(pairs)} using (warehouse_id, sku_id)
      where s.short > 0 and s.on_hand - s.reserved - s.locked > 0
    ), ranked as (
      select room.warehouse_id, room.sku_id, w.order_id, w.line_no, w.wanted, w.paid_at,
        room.available >= sum(w.wanted) over (
          partition by room.warehouse_id, room.sku_id order by w.paid_at, w.order_id, w.line_no) as fits
      from room cross join lateral (
        select r.order_id, r.line_no, r.wanted, r.paid_at from reservation r
        where r.warehouse_id = room.warehouse_id and r.sku_id = room.sku_id and r.reserved < r.wanted and not r.shipped
        order by r.paid_at, r.order_id, r.line_no limit least(room.available, ${asked.limit})
      ) w
    ), taken as (
      -- All pairs have the same order, so the limit cuts off the last rows of a pair.
      select * from ranked where fits order by paid_at, order_id, line_no limit ${asked.limit}
    ), filled as (
      update reservation r set reserved = r.wanted from taken t
      where r.order_id = t.order_id and r.line_no = t.line_no and r.sku_id = t.sku_id
      returning r.order_id, r.line_no, r.sku_id, r.warehouse_id, r.wanted
    ), balances as (
      update stock s set reserved = s.reserved + f.wanted, short = s.short - f.wanted
      from (select warehouse_id, sku_id, sum(wanted) as wanted from filled group by warehouse_id, sku_id) f
      where s.warehouse_id = f.warehouse_id and s.sku_id = f.sku_id
    ), changes as (${bumpChanges(sql`select sku_id from filled`)})
    select order_id as "orderId", line_no as "lineNo", sku_id as "skuId", warehouse_id as "warehouseId"
    from filled order by order_id, line_no, sku_id`.execute(tx)
  return { filled: found.rows, more: found.rows.length === asked.limit }
}

async function waitingPairs(tx: Tx, { warehouseId, skuIds }: FillAsked): Promise<Pair[]> {
  const found = await sql<Pair>`
    select warehouse_id as "warehouseId", sku_id as "skuId" from stock
    where short > 0 and on_hand - reserved - locked > 0
      and (${warehouseId ?? null}::bigint is null or warehouse_id = ${warehouseId ?? null}::bigint)
      and (${skuIds ? [...skuIds] : null}::bigint[] is null or sku_id = any(${skuIds ? [...skuIds] : null}::bigint[]))`.execute(
    tx,
  )
  return found.rows
}
