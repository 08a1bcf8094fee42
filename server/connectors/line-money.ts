import { apportion } from '../lib/money.ts'

/** The amounts that a platform gives for the lines of a trade, one for each line; null: nothing usable. */
export type LineClaims = readonly (number | null)[]

/**
 * Returns the amount that the buyer paid for each line, in 分: whole, never negative, and together exactly `goods`.
 *
 * `claims` are the platform's line amounts of one kind after another, the most exact kind first (such as its own split, then the line's
 * price less discounts). The first kind whose lines sum to `goods` is used as it is. If none does, because the platform's amounts disagree
 * or a line is unreadable, `goods` is spread over the lines in proportion to the first kind that has any amount, and `exact` is false.
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
