import { sql } from 'kysely'
import type { Database } from '../db/db.ts'
import { statisticsOf } from './list-statistics.ts'
import { conditions, type ListQuery, type ListTable, ownRanges, type Search } from './list-table.ts'

// Costs in microseconds. They choose how a page or a count is read; they never change the rows.

/** Cost of a row that is read along the index of a sort; higher if the row is also compared with the keys of a search. */
export const walkedCost = (query: ListQuery<string>) => (query.search ? 3 : 1.5)
/** Cost of a row that the facet index finds. */
const foundCost = 4
/** Cost of an entry of the facet index. It is higher for more than eight alternatives, because the index merges as many lists. */
const entryCost = (choice: Search) => (choice.facets.length > 8 ? 0.36 : 0.06)

/** The assumed share of all rows for a facet, or a buyer key, that is too rare to be in the statistics. */
const rareShare = { facets: 0.00002, buyerKeys: 0.0000001 }

/**
 * The facets that the facet index is searched for. `rows`: about the number of the table's `total` rows that it finds; `entries`: the cost
 * of reading the entries of the index.
 */
export type Chosen = {
  rows: number
  total: number
  entries: number
  /** The share of the rows of the groups that match every facet, and about how many rows of all match the groups too. */
  share: number
  matches: number
  asked: Pick<ListQuery<string>, 'facets' | 'search'>
}

type Share = { choice: Search; share: number }

/** Chooses the rarest facet, and each further facet whose index entries cost less than the rows that it excludes. */
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
  const asked: Search[] = []
  for (const { choice, share } of [...groups, ...filters].sort((a, b) => a.share - b.share)) {
    const reading = share * known.total * entryCost(choice)
    if (asked.length > 0 && rows * (1 - share) * foundCost < reading) continue
    rows *= share
    entries += reading
    asked.push(choice)
  }
  const search = asked.find((choice) => choice === query.search)
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
    asked: {
      facets: asked.filter((choice) => choice !== search).map(({ facets }) => facets),
      ...(search ? { search } : {}),
    },
  }
}

/** The cost of reading everything that the facet index finds. */
export const lookUpCost = ({ rows, entries }: Chosen) => rows * foundCost + entries

/** The cost of reading the rows that the facet index finds until `most` rows of the query are found. */
export const countCost = (chosen: Chosen, query: ListQuery<string>, most: number) =>
  chosen.entries +
  foundCost *
    ((query.ranges?.length ?? 0) > 0 ? chosen.rows : chosen.rows * Math.min(1, most / chosen.matches))

/** Returns the planner's estimate of the number of rows that the groups have in the range of the sort. */
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
