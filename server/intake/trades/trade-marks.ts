import { type RawBuilder, sql } from 'kysely'
import { tradeTypes } from '../../connectors/connector.ts'
import type { BitField } from '../../core/lists/list-table.ts'
import { type FacetSpace, facet, facetOf, has, hashFacet } from '../../lib/facets.ts'
import { provinces } from '../../lib/provinces.ts'
import { textHash } from '../../lib/text-hash.ts'
import { type TradeState, tradeStates } from '../lifecycle.ts'

// A trade's facets stand in three shapes: all of them as they are, for rows in hand and for its order; those of few
// values as fields of one number, for walks along an index; those worth looking up as keys that begin with state and week.

/** Ids of shops are smaller than this. */
export const shopSpan = 2 ** 23

/**
 * Fields of `marks`: lowest bit and width. Zero is "not known", as for a trade whose detail is still to come, except of
 * shop and refund. Stored in rows: never change or reuse one.
 */
const fields = {
  shop: [0, 23],
  type: [23, 4],
  flag: [27, 3],
  message: [30, 2],
  memo: [32, 2],
  cod: [34, 2],
  lines: [36, 2],
  hold: [38, 1],
  refund: [39, 2],
  province: [41, 6],
} as const
type Field = keyof typeof fields

const bitField = (field: Field, value: number): BitField => ({
  at: fields[field][0],
  width: fields[field][1],
  value,
})

const bitFields = new Map<number, BitField>([
  ...tradeTypes.map((_, at) => [facet('tradeType', at + 1), bitField('type', at + 1)] as const),
  ...[0, 1, 2, 3, 4, 5].map((flag) => [facet('flag', flag), bitField('flag', flag + 1)] as const),
  ...[0, 1, 2].map((refund) => [facet('refund', refund), bitField('refund', refund)] as const),
  ...provinces.map(
    (name, at) => [hashFacet('province', textHash(name)), bitField('province', at + 1)] as const,
  ),
  [facet('has', has.message), bitField('message', 1)],
  [facet('has', has.noMessage), bitField('message', 2)],
  [facet('has', has.memo), bitField('memo', 1)],
  [facet('has', has.noMemo), bitField('memo', 2)],
  [facet('has', has.cod), bitField('cod', 1)],
  [facet('has', has.noCod), bitField('cod', 2)],
  [facet('has', has.severalLines), bitField('lines', 1)],
  [facet('has', has.oneLine), bitField('lines', 2)],
  [facet('has', has.hold), bitField('hold', 1)],
])

/** How a facet shows in `marks`. */
export function bitFieldOf(one: number): BitField | undefined {
  const { space, value } = facetOf(one)
  return space === 'shop' ? bitField('shop', value) : bitFields.get(one)
}

export function filterBitsFor(facets: readonly number[]): number {
  const found = new Map<number, number>()
  for (const one of facets) {
    const known = bitFieldOf(one)
    if (known) found.set(known.at, known.value)
  }
  return [...found].reduce((sum, [at, value]) => sum + value * 2 ** at, 0)
}

/** `marks` with another refund facet, in SQL. */
export const withRefundBits = (marks: RawBuilder<unknown>, refundFacet: RawBuilder<unknown>) =>
  sql`((${marks} & ~(3::bigint << ${sql.lit(fields.refund[0])})) | ((${refundFacet} & 3)::bigint << ${sql.lit(fields.refund[0])}))`

// What most rows have is never looked up.
const common = new Set([
  facet('flag', 0),
  facet('tradeType', 1),
  ...[has.noMessage, has.noMemo, has.noCod, has.oneLine, has.severalLines].map((one) => facet('has', one)),
])

const keyedSpaces: ReadonlySet<FacetSpace> = new Set([
  ...(['shop', 'refund', 'tradeType', 'flag', 'has', 'province', 'item', 'outerCode'] as const),
])

/** Whether rows have a key for this facet. */
export function isKeyed(one: number): boolean {
  const { space } = facetOf(one)
  return space !== undefined && keyedSpaces.has(space) && !common.has(one)
}

/** A key: state (from bit 46), week (15 bits), facet (31 bits). Stored in rows: never change it. */
const facetSpan = 2 ** 31
const stateSpan = 2 ** 46
const stateBase = (state: TradeState) => tradeStates.indexOf(state) * stateSpan

/** The place, in front of facets, of a week in a state. */
export const keyBase = (state: TradeState, week: number) => stateBase(state) + week * facetSpan

/** The facets' keys; the refund's stays the first, because later writes replace it in place. */
export function keysFor(state: TradeState, week: number, facets: readonly number[]): number[] {
  return facets.filter(isKeyed).map((one) => keyBase(state, week) + one)
}

/** The same keys of a trade that comes into a state, in SQL. */
export const keysIn = (state: TradeState, keys: RawBuilder<unknown>) =>
  sql`array(select k % ${sql.lit(stateSpan)} + ${sql.lit(stateBase(state))} from unnest(${keys}) k)`

/** The keys of a trade with another refund facet, in SQL. */
export const withRefundKey = (keys: RawBuilder<unknown>, refundFacet: RawBuilder<unknown>) =>
  sql`array[(${keys})[1] / ${sql.lit(facetSpan)} * ${sql.lit(facetSpan)} + ${refundFacet}] || (${keys})[2:]`

/** The same keys in another week, in SQL. */
export const keysInWeek = (week: RawBuilder<unknown>, keys: RawBuilder<unknown>) =>
  sql`array(select k / ${sql.lit(stateSpan)} * ${sql.lit(stateSpan)} + ${week} * ${sql.lit(facetSpan)} + k % ${sql.lit(facetSpan)} from unnest(${keys}) k)`
