import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import pino from 'pino'
import { type Database, openDatabase } from '../core/db/db.ts'
import { createPace } from '../core/jobs/pace.ts'
import { testDatabase } from '../testing/database.ts'
import { until } from '../testing/until.ts'
import { fewConnections, visitPlacesOf, workPlacesOf } from './limits.ts'
import { createVisitPlaces, placesOf } from './places.ts'
import { visitUntil } from './visits.ts'

const never = new AbortController().signal

/** Asks for a place for a merchant, and notes in `begun` that it has one. */
function asking(visitPlace: ReturnType<typeof createVisitPlaces>, begun: string[]) {
  return async (name: string, signal = never) => {
    const leave = await visitPlace(signal)
    begun.push(name)
    return leave
  }
}

test('no more merchants are visited at a time than there are places, and who waits longest is next', async () => {
  const begun: string[] = []
  const ask = asking(createVisitPlaces(2), begun)
  const leaves = new Map(['a', 'b', 'c', 'd', 'e'].map((name) => [name, ask(name)]))
  const leave = async (name: string) => (await leaves.get(name))?.()
  await sleep(50)
  assert.deepEqual(begun, ['a', 'b'])
  await leave('b')
  await sleep(50)
  assert.deepEqual(begun, ['a', 'b', 'c'])
  await leave('a')
  await leave('c')
  await sleep(50)
  assert.deepEqual(begun, ['a', 'b', 'c', 'd', 'e'])
})

test('a place that is given back twice is one place', async () => {
  const begun: string[] = []
  const ask = asking(createVisitPlaces(1), begun)
  const first = await ask('a')
  first()
  first()
  void ask('b')
  void ask('c')
  await sleep(50)
  assert.deepEqual(begun, ['a', 'b'])
})

test('who is stopped while it waits goes on at once and takes no place from the next', async () => {
  const begun: string[] = []
  const ask = asking(createVisitPlaces(1), begun)
  const first = await ask('a')
  const stop = new AbortController()
  const stopped = ask('b', stop.signal)
  void ask('c')
  await sleep(50)
  assert.deepEqual(begun, ['a'])
  stop.abort()
  const leave = await stopped
  leave()
  await sleep(50)
  assert.deepEqual(begun, ['a', 'b'])
  first()
  await sleep(50)
  assert.deepEqual(begun, ['a', 'b', 'c'])
})

test('who has waited very long begins without a place, has one as soon as one is free, and gives it back', async () => {
  const begun: string[] = []
  const ask = asking(createVisitPlaces(1, 100), begun)
  const first = await ask('a')
  const second = await ask('b')
  assert.deepEqual(begun, ['a', 'b'])
  // The place of the first goes to the second, which is being visited, and not to a third.
  first()
  void ask('c')
  await sleep(50)
  assert.deepEqual(begun, ['a', 'b'])
  second()
  await sleep(20)
  assert.deepEqual(begun, ['a', 'b', 'c'])
})

/** Visits merchants over this database until each had two visits. Returns the most that were visited at a time. */
async function visited(db: Database, { merchants, count }: { merchants: number; count: number }) {
  const stop = new AbortController()
  const visitPlace = createVisitPlaces(count)
  const visits = new Map<number, number>()
  const failures: unknown[] = []
  let now = 0
  let most = 0
  const log = pino({ level: 'warn' }, { write: (line: string) => void failures.push(JSON.parse(line).msg) })
  const running = Array.from({ length: merchants }, async (_, merchant) => {
    const paces = { loops: createPace(), jobs: createPace(), ask: () => {} }
    await visitUntil(
      {
        ...{ db, paces, log, limit: () => {}, phase: 0, isAwake: () => true, wasAsked: () => true },
        reading: [],
        ...placesOf(merchants, 1),
        async visitPlace(signal) {
          const leave = await visitPlace(signal)
          if (!signal.aborted) {
            now += 1
            most = Math.max(most, now)
            visits.set(merchant, (visits.get(merchant) ?? 0) + 1)
          }
          return () => {
            now -= 1
            leave()
          }
        },
      },
      8,
      stop.signal,
    )
  })
  await until(() => visits.size === merchants && [...visits.values()].every((times) => times >= 2))
  stop.abort()
  await Promise.all(running)
  return { most, failures }
}

test('merchants are visited in turn, never more at a time than the connections are enough for', async () => {
  await using database = await testDatabase()
  const { db, close } = openDatabase(database.url, { max: 4 })
  const config = { serverConnections: 20, workerConnections: 6 }
  const count = visitPlacesOf(config)
  // The worker has twelve connections: one merchant at work has six of them, and each that is visited needs two.
  assert.deepEqual([count, workPlacesOf(config)], [4, 1])
  assert.ok(count * fewConnections + (config.workerConnections - fewConnections) <= 12)
  assert.deepEqual(await visited(db, { merchants: 9, count }), { most: 4, failures: [] })
  await close()
})

test('a visit that fails gives its place back', async () => {
  const { db, close } = openDatabase('postgres://nobody@127.0.0.1:9/none', { max: 4 })
  const { most, failures } = await visited(db, { merchants: 5, count: 2 })
  assert.equal(most, 2)
  assert.ok(failures.length >= 5)
  assert.deepEqual([...new Set(failures)], ['a visit failed'])
  await close()
})

test('a visit of a restored merchant goes on while a task that reads is due, and one of another kind does not keep it', async () => {
  await using database = await testDatabase()
  const { db, close } = openDatabase(database.url, { max: 4 })
  await sql`
    with made as (insert into shop (platform, variant, name, auth_state) values ('taobao', '', '店', 'live') returning id), closed as (
      insert into shop_gate (shop_id, restored_at) select id, now() from made
    )
    insert into task (kind, shop_id, interval_seconds) select 'list', id, 60 from made`.execute(db)
  assert.equal(await turnsOfVisit(db, ['another']), 1)
  assert.ok((await turnsOfVisit(db, ['list'])) > 1)
  await close()
})

/** Visits a merchant once, and returns how many turns its loops could make. */
async function turnsOfVisit(db: Database, reading: readonly string[]): Promise<number> {
  const stop = new AbortController()
  let turns = 0
  const loops = createPace()
  const open = () => {
    turns += stop.signal.aborted ? 0 : 1
    loops.open()
  }
  const paces = { loops: { ...loops, open }, jobs: createPace(), ask: () => {} }
  const log = pino({ level: 'silent' })
  await visitUntil(
    {
      ...{ db, paces, log, reading, limit: () => {}, phase: 0, isAwake: () => true, wasAsked: () => false },
      ...placesOf(1, 1),
      visitPlace: async () => () => stop.abort(),
    },
    8,
    stop.signal,
  )
  return turns
}
