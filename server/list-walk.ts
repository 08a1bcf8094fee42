import { type RawBuilder, sql } from 'kysely'
import type { Database } from './db.ts'
import {
  allOf,
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

/** One ordered range of the index for each group and lane, merged in order, cut after `walkMax`, then filtered. */
export async function walk<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  cursor: Cursor | undefined,
  wanted: number,
  max: number | null,
) {
  const found = await sql<Row>`
    select t.id, t.value::text as value from (${await ranges(db, table, query, cursor, isBare(query) ? wanted : max)}) t
    where ${matching(query)} and ${allOf(query.where)} and ${within(table, otherRanges(query))}
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
      (count(*) filter (where ${matching(query)} and ${allOf(query.where)} and ${within(table, otherRanges(query))}))::int as matches
    from (${await ranges(db, table, query, undefined, max)}) t`.execute(db)
  return found.rows[0] ?? { walked: 0, matches: 0 }
}

async function ranges<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  cursor: Cursor | undefined,
  limit: number | null | 'all',
): Promise<RawBuilder<unknown>> {
  const sort = table.sorts[query.sort]
  const order = sql`order by ${sort.value} ${direction(query)}, t.id ${direction(query)}`
  // Rows that are all read need no order.
  const cut = limit === 'all' ? sql`` : sql`${order} limit ${limit}`
  const after = cursor
    ? sql`and (${sort.value}, t.id) ${query.descending ? sql`<` : sql`>`} (${cursor.value}::${sql.raw(sort.cast)}, ${cursor.id}::bigint)`
    : sql``
  // A search reads the buyer's keys, which no index of a sort holds.
  const columns =
    table.covered && !query.search && !query.readsRows
      ? sql.join(['id', ...table.covered].map((column) => sql`t.${sql.ref(column)}`))
      : sql`t.*`
  const one = (condition: RawBuilder<unknown>) =>
    sql`(select ${columns}, ${sort.value} as value from ${sql.table(table.name)} t
      where ${condition} and ${within(table, ownRanges(query))} ${after} ${cut})`
  const all = (await lanesOf(db, table, query)).map((place) => one(inLane(table, place)))
  if (all.length === 0) return one(sql`false`)
  if (all.length === 1) return sql`${all[0]}`
  const union = sql.join(all, sql` union all `)
  return limit === 'all'
    ? union
    : sql`select * from (${union}) t order by value ${direction(query)}, id ${direction(query)} limit ${limit}`
}

type Place = { group: string; lane: number | null }

function inLane(table: ListTable<string>, { group, lane }: Place): RawBuilder<unknown> {
  const inGroup = sql`t.${sql.ref(table.group.column)} = ${group}`
  return table.lane === undefined || lane === null
    ? inGroup
    : sql`${inGroup} and t.${sql.ref(table.lane)} = ${lane}`
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
    select 1 from (${await ranges(db, table, query, cursor, rows)}) t offset ${rows - 1} limit 1`.execute(db)
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
  const after = cursor
    ? sql`(${sort.value}, t.id) ${query.descending ? sql`<` : sql`>`} (${cursor.value}::${sql.raw(sort.cast)}, ${cursor.id}::bigint)`
    : sql`true`
  const found = await sql<Row>`
    select t.id, (${sort.value})::text as value
    from (${await ranges(db, table, along, undefined, 'all')}) t
    where ${matching(query)} and ${allOf(query.where)} and ${within(table, otherRanges(along))} and ${after}
    order by ${sort.value} ${direction(query)}, t.id ${direction(query)} limit ${wanted}`.execute(db)
  return found.rows
}

/** The lanes that exist, found by skipping along the index: one probe for each. */
async function lanesOf(db: Database, table: ListTable<string>, query: ListQuery<string>): Promise<Place[]> {
  if (table.lane === undefined) return query.groups.map((group) => ({ group, lane: null }))
  const { lanes } = query
  // Of many possible lanes few exist; to ask for each would cost more than to find those.
  if (lanes && lanes.length <= 4)
    return query.groups.flatMap((group) => lanes.map((lane) => ({ group, lane })))
  const column = sql`t.${sql.ref(table.lane)}`
  const group = sql`t.${sql.ref(table.group.column)}`
  const first = (after: RawBuilder<unknown>) =>
    sql`(select ${column} from ${sql.table(table.name)} t where ${group} = g.name and ${after} order by ${column} limit 1)`
  const found = await sql<{ group: string; lane: number }>`
    select g.name as "group", l.lane from unnest(${[...query.groups]}::text[]) g (name)
    cross join lateral (
      with recursive skip (lane) as (
        select ${first(sql`true`)}
        union all
        select ${first(sql`${column} > skip.lane`)} from skip where skip.lane is not null
      )
      select lane from skip where lane is not null
    ) l`.execute(db)
  return lanes ? found.rows.filter(({ lane }) => lanes.includes(lane)) : found.rows
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
