import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../core/access/actor.ts'
import { scopeSql } from '../core/access/scope.ts'
import { idList, pasted, split, wrong } from '../core/lists/define.ts'
import type { ListQuery, ListTable } from '../core/lists/list-table.ts'
import { idFacet } from '../lib/facets.ts'
import { type BillTab, type BillTradeFilter, billSorts } from './recon-contract.ts'
import { gapCauses, reconciliationStates } from './recon-lifecycle.ts'
import { isDay, tidsOfDay } from './recon-rows.ts'

export type BillSort = (typeof billSorts)[number]

export const billTradeTable: ListTable<BillSort> = {
  name: 'bill_trade',
  group: { column: 'standing' },
  shopFacet: (shop) => idFacet('shop', shop),
  sorts: { at: { value: sql`t.at`, cast: 'timestamptz' } },
}

const groupsOf = (tab: BillTab): readonly string[] => (tab === 'all' ? reconciliationStates : [tab])

export function billTradeQuery(
  filter: BillTradeFilter,
  scope: Scope,
  sort: string | undefined,
): ListQuery<BillSort> {
  const facets: (readonly number[])[] = []
  const where: RawBuilder<unknown>[] = []
  if (scope.shops !== 'all') {
    facets.push(scope.shops.map((id) => idFacet('shop', id)))
    where.push(scopeSql(scope, sql.ref('t.shop_id')))
  }
  if (filter.shop) facets.push(split(filter.shop).map((id) => idFacet('shop', id)))
  if (filter.cause) where.push(sql`t.cause = any(${split(filter.cause).map(causeOf)}::text[])`)
  if (filter.day) where.push(movedOn(filter.day, filter.shop ?? ''))
  if (filter.ids) where.push(sql`t.id = any(${idList(filter.ids)}::bigint[])`)
  const text = filter.q?.trim() ?? ''
  if (text !== '') where.push(sql`t.tid = ${text}`)
  if (filter.numbers) where.push(sql`t.tid = any(${pasted(filter.numbers, 'numbers')}::text[])`)
  const { atFrom: from, atTo: to } = filter
  return {
    groups: groupsOf(filter.tab ?? 'open'),
    facets,
    where,
    few: [filter.ids, filter.numbers, filter.day].some((one) => one !== undefined) || text !== '',
    ...(from === undefined && to === undefined ? {} : { ranges: [{ on: 'at' as const, from, to }] }),
    ...orderOf(sort),
  }
}

/** Condition for trades with money on this day. It requires exactly one shop, since both indexes begin with the shop. */
function movedOn(day: string, shop: string): RawBuilder<unknown> {
  if (!/^[1-9]\d*$/.test(shop)) wrong('shop')
  if (!isDay(day)) wrong('day')
  return sql`t.tid in (${tidsOfDay(shop, day)})`
}

const causeOf = (name: string): string => gapCauses.find((known) => known === name) ?? wrong('cause')

function orderOf(sort: string | undefined): { sort: BillSort; descending: boolean } {
  const text = sort ?? '-at'
  const name = billSorts.find((known) => known === text.replace(/^-/, ''))
  return name ? { sort: name, descending: text.startsWith('-') } : wrong('sort')
}
