import { yuanFromFen } from '../../lib/money.ts'
import { startOfChinaDay } from '../../lib/time.ts'
import type { BadItem, Call, Trade, TradeBrief, TradeDetail, TradePage } from '../connector.ts'
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
  isTrueAt,
  listAt,
  longest,
  note,
  rawOf,
  textAt,
  wholeAt,
  wholeFenAt,
} from '../fields.ts'
import { needed } from '../gateway.ts'
import { lineMoney } from '../line-money.ts'
import { type Page, rowsAfter, type Window } from '../lists.ts'
import { callFxg } from './client.ts'
import { isNoOrder } from './errors.ts'
import { pageOf, secondsOf, totalOf } from './fields.ts'
import { lineOf, numbered, soldFen } from './lines.ts'
import { parcelsOf } from './parcels.ts'
import { platformStatusOf, statusFilter, tradeStatusOf, tradeTypeOf } from './statuses.ts'

/** order/searchList by the time of the last change, newest first. */
export async function listChanged(call: Call, window: Window, page: Page): Promise<TradePage> {
  const { from, to } = secondsOf(window)
  const status = entryOf(statusFilter, window.status ?? '')
  const { body } = await callFxg(call, 'order/searchList', {
    update_time_start: from,
    update_time_end: to,
    order_by: 'update_time',
    order_asc: false,
    combine_status: status === undefined ? undefined : [{ order_status: status }],
    ...pageOf(page),
  })
  const data = fieldsAt(body, 'data')
  if (page.mode === 'count') return { total: totalOf(data), items: [], hasNext: false }
  const rows = listAt(data, 'shop_order_list', '')
  return { items: rows.map(parseBrief), hasNext: rowsAfter(totalOf(data), rows, page) }
}

function parseBrief(value: unknown): TradeBrief | BadItem {
  const order = isFields(value) ? value : {}
  const tid = idAt(order, 'order_id')
  const modifiedAt = instantAt(order, 'update_time')
  if (!tid || !modifiedAt)
    return { kind: 'bad', id: tid || null, reason: tid ? 'no update_time' : 'no order_id', raw: rawOf(value) }
  return {
    kind: 'brief',
    tid,
    modifiedAt,
    createdAt: instantAt(order, 'create_time'),
    platformStatus: platformStatusOf(order),
    type: textAt(order, 'order_type', longest.word),
    buyerNick: '',
    receiverName: textAt(order, 'mask_post_receiver', longest.name),
    paymentFen: wholeFenAt(order, 'pay_amount'),
  }
}

/** order/orderDetail; undefined if the shop has no such order. */
export async function tradeDetail(call: Call, tid: string): Promise<TradeDetail | undefined> {
  return ifThere(isNoOrder, async () => {
    const { body, text } = await callFxg(call, 'order/orderDetail', { shop_order_id: tid })
    const order = fieldsAt(body, 'data').shop_order_detail
    return parseOrder(needed(isFields(order) ? order : null, 'order'), text)
  })
}

/** Parses an order. Never throws; one without number, time of change or lines is parked. */
export function parseOrder(value: unknown, raw: string): TradeDetail {
  const order = isFields(value) ? value : {}
  const tid = idAt(order, 'order_id')
  const doubts: Doubts = []
  const modifiedAt = instantAt(order, 'update_time', { doubts, as: 'modified' })
  const skus = fieldsIn(listAt(order, 'sku_order_list', ''), 'lines', doubts)
  const reason = faultOf(
    { tid, modifiedAt, lines: skus.length },
    { tid: 'order_id', modifiedAt: 'update_time' },
  )
  if (reason || !modifiedAt) return { kind: 'bad', id: tid || null, reason, raw }
  const trade = tradeOf(order, { tid, modifiedAt, lines: numbered(skus, tid, doubts) }, doubts)
  return tradeWith(trade, doubts, raw)
}

type Read = { tid: string; modifiedAt: Date; lines: ReadonlyMap<string, Fields> }

function tradeOf(order: Fields, { tid, modifiedAt, lines: byOid }: Read, doubts: Doubts): Trade {
  const time = (key: string, as: string) => instantAt(order, key, { doubts, as })
  const skus = [...byOid.values()]
  const paidAt = time('pay_time', 'pay_time')
  const createdAt = time('create_time', 'created')
  if (!createdAt) note(doubts, 'created', order.create_time, { guess: modifiedAt.toISOString() })
  const type = tradeTypeOf(order, skus[0] ?? {})
  const money = moneyOf(order, skus, doubts)
  const shipBy = time('exp_ship_time', 'delivery_time')
  const plannedAt = time('appointment_ship_time', 'send_time')
  const parcels = parcelsOf(order)
  const facts = { isPaid: paidAt !== null, shipBy, parcels }
  return {
    tid,
    status: tradeStatusOf(order, paidAt !== null),
    platformStatus: platformStatusOf(order),
    type,
    platformType: textAt(skus[0] ?? {}, 'trade_type', longest.word),
    createdAt: createdAt ?? modifiedAt,
    modifiedAt,
    paidAt,
    shippedAt: time('ship_time', 'consign_time') ?? parcels[0]?.at ?? null,
    endedAt: time('finish_time', 'end_time'),
    shipBy,
    planAt: plannedAt ? startOfChinaDay(plannedAt) : null,
    cod: type === 'cod',
    finalUnpaid: isFinalUnpaid(order),
    holds: textAt(order, 'order_status', 8) === '105' ? ['risk'] : [],
    paymentFen: money.payment,
    postFeeFen: money.postFee,
    discountFen: money.discount,
    subsidyFen: money.subsidy,
    buyer: { nick: '', openId: textAt(order, 'doudian_open_id', longest.name) },
    receiver: receiverOf(order),
    buyerMessage: textAt(order, 'buyer_words', longest.text),
    sellerMemo: textAt(order, 'seller_words', longest.text),
    flag: flags[wholeAt(order, 'seller_remark_stars', 0, 5) ?? 0] ?? 0,
    lines: [...byOid].map(([oid, sku], index) =>
      lineOf(sku, { ...facts, oid, paid: money.lines[index] ?? 0 }, doubts),
    ),
  }
}

/** Our flags by the platform's stars: 灰, 紫, 青, 绿, 橙, 红. Cyan is our blue, and orange our yellow. */
export const flags: readonly number[] = [0, 5, 4, 3, 2, 1]

/** True for a presale whose deposit is paid and whose final payment is not: `main_status` 103, or a phase that is not paid. */
function isFinalUnpaid(order: Fields): boolean {
  const phases = listAt(order, 'order_phase_list', '').filter(isFields)
  return textAt(order, 'main_status', 8) === '103' || phases.some((phase) => !isTrueAt(phase, 'pay_success'))
}

/**
 * pay_amount is what the buyer owes, with the freight; promotion_pay_amount of it the payment channel gives. platform_cost_amount, of platform
 * and talent, comes on top. Whether the amount of a line holds a part of the freight is not said, so both readings are tried.
 */
function moneyOf(order: Fields, skus: readonly Fields[], doubts: Doubts) {
  const sold = skus.map(soldFen)
  const ofChannel = wholeFenAt(order, 'promotion_pay_amount') ?? 0
  const freight = wholeFenAt(order, 'post_amount', { doubts, as: 'post_fee' }) ?? 0
  const stated = wholeFenAt(order, 'pay_amount')
  const owed = stated ?? sold.reduce((sum, fen) => sum + fen, freight)
  if (stated === null) note(doubts, 'payment', order.pay_amount, { guess: yuanFromFen(owed) })
  const payment = Math.max(owed - ofChannel, 0)
  const postFee = Math.min(freight, payment)
  const paid = skus.map(
    (sku) => (wholeFenAt(sku, 'pay_amount') ?? 0) - (wholeFenAt(sku, 'promotion_pay_amount') ?? 0),
  )
  const ofGoods = skus.map((sku, index) => (paid[index] ?? 0) - (wholeFenAt(sku, 'post_amount') ?? 0))
  return {
    payment,
    postFee,
    discount: wholeFenAt(order, 'promotion_amount', { doubts, as: 'discount_amount' }) ?? 0,
    subsidy:
      (wholeFenAt(order, 'platform_cost_amount', { doubts, as: 'platform_discount' }) ?? 0) + ofChannel,
    lines: lineMoney(payment - postFee, skus.length, [paid, ofGoods, sold]).fen,
  }
}

/** The masks. The ciphertext, from which waybills are printed, is in the raw copy only. */
function receiverOf(order: Fields): Trade['receiver'] {
  const place = fieldsAt(order, 'post_addr')
  const name = (part: string) => textAt(fieldsAt(place, part), 'name', longest.name)
  return {
    name: textAt(order, 'mask_post_receiver', longest.name),
    mobile: textAt(order, 'mask_post_tel', longest.word),
    phone: '',
    province: name('province'),
    city: name('city'),
    district: name('town'),
    town: name('street'),
    address: textAt(fieldsAt(order, 'mask_post_addr'), 'detail', longest.address),
    zip: '',
    // Equal for the same receiver and address on one day.
    token: textAt(order, 'open_address_id', longest.token),
  }
}
