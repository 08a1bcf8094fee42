import { sql } from 'kysely'
import type { Scope } from '../../core/access/actor.ts'
import { scopeSql } from '../../core/access/scope.ts'
import type { Database } from '../../core/db/db.ts'
import type { NotNull, Row, Rows } from '../../core/db/rows.ts'
import { countCap } from '../../core/lists/list-table.ts'
import { stillParked } from '../parked/parked-open.ts'

/** The facts that decide a stream's state. One row for each shop and each of its two list tasks. */
export type StreamFacts = Row<
  'shop',
  'platform' | 'enabled' | 'authState' | 'authChangedAt' | 'createdAt'
> & {
  shopId: Rows['shop']['id']
  shopName: Rows['shop']['name']
  pausedReasons: string[]
  bannedUntil: Date | null
  kind: 'trade_list' | 'refund_list'
  taskId: Rows['task']['id'] | null
  taskEnabled: boolean
  everySeconds: Rows['task']['intervalSeconds']
  failures: Rows['task']['failures']
  running: boolean
  lastError: string
  lastErrorCode: string
}

/** Returns the facts of all shops, two rows for each: some hundreds at most. */
export async function streamFacts(db: Database, scope: Scope): Promise<StreamFacts[]> {
  const found = await sql<StreamFacts>`
    select s.id as "shopId", s.name as "shopName", s.platform, s.enabled, s.auth_state as "authState",
      s.auth_changed_at as "authChangedAt", s.created_at as "createdAt", coalesce(g.paused, '{}') as "pausedReasons",
      case when g.ban_until > now() then g.ban_until end as "bannedUntil", k.kind, t.id as "taskId",
      coalesce(t.enabled, false) as "taskEnabled", t.interval_seconds as "everySeconds", coalesce(t.failures, 0) as failures,
      t.run_id is not null as running,
      coalesce(f.error, '') as "lastError", coalesce(f.error_code, '') as "lastErrorCode"
    from shop s
    cross join unnest(array['trade_list', 'refund_list']) k (kind)
    left join shop_gate g on g.shop_id = s.id
    left join task t on t.shop_id = s.id and t.kind = k.kind and t.name = ''
    left join lateral (
      select error, error_code from task_run
      where task_id = t.id and state in ('failed', 'lost') and t.failures + t.losses > 0 order by id desc limit 1
    ) f on true
    where ${scopeSql(scope, sql.ref('s.id'))}
    order by s.platform, s.name, k.kind desc`.execute(db)
  return found.rows
}

export type DaySums = NotNull<Row<'task_run', 'shopId'>> &
  Row<'task_run', 'kind' | 'seen' | 'created' | 'updated' | 'failed'> & { skipped: Record<string, number> }

/** Sums the counts of each shop's list runs since `midnight`, and those of the documents that push brought, which no list run counts. */
export async function sumsSince(db: Database, scope: Scope, midnight: Date): Promise<DaySums[]> {
  // Runs with equal `skipped` are grouped first, because parsing its JSON is costly.
  const found = await sql<DaySums>`
    with first as materialized (
      select id from task_run where requested_at >= ${midnight.toISOString()}::timestamptz order by requested_at, id limit 1
    ), alike as materialized (
      select shop_id, kind, skipped, count(*) as runs, sum(seen) as seen, sum(created) as created, sum(updated) as updated,
        sum(failed) as failed
      from task_run r
      where kind in ('trade_list', 'refund_list') and task_id in (select id from task where name = '') and id >= (select id from first) and ${scopeSql(scope, sql.ref('r.shop_id'))}
        and requested_at >= ${midnight.toISOString()}::timestamptz
      group by shop_id, kind, skipped
    ), skip as (
      select shop_id, kind, jsonb_object_agg(reason, n) as skipped from (
        select shop_id, kind, s.key as reason, sum(s.value::int * runs)::int as n
        from alike cross join lateral jsonb_each_text(alike.skipped) s group by 1, 2, 3
      ) x group by 1, 2
    )
    select shop_id as "shopId", kind, sum(seen)::int as seen, sum(created)::int as created, sum(updated)::int as updated,
      sum(failed)::int as failed, coalesce((array_agg(skip.skipped))[1], '{}') as skipped
    from (
      select shop_id, kind, seen, created, updated, failed from alike
      union all
      select shop_id, case kind when 'trade' then 'trade_list' else 'refund_list' end, created + updated, created, updated, 0
      from push_today p where day = china_day(${midnight.toISOString()}::timestamptz) and ${scopeSql(scope, sql.ref('p.shop_id'))}
    ) counted left join skip using (shop_id, kind) group by 1, 2`.execute(db)
  return found.rows
}

/** Documents of a shop whose detail is missing, and its parked items. */
export type Waits = {
  shopId: Rows['shop']['id']
  stream: 'trades' | 'refunds'
  /** Counted up to the cap. One more than the cap means that there are more. */
  waiting: number
  /** The time of the oldest change whose detail is missing; null: none, or too many to determine it. */
  since: Rows['download_queue']['modifiedAt'] | null
  parked: number
}

export async function waitsOf(db: Database, scope: Scope): Promise<Waits[]> {
  const found = await sql<Waits>`
    select s.id as "shopId", w.stream, w.waiting, case when w.waiting <= ${countCap} then w.since end as since, w.parked
    from shop s cross join lateral (
      -- A trade that a person removed waits with the time 0, since only its number is known: it counts, and its time is left out.
      select 'trades' as stream, count(*)::int as waiting, min(at) filter (where at > to_timestamp(0)) as since, ${parkedOf('trade')} as parked
      from (
        select tid, min(at) as at from (
          (select tid, modified_at as at from download_queue where shop_id = s.id limit ${countCap + 1})
          union all (select tid, wanted_at from trade_fetch where shop_id = s.id limit ${countCap + 1})
        ) each group by tid limit ${countCap + 1}
      ) t
      union all
      select 'refunds', count(*)::int, min(modified_at), ${parkedOf('refund')} from (
        select modified_at from staged_refund where shop_id = s.id and detail_missing limit ${countCap + 1}) r
    ) w
    where ${scopeSql(scope, sql.ref('s.id'))}`.execute(db)
  return found.rows
}

function parkedOf(kind: 'trade' | 'refund') {
  return sql`(select count(*)::int from (
    select from parked_item p where p.shop_id = s.id and p.kind = ${kind} and ${stillParked} limit ${countCap + 1}) p)`
}
