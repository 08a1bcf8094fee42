import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../core/access/actor.ts'
import { scopeSql } from '../core/access/scope.ts'
import { idList, pasted, split, wrong } from '../core/lists/define.ts'
import type { ListQuery, ListTable } from '../core/lists/list-table.ts'
import { facet, idFacet } from '../lib/facets.ts'
import { type SettlementFilter, type SettlementTab, settlementSorts } from './contract.ts'
import { type SettlementKind, settlementKinds, settlementStatuses } from './lifecycle.ts'

export type SettlementSort = (typeof settlementSorts)[number]

export const settlementTable: ListTable<SettlementSort> = {
  name: 'settlement',
  group: { column: 'status' },
  shopFacet: (shop) => idFacet('shop', shop),
  sorts: { createdAt: { value: sql`t.created_at`, cast: 'timestamptz' } },
}

const groupsOf = (tab: SettlementTab): readonly string[] => (tab === 'all' ? settlementStatuses : [tab])

/**
 * Converts the filter. Shop and kind become facets and also conditions, because the index for totals has both columns; ids and numbers become
 * conditions only, the created time a range. Throws `invalid_input` with the field's name.
 */
export function settlementQuery(
  filter: SettlementFilter,
  scope: Scope,
  sort: string | undefined,
): ListQuery<SettlementSort> {
  const facets: (readonly number[])[] = []
  const where: RawBuilder<unknown>[] = []
  if (scope.shops !== 'all') {
    facets.push(scope.shops.map((id) => idFacet('shop', id)))
    where.push(scopeSql(scope, sql.ref('t.shop_id')))
  }
  if (filter.shop) {
    const shops = split(filter.shop)
    facets.push(shops.map((id) => idFacet('shop', id)))
    where.push(sql`t.shop_id = any(${shops}::bigint[])`)
  }
  if (filter.kind) {
    const kinds = split(filter.kind).map(kindNo)
    facets.push(kinds.map((no) => facet('settlementKind', no)))
    where.push(sql`t.kind_no = any(${kinds}::smallint[])`)
  }
  if (filter.orderId) where.push(sql`t.order_id = ${filter.orderId}::bigint`)
  if (filter.ids) where.push(sql`t.id = any(${idList(filter.ids)}::bigint[])`)
  const text = filter.q?.trim() ?? ''
  if (text !== '') where.push(numbersAre([text]))
  if (filter.numbers) where.push(numbersAre(pasted(filter.numbers, 'numbers')))
  const { createdFrom: from, createdTo: to } = filter
  return {
    groups: groupsOf(filter.tab ?? 'draft'),
    facets,
    where,
    few: [filter.orderId, filter.ids, filter.numbers].some((one) => one !== undefined) || text !== '',
    ...(from === undefined && to === undefined ? {} : { ranges: [{ on: 'createdAt' as const, from, to }] }),
    ...orderOf(sort),
  }
}

/**
 * Each kind of number has its own index. An order number is found on the order's receivable, which leads to the order's other
 * settlements.
 */
function numbersAre(given: readonly string[]): RawBuilder<unknown> {
  const numbers = given.map((one) => (/^(so|st|er)\d+$/i.test(one) ? one.toUpperCase() : one))
  return sql`t.id in (
    select id from settlement where no = any(${numbers}::text[])
    union all select id from settlement where source = any(${numbers}::text[])
    union all select id from settlement where tid = any(${numbers}::text[])
    union all select id from settlement where order_id in (
      select order_id from settlement where source = any(${numbers}::text[]) and source = order_no))`
}

function kindNo(name: string): number {
  return isKind(name) ? settlementKinds[name].no : wrong('kind')
}
const isKind = (name: string): name is SettlementKind => Object.hasOwn(settlementKinds, name)

function orderOf(sort: string | undefined): { sort: SettlementSort; descending: boolean } {
  const text = sort ?? '-createdAt'
  const name = settlementSorts.find((known) => known === text.replace(/^-/, ''))
  return name ? { sort: name, descending: text.startsWith('-') } : wrong('sort')
}
