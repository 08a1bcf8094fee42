import type { RefusalReason } from '../../core/sheets/sheet-rows.ts'
import { apportion } from '../../lib/money.ts'
import { isNumbered } from '../../shops/sheet-lines.ts'
import type { SheetRefund } from './cells.ts'
import {
  hashOf,
  isExactly,
  isGoods,
  type LineDocument,
  Refused,
  statusOfLine,
  type TradeDocument,
} from './documents.ts'
import type { GoodsFacts, RowFacts, TradeRows } from './rows.ts'

export type RefundDocument = {
  refundId: string
  tid: string
  oid: string
  kind: 'refund_only' | 'money_only'
  status: 'applied' | 'succeeded' | 'closed'
  phase: 'onsale' | 'aftersale'
  amountFen: number
  title: string
  reason: string
  createdAt: string
  modifiedAt: string
}

/** A line has one refund. The number of a line is its own within its trade only, so the key has both. */
export const refundKey = ({ tid, oid }: Pick<RefundDocument, 'tid' | 'oid'>): string => `${tid}/${oid}`

/** Trade numbers have at most 48 letters, so this fits the 64 of a refund number. A refund that has another number keeps it. */
const refundNumber = (tid: string, oid: string): string => `R-${tid}-${hashOf(oid).slice(0, 12)}`

/**
 * Returns the refunds that the rows say, and the trade with the lines that they close. 退款中 stops the goods as a refund of any platform does;
 * 已退款 closes the line, or is money alone where its amount is less than the line's. A refund closes only where a row
 * says 无; an empty cell leaves it as it is.
 * @throws {Refused}
 */
export function refundsOf(
  rows: TradeRows,
  trade: TradeDocument,
  kept: ReadonlyMap<string, RefundDocument>,
  at: Date,
): { trade: TradeDocument; refunds: RefundDocument[] } {
  const all = trade.lines.map(
    (line): Subject => ({ line, kept: kept.get(refundKey({ tid: trade.tid, oid: line.oid })) }),
  )
  const asked = askedOf(rows, trade.tid, all)
  const going = new Set(asked.flatMap(({ row, named }) => (row.refund === 'done' ? named : [])))
  // The freight may go back with the last goods, whether the others went back before or by other rows of this sheet.
  const goesLast = (some: readonly Subject[]) =>
    all.every((one) => some.includes(one) || going.has(one) || isBack(one.kept))
  const wanted = new Map<string, Wanted>()
  let freightLeft = trade.postFeeFen
  for (const { row, named } of asked) {
    const { lines, freight } = wantedOf(row, named, { trade, all, goesLast, freightLeft })
    freightLeft -= freight
    for (const one of lines) wanted.set(one.line.oid, one)
  }
  const refunds = trade.lines.flatMap(({ oid }) => {
    const one = wanted.get(oid)
    const refund = one && refundOf(trade, one, at)
    return refund ? [refund] : []
  })
  const closes = new Set(refunds.flatMap((refund) => (isBack(refund) ? [refund.oid] : [])))
  return { trade: closes.size === 0 ? trade : closed(trade, closes, at), refunds }
}

type Asked = { row: RowFacts & { refund: SheetRefund }; named: Subject[] }

/**
 * Returns the rows about refunds with their lines: a row with goods is about its line, in the order of the lines; one without about the lines
 * that it names, or the whole trade.
 */
function askedOf({ rows }: TradeRows, tid: string, all: readonly Subject[]): Asked[] {
  let place = 0
  return rows.flatMap((row) => {
    const named = row.goods ? all.slice(place, place + 1) : all.filter(namedBy(row, tid))
    if (row.goods) place += 1
    const { refund } = row
    if (refund === undefined) return []
    if (named.length === 0) throw new Refused(row.row, '', noSuchLine)
    return [{ row: { ...row, refund }, named }]
  })
}

const namedBy =
  ({ oid, sub }: RowFacts, tid: string) =>
  ({ line }: Subject): boolean =>
    oid === undefined ? sub === '' || isNumbered(tid, sub)(line) : line.oid === oid

/**
 * A sheet of refunds has only the goods that go back, or no receiver. Its rows then name lines of the trade that is kept, and say nothing
 * else of them.
 * @throws {Refused}
 */
export function onlyRefunds(rows: TradeRows, kept: TradeDocument | undefined): TradeRows {
  const isRefund = ({ refund }: RowFacts) => refund === 'open' || refund === 'done'
  if (!kept || !rows.rows.every(isRefund)) return rows
  const isShort = rows.rows.length < kept.lines.length
  if (!isShort && rows.rows.some(({ receiver }) => receiver)) return rows
  const free = new Set(kept.lines)
  const named: RowFacts[] = []
  for (const row of rows.rows) {
    const { goods } = row
    if (!goods) {
      named.push(row)
      continue
    }
    const fit = fitting({ ...row, goods }, rows.tid, kept.lines)
    const left = fit.filter((line) => free.has(line))
    const line = left.find(isExactly(goods)) ?? left[0]
    if (fit.length === 0 && !isShort) return rows
    if (fit.length === 0) throw new Refused(row.row, '', noSuchLine)
    if (!line || (left.length > 1 && !isExactly(goods)(line))) throw new Refused(row.row, '', unclear)
    free.delete(line)
    named.push({ ...row, goods: undefined, oid: line.oid })
  }
  return { tid: rows.tid, rows: named }
}

/** The lines that a row of a sheet of refunds may be about. */
function fitting(
  { sub, goods }: RowFacts & { goods: GoodsFacts },
  tid: string,
  lines: readonly LineDocument[],
): LineDocument[] {
  const numbered = sub === '' ? [] : lines.filter(isNumbered(tid, sub))
  if (numbered.length > 0) return numbered
  // A line that was imported without a number of the channel may be found by its goods.
  return lines.filter((line) => isGoods(goods)(line) && (sub === '' || line.oid.startsWith(`${tid}-`)))
}

/** A line with the refund that is kept of it. */
type Subject = { line: LineDocument; kept: RefundDocument | undefined }
/** `isPart`: not all money of the goods goes back. */
type Wanted = Subject & { row: number; said: SheetRefund; amountFen: number; isPart: boolean }

/** True if the goods are paid back, and not money alone. */
const isBack = (refund: RefundDocument | undefined): boolean =>
  refund?.status === 'succeeded' && refund.kind === 'refund_only'

type Around = {
  trade: TradeDocument
  all: readonly Subject[]
  goesLast(some: readonly Subject[]): boolean
  /** The freight that no row of the sheet has taken yet. */
  freightLeft: number
}

/** The amount of a row is that of all lines that it names, and with the last goods of the trade the freight may go back. */
function wantedOf(
  { row, refund: said, refundFen }: Asked['row'],
  named: readonly Subject[],
  { trade, all, goesLast, freightLeft }: Around,
): { lines: Wanted[]; freight: number } {
  // A row of several lines is about those that have not gone back before.
  const wasPaid = ({ kept }: Subject) => (said === 'none' ? kept?.status === 'succeeded' : isBack(kept))
  const some = named.length > 1 ? named.filter((one) => !wasPaid(one)) : named
  if (some.length === 0 && said !== 'done') throw new Refused(row, '', refundedAlready)
  if (refundFen === undefined) {
    const lines = some.map(({ line, kept }) => {
      const isPart = kept?.status === 'succeeded' && kept.kind === 'money_only'
      return { ...{ line, kept, row, said, isPart }, amountFen: isPart ? kept.amountFen : line.paymentFen }
    })
    return { lines, freight: 0 }
  }
  if (some.length === 0) return { lines: [], freight: 0 }
  const payments = some.map(({ line }) => line.paymentFen)
  const sum = payments.reduce((total, fen) => total + fen, 0)
  const over = Math.max(refundFen - sum, 0)
  // The amount of a whole trade may include its earlier refunds.
  const isWhole = named.length === all.length
  const earlier = isWhole
    ? all.reduce((total, one) => total + (some.includes(one) ? 0 : (one.kept?.amountFen ?? 0)), 0)
    : 0
  if (over > (goesLast(some) ? (isWhole ? trade.paymentFen - sum : freightLeft) : 0))
    throw new Refused(row, '', tooMuch)
  const freight = freightOf(over, earlier, freightLeft)
  const parts = apportion(refundFen - over, payments)
  const lines = some.map((one, at) => ({
    ...{ ...one, row, said, isPart: refundFen < sum },
    amountFen: (parts[at] ?? 0) + (at === 0 ? freight : 0),
  }))
  return { lines, freight }
}

/** Returns the part of an amount beyond the goods that is freight; the rest of it was refunded earlier. */
function freightOf(over: number, earlier: number, most: number): number {
  if (over === most) return most
  const beyond = over - earlier
  if (beyond >= 0 && beyond <= most) return beyond
  return over <= most ? over : 0
}

function refundOf(
  trade: TradeDocument,
  { row, said, line, kept, amountFen, isPart }: Wanted,
  at: Date,
): RefundDocument | undefined {
  if (kept?.status === 'succeeded' && said !== 'done') throw new Refused(row, '', refundedAlready)
  if (said === 'none') return kept && { ...kept, status: 'closed', modifiedAt: at.toISOString() }
  return {
    refundId: kept?.refundId ?? refundNumber(trade.tid, line.oid),
    ...{ tid: trade.tid, oid: line.oid },
    // Goods stay until it is known that only money went back.
    kind: said === 'done' && isPart ? 'money_only' : 'refund_only',
    status: said === 'done' ? 'succeeded' : 'applied',
    phase: trade.status === 'finished' ? 'aftersale' : 'onsale',
    amountFen,
    title: line.title,
    reason: '表格写了退款',
    createdAt: kept?.createdAt ?? at.toISOString(),
    modifiedAt: at.toISOString(),
  }
}

function closed(trade: TradeDocument, oids: ReadonlySet<string>, at: Date): TradeDocument {
  const lines = trade.lines.map((line) => ({
    ...line,
    status: oids.has(line.oid) ? 'closed_refunded' : statusOfLine(trade, line),
  }))
  const open = lines.filter(({ status }) => !status.startsWith('closed'))
  if (open.length > 0) {
    // The goods that were still to leave are the ones that went back.
    const hasLeft = trade.status === 'partly_shipped' && open.every(({ status }) => status === 'shipped')
    return { ...trade, ...(hasLeft ? { status: 'shipped' } : {}), lines }
  }
  return { ...trade, status: 'closed_refunded', endedAt: trade.endedAt ?? at.toISOString(), lines }
}

const refundedAlready: RefusalReason = {
  code: 'refunded_already',
  message: {
    zh: '上次已经写了「已退款」，不能改回去',
    en: 'It was said to be refunded, which cannot be taken back',
  },
}
const tooMuch: RefusalReason = {
  code: 'refund_too_large',
  message: { zh: '退款金额比商品的金额还大', en: 'The refund is more than the amount of its goods' },
}
const noSuchLine: RefusalReason = {
  code: 'no_such_line',
  message: { zh: '这笔交易没有这个商品', en: 'The trade has no such goods' },
}
const unclear: RefusalReason = {
  code: 'goods_unclear',
  message: {
    zh: '分不清是这笔交易的哪一行商品：写上规格或子订单编号，一行商品只写一行',
    en: 'It may be about several lines of the trade: write the variety or the number of the line, and each line once',
  },
}
