import type { Actor } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import { lockCatalog } from '../listings/listing-queries.ts'
import { matchSkus } from '../listings/match.ts'
import {
  barcodeOwners,
  insertProducts,
  insertSkus,
  type LockedSku,
  productsByCode,
  replaceBarcodes,
  type SkuPatch,
  skusByCode,
  writeProducts,
  writeSkus,
} from '../sku-queries.ts'
import { auditSkus, barcodeTaken, codeTaken } from './skus.ts'

/** A SKU with its product, as one row of a sheet. For a known SKU, undefined leaves a field as it is. */
export type SkuRow = Omit<SkuPatch, 'code'> & {
  code: string
  /** The product's code; undefined for a new SKU: the SKU's own code. */
  productCode?: string | undefined
  name?: string | undefined
  category?: string | undefined
  brand?: string | undefined
  barcodes?: readonly string[] | undefined
}

/** The result of a row, in the order of the rows. `made`: true if the SKU is new. */
export type SavedSku =
  | { done: true; id: string; made: boolean }
  | { done: false; code: string; message: LocalizedText }

type Known = {
  skus: ReadonlyMap<string, LockedSku>
  products: ReadonlyMap<string, string>
  owners: ReadonlyMap<string, string>
}

/**
 * Adds SKUs and products by their codes, and updates those that exist; with `onlyNew` an existing SKU is refused instead. New SKUs are
 * matched with the listings that have their code.
 */
export async function saveSkus(
  tx: Tx,
  rows: readonly SkuRow[],
  actor: Actor,
  options: { onlyNew?: boolean } = {},
): Promise<SavedSku[]> {
  await lockCatalog(tx)
  const skus = await skusByCode(
    tx,
    rows.map((row) => row.code),
  )
  const products = await productsByCode(tx, rows.map(productCodeOf))
  const owners = await barcodeOwners(
    tx,
    rows.flatMap((row) => row.barcodes ?? []),
  )
  const refusals = whyNot(rows, { skus, products, owners }, options.onlyNew ?? false)
  const accepted = rows.filter((_, at) => refusals[at] === undefined)
  const productIds = await saveProducts(tx, accepted, skus, products)
  const ids = await writeRows(tx, accepted, skus, productIds)
  const fresh = accepted.filter((row) => !skus.has(row.code))
  await matchSkus(
    tx,
    fresh.map((row) => ids.get(row.code) ?? ''),
  )
  for (const [action, some] of [
    ['sku.create', fresh],
    ['sku.change', accepted.filter((row) => skus.has(row.code))],
  ] as const) {
    await auditSkus(
      tx,
      action,
      some.map(({ code, ...fields }) => ({ ...fields, id: ids.get(code) ?? '' })),
      actor,
    )
  }
  return rows.map(
    (row, at): SavedSku =>
      refusals[at] ?? { done: true, id: ids.get(row.code) ?? '', made: !skus.has(row.code) },
  )
}

const productCodeOf = (row: SkuRow) => row.productCode ?? row.code

type RefusedSku = Extract<SavedSku, { done: false }>

/** Returns the refusal of each row; undefined: the row is accepted. If two rows have the same code or barcode, the later one is refused. */
function whyNot(rows: readonly SkuRow[], known: Known, onlyNew: boolean): (RefusedSku | undefined)[] {
  const codes = new Set<string>()
  const barcodes = new Set<string>()
  const products = new Set(known.products.keys())
  return rows.map((row) => {
    const sku = known.skus.get(row.code)
    if (sku && onlyNew) return { done: false, ...codeTaken(row.code) }
    if (codes.has(row.code)) return { done: false, ...twice(row.code) }
    const foreign = row.barcodes?.find(
      (code) => barcodes.has(code) || (known.owners.has(code) && known.owners.get(code) !== sku?.id),
    )
    if (foreign !== undefined) return { done: false, ...barcodeTaken(foreign) }
    const needsProduct = !sku || row.productCode !== undefined
    if (needsProduct && !products.has(productCodeOf(row)) && !row.name) return { done: false, ...noName }
    codes.add(row.code)
    if (needsProduct) products.add(productCodeOf(row))
    for (const code of row.barcodes ?? []) barcodes.add(code)
    return undefined
  })
}

async function saveProducts(
  tx: Tx,
  rows: readonly SkuRow[],
  skus: ReadonlyMap<string, LockedSku>,
  known: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  const fresh = new Map<string, string>()
  for (const row of rows) {
    const code = productCodeOf(row)
    const needed = !skus.has(row.code) || row.productCode !== undefined
    if (needed && !known.has(code) && !fresh.has(code)) fresh.set(code, row.name ?? code)
  }
  const made = await insertProducts(
    tx,
    [...fresh].map(([code, name]) => ({ code, name })),
  )
  const productOf = (row: SkuRow) => {
    const stays = row.productCode === undefined ? skus.get(row.code)?.productId : undefined
    return stays ?? known.get(productCodeOf(row)) ?? made.get(productCodeOf(row)) ?? ''
  }
  // If several rows are of one product, the last row with a value counts.
  const patches = new Map<string, { name?: string; category?: string; brand?: string }>()
  for (const row of rows) {
    const { name, category, brand } = row
    const said = Object.entries({ name, category, brand }).filter(([, value]) => value !== undefined)
    if (said.length > 0)
      patches.set(productOf(row), { ...patches.get(productOf(row)), ...Object.fromEntries(said) })
  }
  await writeProducts(
    tx,
    [...patches].map(([id, patch]) => ({ id, patch })),
  )
  return new Map(rows.map((row) => [row.code, productOf(row)]))
}

async function writeRows(
  tx: Tx,
  rows: readonly SkuRow[],
  skus: ReadonlyMap<string, LockedSku>,
  productIds: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  if (rows.length === 0) return new Map()
  const fresh = rows.filter((row) => !skus.has(row.code))
  const made = await insertSkus(
    tx,
    fresh.map(({ code }) => ({ code, productId: productIds.get(code) ?? '' })),
  )
  const idOf = (code: string) => skus.get(code)?.id ?? made.get(code) ?? ''
  await writeSkus(
    tx,
    rows.map((row) => ({ id: idOf(row.code), productId: productIds.get(row.code), patch: patchOf(row) })),
  )
  const coded = rows.flatMap(({ code, barcodes }) => (barcodes ? { skuId: idOf(code), codes: barcodes } : []))
  if (coded.length > 0) await replaceBarcodes(tx, coded)
  return new Map(rows.map(({ code }) => [code, idOf(code)]))
}

function patchOf(row: SkuRow): SkuPatch {
  const { spec, weightG, priceFen, referenceFen, pictureUrl, scanOnce, needsSerial } = row
  return { spec, weightG, priceFen, referenceFen, pictureUrl, scanOnce, needsSerial }
}

const twice = (code: string) => ({
  code: 'code_twice',
  message: { zh: `商家编码「${code}」前面已有一行`, en: `The code ${code} stands in an earlier row` },
})
const noName = {
  code: 'name_missing',
  message: { zh: '新商品要有名称', en: 'A new product needs a name' },
}
