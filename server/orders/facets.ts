import { facet, facetSpaces } from '../lib/facets.ts'
import { type OrderStatus, orderStatuses } from './lifecycle.ts'

/**
 * An order's facets begin with four that change with its life: [1] status, [2] held, [3] differs, [4] refund. After them
 * stand the trade's: shop, flag, what it has, buyer and goods.
 */
export const statusFacet = (status: OrderStatus) => facet('orderStatus', orderStatuses.indexOf(status) + 1)
export const heldFacet = (held: boolean) => facet('held', held ? 1 : 0)
export const differsFacet = (differs: boolean) => facet('differs', differs ? 1 : 0)
/** An open refund is what a person looks for; so it stands before those that succeeded. */
export const refundFacets = {
  none: facet('refundState', 0),
  open: facet('refundState', 1),
  succeeded: facet('refundState', 2),
}

/** The facets with those of one space replaced: `replaceFacets(facets, 'flag', [facet('flag', 1)])`. The first four stay. */
export function replaceFacets(facets: readonly number[], space: 'flag', values: readonly number[]): number[] {
  const [start, end] = [facetSpaces[space] * 2 ** 26, (facetSpaces[space] + 1) * 2 ** 26]
  const kept = facets.filter((one, index) => index < 4 || one < start || one >= end)
  return [...kept, ...values]
}

export function switchFacet(facets: readonly number[], value: number, on: boolean): number[] {
  const kept = facets.filter((one, index) => index < 4 || one !== value)
  return on ? [...kept, value] : kept
}
