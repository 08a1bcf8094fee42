import type { Static } from 'typebox'
import type { AfterSalesRow as Desk, Statistics } from '../../../server/intake/aftersales/desk-contract.ts'
import type {
  eventRow,
  queueRow,
  refundDetail,
  refundRow,
  TradeDetailView,
  TradeRow,
} from '../../../server/intake/contract.ts'
import type { Json } from '../ui/base/json.ts'

export type { TradeRow }
export type TradeDetail = TradeDetailView
export type QueueRow = Static<typeof queueRow>
export type RefundRow = Static<typeof refundRow>
export type RefundDetail = Static<typeof refundDetail>
export type DeskRow = Json<Desk>
export type RefundStatistics = Json<Statistics>
export type EventRow = Static<typeof eventRow>
export type TradeStatus = TradeRow['status']
export type RefundStatus = RefundRow['status']
export type RefundKind = RefundRow['kind']
