import { type RawBuilder, sql } from 'kysely'
import { hasBuyerKey } from '../../lib/people.ts'
import type { Near } from './list-near.ts'

/**
 * Any list of the product: rows of one table, in groups (tabs), filtered by facets, in the order of an index, a page at a
 * time by keyset. The table is `t` in every condition. Nothing joins before its limit.
 *
 * Each sort has an index on (group, sort expression, id), and `facets` has one of its own.
 */
export type ListTable<Sort extends string> = {
  name: string
  group: { column: string; facet?: (group: string) => number }
  /** What the rows of one shop, in one group if that is told along, have in common. */
  shopFacet: (shop: string, group: string) => number
  /** Several times of a row that are near each other. */
  near?: Near<Sort>
  /** The table of its buyers' keys (key, id), where they are looked up. Absent: they are looked up in `people`. */
  buyerTable?: string
  sorts: Record<Sort, SortValue>
}

/** `lacksFirst`: rows without the time have minus infinity. `only`: the index of this time holds only such rows. */
export type SortCast = 'timestamptz' | 'int8' | 'text'
type SortValue = {
  value: RawBuilder<unknown>
  cast: SortCast
  lacksFirst?: boolean
  only?: RawBuilder<unknown>
}

/** The query with its shops among its facets. */
export function placed<Sort extends string>(table: ListTable<Sort>, query: ListQuery<Sort>): ListQuery<Sort> {
  const { shops, groups, ...rest } = query
  if (!shops) return query
  const facets = new Set(groups.flatMap((group) => shops.map((shop) => table.shopFacet(shop, group))))
  return { ...rest, groups, facets: [...rest.facets, [...facets]] }
}

export type ListQuery<Sort extends string> = {
  groups: readonly string[]
  /** Only these shops; undefined: all. */
  shops?: readonly string[] | undefined
  /** Each entry's alternatives: [[shop 1, shop 2], [flag red]] is (1 or 2) and red. */
  facets: readonly (readonly number[])[]
  /** What a person typed: a row that has any of it. */
  search?: Search
  /** Between which times a sort's value must lie; rows without the value are never meant. */
  ranges?: readonly Range<Sort>[]
  /** A condition for which each sort has an index of its own, of only such rows. */
  only?: RawBuilder<unknown>
  /** Further conditions. */
  where: readonly RawBuilder<unknown>[]
  /** A condition has an index of its own and leaves few rows: nothing needs to be walked. */
  few?: boolean
  sort: Sort
  descending: boolean
}

/** Goods are among the facets of a row; the keys of its buyer have a column of their own. */
export type Search = { facets: readonly number[]; buyerKeys: readonly number[] }

/** From inclusive, to exclusive, as ISO 8601. */
export type Range<Sort extends string> = { on: Sort; from?: string | undefined; to?: string | undefined }

/** `place` is the value as a number, where rows of several look-ups are merged. */
export type Row = { id: string; value: string; place?: number }

export type Cursor = { value: string; id: string }

/** `capped`: there are more than `count`. */
export type CappedCount = { count: number; capped: boolean }

/** Counts stop here: "10,000+". */
export const countCap = 10_000

/** What was counted, by stopping above `most`. */
export const capped = (count: number, most = countCap): CappedCount => ({
  count: Math.min(count, most),
  capped: count > most,
})

export function sumOf(counts: readonly CappedCount[]): CappedCount {
  const sum = capped(counts.reduce((total, one) => total + one.count, 0))
  return { ...sum, capped: sum.capped || counts.some((one) => one.capped) }
}

/** Nothing is left to filter once the index has been entered at the right places. */
export const isBare = (query: ListQuery<string>) =>
  query.facets.length === 0 && !query.search && query.where.length === 0 && otherRanges(query).length === 0

/** The query allows none of a facet's values, so no row matches: a user without shops asks so. */
export const isOfNone = (query: ListQuery<string>) => query.facets.some((one) => one.length === 0)

export const ownRanges = <Sort extends string>(query: ListQuery<Sort>) =>
  (query.ranges ?? []).filter((range) => range.on === query.sort)

export const otherRanges = <Sort extends string>(query: ListQuery<Sort>) =>
  (query.ranges ?? []).filter((range) => range.on !== query.sort)

export const direction = (query: ListQuery<string>) => (query.descending ? sql`desc` : sql`asc`)

/** By the sorts' own expressions, so that their indexes are entered at the bounds. */
export function within<Sort extends string>(
  table: ListTable<Sort>,
  ranges: readonly Range<Sort>[],
): RawBuilder<unknown> {
  return allOf(
    ranges.flatMap(({ on, from, to }) => {
      const { value, cast } = table.sorts[on]
      const type = sql.raw(cast)
      return [
        from === undefined ? sql`${value} > '-infinity'::${type}` : sql`${value} >= ${from}::${type}`,
        to === undefined ? sql`${value} < 'infinity'::${type}` : sql`${value} < ${to}::${type}`,
      ]
    }),
  )
}

export const conditions = <Sort extends string>(
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
): RawBuilder<unknown> =>
  allOf([
    sql`t.${sql.ref(table.group.column)} = any(${[...query.groups]}::text[])`,
    ...query.where,
    within(table, query.ranges ?? []),
  ])

/** Behind the cursor, in the order of the list. */
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
 * What the facets and the search ask, as their indexes answer it. The planner shall not see the values: it takes many
 * keys for half of the table.
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

/** The same, as it is told of rows in hand. */
export function matching({
  facets,
  search,
}: Pick<ListQuery<string>, 'facets' | 'search'>): RawBuilder<unknown> {
  const many = facets.filter((one) => one.length > hashedFrom)
  return allOf([
    asked({ facets: facets.filter((one) => !many.includes(one)) }, (values) => values),
    ...[...many.map((one) => ({ facets: one, buyerKeys: [] })), ...(search ? [search] : [])].map(compared),
  ])
}

/** Two arrays are compared each element with each; so of many alternatives a table is made, and the row's looked up in it. */
const hashedFrom = 8

/** No index is asked, since none answers a sub-select. */
function compared({ facets, buyerKeys }: Search): RawBuilder<unknown> {
  return either(
    facets.length > 0 && sql`exists (select from unnest(t.facets) f where f = any(${[...facets]}::int[]))`,
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
