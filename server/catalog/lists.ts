import { sql } from 'kysely'
import { scopeSql } from '../core/access/scope.ts'
import type { Row } from '../core/db/rows.ts'
import { defineList } from '../core/lists/define.ts'
import { idFacet } from '../lib/facets.ts'
import { listingRow, skuRow } from './contract.ts'
import { listingList, skuList } from './lists-contract.ts'
import { containsText } from './text.ts'
import { listingRows, skuRows } from './view-queries.ts'

const shopFacet = (shop: string) => idFacet('shop', shop)

/** SKUs belong to no shop, so every user sees all SKUs. The scope limits only which listings of a SKU count. */
export const skus = defineList(skuList, {
  tag: 'catalog',
  table: {
    name: 'sku',
    group: { column: 'standing' },
    shopFacet,
    sorts: {
      createdAt: { value: sql`t.created_at`, cast: 'timestamptz' },
      updatedAt: { value: sql`t.updated_at`, cast: 'timestamptz' },
      code: { value: sql`t.code`, cast: 'text' },
    },
  },
  scope: {},
  row: skuRow,
  rows: skuRows,
  where: {
    category: (name) => sql`t.product_id in (select id from product where category = ${name})`,
    brand: (name) => sql`t.product_id in (select id from product where brand = ${name})`,
    listed(asked, { scope }) {
      const any = sql`exists (select from listing l where l.sku_id = t.id and ${scopeSql(scope, sql.ref('l.shop_id'))})`
      return asked === 'true' ? any : sql`not ${any}`
    },
    async q(text, { db }) {
      if (text === '') return undefined
      const found = await sql<Row<'sku_barcode', 'skuId'>>`
        select sku_id as "skuId" from sku_barcode where code = ${text}`.execute(db)
      const owner = found.rows[0]?.skuId
      return owner === undefined ? containsText(text) : sql`t.id = ${owner}::bigint`
    },
  },
})

export const listings = defineList(listingList, {
  tag: 'catalog',
  table: {
    name: 'listing',
    group: { column: 'standing' },
    shopFacet,
    sorts: {
      createdAt: { value: sql`t.created_at`, cast: 'timestamptz' },
      modifiedAt: { value: sql`t.modified_at`, cast: 'timestamptz' },
    },
  },
  scope: { shop: 'shop_id' },
  row: listingRow,
  rows: listingRows,
  where: { q: (text) => (text === '' ? undefined : containsText(text)) },
})

export const catalogLists = [skus, listings]
