import type { LocalizedText } from '../../lib/localized-text.ts'
import type { RefundStatus, TradeStatus } from '../connector.ts'
import { entryOf } from '../fields.ts'
import { checkedStatuses, rareStates } from './unverified.ts'

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
