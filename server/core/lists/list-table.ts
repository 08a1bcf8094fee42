import { type RawBuilder, sql } from 'kysely'
import { hasBuyerKey } from '../../lib/people.ts'
import type { Kind } from './list-kinds.ts'
import type { Near } from './list-near.ts'

/**
 * The table of a list. Its rows are divided into groups, filtered by facets, sorted by an index, and read by keyset pages. Every condition
 * names the table `t`. Other tables are joined after a page is cut. Each sort has an index on (group, sort expression, id); `facets` has an
 * index of its own.
 */
export type ListTable<Sort extends string> = {
  name: string
  group: { column: string; facet?: (group: string) => number }
  /**
   * Returns the facet that the rows of a shop have. Undefined: they have none, and a filter by shop needs a `column`.
   */
  shopFacet?: ((shop: string) => number) | undefined
  /** Times of a row that are near each other. */
  near?: Near<Sort>
  /** The columns of an index on (group, these columns), for facets of which a row has exactly one of a kind. */
  kinds?: readonly Kind[]
  /** Name of a table (key, id) in which buyer keys are searched. Undefined: they are searched in the column `people`. */
  buyerTable?: string
  /**
   * The condition of rows that are not archived, and the index of the steady time that has these rows only. Each sort has such an index and
   * one of the archived rows, and so has `facets`: queries with `live` then cost no more than if no row was archived, and others read both.
   * `groups`: those that have archived rows.
   */
  live?: { condition: RawBuilder<unknown>; index: string; groups: readonly string[] }
  sorts: Record<Sort, SortValue<Sort>>
}

export type SortCast = 'timestamptz' | 'int8' | 'text'
/** The value by which a list is sorted. */
type SortValue<Sort extends string> = {
  value: RawBuilder<unknown>
  cast: SortCast
  /** True: a row without the time has the value minus infinity; otherwise infinity. */
  lacksFirst?: boolean
  /**
   * Name of the time by which rows without this one are ordered. Undefined: by id. It is declared where so many rows lack the time that a
   * page among them must be found by another time.
   */
  lackingBy?: Sort
  /** The condition of the sort's index, if the index is partial. */
  only?: RawBuilder<unknown>
}

/** Returns the query with its shops converted into facets. */
export function placed<Sort extends string>(table: ListTable<Sort>, query: ListQuery<Sort>): ListQuery<Sort> {
  const { shops, ...rest } = query
  const { shopFacet } = table
  if (!shops || !shopFacet) return query
  return { ...rest, facets: [...rest.facets, shops.map(shopFacet)] }
}

export type ListQuery<Sort extends string> = {
  groups: readonly string[]
  /** Only these shops. Undefined: all. */
  shops?: readonly string[] | undefined
  /** How the shops were asked for, if others may be among them at the next page: those of a platform. Its cursor goes on then. */
  shopsBy?: string
  /** A row must match every entry, by one of its alternatives: [[shop 1, shop 2], [flag red]] is (1 or 2) and red. */
  facets: readonly (readonly number[])[]
  /** Facets and buyer keys of the text in the search box. A row must have one of them. */
  search?: Search
  /** Ranges of the values of sorts. A row without the value does not match. */
  ranges?: readonly Range<Sort>[]
  /** A condition for which each sort has a partial index. */
  only?: RawBuilder<unknown>
  /** True: without archived rows. It has an effect where the table declares `live`. */
  live?: boolean
  where: readonly RawBuilder<unknown>[]
  /** True if a condition has an index of its own and leaves few rows, so that no index of a sort is needed. */
  few?: boolean
  sort: Sort
  descending: boolean
}

/** Facets (of goods) and buyer keys to search for. A row has them in two columns. */
export type Search = { facets: readonly number[]; buyerKeys: readonly number[] }

/** A range of the sort `on`. `from` is included, `to` is excluded; both are ISO 8601 times. `lacks`: instead the rows without the time. */
export type Range<Sort extends string> = {
  on: Sort
  from?: string | undefined
  to?: string | undefined
  lacks?: true
}

/** `lacks`: the row lacks the time of the sort, and `value` is that of `lackingBy`. */
export type Cursor = { value: string; id: string; lacks?: boolean }

/** `place`: the sort's value as a number, by which rows of several queries are merged. */
export type Row = Cursor & { place?: number }

/** `capped`: there are more than `count`. */
export type CappedCount = { count: number; capped: boolean }

/** Counting stops here: "10,000+". */
export const countCap = 10_000

/** Returns the count for the page. A count above `most` is capped. */
export const capped = (count: number, most = countCap): CappedCount => ({
  count: Math.min(count, most),
  capped: count > most,
})

export function sumOf(counts: readonly CappedCount[]): CappedCount {
  const sum = capped(counts.reduce((total, one) => total + one.count, 0))
  return { ...sum, capped: sum.capped || counts.some((one) => one.capped) }
}

/** True if the query has no conditions besides the groups and the range of its sort, so that the index of the sort is enough. */
export const isBare = (query: ListQuery<string>) =>
  query.facets.length === 0 && !query.search && query.where.length === 0 && otherRanges(query).length === 0

/** True if no row can match, because a list of alternatives is empty. That is so for a user without shops. */
export const isOfNone = (query: ListQuery<string>) => query.facets.some((one) => one.length === 0)

export const ownRanges = <Sort extends string>(query: ListQuery<Sort>) =>
  (query.ranges ?? []).filter((range) => range.on === query.sort)

export const otherRanges = <Sort extends string>(query: ListQuery<Sort>) =>
  (query.ranges ?? []).filter((range) => range.on !== query.sort)

export const direction = (query: ListQuery<string>) => (query.descending ? sql`desc` : sql`asc`)

/** Returns the condition for rows within the ranges. It uses the expressions of the sorts, so that their indexes can be used. */
export function within<Sort extends string>(
  table: ListTable<Sort>,
  ranges: readonly Range<Sort>[],
): RawBuilder<unknown> {
  return allOf(
    ranges.flatMap(({ on, from, to, lacks }) => {
      const { value, cast, lacksFirst } = table.sorts[on]
      const type = sql.raw(cast)
      if (lacks) return [sql`${value} = ${lacksFirst ? '-infinity' : 'infinity'}::${type}`]
      return [
        from === undefined ? sql`${value} > '-infinity'::${type}` : sql`${value} >= ${from}::${type}`,
        to === undefined ? sql`${value} < 'infinity'::${type}` : sql`${value} < ${to}::${type}`,
      ]
    }),
  )
}

/**
 * Returns the conditions for which each sort has a partial index, apart from that of the sort itself. No index has live and archived rows;
 * that both are wanted is written as a condition too, because PostgreSQL then joins the finds of two indexes.
 */
export const partsOf = (
  { live }: Pick<ListTable<string>, 'live'>,
  query: Pick<ListQuery<string>, 'only' | 'live'>,
): RawBuilder<unknown>[] => [
  ...(query.only ? [query.only] : []),
  ...(live ? [query.live ? live.condition : sql`(${live.condition} or not (${live.condition}))`] : []),
]

/**
 * Returns the conditions of each index that has rows of the query: one, or two where it wants archived rows too. `only`: conditions that each
 * has besides.
 */
export function indexParts(
  { live }: Pick<ListTable<string>, 'live'>,
  query: Pick<ListQuery<string>, 'live'>,
  only: readonly RawBuilder<unknown>[] = [],
): RawBuilder<unknown>[][] {
  if (!live) return [[...only]]
  const archived = query.live ? [] : [[...only, sql`not (${live.condition})`]]
  return [[...only, live.condition], ...archived]
}

/** Returns the conditions of the indexes of this sort, apart from the archive. */
export const onlyOf = <Sort extends string>(
  { sorts }: ListTable<Sort>,
  { only }: Pick<ListQuery<Sort>, 'only'>,
  sort: Sort,
): RawBuilder<unknown>[] => [sorts[sort].only, only].filter((one) => one !== undefined)

export const conditions = <Sort extends string>(
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
): RawBuilder<unknown> =>
  allOf([
    sql`t.${sql.ref(table.group.column)} = any(${[...query.groups]}::text[])`,
    ...partsOf(table, { live: query.live ?? false }),
    ...query.where,
    within(table, query.ranges ?? []),
  ])

/** Returns the condition for rows after the cursor, in the order of the list. */
export function beyond<Sort extends string>(
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  cursor: Cursor | undefined,
): RawBuilder<unknown> {
  const { value, cast } = table.sorts[query.sort]
  return cursor
    ? sql`(${value}, t.id) ${query.descending ? sql`<` : sql`>`} (${cursor.value}::${sql.raw(cast)}, ${cursor.id}::bigint)`
    : sql`true`
}

/**
 * Returns the condition of facets and search in the form that indexes can answer. The values are hidden from the planner, which would
 * expect half of the table for many keys.
 */
export function looked(
  { buyerTable }: Pick<ListTable<string>, 'buyerTable'>,
  { facets, search }: Pick<ListQuery<string>, 'facets' | 'search'>,
): RawBuilder<unknown> {
  return asked(
    { facets, ...(search ? { search } : {}) },
    (values) => sql`array(select unnest(${values}))`,
    buyerTable,
  )
}

function asked(
  { facets, search }: Pick<ListQuery<string>, 'facets' | 'search'>,
  list: (values: RawBuilder<unknown>) => RawBuilder<unknown>,
  buyerTable?: string,
): RawBuilder<unknown> {
  const buyers = (keys: readonly number[]) =>
    buyerTable === undefined
      ? sql`t.people && ${list(sql`${[...keys]}::bigint[]`)}`
      : hasBuyerKey(sql`t.id`, buyerTable, keys)
  const certain = facets.filter((one) => one.length === 1).flat()
  const choices = facets.filter((one) => one.length !== 1)
  const anyOf = (one: Search) =>
    either(
      one.facets.length > 0 && sql`t.facets && ${list(sql`${[...one.facets]}::int[]`)}`,
      one.buyerKeys.length > 0 && buyers(one.buyerKeys),
    )
  return allOf([
    ...(certain.length > 0 ? [sql`t.facets @> ${list(sql`${certain}::int[]`)}`] : []),
    ...choices.map((one) => anyOf({ facets: one, buyerKeys: [] })),
    ...(search ? [anyOf(search)] : []),
  ])
}

/**
 * Returns the condition of facets and search in the form that is fast for rows that were read already. Many alternatives, and the search, are
 * written so that PostgreSQL uses no index for them.
 */
export function matching({
  facets,
  search,
}: Pick<ListQuery<string>, 'facets' | 'search'>): RawBuilder<unknown> {
  const choices = facets.map((one) => ({ facets: one, buyerKeys: [] }))
  const native = choices.filter((one) => !isHashed(one)).map((one) => one.facets)
  return allOf([
    asked({ facets: native }, (values) => values),
    ...[...choices.filter(isHashed), ...(search ? [search] : [])].map(compared),
  ])
}

/**
 * True if the alternatives of a condition are searched in a hash table. Without one PostgreSQL compares two arrays element by element,
 * which is slower for more than eight alternatives.
 */
export const isHashed = ({ facets, buyerKeys }: Search) => facets.length > 8 || buyerKeys.length > 0

/** Returns the condition for one of these facets or buyer keys. `is true` and the sub-selects keep the planner from using an index. */
function compared({ facets, buyerKeys }: Search): RawBuilder<unknown> {
  return either(
    facets.length > 0 &&
      (isHashed({ facets, buyerKeys: [] })
        ? sql`exists (select from unnest(t.facets) f where f = any(${[...facets]}::int[]))`
        : sql`(t.facets && ${[...facets]}::int[]) is true`),
    buyerKeys.length > 0 &&
      sql`exists (select from unnest(t.people) f where f = any(${[...buyerKeys]}::bigint[]))`,
  )
}

function either(...conditions: readonly (RawBuilder<unknown> | false)[]): RawBuilder<unknown> {
  const asked = conditions.filter((one) => one !== false)
  return asked.length === 0 ? sql`false` : sql`(${sql.join(asked, sql` or `)})`
}

export function allOf(conditions: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  return conditions.length === 0 ? sql`true` : sql.join([...conditions], sql` and `)
}
