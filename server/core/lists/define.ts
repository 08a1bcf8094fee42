import { type RawBuilder, sql } from 'kysely'
import Type, { type Static, type TObject, type TSchema } from 'typebox'
import { AppError } from '../../errors.ts'
import { type FacetSpace, facet } from '../../lib/facets.ts'
import { mapConcurrent } from '../../lib/few-at-a-time.ts'
import type { Scope } from '../access/actor.ts'
import { scopeSql, warehouseSql } from '../access/scope.ts'
import type { Database } from '../db/db.ts'
import { type Routes, route } from '../http/http.ts'
import { pageOf, pageQuery } from '../http/http-contract.ts'
import type { Codes, FilterDeclaration, FilterOf, ListDeclaration } from './declare-contract.ts'
import { countExactly, countRows, listIds } from './list.ts'
import { exactCount, oneOf, schemasOfFilters, tabCounts } from './list-contract.ts'
import { type CappedCount, type ListQuery, type ListTable, matching, type Range } from './list-table.ts'

export type Asking = { db: Database; scope: Scope }

export type Filter = Readonly<Record<string, unknown>>
export type Page<Row> = { rows: Row[]; next: string | null }
type PageAsked = { limit: number; after: string | undefined }
type Condition = RawBuilder<unknown> | undefined
type Ask = (value: string, asking: Asking, filter: Filter) => Condition | Promise<Condition>

type Schemas = { filter: TObject; query: TObject; answer: TObject }

/** The functions of a list, for its routes and its sheet. */
export type List = Schemas & {
  declared: ListDeclaration
  tag: string
  page(asking: Asking, asked: Filter, page: PageAsked): Promise<Page<unknown>>
  /** Returns the same page as `page`, with the rows of the sheet. */
  sheetPage(asking: Asking, asked: Filter, page: PageAsked): Promise<Page<unknown>>
  /** Counts the rows of each tab. Undefined: the counts say more, and have a route of their own. */
  counts?(asking: Asking, filter: Filter): Promise<Record<string, CappedCount>>
  /** Counts the rows exactly. Undefined: the list has no bulk actions over a filter. */
  count?(asking: Asking, filter: Filter): Promise<number>
}

type BoundToTable<Row, SheetRow, Sort extends string = string> = {
  tag: string
  table: ListTable<Sort>
  /** The columns that are compared with the user's scope. Filters by shop use the rows' facets instead. */
  scope: { shop?: string; warehouse?: string }
  row: TSchema
  /** Returns the rows of these ids, in the order of the ids. */
  rows(db: Database, ids: readonly string[], scope: Scope): Promise<Row[]>
  /** Returns the rows for a sheet, with fields that only the sheet shows. Undefined: the sheet has the rows of `rows`. */
  sheetRows?(db: Database, ids: readonly string[], scope: Scope): Promise<SheetRow[]>
  /** Conditions of the filters that have neither a column nor a facet, or that need more than their facets. */
  where?: Readonly<Record<string, Ask>>
}

/** A list that `list.ts` reads. Verbs over all rows of a filter use its query. */
export type Walkable = {
  filter: TObject
  table: ListTable<string>
  ask(filter: Filter, asking: Asking, sort?: string): Promise<ListQuery<string>>
}

/** Binds a declared list to its table, and returns the list with its query, pages and counts. */
export function defineList<
  const Declared extends ListDeclaration<never, never>,
  RowSchema extends TSchema,
  SheetRow,
>(
  declared: Declared,
  bound: BoundToTable<Static<RowSchema>, SheetRow, Declared['sorts'][number]> & { row: RowSchema },
): List & Walkable
export function defineList(
  declared: ListDeclaration,
  bound: BoundToTable<unknown, unknown>,
): List & Walkable {
  assertAsked(declared, bound.where ?? {})
  const { table, rows, sheetRows = rows } = bound
  const ask = (filter: Filter, asking: Asking, sort = declared.sort) =>
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
    counts: (asking, filter) =>
      eachTab(declared, async (tab) => countRows(asking.db, table, await ask({ ...filter, tab }, asking))),
    count: async (asking, filter) => countExactly(asking.db, table, await ask(filter, asking)),
  }
}

async function eachTab(
  { tabs }: ListDeclaration,
  count: (tab: string) => Promise<CappedCount>,
): Promise<Record<string, CappedCount>> {
  return Object.fromEntries(
    await mapConcurrent(Object.keys(tabs), async (tab) => [tab, await count(tab)] as const),
  )
}

/** Defines a list that reads its pages itself, without `list.ts`. */
export function defineOwnList<
  const Declared extends ListDeclaration<never, never>,
  RowSchema extends TSchema,
>(
  declared: Declared,
  own: { tag: string; row: RowSchema } & Pick<List, 'counts'> & {
      page(
        asking: Asking,
        asked: FilterOf<Declared> & { sort?: string },
        page: PageAsked,
      ): Promise<Page<Static<RowSchema>>>
    },
): List
export function defineOwnList(
  declared: ListDeclaration,
  { row, ...own }: { row: TSchema } & Pick<List, 'tag' | 'page' | 'counts'>,
): List {
  return { declared, ...schemasOf(declared, row), ...own, sheetPage: own.page }
}

const closed = { additionalProperties: false }

function schemasOf({ filters, tabs, sorts }: ListDeclaration, row: TSchema): Schemas {
  const properties = {
    ...(Object.keys(tabs).length > 1 ? { tab: Type.Optional(oneOf(Object.keys(tabs))) } : {}),
    ...schemasOfFilters(filters),
  }
  const description = `${sorts.join(', ')}; - before it for descending`
  const sort = sorts.length > 0 ? { sort: Type.Optional(Type.String({ maxLength: 20, description })) } : {}
  return {
    filter: Type.Object(properties, closed),
    query: Type.Object({ ...properties, ...pageQuery, ...sort }, closed),
    answer: pageOf(row),
  }
}

/** Throws if a declared filter has no column, facet or condition. The page would offer it, but it would have no effect. */
function assertAsked({ name, filters }: ListDeclaration, where: Readonly<Record<string, Ask>>): void {
  for (const [key, filter] of Object.entries(filters)) {
    const isOfRow = (filter.column ?? filter.range) !== undefined || ['shops', 'ids'].includes(filter.kind)
    const hasFacet = (filter.facets ?? filter.present) !== undefined
    if (!(isOfRow || hasFacet || isOfFacet(filter) || where[key]))
      throw new Error(`The filter ${key} of ${name} asks nothing.`)
  }
}

/** Returns the query for the filters of a request. Throws `invalid_input` with the field's name. */
async function queryOf(
  declared: ListDeclaration,
  { table, scope: { shop, warehouse }, where: own = {} }: BoundToTable<unknown, unknown>,
  asking: Asking,
  asked: Filter,
): Promise<ListQuery<string>> {
  const { scope } = asking
  const facets: (readonly number[])[] = []
  const where: RawBuilder<unknown>[] = []
  const ranges: Range<string>[] = []
  const facetsOfShops = (shops: readonly string[]) => shops.map((id) => table.shopFacet(id, ''))
  if (shop !== undefined && scope.shops !== 'all') {
    facets.push(facetsOfShops(scope.shops))
    where.push(scopeSql(scope, sql.ref(`t.${shop}`)))
  }
  if (warehouse !== undefined && scope.warehouses !== 'all')
    where.push(warehouseSql(scope, sql.ref(`t.${warehouse}`)))
  const tab = declared.tabs[String(asked['tab'] ?? declared.tab)] ?? wrong('tab')
  let few = false
  for (const [key, filter] of Object.entries(declared.filters))
    for (const values of [tab.asks ?? {}, asked]) {
      if (!namesOf(key, filter).some((name) => values[name] !== undefined && values[name] !== '')) continue
      const range = rangeOf(key, filter, values)
      if (range) ranges.push(range)
      const found =
        filter.kind === 'shops' ? facetsOfShops(split(values[key])) : facetsAsked(key, filter, values[key])
      if (found) facets.push(found)
      const condition = own[key]
        ? await own[key](String(values[key]).trim(), asking, values)
        : range || found
          ? undefined
          : compare(key, filter, values)
      if (condition) where.push(condition)
      few ||= filter.few === true && (range ?? found ?? condition) !== undefined
    }
  return { groups: tab.groups ?? [], facets, where, ranges, few, ...sortOf(declared, asked['sort']) }
}

const isOfFacet = (filter: FilterDeclaration) => filter.kind === 'choices' && filter.facet !== undefined

/** Returns the facets for the value of a filter; undefined: it has none for this value. */
export function facetsAsked(
  key: string,
  filter: FilterDeclaration,
  value: unknown,
): readonly number[] | undefined {
  if (filter.present !== undefined) return value === 'true' ? [filter.present] : undefined
  if (filter.facets) return split(value).flatMap((one) => filter.facets?.(one) ?? wrong(key))
  if (filter.kind !== 'choices' || filter.facet === undefined) return undefined
  return facetsOf(key, filter.choices, filter.facet, value)
}

/** Returns the range that a filter sets for the time of a sort. */
export function rangeOf(
  key: string,
  { kind, range: on }: FilterDeclaration,
  asked: Filter,
): Range<string> | undefined {
  if (on === undefined) return undefined
  const text = (name: string) => (asked[name] === undefined ? undefined : String(asked[name]))
  const [from, to] = kind === 'period' ? [text(`${key}From`), text(`${key}To`)] : [undefined, text(key)]
  return from === undefined && to === undefined ? undefined : { on, from, to }
}

export const namesOf = (key: string, { kind }: FilterDeclaration) =>
  kind === 'period'
    ? [`${key}From`, `${key}To`]
    : kind === 'amount'
      ? [`${key}FromFen`, `${key}ToFen`]
      : [key]

/** Returns the condition of a filter that compares one column, or that asks for rows without a facet. */
export function compare(key: string, filter: FilterDeclaration, asked: Filter): RawBuilder<unknown> {
  if (filter.present !== undefined) return sql`not ${matching({ facets: [[filter.present]] })}`
  const column = sql.ref(`t.${filter.column ?? 'id'}`)
  const value = asked[key]
  switch (filter.kind) {
    case 'ids':
      return sql`${column} = any(${idList(String(value), key)}::bigint[])`
    case 'warehouses':
      return sql`${column} = any(${split(value)}::bigint[])`
    case 'id':
      return sql`${column} = ${value}::bigint`
    case 'until':
      return sql`coalesce(${column}, 'infinity'::timestamptz) < ${value}::timestamptz`
    case 'yesNo':
      return sql`${column} = ${value === 'true'}`
    case 'numbers':
      return sql`${column} = any(${pasted(String(value), key)}::text[])`
    case 'choices':
      return sql`${column} = any(${knownCodes(key, filter.choices, value)}::text[])`
    case 'period':
      return between(column, asked[`${key}From`], asked[`${key}To`], 'timestamptz')
    case 'amount':
      return between(column, asked[`${key}FromFen`], asked[`${key}ToFen`], 'bigint')
    default:
      return sql`${column} = ${value}`
  }
}

/** Returns the condition of a range. The end of a range of time is excluded; the end of a range of amounts is included. */
function between(
  column: RawBuilder<unknown>,
  from: unknown,
  to: unknown,
  type: 'timestamptz' | 'bigint',
): RawBuilder<unknown> {
  const cast = sql.raw(type)
  const last = type === 'bigint' ? sql`<=` : sql`<`
  return sql`(${from ?? null}::${cast} is null or ${column} >= ${from ?? null}::${cast})
    and (${to ?? null}::${cast} is null or ${column} ${last} ${to ?? null}::${cast})`
}

function sortOf({ sorts, sort }: ListDeclaration, asked: unknown) {
  const text = String(asked ?? sort)
  const name = sorts.find((known) => known === text.replace(/^-/, '')) ?? wrong('sort')
  return { sort: name, descending: text.startsWith('-') }
}

/** Returns the facets of codes: the position of each code among all codes, counted from 1. */
export const facetsOf = (field: string, choices: Codes, space: FacetSpace, text: unknown): number[] =>
  knownCodes(field, choices, text).map((one) => facet(space, Object.keys(choices).indexOf(one) + 1))

/** Returns the codes. Throws if one is unknown. */
const knownCodes = (field: string, choices: Codes, text: unknown): string[] =>
  split(text).map((one) => (Object.hasOwn(choices, one) ? one : wrong(field)))

export const split = (text: unknown) =>
  String(text ?? '')
    .split(',')
    .filter(Boolean)

/**
 * "1, 2，3\
 * 4" → ["1", "2", "3", "4"], because users paste from sheets.
 */
export function pasted(text: string, field: string): string[] {
  const all = [...new Set(text.split(/[\s,，;；、]+/).filter(Boolean))]
  if (all.length > 1000) throw new AppError('too_many_ids', { max: 1000 }, field)
  return all
}

export function idList(text: string, field = 'ids'): string[] {
  const all = pasted(text, field)
  return all.every((id) => /^[1-9]\d{0,17}$/.test(id)) ? all : wrong(field)
}

export function wrong(field: string): never {
  throw new AppError('invalid_input', { detail: field }, field)
}

/** Makes the routes of each list: a page, the counts of the tabs, and the exact count. */
export function listRoutes(lists: readonly List[]): Routes {
  return async (app) => {
    for (const list of lists) {
      const { permission, summary, path } = list.declared
      const tags = [list.tag]
      const { counts, count } = list
      app.get<{ Querystring: Filter }>(
        `/api${path}`,
        route(permission, summary, { tags, querystring: list.query, response: { 200: list.answer } }),
        ({ query: { after, limit = 50, ...asked }, scope }) =>
          list.page({ db: app.db, scope }, asked, {
            limit: Number(limit),
            after: after === undefined ? undefined : String(after),
          }),
      )
      if (counts)
        app.get<{ Querystring: Filter }>(
          `/api${path}/counts`,
          route(permission, 'How many, by tab', {
            tags,
            querystring: list.filter,
            response: { 200: tabCounts },
          }),
          async ({ query, scope }) => ({ tabs: await counts({ db: app.db, scope }, query) }),
        )
      if (count)
        app.get<{ Querystring: Filter }>(
          `/api${path}/count`,
          route(permission, 'How many exactly', {
            tags,
            querystring: list.filter,
            response: { 200: exactCount },
          }),
          async ({ query, scope }) => ({ count: await count({ db: app.db, scope }, query) }),
        )
    }
  }
}
