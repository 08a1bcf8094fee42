import { skuNames } from '../catalog/names.ts'
import type { Database } from '../core/db/db.ts'
import type { UploadRowOut } from './contract.ts'
import { uploadRows } from './view-queries.ts'

/** The rows of one page, in the order of the ids. */
export async function viewUploads(db: Database, ids: readonly string[]): Promise<UploadRowOut[]> {
  const rows = await uploadRows(db, ids)
  const names = await skuNames(
    db,
    rows.flatMap(({ skuId }) => skuId ?? []),
  )
  return rows.map((row) => ({ ...row, skuCode: names.get(row.skuId ?? '')?.code ?? '' }))
}
