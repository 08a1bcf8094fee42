import { sql } from 'kysely'
import type { Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { unnestRows } from '../lib/unnest.ts'

export type ChangedSku = Row<'stock_change', 'skuId' | 'version'>

/**
 * Returns SKUs that changed since they were last marked as processed. Read their balances in a later statement, so that these are at
 * least as new as `version`.
 */
export async function changedSkus(tx: Tx, limit: number): Promise<ChangedSku[]> {
  const found = await sql<ChangedSku>`
    select sku_id as "skuId", version from stock_change where dirty order by sku_id limit ${limit}`.execute(
    tx,
  )
  return found.rows
}

/** Marks these versions as processed; later changes stay unprocessed. Must be the last call on stock in its transaction (lock order). */
export async function markProcessed(tx: Tx, changed: readonly ChangedSku[]): Promise<void> {
  const rows = unnestRows('known', changed, [
    ['sku_id', 'int8', (row) => row.skuId],
    ['version', 'int8', (row) => row.version],
  ])
  await sql`
    with mine as (
      select c.sku_id, known.version from stock_change c join ${rows} using (sku_id)
      where c.taken < known.version order by c.sku_id for update of c
    )
    update stock_change c set taken = mine.version from mine where c.sku_id = mine.sku_id`.execute(tx)
}
