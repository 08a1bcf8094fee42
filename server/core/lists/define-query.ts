import { type RawBuilder, sql } from 'kysely'
import { AppError } from '../../errors.ts'
import { facet } from '../../lib/facets.ts'
import type { Scope } from '../access/actor.ts'
import { inScope, scopeSql, warehouseSql } from '../access/scope.ts'
import type { Database } from '../db/db.ts'
import type { Row } from '../db/rows.ts'
import type { Codes, FilterDeclaration, ListDeclaration } from './declare-contract.ts'
import { inTab, type Tab } from './list.ts'
import { type ListQuery, type ListTable, matching, type Range, type Search } from './list-table.ts'

export type Asking = { db: Database; scope: Scope }

export type Filter = Readonly<Record<string, unknown>>

/** The parts that a filter adds to the query, if a single condition is not enough. */
type Part = {
  facets?: readonly (readonly number[])[]
  where?: RawBuilder<unknown>
  only?: RawBuilder<unknown>
  search?: Search
  /** True if `where` has its own index and leaves few rows. */
  few?: boolean
  /** False: with archived rows. */
  live?: false
}
type Condition = RawBuilder<unknown> | Part | undefined
type Ask = (value: string, asking: Asking, filter: Filter) => Condition | Promise<Condition>

/** The parts of a list's definition on the server that its query is made from. */
export type Bound<Sort extends string = string> = {
  table: ListTable<Sort>
  /** The columns that are compared with the user's scope; of several, one must be in it. Filters by shop use the rows' facets instead. */
  scope: { shop?: string; warehouse?: string | readonly string[] }
  /** Functions for filters that need more than their declaration says. */
  where?: Readonly<Record<string, Ask>>
}

const isOfShops = ({ kind }: FilterDeclaration) => kind === 'shops' || kind === 'platforms'

/** Throws if a declared filter adds nothing to the query. The page would offer it, but it would have no effect. */
export function assertAsked({ name, filters }: ListDeclaration, { table, where: own = {} }: Bound): void {
  for (const [key, filter] of Object.entries(filters)) {
    const hasFacets =
      (filter.facets ?? filter.range) !== undefined || (isOfShops(filter) && table.shopFacet !== undefined)
    const isOfFacet = filter.kind === 'choices' && filter.facet !== undefined
    if (!(isCompared(filter) || hasFacets || isOfFacet || own[key]))
      throw new Error(`The filter ${key} of ${name} asks nothing.`)
  }
}

/** Returns the query for the filters of a request. Throws `invalid_input` with the field's name. */
export function queryOf<Sort extends string>(
  declared: ListDeclaration<never, never>,
  bound: Bound<Sort>,
  asking: Asking,
  asked: Filter,
): Promise<ListQuery<Sort>>
export async function queryOf(
  declared: ListDeclaration,
  bound: Bound,
  asking: Asking,
  asked: Filter,
): Promise<ListQuery<string>> {
  const query = await anywhere(declared, bound, asking, asked)
  return inTab(query, await tabOf(declared, bound, asking, asked))
}

/** Makes the part of the query that does not depend on the tab. */
export async function anywhere(
  declared: ListDeclaration,
  bound: Bound,
  asking: Asking,
  asked: Filter,
): Promise<ListQuery<string>> {
  const { shop, warehouse } = bound.scope
  const { scope } = asking
  const added = await partsOf(declared, bound, asking, asked)
  if (shop !== undefined && scope.shops !== 'all') added.where.push(scopeSql(scope, sql.ref(`t.${shop}`)))
  if (warehouse !== undefined && scope.warehouses !== 'all') {
    const inScope = [warehouse].flat().map((column) => warehouseSql(scope, sql.ref(`t.${column}`)))
    added.where.push(sql`(${sql.join(inScope, sql` or `)})`)
  }
  const keyOf = (wanted: string) =>
    Object.entries(declared.filters).find(([, { kind }]) => kind === wanted)?.[0] ?? ''
  // A list whose rows have shops is limited to those of the scope, also if the page cannot filter by them.
  const [named, platforms] = [asked[keyOf('shops')], asked[keyOf('platforms')]]
  const shops = bound.table.shopFacet ? shopsOf(named, await scopeOn(asking, platforms)) : undefined
  const shopsBy = platforms ? { shopsBy: JSON.stringify([platforms, named ?? null]) } : {}
  return { groups: [], shops, ...shopsBy, live: true, ...added, ...sortOf(declared, asked) }
}

/** Returns the conditions of a tab: its groups, and the filters that the tab itself sets. */
export async function tabOf(
  declared: ListDeclaration,
  bound: Bound,
  asking: Asking,
  asked: Filter,
): Promise<Tab> {
  const { tabs, tab: first, tabKey } = declared
  if (tabKey) return { groups: tabsOf(declared, asked[tabKey]).flatMap((name) => tabs[name]?.groups ?? []) }
  const tab = tabs[String(asked['tab'] ?? first)] ?? wrong('tab')
  const { groups = [], asks = {}, wider = {} } = tab
  const widest = Object.entries(wider).find(([key]) => asked[key])?.[1]
  return { groups: widest ?? groups, ...(await partsOf(declared, bound, asking, asks)) }
}

/** Returns the tabs that a value of `tabKey` names; all tabs for undefined. */
const tabsOf = ({ tabs, tabKey = 'tab' }: ListDeclaration, asked: unknown): readonly string[] =>
  asked === undefined
    ? Object.keys(tabs)
    : split(asked).map((name) => (Object.hasOwn(tabs, name) ? name : wrong(tabKey)))

/**
 * Returns the shops of the filter that are in the scope, or without a filter those of the scope; undefined: all shops. An empty list finds
 * nothing.
 */
function shopsOf(asked: unknown, { shops }: Scope): readonly string[] | undefined {
  if (!asked) return shops === 'all' ? undefined : shops
  return split(asked).filter((id) => shops === 'all' || shops.includes(id))
}

/**
 * Narrows the scope to the shops of these platforms, separated by commas. Undefined: all platforms.
 */
async function scopeOn({ db, scope }: Asking, platforms: unknown): Promise<Scope> {
  if (!platforms) return scope
  const found = await sql<Row<'shop', 'id'>>`
    select id from shop where platform = any(${split(platforms)}::text[]) order by id`.execute(db)
  return { ...scope, shops: found.rows.map(({ id }) => id).filter((id) => inScope(scope, id)) }
}

type Parts = Pick<Part, 'only' | 'search' | 'live'> & {
  facets: (readonly number[])[]
  where: RawBuilder<unknown>[]
  ranges: Range<string>[]
  few: boolean
}

/** Returns what the given values of filters add to a query: first what the declarations say, then what the list has bound. */
async function partsOf(
  { filters }: ListDeclaration,
  { where: own = {} }: Bound,
  asking: Asking,
  asked: Filter,
): Promise<Parts> {
  const parts: Parts = { facets: [], where: [], ranges: [], few: false }
  const given = Object.entries(filters).filter(([key, filter]) =>
    namesOf(key, filter).some((name) => asked[name] !== undefined && asked[name] !== ''),
  )
  for (const [key, filter] of given) {
    const range = rangeOf(key, filter, asked)
    const facets = facetsAsked(key, filter, asked[key])
    if (range) parts.ranges.push(range)
    else if (facets) parts.facets.push(facets)
    else if (isCompared(filter)) parts.where.push(compare(key, filter, asked))
    else continue
    parts.few ||= filter.few === true
    // A filter that names documents finds archived ones too.
    if (filter.few) parts.live = false
  }
  for (const [key, condition] of Object.entries(own)) {
    const filter = given.find(([name]) => name === key)?.[1]
    const found = filter && (await condition(String(asked[key] ?? '').trim(), asking, asked))
    if (!found) continue
    const { facets = [], where, few = filter.few === true, ...rest } = partOf(found)
    if (filter.few) parts.live = false
    parts.facets.push(...facets)
    if (where) parts.where.push(where)
    parts.few ||= few
    Object.assign(parts, rest)
  }
  return parts
}

const partOf = (found: RawBuilder<unknown> | Part): Part =>
  'isRawBuilder' in found ? { where: found } : found

const isCompared = ({ kind, column, present }: FilterDeclaration) =>
  kind === 'ids' || (column ?? present) !== undefined

/** Returns the facets for the value of a filter. A choice of `facet` has its position among all choices, counted from 1. */
function facetsAsked(key: string, filter: FilterDeclaration, value: unknown): readonly number[] | undefined {
  if (filter.present !== undefined) return value === 'true' ? [filter.present] : undefined
  if (filter.facets) return split(value).flatMap((one) => filter.facets?.(one) ?? wrong(key))
  if (filter.kind !== 'choices' || filter.facet === undefined) return undefined
  const { choices, facet: space } = filter
  return knownCodes(key, choices, value).map((one) => facet(space, Object.keys(choices).indexOf(one) + 1))
}

function rangeOf(
  key: string,
  { kind, range: on }: FilterDeclaration,
  asked: Filter,
): Range<string> | undefined {
  if (on === undefined) return undefined
  const text = (name: string) => (asked[name] === undefined ? undefined : String(asked[name]))
  const [from, to] = kind === 'period' ? [text(`${key}From`), text(`${key}To`)] : [undefined, text(key)]
  return { on, from, to }
}

const namesOf = (key: string, { kind }: FilterDeclaration) =>
  kind === 'period'
    ? [`${key}From`, `${key}To`]
    : kind === 'amount'
      ? [`${key}FromFen`, `${key}ToFen`]
      : [key]

/** Returns the condition of a filter that compares one column, or that asks for rows without a facet. */
function compare(key: string, filter: FilterDeclaration, asked: Filter): RawBuilder<unknown> {
  if (filter.present !== undefined) return sql`not ${matching({ facets: [[filter.present]] })}`
  const column = sql.ref(`t.${filter.column ?? 'id'}`)
  const value = asked[key]
  switch (filter.kind) {
    case 'ids':
      return sql`${column} = any(${idList(String(value), key)}::bigint[])`
    case 'shops':
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

function sortOf({ sorts, sort, tabs, tab }: ListDeclaration, asked: Filter) {
  const text = String(asked['sort'] ?? tabs[String(asked['tab'] ?? tab)]?.sort ?? sort)
  const name = text.replace(/^-/, '')
  if (sorts.length > 0 && !sorts.includes(name)) wrong('sort')
  return { sort: name, descending: text.startsWith('-') }
}

/** Returns the codes. Throws if one is unknown. */
const knownCodes = (field: string, choices: Codes, text: unknown): string[] =>
  split(text).map((one) => (Object.hasOwn(choices, one) ? one : wrong(field)))

export const split = (text: unknown) =>
  String(text ?? '')
    .split(',')
    .filter(Boolean)

/** Reads pasted values, such as "1, 2，3；4", because users paste from sheets. */
export function pasted(text: string, field: string): string[] {
  const all = [...new Set(text.split(/[\s,，;；、]+/).filter(Boolean))]
  if (all.length > 1000) throw new AppError('too_many_ids', { max: 1000 }, field)
  return all
}

export function idList(text: string, field = 'ids'): string[] {
  const all = pasted(text, field)
  return all.every((id) => /^[1-9]\d{0,17}$/.test(id)) ? all : wrong(field)
}

/** The SQL condition that the column has one of the comma-separated values of `list`; true if `list` is undefined. */
export function hasOneOf(column: RawBuilder<unknown>, list: string | undefined): RawBuilder<unknown> {
  return list === undefined ? sql`true` : sql`${column} = any(${list.split(',')}::text[])`
}

export function wrong(field: string): never {
  throw new AppError('invalid_input', { detail: field }, field)
}
