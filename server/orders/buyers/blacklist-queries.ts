import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../../core/access/actor.ts'
import { scopeSql } from '../../core/access/scope.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { monthlessKeys } from '../../lib/people.ts'
import { arrayText, unnestRows } from '../../lib/unnest.ts'
import type { BlacklistRow } from './contract.ts'

export type NewEntry = {
  orderId: string
  shopId: string
  kind: string
  keys: readonly number[]
  region: string
  masked: string
  personal: Buffer
}

/**
 * Inserts the blacklist entries that do not exist yet. Returns each inserted one as a text: its buyer keys, a slash and its region. An
 * advisory lock admits one writer at a time. A unique key could not prevent duplicates, since the hashes change when keys rotate and an
 * entry that has ended may be added again.
 */
export async function insertEntries(
  tx: Tx,
  entries: readonly NewEntry[],
  { reason, until }: { reason: string; until: Date | null },
  by: string,
): Promise<string[]> {
  if (entries.length === 0) return []
  await sql`select pg_advisory_xact_lock(hashtextextended('blacklist:' || current_schema(), 0))`.execute(tx)
  const added = await sql<Record<'key', string>>`
    insert into blacklist_entry (kind, keys, region, masked, personal, reason, until, order_id, shop_id, created_by)
    select kind, keys::bigint[], region, masked, personal, ${reason.trim()}, ${until}::timestamptz, order_id, shop_id, ${by}
    from ${unnestRows('d', entries, [
      ['kind', 'text', (row) => row.kind],
      ['keys', 'text', (row) => arrayText(row.keys)],
      ['region', 'text', (row) => row.region],
      ['masked', 'text', (row) => row.masked],
      ['personal', 'bytea', (row) => row.personal],
      ['order_id', 'int8', (row) => row.orderId],
      ['shop_id', 'int8', (row) => row.shopId],
    ])}
    where not exists (
      select from blacklist_entry e
      where e.removed_at is null and e.first_key = (d.keys::bigint[])[1] and e.keys = d.keys::bigint[]
        and e.region = d.region and (e.until is null or e.until > now()))
    order by d.keys, d.region
    returning array_to_string(keys, ',') || '/' || region as key`.execute(tx)
  return added.rows.map(({ key }) => key)
}

export async function removeEntries(
  tx: Tx,
  ids: readonly string[],
  by: string,
  scope: Scope,
): Promise<string[]> {
  const removed = await sql<Row<'blacklist_entry', 'id'>>`
    with held as (
      select id from blacklist_entry where id = any(${ids}::bigint[]) and removed_at is null and ${scopeSql(scope, sql.ref('shop_id'))}
      order by id for update
    )
    update blacklist_entry e set removed_at = now(), removed_by = ${by} from held where e.id = held.id
    returning e.id`.execute(tx)
  return removed.rows.map(({ id }) => id)
}

export async function blacklistRows(
  db: Database,
  { after, limit }: { after: string | undefined; limit: number },
  scope: Scope,
): Promise<BlacklistRow[]> {
  const found = await sql<Row<'blacklist_entry', keyof BlacklistRow>>`
    select id, kind, masked, region, reason, until, created_at as "createdAt", created_by as "createdBy"
    from blacklist_entry
    where removed_at is null and ${scopeSql(scope, sql.ref('shop_id'))} and (${after ?? null}::bigint is null or id < ${after ?? null}::bigint)
    order by id desc limit ${limit}`.execute(db)
  return found.rows
}

export async function ordersSealed(tx: Tx, ids: readonly string[]): Promise<BlacklistedOrder[]> {
  const found = await sql<BlacklistedOrder>`
    select id, no, shop_id as "shopId", region, personal from sales_order where id = any(${ids}::bigint[])`.execute(
    tx,
  )
  return found.rows
}

type BlacklistedOrder = Row<'sales_order', 'id' | 'no' | 'shopId' | 'region' | 'personal'>

/**
 * Returns an SQL expression over the buyer keys (`people`) and the region of an order: an array of the reasons why the buyer is on the
 * blacklist.
 */
export const blacklistReasons = (
  buyerKeys: RawBuilder<unknown>,
  region: RawBuilder<unknown>,
): RawBuilder<string[]> => sql<string[]>`array(
  select distinct e.reason from blacklist_entry e
  where e.removed_at is null and e.first_key = any(${monthlessKeys(buyerKeys)}) and e.keys <@ ${monthlessKeys(buyerKeys)}
    and e.region in ('', ${region}) and (e.until is null or e.until > now())
  order by e.reason limit 5)`
