import { createHash } from 'node:crypto'
import { type RawBuilder, sql } from 'kysely'
import { AppError } from '../../errors.ts'
import { isInstant } from '../../lib/formats.ts'
import type { Database } from '../db/db.ts'
import { countByWeeks, countOrder, firstByWeeks } from './list-by-weeks.ts'
import { countFirst, countPartsOf } from './list-count.ts'
import { firstRows } from './list-page.ts'
import {
  type CappedCount,
  type Cursor,
  conditions,
  countCap,
  isOfNone,
  type ListQuery,
  type ListTable,
  matching,
  placed,
  type SortCast,
} from './list-table.ts'
import { type Stretch, stretchesOf } from './list-weeks.ts'

export type ListPage = { ids: string[]; next: string | null }

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

/** The ids of one page. */
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
  const { weeks } = table
  const rows =
    !weeks || query.few || isOfNone(query)
      ? await firstRows(db, table, query, { cursor, wanted })
      : await firstByWeeks(db, table, weeks, query, cursor, wanted)
  const last = rows[page.limit - 1]
  return {
    ids: rows.slice(0, page.limit).map((row) => row.id),
    next: rows.length > page.limit && last ? writeCursor(last, mark) : null,
  }
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
    if (!weeks || query.few || isOfNone(query)) return countFirst(db, table, query)
    read ??= stretchesOf(db, weeks, countOrder(whole, weeks.steady), undefined)
    return countByWeeks(db, table, weeks, countOrder(query, weeks.steady), await read, countCap, among)
  }
}

/** How many rows of a query each of these conditions holds for, if one pass counts them in no time. */
export async function countParts<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  asked: ListQuery<Sort>,
  parts: Record<string, RawBuilder<unknown>>,
): Promise<Record<string, CappedCount> | undefined> {
  return countPartsOf(db, table, placed(table, asked), parts)
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
