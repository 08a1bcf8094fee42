import { sql } from 'kysely'
import type { Scope } from '../../core/access/actor.ts'
import { scopeSql } from '../../core/access/scope.ts'
import type { Database } from '../../core/db/db.ts'
import { type CappedCount, capped, countCap } from '../../core/lists/list-table.ts'
import { stockKind } from '../../core/outbox/contract.ts'
import { tradeReasons } from '../../intake/lifecycle.ts'
import { stillParked } from '../../intake/parked/parked-open.ts'
import { failingTries } from '../../intake/trades/trade-list.ts'
import { unshipped } from '../../orders/order/lifecycle.ts'

/** Staged and fetched trades by their reason ('' may be converted), each counted in the index alone up to the cap. */
export async function tradesByReason(db: Database, scope: Scope): Promise<Map<string, CappedCount>> {
  const found = await sql<{ reason: string; count: number }>`
    select r.reason, c.count from unnest(${['', ...tradeReasons]}::text[]) r (reason)
    cross join lateral (
      select count(*)::int as count from (
        select from staged_trade t
        where t.state in ('staged', 'fetching') and t.reason = r.reason and ${scopeSql(scope, sql.ref('t.shop_id'))}
        limit ${countCap + 1}) x
    ) c`.execute(db)
  return new Map(found.rows.map(({ reason, count }) => [reason, capped(count)]))
}

/** Staged refunds and, of them, how many stand for which reason. Beyond the cap the parts are told of as capped. */
export async function refundsByReason(
  db: Database,
  scope: Scope,
): Promise<{ all: CappedCount; reasons: Map<string, CappedCount> }> {
  const found = await sql<{ reason: string; count: number }>`
    select reason, count(*)::int as count from (
      select reason from staged_refund r where state = 'staged' and ${scopeSql(scope, sql.ref('r.shop_id'))}
      limit ${countCap + 1}) x
    group by reason`.execute(db)
  const all = capped(found.rows.reduce((sum, row) => sum + row.count, 0))
  const reasons = found.rows.map(({ reason, count }) => [reason, { count, capped: all.capped }] as const)
  return { all, reasons: new Map(reasons) }
}

/** Orders that stand still before shipping: held (how many of them for an open refund), and changed on the platform. */
export async function waitingOrders(
  db: Database,
  scope: Scope,
): Promise<{ held: CappedCount; refundHolds: CappedCount; differs: CappedCount; differsSince: Date | null }> {
  const inShops = scopeSql(scope, sql.ref('o.shop_id'))
  const beforeShipping = sql`o.status = any(${[...unshipped]}::text[]) and ${inShops}`
  const found = await sql<{ held: number; refundHolds: number; differs: number; since: Date | null }>`
    select
      (select count(*)::int from (
        select from sales_order o where o.open_holds > 0 and ${beforeShipping} limit ${countCap + 1}) x) as held,
      (select count(distinct order_id)::int from (
        select h.order_id from order_hold h join sales_order o on o.id = h.order_id
        where h.released_at is null and h.reason = 'refund_open' and ${beforeShipping} limit ${countCap + 1}) x) as "refundHolds",
      (select count(*)::int from (
        select from sales_order o where o.differences > 0 and ${beforeShipping} limit ${countCap + 1}) x) as differs,
      (select min(seen_at) from (
        select d.seen_at from order_difference d ${scope.shops === 'all' ? sql`` : sql`join sales_order o on o.id = d.order_id`}
        where d.settled_at is null and ${inShops} order by d.order_id limit ${countCap + 1}) x) as since`.execute(
    db,
  )
  const row = found.rows[0] ?? { held: 0, refundHolds: 0, differs: 0, since: null }
  return {
    held: capped(row.held),
    refundHolds: capped(row.refundHolds),
    differs: capped(row.differs),
    differsSince: row.since,
  }
}

/** Refunds that the buyer waits for an answer to and that fall due before `until`: count, money, the first of them. */
export async function dueRefunds(
  db: Database,
  scope: Scope,
  until: Date,
): Promise<{ count: CappedCount; amountFen: string; first: Date | null; ids: string[] }> {
  const found = await sql<{ count: number; amountFen: string; first: Date | null; ids: string[] }>`
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

/** Platform actions that are not done, stock apart. `failed` and `unclear` wait for a person. */
export async function openActions(
  db: Database,
  scope: Scope,
): Promise<{
  open: number
  failed: number
  unclear: number
  failedSince: Date | null
  unclearSince: Date | null
  stockFailed: number
  stockSince: Date | null
}> {
  const inShops = scopeSql(scope, sql.ref('a.shop_id'))
  const found = await sql<{
    state: string
    count: number
    unclear: number
    since: Date | null
    unclearSince: Date | null
  }>`
    select s.state, a.* from unnest(array['pending', 'sending', 'unknown', 'failed']) s (state)
    cross join lateral (
      select count(*)::int as count, min(at) as since,
        (count(*) filter (where next_at is null))::int as unclear,
        min(at) filter (where next_at is null) as "unclearSince"
      from (
        select coalesce(a.ended_at, a.created_at) as at, a.next_at from platform_action a
        where a.state = s.state and a.kind <> ${sql.lit(stockKind)} and ${inShops} limit ${countCap + 1}
      ) few
    ) a
    union all
    select 'stock', count(*)::int, min(at), 0, null from (
      select coalesce(a.ended_at, a.created_at) as at from platform_action a
      where a.state = 'failed' and a.kind = ${sql.lit(stockKind)} and ${inShops}
      limit ${countCap + 1}) stock`.execute(db)
  const of = (state: string) => found.rows.find((row) => row.state === state)
  return {
    open: found.rows.reduce((sum, row) => sum + (row.state === 'stock' ? 0 : row.count), 0),
    failed: of('failed')?.count ?? 0,
    unclear: of('unknown')?.unclear ?? 0,
    failedSince: of('failed')?.since ?? null,
    unclearSince: of('unknown')?.unclearSince ?? null,
    stockFailed: of('stock')?.count ?? 0,
    stockSince: of('stock')?.since ?? null,
  }
}

/** Trades whose detail failed `failingTries` times and more. */
export async function failingDetails(
  db: Database,
  scope: Scope,
): Promise<{ count: number; since: Date | null; errors: string[] }> {
  const found = await sql<{ count: number; since: Date | null; errors: string[] }>`
    select count(*)::int as count, min(wanted_at) as since,
      coalesce((array_agg(distinct error) filter (where error <> ''))[1:3], '{}') as errors
    from (
      select wanted_at, error from trade_fetch f
      where tries >= 3 and tries >= ${failingTries} and ${scopeSql(scope, sql.ref('f.shop_id'))}
      limit ${countCap + 1}
    ) failing`.execute(db)
  return found.rows[0] ?? { count: 0, since: null, errors: [] }
}

/** What could not be understood and did not come well since. */
export async function openParked(
  db: Database,
  scope: Scope,
): Promise<{ count: number; since: Date | null; ids: string[] }> {
  const found = await sql<{ count: number; since: Date | null; ids: string[] }>`
    select count(*)::int as count, min(first_seen) as since,
      coalesce((array_agg(id::text order by id desc))[1:200], '{}') as ids
    from (
      select id, first_seen from parked_item p
      where ${stillParked} and ${scopeSql(scope, sql.ref('p.shop_id'))} limit ${countCap + 1}
    ) parked`.execute(db)
  return found.rows[0] ?? { count: 0, since: null, ids: [] }
}

/** One moment of one row. */
export async function momentOf(
  db: Database,
  table: 'staged_trade' | 'sales_order',
  column: 'state_at' | 'created_at',
  id: string,
): Promise<Date | null> {
  const found = await sql<{ at: Date }>`
    select ${sql.ref(column)} as at from ${sql.table(table)} where id = ${id}::bigint`.execute(db)
  return found.rows[0]?.at ?? null
}
