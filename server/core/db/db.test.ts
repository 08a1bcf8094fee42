import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { testDatabase } from '../../testing/database.ts'
import { type Database, openDatabase, preparedStatement } from './db.ts'

test('a connection lost between two statements fails its transaction, and the process lives on', async () => {
  await using base = await testDatabase()
  const told: string[] = []
  const { db, close } = openDatabase(base.url, { onError: (error) => told.push(error.message) })
  const other = openDatabase(base.url)
  await assert.rejects(
    db.transaction().execute(async (tx) => {
      const found = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx)
      await sql`select pg_terminate_backend(${found.rows[0]?.pid ?? 0})`.execute(other.db)
      await sleep(100)
      await sql`select 1`.execute(tx)
    }),
  )
  assert.ok(told.length > 0, 'nobody was told')
  assert.deepEqual((await sql<{ one: number }>`select 1 as one`.execute(db)).rows, [{ one: 1 }])
  await close()
  await other.close()
})

test('a statement that takes too long is cancelled where a limit was set, and only there', async () => {
  await using base = await testDatabase()
  const limited = openDatabase(base.url, { statementMs: 50 })
  const free = openDatabase(base.url)
  await assert.rejects(sql`select pg_sleep(5)`.execute(limited.db), { code: '57014' })
  const longer = await limited.db.transaction().execute(async (tx) => {
    await sql`set local statement_timeout = '5s'`.execute(tx)
    return sql<{ slept: string }>`select pg_sleep(0.1)::text as slept`.execute(tx)
  })
  assert.deepEqual(longer.rows, [{ slept: '' }])
  const shown = await sql<{ statement_timeout: string }>`show statement_timeout`.execute(limited.db)
  assert.deepEqual(shown.rows, [{ statement_timeout: '50ms' }])
  assert.deepEqual((await sql`select pg_sleep(0.1)::text as slept`.execute(free.db)).rows, [{ slept: '' }])
  await limited.close()
  await free.close()
})

test('who is silent in a transaction, or gone from the network, is given up by the server', async () => {
  await using base = await testDatabase()
  const { db, close } = openDatabase(base.url)
  assert.deepEqual(await settingsOf(db, ['idle_in_transaction_session_timeout', ...tcp]), [
    '30s',
    '30',
    '10',
    '3',
    '60000',
  ])
  await close()
})

const tcp = ['tcp_keepalives_idle', 'tcp_keepalives_interval', 'tcp_keepalives_count', 'tcp_user_timeout']

test('options of the address are added to ours, which count where both name a setting', async () => {
  await using base = await testDatabase()
  const options = encodeURIComponent('-c search_path=pg_catalog -c TimeZone=UTC -c work_mem=7MB')
  const { db, close } = openDatabase(`${base.url}?options=${options}&application_name=mine`)
  const names = ['search_path', 'work_mem', 'TimeZone', 'max_parallel_workers_per_gather', 'application_name']
  assert.deepEqual(await settingsOf(db, names), ['pg_catalog', '7MB', 'Asia/Shanghai', '0', 'mine'])
  await close()
})

async function settingsOf(db: Database, names: readonly string[]): Promise<(string | undefined)[]> {
  const found = await sql<{ value: string }>`
    select current_setting(name) as value from unnest(${names}::text[]) with ordinality n (name, at) order by at`.execute(
    db,
  )
  return found.rows.map(({ value }) => value)
}

test('a marked statement is planned once in a connection for each of its texts, and no other is', async () => {
  await using base = await testDatabase()
  const { db, close } = openDatabase(base.url, { max: 1 })
  const doubled = async (value: number) =>
    (await sql<{ twice: number }>`${preparedStatement} select ${value}::int * 2 as twice`.execute(db)).rows
  assert.deepEqual([await doubled(1), await doubled(21)], [[{ twice: 2 }], [{ twice: 42 }]])
  await sql`${preparedStatement} select ${'x'}::text as other`.execute(db)
  await sql`select ${'x'}::text as unmarked`.execute(db)
  await assert.rejects(sql`${preparedStatement} select ${'x'}::text::int as wrong`.execute(db), {
    code: '22P02',
  })
  const prepared = await sql<{ name: string; uses: number }>`
    select name, (generic_plans + custom_plans)::int as uses from pg_prepared_statements order by name`.execute(
    db,
  )
  assert.deepEqual(prepared.rows, [
    { name: 'planned_0', uses: 2 },
    { name: 'planned_1', uses: 1 },
    // The statement failed when it was planned.
    { name: 'planned_2', uses: 0 },
  ])
  await close()
})
