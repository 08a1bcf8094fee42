import Type, { type Static } from 'typebox'
import { nullable, pageOf, pageQuery, timeAnswer, timeOrNull } from '../../core/http/http-contract.ts'
import type { FilterOf, ListDeclaration } from '../../core/lists/declare-contract.ts'
import { oneOf, schemasOfFilters } from '../../core/lists/list-contract.ts'
import { orderStatuses, origins, platformChangeKinds } from '../order/lifecycle.ts'
import { orderFilters } from './filters-contract.ts'

const closed = { additionalProperties: false }

/**
 * `problem`: unconfirmed, and the rules have something against it. `held` and `differs`: unshipped, and waiting for a person;
 * `short`: waiting for goods; `presale`: planned for a day.
 */
export const orderTabs = [
  'unconfirmed',
  'problem',
  'held',
  'differs',
  'short',
  'presale',
  'confirmed',
  'released',
  'shipped',
  'completed',
  'voided',
  'all',
] as const
export type OrderTab = (typeof orderTabs)[number]
export const orderSorts = ['createdAt', 'paidAt', 'shipBy'] as const
export type OrderSort = (typeof orderSorts)[number]
export const refundStates = ['none', 'open', 'succeeded'] as const

export type OrderFilter = FilterOf<{
  filters: typeof orderFilters
  tabs: Readonly<Record<OrderTab, ListDeclaration['tabs'][string]>>
}>
type Properties = {
  [Name in keyof OrderFilter]-?: Type.TOptional<Type.TUnsafe<NonNullable<OrderFilter[Name]>>>
}

export const orderFilter = Type.Object(
  { tab: Type.Optional(oneOf(orderTabs)), ...schemasOfFilters(orderFilters) } as Properties,
  closed,
)
export const orderListQuery = Type.Object(
  {
    ...orderFilter.properties,
    ...pageQuery,
    sort: Type.Optional(
      Type.String({ maxLength: 20, description: `${orderSorts.join(', ')}; - before it for descending` }),
    ),
  },
  closed,
)

/** What the list and the detail both show. */
export const orderFacts = {
  id: Type.String(),
  no: Type.String(),
  shopId: Type.String(),
  tid: Type.String(),
  origin: oneOf(origins),
  status: oneOf(orderStatuses),
  version: Type.Integer(),
  cod: Type.Boolean(),
  currency: Type.String(),
  paymentFen: Type.Integer(),
  postFeeFen: Type.Integer(),
  refundedFen: Type.Integer(),
  quantity: Type.Integer(),
  refundedQuantity: Type.Integer(),
  orderedAt: timeAnswer,
  paidAt: timeOrNull,
  shipBy: timeOrNull,
  /** Presale: not released before. */
  shipAfter: timeOrNull,
  /** The platform was told of the shipment. */
  writtenBackAt: timeOrNull,
  /** The order that it was split from, and the parcel that it leaves in with others. */
  splitFrom: nullable(Type.String()),
  parcel: nullable(Type.String()),
  createdAt: timeAnswer,
  flag: Type.Integer(),
  openHolds: Type.Integer(),
  differences: Type.Integer(),
  refundState: oneOf(refundStates),
  /** What its goods wait for: a line is short, has no SKU, or stock was not asked for it yet. */
  short: Type.Boolean(),
  unmatched: Type.Boolean(),
  unasked: Type.Boolean(),
  buyerMessage: Type.String(),
  sellerMemo: Type.String(),
  receiverMasked: Type.String(),
  region: Type.String(),
  voidReason: Type.String(),
  courier: Type.String(),
  /** A person chose it, so rules leave it alone. */
  courierByHand: Type.Boolean(),
  warehouseByHand: Type.Boolean(),
  /** Empty: none yet. */
  warehouseName: Type.String(),
  ownNote: Type.String(),
  urgent: Type.Boolean(),
  /** Who has locked it; empty: nobody. */
  lockedName: Type.String(),
  lockedAt: timeOrNull,
  openProblems: Type.Integer(),
}

const message = Type.Object({ zh: Type.String(), en: Type.String() })

const lineSummary = Type.Object({
  title: Type.String(),
  spec: Type.String(),
  pictureUrl: Type.String(),
  quantity: Type.Integer(),
  refundedQuantity: Type.Integer(),
})

/** What a clerk decides by, without opening the order. */
export const orderRow = Type.Object({
  ...orderFacts,
  lineCount: Type.Integer(),
  /** Reasons of the open holds; words in lifecycle.ts. */
  holdReasons: Type.Array(Type.String()),
  differenceKinds: Type.Array(oneOf(platformChangeKinds)),
  /** What the rules have against confirming it, and nobody waived. */
  problems: Type.Array(Type.Object({ reason: Type.String(), message })),
  /** The first two lines; the rest is behind the row. */
  lines: Type.Array(lineSummary),
})
export type OrderRow = Static<typeof orderRow>

export const orderList = pageOf(orderRow)
