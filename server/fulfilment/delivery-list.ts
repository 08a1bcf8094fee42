import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../core/access/actor.ts'
import { scopeSql, warehouseSql } from '../core/access/scope.ts'
import type { ListQuery, ListTable } from '../core/lists/list-table.ts'
import { AppError } from '../errors.ts'
import { facet, idFacet } from '../lib/facets.ts'
import { type DeliveryFilter, type DeliverySort, type DeliveryTab, deliverySorts } from './contract.ts'
import { asNumber, uncheckedOutcomes, writeBacks } from './lifecycle.ts'

export const deliveryTable: ListTable<DeliverySort> = {
  name: 'delivery',
  group: { column: 'standing' },
  shopFacet: (shop) => idFacet('shop', shop),
  sorts: {
    createdAt: { value: sql`t.created_at`, cast: 'timestamptz' },
    shipBy: { value: sql`coalesce(t.ship_by, 'infinity'::timestamptz)`, cast: 'timestamptz' },
  },
}

const groupsOf: Record<DeliveryTab, readonly string[]> = {
  pending: ['pending'],
  shipped: ['shipped', 'failed'],
  failed: ['failed'],
  cancelled: ['cancelled'],
  all: ['pending', 'shipped', 'failed', 'cancelled'],
}

/** Named filters → facets and conditions. Throws `invalid_input` naming the field. */
export function deliveryQuery(
  filter: DeliveryFilter,
  scope: Scope,
  sort: string | undefined,
): ListQuery<DeliverySort> {
  const facets: (readonly number[])[] = []
  const where: RawBuilder<unknown>[] = []
  if (scope.shops !== 'all') {
    facets.push(scope.shops.map((id) => idFacet('shop', id)))
    where.push(scopeSql(scope, sql.ref('t.shop_id')))
  }
  if (scope.warehouses !== 'all') where.push(warehouseSql(scope, sql.ref('t.warehouse_id')))
  if (filter.shop) facets.push(split(filter.shop).map((id) => idFacet('shop', id)))
  if (filter.writeBack) facets.push(split(filter.writeBack).map(writeBackFacet))
  if (filter.courier) where.push(sql`t.courier = any(${split(filter.courier)}::text[])`)
  if (filter.waybill) where.push(filter.waybill === 'yes' ? sql`t.waybill_no <> ''` : sql`t.waybill_no = ''`)
  if (filter.shipByTo)
    where.push(sql`coalesce(t.ship_by, 'infinity'::timestamptz) < ${filter.shipByTo}::timestamptz`)
  if (filter.unasked) where.push(uncheckedIs(split(filter.unasked)))
  if (filter.orderId) where.push(sql`t.order_id = ${filter.orderId}::bigint`)
  if (filter.ids) where.push(sql`t.id = any(${idList(filter.ids)}::bigint[])`)
  const text = filter.q?.trim() ?? ''
  if (text !== '') where.push(numbersAre([text]))
  if (filter.numbers) where.push(numbersAre(pasted(filter.numbers, 'numbers')))
  const few =
    [filter.orderId, filter.ids, filter.numbers, filter.unasked].some((one) => one !== undefined) ||
    text !== ''
  return { groups: groupsOf[filter.tab ?? 'pending'], facets, where, few, ...orderOf(sort) }
}

/** Few parcels ever leave so, and they have a table of their own. */
function uncheckedIs(asked: readonly string[]): RawBuilder<unknown> {
  const known: readonly string[] = uncheckedOutcomes
  if (asked.some((state) => !known.includes(state))) wrong('unasked')
  return sql`t.id in (
    select u.delivery_id from unasked_parcel u join delivery of on of.id = u.delivery_id and of.round = u.round
    where case when u.answered_at is null then 'waiting' else u.outcome end = any(${[...asked]}::text[]))`
}

/** Each kind of number has an index of its own. */
function numbersAre(given: readonly string[]): RawBuilder<unknown> {
  const numbers = given.map(asNumber)
  const waybills = given.map((one) => one.toUpperCase())
  return sql`t.id in (
    select id from delivery where no = any(${numbers}::text[])
    union all select id from delivery where order_no = any(${numbers}::text[])
    union all select id from delivery where tid = any(${numbers}::text[])
    union all select id from delivery where waybill_no = any(${waybills}::text[]) and waybill_no <> '' and status <> 'cancelled')`
}

function orderOf(sort: string | undefined): { sort: DeliverySort; descending: boolean } {
  const text = sort ?? '-createdAt'
  const name = deliverySorts.find((known) => known === text.replace(/^-/, ''))
  return name ? { sort: name, descending: text.startsWith('-') } : wrong('sort')
}

function writeBackFacet(name: string): number {
  const known: readonly string[] = writeBacks
  const at = known.indexOf(name)
  return at < 0 ? wrong('writeBack') : facet('writeBack', at + 1)
}

function idList(text: string): string[] {
  const all = pasted(text, 'ids')
  return all.every((id) => /^[1-9]\d{0,17}$/.test(id)) ? all : wrong('ids')
}

function pasted(text: string, field: string): string[] {
  const all = [...new Set(text.split(/[\s,，;；、]+/).filter(Boolean))]
  if (all.length > 1000) throw new AppError('too_many_ids', { max: 1000 }, field)
  return all
}

const split = (text: string) => text.split(',').filter(Boolean)

function wrong(field: string): never {
  throw new AppError('invalid_input', { detail: field }, field)
}
