import { type RawBuilder, sql } from 'kysely'
import { containsText } from './text.ts'

// What neighbours join, inside their own statements.

/** The SKU that a platform's goods are matched with, or null: an expression over columns of the caller's statement. */
export function skuOfListing(
  shopId: RawBuilder<unknown>,
  itemId: RawBuilder<unknown>,
  platformSkuId: RawBuilder<unknown>,
): RawBuilder<string | null> {
  return sql<string | null>`(
    select listing.sku_id from listing
    where listing.shop_id = ${shopId} and listing.item_id = ${itemId} and listing.platform_sku_id = ${platformSkuId})`
}

/** Listings that have their SKU: (id, shop_id, item_id, platform_sku_id, sku_id). */
export const matchedListings: RawBuilder<unknown> = sql`(
  select id, shop_id, item_id, platform_sku_id, sku_id from listing where sku_id is not null)`

/**
 * What is really kept in stock and shipped: (sku_id, part_id, quantity), one row for each part of a bundle, and the SKU
 * itself once for everything else. To be joined as `${skuParts} as part`.
 */
export const skuParts: RawBuilder<unknown> = sql`(
  select sku.id as sku_id, coalesce(bundle_part.part_id, sku.id) as part_id, coalesce(bundle_part.quantity, 1) as quantity
  from sku left join bundle_part on bundle_part.bundle_id = sku.id)`

/** The picture of a listing that a SKU is matched with, the first that has one; empty without: an expression over the caller's statement. */
export const listingPicture = (skuId: RawBuilder<unknown>): RawBuilder<string> => sql<string>`coalesce((
  select (array_agg(listing.picture_url order by listing.id))[1] from listing
  where listing.sku_id = ${skuId} and listing.picture_url <> ''), '')`

/** The list price of a piece, null where none is known: (sku_id, price_fen). `${skuPrices} as price` */
export const skuPrices: RawBuilder<unknown> = sql`(select sku.id as sku_id, sku.price_fen from sku)`

/** The lowest sane price of a piece: (sku_id, reference_fen), for SKUs that have one. `${skuReferences} as price` */
export const skuReferences: RawBuilder<unknown> = sql`(
  select sku.id as sku_id, sku.reference_fen from sku where sku.reference_fen is not null)`

/**
 * What choosing a warehouse and a courier asks of a SKU: (sku_id, code, category, weight_g, part_id, quantity, part_weight_g), a row
 * for each part of a bundle, and the SKU itself once for everything else. Weights are of one piece; null: not known.
 */
export const skuGoods: RawBuilder<unknown> = sql`(
  select sku.id as sku_id, sku.code, product.category, sku.weight_g, coalesce(part.id, sku.id) as part_id,
    coalesce(bundle_part.quantity, 1) as quantity, case when part.id is null then sku.weight_g else part.weight_g end as part_weight_g
  from sku
  join product on product.id = sku.product_id
  left join bundle_part on bundle_part.bundle_id = sku.id
  left join sku part on part.id = bundle_part.part_id)`

/** Every listing as its shop shows it, matched or not. */
export const listingFaces: RawBuilder<unknown> = sql`(
  select id, shop_id, item_id, platform_sku_id, title, spec, picture_url, quantity, status, listed_at, sku_id from listing)`

/** Ids of listings whose title, spec or codes hold the text. */
export const listingsContaining = (text: string): RawBuilder<unknown> =>
  sql`(select t.id from listing t where ${containsText(text)})`

/** These SKUs and the bundles that hold one of them: (sku_id). */
export const withBundles = (skuIds: readonly string[]): RawBuilder<unknown> => sql`(
  select unnest(${[...skuIds]}::bigint[]) as sku_id
  union select bundle_id from bundle_part where part_id = any(${[...skuIds]}::bigint[]))`
