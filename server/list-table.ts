import { type RawBuilder, sql } from 'kysely'

/**
 * Any list of the product: rows of one table, in groups (tabs), filtered by facets, in the order of an index, a page at a
 * time by keyset. The table is `t` in every condition. Nothing joins before its limit.
 *
 * Each sort has an index on (group, lane, sort expression, id). Rows of one lane age alike: a lane is the small set of
 * facts that changes with a row's age, such as its status, so that within a lane a filter's matches lie evenly along
 * the sort, and a short walk finds them or proves them rare.
 */
export type ListTable<Sort extends string> = {
  name: string
  group: { column: string; facet?: (group: string) => number }
  /** What the rows of one shop, in one group if that is told along, have in common. */
  shopFacet: (shop: string, group: string) => number
  /** smallint column; absent when the group says it all. */
  lane?: string
  /**
   * What conditions read, as far as every sort's index holds it: then a walk reads the index alone and not the rows.
   * Absent: conditions may read any column.
   */
  covered?: readonly string[]
  sorts: Record<Sort, { value: RawBuilder<unknown>; cast: 'timestamptz' | 'int8' | 'text' }>
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
  /** Only these lanes; undefined: all that exist. */
  lanes?: readonly number[]
  /** The same said in facets, for when those are looked up. */
  laneFacets?: readonly (readonly number[])[]
  /** Each entry's alternatives: [[shop 1, shop 2], [flag red]] is (1 or 2) and red. */
  facets: readonly (readonly number[])[]
  /** What a person typed: a row that has any of it. */
  search?: Search
  /** Between which times a sort's value must lie; rows without the value are never meant. */
  ranges?: readonly Range<Sort>[]
  /** Further conditions. */
  where: readonly RawBuilder<unknown>[]
  /** Further conditions read more than what the sorts' indexes cover. */
  readsRows?: boolean
  /** A condition has an index of its own and leaves few rows: nothing needs to be walked. */
  few?: boolean
  sort: Sort
  descending: boolean
}

/** Goods stand among a row's facets, its buyer in `people`. */
export type Search = { facets: readonly number[]; people: readonly number[] }

/** From inclusive, to exclusive, as ISO 8601. */
export type Range<Sort extends string> = { on: Sort; from?: string | undefined; to?: string | undefined }

export type Row = { id: string; value: string }

export type Cursor = { value: string; id: string }

/** Nothing is left to filter once the index has been entered at the right places. */
export const isBare = (query: ListQuery<string>) =>
  query.facets.length === 0 && !query.search && query.where.length === 0 && otherRanges(query).length === 0

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

export function conditions<Sort extends string>(
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
): RawBuilder<unknown> {
  const all = [
    sql`t.${sql.ref(table.group.column)} = any(${[...query.groups]}::text[])`,
    ...query.where,
    within(table, query.ranges ?? []),
  ]
  if (table.lane !== undefined && query.lanes)
    all.push(sql`t.${sql.ref(table.lane)} = any(${[...query.lanes]}::smallint[])`)
  return allOf(all)
}

/** What the facets and the search ask, as their indexes answer it. */
export function looked({
  facets,
  search,
}: Pick<ListQuery<string>, 'facets' | 'search'>): RawBuilder<unknown> {
  const certain = facets.filter((one) => one.length === 1).flat()
  const choices = facets.filter((one) => one.length !== 1)
  return allOf([
    ...(certain.length > 0 ? [sql`t.facets @> ${certain}::int[]`] : []),
    ...choices.map((one) => anyOf({ facets: one, people: [] })),
    ...(search ? [anyOf(search)] : []),
  ])
}

/** The same, as it is told of rows in hand. */
export function matching({
  facets,
  search,
}: Pick<ListQuery<string>, 'facets' | 'search'>): RawBuilder<unknown> {
  const few = facets.filter((one) => one.length <= hashedFrom)
  const many = facets.filter((one) => one.length > hashedFrom).map((one) => ({ facets: one, people: [] }))
  return allOf([looked({ facets: few }), ...[...many, ...(search ? [search] : [])].map(compared)])
}

/** Two arrays are compared each element with each; so of many alternatives a table is made, and the row's looked up in it. */
const hashedFrom = 8

/** No index is asked, since none answers a sub-select. */
export function compared({ facets, people }: Search): RawBuilder<unknown> {
  return either(
    facets.length > 0 && sql`exists (select from unnest(t.facets) f where f = any(${[...facets]}::int[]))`,
    people.length > 0 && sql`exists (select from unnest(t.people) f where f = any(${[...people]}::bigint[]))`,
  )
}

function anyOf({ facets, people }: Search): RawBuilder<unknown> {
  return either(
    facets.length > 0 && sql`t.facets && ${[...facets]}::int[]`,
    people.length > 0 && sql`t.people && ${[...people]}::bigint[]`,
  )
}

function either(...conditions: readonly (RawBuilder<unknown> | false)[]): RawBuilder<unknown> {
  const asked = conditions.filter((one) => one !== false)
  return asked.length === 0 ? sql`false` : sql`(${sql.join(asked, sql` or `)})`
}

export function allOf(conditions: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  return conditions.length === 0 ? sql`true` : sql.join([...conditions], sql` and `)
}
