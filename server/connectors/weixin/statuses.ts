import type { LocalizedText } from '../../lib/localized-text.ts'
import type { RefundKind, RefundStatus, TradeStatus } from '../connector.ts'
import { entryOf } from '../fields.ts'

type Word = { is: TradeStatus } & LocalizedText

/** `status` of an order. 190 and 200 are of older documents, and nothing says that they are gone. */
const tradeStatuses: Readonly<Record<string, Word>> = {
  10: { is: 'unpaid', zh: '待付款', en: 'To pay' },
  12: { is: 'paid', zh: '礼物待收下', en: 'Gift not accepted yet' },
  13: { is: 'paid', zh: '凑单中', en: 'Group not complete' },
  20: { is: 'paid', zh: '待发货', en: 'To ship' },
  21: { is: 'partly_shipped', zh: '部分发货', en: 'Partly shipped' },
  30: { is: 'shipped', zh: '待收货', en: 'On its way' },
  100: { is: 'finished', zh: '完成', en: 'Finished' },
  190: { is: 'closed_refunded', zh: '超卖，商家取消', en: 'Oversold and cancelled' },
  200: { is: 'closed_refunded', zh: '全部退款，已取消', en: 'Refunded and cancelled' },
  250: { is: 'closed_unpaid', zh: '未付款取消', en: 'Cancelled unpaid' },
}

export const tradeStatusOf = (status: string): TradeStatus => entryOf(tradeStatuses, status)?.is ?? 'unknown'

export function statusWords(status: string): LocalizedText | undefined {
  const word = entryOf(tradeStatuses, status)
  return word && { zh: word.zh, en: word.en }
}

/** The hold of a paid order that must not be shipped. Both end by themselves. The hold of an address that may change is no status (`tradeOf`). */
export const holdsOf: Readonly<Record<string, string>> = { 12: 'gift_open', 13: 'group_open' }

/** The list takes one status; these are ours that are several of its own. */
export const severalStatuses = { paid: ['12', '13', '20'] }

/** The list's filter for our status, or for one of `severalStatuses`; `paid` alone is 20. For any other status all orders are requested. */
export const statusFilter: Readonly<Record<string, number>> = {
  12: 12,
  13: 13,
  20: 20,
  unpaid: 10,
  paid: 20,
  partly_shipped: 21,
  shipped: 30,
  finished: 100,
}

/** `status` of an after-sale. */
export const refundStatusOf: Readonly<Record<string, RefundStatus>> = {
  USER_CANCELD: 'closed', // 用户取消申请
  MERCHANT_PROCESSING: 'applied', // 商家受理中
  MERCHANT_REJECT_REFUND: 'refused', // 商家拒绝退款
  MERCHANT_REJECT_RETURN: 'refused', // 商家拒绝退货退款
  USER_WAIT_RETURN: 'agreed', // 待买家退货
  RETURN_CLOSED: 'closed', // 退货退款关闭
  MERCHANT_WAIT_RECEIPT: 'agreed', // 待商家收货
  MERCHANT_OVERDUE_REFUND: 'agreed', // 商家逾期未退款
  MERCHANT_REFUND_SUCCESS: 'succeeded', // 退款完成
  MERCHANT_RETURN_SUCCESS: 'succeeded', // 退货退款完成
  MERCHANT_EXCHANGE_SUCCESS: 'succeeded', // 换货完成
  PLATFORM_REFUNDING: 'agreed', // 平台退款中
  PLATFORM_REFUND_FAIL: 'agreed', // 平台退款失败，会再退
  USER_WAIT_CONFIRM: 'agreed', // 待用户确认
  MERCHANT_REFUND_RETRY_FAIL: 'closed', // 商家打款失败，客服关闭售后
  MERCHANT_FAIL: 'closed', // 售后关闭
  USER_WAIT_CONFIRM_UPDATE: 'applied', // 待用户处理商家协商
  USER_WAIT_HANDLE_MERCHANT_AFTER_SALE: 'applied', // 待用户处理商家代发起的售后
}

export const refundKindOf: Readonly<Record<string, RefundKind>> = {
  REFUND: 'refund_only',
  RETURN: 'return',
  EXCHANGE: 'exchange',
  RESHIP: 'reship',
}
