import { yuanFromFen } from '../../lib/money.ts'
import { startOfChinaDay } from '../../lib/time.ts'
import type { BadItem, Call, Trade, TradeBrief, TradeDetail, TradePage } from '../connector.ts'
import { faultOf, ifThere, tradeWith } from '../documents.ts'
import {
  type Doubts,
  entryOf,
  type Fields,
  fieldsIn,
  idAt,
  instantMsAt,
  isFields,
  isMissing,
  largestFen,
  listAt,
  longest,
  note,
  rawOf,
  textAt,
  wholeAt,
  wholeFenAt,
} from '../fields.ts'
import { needed } from '../gateway.ts'
import { lineMoney, noteSpread } from '../line-money.ts'
import type { Page, Window } from '../lists.ts'
import { isNoOrder } from './errors.ts'
import { type Goods, goodsIn, lineOf, parcelsIn, statedIn } from './lines.ts'
import { pageOf, type Rows, secondsOf, timeType } from './lists.ts'
import { orderOf } from './orders.ts'
import { sealedReceiver } from './receivers.ts'
import { paidBackOf } from './refunds.ts'
import { isFinalUnpaid, isInProgress, statusFilter, toShip, tradeStatusOf, tradeTypeOf } from './statuses.ts'
import { afterSaleEnded, lineRefunds } from './unverified.ts'

/** order.getOrderList: rows without goods and amounts of lines. */
const rows: Rows<TradeBrief> = {
  method: 'order.getOrderList',
  rows: 'orderList',
  total: 'total',
  read: parseBrief,
}

const listed =
  (type: 1 | 2) =>
  (call: Call, window: Window, page: Page): Promise<TradePage> => {
    const orderStatus = entryOf(statusFilter, window.status ?? '')
    return pageOf(rows, call, { ...secondsOf(window), timeType: type, orderStatus }, page)
  }
export const listChanged = listed(timeType.change)
export const listCreated = listed(timeType.creation)

function parseBrief(value: unknown): TradeBrief | BadItem {
  const order = isFields(value) ? value : {}
  const [tid, modifiedAt] = [idAt(order, 'orderId'), instantMsAt(order, 'updateTime')]
  if (!tid || !modifiedAt)
    return { kind: 'bad', id: tid || null, reason: tid ? 'no updateTime' : 'no orderId', raw: rawOf(value) }
  return {
    kind: 'brief',
    tid,
    modifiedAt,
    createdAt: instantMsAt(order, 'createdTime'),
    platformStatus: textAt(order, 'orderStatus', longest.word),
    type: '',
    buyerNick: '',
    receiverName: '',
    paymentFen: wholeFenAt(order, 'totalPayAmount'),
  }
}

/** order.getOrderDetail without the receiver: enough to see which goods have left. */
export async function orderDetail(call: Call, tid: string): Promise<TradeDetail | undefined> {
  return ifThere(isNoOrder, async () => {
    const { order, text } = await orderOf(call, tid)
    return parseOrder(order, text)
  })
}

/**
 * The whole order with the money that has gone back; while it waits to be shipped, with the ciphertexts of its receiver behind it. Undefined if the
 * shop has no such order.
 */
export async function tradeDetail(call: Call, tid: string): Promise<TradeDetail | undefined> {
  return ifThere(isNoOrder, async () => {
    const first = await orderOf(call, tid)
    const receiver = await sealedOf(call, first.order)
    if (receiver !== 'moved') return wholeOf(call, first, receiver)
    // The buyer changed the address between the two calls.
    const again = await orderOf(call, tid)
    const second = await sealedOf(call, again.order)
    return wholeOf(call, again, needed(second === 'moved' ? null : second, 'receiver'))
  })
}

/** The raw copy keeps the receiver too, because labels are printed from the ciphertexts. */
async function wholeOf(
  call: Call,
  { order, text }: { order: Fields; text: string },
  receiver: string,
): Promise<TradeDetail> {
  const back = isPartlyOver(order) ? await paidBackOf(call, order) : undefined
  return parseOrder(order, receiver === '' ? text : `[${text},${receiver}]`, back)
}

/** True if an after-sale of goods that are still to be shipped has ended; only the after-sale says how much went back. */
function isPartlyOver(order: Fields): boolean {
  const status = tradeStatusOf(textAt(order, 'orderStatus', 8), true)
  if (status !== 'paid' && status !== 'partly_shipped') return false
  const details = listAt(order, 'skuList', '')
    .filter(isFields)
    .flatMap((item) => listAt(item, 'skuDetailList', '').filter(isFields))
  return [order.orderAfterSalesStatus, ...details.map((one) => one.skuAfterSaleStatus)].some(
    (state) => String(state) === afterSaleEnded,
  )
}

const sealedOf = (call: Call, order: Fields) =>
  textAt(order, 'orderStatus', 8) === toShip
    ? sealedReceiver(call, idAt(order, 'orderId'), textAt(order, 'openAddressId', longest.token))
    : Promise.resolve('')

/** Parses an order. `paidBack`: the money that has gone back, by SKU. Never throws; one without number, time of change or goods is parked. */
export function parseOrder(
  value: unknown,
  raw: string,
  paidBack: ReadonlyMap<string, number> = new Map(),
): TradeDetail {
  const order = isFields(value) ? value : {}
  const tid = idAt(order, 'orderId')
  const doubts: Doubts = []
  const modifiedAt = instantMsAt(order, 'updateTime', { doubts, as: 'modified' })
  const items = fieldsIn(listAt(order, 'skuList', ''), 'lines', doubts)
  const reason = faultOf(
    { tid, modifiedAt, lines: items.length },
    { tid: 'orderId', modifiedAt: 'updateTime' },
  )
  if (reason || !modifiedAt) return { kind: 'bad', id: tid || null, reason, raw }
  const goods = goodsIn(items, tid, doubts)
  return tradeWith(tradeOf(order, { tid, modifiedAt, goods, paidBack }, doubts), doubts, raw)
}

type Read = {
  tid: string
  modifiedAt: Date
  goods: readonly Goods[]
  paidBack: ReadonlyMap<string, number>
}

function tradeOf(order: Fields, { tid, modifiedAt, goods, paidBack }: Read, doubts: Doubts): Trade {
  const time = (key: string, as: string) => instantMsAt(order, key, { doubts, as })
  const platformStatus = textAt(order, 'orderStatus', longest.word)
  const [createdAt, paidAt] = [time('createdTime', 'created'), time('paidTime', 'pay_time')]
  if (!createdAt) note(doubts, 'created', order.createdTime, { guess: modifiedAt.toISOString() })
  const status = tradeStatusOf(platformStatus, paidAt !== null)
  const type = tradeTypeOf(order)
  const money = moneyOf(order, goods, doubts)
  const shipBy = instantMsAt(order, 'promiseLastDeliveryTime')
  const facts = {
    ...{ status, platformStatus, shipBy, parcels: parcelsIn(order), isHeld: isHeldWhole(order, goods) },
    paidBack,
    waybillNo: textAt(order, 'expressTrackingNo', longest.word).trim(),
  }
  return {
    tid,
    status,
    platformStatus,
    type,
    platformType: textAt(order, 'orderType', longest.word),
    createdAt: createdAt ?? modifiedAt,
    modifiedAt,
    paidAt,
    shippedAt: time('deliveryTime', 'consign_time'),
    endedAt: time('finishTime', 'end_time') ?? time('cancelTime', 'end_time'),
    shipBy,
    planAt: type === 'presale' ? dayOf(order) : null,
    cod: false,
    finalUnpaid: isFinalUnpaid(order, status),
    holds: isInProgress(platformStatus) ? ['ship_hold'] : [],
    ...money.trade,
    // The platform shows no nick.
    buyer: { nick: '', openId: textAt(order, 'userId', longest.name) },
    receiver: receiverIn(order),
    buyerMessage: textAt(order, 'customerRemark', longest.text),
    sellerMemo: textAt(order, 'sellerRemark', longest.text),
    flag: flagIn(order),
    lines: goods.map((one, at) => lineOf(one, { ...facts, paid: money.lines[at] ?? 0 })),
  }
}

/** The first day on which presold goods may leave. */
function dayOf(order: Fields): Date | null {
  const start = instantMsAt(order, 'presaleDeliveryStartTime')
  return start && startOfChinaDay(start)
}

/** An application to cancel holds all goods; so does an open after-sale of the order that none of its goods shows. */
function isHeldWhole(order: Fields, goods: readonly Goods[]): boolean {
  if (wholeAt(order, 'cancelStatus', 1, 1) === 1) return true
  const stated = entryOf(lineRefunds, textAt(order, 'orderAfterSalesStatus', 8))
  return stated === 'applied' && goods.every(({ details }) => statedIn(details) !== 'applied')
}

/** 1 灰, 2 红, 3 黄, 4 绿, 5 蓝, 6 紫, as they are set; 0 is none. */
export const flagIn = (order: Fields): number =>
  Math.max((wholeAt(order, 'sellerRemarkFlag', 0, 6) ?? 0) - 1, 0)

/**
 * Only the place is in plain text. Name, telephone number and street are ciphertexts, which another call gives before shipping only; their masks
 * would cost one of the ten decryptions of a day. `openAddressId` is the same for the same receiver, and stays with the order after shipping.
 */
function receiverIn(order: Fields): Trade['receiver'] {
  const text = (key: string) => textAt(order, key, longest.name)
  const identity = textAt(order, 'openAddressId', longest.token)
  const hidden = identity === '' ? '' : '***'
  return {
    name: hidden,
    mobile: hidden,
    phone: '',
    province: text('receiverProvinceName'),
    city: text('receiverCityName'),
    district: text('receiverDistrictName'),
    town: '',
    address: hidden,
    zip: '',
    token: identity,
    ...(identity === '' ? {} : { identity }),
  }
}

/**
 * totalPayAmount is the buyer's payment, with freight and deposit. The documents do not say whether the payments of the goods include the deposit, so
 * both readings are tried. The platform pays the seller its own discount.
 */
function moneyOf(order: Fields, goods: readonly Goods[], doubts: Doubts) {
  const fen = (key: string, as: string) => wholeFenAt(order, key, { doubts, as })
  const freight = fen('totalShippingFree', 'post_fee') ?? 0
  const stated = wholeFenAt(order, 'totalPayAmount')
  const sum = goods.reduce((total, { paidFen }) => Math.min(total + (paidFen ?? 0), largestFen), 0)
  const payment = stated ?? sum + freight
  if (stated === null) note(doubts, 'payment', order.totalPayAmount, { guess: yuanFromFen(payment) })
  const postFee = Math.min(freight, payment)
  const paid = goods.map(({ paidFen }) => paidFen)
  const withDeposit = goods.map(({ paidFen, depositFen }) =>
    paidFen === null ? null : Math.min(paidFen + depositFen, largestFen),
  )
  const lines = lineMoney(payment - postFee, goods.length, [paid, withDeposit])
  if (!lines.exact && goods.length > 1) noteSpread(doubts, paid, lines.fen)
  const subsidy = isMissing(order.totalRedDiscount) ? 0 : fen('totalRedDiscount', 'platform_discount')
  return {
    trade: {
      paymentFen: payment,
      postFeeFen: postFee,
      discountFen: fen('totalMerchantDiscount', 'discount_amount') ?? 0,
      subsidyFen: subsidy ?? 0,
    },
    lines: lines.fen,
  }
}
