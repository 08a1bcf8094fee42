import type { LocalizedText } from '../../lib/localized-text.ts'
import type { TradeStatus, TradeType } from '../connector.ts'
import { entryOf, type Fields, textAt } from '../fields.ts'

type Word = { is: TradeStatus } & LocalizedText

/** `status` of an order. The payment decides about those that are closed, and about one on hold. Plugins add their own, which are unknown. */
const statuses: Readonly<Record<string, Word>> = {
  'checkout-draft': { is: 'unpaid', zh: '草稿', en: 'Draft' },
  pending: { is: 'unpaid', zh: '待付款', en: 'Pending payment' },
  failed: { is: 'unpaid', zh: '付款失败', en: 'Failed' },
  'on-hold': { is: 'unpaid', zh: '保留', en: 'On hold' },
  processing: { is: 'paid', zh: '正在处理', en: 'Processing' },
  completed: { is: 'shipped', zh: '已完成', en: 'Completed' },
  cancelled: { is: 'closed_refunded', zh: '已取消', en: 'Cancelled' },
  refunded: { is: 'closed_refunded', zh: '已退款', en: 'Refunded' },
  trash: { is: 'closed_refunded', zh: '在回收站', en: 'In the bin' },
}

/** An order is completed when the seller has sent it; no buyer confirms that it came. */
export function tradeStatusOf(status: string, isPaid: boolean): TradeStatus {
  const is = entryOf(statuses, status)?.is ?? 'unknown'
  if (status === 'on-hold') return isPaid ? 'paid' : 'unpaid'
  return is === 'closed_refunded' && status !== 'refunded' && !isPaid ? 'closed_unpaid' : is
}

/** A paid order that the seller has put on hold is not to be sent. */
export const isHeld = (status: string, is: TradeStatus): boolean => status === 'on-hold' && is === 'paid'

export function statusWords(platformStatus: string): LocalizedText | undefined {
  const word = entryOf(statuses, platformStatus)
  return word && { zh: word.zh, en: word.en }
}

export const isRefunded = (status: string): boolean => status === 'refunded'

/** The status of the list for our status, where one is all of it. */
export const statusFilter: Readonly<Record<string, string>> = { shipped: 'completed' }

export const isCashOnDelivery = (order: Fields): boolean => textAt(order, 'payment_method', 64) === 'cod'

export function tradeTypeOf(order: Fields): TradeType {
  if (isCashOnDelivery(order)) return 'cod'
  return order.needs_processing === false ? 'virtual' : 'normal'
}
