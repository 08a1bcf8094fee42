import assert from 'node:assert/strict'
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { sql } from 'kysely'
import { addKey, dropKey, watchKeyFile } from '../../lib/key-file.ts'
import { fingerprintsOf, loadKeyRing, seal } from '../../lib/seal.ts'
import { StartError } from '../../lib/stopping.ts'
import { testDatabase } from '../../testing/database.ts'
import { until } from '../../testing/until.ts'
import { sealedPlaces } from '../../worker.ts'
import { type Database, openDatabase } from '../db/db.ts'
import { openKeyRing } from './key-check.ts'

type Place = {
  db: Database
  path: string
  open(): ReturnType<typeof openKeyRing>
  [Symbol.asyncDispose](): Promise<void>
}

async function aPlace(): Promise<Place> {
  const base = await testDatabase()
  const { db, close } = openDatabase(base.url, { max: 4 })
  const path = join(await mkdtemp(join(tmpdir(), 'keys-')), 'sealing.json')
  return {
    db,
    path,
    open: () => openKeyRing(db, path, () => sealedPlaces),
    async [Symbol.asyncDispose]() {
      await close()
      await base[Symbol.asyncDispose]()
    },
  }
}

async function sealAShop(db: Database, path: string): Promise<void> {
  const secret = seal(await loadKeyRing(path), '1', '{}')
  await sql`insert into shop (platform, variant, name, credentials) values ('taobao', '', '一号店', ${secret})`.execute(
    db,
  )
}

const keysOf = async (db: Database) =>
  (
    await sql<{ number: number; fingerprint: string; dropped: boolean }>`
    select number, fingerprint, dropped_at is not null as dropped from sealing_key order by number`.execute(
      db,
    )
  ).rows

test('the first start makes the file and writes down its fingerprint, which tells nothing of the key', async () => {
  await using place = await aPlace()
  const ring = await place.open()
  assert.deepEqual(await keysOf(place.db), [
    { number: 1, fingerprint: fingerprintsOf(ring)[0]?.[1], dropped: false },
  ])
  const file = JSON.parse(await readFile(place.path, 'utf8'))
  assert.equal(JSON.stringify(await keysOf(place.db)).includes(file.keys[0].seal.slice(0, 8)), false)
  assert.deepEqual(fingerprintsOf(await place.open()), fingerprintsOf(ring))
})

test('a file that is gone is asked for by name, and none is made in its place', async () => {
  await using place = await aPlace()
  await place.open()
  const kept = await readFile(place.path)
  await rm(place.path)
  await assert.rejects(place.open(), {
    message: new RegExp(`The key file ${place.path} is missing, and the database holds what key 1 sealed`),
  })
  await assert.rejects(readFile(place.path), { code: 'ENOENT' })
  await writeFile(place.path, kept)
  assert.equal((await place.open()).current.number, 1)
})

test('a file of another house, and an older one, are refused, and nothing is written down', async () => {
  await using place = await aPlace()
  await place.open()
  const first = await readFile(place.path)
  await rm(place.path)
  await loadKeyRing(place.path)
  await assert.rejects(place.open(), /is not this database's: key 1 is another than the one that sealed/)
  await writeFile(place.path, first)
  await addKey(place.path)
  await place.open()
  await writeFile(place.path, first)
  await assert.rejects(place.open(), /is an older one: it lacks key 2/)
  assert.deepEqual(
    (await keysOf(place.db)).map(({ number, dropped }) => [number, dropped]),
    [
      [1, false],
      [2, false],
    ],
  )
})

test('a file that is not whole is named with its line, and nothing of its text is told', async () => {
  await using place = await aPlace()
  await place.open()
  const secret = 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU='
  for (const text of [
    `{"keys":[{\n"number":1,"seal":"${secret}`,
    `{"keys":[\n${secret}]}`,
    `{"keys":[\n]}`,
  ]) {
    await writeFile(place.path, text)
    const error: unknown = await place.open().catch((cause) => cause)
    assert.ok(error instanceof StartError)
    assert.match(error.message, new RegExp(`The key file ${place.path} is not whole`))
    assert.doesNotMatch(`${error.stack} ${error.cause}`, /QUJD/)
  }
  await writeFile(place.path, `{"keys":[\n{`)
  await assert.rejects(place.open(), /is not whole \(line 2\)/)
})

test('what only a person can take away is a refusal; a database that is away is none, so the start is tried again', async () => {
  await using place = await aPlace()
  const isRefusal = (error: unknown) => error instanceof StartError
  await place.open()
  const kept = await readFile(place.path)
  await rm(place.path)
  assert.equal(await place.open().catch(isRefusal), true)
  await mkdir(place.path)
  const unreadable: unknown = await place.open().catch((error) => error)
  assert.equal(isRefusal(unreadable), true)
  assert.match(String(unreadable), /The key file \S+ cannot be read or made \(EISDIR\)/)
  await rm(place.path, { recursive: true })
  await writeFile(place.path, kept)
  const away = openDatabase('postgres://nobody@127.0.0.1:9/none', { max: 1 })
  const error: unknown = await openKeyRing(away.db, place.path, () => sealedPlaces).catch((cause) => cause)
  assert.equal(Object(error).code, 'ECONNREFUSED')
  assert.equal(isRefusal(error), false)
  await away.close()
})

test('a database from before its keys were written down knows its file by what that opens', async () => {
  await using place = await aPlace()
  await loadKeyRing(place.path)
  await sealAShop(place.db, place.path)
  const ours = `${place.path}.ours`
  await copyFile(place.path, ours)
  await rm(place.path)
  await assert.rejects(place.open(), /is missing, and the database holds what key 1 sealed/)
  await loadKeyRing(place.path)
  await assert.rejects(place.open(), /does not open what is sealed in shop\.credentials/)
  assert.deepEqual(await keysOf(place.db), [])
  await copyFile(ours, place.path)
  await place.open()
  assert.equal((await keysOf(place.db)).length, 1)
})

test('of two machines that start at once on an empty database, one makes the file and the other has to share it', async () => {
  await using place = await aPlace()
  const other = `${place.path}.other`
  const tried = await Promise.allSettled([place.open(), openKeyRing(place.db, other, () => sealedPlaces)])
  const refused = tried.filter((one) => one.status === 'rejected')
  assert.equal(refused.length, 1)
  assert.match(
    String(refused[0]?.reason),
    /is missing, and the database holds .* all machines share one file/s,
  )
})

test('a process that runs takes no key of another house, and goes on with its own', async () => {
  await using place = await aPlace()
  const ring = await place.open()
  const before = fingerprintsOf(ring)
  const whole = await readFile(place.path)
  const told: string[] = []
  const unwatch = watchKeyFile(ring, place.path, {
    everyMs: 5,
    onError: (error) => told.push(String(error)),
  })
  // At once, because a file that is gone in between is a trouble of its own, and only the first is told.
  const other = `${place.path}.other`
  await loadKeyRing(other)
  await rename(other, place.path)
  await until(() => told.some((line) => /holds other keys than those in use/.test(line)))
  assert.deepEqual(fingerprintsOf(ring), before)
  await writeFile(place.path, whole)
  await addKey(place.path, { usedInMs: 0 })
  await until(() => ring.current.number === 2)
  await dropKey(place.path, 1, Date.now() + 3_600_000)
  await until(() => !ring.byNumber.has(1))
  unwatch()
})
