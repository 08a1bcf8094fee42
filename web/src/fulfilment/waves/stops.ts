import type { WaveDetail } from './types.ts'

type Line = Pick<WaveDetail['lines'][number], 'done' | 'picked' | 'missing'>

/** True if nothing was taken or missing there and nothing is to be taken: its parcels were stopped or have left before. */
export const isNotNeeded = ({ done, picked, missing }: Line) => done && picked === 0 && missing === 0

/** The stops on the way, those that are not needed left out, and how many of them are walked. */
export function walked(lines: readonly Line[]): { stops: number; done: number } {
  const stops = lines.filter((line) => !isNotNeeded(line))
  return { stops: stops.length, done: stops.filter(({ done }) => done).length }
}

type Share = WaveDetail['lines'][number]['baskets'][number]

/** The baskets that still get pieces of a line, with how many: neither those that have theirs nor stopped ones. */
export const basketsToFill = (baskets: readonly Share[]): { basket: number; pieces: number }[] =>
  baskets.flatMap(({ basket, pieces, picked, stopped }) =>
    !stopped && picked < pieces ? [{ basket, pieces: pieces - picked }] : [],
  )

const twoDigits = (basket: number) => String(basket).padStart(2, '0')

/** The numbers of baskets, which stand in their order, as texts: those that follow one another as one range, such as "01 03–07". */
export function basketRanges(baskets: readonly number[]): string[] {
  const ranges: { first: number; last: number }[] = []
  for (const basket of baskets) {
    const range = ranges.at(-1)
    if (range && basket === range.last + 1) range.last = basket
    else ranges.push({ first: basket, last: basket })
  }
  return ranges.flatMap(({ first, last }) =>
    first === last
      ? [twoDigits(first)]
      : last === first + 1
        ? [twoDigits(first), twoDigits(last)]
        : [`${twoDigits(first)}–${twoDigits(last)}`],
  )
}
