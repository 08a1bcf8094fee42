import { sql } from 'kysely'
import type { Scope } from '../../core/access/actor.ts'
import { scopeSql } from '../../core/access/scope.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Row, Rows } from '../../core/db/rows.ts'
import { orderRefunds, ordersOfTrade } from '../../orders/order/relations.ts'
import type { Duty } from './desk-rules.ts'

/** Returns one row for each refund and each order that has a share of it. A refund without an order has one row with order null. */
export async function peekOrders(
  tx: Tx,
  ids: readonly string[],
  scope: Scope,
): Promise<{ id: string; refundNo: string; orderId: string | null }[]> {
  const found = await sql<
    Row<'staged_refund', 'id' | 'refundNo'> & { orderId: Rows['sales_order']['id'] | null }
  >`
    select r.id, r.refund_no as "refundNo", o.id as "orderId" from staged_refund r
    left join lateral (
      select original.id from ${ordersOfTrade(sql.ref('r.tid'), sql.ref('r.shop_id'))} as original
      join ${orderRefunds} as taken on taken.order_id = original.id and taken.refund_no = r.refund_no
    ) o on true
    where r.id = any(${ids}::bigint[]) and ${scopeSql(scope, sql.ref('r.shop_id'))}`.execute(tx)
  return found.rows
}

/** Writes the responsibility (责任) for these refunds. The caller has locked the refunds. */
export async function writeDuty(
  tx: Tx,
  ids: readonly string[],
  { duty, note, by }: { duty: Duty; note: string; by: string },
): Promise<void> {
  await sql`
    update staged_refund set duty = ${duty}, duty_note = ${note}, duty_by = ${by}, duty_at = now()
    where id = any(${[...ids]}::bigint[])`.execute(tx)
}
