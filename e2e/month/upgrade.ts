import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { migrations } from '../upgrade/made-up.ts'
import { tradeFor } from './first-week.ts'
import { asked } from './merchant.ts'
import { booksEqual, type Month } from './month.ts'

const next = '9.0.0'

/** By hand, as the guide says: a backup, stop, the next release in its place, start. Then the way back, and forward again. */
export async function upgrade(month: Month): Promise<string> {
  const { machine, archive, elsewhere } = month
  const former = basename(archive, '.tar.gz')
  const latest = former.replace(/\d+\.\d+\.\d+/, next)
  await machine.sanyi(['backup', elsewhere])
  month.install = async (one) => {
    await one.install(archive, latest)
    makeNext(one.program(latest))
  }
  await month.install(machine)
  // Room and backup are there, so the steps are all that the new version has to say.
  const doctor = await machine.sanyi(['doctor'], { codes: [2] })
  const bad = doctor.split('\n').filter((line) => line.startsWith('✗'))
  assert.equal(bad.length, 1, doctor)
  assert.match(bad.join(), /2 migrations are not applied: 9001_made_up\.sql/)
  await machine.stop()
  const from = performance.now()
  await machine.start()
  const seconds = ((performance.now() - from) / 1000).toFixed(1)
  assert.equal(await versionOf(month), next)
  await tradeFor(month, 2)
  await booksEqual(month)
  for (const version of [former, latest]) {
    await machine.stop()
    await machine.choose(version)
    await machine.start()
    assert.ok(version.includes(await versionOf(month)))
    await tradeFor(month, 1)
  }
  return `${seconds} s with two migrations; back on the newer schema, and forward again; ${await booksEqual(month)}`
}

/** The same release with another number and two migrations more. */
function makeNext(program: string): void {
  assert.ok(existsSync(join(program, 'migrations')))
  for (const [name, text] of Object.entries(migrations))
    writeFileSync(join(program, 'migrations', name), text)
  const file = join(program, 'package.json')
  const text = readFileSync(file, 'utf8').replace(/"version": "[^"]+"/, `"version": "${next}"`)
  rmSync(file)
  writeFileSync(file, text)
  writeFileSync(join(program, 'release.json'), JSON.stringify({ version: next, commit: '9'.repeat(40) }))
}

async function versionOf({ boss }: Month): Promise<string> {
  return String(Object(await asked(boss, 'GET', '/healthz')).version)
}
