import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { clearAway } from './stale-file.ts'

test('of several that clear one stale lock file at the same moment one takes the lock, and no other removes it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sanyi-stale-'))
  const file = join(folder, 'lock')
  const isStale = async (text: string) => text === 'stale'
  /** Takes the lock as PostgreSQL does: it makes the file, if there is none. */
  const take = async (name: string) => {
    for (;;) {
      const text = await readFile(file, 'utf8').catch(() => undefined)
      if (text !== undefined && !(await isStale(text))) return false
      if (text !== undefined) await clearAway(file, { turn: `${file}.clearing`, isStale })
      const made = await writeFile(file, name, { flag: 'wx' }).then(
        () => true,
        () => false,
      )
      if (made) return true
    }
  }
  for (let round = 0; round < 50; round += 1) {
    await writeFile(file, 'stale')
    const took = await Promise.all(['a', 'b', 'c', 'd'].map(take))
    assert.equal(took.filter(Boolean).length, 1, `round ${round}`)
    assert.match(await readFile(file, 'utf8'), /^[abcd]$/)
    await rm(file)
  }
  await rm(folder, { recursive: true })
})
