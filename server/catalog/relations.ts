import { type RawBuilder, sql } from 'kysely'
import { containsText } from './text.ts'

/** SQL: the SKU that the platform's goods are matched with, or null. The arguments are columns of the caller's statement. */
export function skuOfListing(
  shopId: RawBuilder<unknown>,
  itemId: RawBuilder<unknown>,
  platformSkuId: RawBuilder<unknown>,
): RawBuilder<string | null> {
  return sql<string | null>`(
    select listing.sku_id from listing
    where listing.shop_id = ${shopId} and listing.item_id = ${itemId} and listing.platform_sku_id = ${platformSkuId})`
}

/** SQL: the listings with a SKU: (id, shop_id, item_id, platform_sku_id, sku_id). */
export const matchedListings: RawBuilder<unknown> = sql`(
  select id, shop_id, item_id, platform_sku_id, sku_id from listing where sku_id is not null)`

/**
 * SQL: for each SKU the SKUs that are stored and shipped for it: (sku_id, part_id, quantity). A bundle has one row for each component;
 * every other SKU has one row, in which it is its own part. Join it as `${skuParts} as part`.
 */
export const skuParts: RawBuilder<unknown> = sql`(
  select sku.id as sku_id, coalesce(bundle_part.part_id, sku.id) as part_id, coalesce(bundle_part.quantity, 1) as quantity
  from sku left join bundle_part on bundle_part.bundle_id = sku.id)`

/** SQL: the picture of the first listing with a picture that the SKU is matched with; empty if there is none. */
export const listingPicture = (skuId: RawBuilder<unknown>): RawBuilder<string> => sql<string>`coalesce((
  select (array_agg(listing.picture_url order by listing.id))[1] from listing
  where listing.sku_id = ${skuId} and listing.picture_url <> ''), '')`

/** SQL: the list price of one piece: (sku_id, price_fen); null: not known. Join it as `${skuPrices} as price` */
export const skuPrices: RawBuilder<unknown> = sql`(select sku.id as sku_id, sku.price_fen from sku)`

/** SQL: the lowest plausible price of one piece, for SKUs that have one: (sku_id, reference_fen). Join it as `${skuReferences} as price` */
export const skuReferences: RawBuilder<unknown> = sql`(
  select sku.id as sku_id, sku.reference_fen from sku where sku.reference_fen is not null)`

/**
 * SQL: the facts about a SKU that sourcing needs: (sku_id, code, category, weight_g, part_id, quantity, part_weight_g). A bundle has one
 * row for each component; every other SKU has one row, in which it is its own part. Weights are of one piece; null: not known.
 */
export const skuGoods: RawBuilder<unknown> = sql`(
  select sku.id as sku_id, sku.code, product.category, sku.weight_g, coalesce(part.id, sku.id) as part_id,
    coalesce(bundle_part.quantity, 1) as quantity, case when part.id is null then sku.weight_g else part.weight_g end as part_weight_g
  from sku
  join product on product.id = sku.product_id
  left join bundle_part on bundle_part.bundle_id = sku.id
  left join sku part on part.id = bundle_part.part_id)`

/** SQL: the SKUs as a packer sees them: (sku_id, code, name, spec, picture_url, weight_g, is_bundle, scan_once, needs_serial). Join it as `${skuFaces} as face` */
export const skuFaces: RawBuilder<unknown> = sql`(
  select sku.id as sku_id, sku.code, product.name, sku.spec, sku.weight_g, sku.is_bundle, sku.scan_once, sku.needs_serial,
    case when sku.picture_url = '' then ${listingPicture(sql.ref('sku.id'))} else sku.picture_url end as picture_url
  from sku join product on product.id = sku.product_id)`

/** SQL: the codes by which SKUs are scanned, their own and their barcodes: (code, sku_id). */
export const skuCodes: RawBuilder<unknown> = sql`(
  select code, id as sku_id from sku union all select code, sku_id from sku_barcode)`

/** SQL: every listing with the data that its shop shows, matched or not. */
export const listingFaces: RawBuilder<unknown> = sql`(
  select id, shop_id, item_id, platform_sku_id, title, spec, picture_url, quantity, status, listed_at, sku_id from listing)`

/** SQL: the ids of listings whose title, spec or codes contain the text. */
export const listingsContaining = (text: string): RawBuilder<unknown> =>
  sql`(select t.id from listing t where ${containsText(text)})`

/** SQL: the ids of SKUs whose code, spec, product or brand contain each word of the text. */
export const skusContaining = (text: string): RawBuilder<unknown> =>
  sql`(select t.id from sku t where ${containsText(text)})`

/** SQL: these SKUs and the bundles that contain one of them: (sku_id). */
export const withBundles = (skuIds: readonly string[]): RawBuilder<unknown> => sql`(
  select unnest(${[...skuIds]}::bigint[]) as sku_id
  union select bundle_id from bundle_part where part_id = any(${[...skuIds]}::bigint[]))`
