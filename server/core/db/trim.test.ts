import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { pino } from 'pino'
import { testDatabase } from '../../testing/database.ts'
import { until } from '../../testing/until.ts'
import { systemActor, wholeScope } from '../access/actor.ts'
import { startTasks } from '../tasks/loop.ts'
import { createInstallationTasks, requestRun } from '../tasks/tasks.ts'
import { openDatabase } from './db.ts'
import { trimming } from './trim.ts'

test('deletes what is old and finished, sooner what found nothing, and leaves the rest', async () => {
  await using database = await testDatabase()
  const { db, close } = openDatabase(database.url, { max: 4 })
  await db.transaction().execute((tx) => createInstallationTasks(tx, [trimming]))
  await sql`
    insert into task_run (task_id, kind, trigger, state, seen, error_code, ended_at)
    select id, 'x', 'schedule', state, seen, label, now() - age * interval '1 day'
    from task, (values ('done', 5, 'old', 31), ('done', 5, 'young', 29), ('done', 0, 'empty', 3),
      ('done', 0, 'empty young', 1), ('failed', 0, 'failed', 3), ('queued', 0, 'queued', null)) v (state, seen, label, age)
  `.execute(db)
  await sql`
    insert into batch (no, action, state, actor, scope, request, by_filter, walked, total, ended_at)
    values ('old', 'x', 'done', '{}', '{}', '', false, true, 0, now() - interval '91 days'),
      ('running', 'x', 'running', '{}', '{}', '', false, true, 0, null)`.execute(db)
  await sql`
    insert into idempotency_key (actor, key, request_hash, busy_until, created_at)
    values ('a', 'old', '', now(), now() - interval '25 hours'), ('a', 'young', '', now(), now())`.execute(db)
  await sql`
    with made as (insert into shop (platform, variant, name) values ('taobao', 'tmall', '店') returning id)
    insert into platform_action (shop_id, kind, subject_type, subject_id, idempotency_key, payload, state, created_by, ended_at)
    select id, kind, 'x', 'x', label, '{}', state, '{}', now() - age * interval '1 day'
    from made, (values ('stock_upload', 'succeeded', 'told', 15), ('stock_upload', 'succeeded', 'told lately', 13),
      ('stock_upload', 'failed', 'not told', 15), ('memo', 'succeeded', 'memo', 15)) v (kind, state, label, age)`.execute(
    db,
  )
  const found = await sql<{ id: string }>`select id from task`.execute(db)
  const taskId = found.rows[0]?.id ?? ''
  await db
    .transaction()
    .execute((tx) => requestRun(tx, [trimming], { taskId }, { actor: systemActor, scope: wholeScope }))
  await sql`delete from task_run where error_code = 'queued'`.execute(db)
  const worker = startTasks<never>({
    db,
    kinds: [trimming],
    openShop: () => Promise.reject(new Error('no shop')),
    log: pino({ level: 'silent' }),
    pollMs: 20,
  })
  await until(async () => {
    const ended = await sql<{ report: unknown }>`
      select report from task_run where kind = 'trim' and ended_at is not null`.execute(db)
    return ended.rows.length === 1
  })
  await worker.stop()
  const left = await sql<{ label: string }>`
    select error_code as label from task_run where kind = 'x' union all select no from batch
    union all select key from idempotency_key union all select idempotency_key from platform_action order by 1`.execute(
    db,
  )
  assert.deepEqual(
    left.rows.map(({ label }) => label),
    ['empty young', 'failed', 'memo', 'not told', 'running', 'told lately', 'young', 'young'],
  )
  await close()
})
