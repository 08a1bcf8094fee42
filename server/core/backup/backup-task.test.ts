import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { testDatabase } from '../../testing/database.ts'
import { aRun } from '../../testing/run.ts'
import { openDatabase } from '../db/db.ts'
import { backingUp } from './backup-task.ts'
import { checkBackup } from './check-backup.ts'
import { readManifest } from './manifest.ts'

test('the task keeps the newest backups of its folder, removes no other folder, and needs no right but to read', async () => {
  await using database = await testDatabase()
  const { db, close } = openDatabase(database.url, { max: 2, name: 'test' })
  const place = await mkdtemp(join(tmpdir(), 'sanyi-nightly-'))
  await mkdir(join(place, 'photos'))
  await mkdir(join(place, 'sanyi-20200101-000000'))
  const kind = backingUp({ databaseUrl: database.url, storage: { bucket: undefined, staging: '' } })
  const seen: unknown[] = []
  const run = (params: object) =>
    kind.run({ ...aRun(db, params), progress: ({ report }) => seen.push(report) }, undefined)
  await run({ place, keep: 2 })
  await sleep(1100)
  await run({ place, keep: 2 })
  await sleep(1100)
  const last = await run({ place, keep: 2 })
  const names = (await readdir(place)).toSorted()
  // The folder without a manifest is no backup of ours.
  assert.deepEqual([names.length, names[0], names[1]], [4, 'photos', 'sanyi-20200101-000000'])
  const folder = join(place, names[3] ?? '')
  assert.equal(last?.report?.backup, folder)
  assert.equal(last?.report?.removed, 1)
  assert.ok(seen.length > 0)
  assert.deepEqual((await checkBackup(folder, await readManifest(folder))).wrong, [])
  await assert.rejects(async () => run({ place: '', keep: 2 }), { code: 'backup_place_missing' })
  await close()
  await rm(place, { recursive: true })
})
