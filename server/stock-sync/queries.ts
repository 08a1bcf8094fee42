import { type RawBuilder, sql } from 'kysely'
import { listingFaces, matchedListings, skuParts, withBundles } from '../catalog/relations.ts'
import type { Scope } from '../core/access/actor.ts'
import { scopeSql } from '../core/access/scope.ts'
import type { Database, Tx } from '../core/db/db.ts'
import type { Row, Rows } from '../core/db/rows.ts'
import { type Column, unnestRows } from '../lib/unnest.ts'
import type { StockSyncRule, StockSyncTrace, SyncFailure } from './lifecycle.ts'

export type LockedStockSync = Row<
  'stock_upload',
  | 'id'
  | 'shopId'
  | 'itemId'
  | 'paused'
  | 'shopOn'
  | 'quantity'
  | 'version'
  | 'toldQuantity'
  | 'toldVersion'
  | 'actionId'
  | 'problemAt'
> & {
  rule: StockSyncRule | null
  shopRule: StockSyncRule | null
  trace: StockSyncTrace | null
  problem: SyncFailure | ''
  skuId: string | null
  gone: boolean
  listedAt: Date | null
}

const columns = sql`
  u.id, u.shop_id as "shopId", u.item_id as "itemId", u.rule, u.paused, u.shop_on as "shopOn", u.quantity, u.trace, u.version,
  u.told_quantity as "toldQuantity", u.told_version as "toldVersion", u.action_id as "actionId", u.problem,
  u.problem_at as "problemAt"`

const settingsLock = (shopId: RawBuilder<unknown>) =>
  sql`(hashtextextended('stock sync settings:' || current_schema(), ${shopId}))`

/**
 * Locks the stock sync rows of these listings and of all other listings of their items, in the order of listing ids, and inserts missing
 * rows. The shops' settings are locked against changes, also of a shop that has no settings yet: else the first switching on would miss
 * the rows that are inserted here. Every change of such a row begins here, so later reads see all earlier changes.
 */
async function lockItems(tx: Tx, listingIds: readonly string[]): Promise<void> {
  const ids = [...listingIds]
  await sql`
    select pg_advisory_xact_lock_shared${settingsLock(sql`shop_id`)} from (
      select distinct shop_id from ${listingFaces} l where l.id = any(${ids}::bigint[]) order by shop_id
    ) shops`.execute(tx)
  await sql`
    insert into stock_upload (id, shop_id, item_id, shop_on)
    select l.id, l.shop_id, l.item_id, coalesce(s.enabled, false)
    from ${matchedListings} l left join upload_shop s using (shop_id)
    where l.id = any(${ids}::bigint[]) and not exists (select from stock_upload u where u.id = l.id)
    order by l.id on conflict do nothing`.execute(tx)
  await sql`
    select id from stock_upload
    where (shop_id, item_id) in (select shop_id, item_id from stock_upload where id = any(${ids}::bigint[]))
    order by id for update`.execute(tx)
}

export async function lockStockSyncsOfItems(
  tx: Tx,
  listingIds: readonly string[],
): Promise<LockedStockSync[]> {
  await lockItems(tx, listingIds)
  const held = await sql<LockedStockSync>`
    select ${columns}, s.rule as "shopRule", l.sku_id as "skuId", l.status = 'gone' as gone, l.listed_at as "listedAt"
    from stock_upload u join ${listingFaces} l on l.id = u.id left join upload_shop s on s.shop_id = u.shop_id
    where (u.shop_id, u.item_id) in (
      select shop_id, item_id from stock_upload where id = any(${[...listingIds]}::bigint[]))
    order by u.id`.execute(tx)
  return held.rows
}

export type PartOf = Row<'bundle_part', 'partId'> & { skuId: Rows['sku']['id']; each: number }

export async function partsOf(tx: Tx, skuIds: readonly string[]): Promise<PartOf[]> {
  const found = await sql<PartOf>`
    select part.sku_id as "skuId", part.part_id as "partId", part.quantity as each
    from ${skuParts} as part where part.sku_id = any(${[...skuIds]}::bigint[])
    order by part.sku_id, part.part_id`.execute(tx)
  return found.rows
}

export async function listingsSelling(tx: Tx, skuIds: readonly string[]): Promise<string[]> {
  const found = await sql<Row<'listing', 'id'>>`
    select l.id from ${withBundles(skuIds)} sold
    join ${matchedListings} l using (sku_id) join upload_shop s on s.shop_id = l.shop_id and s.enabled
    order by l.id`.execute(tx)
  return found.rows.map(({ id }) => id)
}

export async function anyShopOn(db: Database): Promise<boolean> {
  const found = await sql`select from upload_shop where enabled limit 1`.execute(db)
  return found.rows.length > 0
}

/** Returns listings of a shop that are matched or have a stock sync row, by ascending id, those after `after`. */
export async function listingsOfShop(
  tx: Tx,
  shopId: string,
  after: string,
  limit: number,
): Promise<string[]> {
  const found = await sql<Row<'listing', 'id'>>`
    select id from (
      select id from ${matchedListings} l where shop_id = ${shopId}::bigint and id > ${after}::bigint
      union select id from stock_upload where shop_id = ${shopId}::bigint and id > ${after}::bigint
    ) mine order by id limit ${limit}`.execute(tx)
  return found.rows.map(({ id }) => id)
}

export type Calculated = {
  id: string
  quantity: number | null
  trace: StockSyncTrace | null
  version: string
  actionId: string | null
  problem: SyncFailure | ''
}

const calculatedColumns: readonly Column<Calculated>[] = [
  ['id', 'int8', (row) => row.id],
  ['quantity', 'int4', (row) => row.quantity],
  ['trace', 'jsonb', (row) => (row.trace === null ? null : JSON.stringify(row.trace))],
  ['version', 'int8', (row) => row.version],
  ['action_id', 'int8', (row) => row.actionId],
  ['problem', 'text', (row) => row.problem],
]

export async function writeCalculated(tx: Tx, rows: readonly Calculated[]): Promise<void> {
  if (rows.length === 0) return
  await sql`
    update stock_upload u set quantity = d.quantity, trace = d.trace, version = d.version, action_id = d.action_id,
      calculated_at = now(), problem = d.problem,
      problem_text = case when d.problem = u.problem then u.problem_text else '' end,
      problem_at = case when d.problem = u.problem then u.problem_at when d.problem <> '' then now() end
    from ${unnestRows('d', rows, calculatedColumns)} where u.id = d.id`.execute(tx)
}

export type QuantityToSend = Row<'stock_upload', 'id' | 'version'> &
  Row<'listing', 'platformSkuId'> & { quantity: NonNullable<Rows['stock_upload']['quantity']> }

export async function quantitiesToSend(
  db: Database,
  action: { id: string; shopId: string; itemId: string },
): Promise<QuantityToSend[]> {
  const found = await sql<QuantityToSend>`
    select u.id, l.platform_sku_id as "platformSkuId", u.quantity, u.version
    from stock_upload u join ${listingFaces} l on l.id = u.id
    where u.shop_id = ${action.shopId}::bigint and u.item_id = ${action.itemId} and u.action_id = ${action.id}::bigint
      and u.quantity is not null and u.shop_on and not u.paused
    order by u.id`.execute(db)
  return found.rows
}

export type AnsweredStockSync = Pick<
  LockedStockSync,
  | 'id'
  | 'shopId'
  | 'itemId'
  | 'quantity'
  | 'version'
  | 'toldVersion'
  | 'actionId'
  | 'paused'
  | 'shopOn'
  | 'problem'
>

/**
 * Locks the stock sync rows of these items in the order of listing ids. The rows are read in a later statement, because a calculation may
 * have inserted one while this transaction waited for the locks.
 */
export async function lockAnswered(
  tx: Tx,
  items: readonly { shopId: string; itemId: string }[],
): Promise<AnsweredStockSync[]> {
  const mine = sql`(u.shop_id, u.item_id) in (select shop_id, item_id from ${unnestRows('d', items, [
    ['shop_id', 'int8', ({ shopId }) => shopId],
    ['item_id', 'text', ({ itemId }) => itemId],
  ])})`
  await sql`select u.id from stock_upload u where ${mine} order by u.id for update`.execute(tx)
  const found = await sql<AnsweredStockSync>`
    select u.id, u.shop_id as "shopId", u.item_id as "itemId", u.quantity, u.version, u.told_version as "toldVersion",
      u.action_id as "actionId", u.paused, u.shop_on as "shopOn", u.problem
    from stock_upload u where ${mine} order by u.id`.execute(tx)
  return found.rows
}

/** The values that an answer of the platform writes. `told`: the accepted quantity and its version; null: none. */
export type Answered = {
  id: string
  actionId: string | null
  told: { quantity: number; version: string } | null
  problem: SyncFailure | ''
  problemText: string
}

export async function writeAnswered(tx: Tx, rows: readonly Answered[]): Promise<void> {
  if (rows.length === 0) return
  const data = unnestRows('d', rows, [
    ['id', 'int8', (row) => row.id],
    ['action_id', 'int8', (row) => row.actionId],
    ['told_quantity', 'int4', (row) => row.told?.quantity ?? null],
    ['told_version', 'int8', (row) => row.told?.version ?? null],
    ['problem', 'text', (row) => row.problem],
    ['problem_text', 'text', (row) => row.problemText],
  ])
  await sql`
    update stock_upload u set action_id = d.action_id, told_quantity = coalesce(d.told_quantity, u.told_quantity),
      told_version = coalesce(d.told_version, u.told_version),
      told_at = case when d.told_version is null then u.told_at else now() end,
      problem = d.problem, problem_text = d.problem_text, problem_at = case when d.problem <> '' then now() end
    from ${data} where u.id = d.id`.execute(tx)
}

export type StockSyncHeader = Row<'stock_upload', 'id' | 'shopId' | 'paused' | 'shopOn'> &
  Row<'listing', 'title' | 'skuId'> &
  Record<'gone', boolean> & { rule: StockSyncRule | null; shopRule: StockSyncRule | null }

export async function lockStockSyncs(
  tx: Tx,
  ids: readonly string[],
  scope: Scope,
): Promise<Map<string, StockSyncHeader>> {
  const granted = await sql<Row<'listing', 'id'>>`
    select id from ${listingFaces} l
    where id = any(${[...ids]}::bigint[]) and ${scopeSql(scope, sql.ref('l.shop_id'))}`.execute(tx)
  const mine = granted.rows.map(({ id }) => id)
  await lockItems(tx, mine)
  const found = await sql<StockSyncHeader>`
    select u.id, u.shop_id as "shopId", u.paused, u.shop_on as "shopOn", l.title, l.sku_id as "skuId", l.status = 'gone' as gone,
      u.rule, s.rule as "shopRule"
    from stock_upload u join ${listingFaces} l on l.id = u.id left join upload_shop s on s.shop_id = u.shop_id
    where u.id = any(${mine}::bigint[])`.execute(tx)
  return new Map(found.rows.map((row) => [row.id, row]))
}

/** SQL: these listings are sent again. A refusal of before ends, so that it prevents no sending. */
const sentAnew = sql`action_id = null, told_version = 0,
  problem = case when problem in ('gone', 'unmatched') then problem else '' end,
  problem_text = case when problem in ('gone', 'unmatched') then problem_text else '' end,
  problem_at = case when problem in ('gone', 'unmatched') then problem_at end`

/**
 * Pauses or resumes listings. Both clear the accepted version: after resuming, every quantity is sent again, since the platform's
 * quantity may have changed meanwhile.
 */
export async function writePaused(tx: Tx, ids: readonly string[], paused: boolean): Promise<void> {
  await sql`
    update stock_upload set paused = ${paused}, ${paused ? sql`action_id = null, told_version = 0` : sentAnew}
    where id = any(${[...ids]}::bigint[])`.execute(tx)
}

export async function writeRule(tx: Tx, ids: readonly string[], rule: StockSyncRule | null): Promise<void> {
  const text = rule === null ? null : JSON.stringify(rule)
  await sql`update stock_upload set rule = ${text}::jsonb where id = any(${[...ids]}::bigint[])`.execute(tx)
}

export type ShopStockSync = Row<
  'upload_shop',
  'shopId' | 'enabled' | 'version' | 'updatedBy' | 'updatedAt'
> & {
  rule: StockSyncRule
}

export async function shopStockSync(db: Database, shopId: string): Promise<ShopStockSync | undefined> {
  const found = await sql<ShopStockSync>`
    select shop_id as "shopId", enabled, rule, version, updated_by as "updatedBy", updated_at as "updatedAt"
    from upload_shop where shop_id = ${shopId}::bigint`.execute(db)
  return found.rows[0]
}

/** Waits for transactions that calculate listings of the shop, and keeps others away until this one ends. */
export async function lockSettings(tx: Tx, shopId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock${settingsLock(sql`${shopId}::bigint`)}`.execute(tx)
}

export async function writeShopStockSync(
  tx: Tx,
  { shopId, enabled, rule, version, updatedBy }: Omit<ShopStockSync, 'updatedAt'>,
): Promise<boolean> {
  const json = JSON.stringify(rule)
  const written =
    version === 0
      ? await sql`
          insert into upload_shop (shop_id, enabled, rule, updated_by)
          values (${shopId}::bigint, ${enabled}, ${json}::jsonb, ${updatedBy})
          on conflict do nothing returning version`.execute(tx)
      : await sql`
          update upload_shop set enabled = ${enabled}, rule = ${json}::jsonb, version = version + 1,
            updated_by = ${updatedBy}, updated_at = now()
          where shop_id = ${shopId}::bigint and version = ${version} returning version`.execute(tx)
  return written.rows.length > 0
}

/**
 * Switches the stock sync of all listings of a shop on or off. As in `writePaused`, the accepted version is cleared, and refusals are when
 * it is switched on. Writes only rows that change.
 */
export async function switchShop(tx: Tx, shopId: string, on: boolean): Promise<void> {
  await sql`
    with mine as (
      select id from stock_upload where shop_id = ${shopId}::bigint and shop_on <> ${on} order by id for update
    )
    update stock_upload u set shop_on = ${on}, ${on ? sentAnew : sql`action_id = null, told_version = 0`}
    from mine where u.id = mine.id`.execute(tx)
}
