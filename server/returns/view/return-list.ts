import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../../core/access/actor.ts'
import { scopeSql, warehouseSql } from '../../core/access/scope.ts'
import { idList, pasted, split, wrong } from '../../core/lists/define.ts'
import type { ListQuery, ListTable } from '../../core/lists/list-table.ts'
import { idFacet } from '../../lib/facets.ts'
import { type ReturnFilter, type ReturnSort, type ReturnTab, returnSorts } from '../contract.ts'
import {
  parcelStatuses,
  receiptWriteBacks,
  returnKinds,
  returnOrigins,
  returnStatuses,
} from '../lifecycle.ts'
import type { ParcelFilter, ParcelTab } from '../parcels/parcel-contract.ts'

const sorts = { createdAt: { value: sql`t.created_at`, cast: 'timestamptz' } } as const

export const returnTable: ListTable<ReturnSort> = {
  name: 'return_order',
  group: { column: 'status' },
  shopFacet: (shop) => idFacet('shop', shop),
  sorts,
}

const groupsOf = (tab: ReturnTab): readonly string[] =>
  tab === 'all' || tab === 'problem' ? returnStatuses : [tab]

export function returnQuery(
  filter: ReturnFilter,
  scope: Scope,
  sort: string | undefined,
): ListQuery<ReturnSort> {
  const facets: (readonly number[])[] = []
  const where: RawBuilder<unknown>[] = []
  if (scope.shops !== 'all') {
    facets.push(scope.shops.map((id) => idFacet('shop', id)))
    where.push(scopeSql(scope, sql.ref('t.shop_id')))
  }
  if (scope.warehouses !== 'all') where.push(warehouseSql(scope, sql.ref('t.warehouse_id')))
  if (filter.shop) facets.push(split(filter.shop).map((id) => idFacet('shop', id)))
  if (filter.warehouse) where.push(sql`t.warehouse_id = any(${split(filter.warehouse)}::bigint[])`)
  if (filter.kind) where.push(sql`t.kind = any(${chosen(filter.kind, returnKinds, 'kind')}::text[])`)
  if (filter.origin)
    where.push(sql`t.origin = any(${chosen(filter.origin, returnOrigins, 'origin')}::text[])`)
  if (filter.told) where.push(sql`t.told = any(${chosen(filter.told, receiptWriteBacks, 'told')}::text[])`)
  if (filter.waybill) where.push(filter.waybill === 'yes' ? sql`t.waybill_no <> ''` : sql`t.waybill_no = ''`)
  if (filter.tab === 'problem') where.push(sql`t.open_problems > 0`)
  if (filter.orderId) where.push(sql`t.order_id = ${filter.orderId}::bigint`)
  if (filter.ids) where.push(sql`t.id = any(${idList(filter.ids)}::bigint[])`)
  const text = filter.q?.trim() ?? ''
  if (text !== '') where.push(numbersAre([text]))
  if (filter.numbers) where.push(numbersAre(pasted(filter.numbers, 'numbers')))
  const few =
    filter.tab === 'problem' ||
    [filter.orderId, filter.ids, filter.numbers].some((one) => one !== undefined) ||
    text !== ''
  const { createdFrom: from, createdTo: to } = filter
  return {
    groups: groupsOf(filter.tab ?? 'unconfirmed'),
    facets,
    where,
    few,
    ...(from === undefined && to === undefined ? {} : { ranges: [{ on: 'createdAt' as const, from, to }] }),
    ...orderOf(sort),
  }
}

/** Condition for returns with one of these numbers, as one query for each kind of number, so that each query uses the index of its kind. */
function numbersAre(given: readonly string[]): RawBuilder<unknown> {
  const numbers = given.map((one) => (/^(rt|so)\d+$/i.test(one) ? one.toUpperCase() : one))
  const waybills = given.map((one) => one.toUpperCase())
  return sql`t.id in (
    select id from return_order where no = any(${numbers}::text[])
    union all select id from return_order where order_no = any(${numbers}::text[])
    union all select id from return_order where tid = any(${numbers}::text[])
    union all select id from return_order where refund_no = any(${numbers}::text[]) and refund_no <> ''
    union all select id from return_order where waybill_no = any(${waybills}::text[]) and waybill_no <> '')`
}

export const parcelTable: ListTable<ReturnSort> = {
  name: 'unclaimed_parcel',
  group: { column: 'status' },
  shopFacet: () => 0,
  sorts,
}

export function parcelQuery(
  filter: ParcelFilter,
  scope: Scope,
  sort: string | undefined,
): ListQuery<ReturnSort> {
  const where: RawBuilder<unknown>[] = []
  if (scope.warehouses !== 'all') where.push(warehouseSql(scope, sql.ref('t.warehouse_id')))
  if (filter.warehouse) where.push(sql`t.warehouse_id = any(${split(filter.warehouse)}::bigint[])`)
  if (filter.ids) where.push(sql`t.id = any(${idList(filter.ids)}::bigint[])`)
  const text = filter.q?.trim().toUpperCase() ?? ''
  if (text !== '') where.push(sql`(t.no = ${text} or t.waybill_no = ${text} or t.return_no = ${text})`)
  const tab: ParcelTab = filter.tab ?? 'unclaimed'
  const groups = tab === 'all' ? parcelStatuses : [tab]
  return { groups, facets: [], where, few: filter.ids !== undefined, ...orderOf(sort) }
}

function orderOf(sort: string | undefined): { sort: ReturnSort; descending: boolean } {
  const text = sort ?? '-createdAt'
  const name = returnSorts.find((known) => known === text.replace(/^-/, ''))
  return name ? { sort: name, descending: text.startsWith('-') } : wrong('sort')
}

function chosen(text: string, known: readonly string[], field: string): string[] {
  const all = split(text)
  return all.every((one) => known.includes(one)) ? all : wrong(field)
}
