import type { Json } from '../json-parts.ts'
import { plainYuan } from '../wire.ts'
import { dividedFee, goodsFee, type Line, payment, type Trade } from '../world/model.ts'
import type { Person } from '../world/people.ts'
import { UNPAID } from '../world/story.ts'
import { gmt, local } from './call.ts'
import { sentMeta } from './metas.ts'

/** The status of an order. A paid order that must not be shipped is on hold; nothing says that an order has left in part. */
export function orderStatus({ status, hold }: Trade): string {
  if (UNPAID.has(status)) return 'pending'
  if (status === 'TRADE_CLOSED') return 'refunded'
  if (status === 'TRADE_CLOSED_BY_TAOBAO') return 'cancelled'
  if (status === 'WAIT_BUYER_CONFIRM_GOODS') return 'completed'
  return status === 'PAID_FORBID_CONSIGN' || hold !== '' ? 'on-hold' : 'processing'
}

/** A gross amount in fen as net and tax at 13 %, each with so many places. */
export function taxed(fen: number, places: number): { total: string; total_tax: string } {
  const net = fen / 113
  return { total: net.toFixed(places), total_tax: (fen / 100 - net).toFixed(places) }
}

/** Returns an order as GET /orders/{id} writes it. */
export function orderJson(trade: Trade, url: string, places: number): Json {
  const { created, modified, paid, consigned } = trade
  const isCod = trade.type === 'cod'
  const status = orderStatus(trade)
  const sum = (of: (line: Line) => number) => trade.lines.reduce((total, line) => total + of(line), 0)
  const paidAt = isCod && status !== 'completed' ? 0 : paid
  const order: Json = {
    id: BigInt(trade.tid),
    parent_id: 0,
    status,
    currency: trade.shop.options.currency ?? 'CNY',
    version: '9.8.5',
    prices_include_tax: true,
    date_created: local(created),
    date_modified: local(modified),
    discount_total: taxed(
      Math.max(
        sum((line) => goodsFee(line) - dividedFee(line)),
        0,
      ),
      places,
    ).total,
    discount_tax: '0.00',
    shipping_total: taxed(trade.postFee, places).total,
    shipping_tax: taxed(trade.postFee, places).total_tax,
    cart_tax: taxed(sum(dividedFee), places).total_tax,
    total: plainYuan(payment(trade)),
    total_tax: taxed(payment(trade), places).total_tax,
    customer_id: 0,
    order_key: `wc_order_${trade.tid}`,
    billing: {
      ...addressJson(trade.buyer),
      email: `${trade.buyer.tail}@example.com`,
      phone: trade.buyer.mobile,
    },
    shipping: { ...addressJson(trade.receiver), phone: trade.receiver.mobile },
    payment_method: isCod ? 'cod' : 'alipay',
    payment_method_title: isCod ? '货到付款' : '支付宝',
    transaction_id: '',
    customer_ip_address: '127.0.0.1',
    customer_note: trade.message,
    date_completed: local(consigned),
    date_paid: local(paidAt),
    number: trade.tid,
    meta_data: sentMeta(trade),
    line_items: trade.lines.map((line) => lineJson(line, url, places)),
    tax_lines: [],
    shipping_lines:
      trade.postFee === 0
        ? []
        : [
            {
              id: 1,
              method_title: '快递',
              method_id: 'flat_rate',
              ...taxed(trade.postFee, places),
              taxes: [],
            },
          ],
    fee_lines: [],
    coupon_lines: [],
    refunds: refundHeads(trade),
    payment_url: '',
    is_editable: false,
    needs_payment: status === 'pending',
    needs_processing: true,
    date_created_gmt: gmt(created),
    date_modified_gmt: gmt(modified),
    date_completed_gmt: gmt(consigned),
    date_paid_gmt: gmt(paidAt),
    currency_symbol: '¥',
  }
  return spoiled(order, trade)
}

/** A refund has the number that is in the middle of the world's. */
export const refundId = (id: string): number => Number(id.split('-')[1])

const refundHeads = ({ refunds }: Trade): Json[] =>
  refunds.map(({ id, fee, reason }) => ({ id: refundId(id), reason, total: `-${plainYuan(fee)}` }))

export const skuOf = ({ sku, listing }: Pick<Line, 'sku' | 'listing'>): string =>
  sku?.outerId || listing.outerIid

/** 颜色分类:雾蓝;尺寸:1.8m床 */
export const attributesOf = (properties: string): { name: string; option: string }[] =>
  properties
    .split(';')
    .filter(Boolean)
    .map((pair) => ({ name: pair.split(':')[0] ?? '', option: pair.split(':')[1] ?? '' }))

function lineJson(line: Line, url: string, places: number): Json {
  const { listing, sku, num } = line
  const before = taxed(goodsFee(line), places)
  return {
    id: Number(line.oid),
    name: listing.title,
    product_id: Number(listing.numIid),
    variation_id: sku === null ? 0 : Number(sku.skuId),
    quantity: num,
    tax_class: '',
    subtotal: before.total,
    subtotal_tax: before.total_tax,
    ...taxed(dividedFee(line), places),
    taxes: [],
    meta_data: attributesOf(sku?.properties ?? '').map(({ name, option }, index) => ({
      id: index + 1,
      key: `pa_${index}`,
      value: option,
      display_key: name,
      display_value: option,
    })),
    sku: skuOf(line),
    global_unique_id: '',
    price: Number((dividedFee(line) / 113 / num).toFixed(6)),
    image: { id: 1, src: url + listing.picture },
    parent_name: sku === null ? null : listing.title,
  }
}

/** The states of China as the shop's own list numbers them. */
const STATES: readonly (readonly [code: string, name: string])[] = [
  ['CN1', '云南'],
  ['CN2', '北京'],
  ['CN3', '天津'],
  ['CN4', '河北'],
  ['CN5', '山西'],
  ['CN6', '内蒙古'],
  ['CN7', '辽宁'],
  ['CN8', '吉林'],
  ['CN9', '黑龙江'],
  ['CN10', '上海'],
  ['CN11', '江苏'],
  ['CN12', '浙江'],
  ['CN13', '安徽'],
  ['CN14', '福建'],
  ['CN15', '江西'],
  ['CN16', '山东'],
  ['CN17', '河南'],
  ['CN18', '湖北'],
  ['CN19', '湖南'],
  ['CN20', '广东'],
  ['CN21', '广西'],
  ['CN22', '海南'],
  ['CN23', '重庆'],
  ['CN24', '四川'],
  ['CN25', '贵州'],
  ['CN26', '陕西'],
  ['CN27', '甘肃'],
  ['CN28', '青海'],
  ['CN29', '宁夏'],
  ['CN30', '澳门'],
  ['CN31', '西藏'],
  ['CN32', '新疆'],
]

/** There is no field for the district: buyers begin the first line of the address with it. */
function addressJson({ name, state, city, district, town, address, zip }: Person): Json {
  return {
    first_name: name.slice(1),
    last_name: name.slice(0, 1),
    company: '',
    address_1: `${district}${town}${address}`,
    address_2: '',
    city,
    state: STATES.find(([, word]) => state.startsWith(word))?.[0] ?? state,
    postcode: zip,
    country: 'CN',
  }
}

/** The fields of malicious payloads are named as TOP names them. */
const NAMES: Readonly<Record<string, string>> = {
  modified: 'date_modified_gmt',
  created: 'date_created_gmt',
  payment: 'total',
  buyer_message: 'customer_note',
  orders: 'line_items',
}

function spoiled(order: Json, trade: Trade): Json {
  for (const [given, raw] of Object.entries(trade.garbage ?? {})) {
    const key = NAMES[given] ?? given
    if (raw === null) delete order[key]
    else order[key] = JSON.parse(raw)
  }
  return order
}
