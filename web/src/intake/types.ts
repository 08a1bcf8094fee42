import type { Static } from 'typebox'
import type { eventRow, queueRow, refundDetail, refundRow, TradeDetailView, TradeRow, tradeLine } from '../../../server/intake/contract.ts'
import type { personalView } from '../../../server/list-contract.ts'

export type { TradeRow }
export type TradeDetail = TradeDetailView
export type TradeLine = Static<typeof tradeLine>
export type QueueRow = Static<typeof queueRow>
export type RefundRow = Static<typeof refundRow>
export type RefundDetail = Static<typeof refundDetail>
export type EventRow = Static<typeof eventRow>
export type Personal = Static<typeof personalView>
export type TradeStatus = TradeRow['status']
export type RefundStatus = RefundRow['status']
export type RefundKind = RefundRow['kind']
/** What the server says of an action on this document: allowed, or the code of why not. */
export type ActionVerdict = { action: string; allowed: boolean; code: string }
