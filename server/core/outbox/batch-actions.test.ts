import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { pino } from 'pino'
import { testApp } from '../../testing/app.ts'
import { until } from '../../testing/until.ts'
import { scopeNow } from '../../users/current-rights.ts'
import { batchActions } from '../../worker.ts'
import { startBatches } from '../batches/loop.ts'

test('what a filter of platform actions matches is counted, and tried again as bulk work with a reason', async () => {
  await using house = await testApp()
  const shops = await sql<{ id: string }>`
    insert into shop (platform, variant, name) values ('taobao', 'tmall', '一'), ('taobao', 'tmall', '二')
    returning id`.execute(house.db)
  const [mine = '', foreign = ''] = shops.rows.map(({ id }) => id)
  await sql`
    insert into platform_action (shop_id, kind, subject_type, subject_id, idempotency_key, payload, state, next_at,
      created_by, error_code)
    select shop::bigint, 'memo', 'order', n::text, shop || state || n, '{}', state, null, '{}', 'down'
    from unnest(${[mine, foreign]}::text[]) shop, unnest(array['failed', 'succeeded']) state, generate_series(1, 3) n`.execute(
    house.db,
  )
  const clerk = await house.as(['actions.read', 'actions.write'], [mine])
  const counted = await clerk.call('GET', '/api/platform-actions/count?state=failed')
  assert.deepEqual([counted.status, counted.body], [200, { count: 3 }])

  const order = { action: 'platform_actions.retry', target: { filter: { state: 'failed' } } }
  const reader = await house.as(['actions.read'])
  const input = { reason: '平台已恢复' }
  assert.equal((await reader.call('POST', '/api/batches', { ...order, input })).status, 403)
  assert.equal((await clerk.call('POST', '/api/batches', order)).status, 400)
  const started = await clerk.call('POST', '/api/batches', { ...order, input })
  assert.equal(started.status, 202, JSON.stringify(started.body))
  const batches = startBatches({
    db: house.db,
    ring: house.ring,
    log: pino({ level: 'silent' }),
    actions: batchActions(house.ring),
    authorise: (actor, permission, scope) => scopeNow(house.db, actor, permission, scope),
    pollMs: 20,
  })
  const read = async () => Object((await clerk.call('GET', `/api/batches/${Object(started.body).id}`)).body)
  await until(async () => (await read()).state === 'done')
  await batches.stop()
  const { total, succeeded, refused } = await read()
  assert.deepEqual([total, succeeded, refused], [3, 3, 0])
  const now = await sql<{ shop: string; state: string; count: number; reasons: string[] }>`
    select shop_id as shop, state, count(*)::int, array_agg(distinct settled_reason) as reasons
    from platform_action group by 1, 2 order by 1, 2`.execute(house.db)
  assert.deepEqual(now.rows, [
    { shop: mine, state: 'pending', count: 3, reasons: ['平台已恢复'] },
    { shop: mine, state: 'succeeded', count: 3, reasons: [''] },
    { shop: foreign, state: 'failed', count: 3, reasons: [''] },
    { shop: foreign, state: 'succeeded', count: 3, reasons: [''] },
  ])
  const told = await sql<{ count: number }>`
    select count(*)::int from audit_log where action = 'action.retry' and subject_type = 'platform_action'`.execute(
    house.db,
  )
  assert.deepEqual(told.rows, [{ count: 3 }])
})
