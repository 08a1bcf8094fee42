import { sql } from 'kysely'
import type { Database } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { listingPicture, skuCodes } from './relations.ts'

/** `pictureUrl`: the SKU's own picture, else that of a listing that it is matched with. */
export type SkuName = Row<'sku', 'id' | 'code' | 'spec' | 'pictureUrl'> & Row<'product', 'name'>

/** Returns the facts about SKUs that other slices show, by id. `active`: only SKUs in use. */
export async function skuNames(
  db: Database,
  ids: readonly string[],
  { active = false } = {},
): Promise<Map<string, SkuName>> {
  const found = await sql<SkuName>`
    select s.id, s.code, p.name, s.spec,
      case when s.picture_url = '' then ${listingPicture(sql.ref('s.id'))} else s.picture_url end as "pictureUrl"
    from sku s join product p on p.id = s.product_id
    where s.id = any(${[...new Set(ids)]}::bigint[]) and (s.active or not ${active})`.execute(db)
  return new Map(found.rows.map((row) => [row.id, row]))
}

export type SkuOfCode = Row<'sku', 'id' | 'code' | 'isBundle' | 'active'> & Record<'priceFen', number | null>

/** Returns the SKUs with these codes (商家编码), by code. Unknown codes are left out. */
export async function skusOfCodes(db: Database, codes: readonly string[]): Promise<Map<string, SkuOfCode>> {
  const found = await sql<SkuOfCode>`
    select id, code, is_bundle as "isBundle", active, price_fen::float8 as "priceFen" from sku where code = any(${[...new Set(codes)]}::text[])`.execute(
    db,
  )
  return new Map(found.rows.map((row) => [row.code, row]))
}

export async function listingsById(db: Database, ids: readonly string[]): Promise<Map<string, string>> {
  const found = await sql<Row<'listing', 'id' | 'title'>>`
    select id, title from listing where id = any(${[...ids]}::bigint[])`.execute(db)
  return new Map(found.rows.map(({ id, title }) => [id, title]))
}

export type ScannedSku = Row<'sku', 'id' | 'code' | 'spec'> & Row<'product', 'name'>

/** Returns the SKU with this code or barcode as it was scanned, or with the same in capitals, since some scanners type small letters. */
export async function skuOfScan(db: Database, code: string): Promise<ScannedSku | undefined> {
  const found = await sql<ScannedSku>`
    select sku.id, sku.code, product.name, sku.spec
    from ${skuCodes} as scanned join sku on sku.id = scanned.sku_id join product on product.id = sku.product_id
    where scanned.code = any(${[code, code.toUpperCase()]}::text[])
    order by scanned.code <> ${code}, scanned.code <> sku.code limit 1`.execute(db)
  return found.rows[0]
}

export async function skuBarcodes(db: Database, ids: readonly string[]): Promise<Map<string, string[]>> {
  const found = await sql<Row<'sku_barcode', 'skuId' | 'code'>>`
    select sku_id as "skuId", code from sku_barcode where sku_id = any(${[...new Set(ids)]}::bigint[]) order by code`.execute(
    db,
  )
  const bySku = Map.groupBy(found.rows, ({ skuId }) => skuId)
  return new Map([...bySku].map(([id, rows]) => [id, rows.map(({ code }) => code)]))
}
