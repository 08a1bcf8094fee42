import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../actor.ts'
import { tradeTypes } from '../connectors/connector.ts'
import { couriers } from '../connectors/couriers.ts'
import type { Database } from '../db.ts'
import { AppError } from '../errors.ts'
import { facet, has, hashFacet, idFacet } from '../lib/facets.ts'
import type { KeyRing } from '../lib/seal.ts'
import { shortRegion, textHash } from '../lib/text-hash.ts'
import { isTradeNumber, searchOf } from '../list-search.ts'
import type { ListQuery, ListTable } from '../list-table.ts'
import { scopeSql } from '../scope.ts'
import { type OrderFilter, type OrderSort, type OrderTab, orderSorts } from './contract.ts'
import {
  courierFacet,
  deskFacets,
  differsFacet,
  goodsBits,
  goodsFacets,
  heldFacet,
  originFacet,
  plannedFacet,
  refundFacets,
  statusFacet,
} from './facets.ts'
import { type OrderStatus, orderStatuses, ownOrigins, unshipped } from './lifecycle.ts'
import { isOwnNumber, tidIn } from './own-order-queries.ts'

export const orderTable: ListTable<OrderSort> = {
  name: 'sales_order',
  group: {
    column: 'status',
    facet: (group) => statusFacet(orderStatuses.find((status) => status === group) ?? 'unconfirmed'),
  },
  shopFacet: (shop) => idFacet('shop', shop),
  sorts: {
    createdAt: { value: sql`t.created_at`, cast: 'timestamptz' },
    paidAt: { value: sql`coalesce(t.paid_at, '-infinity'::timestamptz)`, cast: 'timestamptz' },
    shipBy: { value: sql`coalesce(t.ship_by, 'infinity'::timestamptz)`, cast: 'timestamptz' },
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
  const tab = filter.tab ?? 'unconfirmed'
  const facets = facetsOf(filter, tab)
  const where: RawBuilder<unknown>[] = []
  if (scope.shops !== 'all') {
    facets.push(scope.shops.map((id) => idFacet('shop', id)))
    where.push(scopeSql(scope, sql.ref('t.shop_id')))
  }
  for (const [name, yes, no] of presence) {
    if (filter[name]) facets.push([facet('has', filter[name] === 'true' ? yes : no)])
  }
  for (const [name, one] of desk) {
    // What an index finds by its absence is nothing.
    if (filter[name] === 'true') facets.push([one])
    if (filter[name] === 'false') where.push(sql`not t.facets @> array[${one}::int]`)
  }
  if (filter.tids) where.push(tidIn('t', pasted(filter.tids, 'tids')))
  if (filter.ids) where.push(sql`t.id = any(${idList(filter.ids)}::bigint[])`)
  if (filter.warehouse) where.push(sql`t.warehouse_id = any(${split(filter.warehouse)}::bigint[])`)
  if (filter.paidFrom) where.push(sql`t.paid_at >= ${filter.paidFrom}::timestamptz`)
  if (filter.paidTo) where.push(sql`t.paid_at < ${filter.paidTo}::timestamptz`)
  if (filter.createdFrom) where.push(sql`t.created_at >= ${filter.createdFrom}::timestamptz`)
  if (filter.createdTo) where.push(sql`t.created_at < ${filter.createdTo}::timestamptz`)
  if (filter.shipAfterTo) where.push(sql`t.ship_after < ${filter.shipAfterTo}::timestamptz`)
  if (filter.shipByTo) where.push(sql`t.ship_by < ${filter.shipByTo}::timestamptz`)
  const text = filter.q?.trim() ?? ''
  const number = numberIs(text) ?? (await ownNumberIs(db, text))
  if (number) where.push(number)
  const search =
    text === '' || number
      ? undefined
      : await searchOf(parts.ring, text, async (like) => (await parts.itemsLike?.(db, scope, like)) ?? [])
  const few = number !== undefined || filter.tids !== undefined || filter.ids !== undefined
  return { groups: groupsOf(tab), facets, ...(search ? { search } : {}), where, few, ...orderOf(sort) }
}

const presence = [
  ['hasMessage', has.message, has.noMessage],
  ['hasMemo', has.memo, has.noMemo],
  ['cod', has.cod, has.noCod],
  ['severalLines', has.severalLines, has.oneLine],
] as const

const desk = [
  ['urgent', deskFacets.urgent],
  ['problem', deskFacets.problem],
  ['locked', deskFacets.locked],
  ['planned', plannedFacet],
] as const

function groupsOf(tab: OrderTab): readonly OrderStatus[] {
  if (tab === 'all') return orderStatuses
  if (tab === 'problem') return ['unconfirmed']
  return tab === 'held' || tab === 'differs' || tab === 'short' || tab === 'presale' ? unshipped : [tab]
}

function facetsOf(filter: OrderFilter, tab: OrderTab): (readonly number[])[] {
  const facets: (readonly number[])[] = []
  if (filter.shop) facets.push(split(filter.shop).map((id) => idFacet('shop', id)))
  if (filter.flag) facets.push(split(filter.flag).map(flagFacet))
  if (filter.type) facets.push(split(filter.type).map(typeFacet))
  if (filter.province) {
    facets.push(split(filter.province).map((name) => hashFacet('province', textHash(shortRegion(name)))))
  }
  if (filter.refund) facets.push(split(filter.refund).map(refundFacet))
  if (tab === 'problem') facets.push([deskFacets.problem])
  if (filter.courier) facets.push(split(filter.courier).map(courierOf))
  if (tab === 'held') facets.push([heldFacet(true)])
  if (filter.held) facets.push([heldFacet(filter.held === 'true')])
  if (tab === 'differs') facets.push([differsFacet(true)])
  if (filter.differs) facets.push([differsFacet(filter.differs === 'true')])
  if (tab === 'short') facets.push(goodsFacets(goodsBits.short, true))
  if (tab === 'presale') facets.push([plannedFacet])
  if (filter.origin) facets.push(split(filter.origin).map(originOf))
  if (filter.short) facets.push(goodsFacets(goodsBits.short, filter.short === 'true'))
  if (filter.unmatched) facets.push(goodsFacets(goodsBits.unmatched, filter.unmatched === 'true'))
  return facets
}

/** An order or trade number, whole; each has an index of its own. */
function numberIs(text: string): RawBuilder<unknown> | undefined {
  if (/^SO\d{6,}$/i.test(text)) return sql`t.no = ${text.toUpperCase()}`
  return isTradeNumber(text) ? tidIn('t', [text]) : undefined
}

/** The number of an order without a trade may look like anything. */
async function ownNumberIs(db: Database, text: string): Promise<RawBuilder<unknown> | undefined> {
  return text !== '' && (await isOwnNumber(db, text)) ? tidIn('t', [text]) : undefined
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
  const known = ownOrigins.find((origin) => origin === text)
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
