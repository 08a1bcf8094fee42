import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { testDatabase } from '../../testing/database.ts'
import { aRun } from '../../testing/run.ts'
import { openDatabase } from '../db/db.ts'
import { backupName, backupNameOf } from './backup-name.ts'
import { backingUp } from './backup-task.ts'
import { checkBackup } from './check-backup.ts'
import { makeBackup } from './make-backup.ts'
import { readManifest } from './manifest.ts'

test('the task keeps the newest backups of its folder, removes older ones and their rests and no other folder, and needs no right but to read', async () => {
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
  // The older folder without a manifest was half removed.
  assert.deepEqual([names.length, names[0]], [3, 'photos'])
  const folder = join(place, names[2] ?? '')
  assert.equal(last?.report?.backup, folder)
  assert.equal(last?.report?.removed, 1)
  assert.ok(seen.length > 0)
  assert.deepEqual((await checkBackup(folder, await readManifest(folder))).wrong, [])
  await assert.rejects(async () => run({ place: '', keep: 2 }), { code: 'backup_place_missing' })
  await close()
  await rm(place, { recursive: true })
})

test('the backup that was just made stays also after a wrong clock, which gave older ones later names', async () => {
  await using database = await testDatabase()
  const { db, close } = openDatabase(database.url, { max: 2, name: 'test' })
  const place = await mkdtemp(join(tmpdir(), 'sanyi-clock-'))
  const later = ['sanyi-29990101-000000', 'sanyi-29990102-000000']
  for (const name of later) {
    await mkdir(join(place, name))
    await writeFile(join(place, name, 'manifest.json'), '{}')
  }
  const kind = backingUp({ databaseUrl: database.url, storage: { bucket: undefined, staging: '' } })
  const made = await kind.run({ ...aRun(db, { place, keep: 2 }), progress: () => {} }, undefined)
  const folder = String(made?.report?.backup)
  assert.equal(made?.report?.removed, 0)
  assert.deepEqual((await readdir(place)).toSorted(), [basename(folder), ...later])
  assert.deepEqual((await checkBackup(folder, await readManifest(folder))).wrong, [])
  await close()
  await rm(place, { recursive: true })
})

test('a draft that another machine or an earlier container left is removed after a day, and a younger one stays', async () => {
  await using database = await testDatabase()
  const place = await mkdtemp(join(tmpdir(), 'sanyi-drafts-'))
  const [old, young] = [join(place, '.draft-1f2e3d4c5b6a-7.1'), join(place, '.draft-6a5b4c3d2e1f-7.1')]
  for (const draft of [old, young]) await mkdir(draft)
  const yesterday = Date.now() / 1000 - 90_000
  await utimes(old, yesterday, yesterday)
  const { folder } = await makeBackup({ url: database.url, place })
  assert.deepEqual((await readdir(place)).toSorted(), [basename(young), basename(folder)])
  await rm(place, { recursive: true })
})

test('backups that begin in one second into one folder are all made, each under its own name, and none loses a file', async () => {
  await using database = await testDatabase()
  const place = await mkdtemp(join(tmpdir(), 'sanyi-at-once-'))
  const began = Date.now()
  // Each second that the backups may see has its name taken already.
  const taken = [0, 1, 2, 3, 4, 5].map((second) =>
    backupNameOf(new Date(began + second * 1000).toISOString(), 1),
  )
  for (const name of taken) {
    await mkdir(join(place, name))
    await writeFile(join(place, name, 'shop.zst'), name)
  }
  const request = { url: database.url, place }
  const made = await Promise.all([makeBackup(request), makeBackup(request), makeBackup(request)])
  const folders = made.map(({ folder }) => folder)
  assert.equal(new Set(folders).size, 3)
  for (const folder of folders) {
    assert.match(folder, /\/sanyi-\d{8}-\d{6}-\d$/)
    assert.deepEqual((await checkBackup(folder, await readManifest(folder))).wrong, [])
  }
  for (const name of taken) {
    assert.deepEqual(await readdir(join(place, name)), ['shop.zst'])
    assert.equal(await readFile(join(place, name, 'shop.zst'), 'utf8'), name)
  }
  const names = await readdir(place)
  assert.equal(names.length, 9)
  assert.ok(names.every((name) => backupName.test(name)))
  await rm(place, { recursive: true })
})

test('a worker of many merchants refuses the task of one before it makes the folder that is named', async () => {
  await using database = await testDatabase()
  const { db, close } = openDatabase(database.url, { max: 1, name: 'test' })
  const parent = await mkdtemp(join(tmpdir(), 'sanyi-many-'))
  const kind = backingUp()
  await assert.rejects(async () => kind.run(aRun(db, { place: join(parent, 'deep/nightly') }), undefined), {
    code: 'backup_refused',
    message:
      'No backup was made: the operator of this server makes the backups, so this task can be switched off',
  })
  assert.deepEqual(await readdir(parent), [])
  await close()
  await rm(parent, { recursive: true })
})
