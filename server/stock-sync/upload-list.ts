import { type RawBuilder, sql } from 'kysely'
import { listingFaces, listingsContaining } from '../catalog/relations.ts'
import type { Scope } from '../core/access/actor.ts'
import { scopeSql } from '../core/access/scope.ts'
import { idList, wrong } from '../core/lists/define.ts'
import type { ListQuery, ListTable } from '../core/lists/list-table.ts'
import { idFacet } from '../lib/facets.ts'
import type { StockSyncFilter, StockSyncTab } from './contract.ts'
import { type StockSyncState, stockSyncStates } from './lifecycle.ts'

export type StockSyncSort = 'createdAt'

export const stockSyncTable: ListTable<StockSyncSort> = {
  name: 'stock_upload',
  group: { column: 'standing' },
  shopFacet: (shop) => idFacet('shop', shop),
  sorts: { createdAt: { value: sql`t.created_at`, cast: 'timestamptz' } },
}

const groupsOf: Record<StockSyncTab, readonly StockSyncState[]> = {
  failed: ['failed'],
  waiting: ['waiting'],
  synced: ['synced'],
  paused: ['paused', 'off'],
  all: stockSyncStates,
}

export function stockSyncQuery(
  filter: StockSyncFilter,
  scope: Scope,
  sort: string | undefined,
): ListQuery<StockSyncSort> {
  const facets: (readonly number[])[] = []
  const where: RawBuilder<unknown>[] = []
  if (scope.shops !== 'all') {
    facets.push(scope.shops.map((id) => idFacet('shop', id)))
    where.push(scopeSql(scope, sql.ref('t.shop_id')))
  }
  if (filter.shop) facets.push(filter.shop.split(',').map((id) => idFacet('shop', id)))
  if (filter.own) where.push(filter.own === 'true' ? sql`t.rule is not null` : sql`t.rule is null`)
  if (filter.zero) where.push(filter.zero === 'true' ? sql`t.quantity = 0` : sql`t.quantity > 0`)
  if (filter.skuId)
    where.push(sql`t.id in (select l.id from ${listingFaces} l where l.sku_id = ${filter.skuId}::bigint)`)
  if (filter.ids) where.push(sql`t.id = any(${idList(filter.ids)}::bigint[])`)
  const text = filter.q?.trim() ?? ''
  if (text !== '') where.push(sql`t.id in ${listingsContaining(text)}`)
  const few = text !== '' || filter.ids !== undefined || filter.skuId !== undefined
  return { groups: groupsOf[filter.tab ?? 'all'], facets, where, few, ...orderOf(sort) }
}

function orderOf(sort = '-createdAt'): { sort: StockSyncSort; descending: boolean } {
  if (sort.replace(/^-/, '') !== 'createdAt') wrong('sort')
  return { sort: 'createdAt', descending: sort.startsWith('-') }
}
