import { yuanFromFen } from '../../lib/money.ts'
import type { BadItem, Call, Trade, TradeBrief, TradeDetail, TradeItem } from '../connector.ts'
import { faultOf, ifThere, tradeWith } from '../documents.ts'
import {
  type Doubts,
  type Fields,
  fieldsAt,
  fieldsIn,
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
import type { ChainAt, ChainedPage, Window } from '../lists.ts'
import { backsOf } from './back-rows.ts'
import { ask, rowsOf } from './client.ts'
import { currency } from './credentials.ts'
import { isNoOrder } from './errors.ts'
import { amountAt, numberAt, utcAt } from './fields.ts'
import { type Goods, goodsIn, lineOf, taxOf } from './lines.ts'
import { ordersOf } from './lists.ts'
import { memoIn } from './memo.ts'
import { orderRow } from './order-row.ts'
import { type Parcel, parcelRowsOf, parcelsIn, waybillsOf } from './parcels.ts'
import { linesQuery, orderList, orderQuery, worksQuery } from './queries.ts'
import { receiverOf } from './receivers.ts'
import { givenBackIn } from './refunds.ts'
import { askedBackIn } from './returns.ts'
import { isCashOnDelivery, isHeld, platformStatusOf, tradeStatusOf, tradeTypeOf } from './statuses.ts'

/** A page of orders without their goods, each of which is asked for by itself: with them a page would cost more points than a call may. */
const listed =
  (by: 'created' | 'modified') =>
  async (call: Call, window: Window, at: ChainAt): Promise<ChainedPage<TradeItem>> => {
    const { rows, next } = await ordersOf(call, orderList, { by, window }, at)
    return { items: rows.map(parseBrief), next }
  }
export const listChanged = listed('modified')
export const listCreated = listed('created')

function parseBrief(value: unknown): TradeBrief | BadItem {
  const order = isFields(value) ? value : {}
  const [tid, modifiedAt] = [numberAt(order, 'id'), utcAt(order, 'updatedAt')]
  if (!tid || !modifiedAt)
    return { kind: 'bad', id: tid || null, reason: tid ? 'no updatedAt' : 'no id', raw: rawOf(value) }
  return {
    kind: 'brief',
    tid,
    modifiedAt,
    createdAt: utcAt(order, 'createdAt'),
    platformStatus: platformStatusOf(order),
    type: isCashOnDelivery(order) ? 'cod' : '',
    buyerNick: '',
    receiverName: receiverOf(order).name,
    paymentFen: amountAt(order, 'totalPriceSet'),
  }
}

/** The order with its parcels and refunds; undefined if the shop has no such order. */
export async function tradeDetail(call: Call, tid: string): Promise<TradeDetail | undefined> {
  return ifThere(isNoOrder, async () => {
    const { order, text } = await orderRow(call, orderQuery, tid)
    const items = await allOf(call, order, 'lineItems')
    const works = await allOf(call, order, 'fulfillmentOrders')
    const parcels = await parcelRowsOf(call, tid, order)
    const { refunds, returns } = await backsOf(call, order)
    const beside = { items, works, parcels, refunds, returns }
    return parseOrder(order, `[${[text, rawOf(beside)].join()}]`, beside)
  })
}

const restOf = { lineItems: linesQuery, fulfillmentOrders: worksQuery }

/** The lines or work orders of an order: those that came with it, and those behind them. */
async function allOf(call: Call, order: Fields, name: keyof typeof restOf): Promise<readonly unknown[]> {
  const list = fieldsAt(order, name)
  const page = fieldsAt(list, 'pageInfo')
  const found: unknown[] = [...listAt(list, 'nodes', '')]
  let after = page.hasNextPage === true ? textAt(page, 'endCursor', longest.token) : null
  while (after) {
    const { data } = await ask(call, restOf[name], { id: order.id, after })
    const { rows, next } = rowsOf(fieldsAt(fieldsAt(data, 'order'), name))
    found.push(...rows)
    after = next
  }
  return found
}

export type Beside = {
  items: readonly unknown[]
  works: readonly unknown[]
  parcels: readonly Fields[]
  refunds: readonly Fields[]
  returns: readonly Fields[]
}

/** Parses an order. Never throws; one without number, time of change or goods is parked, and so is one in another currency. */
export function parseOrder(
  value: unknown,
  raw: string,
  { items, works, parcels, refunds, returns }: Beside,
): TradeDetail {
  const order = isFields(value) ? value : {}
  const tid = numberAt(order, 'id')
  const doubts: Doubts = []
  const modifiedAt = utcAt(order, 'updatedAt')
  const lines = fieldsIn(items, 'lines', doubts)
  const reason =
    faultOf({ tid, modifiedAt, lines: lines.length }, { tid: 'id', modifiedAt: 'updatedAt' }) ||
    otherCurrency(order)
  if (reason || !modifiedAt) return { kind: 'bad', id: tid || null, reason, raw }
  const goods = goodsIn(lines, { tid, taxesIncluded: order.taxesIncluded !== false }, doubts)
  const read = {
    tid,
    modifiedAt,
    goods,
    works: works.filter(isFields),
    parcels: parcelsIn(parcels),
    back: givenBackIn(refunds),
    asked: askedBackIn(returns),
  }
  return tradeWith(tradeOf(order, read, doubts), doubts, raw)
}

/** Amounts are kept as yuan here. The buyer may have paid in another currency than the shop's. */
function otherCurrency(order: Fields): string {
  const code = textAt(order, 'currencyCode', 8).toUpperCase()
  return code === '' || code === currency ? '' : `the currency is ${code}`
}

type Read = {
  tid: string
  modifiedAt: Date
  goods: readonly Goods[]
  works: readonly Fields[]
  parcels: readonly Parcel[]
  back: ReadonlyMap<string, GivenBack>
  asked: ReadonlySet<string>
}

function tradeOf(
  order: Fields,
  { tid, modifiedAt, goods, works, parcels, back, asked }: Read,
  doubts: Doubts,
): Trade {
  const createdAt = utcAt(order, 'createdAt', { doubts, as: 'created' })
  if (!createdAt) note(doubts, 'created', order.createdAt, { guess: modifiedAt.toISOString() })
  const status = tradeStatusOf(order)
  const platformStatus = platformStatusOf(order)
  const money = moneyOf(order, goods, doubts)
  return {
    tid,
    status,
    platformStatus,
    type: tradeTypeOf(order),
    platformType: textAt({ name: listAt(order, 'paymentGatewayNames', '')[0] }, 'name', longest.word),
    createdAt: createdAt ?? modifiedAt,
    modifiedAt,
    paidAt: paidAtOf(order),
    shippedAt: earliest(parcels.map(({ at }) => at)),
    endedAt: status.startsWith('closed') ? (utcAt(order, 'cancelledAt') ?? modifiedAt) : null,
    shipBy: null,
    planAt: null,
    cod: isCashOnDelivery(order),
    finalUnpaid: false,
    holds: isHeld(order, works) && (status === 'paid' || status === 'partly_shipped') ? ['ship_hold'] : [],
    ...money.trade,
    // No buyer has a nick, and a guest has no number.
    buyer: { nick: '', openId: numberAt(fieldsAt(order, 'customer'), 'id') },
    receiver: receiverOf(order),
    buyerMessage: textAt(order, 'note', longest.text),
    sellerMemo: memoIn(order),
    flag: 0,
    lines: goods.map((one, at) =>
      lineOf(one, {
        ...{ status, platformStatus, paid: money.lines[at] ?? 0 },
        ...{ back: back.get(one.oid), isAsked: asked.has(one.oid), waybills: waybillsOf(parcels, one.oid) },
      }),
    ),
  }
}

/** The first payment that has come. */
function paidAtOf(order: Fields): Date | null {
  const times = listAt(order, 'transactions', '')
    .filter(isFields)
    .filter(
      (one) =>
        ['SALE', 'CAPTURE'].includes(textAt(one, 'kind', longest.word)) &&
        textAt(one, 'status', longest.word) === 'SUCCESS',
    )
  return earliest(times.map((one) => utcAt(one, 'processedAt')))
}

function earliest(times: readonly (Date | null)[]): Date | null {
  const known = times.flatMap((time) => (time ? [time.getTime()] : []))
  return known.length === 0 ? null : new Date(Math.min(...known))
}

/** `totalPriceSet` is what the buyer owes after changes of the order and before refunds. Tips and duties go with the freight. */
function moneyOf(order: Fields, goods: readonly Goods[], doubts: Doubts) {
  const add = (sum: number, fen: number) => Math.min(sum + fen, largestFen)
  const freight = [
    freightOf(order, doubts),
    amountAt(order, 'totalTipReceivedSet') ?? 0,
    amountAt(order, 'originalTotalDutiesSet') ?? 0,
  ].reduce(add, 0)
  const claim = goods.map(({ paidFen }) => paidFen)
  const sum = claim.reduce<number>((total, fen) => add(total, fen ?? 0), 0)
  const stated = amountAt(order, 'totalPriceSet', { doubts, as: 'payment' })
  const payment = stated ?? add(sum, freight)
  if (stated === null) note(doubts, 'payment', order.totalPriceSet, { guess: yuanFromFen(payment) })
  const postFeeFen = Math.min(freight, payment)
  const lines = paidLines(payment - postFeeFen, claim, doubts)
  const discountFen = amountAt(order, 'totalDiscountsSet') ?? 0
  return { trade: { paymentFen: payment, postFeeFen, discountFen, subsidyFen: 0 }, lines }
}

/** The freight is in rows, of which an order shows five. With more of them it is a doubt, because a part of it would go to the goods. */
function freightOf(order: Fields, doubts: Doubts): number {
  const isNet = order.taxesIncluded === false
  const rows = fieldsAt(order, 'shippingLines')
  const freight = listAt(rows, 'nodes', '')
    .filter(isFields)
    .map((line) => (amountAt(line, 'discountedPriceSet') ?? 0) + (isNet ? taxOf(line) : 0))
    .reduce((sum, fen) => Math.min(sum + fen, largestFen), 0)
  if (fieldsAt(rows, 'pageInfo').hasNextPage === true)
    note(doubts, 'post_fee', 'more than is shown', { guess: yuanFromFen(freight) })
  return freight
}
