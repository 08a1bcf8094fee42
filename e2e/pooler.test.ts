import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import pg from 'pg'
import { openDatabase } from '../server/core/db/db.ts'
import { migrate } from '../server/core/db/migrate.ts'
import { reachDatabase } from '../server/core/embedded/reach.ts'
import { testDatabase } from '../server/testing/database.ts'
import { until } from '../server/testing/until.ts'
import { describe } from './checker.ts'
import { endOfDay } from './day.ts'
import { openHouse } from './day-house.ts'
import { openPooler } from './pooler.ts'
import { hurry } from './settle.ts'

const where = 'only where PgBouncer is, or may be installed'

test('a pooler in transaction mode is found out, and every statement has its zone and its limit all the same', async (t) => {
  await using base = await testDatabase()
  await using pooler = await openPooler(base.url)
  if (!pooler) return t.diagnostic(where)
  const said: string[] = []
  const url = await reachDatabase(pooler.url, (line) => said.push(line))
  assert.deepEqual([url, said], [`${pooler.url}?pooler=transaction`, []])
  assert.equal(await reachDatabase(url, () => {}), url)
  assert.equal(await reachDatabase(base.url, () => {}), base.url)

  const web = openDatabase(url, { statementMs: 200 })
  const worker = openDatabase(url)
  const show = sql<{ zone: string; limit: string; idle: string; helpers: string }>`
    select current_setting('TimeZone') as zone, current_setting('statement_timeout') as limit,
      current_setting('idle_in_transaction_session_timeout') as idle,
      current_setting('max_parallel_workers_per_gather') as helpers`
  const ours = { zone: 'Asia/Shanghai', limit: '200ms', idle: '30s', helpers: '0' }
  assert.deepEqual((await show.execute(web.db)).rows, [ours])
  assert.deepEqual((await web.db.transaction().execute((tx) => show.execute(tx))).rows, [ours])
  // The pooler gives the same connection to the next client, without the first one's limit.
  const alone = (await show.execute(worker.db)).rows[0]
  assert.deepEqual([alone?.zone, alone?.limit], ['Asia/Shanghai', '0'])
  const inside = await worker.db.transaction().execute((tx) => show.execute(tx))
  assert.deepEqual(inside.rows, [{ ...ours, limit: '0' }])
  await assert.rejects(sql`select pg_sleep(5)`.execute(web.db), { code: '57014' })
  await assert.rejects(
    web.db.transaction().execute((tx) => sql`select pg_sleep(5)`.execute(tx)),
    { code: '57014' },
  )
  assert.deepEqual((await sql<{ one: number }>`select 1 as one`.execute(web.db)).rows, [{ one: 1 }])
  await sql`select pg_sleep(0.4)`.execute(worker.db)
  await web.close()
  await worker.close()
})

test('a pooler that takes our settings and leaves them aside is found out as well', async (t) => {
  await using base = await testDatabase()
  await using silent = await openPooler(
    base.url,
    'ignore_startup_parameters = statement_timeout,idle_in_transaction_session_timeout,max_parallel_workers_per_gather,tcp_keepalives_idle,tcp_keepalives_interval,tcp_keepalives_count,tcp_user_timeout',
  )
  await using deaf = await openPooler(
    base.url,
    'ignore_startup_parameters = options,statement_timeout,idle_in_transaction_session_timeout',
  )
  if (!silent || !deaf) return t.diagnostic(where)
  assert.equal(await reachDatabase(silent.url, () => {}), `${silent.url}?pooler=transaction`)
  assert.equal(await reachDatabase(deaf.url, () => {}), `${deaf.url}?pooler=transaction`)
})

test('through a pooler an empty database is migrated by two at once, and a small house loses and doubles nothing', async (t) => {
  await using base = await testDatabase()
  const empty = new URL(base.ownerUrl)
  empty.pathname = `${empty.pathname}_empty`
  const name = empty.pathname.slice(1)
  const client = new pg.Client({ connectionString: base.ownerUrl })
  await client.connect()
  await client.query(`create database ${name}`)
  try {
    await using pooler = await openPooler(empty.href)
    if (!pooler) return t.diagnostic(where)
    const url = await reachDatabase(pooler.url, () => {})
    const owner = async (text: string) => {
      const there = new pg.Client({ connectionString: empty.href })
      await there.connect()
      await there.query(text)
      await there.end()
      await pooler.reconnect()
    }
    await Promise.all([migrate(url), migrate(url)])
    await using house = await openHouse({ trades: 40, seed: 'pooler', database: { url, owner } })
    await house.start('web')
    await hurry(house)
    await house.start('worker')
    // The automatic conversion runs every two seconds, and the end of the day does not wait for it.
    await until(async () => {
      const { rows } = await sql<{ n: number }>`select count(*)::int as n from sales_order`.execute(house.db)
      return (rows[0]?.n ?? 0) > 10
    }, 60_000)
    const { checked, restless } = await endOfDay(house, 90_000)
    assert.deepEqual(restless, [])
    assert.deepEqual(checked.differences, [], describe(checked))
    assert.ok(checked.trades > 100, `${checked.trades} trades`)
    assert.ok(checked.orders > 10, `${checked.orders} orders`)
    assert.deepEqual(house.deaths, [])
  } finally {
    await client.query(`drop database if exists ${name} with (force)`)
    await client.end()
  }
})
