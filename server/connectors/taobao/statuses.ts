import type { LocalizedText } from '../../lib/localized-text.ts'
import type { LineRefund, RefundKind, RefundStatus, TradeStatus, TradeType } from '../connector.ts'
import { entryOf } from '../fields.ts'

/** TOP's statuses of trades and lines, with ours. A status that is not in the table is `unknown`. */
export const tradeStatusOf: Readonly<Record<string, TradeStatus>> = {
  TRADE_NO_CREATE_PAY: 'unpaid',
  WAIT_BUYER_PAY: 'unpaid',
  PAY_PENDING: 'unpaid',
  /** 0 元购合约中: the contract is not agreed yet, so nothing may be shipped. */
  WAIT_PRE_AUTH_CONFIRM: 'unpaid',
  /** This is also the first status of a trade with cash on delivery. */
  WAIT_SELLER_SEND_GOODS: 'paid',
  /** 拼团中, or under shipping control: the trade is paid, and the hold "forbid_consign" is added. */
  PAID_FORBID_CONSIGN: 'paid',
  SELLER_CONSIGNED_PART: 'partly_shipped',
  WAIT_BUYER_CONFIRM_GOODS: 'shipped',
  /** Only cash on delivery: the buyer has signed, but the money is not settled yet. */
  TRADE_BUYER_SIGNED: 'shipped',
  TRADE_FINISHED: 'finished',
  TRADE_CLOSED: 'closed_refunded',
  TRADE_CLOSED_BY_TAOBAO: 'closed_unpaid',
}

/** TOP accepts one status at a time; these are ours that are several of its own. */
export const severalStatuses = {
  paid: ['WAIT_SELLER_SEND_GOODS', 'PAID_FORBID_CONSIGN'],
  shipped: ['WAIT_BUYER_CONFIRM_GOODS', 'TRADE_BUYER_SIGNED'],
}

/** The list's filter for our status, of several the usual one. ALL_WAIT_PAY covers several. */
export const tradeStatusFilter: Readonly<Record<string, string>> = {
  unpaid: 'ALL_WAIT_PAY',
  paid: 'WAIT_SELLER_SEND_GOODS',
  partly_shipped: 'SELLER_CONSIGNED_PART',
  shipped: 'WAIT_BUYER_CONFIRM_GOODS',
  finished: 'TRADE_FINISHED',
  closed_refunded: 'TRADE_CLOSED',
  closed_unpaid: 'TRADE_CLOSED_BY_TAOBAO',
}

/**
 * The trade types of the list, with ours. All of them are always requested, because without `type` TOP leaves out whole kinds of trades.
 * `fenxiao` and `pre_auth_type` appear on trades, so they are requested too.
 */
export const tradeTypeOf: Readonly<Record<string, TradeType>> = {
  fixed: 'normal',
  guarantee_trade: 'normal',
  auction: 'auction',
  step: 'presale',
  cod: 'cod',
  b2c_cod: 'cod',
  super_market_cod_trade: 'cod',
  auto_delivery: 'virtual',
  ec: 'virtual',
  game_equipment: 'virtual',
  eticket: 'virtual',
  hotel_trade: 'virtual',
  fenxiao: 'distribution',
  independent_simple_trade: 'normal',
  independent_shop_trade: 'normal',
  shopex_trade: 'normal',
  netcn_trade: 'normal',
  external_trade: 'normal',
  instant_trade: 'normal',
  super_market_trade: 'normal',
  taohua: 'normal',
  waimai: 'other',
  o2o_offlinetrade: 'other',
  nopaid: 'other',
  pre_auth_type: 'other',
  tmall_i18n: 'normal',
}

/** Order.refund_status, with the line's refund state. Any other value that is not empty counts as open. */
export const lineRefundOf: Readonly<Record<string, LineRefund>> = {
  '': 'none',
  NO_REFUND: 'none',
  CLOSED: 'closed',
  SUCCESS: 'succeeded',
}

/** Refund.status, with ours, including the statuses of exchanges. A status that is not in the table is `unknown`. */
export const refundStatusOf: Readonly<Record<string, RefundStatus>> = {
  WAIT_SELLER_AGREE: 'applied',
  WAIT_BUYER_RETURN_GOODS: 'agreed',
  WAIT_SELLER_CONFIRM_GOODS: 'agreed',
  SELLER_REFUSE_BUYER: 'refused',
  CLOSED: 'closed',
  SUCCESS: 'succeeded',
  WAIT_BUYER_CONFIRM_EXCHANGE_SELLER_SEND_GOODS: 'agreed',
  WAIT_SELLER_CONSIGN_GOODS: 'agreed',
  /** The exchange has ended and has become a refund with the same number. */
  EXCHANGE_TRANSFORM_TO_REFUND: 'applied',
}

export const refundKindOf: Readonly<Record<string, RefundKind>> = {
  REFUND: 'refund_only',
  REFUND_AND_RETURN: 'return',
  TMALL_EXCHANGE: 'exchange',
  TAOBAO_EXCHANGE: 'exchange',
  RESHIPPING: 'reship',
  REPAIR: 'repair',
  OTHERS: 'other',
}

const clerksWords: Readonly<Record<string, LocalizedText>> = {
  TRADE_NO_CREATE_PAY: { zh: '没有创建支付', en: 'Payment not set up' },
  WAIT_BUYER_PAY: { zh: '待付款', en: 'To pay' },
  PAY_PENDING: { zh: '付款确认中', en: 'Payment pending' },
  WAIT_PRE_AUTH_CONFIRM: { zh: '待签约', en: 'Contract pending' },
  WAIT_SELLER_SEND_GOODS: { zh: '待发货', en: 'To ship' },
  PAID_FORBID_CONSIGN: { zh: '已付款，禁止发货', en: 'Paid, shipping forbidden' },
  SELLER_CONSIGNED_PART: { zh: '部分发货', en: 'Partly shipped' },
  WAIT_BUYER_CONFIRM_GOODS: { zh: '已发货', en: 'Shipped' },
  TRADE_BUYER_SIGNED: { zh: '已签收', en: 'Signed for' },
  TRADE_FINISHED: { zh: '交易成功', en: 'Finished' },
  TRADE_CLOSED: { zh: '退款关闭', en: 'Closed by refund' },
  TRADE_CLOSED_BY_TAOBAO: { zh: '交易关闭', en: 'Closed' },
}

export const statusWords = (status: string): LocalizedText | undefined => entryOf(clerksWords, status)
