import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { openDatabase } from './db.ts'
import { testDatabase } from './testing/database.ts'

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
