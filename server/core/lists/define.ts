import Type, { type Static, type TObject, type TSchema } from 'typebox'
import { mapConcurrent } from '../../lib/few-at-a-time.ts'
import type { Scope } from '../access/actor.ts'
import type { Database } from '../db/db.ts'
import { type Routes, route } from '../http/http.ts'
import { pageOf, pageQuery } from '../http/http-contract.ts'
import type { FilterOf, ListDeclaration } from './declare-contract.ts'
import {
  type Asking,
  anywhere,
  assertAsked,
  type Bound,
  type Filter,
  queryOf,
  tabOf,
} from './define-query.ts'
import { countExactly, countTabs, listIds } from './list.ts'
import { countMost, exactCount, filterOf, tabCounts } from './list-contract.ts'
import { type CappedCount, capped, type ListQuery, type ListTable, sumOf } from './list-table.ts'

export type Page<Row> = { rows: Row[]; next: string | null }
type PageAsked = { limit: number; after: string | undefined }

type Schemas = { filter: TObject; query: TObject; answer: TObject }

export type List = Schemas & {
  declared: ListDeclaration
  tag: string
  page(asking: Asking, asked: Filter, page: PageAsked): Promise<Page<unknown>>
  /** Returns the same page as `page`, with the rows of the sheet. */
  sheetPage(asking: Asking, asked: Filter, page: PageAsked): Promise<Page<unknown>>
  /** Counts the rows of each tab. Undefined: the list has its own route for counts, because it returns further figures with them. */
  counts?(asking: Asking, filter: Filter): Promise<Record<string, CappedCount>>
  /**
   * Counts the rows exactly. Undefined: the list has no bulk actions over a filter. `most`: a list that counts long stops at one row more.
   */
  count?(asking: Asking, filter: Filter, most?: number): Promise<number>
}

type BoundToTable<Row, SheetRow, Sort extends string = string> = Bound<Sort> & {
  tag: string
  row: TSchema
  /** Returns the rows of these ids, in the order of the ids. */
  rows(db: Database, ids: readonly string[], scope: Scope): Promise<Row[]>
  /** Returns the rows for a sheet, with fields that only the sheet shows. Undefined: the sheet has the rows of `rows`. */
  sheetRows?(db: Database, ids: readonly string[], scope: Scope): Promise<SheetRow[]>
}

/** A list that `list.ts` reads. Verbs over all rows of a filter use its query. */
export type Walkable = {
  filter: TObject
  table: ListTable<string>
  ask(filter: Filter, asking: Asking, sort?: string): Promise<ListQuery<string>>
  counts(asking: Asking, filter: Filter): Promise<Record<string, CappedCount>>
}

/** Binds a declared list to its table, and returns the list with its query, pages and counts. */
export function defineList<
  const Declared extends ListDeclaration<never, never>,
  RowSchema extends TSchema,
  SheetRow,
  OtherTime extends string = never,
>(
  declared: Declared,
  bound: BoundToTable<Static<RowSchema>, SheetRow, Declared['sorts'][number] | OtherTime> & {
    row: RowSchema
  },
): List & Walkable
export function defineList(
  declared: ListDeclaration,
  bound: BoundToTable<unknown, unknown>,
): List & Walkable {
  assertAsked(declared, bound)
  const { table, rows, sheetRows = rows } = bound
  const ask = (filter: Filter, asking: Asking, sort?: string) =>
    queryOf(declared, bound, asking, { ...filter, sort })
  const pageBy = (rowsOf: typeof rows) => async (asking: Asking, asked: Filter, page: PageAsked) => {
    const query = await queryOf(declared, bound, asking, asked)
    const { ids, next } = await listIds(asking.db, table, query, page)
    return { rows: ids.length === 0 ? [] : await rowsOf(asking.db, ids, asking.scope), next }
  }
  return {
    ...{ declared, tag: bound.tag, table, ask, ...schemasOf(declared, bound.row) },
    page: pageBy(rows),
    sheetPage: pageBy(sheetRows),
    counts: (asking, filter) => countsOf(declared, bound, asking, filter),
    count: async (asking, filter, most) => countExactly(asking.db, table, await ask(filter, asking), most),
  }
}

/**
 * Counts the rows of each tab. A lookup that a filter needs runs once for all tabs. A tab that only combines other tabs gets the sum of
 * their counts.
 */
async function countsOf(
  declared: ListDeclaration,
  bound: Bound,
  asking: Asking,
  filter: Filter,
): Promise<Record<string, CappedCount>> {
  const names = Object.keys(declared.tabs)
  const tabs = await mapConcurrent(
    names.filter((name) => !wholeTabsIn(declared, name)),
    async (name) =>
      [name, await tabOf(declared, bound, asking, { ...filter, [declared.tabKey ?? 'tab']: name })] as const,
  )
  const query = await anywhere(declared, bound, asking, filter)
  const counted = await countTabs(asking.db, bound.table, query, Object.fromEntries(tabs))
  const none = { count: 0, capped: false }
  return Object.fromEntries(
    names.map((name) => [
      name,
      counted[name] ?? sumOf(wholeTabsIn(declared, name)?.map((part) => counted[part] ?? none) ?? []),
    ]),
  )
}

/** Returns the tabs whose rows together are the rows of this tab, one for each of its groups; undefined if there are no such tabs. */
function wholeTabsIn({ tabs }: ListDeclaration, name: string): string[] | undefined {
  const groupsIn = (tab: string) => (tabs[tab]?.asks ? [] : (tabs[tab]?.groups ?? []))
  const groups = groupsIn(name)
  if (groups.length < 2) return undefined
  const parts = groups.map((group) =>
    Object.keys(tabs).find((one) => groupsIn(one).length === 1 && groupsIn(one)[0] === group),
  )
  return parts.every((part) => part !== undefined) ? parts : undefined
}

/** Defines a list that reads its pages itself, without `list.ts`. */
export function defineOwnList<
  const Declared extends ListDeclaration<never, never>,
  RowSchema extends TSchema,
>(
  declared: Declared,
  own: { tag: string; row: RowSchema } & Pick<List, 'counts' | 'count'> & {
      page(
        asking: Asking,
        asked: FilterOf<Declared> & { sort?: string },
        page: PageAsked,
      ): Promise<Page<Static<RowSchema>>>
    },
): List
export function defineOwnList(
  declared: ListDeclaration,
  { row, ...own }: { row: TSchema } & Pick<List, 'tag' | 'page' | 'counts' | 'count'>,
): List {
  return { declared, ...schemasOf(declared, row), ...own, sheetPage: own.page }
}

const closed = { additionalProperties: false }

function schemasOf(declared: ListDeclaration, row: TSchema): Schemas {
  const filter = filterOf(declared)
  const description = `${declared.sorts.join(', ')}; - before it for descending`
  const sort =
    declared.sorts.length > 0 ? { sort: Type.Optional(Type.String({ maxLength: 20, description })) } : {}
  return {
    filter,
    query: Type.Object({ ...filter.properties, ...pageQuery, ...sort }, closed),
    answer: pageOf(row),
  }
}

/** Makes the routes of each list: a page, the counts of the tabs, and the exact count. */
export function listRoutes(lists: readonly List[]): Routes {
  return async (app) => {
    for (const list of lists) {
      const { permission, summary, path, routesOf } = list.declared
      if (routesOf !== undefined) continue
      const tags = [list.tag]
      const { counts, count } = list
      app.get<{ Querystring: Filter }>(
        `/api${path}`,
        route(permission, summary, { tags, querystring: list.query, response: { 200: list.answer } }),
        (request) => {
          const { after, limit = 50, ...asked } = request.query
          const page = { limit: Number(limit), after: after === undefined ? undefined : String(after) }
          return app.reading(request, (db) => list.page({ db, scope: request.scope }, asked, page))
        },
      )
      if (counts)
        app.get<{ Querystring: Filter }>(
          `/api${path}/counts`,
          route(permission, 'How many, by tab', {
            tags,
            querystring: list.filter,
            response: { 200: tabCounts },
          }),
          async (request) => {
            const { query, scope } = request
            return { tabs: await app.reading(request, (db) => counts({ db, scope }, query)) }
          },
        )
      if (count)
        app.get<{ Querystring: Filter & { most?: number } }>(
          `/api${path}/count`,
          route(permission, 'How many exactly, or up to a number', {
            tags,
            querystring: Type.Object({ ...list.filter.properties, ...countMost }, closed),
            response: { 200: exactCount },
          }),
          async (request) => {
            const { most, ...filter } = request.query
            const { scope } = request
            const found = await app.reading(request, (db) => count({ db, scope }, filter, most))
            return most === undefined ? { count: found } : capped(found, most)
          },
        )
    }
  }
}
