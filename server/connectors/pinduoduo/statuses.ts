import type { LocalizedText } from '../../lib/localized-text.ts'
import type { LineRefund, RefundKind, RefundStatus, Trade, TradeStatus } from '../connector.ts'
import { entryOf, type Fields, isMissing, isTrueAt, textAt, wholeAt } from '../fields.ts'

/** order_status of a concluded order (confirm_status 1), with our status. */
const shippingOf: ReadonlyMap<number, TradeStatus> = new Map([
  [1, 'paid'],
  [2, 'shipped'],
  [3, 'finished'],
])

/**
 * Derives our trade status from POP's four: confirm_status (0 open, 1 concluded, 2 cancelled), group_status (0 open, 1 formed, 2 failed),
 * order_status (1 to ship, 2 shipped, 3 signed) and refund_status (1 none, 2 and 3 open, 4 done). A refund that succeeded before shipping
 * closes the order, because an order has one product. After shipping a refund may be partial, so the order stays shipped.
 */
export function tradeStatusOf(order: Fields): TradeStatus {
  const of = (name: string) => wholeAt(order, name, 0, 99)
  const isPaid = textAt(order, 'pay_time', 19) !== ''
  const confirmed = of('confirm_status')
  if (confirmed === 2 || of('group_status') === 2) return isPaid ? 'closed_refunded' : 'closed_unpaid'
  const shipping = shippingOf.get(of('order_status') ?? 0)
  if (shipping === 'paid' && of('refund_status') === 4) return 'closed_refunded'
  if (confirmed === 0) return isPaid ? 'paid' : 'unpaid'
  if (confirmed !== null && confirmed !== 1) return 'unknown'
  return shipping ?? 'unknown'
}

/** Returns all four statuses of the platform: "confirm 1, group 1, order 1, refund 1". */
export function platformStatusOf(order: Fields): string {
  return ['confirm_status', 'group_status', 'order_status', 'refund_status']
    .map((name) => [name.replace('_status', ''), textAt(order, name, 8)])
    .filter(([, value]) => value !== '')
    .map((pair) => pair.join(' '))
    .join(', ')
}

const ordered: Readonly<Record<string, LocalizedText>> = {
  1: { zh: '待发货', en: 'To ship' },
  2: { zh: '已发货', en: 'Shipped' },
  3: { zh: '已签收', en: 'Signed for' },
}

/** Puts the text of `platformStatusOf` into words for a clerk. */
export function statusWords(status: string): LocalizedText | undefined {
  const of = new Map(Array.from(status.matchAll(/(\w+) (\d+)/g), ([, name = '', n = '']) => [name, n]))
  if (of.get('confirm') === '2' || of.get('group') === '2') return { zh: '已取消', en: 'Cancelled' }
  if (of.get('refund') === '4') return { zh: '已退款', en: 'Refunded' }
  const words = [
    entryOf(ordered, of.get('order') ?? '') ?? [],
    of.get('group') === '0' ? { zh: '未成团', en: 'group open' } : [],
    of.get('confirm') === '0' ? { zh: '未成交', en: 'not made yet' } : [],
    /^[23]$/.test(of.get('refund') ?? '') ? { zh: '退款中', en: 'refund open' } : [],
  ].flat()
  const all = (language: 'zh' | 'en', comma: string) => words.map((word) => word[language]).join(comma)
  return words.length === 0 ? undefined : { zh: all('zh', '，'), en: all('en', ', ') }
}

/** Returns why the platform forbids shipping now: the group is open, the order is in review, or a tag pauses shipping. */
export function holdsOf(order: Fields, tags: readonly Fields[]): string[] {
  const holds: string[] = []
  if (wholeAt(order, 'group_status', 0, 9) === 0) holds.push('group_open')
  if (isTrueAt(order, 'risk_control_status')) holds.push('risk')
  if (tags.some((tag) => tag.name === 'ship_hold' && isTrueAt(tag, 'value'))) holds.push('ship_hold')
  return holds
}

/**
 * The delivery that the buyer was promised: free_sf (顺丰包邮), a field of its own or a tag, and home_delivery_type (送货入户), 1 without
 * installation and 2 with it.
 */
export function promisesOf(order: Fields, tags: readonly Fields[]): Pick<Trade, 'designated' | 'toDoor'> {
  const bySf =
    isTrueAt(order, 'free_sf') || tags.some((tag) => tag.name === 'free_sf' && isTrueAt(tag, 'value'))
  const home = wholeAt(order, 'home_delivery_type', 0, 9)
  return {
    ...(bySf ? { designated: ['SF'] as const } : {}),
    ...(home === 1 || home === 2 ? { toDoor: true } : {}),
  }
}

export function lineRefundOf(order: Fields): LineRefund {
  const status = wholeAt(order, 'refund_status', 0, 99)
  if (status === 4) return 'succeeded'
  if (status === 2 || status === 3) return 'applied'
  const afterSales = refundStatusOf.get(wholeAt(order, 'after_sales_status', 0, 99) ?? 0)
  return afterSales === 'closed' ? 'closed' : 'none'
}

/** True for an unknown refund status. Without this check the line would count as not refunded and would be shipped. */
export function isRefundUnknown(order: Fields): boolean {
  const value = order.refund_status
  const status = wholeAt(order, 'refund_status', 0, 99)
  return !isMissing(value) && (status === null || status > 4)
}

/** The list's filter on order_status for our status. For any other status all orders (5) are requested. */
export const orderStatusFilter: Readonly<Record<string, string>> = { paid: '1', shipped: '2', finished: '3' }

/** after_sales_status, with our status. A number that is not in the table is `unknown`. */
export const refundStatusOf: ReadonlyMap<number, RefundStatus> = new Map([
  [2, 'applied'], // 买家申请退款，待商家处理
  [3, 'applied'], // 退货退款，待商家处理
  [4, 'agreed'], // 商家同意退款，退款中
  [5, 'agreed'], // 平台同意退款，退款中
  [6, 'refused'], // 驳回退款，待买家处理
  [7, 'agreed'], // 已同意退货退款，待用户发货
  [8, 'applied'], // 平台处理中
  [9, 'closed'], // 平台拒绝退款，退款关闭
  [10, 'succeeded'], // 退款成功
  [11, 'closed'], // 买家撤销
  [12, 'closed'], // 买家逾期未处理，退款失败
  [13, 'closed'], // 买家逾期，超过有效期
  [14, 'applied'], // 换货补寄待商家处理
  [15, 'agreed'], // 换货补寄待用户处理
  [16, 'succeeded'], // 换货补寄成功
  [17, 'closed'], // 换货补寄失败
  [18, 'agreed'], // 换货补寄待用户确认完成
  [21, 'applied'], // 待商家同意维修
  [22, 'agreed'], // 待用户确认发货
  [24, 'closed'], // 维修关闭
  [25, 'succeeded'], // 维修成功
  [27, 'agreed'], // 待用户确认收货
  [31, 'agreed'], // 已同意拒收退款，待用户拒收
  [32, 'agreed'], // 补寄待商家发货
])

/** after_sales_type of the list, with our kind. The detail counts the same types from 1. */
export const refundKindOf: ReadonlyMap<number, RefundKind> = new Map([
  [2, 'refund_only'],
  [3, 'return'],
  [4, 'exchange'],
  [5, 'reship'],
  [6, 'repair'],
])
