import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { connectors } from '../../connectors/index.ts'
import { connectorOf } from '../../shops/calls.ts'
import { enqueued } from '../../testing/actions.ts'
import { type Answer, type Caller, type TestApp, testApp } from '../../testing/app.ts'
import { scopeNow } from '../../users/current-rights.ts'
import { batchActions, giveShopTasks, taskKinds } from '../../worker.ts'
import { systemActor, wholeScope } from '../access/actor.ts'
import { createBatch } from '../batches/batches.ts'
import { createInstallationTasks, requestRun } from '../tasks/tasks.ts'

// The API of the three engines. No worker runs here, so requested work waits.

let house: TestApp
let admin: Caller
let shopA = ''
let shopB = ''

before(async () => {
  house = await testApp()
  admin = await house.as(['*'])
  shopA = await aShop('甲')
  shopB = await aShop('乙')
})
after(() => house[Symbol.asyncDispose]())

test('lists the tasks of granted shops only, with schedule, parameters and their schema', async () => {
  const clerk = await house.as(['tasks.read'], [shopA])
  const all = rows(await admin.call('GET', '/api/tasks'))
  const mine = rows(await clerk.call('GET', '/api/tasks'))
  assert.ok(mine.length > 3 && mine.length < all.length)
  assert.ok(mine.every(({ shopId }) => shopId === shopA))
  const [list] = rows(await clerk.call('GET', '/api/tasks?kind=trade_list'))
  assert.deepEqual(
    [list?.kind, list?.state, list?.enabled, list?.schedule, list?.lastRun],
    ['trade_list', 'waiting', true, { everySeconds: 20 }, null],
  )
  assert.ok(list?.paramsSchema)
})

test('changes a task, and refuses what its kind does not know, with the field', async () => {
  const id = await taskId('trade_list', shopA)
  const changed = await admin.call('PATCH', `/api/tasks/${id}`, {
    schedule: { cron: '*/5 8-22 * * *', timeZone: 'Asia/Shanghai' },
    enabled: false,
  })
  assert.equal(changed.status, 204)
  const [task] = rows(await admin.call('GET', `/api/tasks?kind=trade_list&shopId=${shopA}`))
  assert.deepEqual(
    [task?.state, task?.nextRunAt, task?.schedule],
    ['disabled', null, { cron: '*/5 8-22 * * *', timeZone: 'Asia/Shanghai' }],
  )
  const audited = await sql<{ action: string; shop: string; detail: object }>`
    select action, shop_id as shop, detail from audit_log where subject_type = 'task' and subject_id = ${id}`.execute(
    house.db,
  )
  const schedule = { cron: '*/5 8-22 * * *', timeZone: 'Asia/Shanghai' }
  assert.deepEqual(audited.rows, [
    { action: 'task.change', shop: shopA, detail: { kind: 'trade_list', enabled: false, schedule } },
  ])
  const wrong = await admin.call('PATCH', `/api/tasks/${id}`, { params: { colour: 'red' } })
  assert.deepEqual([wrong.status, field(wrong, 'code')], [400, 'invalid_input'])
  assert.match(String(field(wrong, 'field')), /^params/)
  const badCron = await admin.call('PATCH', `/api/tasks/${id}`, {
    schedule: { cron: 'often', timeZone: 'Asia/Shanghai' },
  })
  assert.deepEqual([badCron.status, field(badCron, 'field')], [400, 'schedule'])
})

test('a task of the installation runs with other parameters only for one who may change tasks, and that is audited', async () => {
  await house.db.transaction().execute((tx) => createInstallationTasks(tx, taskKinds(house.ring)))
  const { rows: tasks } = await sql<{
    id: string
  }>`select id from task where kind = 'backup' and shop_id is null`.execute(house.db)
  const id = tasks[0]?.id ?? ''
  const runs = async () =>
    (
      await sql<{ params: object }>`select params from task_run where task_id = ${id} order by id`.execute(
        house.db,
      )
    ).rows
  const run = (caller: Caller, params?: object) =>
    caller.call('POST', `/api/tasks/${id}/run`, params ? { params } : {})
  const program = await house.as(['tasks.read', 'tasks.run'])
  const refused = await run(program, { keep: 1 })
  assert.deepEqual([refused.status, field(refused, 'code')], [403, 'forbidden'])
  assert.deepEqual(await runs(), [])
  assert.equal((await run(program)).status, 202)
  const audited = () =>
    sql<{
      detail: object
    }>`select detail from audit_log where action = 'task.run' and subject_id = ${id}`.execute(house.db)
  assert.deepEqual((await audited()).rows, [])
  const made = await run(admin, { keep: 1 })
  assert.equal(made.status, 202)
  assert.deepEqual(await runs(), [{ params: {} }, { params: { keep: 1 } }])
  assert.deepEqual((await audited()).rows, [
    { detail: { kind: 'backup', params: { keep: 1 }, run: field(made, 'runId') } },
  ])
})

test('a task of another shop is not found, whatever is tried with it', async () => {
  const clerk = await house.as(['tasks.read', 'tasks.write', 'tasks.run'], [shopA])
  const id = await taskId('trade_list', shopB)
  assert.equal((await clerk.call('PATCH', `/api/tasks/${id}`, { enabled: false })).status, 404)
  assert.equal((await clerk.call('POST', `/api/tasks/${id}/run`, {})).status, 404)
  const run = await house.db
    .transaction()
    .execute((tx) =>
      requestRun(tx, taskKinds(house.ring), { taskId: id }, { actor: systemActor, scope: wholeScope }),
    )
  assert.equal((await clerk.call('POST', `/api/task-runs/${run.runId}/stop`)).status, 404)
  assert.deepEqual(rows(await clerk.call('GET', '/api/task-runs')), [])
  const kept = await sql<{ enabled: boolean; state: string }>`
    select enabled, task_run.state from task join task_run on task_run.task_id = task.id
    where task.id = ${id}::bigint`.execute(house.db)
  assert.deepEqual(kept.rows, [{ enabled: true, state: 'queued' }])
})

test('queues a run with a window, shows it, and stops it', async () => {
  const id = await taskId('refund_list', shopA)
  const window = { from: '2026-11-01T00:00:00.000Z', to: '2026-11-02T00:00:00.000Z' }
  const asked = await admin.call('POST', `/api/tasks/${id}/run`, window)
  assert.equal(asked.status, 202)
  const runId = field(asked, 'runId')
  const [run] = rows(await admin.call('GET', `/api/task-runs?taskId=${id}&state=queued`))
  assert.deepEqual(
    [run?.id, run?.askedFrom, run?.askedTo, run?.trigger],
    [runId, window.from, window.to, 'person'],
  )
  const turned = await admin.call('POST', `/api/tasks/${id}/run`, { from: window.to, to: window.from })
  assert.deepEqual([turned.status, field(turned, 'field')], [400, 'to'])
  assert.equal((await admin.call('POST', `/api/task-runs/${runId}/stop`)).status, 204)
  const again = await admin.call('POST', `/api/task-runs/${runId}/stop`)
  assert.deepEqual([again.status, field(again, 'code')], [409, 'run_ended'])
  const day = await admin.call('GET', `/api/task-runs/counts?taskId=${id}`)
  assert.deepEqual(field(day, 'states'), { stopped: 1 })
})

test('walks the runs by keyset, each once', async () => {
  const id = await taskId('reconciliation', shopA)
  for (let n = 0; n < 7; n++) {
    await house.db
      .transaction()
      .execute((tx) =>
        requestRun(tx, taskKinds(house.ring), { taskId: id }, { actor: systemActor, scope: wholeScope }),
      )
  }
  const seen: unknown[] = []
  for (let after = ''; ; ) {
    const page = await admin.call('GET', `/api/task-runs?taskId=${id}&limit=3${after}`)
    seen.push(...rows(page).map((run) => run.id))
    const next = field(page, 'next')
    if (next === null) break
    after = `&after=${next}`
  }
  assert.equal(seen.length, 7)
  assert.equal(new Set(seen).size, 7)
  const bad = await admin.call('GET', '/api/task-runs?after=x')
  assert.deepEqual([bad.status, field(bad, 'code')], [400, 'invalid_cursor'])
})

test('bulk work needs the permission of its action, and a filter that the action knows', async () => {
  const reader = await house.as(['trades.read'])
  const order = { action: 'trades.convert', target: { ids: ['1', '2'] } }
  const refused = await reader.call('POST', '/api/batches', order)
  assert.deepEqual([refused.status, field(refused, 'code')], [403, 'forbidden'])
  const unknown = await admin.call('POST', '/api/batches', { ...order, action: 'trades.eat' })
  assert.equal(unknown.status, 404)
  const wrong = await admin.call('POST', '/api/batches', { ...order, target: { filter: { nonsense: 1 } } })
  assert.deepEqual([wrong.status, field(wrong, 'code')], [400, 'invalid_input'])
  const none = await sql<{ n: number }>`select count(*)::int as n from batch`.execute(house.db)
  assert.deepEqual(none.rows, [{ n: 0 }])
})

test('bulk work is seen and stopped by who started it, and by who may do the same everywhere', async () => {
  const clerk = await house.as(['trades.convert'], [shopA])
  const other = await house.as(['trades.convert'], [shopA])
  const started = await clerk.call('POST', '/api/batches', {
    action: 'trades.convert',
    target: { ids: ['1', '2', '2'] },
  })
  assert.equal(started.status, 202)
  const id = String(field(started, 'id'))
  const seen = await clerk.call('GET', `/api/batches/${id}`)
  assert.deepEqual([field(seen, 'state'), field(seen, 'total'), field(seen, 'done')], ['running', 2, 0])
  assert.equal((await other.call('GET', `/api/batches/${id}`)).status, 404)
  assert.equal((await other.call('POST', `/api/batches/${id}/stop`)).status, 404)
  assert.deepEqual(rows(await other.call('GET', '/api/batches?running=true')), [])
  assert.equal(rows(await admin.call('GET', '/api/batches?running=true'))[0]?.id, id)
  assert.equal((await clerk.call('POST', `/api/batches/${id}/retry`)).status, 409)
  // Without the action's permission, or without every warehouse, the batch is not visible.
  const outsiders = [
    await house.as([]),
    await house.as(['trades.read', 'orders.hold']),
    await house.as(['trades.convert'], 'all', []),
  ]
  for (const outsider of outsiders) {
    for (const path of ['', '/items', '/reasons'])
      assert.equal((await outsider.call('GET', `/api/batches/${id}${path}`)).status, 404, path)
    assert.deepEqual(rows(await outsider.call('GET', '/api/batches')), [])
    assert.equal((await outsider.call('POST', `/api/batches/${id}/stop`)).status, 404)
    assert.equal((await outsider.call('POST', `/api/batches/${id}/retry`)).status, 404)
  }
  assert.equal(field(await clerk.call('GET', `/api/batches/${id}`), 'state'), 'running')
  assert.equal((await clerk.call('POST', `/api/batches/${id}/stop`)).status, 204)
  // No worker has it, so it stops at once.
  assert.equal(field(await clerk.call('GET', `/api/batches/${id}`), 'state'), 'stopped')
})

test('shows what happened to each row, a page at a time', async () => {
  const action = batchActions(house.ring).find(({ action }) => action === 'trades.convert')
  assert.ok(action)
  const target = { ids: Array.from({ length: 700 }, (_, n) => String(n + 1)) }
  const { id } = await house.db
    .transaction()
    .execute((tx) =>
      createBatch(tx, house.ring, { action, target, input: {} }, { actor: systemActor, scope: wholeScope }),
    )
  await sql`
    update batch_chunk set ended_at = now(), done_ids = (select array_agg(i) from unnest(ids) i where i % 3 <> 0),
      done_refs = (select array_agg('X' || i) from unnest(ids) i where i % 3 <> 0)
    where batch_id = ${id}::bigint`.execute(house.db)
  await sql`
    insert into batch_refusal (batch_id, id, code)
    select ${id}::bigint, i, 'refund_open' from batch_chunk, unnest(ids) i
    where batch_id = ${id}::bigint and i % 3 = 0`.execute(house.db)
  const done = await walk(`/api/batches/${id}/items?result=done&limit=200`)
  const refused = await walk(`/api/batches/${id}/items?result=refused&limit=200`)
  assert.deepEqual([done.length, refused.length], [467, 233])
  assert.deepEqual(
    done.slice(0, 2).map(({ id, ref }) => [id, ref]),
    [
      ['1', 'X1'],
      ['2', 'X2'],
    ],
  )
  assert.deepEqual(refused[0], {
    id: '3',
    no: '',
    done: false,
    code: 'refund_open',
    reason: '',
    message: null,
    ref: '',
  })
})

test('lists platform actions by state, and lets a person settle them with a reason', async () => {
  const clerk = await house.as(['actions.read', 'actions.write'], [shopA])
  const mine = await anAction(shopA)
  const foreign = await anAction(shopB)
  assert.deepEqual(
    rows(await clerk.call('GET', '/api/platform-actions?state=pending')).map(({ id }) => id),
    [mine],
  )
  const counted = await clerk.call('GET', '/api/platform-actions/counts')
  assert.equal(counted.status, 200, JSON.stringify(counted.body))
  const counts = field(counted, 'tabs')
  assert.deepEqual(read(read(counts, 'pending'), 'count'), 1)
  const body = { ids: [mine, foreign], reason: '后台已改' }
  const settled = await clerk.call('POST', '/api/platform-actions/manual', body)
  assert.deepEqual(field(settled, 'results'), [
    { id: mine, done: true },
    { id: foreign, done: false, code: 'not_found' },
  ])
  const [action] = rows(await clerk.call('GET', '/api/platform-actions?state=manual'))
  assert.deepEqual([action?.id, action?.settledReason, action?.nextAt], [mine, '后台已改', null])
  assert.equal(
    (await clerk.call('POST', '/api/platform-actions/force', { ids: [mine], reason: '' })).status,
    400,
  )
  const logged = await sql<{ action: string }>`select action from audit_log where subject_id = ${mine}
    and subject_type = 'platform_action'`.execute(house.db)
  assert.deepEqual(logged.rows, [{ action: 'action.manual' }])
})

test('background work of a user keeps to what the user may do now', async () => {
  const clerk = await house.as(['trades.convert'], [shopA, shopB])
  const actor = { kind: 'user' as const, id: clerk.userId, name: '' }
  const ask = (permission: 'trades.convert' | 'export') =>
    scopeNow(house.db, actor, permission, { shops: [shopA, '999'], warehouses: 'all' })
  assert.deepEqual(await ask('trades.convert'), { shops: [shopA], warehouses: 'all' })
  await assert.rejects(ask('export'), /forbidden|Permission/)
  await sql`update app_user set disabled_at = now() where id = ${clerk.userId}::bigint`.execute(house.db)
  await assert.rejects(ask('trades.convert'), /forbidden|Permission/)
})

async function aShop(name: string): Promise<string> {
  const made = await sql<{ id: string }>`
    insert into shop (platform, variant, name, auth_state) values ('taobao', 'tmall', ${name}, 'live')
    returning id`.execute(house.db)
  const id = made.rows[0]?.id ?? ''
  await house.db.transaction().execute((tx) => giveShopTasks(tx, { id }, connectorOf(connectors, 'taobao')))
  return id
}

async function anAction(shopId: string): Promise<string> {
  return await enqueued(house.db, {
    shopId,
    kind: 'none',
    subject: { type: 'trade', id: shopId },
    idempotencyKey: `none/${shopId}`,
    payload: {},
  })
}

async function taskId(kind: string, shopId: string): Promise<string> {
  const found = await sql<{ id: string }>`
    select id from task where kind = ${kind} and shop_id = ${shopId}::bigint`.execute(house.db)
  return found.rows[0]?.id ?? ''
}

async function walk(path: string): Promise<Record<string, unknown>[]> {
  const all: Record<string, unknown>[] = []
  for (let after = ''; ; ) {
    const page = await admin.call('GET', `${path}${after}`)
    all.push(...rows(page))
    const next = field(page, 'next')
    if (next === null) return all
    after = `&after=${next}`
  }
}

function rows(answer: Answer): Record<string, unknown>[] {
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  const list = field(answer, 'rows')
  assert.ok(Array.isArray(list))
  return list
}

function field(answer: Answer, name: string): unknown {
  return read(answer.body, name)
}

function read(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
