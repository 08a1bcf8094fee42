import { sql } from 'kysely'
import type { Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { unnestRows } from '../lib/unnest.ts'

/** The fields of a SKU that can be written: undefined leaves a field as it is, null empties it. */
export type SkuPatch = {
  code?: string | undefined
  spec?: string | undefined
  weightG?: number | null | undefined
  priceFen?: number | null | undefined
  referenceFen?: number | null | undefined
  pictureUrl?: string | undefined
  scanOnce?: boolean | undefined
  needsSerial?: boolean | undefined
}
export type ProductPatch = {
  code?: string | undefined
  name?: string | undefined
  category?: string | undefined
  brand?: string | undefined
}

export type LockedSku = Row<'sku', 'id' | 'code' | 'productId' | 'active' | 'isBundle' | 'version'>

const held = sql`id, code, product_id as "productId", active, is_bundle as "isBundle", version`

export async function lockSkus(tx: Tx, ids: readonly string[]): Promise<Map<string, LockedSku>> {
  const found = await sql<LockedSku>`
    select ${held} from sku where id = any(${[...ids]}::bigint[]) order by id for no key update`.execute(tx)
  return new Map(found.rows.map((row) => [row.id, row]))
}

export async function skusByCode(tx: Tx, codes: readonly string[]): Promise<Map<string, LockedSku>> {
  const found = await sql<LockedSku>`
    select ${held} from sku where code = any(${[...codes]}::text[]) order by id for update`.execute(tx)
  return new Map(found.rows.map((row) => [row.code, row]))
}

export async function skuCodes(
  tx: Tx,
  ids: readonly string[],
): Promise<Map<string, { code: string; active: boolean }>> {
  const found = await sql<Row<'sku', 'id' | 'code' | 'active'>>`
    select id, code, active from sku where id = any(${[...ids]}::bigint[])`.execute(tx)
  return new Map(found.rows.map((row) => [row.id, row]))
}

export async function skusOfProducts(tx: Tx, productIds: readonly string[]): Promise<Map<string, string>> {
  const found = await sql<Row<'sku', 'id' | 'productId'>>`
    select id, product_id as "productId" from sku where product_id = any(${[...productIds]}::bigint[])`.execute(
    tx,
  )
  return new Map(found.rows.map((row) => [row.id, row.productId]))
}

/** Inserts SKUs without further data, which `writeSkus` adds. Returns their ids by code. */
export async function insertSkus(
  tx: Tx,
  rows: readonly { code: string; productId: string }[],
): Promise<Map<string, string>> {
  const made = await sql<Row<'sku', 'id' | 'code'>>`
    insert into sku (code, product_id, words)
    select code, product_id, '' from ${unnestRows('d', rows, [
      ['code', 'text', (row) => row.code],
      ['product_id', 'int8', (row) => row.productId],
    ])} order by code
    returning id, code`.execute(tx)
  return new Map(made.rows.map(({ id, code }) => [code, id]))
}

export async function writeSkus(
  tx: Tx,
  rows: readonly { id: string; patch: SkuPatch; productId?: string | undefined }[],
): Promise<void> {
  await sql`
    with d as (
      select id, product_id, patch from ${unnestRows('d', rows, [
        ['id', 'int8', (row) => row.id],
        ['product_id', 'int8', (row) => row.productId ?? null],
        ['patch', 'jsonb', (row) => JSON.stringify(row.patch)],
      ])})
    update sku set
      code = coalesce(d.patch ->> 'code', sku.code),
      product_id = coalesce(d.product_id, sku.product_id),
      spec = coalesce(d.patch ->> 'spec', sku.spec),
      weight_g = case when d.patch ? 'weightG' then (d.patch ->> 'weightG')::int else sku.weight_g end,
      price_fen = case when d.patch ? 'priceFen' then (d.patch ->> 'priceFen')::bigint else sku.price_fen end,
      reference_fen = case when d.patch ? 'referenceFen' then (d.patch ->> 'referenceFen')::bigint else sku.reference_fen end,
      picture_url = coalesce(d.patch ->> 'pictureUrl', sku.picture_url),
      scan_once = coalesce((d.patch ->> 'scanOnce')::boolean, sku.scan_once),
      needs_serial = coalesce((d.patch ->> 'needsSerial')::boolean, sku.needs_serial),
      version = sku.version + 1, updated_at = now()
    from d where sku.id = d.id`.execute(tx)
  await refreshWords(tx, sql`sku.id = any(${rows.map((row) => row.id)}::bigint[])`)
}

async function refreshWords(tx: Tx, which: ReturnType<typeof sql>): Promise<void> {
  await sql`
    update sku set words = lower(sku.code || ' ' || p.name || ' ' || sku.spec || ' ' || p.code || ' ' || p.brand)
    from product p
    where p.id = sku.product_id and ${which}
      and sku.words <> lower(sku.code || ' ' || p.name || ' ' || sku.spec || ' ' || p.code || ' ' || p.brand)`.execute(
    tx,
  )
}

export async function productsByCode(tx: Tx, codes: readonly string[]): Promise<Map<string, string>> {
  const found = await sql<Row<'product', 'id' | 'code'>>`
    select id, code from product where code = any(${[...codes]}::text[])`.execute(tx)
  return new Map(found.rows.map(({ id, code }) => [code, id]))
}

export async function lockProducts(tx: Tx, ids: readonly string[]): Promise<Map<string, { code: string }>> {
  const found = await sql<Row<'product', 'id' | 'code'>>`
    select id, code from product where id = any(${[...ids]}::bigint[]) order by id for update`.execute(tx)
  return new Map(found.rows.map((row) => [row.id, row]))
}

export async function insertProducts(
  tx: Tx,
  rows: readonly { code: string; name: string }[],
): Promise<Map<string, string>> {
  const made = await sql<Row<'product', 'id' | 'code'>>`
    insert into product (code, name)
    select code, name from ${unnestRows('d', rows, [
      ['code', 'text', (row) => row.code],
      ['name', 'text', (row) => row.name],
    ])} order by code
    returning id, code`.execute(tx)
  return new Map(made.rows.map(({ id, code }) => [code, id]))
}

export async function writeProducts(
  tx: Tx,
  rows: readonly { id: string; patch: ProductPatch }[],
): Promise<void> {
  if (rows.length === 0) return
  await sql`
    with d as (
      select id, patch from ${unnestRows('d', rows, [
        ['id', 'int8', (row) => row.id],
        ['patch', 'jsonb', (row) => JSON.stringify(row.patch)],
      ])})
    update product set
      code = coalesce(d.patch ->> 'code', product.code), name = coalesce(d.patch ->> 'name', product.name),
      category = coalesce(d.patch ->> 'category', product.category), brand = coalesce(d.patch ->> 'brand', product.brand),
      updated_at = now()
    from d where product.id = d.id`.execute(tx)
  await refreshWords(tx, sql`sku.product_id = any(${rows.map((row) => row.id)}::bigint[])`)
}

export async function barcodeOwners(tx: Tx, codes: readonly string[]): Promise<Map<string, string>> {
  const found = await sql<Row<'sku_barcode', 'code' | 'skuId'>>`
    select code, sku_id as "skuId" from sku_barcode where code = any(${[...codes]}::text[])`.execute(tx)
  return new Map(found.rows.map((row) => [row.code, row.skuId]))
}

export async function replaceBarcodes(
  tx: Tx,
  rows: readonly { skuId: string; codes: readonly string[] }[],
): Promise<void> {
  const all = rows.flatMap(({ skuId, codes }) => codes.map((code) => ({ skuId, code })))
  await sql`delete from sku_barcode where sku_id = any(${rows.map((row) => row.skuId)}::bigint[])`.execute(tx)
  if (all.length === 0) return
  await sql`
    insert into sku_barcode (code, sku_id)
    select code, sku_id from ${unnestRows('d', all, [
      ['code', 'text', (row) => row.code],
      ['sku_id', 'int8', (row) => row.skuId],
    ])} order by code`.execute(tx)
}

export async function setActive(tx: Tx, ids: readonly string[], active: boolean): Promise<void> {
  await sql`
    update sku set active = ${active}, version = version + 1, updated_at = now()
    where id = any(${[...ids]}::bigint[])`.execute(tx)
}

/** Returns, of these SKUs, those that an active bundle contains, with that bundle's code. */
export async function bundlesContaining(tx: Tx, partIds: readonly string[]): Promise<Map<string, string>> {
  const found = await sql<Row<'bundle_part', 'partId'> & Row<'sku', 'code'>>`
    select p.part_id as "partId", min(b.code) as code from bundle_part p join sku b on b.id = p.bundle_id and b.active
    where p.part_id = any(${[...partIds]}::bigint[]) group by p.part_id`.execute(tx)
  return new Map(found.rows.map((row) => [row.partId, row.code]))
}

/** Returns for each of these bundles the code of a component that is retired and not among them; bundles without one are missing. */
export async function retiredParts(tx: Tx, ids: readonly string[]): Promise<Map<string, string>> {
  const found = await sql<Row<'bundle_part', 'bundleId'> & Row<'sku', 'code'>>`
    select p.bundle_id as "bundleId", min(s.code) as code from bundle_part p join sku s on s.id = p.part_id and not s.active
    where p.bundle_id = any(${[...ids]}::bigint[]) and p.part_id <> all(${[...ids]}::bigint[]) group by p.bundle_id`.execute(
    tx,
  )
  return new Map(found.rows.map((row) => [row.bundleId, row.code]))
}

/** Returns, of these SKUs, those that are a component of any bundle, including retired ones. */
export async function partsAmong(tx: Tx, ids: readonly string[]): Promise<Set<string>> {
  const found = await sql<Row<'bundle_part', 'partId'>>`
    select distinct part_id as "partId" from bundle_part where part_id = any(${[...ids]}::bigint[])`.execute(
    tx,
  )
  return new Set(found.rows.map((row) => row.partId))
}

export type PartRow = { bundleId: string; partId: string; quantity: number }

export async function partsOfBundles(tx: Tx, bundleIds: readonly string[]): Promise<PartRow[]> {
  const found = await sql<Row<'bundle_part', 'bundleId' | 'partId' | 'quantity'>>`
    select bundle_id as "bundleId", part_id as "partId", quantity from bundle_part
    where bundle_id = any(${[...bundleIds]}::bigint[])`.execute(tx)
  return found.rows
}

/** Replaces all components of the bundles; a bundle without components becomes a plain SKU. */
export async function replaceParts(
  tx: Tx,
  bundleIds: readonly string[],
  parts: readonly PartRow[],
): Promise<void> {
  await sql`delete from bundle_part where bundle_id = any(${[...bundleIds]}::bigint[])`.execute(tx)
  await sql`
    update sku set is_bundle = id = any(${parts.map((part) => part.bundleId)}::bigint[]), version = version + 1, updated_at = now()
    where id = any(${[...bundleIds]}::bigint[])`.execute(tx)
  if (parts.length === 0) return
  await sql`
    insert into bundle_part (bundle_id, part_id, quantity)
    select bundle_id, part_id, quantity from ${unnestRows('d', parts, [
      ['bundle_id', 'int8', (part) => part.bundleId],
      ['part_id', 'int8', (part) => part.partId],
      ['quantity', 'int4', (part) => part.quantity],
    ])} order by bundle_id, part_id`.execute(tx)
}
