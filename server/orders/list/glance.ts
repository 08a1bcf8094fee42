import { sql } from 'kysely'
import type { SheetGoods } from '../../connectors/words-contract.ts'
import type { Scope } from '../../core/access/actor.ts'
import { scopeSql } from '../../core/access/scope.ts'
import { type Database, num } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import type { OrderStatus } from '../order/lifecycle.ts'

export type OrderSummary = {
  id: string
  no: string
  status: OrderStatus
  origin: string
  paymentFen: number
  refundedFen: number
  openHolds: number
  writtenBack: boolean
}

export async function orderSummaries(db: Database, ids: readonly string[]): Promise<OrderSummary[]> {
  const found = await sql<
    Omit<OrderSummary, 'paymentFen' | 'refundedFen'> & { paymentFen: string; refundedFen: string }
  >`
    select id, no, status, origin, payment_fen as "paymentFen", refunded_fen as "refundedFen", open_holds as "openHolds",
      written_back_at is not null as "writtenBack"
    from sales_order where id = any(${[...ids]}::bigint[])`.execute(db)
  return found.rows.map((row) => ({
    ...row,
    paymentFen: num(row.paymentFen),
    refundedFen: num(row.refundedFen),
  }))
}

export async function orderNumbers(
  db: Database,
  ids: readonly string[],
  scope: Scope,
): Promise<Map<string, string>> {
  const found = await sql<Row<'sales_order', 'id' | 'no'>>`
    select id, no from sales_order
    where id = any(${[...new Set(ids)]}::bigint[]) and ${scopeSql(scope, sql.ref('shop_id'))}`.execute(db)
  return new Map(found.rows.map(({ id, no }) => [id, no]))
}

/** The goods of an order in a sheet, of the lines that are grouped. */
export const goodsOfLines = sql`jsonb_agg(jsonb_build_object('title', title, 'spec', spec, 'quantity', quantity, 'outerSkuId', outer_sku_id,
      'outerItemId', outer_item_id, 'refund', case when refunded_quantity = quantity then 'succeeded' else 'none' end) order by line_no)`

/** Returns the goods of each of these orders, without removed gifts; a list on the screen shows only the first two lines. */
async function orderGoods(db: Database, ids: readonly string[]): Promise<Map<string, SheetGoods[]>> {
  const found = await sql<Row<'order_line', 'orderId'> & { goods: SheetGoods[] }>`
    select order_id as "orderId", ${goodsOfLines} as goods
    from order_line where order_id = any(${[...ids]}::bigint[]) and (not gift or refunded_quantity < quantity)
    group by order_id`.execute(db)
  return new Map(found.rows.map(({ orderId, goods }) => [orderId, goods]))
}

/** Returns the rows with all goods of their orders, for sheets. */
export async function withGoods<Row extends { orderId: string }>(
  db: Database,
  rows: readonly Row[],
): Promise<(Row & { goods: SheetGoods[] })[]> {
  const goods = await orderGoods(
    db,
    rows.map(({ orderId }) => orderId),
  )
  return rows.map((row) => ({ ...row, goods: goods.get(row.orderId) ?? [] }))
}
