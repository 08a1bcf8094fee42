import { yuanFromFen } from '../../lib/money.ts'
import type { BadItem, Call, Trade, TradeBrief, TradeDetail, TradePage } from '../connector.ts'
import { faultOf, ifThere, tradeWith } from '../documents.ts'
import {
  type Doubts,
  entryOf,
  type Fields,
  fieldsIn,
  idAt,
  isFields,
  largestFen,
  listAt,
  longest,
  note,
  rawOf,
  textAt,
} from '../fields.ts'
import type { GivenBack } from '../given-back.ts'
import { paidLines } from '../line-money.ts'
import type { Page, Window } from '../lists.ts'
import { getWoo } from './client.ts'
import { currency } from './credentials.ts'
import { isNoOrder } from './errors.ts'
import { exact, grossAt, pathOf, signedFenAt, utcAt } from './fields.ts'
import { type Goods, goodsIn, lineOf, withDeduction } from './lines.ts'
import { pageOf, spanOf } from './lists.ts'
import { memoIn, notesOf } from './notes.ts'
import { receiverOf } from './receivers.ts'
import { givenBackIn, refundRowsOf } from './refunds.ts'
import { isCashOnDelivery, isHeld, statusFilter, tradeStatusOf, tradeTypeOf } from './statuses.ts'
import { waybillIn } from './tracking.ts'

const briefFields =
  'id,status,date_created_gmt,date_modified_gmt,total,payment_method,needs_processing,billing,shipping'

/** GET /orders would give whole orders, but neither their notes nor the lines of their refunds. */
const listed =
  (by: 'created' | 'modified') =>
  (call: Call, window: Window, page: Page): Promise<TradePage> => {
    const status = entryOf(statusFilter, window.status ?? '') ?? 'any'
    const params = { ...spanOf(by, window), status, _fields: briefFields }
    return pageOf(call, { path: 'orders', params, read: parseBrief }, page)
  }
export const listChanged = listed('modified')
export const listCreated = listed('created')

function parseBrief(value: unknown): TradeBrief | BadItem {
  const order = isFields(value) ? value : {}
  const [tid, modifiedAt] = [idAt(order, 'id'), utcAt(order, 'date_modified_gmt')]
  if (!tid || !modifiedAt)
    return { kind: 'bad', id: tid || null, reason: tid ? 'no date_modified_gmt' : 'no id', raw: rawOf(value) }
  return {
    kind: 'brief',
    tid,
    modifiedAt,
    createdAt: utcAt(order, 'date_created_gmt'),
    platformStatus: textAt(order, 'status', longest.word),
    type: isCashOnDelivery(order) ? 'cod' : '',
    buyerNick: '',
    receiverName: receiverOf(order).name,
    paymentFen: grossAt(order, ['total', '']),
  }
}

/** The order with its refunds and the seller's notes; undefined if the shop has no such order. */
export async function tradeDetail(call: Call, tid: string): Promise<TradeDetail | undefined> {
  return ifThere(isNoOrder, async () => (await orderOf(call, tid)).detail)
}

/** The order as the platform answers it, and read. @throws {PlatformError} also if there is none. */
export async function orderOf(call: Call, tid: string): Promise<{ order: Fields; detail: TradeDetail }> {
  const { data: order, text } = await getWoo(call, pathOf(tid), exact)
  const refunds = await refundRowsOf(call, order)
  const notes = await notesOf(call, tid, 'internal')
  const raw = `[${[text, rawOf(refunds), notes.text].join()}]`
  return { order, detail: parseOrder(order, raw, { refunds, notes: notes.rows }) }
}

type Beside = { refunds: readonly unknown[]; notes: readonly unknown[] }

/** Parses an order. Never throws; one without number, time of change or goods is parked, and so is one in another currency. */
export function parseOrder(value: unknown, raw: string, { refunds, notes }: Beside): TradeDetail {
  const order = isFields(value) ? value : {}
  const tid = idAt(order, 'id')
  const doubts: Doubts = []
  const modifiedAt = utcAt(order, 'date_modified_gmt')
  const items = fieldsIn(listAt(order, 'line_items', ''), 'lines', doubts)
  const reason =
    faultOf({ tid, modifiedAt, lines: items.length }, { tid: 'id', modifiedAt: 'date_modified_gmt' }) ||
    otherCurrency(order)
  if (reason || !modifiedAt) return { kind: 'bad', id: tid || null, reason, raw }
  const goods = goodsIn(items, tid, doubts)
  const facts = { tid, modifiedAt, goods, back: givenBackIn(refunds), memo: memoIn(notes) }
  return tradeWith(tradeOf(order, facts, doubts), doubts, raw)
}

/** A plugin may sell in several currencies, and amounts are kept as yuan here. */
function otherCurrency(order: Fields): string {
  const code = textAt(order, 'currency', 8).toUpperCase()
  return code === '' || code === currency ? '' : `the currency is ${code}`
}

type Read = {
  tid: string
  modifiedAt: Date
  goods: readonly Goods[]
  back: ReadonlyMap<string, GivenBack>
  memo: string
}

function tradeOf(order: Fields, { tid, modifiedAt, goods, back, memo }: Read, doubts: Doubts): Trade {
  const time = (key: string, as: string) => utcAt(order, key, { doubts, as })
  const platformStatus = textAt(order, 'status', longest.word)
  const [createdAt, paidAt] = [time('date_created_gmt', 'created'), time('date_paid_gmt', 'pay_time')]
  if (!createdAt) note(doubts, 'created', order.date_created_gmt, { guess: modifiedAt.toISOString() })
  const cod = isCashOnDelivery(order)
  const status = tradeStatusOf(platformStatus, paidAt !== null || (cod && platformStatus === 'on-hold'))
  const money = moneyOf(order, goods, doubts)
  const facts = { status, platformStatus, waybillNo: waybillIn(order) }
  return {
    tid,
    status,
    platformStatus,
    type: tradeTypeOf(order),
    platformType: textAt(order, 'payment_method', longest.word),
    createdAt: createdAt ?? modifiedAt,
    modifiedAt,
    paidAt,
    shippedAt: time('date_completed_gmt', 'consign_time'),
    endedAt: status.startsWith('closed') ? modifiedAt : null,
    shipBy: null,
    planAt: null,
    cod,
    finalUnpaid: false,
    holds: isHeld(platformStatus, status) ? ['ship_hold'] : [],
    ...money.trade,
    // A guest has no number, and no buyer has a nick.
    buyer: { nick: '', openId: idAt(order, 'customer_id') },
    receiver: receiverOf(order),
    buyerMessage: textAt(order, 'customer_note', longest.text),
    sellerMemo: memo,
    flag: 0,
    lines: goods.map((one, at) =>
      lineOf(one, { ...facts, paid: money.lines[at] ?? 0, back: back.get(one.oid) }),
    ),
  }
}

/** `total` is what the buyer pays, with freight, fees and tax. Fees go with the freight, deductions with the goods. */
function moneyOf(order: Fields, goods: readonly Goods[], doubts: Doubts) {
  const gross = (net: string, tax: string, as: string) => grossAt(order, [net, tax], { doubts, as }) ?? 0
  const fees = listAt(order, 'fee_lines', '')
    .filter(isFields)
    .map((fee) => signedFenAt(fee, 'total', 'total_tax') ?? 0)
  const sumOf = (fen: readonly number[]) => fen.reduce((sum, one) => Math.min(sum + one, largestFen), 0)
  const freight = gross('shipping_total', 'shipping_tax', 'post_fee') + sumOf(fees.filter((fee) => fee > 0))
  const deduction = sumOf(fees.filter((fee) => fee < 0).map((fee) => -fee))
  const claim = withDeduction(goods, deduction)
  const sum = sumOf(claim.map((fen) => fen ?? 0))
  const stated = grossAt(order, ['total', ''])
  const payment = stated ?? Math.min(sum + freight, largestFen)
  if (stated === null) note(doubts, 'payment', order.total, { guess: yuanFromFen(payment) })
  const postFeeFen = Math.min(freight, payment)
  const lines = paidLines(payment - postFeeFen, claim, doubts)
  const discountFen = gross('discount_total', 'discount_tax', 'discount_amount') + deduction
  return { trade: { paymentFen: payment, postFeeFen, discountFen, subsidyFen: 0 }, lines }
}
