import type { LocalizedText } from '../../lib/localized-text.ts'
import type { LineRefund, RefundKind, RefundStatus, TradeStatus, TradeType } from '../connector.ts'
import { entryOf, type Fields, isMissing, textAt, wholeAt } from '../fields.ts'

type Word = { is: TradeStatus } & LocalizedText

/** `order_status` of an order or a line. 105 lies between payment and 2: the platform still checks, and nothing may be shipped. */
const tradeStatuses: Readonly<Record<string, Word>> = {
  1: { is: 'unpaid', zh: '待支付', en: 'To pay' },
  105: { is: 'paid', zh: '已支付，平台审核中', en: 'Paid, under review' },
  2: { is: 'paid', zh: '待发货', en: 'To ship' },
  101: { is: 'partly_shipped', zh: '部分发货', en: 'Partly shipped' },
  3: { is: 'shipped', zh: '已发货', en: 'Shipped' },
  4: { is: 'closed_unpaid', zh: '已取消', en: 'Cancelled' },
  5: { is: 'finished', zh: '已完成', en: 'Finished' },
}

/** `main_status`, where it says more than `order_status`. */
const mainWords: Readonly<Record<string, LocalizedText>> = {
  103: { zh: '定金已付，待付尾款', en: 'Deposit paid' },
  21: { zh: '发货前退款完结', en: 'Refunded before shipping' },
  22: { zh: '发货后退款完结', en: 'Refunded after shipping' },
  39: { zh: '收货后退款完结', en: 'Refunded after receipt' },
}

const refundedMains = ['21', '22', '39']

/** The status of an order, or of a line of one that was paid. A cancelled order whose money was paid is refunded. */
export function tradeStatusOf(of: Fields, isPaid: boolean): TradeStatus {
  const status = entryOf(tradeStatuses, textAt(of, 'order_status', 8))?.is ?? 'unknown'
  const isRefunded = isPaid || refundedMains.includes(textAt(of, 'main_status', 8))
  return status === 'closed_unpaid' && isRefunded ? 'closed_refunded' : status
}

/** Both statuses where they differ: "4/21". */
export function platformStatusOf(of: Fields): string {
  const [status, main] = [textAt(of, 'order_status', 8), textAt(of, 'main_status', 8)]
  return main === '' || main === '0' || main === status ? status : `${status}/${main}`
}

export function statusWords(platformStatus: string): LocalizedText | undefined {
  const [status = '', main = ''] = platformStatus.split('/')
  const word = entryOf(mainWords, main) ?? entryOf(tradeStatuses, status)
  return word && { zh: word.zh, en: word.en }
}

/** The list's filter for our status. For any other status all orders are requested. */
export const statusFilter: Readonly<Record<string, string>> = {
  unpaid: '1',
  paid: '2,105',
  partly_shipped: '101',
  shipped: '3',
  finished: '5',
}

/** `trade_type` of a line. */
const tradeTypes: Readonly<Record<string, TradeType>> = {
  '': 'normal',
  0: 'normal',
  1: 'group_buy',
  2: 'presale',
  3: 'presale',
  4: 'auction',
  16: 'auction',
  102: 'presale',
}

/** `order_type` 2, 4 and 5 are virtual goods and vouchers; `pay_type` 0 is paid at the door; `pre_sale_type` 1 and 2 ship later. */
export function tradeTypeOf(order: Fields, line: Fields): TradeType {
  if (['2', '4', '5'].includes(textAt(order, 'order_type', 8))) return 'virtual'
  if (textAt(order, 'pay_type', 8) === '0') return 'cod'
  const type = entryOf(tradeTypes, textAt(line, 'trade_type', 8)) ?? 'other'
  return type === 'normal' && (wholeAt(line, 'pre_sale_type', 0, 99) ?? 0) > 0 ? 'presale' : type
}

/** `aftersale_status`. */
const refundStatuses: Readonly<Record<string, RefundStatus>> = {
  3: 'agreed', // 换货待买家收货
  6: 'applied', // 待商家同意
  7: 'agreed', // 待买家退货
  8: 'agreed', // 待商家发货（换货、补寄）
  11: 'agreed', // 待商家二次同意，已退货
  12: 'succeeded', // 售后成功
  13: 'agreed', // 换货待买家收货
  14: 'succeeded', // 换货成功
  27: 'refused', // 拒绝一次
  28: 'closed', // 售后失败
  29: 'refused', // 拒绝二次
  51: 'closed', // 取消成功
  53: 'succeeded', // 逆向完成
}

/** `refund_status` 4 of an after-sale that has succeeded: the money did not go back, and the platform tries again. */
export function refundStatusOf(status: string, money: string): RefundStatus {
  const known = entryOf(refundStatuses, status) ?? 'unknown'
  return known === 'succeeded' && money === '4' ? 'agreed' : known
}

/** `aftersale_type`. */
export const refundKindOf: Readonly<Record<string, RefundKind>> = {
  0: 'return',
  1: 'refund_only',
  2: 'refund_only',
  3: 'exchange',
  6: 'money_only', // 价保
  7: 'reship',
  8: 'repair',
}

/** `after_sale_info` of a line. Only refunds of goods hold them back, so an exchange or a difference in price counts as none. */
export function lineRefundOf(info: Fields): LineRefund {
  const kind = entryOf(refundKindOf, textAt(info, 'after_sale_type', 8))
  if (kind !== undefined && kind !== 'return' && kind !== 'refund_only') return 'none'
  const status = refundStatusOf(textAt(info, 'after_sale_status', 8), '')
  if (status === 'succeeded' || status === 'closed') return status
  return status === 'unknown' ? 'none' : 'applied'
}

/** True for an unknown after-sale status: the line counts as not refunded only after a person has accepted that. */
export function isLineRefundUnknown(info: Fields): boolean {
  const status = textAt(info, 'after_sale_status', 8)
  return !isMissing(info.after_sale_status) && status !== '0' && refundStatusOf(status, '') === 'unknown'
}
