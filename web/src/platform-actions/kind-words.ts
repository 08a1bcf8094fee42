import type { LocalizedPair } from '../words.ts'

export const actionKindWords: Record<string, LocalizedPair> = {
  'trade.ship': ['发货', 'Ship'],
  'trade.memo': ['备注', 'Memo'],
  'refund.agree': ['同意退款', 'Agree to refund'],
  'refund.refuse': ['拒绝退款', 'Refuse refund'],
  'refund.cancel': ['上报取消发货', 'Report stopped orders'],
  'return.receipt': ['确认收到退货', 'Confirm returned goods'],
}
