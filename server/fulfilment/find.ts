import { sql } from 'kysely'
import type { Scope } from '../core/access/actor.ts'
import { grantedSql, scopeSql, warehouseSql } from '../core/access/scope.ts'
import type { Database } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { listIds } from '../core/lists/list.ts'
import { deliveries } from './lists.ts'
import { deliveriesOfPackages } from './numbers.ts'
import { viewDeliveries } from './view.ts'

type Parts = { text: string; shop: string | undefined; scope: Scope }
type Found = { id: string; no: string; text: string }

const most = 6

export async function findDeliveries(db: Database, { text, shop, scope }: Parts): Promise<Found[]> {
  const asked = await deliveries.ask({ tab: 'all', q: text, ...(shop ? { shop } : {}) }, { db, scope })
  const { ids } = await listIds(db, deliveries.table, asked, { limit: most, after: undefined })
  return (await viewDeliveries(db, ids)).map(({ id, no, waybillNo, orderNo }) => ({
    ...{ id, no, text: [waybillNo, orderNo].filter(Boolean).join(' · ') },
  }))
}

export async function findOrdersOfWaybill(db: Database, { text, shop, scope }: Parts): Promise<Found[]> {
  const found = await sql<Row<'delivery', 'orderId' | 'orderNo' | 'waybillNo'>>`
    select order_id as "orderId", order_no as "orderNo", waybill_no as "waybillNo" from (
      select * from (
        select * from delivery where waybill_no = ${text.toUpperCase()} and waybill_no <> '' and status <> 'cancelled'
        union ${deliveriesOfPackages(sql`${[text.toUpperCase()]}::text[]`)}
      ) found
      where ${scopeSql(scope, sql.ref('shop_id'))} and ${warehouseSql(scope, sql.ref('warehouse_id'))}
        and ${shop ? sql`shop_id = any(${shop.split(',')}::bigint[])` : sql`true`}
      -- Else all deliveries would be walked in the order of their ids.
      offset 0
    ) d
    order by id desc limit ${most}`.execute(db)
  return found.rows.map(({ orderId, orderNo, waybillNo }) => ({ id: orderId, no: orderNo, text: waybillNo }))
}

/** Returns the deliveries with exactly this waybill, delivery number, order number or trade number, those that wait first. */
export async function deliveriesOfCode(db: Database, code: string, scope: Scope): Promise<string[]> {
  const upper = code.toUpperCase()
  const found = await sql<Row<'delivery', 'id'>>`
    select id from (
      select id, status, shop_id, warehouse_id from delivery where waybill_no = ${upper} and waybill_no <> '' and status <> 'cancelled'
      union select id, status, shop_id, warehouse_id from (${deliveriesOfPackages(sql`${[upper]}::text[]`)}) of_package
      union select id, status, shop_id, warehouse_id from delivery where no = ${upper}
      union select id, status, shop_id, warehouse_id from delivery where order_no = ${upper}
      union select id, status, shop_id, warehouse_id from delivery where tid = ${code}
    ) d where ${grantedSql(scope)} order by status = 'cancelled', status = 'shipped', id desc limit ${most}`.execute(
    db,
  )
  return found.rows.map(({ id }) => id)
}
