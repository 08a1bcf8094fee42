import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { testDatabase } from '../../testing/database.ts'
import { until } from '../../testing/until.ts'
import { type Budget, createBudget } from './connection-budget.ts'
import { type Database, openDatabase } from './db.ts'

const base = await testDatabase()
const watching = openDatabase(base.ownerUrl, { max: 1, name: 'watching' })
const name = 'within the budget'

test('many pools at once never have more connections than the budget, and each gets its turn', async () => {
  await using pools = openPools(createBudget(6), 12)
  const counts: number[] = []
  let isOver = false
  const counting = (async () => {
    while (!isOver) counts.push(await connections())
  })()
  const answers = await Promise.all(
    pools.all.flatMap(({ db }, pool) =>
      [0, 1, 2, 3].map(async (at) => {
        const { rows } = await db
          .transaction()
          .execute((tx) => sql<{ n: number }>`select ${pool * 4 + at}::int as n, pg_sleep(0.02)`.execute(tx))
        await sql`select 1`.execute(db)
        return rows[0]?.n
      }),
    ),
  )
  isOver = true
  await counting
  assert.deepEqual(
    answers,
    Array.from({ length: 48 }, (_, at) => at),
  )
  assert.equal(Math.max(...counts), 6)
})

test('connections that are not used are closed when another pool wants one, and stay when none does', async () => {
  const budget = createBudget(3)
  await using pools = openPools(budget, 4)
  const [first, second, third, fourth] = pools.all
  const pids = async () => Promise.all([first, second, third].map((one) => pidOf(one?.db)))
  const before = await pids()
  await sleep(400)
  assert.deepEqual(await pids(), before)
  await sleep(400)
  await sql`select 1`.execute(second?.db ?? watching.db)
  await sql`select 1`.execute(third?.db ?? watching.db)
  // The first pool's connection is the longest unused one.
  const fresh = await pidOf(fourth?.db)
  assert.equal(before.includes(fresh), false)
  assert.deepEqual(
    pools.all.map(({ pool }) => pool.totalCount),
    [0, 1, 1, 1],
  )
  assert.equal(budget.used(), 3)
})

test('a pool that is never idle lets others have a connection of it', async () => {
  await using pools = openPools(createBudget(2), 2)
  const [busy, other] = pools.all
  let isOver = false
  const working = Promise.all(
    [1, 2, 3, 4].map(async () => {
      while (!isOver) await sql`select pg_sleep(0.01)`.execute(busy?.db ?? watching.db)
    }),
  )
  await until(async () => (await connections()) === 2, 5000)
  const began = performance.now()
  await pidOf(other?.db)
  assert.ok(performance.now() - began < 1500, `${performance.now() - began} ms`)
  isOver = true
  await working
})

test('a connection that takes long to open is kept for long, so that most of the time goes into work', async () => {
  const delayMs = 200
  const openedAt: number[] = []
  const { port, hostname } = new URL(base.url)
  const slow = createServer((socket) => {
    openedAt.push(performance.now())
    setTimeout(() => {
      const server = connect(Number(port), hostname)
      for (const one of [socket, server]) one.on('error', () => {})
      socket.pipe(server).pipe(socket)
    }, delayMs)
  })
  await once(slow.listen(0, '127.0.0.1'), 'listening')
  const url = new URL(base.url)
  url.host = `127.0.0.1:${Object(slow.address()).port}`
  await using pools = openPools(createBudget(1), 3, { url: url.href })
  const began = performance.now()
  const done = await Promise.all(
    pools.all.map(async ({ db }) => {
      let statements = 0
      for (; performance.now() - began < 7000; statements += 1) await sql`select pg_sleep(0.01)`.execute(db)
      return statements
    }),
  )
  slow.close()
  // Each is kept for ten times as long as it took to open.
  const kept = openedAt.slice(1).map((at, before) => at - (openedAt[before] ?? 0))
  assert.ok(kept.length >= 2 && Math.min(...kept) > 10 * delayMs, kept.join(' '))
  assert.ok(Math.min(...done) > 10, done.join(' '))
})

test('a connection that cannot be made, or is lost, is given back', async () => {
  const budget = createBudget(1)
  const wrong = openDatabase(base.url.replace(/:[^:@/]*@/, ':wrong@'), { budget: budget.join(0) })
  for (let times = 0; times < 3; times += 1)
    await assert.rejects(sql`select 1`.execute(wrong.db), /password authentication failed/)
  await wrong.close()
  await using pools = openPools(budget, 1)
  const pid = await pidOf(pools.all[0]?.db)
  await base.owner(`select pg_terminate_backend(${pid})`)
  await until(async () => budget.used() === 0, 5000)
  assert.notEqual(await pidOf(pools.all[0]?.db), pid)
})

test('transactions that each wait for a second connection end: the server ends them as silent, and all others go on', async () => {
  const budget = createBudget(3)
  await using pools = openPools(budget, 4)
  const [one, two, three, other] = pools.all
  const began = performance.now()
  const waiting = [one, two, three].map(async (pool) =>
    pool?.db.transaction().execute(async (tx) => {
      // In the program it is half a minute.
      await sql`set local idle_in_transaction_session_timeout = 600`.execute(tx)
      await until(() => budget.used() === 3, 5000)
      await pidOf(pool.db)
      await sql`select 1`.execute(tx)
    }),
  )
  await until(() => budget.used() === 3, 5000)
  const late = pidOf(other?.db)
  const ended = await Promise.allSettled(waiting)
  assert.ok(
    ended.every((one) => one.status === 'rejected' && /terminat|not queryable/i.test(String(one.reason))),
  )
  assert.equal(typeof (await late), 'number')
  const ms = performance.now() - began
  assert.ok(ms > 550 && ms < 5000, `${ms} ms`)
  // The budget is whole again.
  const all = await Promise.all(pools.all.map(({ db }) => sql`select pg_sleep(0.05)`.execute(db)))
  assert.equal(all.length, 4)
  assert.ok(budget.used() <= 3)
})

test('behind a pooler a closed connection counts for as long as the pooler keeps it', async () => {
  const budget = createBudget(1)
  await using pools = openPools(budget, 1, { lingerMs: 500 })
  await pidOf(pools.all[0]?.db)
  await pools.close()
  assert.equal(budget.used(), 1)
  const began = performance.now()
  assert.equal(await budget.within(async () => budget.used()), 1)
  assert.ok(performance.now() - began > 400, `${performance.now() - began} ms`)
  assert.equal(budget.used(), 0)
})

test.after(async () => {
  await watching.close()
  await base[Symbol.asyncDispose]()
})

function openPools(budget: Budget, count: number, { lingerMs = 0, url = base.url } = {}) {
  const all = Array.from({ length: count }, () =>
    openDatabase(url, { max: 4, name, budget: budget.join(lingerMs) }),
  )
  let closed: Promise<unknown> | undefined
  const close = async () => {
    closed ??= Promise.all(all.map((one) => one.close()))
    await closed
  }
  return { all, close, [Symbol.asyncDispose]: close }
}

async function pidOf(db: Database = watching.db): Promise<number | undefined> {
  return (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)).rows[0]?.pid
}

async function connections(): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from pg_stat_activity where application_name = ${name}`.execute(watching.db)
  return rows[0]?.n ?? 0
}
