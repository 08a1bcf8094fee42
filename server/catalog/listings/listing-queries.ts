import { sql } from 'kysely'
import type { Listing } from '../../connectors/connector.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { sharedNow } from '../../lib/clock.ts'
import { type Column, unnestRows } from '../../lib/unnest.ts'

/** The goods of a trade line. `seenAt`: time of the trade, because a trade line keeps the codes of that time. */
export type SeenGoods = {
  itemId: string
  skuId: string
  title: string
  spec: string
  outerItemId: string
  outerSkuId: string
  pictureUrl: string
  seenAt: Date
}

/**
 * Locks the catalogue until the transaction ends. Every transaction that writes listings, SKUs or matches takes this lock first, so that a
 * new listing and a new SKU always find each other.
 */
export async function lockCatalog(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('catalog:' || current_schema(), 0))`.execute(tx)
}

const seenColumns: readonly Column<SeenGoods>[] = [
  ['item_id', 'text', (item) => item.itemId],
  ['platform_sku_id', 'text', (item) => item.skuId],
  ['outer_item_id', 'text', (item) => item.outerItemId.trim()],
  ['outer_sku_id', 'text', (item) => item.outerSkuId.trim()],
  ['title', 'text', (item) => item.title],
  ['spec', 'text', (item) => item.spec],
  ['picture_url', 'text', (item) => item.pictureUrl],
  ['modified_at', 'timestamptz', (item) => item.seenAt],
]

/**
 * Returns the goods that `upsertSeen` would write. Nearly all goods are known already. Writing them needlessly would compute their search
 * words again and hold the catalogue's lock, for which other downloads would have to wait.
 */
export async function newsAmong(
  db: Database,
  shopId: string,
  items: readonly SeenGoods[],
): Promise<SeenGoods[]> {
  const found = await sql<{ n: number }>`
    select d.n::int as n
    from (select *, row_number() over () as n from ${unnestRows('d', items, seenColumns)}) d
    left join listing l on l.shop_id = ${shopId}::bigint and l.item_id = d.item_id and l.platform_sku_id = d.platform_sku_id
    where l.id is null or (l.status = 'seen' and l.modified_at < d.modified_at
      and (l.outer_item_id, l.outer_sku_id, l.title, l.spec, l.picture_url)
        is distinct from (d.outer_item_id, d.outer_sku_id, d.title, d.spec, d.picture_url))`.execute(db)
  const news = new Set(found.rows.map(({ n }) => n))
  return items.filter((_, at) => news.has(at + 1))
}

/**
 * Adds goods that are not known yet. A listing with the status `seen`, known only from trades, is updated from the newest trade. Returns
 * the ids of added and changed listings.
 */
export async function upsertSeen(tx: Tx, shopId: string, items: readonly SeenGoods[]): Promise<string[]> {
  const written = await sql<Row<'listing', 'id'>>`
    insert into listing (shop_id, item_id, platform_sku_id, outer_item_id, outer_sku_id, title, spec, picture_url, status, modified_at)
    select ${shopId}, item_id, platform_sku_id, outer_item_id, outer_sku_id, title, spec, picture_url, 'seen', modified_at
    from ${unnestRows('d', items, seenColumns)}
    order by item_id, platform_sku_id
    on conflict (shop_id, item_id, platform_sku_id) do update set
      outer_item_id = excluded.outer_item_id, outer_sku_id = excluded.outer_sku_id, title = excluded.title,
      spec = excluded.spec, picture_url = excluded.picture_url, modified_at = excluded.modified_at
    where listing.status = 'seen' and listing.modified_at < excluded.modified_at
      and (listing.outer_item_id, listing.outer_sku_id, listing.title, listing.spec, listing.picture_url)
        is distinct from (excluded.outer_item_id, excluded.outer_sku_id, excluded.title, excluded.spec, excluded.picture_url)
    returning id`.execute(tx)
  return written.rows.map(({ id }) => id)
}

const listedColumns: readonly Column<Listing>[] = [
  ['item_id', 'text', (item) => item.itemId],
  ['platform_sku_id', 'text', (item) => item.platformSkuId],
  ['outer_item_id', 'text', (item) => item.outerItemId.trim()],
  ['outer_sku_id', 'text', (item) => item.outerSkuId.trim()],
  ['title', 'text', (item) => item.title],
  ['spec', 'text', (item) => item.spec],
  ['picture_url', 'text', (item) => item.pictureUrl],
  ['price_fen', 'int8', (item) => item.priceFen],
  ['quantity', 'int4', (item) => item.quantity],
  ['status', 'text', (item) => item.status],
  ['modified_at', 'timestamptz', (item) => item.modifiedAt],
]

export type Written = Row<'listing', 'id'> & { made: boolean; changed: boolean; recoded: boolean }

/**
 * Writes the listings of the shop's own list over the stored ones. If the platform gives no time of change, the stored time is kept.
 * `recoded`: true if the outer codes are new or changed.
 */
export async function upsertListed(tx: Tx, shopId: string, items: readonly Listing[]): Promise<Written[]> {
  const data = (of: string) =>
    sql.raw(
      ['title', 'spec', 'picture_url', 'price_fen', 'quantity', 'status', 'modified_at']
        .map((column) => `${of}.${column}`)
        .join(', '),
    )
  const codes = (of: string) => sql.raw(`${of}.outer_item_id, ${of}.outer_sku_id`)
  const written = await sql<Written>`
    with d as materialized (select * from ${unnestRows('d', items, listedColumns)}),
    held as materialized (
      select l.* from listing l join d using (item_id, platform_sku_id) where l.shop_id = ${shopId}::bigint),
    written as (
      insert into listing (shop_id, item_id, platform_sku_id, outer_item_id, outer_sku_id, title, spec, picture_url,
        price_fen, quantity, status, modified_at, listed_at)
      select ${shopId}, item_id, platform_sku_id, outer_item_id, outer_sku_id, title, spec, picture_url,
        price_fen, quantity, status, coalesce(d.modified_at, (select held.modified_at from held
          where held.item_id = d.item_id and held.platform_sku_id = d.platform_sku_id), now()), clock_timestamp()
      from d order by item_id, platform_sku_id
      on conflict (shop_id, item_id, platform_sku_id) do update set
        outer_item_id = excluded.outer_item_id, outer_sku_id = excluded.outer_sku_id, title = excluded.title,
        spec = excluded.spec, picture_url = excluded.picture_url, price_fen = excluded.price_fen,
        quantity = excluded.quantity, status = excluded.status, modified_at = excluded.modified_at,
        listed_at = excluded.listed_at
      returning *)
    select w.id, held.id is null as made,
      held.id is null or (${data('held')}) is distinct from (${data('w')}) or (${codes('held')}) is distinct from (${codes('w')}) as changed,
      held.id is null or (${codes('held')}) is distinct from (${codes('w')}) as recoded
    from written w left join held on held.id = w.id
    order by w.id`.execute(tx)
  return written.rows
}

/** Notes that the list contained these items, which could not be read, so that their listings are not marked as gone. */
export async function keepListed(tx: Tx, shopId: string, itemIds: readonly string[]): Promise<void> {
  await sql`
    update listing set listed_at = clock_timestamp()
    where shop_id = ${shopId}::bigint and item_id = any(${[...itemIds]}::text[])
      and status in ('on_sale', 'in_stock')`.execute(tx)
}

/**
 * Marks the listings as gone that the shop's list has not contained since `since`. They are kept with their match, because trades still
 * refer to them.
 */
export async function markGone(tx: Tx, shopId: string, since: Date): Promise<number> {
  const gone = await sql<Row<'listing', 'id'>>`
    update listing set status = 'gone'
    where shop_id = ${shopId}::bigint and status in ('on_sale', 'in_stock') and listed_at < ${since}::timestamptz
    returning id`.execute(tx)
  return gone.rows.length
}

export async function databaseNow(tx: Tx): Promise<Date> {
  const found = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(tx)
  return found.rows[0]?.now ?? sharedNow()
}
