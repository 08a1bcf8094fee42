import type { TradeLine } from '../connector.ts'
import { type GivenBack, givenBackByLine, isAllBack } from '../given-back.ts'
import type { LineRefundFacts } from './refunds.ts'
import { tradeStatusOf } from './statuses.ts'

export type PostedLine = { oid: string; platformStatus: string; quantity: number; paid: number }
export type LineRefundState = Pick<TradeLine, 'refund' | 'refundId'>

/**
 * Makes the function that returns the refund of a line. One that is open holds the goods. Those that succeeded end the line once they give back all its pieces
 * or all its money together; until then the rest is shipped. A refund that was closed later hides neither.
 */
export function lineRefunds(
  lines: readonly PostedLine[],
  refunds: readonly LineRefundFacts[],
): (line: PostedLine) => LineRefundState {
  const paidBack = refunds.filter(({ status }) => status === 'succeeded')
  const back = givenBackByLine(paidBack)
  const isBack = (line: PostedLine) => covers(back.get(line.oid), line)
  const isRestBack = covers(
    back.get(''),
    restOf(
      lines.filter((line) => !isBack(line)),
      back,
    ),
  )
  return (line) => {
    const mine = refunds.filter(({ oid }) => oid === line.oid || oid === '')
    const last = (of: readonly LineRefundFacts[]) => of.at(-1)?.refundId ?? ''
    const open = mine.filter(({ status }) => status === 'applied' || status === 'agreed')
    if (open.length > 0) return { refund: 'applied', refundId: last(open) }
    const succeeded = mine.filter(({ status }) => status === 'succeeded')
    const isClosed = tradeStatusOf(line.platformStatus) === 'closed_refunded'
    if (succeeded.length > 0 && (isClosed || isRestBack || isBack(line)))
      return { refund: 'succeeded', refundId: last(succeeded) }
    const others = mine.filter(({ status }) => status !== 'succeeded')
    return others.length > 0 ? { refund: 'closed', refundId: last(others) } : { refund: 'none', refundId: '' }
  }
}

/** The goods that refunds of single lines have not given back. */
function restOf(
  lines: readonly PostedLine[],
  back: ReadonlyMap<string, GivenBack>,
): { paid: number; quantity: number } {
  let [paid, quantity] = [0, 0]
  for (const line of lines) {
    paid += Math.max(line.paid - (back.get(line.oid)?.fen ?? 0), 0)
    quantity += Math.max(line.quantity - (back.get(line.oid)?.pieces ?? 0), 0)
  }
  return { paid, quantity }
}

/** Goods that cost nothing have gone back as a whole if no pieces are named. */
const covers = (back: GivenBack | undefined, of: { paid: number; quantity: number }): boolean =>
  back !== undefined && (isAllBack(back, of) || (of.paid === 0 && back.pieces === 0))
