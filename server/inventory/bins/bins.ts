import { skusOfCodes } from '../../catalog/names.ts'
import type { By } from '../../core/access/actor.ts'
import { inWarehouses } from '../../core/access/scope.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { RowRefusal } from '../../core/sheets/sheet-contract.ts'
import {
  BadCell,
  namedRows,
  neededCell,
  readEach,
  refusal,
  reportOf,
  textCell,
  wholeCell,
} from '../../core/sheets/sheet-rows.ts'
import { AppError } from '../../errors.ts'
import { warehousesByCode } from '../warehouses.ts'
import { binByCode, emptyBin, keyOf, lockBins, placeSkus, skusIn, upsertBins } from './bin-queries.ts'
import { versionOf } from './bin-version.ts'
import { type BinInput, type BinReport, binPattern } from './contract.ts'

/**
 * 库位: adds a bin, or changes the one with this code, and says which SKUs lie there. Other SKUs leave it. Throws `conflict` if the bin is
 * not as it was seen (`version`) any more, and `duplicate` if a new one is there already.
 */
export async function saveBin(tx: Tx, input: BinInput, { actor, scope }: By): Promise<{ id: string }> {
  const { warehouseId, route, active } = input
  if (!inWarehouses(scope, warehouseId))
    throw new AppError('not_found', { what: { zh: '仓库', en: 'Warehouse' } }, 'warehouseId')
  const bin = { warehouseId, code: input.code.toUpperCase(), route, active }
  await lockBins(tx, [warehouseId])
  await assertAsSeen(tx, bin, input.version)
  const saved = (await upsertBins(tx, [bin], actor.name)).get(keyOf(bin))
  if (!saved) throw new Error('upsert returned no row')
  const binId = saved.id
  await emptyBin(tx, binId)
  if (!active) return { id: binId }
  const mains = await skuIdsOf(tx, input.mains, 'mains')
  const spares = await skuIdsOf(tx, input.spares, 'spares')
  await placeSkus(tx, [
    ...mains.map((skuId) => ({ warehouseId, skuId, binId, spare: false })),
    ...spares.map((skuId) => ({ warehouseId, skuId, binId, spare: true })),
  ])
  return { id: binId }
}

async function assertAsSeen(
  tx: Tx,
  bin: { warehouseId: string; code: string },
  version: string,
): Promise<void> {
  const what = { zh: `库位 ${bin.code} `, en: `Bin ${bin.code}` }
  const known = await binByCode(tx, bin)
  if (!known && version !== '') throw new AppError('not_found', { what }, 'code')
  if (!known) return
  if (version === '') throw new AppError('duplicate', { what }, 'code')
  if (version !== versionOf(known, await skusIn(tx, [known.id]))) throw new AppError('conflict', { what })
}

async function skuIdsOf(tx: Tx, codes: readonly string[], field: string): Promise<string[]> {
  const skus = await skusOfCodes(tx, codes)
  const unknown = codes.find((code) => !skus.has(code) || skus.get(code)?.isBundle)
  if (unknown !== undefined) {
    const detail = {
      zh: `${unknown} 不是单品的商家编码`,
      en: `${unknown} is no code of goods that are stored`,
    }
    throw new AppError('invalid_input', { detail }, field)
  }
  return [...new Set(codes)].flatMap((code) => skus.get(code)?.id ?? [])
}

const heads = {
  warehouse: ['仓库编码', '仓库', 'warehouse'],
  code: ['库位', '库位编码', 'bin'],
  route: ['顺序', '路线', 'route'],
  sku: ['商家编码', 'SKU编码', 'sku', 'sku code'],
  kind: ['主备', '类型', 'kind'],
} as const
type Head = keyof typeof heads
type Read = { warehouse: string; code: string; route: number | null; sku: string; spare: boolean }

/**
 * 导入库位: adds and changes bins by a sheet, one row for each bin and SKU. Bins without a route come in the order of the sheet. Valid rows
 * are saved, invalid ones reported.
 */
export async function importBins(db: Database, bytes: Buffer, by: By): Promise<BinReport> {
  const rows = await namedRows<Head>(bytes, heads, ['warehouse', 'code'])
  const { good, refused } = readEach(rows, binOf)
  return db.transaction().execute(async (tx) => {
    const { known, unknown } = await namesOf(tx, good, by)
    await lockBins(
      tx,
      known.map(({ warehouseId }) => warehouseId),
    )
    const bins = new Map(known.map((row) => [keyOf(row), { ...row, active: true }]))
    for (const row of known) if (row.route !== null) bins.set(keyOf(row), { ...row, active: true })
    const saved = await upsertBins(tx, [...bins.values()], by.actor.name)
    // The last row of the sheet about a SKU counts.
    const placed = new Map(
      known.flatMap(({ skuId, spare, ...row }) => {
        const binId = saved.get(keyOf(row))?.id ?? ''
        const key = `${row.warehouseId}/${skuId}/${spare}`
        return skuId === null ? [] : [[key, { warehouseId: row.warehouseId, skuId, binId, spare }] as const]
      }),
    )
    await placeSkus(tx, [...placed.values()])
    const created = [...saved.values()].filter(({ made }) => made).length
    const counts = { created, updated: saved.size - created }
    return reportOf(rows.length, counts, [...refused, ...unknown])
  })
}

function binOf(cells: Partial<Record<Head, string>>): Read {
  const code = neededCell(heads.code[0], cells.code).toUpperCase()
  if (!new RegExp(binPattern).test(code))
    throw new BadCell(heads.code[0], '只能用字母、数字和短横', 'Letters, digits and dashes only')
  const kind = cells.kind ?? ''
  if (!/^(主|主库位|main|备|备库位|spare)?$/i.test(kind))
    throw new BadCell(heads.kind[0], '只能填主或备', 'main or spare only')
  return {
    warehouse: neededCell(heads.warehouse[0], cells.warehouse),
    code,
    route: wholeCell(heads.route[0], cells.route) ?? null,
    sku: textCell(heads.sku[0], cells.sku, 64) ?? '',
    spare: /^(备|备库位|spare)$/i.test(kind),
  }
}

type Known = { warehouseId: string; code: string; route: number | null; skuId: string | null; spare: boolean }

/** Replaces the codes of warehouses and SKUs by their ids. */
async function namesOf(
  tx: Tx,
  good: readonly { row: number; value: Read }[],
  { scope }: By,
): Promise<{ known: Known[]; unknown: RowRefusal[] }> {
  const warehouses = await warehousesByCode(
    tx,
    good.map(({ value }) => value.warehouse),
  )
  const skus = await skusOfCodes(
    tx,
    good.map(({ value }) => value.sku),
  )
  const known: Known[] = []
  const unknown: RowRefusal[] = []
  for (const { row, value } of good) {
    const { warehouse, code, route, spare } = value
    const warehouseId = warehouses.get(warehouse)?.id
    const sku = skus.get(value.sku)
    if (warehouseId === undefined || !inWarehouses(scope, warehouseId))
      unknown.push(refusal(row, heads.warehouse[0], noWarehouse))
    else if (value.sku !== '' && (!sku || sku.isBundle)) unknown.push(refusal(row, heads.sku[0], noSku))
    else known.push({ warehouseId, code, route, skuId: sku?.id ?? null, spare })
  }
  return { known, unknown }
}

const noWarehouse = {
  code: 'no_warehouse',
  message: { zh: '没有这个仓库编码', en: 'No warehouse with this code' },
}
const noSku = {
  code: 'no_sku',
  message: { zh: '没有这个单品的商家编码', en: 'No stored goods with this code' },
}
