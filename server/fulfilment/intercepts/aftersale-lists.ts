import { type RawBuilder, sql } from 'kysely'
import { skuGoods } from '../../catalog/relations.ts'
import type { Scope } from '../../core/access/actor.ts'
import { scopeSql, warehouseSql } from '../../core/access/scope.ts'
import { idList, pasted, wrong } from '../../core/lists/define-query.ts'
import type { ListQuery, ListTable } from '../../core/lists/list-table.ts'
import { idFacet } from '../../lib/facets.ts'
import { asNumber } from '../lifecycle.ts'
import {
  type InterceptFilter,
  type InterceptSort,
  type InterceptTab,
  interceptSorts,
  type PutBackFilter,
  type PutBackSort,
  type PutBackTab,
  putBackSorts,
} from './aftersale-contract.ts'

export const interceptTable: ListTable<InterceptSort> = {
  name: 'intercept',
  group: { column: 'state' },
  shopFacet: (shop) => idFacet('shop', shop),
  sorts: {
    deadline: { value: sql`coalesce(t.deadline, 'infinity'::timestamptz)`, cast: 'timestamptz' },
    createdAt: { value: sql`t.created_at`, cast: 'timestamptz' },
  },
}

export const putBackTable: ListTable<PutBackSort> = {
  name: 'put_back',
  group: { column: 'state' },
  shopFacet: (shop) => idFacet('shop', shop),
  sorts: { createdAt: { value: sql`t.created_at`, cast: 'timestamptz' } },
}

const ended = ['pulled', 'returned', 'missed', 'money', 'lifted']
const interceptGroups: Record<InterceptTab, readonly string[]> = {
  pull: ['open', 'asked'],
  recall: ['open', 'asked'],
  ended,
  all: ['open', 'asked', ...ended],
}
const putBackGroups: Record<PutBackTab, readonly string[]> = {
  open: ['open'],
  done: ['done', 'unpicked'],
  all: ['open', 'done', 'unpicked'],
}

export function interceptQuery(
  filter: InterceptFilter,
  scope: Scope,
  sort: string | undefined,
): ListQuery<InterceptSort> {
  const tab = filter.tab ?? 'pull'
  const { where, ...common } = commonOf(filter, scope)
  if (tab === 'pull' || tab === 'recall') where.push(sql`t.way = ${tab}`)
  if (filter.deadlineTo)
    where.push(sql`coalesce(t.deadline, 'infinity'::timestamptz) < ${filter.deadlineTo}::timestamptz`)
  return {
    groups: interceptGroups[tab],
    where,
    ...common,
    ...orderOf(interceptSorts, sort, tab === 'ended' || tab === 'all' ? '-createdAt' : 'deadline'),
  }
}

export function putBackQuery(
  filter: PutBackFilter,
  scope: Scope,
  sort: string | undefined,
): ListQuery<PutBackSort> {
  const tab = filter.tab ?? 'open'
  const text = filter.q?.trim() ?? ''
  const bySku = text === '' ? null : sql`select sku_id from ${skuGoods} as goods where goods.code = ${text}`
  const common = commonOf(filter, scope, bySku ? sql`t.sku_id in (${bySku})` : undefined)
  return {
    groups: putBackGroups[tab],
    ...common,
    ...orderOf(putBackSorts, sort, tab === 'open' ? 'createdAt' : '-createdAt'),
  }
}

/** `or`: a further condition that the search text may match. */
function commonOf(
  filter: Pick<InterceptFilter, 'shop' | 'orderId' | 'q' | 'numbers' | 'ids'>,
  scope: Scope,
  or?: RawBuilder<unknown>,
) {
  const facets: (readonly number[])[] = []
  const where: RawBuilder<unknown>[] = []
  if (scope.shops !== 'all') {
    facets.push(scope.shops.map((id) => idFacet('shop', id)))
    where.push(scopeSql(scope, sql.ref('t.shop_id')))
  }
  if (scope.warehouses !== 'all') where.push(warehouseSql(scope, sql.ref('t.warehouse_id')))
  if (filter.shop)
    facets.push(
      filter.shop
        .split(',')
        .filter(Boolean)
        .map((id) => idFacet('shop', id)),
    )
  if (filter.orderId) where.push(sql`t.order_id = ${filter.orderId}::bigint`)
  if (filter.ids) where.push(sql`t.id = any(${idList(filter.ids)}::bigint[])`)
  const text = filter.q?.trim() ?? ''
  if (text !== '') where.push(or ? sql`(${numbersAre([text])} or ${or})` : numbersAre([text]))
  if (filter.numbers) where.push(numbersAre(pasted(filter.numbers, 'numbers')))
  const few = [filter.orderId, filter.ids, filter.numbers].some((one) => one !== undefined) || text !== ''
  return { facets, where, few }
}

function numbersAre(given: readonly string[]): RawBuilder<unknown> {
  const numbers = given.map(asNumber)
  const waybills = given.map((one) => one.toUpperCase())
  return sql`(t.delivery_no = any(${numbers}::text[]) or t.order_no = any(${numbers}::text[])
    or t.tid = any(${numbers}::text[]) or (t.waybill_no = any(${waybills}::text[]) and t.waybill_no <> ''))`
}

function orderOf<Sort extends string>(
  names: readonly Sort[],
  sort: string | undefined,
  usual: string,
): { sort: Sort; descending: boolean } {
  const text = sort ?? usual
  const name = names.find((known) => known === text.replace(/^-/, ''))
  return name ? { sort: name, descending: text.startsWith('-') } : wrong('sort')
}
