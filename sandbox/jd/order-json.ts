import type { Json } from '../json-parts.ts'
import { plainYuan, platformTime } from '../wire.ts'
import { dividedFee, goodsFee, type Line, payment, type Trade } from '../world/model.ts'
import { hash32 } from '../world/random.ts'
import { UNPAID } from '../world/story.ts'
import { companyId } from './companies.ts'

const SENT: Readonly<Record<string, string>> = {
  WAIT_BUYER_CONFIRM_GOODS: 'WAIT_GOODS_RECEIVE_CONFIRM',
  TRADE_BUYER_SIGNED: 'WAIT_GOODS_RECEIVE_CONFIRM',
  TRADE_FINISHED: 'FINISHED_L',
  TRADE_CLOSED: 'TRADE_CANCELED',
  TRADE_CLOSED_BY_TAOBAO: 'TRADE_CANCELED',
}

export const STATE_WORDS: Readonly<Record<string, string>> = {
  WAIT_SELLER_STOCK_OUT: '等待出库',
  WAIT_SELLER_DELIVERY: '等待发货',
  WAIT_GOODS_RECEIVE_CONFIRM: '等待确认收货',
  FINISHED_L: '完成',
  TRADE_CANCELED: '取消',
  LOCKED: '锁定',
  PAUSE: '暂停',
  POP_ORDER_PAUSE: '暂停',
}

/** An order that is not paid is in the lists of another method. One whose buyer wants to cancel is locked until the seller has answered. */
export function orderState(trade: Trade): string {
  const { status, hold, refunds } = trade
  if (UNPAID.has(status) && trade.type !== 'cod') return ''
  const sent = SENT[status]
  if (sent !== undefined) return sent
  if (status === 'PAID_FORBID_CONSIGN' || hold !== '') return 'POP_ORDER_PAUSE'
  return refunds.some((refund) => refund.status === 'WAIT_SELLER_AGREE') ? 'LOCKED' : 'WAIT_SELLER_STOCK_OUT'
}

/** 0 灰, 1 红, 2 黄, 3 绿, 4 蓝, 5 紫, as the world counts them. */
export const flagOf = ({ flag }: Trade): number => (flag >= 0 && flag <= 5 ? flag : 0)

const time = (seconds: number): string => (seconds === 0 ? '' : platformTime(seconds))
/** How an empty time of payment is written. */
const NO_TIME = '0001-01-01 00:00:00'

/** `receivable` is filled some seconds after the payment. */
const LATE = 6

/** Returns the named fields of an order; every value is a text. */
export function orderJson(trade: Trade, fields: readonly string[], now: number): Json {
  const order: Json = {
    orderId: trade.tid,
    venderId: String(venderId(trade.shop.key)),
    parentOrderId: '0',
    directParentOrderId: '0',
    orderType: '22',
    payType: trade.type === 'cod' ? '1-货到付款' : '4-在线支付',
    deliveryType: '任意时间',
    storeOrder: '否',
    orderSign: '',
    sendpayMap: '{}',
    ...moneyJson(trade, now),
    orderState: orderState(trade),
    orderStateRemark: STATE_WORDS[orderState(trade)] ?? '',
    pauseBizInfo: '',
    returnOrder: '0',
    orderStartTime: platformTime(trade.created),
    paymentConfirmTime: trade.paid === 0 ? NO_TIME : platformTime(trade.paid),
    modified: platformTime(trade.modified),
    orderEndTime: time(trade.ended),
    orderRemark: trade.message,
    venderRemark: trade.memo,
    venderRemarkLevelFlag: String(flagOf(trade)),
    pin: `jd_${hash32(trade.buyer.nick).toString(16)}`,
    openIdBuyer: `ob${hash32(trade.buyer.openUid).toString(36)}`,
    xidBuyer: `o*AA${hash32(trade.buyer.openUid).toString(36)}`,
    consigneeInfo: consigneeJson(trade),
    invoiceEasyInfo: { invoiceType: '不需要开具发票', invoiceTitle: '' },
    logisticsId: companyId(trade.lines[0]?.company ?? ''),
    waybill: trade.lines[0]?.waybill ?? '',
    itemInfoList: trade.lines.map(itemJson),
    couponDetailList: couponsJson(trade),
  }
  spoil(order, trade)
  return Object.fromEntries(Object.entries(order).filter(([name]) => fields.includes(name)))
}

/** orderPayment is not kept any more. Cash on delivery is to pay, and not paid. */
function moneyJson(trade: Trade, now: number): Json {
  const sum = (of: (line: Line) => number) => trade.lines.reduce((total, line) => total + of(line), 0)
  const [goods, asked] = [sum(goodsFee), sum(dividedFee)]
  const isFilled = now - Math.max(trade.paid, trade.created) >= LATE
  return {
    orderTotalPrice: plainYuan(goods),
    orderSellerPrice: plainYuan(asked),
    orderPayment: '0.00',
    freightPrice: plainYuan(trade.postFee),
    sellerDiscount: plainYuan(Math.max(goods - asked, 0)),
    balanceUsed: '0.00',
    totalOriginalPrice: plainYuan(goods),
    totalSellerDiscount: plainYuan(Math.max(goods - asked, 0)),
    totalSellerReceivable: isFilled ? plainYuan(asked) : '',
    shouldPay: plainYuan(payment(trade)),
    actualPay: plainYuan(trade.paid === 0 ? 0 : payment(trade)),
    payDiscount: '0.00',
  }
}

const itemJson = ({ listing, sku, num, price }: Line): Json => ({
  skuId: sku?.skuId ?? '0',
  outerSkuId: sku?.outerId ?? '',
  skuName: `${listing.title} ${skuWords(sku?.properties ?? '')}`.trim(),
  jdPrice: plainYuan(price),
  giftPoint: '0',
  wareId: listing.numIid,
  itemTotal: String(num),
  productNo: '',
  serviceName: '',
  newStoreId: '0',
})

/** 颜色分类:雾蓝;尺寸:1.8m床 → 雾蓝 1.8m床 */
export const skuWords = (properties: string): string =>
  properties
    .split(';')
    .map((pair) => pair.split(':')[1] ?? '')
    .filter(Boolean)
    .join(' ')

/** Only a discount of a single SKU (30) names the SKU. */
function couponsJson(trade: Trade): Json[] {
  const coupon = (couponType: string, skuId: string, fen: number): Json[] =>
    fen > 0 ? [{ orderId: trade.tid, skuId, couponType, couponPrice: plainYuan(fen) }] : []
  const share = trade.lines.reduce((sum, line) => sum + line.share, 0)
  return [
    ...trade.lines.flatMap((line) =>
      coupon('30-单品促销优惠', line.sku?.skuId ?? '0', line.discount - line.adjust),
    ),
    ...coupon('100-店铺优惠', '', share),
  ]
}

/** Each order has an oaid of its own, also for one receiver. */
function consigneeJson({ tid, receiver }: Trade): Json {
  const { name, mobile, state, city, district, town } = receiver
  const hidden = `${mobile.slice(0, 3)}****${mobile.slice(-4)}`
  return {
    fullname: `${name[0] ?? ''}${'*'.repeat(Math.max(1, name.length - 1))}`,
    telephone: '',
    mobile: hidden,
    desenTelephone: '',
    desenMobile: hidden,
    fullAddress: `${state}${city}${district}${town}***`,
    province: state,
    provinceId: '1',
    city,
    cityId: '1',
    county: district,
    countyId: '1',
    town,
    townId: '0',
    oaid: [0, 1, 2, 3].map((n) => hash32(`${n}${tid}${name}`).toString(16).padStart(8, '0')).join(''),
  }
}

/** The fields of malicious payloads are named as TOP names them. */
const NAMES: Readonly<Record<string, string>> = {
  status: 'orderState',
  created: 'orderStartTime',
  payment: 'actualPay',
  buyer_message: 'orderRemark',
  seller_memo: 'venderRemark',
  orders: 'itemInfoList',
}

function spoil(order: Json, trade: Trade): void {
  for (const [name, raw] of Object.entries(trade.garbage ?? {})) {
    const key = NAMES[name] ?? name
    if (raw === null) delete order[key]
    else order[key] = JSON.parse(raw)
  }
}

export const venderId = (key: string): number => 10_000_000 + (hash32(key) % 900_000)
