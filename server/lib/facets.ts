/**
 * A facet is one fact of a row ("shop 7", "flag red", "goods 4f2a…") as a 31-bit integer: namespace (5 bits) and value (26 bits). A row's
 * facets are one array with a GIN index, so any combination of filters is one index look-up.
 */
const valueBits = 26
const valueMask = (1 << valueBits) - 1

/** The namespaces. Rows store the numbers, so never change or reuse one. */
export const facetSpaces = {
  standing: 1,
  reason: 2,
  refund: 3,
  shop: 4,
  tradeStatus: 5,
  tradeType: 6,
  flag: 7,
  has: 8,
  item: 13,
  outerCode: 14,
  province: 15,
  orderStatus: 16,
  held: 17,
  differs: 18,
  refundState: 19,
  refundStatus: 20,
  refundKind: 21,
  refundPhase: 22,
  warehouse: 23,
  listingStatus: 24,
  matchedHow: 25,
  skuKind: 26,
  goods: 27,
  writeBack: 28,
  settlementKind: 29,
  courier: 30,
  desk: 31,
} as const
export type FacetSpace = keyof typeof facetSpaces

export const has = {
  message: 1,
  memo: 2,
  cod: 3,
  severalLines: 4,
  hold: 5,
  // The absence of a fact is stored too, because the index cannot find rows without a fact.
  oneLine: 6,
  noMessage: 7,
  noMemo: 8,
  noCod: 9,
  invoice: 10,
  oversold: 11,
  toDoor: 12,
  // 32 to 63: the couriers among which the trade must go (designatedFacets of orders/order/facets.ts).
  designated: 32,
} as const

/** Packs a facet. `value` is 0 … 67,108,863. */
export function facet(space: FacetSpace, value: number): number {
  if (!Number.isInteger(value) || value < 0 || value > valueMask) throw new RangeError(`facet value ${value}`)
  return facetSpaces[space] * (valueMask + 1) + value
}

const spaceNames = new Map<number, FacetSpace>(
  Object.entries(facetSpaces).map(([name, space]) => [space, name as FacetSpace]),
)

export function facetOf(one: number): { space: FacetSpace | undefined; value: number } {
  return { space: spaceNames.get(one >>> valueBits), value: one & valueMask }
}

/** Packs the facet of a 32-bit hash; only its upper 26 bits are used. Two different values have the same facet once in about 67 million. */
export function hashFacet(space: FacetSpace, hash: number): number {
  return facet(space, hash >>> 6)
}

export function idFacet(space: FacetSpace, id: string): number {
  return facet(space, Number(id))
}

/** Returns the facets of a yes/no filter for its value. */
export const either = (yes: readonly number[], no: readonly number[]) => (value: string) =>
  value === 'true' ? yes : no
export const hasOrNot = (yes: number, no: number) => either([facet('has', yes)], [facet('has', no)])

/** Returns the facet of a filter that has one for each of these codes; undefined: the code does not exist. */
export const among =
  <Code extends string>(codes: readonly Code[], facetOfCode: (code: Code) => number) =>
  (value: string) => {
    const known = codes.find((code) => code === value)
    return known && [facetOfCode(known)]
  }
