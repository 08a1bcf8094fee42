import { yuanFromFen } from '../../lib/money.ts'
import type { BadItem, Call, Receiver, Trade, TradeBrief, TradeDetail, TradePage } from '../connector.ts'
import { faultOf, ifThere, tradeWith } from '../documents.ts'
import {
  cleanText,
  type Doubts,
  entryOf,
  type Fields,
  fieldsAt,
  fieldsIn,
  idAt,
  isFields,
  isMissing,
  largestFen,
  listAt,
  longest,
  note,
  rawOf,
  textAt,
  wholeAt,
  wordAt,
  yuanAt,
} from '../fields.ts'
import { digitsOf, needed } from '../gateway.ts'
import { lineMoney } from '../line-money.ts'
import type { Page, Window } from '../lists.ts'
import { askJd } from './client.ts'
import { isNoOrder } from './errors.ts'
import { momentAt } from './fields.ts'
import { type Goods, goodsOf, lineOf } from './lines.ts'
import { reach, spanOf } from './lists.ts'
import { holdOf, locked, statesOf, tradeStatusOf } from './statuses.ts'
import { flagIn, isCashOnDelivery, paymentField } from './unverified.ts'

const briefFields =
  'orderId,orderState,payType,modified,orderStartTime,pin,consigneeInfo,actualPay,shouldPay,freightPrice'
const detailFields = `${briefFields},orderType,parentOrderId,orderStateRemark,paymentConfirmTime,orderEndTime,orderRemark,venderRemark,venderRemarkLevelFlag,openIdBuyer,xidBuyer,orderTotalPrice,orderSellerPrice,sellerDiscount,totalSellerDiscount,totalSellerReceivable,payDiscount,invoiceEasyInfo,logisticsId,waybill,itemInfoList,couponDetailList,sendpayMap,pauseBizInfo`

/** jingdong.pop.order.search, the newest first. `dateType` 0 is the time of change, 1 that of creation. */
const listed =
  (dateType: '0' | '1') =>
  async (call: Call, window: Window, { number, size, mode }: Page): Promise<TradePage> => {
    const span = spanOf(call, window, dateType === '0' ? reach.modified : reach.created)
    if (!span)
      return mode === 'count' ? { total: 0, items: [], hasNext: false } : { items: [], hasNext: false }
    const { result } = await askJd(
      call,
      'jingdong.pop.order.search',
      {
        start_date: span.from,
        end_date: span.to,
        order_state: statesOf(window.status),
        optional_fields: briefFields,
        source_id: 'JOS',
        page: String(mode === 'count' ? 1 : number),
        page_size: String(mode === 'count' ? 1 : size),
        sortType: '1',
        dateType,
      },
      'searchorderinfo_result',
    )
    const total = needed(wholeAt(result, 'orderTotal', 0, Number.MAX_SAFE_INTEGER), 'orderTotal')
    if (mode === 'count') return { total, items: [], hasNext: false }
    const rows = result.orderInfoList
    if (!Array.isArray(rows) || rows.length === 0) needed((number - 1) * size >= total ? total : null, 'rows')
    return { items: Array.isArray(rows) ? rows.map(parseBrief) : [], hasNext: number * size < total }
  }
export const listChanged = listed('0')
export const listCreated = listed('1')

function parseBrief(value: unknown): TradeBrief | BadItem {
  const order = isFields(value) ? value : {}
  const [tid, modifiedAt] = [idAt(order, 'orderId'), momentAt(order, 'modified')]
  if (!tid || !modifiedAt)
    return { kind: 'bad', id: tid || null, reason: tid ? 'no modified' : 'no orderId', raw: rawOf(value) }
  const cod = isCashOnDelivery(textAt(order, 'payType', longest.word))
  return {
    kind: 'brief',
    tid,
    modifiedAt,
    createdAt: momentAt(order, 'orderStartTime'),
    platformStatus: wordAt(order, 'orderState'),
    type: '',
    buyerNick: textAt(order, 'pin', longest.name),
    receiverName: textAt(fieldsAt(order, 'consigneeInfo'), 'fullname', longest.name),
    paymentFen: yuanAt(order, paymentField(order, cod)),
  }
}

/** jingdong.pop.order.get; undefined if the shop has no such order. */
export async function tradeDetail(call: Call, tid: string): Promise<TradeDetail | undefined> {
  return ifThere(isNoOrder, async () => {
    const { order, text } = await orderOf(call, tid)
    return parseOrder(order, text)
  })
}

/** The order as the platform answers it. @throws {PlatformError} also if there is none. */
export async function orderOf(call: Call, tid: string): Promise<{ order: Fields; text: string }> {
  const { result, text } = await askJd(
    call,
    'jingdong.pop.order.get',
    { order_id: digitsOf(tid), optional_fields: detailFields },
    'orderDetailInfo',
  )
  return { order: needed(isFields(result.orderInfo) ? result.orderInfo : null, 'order'), text }
}

/** Parses an order. Never throws; one without number, time of change or goods is parked. */
export function parseOrder(value: unknown, raw: string): TradeDetail {
  const order = isFields(value) ? value : {}
  const tid = idAt(order, 'orderId')
  const doubts: Doubts = []
  const modifiedAt = momentAt(order, 'modified', { doubts, as: 'modified' })
  const items = fieldsIn(listAt(order, 'itemInfoList', ''), 'lines', doubts)
  const reason = faultOf({ tid, modifiedAt, lines: items.length }, { tid: 'orderId', modifiedAt: 'modified' })
  if (reason || !modifiedAt) return { kind: 'bad', id: tid || null, reason, raw }
  const coupons = listAt(order, 'couponDetailList', '').filter(isFields)
  const goods = goodsOf(items, tid, coupons, doubts)
  return tradeWith(tradeOf(order, { tid, modifiedAt, goods }, doubts), doubts, raw)
}

type Read = { tid: string; modifiedAt: Date; goods: readonly Goods[] }

function tradeOf(order: Fields, { tid, modifiedAt, goods }: Read, doubts: Doubts): Trade {
  const time = (key: string, as: string) => momentAt(order, key, { doubts, as })
  const state = wordAt(order, 'orderState')
  const cod = isCashOnDelivery(textAt(order, 'payType', longest.word))
  const [createdAt, paidAt] = [time('orderStartTime', 'created'), time('paymentConfirmTime', 'pay_time')]
  if (!createdAt) note(doubts, 'created', order.orderStartTime, { guess: modifiedAt.toISOString() })
  const status = tradeStatusOf(state, paidAt !== null)
  const money = moneyOf(order, { goods, cod }, doubts)
  const isSent = status === 'shipped' || status === 'finished'
  const refund = state === locked ? 'applied' : status === 'closed_refunded' ? 'succeeded' : 'none'
  const facts = { status, state, refund, waybills: isSent ? waybillsIn(order) : [] } as const
  return {
    tid,
    status,
    platformStatus: state,
    type: cod ? 'cod' : 'normal',
    platformType: textAt(order, 'orderType', longest.word),
    createdAt: createdAt ?? modifiedAt,
    modifiedAt,
    paidAt,
    // No field has the time at which the order left.
    shippedAt: isSent ? modifiedAt : null,
    endedAt: time('orderEndTime', 'end_time'),
    shipBy: null,
    planAt: null,
    cod,
    finalUnpaid: false,
    holds: [entryOf(holdOf, state) ?? []].flat(),
    paymentFen: money.payment,
    postFeeFen: money.postFee,
    discountFen: money.discount,
    subsidyFen: money.subsidy,
    buyer: { nick: textAt(order, 'pin', longest.name), openId: buyerIn(order) },
    receiver: receiverOf(fieldsAt(order, 'consigneeInfo'), tid),
    buyerMessage: textAt(order, 'orderRemark', longest.text),
    sellerMemo: textAt(order, 'venderRemark', longest.text),
    flag: flagIn(order),
    lines: goods.map((one, at) => lineOf(one, { ...facts, paid: money.lines[at] ?? 0 })),
  }
}

const buyerIn = (order: Fields): string =>
  ['openIdBuyer', 'xidBuyer'].map((key) => textAt(order, key, longest.name)).find(Boolean) ?? ''

/** Numbers of several parcels are joined: those of one courier by commas, couriers by a bar. */
export const waybillsIn = (order: Fields): string[] => [
  ...new Set(
    textAt(order, 'waybill', longest.text)
      .split(/[|,，]/)
      .map((no) => no.trim().slice(0, longest.word))
      .filter(Boolean),
  ),
]

/**
 * Lines have no payment. What the buyer pays for the goods is spread over the lines by price and the discounts that name a SKU. The seller
 * receives more where others pay a part.
 */
function moneyOf(order: Fields, { goods, cod }: { goods: readonly Goods[]; cod: boolean }, doubts: Doubts) {
  const asked = goods.map(({ soldFen, couponFen }) => Math.max(soldFen - couponFen, 0))
  const freight = yuanAt(order, 'freightPrice', { doubts, as: 'post_fee' }) ?? 0
  const key = paymentField(order, cod)
  const stated = yuanAt(order, key)
  const sold =
    yuanAt(order, 'orderSellerPrice') ??
    Math.min(
      asked.reduce((sum, fen) => sum + fen, 0),
      largestFen,
    )
  const payment = stated ?? sold + freight
  if (stated === null) note(doubts, 'payment', order[key], { guess: yuanFromFen(payment) })
  const postFee = Math.min(freight, payment)
  const receivable = isMissing(order.totalSellerReceivable) ? null : yuanAt(order, 'totalSellerReceivable')
  return {
    payment,
    postFee,
    discount:
      yuanAt(order, isMissing(order.totalSellerDiscount) ? 'sellerDiscount' : 'totalSellerDiscount', {
        doubts,
        as: 'discount_amount',
      }) ?? 0,
    subsidy: receivable === null ? 0 : Math.max(receivable + freight - payment, 0),
    lines: lineMoney(payment - postFee, goods.length, [asked]).fen,
  }
}

/**
 * Labels are printed from the oaid. The documents do not say whether two orders to one receiver have the same oaid, so each masked
 * receiver counts as one of its own. Equal masks prove nothing.
 */
function receiverOf(consignee: Fields, tid: string): Receiver {
  const text = (key: string, max: number) => textAt(consignee, key, max)
  const place = {
    province: text('province', longest.name),
    city: text('city', longest.name),
    district: text('county', longest.name),
    town: text('town', longest.name),
  }
  const region = Object.values(place).join('')
  const full = text('fullAddress', longest.address)
  const receiver = {
    name: text('fullname', longest.name),
    mobile: text('mobile', longest.word) || text('desenMobile', longest.word),
    phone: text('telephone', longest.word) || text('desenTelephone', longest.word),
    ...place,
    address: cleanText(full.startsWith(region) ? full.slice(region.length) : full, longest.address),
    zip: '',
  }
  const oaid = text('oaid', longest.token)
  const isMasked = oaid !== '' || /\*/.test(`${receiver.name}${receiver.mobile}${full}`)
  return isMasked ? { ...receiver, token: oaid, identity: tid } : { ...receiver, token: '' }
}
