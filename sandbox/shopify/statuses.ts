import type { Trade } from '../world/model.ts'
import { openParcels } from '../world/sent-parcels.ts'
import { UNPAID } from '../world/story.ts'

/** The state of an order's money. Cash on delivery is pending until the seller marks it as paid. */
export function financialStatus({ status, type, refunds, paid }: Trade): string {
  if (UNPAID.has(status)) return 'PENDING'
  if (status === 'TRADE_CLOSED_BY_TAOBAO') return 'VOIDED'
  if (status === 'TRADE_CLOSED') return 'REFUNDED'
  if (type === 'cod' && paid === 0) return 'PENDING'
  return refunds.some((refund) => refund.status === 'SUCCESS' && refund.fee > 0)
    ? 'PARTIALLY_REFUNDED'
    : 'PAID'
}

export const isHeld = ({ status, hold }: Trade): boolean => status === 'PAID_FORBID_CONSIGN' || hold !== ''

/** The state of an order's goods. */
export function fulfillmentStatus(trade: Trade): string {
  if (trade.status === 'WAIT_BUYER_CONFIRM_GOODS') return 'FULFILLED'
  if (trade.status === 'TRADE_CLOSED')
    return trade.lines.some(({ consigned }) => consigned > 0) ? 'FULFILLED' : 'UNFULFILLED'
  if (isHeld(trade)) return 'ON_HOLD'
  return trade.status === 'SELLER_CONSIGNED_PART' || openParcels(trade).length > 0
    ? 'PARTIALLY_FULFILLED'
    : 'UNFULFILLED'
}
