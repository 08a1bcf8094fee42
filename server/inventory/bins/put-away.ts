import { skuBarcodes, skuNames } from '../../catalog/names.ts'
import type { By, Scope } from '../../core/access/actor.ts'
import { inWarehouses } from '../../core/access/scope.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import { once } from '../../core/db/once.ts'
import { AppError } from '../../errors.ts'
import { scannedGoods } from '../scanned-goods.ts'
import { lockBins, placeSkus } from './bin-queries.ts'
import type { PutAwayAnswer, PutAwayWork } from './put-away-contract.ts'
import { binOfCode, dueGoods, insertPut, lastPuts, lockPlaces } from './put-away-queries.ts'
import { type BinKind, placingOf } from './put-away-rules.ts'

export type PutAway = {
  key: string
  warehouseId: string
  code: string
  bin: string
  pieces: number
  as?: BinKind | undefined
}

/**
 * 上架: pieces of a SKU were put to a bin. The bin becomes its main or spare bin if that place is free, or if the user chose to replace the
 * bin there (`as`). Stock does not change: the goods were on hand since they came in, and a bin has no quantity.
 */
export async function putAway(tx: Tx, input: PutAway, by: By): Promise<PutAwayAnswer> {
  assertWarehouse(by.scope, input.warehouseId)
  return once(tx, { key: input.key, kind: 'put_away' }, by.actor, () => put(tx, input, by))
}

async function put(tx: Tx, { warehouseId, code, bin: binCode, pieces, as }: PutAway, { actor }: By) {
  const sku = await scannedGoods(tx, code.trim())
  if (!sku) throw new AppError('not_found', { what: { zh: `商品 ${code}`, en: `Goods ${code}` } }, 'code')
  await lockBins(tx, [warehouseId])
  const bin = await binOfCode(tx, warehouseId, binCode.trim())
  if (!bin?.active) {
    const what = { zh: `库位 ${binCode}`, en: `Bin ${binCode}` }
    throw new AppError('not_found', { what }, 'bin')
  }
  const { main, spare, ...places } = await lockPlaces(tx, warehouseId, sku.id)
  const placing = placingOf(places, bin.id, as)
  if (!placing) throw new AppError('bin_choice', { main: main ?? '', spare: spare ?? '' }, 'as')
  const at = { warehouseId, skuId: sku.id, binId: bin.id, spare: placing.as === 'spare' }
  if (placing.isNew) await placeSkus(tx, [at])
  const { due, short } = await insertPut(tx, { ...at, pieces }, actor)
  const { id: skuId, code: skuCode, name, spec, pictureUrl } = sku
  return { ...{ skuId, code: skuCode, name, spec, pictureUrl, bin: bin.code, due, short }, ...placing }
}

function assertWarehouse(scope: Scope, warehouseId: string): void {
  if (!inWarehouses(scope, warehouseId))
    throw new AppError('not_found', { what: { zh: '仓库', en: 'Warehouse' } }, 'warehouseId')
}

/** Returns the goods that are to be put away, with their bins, and what was put away last. */
export async function viewPutAway(db: Database, warehouseId: string, scope: Scope): Promise<PutAwayWork> {
  assertWarehouse(scope, warehouseId)
  const due = await dueGoods(db, warehouseId)
  const puts = await lastPuts(db, warehouseId)
  const names = await skuNames(
    db,
    [...due, ...puts].map(({ skuId }) => skuId),
  )
  const barcodes = await skuBarcodes(
    db,
    due.map(({ skuId }) => skuId),
  )
  const named = (skuId: string) => {
    const { code = skuId, name = '', spec = '', pictureUrl = '' } = names.get(skuId) ?? {}
    return { code, name, spec, pictureUrl }
  }
  return {
    due: due.map((row) => ({ ...row, ...named(row.skuId), barcodes: barcodes.get(row.skuId) ?? [] })),
    put: puts.map(({ skuId, ...row }) => {
      const { code, name } = named(skuId)
      return { ...row, code, name }
    }),
  }
}
