import { sql } from 'kysely'
import { num, preparedStatement, type Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import type { SettlementKind } from '../../finance/lifecycle.ts'

/**
 * Returns the refunds that count in money, one for each order, with the source of their settlement. Several orders can share a refund, but
 * the source of a settlement must be unique in a shop, so the source for a child order ends with its order number.
 */
export async function countedRefunds(
  tx: Tx,
  orderIds: readonly string[],
): Promise<{ orderId: string; kind: SettlementKind; source: string; amountFen: number }[]> {
  const found = await sql<
    Row<'order_refund', 'orderId'> & { kind: SettlementKind; fen: string } & Record<'source', string>
  >`${preparedStatement}
    select r.order_id as "orderId", r.fact as kind, r.counted_fen as fen,
      r.refund_no || case when o.origin = 'split' then '/' || o.no else '' end as source
    from order_refund r join sales_order o on o.id = r.order_id
    where r.order_id = any(${orderIds}::bigint[]) and r.fact is not null`.execute(tx)
  return found.rows.map(({ fen, ...row }) => ({ ...row, amountFen: num(fen) }))
}
