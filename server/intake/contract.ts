import Type, { type Static } from 'typebox'
import { refundKinds, refundStatuses, tradeStatuses, tradeTypes } from '../connectors/connector.ts'
import type { SheetGoods } from '../connectors/words-contract.ts'
import { idSchema, nullable, timeAnswer } from '../core/http/http-contract.ts'
import { actionAvailability, cappedCount, oneOf, outcomesWith, time } from '../core/lists/list-contract.ts'
import { originals } from '../orders/refunds/refund-rules.ts'
import { refundReasons, refundStates, tradeReasons, tradeStates } from './lifecycle.ts'

/**
 * Unclear values: `raw` came from the platform, `guess` is the value taken instead. `taken`: a person has accepted it. doubt-rules.ts has
 * the labels.
 */
const doubtList = Type.Array(
  Type.Object({
    field: Type.String(),
    line: Type.String(),
    raw: Type.String(),
    guess: Type.String(),
    taken: Type.Boolean(),
  }),
)

const lineSummary = Type.Object({
  title: Type.String(),
  spec: Type.String(),
  pictureUrl: Type.String(),
  quantity: Type.Integer(),
  refund: Type.String(),
})

export const tradeRow = Type.Object({
  id: Type.String(),
  shopId: Type.String(),
  tid: Type.String(),
  state: oneOf(tradeStates),
  stateAt: timeAnswer,
  stateBy: Type.String(),
  status: oneOf(tradeStatuses),
  platformStatus: Type.String(),
  type: Type.String({ description: tradeTypes.join(', ') }),
  reason: Type.String({ description: `${tradeReasons.join(', ')}; empty: may be converted` }),
  holds: Type.Array(Type.String()),
  doubts: doubtList,
  orderedAt: nullable(timeAnswer),
  paidAt: nullable(timeAnswer),
  shipBy: nullable(timeAnswer),
  modifiedAt: timeAnswer,
  cod: Type.Boolean(),
  flag: Type.Integer(),
  paymentFen: Type.Integer(),
  postFeeFen: Type.Integer(),
  quantity: Type.Integer(),
  lineCount: Type.Integer(),
  openRefunds: Type.Integer(),
  linesApplied: Type.Integer(),
  linesRefunded: Type.Integer(),
  buyerMessage: Type.String(),
  sellerMemo: Type.String(),
  buyerMasked: Type.String(),
  receiverMasked: Type.String(),
  region: Type.String(),
  note: Type.String(),
  orderId: nullable(Type.String()),
  orderNo: Type.String(),
  /** The first two lines; all lines are in the detail. */
  lines: Type.Array(lineSummary),
  fetch: nullable(Type.Object({ tries: Type.Integer(), error: Type.String(), nextAt: timeAnswer })),
})
export type TradeRow = Static<typeof tradeRow>
/** A row in a sheet. */
export type TradeOut = TradeRow & { discountFen: number; goods: SheetGoods[] }

export const tradeLine = Type.Object({
  oid: Type.String(),
  status: oneOf(tradeStatuses),
  platformStatus: Type.String(),
  refund: Type.String(),
  refundId: Type.String(),
  itemId: Type.String(),
  skuId: Type.String(),
  outerItemId: Type.String(),
  outerSkuId: Type.String(),
  title: Type.String(),
  spec: Type.String(),
  pictureUrl: Type.String(),
  quantity: Type.Integer(),
  priceFen: Type.Integer(),
  paymentFen: Type.Integer(),
  discountFen: Type.Integer(),
})

export const eventRow = Type.Object({
  id: Type.String(),
  at: timeAnswer,
  event: Type.String(),
  actorKind: Type.String(),
  actorName: Type.String(),
  detail: Type.Unknown(),
})

const refundSummary = Type.Object({
  id: Type.String(),
  refundNo: Type.String(),
  oid: Type.String(),
  state: oneOf(refundStates),
  status: oneOf(refundStatuses),
  kind: oneOf(refundKinds),
  amountFen: Type.Integer(),
  deadline: nullable(timeAnswer),
})

/** The platform's own status as a clerk reads it; null: a new one. */
const platformWords = nullable(Type.Object({ zh: Type.String(), en: Type.String() }))

export const tradeDetail = Type.Object({
  ...tradeRow.properties,
  platformWords,
  lines: Type.Array(tradeLine),
  discountFen: Type.Integer(),
  events: Type.Array(eventRow),
  refunds: Type.Array(refundSummary),
  actions: Type.Array(actionAvailability),
})
export type TradeDetailView = Static<typeof tradeDetail>

/** The modified time of the version that the user saw, by trade id. */
export const doubtFields = {
  versions: Type.Record(Type.String({ pattern: '^[1-9][0-9]{0,17}$' }), time),
}
export const convertFields = { asRecord: Type.Optional(Type.Boolean()) }

export const downloadInput = Type.Object({
  shopId: Type.String({ pattern: '^[1-9][0-9]{0,17}$' }),
  /** Either these trade numbers, or a span of modified time of at most 90 days. */
  tids: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 64, pattern: '^[0-9A-Za-z_-]+$' }), {
      minItems: 1,
      maxItems: 1000,
    }),
  ),
  from: Type.Optional(time),
  to: Type.Optional(time),
  status: Type.Optional(Type.String({ maxLength: 60 })),
})

export const queueRow = Type.Object({
  id: Type.String(),
  shopId: Type.String(),
  tid: Type.String(),
  modifiedAt: timeAnswer,
  platformStatus: Type.String(),
  platformWords,
  status: Type.Enum(tradeStatuses),
  type: Type.String(),
  paymentFen: nullable(Type.Integer()),
  buyerMasked: Type.String(),
  receiverMasked: Type.String(),
  isNew: Type.Boolean(),
  waitingSince: timeAnswer,
  urgent: Type.Boolean(),
  /** The number of failed attempts of the trade's detail request; 0 for a trade that we do not have yet. */
  tries: Type.Integer(),
  error: Type.String(),
})
/** `runId`: the run that downloads the trade. */
export const queueOutcomes = outcomesWith({ runId: Type.Optional(idSchema) })

export const queueCounts = Type.Object({
  tabs: Type.Record(Type.String(), cappedCount),
  oldest: nullable(time),
})

export const refundRow = Type.Object({
  id: Type.String(),
  shopId: Type.String(),
  refundNo: Type.String(),
  tid: Type.String(),
  oid: Type.String(),
  state: oneOf(refundStates),
  stateAt: timeAnswer,
  stateBy: Type.String(),
  status: oneOf(refundStatuses),
  platformStatus: Type.String(),
  kind: oneOf(refundKinds),
  phase: oneOf(['onsale', 'aftersale'] as const),
  version: Type.String(),
  amountFen: Type.Integer(),
  quantity: Type.Integer(),
  deadline: nullable(timeAnswer),
  createdAt: timeAnswer,
  modifiedAt: timeAnswer,
  reason: Type.String({ description: `${refundReasons.join(', ')}; empty: may be converted` }),
  error: Type.String(),
  outcome: Type.String(),
  orderId: nullable(Type.String()),
  orderNo: Type.String(),
  title: Type.String(),
  spec: Type.String(),
  outerId: Type.String(),
  pictureUrl: Type.String(),
  buyerReason: Type.String(),
  description: Type.String(),
  goodsReceived: Type.String(),
  carrier: Type.String(),
  waybillNo: Type.String(),
  constraint: Type.String(),
  buyerMasked: Type.String(),
  doubts: doubtList,
})
export type RefundRow = Static<typeof refundRow>

export const refundDetail = Type.Object({
  ...refundRow.properties,
  original: nullable(
    Type.Object({
      tradeId: Type.String(),
      state: oneOf(tradeStates),
      orderId: nullable(Type.String()),
      orderNo: Type.String(),
      /** State of the original as in orders/refunds/refund-rules.ts; empty: the trade is not converted. */
      standing: oneOf([...originals, ''] as const),
      paymentFen: Type.Integer(),
      refundedFen: Type.Integer(),
      lines: Type.Array(tradeLine),
    }),
  ),
  /** Id of the refund rule that applies (orders/refunds/refund-rules.ts); without an order, why there is none: "no_original" … */
  situation: Type.String(),
  events: Type.Array(eventRow),
  actions: Type.Array(actionAvailability),
})

export const refuseInput = Type.Object({
  reasonId: Type.String({ maxLength: 40 }),
  message: Type.String({ minLength: 2, maxLength: 200 }),
  /** The version that the user saw. If a newer one has arrived, the request is refused. */
  version: Type.String({ maxLength: 40 }),
  proof: Type.Optional(
    Type.Object({
      type: oneOf(['image/jpeg', 'image/png', 'image/gif'] as const),
      base64: Type.String({ maxLength: 180_000 }),
    }),
  ),
  /** For platforms that take evidence by its address. */
  proofUrl: Type.Optional(Type.String({ maxLength: 1000, pattern: '^https://\\S+$' })),
})
export const refuseReasons = Type.Object({
  reasons: Type.Array(Type.Object({ id: Type.String(), text: Type.String() })),
  proofNeeded: Type.Boolean(),
  proofByUrl: Type.Boolean(),
  /** False: the platform takes no picture, so none is asked for. */
  proofByFile: Type.Boolean(),
})
export const agreeInput = Type.Object({
  version: Type.String({ maxLength: 40 }),
  /** The user types the amount again, because agreeing pays money. */
  amountFen: Type.Integer({ minimum: 0 }),
  code: Type.Optional(Type.String({ maxLength: 12 })),
})
export const refundDownloadInput = Type.Object({
  shopId: Type.String({ pattern: '^[1-9][0-9]{0,17}$' }),
  refundNos: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 64, pattern: '^[0-9A-Za-z_-]+$' }), {
      minItems: 1,
      maxItems: 200,
    }),
  ),
  from: Type.Optional(time),
  to: Type.Optional(time),
  status: Type.Optional(Type.String({ maxLength: 60 })),
})

export const runStarted = Type.Object({ runId: Type.String() })
/** The answer of a route that enqueues a platform action. The result is in the action. */
export const accepted = Type.Object({ accepted: Type.Literal(true) })
