import { skusOfCodes } from '../../catalog/names.ts'
import type { By } from '../../core/access/actor.ts'
import { inWarehouses } from '../../core/access/scope.ts'
import type { Tx } from '../../core/db/db.ts'
import { warehousesByCode } from '../warehouses.ts'
import { insertDocuments } from './document-queries.ts'
import { documentPieces, linePieces } from './posting.ts'

export type StockSheetRow = { warehouseCode: string; skuCode: string; quantity: number }
export type SheetAnswer = {
  /** Index of the row in the sheet, from 0. */
  row: number
  code: 'taken' | 'no_warehouse' | 'no_sku' | 'bundle' | 'twice' | 'wrong_quantity'
}

/** Limits the lines of one count; a larger sheet makes several counts. */
const linesMax = 5000

/**
 * 导入库存: makes draft counts of the valid rows, separate ones for each warehouse, which then are approved and posted as usual; invalid rows
 * are reported with the reason.
 */
export async function importStock(
  tx: Tx,
  rows: readonly StockSheetRow[],
  { actor, scope }: By,
): Promise<{ answers: SheetAnswer[]; documentIds: string[] }> {
  const known = await warehousesByCode(
    tx,
    rows.map((row) => row.warehouseCode.trim()),
  )
  const warehouses = new Map([...known].filter(([, { id }]) => inWarehouses(scope, id)))
  const skus = await skusOfCodes(
    tx,
    rows.map((row) => row.skuCode.trim()),
  )
  const seen = new Set<string>()
  const pieces = new Map<string, number>()
  const answers = rows.map((given, row): SheetAnswer => {
    const key = `${given.warehouseCode.trim()}\n${given.skuCode.trim()}`
    const sku = skus.get(given.skuCode.trim())
    if (!warehouses.has(given.warehouseCode.trim())) return { row, code: 'no_warehouse' }
    if (!sku) return { row, code: 'no_sku' }
    if (sku.isBundle) return { row, code: 'bundle' }
    if (!Number.isInteger(given.quantity) || given.quantity < 0 || given.quantity > linePieces)
      return { row, code: 'wrong_quantity' }
    if (seen.has(key)) return { row, code: 'twice' }
    const sum = (pieces.get(given.warehouseCode.trim()) ?? 0) + given.quantity
    if (sum > documentPieces) return { row, code: 'wrong_quantity' }
    pieces.set(given.warehouseCode.trim(), sum)
    seen.add(key)
    return { row, code: 'taken' }
  })
  const taken = rows.filter((_, row) => answers[row]?.code === 'taken')
  const documents = [...Map.groupBy(taken, (row) => row.warehouseCode.trim())].flatMap(([code, rowsOf]) => {
    const row = draftOf(warehouses.get(code)?.id ?? '')
    const lines = rowsOf.map(({ skuCode, quantity }) => ({
      skuId: skus.get(skuCode.trim())?.id ?? '',
      quantity,
    }))
    const parts = Array.from({ length: Math.ceil(lines.length / linesMax) }, (_, part) => part * linesMax)
    return parts.map((from) => ({ row, lines: lines.slice(from, from + linesMax) }))
  })
  const documentIds = await insertDocuments(tx, documents, actor.name)
  return { answers, documentIds }
}

const draftOf = (warehouseId: string) => ({
  kind: 'count' as const,
  warehouseId,
  toWarehouseId: null,
  lockKind: null,
  startsAt: null,
  endsAt: null,
  note: '导入',
})
