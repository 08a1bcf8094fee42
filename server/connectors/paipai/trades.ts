import { sharedNow } from '../../lib/clock.ts'
import { yuanFromFen } from '../../lib/money.ts'
import { dayMs } from '../../lib/time.ts'
import type { BadItem, Call, Receiver, Trade, TradeBrief, TradeDetail, TradePage } from '../connector.ts'
import { faultOf, ifThere, tradeWith } from '../documents.ts'
import {
  cleanText,
  type Doubts,
  type Fields,
  fieldsIn,
  idAt,
  isFields,
  isTrueAt,
  listAt,
  longest,
  note,
  rawOf,
  textAt,
  wholeFenAt,
  wordAt,
} from '../fields.ts'
import { lineMoney } from '../line-money.ts'
import { type Page, rowsAfter, type Window } from '../lists.ts'
import { callPaipai, sellerOf } from './client.ts'
import { isNoDeal } from './errors.ts'
import { changedAt, momentAt, pageOf, timesOf, totalOf } from './fields.ts'
import { askedFen, lineOf, numbered } from './lines.ts'
import { isRefunding, stateFilter, tradeStatusOf } from './statuses.ts'
import { cashOf } from './unverified.ts'

/** deal/sellerSearchDealList by the time of the last change. */
export const listChanged = (call: Call, window: Window, page: Page): Promise<TradePage> =>
  listBy(call, 'UPDATE', window, page)

export const listCreated = (call: Call, window: Window, page: Page): Promise<TradePage> =>
  listBy(call, 'CREATE', window, page)

/**
 * Deals of more than three months are in a list of their own, which `historyDeal` asks for. Its rows follow those of the other list, as if
 * both were one. A window of creation that is not as old has none of them.
 */
async function listBy(call: Call, timeType: string, window: Window, page: Page): Promise<TradePage> {
  const { mode, number, size } = page
  const recent = await readList(call, { timeType, historyDeal: '' }, window, page)
  const hasOld = timeType !== 'CREATE' || mayBeOld(window.from, call)
  const readOld = (asked: Page) =>
    hasOld ? readList(call, { timeType, historyDeal: '1' }, window, asked) : { rows: [], total: 0 }
  if (mode === 'count')
    return { total: recent.total + (await readOld(page)).total, items: [], hasNext: false }
  const end = number * size - recent.total
  if (end < 0) return { items: recent.rows.map(parseBrief), hasNext: true }
  const begin = Math.max(end - size, 0)
  const first = Math.floor(begin / size) + 1
  const old = await readOld({ mode, size, number: first })
  const isCut = end > first * size && old.total > first * size
  const next = isCut ? (await readOld({ mode, size, number: first + 1 })).rows : []
  const skipped = (first - 1) * size
  const rows = [...recent.rows, ...[...old.rows, ...next].slice(begin - skipped, end - skipped)]
  return { items: rows.map(parseBrief), hasNext: end < old.total }
}

/** `orderDesc` has its effect only beside `timeType`. */
async function readList(
  call: Call,
  { timeType, historyDeal }: { timeType: string; historyDeal: string },
  window: Window,
  page: Page,
): Promise<{ rows: readonly unknown[]; total: number }> {
  const { body } = await callPaipai(call, 'deal/sellerSearchDealList', {
    ...sellerOf(call),
    timeType,
    historyDeal,
    ...timesOf(window),
    orderDesc: '1',
    dealState: stateFilter(window.status),
    ...pageOf(page),
  })
  if (page.mode === 'count') return { rows: [], total: totalOf(body) }
  const rows = listAt(body, 'dealList', '')
  rowsAfter(totalOf(body), rows, page)
  return { rows, total: totalOf(body) }
}

function parseBrief(value: unknown): TradeBrief | BadItem {
  const deal = isFields(value) ? value : {}
  const tid = idAt(deal, 'dealCode')
  const modifiedAt = changedAt(deal)
  if (!tid || !modifiedAt)
    return {
      kind: 'bad',
      id: tid || null,
      reason: tid ? 'no lastUpdateTime' : 'no dealCode',
      raw: rawOf(value),
    }
  return {
    kind: 'brief',
    tid,
    modifiedAt,
    createdAt: momentAt(deal, 'createTime'),
    platformStatus: wordAt(deal, 'dealState'),
    type: textAt(deal, 'dealPayType', longest.word),
    buyerNick: textAt(deal, 'buyerName', longest.name),
    receiverName: textAt(deal, 'receiverName', longest.name),
    paymentFen: wholeFenAt(deal, 'dealPayFeeTotal'),
  }
}

/** deal/getDealDetail, with its lines; undefined if the seller has no such deal. One of more than three months is asked for by `historyDeal`. */
export async function tradeDetail(call: Call, tid: string): Promise<TradeDetail | undefined> {
  const created = createdIn(tid)
  const isOld = created !== null && mayBeOld(created, call)
  return (await detailIn(call, tid, '')) ?? (isOld ? detailIn(call, tid, '1') : undefined)
}

async function detailIn(call: Call, tid: string, historyDeal: string): Promise<TradeDetail | undefined> {
  return ifThere(isNoDeal, async () => {
    const { body, text } = await callPaipai(call, 'deal/getDealDetail', {
      ...sellerOf(call),
      dealCode: tid,
      listItem: '1',
      historyDeal,
    })
    return parseDeal(body, text)
  })
}

/** The number of a deal has the day of its creation: 855000188-20100809-363110208. */
function createdIn(tid: string): Date | null {
  const [, year, month, day] = /^\d+-(\d{4})(\d\d)(\d\d)-/.exec(tid) ?? []
  return momentAt({ at: `${year}-${month}-${day} 00:00:00` }, 'at')
}

/** Where three months end is not known to the day, so the last days before it count as old too. */
const mayBeOld = (created: Date, { now }: Call): boolean =>
  (now?.() ?? sharedNow()).getTime() - created.getTime() > 80 * dayMs

/** Parses a deal. Never throws; one without number, time of change or lines is parked. */
export function parseDeal(value: unknown, raw: string): TradeDetail {
  const deal = isFields(value) ? value : {}
  const tid = idAt(deal, 'dealCode')
  const doubts: Doubts = []
  const modifiedAt = changedAt(deal, { doubts, as: 'modified' })
  const items = fieldsIn(listAt(deal, 'itemList', ''), 'lines', doubts)
  const reason = faultOf(
    { tid, modifiedAt, lines: items.length },
    { tid: 'dealCode', modifiedAt: 'lastUpdateTime' },
  )
  if (reason || !modifiedAt) return { kind: 'bad', id: tid || null, reason, raw }
  const trade = tradeOf(deal, { tid, modifiedAt, lines: numbered(items, tid, doubts) }, doubts)
  return tradeWith(trade, doubts, raw)
}

type Read = { tid: string; modifiedAt: Date; lines: ReadonlyMap<string, Fields> }

function tradeOf(deal: Fields, { tid, modifiedAt, lines: byOid }: Read, doubts: Doubts): Trade {
  const time = (key: string, as: string) => momentAt(deal, key, { doubts, as })
  const state = wordAt(deal, 'dealState')
  const cod = state.startsWith('STATE_COD_') || textAt(deal, 'dealPayType', longest.word) === cashOnDelivery
  const [paidAt, shippedAt] = [time('payTime', 'pay_time'), time('sellerConsignmentTime', 'consign_time')]
  const createdAt = time('createTime', 'created')
  if (!createdAt) note(doubts, 'created', deal.createTime, { guess: modifiedAt.toISOString() })
  const times = { isPaid: paidAt !== null, isShipped: shippedAt !== null, cod }
  const money = moneyOf(deal, [...byOid.values()], doubts)
  const ofDeal = {
    state,
    times,
    waybillNo: textAt(deal, 'wuliuCode', longest.word),
    dealRefund:
      isRefunding(state) && ![...byOid.values()].some((item) => isRefunding(wordAt(item, 'refundState'))),
  }
  const lines = [...byOid].map(([oid, item], index) =>
    lineOf(item, { ...ofDeal, oid, paid: money.lines[index] ?? 0 }, doubts),
  )
  // DS_REFUND_OK may be the end of one line's refund, while other lines of the trade are not closed.
  const goesOn = state === 'DS_REFUND_OK' && lines.some(({ status }) => !status.startsWith('closed'))
  return {
    tid,
    status: tradeStatusOf(goesOn ? 'DS_DEAL_REFUNDING' : state, times),
    platformStatus: state,
    type: cod ? 'cod' : 'normal',
    platformType: textAt(deal, 'dealType', longest.word),
    createdAt: createdAt ?? modifiedAt,
    modifiedAt,
    paidAt,
    shippedAt,
    endedAt: time('dealEndTime', 'end_time'),
    shipBy: null,
    planAt: null,
    cod,
    finalUnpaid: false,
    holds: state === 'DS_SYSTEM_HALT' ? ['top_hold'] : [],
    paymentFen: money.payment,
    postFeeFen: money.postFee,
    discountFen: money.discount,
    subsidyFen: money.subsidy,
    buyer: { nick: textAt(deal, 'buyerName', longest.name), openId: idAt(deal, 'buyerUin') },
    receiver: receiverOf(deal),
    buyerMessage: textAt(deal, 'buyerRemark', longest.text),
    sellerMemo: textAt(deal, 'dealNote', longest.text),
    flag: Math.max(labels.indexOf(textAt(deal, 'dealNoteType', longest.word)), 0),
    ...(isTrueAt(deal, 'hasInvoice') ? { invoice: true } : {}),
    lines,
  }
}

const cashOnDelivery = 'DEAL_BIZ_FLAG_HDFK'

/** dealNoteType, at the places of our flags. Pink is our purple. */
export const labels: readonly string[] = ['UN_LABEL', 'RED', 'YELLOW', 'GREEN', 'BLUE', 'PINK']

/**
 * dealPayFeeTotal is what the lines cost together, with freight and less couponFee. whoPayShippingfee 1: the seller pays the freight, and the
 * buyer none of it.
 */
function moneyOf(deal: Fields, items: readonly Fields[], doubts: Doubts) {
  const asked = items.map(askedFen)
  const stated = wholeFenAt(deal, 'dealPayFeeTotal')
  const isFree = textAt(deal, 'whoPayShippingfee', 8) === '1'
  const freight = isFree ? 0 : (wholeFenAt(deal, 'freight', { doubts, as: 'post_fee' }) ?? 0)
  const coupon = wholeFenAt(deal, 'couponFee', { doubts, as: 'discount_amount' }) ?? 0
  const total =
    stated ??
    Math.max(
      asked.reduce((sum, fen) => sum + fen, freight - coupon),
      0,
    )
  if (stated === null) note(doubts, 'payment', deal.dealPayFeeTotal, { guess: yuanFromFen(total) })
  const payment = cashOf(total, wholeFenAt(deal, 'totalCash'))
  const postFee = Math.min(freight, payment)
  return {
    payment,
    postFee,
    discount: items.reduce((sum, item) => sum + (wholeFenAt(item, 'itemDiscountFee') ?? 0), coupon),
    subsidy: total - payment,
    lines: lineMoney(payment - postFee, items.length, [asked]).fen,
  }
}

/** receiverAddress is one text: province, city, mostly a district, and the rest, with spaces between. Nothing is masked. */
function receiverOf(deal: Fields): Receiver {
  const parts = textAt(deal, 'receiverAddress', longest.address).split(/\s+/).filter(Boolean)
  // A text with fewer spaces still ends with the street, which a parcel needs.
  const [province = '', city = ''] = parts.slice(0, Math.max(parts.length - 1, 0))
  const [third = '', ...rest] = parts.length > 2 ? parts.slice(2) : parts.slice(-1)
  const isDistrict = rest.length > 0 && /[区县市旗镇乡盟州]$|街道$|新区$/.test(third)
  return {
    name: textAt(deal, 'receiverName', longest.name),
    mobile: textAt(deal, 'receiverMobile', longest.word),
    phone: textAt(deal, 'receiverPhone', longest.word),
    province: cleanText(province, longest.name),
    city: cleanText(city, longest.name),
    district: isDistrict ? cleanText(third, longest.name) : '',
    town: '',
    address: (isDistrict ? rest : [third, ...rest]).join(' '),
    zip: textAt(deal, 'receiverPostcode', longest.word),
    token: '',
  }
}
