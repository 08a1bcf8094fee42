import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../db/db.ts'
import {
  allOf,
  beyond,
  type Cursor,
  conditions,
  direction,
  indexParts,
  type ListQuery,
  type ListTable,
  looked,
  matching,
  onlyOf,
  otherRanges,
  partsOf,
  type Range,
  type Row,
  within,
} from './list-table.ts'

// The SQL statements that read the rows of a list. `offset 0` in a sub-select keeps the planner from using another index.

type Asked<Sort extends string> = { db: Database; table: ListTable<Sort>; query: ListQuery<Sort> }
/** Which rows to read: at most `wanted` rows after the cursor; cursor undefined: the first rows. */
export type Page = { cursor: Cursor | undefined; wanted: number }

/** Orders the rows of a relation. Its name is needed, because a bare `value` would mean the text of the value in the output. */
const inOrder = (query: ListQuery<string>, from: 't' | 'h') =>
  sql`order by ${sql.ref(`${from}.value`)} ${direction(query)}, ${sql.ref(`${from}.id`)} ${direction(query)}`
const ofGroup = (table: ListTable<string>, group: RawBuilder<unknown>) =>
  sql`t.${sql.ref(table.group.column)} = ${group}`
/** Returns the conditions of the query without its tab and without ranges of the column by which it is sorted. */
const filter = <Sort extends string>(table: ListTable<Sort>, query: ListQuery<Sort>) =>
  allOf([matching(query), ...query.where, within(table, otherRanges(query))])

/** What one index has in the order of the sort: the rows of a group that meet these conditions. */
type Stretch = { group: string; parts: readonly RawBuilder<unknown>[] }

/** Returns the first rows of a stretch, within these ranges, as a relation. */
const alongSort =
  <Sort extends string>(
    { table, query }: Asked<Sort>,
    ranges: readonly Range<Sort>[],
    cursor: Cursor | undefined,
    limit: RawBuilder<unknown>,
  ) =>
  ({ group, parts }: Stretch): RawBuilder<unknown> => {
    const { value } = table.sorts[query.sort]
    return sql`(select t.*, ${value} as value from ${sql.table(table.name)} t
      where ${ofGroup(table, sql`${group}`)} and ${allOf(parts)}
        and ${within(table, ranges)} and ${beyond(table, query, cursor)}
      order by ${value} ${direction(query)}, t.id ${direction(query)} ${limit})`
  }

/** Joins the rows of the stretches. If each is in order, PostgreSQL merges them while reading. */
function merged<Sort extends string>(
  { table, query }: Pick<Asked<Sort>, 'table' | 'query'>,
  rows: (stretch: Stretch) => RawBuilder<unknown>,
): RawBuilder<unknown> {
  const stretches = query.groups.flatMap((group) =>
    indexParts(table, query, onlyOf(table, query, query.sort)).map((parts) => ({ group, parts })),
  )
  return sql`(${sql.join(stretches.map(rows), sql` union all `)})`
}
const groups = (query: ListQuery<string>) => sql`unnest(${[...query.groups]}::text[]) g (name)`

/** Returns the first matching rows among the next `most` rows; null: among all rows, until there are enough. */
export async function walk<Sort extends string>(
  asked: Asked<Sort>,
  ranges: readonly Range<Sort>[],
  { cursor, wanted }: Page,
  most: number | null,
): Promise<Row[]> {
  const { db, table, query } = asked
  const order = inOrder(query, 't')
  const met = filter(table, query)
  const limit = most === null ? sql`offset 0` : sql`limit ${most}`
  const along = alongSort(asked, ranges, cursor, limit)
  const rows =
    most === null
      ? merged(
          asked,
          (stretch) =>
            sql`(select t.id, t.value from ${along(stretch)} t where ${met} ${order} limit ${wanted})`,
        )
      : sql`(select t.id, t.value from (select t.* from ${merged(asked, along)} t ${order} ${limit}) t where ${met})`
  const found = await sql<Row>`
    select id, value::text as value, ${placeOf(table, query)} as place from ${rows} h ${inOrder(query, 'h')} limit ${wanted}`.execute(
    db,
  )
  return found.rows
}

/** True if at least `rows` rows follow the cursor along the index of the sort, matching or not. */
export async function holds<Sort extends string>(
  asked: Asked<Sort>,
  ranges: readonly Range<Sort>[],
  cursor: Cursor | undefined,
  rows: number,
): Promise<boolean> {
  const along = alongSort(asked, ranges, cursor, sql`limit ${rows}`)
  const found = await sql`
    select 1 from ${merged(asked, along)} t offset ${rows - 1} limit 1`.execute(asked.db)
  return found.rows.length > 0
}

/** What an index searches for: facets, or the rows of a relation `t`. Null: the query's own conditions have an index. */
type Searched =
  | { asked: Pick<ListQuery<string>, 'facets' | 'search'> }
  | { kinds: RawBuilder<unknown> }
  | null

/** Returns the first of the rows that an index finds. */
export async function lookUp<Sort extends string>(
  { db, table, query }: Asked<Sort>,
  chosen: Searched,
  { cursor, wanted }: Page,
  ranges: readonly Range<Sort>[] = [],
): Promise<Row[]> {
  const { value } = table.sorts[query.sort]
  const found = await sql<Row>`
    with hit as (
      select t.id, ${value} as value from ${lookedUp(table, query, chosen)} and ${within(table, ranges)} and ${beyond(table, query, cursor)} offset 0
    )
    select id, value::text as value, ${placeOf(table, query)} as place from hit h ${inOrder(query, 'h')} limit ${wanted}`.execute(
    db,
  )
  return found.rows
}

/**
 * Returns the relation `t` of the rows that an index finds and that match the query. The facets that were looked up are not compared
 * again, because that takes longer than reading the row.
 */
export function lookedUp<Sort extends string>(
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  chosen: Searched,
): RawBuilder<unknown> {
  const all = sql.table(table.name)
  const met = conditions(table, query)
  if (chosen === null) return sql`${all} t where ${matching(query)} and ${met}`
  if ('kinds' in chosen) return sql`${chosen.kinds} t where ${matching(query)} and ${met}`
  const { asked } = chosen
  const facets = query.facets.filter((one) => !asked.facets.includes(one))
  const rest = matching({ facets, ...(query.search && !asked.search ? { search: query.search } : {}) })
  const found = indexParts(table, query).map(
    (parts) => sql`(select * from ${all} t where ${allOf([looked(table, asked), ...parts])} offset 0)`,
  )
  return sql`(select * from (${sql.join(found, sql` union all `)}) t) t where ${rest} and ${met}`
}

/**
 * The rows to read from a partial index: those that match `only` and whose time is in `ranges`. All of them are read, or the `first` of
 * each group, in the direction of the query, because rows that wait or have a rare facet are mostly recent.
 */
export type Aside<Sort extends string> = {
  only: RawBuilder<unknown>
  ranges: readonly Range<Sort>[]
  first?: { rows: number; by: Sort } | undefined
}

/** Returns the first rows of a query that reads a partial index instead of the index of the sort. */
export async function readAside<Sort extends string>(
  { db, table, query }: Asked<Sort>,
  aside: Aside<Sort>,
  { cursor, wanted }: Page,
  besides: RawBuilder<unknown> = sql`true`,
): Promise<Row[]> {
  const { value } = table.sorts[query.sort]
  const found = await sql<Row>`
    with hit as (
      select t.id, ${value} as value from ${asideRows(table, query, aside)} and ${besides} and ${beyond(table, query, cursor)} offset 0
    )
    select id, value::text as value, ${placeOf(table, query)} as place from hit h ${inOrder(query, 'h')} limit ${wanted}`.execute(
    db,
  )
  return found.rows
}

/** Returns the relation `t` of the rows that match the query and are in the partial index of `only`. */
export function asideRows<Sort extends string>(
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  { only, ranges, first }: Aside<Sort>,
): RawBuilder<unknown> {
  // A partial index of few rows is read as it is: with the condition of live rows PostgreSQL may prefer an index of all of these.
  const { far, lacking = {} } = table.near ?? {}
  const isPartial =
    query.only !== undefined ||
    ranges.some(({ on }) => table.sorts[on].only !== undefined) ||
    [far, ...Object.values(lacking)].includes(only)
  const parts = isPartial
    ? [[]]
    : first
      ? indexParts(table, query, onlyOf(table, query, first.by))
      : [partsOf(table, { live: query.live ?? false })]
  const all = sql.table(table.name)
  // With the time as a column PostgreSQL sees that the rows are in order already, and reads no more of them than the caller takes.
  const source = first ? sql`(select t.*, ${table.sorts[first.by].value} as value from ${all} t)` : all
  const order = first
    ? sql`order by t.value ${direction(query)}, t.id ${direction(query)} limit ${first.rows}`
    : sql`offset 0`
  const rows = parts.map(
    (part) => sql`(select t.* from ${source} t
      where ${ofGroup(table, sql`g.name`)} and ${allOf([only, ...part])} and ${within(table, ranges)} ${order})`,
  )
  return sql`${groups(query)} cross join lateral (select * from (${sql.join(rows, sql` union all `)}) t ${first ? order : sql``}) t
    where ${allOf([...partsOf(table, query), matching(query), ...query.where])} and ${within(table, query.ranges ?? [])}`
}

/** Counts the rows, at most `most` + 1. */
export async function countOf(db: Database, rows: RawBuilder<unknown>, most: number): Promise<number> {
  const found = await sql<{ count: number }>`
    select count(*)::int as count from (select from ${rows} limit ${most + 1}) t`.execute(db)
  return found.rows[0]?.count ?? 0
}

/** Returns the sort's value as a number, by which rows of several queries are merged. No list that merges rows sorts by a text. */
function placeOf<Sort extends string>(table: ListTable<Sort>, query: ListQuery<Sort>): RawBuilder<unknown> {
  const { cast } = table.sorts[query.sort]
  return cast === 'timestamptz' ? sql`round(extract(epoch from value) * 1000000)::float8` : sql`null::float8`
}
