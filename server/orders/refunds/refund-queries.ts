import { sql } from 'kysely'
import { type Database, num, preparedStatement, type Tx } from '../../core/db/db.ts'
import type { Row, Rows, WithNumbers } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'
import type { LineMoney, RefundTotals } from './refund-money.ts'

type RefundRow = Row<
  'order_refund',
  | 'orderId'
  | 'refundNo'
  | 'shopId'
  | 'oid'
  | 'kind'
  | 'phase'
  | 'version'
  | 'modifiedAt'
  | 'amountFen'
  | 'quantity'
  | 'effect'
  | 'fact'
  | 'countedFen'
  | 'countedQuantity'
  | 'countedOid'
  | 'takesGoods'
> & { status: Rows['order_refund']['refundStatus'] }

/** A refund as last applied to an order, with the amount and pieces that count. */
export type AppliedRefund = WithNumbers<RefundRow, 'amountFen' | 'countedFen'>

/** Returns all applied refunds of these orders. A caller that decides by them must have locked the orders. */
export async function refundsOfOrders(
  tx: Database | Tx,
  orderIds: readonly string[],
): Promise<AppliedRefund[]> {
  const found = await sql<RefundRow>`${preparedStatement}
    select order_id as "orderId", refund_no as "refundNo", shop_id as "shopId", oid, kind, phase, refund_status as status, version,
      modified_at as "modifiedAt", amount_fen as "amountFen", quantity, effect, fact, counted_fen as "countedFen",
      counted_quantity as "countedQuantity", counted_oid as "countedOid", takes_goods as "takesGoods"
    from order_refund where order_id = any(${orderIds}::bigint[])`.execute(tx)
  return found.rows.map((row) => ({ ...row, amountFen: num(row.amountFen), countedFen: num(row.countedFen) }))
}

export type LineWithRefunds = LineMoney & { refundedQuantity: number }

/** Returns the sold lines of these orders. Refunds do not concern gifts. */
export async function linesOfOrders(
  tx: Database | Tx,
  orderIds: readonly string[],
): Promise<Map<string, LineWithRefunds[]>> {
  const found = await sql<
    Row<'order_line', 'orderId' | 'lineNo' | 'oid' | 'quantity' | 'refundedQuantity' | 'paymentFen'>
  >`${preparedStatement}
    select order_id as "orderId", line_no as "lineNo", oid, quantity, refunded_quantity as "refundedQuantity", payment_fen as "paymentFen"
    from order_line where order_id = any(${orderIds}::bigint[]) and not gift order by order_id, line_no`.execute(
    tx,
  )
  const rows = found.rows.map((row) => ({ ...row, paymentFen: num(row.paymentFen) }))
  return Map.groupBy(rows, (row) => row.orderId)
}

export async function upsertOrderRefunds(tx: Tx, refunds: readonly AppliedRefund[]): Promise<void> {
  await sql`${preparedStatement}
    insert into order_refund (order_id, refund_no, shop_id, oid, kind, phase, refund_status, version, modified_at, amount_fen, quantity,
      effect, fact, counted_fen, counted_quantity, counted_oid, takes_goods)
    select * from ${unnestRows('d', refunds, [
      ['order_id', 'int8', (row) => row.orderId],
      ['refund_no', 'text', (row) => row.refundNo],
      ['shop_id', 'int8', (row) => row.shopId],
      ['oid', 'text', (row) => row.oid],
      ['kind', 'text', (row) => row.kind],
      ['phase', 'text', (row) => row.phase],
      ['refund_status', 'text', (row) => row.status],
      ['version', 'text', (row) => row.version],
      ['modified_at', 'timestamptz', (row) => row.modifiedAt],
      ['amount_fen', 'int8', (row) => row.amountFen],
      ['quantity', 'int4', (row) => row.quantity],
      ['effect', 'text', (row) => row.effect],
      ['fact', 'text', (row) => row.fact],
      ['counted_fen', 'int8', (row) => row.countedFen],
      ['counted_quantity', 'int4', (row) => row.countedQuantity],
      ['counted_oid', 'text', (row) => row.countedOid],
      ['takes_goods', 'bool', (row) => row.takesGoods],
    ])}
    on conflict (order_id, refund_no) do update set
      oid = excluded.oid, kind = excluded.kind, phase = excluded.phase, refund_status = excluded.refund_status, version = excluded.version,
      modified_at = excluded.modified_at, amount_fen = excluded.amount_fen, quantity = excluded.quantity,
      effect = excluded.effect, applied_at = now(), fact = excluded.fact, counted_fen = excluded.counted_fen,
      counted_quantity = excluded.counted_quantity, counted_oid = excluded.counted_oid, takes_goods = excluded.takes_goods`.execute(
    tx,
  )
}

export async function writeRefundedLines(
  tx: Tx,
  lines: readonly ({ orderId: string } & RefundTotals['lines'][number])[],
): Promise<void> {
  await sql`${preparedStatement}
    update order_line l
    set refunded_fen = d.refunded_fen, refunded_quantity = d.refunded_quantity
    from ${unnestRows('d', lines, [
      ['order_id', 'int8', (row) => row.orderId],
      ['line_no', 'int2', (row) => row.lineNo],
      ['refunded_fen', 'int8', (row) => row.refundedFen],
      ['refunded_quantity', 'int4', (row) => row.refundedQuantity],
    ])}
    where l.order_id = d.order_id and l.line_no = d.line_no
      and (l.refunded_fen, l.refunded_quantity) is distinct from (d.refunded_fen, d.refunded_quantity)`.execute(
    tx,
  )
}
