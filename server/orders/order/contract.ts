import Type, { type Static } from 'typebox'
import { tradeTypes } from '../../connectors/connector.ts'
import {
  idSchema,
  nullable,
  pageOf,
  pageQuery,
  timeAnswer,
  timeOrNull,
} from '../../core/http/http-contract.ts'
import {
  flagText,
  idsWith,
  oneOf,
  pastedNumbers,
  searchText,
  several,
  shopIds,
  time,
} from '../../core/lists/list-contract.ts'
import { settlementRow } from '../../finance/contract.ts'
import { extraRefundKindNames, extraRefundStatuses } from '../../finance/lifecycle.ts'
import { orderRelations } from '../create/own-contract.ts'
import { orderNotice } from '../refunds/notice-contract.ts'
import { orderStatuses, origins, personHoldReasons, platformChangeKinds } from './lifecycle.ts'

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
    /** ownOrigins: made by hand, imported, copied, sent once more. */
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

const facts = {
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
  ...facts,
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

/** `unasked`: not paid, or there is no warehouse. A bundle is `promised` when all of its parts are. */
export const linePromises = ['unmatched', 'unasked', 'short', 'promised', 'shipped'] as const

export const orderLine = Type.Object({
  lineNo: Type.Integer(),
  oid: Type.String(),
  skuId: nullable(Type.String()),
  /** Own code and name; empty while there is no SKU. */
  skuCode: Type.String(),
  skuName: Type.String(),
  promise: oneOf(linePromises),
  /** Where its goods are promised or waited for. */
  warehouse: Type.String(),
  /** Code of the SKU that its listing is matched with by now, where that is another; what was reserved before stays. */
  rematchedTo: Type.String(),
  itemId: Type.String(),
  platformSkuId: Type.String(),
  outerItemId: Type.String(),
  outerSkuId: Type.String(),
  title: Type.String(),
  spec: Type.String(),
  pictureUrl: Type.String(),
  quantity: Type.Integer(),
  refundedQuantity: Type.Integer(),
  priceFen: Type.Integer(),
  discountFen: Type.Integer(),
  paymentFen: Type.Integer(),
  refundedFen: Type.Integer(),
  /** Given on top; its `refundedQuantity` was taken off again, `giftOffBy` by a person. */
  gift: Type.Boolean(),
  giftOffBy: Type.String(),
})

export const orderHold = Type.Object({
  id: Type.String(),
  reason: Type.String(),
  source: Type.String(),
  note: Type.String(),
  heldBy: Type.String(),
  heldAt: timeAnswer,
  until: timeOrNull,
  releasedBy: nullable(Type.String()),
  releasedAt: timeOrNull,
})

export const platformChange = Type.Object({
  id: Type.String(),
  kind: oneOf(platformChangeKinds),
  old: Type.String(),
  new: Type.String(),
  seenAt: timeAnswer,
  settledAt: timeOrNull,
  settledBy: nullable(Type.String()),
  settledHow: nullable(Type.String()),
})

export const orderProblem = Type.Object({
  reason: Type.String(),
  message,
  foundAt: timeAnswer,
  waivedBy: nullable(Type.String()),
  waivedAt: timeOrNull,
})

export const orderEventRow = Type.Object({
  id: Type.String(),
  at: timeAnswer,
  event: Type.String(),
  actorKind: Type.String(),
  actorName: Type.String(),
  detail: Type.Unknown(),
})

/** A platform's refund as it was last applied. */
export const orderRefund = Type.Object({
  refundNo: Type.String(),
  oid: Type.String(),
  kind: Type.String(),
  status: Type.String(),
  amountFen: Type.Integer(),
  quantity: Type.Integer(),
  effect: Type.String(),
  countedFen: Type.Integer(),
  appliedAt: timeAnswer,
})

export const extraRefund = Type.Object({
  id: Type.String(),
  no: Type.String(),
  shopId: Type.String(),
  orderId: Type.String(),
  orderNo: Type.String(),
  refundNo: Type.String(),
  kind: oneOf(extraRefundKindNames),
  amountFen: Type.Integer(),
  reason: Type.String(),
  status: oneOf(extraRefundStatuses),
  createdBy: Type.String(),
  createdAt: timeAnswer,
  decidedBy: nullable(Type.String()),
  decidedAt: timeOrNull,
})

export const orderDetail = Type.Object({
  ...facts,
  /** In 分; `gaps` says by how much a sum misses its parts. */
  money: Type.Object({
    goodsFen: Type.Integer(),
    discountFen: Type.Integer(),
    postFeeFen: Type.Integer(),
    dueFen: Type.Integer(),
    paidFen: Type.Integer(),
    unpaidFen: Type.Integer(),
    refundedFen: Type.Integer(),
    receivedFen: Type.Integer(),
    subsidyFen: Type.Integer(),
    gaps: Type.Array(Type.Object({ of: oneOf(['due', 'refunded', 'received']), fen: Type.Integer() })),
  }),
  /** Of the trade's lines that were refunded before it became this order. */
  earlierRefunds: Type.Array(Type.Object({ refundNo: Type.String(), amountFen: Type.Integer() })),
  /** Drafts and approved extra refunds, and what a further one may take. */
  extraPendingFen: Type.Integer(),
  extraLimitFen: Type.Integer(),
  createdBy: Type.String(),
  updatedAt: timeAnswer,
  /** Where it is shipped from. */
  warehouse: nullable(Type.Object({ id: Type.String(), code: Type.String(), name: Type.String() })),
  lines: Type.Array(orderLine),
  holds: Type.Array(orderHold),
  openDifferences: Type.Array(platformChange),
  settledDifferences: Type.Array(platformChange),
  problems: Type.Array(orderProblem),
  lockedByOther: Type.Boolean(),
  relations: orderRelations,
  events: Type.Array(orderEventRow),
  refunds: Type.Array(orderRefund),
  notices: Type.Array(orderNotice),
  extraRefunds: Type.Array(extraRefund),
  settlements: Type.Array(settlementRow),
  /** Every button, with why it cannot be pressed. */
  actions: Type.Array(
    Type.Object({
      action: Type.String(),
      allowed: Type.Boolean(),
      code: Type.String(),
      message: nullable(Type.Object({ zh: Type.String(), en: Type.String() })),
    }),
  ),
})
export type OrderDetail = Static<typeof orderDetail>

export const voidFields = { reason: Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' }) }
export const holdFields = {
  reason: oneOf(personHoldReasons),
  note: Type.Optional(Type.String({ maxLength: 500 })),
  until: Type.Optional(nullable(time)),
}
export const liftHoldFields = {
  reason: Type.Optional(Type.String({ maxLength: 40 })),
  holdIds: Type.Optional(Type.Array(idSchema, { maxItems: 1000 })),
}
export const resolveChangesFields = {
  how: oneOf(['apply', 'ignore']),
  kinds: Type.Optional(Type.Array(oneOf(platformChangeKinds), { minItems: 1 })),
  differenceIds: Type.Optional(Type.Array(idSchema, { maxItems: 1000 })),
}
/** Platforms count bytes and differ; a memo that is too long for one is refused there, and the refusal is shown. */
export const memoInput = Type.Object({
  memo: Type.String({ maxLength: 1000 }),
  flag: Type.Integer({ minimum: 0, maximum: 5 }),
  version: Type.Integer({ minimum: 1 }),
})

/** What is left out stays as it is; one of the two must be there. */
export const memosFields = {
  memo: Type.Optional(memoInput.properties.memo),
  flag: Type.Optional(memoInput.properties.flag),
}
export const memosInput = idsWith(memosFields)

export const voidInput = idsWith(voidFields)
export const holdInput = idsWith(holdFields)
export const liftHoldInput = idsWith(liftHoldFields)
export const resolveChangesInput = idsWith(resolveChangesFields)

export const extraRefundInput = Type.Object(
  {
    orderId: idSchema,
    kind: oneOf(extraRefundKindNames),
    amountFen: Type.Integer({ minimum: 1, maximum: 1_000_000_000_000 }),
    reason: Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' }),
    refundNo: Type.Optional(Type.String({ maxLength: 64 })),
  },
  closed,
)
export const extraRefundAnswer = Type.Object({
  done: Type.Boolean(),
  extraRefund: Type.Optional(extraRefund),
  code: Type.Optional(Type.String()),
  message: Type.Optional(message),
  limitFen: Type.Optional(Type.Integer()),
})
export const extraRefundFilter = Type.Object(
  { status: Type.Optional(several), shop: Type.Optional(shopIds), orderId: Type.Optional(idSchema) },
  closed,
)
export type ExtraRefundFilterIn = Static<typeof extraRefundFilter>
export const extraRefundListQuery = Type.Object({ ...extraRefundFilter.properties, ...pageQuery }, closed)
export const extraRefundList = pageOf(extraRefund)
