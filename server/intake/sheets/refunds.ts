import type { RefusalReason } from '../../core/sheets/sheet-rows.ts'
import { isNumbered } from '../../shops/sheet-lines.ts'
import type { SheetRefund } from './cells.ts'
import {
  goodsNumbers,
  hashOf,
  type LineDocument,
  Refused,
  statusOfLine,
  type TradeDocument,
} from './documents.ts'
import type { RowFacts, TradeRows } from './rows.ts'

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
  const wanted = new Map<string, Wanted>()
  // A row with goods is about its line, in the order of the lines; one without about the lines that it names, or the whole trade.
  let place = 0
  for (const row of rows.rows) {
    const { oid } = row
    const lines = row.goods
      ? trade.lines.slice(place, place + 1)
      : trade.lines.filter((line) => oid === undefined || line.oid === oid)
    if (row.goods) place += 1
    if (row.refund === undefined) continue
    for (const line of lines)
      wanted.set(line.oid, { row: row.row, said: row.refund, facts: row, alone: lines.length === 1 })
  }
  const refunds = trade.lines.flatMap((line) => {
    const one = wanted.get(line.oid)
    const refund =
      one && refundOf({ trade, line, at }, one, kept.get(refundKey({ tid: trade.tid, oid: line.oid })))
    return refund ? [refund] : []
  })
  const closes = new Set(
    refunds.flatMap(({ oid, kind, status }) =>
      kind === 'refund_only' && status === 'succeeded' ? [oid] : [],
    ),
  )
  return { trade: closes.size === 0 ? trade : closed(trade, closes, at), refunds }
}

/**
 * A sheet of refunds has only the goods that go back. Its rows then name lines of the trade that is kept, and say nothing else of it.
 * @throws {Refused}
 */
export function onlyRefunds(rows: TradeRows, kept: TradeDocument | undefined): TradeRows {
  const isRefund = ({ refund }: RowFacts) => refund === 'open' || refund === 'done'
  if (!kept || rows.rows.length >= kept.lines.length || !rows.rows.every(isRefund)) return rows
  const free = new Set(kept.lines)
  const named = rows.rows.map((row): RowFacts => {
    const { goods } = row
    if (!goods) return row
    const { itemId, skuId } = goodsNumbers(goods)
    const line = [...free].find((one) =>
      goods.sub === ''
        ? one.itemId === itemId && (one.skuId ?? '') === skuId
        : isNumbered(rows.tid, goods.sub)(one),
    )
    if (!line) throw new Refused(row.row, '', noSuchLine)
    free.delete(line)
    return { ...row, goods: undefined, oid: line.oid }
  })
  return { tid: rows.tid, rows: named }
}

type Wanted = { row: number; said: SheetRefund; facts: RowFacts; alone: boolean }
type Subject = { trade: TradeDocument; line: LineDocument; at: Date }

function refundOf(
  { trade, line, at }: Subject,
  { row, said, facts, alone }: Wanted,
  kept: RefundDocument | undefined,
): RefundDocument | undefined {
  if (kept?.status === 'succeeded' && said !== 'done') throw new Refused(row, '', refundedAlready)
  if (said === 'none') return kept && { ...kept, status: 'closed', modifiedAt: at.toISOString() }
  const amountFen = alone ? (facts.refundFen ?? line.paymentFen) : line.paymentFen
  if (amountFen > line.paymentFen) throw new Refused(row, '', tooMuch)
  return {
    refundId: kept?.refundId ?? refundNumber(trade.tid, line.oid),
    ...{ tid: trade.tid, oid: line.oid },
    // Goods stay until it is known that only money went back.
    kind: said === 'done' && amountFen < line.paymentFen ? 'money_only' : 'refund_only',
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
  const isWhole = lines.every(({ status }) => status.startsWith('closed'))
  if (!isWhole) return { ...trade, lines }
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
  message: { zh: '退款金额比这行商品的金额还大', en: 'The refund is more than the amount of the line' },
}
const noSuchLine: RefusalReason = {
  code: 'no_such_line',
  message: { zh: '这笔交易没有这个商品', en: 'The trade has no such goods' },
}
