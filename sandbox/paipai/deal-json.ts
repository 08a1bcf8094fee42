import type { Json } from '../json-parts.ts'
import { type Line, payment, type Refund, type Trade } from '../world/model.ts'
import { hash32 } from '../world/random.ts'
import { OPEN_STATUSES } from '../world/refund.ts'
import { ENDED, UNPAID } from '../world/story.ts'
import { timeOf, uinOf } from './call.ts'

/** Requestable states with their numbers, and their words. */
export const STATES: Readonly<Record<string, readonly [number: number, words: string]>> = {
  DS_UNKNOWN: [0, '处理中'],
  DS_WAIT_BUYER_PAY: [1, '等待买家付款'],
  DS_WAIT_SELLER_DELIVERY: [2, '等待卖家发货'],
  DS_WAIT_BUYER_RECEIVE: [3, '已发货'],
  DS_DEAL_END_NORMAL: [4, '交易成功'],
  DS_DEAL_CANCELLED: [5, '订单取消'],
  DS_SYSTEM_HALT: [6, '系统暂停'],
  DS_SYSTEM_PAYING: [7, '打款中'],
  DS_DEAL_REFUNDING: [8, '退款处理中'],
  STATE_COD_WAIT_SHIP: [41, '货到付款等待发货'],
  STATE_COD_SHIP_OK: [42, '货到付款已发货'],
  STATE_COD_SIGN: [43, '货到付款已签收'],
  STATE_COD_REFUSE: [44, '货到付款拒签'],
  STATE_COD_SUCESS: [45, '货到付款成功'],
  STATE_COD_CANCEL: [46, '货到付款取消'],
}

/** Further states of answers. */
const WORDS: Readonly<Record<string, string>> = {
  DS_BUYER_PAID_CFT: '已生成财付通单号',
  DS_DEAL_END_REFUND: '退款结束',
  DS_REFUND_WAIT_SELLER_AGREE: '等待卖家同意退款',
  DS_REFUND_WAIT_BUYER_DELIVERY: '等待买家发送退货',
  DS_REFUND_WAIT_SELLER_RECEIVE: '等待卖家确认收货',
  DS_REFUND_WAIT_MODIFY: '等待买家修改申请',
  DS_REFUND_OK: '退款成功',
  DS_REFUND_CANCEL: '退款取消',
  DS_REFUND_ALL_WAIT_SELLER_AGREE: '等待卖家同意全额退款',
  DS_REFUND_ALL_OK: '全额退款成功',
  DS_REFUND_ALL_CANCEL: '全额退款取消',
}

export const wordsOf = (state: string): string => STATES[state]?.[1] ?? WORDS[state] ?? ''

/**
 * Returns the state of a deal. Until the deal ends, a hold or an open refund is shown instead: of a deal with one line the refund's own state,
 * of one with several lines a common state of all refunds.
 */
export function dealState(trade: Trade): string {
  if (trade.hold !== '' && !ENDED.has(trade.status)) return 'DS_SYSTEM_HALT'
  const open = trade.refunds.filter(({ status }) => OPEN_STATUSES.has(status)).at(-1)
  if (open === undefined || ENDED.has(trade.status)) return ownState(trade, trade.status)
  return trade.lines.length === 1 ? refundState(open) : 'DS_DEAL_REFUNDING'
}

function ownState({ type }: Trade, status: string): string {
  if (status === 'TRADE_CLOSED') return 'DS_DEAL_END_REFUND'
  if (type === 'cod') return COD[status] ?? 'DS_UNKNOWN'
  if (status === 'PAY_PENDING') return 'DS_BUYER_PAID_CFT'
  if (UNPAID.has(status)) return 'DS_WAIT_BUYER_PAY'
  return OWN[status] ?? 'DS_UNKNOWN'
}

const OWN: Readonly<Record<string, string>> = {
  WAIT_SELLER_SEND_GOODS: 'DS_WAIT_SELLER_DELIVERY',
  PAID_FORBID_CONSIGN: 'DS_SYSTEM_HALT',
  WAIT_BUYER_CONFIRM_GOODS: 'DS_WAIT_BUYER_RECEIVE',
  TRADE_BUYER_SIGNED: 'DS_WAIT_BUYER_RECEIVE',
  TRADE_FINISHED: 'DS_DEAL_END_NORMAL',
  TRADE_CLOSED_BY_TAOBAO: 'DS_DEAL_CANCELLED',
}
const COD: Readonly<Record<string, string>> = {
  WAIT_SELLER_SEND_GOODS: 'STATE_COD_WAIT_SHIP',
  WAIT_BUYER_CONFIRM_GOODS: 'STATE_COD_SHIP_OK',
  TRADE_BUYER_SIGNED: 'STATE_COD_SIGN',
  TRADE_FINISHED: 'STATE_COD_SUCESS',
  TRADE_CLOSED_BY_TAOBAO: 'STATE_COD_CANCEL',
}

/** A refund of the only line before the parcel leaves is one of the whole deal. */
export function refundState({ status, line, trade }: Refund): string {
  const all = line.consigned === 0 && trade.lines.length === 1 ? 'ALL_' : ''
  if (status === 'WAIT_SELLER_AGREE') return `DS_REFUND_${all}WAIT_SELLER_AGREE`
  if (status === 'WAIT_BUYER_RETURN_GOODS') return 'DS_REFUND_WAIT_BUYER_DELIVERY'
  if (status === 'WAIT_SELLER_CONFIRM_GOODS') return 'DS_REFUND_WAIT_SELLER_RECEIVE'
  if (status === 'SELLER_REFUSE_BUYER') return 'DS_REFUND_WAIT_MODIFY'
  return status === 'SUCCESS' ? `DS_REFUND_${all}OK` : `DS_REFUND_${all}CANCEL`
}

/** A deal as the list writes it: numbers are texts, amounts are fen. Courier, invoice and seller are in the detail only. */
export function dealRow(trade: Trade, url: string, withItems: boolean): Json {
  const state = dealState(trade)
  const total = String(payment(trade))
  return withGarbage(trade, {
    dealCode: trade.tid,
    dealDetailLink: `http://auction1.paipai.com/trade/${trade.tid}`,
    dealState: state,
    dealStateDesc: wordsOf(state),
    dealPayType: trade.type === 'cod' ? 'DEAL_BIZ_FLAG_HDFK' : 'TENPAY',
    dealRateState: 'DEAL_RATE_NO_EVAL',
    tenpayCode: trade.paid === 0 ? '' : `${hash32(trade.tid)}`,
    createTime: timeOf(trade.created),
    payTime: timeOf(trade.paid),
    sellerConsignmentTime: timeOf(trade.consigned),
    dealEndTime: timeOf(trade.ended),
    payReturnTime: timeOf(0),
    recvfeeTime: timeOf(0),
    recvfeeReturnTime: timeOf(0),
    lastUpdateTime: timeOf(trade.modified),
    buyerUin: buyerUin(trade),
    buyerName: trade.buyer.nick,
    buyerRemark: trade.message,
    ...receiverOf(trade),
    freight: String(trade.postFee),
    transportType: 'TRANSPORT_EXPRESS',
    dealPayFeeTotal: total,
    totalCash: total,
    dealPayFeeTicket: '0',
    couponFee: String(couponOf(trade)),
    comboInfo: '',
    propertymask: '1_2',
    dealNoteType: LABELS[trade.flag] ?? 'UN_LABEL',
    dealNote: trade.memo,
    ...(withItems ? { itemList: trade.lines.map((line) => itemJson(trade, line, url)) } : {}),
  })
}

/** A deal as getDealDetail writes it. */
export function dealDetail(trade: Trade, url: string, withItems: boolean): Json {
  const [sent] = trade.lines.filter(({ waybill }) => waybill !== '')
  return withGarbage(trade, {
    ...dealRow(trade, url, withItems),
    dealDesc: '',
    dealType: 'SELL_TYPE_BIN',
    dealTypeDesc: '一口价',
    dealPayTypeDesc: trade.type === 'cod' ? '货到付款' : '财付通',
    hasInvoice: '0',
    invoiceTitle: '',
    invoiceContent: '',
    transportTypeDesc: '快递',
    whoPayShippingfee: trade.postFee === 0 ? '1' : '2',
    buyerRecvRefund: '0',
    sellerRecvRefund: '0',
    dealPayFeePoint: '0',
    shippingfeeCalc: String(trade.postFee),
    dealPayFeeCommission: '0',
    sellerUin: uinOf(trade.shop),
    sellerName: trade.shop.options.name,
    sellerNick: trade.shop.options.name,
    sellerCrm: '',
    expectArrivalTime: timeOf(0),
    wuliuCompany: sent?.company ?? '',
    wuliuCode: sent?.waybill ?? '',
    wuliuDesc: '',
    recvTime: timeOf(trade.status === 'TRADE_FINISHED' ? trade.ended : 0),
    codPayList: [],
  })
}

/** A coupon of the whole deal. It is seen as one if the deal has one line; of several lines each shows its part as its own discount. */
const couponOf = ({ lines }: Trade): number => (lines.length === 1 ? (lines[0]?.share ?? 0) : 0)

export function itemJson(trade: Trade, line: Line, url: string): Json {
  const { listing, sku } = line
  const refund = trade.shop.refunds.get(line.refundId)
  const isOpen = refund !== undefined && OPEN_STATUSES.has(refund.status) && !ENDED.has(line.status)
  const discount = line.discount + (couponOf(trade) === 0 ? line.share : 0)
  return {
    dealSubCode: line.oid,
    itemCode: listing.numIid,
    itemCodeHistory: `${listing.numIid.slice(0, 12)}00000001${listing.numIid.slice(20)}`,
    itemLocalCode: listing.outerIid,
    skuId: sku?.skuId ?? '0',
    stockLocalCode: sku?.outerId ?? '',
    stockAttr: (sku?.properties ?? '').replaceAll(';', '|'),
    itemName: listing.title,
    itemPic80: url + listing.picture,
    itemDealPrice: String(line.price),
    itemAdjustPrice: String(line.adjust),
    itemDiscountFee: String(discount),
    itemDealCount: String(line.num),
    account: '',
    refundState: refund === undefined ? '' : refundState(refund),
    refundStateDesc: refund === undefined ? '' : wordsOf(refundState(refund)),
    tradePropertymask: '1',
    wanggouQuanId: '',
    wanggouQuanAmt: '0',
    itemDealState: isOpen ? refundState(refund) : ownState(trade, line.status),
  }
}

export const LABELS = ['UN_LABEL', 'RED', 'YELLOW', 'GREEN', 'BLUE', 'PINK']

export const buyerUin = (trade: Trade): string =>
  String(10_000_000 + (hash32(trade.buyer.openUid) % 900_000_000))

/** The address is one text with spaces, and nothing is masked. */
const receiverOf = ({ receiver }: Trade): Json => ({
  receiverName: receiver.name,
  receiverMobile: receiver.mobile,
  receiverPhone: '',
  receiverPostcode: receiver.zip,
  receiverAddress: `${receiver.state} ${receiver.city} ${receiver.district} ${receiver.address}`,
})

function withGarbage(trade: Trade, deal: Json): Json {
  for (const [name, raw] of Object.entries(trade.garbage ?? {})) {
    if (raw === null) delete deal[name]
    else deal[name] = JSON.parse(raw)
  }
  return deal
}
