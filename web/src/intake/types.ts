import type { Static } from 'typebox'
import type { AfterSalesRow as Desk, Statistics } from '../../../server/intake/aftersales/desk-contract.ts'
import type {
  eventRow,
  queueRow,
  refundDetail,
  refundRow,
  TradeRow as Trade,
  TradeDetailView,
} from '../../../server/intake/contract.ts'
import type { Json } from '../ui/base/json.ts'

export type TradeRow = Json<Trade>
export type TradeDetail = Json<TradeDetailView>
export type QueueRow = Json<Static<typeof queueRow>>
export type RefundRow = Json<Static<typeof refundRow>>
export type RefundDetail = Json<Static<typeof refundDetail>>
export type DeskRow = Json<Desk>
export type RefundStatistics = Json<Statistics>
export type EventRow = Json<Static<typeof eventRow>>
export type RefundKind = RefundRow['kind']
