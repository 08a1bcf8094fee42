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
 */
export function totalRefunds(
  order: { paymentFen: number; postFeeFen: number },
  lines: readonly LineMoney[],
  counted: readonly Counted[],
): RefundTotals {
  const state = lines.map((line): Line => ({ ...line, fen: 0, covered: 0, asked: 0 }))
  const only = state.length === 1 ? state[0] : undefined
  const lineOf = (refund: Counted) =>
    refund.oid === '' ? only : state.find((line) => line.oid === refund.oid)
  let freight = Math.max(0, order.postFeeFen)
  const sorted = [...counted].sort((a, b) => (a.refundNo < b.refundNo ? -1 : 1))
  for (const refund of sorted) {
    const line = lineOf(refund)
    if (line) freight -= Math.min(freight, refund.fen - take(line, refund))
  }
  for (const refund of sorted) {
    if (!lineOf(refund)) freight -= spread(state, refund, freight)
  }
  const settled = state.map((line) => ({
    lineNo: line.lineNo,
    refundedFen: line.fen,
    refundedQuantity: goodsOff(line),
  }))
  const refundedFen = counted.reduce((sum, refund) => sum + refund.fen, 0)
  const allMoney = order.paymentFen > 0 && refundedFen >= order.paymentFen
  const allGoods =
    state.length > 0 && state.every((line, index) => settled[index]?.refundedQuantity === line.quantity)
  return { lines: settled, refundedFen, whole: allMoney || allGoods }
}

const left = (line: Line) => Math.max(0, line.paymentFen - line.fen)

/** Subtracts a refund of one line from the line; returns how much of the refund's money the line took. */
function take(line: Line, refund: Counted): number {
  const part = Math.min(refund.fen, left(line))
  line.fen += part
  const quantity = refund.takesGoods ? Math.min(refund.quantity, line.quantity) : 0
  if (quantity > 0) {
    line.asked += quantity
    if (refund.fen >= Math.floor((line.paymentFen * quantity) / line.quantity)) line.covered += quantity
  }
  return part
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

function goodsOff(line: Line): number {
  const repaid = line.asked > 0 && line.paymentFen > 0 && line.fen >= line.paymentFen
  return repaid ? line.quantity : Math.min(line.quantity, line.covered)
}
