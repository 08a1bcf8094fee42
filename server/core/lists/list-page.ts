import { sql } from 'kysely'
import type { Database } from '../db/db.ts'
import { fewOfKinds } from './list-kinds.ts'
import { limits } from './list-limits.ts'
import { followingRange, isEmptyRange, type Near, outside } from './list-near.ts'
import { type Chosen, chooseFacets, estimateRows, lookUpCost, sampled, walkedCost } from './list-plan.ts'
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

// Reads the rows of a page. Rows with rare facets are looked up in the facet index; others are read along the index of the sort. If some 20,000
// rows of that index (fewer where comparing a row is dear) do not fill the page, the cheapest of three ways is used: reading on along the sort, looking the facets up, or reading
// the range of another time.

/** The query of a page. `chosen`: the facets that are searched for in the facet index. */
type Asked<Sort extends string> = {
  db: Database
  table: ListTable<Sort>
  query: ListQuery<Sort>
  chosen: Chosen
}

/** Returns the first rows of the query. Where `lackingBy` is declared, rows that lack the time of the sort are a query of their own. */
export async function firstRows<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  { cursor, wanted }: Page,
): Promise<Row[]> {
  const { lacksFirst = false, lackingBy } = table.sorts[query.sort]
  if (lackingBy === undefined || ownRanges(query).length > 0)
    return firstOf(db, table, query, { cursor, wanted })
  const within = (range: Range<Sort>) => [...(query.ranges ?? []), range]
  const having = { ...query, ranges: within({ on: query.sort }) }
  const lacking = { ...query, sort: lackingBy, ranges: within({ on: query.sort, lacks: true }) }
  const parts = query.descending === lacksFirst ? [having, lacking] : [lacking, having]
  const begun = cursor ? parts.indexOf(cursor.lacks ? lacking : having) : 0
  const rows: Row[] = []
  for (const [at, part] of parts.entries()) {
    if (at < begun || rows.length >= wanted) continue
    const page = { cursor: at === begun ? cursor : undefined, wanted: wanted - rows.length }
    const found = await firstOf(db, table, part, page)
    rows.push(...found.map((row) => ({ ...row, lacks: part === lacking })))
  }
  return rows
}

async function firstOf<Sort extends string>(
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
  if (lookUpCost(chosen) < limits.rare) return lookUp(asked, chosen, page)
  const { near } = table
  const following = near && followingRange(near, query, query.sort)
  if (following && (await fewAreFar(db, near))) return firstNear(asked, near, following, page)
  return firstAlong(asked, ownRanges(query), page)
}

/**
 * True if few rows have times that are far apart, so that reading all of them is fast. After a first load of old trades there may be many.
 */
async function fewAreFar(db: Database, { farIndex }: Near<string>): Promise<boolean> {
  const found = await sql<{ rows: number }>`
    select reltuples as rows from pg_class where oid = ${farIndex}::regclass`.execute(db)
  return (found.rows[0]?.rows ?? 0) < limits.far
}

/**
 * Returns the first rows of a query whose range of another time also limits the time of the sort. They come from three sets: rows within
 * that limit, the few rows whose times are far apart, and rows without the time of the sort.
 */
async function firstNear<Sort extends string>(
  asked: Asked<Sort>,
  near: Near<Sort>,
  following: Range<Sort>,
  page: Page,
): Promise<Row[]> {
  const { table, query } = asked
  const { cursor, wanted } = page
  const canLack = near.lacking[query.sort] !== undefined && ownRanges(query).length === 0
  // Rows without the time are at one end of the order, because their value is minus infinity or infinity.
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

/** Returns the first rows that lack the time of the sort, sorted by id. */
async function firstLacking<Sort extends string>(
  asked: Asked<Sort>,
  near: Near<Sort>,
  page: Page,
): Promise<Row[]> {
  const { table, query } = asked
  const only = near.lacking[query.sort]
  if (!only) return []
  const among = { ...asked, query: { ...query, where: [...query.where, only] } }
  const soon = await walk(among, [], atLacking(asked, page), limits.lacking)
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

/** Returns the page with its cursor; without one, with a cursor before the first row that lacks the time of the sort. */
function atLacking<Sort extends string>({ table, query }: Asked<Sort>, page: Page): Page {
  const value = table.sorts[query.sort].lacksFirst ? '-infinity' : 'infinity'
  const before: Cursor = { value, id: query.descending ? '999999999999999999' : '0' }
  return { ...page, cursor: page.cursor ?? before }
}

/** Reads along the index of the sort. If many rows did not fill the page, continues in the cheapest way. */
async function firstAlong<Sort extends string>(
  asked: Asked<Sort>,
  ranges: readonly Range<Sort>[],
  page: Page,
): Promise<Row[]> {
  if (isEmptyRange(ranges)) return []
  let rows: Row[] = []
  let walked = 0
  const { firstStep, secondStep, nearStep } = limits
  const isNear = ranges.length > ownRanges(asked.query).length
  for (const most of [firstStep, secondStep, ...(isNear ? [nearStep] : [])]) {
    walked = Math.round(most / walkedCost(asked.query))
    rows = await walk(asked, ranges, page, walked)
    if (rows.length >= page.wanted) return rows
    const kinds = most === firstStep && (await fewOfKinds(asked.db, asked.table, asked.query))
    if (kinds) return lookUp(asked, { kinds }, page, ranges)
  }
  const length = await lengthOf(asked, ranges)
  // If no row follows those that were read, the whole index was read.
  if (length < walked * 3 && !(await holds(asked, ranges, page.cursor, walked))) return rows
  return cheapest(asked, ranges, page, Math.min(length, (walked * page.wanted) / (rows.length + 0.5)))
}

const lengthOf = <Sort extends string>({ db, table, query }: Asked<Sort>, ranges: readonly Range<Sort>[]) =>
  estimateRows(db, table, { ...query, ranges: ranges.map((range) => ({ ...range, on: query.sort })) })

/**
 * Reads the page in the cheapest way. `most`: the number of rows that would have to be read along the sort, by the share of matches so
 * far. The rows that follow may have no match, so reading on stops when it has cost as much as the cheapest other way.
 */
async function cheapest<Sort extends string>(
  asked: Asked<Sort>,
  ranges: readonly Range<Sort>[],
  page: Page,
  most: number,
): Promise<Row[]> {
  const { db, table, query } = asked
  const chosen = await sampled(asked, asked.chosen, { ranges, cursor: page.cursor })
  const perRow = walkedCost(query)
  const expected = Math.min(most, chosen.ahead)
  const ways = [{ cost: lookUpCost(chosen), go: () => lookUp(asked, chosen, page, ranges) }]
  for (const range of otherRanges(query)) {
    const rows = await estimateRows(db, table, { ...query, sort: range.on })
    const { only = query.only } = table.sorts[range.on]
    const aside = { only: only ?? within(table, []), ranges: [range] }
    ways.push({
      cost: rows * perRow,
      go: () => readAside(asked, aside, page, within(table, ranges)),
    })
  }
  const way = ways.reduce((best, one) => (one.cost < best.cost ? one : best))
  if (way.cost <= expected * perRow) return way.go()
  const further = Math.ceil(way.cost / perRow)
  if (further >= chosen.total) return walk(asked, ranges, page, null)
  const rows = await walk(asked, ranges, page, further)
  return rows.length >= page.wanted ? rows : way.go()
}

function inOrder(query: ListQuery<string>, rows: readonly Row[]): Row[] {
  const sign = query.descending ? -1 : 1
  return rows.toSorted(
    (a, b) => sign * (a.place === b.place ? Number(a.id) - Number(b.id) : (a.place ?? 0) - (b.place ?? 0)),
  )
}
