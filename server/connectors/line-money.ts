import { apportion } from '../lib/money.ts'

/** What a platform says of one line's money, each null when it says nothing usable. */
export type LineClaims = readonly (number | null)[]

/**
 * What the buyer paid for each line, in 分: whole, never negative, and together exactly `goods`.
 *
 * `claims` holds the line amounts of one kind after another, the most exact kind first (such as the platform's own
 * split, then the line's price less discounts). The first kind whose lines sum to `goods` is taken as it is. When none
 * does, since the platform's numbers disagree or a line is unreadable, `goods` is spread over the lines in proportion
 * to the first kind that says anything, and `exact` is false.
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
