import { sql } from 'kysely'
import type { Scope } from '../core/access/actor.ts'
import { scopeSql } from '../core/access/scope.ts'
import type { Database } from '../core/db/db.ts'
import type { Row, Rows } from '../core/db/rows.ts'
import { type CappedCount, capped, countCap } from '../core/lists/list-table.ts'
import { stockKind } from '../core/outbox/contract.ts'
import { stillParked } from '../intake/parked/parked-open.ts'
import { dueSoonMs } from '../intake/refunds/lists.ts'
import { failingTries } from '../intake/trades/trade-list.ts'

export type QueueCounts = Awaited<ReturnType<typeof readQueueCounts>>

export async function readQueueCounts({ db, scope, now }: { db: Database; scope: Scope; now: Date }) {
  return {
    failing: await failingDetails(db, scope),
    parked: await openParked(db, scope),
    due: await dueRefunds(db, scope, new Date(now.getTime() + dueSoonMs)),
    actions: await openActions(db, scope),
  }
}

async function failingDetails(
  db: Database,
  scope: Scope,
): Promise<{ count: number; since: Date | null; errors: string[] }> {
  const found = await sql<{ count: number; since: Rows['trade_fetch']['wantedAt'] | null; errors: string[] }>`
    select count(*)::int as count, min(wanted_at) as since,
      coalesce((array_agg(distinct error) filter (where error <> ''))[1:3], '{}') as errors
    from (
      select wanted_at, error from trade_fetch f
      where tries >= 3 and tries >= ${failingTries} and ${scopeSql(scope, sql.ref('f.shop_id'))}
      limit ${countCap + 1}
    ) failing`.execute(db)
  return found.rows[0] ?? { count: 0, since: null, errors: [] }
}

async function openParked(
  db: Database,
  scope: Scope,
): Promise<{ count: number; since: Date | null; ids: string[] }> {
  const found = await sql<{
    count: number
    since: Rows['parked_item']['firstSeen'] | null
    ids: Rows['parked_item']['id'][]
  }>`
    select count(*)::int as count, min(first_seen) as since,
      coalesce((array_agg(id::text order by id desc))[1:200], '{}') as ids
    from (
      select id, first_seen from parked_item p
      where ${stillParked} and ${scopeSql(scope, sql.ref('p.shop_id'))} limit ${countCap + 1}
    ) parked`.execute(db)
  return found.rows[0] ?? { count: 0, since: null, ids: [] }
}

/** Counts refunds that wait for our answer and whose deadline is before `until`, with their amount and the first ids. */
async function dueRefunds(
  db: Database,
  scope: Scope,
  until: Date,
): Promise<{ count: CappedCount; amountFen: string; first: Date | null; ids: string[] }> {
  const found = await sql<
    Row<'staged_refund', 'amountFen'> & {
      count: number
      first: Rows['staged_refund']['deadline']
      ids: Rows['staged_refund']['id'][]
    }
  >`
    select count(*)::int as count, coalesce(sum(amount_fen), 0)::text as "amountFen", min(deadline) as first,
      coalesce((array_agg(id::text order by deadline))[1:200], '{}') as ids
    from (
      select id, amount_fen, deadline from staged_refund r
      where state = 'staged' and status = 'applied' and ${scopeSql(scope, sql.ref('r.shop_id'))}
        and coalesce(deadline, 'infinity'::timestamptz) < ${until.toISOString()}::timestamptz
      order by coalesce(deadline, 'infinity'::timestamptz) limit ${countCap + 1}
    ) due`.execute(db)
  const row = found.rows[0] ?? { count: 0, amountFen: '0', first: null, ids: [] }
  return { ...row, count: capped(row.count) }
}

/**
 * Counts pending and failed platform actions without stock sync, and unclear ones of any kind; `failed` and `unclear` ones wait for a user.
 * `stockFailed`: the failed actions of stock sync.
 */
async function openActions(
  db: Database,
  scope: Scope,
): Promise<{
  pending: number
  failed: number
  unclear: number
  failedSince: Date | null
  unclearSince: Date | null
  stockFailed: number
  stockSince: Date | null
}> {
  const inShops = scopeSql(scope, sql.ref('a.shop_id'))
  const found = await sql<
    Record<'state', string> & Record<'count', number> & Record<'since', Rows['platform_action']['endedAt']>
  >`
    select s.state, a.* from unnest(array['pending', 'failed']) s (state)
    cross join lateral (
      select count(*)::int as count, min(at) as since from (
        select coalesce(a.ended_at, a.created_at) as at from platform_action a
        where a.state = s.state and a.kind <> ${sql.lit(stockKind)} and ${inShops} limit ${countCap + 1}
      ) few
    ) a
    union all
    -- Those that are looked at again are left out before the limit, so that their number hides none that waits for a user.
    select 'unclear', count(*)::int, min(at) from (
      select coalesce(a.ended_at, a.created_at) as at from platform_action a
      where a.state = 'unknown' and a.next_at is null and ${inShops}
      limit ${countCap + 1}) unclear
    union all
    select 'stock', count(*)::int, min(at) from (
      select coalesce(a.ended_at, a.created_at) as at from platform_action a
      where a.state = 'failed' and a.kind = ${sql.lit(stockKind)} and ${inShops}
      limit ${countCap + 1}) stock`.execute(db)
  const of = (state: string) => found.rows.find((row) => row.state === state)
  return {
    pending: of('pending')?.count ?? 0,
    failed: of('failed')?.count ?? 0,
    unclear: of('unclear')?.count ?? 0,
    failedSince: of('failed')?.since ?? null,
    unclearSince: of('unclear')?.since ?? null,
    stockFailed: of('stock')?.count ?? 0,
    stockSince: of('stock')?.since ?? null,
  }
}
