import type { LocalizedText } from '../../lib/localized-text.ts'
import type { RefundKind, RefundStatus, TradeStatus, TradeType } from '../connector.ts'
import { entryOf, type Fields, fieldsAt, isFields, listAt, textAt } from '../fields.ts'
import { codesAt } from './fields.ts'

type Word = { is: TradeStatus } & LocalizedText

/** `status` of an order. 50 is received and not confirmed; of 80 the payment decides. */
const statuses: Readonly<Record<string, Word>> = {
  10: { is: 'unpaid', zh: '待付款', en: 'To pay' },
  30: { is: 'paid', zh: '已付款', en: 'Paid' },
  40: { is: 'shipped', zh: '已发货', en: 'Shipped' },
  50: { is: 'shipped', zh: '已签收', en: 'Received' },
  70: { is: 'finished', zh: '交易成功', en: 'Finished' },
  80: { is: 'closed_unpaid', zh: '订单失败', en: 'Closed' },
}

/** Paid, and not or only in part shipped. */
export const toShip = '30'

/** `sent` of `pieces` have left, on a paid order whose status waits for the rest. */
export function tradeStatusOf(
  status: string,
  { isPaid, sent, pieces }: { isPaid: boolean; sent: number; pieces: number },
): TradeStatus {
  const is = entryOf(statuses, status)?.is ?? 'unknown'
  if (is === 'closed_unpaid' && isPaid) return 'closed_refunded'
  if (is !== 'paid' || sent === 0) return is
  return sent >= pieces ? 'shipped' : 'partly_shipped'
}

export function statusWords(platformStatus: string): LocalizedText | undefined {
  const word = entryOf(statuses, platformStatus)
  return word && { zh: word.zh, en: word.en }
}

/** `orderViewStatus` of the list for our status; 1 is all orders. `shipped` has two numbers, 4 (shipped) and 5 (received), so all orders are listed. */
export const viewOf: Readonly<Record<string, number>> = { unpaid: 2, paid: 3, finished: 6 }
export const everyView = 1

const activities = { group: ['3', '17', '20'] }
const virtualGoods = ['2', '3']

/** A presale is an order with a deposit (`payStepType` 1), or of goods that come into stock later (`preSale`). */
export function tradeTypeOf(order: Fields): TradeType {
  const base = fieldsAt(order, 'orderBaseInfo')
  if (virtualGoods.includes(textAt(base, 'coType', 8))) return 'virtual'
  if (isDeposit(order) || textAt(base, 'preSale', 8) === '1') return 'presale'
  const types = codesAt(base, 'allActivityType')
  return types.some((type) => activities.group.includes(type)) ? 'group_buy' : 'normal'
}

const isDeposit = (order: Fields): boolean =>
  textAt(fieldsAt(fieldsAt(order, 'orderStepInfo'), 'orderPaymentStatus'), 'payStepType', 8) === '1' ||
  paymentSteps(order).some((step) => textAt(step, 'payStepType', 8) === '1')

/** A deposit of which the rest is still to pay: the second step (尾款) is not paid (30). */
export function isFinalUnpaid(order: Fields): boolean {
  if (!isDeposit(order)) return false
  const last = paymentSteps(order).find((step) => textAt(step, 'payStepNo', 8) === '2')
  return last === undefined || textAt(last, 'payStepStatus', 8) !== '30'
}

/** The platform's types and its documents name the list in two ways. */
const paymentSteps = (order: Fields): Fields[] => [
  ...listAt(fieldsAt(order, 'orderStepInfo'), 'orderPaymentSteps', '').filter(isFields),
  ...listAt(order, 'orderPaymentStepInfos', '').filter(isFields),
]

/** `disableDeliveryReasonCode`: 1 a group that is not complete, 2 a risk check; any other value forbids shipping too. */
export const holdOfReason = (reason: string): string =>
  reason === '1' ? 'group_open' : reason === '2' ? 'risk' : 'ship_hold'

/** `status` of a refund. 20 to 22 the platform decides; 50 is being paid. */
const refundStatuses: Readonly<Record<string, RefundStatus>> = {
  10: 'applied', // 买家仅退款申请
  11: 'applied', // 买家退货退款申请
  12: 'applied', // the same in the documents of the query
  20: 'applied', // 平台介入-买家仅退款申请
  21: 'applied', // 平台介入-买家退货退款申请
  22: 'agreed', // 平台介入-已确认退货退款
  30: 'agreed', // 商品回寄信息待买家更新
  40: 'agreed', // 商品回寄信息待卖家确认
  45: 'agreed', // 换货待买家确认收货
  50: 'agreed', // 退款执行中
  60: 'succeeded',
  70: 'closed',
}

/** `negotiateStatus` 3: the seller has sent the application back, and the buyer may change it. */
export const sentBack = '3'

export function refundStatusOf(status: string, negotiation: string): RefundStatus {
  const is = entryOf(refundStatuses, status) ?? 'unknown'
  const mayRefuse = ['10', '11', '12', '40'].includes(status)
  return mayRefuse && negotiation === sentBack ? 'refused' : is
}

/** The platform decides: it accepts no answer of the seller. */
export const isDecidedByPlatform = (status: string): boolean => status === '20' || status === '21'

export const refundKinds: Readonly<Record<string, RefundKind>> = {
  1: 'return',
  10: 'refund_only',
  3: 'exchange',
}
