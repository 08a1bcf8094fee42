import type { LocalizedText } from '../../lib/localized-text.ts'
import type { RefundKind, RefundStatus, TradeStatus } from '../connector.ts'
import { entryOf } from '../fields.ts'
import { checkedStatuses, rareKinds, rareServiceStates, rareStates } from './unverified.ts'

type Word = { is: TradeStatus } & LocalizedText

/** `orderState`. Orders that are not paid are in the list of another method. */
const states: Readonly<Record<string, Word>> = {
  WAIT_SELLER_STOCK_OUT: { is: 'paid', zh: '等待出库', en: 'To ship' },
  WAIT_SELLER_DELIVERY: { is: 'paid', zh: '等待发货', en: 'To deliver from abroad' },
  LOCKED: { is: 'paid', zh: '锁定', en: 'Locked' },
  PAUSE: { is: 'paid', zh: '暂停', en: 'Paused' },
  POP_ORDER_PAUSE: { is: 'paid', zh: '暂停', en: 'Paused' },
  WAIT_GOODS_RECEIVE_CONFIRM: { is: 'shipped', zh: '等待确认收货', en: 'On its way' },
  FINISHED_L: { is: 'finished', zh: '完成', en: 'Finished' },
  TRADE_CANCELED: { is: 'closed_refunded', zh: '取消', en: 'Cancelled' },
}

/** An order that was cancelled before it was paid is `closed_unpaid`, because no money went back. */
export function tradeStatusOf(state: string, isPaid: boolean): TradeStatus {
  const is = entryOf(states, state)?.is ?? entryOf(rareStates, state) ?? 'unknown'
  return is === 'closed_refunded' && !isPaid ? 'closed_unpaid' : is
}

/** The order is cancelled or closed, so its goods must not leave. */
export const isClosed = (state: string): boolean => tradeStatusOf(state, true) === 'closed_refunded'

export function statusWords(platformStatus: string): LocalizedText | undefined {
  const word = entryOf(states, platformStatus)
  return word && { zh: word.zh, en: word.en }
}

/** The statuses that forbid shipping a paid order. Goods that wait for their delivery from abroad must not be sent in a parcel of ours. */
export const holdOf: Readonly<Record<string, string>> = {
  PAUSE: 'top_hold',
  POP_ORDER_PAUSE: 'top_hold',
  WAIT_SELLER_DELIVERY: 'ship_hold',
}

/** The buyer wants to cancel, and the seller has not answered yet. */
export const locked = 'LOCKED'

/** `order_state` of the list for our status; every state for any other. */
export function statesOf(status: string | undefined): string {
  const all = Object.keys(states)
  const some = all.filter((state) => states[state]?.is === status)
  return (some.length > 0 ? some : all).join(',')
}

/** `status` of an application to cancel an order. */
const applicationStatuses: Readonly<Record<string, RefundStatus>> = {
  0: 'applied', // 未审核
  1: 'agreed', // 审核通过
  2: 'refused', // 审核不通过
  5: 'agreed', // 人工审核通过
  6: 'agreed', // 拦截并退款
  9: 'agreed', // 强制关单并退款
  10: 'applied', // 物流待跟进
  11: 'closed', // 用户撤销
}

export const refundStatusOf = (status: string): RefundStatus =>
  entryOf(applicationStatuses, status) ?? entryOf(checkedStatuses, status) ?? 'unknown'

/** Applications that the buyer took back. */
export const withdrawn = '11'

/** No answer yet. */
export const unanswered = '0'

/** `customerExpect` of a service order. Undefined: a new one. */
const serviceKinds: Readonly<Record<string, RefundKind>> = {
  10: 'return',
  20: 'exchange',
  30: 'repair',
  80: 'reship',
}
export const kindOfService = (word: string): RefundKind | undefined =>
  entryOf(serviceKinds, word) ?? entryOf(rareKinds, word)

/** `serviceStatus` of a service order. */
export const serviceStates = {
  asked: '10001', // 待审核
  waitsForGoods: '10005', // 待收货
  received: '10007', // 已收货，待处理
  finished: '10010', // 完成
} as const
const serviceStatuses: Readonly<Record<string, RefundStatus>> = {
  [serviceStates.asked]: 'applied',
  [serviceStates.waitsForGoods]: 'agreed',
  [serviceStates.received]: 'agreed',
  10004: 'refused', // 审核关闭
  10011: 'closed', // 取消
}

/** The status of a service order that is not finished. */
export const serviceStatusOf = (word: string): RefundStatus =>
  entryOf(serviceStatuses, word) ?? entryOf(rareServiceStates, word) ?? 'unknown'

/** How the goods come back: the customer sends them (客户发货), brings them (客户送货), or they are fetched (上门取件, 4). */
export const wayBack = { sent: '40', brought: '7' } as const

/** `status` of the money of a service order: 13 is paid, 14 has failed. */
export const moneyPaid = '13'
