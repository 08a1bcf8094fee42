import { sql } from 'kysely'
import type { Tx } from '../core/db/db.ts'

// The steps that a warehouse requires before a parcel is shipped, and those that were done. The generated column of the list's tabs has the
// next one.

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
