import { sql } from 'kysely'
import type { Database } from '../db/db.ts'
import { statisticsOf } from './list-statistics.ts'
import { conditions, type ListQuery, type ListTable, matching, ownRanges, type Search } from './list-table.ts'

// Costs in microseconds. They decide how a page or a count is read, and never which rows it has.

/** The cost of a row that is read along the index of a sort. It is higher if the row is also compared with the keys of a search. */
export const walkedCost = (query: ListQuery<string>) => (query.search ? 3 : 1.5)
/** The cost of a row that the facet index finds. */
const foundCost = 4
/** The cost of an entry of the facet index. It is higher for more than eight alternatives, because the index must merge that many lists. */
const entryCost = (choice: Search) => (choice.facets.length > 8 ? 0.36 : 0.06)

/** The assumed share of the table's rows that have a certain facet, or buyer key, if it is too rare to be in the statistics. */
const rareShare = { facets: 0.00002, buyerKeys: 0.0000001 }

/**
 * The facets to search for in the facet index. `rows`: about how many of the table's `total` rows it finds. `entries`: the cost of reading
 * the index.
 */
export type Chosen = {
  rows: number
  total: number
  entries: number
  /** `share`: the part of the rows of the groups and ranges that match the rest of the query. `matches`: about how many rows match the facets and the groups. */
  share: number
  matches: number
  asked: Asked
  /** A look-up of all the facets. It finds far fewer rows where facets exclude each other, which only the sample shows. */
  every: { asked: Asked; entries: number }
}

type Asked = Pick<ListQuery<string>, 'facets' | 'search'>
type Share = { choice: Search; share: number }

/** Chooses the rarest facet, and each further facet whose index entries cost less than reading the rows that it excludes. */
export async function chooseFacets<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
): Promise<Chosen> {
  const known = await statisticsOf(db, table)
  const sum = (column: keyof Search, values: readonly number[]) =>
    values.reduce((share, one) => share + (known[column].get(one) ?? rareShare[column]), 0)
  const shareOf = (choice: Search): Share => ({
    choice,
    share: Math.min(1, sum('facets', choice.facets) + sum('buyerKeys', choice.buyerKeys)),
  })
  const { facet } = table.group
  const shareOfFacets = (facets: readonly number[]) => shareOf({ facets, buyerKeys: [] })
  const groups = facet ? [shareOfFacets(query.groups.map(facet))] : []
  const filters = [...query.facets.map(shareOfFacets), ...(query.search ? [shareOf(query.search)] : [])]
  let rows = known.total
  let entries = 0
  let everyEntry = 0
  const asked: Search[] = []
  const rarest = [...groups, ...filters].sort((a, b) => a.share - b.share)
  for (const { choice, share } of rarest) {
    const reading = share * known.total * entryCost(choice)
    everyEntry += reading
    if (asked.length > 0 && rows * (1 - share) * foundCost < reading) continue
    rows *= share
    entries += reading
    asked.push(choice)
  }
  const of = (choices: readonly Search[]): Asked => ({
    facets: choices.filter((choice) => choice !== query.search).map(({ facets }) => facets),
    ...(query.search && choices.includes(query.search) ? { search: query.search } : {}),
  })
  const share = Math.max(
    1e-7,
    filters.reduce((product, one) => product * one.share, 1),
  )
  return {
    rows: asked.length === 0 ? Number.POSITIVE_INFINITY : rows,
    total: known.total,
    entries,
    share,
    matches: known.total * groups.reduce((product, one) => product * one.share, share),
    asked: of(asked),
    every: { asked: of(rarest.map(({ choice }) => choice)), entries: everyEntry },
  }
}

/** The cost of reading all rows that the facet index finds. */
export const lookUpCost = ({ rows, entries }: Chosen) => rows * foundCost + entries

/** The cost of reading rows of the facet index until `most` rows of the query are found. */
export const countCost = (chosen: Chosen, query: ListQuery<string>, most: number) =>
  chosen.entries +
  foundCost *
    ((query.ranges?.length ?? 0) > 0 ? chosen.rows : chosen.rows * Math.min(1, most / chosen.matches))

/** Returns the planner's estimate of the number of rows of the groups within the range of the sort. */
export async function estimateRows<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
): Promise<number> {
  const only = [table.sorts[query.sort].only, query.only].filter((one) => one !== undefined)
  const met = conditions(table, { ...query, where: only, ranges: ownRanges(query) })
  const plan = await sql<{ 'QUERY PLAN': { Plan: { 'Plan Rows': number } }[] }>`
    explain (format json) select 1 from ${sql.table(table.name)} t where ${met}`.execute(db)
  return plan.rows[0]?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0
}

/** A sample reads about this many bytes of the table (500 pages). Its rows show facets that depend on each other, which the statistics do not. */
const sampleBytes = 4_096_000

/**
 * Corrects the numbers of rows by a sample of the table: if one shop's trades wait and another's are done, the shares of shop and state
 * cannot be multiplied. The sample has the same pages each time, so that they stay in memory; it takes some 10 ms. The size of the table is
 * asked for and not taken from the statistics, which do not know a table that has just been filled.
 */
export async function sampled<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  chosen: Chosen,
): Promise<Chosen> {
  const samples = sql`greatest(1, pg_relation_size(${table.name}::regclass) / ${sampleBytes}::float8)`
  const sample = await sql<Record<'each' | 'read' | 'rows' | 'fewer' | 'grouped' | 'matches', number>>`
    select ${samples} as each, count(*)::int as read, (count(*) filter (where ${matching(chosen.asked)}))::int as rows,
      (count(*) filter (where ${matching(chosen.every.asked)}))::int as fewer,
      (count(*) filter (where ${conditions(table, { ...query, where: [] })}))::int as grouped,
      (count(*) filter (where ${matching(query)} and ${conditions(table, query)}))::int as matches
    from ${sql.table(table.name)} t tablesample system (100 / ${samples}) repeatable (1)`.execute(db)
  const none = { each: 1, read: 0, rows: 0, fewer: 0, grouped: 0, matches: 0 }
  const { each, ...seen } = sample.rows[0] ?? none
  /** If the sample has no such row, there are fewer in the table than there would be for one. */
  const estimate = (rows: number, before: number) => (rows > 0 ? rows * each : Math.min(before, each))
  const own = { ...chosen, rows: estimate(seen.rows, chosen.rows) }
  const every = { ...own, ...chosen.every, rows: estimate(seen.fewer, chosen.rows) }
  return {
    ...(lookUpCost(every) < lookUpCost(own) ? every : own),
    total: seen.read * each,
    matches: estimate(seen.matches, chosen.matches),
    // Where the sample has no match, reading along an index would probably read all rows.
    share: Math.max(1e-7, seen.matches / Math.max(1, seen.grouped)),
  }
}
