import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { loadKeyRing } from '../../lib/seal.ts'
import { enqueued } from '../../testing/actions.ts'
import { type TestDatabase, testDatabase } from '../../testing/database.ts'
import { slowCount, slowJob } from '../../testing/engine-worker.ts'
import { until } from '../../testing/until.ts'
import { type Actor, wholeScope } from '../access/actor.ts'
import { createBatch } from '../batches/batches.ts'
import { type OpenDatabase, openDatabase } from '../db/db.ts'
import { createQueues, enqueue } from './job.ts'

// Real worker processes are killed with SIGKILL during their work, and others take it over.

let database: TestDatabase
let open: OpenDatabase
let platform: Server
let platformUrl = ''
let children: ChildProcess[] = []
let folder = ''
let keyFile = ''
const actor: Actor = { kind: 'system', id: '', name: '系统' }

/** Requests that arrived at the platform. A send has its effect even if its answer is lost. */
let requests: string[] = []
let answering = false

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sanyi-kill-'))
  keyFile = join(folder, 'keys.json')
  database = await testDatabase()
  open = openDatabase(database.url, { max: 6 })
  await database.owner(`
    create table counted (id bigint primary key, times integer not null default 0);
    grant all on counted to public`)
  platform = createServer((request, response) => {
    const path = request.url ?? ''
    requests.push(path)
    const sent = requests.includes(path.replace('/look/', '/send/'))
    if (path.startsWith('/look/')) response.end(sent ? 'yes' : 'no')
    else if (answering) response.end('ok')
  })
  platform.listen(0, '127.0.0.1')
  await once(platform, 'listening')
  const address = platform.address()
  platformUrl = typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : ''
})
after(async () => {
  platform.closeAllConnections()
  platform.close()
  await open.close()
  await database[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  children = []
  requests = []
})

test('a batch goes on after kill -9 within 15 s, does no row twice, and its counts are exact', async () => {
  await sql`insert into counted select n, 0 from generate_series(1, 9000) n`.execute(open.db)
  const ring = await loadKeyRing(keyFile)
  const target = { ids: Array.from({ length: 9000 }, (_, n) => String(n + 1)) }
  const { id } = await open.db
    .transaction()
    .execute((tx) =>
      createBatch(tx, ring, { action: slowCount, target, input: {} }, { actor, scope: wholeScope }),
    )
  const first = startWorker()
  await until(async () => (await batch(id)).done >= 1000)
  await kill(first)
  const killedAt = Date.now()
  const atDeath = await batch(id)
  assert.ok(atDeath.done < 9000)
  assert.equal(await sumOfTimes(), atDeath.succeeded)
  startWorker()
  await until(async () => (await batch(id)).done > atDeath.done)
  assert.ok(Date.now() - killedAt < 15_000)
  await until(async () => (await batch(id)).state === 'done')
  assert.deepEqual(await batch(id), {
    state: 'done',
    total: 9000,
    done: 9000,
    succeeded: 7715,
    refused: 1285,
    reasons: { seventh: 1285 },
  })
  const times = await sql<{ times: number; n: number }>`
    select times, count(*)::int as n from counted group by times order by times`.execute(open.db)
  assert.deepEqual(times.rows, [
    { times: 0, n: 1285 },
    { times: 1, n: 7715 },
  ])
  const refusals = await sql<{ n: number }>`
    select count(*)::int as n from batch_refusal where batch_id = ${id}::bigint`.execute(open.db)
  assert.deepEqual(refusals.rows, [{ n: 1285 }])
})

test('a send that was killed before its answer came is looked at, and not sent again', async () => {
  const shop = await aShop()
  const first = startWorker()
  const id = await enqueued(
    open.db,
    {
      shopId: shop,
      kind: 'kill.send',
      subject: { type: 'trade', id: '1' },
      idempotencyKey: 'K1',
      payload: {},
    },
    actor,
  )
  await until(() => requests.includes('/send/K1'))
  assert.equal(await actionState(id), 'sending')
  await kill(first)
  answering = true
  startWorker()
  // The lease outlasts the longest call by half a minute; the test ends it at once.
  await sql`update platform_action set lease_until = now() where id = ${id}::bigint`.execute(open.db)
  await until(async () => (await actionState(id)) === 'succeeded')
  assert.deepEqual(
    requests.filter((path) => path.endsWith('K1')),
    ['/send/K1', '/look/K1'],
  )
  answering = false
})

test('a task whose worker was killed is retaken within 15 s, and the record says lost', async () => {
  await sql`insert into task (kind, interval_seconds) values ('kill.task', 3600)`.execute(open.db)
  const first = startWorker()
  await until(() => requests.includes('/task'))
  startWorker()
  await kill(first)
  const killedAt = Date.now()
  await until(() => requests.filter((path) => path === '/task').length === 2)
  assert.ok(Date.now() - killedAt < 15_000)
  const runs = await sql<{ state: string; errorCode: string }>`
    select state, error_code as "errorCode" from task_run where kind = 'kill.task' order by id`.execute(
    open.db,
  )
  assert.deepEqual(runs.rows, [
    { state: 'lost', errorCode: 'lost' },
    { state: 'running', errorCode: '' },
  ])
})

test('a job whose worker was killed runs again in another', async () => {
  await createQueues(open.db, [slowJob])
  const first = startWorker()
  await open.db.transaction().execute((tx) => enqueue(tx, 'kill.job', [{ id: '1' }]))
  await until(() => requests.includes('/job/1'))
  await kill(first)
  answering = true
  startWorker()
  await until(() => requests.filter((path) => path === '/job/1').length === 2, 45_000)
  await until(async () => {
    const found = await sql<{ state: string }>`select state from job where name = 'kill.job'`.execute(open.db)
    return found.rows[0]?.state === 'completed'
  })
  answering = false
})

function startWorker(): ChildProcess {
  const script = fileURLToPath(new URL('../../testing/engine-worker.ts', import.meta.url))
  const child = spawn(process.execPath, [script, database.url, platformUrl, keyFile], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  children.push(child)
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

async function batch(id: string) {
  const found = await sql<{
    state: string
    total: number
    done: number
    succeeded: number
    refused: number
    reasons: Record<string, number>
  }>`select state, total, done, succeeded, refused, reasons from batch where id = ${id}::bigint`.execute(
    open.db,
  )
  const [row] = found.rows
  assert.ok(row)
  return row
}

async function sumOfTimes(): Promise<number> {
  const found = await sql<{ sum: number }>`select sum(times)::int as sum from counted`.execute(open.db)
  return found.rows[0]?.sum ?? 0
}

async function actionState(id: string): Promise<string> {
  const found = await sql<{
    state: string
  }>`select state from platform_action where id = ${id}::bigint`.execute(open.db)
  return found.rows[0]?.state ?? ''
}

async function aShop(): Promise<string> {
  const made = await sql<{ id: string }>`
    insert into shop (platform, variant, name) values ('taobao', 'tmall', 'kill') returning id`.execute(
    open.db,
  )
  return made.rows[0]?.id ?? ''
}
