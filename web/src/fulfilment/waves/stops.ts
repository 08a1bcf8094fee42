import type { WaveDetail } from './types.ts'

type Line = Pick<WaveDetail['lines'][number], 'done' | 'picked' | 'missing'>

/** True if nothing was taken or missing there and nothing is to be taken: its parcels were stopped or have left before. */
export const isNotNeeded = ({ done, picked, missing }: Line) => done && picked === 0 && missing === 0

/** The stops on the way, those that are not needed left out, and how many of them are walked. */
export function walked(lines: readonly Line[]): { stops: number; done: number } {
  const stops = lines.filter((line) => !isNotNeeded(line))
  return { stops: stops.length, done: stops.filter(({ done }) => done).length }
}
