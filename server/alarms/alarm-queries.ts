import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../core/access/actor.ts'
import { grantedSql, scopeSql, warehouseSql } from '../core/access/scope.ts'
import type { Database } from '../core/db/db.ts'
import type { Row, Rows, WithNumbers } from '../core/db/rows.ts'
import { countCap } from '../core/lists/list-table.ts'
import { isUnknownThere } from '../fulfilment/write-backs.ts'
import { unshipped } from '../orders/order/lifecycle.ts'

/** Returns unconfirmed orders whose ship-by time has passed, the earliest time first. */
export async function shipByPassed(db: Database, scope: Scope): Promise<LateRows> {
  return await lateRows(
    db,
    sql`
      -- The limit comes before the scope: a user with few shops may get fewer rows, but the query never reads all rows.
      select id, no, at, held from (
        select s.id, s.no, s.shop_id, s.at, s.held
        from (
          select id, no, shop_id, open_holds > 0 as held, coalesce(ship_by, 'infinity'::timestamptz) as at from sales_order
          where archived_at is null and status = 'unconfirmed' and coalesce(ship_by, 'infinity'::timestamptz) < now()
          order by coalesce(ship_by, 'infinity'::timestamptz), id limit ${scope.shops === 'all' ? countCap + 1 : countCap * 2}
        ) s
      ) o where ${scopeSql(scope, sql.ref('o.shop_id'))} limit ${countCap + 1}`,
    sql`(select count(*)::int from late where held)`,
  )
}

/** `held`: how many of the rows are on hold, where that is asked. */
export type LateRows = Record<'count' | 'held', number> &
  Record<'since', Date | null> &
  Record<'numbers' | 'ids', string[]>

/** Counts the rows of a relation (`id`, `no`, `at`) and names the earliest of them. `held`: the count of those on hold, over the relation `late`. */
export async function lateRows(
  db: Database,
  rows: RawBuilder<unknown>,
  held: RawBuilder<unknown> = sql`0`,
): Promise<LateRows> {
  const found = await sql<LateRows>`
    with late as materialized (${rows}), first as (select id, no, at from late order by at, id limit 200)
    select (select count(*)::int from late) as count, ${held} as held, min(at) as since,
      coalesce((array_agg(no order by at, id))[1:3], '{}') as numbers, coalesce(array_agg(id::text order by at, id), '{}') as ids
    from first`.execute(db)
  return found.rows[0] ?? { count: 0, held: 0, since: null, numbers: [], ids: [] }
}

/**
 * Returns unshipped orders whose ship-by time is near or has passed, except unconfirmed orders whose time has passed: `shipByPassed`
 * returns these.
 */
export async function shipByNear(db: Database, scope: Scope, withinMs: number): Promise<LateRows> {
  const until = sql`now() + ${withinMs}::float8 * interval '1 millisecond'`
  return await lateRows(
    db,
    sql`
      select id, no, at from (
        select s.id, s.no, s.shop_id, s.at
        from unnest(${[...unshipped]}::text[]) u (status) cross join lateral (
          select id, no, shop_id, coalesce(ship_by, 'infinity'::timestamptz) as at from sales_order
          where archived_at is null and status = u.status and coalesce(ship_by, 'infinity'::timestamptz) < ${until}
            and (u.status <> 'unconfirmed' or coalesce(ship_by, 'infinity'::timestamptz) >= now())
          order by coalesce(ship_by, 'infinity'::timestamptz), id limit ${scope.shops === 'all' ? countCap + 1 : countCap * 2}
        ) s
      ) o where ${scopeSql(scope, sql.ref('o.shop_id'))} limit ${countCap + 1}`,
  )
}

/**
 * Returns deliveries that are shipped without a successful write-back and whose ship-by time is near or has passed. The platform counts
 * them as unshipped.
 */
export async function writeBackLate(db: Database, scope: Scope, withinMs: number): Promise<LateRows> {
  const seesAll = scope.shops === 'all' && scope.warehouses === 'all'
  return await lateRows(
    db,
    sql`
      select id, no, at from (
        select id, no, shop_id, warehouse_id, coalesce(ship_by, 'infinity'::timestamptz) as at from delivery
        where status = 'shipped' and ${isUnknownThere('delivery')}
          and coalesce(ship_by, 'infinity'::timestamptz) < now() + ${withinMs}::float8 * interval '1 millisecond'
        order by coalesce(ship_by, 'infinity'::timestamptz), id limit ${seesAll ? countCap + 1 : countCap * 2}
      ) d where ${scopeSql(scope, sql.ref('d.shop_id'))} and ${warehouseSql(scope, sql.ref('d.warehouse_id'))} limit ${countCap + 1}`,
  )
}

/** Returns open intercepts, the oldest first. */
export async function parcelsToStop(db: Database, scope: Scope): Promise<LateRows> {
  return await lateRows(
    db,
    sql`
      select id, delivery_no as no, created_at as at from intercept i
      where state = 'open' and ${scopeSql(scope, sql.ref('i.shop_id'))} and ${warehouseSql(scope, sql.ref('i.warehouse_id'))}
      order by created_at, id limit ${countCap + 1}`,
  )
}

/** Returns shipped deliveries whose refund check the platform has not answered yet. */
export async function uncheckedShipments(db: Database, scope: Scope): Promise<LateRows> {
  return await lateRows(
    db,
    sql`
      select d.id, d.no, u.left_at as at from unasked_parcel u join delivery d on d.id = u.delivery_id
      where u.answered_at is null and d.status = 'shipped' and d.round = u.round
        and ${scopeSql(scope, sql.ref('d.shop_id'))} and ${warehouseSql(scope, sql.ref('d.warehouse_id'))}
      order by u.left_at limit ${countCap + 1}`,
  )
}

/**
 * Returns returns for which the platform acts by itself within `withinMs` unless we answer the refund, receive a parcel that is on its way,
 * or finish a receipt. A return that the buyer has not sent is left out, because the buyer must act there.
 */
export async function returnsDue(db: Database, scope: Scope, withinMs: number): Promise<LateRows> {
  return await lateRows(
    db,
    sql`
      select id, no, deadline as at from return_order t
      where refund_status in ('applied', 'agreed') and status in ('unconfirmed', 'confirmed', 'received')
        and deadline < now() + ${withinMs}::float8 * interval '1 millisecond'
        and case when status = 'received' then kind <> 'exchange' and told in ('', 'failed')
          else refund_status = 'applied' or waybill_no <> '' end
        and ${grantedSql(scope, 't')}
      order by deadline, id limit ${countCap + 1}`,
  )
}

/** Returns returns with a waybill that were created more than `days` ago and have not arrived, the oldest first. */
export async function returnsLate(db: Database, scope: Scope, days: number): Promise<LateRows> {
  return await lateRows(
    db,
    sql`
      select id, no, created_at as at from return_order t
      where status in ('unconfirmed', 'confirmed') and waybill_no <> ''
        and created_at < now() - make_interval(days => ${days}) and ${grantedSql(scope, 't')}
      order by created_at, id limit ${countCap + 1}`,
  )
}

export type FailingTask = Row<'task', 'id' | 'kind' | 'shopId'> & {
  shopName: Rows['shop']['name']
  failures: Rows['task']['failures']
  errorCode: Rows['task_run']['errorCode']
  since: Rows['task_run']['endedAt']
}

/** Returns enabled tasks that failed or lost their worker at least `times` times in a row, without the tasks of paused shops. Those of the installation have no shop and are within a scope of all shops only, as in the list of tasks. */
export async function failingTasks(db: Database, scope: Scope, times: number): Promise<FailingTask[]> {
  const found = await sql<FailingTask>`
    select t.id, t.kind, t.shop_id as "shopId", coalesce(s.name, '') as "shopName", t.failures + t.losses as failures,
      coalesce(r.error_code, '') as "errorCode", r.ended_at as since
    from task t left join shop s on s.id = t.shop_id
    left join task_run r on r.id = t.last_run_id
    left join shop_gate g on g.shop_id = t.shop_id
    where t.enabled and t.failures + t.losses >= ${times} and coalesce(g.paused, '{}') = '{}'
      and ${scopeSql(scope, sql.ref('t.shop_id'))}
    order by t.id limit 100`.execute(db)
  return found.rows
}

/** Returns the time since which a due task has waited while no worker runs; null if there is no such task. */
export async function waitingSince(db: Database, lateMs: number): Promise<Date | null> {
  const found = await sql<{ since: Rows['task']['nextRunAt'] | null }>`
    select min(t.next_run_at) as since from task t
    left join shop_gate g on g.shop_id = t.shop_id
    where t.enabled and t.run_id is null and t.next_run_at < now() - ${lateMs}::float8 * interval '1 millisecond'
      and coalesce(g.paused, '{}') = '{}' and g.restored_at is null and (g.ban_until is null or g.ban_until < now())
      -- A busy worker may be late with a task, but has the lease of another one; a dead worker has none.
      and not exists (select from task where lease_until > now())`.execute(db)
  return found.rows[0]?.since ?? null
}

/** Returns machines with a clock difference to the database that was found within the last ten minutes. */
export async function clockSkews(db: Database): Promise<{ machine: string; aheadMs: number; since: Date }[]> {
  const found = await sql<
    WithNumbers<Row<'clock_skew', 'machine' | 'aheadMs'>, 'aheadMs'> & { since: Rows['clock_skew']['seenAt'] }
  >`
    select machine, ahead_ms::float8 as "aheadMs", seen_at as since from clock_skew
    where seen_at > now() - interval '10 minutes' order by abs(ahead_ms) desc`.execute(db)
  return found.rows
}
