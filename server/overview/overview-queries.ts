import { sql } from 'kysely'
import type { Scope } from '../core/access/actor.ts'
import { scopeSql } from '../core/access/scope.ts'
import type { Database } from '../core/db/db.ts'
import type { Row, Rows } from '../core/db/rows.ts'
import { type CappedCount, capped, countCap } from '../core/lists/list-table.ts'
import { tradeReasons } from '../intake/lifecycle.ts'
import { unshipped } from '../orders/order/lifecycle.ts'

/** Counts staged and fetching trades by reason, up to the cap, from an index alone. The reason '': they can be converted. */
export async function tradesByReason(db: Database, scope: Scope): Promise<Map<string, CappedCount>> {
  const found = await sql<Row<'staged_trade', 'reason'> & { count: number }>`
    select r.reason, c.count from unnest(${['', ...tradeReasons]}::text[]) r (reason)
    cross join lateral (
      select count(*)::int as count from (
        select from staged_trade t
        where t.state in ('staged', 'fetching') and t.reason = r.reason and ${scopeSql(scope, sql.ref('t.shop_id'))}
        limit ${countCap + 1}) x
    ) c`.execute(db)
  return new Map(found.rows.map(({ reason, count }) => [reason, capped(count)]))
}

/** Counts staged refunds in total and by reason. If the total is above the cap, every count is marked as capped. */
export async function refundsByReason(
  db: Database,
  scope: Scope,
): Promise<{ all: CappedCount; reasons: Map<string, CappedCount> }> {
  const found = await sql<Row<'staged_refund', 'reason'> & { count: number }>`
    select reason, count(*)::int as count from (
      select reason from staged_refund r where state = 'staged' and ${scopeSql(scope, sql.ref('r.shop_id'))}
      limit ${countCap + 1}) x
    group by reason`.execute(db)
  const all = capped(found.rows.reduce((sum, row) => sum + row.count, 0))
  const reasons = found.rows.map(({ reason, count }) => [reason, { count, capped: all.capped }] as const)
  return { all, reasons: new Map(reasons) }
}

/** Counts unshipped orders that are on hold, those of them with a refund hold, and unshipped orders with open platform changes. */
export async function waitingOrders(
  db: Database,
  scope: Scope,
): Promise<{ held: CappedCount; refundHolds: CappedCount; differs: CappedCount; differsSince: Date | null }> {
  const inShops = scopeSql(scope, sql.ref('o.shop_id'))
  const beforeShipping = sql`o.status = any(${[...unshipped]}::text[]) and ${inShops}`
  const found = await sql<{
    held: number
    refundHolds: number
    differs: number
    since: Rows['order_difference']['seenAt'] | null
  }>`
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

export async function momentOf(
  db: Database,
  table: 'staged_trade' | 'sales_order',
  column: 'state_at' | 'created_at',
  id: string,
): Promise<Date | null> {
  const found = await sql<{ at: Rows['staged_trade']['stateAt'] | Rows['sales_order']['createdAt'] }>`
    select ${sql.ref(column)} as at from ${sql.table(table)} where id = ${id}::bigint`.execute(db)
  return found.rows[0]?.at ?? null
}
