import { type RawBuilder, sql } from 'kysely'
import { tradeTypes } from '../../connectors/connector.ts'
import { couriers } from '../../connectors/couriers.ts'
import type { Scope } from '../../core/access/actor.ts'
import { inScope } from '../../core/access/scope.ts'
import type { Database } from '../../core/db/db.ts'
import { counterOf } from '../../core/lists/list.ts'
import { isTradeNumber, searchOf } from '../../core/lists/list-search.ts'
import {
  type CappedCount,
  type ListQuery,
  type ListTable,
  lacksBits,
  type Range,
  sumOf,
} from '../../core/lists/list-table.ts'
import { AppError } from '../../errors.ts'
import { facet, has, hashFacet, idFacet } from '../../lib/facets.ts'
import { mapConcurrent } from '../../lib/few-at-a-time.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { shortRegion, textHash } from '../../lib/text-hash.ts'
import {
  allocationBits,
  allocationFacets,
  courierFacet,
  flagFacets,
  originFacet,
  refundFacets,
  warehouseFacet,
} from '../order/facets.ts'
import { type OrderStatus, offPlatformOrigins, orderStatuses, unshipped } from '../order/lifecycle.ts'
import { isOffPlatformNumber, tidIn } from '../order/numbers.ts'
import { type OrderFilter, type OrderSort, type OrderTab, orderSorts } from './contract.ts'
import { type Blocker, bitField, bitFieldOf, blockers, isKeyed, keyBase, substatesOf } from './order-marks.ts'

export const orderTable: ListTable<OrderSort> = {
  name: 'sales_order',
  group: { column: 'status' },
  shopFacet: (shop) => idFacet('shop', shop),
  lane: 'lane',
  covered: ['marks', 'created_at', 'paid_at', 'ship_by', 'ship_after'],
  markOf: bitFieldOf,
  weeks: {
    table: 'sales_order_week',
    group: 'status',
    columns: { createdAt: 'key_week', paidAt: 'paid_week', shipBy: 'ship_by_week' },
    steady: 'createdAt',
    keyed: isKeyed,
    base: keyBase,
    lags: {
      table: 'sales_order_lag',
      on: 'createdAt',
      columns: { paidAt: 'paid_lag', shipBy: 'ship_by_lag' },
    },
  },
  people: 'sales_order_person',
  sorts: {
    createdAt: { value: sql`t.created_at`, cast: 'timestamptz' },
    paidAt: {
      value: sql`coalesce(t.paid_at, '-infinity'::timestamptz)`,
      cast: 'timestamptz',
      nullable: 'paid_at',
    },
    shipBy: {
      value: sql`coalesce(t.ship_by, 'infinity'::timestamptz)`,
      cast: 'timestamptz',
      nullable: 'ship_by',
    },
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
): Promise<ListQuery<OrderSort>> {
  return inTab(await anywhere(db, parts, filter, scope, sort), filter)
}

/** How many orders of the filter stand in each tab, capped. What the filter searches for is looked up once. */
export async function countInTabs(
  db: Database,
  parts: SearchParts,
  filter: OrderFilter,
  scope: Scope,
): Promise<Record<OrderTab, CappedCount>> {
  const query = await anywhere(db, parts, filter, scope, undefined)
  const count = counterOf(db, orderTable, query)
  const inStatus = await mapConcurrent(orderStatuses, (status) =>
    count(inTab(query, { ...filter, tab: status })),
  )
  const sumIn = (some: readonly OrderStatus[]) =>
    sumOf(inStatus.filter((_, at) => some.some((one) => one === orderStatuses[at])))
  const byStanding = await mapConcurrent(blockerTabs, async (tab) => {
    const among = sumIn(groupsOf(tab))
    if (among.capped) return count(inTab(query, { ...filter, tab }))
    return among.count === 0 ? among : count(inTab(query, { ...filter, tab }), among.count)
  })
  const counts = [
    ...orderStatuses.map((tab, at) => [tab, inStatus[at]]),
    ...blockerTabs.map((tab, at) => [tab, byStanding[at]]),
    ['all', sumIn(orderStatuses)],
  ]
  return Object.fromEntries(counts)
}

/** What does not depend on the tab. */
async function anywhere(
  db: Database,
  parts: SearchParts,
  filter: OrderFilter,
  scope: Scope,
  sort: string | undefined,
): Promise<ListQuery<OrderSort>> {
  const facets = facetsOf(filter)
  const where: RawBuilder<unknown>[] = []
  for (const name of ['urgent', 'locked'] as const) {
    if (filter[name] === 'true') facets.push([flagFacets[name]])
    // What an index finds by its absence is nothing.
    if (filter[name] === 'false') where.push(lacksBits(bitField(name, 1)))
  }
  if (filter.tids) where.push(tidIn('t', pasted(filter.tids, 'tids')))
  if (filter.ids) where.push(sql`t.id = any(${idList(filter.ids)}::bigint[])`)
  if (filter.shipAfterTo) where.push(sql`t.ship_after < ${filter.shipAfterTo}::timestamptz`)
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
    // No platform gives own orders a deadline (migration 0033).
    ...(filter.origin ? { lacks: ['shipBy'] } : {}),
    where,
    few: number !== undefined || filter.tids !== undefined || filter.ids !== undefined,
    ...orderOf(sort),
  }
}

function inTab(query: ListQuery<OrderSort>, filter: OrderFilter): ListQuery<OrderSort> {
  const tab = filter.tab ?? 'unconfirmed'
  const { all, not } = blockersOf(filter, tab)
  return {
    ...query,
    groups: groupsOf(tab),
    ...(all.size + not.size > 0 ? { lanes: substatesOf(all, not) } : {}),
    where: [...query.where, ...[...all].map(is), ...[...not].map(isNot)],
  }
}

function rangesOf(filter: OrderFilter): Range<OrderSort>[] {
  const { createdFrom, createdTo, paidFrom, paidTo, shipByTo } = filter
  return [
    ...(createdFrom || createdTo ? [{ on: 'createdAt' as const, from: createdFrom, to: createdTo }] : []),
    ...(paidFrom || paidTo ? [{ on: 'paidAt' as const, from: paidFrom, to: paidTo }] : []),
    ...(shipByTo ? [{ on: 'shipBy' as const, to: shipByTo }] : []),
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

/** What orders of the tab and the filter are, and what they are not. */
function blockersOf(filter: OrderFilter, tab: OrderTab): { all: Set<Blocker>; not: Set<Blocker> } {
  const ofTab = blockers.filter((standing) => standing === (tab === 'presale' ? 'planned' : tab))
  const asked = (answer: string) => blockers.filter((standing) => filter[standing] === answer)
  // A date that it must lie before tells that there is one.
  return {
    all: new Set([...ofTab, ...asked('true'), ...(filter.shipAfterTo ? (['planned'] as const) : [])]),
    not: new Set(asked('false')),
  }
}

// By marks and not by facets: lanes tell nearly all of it, and what they tell need not be looked up.
const field = (standing: Blocker) =>
  standing === 'short' ? bitField('goods', allocationBits.short) : bitField(standing, 1)
const bitOf = (one: Blocker) => {
  const { at, value } = field(one)
  return sql`(t.marks >> ${sql.lit(at)} & ${sql.lit(value)})`
}
const is = (one: Blocker): RawBuilder<unknown> => sql`${bitOf(one)} <> 0`
const isNot = (one: Blocker): RawBuilder<unknown> => sql`${bitOf(one)} = 0`

/** Those tabs that show a part of what stands in others. */
const blockerTabs = ['problem', 'held', 'differs', 'short', 'presale'] as const satisfies readonly OrderTab[]

function groupsOf(tab: OrderTab): readonly OrderStatus[] {
  if (tab === 'all') return orderStatuses
  if (tab === 'problem') return ['unconfirmed']
  return tab === 'held' || tab === 'differs' || tab === 'short' || tab === 'presale' ? unshipped : [tab]
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
