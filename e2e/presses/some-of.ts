/**
 * True: the tests that walk through pages take all of them, each for each role, language and theme (`npm run prove pages`, and when a golden
 * is written).
 */
export const everyPage = process.env['PAGES'] === 'all' || process.env['SURFACE'] === 'write'

/**
 * Returns everything by `npm run prove pages`, and every nth by `npm test`: the same in each run, so that a failure comes back. Tests that walk
 * through the same pages begin at different ones, so that together they open each.
 */
export function someOf<T>(all: readonly T[], every: number, first: number): T[] {
  return everyPage ? [...all] : all.filter((_, at) => at % every === first % every)
}
