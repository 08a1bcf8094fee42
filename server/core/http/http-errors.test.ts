import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { testApp } from '../../testing/app.ts'
import { route } from './http.ts'

test('a connection that is lost in the middle of a request is a 503, whichever statement notices it', async () => {
  await using house = await testApp({}, (app) => {
    const { db } = app
    const killed = async (pid: number) => {
      await sql`select pg_terminate_backend(${pid})`.execute(db)
      await sleep(60)
    }
    const pidOf = async (on: typeof db) =>
      (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(on)).rows[0]?.pid ?? 0
    app.get('/api/lost-between', route('public', 'l', {}), async () => {
      await db.transaction().execute(async (tx) => {
        await killed(await pidOf(tx))
        await sql`select 1`.execute(tx)
      })
    })
    app.get('/api/lost-before-commit', route('public', 'l', {}), async () => {
      await db.transaction().execute(async (tx) => killed(await pidOf(tx)))
    })
    app.get('/api/lost-within', route('public', 'l', {}), async () => {
      await sql`select pg_terminate_backend(pg_backend_pid())`.execute(db)
    })
  })
  for (const path of ['/api/lost-between', '/api/lost-before-commit', '/api/lost-within']) {
    const { status, body, headers } = await house.anonymous.call('GET', path)
    assert.deepEqual([status, Object(body).code, headers.get('retry-after')], [503, 'unavailable', '3'], path)
  }
})

test('what the database gives up for its own reasons is worth another try: a deadlock, no memory, no disk', async () => {
  await using house = await testApp({}, (app) => {
    app.get('/api/raised/:code', route('public', 'r', {}), async (request) => {
      const { code } = Object(request.params)
      await sql`do ${sql.lit(`begin raise exception using errcode = '${code}'; end`)}`.execute(app.db)
    })
  })
  for (const code of ['40P01', '40001', '53200', '53300', '55P03', '25P03', '58030']) {
    const { status, body } = await house.anonymous.call('GET', `/api/raised/${code}`)
    assert.deepEqual([status, Object(body).code], [503, 'unavailable'], code)
  }
  const full = await house.anonymous.call('GET', '/api/raised/53100')
  assert.deepEqual([full.status, Object(full.body).code], [503, 'disk_full'])
  for (const code of ['23505', '22P02', '42P01', 'XX000']) {
    const { status, body } = await house.anonymous.call('GET', `/api/raised/${code}`)
    assert.deepEqual([status, Object(body).code], [500, 'internal'], code)
  }
})
