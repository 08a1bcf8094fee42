import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { pino } from 'pino'
import Type from 'typebox'
import { type TestDatabase, testDatabase } from '../../testing/database.ts'
import { until } from '../../testing/until.ts'
import { type OpenDatabase, openDatabase } from '../db/db.ts'
import { migrate } from '../db/migrate.ts'
import type { Running } from './engine.ts'
import { createQueues, deadLetters, defineJob, enqueue, startJobs } from './job.ts'

let database: TestDatabase
let open: OpenDatabase
let worker: Running | undefined
let calls: string[][] = []
let broken = ''

const paint = defineJob({
  name: 'test.paint',
  payload: Type.Object({ id: Type.String() }),
  retries: 1,
  async run(_context, payloads) {
    const ids = payloads.map(({ id }) => id)
    calls.push(ids)
    if (ids.includes(broken)) throw new Error('broken')
  },
})
const tidy = defineJob({
  name: 'test.tidy',
  payload: Type.Object({ shop: Type.String() }),
  unique: true,
  async run(_context, payloads) {
    calls.push(payloads.map(({ shop }) => shop))
  },
})
const jobs = [paint, tidy]

before(async () => {
  database = await testDatabase()
  open = openDatabase(database.url, { max: 8 })
  await createQueues(open.db, jobs)
})
after(async () => {
  await open.close()
  await database[Symbol.asyncDispose]()
})
afterEach(async () => {
  await worker?.stop()
  worker = undefined
  calls = []
  broken = ''
  await sql`delete from job`.execute(open.db)
})

test('a job exists only if its transaction commits', async () => {
  const rolledBack = open.db.transaction().execute(async (tx) => {
    await enqueue(tx, 'test.paint', [{ id: '1' }])
    throw new Error('refused')
  })
  await assert.rejects(rolledBack, /refused/)
  assert.equal(await waiting('test.paint'), 0)
  await order('test.paint', [{ id: '2' }])
  assert.equal(await waiting('test.paint'), 1)
})

test('a thousand jobs are worked off in few calls', async () => {
  await order(
    'test.paint',
    Array.from({ length: 1000 }, (_, n) => ({ id: String(n) })),
  )
  await work()
  await until(() => calls.flat().length === 1000)
  assert.ok(calls.length <= 6)
  assert.equal(new Set(calls.flat()).size, 1000)
})

test('one that fails does not hold the others, is tried again, and ends among the dead letters', async () => {
  broken = '2'
  await order('test.paint', [{ id: '1' }, { id: '2' }, { id: '3' }])
  await work()
  await until(async () => (await states())['test.paint completed'] === 2)
  await until(async () => (await states())['test.paint retry'] === 1)
  await sql`update job set start_after = now()`.execute(open.db)
  await until(async () => (await states())[`${deadLetters} created`] === 1)
  assert.deepEqual(calls.filter((ids) => ids.length === 1 && ids[0] === '2').length, 2)
})

test('what its schema does not allow goes to the dead letters without being run', async () => {
  await order('test.paint', [{ id: 7 }])
  await work()
  await until(async () => (await states())[`${deadLetters} created`] === 1)
  assert.deepEqual(calls, [])
})

test('of jobs with one key only one waits', async () => {
  await order('test.tidy', [{ shop: '1' }], 'shop 1')
  await order('test.tidy', [{ shop: '1' }], 'shop 1')
  await order('test.tidy', [{ shop: '2' }], 'shop 2')
  assert.equal(await waiting('test.tidy'), 2)
})

test('refuses a name that no job has, and with it the whole transaction', async () => {
  const wrong = open.db.transaction().execute(async (tx) => {
    await enqueue(tx, 'test.paint', [{ id: '1' }])
    await enqueue(tx, 'test.pant', [{ id: '1' }])
  })
  await assert.rejects(wrong, /test\.pant/)
  assert.equal(await waiting('test.paint'), 0)
})

test('its tables come with the migrations, in whatever schema the search_path names', async () => {
  await database.owner('create schema "Elsewhere"')
  const url = new URL(database.ownerUrl)
  url.searchParams.set('options', '-c search_path="Elsewhere"')
  await Promise.all([migrate(url.href), migrate(url.href), migrate(url.href)])
  const found = await sql<{ schema: string }>`
    select schemaname as schema from pg_tables where tablename = 'job' order by 1`.execute(open.db)
  assert.deepEqual(found.rows, [{ schema: 'Elsewhere' }, { schema: 'public' }])
})

async function work(): Promise<void> {
  worker = await startJobs({ db: open.db, pool: open.pool, log: pino({ level: 'silent' }), jobs })
  await sleep(10)
}

function order(name: string, payloads: object[], key?: string): Promise<void> {
  return open.db.transaction().execute((tx) => enqueue(tx, name, payloads, key === undefined ? {} : { key }))
}

async function waiting(name: string): Promise<number> {
  const found = await sql<{ n: number }>`
    select count(*)::int as n from job where name = ${name} and state = 'created'`.execute(open.db)
  return found.rows[0]?.n ?? 0
}

async function states(): Promise<Record<string, number>> {
  const found = await sql<{ key: string; n: number }>`
    select name || ' ' || state as key, count(*)::int as n from job group by 1`.execute(open.db)
  return Object.fromEntries(found.rows.map(({ key, n }) => [key, n]))
}
