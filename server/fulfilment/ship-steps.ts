import { sql } from 'kysely'
import type { Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { unnestRows } from '../lib/unnest.ts'
import { unshippedLines } from '../orders/order/relations.ts'

// The steps that a warehouse requires before a parcel is shipped, and those that were done. The generated column of the list's tabs has the
// next one.

/** SQL: the goods are neither checked nor weighed. */
export const notPacked = sql`checked_at = null, checked_by = null, weighed_at = null, weighed_by = null, weight_grams = null`

/** Copies the warehouse's steps to its pending deliveries. The caller has changed the warehouse, so no release reads the old ones. */
export async function renewShipSteps(tx: Tx, warehouseId: string): Promise<void> {
  await sql`
    update delivery set ship_steps = w.ship_steps from warehouse w
    where w.id = ${warehouseId}::bigint and delivery.ship_steps <> w.ship_steps and delivery.id in (
      select id from delivery where warehouse_id = ${warehouseId}::bigint and status = 'pending' order by id for update)`.execute(
    tx,
  )
}

/** The labels of these waybills are printed. The first printing of a number counts. */
export async function writePrinted(tx: Tx, waybillIds: readonly string[], by: string): Promise<void> {
  if (waybillIds.length === 0) return
  await sql`
    update delivery set printed_at = now(), printed_by = ${by} where id in (
      select d.id from waybill w join delivery d on d.courier = w.courier and d.waybill_no = w.waybill_no
      where w.id = any(${[...waybillIds]}::bigint[]) and w.state = 'taken' and d.waybill_no <> '' and d.status <> 'cancelled'
        and d.printed_at is null
      order by d.id for update of d)`.execute(tx)
}

/** Notes that the goods of these deliveries are checked, with the pieces that their orders have now. The caller has locked the orders. */
export async function writeChecked(
  tx: Tx,
  rows: readonly { id: string; pieces: number }[],
  by: string,
): Promise<void> {
  await sql`
    update delivery t set checked_at = now(), checked_by = ${by}, checked_pieces = d.pieces
    from ${unnestRows('d', rows, [
      ['id', 'int8', (row) => row.id],
      ['pieces', 'int4', (row) => row.pieces],
    ])}
    where t.id = d.id and t.status = 'pending'`.execute(tx)
}

/** The goods of these pending deliveries must be checked and weighed again. */
export async function writeUnchecked(tx: Tx, ids: readonly string[]): Promise<void> {
  await sql`
    update delivery set ${notPacked} where id = any(${[...ids]}::bigint[]) and status = 'pending'`.execute(tx)
}

export async function writeWeighed(
  tx: Tx,
  ids: readonly string[],
  { grams, by }: { grams: number; by: string },
): Promise<void> {
  await sql`
    update delivery set weighed_at = now(), weighed_by = ${by}, weight_grams = ${grams}
    where id = any(${[...ids]}::bigint[]) and status = 'pending'`.execute(tx)
}

/** Returns those of these checked deliveries whose orders have other pieces now, because a refund took some off. */
export async function goodsChanged(tx: Tx, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const found = await sql<Row<'delivery', 'id'>>`
    select d.id from delivery d
    cross join lateral (
      select coalesce(sum(line.pieces), 0) as pieces from ${unshippedLines} as line where line.order_id = d.order_id) l
    where d.id = any(${[...ids]}::bigint[]) and d.checked_at is not null and d.checked_pieces <> l.pieces`.execute(
    tx,
  )
  return new Set(found.rows.map(({ id }) => id))
}
