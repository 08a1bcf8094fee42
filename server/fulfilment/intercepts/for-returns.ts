import { sql } from 'kysely'
import type { Scope } from '../../core/access/actor.ts'
import { scopeSql, warehouseSql } from '../../core/access/scope.ts'
import { type Database, preparedStatement, type Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { deliveriesOfPackages } from '../numbers.ts'
import type { InterceptWay } from './intercept-lifecycle.ts'
import { aliveOfOrders } from './intercept-queries.ts'

export type ShippedDelivery = Row<'delivery', 'id' | 'no' | 'orderId' | 'orderNo' | 'waybillNo'>

/** Returns the shipped deliveries with these waybills, also of a package. */
export async function shippedByWaybill(
  db: Database | Tx,
  waybillNos: readonly string[],
  scope: Scope,
): Promise<ShippedDelivery[]> {
  const found = await sql<ShippedDelivery>`
    select id, no, order_id as "orderId", order_no as "orderNo", waybill_no as "waybillNo" from (
      select * from delivery where waybill_no = any(${[...waybillNos]}::text[]) and waybill_no <> ''
      union ${deliveriesOfPackages(sql`${[...waybillNos]}::text[]`)}
    ) found
    where status = 'shipped'
      and ${scopeSql(scope, sql.ref('shop_id'))} and ${warehouseSql(scope, sql.ref('warehouse_id'))}
    order by id limit 20`.execute(db)
  return found.rows
}

export async function openInterceptWays(
  tx: Tx,
  orderIds: readonly string[],
): Promise<ReadonlyMap<string, InterceptWay>> {
  return new Map((await aliveOfOrders(tx, orderIds)).map(({ orderId, way }) => [orderId, way]))
}

/** Returns the deliveries of these orders whose last intercept ended as `returned` and has no return yet. */
export async function broughtBack(tx: Tx, orderIds: readonly string[]): Promise<string[]> {
  const found = await sql<Row<'delivery', 'id'>>`
    select last.delivery_id as id from (
      select distinct on (delivery_id) delivery_id, state, return_id from intercept
      where order_id = any(${[...orderIds]}::bigint[]) order by delivery_id, id desc
    ) last where last.state = 'returned' and last.return_id is null order by 1`.execute(tx)
  return found.rows.map(({ id }) => id)
}

export type TakenBy = { orderId: string; returnId: string; returnNo: string }

/**
 * Links the last intercept of each order with the return of its goods, if the intercept has ended as `returned`, `missed` or `money`. If an
 * order has several returns, the newest is linked; `rows` are in the sequence of their creation. The caller has locked the orders.
 */
export async function linkReturns(tx: Tx, rows: readonly TakenBy[]): Promise<void> {
  if (rows.length === 0) return
  const newest = [...new Map(rows.map((row) => [row.orderId, row])).values()]
  await sql`${preparedStatement}
    update intercept i set return_id = d.return_id, return_no = d.return_no
    from ${unnestRows('d', newest, [
      ['order_id', 'int8', (row) => row.orderId],
      ['return_id', 'int8', (row) => row.returnId],
      ['return_no', 'text', (row) => row.returnNo],
    ])}
    where i.id = (select max(id) from intercept where order_id = d.order_id)
      and i.state in ('returned', 'missed', 'money') and coalesce(i.return_id, 0) < d.return_id`.execute(tx)
}

export type InterceptOfOrder = Row<'intercept', 'id' | 'deliveryNo' | 'waybillNo' | 'way' | 'state'>

export async function interceptsOfOrders(
  db: Database,
  orderIds: readonly string[],
  scope: Scope,
): Promise<InterceptOfOrder[]> {
  const found = await sql<InterceptOfOrder>`
    select id, delivery_no as "deliveryNo", waybill_no as "waybillNo", way, state from intercept
    where order_id = any(${[...orderIds]}::bigint[])
      and ${scopeSql(scope, sql.ref('shop_id'))} and ${warehouseSql(scope, sql.ref('warehouse_id'))}
    order by id limit 50`.execute(db)
  return found.rows
}
