import { dividedFee, goodsFee, type Line, payment, type Trade } from '../world/model.ts'
import type { Person } from '../world/people.ts'
import { parcelsOf } from '../world/sent-parcels.ts'
import {
  type Args,
  connection,
  currencyOf,
  firstOf,
  gid,
  money,
  type Resolver,
  type ShopifyCall,
  utc,
} from './call.ts'
import { attributesOf } from './memo.ts'
import { piecesToSend, refundedPieces } from './pieces.ts'
import { titleOf } from './products.ts'
import { isReturn } from './refunds.ts'
import { financialStatus, fulfillmentStatus } from './statuses.ts'

export const order: Resolver = ({ id }, call) => {
  const number = /^gid:\/\/shopify\/Order\/(\d+)$/.exec(String(id))?.[1]
  const trade = call.shop.trades.get(number ?? '')
  return trade === undefined ? null : orderObject(trade, call)
}

/** An order as Query.order gives it: the executor picks the fields that were asked for. */
export function orderObject(trade: Trade, call: ShopifyCall) {
  return { ...headOf(trade), ...moneyOf(trade), ...peopleOf(trade), ...listsOf(trade, call) }
}

function headOf(trade: Trade) {
  const { tid, created, modified, ended, status, shop, type } = trade
  const isCancelled = status === 'TRADE_CLOSED_BY_TAOBAO'
  return {
    __typename: 'Order',
    id: gid('Order', tid),
    legacyResourceId: tid,
    name: `#${Number(tid) % 1_000_000}`,
    createdAt: utc(created),
    processedAt: utc(created),
    updatedAt: utc(modified),
    cancelledAt: isCancelled ? utc(ended || modified) : null,
    cancelReason: isCancelled ? 'CUSTOMER' : null,
    closedAt: null,
    test: false,
    currencyCode: currencyOf(shop),
    presentmentCurrencyCode: currencyOf(shop),
    taxesIncluded: true,
    requiresShipping: true,
    displayFinancialStatus: financialStatus(trade),
    displayFulfillmentStatus: fulfillmentStatus(trade),
    returnStatus: trade.refunds.some(isReturn) ? 'IN_PROGRESS' : 'NO_RETURN',
    paymentGatewayNames: [type === 'cod' ? 'Cash on Delivery (COD)' : 'Alipay'],
    note: trade.message === '' ? null : trade.message,
    customAttributes: attributesOf(trade),
    tags: [],
  }
}

function moneyOf(trade: Trade) {
  const { shop, refunds, lines, postFee, paid } = trade
  const fen = payment(trade)
  const discount = lines.reduce((sum, line) => sum + Math.max(goodsFee(line) - dividedFee(line), 0), 0)
  const back = refunds.filter(({ status }) => status === 'SUCCESS').reduce((sum, { fee }) => sum + fee, 0)
  return {
    totalPriceSet: money(shop, fen),
    currentTotalPriceSet: money(shop, Math.max(fen - back, 0)),
    totalDiscountsSet: money(shop, discount),
    totalTipReceivedSet: money(shop, 0),
    totalRefundedSet: money(shop, back),
    originalTotalDutiesSet: null,
    transactions: () =>
      paid === 0
        ? []
        : [
            {
              id: gid('OrderTransaction', trade.tid),
              kind: 'SALE',
              status: 'SUCCESS',
              gateway: 'Alipay',
              amountSet: money(shop, fen),
              processedAt: utc(paid),
            },
          ],
    shippingLines: connection(
      postFee === 0
        ? []
        : [
            {
              id: gid('ShippingLine', trade.tid),
              title: '快递',
              code: '快递',
              discountedPriceSet: money(shop, postFee),
              originalPriceSet: money(shop, postFee),
              isRemoved: false,
              taxLines: [taxOf(trade, postFee)],
            },
          ],
    ),
  }
}

/** The tax is a part of the price. */
const taxOf = ({ shop }: Trade, fen: number) => ({
  title: 'VAT',
  rate: 0.13,
  priceSet: money(shop, Math.round((fen * 13) / 113)),
})

function peopleOf({ buyer, receiver, tid }: Trade) {
  const number = 7_000_000_000_000 + Number(buyer.mobile.slice(-8))
  return {
    email: `${buyer.tail}@example.com`,
    phone: null,
    customer: { id: gid('Customer', number), legacyResourceId: String(number), displayName: buyer.name },
    shippingAddress: { id: gid('MailingAddress', tid), ...addressOf(receiver) },
    billingAddress: { id: gid('MailingAddress', `9${tid}`), ...addressOf(buyer) },
  }
}

function listsOf(trade: Trade, call: ShopifyCall) {
  const parcels = parcelsOf(trade)
  const final = trade.refunds.filter(({ status }) => status === 'SUCCESS')
  return {
    lineItems: connection(trade.lines.map((line) => call.make.line(trade, line))),
    fulfillments: firstOf(parcels.map((parcel) => call.make.fulfillment(trade, parcel))),
    fulfillmentsCount: { count: parcels.length, precision: 'EXACT' },
    fulfillmentOrders: (args: Args) => connection(call.make.workOrders(trade))(args),
    refunds: firstOf(final.map((refund) => call.make.refund(refund))),
    returns: connection(trade.refunds.filter(isReturn).map((one) => call.make.return(one))),
  }
}

export function lineObject(trade: Trade, line: Line, call: ShopifyCall) {
  const { listing, sku, num, oid, price } = line
  const { shop } = trade
  const off = goodsFee(line) - dividedFee(line)
  const gone = refundedPieces(trade, line)
  const title = sku === null ? null : titleOf(sku.properties)
  return {
    __typename: 'LineItem',
    id: gid('LineItem', oid),
    name: [listing.title, title].filter(Boolean).join(' - '),
    title: listing.title,
    variantTitle: title,
    sku: sku?.outerId || null,
    vendor: '山隅',
    quantity: num,
    currentQuantity: num - gone,
    unfulfilledQuantity: piecesToSend(trade, line),
    refundableQuantity: num - gone,
    requiresShipping: true,
    isGiftCard: false,
    originalUnitPriceSet: money(shop, price),
    originalTotalSet: money(shop, goodsFee(line)),
    discountedTotalSet: money(shop, goodsFee(line) - line.discount),
    discountAllocations: off === 0 ? [] : [{ allocatedAmountSet: money(shop, off) }],
    taxLines: () => [taxOf(trade, dividedFee(line))],
    customAttributes: [],
    image: { id: gid('ImageSource', listing.numIid), url: call.sandbox.world.url + listing.picture },
    product: () => call.make.product(listing),
    variant: () => (sku === null ? null : call.make.variant(listing, sku)),
  }
}

/** The provinces of China as the platform codes them. */
const PROVINCES: readonly (readonly [code: string, name: string, zh: string])[] = [
  ['AH', 'Anhui', '安徽'],
  ['BJ', 'Beijing', '北京'],
  ['CQ', 'Chongqing', '重庆'],
  ['FJ', 'Fujian', '福建'],
  ['GS', 'Gansu', '甘肃'],
  ['GD', 'Guangdong', '广东'],
  ['GX', 'Guangxi', '广西'],
  ['GZ', 'Guizhou', '贵州'],
  ['HI', 'Hainan', '海南'],
  ['HE', 'Hebei', '河北'],
  ['HL', 'Heilongjiang', '黑龙江'],
  ['HA', 'Henan', '河南'],
  ['HB', 'Hubei', '湖北'],
  ['HN', 'Hunan', '湖南'],
  ['NM', 'Inner Mongolia', '内蒙古'],
  ['JS', 'Jiangsu', '江苏'],
  ['JX', 'Jiangxi', '江西'],
  ['JL', 'Jilin', '吉林'],
  ['LN', 'Liaoning', '辽宁'],
  ['NX', 'Ningxia', '宁夏'],
  ['QH', 'Qinghai', '青海'],
  ['SN', 'Shaanxi', '陕西'],
  ['SD', 'Shandong', '山东'],
  ['SH', 'Shanghai', '上海'],
  ['SX', 'Shanxi', '山西'],
  ['SC', 'Sichuan', '四川'],
  ['TJ', 'Tianjin', '天津'],
  ['XJ', 'Xinjiang', '新疆'],
  ['YZ', 'Xizang', '西藏'],
  ['YN', 'Yunnan', '云南'],
  ['ZJ', 'Zhejiang', '浙江'],
]

/** There is no field for the district: buyers begin the first line of the address with it. */
function addressOf({ name, mobile, state, city, district, town, address, zip }: Person) {
  const province = PROVINCES.find(([, , zh]) => state.startsWith(zh))
  return {
    firstName: name.slice(1),
    lastName: name.slice(0, 1),
    name,
    company: null,
    address1: `${district}${town}${address}`,
    address2: null,
    city,
    province: province?.[1] ?? state,
    provinceCode: province?.[0] ?? null,
    country: 'China',
    countryCodeV2: 'CN',
    zip,
    phone: mobile,
  }
}
