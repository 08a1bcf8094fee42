import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../db/db.ts'
import { statisticsOf } from './list-statistics.ts'
import {
  allOf,
  besidesGroup,
  beyond,
  type Cursor,
  compared,
  conditions,
  direction,
  type ListQuery,
  type ListTable,
  looked,
  matching,
  type Row,
  type Search,
} from './list-table.ts'
import { coarsely, type KeyWeek, keyWeeksOf, type Weeks } from './list-weeks.ts'

/** Microseconds for a row that the facets' index finds and the table tells. */
export const lookedUpCost = 4
/** And for one that the index only compares with what its other lists hold. */
export const comparedCost = 0.05

/** The part of all rows that has a facet, or a buyer's key, that the statistics do not know. */
const rareShare = { facets: 0.00002, buyerKeys: 0.0000001 }

/**
 * Conditions for the index. `rows`: about how many it finds, of so many in `total`, after it compared so many; `share`: the
 * part of all rows that has every facet of the query.
 */
export type Chosen = {
  rows: number
  total: number
  compares: number
  share: number
  asked: Pick<ListQuery<string>, 'facets' | 'search'>
}

/**
 * Which facets to look up, and about how many rows they leave: the rarest, and each further one that costs less than
 * the rows it spares. To intersect a rare facet with one that half of all rows have means reading that one whole.
 */
export async function chooseFacets<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
): Promise<Chosen> {
  const { facet } = table.group
  const { weeks } = table
  const groups = facet ? [query.groups.map((group) => facet(group))] : []
  const { total, shares } = await sharesOf(db, table, [
    ...[...groups, ...query.facets].map((facets) => ({ facets, buyerKeys: [] })),
    ...(query.search ? [query.search] : []),
  ])
  shares.sort((a, b) => a.share - b.share)
  let rows = total
  let compares = 0
  const asked: Search[] = []
  for (const { choice, share } of shares) {
    if (weeks && !choice.facets.every((one) => weeks.keyed(one))) continue
    const spared = rows * (1 - share) * lookedUpCost
    if (asked.length > 0 && spared < share * total * comparedCost) continue
    rows *= share
    compares += share * total
    asked.push(choice)
  }
  const search = asked.find((choice) => choice === query.search)
  const facets = asked.filter((choice) => choice !== search).map((choice) => choice.facets)
  return {
    rows: asked.length === 0 ? Number.POSITIVE_INFINITY : rows,
    total,
    compares,
    share: shares.reduce((product, { share }) => product * share, 1),
    asked: { facets, ...(search ? { search } : {}) },
  }
}

type Share = { choice: Search; share: number }

/** The part of all rows that has one of these, by the statistics of the columns. */
async function sharesOf(
  db: Database,
  table: Pick<ListTable<string>, 'name' | 'buyerTable'>,
  choices: readonly Search[],
): Promise<{ total: number; shares: Share[] }> {
  const known = await statisticsOf(db, table)
  const sum = (column: keyof Search, values: readonly number[]) =>
    values.reduce((share, one) => share + (known[column].get(one) ?? rareShare[column]), 0)
  const shares = choices.map((choice) => ({
    choice,
    share: Math.min(1, sum('facets', choice.facets) + sum('buyerKeys', choice.buyerKeys)),
  }))
  return { total: known.total, shares }
}

/** The first matches, of all that the index finds: for matches that are rare. `chosen` null: the query's own conditions have an index. */
export async function lookUp<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  chosen: Chosen | null,
  cursor: Cursor | undefined,
  wanted: number,
): Promise<Row[]> {
  if (!chosen || !table.weeks) return lookUpAtOnce(db, table, query, chosen?.asked ?? null, cursor, wanted)
  const { facets, search } = chosen.asked
  if (!search) return lookUpByWeek(db, table, table.weeks, query, facets, cursor, wanted)
  // Goods stand behind weeks and buyers do not, so they are two look-ups.
  const found = [
    ...(search.facets.length > 0
      ? await lookUpByWeek(db, table, table.weeks, query, [...facets, search.facets], cursor, wanted)
      : []),
    ...(search.buyerKeys.length > 0
      ? await lookUpAtOnce(
          db,
          table,
          query,
          { facets: [], search: { facets: [], buyerKeys: search.buyerKeys } },
          cursor,
          wanted,
        )
      : []),
  ]
  return sorted(query, [...new Map(found.map((row) => [row.id, row])).values()]).slice(0, wanted)
}

async function lookUpAtOnce<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  asked: Chosen['asked'] | null,
  cursor: Cursor | undefined,
  wanted: number,
): Promise<Row[]> {
  const { value } = table.sorts[query.sort]
  const page = await sql<Row>`
    with hit as materialized (
      select t.id, ${value} as value from ${foundAtOnce(table, query, asked)} and ${beyond(table, query, cursor)}
    )
    select id, value::text as value, ${place(table, query)} as place from hit
    order by hit.value ${direction(query)}, id ${direction(query)} limit ${wanted}`.execute(db)
  return page.rows
}

/**
 * The rows `t` that were looked up, with their conditions. With `asked` no other index may be taken: the planner knows
 * no correlation between facets, and takes a rare combination of common facts for a common one.
 */
function foundAtOnce<Sort extends string>(
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  asked: Chosen['asked'] | null,
): RawBuilder<unknown> {
  const all = sql.table(table.name)
  const told = sql`${matching(table, query)} and ${conditions(table, query)}`
  return asked === null
    ? sql`${all} t where ${told}`
    : sql`(select * from ${all} t where ${looked(table, asked)} offset 0) t where ${told}`
}

type Hit = Row & { coarse: number; n: number }

/**
 * Week after week of the keys, the nearest in the order of the sort first, until the page is full; then those weeks too
 * in which a row could come before one of the page. Nothing else is read.
 */
async function lookUpByWeek<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  weeks: Weeks<Sort>,
  query: ListQuery<Sort>,
  asked: readonly (readonly number[])[],
  cursor: Cursor | undefined,
  wanted: number,
): Promise<Row[]> {
  const all = await keyWeeksOf(db, weeks, query, cursor)
  const hits = await readWeeks(db, table, weeks, query, asked, cursor, wanted, all, wanted)
  if (hits.length < wanted) return sorted(query, hits)
  const inOrder = sorted(query, hits)
  const worst = inOrder.at(-1)
  const last = hits.at(-1)
  if (!worst || !last) return []
  // Of the week that filled the page the rest comes after all of it, if its own last row does.
  const isWhole = worst.id === last.id
  const rest = all
    .slice(isWhole ? last.n : last.n - 1)
    .filter(({ near }) => (query.descending ? near >= worst.coarse : near <= worst.coarse))
  const others = await readWeeks(db, table, weeks, query, asked, cursor, wanted, rest, null)
  const before = isWhole ? inOrder : hits.filter(({ n }) => n < last.n)
  return sorted(query, [...before, ...others]).slice(0, wanted)
}

/** The first matches of each week, `most` in all: the weeks after those that fill it are not opened. */
async function readWeeks<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  weeks: Weeks<Sort>,
  query: ListQuery<Sort>,
  asked: readonly (readonly number[])[],
  cursor: Cursor | undefined,
  wanted: number,
  some: readonly KeyWeek[],
  most: number | null,
): Promise<Hit[]> {
  if (some.length === 0) return []
  const { value } = table.sorts[query.sort]
  const found = await sql<Hit>`
    select h.id, h.value::text as value, ${place(table, query, sql`h.value`)} as place, ${coarsely(sql`list_week(h.value)`, sql`(h.id >> 16)`)} as coarse, b.n::int as n
    from unnest(${some.map(({ group, week }) => weeks.base(group, week))}::bigint[],
      ${some.map(({ timed }) => timed)}::boolean[]) with ordinality b (base, timed, n)
    cross join lateral (
      select t.id, ${value} as value from ${foundInWeek(table, query, asked)}
        and isfinite(${value}) = b.timed and ${beyond(table, query, cursor)}
      order by ${value} ${direction(query)}, t.id ${direction(query)} limit ${wanted}
    ) h
    limit ${most}`.execute(db)
  return found.rows
}

function foundInWeek<Sort extends string>(
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  asked: readonly (readonly number[])[],
): RawBuilder<unknown> {
  const keys = (facets: readonly number[]) =>
    sql`array(select b.base + f from unnest(${[...facets]}::bigint[]) f)`
  const certain = asked.filter((one) => one.length === 1).flat()
  const met = allOf([
    ...(certain.length > 0 ? [sql`t.keys @> ${keys(certain)}`] : []),
    ...asked.filter((one) => one.length !== 1).map((one) => sql`t.keys && ${keys(one)}`),
  ])
  // The keys tell the group and what was asked; to read columns again costs as much as to find the row.
  const rest = { ...query, facets: query.facets.filter((one) => !asked.includes(one)) }
  return sql`(select * from ${sql.table(table.name)} t where ${met} offset 0) t
    where ${matching(table, isSearched(query, asked) ? { facets: rest.facets } : rest)} and ${besidesGroup(table, query)}`
}

/** Goods were searched, and so a row need not be told again that it has some of them. */
const isSearched = (query: ListQuery<string>, asked: readonly (readonly number[])[]) =>
  query.search !== undefined && asked.includes(query.search.facets)

/** The sort's value as a number, for rows that are merged here: those of tables with weeks, which sort by no text. */
function place<Sort extends string>(
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  value: RawBuilder<unknown> = sql`value`,
): RawBuilder<unknown> {
  const { cast } = table.sorts[query.sort]
  if (cast === 'text') return sql`null::float8`
  return cast === 'timestamptz'
    ? sql`round(extract(epoch from ${value}) * 1000000)::float8`
    : sql`${value}::float8`
}

function sorted<One extends Row>(query: ListQuery<string>, rows: readonly One[]): One[] {
  const sign = query.descending ? -1 : 1
  return rows.toSorted(
    (a, b) => sign * (a.place === b.place ? Number(a.id) - Number(b.id) : (a.place ?? 0) - (b.place ?? 0)),
  )
}

/** `known`: what stands in front of the keys of all rows of the query, if that is known. */
export async function countLookedUp<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  chosen: Chosen | null,
  most: number,
  known?: readonly number[],
): Promise<number> {
  const { weeks } = table
  const count = async (rows: RawBuilder<unknown>) => {
    const counted = await sql<{ count: number }>`
      select count(*)::int as count from (${rows} limit ${most}) t`.execute(db)
    return counted.rows[0]?.count ?? 0
  }
  if (!chosen || !weeks) return count(sql`select 1 from ${foundAtOnce(table, query, chosen?.asked ?? null)}`)
  const { facets, search } = chosen.asked
  const bases = known ?? (await keyBasesOf(db, weeks, query))
  const byWeek = (asked: readonly (readonly number[])[], besides: RawBuilder<unknown>) =>
    count(sql`
      select 1 from unnest(${bases}::bigint[]) b (base)
      cross join lateral (select 1 from ${foundInWeek(table, query, asked)} and ${besides}) h`)
  if (!search) return byWeek(facets, sql`true`)
  const ofBuyer: Search = { facets: [], buyerKeys: search.buyerKeys }
  const buyers =
    search.buyerKeys.length > 0
      ? await count(sql`select 1 from ${foundAtOnce(table, query, { facets: [], search: ofBuyer })}`)
      : 0
  if (search.facets.length === 0 || buyers >= most) return buyers
  return buyers + (await byWeek([...facets, search.facets], sql`not ${compared(ofBuyer)}`))
}

async function keyBasesOf<Sort extends string>(
  db: Database,
  weeks: Weeks<Sort>,
  query: ListQuery<Sort>,
): Promise<number[]> {
  const some = await keyWeeksOf(db, weeks, query, undefined)
  return [...new Set(some.map(({ group, week }) => weeks.base(group, week)))]
}
