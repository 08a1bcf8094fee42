import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import type { TradeBrief } from '../../connectors/connector.ts'
import { connectors } from '../../connectors/index.ts'
import { type Actor, wholeScope } from '../../core/access/actor.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import { counting } from '../../testing/database.ts'
import { giveShopTasks } from '../../worker.ts'
import { type IntakeFixture, intakeFixture } from '../testing.ts'
import { fetchQueued, queueCount, queuePage } from './queue-list.ts'
import { claimFetches, moveQueue, queueTrades } from './queue-queries.ts'

let pool: IntakeFixture
let shopIds: string[]
const clerk: Actor = { kind: 'user', id: '7', name: '林晓' }
const run = <T>(db: Database, work: (tx: Tx) => Promise<T>) => db.transaction().execute(work)

before(async () => {
  pool = await intakeFixture()
  const [connector] = connectors
  assert.ok(connector)
  const others = await sql<{ id: string }>`
    insert into shop (platform, variant, name, go_live_at, auth_state)
    select platform, variant, name || n, go_live_at, auth_state from shop, generate_series(2, 4) n returning id`.execute(
    pool.db,
  )
  shopIds = [pool.shopId, ...others.rows.map(({ id }) => id)]
  for (const id of shopIds) await run(pool.db, (tx) => giveShopTasks(tx, { id }, connector))
})
after(() => pool[Symbol.asyncDispose]())

const brief = (tid: string, platformStatus: string): TradeBrief => ({
  kind: 'brief',
  tid,
  modifiedAt: new Date(),
  createdAt: null,
  platformStatus,
  type: 'fixed',
  buyerNick: '',
  receiverName: '',
  paymentFen: 100,
})
const queued = (shopId: string, ...briefs: TradeBrief[]) =>
  run(pool.db, (tx) => queueTrades(tx, shopId, briefs, pool.ring))

test('a status that no word of ours stands for is found as 未知, and by no other', async () => {
  await queued(
    pool.shopId,
    brief('294810573300000001', 'WAIT_SELLER_SEND_GOODS'),
    brief('294810573300000002', 'WORD_OF_NEXT_YEAR'),
  )
  const found = async (status: string) => {
    const page = await queuePage(
      pool.db,
      pool.ring,
      { status },
      { scope: wholeScope, page: { limit: 50, after: undefined } },
    )
    const { tabs } = await queueCount(pool.db, pool.ring, { status }, wholeScope)
    const rows = page.rows.map((row) => [row.tid.slice(-1), row.status])
    assert.equal(Object(tabs.waiting).count, rows.length)
    return rows
  }
  assert.deepEqual(await found('unknown'), [['2', 'unknown']])
  assert.deepEqual(await found('paid'), [['1', 'paid']])
  assert.deepEqual(await found('paid,unknown'), [
    ['1', 'paid'],
    ['2', 'unknown'],
  ])
  await sql`delete from download_queue`.execute(pool.db)
})

test('下载 over the rows of many shops asks for a run of each, by as many statements as for one', async () => {
  for (const shopId of shopIds)
    await queued(
      shopId,
      brief('294810573300000003', 'WAIT_SELLER_SEND_GOODS'),
      brief('294810573300000004', ''),
    )
  const rows = await sql<{ id: string; shopId: string }>`
    select id, shop_id as "shopId" from download_queue order by id`.execute(pool.db)
  const press = async (ids: string[]) => {
    const watched = counting(pool.db)
    const outcomes = await run(watched.db, (tx) => fetchQueued(tx, ids, { actor: clerk, scope: wholeScope }))
    return { outcomes, statements: watched.statements() }
  }
  const one = await press(rows.rows.filter(({ shopId }) => shopId === pool.shopId).map(({ id }) => id))
  const all = await press(rows.rows.map(({ id }) => id))
  assert.equal(all.statements, one.statements)
  assert.deepEqual(
    all.outcomes.map(({ id, done }) => [id, done]),
    rows.rows.map(({ id }) => [id, true]),
  )
  const runs = await sql<{ id: string; shopId: string; kind: string; params: unknown; by: string }>`
    select id, shop_id as "shopId", kind, params, requested_by ->> 'name' as by from task_run where state = 'queued' order by shop_id`.execute(
    pool.db,
  )
  assert.deepEqual(
    runs.rows.map(({ id: _, ...row }) => row),
    shopIds.map((shopId) => ({ shopId, kind: 'trade_detail', params: { onlyUrgent: true }, by: '林晓' })),
  )
  const runOf = new Map(runs.rows.map(({ id, shopId }) => [shopId, id]))
  assert.deepEqual(
    all.outcomes.map((outcome) => 'runId' in outcome && outcome.runId),
    rows.rows.map(({ shopId }) => runOf.get(shopId)),
  )
  assert.deepEqual(
    one.outcomes.map((outcome) => 'runId' in outcome && outcome.runId),
    [runOf.get(pool.shopId), runOf.get(pool.shopId)],
  )
})

test('a shop whose task has too many requests, or that has none, refuses its own rows only, and they wait as before', async () => {
  await sql`delete from task_run`.execute(pool.db)
  await sql`update download_queue set urgent = false`.execute(pool.db)
  const [first = '', second = '', third = ''] = shopIds
  // Nothing of this shop can be requested, because it has no such task.
  await sql`delete from task where kind = 'trade_detail' and shop_id = ${third}`.execute(pool.db)
  await sql`
    insert into task_run (task_id, kind, shop_id, trigger, state, requested_by, params)
    select id, kind, shop_id, 'person', 'queued', '{}', jsonb_build_object('tradesPerRun', n) from task, generate_series(1, 10) n
    where kind = 'trade_detail' and shop_id = ${first}`.execute(pool.db)
  const rows = await sql<{ id: string }>`
    select min(id)::text as id from download_queue where shop_id in (${first}, ${second}, ${third}) group by shop_id order by 1`.execute(
    pool.db,
  )
  const outcomes = await run(pool.db, (tx) =>
    fetchQueued(
      tx,
      rows.rows.map(({ id }) => id),
      { actor: clerk, scope: wholeScope },
    ),
  )
  assert.deepEqual(
    outcomes.map((outcome) => (outcome.done ? 'done' : outcome.code)),
    ['run_queue_full', 'done', 'not_found'],
  )
  const urgent = await sql<{ id: string }>`select id from download_queue where urgent`.execute(pool.db)
  assert.deepEqual(urgent.rows, [rows.rows[1]])
})

test('of the details that came together, those of the oldest changes are asked first', async () => {
  await sql`delete from download_queue`.execute(pool.db)
  const changed = (tid: string, minute: number) => ({
    ...brief(tid, 'WAIT_SELLER_SEND_GOODS'),
    modifiedAt: new Date(Date.UTC(2026, 9, 1, 8, minute)),
  })
  await queued(
    pool.shopId,
    changed('294810573300000021', 3),
    changed('294810573300000022', 1),
    changed('294810573300000023', 2),
  )
  assert.equal(await run(pool.db, (tx) => moveQueue(tx, pool.shopId, 10)), 3)
  const claim = async () => {
    const claims = await claimFetches(pool.db, pool.shopId, { limit: 2, leaseSeconds: 60 })
    return claims.map(({ tid }) => tid.slice(-2))
  }
  assert.deepEqual([await claim(), await claim(), await claim()], [['22', '23'], ['21'], []])
})

test('a new trade that a list shows again, changed, before its detail is here counts as new once', async () => {
  const shopId = shopIds[3] ?? ''
  const first = brief('294810573300000009', 'WAIT_BUYER_PAY')
  const later = { ...first, modifiedAt: new Date(first.modifiedAt.getTime() + 1000) }
  const counts = async (row: TradeBrief) => {
    const { created, updated, same } = await queued(shopId, row)
    return { created, updated, same }
  }
  assert.deepEqual(await counts(first), { created: 1, updated: 0, same: 0 })
  assert.deepEqual(await counts(later), { created: 0, updated: 1, same: 0 })
  assert.deepEqual(await counts(later), { created: 0, updated: 0, same: 1 })
})
