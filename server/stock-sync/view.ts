import { skuNames } from '../catalog/names.ts'
import type { Database } from '../core/db/db.ts'
import type { StockSyncRow } from './contract.ts'
import { stockSyncRows } from './view-queries.ts'

export async function viewStockSync(db: Database, ids: readonly string[]): Promise<StockSyncRow[]> {
  const rows = await stockSyncRows(db, ids)
  const names = await skuNames(
    db,
    rows.flatMap(({ skuId }) => skuId ?? []),
  )
  return rows.map((row) => ({ ...row, skuCode: names.get(row.skuId ?? '')?.code ?? '' }))
}
