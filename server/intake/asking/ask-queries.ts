import { sql } from 'kysely'
import type { Refund } from '../../connectors/connector.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row, RowFor } from '../../core/db/rows.ts'
import { openAboutGoods } from '../../orders/order/open-refunds.ts'
import { letThroughOrders, tradeOrders } from '../../orders/order/relations.ts'

/**
 * SQL for a relation (id, shop_id, refund_no, tid) of the refunds that certainly stop their orders. Doubtful cases of
 * orders/refunds/refund-verdicts.ts are left out, so their details are requested again.
 */
const stopping = sql`(
  select r.id, r.shop_id, r.refund_no, r.tid from staged_refund r
  where ${openAboutGoods('r.status', 'r.kind')} and r.phase = 'onsale'
    and not exists (
      select from ${letThroughOrders} as let join ${tradeOrders} as original on original.id = let.order_id
      where let.refund_no = r.refund_no and original.tid = r.tid and original.shop_id = r.shop_id))`

/** Returns those of these trades that a known refund stops already. New details about them would change nothing. */
export async function knownStopped(
  db: Database,
  shopId: string,
  tids: readonly string[],
): Promise<Set<string>> {
  if (tids.length === 0) return new Set()
  const found = await sql<Row<'staged_refund', 'tid'>>`
    select distinct r.tid from ${stopping} as r
    where r.tid = any(${[...tids]}::text[]) and r.shop_id = ${shopId}::bigint`.execute(db)
  return new Set(found.rows.map(({ tid }) => tid))
}

export type KnownRefund = Pick<
  Refund,
  'refundId' | 'status' | 'modifiedAt' | 'refundKind' | 'phase' | 'quantity' | 'goodsReceived'
> & { amountFen: string; stops: boolean }

export async function knownRefunds(
  db: Database,
  shopId: string,
  refundIds: readonly string[],
): Promise<Map<string, KnownRefund>> {
  if (refundIds.length === 0) return new Map()
  const found = await sql<RowFor<'staged_refund', KnownRefund>>`
    select r.refund_no as "refundId", r.status, r.modified_at as "modifiedAt", r.kind as "refundKind", r.phase, r.quantity,
      r.goods_received as "goodsReceived", r.amount_fen as "amountFen", exists (select from ${stopping} as s where s.id = r.id) as stops
    from staged_refund r
    where r.refund_no = any(${[...refundIds]}::text[]) and r.shop_id = ${shopId}::bigint`.execute(db)
  return new Map(found.rows.map((row) => [row.refundId, row]))
}

/** Returns the refunds of these trades that are not converted yet and that are open or paid. */
export async function unconvertedOf(
  tx: Tx,
  shopId: string,
  tids: readonly string[],
): Promise<{ id: string; tid: string }[]> {
  const found = await sql<Row<'staged_refund', 'id' | 'tid'>>`
    select id, tid from staged_refund
    where tid = any(${[...tids]}::text[]) and shop_id = ${shopId}::bigint and state = 'staged'
      and status in ('applied', 'agreed', 'succeeded') order by id`.execute(tx)
  return found.rows
}
