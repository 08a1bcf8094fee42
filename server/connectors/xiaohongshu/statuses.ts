import type { LocalizedText } from '../../lib/localized-text.ts'
import type { RefundKind, RefundStatus, TradeStatus, TradeType } from '../connector.ts'
import { entryOf, type Fields, listAt, textAt } from '../fields.ts'
import { exchanging, noLogistics } from './unverified.ts'

type Word = { is: TradeStatus } & LocalizedText

/** `orderStatus`. For 8 and 9 the payment decides (`tradeStatusOf`). */
const statuses: Readonly<Record<string, Word>> = {
  1: { is: 'unpaid', zh: '待付款', en: 'To pay' },
  2: { is: 'paid', zh: '已付款处理中', en: 'Paid, in progress' },
  3: { is: 'paid', zh: '清关中', en: 'At customs' },
  4: { is: 'paid', zh: '待发货', en: 'To ship' },
  5: { is: 'partly_shipped', zh: '部分发货', en: 'Partly shipped' },
  6: { is: 'shipped', zh: '待收货', en: 'On its way' },
  7: { is: 'finished', zh: '已完成', en: 'Finished' },
  8: { is: 'closed_refunded', zh: '已关闭', en: 'Closed' },
  9: { is: 'closed_refunded', zh: '已取消', en: 'Cancelled' },
  10: { is: exchanging, zh: '换货申请中', en: 'Exchange applied for' },
}

export function tradeStatusOf(status: string, isPaid: boolean): TradeStatus {
  const is = entryOf(statuses, status)?.is ?? 'unknown'
  return is === 'closed_refunded' && !isPaid ? 'closed_unpaid' : is
}

export function statusWords(platformStatus: string): LocalizedText | undefined {
  const word = entryOf(statuses, platformStatus)
  return word && { zh: word.zh, en: word.en }
}

/** 待发货: only then the platform shows the ciphertexts of the receiver. */
export const toShip = '4'

/** A paid order is not to be shipped while the platform works on it, or customs do. */
export const isInProgress = (status: string): boolean => status === '2' || status === '3'

/** `orderStatus` of the list for our status, where one number is all of it. */
export const statusFilter: Readonly<Record<string, number>> = {
  unpaid: 1,
  partly_shipped: 5,
  finished: 7,
}

const deposit = '2'
/** `orderType`: 1 普通, 2 定金预售, 3 and 4 全款预售, 5 换货补发. */
const types: Readonly<Record<string, TradeType>> = {
  1: 'normal',
  [deposit]: 'presale',
  3: 'presale',
  4: 'presale',
  5: 'other',
}

export function tradeTypeOf(order: Fields): TradeType {
  const tags = listAt(order, 'orderTagList', '')
  if (tags.some((tag) => typeof tag === 'string' && tag.startsWith(noLogistics))) return 'virtual'
  return entryOf(types, textAt(order, 'orderType', 8)) ?? 'other'
}

/** 定金预售: the order waits for payment until the rest is paid too. */
export const isFinalUnpaid = (order: Fields, status: TradeStatus): boolean =>
  textAt(order, 'orderType', 8) === deposit && (status === 'unpaid' || status === 'closed_unpaid')

/** `status` of an after-sale. 12 and 13 are steps of an exchange whose goods have come back. */
const returnStatuses: Readonly<Record<string, RefundStatus>> = {
  1: 'applied', // 待审核
  2: 'agreed', // 待用户寄回
  3: 'agreed', // 待收货
  4: 'succeeded', // 完成
  5: 'closed', // 取消
  6: 'closed', // 关闭
  9: 'refused', // 拒绝
  9001: 'refused', // 商家收货拒绝
  11: 'applied', // 换货转退款
  12: 'agreed', // 待商家发货
  13: 'agreed', // 待用户收货
  14: 'applied', // 平台介入中
}

/** 完成 is the end of the process. A refund counts as agreed until `refundStatus` is 2, the money is back, or missing. An exchange gives no money back. */
export function refundStatusOf(status: string, kind: RefundKind, moneyStatus: string): RefundStatus {
  const is = entryOf(returnStatuses, status) ?? 'unknown'
  const isPaidLater = kind !== 'exchange' && moneyStatus !== '' && moneyStatus !== paidBack
  return is === 'succeeded' && isPaidLater ? 'agreed' : is
}

const paidBack = '2'

/** The steps in which the seller's answer is another call: the application, and the goods that came back. */
export const waitsForAudit = '1'
export const waitsForGoods = '3'

/** 平台介入中: it accepts no answer of the seller. */
export const isDecidedByPlatform = (status: string): boolean => status === '14'

/** `returnType`: 3 is an older number of 4, and 5 is of goods that have not left. */
const returnTypes: Readonly<Record<string, RefundKind>> = {
  1: 'return',
  2: 'exchange',
  3: 'refund_only',
  4: 'refund_only',
  5: 'refund_only',
}

export const refundKindOf = (returnType: string): RefundKind => entryOf(returnTypes, returnType) ?? 'other'
export const isBeforeShipping = (returnType: string): boolean => returnType === '5'
