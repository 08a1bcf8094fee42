import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../../core/access/actor.ts'
import { warehouseSql } from '../../core/access/scope.ts'
import { idList, split, wrong } from '../../core/lists/define.ts'
import type { ListQuery, ListTable } from '../../core/lists/list-table.ts'
import { parcelStatuses } from '../lifecycle.ts'
import type { ParcelFilter, ParcelTab } from '../parcels/parcel-contract.ts'

const sorts = { createdAt: { value: sql`t.created_at`, cast: 'timestamptz' } } as const

export const parcelTable: ListTable<'createdAt'> = {
  name: 'unclaimed_parcel',
  group: { column: 'status' },
  shopFacet: () => 0,
  sorts,
}

export function parcelQuery(
  filter: ParcelFilter,
  scope: Scope,
  sort: string | undefined,
): ListQuery<'createdAt'> {
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

function orderOf(sort: string | undefined): { sort: 'createdAt'; descending: boolean } {
  const text = sort ?? '-createdAt'
  if (text.replace(/^-/, '') !== 'createdAt') wrong('sort')
  return { sort: 'createdAt', descending: text.startsWith('-') }
}
