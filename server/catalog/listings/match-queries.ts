import { sql } from 'kysely'
import type { Scope } from '../../core/access/actor.ts'
import { scopeSql } from '../../core/access/scope.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { type Column, unnestRows } from '../../lib/unnest.ts'

export type Rematched = Row<'listing', 'id' | 'skuId' | 'formerSkuId'>

/**
 * Matches these listings, and the others of their items, by their outer codes. The platform SKU's code is used; the item's code only while
 * the item has a single platform SKU. A user's decision about a listing is not changed. A match stays if its SKU was retired later.
 */
export async function decideByCode(tx: Tx, listingIds: readonly string[]): Promise<Rematched[]> {
  const decided = await sql<Rematched>`
    with item as (
      select distinct shop_id, item_id from listing where id = any(${[...listingIds]}::bigint[])),
    member as materialized (
      select l.id, l.sku_id, l.matched_by, l.outer_sku_id, l.outer_item_id,
        count(*) over (partition by l.shop_id, l.item_id) as siblings
      from listing l join item using (shop_id, item_id)),
    coded as (
      select m.id, s.id as sku_id
      from member m
      left join sku s on s.code = case when m.outer_sku_id <> '' then m.outer_sku_id
          when m.siblings = 1 and m.outer_item_id <> '' then m.outer_item_id end
        and (s.active or s.id = m.sku_id)
      where m.matched_by = '' and m.sku_id is distinct from s.id)
    update listing set sku_id = coded.sku_id, matched_how = case when coded.sku_id is null then '' else 'outer_id' end,
      matched_at = case when coded.sku_id is null then null else now() end,
      former_sku_id = coalesce(listing.sku_id, listing.former_sku_id)
    from coded where listing.id = coded.id
    returning listing.id, listing.sku_id as "skuId", listing.former_sku_id as "formerSkuId"`.execute(tx)
  return decided.rows
}

/** Returns the listings whose match may depend on the present or former codes of these SKUs. */
export async function listingsOfCodes(tx: Tx, skuIds: readonly string[]): Promise<string[]> {
  const found = await sql<Row<'listing', 'id'>>`
    with code as (select code from sku where id = any(${[...skuIds]}::bigint[]))
    select id from listing where outer_sku_id <> '' and outer_sku_id in (select code from code)
    union
    select id from listing where outer_item_id <> '' and outer_item_id in (select code from code)
    union
    select id from listing where sku_id = any(${[...skuIds]}::bigint[]) and matched_by = ''`.execute(tx)
  return found.rows.map(({ id }) => id)
}

export type LockedListing = Row<'listing', 'id' | 'shopId' | 'skuId' | 'formerSkuId' | 'matchedHow' | 'title'>

export async function lockListingsInScope(
  tx: Tx,
  ids: readonly string[],
  scope: Scope,
): Promise<Map<string, LockedListing>> {
  const found = await sql<LockedListing>`
    select l.id, l.shop_id as "shopId", l.sku_id as "skuId", l.former_sku_id as "formerSkuId", l.matched_how as "matchedHow", l.title
    from listing l
    where l.id = any(${[...ids]}::bigint[]) and ${scopeSql(scope, sql.ref('l.shop_id'))}
    order by l.id for update`.execute(tx)
  return new Map(found.rows.map((row) => [row.id, row]))
}

export type MatchRow = { id: string; skuId: string | null; how: '' | 'hand' | 'import' }

const columns: readonly Column<MatchRow>[] = [
  ['id', 'int8', (row) => row.id],
  ['sku_id', 'int8', (row) => row.skuId],
  ['how', 'text', (row) => row.how],
]

export async function shopsOf(tx: Tx, listingIds: readonly string[]): Promise<string[]> {
  const found = await sql<Row<'listing', 'shopId'>>`
    select distinct shop_id as "shopId" from listing where id = any(${[...listingIds]}::bigint[])`.execute(tx)
  return found.rows.map(({ shopId }) => shopId)
}

export async function shopsShowing(tx: Tx, skuIds: readonly string[]): Promise<string[]> {
  const found = await sql<Row<'listing', 'shopId'>>`
    select distinct shop_id as "shopId" from listing where sku_id = any(${[...skuIds]}::bigint[])`.execute(tx)
  return found.rows.map(({ shopId }) => shopId)
}

export async function writeMatches(tx: Tx, rows: readonly MatchRow[], by: string): Promise<void> {
  await sql`
    update listing set sku_id = d.sku_id, matched_how = d.how, matched_by = ${by}, matched_at = now(),
      former_sku_id = coalesce(listing.sku_id, listing.former_sku_id)
    from ${unnestRows('d', rows, columns)} where listing.id = d.id`.execute(tx)
}

/** Clears the users' decisions about these listings, so that the codes decide again. */
export async function forgetDecisions(tx: Tx, ids: readonly string[]): Promise<void> {
  await sql`
    update listing set matched_by = '', matched_at = case when sku_id is null then null else matched_at end
    where id = any(${[...ids]}::bigint[])`.execute(tx)
}

export async function listingIdsOf(
  tx: Tx,
  keys: readonly { shopId: string; itemId: string; platformSkuId: string }[],
  scope: Scope,
): Promise<Map<string, string>> {
  const found = await sql<Row<'listing', 'id' | 'shopId' | 'itemId' | 'platformSkuId'>>`
    select l.id, l.shop_id as "shopId", l.item_id as "itemId", l.platform_sku_id as "platformSkuId"
    from ${unnestRows('d', keys, [
      ['shop_id', 'int8', (key) => key.shopId],
      ['item_id', 'text', (key) => key.itemId],
      ['platform_sku_id', 'text', (key) => key.platformSkuId],
    ])}
    join listing l using (shop_id, item_id, platform_sku_id)
    where ${scopeSql(scope, sql.ref('l.shop_id'))}`.execute(tx)
  return new Map(found.rows.map((row) => [listingKey(row.shopId, row.itemId, row.platformSkuId), row.id]))
}

export const listingKey = (...parts: [shopId: string, itemId: string, platformSkuId: string]) =>
  parts.join('\u0001')
