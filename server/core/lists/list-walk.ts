import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../db/db.ts'
import {
  allOf,
  beyond,
  type Cursor,
  conditions,
  direction,
  isBare,
  type ListQuery,
  type ListTable,
  matching,
  otherRanges,
  ownRanges,
  type Range,
  type Row,
  within,
} from './list-table.ts'

/** One ordered range of the index for each group, merged in order, cut after `max` rows, then filtered. */
export async function walk<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  cursor: Cursor | undefined,
  wanted: number,
  max: number | null,
) {
  const found = await sql<Row>`
    select t.id, t.value::text as value from (${ranges(table, query, cursor, isBare(query) ? wanted : max)}) t
    where ${matching(table, query)} and ${allOf(query.where)} and ${within(table, otherRanges(query))}
    order by t.value ${direction(query)}, t.id ${direction(query)}
    limit ${wanted}`.execute(db)
  return found.rows
}

export async function sampleWalk<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  max: number,
) {
  const found = await sql<{ walked: number; matches: number }>`
    select count(*)::int as walked,
      (count(*) filter (where ${matching(table, query)} and ${allOf(query.where)} and ${within(table, otherRanges(query))}))::int as matches
    from (${ranges(table, query, undefined, max)}) t`.execute(db)
  return found.rows[0] ?? { walked: 0, matches: 0 }
}

function ranges<Sort extends string>(
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  cursor: Cursor | undefined,
  limit: number | null | 'all',
): RawBuilder<unknown> {
  const sort = table.sorts[query.sort]
  const order = sql`order by ${sort.value} ${direction(query)}, t.id ${direction(query)}`
  // Rows that are all read need no order.
  const cut = limit === 'all' ? sql`` : sql`${order} limit ${limit}`
  const one = (condition: RawBuilder<unknown>) =>
    sql`(select t.*, ${sort.value} as value from ${sql.table(table.name)} t
      where ${condition} and ${within(table, ownRanges(query))} and ${beyond(table, query, cursor)} ${cut})`
  const all = query.groups.map((group) => one(sql`t.${sql.ref(table.group.column)} = ${group}`))
  if (all.length === 0) return one(sql`false`)
  if (all.length === 1) return sql`${all[0]}`
  const union = sql.join(all, sql` union all `)
  return limit === 'all'
    ? union
    : sql`select * from (${union}) t order by value ${direction(query)}, id ${direction(query)} limit ${limit}`
}

/** Whether a walk meets so many rows, wanted or not. */
export async function holds<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  cursor: Cursor | undefined,
  rows: number,
): Promise<boolean> {
  const found = await sql`
    select 1 from (${ranges(table, query, cursor, rows)}) t offset ${rows - 1} limit 1`.execute(db)
  return found.rows.length > 0
}

/** The query in the order of one of its ranges. */
export const alongRange = <Sort extends string>(
  query: ListQuery<Sort>,
  range: Range<Sort>,
): ListQuery<Sort> => ({ ...query, sort: range.on, descending: false })

/** Every row of a range, filtered, then sorted as the list is. */
export async function readRange<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  range: Range<Sort>,
  cursor: Cursor | undefined,
  wanted: number,
) {
  const sort = table.sorts[query.sort]
  const along = alongRange(query, range)
  const found = await sql<Row>`
    select t.id, (${sort.value})::text as value
    from (${ranges(table, along, undefined, 'all')}) t
    where ${matching(table, query)} and ${allOf(query.where)} and ${within(table, otherRanges(along))} and ${beyond(table, query, cursor)}
    order by ${sort.value} ${direction(query)}, t.id ${direction(query)} limit ${wanted}`.execute(db)
  return found.rows
}

/** How many rows a walk from end to end would meet: by the planner, from the statistics that autovacuum keeps. */
export async function estimateRows<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
): Promise<number> {
  const met = conditions(table, { ...query, where: [], ranges: ownRanges(query) })
  const plan = await sql<{ 'QUERY PLAN': { Plan: { 'Plan Rows': number } }[] }>`
    explain (format json) select 1 from ${sql.table(table.name)} t where ${met}`.execute(db)
  return plan.rows[0]?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0
}
