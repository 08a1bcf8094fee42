import { type SkuName, skuNames, skuOfScan, skusOfCodes } from '../catalog/names.ts'
import type { Tx } from '../core/db/db.ts'
import { AppError } from '../errors.ts'

/**
 * Returns the SKU with this code or barcode; undefined: there is none. Throws for a bundle, because only its components lie in a warehouse.
 */
export async function scannedGoods(tx: Tx, code: string): Promise<SkuName | undefined> {
  const scanned = await skuOfScan(tx, code)
  const sku = scanned && (await skuNames(tx, [scanned.id])).get(scanned.id)
  if (sku && (await skusOfCodes(tx, [sku.code])).get(sku.code)?.isBundle) {
    const detail = { zh: `${sku.code} 是组合，扫它的单品`, en: `${sku.code} is a bundle; scan its parts` }
    throw new AppError('invalid_input', { detail }, 'code')
  }
  return sku
}
