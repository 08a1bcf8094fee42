import { createHash } from 'node:crypto'
import { type RawBuilder, sql } from 'kysely'
import { AppError } from '../../errors.ts'
import { mapConcurrent } from '../../lib/few-at-a-time.ts'
import { isInstant } from '../../lib/formats.ts'
import type { Database } from '../db/db.ts'
import { countFirst, countPartsOf } from './list-count.ts'
import { firstRows } from './list-page.ts'
import { countOf } from './list-read.ts'
import { withKnownBuyers } from './list-search.ts'
import {
  allOf,
  type CappedCount,
  type Cursor,
  conditions,
  type ListQuery,
  type ListTable,
  matching,
  placed,
  type SortCast,
} from './list-table.ts'

export type ListPage = { ids: string[]; next: string | null }

/** Returns the value of `column` of these rows by id. Deleted rows are missing. */
export async function numbersOf(
  db: Database,
  table: { name: string },
  column: 'tid' | 'refund_no' | 'delivery_no' | 'no' | 'code' | 'title',
  ids: readonly string[],
): Promise<Map<string, string>> {
  const found = await sql<{ id: string; no: string }>`
    select t.id, t.${sql.ref(column)} as no from ${sql.table(table.name)} t where t.id = any(${[...ids]}::bigint[])`.execute(
    db,
  )
  return new Map(found.rows.map(({ id, no }) => [id, no]))
}

/** Returns the ids of one page, and the cursor of the next page; null: this is the last page. */
export async function listIds<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  asked: ListQuery<Sort>,
  page: { limit: number; after: string | undefined },
): Promise<ListPage> {
  const query = placed(table, asked)
  const { cast, lackingBy } = table.sorts[query.sort]
  const mark = fingerprint(asked.shopsBy === undefined ? query : asked, lackingBy)
  const cursor = page.after === undefined ? undefined : readCursor(page.after, mark, cast)
  const findable = await withKnownBuyers(db, table, query)
  const rows = await firstRows(db, table, findable, { cursor, wanted: page.limit + 1 })
  const last = rows[page.limit - 1]
  return {
    ids: rows.slice(0, page.limit).map((row) => row.id),
    next: rows.length > page.limit && last ? writeCursor(last, mark) : null,
  }
}

/**
 * Reads a page of rows that are sorted by id; its cursor is the id of the last row. `read` returns the first `limit` rows that come after
 * the row `after`.
 */
export async function pageById<Row extends { id: string }>(
  { limit, after }: { limit: number; after?: string | undefined },
  read: (page: { limit: number; after: string | undefined }) => Promise<readonly Row[]>,
): Promise<{ rows: Row[]; next: string | null }> {
  if (after !== undefined && !/^[1-9]\d{0,17}$/.test(after)) throw new AppError('invalid_cursor', {}, 'after')
  const found = await read({ after, limit: limit + 1 })
  const rows = found.slice(0, limit)
  return { rows, next: found.length > limit ? (rows.at(-1)?.id ?? null) : null }
}

/** Counts the rows of the query up to `countCap`, or up to a lower limit if counting further would take long. */
export async function countRows<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  asked: ListQuery<Sort>,
): Promise<CappedCount> {
  return countFirst(db, table, await withKnownBuyers(db, table, placed(table, asked)))
}

/** The conditions of a tab, besides those of the filter. */
export type Tab = Pick<ListQuery<string>, 'groups' | 'only' | 'few'> &
  Partial<Pick<ListQuery<string>, 'facets' | 'where'>>

/** Adds the conditions of a tab to the query. Facets that the query already has are not repeated. */
export function inTab<Sort extends string>(query: ListQuery<Sort>, tab: Tab): ListQuery<Sort> {
  const { groups, facets = [], where = [], only, few = false } = tab
  const known = new Set(query.facets.map((one) => one.join()))
  return {
    ...query,
    groups,
    facets: [...query.facets, ...facets.filter((one) => !known.has(one.join()))],
    where: [...query.where, ...where],
    ...(only ? { only } : {}),
    few: query.few || few,
  }
}

/** Counts the rows of the query in each tab; all tabs in one pass if that is fast. */
export async function countTabs<Sort extends string, Name extends string>(
  db: Database,
  table: ListTable<Sort>,
  asked: ListQuery<Sort>,
  tabs: Record<Name, Tab>,
): Promise<Record<Name, CappedCount>> {
  const all = Object.entries<Tab>(tabs)
  const groups = [...new Set(all.flatMap((tab) => tab[1].groups))]
  const query = await withKnownBuyers(db, table, placed(table, { ...asked, groups }))
  const counts =
    (await countPartsOf(
      db,
      table,
      query,
      all.map(([, tab]) => conditionOf(table, tab)),
    )) ?? (await mapConcurrent(all, ([, tab]) => countFirst(db, table, inTab(query, tab))))
  return Object.fromEntries(all.map(([name], at) => [name, counts[at]])) as Record<Name, CappedCount>
}

const conditionOf = <Sort extends string>(
  table: ListTable<Sort>,
  { groups, facets = [], where = [], only }: Tab,
) =>
  allOf([
    sql`t.${sql.ref(table.group.column)} = any(${[...groups]}::text[])`,
    ...(facets.length > 0 ? [matching({ facets })] : []),
    ...where,
    ...(only ? [only] : []),
  ])

/**
 * Counts the rows exactly, which may take long. Used before an action on all rows of a filter. `most`: counting stops at one row more.
 */
export async function countExactly<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  asked: ListQuery<Sort>,
  most?: number,
): Promise<number> {
  const rows = rowsOf(table, asked)
  if (most !== undefined) return countOf(db, rows, most)
  const found = await sql<{ count: number }>`select count(*)::int as count from ${rows}`.execute(db)
  return found.rows[0]?.count ?? 0
}

/** Returns the relation `t` of all rows of the query, for a statement that counts them by its own columns. It may read them all. */
export function rowsOf<Sort extends string>(
  table: ListTable<Sort>,
  asked: ListQuery<Sort>,
): RawBuilder<unknown> {
  const query = placed(table, asked)
  return sql`${sql.table(table.name)} t where ${conditions(table, query)} and ${matching(query)}`
}

/** Returns the number of rows of the query and their greatest id (null: no rows). They define the rows of a bulk action over a filter. */
export async function extentOf<Sort extends string>(
  db: Database,
  table: ListTable<Sort>,
  asked: ListQuery<Sort>,
): Promise<{ total: number; upTo: string | null }> {
  const query = placed(table, asked)
  const found = await sql<Record<'total', number> & { upTo: string | null }>`
    select count(*)::int as total, max(t.id) as "upTo" from ${sql.table(table.name)} t
    where ${conditions(table, query)} and ${matching(query)}`.execute(db)
  return found.rows[0] ?? { total: 0, upTo: null }
}

/**
 * Returns a short hash of the query, which each cursor contains. A cursor of a query with other groups, facets, search, ranges or sort is
 * refused, because it would skip rows. A shop of a platform that is connected meanwhile changes no place in the list.
 */
function fingerprint(query: ListQuery<string>, lackingBy: string | undefined): string {
  const text = JSON.stringify([
    query.groups,
    query.facets,
    query.search,
    query.ranges,
    query.sort,
    query.descending,
    ...(query.shopsBy === undefined ? [] : [query.shopsBy]),
    ...(lackingBy === undefined ? [] : [lackingBy]),
  ])
  return createHash('sha256').update(text).digest('base64url').slice(0, 8)
}

function writeCursor(cursor: Cursor, mark: string): string {
  return Buffer.from(`${mark}${cursor.lacks ? '-' : ''} ${cursor.id} ${cursor.value}`).toString('base64url')
}

/**
 * Parses a cursor. Throws `invalid_cursor` if it belongs to another query, or if its value is not of the type `cast`: in SQL that would be
 * an error with the value in the log.
 */
function readCursor(text: string, mark: string, cast: SortCast): Cursor {
  const [own, id, ...words] = Buffer.from(text, 'base64url').toString('utf8').split(' ')
  const value = words.join(' ')
  const lacks = own === `${mark}-`
  if (
    (own !== mark && !lacks) ||
    id === undefined ||
    !/^\d{1,18}$/.test(id) ||
    words.length === 0 ||
    !isCast[cast](value)
  )
    throw new AppError('invalid_cursor', {}, 'after')
  return { id, value, lacks }
}

const isCast: Record<SortCast, (value: string) => boolean> = {
  int8: (value) => /^-?\d{1,18}$/.test(value),
  text: (value) => !value.includes('\0'),
  // PostgreSQL leaves out the minutes of a time zone.
  timestamptz: (value) => /^-?infinity$/.test(value) || isInstant(value.replace(/([+-]\d\d)$/, '$1:00')),
}
