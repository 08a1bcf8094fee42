import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../../core/access/actor.ts'
import { scopeSql } from '../../core/access/scope.ts'
import type { ListQuery, ListTable } from '../../core/lists/list-table.ts'
import { facet, idFacet } from '../../lib/facets.ts'
import { type ListingFilter, type ListingSort, type ListingTab, listingSorts } from '../contract.ts'
import { listingStatuses, matchWays } from '../lifecycle.ts'
import { idList, wrong } from '../sku-list.ts'
import { containsText } from '../text.ts'

export const listingTable: ListTable<ListingSort> = {
  name: 'listing',
  group: { column: 'standing' },
  shopFacet: (shop) => idFacet('shop', shop),
  sorts: {
    createdAt: { value: sql`t.created_at`, cast: 'timestamptz' },
    modifiedAt: { value: sql`t.modified_at`, cast: 'timestamptz' },
  },
}

/** A listing that left its shop without a match needs no work, so it is shown only under "all". */
const groupsOf: Record<ListingTab, readonly string[]> = {
  unmatched: ['unmatched'],
  matched: ['matched'],
  all: ['unmatched', 'matched', 'gone'],
}

/** Converts the named filters into facets and conditions. Throws `invalid_input` with the field. */
export function listingQuery(
  filter: ListingFilter,
  scope: Scope,
  sort: string | undefined,
): ListQuery<ListingSort> {
  const facets: (readonly number[])[] = []
  const where: RawBuilder<unknown>[] = []
  if (scope.shops !== 'all') {
    facets.push(scope.shops.map((id) => idFacet('shop', id)))
    where.push(scopeSql(scope, sql.ref('t.shop_id')))
  }
  if (filter.shop) facets.push(split(filter.shop).map((id) => idFacet('shop', id)))
  if (filter.status)
    facets.push(split(filter.status).map((one) => facet('listingStatus', at(listingStatuses, one, 'status'))))
  if (filter.how) facets.push(split(filter.how).map((one) => facet('matchedHow', at(matchWays, one, 'how'))))
  if (filter.skuId) where.push(sql`t.sku_id = ${filter.skuId}::bigint`)
  if (filter.ids) where.push(sql`t.id = any(${idList(filter.ids)}::bigint[])`)
  const text = filter.q?.trim() ?? ''
  if (text !== '') where.push(containsText(text))
  const few = text !== '' || filter.ids !== undefined || filter.skuId !== undefined
  return { groups: groupsOf[filter.tab ?? 'unmatched'], facets, where, few, ...orderOf(sort) }
}

function orderOf(sort: string | undefined): { sort: ListingSort; descending: boolean } {
  const text = sort ?? '-createdAt'
  const name = listingSorts.find((known) => known === text.replace(/^-/, ''))
  return name ? { sort: name, descending: text.startsWith('-') } : wrong('sort')
}

const split = (text: string) => text.split(',').filter(Boolean)

function at(known: readonly string[], value: string, field: string): number {
  const place = known.indexOf(value)
  return place < 0 ? wrong(field) : place + 1
}
