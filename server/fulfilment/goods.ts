import { sql } from 'kysely'
import type { Tx } from '../core/db/db.ts'
import { unnestRows } from '../lib/unnest.ts'
import { deliveryFactsOf } from '../orders/holds/shipping.ts'
import { packedGoods } from './goods-rules.ts'

/** Writes what pending deliveries keep of their orders' goods, after these have changed. The caller has locked the orders. */
export async function refreshGoods(tx: Tx, orderIds: readonly string[]): Promise<void> {
  const rows = [...(await deliveryFactsOf(tx, orderIds)).values()].map((facts) => ({
    orderId: facts.orderId,
    ...packedGoods(facts),
  }))
  if (rows.length === 0) return
  await sql`
    update delivery t set shape = d.shape, sku_id = d.sku_id, piece_count = d.piece_count
    from ${unnestRows('d', rows, [
      ['order_id', 'int8', (row) => row.orderId],
      ['shape', 'text', (row) => row.shape],
      ['sku_id', 'int8', (row) => row.skuId],
      ['piece_count', 'int4', (row) => row.pieceCount],
    ])}
    where t.order_id = d.order_id and t.status = 'pending'`.execute(tx)
}
