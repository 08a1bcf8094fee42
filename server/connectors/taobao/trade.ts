import { yuanFromFen } from '../../lib/money.ts'
import { dayMs, fromChinaTime, hourMs, startOfChinaDay } from '../../lib/time.ts'
import type { LineRefund, Receiver, Trade, TradeDetail, TradeLine } from '../connector.ts'
import { faultOf, tradeWith } from '../documents.ts'
import {
  amountAt,
  type Doubts,
  entryOf,
  type Fields,
  fenAt,
  fieldsIn,
  idAt,
  isFields,
  isMissing,
  isTrueAt,
  largestFen,
  listAt,
  longest,
  note,
  textAt,
  timeAt,
  wholeAt,
  wordAt,
} from '../fields.ts'
import { type LineClaims, lineMoney } from '../line-money.ts'
import { promisesOf } from './promises.ts'
import { lineRefundOf, tradeStatusOf, tradeTypeOf } from './statuses.ts'

const mostPieces = 1_000_000

/**
 * Parses one trade of TOP. Never throws: an unreadable field or line gets a substitute value and becomes a doubt. A payload without number,
 * modified time or lines is parked.
 */
export function parseTrade(value: unknown, raw: string): TradeDetail {
  const fields = isFields(value) ? value : {}
  const tid = idAt(fields, 'tid') || idAt(fields, 'tid_str')
  const doubts: Doubts = []
  const modifiedAt = timeAt(fields, 'modified', doubts)
  const orders = fieldsIn(listAt(fields, 'orders', 'order'), 'lines', doubts)
  const reason = faultOf(
    { tid, modifiedAt, lines: orders.length },
    { tid: 'tid', modifiedAt: 'modified time' },
  )
  if (reason || !modifiedAt) return { kind: 'bad', id: tid || null, reason, raw }
  const trade = tradeOf(fields, { tid, modifiedAt }, orders, doubts)
  return tradeWith(trade, doubts, raw)
}

function tradeOf(
  fields: Fields,
  { tid, modifiedAt }: { tid: string; modifiedAt: Date },
  orders: readonly Fields[],
  doubts: Doubts,
): Trade {
  const platformStatus = wordAt(fields, 'status')
  const platformType = wordAt(fields, 'type')
  const type = entryOf(tradeTypeOf, platformType) ?? 'other'
  const paidAt = timeAt(fields, 'pay_time', doubts)
  const shipBy = shipDeadline(fields, tradeDeadlines, { platformStatus, paidAt }, doubts)
  const byOid = numbered(orders, tid, doubts)
  const isPresale = type === 'presale' || isTrueAt(fields, 'new_presell')
  const lines = [...byOid].map(([oid, order]) => ({
    ...lineOf(order, oid, { paidAt, shipBy }, doubts),
    ...(isPresale ? ownDay(order) : {}),
  }))
  const money = spreadMoney(fields, lines, [...byOid.values()], doubts)
  return {
    tid,
    status: entryOf(tradeStatusOf, platformStatus) ?? 'unknown',
    platformStatus,
    type,
    platformType,
    createdAt: timeAt(fields, 'created', doubts) ?? asCreated(modifiedAt, fields, doubts),
    modifiedAt,
    paidAt,
    shippedAt: timeAt(fields, 'consign_time', doubts),
    endedAt: timeAt(fields, 'end_time', doubts),
    shipBy: shipBy ?? earliest(lines),
    planAt: isPresale ? plannedDay(fields, lines) : null,
    cod: type === 'cod',
    finalUnpaid: isFinalUnpaid(wordAt(fields, 'step_trade_status')),
    holds: holdsOf(fields, platformStatus, orders),
    paymentFen: money.payment,
    postFeeFen: money.postFee,
    discountFen: money.discount,
    subsidyFen: amountAt(fields, 'platform_subsidy_fee', doubts),
    buyer: {
      nick: textAt(fields, 'buyer_nick', longest.name),
      openId: textAt(fields, 'buyer_open_uid', longest.name),
    },
    receiver: receiverOf(fields),
    buyerMessage: textAt(fields, 'buyer_message', longest.text),
    sellerMemo: textAt(fields, 'seller_memo', longest.text),
    flag: wholeAt(fields, 'seller_flag', 0, 5) ?? 0,
    ...(orders.some((order) => isTrueAt(order, 'is_oversold')) ? { oversold: true } : {}),
    ...promisesOf(fields, doubts),
    lines,
  }
}

function asCreated(modifiedAt: Date, fields: Fields, doubts: Doubts): Date {
  note(doubts, 'created', fields.created, { guess: modifiedAt.toISOString() })
  return modifiedAt
}

function receiverOf(fields: Fields): Receiver {
  const district = textAt(fields, 'receiver_district', longest.name)
  return {
    name: textAt(fields, 'receiver_name', longest.name),
    mobile: textAt(fields, 'receiver_mobile', longest.word),
    phone: textAt(fields, 'receiver_phone', longest.word),
    province: textAt(fields, 'receiver_state', longest.name),
    // Counties directly under a province (济源) have a district and no city. TOP advises to use the district as the city.
    city: textAt(fields, 'receiver_city', longest.name) || district,
    district,
    town: textAt(fields, 'receiver_town', longest.name),
    address: textAt(fields, 'receiver_address', longest.address),
    zip: textAt(fields, 'receiver_zip', longest.word),
    token: textAt(fields, 'oaid', longest.token),
  }
}

/** The fields of a trade that are 1 or true while the platform forbids shipping. */
const holdFields = [
  'top_hold',
  'team_buy_hold',
  'share_group_hold',
  'ofp_hold',
  'forbid_consign',
  'is_sh_ship',
]

/**
 * Returns why the platform forbids shipping now. `is_sh_ship` of a trade is 是否屏蔽发货; of a line it is 是否发货 and is not read.
 * `rx_audit_status` is for prescription drugs: 0 not audited, 1 passed. `zhengji_status` of a line: 1 a presale that still collects
 * buyers, 3 one that failed.
 */
function holdsOf(fields: Fields, platformStatus: string, orders: readonly Fields[]): string[] {
  const holds = holdFields.filter((name) => isTrueAt(fields, name))
  if (platformStatus === 'PAID_FORBID_CONSIGN' && !holds.includes('forbid_consign'))
    holds.push('forbid_consign')
  const audit = wordAt(fields, 'rx_audit_status')
  if (audit !== '' && audit !== '1') holds.push('rx_audit')
  if (orders.some((order) => ['1', '3'].includes(wordAt(order, 'zhengji_status'))))
    holds.push('presale_collecting')
  return holds
}

/**
 * True for a presale whose final payment is not made. A forfeited deposit (FRONT_PAID_FRONT_FORFEITED) counts as unpaid too, because no
 * final payment follows it.
 */
function isFinalUnpaid(stepStatus: string): boolean {
  return stepStatus !== '' && stepStatus !== 'FRONT_PAID_FINAL_PAID'
}

type DeadlineFields = readonly { name: string; whileWaitingOnly?: true }[]

/**
 * The fields with a shipping deadline; the first with a value is used. `timeout_action_time` is the seller's deadline only while the trade
 * waits to be shipped; later it is the buyer's deadline to confirm.
 */
const tradeDeadlines: DeadlineFields = [
  { name: 'delivery_time' },
  { name: 'timeout_action_time', whileWaitingOnly: true },
  { name: 'est_con_time' },
  { name: 'send_time' },
]
const lineDeadlines: DeadlineFields = [
  { name: 'delivery_time' },
  { name: 'timeout_action_time', whileWaitingOnly: true },
  { name: 'estimate_con_time' },
]

function shipDeadline(
  fields: Fields,
  sources: DeadlineFields,
  { platformStatus, paidAt, line = '' }: { platformStatus: string; paidAt: Date | null; line?: string },
  doubts: Doubts,
): Date | null {
  const waiting = platformStatus === 'WAIT_SELLER_SEND_GOODS'
  for (const { name, whileWaitingOnly } of sources) {
    const value = fields[name]
    if (isMissing(value) || (whileWaitingOnly && !waiting)) continue
    const time = promisedTime(textAt(fields, name, longest.name), paidAt)
    if (time) return time
    note(doubts, name, value, { line })
  }
  return null
}

/** Reads "2026-11-24 14:32:07", "2026-11-24" (the end of that day), "付款后 2 天内发货" and "48小时内发货". */
function promisedTime(text: string, paidAt: Date | null): Date | null {
  const date = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d))?/.exec(text)
  if (date) {
    try {
      return fromChinaTime(`${date[1]} ${date[2] ?? '23:59:59'}`)
    } catch {
      return null
    }
  }
  const span = /(\d{1,3})\s*(天|日|小时)/.exec(text)
  if (!span || !paidAt) return null
  return new Date(paidAt.getTime() + Number(span[1]) * (span[2] === '小时' ? hourMs : dayMs))
}

/** 预计发货时间: the latest day of the trade and its lines, because an order is shipped whole unless a user splits it. */
function plannedDay(fields: Fields, lines: readonly TradeLine[]): Date | null {
  const days = [namedDay(fields, 'est_con_time'), ...lines.map(({ planAt }) => planAt)].flatMap(
    (day) => day ?? [],
  )
  return days.reduce<Date | null>((latest, day) => (latest && latest > day ? latest : day), null)
}

function ownDay(order: Fields): Pick<TradeLine, 'planAt'> {
  const planAt = namedDay(order, 'estimate_con_time')
  return planAt ? { planAt } : {}
}

/** Returns the day of a text with a date. A span ("付款后 2 天内发货") is a deadline and not a planned day. */
function namedDay(fields: Fields, key: string): Date | undefined {
  const text = textAt(fields, key, longest.name)
  const day = /^\d{4}-\d\d-\d\d/.test(text) ? promisedTime(text, null) : null
  return day ? startOfChinaDay(day) : undefined
}

function earliest(lines: readonly TradeLine[]): Date | null {
  return lines.reduce<Date | null>(
    (first, { shipBy }) => (shipBy && (!first || shipBy < first) ? shipBy : first),
    null,
  )
}

/** Returns the lines by number. If two lines have the same number, the first is kept, because other documents refer to lines by number. */
function numbered(orders: readonly Fields[], tid: string, doubts: Doubts): Map<string, Fields> {
  const byOid = new Map<string, Fields>()
  for (const [index, order] of orders.entries()) {
    const oid = idAt(order, 'oid') || idAt(order, 'oid_str') || missingOid(tid, index, orders.length)
    if (idAt(order, 'oid') === '' && idAt(order, 'oid_str') === '')
      note(doubts, 'oid', order.oid, { guess: oid, line: oid })
    if (byOid.has(oid)) note(doubts, 'oid twice', secondOf(order), { line: oid })
    else byOid.set(oid, order)
  }
  return byOid
}

/** Returns a number for a line without one: the trade's number, and the line's position if there are several lines. */
function missingOid(tid: string, index: number, count: number): string {
  return count === 1 ? tid : `${tid}-${index + 1}`
}

/** Describes a line that is left out, for the user who checks the doubt. */
const secondOf = (order: Fields) => `${textAt(order, 'title', 40)} × ${textAt(order, 'num', 10)}`

function lineOf(
  order: Fields,
  oid: string,
  trade: Pick<Trade, 'paidAt' | 'shipBy'>,
  doubts: Doubts,
): TradeLine {
  const platformStatus = wordAt(order, 'status')
  const line = { platformStatus, paidAt: trade.paidAt, line: oid }
  return {
    oid,
    status: entryOf(tradeStatusOf, platformStatus) ?? 'unknown',
    platformStatus,
    refund: refundOf(wordAt(order, 'refund_status'), oid, doubts),
    refundId: idAt(order, 'refund_id'),
    itemId: idAt(order, 'num_iid'),
    skuId: idAt(order, 'sku_id'),
    outerItemId: textAt(order, 'outer_iid', longest.name),
    outerSkuId: textAt(order, 'outer_sku_id', longest.name),
    title: textAt(order, 'title', longest.title),
    spec: specOf(textAt(order, 'sku_properties_name', longest.title)),
    pictureUrl: textAt(order, 'pic_path', longest.url),
    quantity: wholeAt(order, 'num', 1, mostPieces) ?? asOne(order, oid, doubts),
    priceFen: amountAt(order, 'price', doubts, oid),
    paymentFen: 0,
    discountFen: 0,
    shipBy: shipDeadline(order, lineDeadlines, line, doubts) ?? trade.shipBy,
    ...shownParcel(textAt(order, 'invoice_no', longest.word)),
  }
}

const shownParcel = (waybillNo: string) => (waybillNo === '' ? {} : { waybillNo })

function asOne(order: Fields, line: string, doubts: Doubts): number {
  note(doubts, 'num', order.num, { guess: '1', line })
  return 1
}

/** Returns the line's refund state. An unknown state counts as open, so that the line is not shipped. */
function refundOf(word: string, line: string, doubts: Doubts): LineRefund {
  const known = entryOf(lineRefundOf, word)
  if (known) return known
  if (!/^(WAIT_|SELLER_REFUSE_BUYER$|EXCHANGE_)/.test(word))
    note(doubts, 'refund_status', word, { guess: 'applied', line })
  return 'applied'
}

/** Returns the spec without the names of properties: "颜色:白色;尺码:180/100(XL)" → "白色 / 180/100(XL)" */
export function specOf(properties: string): string {
  return properties
    .split(';')
    .map((part) => part.slice(part.indexOf(':') + 1).trim())
    .filter(Boolean)
    .join(' / ')
}

/**
 * Sets the amount paid for each line, so that lines and freight sum to the trade's payment. The trade's payment may leave out a line that
 * was refunded, so every kind of amount is also tried without such lines.
 */
function spreadMoney(fields: Fields, lines: readonly TradeLine[], orders: readonly Fields[], doubts: Doubts) {
  const freight = amountAt(fields, 'post_fee', doubts)
  const claims = claimsOf(lines, orders, lines.length === 1 ? freight : 0, doubts)
  const payment = paymentOf(fields, sumOf(claims[0] ?? []) + freight, doubts)
  const postFee = Math.min(freight, payment)
  const live = claims.map((claim) =>
    claim.map((fen, index) => (lines[index]?.refund === 'succeeded' ? 0 : fen)),
  )
  const { fen, exact } = lineMoney(payment - postFee, lines.length, [...claims, ...live])
  if (!exact) {
    const stated = orders.map((order) => textAt(order, 'payment', longest.word)).join(' + ')
    note(doubts, 'line payments', stated, { guess: fen.map(yuanFromFen).join(' + ') })
  }
  for (const [index, line] of lines.entries()) {
    line.paymentFen = fen[index] ?? 0
    line.discountFen = Math.max(goodsFen(line) - line.paymentFen, 0)
  }
  const total = fenAt(fields, 'total_fee', doubts) ?? sumOf(lines.map(goodsFen))
  return { payment, postFee, discount: Math.max(total + postFee - payment, 0) }
}

function paymentOf(fields: Fields, ofLines: number, doubts: Doubts): number {
  const stated = fenAt(fields, 'payment', doubts)
  if (stated !== null && stated >= 0) return stated
  const taken = stated === null ? ofLines : 0
  note(doubts, 'payment', fields.payment, { guess: yuanFromFen(taken) })
  return taken
}

/**
 * Returns TOP's amounts for the lines, the most exact kind first: its own split of the trade (divide_order_fee); the line's payment less
 * its part of the trade's discounts; the line's payment; the amount due less that part; the amount due; the price. The payment of the only
 * line of a trade includes the freight.
 */
function claimsOf(
  lines: readonly TradeLine[],
  orders: readonly Fields[],
  freight: number,
  doubts: Doubts,
): LineClaims[] {
  const read = (name: string) => orders.map((order, at) => fenAt(order, name, doubts, lines[at]?.oid))
  const part = read('part_mjz_discount')
  const paid = less(read('payment'), () => freight)
  const due = read('total_fee')
  const ofPart = (index: number) => part[index] ?? 0
  return [read('divide_order_fee'), less(paid, ofPart), paid, less(due, ofPart), due, lines.map(goodsFen)]
}

function less(amounts: LineClaims, off: (index: number) => number): LineClaims {
  return amounts.map((fen, index) => (fen === null ? null : fen - off(index)))
}

function sumOf(amounts: LineClaims): number {
  return amounts.reduce<number>((sum, fen) => sum + Math.max(fen ?? 0, 0), 0)
}

/** Returns price times quantity. The limit keeps sums over malicious lines exact. */
function goodsFen(line: TradeLine): number {
  return Math.min(line.priceFen * line.quantity, largestFen)
}
