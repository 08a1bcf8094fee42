import { type RawBuilder, sql } from 'kysely'
import { tradeTypes } from '../../connectors/connector.ts'
import { couriers } from '../../connectors/couriers.ts'
import type { Scope } from '../../core/access/actor.ts'
import { inScope } from '../../core/access/scope.ts'
import type { Database } from '../../core/db/db.ts'
import { countTabs, inTab, type Tab } from '../../core/lists/list.ts'
import { isTradeNumber, searchOf } from '../../core/lists/list-search.ts'
import {
  type CappedCount,
  type ListQuery,
  type ListTable,
  type Range,
  sumOf,
} from '../../core/lists/list-table.ts'
import { AppError } from '../../errors.ts'
import { facet, has, hashFacet, idFacet } from '../../lib/facets.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { shortRegion, textHash } from '../../lib/text-hash.ts'
import { dayMs } from '../../lib/time.ts'
import {
  allocationBits,
  allocationFacets,
  changedFacet,
  courierFacet,
  flagFacets,
  heldFacet,
  originFacet,
  plannedFacet,
  refundFacets,
  statusFacet,
  warehouseFacet,
} from '../order/facets.ts'
import { type OrderStatus, offPlatformOrigins, orderStatuses, unshipped } from '../order/lifecycle.ts'
import { isOffPlatformNumber, tidIn } from '../order/numbers.ts'
import { type OrderFilter, type OrderSort, type OrderTab, orderSorts } from './contract.ts'

/** The times that a list of orders can be narrowed by; by all but the last it can be sorted. */
export type OrderTime = OrderSort | 'shipAfter'

const planned = sql`t.ship_after is not null`

export const orderTable: ListTable<OrderTime> = {
  name: 'sales_order',
  group: {
    column: 'status',
    facet: (group) => statusFacet(orderStatuses.find((status) => status === group) ?? 'unconfirmed'),
  },
  shopFacet: (shop) => idFacet('shop', shop),
  buyerTable: 'sales_order_person',
  sorts: {
    createdAt: { value: sql`t.created_at`, cast: 'timestamptz' },
    paidAt: {
      value: sql`coalesce(t.paid_at, '-infinity'::timestamptz)`,
      cast: 'timestamptz',
      lacksFirst: true,
    },
    shipBy: { value: sql`coalesce(t.ship_by, 'infinity'::timestamptz)`, cast: 'timestamptz' },
    shipAfter: {
      value: sql`coalesce(t.ship_after, 'infinity'::timestamptz)`,
      cast: 'timestamptz',
      only: planned,
    },
  },
  // An order is paid on the day it is made; it is due, and planned to leave, within sixteen days. Migration 0097 has the same numbers.
  near: {
    steady: 'createdAt',
    after: {
      createdAt: [0, 0],
      paidAt: [-dayMs, dayMs],
      shipBy: [0, 16 * dayMs],
      shipAfter: [0, 16 * dayMs],
    },
    lacking: { paidAt: sql`t.paid_at is null`, shipBy: sql`t.ship_by is null` },
    farIndex: 'sales_order_far',
    far: sql`times_are_far(t.created_at, t.paid_at, t.ship_by, t.ship_after)`,
  },
}

/** What a search needs besides the filter: the keys that hash, and the goods whose title holds a text. */
export type SearchParts = {
  ring: KeyRing
  itemsLike?: (db: Database, scope: Scope, text: string) => Promise<string[]>
}

/** Named filters → facets and conditions. Throws `invalid_input` naming the field. */
export async function orderQuery(
  db: Database,
  parts: SearchParts,
  filter: OrderFilter,
  scope: Scope,
  sort: string | undefined,
): Promise<ListQuery<OrderTime>> {
  return inTab(await anywhere(db, parts, filter, scope, sort), tabs[filter.tab ?? 'unconfirmed'])
}

/** How many orders of the filter stand in each tab, capped. What the filter searches for is looked up once. */
export async function countInTabs(
  db: Database,
  parts: SearchParts,
  filter: OrderFilter,
  scope: Scope,
): Promise<Record<OrderTab, CappedCount>> {
  const { all: _all, ...others } = tabs
  const counted = await countTabs(db, orderTable, await anywhere(db, parts, filter, scope, undefined), others)
  return { ...counted, all: sumOf(orderStatuses.map((status) => counted[status])) }
}

/** What does not depend on the tab. */
async function anywhere(
  db: Database,
  parts: SearchParts,
  filter: OrderFilter,
  scope: Scope,
  sort: string | undefined,
): Promise<ListQuery<OrderTime>> {
  const facets = facetsOf(filter)
  const where: RawBuilder<unknown>[] = []
  for (const name of ['urgent', 'locked'] as const) {
    if (filter[name] === 'true') facets.push([flagFacets[name]])
  }
  // An index finds nothing by its absence.
  if (filter.urgent === 'false') where.push(sql`not t.urgent`)
  if (filter.locked === 'false') where.push(sql`t.locked_by is null`)
  const asked = blockersOf(filter)
  facets.push(...asked.flatMap((one) => (one.facets ? [one.facets] : [])))
  where.push(...asked.flatMap((one) => one.where ?? []))
  if (filter.tids) where.push(tidIn('t', pasted(filter.tids, 'tids')))
  if (filter.ids) where.push(sql`t.id = any(${idList(filter.ids)}::bigint[])`)
  const text = filter.q?.trim() ?? ''
  const number = numberIs(text) ?? (await offPlatformNumberIs(db, text))
  if (number) where.push(number)
  const search =
    text === '' || number
      ? undefined
      : await searchOf(parts.ring, text, async (like) => (await parts.itemsLike?.(db, scope, like)) ?? [])
  return {
    groups: orderStatuses,
    shops: shopsOf(filter.shop, scope),
    facets,
    ...(search ? { search } : {}),
    ranges: rangesOf(filter),
    where,
    ...(asked.includes(is.planned) ? { only: planned } : {}),
    few: number !== undefined || filter.tids !== undefined || filter.ids !== undefined,
    ...orderOf(sort),
  }
}

function rangesOf(filter: OrderFilter): Range<OrderTime>[] {
  const { createdFrom, createdTo, paidFrom, paidTo, shipByTo, shipAfterTo } = filter
  return [
    ...(createdFrom || createdTo ? [{ on: 'createdAt' as const, from: createdFrom, to: createdTo }] : []),
    ...(paidFrom || paidTo ? [{ on: 'paidAt' as const, from: paidFrom, to: paidTo }] : []),
    ...(shipByTo ? [{ on: 'shipBy' as const, to: shipByTo }] : []),
    ...(shipAfterTo ? [{ on: 'shipAfter' as const, to: shipAfterTo }] : []),
  ]
}

/** The shops asked for, of those of the scope; undefined: all. What is asked for beyond the scope finds nothing. */
function shopsOf(shop: string | undefined, scope: Scope): readonly string[] | undefined {
  if (shop) return split(shop).filter((id) => inScope(scope, id))
  return scope.shops === 'all' ? undefined : scope.shops
}

const presence = [
  ['hasMessage', has.message, has.noMessage],
  ['hasMemo', has.memo, has.noMemo],
  ['cod', has.cod, has.noCod],
  ['severalLines', has.severalLines, has.oneLine],
] as const

/** Reasons for which an order waits, or the plan that it waits by. */
const blockers = ['held', 'problem', 'differs', 'short', 'planned'] as const
type Blocker = (typeof blockers)[number]
const is = {
  held: { facets: [heldFacet(true)] },
  problem: { facets: [flagFacets.problem] },
  differs: { facets: [changedFacet(true)] },
  short: { facets: allocationFacets(allocationBits.short, true) },
  planned: { facets: [plannedFacet], only: planned },
} satisfies Record<Blocker, Partial<Tab>>
const isNot: Record<Blocker, Partial<Tab>> = {
  held: { facets: [heldFacet(false)] },
  problem: { where: sql`t.open_problems = 0` },
  differs: { facets: [changedFacet(false)] },
  short: { facets: allocationFacets(allocationBits.short, false) },
  planned: { where: sql`t.ship_after is null` },
}

function blockersOf(filter: OrderFilter): Partial<Tab>[] {
  return blockers.flatMap((one) => [
    // A latest date asks for orders that have one.
    ...(filter[one] === 'true' || (one === 'planned' && filter.shipAfterTo !== undefined) ? [is[one]] : []),
    ...(filter[one] === 'false' ? [isNot[one]] : []),
  ])
}

const inStatus = (status: OrderStatus): Tab => ({ groups: [status] })

const tabs: Record<OrderTab, Tab> = {
  all: { groups: orderStatuses },
  unconfirmed: inStatus('unconfirmed'),
  confirmed: inStatus('confirmed'),
  released: inStatus('released'),
  shipped: inStatus('shipped'),
  completed: inStatus('completed'),
  voided: inStatus('voided'),
  problem: { groups: ['unconfirmed'], ...is.problem },
  held: { groups: unshipped, ...is.held },
  differs: { groups: unshipped, ...is.differs },
  short: { groups: unshipped, ...is.short },
  presale: { groups: unshipped, ...is.planned },
}

function facetsOf(filter: OrderFilter): (readonly number[])[] {
  const facets: (readonly number[])[] = []
  for (const [name, yes, no] of presence) {
    if (filter[name]) facets.push([facet('has', filter[name] === 'true' ? yes : no)])
  }
  if (filter.flag) facets.push(split(filter.flag).map(flagFacet))
  if (filter.type) facets.push(split(filter.type).map(typeFacet))
  if (filter.province) {
    facets.push(split(filter.province).map((name) => hashFacet('province', textHash(shortRegion(name)))))
  }
  if (filter.refund) facets.push(split(filter.refund).map(refundFacet))
  if (filter.courier) facets.push(split(filter.courier).map(courierOf))
  if (filter.warehouse) facets.push(split(filter.warehouse).map(warehouseFacet))
  if (filter.origin) facets.push(split(filter.origin).map(originOf))
  if (filter.unmatched) facets.push(allocationFacets(allocationBits.unmatched, filter.unmatched === 'true'))
  return facets
}

/** An order or trade number, whole; each has an index of its own. */
function numberIs(text: string): RawBuilder<unknown> | undefined {
  if (/^SO\d{6,}(-\d+)?$/i.test(text)) return sql`t.no = ${text.toUpperCase()}`
  return isTradeNumber(text) ? tidIn('t', [text]) : undefined
}

/** The number of an order without a trade may look like anything. */
async function offPlatformNumberIs(db: Database, text: string): Promise<RawBuilder<unknown> | undefined> {
  return text !== '' && (await isOffPlatformNumber(db, text)) ? tidIn('t', [text]) : undefined
}

function orderOf(sort: string | undefined): { sort: OrderSort; descending: boolean } {
  const text = sort ?? '-createdAt'
  const name = orderSorts.find((known) => known === text.replace(/^-/, ''))
  return name ? { sort: name, descending: text.startsWith('-') } : wrong('sort')
}

function flagFacet(flag: string): number {
  return /^[0-5]$/.test(flag) ? facet('flag', Number(flag)) : wrong('flag')
}

function typeFacet(type: string): number {
  const known: readonly string[] = tradeTypes
  const at = known.indexOf(type)
  return at < 0 ? wrong('type') : facet('tradeType', at + 1)
}

function originOf(text: string): number {
  const known = offPlatformOrigins.find((origin) => origin === text)
  return known ? originFacet(known) : wrong('origin')
}

function courierOf(code: string): number {
  const known = couriers.find((courier) => courier.code === code)
  return known ? courierFacet(known.code) : wrong('courier')
}

function refundFacet(state: string): number {
  return state === 'none' || state === 'open' || state === 'succeeded' ? refundFacets[state] : wrong('refund')
}

function idList(text: string): string[] {
  const all = pasted(text, 'ids')
  return all.every((id) => /^[1-9]\d{0,17}$/.test(id)) ? all : wrong('ids')
}

/** "1, 2，3\n4" → ["1", "2", "3", "4"]: people paste from sheets. */
function pasted(text: string, field: string): string[] {
  const all = [...new Set(text.split(/[\s,，;；、]+/).filter(Boolean))]
  if (all.length > 1000) throw new AppError('too_many_ids', { max: 1000 }, field)
  return all
}

const split = (text: string) => text.split(',').filter(Boolean)

function wrong(field: string): never {
  throw new AppError('invalid_input', { detail: field }, field)
}
