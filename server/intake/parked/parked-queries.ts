import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../../core/access/actor.ts'
import { scopeSql } from '../../core/access/scope.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row, RowFor } from '../../core/db/rows.ts'
import type { FilterOf } from '../../core/lists/declare-contract.ts'
import { type CappedCount, capped, countCap } from '../../core/lists/list-table.ts'
import type { parkedList } from './lists-contract.ts'
import type { ParkedRow } from './parked-contract.ts'
import { stillParked } from './parked-open.ts'

type ParkedFilter = FilterOf<typeof parkedList>

/** Returns the rows of a page, newest first. There are few items, so they are sorted without an index. */
export async function parkedRows(
  db: Database,
  filter: ParkedFilter,
  scope: Scope,
  page: { limit: number; after: string | undefined },
): Promise<ParkedRow[]> {
  const found = await sql<RowFor<'parked_item', ParkedRow>>`
    select p.id, p.shop_id as "shopId", p.kind, p.platform_id as "platformId", p.reason, p.times,
      case p.kind
        when 'trade' then (select id from staged_trade t where t.tid = p.platform_id and t.shop_id = p.shop_id)
        else (select id from staged_refund r where r.refund_no = p.platform_id and r.shop_id = p.shop_id)
      end as "documentId", p.first_seen as "firstSeen", p.last_seen as "lastSeen", p.settled_at as "settledAt"
    from parked_item p
    where ${conditions(filter, scope)} and (${page.after ?? null}::bigint is null or p.id < ${page.after ?? null}::bigint)
    order by p.id desc limit ${page.limit}`.execute(db)
  return found.rows
}

export async function parkedCount(db: Database, filter: ParkedFilter, scope: Scope): Promise<CappedCount> {
  const found = await sql<{ count: number }>`
    select count(*)::int as count from (
      select from parked_item p where ${conditions(filter, scope)} limit ${countCap + 1}) x`.execute(db)
  const count = found.rows[0]?.count ?? 0
  return capped(count)
}

function conditions(filter: ParkedFilter, scope: Scope): RawBuilder<unknown> {
  return sql.join(
    [
      scopeSql(scope, sql.ref('p.shop_id')),
      filter.tab === 'settled' ? sql`not ${stillParked}` : stillParked,
      ...(filter.kind ? [sql`p.kind = ${filter.kind}`] : []),
      ...(filter.shop ? [sql`p.shop_id = any(${filter.shop.split(',')}::bigint[])`] : []),
    ],
    sql` and `,
  )
}

export type ParkedText = Row<'parked_item', 'id' | 'shopId' | 'kind' | 'platformId' | 'sealed' | 'lastSeen'> &
  Row<'shop', 'platform'> & { open: boolean }

export async function parkedTexts(db: Database, ids: readonly string[], scope: Scope): Promise<ParkedText[]> {
  const found = await sql<ParkedText>`
    select p.id, p.shop_id as "shopId", s.platform, p.kind, p.platform_id as "platformId", p.sealed,
      p.last_seen as "lastSeen",
      p.settled_at is null as open
    from parked_item p join shop s on s.id = p.shop_id
    where p.id = any(${[...ids]}::bigint[]) and ${scopeSql(scope, sql.ref('p.shop_id'))}
    order by p.id`.execute(db)
  return found.rows
}

export async function resolveParked(tx: Tx, ids: readonly string[]): Promise<void> {
  await sql`update parked_item set settled_at = now() where id = any(${[...ids]}::bigint[])`.execute(tx)
}

/** Stores why the present version of the program cannot read these texts. */
export async function renameReasons(db: Database, reasons: ReadonlyMap<string, string>): Promise<void> {
  await sql`
    update parked_item p set reason = d.reason
    from unnest(${[...reasons.keys()]}::bigint[], ${[...reasons.values()]}::text[]) d (id, reason)
    where p.id = d.id and p.reason <> d.reason`.execute(db)
}
