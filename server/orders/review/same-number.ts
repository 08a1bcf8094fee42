import { sql } from 'kysely'
import type { Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { isOffPlatformSql } from '../create/own-order-queries.ts'

/** The orders of our own that bear these trades' numbers and are not voided. */
export async function liveOffPlatformOrders(
  tx: Tx,
  trades: readonly { shop_id: string; tid: string }[],
): Promise<{ shopId: string; tid: string; id: string; no: string }[]> {
  if (trades.length === 0) return []
  const found = await sql<Row<'sales_order', 'shopId' | 'tid' | 'id' | 'no'>>`
    select o.shop_id as "shopId", o.tid, o.id, o.no
    from ${unnestRows('d', trades, [
      ['shop_id', 'int8', (row) => row.shop_id],
      ['tid', 'text', (row) => row.tid],
    ])}
    join sales_order o on o.tid = d.tid and o.shop_id = d.shop_id and ${isOffPlatformSql} and o.status <> 'voided'`.execute(
    tx,
  )
  return found.rows
}
