import { yuanFromFen } from '../../lib/money.ts'
import type { Call, Receiver, Trade, TradeDetail, TradeLine, TradePage } from '../connector.ts'
import { faultOf, tradeWith } from '../documents.ts'
import {
  type Doubts,
  type Fields,
  fieldsAt,
  fieldsIn,
  fieldsOf,
  idAt,
  listAt,
  longest,
  note,
  textAt,
  wholeAt,
  wholeFenAt,
  wholeOrNote,
} from '../fields.ts'
import { lineMoney } from '../line-money.ts'
import { type Page, rowsAfter, type Window } from '../lists.ts'
import { booksOf } from './books.ts'
import { instantIn } from './fields.ts'
import { type LineRefundState, lineRefunds, type PostedLine } from './line-refunds.ts'
import { type LineRefundFacts, lineRefundsOf } from './refunds.ts'
import { tradeStatusOf, tradeTypeOf } from './statuses.ts'

/** The trades of which a version came in the window, by their numbers. */
export async function listChanged(call: Call, window: Window, page: Page): Promise<TradePage> {
  const { total, numbers } = await booksOf(call).received('trade', window, page)
  if (page.mode === 'count') return { total, items: [], hasNext: false }
  return { items: numbers.map((tid) => ({ kind: 'id', tid })), hasNext: rowsAfter(total, numbers, page) }
}

/** A refund of a line is a document of its own, so the trade is read together with its refunds. */
export async function tradeDetail(call: Call, tid: string): Promise<TradeDetail | undefined> {
  const text = await booksOf(call).document('trade', tid)
  return text === undefined ? undefined : parseTrade(text, await lineRefundsOf(call, tid))
}

/** Parses a trade as it was posted. Never throws; one without number, time of change or lines is parked. */
export function parseTrade(raw: string, refunds: readonly LineRefundFacts[] = []): TradeDetail {
  const posted = fieldsOf(raw) ?? {}
  const [tid, modifiedAt, doubts]: [string, Date | null, Doubts] = [
    idAt(posted, 'tid'),
    instantIn(posted, 'modifiedAt'),
    [],
  ]
  const lines = fieldsIn(listAt(posted, 'lines', ''), 'lines', doubts)
  const reason = faultOf({ tid, modifiedAt, lines: lines.length }, { tid: 'tid', modifiedAt: 'modifiedAt' })
  if (reason || !modifiedAt) return { kind: 'bad', id: tid || null, reason, raw }
  return tradeWith(tradeOf(posted, { tid, modifiedAt, lines, refunds }, doubts), doubts, raw)
}

type Read = { tid: string; modifiedAt: Date; lines: readonly Fields[]; refunds: readonly LineRefundFacts[] }

function tradeOf(posted: Fields, { tid, modifiedAt, lines, refunds }: Read, doubts: Doubts): Trade {
  const platformStatus = textAt(posted, 'status', longest.word)
  const platformType = textAt(posted, 'type', longest.word)
  const type = tradeTypeOf(platformType)
  const paymentFen = wholeFenAt(posted, 'paymentFen', { doubts, as: 'payment' }) ?? 0
  const postFeeFen = Math.min(wholeFenAt(posted, 'postFeeFen', { doubts, as: 'post_fee' }) ?? 0, paymentFen)
  const claims = lines.map((line) => wholeFenAt(line, 'paymentFen'))
  const paid = lineMoney(paymentFen - postFeeFen, lines.length, [claims])
  // The door refuses such a trade; only its text may have been changed since.
  if (!paid.exact) note(doubts, 'payment', posted.paymentFen, { guess: yuanFromFen(paymentFen) })
  const flag = wholeAt(posted, 'flag', 0, 5)
  const oids = oidsOf(lines, tid)
  const read = lines.map((line, at) => ({
    ...{ oid: oids[at] ?? '', paid: paid.fen[at] ?? 0 },
    platformStatus: textAt(line, 'status', longest.word) || platformStatus,
    quantity: wholeOrNote({ num: line.quantity }, 'num', { min: 1, max: 1_000_000, instead: 1, doubts }),
  }))
  const refundOf = lineRefunds(read, refunds)
  return {
    tid,
    status: tradeStatusOf(platformStatus),
    platformStatus,
    type,
    platformType,
    createdAt: instantIn(posted, 'createdAt') ?? modifiedAt,
    modifiedAt,
    paidAt: instantIn(posted, 'paidAt'),
    shippedAt: instantIn(posted, 'shippedAt'),
    endedAt: instantIn(posted, 'endedAt'),
    shipBy: instantIn(posted, 'shipBy'),
    planAt: null,
    cod: type === 'cod',
    finalUnpaid: false,
    holds: [],
    paymentFen,
    postFeeFen,
    discountFen: wholeFenAt(posted, 'discountFen', { doubts, as: 'discount_amount' }) ?? 0,
    subsidyFen: 0,
    buyer: {
      nick: textAt(fieldsAt(posted, 'buyer'), 'nick', longest.name),
      openId: textAt(fieldsAt(posted, 'buyer'), 'openId', longest.name),
    },
    receiver: receiverOf(fieldsAt(posted, 'receiver')),
    buyerMessage: textAt(posted, 'buyerMessage', longest.text),
    sellerMemo: textAt(posted, 'sellerMemo', longest.text),
    flag: flag ?? 0,
    ...(flag === null ? { flagUnsaid: true as const } : {}),
    lines: read.map((one, at) => lineOf(lines[at] ?? {}, { ...one, ...refundOf(one) }, doubts)),
  }
}

/** The receiver is in plain text, so it needs no token. */
const receiverOf = (of: Fields): Receiver => ({
  name: textAt(of, 'name', longest.name),
  mobile: textAt(of, 'mobile', longest.word),
  phone: textAt(of, 'phone', longest.word),
  province: textAt(of, 'province', longest.name),
  city: textAt(of, 'city', longest.name),
  district: textAt(of, 'district', longest.name),
  town: textAt(of, 'town', longest.name),
  address: textAt(of, 'address', longest.address),
  zip: textAt(of, 'zip', longest.word),
  token: '',
})

/** Numbers of lines are unique. The door takes no others, so one that is missing or there twice is replaced by the place of the line. */
function oidsOf(lines: readonly Fields[], tid: string): string[] {
  const oids: string[] = []
  for (const [at, line] of lines.entries()) {
    const oid = idAt(line, 'oid')
    oids.push(oid === '' || oids.includes(oid) ? `${tid}.${at + 1}` : oid)
  }
  return oids
}

type Facts = PostedLine & LineRefundState

function lineOf(
  line: Fields,
  { oid, platformStatus, quantity, paid, refund, refundId }: Facts,
  doubts: Doubts,
): TradeLine {
  const waybills = listAt(line, 'waybillNos', '').flatMap((one) => {
    const waybillNo = textAt({ one }, 'one', longest.word)
    return waybillNo === '' ? [] : [waybillNo]
  })
  return {
    oid,
    status: tradeStatusOf(platformStatus),
    platformStatus,
    refund,
    refundId,
    itemId: idAt(line, 'itemId'),
    skuId: idAt(line, 'skuId'),
    outerItemId: textAt(line, 'outerItemId', longest.name),
    outerSkuId: textAt(line, 'outerSkuId', longest.name),
    title: textAt(line, 'title', longest.title),
    spec: textAt(line, 'spec', longest.title),
    pictureUrl: textAt(line, 'pictureUrl', longest.url),
    quantity,
    priceFen: wholeFenAt(line, 'priceFen', { doubts, as: 'price', line: oid }) ?? 0,
    paymentFen: paid,
    discountFen: wholeFenAt(line, 'discountFen') ?? 0,
    shipBy: null,
    ...(waybills.length > 0 ? { waybillNo: waybills[0] ?? '', waybills } : {}),
  }
}
