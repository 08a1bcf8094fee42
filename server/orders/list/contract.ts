import Type, { type Static } from 'typebox'
import type { SheetGoods } from '../../connectors/words-contract.ts'
import { nullable, timeAnswer, timeOrNull } from '../../core/http/http-contract.ts'
import { filterOf, oneOf } from '../../core/lists/list-contract.ts'
import { orderStatuses, origins, platformChangeKinds } from '../order/lifecycle.ts'
import { orderList, refundStates } from './lists-contract.ts'

export const orderFilter = filterOf(orderList)

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
  /** Since when lists leave it out (归档); null: it is live. */
  archivedAt: timeOrNull,
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
  /** Codes of the couriers among which the platform, or the buyer, lets it go (指定快递); empty: it is free. */
  designated: Type.Array(Type.String()),
  /** True: the courier is to bring it to the door (送货上门). */
  toDoor: Type.Boolean(),
  /** The value for which a person wants it insured (保价); 0: not at all, null: the account's rule decides. */
  insuredFen: nullable(Type.Integer()),
  /** True if a person chose the courier (`warehouseByHand`: the warehouse), so that sourcing rules do not change it. */
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
  /** The first two lines of the order's goods; the detail of the order has all. */
  lines: Type.Array(lineSummary),
})
export type OrderRow = Static<typeof orderRow>

const facts = Type.Object(orderFacts)
/**
 * An order in a sheet. It has only the facts that are the key of a column in the sheet. `sentBy`, `waybillNo`: courier and waybill of its
 * delivery; empty: it has none.
 */
export type OrderOut = Static<typeof facts> & {
  createdBy: string
  discountFen: number
  holdReasons: string[]
  sentBy: string
  waybillNo: string
  goods: SheetGoods[]
}
