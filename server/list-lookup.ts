import { type RawBuilder, sql } from 'kysely'
import type { Database } from './db.ts'
import { statisticsOf } from './list-statistics.ts'
import {
  allOf,
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

/** Microseconds for a row that the facets' index finds and the table tells. */
export const lookedUpCost = 4
// And for a page of that index, which holds about 4,000 rows.
const pageCost = 50
const perPage = 4000

/** The part of all rows that has a facet, or a buyer's key, that the statistics do not know. */
const rareShare = { facets: 0.00002, people: 0.0000001 }

/** Conditions for the index, and those that the rows it finds must meet besides. `rows`: about how many it finds. */
export type Chosen = { rows: number; asked: RawBuilder<unknown>; checked: RawBuilder<unknown> }

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
  const groups = facet ? [query.groups.map((group) => facet(group))] : []
  const { total, shares } = await sharesOf(db, table, [
    ...[...groups, ...(query.laneFacets ?? []), ...query.facets].map((facets) => ({ facets, people: [] })),
    ...(query.search ? [query.search] : []),
  ])
  shares.sort((a, b) => a.share - b.share)
  let rows = total
  const asked: Search[] = []
  const checked: RawBuilder<unknown>[] = []
  for (const { choice, share } of shares) {
    const spared = rows * (1 - share) * lookedUpCost
    const pages = Math.min(rows, (share * total) / perPage)
    if (asked.length > 0 && spared < pages * pageCost) {
      checked.push(compared(choice))
      continue
    }
    rows *= share
    asked.push(choice)
  }
  const facets = asked.filter(({ people }) => people.length === 0).map((choice) => choice.facets)
  const search = asked.find(({ people }) => people.length > 0)
  return { rows, asked: looked({ facets, ...(search ? { search } : {}) }), checked: allOf(checked) }
}

type Share = { choice: Search; share: number }

/** The part of all rows that has one of these, by the statistics of the columns. */
async function sharesOf(
  db: Database,
  table: { name: string },
  choices: readonly Search[],
): Promise<{ total: number; shares: Share[] }> {
  const known = await statisticsOf(db, table.name)
  const sum = (column: keyof Search, values: readonly number[]) =>
    values.reduce((share, one) => share + (known[column].get(one) ?? rareShare[column]), 0)
  const shares = choices.map((choice) => ({
    choice,
    share: Math.min(1, sum('facets', choice.facets) + sum('people', choice.people)),
  }))
  return { total: known.total, shares }
}

/**
 * All matches by the facet index, then sorted: for matches that are rare. `whole` is false when there were more than
 * `most`, and then the rows are not the first ones.
 */
export async function lookUp<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  chosen: Chosen | null,
  cursor: Cursor | undefined,
  wanted: number,
  most: number | null,
): Promise<{ rows: Row[]; whole: boolean }> {
  const sort = table.sorts[query.sort]
  const after = cursor
    ? sql`(${sort.value}, t.id) ${query.descending ? sql`<` : sql`>`} (${cursor.value}::${sql.raw(sort.cast)}, ${cursor.id}::bigint)`
    : sql`true`
  return byFacetIndex(db, async (tx) => {
    const page = await sql<Row & { hits: number }>`
      with hit as materialized (
        select t.id, ${sort.value} as value from ${found(table, query, chosen)} and ${after} limit ${most}
      )
      select id, value::text as value, (select count(*)::int from hit) as hits from hit
      order by hit.value ${direction(query)}, id ${direction(query)} limit ${wanted}`.execute(tx)
    const hits = page.rows[0]?.hits ?? 0
    return { rows: page.rows.map(({ id, value }) => ({ id, value })), whole: most === null || hits < most }
  })
}

/**
 * The rows `t` that were looked up, with their conditions. Without a choice a condition of the query has an index of its
 * own; otherwise no other index may be taken: the planner thinks that a search for many keys finds half of the table.
 */
function found<Sort extends string>(
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  chosen: Chosen | null,
): RawBuilder<unknown> {
  const all = sql.table(table.name)
  return chosen === null
    ? sql`${all} t where ${matching(query)} and ${conditions(table, query)}`
    : sql`(select * from ${all} t where ${chosen.asked} offset 0) t where ${chosen.checked} and ${conditions(table, query)}`
}

/** The planner knows no correlation between facets, and takes a rare combination of common facts for a common one. */
async function byFacetIndex<T>(db: Database, work: (tx: Database) => Promise<T>): Promise<T> {
  if (!db.isTransaction)
    return db.transaction().execute(async (tx) => {
      await otherPaths(tx, 'off')
      return work(tx)
    })
  await otherPaths(db, 'off')
  const answer = await work(db)
  // In a caller's transaction the next statement plans as usual again.
  await otherPaths(db, 'on')
  return answer
}

/** Until the transaction ends. */
async function otherPaths(tx: Database, to: 'on' | 'off'): Promise<void> {
  await sql`select set_config('enable_seqscan', ${to}, true), set_config('enable_indexscan', ${to}, true)`.execute(
    tx,
  )
}

export async function countLookedUp<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  chosen: Chosen | null,
  most: number,
): Promise<number> {
  return byFacetIndex(db, async (tx) => {
    const counted = await sql<{ count: number }>`
      select count(*)::int as count from (
        select 1 from ${found(table, query, chosen)} limit ${most}
      ) t`.execute(tx)
    return counted.rows[0]?.count ?? 0
  })
}
