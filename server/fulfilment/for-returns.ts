import { sql } from 'kysely'
import type { Scope } from '../actor.ts'
import type { Database, Tx } from '../db.ts'
import { scopeSql, warehouseSql } from '../scope.ts'

/** A parcel that left and may come back by the same waybill. */
export type LeftParcel = { id: string; no: string; orderId: string; orderNo: string; waybillNo: string }

export async function parcelsThatLeft(
  db: Database | Tx,
  waybillNos: readonly string[],
  scope: Scope,
): Promise<LeftParcel[]> {
  const found = await sql<LeftParcel>`
    select id, no, order_id as "orderId", order_no as "orderNo", waybill_no as "waybillNo" from delivery
    where waybill_no = any(${[...waybillNos]}::text[]) and waybill_no <> '' and status = 'shipped'
      and ${scopeSql(scope, sql.ref('shop_id'))} and ${warehouseSql(scope, sql.ref('warehouse_id'))}
    order by id limit 20`.execute(db)
  return found.rows
}
