import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../core/access/actor.ts'
import { scopeSql } from '../core/access/scope.ts'
import { type Database, num } from '../core/db/db.ts'
import type { Row, Rows } from '../core/db/rows.ts'
import type { ListingRow, ProductRow, SkuDetail, SkuPart, SkuRowOut, Suggestion } from './contract.ts'
import { listingPicture } from './relations.ts'
import { containsText } from './text.ts'

const fen = (value: string | null) => (value === null ? null : num(value))

const skuColumns = sql`
  s.id, s.code, s.product_id as "productId", p.code as "productCode", p.name, p.category, p.brand, s.spec,
  s.weight_g as "weightG", s.price_fen as "priceFen", s.reference_fen as "referenceFen", s.picture_url as "pictureUrl",
  ${listingPicture(sql.ref('s.id'))} as "listingPictureUrl", s.is_bundle as "isBundle", s.scan_once as "scanOnce", s.needs_serial as "needsSerial", s.active, s.version, s.created_at as "createdAt", s.updated_at as "updatedAt",
  array(select code from sku_barcode where sku_id = s.id order by code) as barcodes`

type SkuFacts = Row<
  'sku',
  Exclude<
    keyof SkuRowOut,
    keyof ProductFacts | 'barcodes' | 'listingCount' | 'listingPictureUrl' | 'partCount'
  >
> &
  ProductFacts & { listingPictureUrl: string; barcodes: string[] }
type ProductFacts = Row<'product', 'name' | 'category' | 'brand'> & { productCode: string }

type PartFacts = Row<'sku', 'code'> & Row<'bundle_part', 'quantity'> & { skuId: Rows['sku']['id'] }

function withMoney<R extends Row<'sku', 'priceFen' | 'referenceFen'>>(row: R) {
  return { ...row, priceFen: fen(row.priceFen), referenceFen: fen(row.referenceFen) }
}

export async function skuRows(db: Database, ids: readonly string[], scope: Scope): Promise<SkuRowOut[]> {
  const found = await sql<SkuFacts & Pick<SkuRowOut, 'listingCount' | 'partCount'>>`
    select ${skuColumns},
      (select count(*)::int from listing l where l.sku_id = s.id and ${scopeSql(scope, sql.ref('l.shop_id'))}) as "listingCount",
      (select count(*)::int from bundle_part b where b.bundle_id = s.id) as "partCount"
    from unnest(${[...ids]}::bigint[]) with ordinality i (id, n)
    join sku s on s.id = i.id join product p on p.id = s.product_id
    order by i.n`.execute(db)
  return found.rows.map(withMoney)
}

export async function wholeSku(db: Database, id: string, scope: Scope): Promise<SkuDetail | undefined> {
  const found = await sql<SkuFacts>`
    select ${skuColumns} from sku s join product p on p.id = s.product_id where s.id = ${id}::bigint`.execute(
    db,
  )
  const [sku] = found.rows
  if (!sku) return undefined
  const parts = await sql<
    PartFacts &
      Row<'sku', 'spec' | 'pictureUrl' | 'active'> &
      Row<'product', 'name'> &
      Pick<SkuPart, 'listingPictureUrl'>
  >`
    select s.id as "skuId", s.code, p.name, s.spec, s.picture_url as "pictureUrl",
      ${listingPicture(sql.ref('s.id'))} as "listingPictureUrl", b.quantity, s.active
    from bundle_part b join sku s on s.id = b.part_id join product p on p.id = s.product_id
    where b.bundle_id = ${id}::bigint order by s.code`.execute(db)
  const bundles = await sql<PartFacts>`
    select s.id as "skuId", s.code, b.quantity from bundle_part b join sku s on s.id = b.bundle_id
    where b.part_id = ${id}::bigint order by s.code limit 200`.execute(db)
  const listings = await sql<Row<'listing', 'id'>>`
    select l.id from listing l where l.sku_id = ${id}::bigint and ${scopeSql(scope, sql.ref('l.shop_id'))}
    order by l.id desc limit 200`.execute(db)
  const ids = listings.rows.map((row) => row.id)
  return {
    ...withMoney(sku),
    parts: parts.rows,
    bundles: bundles.rows,
    listings: await listingRows(db, ids),
  }
}

type SkuOfListing = 'skuCode' | 'skuName' | 'skuSpec'

export async function listingRows(db: Database, ids: readonly string[]): Promise<ListingRow[]> {
  const found = await sql<
    Row<'listing', Exclude<keyof ListingRow, SkuOfListing>> & Pick<ListingRow, SkuOfListing>
  >`
    select l.id, l.shop_id as "shopId", l.item_id as "itemId", l.platform_sku_id as "platformSkuId",
      l.outer_item_id as "outerItemId", l.outer_sku_id as "outerSkuId", l.title, l.spec, l.picture_url as "pictureUrl",
      l.price_fen as "priceFen", l.quantity, l.status, l.sku_id as "skuId", s.code as "skuCode", p.name as "skuName",
      s.spec as "skuSpec", l.matched_how as "matchedHow", l.matched_by as "matchedBy", l.matched_at as "matchedAt",
      l.modified_at as "modifiedAt", l.listed_at as "listedAt", l.created_at as "createdAt"
    from unnest(${[...ids]}::bigint[]) with ordinality i (id, n)
    join listing l on l.id = i.id
    left join sku s on s.id = l.sku_id left join product p on p.id = s.product_id
    order by i.n`.execute(db)
  return found.rows.map((row) => ({ ...row, priceFen: fen(row.priceFen) }))
}

/** The expression of the index `product_grams`. */
const productWords = sql`lower(t.code || ' ' || t.name)`
const productText = { words: productWords, grams: sql`text_grams(${productWords})` }

type ProductCounts = 'skuCount' | 'activeCount'

export async function productPage(
  db: Database,
  text: string,
  page: { after: string | undefined; limit: number },
): Promise<ProductRow[]> {
  const found = await sql<
    Row<'product', Exclude<keyof ProductRow, ProductCounts>> & Pick<ProductRow, ProductCounts>
  >`
    select p.id, p.code, p.name, p.category, p.brand, n.total as "skuCount", n.active as "activeCount"
    from (
      select * from product t
      where ${containsText(text, productText)}
        and (${page.after ?? null}::bigint is null or id < ${page.after ?? null}::bigint)
      order by id desc limit ${page.limit}) p
    cross join lateral (
      select count(*)::int as total, (count(*) filter (where active))::int as active from sku where product_id = p.id) n
    order by p.id desc`.execute(db)
  return found.rows
}

type ListingText = Row<
  'listing',
  'outerItemId' | 'outerSkuId' | 'title' | 'spec' | 'priceFen' | 'shopId' | 'itemId'
>

export async function listingText(db: Database, id: string, scope: Scope): Promise<ListingText | undefined> {
  const found = await sql<ListingText>`
    select outer_item_id as "outerItemId", outer_sku_id as "outerSkuId", title, spec, price_fen as "priceFen", shop_id as "shopId",
      item_id as "itemId"
    from listing l where l.id = ${id}::bigint and ${scopeSql(scope, sql.ref('l.shop_id'))}`.execute(db)
  return found.rows[0]
}

/** SQL: the letters and digits of a text. × and * become x, since 1.5×2.7 is also written 1.5x2.7 and 1.5*2.7. */
const letters = (text: RawBuilder<unknown>) =>
  sql`regexp_replace(translate(lower(${text}), '×*', 'xx'), '[^[:alnum:]]+', '', 'g')`

/** A letter or pair of letters that this number of SKUs or more contain is ignored, because it does not distinguish them. */
const commonFrom = 500

/**
 * Returns the SKUs that a listing may be: those whose words contain one of its codes; those of the products that the item's other listings
 * are matched with; then those that share at least two fifths of its rarer letters and pairs of letters. An equal spec weighs nearly as
 * much as a code, because the codes of one product are similar and its sizes are not; an equal price weighs a little.
 */
export async function likelySkus(
  db: Database,
  listing: ListingText,
  limit: number,
): Promise<{ id: string; why: Suggestion['why'] }[]> {
  const codes = [listing.outerSkuId, listing.outerItemId]
    .filter(Boolean)
    .map((code) => sql`(${containsText(code)})`)
  const text = `${listing.title} ${listing.spec}`
  const found = await sql<Row<'sku', 'id'> & Pick<Suggestion, 'why'>>`
    with coded as (
      select id, 2.0 as score, 'code' as why from sku t
      where active and (${codes.length > 0 ? sql.join(codes, sql` or `) : sql`false`}) limit 20),
    related as (
      select distinct o.id, 1.0 as score, 'item' as why
      from listing l join sku s on s.id = l.sku_id join sku o on o.product_id = s.product_id and o.active
      where l.shop_id = ${listing.shopId}::bigint and l.item_id = ${listing.itemId} limit 50),
    gram as materialized (
      select ids from (
        select distinct g from regexp_split_to_table(lower(${text}::text), '[^[:alnum:]]+') word, unnest(text_grams(word)) g) gram
      cross join lateral (select array(select id from sku t where t.grams @> array[g] and active limit ${commonFrom}) as ids) hit
      where cardinality(ids) between 1 and ${commonFrom - 1}),
    close as (
      select id, count(*) / (select count(*) from gram)::numeric as score, 'title' as why
      from gram, unnest(ids) id group by id
      having count(*) >= 0.4 * (select count(*) from gram) order by score desc limit ${limit * 2}),
    scored as (
      select a.id, a.score + coalesce(close.score, 0) as score, a.why
      from (select * from coded union all select * from related) a left join close using (id)
      union all select * from close)
    select id, why from (select distinct on (id) id, why, score from scored order by id, score desc) best
    join sku s using (id)
    order by score + case when ${letters(sql`s.spec`)} = nullif(${letters(sql`${listing.spec}::text`)}, '') then 1.5 else 0 end
      + case when s.price_fen = ${listing.priceFen}::bigint then 0.6 else 0 end desc, id limit ${limit}`.execute(
    db,
  )
  return found.rows
}
