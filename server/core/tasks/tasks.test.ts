import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { pino } from 'pino'
import Type from 'typebox'
import { AppError } from '../../errors.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { type TestDatabase, testDatabase } from '../../testing/database.ts'
import { until } from '../../testing/until.ts'
import { type Actor, wholeScope } from '../access/actor.ts'
import { pauseShopTasks, resumeShopTasks } from '../access/shop-gate.ts'
import { type OpenDatabase, openDatabase, type Tx } from '../db/db.ts'
import type { Running } from '../jobs/engine.ts'
import { advanceCursor, noteLate, takeCursor } from './cursors.ts'
import { type CallHooks, defineTaskKind, type RunContext, type RunCounts } from './kinds.ts'
import { startTasks } from './loop.ts'
import { claimRuns, endLostRuns } from './queries.ts'
import { changeTask, createShopTasks, type RunRequest, requestRun, stopRun, wakeTask } from './tasks.ts'

type Shop = { shop: { id: string }; hooks: CallHooks }
type Work = (context: RunContext<{ pages: number }> & Shop) => Promise<Partial<RunCounts> | undefined>

let database: TestDatabase
let open: OpenDatabase
let workers: Running[] = []
let shops = 0
let work: Work = async () => undefined
const actor: Actor = { kind: 'user', id: '7', name: '林晓' }

const kind = defineTaskKind<Shop, ReturnType<typeof params>>({
  kind: 'trade_list',
  name: { zh: '订单下载', en: 'Trade list' },
  params: params(),
  defaultSchedule: { everySeconds: 60 },
  applies: ({ platform }) => platform === 'taobao',
  run: (context) => work(context),
})

function params() {
  return Type.Object({ pages: Type.Integer({ default: 5, minimum: 1 }) }, { additionalProperties: false })
}

before(async () => {
  database = await testDatabase()
  open = openDatabase(database.url, { max: 20 })
})
after(async () => {
  await open.close()
  await database[Symbol.asyncDispose]()
})
beforeEach(async () => {
  work = async () => undefined
  await sql`delete from task`.execute(open.db)
})
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()))
  workers = []
})

test('a new task runs at once, and its record holds every count', async () => {
  const windowFrom = new Date('2026-11-11T00:00:00+08:00')
  const windowTo = new Date('2026-11-11T00:30:00+08:00')
  work = async ({ params, hooks, progress }) => {
    progress({ windowFrom, windowTo, pages: params.pages })
    for (let n = 0; n < 3; n++) hooks.onRequest()
    return {
      seen: 40,
      created: 7,
      updated: 3,
      skipped: { unchanged: 29, processed: 1 },
      failed: 1,
      report: { a: 1 },
    }
  }
  const { taskId, shopId } = await aTask()
  startWorkers(1)
  const [run] = await ended(taskId, 1)
  assert.deepEqual(
    { ...run, ms: undefined },
    {
      state: 'done',
      trigger: 'schedule',
      shopId,
      windowFrom,
      windowTo,
      pages: 5,
      seen: 40,
      created: 7,
      updated: 3,
      skipped: { unchanged: 29, processed: 1 },
      failed: 1,
      requests: 3,
      report: { a: 1 },
      errorCode: '',
      error: '',
      params: { pages: 5 },
      ms: undefined,
    },
  )
  const due = await sql<{ seconds: number }>`
    select extract(epoch from next_run_at - now())::float8 as seconds from task where id = ${taskId}::bigint`.execute(
    open.db,
  )
  assert.ok(due.rows[0] && due.rows[0].seconds > 50 && due.rows[0].seconds <= 60)
})

test('two workers never run one task at the same time, and many tasks run side by side', async () => {
  let now = 0
  let most = 0
  const at = new Map<string, number>()
  let doubled = 0
  work = async ({ taskId }) => {
    now += 1
    most = Math.max(most, now)
    at.set(taskId, (at.get(taskId) ?? 0) + 1)
    if ((at.get(taskId) ?? 0) > 1) doubled += 1
    await sleep(30)
    at.set(taskId, (at.get(taskId) ?? 0) - 1)
    now -= 1
    return { seen: 1 }
  }
  const tasks = await Promise.all(Array.from({ length: 6 }, () => aTask()))
  startWorkers(3)
  for (let round = 0; round < 5; round++) {
    await sql`update task set next_run_at = now()`.execute(open.db)
    await sleep(60)
  }
  await until(async () => (await countRuns(`done`)) >= 12)
  assert.equal(doubled, 0)
  assert.ok(most > 1 && most <= 6)
  assert.ok(tasks.every(({ taskId }) => at.has(taskId)))
})

test('a task that was missed many times runs once', async () => {
  const { taskId } = await aTask()
  await sql`update task set next_run_at = now() - interval '5 hours'`.execute(open.db)
  startWorkers(2)
  await ended(taskId, 1)
  await sleep(150)
  assert.equal(await countRuns(), 1)
})

test('run now: with its own window and parameters, even when disabled, and after the run under way', async () => {
  const { taskId } = await aTask()
  await change(taskId, { enabled: false })
  const seen: unknown[] = []
  let release: () => void = () => {}
  work = async ({ window, params, actor }) => {
    seen.push([window, params, actor.name])
    if (seen.length === 1)
      await new Promise<void>((go) => {
        release = go
      })
    return undefined
  }
  startWorkers(2)
  const from = new Date('2026-11-01T00:00:00Z')
  const to = new Date('2026-11-02T00:00:00Z')
  const first = await ask(taskId, { from, to, params: { pages: 9 } })
  assert.equal(first.behind, null)
  await until(() => seen.length === 1)
  const second = await ask(taskId, {})
  assert.equal(second.behind, first.runId)
  await sleep(100)
  assert.equal(seen.length, 1)
  release()
  await ended(taskId, 2)
  assert.deepEqual(seen, [
    [{ from, to }, { pages: 9 }, '林晓'],
    [undefined, { pages: 5 }, '林晓'],
  ])
})

test('refuses a run with an unknown parameter, and too many requests in a row', async () => {
  const { taskId } = await aTask()
  const wrong = ask(taskId, { params: { pages: 0 } })
  await assert.rejects(
    wrong,
    (error: AppError) => error.code === 'invalid_input' && error.field === 'params/pages',
  )
  for (let n = 0; n < 10; n++) await ask(taskId, {})
  await assert.rejects(ask(taskId, {}), (error: AppError) => error.code === 'run_queue_full')
  assert.equal(await countRuns('queued'), 10)
})

test('a change of schedule or parameters takes effect within a second', async () => {
  const { taskId } = await aTask()
  const pages: number[] = []
  work = async ({ params }) => {
    pages.push(params.pages)
    return undefined
  }
  startWorkers(1)
  await ended(taskId, 1)
  await change(taskId, { schedule: { everySeconds: 1 }, params: { pages: 8 } })
  await until(() => pages.length >= 2, 2500)
  assert.deepEqual(pages.slice(0, 2), [5, 8])
  await change(taskId, { enabled: false })
  const before = pages.length
  await sleep(1400)
  assert.ok(pages.length <= before + 1)
  await change(taskId, { schedule: { cron: '30 2 * * *', timeZone: 'Asia/Shanghai' } })
  const next = await sql<{ at: string }>`
    select to_char(next_run_at at time zone 'Asia/Shanghai', 'HH24:MI') as at from task`.execute(open.db)
  assert.deepEqual(next.rows, [{ at: '02:30' }])
})

test('a cron task that is due stays due when its parameters are saved, and not when its schedule changes', async () => {
  const { taskId } = await aTask()
  const cron = { cron: '30 2 * * *', timeZone: 'Asia/Shanghai' }
  await change(taskId, { schedule: cron })
  await sql`update task set next_run_at = now() - interval '1 minute', failures = 2`.execute(open.db)
  const facts = async () =>
    (
      await sql<{ due: boolean; failures: number; pages: number }>`
        select next_run_at <= now() as due, failures, (params ->> 'pages')::int as pages from task`.execute(
        open.db,
      )
    ).rows
  await change(taskId, { schedule: cron, enabled: true, params: { pages: 7 } })
  assert.deepEqual(await facts(), [{ due: true, failures: 2, pages: 7 }])
  await change(taskId, { schedule: { cron: '40 2 * * *', timeZone: 'Asia/Shanghai' } })
  assert.deepEqual(await facts(), [{ due: false, failures: 0, pages: 7 }])
})

test('refuses an interval of nothing and a cron that says nothing, and keeps the old schedule', async () => {
  const { taskId } = await aTask()
  for (const schedule of [
    { everySeconds: 0 },
    { cron: '', timeZone: 'Asia/Shanghai' },
    { cron: '* * * * *', timeZone: 'Mars' },
  ]) {
    await assert.rejects(change(taskId, { schedule }), (error: AppError) => error.code === 'invalid_input')
  }
  const kept = await sql<{ s: number }>`select interval_seconds as s from task`.execute(open.db)
  assert.deepEqual(kept.rows, [{ s: 60 }])
})

test('a running run is stopped by a person', async () => {
  const { taskId } = await aTask()
  work = async ({ signal, progress }) => {
    progress({ seen: 12 })
    await sleep(60_000, undefined, { signal })
    return undefined
  }
  startWorkers(1)
  await until(async () => (await countRuns('running')) === 1)
  const runId = await lastRun(taskId)
  await open.db.transaction().execute((tx) => stopRun(tx, runId, wholeScope))
  const [run] = await ended(taskId, 1)
  assert.deepEqual([run?.state, run?.errorCode, run?.seen], ['stopped', 'stopped', 12])
  await assert.rejects(
    open.db.transaction().execute((tx) => stopRun(tx, runId, wholeScope)),
    (error: AppError) => error.code === 'run_ended',
  )
})

test('shutting down ends runs in good order, and the next worker takes them up at once', async () => {
  const { taskId } = await aTask()
  const other = await aTask()
  await change(other.taskId, { enabled: false })
  work = async ({ signal }) => {
    await sleep(60_000, undefined, { signal })
    return undefined
  }
  const [worker] = startWorkers(1)
  await ask(other.taskId, { params: { pages: 3 } })
  await until(async () => (await countRuns('running')) === 2)
  await worker?.stop()
  assert.equal(await countRuns('running'), 0)
  work = async ({ params }) => ({ pages: params.pages })
  startWorkers(1)
  const scheduled = await ended(taskId, 2)
  const asked = await ended(other.taskId, 2)
  assert.deepEqual(
    scheduled.map(({ state, errorCode }) => [state, errorCode]),
    [
      ['stopped', 'shutdown'],
      ['done', ''],
    ],
  )
  assert.deepEqual(
    asked.map(({ state, pages, trigger }) => [state, pages, trigger]),
    [
      ['stopped', 0, 'person'],
      ['done', 3, 'again'],
    ],
  )
})

test('a run that falls silent is lost, its task is retaken, and its late word counts nothing', async () => {
  const { taskId } = await aTask()
  let attempts = 0
  let wake: () => void = () => {}
  work = async () => {
    attempts += 1
    if (attempts > 1) return { seen: 2 }
    await new Promise<void>((go) => {
      wake = go
    })
    return { seen: 1 }
  }
  startWorkers(1)
  await until(() => attempts === 1)
  // The task's lease has another worker's name and has expired, as if heartbeats no longer reached the database.
  await sql`update task set worker = 'stalled', lease_until = now() - interval '1 second'`.execute(open.db)
  const runs = await ended(taskId, 2)
  wake()
  await sleep(100)
  assert.deepEqual(
    runs.map(({ state, seen, errorCode }) => [state, seen, errorCode]),
    [
      ['lost', 0, 'lost'],
      ['done', 2, ''],
    ],
  )
  assert.deepEqual(await ended(taskId, 2), runs)
})

test('a task whose worker died goes before those that only became due meanwhile', async () => {
  const claim = (worker: string) =>
    open.db.transaction().execute((tx) => claimRuns(tx, { worker, leaseMs: 1 }, [kind], 1))
  const died = await aTask()
  assert.deepEqual(
    (await claim('dead')).map(({ taskId }) => taskId),
    [died.taskId],
  )
  const due = await aTask()
  await sql`update task set next_run_at = clock_timestamp() where id = ${due.taskId}::bigint`.execute(open.db)
  await sleep(20)
  assert.equal((await endLostRuns(open.db)).length, 1)
  const next = [...(await claim('heir')), ...(await claim('heir'))]
  assert.deepEqual(
    next.map(({ taskId }) => taskId),
    [died.taskId, due.taskId],
  )
})

test('a run under way is not lost for its own worker, however late its heartbeat is, and it is for any other', async () => {
  const claim = async () => {
    await aTask()
    const claimed = await open.db
      .transaction()
      .execute((tx) => claimRuns(tx, { worker: 'busy', leaseMs: 1 }, [kind], 1))
    await sleep(20)
    return claimed.map(({ runId }) => runId)
  }
  const runs = await claim()
  assert.equal(runs.length, 1)
  assert.deepEqual(await endLostRuns(open.db, { worker: 'busy', runs }), [])
  assert.deepEqual(await endLostRuns(open.db, { worker: 'other', runs }), runs)
  // A run of which its worker knows nothing any more is lost too.
  const forgotten = await claim()
  assert.deepEqual(await endLostRuns(open.db, { worker: 'busy', runs: [] }), forgotten)
})

test('a stalled worker that wakes up beside its successor cannot move the cursor', async () => {
  const { shopId } = await aTask()
  const at = (hour: number) => new Date(Date.UTC(2026, 10, 11, hour))
  const cursor = { shopId, stream: 'trades' }
  const inTx = <T>(run: (tx: Tx) => Promise<T>) => open.db.transaction().execute(run)
  assert.deepEqual(
    (await inTx((tx) => takeCursor(tx, { ...cursor, from: at(0), fence: '10' })))?.completeTo,
    at(0),
  )
  assert.equal(
    await inTx((tx) => advanceCursor(tx, { ...cursor, from: at(0), to: at(2), fence: '10' })),
    true,
  )
  assert.deepEqual(
    (await inTx((tx) => takeCursor(tx, { ...cursor, from: at(0), fence: '11' })))?.completeTo,
    at(2),
  )
  assert.equal(
    await inTx((tx) => advanceCursor(tx, { ...cursor, from: at(2), to: at(4), fence: '10' })),
    false,
  )
  assert.equal(await inTx((tx) => takeCursor(tx, { ...cursor, from: at(0), fence: '10' })), undefined)
  assert.equal(
    await inTx((tx) => advanceCursor(tx, { ...cursor, from: at(3), to: at(4), fence: '11' })),
    false,
  )
  assert.equal(
    await inTx((tx) => advanceCursor(tx, { ...cursor, from: at(1), to: at(3), fence: '11' })),
    true,
  )
  assert.equal(
    await inTx((tx) => advanceCursor(tx, { ...cursor, from: at(0), to: at(1), fence: '11' })),
    true,
  )
  const stands = await sql<{ at: Date }>`select complete_to as at from stream_cursor`.execute(open.db)
  assert.deepEqual(stands.rows, [{ at: at(3) }])
})

test('a lateness that the catch-up notes while a run reads is not overwritten by it, and the next run knows it', async () => {
  const { shopId } = await aTask()
  const at = (minute: number) => new Date(Date.UTC(2026, 10, 11, 8, minute))
  const key = { shopId, stream: 'trades' }
  const inTx = <T>(run: (tx: Tx) => Promise<T>) => open.db.transaction().execute(run)
  const take = async (fence: string) =>
    (await inTx((tx) => takeCursor(tx, { ...key, from: at(0), fence }))) ?? assert.fail()
  const latenessOf = async () => {
    const found = await sql<{ late: number; next: number; newest: Date }>`
      select late_ms as late, next_late_ms as next, newest_at as newest from stream_cursor
      where shop_id = ${shopId}`.execute(open.db)
    return found.rows[0]
  }
  const found = { newestAt: at(1), gapMs: 500, deepAt: at(1) }
  const first = await take('1')
  await noteLate(open.db, { ...key, lateMs: 600_000 })
  const none = { ...found, lateMs: 0, lateAt: null, nextLateMs: 0 }
  const moves = { ...key, from: at(0), fence: '1' }
  assert.ok(await inTx((tx) => advanceCursor(tx, { ...moves, to: at(1) }, { from: first, to: none })))
  assert.deepEqual(await latenessOf(), { late: 600_000, next: 0, newest: at(1) })
  const later = { ...none, newestAt: at(2), lateMs: 60_000, lateAt: at(2) }
  assert.ok(await inTx((tx) => advanceCursor(tx, { ...moves, to: at(2) }, { from: none, to: later })))
  assert.deepEqual(await latenessOf(), { late: 600_000, next: 0, newest: at(2) })

  // The next run has taken the noted lateness, so it may lower it.
  const second = await take('2')
  assert.equal(second.lateMs, 600_000)
  const lower = { ...found, lateMs: 60_000, lateAt: at(3), nextLateMs: 30_000 }
  const next = { ...moves, fence: '2' }
  assert.ok(await inTx((tx) => advanceCursor(tx, { ...next, to: at(3) }, { from: second, to: lower })))
  assert.deepEqual(await latenessOf(), { late: 60_000, next: 30_000, newest: at(1) })
})

test('an ended authorisation pauses the shop; its other tasks wait until it is lifted', async () => {
  const { taskId, shopId } = await aTask()
  work = async () => {
    throw new PlatformError('reauthorise', '27', 'invalid session')
  }
  startWorkers(1)
  const [run] = await ended(taskId, 1)
  assert.deepEqual([run?.state, run?.errorCode, run?.error], ['failed', 'reauthorise', 'invalid session'])
  work = async () => undefined
  await sql`update task set next_run_at = now()`.execute(open.db)
  await sleep(150)
  assert.equal(await countRuns(), 1)
  await open.db.transaction().execute((tx) => pauseShopTasks(tx, shopId, 'shop_disabled'))
  await open.db.transaction().execute((tx) => resumeShopTasks(tx, shopId, 'auth_expired'))
  await sleep(100)
  assert.equal(await countRuns(), 1)
  await open.db.transaction().execute((tx) => resumeShopTasks(tx, shopId, 'shop_disabled'))
  await ended(taskId, 2)
})

test('a ban that the platform spoke holds all tasks of the shop for its length', async () => {
  const { taskId } = await aTask()
  work = async () => {
    throw new PlatformError('rate_limited', '7', 'call limited', { waitMs: 700 })
  }
  startWorkers(1)
  await ended(taskId, 1)
  work = async () => undefined
  await sql`update task set next_run_at = now()`.execute(open.db)
  await sleep(300)
  assert.equal(await countRuns(), 1)
  const runs = await ended(taskId, 2)
  assert.equal(runs[1]?.state, 'done')
})

test('a run that is refused says why in both languages', async () => {
  const { taskId } = await aTask()
  work = async () => {
    throw new AppError('backup_refused', { detail: { zh: '磁盘满了', en: 'the disk is full' } })
  }
  startWorkers(1)
  const [run] = await ended(taskId, 1)
  assert.deepEqual([run?.state, run?.errorCode], ['failed', 'backup_refused'])
  assert.deepEqual(run?.report, {
    refusal: { zh: '备份没有做：磁盘满了', en: 'No backup was made: the disk is full' },
  })
})

test('a bug fails the run without a word of what it held', async () => {
  const { taskId } = await aTask()
  work = async () => {
    JSON.parse('{"buyer": 王小明}')
    return undefined
  }
  startWorkers(1)
  const [run] = await ended(taskId, 1)
  assert.deepEqual([run?.state, run?.errorCode, run?.error], ['failed', 'internal', 'SyntaxError'])
})

test('woken, an enabled task is due at once and a disabled one is not', async () => {
  const { taskId, shopId } = await aTask()
  startWorkers(1)
  await ended(taskId, 1)
  await wakeTask(open.db, 'trade_list', shopId)
  await ended(taskId, 2)
  await change(taskId, { enabled: false })
  await wakeTask(open.db, 'trade_list', shopId)
  await sleep(100)
  assert.equal(await countRuns(), 2)
})

test('a shop gets the tasks that apply to it, once', async () => {
  const { shopId } = await aTask()
  const give = (platform: string, id: string) =>
    open.db.transaction().execute((tx) => createShopTasks(tx, [kind], { id, platform, path: 'direct' }))
  await give('taobao', shopId)
  await give('pinduoduo', await aShop())
  const found = await sql<{ n: number }>`select count(*)::int as n from task`.execute(open.db)
  assert.deepEqual(found.rows, [{ n: 1 }])
})

test('a new task runs no more often than its platform asks for, and one that is there keeps its interval', async () => {
  const { shopId } = await aTask()
  const give = (id: string, seconds: number) => {
    const shop = { id, platform: 'taobao', path: 'direct', leastSeconds: { [kind.kind]: seconds } } as const
    return open.db.transaction().execute((tx) => createShopTasks(tx, [kind], shop))
  }
  const [slow, quick] = [await aShop(), await aShop()]
  await give(shopId, 300)
  await give(slow, 300)
  await give(quick, 20)
  const found = await sql<{ shop: string; seconds: number }>`
    select shop_id as shop, interval_seconds as seconds from task order by shop_id`.execute(open.db)
  assert.deepEqual(
    found.rows.map(({ shop, seconds }) => [shop, seconds]),
    [
      [shopId, 60],
      [slow, 300],
      [quick, 60],
    ],
  )
})

async function aShop(): Promise<string> {
  shops += 1
  const made = await sql<{ id: string }>`
    insert into shop (platform, variant, name) values ('taobao', 'tmall', ${`店 ${shops}`}) returning id`.execute(
    open.db,
  )
  return made.rows[0]?.id ?? ''
}

async function aTask(): Promise<{ taskId: string; shopId: string }> {
  const shopId = await aShop()
  await open.db
    .transaction()
    .execute((tx) => createShopTasks(tx, [kind], { id: shopId, platform: 'taobao', path: 'two_stage' }))
  const found = await sql<{ id: string }>`select id from task where shop_id = ${shopId}::bigint`.execute(
    open.db,
  )
  return { taskId: found.rows[0]?.id ?? '', shopId }
}

function startWorkers(count: number): Running[] {
  const started = Array.from({ length: count }, () =>
    startTasks<Shop>({
      db: open.db,
      kinds: [kind],
      openShop: async (id, hooks) => ({ shop: { id }, hooks }),
      log: pino({ level: 'silent' }),
      pollMs: 20,
      leaseMs: 800,
    }),
  )
  workers.push(...started)
  return started
}

function change(taskId: string, what: Parameters<typeof changeTask>[2]['change']) {
  return open.db.transaction().execute((tx) => changeTask(tx, [kind], { taskId, change: what }, wholeScope))
}

function ask(taskId: string, request: RunRequest) {
  return open.db
    .transaction()
    .execute((tx) => requestRun(tx, [kind], { taskId, ...request }, { actor, scope: wholeScope }))
}

async function ended(taskId: string, count: number) {
  const read = () =>
    sql<{
      state: string
      trigger: string
      shopId: string
      windowFrom: Date | null
      windowTo: Date | null
      pages: number
      seen: number
      created: number
      updated: number
      skipped: object
      failed: number
      requests: number
      report: object | null
      errorCode: string
      error: string
      params: object
    }>`
    select state, trigger, shop_id as "shopId", window_from as "windowFrom", window_to as "windowTo", pages, seen,
      created, updated, skipped, failed, requests, report, error_code as "errorCode", error, params
    from task_run where task_id = ${taskId}::bigint and ended_at is not null order by id`.execute(open.db)
  await until(async () => (await read()).rows.length >= count)
  return (await read()).rows
}

async function lastRun(taskId: string): Promise<string> {
  const found = await sql<{ id: string }>`
    select max(id) as id from task_run where task_id = ${taskId}::bigint`.execute(open.db)
  return found.rows[0]?.id ?? ''
}

async function countRuns(state: string | null = null): Promise<number> {
  const found = await sql<{ n: number }>`
    select count(*)::int as n from task_run where ${state}::text is null or state = ${state}::text`.execute(
    open.db,
  )
  return found.rows[0]?.n ?? 0
}
