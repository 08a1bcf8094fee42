import { type RawBuilder, sql } from 'kysely'
import type { LineSerials } from '../connectors/parcels.ts'
import type { Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { unnestRows } from '../lib/unnest.ts'
import { lineOids, unshippedLines } from '../orders/order/relations.ts'
import type { WorkState } from './lifecycle.ts'

// The steps that a warehouse requires before a parcel is shipped, and those that were done. The generated column of the list's tabs has the
// next one.

/** SQL: the goods are neither checked nor weighed. */
export const notPacked = sql`checked_at = null, checked_by = null, weighed_at = null, weighed_by = null, weight_grams = null`

/** Copies the warehouse's steps to its pending deliveries. The caller has changed the warehouse, so no release reads the old ones. */
export async function renewShipSteps(tx: Tx, warehouseId: string): Promise<void> {
  await sql`
    update delivery set ship_steps = w.ship_steps from warehouse w
    where w.id = ${warehouseId}::bigint and delivery.ship_steps <> w.ship_steps and delivery.id in (
      select id from delivery where warehouse_id = ${warehouseId}::bigint and status = 'pending' order by id for no key update)`.execute(
    tx,
  )
}

/** Labels of these waybills are printed. The first printing of a number counts, once each of its packages has its label. */
export async function writePrinted(tx: Tx, waybillIds: readonly string[], by: string): Promise<void> {
  if (waybillIds.length === 0) return
  await sql`
    update delivery set printed_at = now(), printed_by = ${by} where id in (
      select d.id from waybill w join delivery d on d.courier = w.courier and d.waybill_no = w.waybill_no
      where w.id = any(${[...waybillIds]}::bigint[]) and w.state = 'taken' and d.waybill_no <> '' and d.status <> 'cancelled'
        and d.printed_at is null and w.package_count = (
          select count(distinct p.nth) from print_document p where p.waybill_id = w.id and p.state = 'printed')
      order by d.id for no key update of d)`.execute(tx)
}

/** Returns those of these orders whose parcel has its label printed and has not left. */
export async function printedOrders(tx: Tx, orderIds: readonly string[]): Promise<Set<string>> {
  const found = await sql<Row<'delivery', 'orderId'>>`
    select distinct order_id as "orderId" from delivery
    where order_id = any(${[...orderIds]}::bigint[]) and status = 'pending' and printed_at is not null`.execute(
    tx,
  )
  return new Set(found.rows.map(({ orderId }) => orderId))
}

/**
 * Notes that the goods of these deliveries are checked, with the pieces that their orders have now. The caller has locked the orders. Returns
 * the next step of each.
 */
export async function writeChecked(
  tx: Tx,
  rows: readonly { id: string; pieces: number }[],
  by: string,
): Promise<Map<string, WorkState>> {
  const written = await sql<Row<'delivery', 'id'> & { workState: WorkState }>`
    update delivery t set checked_at = now(), checked_by = ${by}, checked_pieces = d.pieces
    from ${unnestRows('d', rows, [
      ['id', 'int8', (row) => row.id],
      ['pieces', 'int4', (row) => row.pieces],
    ])}
    where t.id = d.id and t.status = 'pending' returning t.id, t.standing as "workState"`.execute(tx)
  return new Map(written.rows.map(({ id, workState }) => [id, workState]))
}

/** The goods of these pending deliveries must be checked and weighed again. */
export async function writeUnchecked(tx: Tx, ids: readonly string[]): Promise<void> {
  await sql`
    update delivery set ${notPacked} where id = any(${[...ids]}::bigint[]) and status = 'pending'`.execute(tx)
}

/** Notes the weight of these pending deliveries. Returns the next step of each. */
export async function writeWeighed(
  tx: Tx,
  ids: readonly string[],
  { grams, by }: { grams: number; by: string },
): Promise<Map<string, WorkState>> {
  const written = await sql<Row<'delivery', 'id'> & { workState: WorkState }>`
    update delivery set weighed_at = now(), weighed_by = ${by}, weight_grams = ${grams}
    where id = any(${[...ids]}::bigint[]) and status = 'pending' returning id, standing as "workState"`.execute(
    tx,
  )
  return new Map(written.rows.map(({ id, workState }) => [id, workState]))
}

/** Returns those of these checked deliveries whose orders have other pieces now, because a refund took some off. */
export async function goodsChanged(tx: Tx, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const found = await sql<Row<'delivery', 'id'>>`
    select d.id from delivery d where d.id = any(${[...ids]}::bigint[]) and ${hasOtherGoods('d')}`.execute(tx)
  return new Set(found.rows.map(({ id }) => id))
}

/** SQL: the delivery `d` was checked, and its order has another number of pieces now. */
export const hasOtherGoods = (d: string): RawBuilder<boolean> => sql<boolean>`(
  ${sql.ref(`${d}.checked_at`)} is not null and ${sql.ref(`${d}.checked_pieces`)} <> (
    select coalesce(sum(line.pieces), 0) from ${unshippedLines} as line where line.order_id = ${sql.ref(`${d}.order_id`)}))`

// 串号: the serial numbers of the pieces in a delivery, scanned at a station when it is checked, and sent to the platform with the shipping.

/** What a platform takes: letters, digits and a few signs, none of which parts a list. */
export const serialPattern = /^[A-Za-z0-9][A-Za-z0-9._/-]{3,39}$/

export type Piece = Row<'delivery_serial', 'deliveryId' | 'lineNo' | 'skuId'>

/** Stores the serial number of a piece. False: the same number is in the parcel already. The caller has locked the parcel's orders. */
export async function addSerial(
  tx: Tx,
  { deliveryId, lineNo, skuId }: Piece,
  { serial, by, parcel }: { serial: string; by: string; parcel: readonly string[] },
): Promise<boolean> {
  const made = await sql`
    insert into delivery_serial (delivery_id, line_no, sku_id, serial, scanned_by)
    select ${deliveryId}::bigint, ${lineNo}::int, ${skuId}::bigint, ${serial}::text, ${by}::text
    where not exists (select from delivery_serial where delivery_id = any(${[...parcel]}::bigint[]) and serial = ${serial})
    returning 1`.execute(tx)
  return made.rows.length > 0
}

/** Forgets the serial numbers of a line whose pieces are counted from the beginning. */
export async function forgetSerialsOf(tx: Tx, { deliveryId, lineNo, skuId }: Piece): Promise<void> {
  await sql`
    delete from delivery_serial
    where delivery_id = ${deliveryId}::bigint and line_no = ${lineNo} and sku_id = ${skuId}::bigint`.execute(
    tx,
  )
}

export async function forgetSerials(tx: Tx, deliveryIds: readonly string[]): Promise<void> {
  await sql`delete from delivery_serial where delivery_id = any(${[...deliveryIds]}::bigint[])`.execute(tx)
}

/** The serial numbers of each line, by delivery. `oid`: the platform's number of the line. */
export async function serialsByDelivery(
  tx: Tx,
  deliveryIds: readonly string[],
): Promise<Map<string, LineSerials[]>> {
  const found = await sql<Row<'delivery', 'id'> & Row<'order_line', 'oid'> & { numbers: string[] }>`
    select d.id, line.oid, array_agg(s.serial order by s.scanned_at, s.serial) as numbers
    from delivery_serial s join delivery d on d.id = s.delivery_id
    join ${lineOids} as line on line.order_id = d.order_id and line.line_no = s.line_no
    where s.delivery_id = any(${[...deliveryIds]}::bigint[]) and line.oid <> ''
    group by d.id, line.line_no, line.oid order by d.id, line.line_no`.execute(tx)
  const byDelivery = Map.groupBy(found.rows, ({ id }) => id)
  return new Map(
    [...byDelivery].map(([id, rows]) => [id, rows.map(({ oid, numbers }) => ({ oid, numbers }))]),
  )
}
