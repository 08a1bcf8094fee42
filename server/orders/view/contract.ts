import Type, { type Static } from 'typebox'
import { nullable, timeAnswer, timeOrNull } from '../../core/http/http-contract.ts'
import { oneOf } from '../../core/lists/list-contract.ts'
import { extraRefundRow, settlementRow } from '../../finance/contract.ts'
import { orderFacts } from '../list/contract.ts'
import { orderStatuses, origins, platformChangeKinds } from '../order/lifecycle.ts'
import { orderNotice } from '../refunds/notice-contract.ts'

const message = Type.Object({ zh: Type.String(), en: Type.String() })

const related = Type.Object({
  id: Type.String(),
  no: Type.String(),
  origin: oneOf(origins),
  status: oneOf(orderStatuses),
  reason: Type.String(),
})
/**
 * Related orders: the source and the copies, the parent and the child orders, the merged shipment, and merge candidates, each with the
 * reason why it cannot be merged (null: it can).
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

/**
 * Reservation state of a line. `unasked`: the line has a SKU but no reservation; for example, its order is unpaid, has no warehouse, is
 * record-only or voided. A bundle is `promised` if all its components are reserved.
 */
export const linePromises = ['unmatched', 'unasked', 'short', 'promised', 'shipped'] as const
export const orderLine = Type.Object({
  lineNo: Type.Integer(),
  oid: Type.String(),
  skuId: nullable(Type.String()),
  skuCode: Type.String(),
  skuName: Type.String(),
  promise: oneOf(linePromises),
  warehouse: Type.String(),
  /** Code of the SKU that the listing is matched with now, if it differs from the line's; reserved pieces stay on the line's SKU. */
  rematchedTo: Type.String(),
  /** Code of the SKU that the buyer ordered, if a person has substituted it; else empty. */
  substituteFor: Type.String(),
  /** List price of a substituted piece less that of the ordered piece, in fen; null: not known. The buyer's payment stays the same. */
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
  /**
   * True if the line is a gift. `refundedQuantity` counts the pieces that were removed again; `giftOffBy`: the person who removed the
   * gift, empty: no person did.
   */
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
  /** Succeeded refunds of trade lines that were left out at conversion. */
  earlierRefunds: Type.Array(Type.Object({ refundNo: Type.String(), amountFen: Type.Integer() })),
  /** Amount of draft and approved extra refunds, and the largest amount that a further one may have. */
  extraPendingFen: Type.Integer(),
  extraLimitFen: Type.Integer(),
  createdBy: Type.String(),
  updatedAt: timeAnswer,
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
  extraRefunds: Type.Array(extraRefundRow),
  settlements: Type.Array(settlementRow),
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
