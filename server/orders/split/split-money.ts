import { apportion } from '../../lib/money.ts'

export type SplitLine = { quantity: number; paymentFen: number; discountFen: number }

/**
 * Divides a line into parts of these `quantities`, which sum to the line's. Payment and discount are divided to the last 分, so that the
 * parts add up to the line.
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
