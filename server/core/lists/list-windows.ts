import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../db/db.ts'
import {
  allOf,
  beyond,
  type Cursor,
  direction,
  isCoveredByBits,
  type ListQuery,
  type ListTable,
  matching,
  otherRanges,
  type Row,
  within,
} from './list-table.ts'
import type { IndexRange } from './list-weeks.ts'

/** Whether an index of a sort tells all that the query asks. */
export const isCovered = (table: ListTable<string>, query: ListQuery<string>) =>
  table.covered !== undefined && isCoveredByBits(table, query)

/** Every match of the windows, in the order of another sort. */
export async function readIndexRanges<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  along: ListQuery<Sort>,
  windows: readonly IndexRange[],
  query: ListQuery<Sort>,
  cursor: Cursor | undefined,
  wanted: number,
): Promise<Row[]> {
  if (windows.length === 0) return []
  const { value } = table.sorts[query.sort]
  const found = await sql<Row>`
    select h.id, h.value::text as value from ${opened(windows)} cross join ${lanes()} cross join lateral (
      select t.id, ${value} as value from ${rows(table, along)} t
      where ${filter(table, along)} and ${beyond(table, query, cursor)}
    ) h order by h.value ${direction(query)}, h.id ${direction(query)} limit ${wanted}`.execute(db)
  return found.rows
}

/** The first matches in windows that follow each other in the order of the sort; no window is opened once there are enough. */
export async function walkIndexRanges<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  windows: readonly IndexRange[],
  wanted: number,
): Promise<Row[]> {
  if (windows.length === 0) return []
  const order = sql`order by value ${direction(query)}, id ${direction(query)}`
  const found = await sql<Row>`
    select h.id, h.value::text as value from ${opened(windows)} cross join lateral (
      select l.id, l.value from ${lanes()} cross join lateral (
        select t.id, t.value from ${rows(table, query, order)} t where ${filter(table, query)} ${order} limit ${wanted}
      ) l ${order} limit ${wanted}
    ) h limit ${wanted}`.execute(db)
  return found.rows
}

/** How many rows of the windows match; counting stops at `most`. */
export async function countIndexRanges<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  windows: readonly IndexRange[],
  most: number,
): Promise<number> {
  if (windows.length === 0) return 0
  const found = await sql<{ count: number }>`
    select count(*)::int as count from (
      select 1 from ${opened(windows)} cross join ${lanes()} cross join lateral (
        select 1 from ${rows(table, query)} t where ${filter(table, query)}
      ) r limit ${most}
    ) t`.execute(db)
  return found.rows[0]?.count ?? 0
}

export type Sample = { walked: number; matches: number }

/** How many rows the windows hold, and how many of them match; of many that lie at one moment in a lane, `most` are read. */
export async function sampleIndexRanges<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  windows: readonly IndexRange[],
  most: number,
): Promise<Sample> {
  if (windows.length === 0) return { walked: 0, matches: 0 }
  const found = await sql<Sample>`
    select coalesce(sum(r.walked), 0)::int as walked, coalesce(sum(r.matches), 0)::int as matches
    from ${opened(windows)} cross join ${lanes()} cross join lateral (
      select count(*) as walked, count(*) filter (where ${filter(table, query)}) as matches from ${rows(table, query, sql`limit ${most}`)} t
    ) r`.execute(db)
  return found.rows[0] ?? { walked: 0, matches: 0 }
}

/** The windows `w`, in their order. */
function opened(windows: readonly IndexRange[]): RawBuilder<unknown> {
  const column = (of: (window: IndexRange) => string | number) => windows.map(of)
  return sql`unnest(${column(({ since }) => since.value)}::timestamptz[], ${column(({ since }) => since.id)}::bigint[],
    ${column(({ until }) => until.value)}::timestamptz[], ${column(({ until }) => until.id)}::bigint[],
    ${column((window) => `{${window.lanes.map(({ group }) => group).join()}}`)}::text[],
    ${column((window) => `{${window.lanes.map(({ lane }) => lane).join()}}`)}::text[]) w (since, since_id, until, until_id, groups, lanes)`
}

const lanes = () => sql`unnest(w.groups::text[], w.lanes::smallint[]) p (place, lane)`

/**
 * The rows of the window `w` in the lane `p`, all that the filter reads in the index where that is possible. Fenced, so
 * that no condition of the filter tempts the planner into another index. Bounds by value alone would be entered at in
 * place of those by value and id.
 */
function rows<Sort extends string>(
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  cut: RawBuilder<unknown> = sql``,
): RawBuilder<unknown> {
  const { value } = table.sorts[query.sort]
  const columns =
    isCovered(table, query) && table.covered
      ? sql.join(['id', ...table.covered].map((column) => sql`t.${sql.ref(column)}`))
      : sql`t.*`
  return sql`(select ${columns}, ${value} as value from ${sql.table(table.name)} t
    where t.${sql.ref(table.group.column)} = p.place and t.${sql.ref(table.lane ?? '')} = p.lane
      and (${value}, t.id) >= (w.since, w.since_id) and (${value}, t.id) < (w.until, w.until_id) ${cut} offset 0)`
}

const filter = <Sort extends string>(table: ListTable<Sort>, query: ListQuery<Sort>) =>
  allOf([matching(table, query), ...query.where, within(table, otherRanges(query))])
