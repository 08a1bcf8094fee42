import { type RawBuilder, sql } from 'kysely'
import { type Database, num, preparedStatement, type Tx } from '../../core/db/db.ts'
import type { Row, Rows, WithNumbers } from '../../core/db/rows.ts'
import { idsWithBuyerKeys } from '../../lib/people.ts'
import { unnestRows } from '../../lib/unnest.ts'

export type ShippedLine = Row<'sales_order', 'shopId' | 'warehouseId' | 'status' | 'origin'> &
  Row<'order_line', 'tid' | 'lineNo' | 'oid' | 'skuId' | 'title' | 'spec' | 'pictureUrl'> & {
    orderId: Rows['sales_order']['id']
    orderNo: Rows['sales_order']['no']
    /** True if nothing was paid for the order, so that nothing is refunded for a return. */
    unpaid: boolean
    outerCode: Rows['order_line']['outerSkuId']
    quantity: Rows['order_line']['quantity']
  }

export async function linesToReturn(db: Database | Tx, orderIds: readonly string[]): Promise<ShippedLine[]> {
  const found = await sql<ShippedLine>`${preparedStatement}
    select o.id as "orderId", o.no as "orderNo", o.shop_id as "shopId", l.tid, o.warehouse_id as "warehouseId", o.status, o.origin,
      o.paid_at is null or o.payment_fen = 0 as unpaid, l.line_no as "lineNo", l.oid, l.sku_id as "skuId",
      coalesce(nullif(l.outer_sku_id, ''), l.outer_item_id) as "outerCode", l.title, l.spec, l.picture_url as "pictureUrl",
      l.quantity - l.refunded_quantity as quantity
    from sales_order o join order_line l on l.order_id = o.id
    where o.id = any(${[...orderIds]}::bigint[]) and l.quantity > l.refunded_quantity
    order by o.id, l.line_no`.execute(db)
  return found.rows
}

export async function noteCameBack(tx: Tx, orderIds: readonly string[]): Promise<void> {
  await sql`
    update sales_order set came_back = true where id = any(${[...orderIds]}::bigint[]) and not came_back`.execute(
    tx,
  )
}

export type RefundOfOrder = WithNumbers<RefundRow, 'amountFen'>
type RefundRow = Row<
  'order_refund',
  'shopId' | 'refundNo' | 'orderId' | 'oid' | 'kind' | 'amountFen' | 'quantity'
> & {
  status: Rows['order_refund']['refundStatus']
  /** True if the refund succeeded before shipping and reduced the order's goods, so no goods come back for it. */
  before: boolean
}

export async function appliedRefunds(
  tx: Tx,
  refunds: readonly { shopId: string; refundNo: string }[],
): Promise<RefundOfOrder[]> {
  const found = await sql<RefundRow>`${preparedStatement}
    select r.shop_id as "shopId", r.refund_no as "refundNo", r.order_id as "orderId", r.oid, r.kind, r.refund_status as status,
      r.amount_fen as "amountFen", r.quantity, r.takes_goods as before
    from ${unnestRows('d', refunds, [
      ['shop_id', 'int8', (row) => row.shopId],
      ['refund_no', 'text', (row) => row.refundNo],
    ])}
    join order_refund r on r.shop_id = d.shop_id and r.refund_no = d.refund_no
    order by r.order_id, r.refund_no`.execute(tx)
  return found.rows.map((row) => ({ ...row, amountFen: num(row.amountFen) }))
}

/**
 * Returns the open or paid refunds (`refund_only` and `return`) of these locked orders, without those that reduced the goods before
 * shipping.
 */
export async function liveRefunds(tx: Tx, orderIds: readonly string[]): Promise<RefundOfOrder[]> {
  const found = await sql<RefundRow>`
    select shop_id as "shopId", refund_no as "refundNo", order_id as "orderId", oid, kind, refund_status as status,
      amount_fen as "amountFen", quantity, takes_goods as before
    from order_refund
    where order_id = any(${[...orderIds]}::bigint[]) and kind in ('refund_only', 'return') and not takes_goods
      and refund_status in ('applied', 'agreed', 'succeeded')
    order by order_id, refund_no`.execute(tx)
  return found.rows.map((row) => ({ ...row, amountFen: num(row.amountFen) }))
}

/** Relation (id): orders whose buyer has one of these buyer keys. */
export const ordersOfPhone = (keys: readonly number[]): RawBuilder<unknown> =>
  sql`(select distinct id from (${idsWithBuyerKeys('sales_order_person', keys)}) found)`
