import Type, { type Static } from 'typebox'
import { tradeTypes } from '../../connectors/connector.ts'
import { nullable, pageOf, pageQuery, timeAnswer, timeOrNull } from '../../core/http/http-contract.ts'
import {
  flagText,
  oneOf,
  pastedNumbers,
  searchText,
  several,
  shopIds,
  time,
} from '../../core/lists/list-contract.ts'
import { orderStatuses, origins, platformChangeKinds } from '../order/lifecycle.ts'

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

/** Named filters of the order list; all are combined with "and", the values of one with "or". */
export const orderFilter = Type.Object(
  {
    tab: Type.Optional(oneOf(orderTabs)),
    shop: Type.Optional(shopIds),
    flag: Type.Optional(several),
    /** refundStates */
    refund: Type.Optional(several),
    held: Type.Optional(flagText),
    differs: Type.Optional(flagText),
    /** Stock is short for a line. */
    short: Type.Optional(flagText),
    /** A line has no SKU. */
    unmatched: Type.Optional(flagText),
    urgent: Type.Optional(flagText),
    problem: Type.Optional(flagText),
    locked: Type.Optional(flagText),
    /** offPlatformOrigins: made by hand, imported, copied, sent once more. */
    origin: Type.Optional(several),
    /** A ship date is planned. */
    planned: Type.Optional(flagText),
    shipAfterTo: Type.Optional(time),
    /** Codes of connectors/couriers.ts */
    courier: Type.Optional(several),
    /** Ids */
    warehouse: Type.Optional(shopIds),
    type: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: tradeTypes.join(', ') })),
    hasMessage: Type.Optional(flagText),
    hasMemo: Type.Optional(flagText),
    cod: Type.Optional(flagText),
    severalLines: Type.Optional(flagText),
    province: Type.Optional(several),
    /** Order number, trade number, mobile, its last four digits, receiver, nick, goods title or outer code. */
    q: Type.Optional(searchText),
    /** A pasted list of trade numbers, up to 1000. */
    tids: Type.Optional(pastedNumbers),
    /** A list of ids, up to 1000. */
    ids: Type.Optional(Type.String({ minLength: 1, maxLength: 20_000 })),
    paidFrom: Type.Optional(time),
    paidTo: Type.Optional(time),
    createdFrom: Type.Optional(time),
    createdTo: Type.Optional(time),
    shipByTo: Type.Optional(time),
  },
  closed,
)
export type OrderFilter = Static<typeof orderFilter>
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
