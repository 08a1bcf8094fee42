// Which of the long stories `npm test` runs. All of them are run by `npm run prove stories`.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../steps.ts'

/** These browser tests belong to each run: the first steps, the way of an order, and the tests that walk through all pages. */
const always =
  /^e2e\/(accessible|clerk|codes|desk|frame|keyboard|orders|presses|roles|start|trades)\.browser\./

/** How many commits it takes until each story was run. */
export const storyTurns = 4

/** A story takes a person through one part of the pages, or a marketplace through all that we do with it. */
export function isStory(file: string): boolean {
  // The suite of all connectors asks the same of each marketplace.
  const [, connector] = /^e2e\/(\w+)\.test\.ts$/.exec(file) ?? []
  const isMall = connector !== undefined && existsSync(join(root, 'server/connectors', connector))
  return isMall || (file.includes('.browser.') && !always.test(file))
}

/** Returns the files without the stories that are not of this turn. */
export function inTurn(files: readonly string[], turn: number): string[] {
  const stories = files.filter(isStory)
  return files.filter((file) => !isStory(file) || stories.indexOf(file) % storyTurns === turn)
}

/** The turn goes by the number of the commit, so that the same commit always runs the same stories. Outside a repository it is the first. */
export function turnOfCommit(): number {
  const counted = spawnSync('git', ['rev-list', '--count', 'HEAD'], { cwd: root, encoding: 'utf8' })
  const count = Number(counted.stdout)
  return Number.isInteger(count) ? count % storyTurns : 0
}
