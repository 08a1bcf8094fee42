import { sql } from 'kysely'
import type { Database } from '../db/db.ts'
import { limits } from './list-limits.ts'
import { statisticsOf } from './list-statistics.ts'
import {
  allOf,
  beyond,
  type Cursor,
  conditions,
  isHashed,
  type ListQuery,
  type ListTable,
  matching,
  onlyOf,
  ownRanges,
  partsOf,
  type Range,
  type Search,
} from './list-table.ts'

// Costs in microseconds. They decide how a page or a count is read, and never which rows it has.

/** The cost of a row that is read along the index of a sort and compared with the conditions of the query. */
export const walkedCost = ({ facets, search }: ListQuery<string>) =>
  1.5 +
  [...facets.map((one) => ({ facets: one, buyerKeys: [] })), ...(search ? [search] : [])]
    .map((choice) => (isHashed(choice) ? 3.5 : 0.3))
    .reduce((sum, one) => sum + one, 0)
/** The cost of a row that the facet index finds. */
const foundCost = 4
/** The cost of an entry of the facet index. The index compares each entry with all alternatives. */
const entryCost = ({ facets }: Search) => 0.15 + 0.006 * facets.length
/** The cost of looking for one row among the entries of a further facet, because the index skips the others. */
const seekCost = ({ facets }: Search) => 0.5 * facets.length

/** The assumed share of the table's rows that have a certain facet, or buyer key, if it is too rare to be in the statistics. */
const rareShare = { facets: 0.00002, buyerKeys: 0.0000001 }

/** A way to look rows up: the facets to search for, the cost of reading their entries, and about how many rows have them all. */
type LookUp = { asked: Asked; entries: number; rows: number }

/** The chosen look-up, in a table with about `total` rows. */
export type Chosen = LookUp & {
  total: number
  /**
   * `share`: the part of the rows of the groups and ranges that match the rest of the query. `matches`: about how many rows match the
   * facets and the groups.
   */
  share: number
  matches: number
  /** The facets and groups of the query, the rarest first. `lookUps`: by the first, by the first two, and so on. */
  choices: readonly Search[]
  lookUps: readonly LookUp[]
}

type Asked = Pick<ListQuery<string>, 'facets' | 'search'>
type Share = { choice: Search; share: number }

/**
 * Chooses between look-ups by the rarest facet, by this one and the next, and so on. The other facets follow by the number of their
 * alternatives, since the index finds few alternatives fast. The numbers of rows assume that facets do not depend on each other; `sampled`
 * corrects them.
 */
export async function chooseFacets<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
): Promise<Chosen> {
  const known = await statisticsOf(db, table)
  const total = query.live ? known.live : known.total
  const sum = (column: keyof Search, values: readonly number[]) =>
    values.reduce((share, one) => share + (known[column].get(one) ?? rareShare[column]), 0)
  const shareOf = (choice: Search): Share => ({
    choice,
    share: Math.min(1, sum('facets', choice.facets) + sum('buyerKeys', choice.buyerKeys)),
  })
  const { facet } = table.group
  const shareOfFacets = (facets: readonly number[]) => shareOf({ facets, buyerKeys: [] })
  // The shares are those among all rows. Groups without archived rows have a larger share of the live ones.
  const inLive = (group: string) => (table.live?.groups.includes(group) ? 1 : known.total / total)
  const shareOfGroups = (facetOf: (group: string) => number): Share => {
    const shares = query.groups.map((group) => sum('facets', [facetOf(group)]) * inLive(group))
    const share = shares.reduce((all, one) => all + one, 0)
    return { choice: { facets: query.groups.map(facetOf), buyerKeys: [] }, share: Math.min(1, share) }
  }
  const groups = facet ? [shareOfGroups(facet)] : []
  const filters = [...query.facets.map(shareOfFacets), ...(query.search ? [shareOf(query.search)] : [])]
  const product = (shares: readonly Share[]) => shares.reduce((all, { share }) => all * share, 1)
  const byShare = [...groups, ...filters].toSorted((a, b) => a.share - b.share)
  const alternatives = ({ choice }: Share) => choice.facets.length
  const inOrder = [
    ...byShare.slice(0, 1),
    ...byShare.slice(1).toSorted((a, b) => alternatives(a) - alternatives(b)),
  ]
  const lookUps = lookUpsOf(inOrder, total, query)
  return {
    ...cheapest(lookUps),
    total,
    share: Math.max(1e-7, product(filters)),
    matches: total * product([...groups, ...filters]),
    choices: inOrder.map(({ choice }) => choice),
    lookUps,
  }
}

function lookUpsOf(shares: readonly Share[], total: number, { search }: ListQuery<string>): LookUp[] {
  let [rows, entries] = [total, 0]
  return shares.map(({ choice, share }, at) => {
    const choices = shares.slice(0, at + 1).map((one) => one.choice)
    const whole = share * total * entryCost(choice)
    // Buyers are in another index. PostgreSQL then reads all entries of the facets and compares the two lists of rows.
    const skips = at > 0 && choices.every(({ buyerKeys }) => buyerKeys.length === 0)
    entries += skips ? Math.min(whole, rows * seekCost(choice)) : whole
    rows *= share
    const facets = choices.filter((one) => one !== search).map((one) => one.facets)
    return { asked: { facets, ...(search && choices.includes(search) ? { search } : {}) }, entries, rows }
  })
}

const cheapest = (lookUps: readonly LookUp[]): LookUp =>
  lookUps.reduce((one, other) => (lookUpCost(other) < lookUpCost(one) ? other : one), {
    asked: { facets: [] },
    entries: 0,
    rows: Number.POSITIVE_INFINITY,
  })

/** The cost of reading all rows that the facet index finds. */
export const lookUpCost = ({ rows, entries }: Pick<LookUp, 'rows' | 'entries'>) => rows * foundCost + entries

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
  const ranges = ownRanges(query)
  // A range of a time implies the condition that rows have this time. PostgreSQL would multiply the two shares.
  const implied = ranges.some(({ lacks }) => !lacks) ? table.sorts[query.sort].only : undefined
  const where = onlyOf(table, query, query.sort).filter((only) => only !== implied)
  // Groups without archived rows imply that a row is live, too.
  const { live, ...whole } = table
  const parted = live && query.live && query.groups.some((group) => live.groups.includes(group))
  const met = conditions(parted ? table : whole, { ...query, where, ranges })
  const plan = await sql<{ 'QUERY PLAN': { Plan: { 'Plan Rows': number } }[] }>`
    explain (format json) select 1 from ${sql.table(table.name)} t where ${met}`.execute(db)
  return plan.rows[0]?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0
}

/** Where a page would be read along the sort: after the cursor, within these ranges of the sort's own time. */
type Path<Sort extends string> = { ranges: readonly Range<Sort>[]; cursor: Cursor | undefined }

/** `ahead`: about how many rows come before the first match on the path. */
type Sampled = Chosen & { ahead: number }

/**
 * Corrects the numbers of rows by a sample of the table, whose rows show facets that depend on each other: if one shop's trades wait and another's are done, the shares of shop and state
 * cannot be multiplied. The sample has the same pages each time, so that they stay in memory; it takes some 10 ms. The size of the table is
 * asked for and not taken from the statistics, which do not know a table that has just been filled.
 */
export async function sampled<Sort extends string>(
  { db, table, query }: { db: Database; table: ListTable<Sort>; query: ListQuery<Sort> },
  chosen: Chosen,
  path?: Path<Sort>,
): Promise<Sampled> {
  const samples = sql`greatest(1, pg_relation_size(${table.name}::regclass) / ${limits.sampleBytes}::float8)`
  const has = chosen.choices.map((choice) =>
    matching(choice === query.search ? { facets: [], search: choice } : { facets: [choice.facets] }),
  )
  const { value } = table.sorts[query.sort]
  const passed = path && { ...query, where: [beyond(table, query, path.cursor)], ranges: path.ranges }
  // The sub-select compares each row with each choice once. The other conditions are asked of matching rows only.
  const first = (count: number) => sql`not false = any(t.has[1:${sql.lit(count)}])`
  const sample = await sql<
    Record<'each' | 'read' | 'grouped' | 'matches' | 'ahead', number> & { rows: number[] }
  >`
    with seen as (
      select t.has, t.grouped, t.passed, t.value, case when t.grouped and ${first(has.length)} then ${allOf(query.where)} else false end as matches
      from (
        select t.*, array[${sql.join(has)}]::boolean[] as has, ${conditions(table, { ...query, where: [] })} as grouped,
          ${passed ? conditions(table, passed) : sql`false`} as passed, ${value} as value
        from ${sql.table(table.name)} t tablesample system (100 / ${samples}) repeatable (1)
        where ${allOf(partsOf(table, { live: query.live ?? false }))}
        offset 0
      ) t
    ), met as (
      select ${query.descending ? sql`max` : sql`min`}(s.value) as value from seen s where s.passed and s.matches
    )
    select ${samples} as each, count(*)::int as read, (count(*) filter (where t.grouped))::int as grouped,
      (count(*) filter (where t.matches))::int as matches,
      (count(*) filter (where t.passed and coalesce(t.value ${query.descending ? sql`>` : sql`<`} (select value from met), true)))::int as ahead,
      array[${sql.join(has.map((_, at) => sql`(count(*) filter (where ${first(at + 1)}))::int`))}]::int[] as rows
    from seen t`.execute(db)
  const { each, ...seen } = sample.rows[0] ?? { each: 1, read: 0, rows: [], grouped: 0, matches: 0, ahead: 0 }
  /** If the sample has no such row, the table has probably fewer of them than one row of the sample represents. */
  const estimate = (rows: number, before: number) => (rows > 0 ? rows * each : Math.min(before, each))
  const lookUps = chosen.lookUps.map((one, at) => ({ ...one, rows: estimate(seen.rows[at] ?? 0, one.rows) }))
  return {
    ...chosen,
    ...cheapest(lookUps),
    lookUps,
    total: seen.read * each,
    matches: estimate(seen.matches, chosen.matches),
    // Where the sample has no match, reading along an index would probably read all rows.
    share: Math.max(1e-7, seen.matches / Math.max(1, seen.grouped)),
    ahead: (seen.ahead + 1) * each,
  }
}
