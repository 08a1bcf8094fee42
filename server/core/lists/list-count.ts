import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../db/db.ts'
import { fewOfKinds, kindsOf } from './list-kinds.ts'
import { limits } from './list-limits.ts'
import {
  type Chosen,
  chooseFacets,
  countCost,
  estimateRows,
  lookUpCost,
  sampled,
  walkedCost,
} from './list-plan.ts'
import { asideRows, countOf, lookedUp } from './list-read.ts'
import {
  allOf,
  type CappedCount,
  capped,
  conditions,
  countCap,
  isBare,
  isOfNone,
  type ListQuery,
  type ListTable,
  onlyOf,
  within,
} from './list-table.ts'

// The limits at which counting stops: 10,000 rows; 1,000 if counting to 10,000 takes more than 8 ms; 100 if counting to 1,000 does too.

const stops = [countCap, 1000, 100]

type Asked<Sort extends string> = { db: Database; table: ListTable<Sort>; query: ListQuery<Sort> }
/** A way to count. `whole`: its rows are all rows of the query, and not only the first along an index. */
type Way = { cost: (most: number) => number; rows: RawBuilder<unknown>; whole: boolean }

export async function countFirst<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
): Promise<CappedCount> {
  if (isOfNone(query)) return capped(0)
  const upTo = async (rows: RawBuilder<unknown>, most: number) => capped(await countOf(db, rows, most), most)
  if (query.few) return upTo(lookedUp(table, query, null), countCap)
  if (isBare(query)) return upTo(sql`${sql.table(table.name)} t where ${conditions(table, query)}`, countCap)
  const kinds = kindsOf(table, query)
  if (kinds.all && !query.search && !query.ranges?.length)
    return upTo(
      sql`${sql.table(table.name)} t where ${allOf([...kinds.held, conditions(table, query)])}`,
      countCap,
    )
  const few = await fewOfKinds(db, table, query)
  if (few) return upTo(lookedUp(table, query, { kinds: few }), countCap)
  const asked = { db, table, query }
  const chosen = await chooseFacets(db, table, query)
  const soon = await countBy(asked, chosen, limits.soon / walkedCost(query))
  if (soon) return soon
  const known = await sampled(asked, chosen)
  // The matches may be the last along the index, so reading there stops when it has cost as much as looking them up.
  const later = await countBy(asked, known, lookUpCost(known) / walkedCost(query))
  return later ?? upTo(lookedUp(table, query, known), 1000)
}

/** Counts in the cheapest way. Undefined: `walked` rows along an index did not suffice. */
async function countBy<Sort extends string>(
  asked: Asked<Sort>,
  chosen: Chosen,
  walked: number,
): Promise<CappedCount | undefined> {
  const ways = [lookUpWay(asked, chosen), ...(await rangeWays(asked, chosen, walked))]
  const cheapest = (most: number) =>
    ways.reduce((one, other) => (other.cost(most) < one.cost(most) ? other : one))
  const stop = stops.find((most) => cheapest(most).cost(most) < limits.count) ?? 100
  const { rows, whole } = cheapest(stop)
  const count = await countOf(asked.db, rows, stop)
  return whole || count > stop ? capped(count, stop) : undefined
}

const lookUpWay = <Sort extends string>({ table, query }: Asked<Sort>, chosen: Chosen): Way => ({
  cost: (most) => countCost(chosen, query, most),
  rows: lookedUp(table, query, chosen),
  whole: true,
})

/**
 * Returns the ways to count along an index: one for each time that the query limits. Without limits: one along the time that every row has,
 * or along the sort. `walked`: the most rows of a group that are read.
 */
async function rangeWays<Sort extends string>(
  { db, table, query }: Asked<Sort>,
  { share }: Chosen,
  walked: number,
): Promise<Way[]> {
  const ranges = query.ranges ?? []
  const sorts =
    ranges.length > 0 ? [...new Set(ranges.map(({ on }) => on))] : [table.near?.steady ?? query.sort]
  const ways: Way[] = []
  for (const sort of sorts) {
    const own = ranges.filter(({ on }) => on === sort)
    const length = await estimateRows(db, table, { ...query, sort })
    const only = allOf(onlyOf(table, query, sort))
    const first = walked < length ? { rows: Math.ceil(walked), by: sort } : undefined
    ways.push({
      cost: (count) =>
        walkedCost(query) * (own.length < ranges.length ? length : Math.min(length, count / share)),
      rows: asideRows(table, query, { only, ranges: own, first }),
      whole: first === undefined,
    })
  }
  return ways
}

/**
 * Counts the rows of the query for each condition of `parts`, in one pass over the rows that an index finds. Undefined: one pass would take
 * long, so the caller counts the parts one by one.
 */
export async function countPartsOf<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  parts: readonly RawBuilder<unknown>[],
): Promise<CappedCount[] | undefined> {
  if (isOfNone(query)) return parts.map(() => capped(0))
  const rows = await rowsAtOnce(db, table, query)
  if (!rows) return undefined
  const counts = parts.map((part) => sql`(count(*) filter (where ${part}))::int`)
  const found = await sql<{
    counts: number[]
  }>`select array[${sql.join(counts)}] as counts from ${rows}`.execute(db)
  return parts.map((_, at) => capped(found.rows[0]?.counts[at] ?? 0))
}

/** Returns the relation `t` of the query's rows if an index finds them within `limits.pass`; otherwise undefined. */
async function rowsAtOnce<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
): Promise<RawBuilder<unknown> | undefined> {
  if (query.few) return lookedUp(table, query, null)
  if (isBare(query)) return undefined
  const { facet: _facet, ...group } = table.group
  const chosen = await chooseFacets(db, { ...table, group }, query)
  if (lookUpCost(chosen) < limits.pass) return lookedUp(table, query, chosen)
  for (const range of query.ranges ?? []) {
    const length = await estimateRows(db, table, { ...query, sort: range.on })
    const { only = query.only ?? within(table, []) } = table.sorts[range.on]
    if (length * walkedCost(query) < limits.pass) return asideRows(table, query, { only, ranges: [range] })
  }
  return undefined
}
