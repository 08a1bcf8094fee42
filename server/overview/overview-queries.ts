import { sql } from 'kysely'
import type { Scope } from '../core/access/actor.ts'
import { grantedSql, scopeSql } from '../core/access/scope.ts'
import type { Database } from '../core/db/db.ts'
import type { Row, Rows } from '../core/db/rows.ts'
import { type CappedCount, capped, countCap } from '../core/lists/list-table.ts'
import { toDo } from '../fulfilment/lifecycle.ts'
import { deliveries } from '../fulfilment/lists.ts'
import { tradeReasons } from '../intake/lifecycle.ts'

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

/** Counts deliveries that wait and have to leave before `until`, up to the cap, and those of them that are late. `first`: the earliest time. */
export async function deliveriesToShip(
  db: Database,
  scope: Scope,
  { now, until }: { now: Date; until: Date },
): Promise<{ today: number; over: number; first: Date | null; next: Date | null }> {
  const late = sql`at < ${now.toISOString()}::timestamptz`
  const found = await sql<{
    today: number
    over: number
    first: Rows['delivery']['shipBy']
    next: Rows['delivery']['shipBy']
  }>`
    select least(count(*), ${countCap + 1})::int as today, least(count(*) filter (where ${late}), ${countCap + 1})::int as over,
      min(at) filter (where ${late}) as first, min(at) filter (where not (${late})) as next
    from unnest(${[...toDo]}::text[]) s (step) cross join lateral (
      select coalesce(d.ship_by, 'infinity'::timestamptz) as at from delivery d
      where ${sql.ref(`d.${deliveries.table.group.column}`)} = s.step and coalesce(d.ship_by, 'infinity'::timestamptz) < ${until.toISOString()}::timestamptz
        and ${grantedSql(scope, 'd')}
      order by coalesce(d.ship_by, 'infinity'::timestamptz) limit ${countCap + 1}
    ) x`.execute(db)
  return found.rows[0] ?? { today: 0, over: 0, first: null, next: null }
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
