import Type, { type Static } from 'typebox'
import { nullable, timeAnswer, timeOrNull } from '../../core/http/http-contract.ts'
import { oneOf } from '../../core/lists/list-contract.ts'
import { settlementRow } from '../../finance/contract.ts'
import { orderFacts } from '../list/contract.ts'
import { orderStatuses, origins, platformChangeKinds } from '../order/lifecycle.ts'
import { orderNotice } from '../refunds/notice-contract.ts'
import { extraRefund } from '../settle/contract.ts'

const message = Type.Object({ zh: Type.String(), en: Type.String() })

const related = Type.Object({
  id: Type.String(),
  no: Type.String(),
  origin: oneOf(origins),
  status: oneOf(orderStatuses),
  reason: Type.String(),
})
/**
 * What the order was copied from, and its copies; what it was split from, and its parts; what leaves in one parcel with it; and what else
 * goes to its receiver, with what keeps them from leaving together: null: nothing does.
 */
export const orderRelations = Type.Object({
  source: nullable(related),
  copies: Type.Array(related),
  root: nullable(related),
  parts: Type.Array(related),
  parcel: Type.Array(related),
  mates: Type.Array(
    Type.Object({
      ...related.properties,
      why: nullable(
        Type.Object({ code: Type.String(), message: Type.Object({ zh: Type.String(), en: Type.String() }) }),
      ),
    }),
  ),
})

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
  /** Code of the SKU that the buyer ordered, where a person substituted it. */
  substituteFor: Type.String(),
  /** By how much a piece that is sent is dearer by list price than the ordered one; null: not known. What the buyer paid is not changed by it. */
  substituteDiffFen: nullable(Type.Integer()),
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
export const orderDetail = Type.Object({
  ...orderFacts,
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
