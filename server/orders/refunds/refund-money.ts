import { apportion } from '../../lib/money.ts'

export type LineMoney = { lineNo: number; oid: string; quantity: number; paymentFen: number }
export type Counted = { refundNo: string; oid: string; fen: number; quantity: number; takesGoods: boolean }
export type RefundTotals = {
  lines: { lineNo: number; refundedFen: number; refundedQuantity: number }[]
  refundedFen: number
  /** True if all money was refunded or all goods were taken off. */
  whole: boolean
}

type Line = LineMoney & { fen: number; covered: number; asked: number }

/**
 * Computes what all counted refunds of an order together take off its lines. The result does not depend on the sequence in which the
 * refunds came, so it can be computed again after any change.
 * A refund of a line takes its money from the line, then from the freight. It takes goods off if its money covers them: a quantity of 0,
 * or less money than those goods cost, takes money only. Refunds that together repay a line take all its goods. A refund of the whole
 * trade is spread over what the other refunds left; on an order with one line it is a refund of that line.
 * A line of the trade may be in several rows (its pieces were substituted on a part, which came back): its refunds take them in sequence.
 */
export function totalRefunds(
  order: { paymentFen: number; postFeeFen: number },
  lines: readonly LineMoney[],
  counted: readonly Counted[],
): RefundTotals {
  const state = lines.map((line): Line => ({ ...line, fen: 0, covered: 0, asked: 0 }))
  const byOid = Map.groupBy(state, ({ oid }) => oid)
  const only = byOid.size === 1 && (state.length === 1 || !byOid.has('')) ? state : undefined
  const rowsOf = (refund: Counted) => (refund.oid === '' ? only : byOid.get(refund.oid))
  let freight = Math.max(0, order.postFeeFen)
  const sorted = [...counted].sort((a, b) => (a.refundNo < b.refundNo ? -1 : 1))
  for (const refund of sorted) {
    const rows = rowsOf(refund)
    if (rows) freight -= Math.min(freight, refund.fen - take(rows, refund))
  }
  for (const refund of sorted) {
    if (!rowsOf(refund)) freight -= spread(state, refund, freight)
  }
  const settled = state.map((line) => ({
    lineNo: line.lineNo,
    refundedFen: line.fen,
    refundedQuantity: goodsOff(line, line.oid === '' ? [line] : (byOid.get(line.oid) ?? [])),
  }))
  const refundedFen = counted.reduce((sum, refund) => sum + refund.fen, 0)
  const allMoney = order.paymentFen > 0 && refundedFen >= order.paymentFen
  const allGoods =
    state.length > 0 && state.every((line, index) => settled[index]?.refundedQuantity === line.quantity)
  return { lines: settled, refundedFen, whole: allMoney || allGoods }
}

const left = (line: Line) => Math.max(0, line.paymentFen - line.fen)

/** Subtracts a refund of one line from its rows in sequence; returns how much of the refund's money they took. */
function take(rows: readonly Line[], refund: Counted): number {
  let fen = refund.fen
  let pieces = refund.takesGoods ? refund.quantity : 0
  const taken = rows.map((row, at) => {
    const part = Math.min(fen, left(row))
    row.fen += part
    fen -= part
    const most = at === rows.length - 1 ? row.quantity : Math.max(0, row.quantity - row.covered)
    const quantity = Math.min(pieces, most)
    pieces -= quantity
    return {
      row,
      quantity,
      costFen: quantity > 0 ? Math.floor((row.paymentFen * quantity) / row.quantity) : 0,
    }
  })
  const covers = refund.fen >= taken.reduce((sum, { costFen }) => sum + costFen, 0)
  for (const { row, quantity } of taken) {
    row.asked += quantity
    if (covers) row.covered += quantity
  }
  return refund.fen - fen
}

/** Spreads a refund of the whole trade over the remaining amounts of lines and freight; returns the freight's part. */
function spread(lines: readonly Line[], refund: Counted, freight: number): number {
  const rests = lines.map(left)
  const rest = rests.reduce((sum, one) => sum + one, freight)
  const parts = apportion(Math.min(refund.fen, rest), [...rests, freight])
  lines.forEach((line, index) => {
    line.fen += parts[index] ?? 0
  })
  if (refund.takesGoods && refund.quantity > 0 && refund.fen >= rest) {
    for (const line of lines) line.covered = line.quantity
  }
  return parts[lines.length] ?? 0
}

function goodsOff(row: Line, rows: readonly Line[]): number {
  const sum = (of: (row: Line) => number) => rows.reduce((total, one) => total + of(one), 0)
  const paymentFen = sum((one) => one.paymentFen)
  const repaid = sum(({ asked }) => asked) > 0 && paymentFen > 0 && sum(({ fen }) => fen) >= paymentFen
  return repaid ? row.quantity : Math.min(row.quantity, row.covered)
}
