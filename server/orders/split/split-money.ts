import { apportion } from '../../lib/money.ts'

/** What of a line is split. */
export type SplitLine = { quantity: number; paymentFen: number; discountFen: number }

/**
 * A line in pieces of so many `quantities`, which sum to its own: money and discount go along to the last 分, and what is put
 * together again is what it was.
 */
export function splitLine(line: SplitLine, quantities: readonly number[]): SplitLine[] {
  const payments = apportion(line.paymentFen, quantities)
  const discounts = apportion(line.discountFen, quantities)
  return quantities.map((quantity, at) => ({
    quantity,
    paymentFen: payments[at] ?? 0,
    discountFen: discounts[at] ?? 0,
  }))
}
