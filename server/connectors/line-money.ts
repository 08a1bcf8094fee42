import { apportion } from '../lib/money.ts'

/** The amounts that a platform gives for the lines of a trade, one for each line; null: unusable. */
export type LineClaims = readonly (number | null)[]

/**
 * Returns the amount that the buyer paid for each line, in 分: whole, never negative, and together exactly `goods`. `claims` are the
 * platform's amounts for the lines, the most exact kind first. The first kind that sums to `goods` is used. If none does, `goods` is spread
 * over the lines in proportion to the first kind with any amount, and `exact` is false.
 */
export function lineMoney(
  goods: number,
  count: number,
  claims: readonly LineClaims[],
): { fen: number[]; exact: boolean } {
  for (const claim of claims) {
    if (claim.every(isUsable) && sum(claim) === goods)
      return { fen: claim.map((fen) => fen ?? 0), exact: true }
  }
  const weights = claims
    .map((claim) => claim.map((fen) => Math.max(fen ?? 0, 0)))
    .find((claim) => sum(claim) > 0)
  return { fen: apportion(goods, weights ?? Array.from({ length: count }, () => 0)), exact: false }
}

function isUsable(fen: number | null): boolean {
  return fen !== null && fen >= 0
}

function sum(fen: readonly (number | null)[]): number {
  return fen.reduce<number>((total, part) => total + (part ?? 0), 0)
}
