import { apportion, yuanFromFen } from '../lib/money.ts'
import { type Doubts, note } from './fields.ts'

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

/**
 * Returns the payment of each line of a trade whose platform rounds each amount by itself: the lines may then miss `goods` by a 分 each, and by two for
 * freight and payment. If they miss it by more, the amounts are a doubt.
 */
export function paidLines(goods: number, claim: LineClaims, doubts: Doubts): readonly number[] {
  const { fen, exact } = lineMoney(goods, claim.length, [claim])
  const isRounded = !claim.includes(null) && Math.abs(sum(claim) - goods) <= claim.length + 2
  if (!exact && !isRounded && claim.length > 1) noteSpread(doubts, claim, fen)
  return fen
}

/** Notes that the amounts of the lines do not add up to the payment, and those that are used instead. */
export function noteSpread(doubts: Doubts, claim: LineClaims, fen: readonly number[]): void {
  const stated = claim.map((one) => (one === null ? '?' : yuanFromFen(one))).join(' + ')
  note(doubts, 'line payments', stated, { guess: fen.map(yuanFromFen).join(' + ') })
}

function isUsable(fen: number | null): boolean {
  return fen !== null && fen >= 0
}

function sum(fen: readonly (number | null)[]): number {
  return fen.reduce<number>((total, part) => total + (part ?? 0), 0)
}
