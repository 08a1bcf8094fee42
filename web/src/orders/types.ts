import type { DifferenceKind, HoldReason, OrderStatus } from '../../../server/orders/lifecycle.ts'
import type { EventRow, Personal, RefundRow, TradeLine } from '../intake/types.ts'

export type { DifferenceKind, EventRow, HoldReason, OrderStatus, Personal }

type GoodsLine = Pick<TradeLine, 'title' | 'spec' | 'pictureUrl' | 'quantity'>

export type OrderRow = {
  id: string
  no: string
  shopId: string
  origin: 'trade' | 'record'
  tid: string
  status: OrderStatus
  version: number
  cod: boolean
  receiverMasked: string
  region: string
  lines: GoodsLine[]
  lineCount: number
  quantity: number
  buyerMessage: string
  sellerMemo: string
  flag: number
  paymentFen: number
  refundedFen: number
  paidAt: string | null
  shipBy: string | null
  createdAt: string
  createdBy: string
  openHolds: number
  /** Reasons of the open holds. */
  holds: HoldReason[]
  differences: number
  voidReason: string
}

export type OrderLineRow = GoodsLine & {
  lineNo: number
  oid: string
  outerCode: string
  skuId: string | null
  refundedQuantity: number
  priceFen: number
  discountFen: number
  paymentFen: number
  refundedFen: number
}

export type OrderDetail = Omit<OrderRow, 'lines' | 'holds'> & {
  orderedAt: string
  goodsFen: number
  discountFen: number
  postFeeFen: number
  /** Asked for by open refunds and draft extra refunds. */
  pendingFen: number
  lines: OrderLineRow[]
  holds: { id: string; reason: HoldReason; note: string; source: string; heldBy: string; heldAt: string; until: string | null }[]
  differences: number
  differenceRows: { id: string; kind: DifferenceKind; oldValue: string; newValue: string; seenAt: string }[]
  events: EventRow[]
  tradeId: string | null
  refunds: Pick<RefundRow, 'id' | 'refundNo' | 'status' | 'state' | 'amountFen' | 'deadline'>[]
  extraRefunds: { id: string; no: string; kind: string; amountFen: number; status: 'draft' | 'approved' | 'voided' }[]
  actions: { action: string; allowed: boolean; code: string; message?: { zh: string; en: string } }[]
  /** Why the platform takes no memo; null: it does. */
  cannotWriteMemo: { zh: string; en: string } | null
}

export type ExtraRefundRow = {
  id: string
  no: string
  orderId: string
  orderNo: string
  shopId: string
  refundNo: string
  kind: string
  amountFen: number
  reason: string
  status: 'draft' | 'approved' | 'voided'
  createdBy: string
  createdAt: string
  decidedBy: string | null
  decidedAt: string | null
}
