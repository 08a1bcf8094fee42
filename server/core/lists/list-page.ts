import { sql } from 'kysely'
import type { Database } from '../db/db.ts'
import { followingRange, isEmptyRange, type Near, outside } from './list-near.ts'
import { type Chosen, chooseFacets, estimateRows, lookUpCost, walkedCost } from './list-plan.ts'
import { holds, lookUp, type Page, readAside, walk } from './list-read.ts'
import {
  type Cursor,
  isBare,
  isOfNone,
  type ListQuery,
  type ListTable,
  otherRanges,
  ownRanges,
  type Range,
  type Row,
  within,
} from './list-table.ts'

// The rows of a page. Rare facets are looked up; everything else is walked along the index of the sort, a short way first.
// Only if 20,000 rows do not fill the page, the cheaper of three is taken: to walk on, to look up, to read another time's range.

/** About 20 ms: less is looked up at once. */
const rareCost = 20_000
const steps = [1000, 20_000]
/** Behind the bound that a range of another time sets, the first match may be some days of rows away. */
const nearSteps = [...steps, 80_000]
/** At most this number of rows whose times are far apart are read beside a page. */
const farMost = 20_000

/** The query of a page, with what it asks the indexes. */
type Asked<Sort extends string> = {
  db: Database
  table: ListTable<Sort>
  query: ListQuery<Sort>
  chosen: Chosen
}

export async function firstRows<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  page: Page,
): Promise<Row[]> {
  if (isOfNone(query)) return []
  if (query.few) return lookUp({ db, table, query }, null, page)
  if (isBare(query)) return walk({ db, table, query }, ownRanges(query), page, page.wanted)
  const chosen = await chooseFacets(db, table, query)
  const asked = { db, table, query, chosen }
  if (lookUpCost(chosen) < rareCost) return lookUp(asked, chosen, page)
  const { near } = table
  const following = near && followingRange(near, query, query.sort)
  if (following && (await fewAreFar(db, near))) return firstNear(asked, near, following, page)
  return firstAlong(asked, ownRanges(query), page)
}

/** Whether the rows whose times are far apart are read in no time: after a load of old trades there may be many. */
async function fewAreFar(db: Database, { farIndex }: Near<string>): Promise<boolean> {
  const found = await sql<{ rows: number }>`
    select reltuples as rows from pg_class where oid = ${farIndex}::regclass`.execute(db)
  return (found.rows[0]?.rows ?? 0) < farMost
}

/** A range of another time bounds the sort's time: rows within, the few that are far away, and those without the sort's time. */
async function firstNear<Sort extends string>(
  asked: Asked<Sort>,
  near: Near<Sort>,
  following: Range<Sort>,
  page: Page,
): Promise<Row[]> {
  const { table, query } = asked
  const { cursor, wanted } = page
  const canLack = near.lacking[query.sort] !== undefined && ownRanges(query).length === 0
  // Rows without the time are at one end of the order, minus infinity or infinity.
  const lackingFirst = canLack && query.descending === !table.sorts[query.sort].lacksFirst
  const isLacking = cursor?.value.endsWith('infinity') ?? false
  const rows: Row[] = []
  if (lackingFirst && (!cursor || isLacking)) rows.push(...(await firstLacking(asked, near, page)))
  if (rows.length < wanted && (lackingFirst || !isLacking)) {
    const from = { cursor: isLacking ? undefined : cursor, wanted: wanted - rows.length }
    const far = { only: near.far, ranges: [] }
    const [within, beside] = await Promise.all([
      firstAlong(asked, [...ownRanges(query), following], from),
      readAside(asked, far, from, outside(table, following)),
    ])
    rows.push(...inOrder(query, [...within, ...beside]).slice(0, from.wanted))
  }
  if (canLack && !lackingFirst && rows.length < wanted)
    rows.push(
      ...(await firstLacking(asked, near, {
        cursor: isLacking ? cursor : undefined,
        wanted: wanted - rows.length,
      })),
    )
  return rows
}

/** The first rows without the sort's time, ordered by id. */
async function firstLacking<Sort extends string>(
  asked: Asked<Sort>,
  near: Near<Sort>,
  page: Page,
): Promise<Row[]> {
  const { table, query } = asked
  const only = near.lacking[query.sort]
  if (!only) return []
  const among = { ...asked, query: { ...query, where: [...query.where, only] } }
  const soon = await walk(among, [], atLacking(asked, page), 5000)
  const lacking = soon.filter(({ value }) => value.endsWith('infinity'))
  if (lacking.length >= page.wanted) return lacking
  const steady = ownRanges({ ...query, sort: near.steady })
  const following = followingRange(near, query, near.steady)
  if (!following) return readAside(asked, { only, ranges: steady }, page)
  const rows = await readAside(asked, { only, ranges: [...steady, following] }, page)
  const isFar = sql`${only} and not (${within(table, [following])})`
  const far = await readAside(asked, { only: near.far, ranges: steady }, page, isFar)
  return inOrder(query, [...rows, ...far]).slice(0, page.wanted)
}

/** The page, begun where rows without the sort's time begin. */
function atLacking<Sort extends string>({ table, query }: Asked<Sort>, page: Page): Page {
  const value = table.sorts[query.sort].lacksFirst ? '-infinity' : 'infinity'
  const before: Cursor = { value, id: query.descending ? '999999999999999999' : '0' }
  return { ...page, cursor: page.cursor ?? before }
}

/** Along the index of the sort, or by what is cheaper once that was long. */
async function firstAlong<Sort extends string>(
  asked: Asked<Sort>,
  ranges: readonly Range<Sort>[],
  page: Page,
): Promise<Row[]> {
  if (isEmptyRange(ranges)) return []
  let rows: Row[] = []
  let walked = 0
  const { near } = asked.table
  for (const most of near && otherRanges(asked.query).length > 0 ? nearSteps : steps) {
    walked = asked.query.search ? most / 2 : most
    rows = await walk(asked, ranges, page, walked)
    if (rows.length >= page.wanted) return rows
  }
  const length = await lengthOf(asked, ranges)
  // A walk that came to its end has met every row.
  if (length < walked * 3 && !(await holds(asked, ranges, page.cursor, walked))) return rows
  return cheapest(asked, ranges, page, Math.min(length, (walked * page.wanted) / (rows.length + 0.5)))
}

const lengthOf = <Sort extends string>({ db, table, query }: Asked<Sort>, ranges: readonly Range<Sort>[]) =>
  estimateRows(db, table, { ...query, ranges: ranges.map((range) => ({ ...range, on: query.sort })) })

/** `expected`: after how many rows a walk would have enough, as common as matches were so far. */
async function cheapest<Sort extends string>(
  asked: Asked<Sort>,
  ranges: readonly Range<Sort>[],
  page: Page,
  expected: number,
): Promise<Row[]> {
  const { db, table, query, chosen } = asked
  const perRow = walkedCost(query)
  const ways = [
    { cost: lookUpCost(chosen), go: () => lookUp(asked, chosen, page, ranges) },
    { cost: expected * perRow, go: () => walk(asked, ranges, page, null) },
  ]
  for (const range of otherRanges(query)) {
    const rows = await estimateRows(db, table, { ...query, sort: range.on })
    const { only = query.only } = table.sorts[range.on]
    const aside = { only: only ?? within(table, []), ranges: [range] }
    ways.push({
      cost: rows * perRow,
      go: () => readAside(asked, aside, page, within(table, ranges)),
    })
  }
  return ways.reduce((best, way) => (way.cost < best.cost ? way : best)).go()
}

function inOrder(query: ListQuery<string>, rows: readonly Row[]): Row[] {
  const sign = query.descending ? -1 : 1
  return rows.toSorted(
    (a, b) => sign * (a.place === b.place ? Number(a.id) - Number(b.id) : (a.place ?? 0) - (b.place ?? 0)),
  )
}
