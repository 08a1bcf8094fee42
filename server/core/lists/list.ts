import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { AppError } from '../../errors.ts'
import { isInstant } from '../../lib/formats.ts'
import type { Database } from '../db/db.ts'
import { countByWeeks, countOrder, firstByWeeks, walkedCost } from './list-by-weeks.ts'
import { chooseFacets, countLookedUp, lookedUpCost, lookUp } from './list-lookup.ts'
import {
  type CappedCount,
  type Cursor,
  capped,
  conditions,
  countCap,
  isBare,
  isOfNone,
  type ListQuery,
  type ListTable,
  matching,
  otherRanges,
  placed,
  type Row,
  type SortCast,
} from './list-table.ts'
import { alongRange, estimateRows, holds, readRange, sampleWalk, walk } from './list-walk.ts'
import { type Stretch, stretchesOf } from './list-weeks.ts'

export type ListPage = { ids: string[]; next: string | null }

/** Rows of the sort's index that are walked before the facets' own index is asked: about 10 ms. */
const walkMax = 20_000

/** Rows of a first look that tells common filters from others. */
const sampleMax = 2000

/** A row that is compared with a search's hundreds of keys costs as much as this many others. */
const searchCost = 4

/** Fewer rows than this, if the statistics are right, are looked up at once. */
const rareMax = 5000
/** The numbers by which people know these rows, by id; rows that are gone have none. */
export async function numbersOf(
  db: Database,
  table: { name: string },
  column: 'tid' | 'refund_no' | 'no' | 'code' | 'title',
  ids: readonly string[],
): Promise<Map<string, string>> {
  const found = await sql<{ id: string; no: string }>`
    select t.id, t.${sql.ref(column)} as no from ${sql.table(table.name)} t where t.id = any(${[...ids]}::bigint[])`.execute(
    db,
  )
  return new Map(found.rows.map(({ id, no }) => [id, no]))
}

/**
 * The ids of one page. What is known to be rare is looked up in the facet index. A common filter fills the page within a
 * walk of bounded length along the sort's index; when the walk ends first, the matches are few and are looked up.
 */
export async function listIds<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  asked: ListQuery<Sort>,
  page: { limit: number; after: string | undefined },
): Promise<ListPage> {
  const query = placed(table, asked)
  const mark = fingerprint(query)
  const cursor =
    page.after === undefined ? undefined : readCursor(page.after, mark, table.sorts[query.sort].cast)
  const wanted = page.limit + 1
  const rows = await firstRows(db, table, query, cursor, wanted)
  const last = rows[page.limit - 1]
  return {
    ids: rows.slice(0, page.limit).map((row) => row.id),
    next: rows.length > page.limit && last ? writeCursor(last, mark) : null,
  }
}

async function firstRows<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
  cursor: Cursor | undefined,
  wanted: number,
): Promise<Row[]> {
  if (isOfNone(query)) return []
  if (query.few) return lookUp(db, table, query, null, cursor, wanted)
  if (table.weeks) return firstByWeeks(db, table, table.weeks, query, cursor, wanted)
  if (isBare(query)) return walk(db, table, query, cursor, wanted, wanted)
  const chosen = await chooseFacets(db, table, query)
  if (chosen.rows < rareMax) return lookUp(db, table, query, chosen, cursor, wanted)
  const max = walkLength(query, walkMax)
  const walked = await walk(db, table, query, cursor, wanted, max)
  if (walked.length >= wanted) return walked
  // A walk that came to its end before it was cut off has seen everything.
  const length = await estimateRows(db, table, query)
  if (length < max * 3 && !(await holds(db, table, query, cursor, max))) return walked
  const ways = [
    { cost: length * walkedCost(table, query), go: () => walk(db, table, query, cursor, wanted, null) },
    { cost: chosen.rows * lookedUpCost, go: () => lookUp(db, table, query, chosen, cursor, wanted) },
  ]
  for (const range of otherRanges(query)) {
    const rows = await estimateRows(db, table, alongRange(query, range))
    ways.push({
      cost: rows * walkedCost(table, query),
      go: () => readRange(db, table, query, range, cursor, wanted),
    })
  }
  return ways.reduce((best, way) => (way.cost < best.cost ? way : best)).go()
}

/** How many rows match, up to the cap, or less where more would take long. */
export async function countRows<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  asked: ListQuery<Sort>,
): Promise<CappedCount> {
  return counterOf(db, table, asked)(asked)
}

/** Counts a query of this counter's groups and lanes. `among`: so many match in all lanes, if that is known. */
export type Counter<Sort extends string> = (asked: ListQuery<Sort>, among?: number) => Promise<CappedCount>

/** Counts several queries that lie within one, and differ in groups, lanes and conditions: where rows lie is read once. */
export function counterOf<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  whole: ListQuery<Sort>,
): Counter<Sort> {
  const { weeks } = table
  let read: Promise<Stretch[]> | undefined
  return async (asked, among) => {
    const query = placed(table, asked)
    if (isOfNone(query)) return capped(0)
    if (query.few) return capped(await countLookedUp(db, table, query, null, countCap + 1))
    if (!weeks) return capped(await countAlong(db, table, countOrder(query)))
    read ??= stretchesOf(db, weeks, countOrder(whole, weeks.steady), undefined)
    return countByWeeks(db, table, weeks, countOrder(query, weeks.steady), await read, countCap, among)
  }
}

async function countAlong<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
): Promise<number> {
  if (isBare(query)) return countWalked(db, table, query)
  const chosen = await chooseFacets(db, table, query)
  if (chosen.rows < rareMax) return countLookedUp(db, table, query, chosen, countCap + 1)
  let rows: number | undefined
  for (const max of [sampleMax, walkMax].map((most) => walkLength(query, most))) {
    const sample = await sampleWalk(db, table, query, max)
    if (sample.walked < max || sample.matches > countCap) return sample.matches
    rows ??= await estimateRows(db, table, query)
    // Fewer than a handful would make a poor estimate.
    if (sample.matches > 20 && (sample.matches / sample.walked) * rows > countCap * 2) return countCap + 1
  }
  if (chosen.rows * lookedUpCost > (rows ?? 0) * walkedCost(table, query))
    return countWalked(db, table, query)
  return countLookedUp(db, table, query, chosen, countCap + 1)
}

function walkLength(query: ListQuery<string>, most: number): number {
  return query.search ? most / searchCost : most
}

/** The exact number, however long it takes: asked for before acting on a whole filter. */
export async function countExactly<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  asked: ListQuery<Sort>,
): Promise<number> {
  const query = placed(table, asked)
  const found = await sql<{ count: number }>`
    select count(*)::int as count from ${sql.table(table.name)} t where ${conditions(table, query)} and ${matching(table, query)}`.execute(
    db,
  )
  return found.rows[0]?.count ?? 0
}

/** How many rows match, and the greatest id among them: what a bulk action over a filter means. */
export async function extentOf<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  asked: ListQuery<Sort>,
): Promise<{ total: number; upTo: string | null }> {
  const query = placed(table, asked)
  const found = await sql<{ total: number; upTo: string | null }>`
    select count(*)::int as total, max(t.id) as "upTo" from ${sql.table(table.name)} t
    where ${conditions(table, query)} and ${matching(table, query)}`.execute(db)
  return found.rows[0] ?? { total: 0, upTo: null }
}

/** Along the index, filtered, until there are enough. */
async function countWalked<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  query: ListQuery<Sort>,
): Promise<number> {
  const found = await sql<{ count: number }>`
    select count(*)::int as count from (
      select 1 from ${sql.table(table.name)} t where ${conditions(table, query)} and ${matching(table, query)} limit ${countCap + 1}
    ) t`.execute(db)
  return found.rows[0]?.count ?? 0
}

/** A cursor belongs to one query: with another sort or filter it is refused instead of skipping rows. */
function fingerprint(query: ListQuery<string>): string {
  const text = JSON.stringify([
    query.groups,
    query.lanes,
    query.facets,
    query.search,
    query.ranges,
    query.sort,
    query.descending,
  ])
  return createHash('sha256').update(text).digest('base64url').slice(0, 8)
}

function writeCursor(cursor: Cursor, mark: string): string {
  return Buffer.from(`${mark} ${cursor.id} ${cursor.value}`).toString('base64url')
}

/** Whatever the database could not read as what it stands for is refused here; there it would be an error, with the text in a log. */
function readCursor(text: string, mark: string, cast: SortCast): Cursor {
  const [own, id, ...words] = Buffer.from(text, 'base64url').toString('utf8').split(' ')
  const value = words.join(' ')
  if (
    own !== mark ||
    id === undefined ||
    !/^\d{1,18}$/.test(id) ||
    words.length === 0 ||
    !isCast[cast](value)
  )
    throw new AppError('invalid_cursor', {}, 'after')
  return { id, value }
}

const isCast: Record<SortCast, (value: string) => boolean> = {
  int8: (value) => /^-?\d{1,18}$/.test(value),
  text: (value) => !value.includes('\0'),
  // PostgreSQL leaves out the minutes of a time zone.
  timestamptz: (value) => /^-?infinity$/.test(value) || isInstant(value.replace(/([+-]\d\d)$/, '$1:00')),
}
