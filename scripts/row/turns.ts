// Which of the long tests `npm test` runs, by turns. All of them are run by `npm run prove turns` (docs/decisions/0056).
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../steps.ts'

/** These browser tests belong to each run: the first steps, the way of an order, and the tests that press every button as every role. */
const always = /^e2e\/(clerk|desk|orders|presses|roles|start|trades)\.browser\./

/**
 * Each of these takes ten to fifty seconds of processor time, since it starts whole installations, restores backups or walks through all pages.
 * A run takes one of each pair. The two of a pair are near each other, so that no part of the product goes without a test for long.
 */
const pairs: readonly (readonly [string, string])[] = [
  ['e2e/chaos.test.ts', 'e2e/day.test.ts'],
  ['e2e/pooler.test.ts', 'e2e/upgrade.test.ts'],
  ['e2e/clock-ahead.test.ts', 'e2e/full-disk.test.ts'],
  ['e2e/relay.test.ts', 'e2e/restored.test.ts'],
  ['e2e/peak.test.ts', 'e2e/merchants/merchants.test.ts'],
  ['e2e/accessible.browser.test.ts', 'e2e/keyboard.browser.test.ts'],
  ['e2e/frame.browser.test.ts', 'e2e/codes.browser.test.ts'],
  ['e2e/own-numbers.test.ts', 'e2e/returning-numbers.test.ts'],
  ['e2e/release.test.ts', 'scripts/new-connector.test.ts'],
  ['server/core/sheets/sheet-hostile.test.ts', 'server/rules/safety.test.ts'],
  ['scripts/backup.test.ts', 'server/core/point-in-time/point-in-time.test.ts'],
]
const paired = pairs.flat()

/** How many commits it takes until each story was run. */
export const storyTurns = 4

/** A story takes a person through one part of the pages, or a marketplace through all that we do with it. */
export function isStory(file: string): boolean {
  // The suite of all connectors asks the same of each marketplace.
  const [, connector] = /^e2e\/(\w+)\.test\.ts$/.exec(file) ?? []
  const isMall = connector !== undefined && existsSync(join(root, 'server/connectors', connector))
  return isMall || (file.includes('.browser.') && !always.test(file) && !paired.includes(file))
}

export const takesTurns = (file: string): boolean => paired.includes(file) || isStory(file)

/** Returns the files without those that are not of this turn. `turn`: 0 to `storyTurns` - 1. */
export function inTurn(files: readonly string[], turn: number): string[] {
  const stories = files.filter(isStory)
  const other = pairs.map((pair) => pair[1 - (turn % 2)])
  return files.filter((file) =>
    isStory(file) ? stories.indexOf(file) % storyTurns === turn : !other.includes(file),
  )
}

/** The turn goes by the number of the commit, so that the same commit always runs the same tests. Outside a repository it is the first. */
export function turnOfCommit(): number {
  const counted = spawnSync('git', ['rev-list', '--count', 'HEAD'], { cwd: root, encoding: 'utf8' })
  const count = Number(counted.stdout)
  return Number.isInteger(count) ? count % storyTurns : 0
}
