import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { testDatabase } from '../../testing/database.ts'
import { until } from '../../testing/until.ts'
import { type Actor, wholeScope } from '../access/actor.ts'
import { openDatabase, type Tx } from '../db/db.ts'
import { eachKind, retryActions } from './actions.ts'
import type { ActionHandler } from './handlers.ts'

const actor: Actor = { kind: 'user', id: '7', name: '林晓' }

test('actions of several kinds are retried together with a worker that locks their documents in key order', async () => {
  await using database = await testDatabase()
  const { db, close } = openDatabase(database.url, { max: 6 })
  const shops = await sql<{ id: string }>`
    insert into shop (platform, variant, name) values ('', '', '一'), ('', '', '二') returning id`.execute(db)
  const [first = '', second = ''] = shops.rows.map(({ id }) => id)
  const lock = async (tx: Tx, id: string) => {
    await sql`select from shop where id = ${id} for update`.execute(tx)
  }
  const handler = (kind: string, document: string): ActionHandler<object> => ({
    ...{ kind, name: { zh: kind, en: kind }, rank: 0 },
    send: async () => null,
    beforeRetry: (tx) => lock(tx, document),
    onResults: async () => {},
  })
  const handlers = [handler('late', second), handler('early', first)]
  const made = await sql<{ id: string }>`
    insert into platform_action (shop_id, kind, subject_type, subject_id, idempotency_key, payload, state, next_at, created_by)
    select ${first}::bigint, kind, 'order', '1', kind, '{}', 'failed', null, '{}' from unnest('{late,early}'::text[]) kind
    returning id`.execute(db)
  const ids = [...made.rows.map(({ id }) => id), '999999']
  const isWaiting = async () => {
    const found = await sql<{ n: number }>`
      select count(*)::int as n from pg_locks l join pg_stat_activity a using (pid)
      where not l.granted and a.datname = current_database()`.execute(db)
    return (found.rows[0]?.n ?? 0) > 0
  }
  const held = Promise.withResolvers<void>()
  const worker = db.transaction().execute(async (tx) => {
    await lock(tx, first)
    held.resolve()
    await until(isWaiting)
    await lock(tx, second)
  })
  await held.promise
  const outcomes = await eachKind(db, ids, (tx, some) =>
    retryActions(tx, handlers, { ids: some, reason: '再试' }, { actor, scope: wholeScope }),
  )
  await worker
  assert.deepEqual(
    outcomes.map((one) => (one.done ? 'done' : one.code)),
    ['done', 'done', 'not_found'],
  )
  await close()
})
