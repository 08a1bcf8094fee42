import type { Json } from '../json-parts.ts'
import { dividedFee, goodsFee, type Line, payment, type Shop, type Trade } from '../world/model.ts'
import { at, hash32 } from '../world/random.ts'
import { firstWaybillOf, type Parcel, parcelsOf, piecesLeft } from '../world/sent-parcels.ts'
import { UNPAID } from '../world/story.ts'
import { long } from './call.ts'
import { companyCode } from './companies.ts'
import { notesOf } from './notes.ts'
import { refundStatus } from './refund-json.ts'

const SENT: Readonly<Record<string, number>> = {
  WAIT_BUYER_CONFIRM_GOODS: 40,
  TRADE_BUYER_SIGNED: 50,
  TRADE_FINISHED: 70,
  TRADE_CLOSED: 80,
  TRADE_CLOSED_BY_TAOBAO: 80,
}

/** 10 待付款, 30 已付款, 40 已发货, 50 已签收, 70 交易成功, 80 订单失败: of the order's own goods, and of a gift. */
export const lineNumber = ({ status }: Line): number => (UNPAID.has(status) ? 10 : (SENT[status] ?? 30))
export const orderNumber = (trade: Trade): number => lineNumber(at(trade.lines, 0))

const ms = (seconds: number) => seconds * 1000

/** disableDeliveryReasonCode: 1 a group that is not complete, 2 a risk check. The receiver is not shown then. */
export const reasonsOf = ({ hold, status }: Trade): number[] =>
  status === 'PAID_FORBID_CONSIGN' ? [1] : hold === '' ? [] : [2]

/** Returns an order as open.order.detail writes it; the list has the same without the change of address. */
export function orderJson(trade: Trade, url: string): Json {
  const [main, ...gifts] = trade.lines
  const line = main ?? at(trade.lines, 0)
  const order: Json = {
    orderBaseInfo: baseJson(trade, line),
    orderItemInfo: itemJson(line, url),
    orderAddress: addressJson(trade),
    orderLogisticsInfo: logisticsJson(trade, line),
    orderDeliveryInfo: {
      ...deliveryJson(trade, line),
      maxPackageNum: 0,
      enableAppendPackage: false,
      totalPackageNum: parcelsOf(trade).length,
    },
    orderRefundList: trade.refunds
      .toReversed()
      .map((refund) => ({ refundId: long(refund.id), refundStatus: refundStatus(refund) })),
    orderNote: { sellerNote: [], orderNoteInfo: notesOf(trade) },
    orderCpsInfo: { distributorId: 0, distributorName: '' },
    ...(trade.stepStatus === '' ? {} : { orderStepInfo: stepsJson(trade) }),
    subOrderInfo: gifts.map((gift) => giftJson(trade, gift, url)),
  }
  return spoiled(order, trade)
}

export const sellerOf = ({ key, options }: Shop) => ({
  openId: `ks${hash32(key).toString(36)}`,
  nick: options.name,
})

function baseJson(trade: Trade, line: Line): Json {
  const total = payment(trade) - trade.postFee
  return {
    oid: long(trade.tid),
    sellerOpenId: sellerOf(trade.shop).openId,
    sellerNick: sellerOf(trade.shop).nick,
    buyerOpenId: `ks${hash32(trade.buyer.openUid).toString(16).padStart(8, '0')}`,
    buyerNick: `${trade.buyer.nick.slice(0, 1)}***${trade.buyer.nick.slice(-1)}`,
    buyerImage: '',
    status: lineNumber(line),
    createTime: ms(trade.created),
    payTime: ms(trade.paid),
    updateTime: ms(trade.modified),
    sendTime: ms(line.consigned),
    recvTime: line.status === 'TRADE_FINISHED' ? ms(trade.ended) : 0,
    refundTime: 0,
    totalFee: total,
    discountFee: Math.max(goodsFee(line) - total, 0),
    expressFee: trade.postFee,
    allowanceExpressFee: 0,
    payChannelDiscount: 0,
    governmentDiscount: 0,
    remark: trade.message,
    payType: 1,
    payChannel: 'WECHAT',
    coType: trade.type === 'eticket' ? 2 : 0,
    cpsType: 1,
    preSale: 0,
    activityType: 1,
    allActivityType: trade.type === 'step' ? [6] : [],
    riskCode: 0,
    theDayOfDeliverGoodsTime: 2,
    promiseTimeStampOfDelivery: ms(trade.shipBefore),
    validPromiseShipmentTimeStamp: ms(trade.shipBefore),
    sellerDelayPromiseTimeStamp: 0,
    disableDeliveryReasonCode: reasonsOf(trade),
    enableSplitDeliveryOrder: line.num > 1 || trade.lines.length > 1,
    multiplePiecesNo: 0,
    orderLabels: [],
  }
}

const itemJson = (line: Line, url: string): Json => ({
  orderItemId: 0,
  itemId: long(line.listing.numIid),
  relItemId: long(line.listing.outerIid || '0'),
  itemTitle: line.listing.title,
  itemPicUrl: url + line.listing.picture,
  itemLinkUrl: '',
  skuId: long(line.sku?.skuId ?? '0'),
  relSkuId: 0,
  skuNick: line.sku?.outerId ?? '',
  skuDesc: skuWords(line.sku?.properties ?? ''),
  num: line.num,
  price: line.price,
  originalPrice: line.price,
  discountFee: Math.max(goodsFee(line) - dividedFee(line), 0),
  itemType: 1,
  goodsCode: '',
  warehouseCode: '',
})

/** 颜色分类:雾蓝;尺寸:1.8m床 → 雾蓝,1.8m床 */
export const skuWords = (properties: string): string =>
  properties
    .split(';')
    .map((pair) => pair.split(':')[1] ?? '')
    .filter(Boolean)
    .join(',')

const parcelsWith = (trade: Trade, line: Line) =>
  parcelsOf(trade).filter(({ goods }) => goods.some((one) => one.line === line))

/** A parcel keeps its number when it gets another waybill. */
export const logisticsId = (trade: Trade, parcel: Parcel): number =>
  hash32(`${trade.tid}${firstWaybillOf(parcel)}`)

const logisticsJson = (trade: Trade, line: Line): Json[] =>
  parcelsWith(trade, line).map((parcel) => ({
    logisticsId: logisticsId(trade, parcel),
    expressNo: parcel.waybill,
    expressCode: companyCode(parcel.courier === 'OTHER' ? line.company : parcel.courier),
  }))

const deliveryJson = (trade: Trade, line: Line): Json => ({
  deliveryNum: line.consigned > 0 ? line.num : openPieces(trade, line),
  packageNum: parcelsWith(trade, line).length,
})

/** Pieces that left while others still wait. */
const openPieces = (trade: Trade, line: Line): number =>
  line.status === 'WAIT_SELLER_SEND_GOODS' ? line.num - piecesLeft(trade, line) : 0

const giftJson = (trade: Trade, gift: Line, url: string): Json => ({
  subOrderType: 2,
  subOrderBaseInfo: {
    oid: long(gift.oid),
    status: lineNumber(gift),
    sendTime: ms(gift.consigned),
    recvTime: 0,
    updateTime: ms(trade.modified),
  },
  subOrderItemInfo: itemJson(gift, url),
  subOrderLogisticsInfo: logisticsJson(trade, gift),
  subOrderDeliveryInfo: deliveryJson(trade, gift),
})

/** The ciphertexts of name, mobile and address. They differ from order to order, also for the same receiver. */
export function ciphersOf({ tid, receiver: { name, mobile, address } }: Trade): [string, string, string] {
  const cipher = (text: string) =>
    Buffer.from(
      [0, 1, 2, 3].map((n) => hash32(`${n}${tid}${text}`).toString(16).padStart(8, '0')).join(''),
    ).toString('base64')
  return [cipher(name), cipher(mobile), cipher(address)]
}

/** While nothing may be shipped, neither ciphertexts nor masks are shown. */
function addressJson(trade: Trade): Json {
  const { name, mobile, state, city, district, town, address } = trade.receiver
  const place = { province: state, city, district, town, provinceCode: 0, cityCode: 0, districtCode: 0 }
  if (reasonsOf(trade).length > 0) return place
  const [encryptedConsignee, encryptedMobile, encryptedAddress] = ciphersOf(trade)
  return {
    ...place,
    ...{ encryptedConsignee, encryptedMobile, encryptedAddress },
    desensitiseConsignee: `${name[0] ?? ''}${'*'.repeat(Math.max(1, name.length - 1))}`,
    desensitiseMobile: `${mobile.slice(0, 1)}**********`,
    desensitiseAddress: `${address.slice(0, 2)}****`,
  }
}

/** A deposit, then the rest: 30 is paid, 10 is to pay. */
function stepsJson(trade: Trade): Json {
  const [first, second] = [
    trade.stepStatus === 'FRONT_NOPAID_FINAL_NOPAID' ? 10 : 30,
    trade.stepStatus === 'FRONT_PAID_FINAL_PAID' ? 30 : 10,
  ]
  const step = (payStepNo: number, payStepName: string, payStepStatus: number, fee: number): Json => ({
    payStepType: 1,
    payStepNo,
    payStepName,
    payStepStatus,
    paymentFee: fee,
  })
  return {
    orderPaymentStatus: { payStepType: 1 },
    orderPaymentSteps: [
      step(1, '定金', first, trade.stepPaid),
      step(2, '尾款', second, payment(trade) - trade.stepPaid),
    ],
  }
}

/** The fields of malicious payloads are named as TOP names them. */
const NAMES: Readonly<Record<string, string>> = {
  modified: 'updateTime',
  created: 'createTime',
  payment: 'totalFee',
  buyer_message: 'remark',
}

function spoiled(order: Json, trade: Trade): Json {
  const base = order['orderBaseInfo'] as Json
  for (const [given, raw] of Object.entries(trade.garbage ?? {})) {
    const name = NAMES[given] ?? given
    const of = name in base ? base : order
    const key = given === 'orders' ? 'orderItemInfo' : name
    if (raw === null) delete of[key]
    else of[key] = JSON.parse(raw)
  }
  return order
}
