import { yuanFromFen } from '../../lib/money.ts'
import { startOfChinaDay } from '../../lib/time.ts'
import type { Call, Receiver, Trade, TradeDetail, TradeItem, TradeLine, TradeType } from '../connector.ts'
import { faultOf, ifThere, tradeWith } from '../documents.ts'
import {
  type Doubts,
  entryOf,
  type Fields,
  fieldsAt,
  fieldsIn,
  idAt,
  instantAt,
  isFields,
  largestFen,
  listAt,
  longest,
  note,
  textAt,
  wholeAt,
  wholeFenAt,
} from '../fields.ts'
import { needed } from '../gateway.ts'
import { lineMoney } from '../line-money.ts'
import type { ChainAt, ChainedPage, Window } from '../lists.ts'
import { callApi } from './client.ts'
import { isNotFound } from './errors.ts'
import { goodsKeyOf, oidOf, pageOfIds, piecesIn, secondsOf } from './fields.ts'
import { type Parcel, parcelsOf } from './parcels.ts'
import { holdsOf, statusFilter, tradeStatusOf } from './statuses.ts'

/** order/list/get: windows of at most seven days, at most a hundred numbers a page. */
const listed =
  (range: 'update_time_range' | 'create_time_range') =>
  async (call: Call, window: Window, { after, size }: ChainAt): Promise<ChainedPage<TradeItem>> => {
    const { from, to } = secondsOf(window)
    const status = entryOf(statusFilter, window.status ?? '')
    const { body } = await callApi(call, 'order/list/get', {
      [range]: { start_time: from, end_time: to },
      ...(status === undefined ? {} : { status }),
      page_size: size,
      ...(after === null ? {} : { next_key: after }),
    })
    return pageOfIds(body, 'order_id_list', (tid) => ({ kind: 'id', tid }))
  }
export const listChanged = listed('update_time_range')
export const listCreated = listed('create_time_range')

/** order/get; undefined if the shop has no such order. */
export async function tradeDetail(call: Call, tid: string): Promise<TradeDetail | undefined> {
  return ifThere(isNotFound, async () => {
    const { body, text } = await callApi(call, 'order/get', { order_id: tid })
    return parseOrder(needed(isFields(body.order) ? body.order : null, 'order'), text)
  })
}

/** Parses an order. Never throws; one without number, time of change or lines is parked. */
export function parseOrder(value: unknown, raw: string): TradeDetail {
  const order = isFields(value) ? value : {}
  const tid = idAt(order, 'order_id')
  const doubts: Doubts = []
  const modifiedAt = instantAt(order, 'update_time', { doubts, as: 'modified' })
  const products = fieldsIn(listAt(fieldsAt(order, 'order_detail'), 'product_infos', ''), 'lines', doubts)
  const reason = faultOf(
    { tid, modifiedAt, lines: products.length },
    { tid: 'order_id', modifiedAt: 'update_time' },
  )
  if (reason || !modifiedAt) return { kind: 'bad', id: tid || null, reason, raw }
  const trade = tradeOf(order, { tid, modifiedAt, products }, doubts)
  return tradeWith(trade, doubts, raw)
}

type Read = { tid: string; modifiedAt: Date; products: readonly Fields[] }

function tradeOf(order: Fields, { tid, modifiedAt, products }: Read, doubts: Doubts): Trade {
  const detail = fieldsAt(order, 'order_detail')
  const [info, extra] = [fieldsAt(detail, 'delivery_info'), fieldsAt(detail, 'ext_info')]
  const parcels = parcelsOf(info)
  const platformStatus = textAt(order, 'status', longest.word)
  const stated = tradeStatusOf(platformStatus)
  const status = stated === 'paid' && parcels.length > 0 ? 'partly_shipped' : stated
  const createdAt = instantAt(order, 'create_time', { doubts, as: 'created' })
  if (!createdAt) note(doubts, 'created', order.create_time, { guess: modifiedAt.toISOString() })
  const money = moneyOf(fieldsAt(detail, 'price_info'), products, doubts)
  const lines = linesOf(products, { tid, status, platformStatus, parcels, paid: money.lines }, doubts)
  const isPresale = products.some((product) => presaleOf(product))
  const isPresent = order.is_present === true
  return {
    tid,
    status,
    platformStatus,
    type: typeOf({ isVirtual: wholeAt(info, 'deliver_method', 0, 9) === 1, isPresent, isPresale }),
    platformType: isPresent ? 'present' : '',
    createdAt: createdAt ?? modifiedAt,
    modifiedAt,
    paidAt: instantAt(fieldsAt(detail, 'pay_info'), 'pay_time', { doubts, as: 'pay_time' }),
    shippedAt: instantAt(info, 'ship_done_time') ?? parcels[0]?.at ?? null,
    endedAt: instantAt(extra, 'confirm_receipt_time', { doubts, as: 'end_time' }),
    shipBy: earliest(lines.map((line) => line.shipBy)),
    planAt: earliest(lines.map((line) => line.planAt ?? null)),
    cod: false,
    finalUnpaid: false,
    holds: [
      entryOf(holdsOf, platformStatus) ?? [],
      info.address_under_review === true ? 'address_review' : [],
    ].flat(),
    paymentFen: money.payment,
    postFeeFen: money.postFee,
    discountFen: money.discount,
    subsidyFen: money.subsidy,
    buyer: { nick: '', openId: textAt(order, 'openid', longest.name) },
    receiver: receiverOf(fieldsAt(info, 'address_info')),
    buyerMessage: textAt(extra, 'customer_notes', longest.text),
    sellerMemo: textAt(extra, 'merchant_notes', longest.text),
    flag: 0,
    lines,
  }
}

const earliest = (times: readonly (Date | null)[]): Date | null =>
  times.reduce((one, other) => (one && (!other || one <= other) ? one : other), null)

/** A present that is a presale too is a present: its papers differ, and its day is planned by its lines anyway. */
function typeOf(trade: { isVirtual: boolean; isPresent: boolean; isPresale: boolean }): TradeType {
  if (trade.isVirtual) return 'virtual'
  if (trade.isPresent) return 'present'
  return trade.isPresale ? 'presale' : 'normal'
}

/** 全款预售: goods that are paid in full and sent later. */
const presaleOf = (product: Fields): boolean =>
  wholeAt(fieldsAt(product, 'sku_deliver_info'), 'stock_type', 0, 9) === 1

/** order_price is what the buyer pays, with the freight; merchant_receieve_price (so spelled) what the seller gets. */
function moneyOf(price: Fields, products: readonly Fields[], doubts: Doubts) {
  const goods = products.map((product) => wholeFenAt(product, 'real_price'))
  const sold = products.map((product) =>
    Math.min(
      (wholeFenAt(product, 'sale_price') ?? 0) * (wholeAt(product, 'sku_cnt', 1, 1_000_000) ?? 1),
      largestFen,
    ),
  )
  const isChanged = price.is_change_freight === true
  const freight = wholeFenAt(price, isChanged ? 'change_freight' : 'freight', { doubts, as: 'post_fee' }) ?? 0
  const stated = wholeFenAt(price, 'order_price')
  const payment = stated ?? goods.reduce<number>((sum, fen, at) => sum + (fen ?? sold[at] ?? 0), freight)
  if (stated === null) note(doubts, 'payment', price.order_price, { guess: yuanFromFen(payment) })
  const postFee = Math.min(freight, payment)
  return {
    payment,
    postFee,
    discount: wholeFenAt(price, 'discounted_price', { doubts, as: 'discount_amount' }) ?? 0,
    subsidy: Math.max((wholeFenAt(price, 'merchant_receieve_price') ?? 0) - payment, 0),
    lines: lineMoney(payment - postFee, products.length, [goods, sold]).fen,
  }
}

type Lines = {
  tid: string
  status: Trade['status']
  platformStatus: string
  parcels: readonly Parcel[]
  paid: readonly number[]
}

function linesOf(products: readonly Fields[], facts: Lines, doubts: Doubts): TradeLine[] {
  const seen = new Map<string, number>()
  const sent = sentOf(facts.parcels)
  return products.map((product, index) => {
    const oid = oidOf(facts.tid, product)
    const named = goodsKeyOf(product)
    const place = (seen.get(named) ?? 0) + 1
    seen.set(named, place)
    return lineOf(
      product,
      { ...facts, oid: place === 1 ? oid : `${oid}-${place}`, named, at: index, sent },
      doubts,
    )
  })
}

/** The pieces in all parcels by product and SKU. Each line takes its own from them, so a gift of the same SKU gets what the lines before left. */
function sentOf(parcels: readonly Parcel[]): Map<string, number> {
  const sent = new Map<string, number>()
  for (const { goods } of parcels)
    for (const [named, pieces] of goods) sent.set(named, (sent.get(named) ?? 0) + pieces)
  return sent
}

type Placed = Lines & { oid: string; named: string; at: number; sent: Map<string, number> }

function lineOf(
  product: Fields,
  { oid, named, at, paid, parcels, sent: unplaced, ...facts }: Placed,
  doubts: Doubts,
): TradeLine {
  const quantity = piecesIn(product, 'sku_cnt', { doubts, as: 'num', line: oid })
  const refunded = wholeAt(product, 'finish_aftersale_sku_cnt', 0, 1_000_000) ?? 0
  const open = wholeAt(product, 'on_aftersale_sku_cnt', 0, 1_000_000) ?? 0
  const left = Math.max(quantity - refunded, 0)
  const there = unplaced.get(named) ?? 0
  const sent = Math.min(there, left)
  unplaced.set(named, there - sent)
  const mine = left > 0 && sent === 0 ? [] : parcels.filter(({ goods }) => goods.has(named))
  const waybills = mine.map(({ waybillNo }) => waybillNo).filter(Boolean)
  const price = wholeFenAt(product, 'sale_price', { doubts, as: 'price', line: oid }) ?? 0
  const planAt = presaleOf(product)
    ? instantAt(fieldsAt(product, 'sku_deliver_info'), 'predict_delivery_time')
    : null
  return {
    oid,
    status: lineStatus(facts.status, { left, sent }),
    platformStatus: facts.platformStatus,
    refund: open > 0 ? 'applied' : refunded >= quantity ? 'succeeded' : 'none',
    refundId: '',
    itemId: idAt(product, 'product_id'),
    skuId: idAt(product, 'sku_id'),
    outerItemId: textAt(product, 'out_product_id', longest.name),
    outerSkuId: textAt(product, 'sku_code', longest.name) || textAt(product, 'out_sku_id', longest.name),
    title: textAt(product, 'title', longest.title),
    spec: listAt(product, 'sku_attrs', '')
      .filter(isFields)
      .map((attribute) => textAt(attribute, 'attr_value', longest.name).trim())
      .filter(Boolean)
      .join(' / ')
      .slice(0, longest.title),
    pictureUrl: textAt(product, 'thumb_img', longest.url),
    quantity,
    priceFen: price,
    paymentFen: paid[at] ?? 0,
    discountFen: Math.max(Math.min(price * quantity, largestFen) - (paid[at] ?? 0), 0),
    shipBy: instantAt(product, 'delivery_deadline'),
    ...(planAt ? { planAt: startOfChinaDay(planAt) } : {}),
    ...(waybills[0] === undefined ? {} : { waybillNo: waybills[0], waybills }),
  }
}

/** The order's status is of all its lines; parcels and refunds say how far one of them is. */
function lineStatus(trade: Trade['status'], { left, sent }: { left: number; sent: number }): Trade['status'] {
  if (left <= 0 && trade !== 'unknown') return 'closed_refunded'
  if (trade !== 'paid' && trade !== 'partly_shipped') return trade
  if (sent === 0) return 'paid'
  return sent >= left ? 'shipped' : 'partly_shipped'
}

function receiverOf(address: Fields): Receiver {
  const receiver = {
    name: textAt(address, 'user_name', longest.name),
    mobile: textAt(address, 'tel_number', longest.word),
    phone: '',
    province: textAt(address, 'province_name', longest.name),
    city: textAt(address, 'city_name', longest.name),
    district: textAt(address, 'county_name', longest.name),
    town: '',
    address: `${textAt(address, 'detail_info', longest.address)}${textAt(address, 'house_number', longest.name)}`,
    zip: textAt(address, 'postal_code', longest.word),
  }
  // The same receiver has the same hash_code. A plain address needs no token.
  const isMasked = /\*/.test(`${receiver.name}${receiver.mobile}${receiver.address}`)
  const hashCode = textAt(address, 'hash_code', longest.token)
  return isMasked ? { ...receiver, token: hashCode, identity: hashCode } : { ...receiver, token: '' }
}
