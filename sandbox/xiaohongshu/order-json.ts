import type { Json } from '../json-parts.ts'
import { dividedFee, goodsFee, type Line, payment, type Refund, type Trade } from '../world/model.ts'
import { hash32 } from '../world/random.ts'
import { isOpenRefund } from '../world/refund.ts'
import { parcelsOf } from '../world/sent-parcels.ts'
import { UNPAID } from '../world/story.ts'
import { sellerId } from './call.ts'
import { companyOf } from './companies.ts'

const SENT: Readonly<Record<string, number>> = {
  SELLER_CONSIGNED_PART: 5,
  WAIT_BUYER_CONFIRM_GOODS: 6,
  TRADE_BUYER_SIGNED: 6,
  TRADE_FINISHED: 7,
  TRADE_CLOSED: 8,
  TRADE_CLOSED_BY_TAOBAO: 9,
}

/** 1 待付款, 2 处理中, 4 待发货, 5 部分发货, 6 待收货, 7 已完成, 8 已关闭, 9 已取消. */
export function orderStatus({ status, hold }: Trade): number {
  if (UNPAID.has(status)) return 1
  return SENT[status] ?? (status === 'PAID_FORBID_CONSIGN' || hold !== '' ? 2 : 4)
}

/** 1 无售后, 2 售后处理中, 3 售后完成, 4 售后拒绝, 5 售后关闭: of an order, and of the goods of a SKU. */
export function afterSalesStatus(refunds: readonly Refund[]): number {
  const last = refunds.at(-1)
  if (last === undefined) return 1
  if (refunds.some(isOpenRefund)) return 2
  return last.status === 'SUCCESS' ? 3 : last.status === 'SELLER_REFUSE_BUYER' ? 4 : 5
}

const ms = (seconds: number) => seconds * 1000

/** What the list and the detail have in common: no goods, and no amounts of lines. */
export const rowJson = (trade: Trade): Json => ({
  orderId: trade.tid,
  orderType: trade.type === 'step' ? 2 : 1,
  orderStatus: orderStatus(trade),
  orderAfterSalesStatus: afterSalesStatus(trade.refunds),
  cancelStatus: 0,
  createdTime: ms(trade.created),
  paidTime: ms(trade.paid),
  updateTime: ms(trade.modified),
  deliveryTime: ms(trade.consigned),
  cancelTime: trade.status === 'TRADE_CLOSED_BY_TAOBAO' ? ms(trade.ended) : 0,
  finishTime: trade.status === 'TRADE_FINISHED' ? ms(trade.ended) : 0,
  promiseLastDeliveryTime: ms(trade.shipBefore),
  planInfoId: 'plan',
  planInfoName: '普通快递',
  receiverCountryId: '1',
  receiverCountryName: '中国',
  receiverProvinceId: '1',
  receiverProvinceName: trade.receiver.state,
  receiverCityId: '1',
  receiverCityName: trade.receiver.city,
  receiverDistrictId: '1',
  receiverDistrictName: trade.receiver.district,
  customerRemark: trade.message,
  sellerRemark: trade.memo,
  sellerRemarkFlag: trade.flag + 1,
  presaleDeliveryStartTime: 0,
  presaleDeliveryEndTime: 0,
  originalOrderId: '',
  totalPayAmount: payment(trade),
  openAddressId: openAddressId(trade),
  paymentType: 2,
  logistics: 'red_auto',
  orderTagList: [],
})

/** The openAddressId, which is equal for orders of a shop to the same receiver. */
export function openAddressId({ shop, receiver }: Trade): string {
  const { name, mobile, state, city, district, town, address } = receiver
  const text = [shop.key, name, mobile, state, city, district, town, address].join('|')
  return [0, 1, 2, 3].map((n) => hash32(`${n}${text}`).toString(16).padStart(8, '0')).join('')
}

/** Returns an order as order.getOrderDetail writes it. */
export function orderJson(trade: Trade, url: string): Json {
  const sum = (of: (line: Line) => number) => trade.lines.reduce((total, line) => total + of(line), 0)
  const parcels = parcelsOf(trade)
  const isSplit = orderStatus(trade) === 5 || parcels.length > 1
  const [first] = parcels
  const order: Json = {
    ...rowJson(trade),
    shopId: sellerId(hash32(trade.shop.key)),
    shopName: trade.shop.options.name,
    sellerId: sellerId(hash32(trade.shop.key)),
    userId: sellerId(hash32(trade.buyer.openUid)),
    totalShippingFree: trade.postFee,
    totalNetWeightAmount: 0,
    totalDepositAmount: trade.type === 'step' ? trade.stepPaid : 0,
    totalMerchantDiscount: sum(merchantOff),
    totalRedDiscount: sum(redOff),
    totalChangePriceAmount: 0,
    merchantActualReceiveAmount: payment(trade) + sum(redOff),
    unpack: isSplit,
    expressTrackingNo: isSplit ? '' : (first?.waybill ?? ''),
    expressCompanyCode: isSplit || !first ? '' : courierCode(trade, first.courier),
    simpleDeliveryOrderList: parcels.map(({ courier, waybill, goods }, index) => ({
      deliveryOrderIndex: index + 1,
      status: 2,
      expressTrackingNo: waybill,
      expressCompanyCode: courierCode(trade, courier),
      skuIdList: goods.map(({ line }) => line.sku?.skuId ?? ''),
    })),
    skuList: trade.lines.map((line) => skuJson(trade, line, url)),
  }
  return spoiled(order, trade)
}

const courierCode = (trade: Trade, courier: string): string =>
  companyOf(
    courier === 'OTHER' ? (trade.lines.find(({ company }) => company !== '')?.company ?? '') : courier,
  ).code

/** The shop's discount of the line, and the platform's, which is the line's share of the discount of the order. */
const redOff = ({ share }: Line): number => share
const merchantOff = (line: Line): number => Math.max(goodsFee(line) - dividedFee(line) - line.share, 0)

function skuJson({ refunds }: Trade, line: Line, url: string): Json {
  const { sku, listing, num } = line
  const paid = dividedFee(line)
  return {
    itemId: listing.numIid,
    itemName: listing.title,
    skuId: sku?.skuId ?? '',
    skuName: listing.title,
    erpcode: sku?.outerId ?? '',
    skuSpec: skuWords(sku?.properties ?? ''),
    skuImage: url + listing.picture,
    skuQuantity: num,
    totalPaidAmount: paid,
    totalMerchantDiscount: merchantOff(line),
    totalRedDiscount: redOff(line),
    totalTaxAmount: 0,
    totalNetWeight: 0,
    skuTag: 0,
    isChannel: false,
    deliveryMode: 0,
    skuDetailList: [
      {
        skuId: sku?.skuId ?? '',
        erpCode: sku?.outerId ?? '',
        barcode: '',
        scSkuCode: '',
        quantity: num,
        registerName: '',
        // Without tax, as it is declared at customs: not the price of the sale.
        pricePerSku: Math.floor(line.price / 1.13),
        taxPerSku: 0,
        paidAmountPerSku: Math.floor(paid / num),
        depositAmountPerSku: 0,
        merchantDiscountPerSku: 0,
        redDiscountPerSku: 0,
        rawPricePerSku: line.price,
        skuTag: 0,
        skuAfterSaleStatus: afterSalesStatus(refunds.filter((refund) => refund.line === line)),
      },
    ],
  }
}

/** 颜色分类:雾蓝;尺寸:1.8m床 → 雾蓝/1.8m床 */
const skuWords = (properties: string): string =>
  properties
    .split(';')
    .map((pair) => pair.split(':')[1] ?? '')
    .filter(Boolean)
    .join('/')

/** The fields of malicious payloads are named as TOP names them. */
const NAMES: Readonly<Record<string, string>> = {
  status: 'orderStatus',
  modified: 'updateTime',
  created: 'createdTime',
  payment: 'totalPayAmount',
  buyer_message: 'customerRemark',
  seller_memo: 'sellerRemark',
  orders: 'skuList',
}

function spoiled(order: Json, trade: Trade): Json {
  for (const [given, raw] of Object.entries(trade.garbage ?? {})) {
    const key = NAMES[given] ?? given
    if (raw === null) delete order[key]
    else order[key] = JSON.parse(raw)
  }
  return order
}
