import type { By } from '../../core/access/actor.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { RowRefusal } from '../../core/sheets/sheet-contract.ts'
import { BadCell, namedRows, neededCell, readEach, refusal, reportOf } from '../../core/sheets/sheet-rows.ts'
import { listShops } from '../../shops/shops.ts'
import type { SheetReport } from '../contract.ts'
import { skusByCode } from '../sku-queries.ts'
import { lockCatalog } from './listing-queries.ts'
import { matchListings, noListing, noSku } from './match.ts'
import { listingIdsOf, listingKey } from './match-queries.ts'

const heads = {
  shop: ['店铺', 'shop'],
  itemId: ['平台商品ID', '商品ID', '宝贝ID', 'item id'],
  platformSkuId: ['平台规格ID', '规格ID', 'SKU ID', 'platform sku id'],
  code: ['商家编码', 'SKU编码', 'code', 'sku code'],
} as const
type Head = keyof typeof heads

type Wanted = { shopId: string; itemId: string; platformSkuId: string; code: string }

/** Matches listings by a sheet with shop, item, platform SKU and SKU code. Valid rows are matched, invalid ones are reported. */
export async function importMatches(db: Database, bytes: Buffer, { actor, scope }: By): Promise<SheetReport> {
  const rows = await namedRows<Head>(bytes, heads, ['shop', 'itemId', 'code'])
  const shops = await listShops(db, scope)
  const shopIds = new Map(
    shops.flatMap((shop) => [[shop.name, shop.id] as const, [shop.id, shop.id] as const]),
  )
  const { good, refused } = readEach(rows, (cells) => wantedOf(cells, shopIds))
  const { updated, refusals } = await db
    .transaction()
    .execute((tx) => matchWanted(tx, good, { actor, scope }))
  return reportOf(rows.length, { created: 0, updated }, [...refused, ...refusals])
}

function wantedOf(cells: Partial<Record<Head, string>>, shopIds: ReadonlyMap<string, string>): Wanted {
  const shopId = shopIds.get(neededCell(heads.shop[0], cells.shop))
  if (shopId === undefined)
    throw new BadCell(heads.shop[0], `没有店铺「${cells.shop}」`, `There is no shop ${cells.shop}`)
  return {
    shopId,
    itemId: neededCell(heads.itemId[0], cells.itemId),
    platformSkuId: cells.platformSkuId ?? '',
    code: neededCell(heads.code[0], cells.code),
  }
}

async function matchWanted(
  tx: Tx,
  rows: readonly { row: number; value: Wanted }[],
  { actor, scope }: By,
): Promise<{ updated: number; refusals: RowRefusal[] }> {
  await lockCatalog(tx)
  const ids = await listingIdsOf(
    tx,
    rows.map(({ value }) => value),
    scope,
  )
  const skus = await skusByCode(
    tx,
    rows.map(({ value }) => value.code),
  )
  // If two rows are for one listing, the later row counts.
  const rowOf = new Map<string, { row: number; skuId: string }>()
  const refusals: RowRefusal[] = []
  for (const { row, value } of rows) {
    const id = ids.get(listingKey(value.shopId, value.itemId, value.platformSkuId))
    const sku = skus.get(value.code)
    if (id === undefined) refusals.push(refusal(row, heads.itemId[0], noListing))
    else if (!sku) refusals.push(refusal(row, heads.code[0], noSku))
    else rowOf.set(id, { row, skuId: sku.id })
  }
  const pairs = [...rowOf].map(([id, { skuId }]) => ({ id, skuId }))
  const outcomes = await matchListings(tx, pairs, 'import', { actor, scope })
  for (const outcome of outcomes) {
    if (!outcome.done) refusals.push(refusal(rowOf.get(outcome.id)?.row ?? 0, heads.code[0], outcome))
  }
  return { updated: outcomes.filter((outcome) => outcome.done).length, refusals }
}
