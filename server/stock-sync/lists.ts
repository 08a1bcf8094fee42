import { sql } from 'kysely'
import { listingFaces, listingsContaining } from '../catalog/relations.ts'
import { defineList } from '../core/lists/define.ts'
import { idFacet } from '../lib/facets.ts'
import { stockSyncRow } from './contract.ts'
import { stockSyncList } from './lists-contract.ts'
import { viewStockSync } from './view.ts'

export const stockSync = defineList(stockSyncList, {
  tag: 'stock uploads',
  table: {
    name: 'stock_upload',
    group: { column: 'standing' },
    shopFacet: (shop) => idFacet('shop', shop),
    sorts: { createdAt: { value: sql`t.created_at`, cast: 'timestamptz' } },
  },
  scope: { shop: 'shop_id' },
  row: stockSyncRow,
  rows: viewStockSync,
  where: {
    own: (asked) => (asked === 'true' ? sql`t.rule is not null` : sql`t.rule is null`),
    zero: (asked) => (asked === 'true' ? sql`t.quantity = 0` : sql`t.quantity > 0`),
    skuId: (id) => sql`t.id in (select l.id from ${listingFaces} l where l.sku_id = ${id}::bigint)`,
    q: (text) => (text === '' ? undefined : sql`t.id in ${listingsContaining(text)}`),
  },
})

export const stockSyncLists = [stockSync]
