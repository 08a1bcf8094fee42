import type { LocalizedText } from '../../lib/localized-text.ts'
import type { LineRefund, RefundStatus, TradeStatus } from '../connector.ts'
import { entryOf } from '../fields.ts'
import { noRefundWords } from './unverified.ts'

/** `by times`: the times of payment and shipping decide. `closed`: the time of payment says whether money goes back. */
type Word = { is: TradeStatus | 'by times' | 'closed' } & LocalizedText

/** `dealState` of a deal, and `itemDealState` of a line. A refund that is open takes the place of the deal's own state. */
const dealStates: Readonly<Record<string, Word>> = {
  DS_UNKNOWN: { is: 'unknown', zh: '处理中', en: 'Being processed' },
  DS_WAIT_BUYER_PAY: { is: 'unpaid', zh: '等待买家付款', en: 'To pay' },
  DS_BUYER_PAID_CFT: { is: 'unpaid', zh: '已生成财付通单号', en: 'Payment set up' },
  DS_WAIT_SELLER_DELIVERY: { is: 'paid', zh: '等待卖家发货', en: 'To ship' },
  DS_DEAL_SHIPPING_PREPARE: { is: 'paid', zh: '配货中', en: 'Being packed' },
  DS_WAIT_BUYER_RECEIVE: { is: 'shipped', zh: '已发货', en: 'Shipped' },
  DS_DEAL_END_NORMAL: { is: 'finished', zh: '交易成功', en: 'Finished' },
  DS_BUYER_EVALUATED: { is: 'finished', zh: '买家已评价', en: 'Reviewed by the buyer' },
  DS_DEAL_CANCELLED: { is: 'closed', zh: '订单取消', en: 'Cancelled' },
  DS_CLOSED: { is: 'closed', zh: '已关闭', en: 'Closed' },
  DS_DEAL_END_REFUND: { is: 'closed_refunded', zh: '退款结束', en: 'Ended by a refund' },
  DS_SYSTEM_HALT: { is: 'by times', zh: '系统暂停', en: 'Halted by the platform' },
  DS_SYSTEM_PAYING: { is: 'shipped', zh: '打款中', en: 'Being settled' },
  DS_DEAL_REFUNDING: { is: 'by times', zh: '退款处理中', en: 'Refund open' },
  DS_REFUND_START: { is: 'by times', zh: '买家申请退款', en: 'Refund applied for' },
  DS_REFUND_WAIT_SELLER_AGREE: { is: 'by times', zh: '等待卖家同意退款', en: 'Refund waits for the seller' },
  DS_REFUND_WAIT_BUYER_DELIVERY: { is: 'by times', zh: '等待买家发送退货', en: 'Awaiting return' },
  DS_REFUND_WAIT_SELLER_RECEIVE: {
    is: 'by times',
    zh: '等待卖家确认收货',
    en: 'Return waits for the seller',
  },
  DS_REFUND_WAIT_MODIFY: { is: 'by times', zh: '等待买家修改退款申请', en: 'Refund refused' },
  DS_REFUND_CANCEL: { is: 'by times', zh: '退款取消', en: 'Refund cancelled' },
  DS_REFUND_OK: { is: 'closed_refunded', zh: '退款成功', en: 'Refunded' },
  DS_REFUND_ALL_WAIT_SELLER_AGREE: {
    is: 'by times',
    zh: '等待卖家同意全额退款',
    en: 'Full refund waits for the seller',
  },
  DS_REFUND_ALL_CANCEL: { is: 'by times', zh: '全额退款取消', en: 'Full refund cancelled' },
  DS_REFUND_ALL_OK: { is: 'closed_refunded', zh: '全额退款成功', en: 'Refunded in full' },
  DS_TIMEOUT_BUYER_RECEIVE: { is: 'by times', zh: '买家确认收货超时', en: 'Receipt not confirmed in time' },
  DS_TIMEOUT_SELLER_RECEIVE: {
    is: 'by times',
    zh: '卖家确认退货超时',
    en: 'Return not confirmed in time',
  },
  DS_TIMEOUT_SELLER_PASS_RETURN: {
    is: 'by times',
    zh: '卖家超时，同意退货',
    en: 'Return granted by time-out',
  },
  DS_TIMEOUT_SELLER_PASS_REFUND_ALL: {
    is: 'by times',
    zh: '卖家超时，同意全额退款',
    en: 'Full refund granted by time-out',
  },
  STATE_COD_WAIT_SHIP: { is: 'paid', zh: '货到付款，等待发货', en: 'Cash on delivery, to ship' },
  STATE_COD_SHIP_OK: { is: 'shipped', zh: '货到付款，已发货', en: 'Cash on delivery, shipped' },
  STATE_COD_SIGN: { is: 'shipped', zh: '货到付款，已签收', en: 'Cash on delivery, signed for' },
  STATE_COD_REFUSE: { is: 'shipped', zh: '货到付款，拒签', en: 'Cash on delivery, refused at the door' },
  STATE_COD_SUCESS: { is: 'finished', zh: '货到付款，交易成功', en: 'Cash on delivery, finished' },
  STATE_COD_CANCEL: { is: 'closed', zh: '货到付款，已取消', en: 'Cash on delivery, cancelled' },
}

/** A deal with cash on delivery waits for its parcel without being paid. */
export type Times = { isPaid: boolean; isShipped: boolean; cod: boolean }

export function tradeStatusOf(state: string, { isPaid, isShipped, cod }: Times): TradeStatus {
  const is = entryOf(dealStates, state)?.is ?? 'unknown'
  if (is === 'closed') return isPaid ? 'closed_refunded' : 'closed_unpaid'
  if (is !== 'by times') return is
  return isShipped ? 'shipped' : isPaid || cod ? 'paid' : 'unpaid'
}

export function statusWords(state: string): LocalizedText | undefined {
  const word = entryOf(dealStates, state)
  return word && { zh: word.zh, en: word.en }
}

/** The states that the list takes; the others are in answers only. */
const requestable =
  /^(DS_(UNKNOWN|WAIT_.+|DEAL_END_NORMAL|DEAL_CANCELLED|SYSTEM_.+|DEAL_REFUNDING)|STATE_COD_.+)$/

/** The list takes one of some states. For another one, and for a status of ours, which several have, all deals are requested. */
export const stateFilter = (asked: string | undefined): string =>
  asked !== undefined && entryOf(dealStates, asked) !== undefined && requestable.test(asked) ? asked : ''

/** `refundState`. */
const refundStates: Readonly<Record<string, RefundStatus>> = {
  DS_REFUND_START: 'applied',
  DS_REFUND_WAIT_SELLER_AGREE: 'applied',
  DS_REFUND_WAIT_BUYER_DELIVERY: 'agreed',
  DS_REFUND_WAIT_SELLER_RECEIVE: 'agreed',
  DS_REFUND_WAIT_MODIFY: 'refused',
  DS_REFUND_OK: 'succeeded',
  DS_REFUND_CANCEL: 'closed',
  DS_REFUND_ALL_WAIT_SELLER_AGREE: 'applied',
  DS_REFUND_ALL_OK: 'succeeded',
  DS_REFUND_ALL_CANCEL: 'closed',
  DS_TIMEOUT_SELLER_RECEIVE: 'agreed',
  DS_TIMEOUT_SELLER_PASS_RETURN: 'agreed',
  DS_TIMEOUT_SELLER_PASS_REFUND_ALL: 'agreed',
}

export const refundStatusOf = (state: string): RefundStatus => entryOf(refundStates, state) ?? 'unknown'

/** What the refund of a line means for shipping. One in an unknown state holds the goods back. */
export function lineRefundOf(state: string): LineRefund {
  if (noRefundWords.includes(state)) return 'none'
  const status = refundStatusOf(state)
  return status === 'succeeded' || status === 'closed' ? status : 'applied'
}

/** True if the state is that of a refund that has not ended. */
export const isOpenRefund = (state: string): boolean =>
  ['applied', 'agreed', 'refused'].includes(refundStatusOf(state))

/** True if the deal's own state is that of an open refund. */
export const isRefunding = (dealState: string): boolean =>
  dealState === 'DS_DEAL_REFUNDING' || isOpenRefund(dealState)
