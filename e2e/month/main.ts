import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { releaseName } from '../../scripts/release/files.ts'
import { root } from '../../scripts/steps.ts'
import { stateOf } from './books.ts'
import { connect, install, trade } from './first-week.ts'
import { fullDisk } from './full-disk.ts'
import { lostLaptop, restore } from './lost-laptop.ts'
import { type Chapter, databaseOf, openMonth } from './month.ts'
import { secondMachine } from './second-machine.ts'
import { secondMerchant } from './second-merchant.ts'
import { upgrade } from './upgrade.ts'

// npm run prove month: the first month of a merchant, with a packed release, its own commands and its API. Time is compressed: tasks run each
// second instead of each half minute, a week is as many trades as come within seconds, and nights are begun by the button of their task.
// `--only install,connect,upgrade` lives these chapters alone, and `--archive FILE` takes a release that is there.

const chapters: Record<string, Chapter> = {
  ...{ install, connect, trade, fullDisk, lostLaptop, restore, upgrade, secondMachine, secondMerchant },
}

const { values } = parseArgs({
  options: { archive: { type: 'string', default: '' }, only: { type: 'string', default: '' } },
})
const names = values.only === '' ? Object.keys(chapters) : values.only.split(',')
const began = performance.now()
await using opened = await openMonth(values.archive === '' ? pack() : values.archive)
const { month } = opened
for (const name of names) {
  const chapter = chapters[name]
  if (!chapter) throw new Error(`The chapters are ${Object.keys(chapters).join(', ')}, not "${name}".`)
  const from = performance.now()
  const said = await chapter(month).catch(async (error: unknown) => {
    const spoken = month.machine
      .output()
      .split('\n')
      .filter((line) => !line.startsWith('{'))
    console.log(spoken.slice(-40).join('\n'))
    console.log(await databaseOf(month).then(stateOf).catch(String))
    throw error
  })
  say(name, from, said)
}
say('in all', began, '')

function say(name: string, from: number, said: string): void {
  console.log(`${name.padEnd(16)} ${((performance.now() - from) / 1000).toFixed(1).padStart(6)} s  ${said}`)
}

/** Makes the release as its publisher does, and returns its archive. */
function pack(): string {
  const from = performance.now()
  const made = spawnSync(process.execPath, [join(root, 'scripts/launch.js'), 'release'], { encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`${made.stdout}${made.stderr}`)
  say('pack', from, made.stdout.trim().split('\n').at(-1)?.split(': ').at(-1) ?? '')
  return join(root, 'data/release', `${releaseName}.tar.gz`)
}
