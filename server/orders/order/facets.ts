import { type TradeType, tradeTypes } from '../../connectors/connector.ts'
import { type CourierCode, couriers } from '../../connectors/couriers.ts'
import { type FacetSpace, facet, facetOf, has, hashFacet, idFacet } from '../../lib/facets.ts'
import { textHash } from '../../lib/text-hash.ts'
import { type OffPlatformOrigin, type OrderStatus, offPlatformOrigins, orderStatuses } from './lifecycle.ts'

// The first five facets of an order have fixed positions: [1] status, [2] on hold, [3] differs, [4] refund, [5] goods. The others follow in
// no fixed position: the trade's (shop, flag, `has`, items) and the order's own (courier, warehouse, review flags, planned).

export const statusFacet = (status: OrderStatus) => facet('orderStatus', orderStatuses.indexOf(status) + 1)
/** Trades have it too, and give it to their orders. */
export const tradeTypeFacet = (type: TradeType) => facet('tradeType', tradeTypes.indexOf(type) + 1)
export const heldFacet = (held: boolean) => facet('held', held ? 1 : 0)
export const changedFacet = (differs: boolean) => facet('differs', differs ? 1 : 0)
/** An open refund takes precedence over succeeded ones, since people filter for it. */
export const refundFacets = {
  none: facet('refundState', 0),
  open: facet('refundState', 1),
  succeeded: facet('refundState', 2),
}

/**
 * Reasons why goods are not reserved, as bits that are added: lines without a SKU, lines with short stock, lines not requested yet. 0:
 * all remaining goods are reserved. The values are stored: never change one.
 */
export const allocationBits = { unmatched: 1, short: 2, unasked: 4 } as const
export const allocationFacet = (bits: number) => facet('goods', bits)
export const allocationFacets = (bit: number, has: boolean) =>
  Array.from({ length: 8 }, (_, bits) => bits)
    .filter((bits) => ((bits & bit) !== 0) === has)
    .map(allocationFacet)

/** Facets for marks of the review; an order has one only while the mark is set. */
export const flagFacets = { urgent: facet('desk', 1), problem: facet('desk', 2), locked: facet('desk', 3) }
/** Marks a presale order with a planned ship date; it stays after the date. */
export const plannedFacet = facet('desk', 8)
export const originFacet = (origin: OffPlatformOrigin) =>
  facet('desk', 16 + offPlatformOrigins.indexOf(origin))
export const warehouseFacet = (id: string) => idFacet('warehouse', id)
export const courierFacet = (code: CourierCode) =>
  facet('courier', couriers.findIndex((courier) => courier.code === code) + 1)
export function courierFacetOf(code: string): number | null {
  const known = couriers.find((courier) => courier.code === code)
  return known ? courierFacet(known.code) : null
}

/** 指定快递: the facets of the couriers among which a trade must go. Their values are the positions of the couriers, counted from 1. */
export const designatedFacets = (codes: readonly CourierCode[]) =>
  codes.map((code) => facet('has', has.designated + couriers.findIndex((one) => one.code === code) + 1))
export const noDesignation = facet('has', has.designated)

/** Returns the designated couriers of these facets as text, such as "SF,ZTO"; empty: none. `designatedText` is the same in SQL. */
export const designationIn = (facets: readonly number[]): string =>
  couriers.flatMap(({ code }) => (facets.includes(designatedFacets([code])[0] ?? 0) ? [code] : [])).join()

/** Replaces the designated couriers by those of this text. */
export function withDesignation(facets: readonly number[], designation: string): number[] {
  const all = designatedFacets(couriers.map(({ code }) => code))
  const named = designation.split(',')
  const codes = couriers.flatMap(({ code }) => (named.includes(code) ? [code] : []))
  return [...facets.filter((one) => !all.includes(one)), ...designatedFacets(codes)]
}

export const withCourier = (facets: readonly number[], code: string) =>
  withChoice(facets, 'courier', courierFacetOf(code))

export const withWarehouse = (facets: readonly number[], id: string | null) =>
  withChoice(facets, 'warehouse', id === null ? null : warehouseFacet(id))

function withChoice(facets: readonly number[], space: FacetSpace, one: number | null): number[] {
  return [...facets.filter((each) => facetOf(each).space !== space), ...(one === null ? [] : [one])]
}

/** Returns the facets by which an order is found by its goods. */
export function lineFacets(
  lines: readonly { itemId: string; outerItemId: string; outerSkuId: string }[],
): number[] {
  const codes = lines.map((line) => line.outerSkuId || line.outerItemId).filter(Boolean)
  const items = lines.map((line) => line.itemId).filter(Boolean)
  return [
    ...new Set([
      facet('has', lines.length > 1 ? has.severalLines : has.oneLine),
      ...items.map((item) => hashFacet('item', textHash(item))),
      ...codes.map((code) => hashFacet('outerCode', textHash(code))),
    ]),
  ]
}

const lineCounts = [has.severalLines, has.oneLine].map((one) => facet('has', one))

/** Returns the facets without those of goods: items, outer codes, and whether there are several lines. */
export function withoutGoods(facets: readonly number[]): number[] {
  return facets.filter((one) => {
    const { space } = facetOf(one)
    return space !== 'item' && space !== 'outerCode' && !lineCounts.includes(one)
  })
}

/** Returns the facets of an order with the province of those of its changed trade. Its goods and services stay the order's own. */
export function withProvinceOf(facets: readonly number[], trade: readonly number[]): number[] {
  const isProvince = (one: number) => facetOf(one).space === 'province'
  return [...facets.filter((one) => !isProvince(one)), ...trade.filter(isProvince)]
}

export function facetsFor(
  facets: readonly number[],
  { flag, sellerMemo, buyerMessage }: { flag: number; sellerMemo: string; buyerMessage: string },
): number[] {
  const [flags, end] = [facet('flag', 0), facet('has', 0)]
  const texts = [has.memo, has.noMemo, has.message, has.noMessage].map((one) => facet('has', one))
  const others = facets.filter((one) => (one < flags || one >= end) && !texts.includes(one))
  return [
    ...others,
    facet('flag', flag),
    facet('has', sellerMemo ? has.memo : has.noMemo),
    facet('has', buyerMessage ? has.message : has.noMessage),
  ]
}
