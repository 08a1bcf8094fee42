import Type, { type Static } from 'typebox'
import { nullable, pageOf, pageQuery, timeAnswer, timeOrNull } from '../../core/http/http-contract.ts'
import type { FilterOf, ListDeclaration } from '../../core/lists/declare-contract.ts'
import { oneOf, schemasOfFilters } from '../../core/lists/list-contract.ts'
import { orderStatuses, origins, platformChangeKinds } from '../order/lifecycle.ts'
import { orderFilters } from './filters-contract.ts'

const closed = { additionalProperties: false }

/**
 * Tabs of the order list. `problem`: unconfirmed orders with open problems. `held`, `differs`: unshipped orders with an open hold, or an
 * open platform change. `short`: with backordered goods. `presale`: with a planned ship date.
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
  /** Planned ship date: the order is not released before it; null: none. */
  shipAfter: timeOrNull,
  /** Time of the first successful write-back; null: the platform does not have the shipment. */
  writtenBackAt: timeOrNull,
  splitFrom: nullable(Type.String()),
  parcel: nullable(Type.String()),
  createdAt: timeAnswer,
  flag: Type.Integer(),
  openHolds: Type.Integer(),
  differences: Type.Integer(),
  refundState: oneOf(refundStates),
  /**
   * Why goods of the order are not reserved. `short`: a line is backordered. `unmatched`: a line has no SKU. `unasked`: stock was not
   * requested for a line yet.
   */
  short: Type.Boolean(),
  unmatched: Type.Boolean(),
  unasked: Type.Boolean(),
  buyerMessage: Type.String(),
  sellerMemo: Type.String(),
  receiverMasked: Type.String(),
  region: Type.String(),
  voidReason: Type.String(),
  courier: Type.String(),
  /** True if a person chose the courier, or the warehouse: sourcing rules do not change it. */
  courierByHand: Type.Boolean(),
  warehouseByHand: Type.Boolean(),
  warehouseName: Type.String(),
  ownNote: Type.String(),
  urgent: Type.Boolean(),
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

export const orderRow = Type.Object({
  ...orderFacts,
  lineCount: Type.Integer(),
  holdReasons: Type.Array(Type.String()),
  differenceKinds: Type.Array(oneOf(platformChangeKinds)),
  /** Findings of the review checks that prevent confirming and that no person has waived. */
  problems: Type.Array(Type.Object({ reason: Type.String(), message })),
  /** The first two lines; the detail of the order has all. */
  lines: Type.Array(lineSummary),
})
export type OrderRow = Static<typeof orderRow>

export const orderList = pageOf(orderRow)
