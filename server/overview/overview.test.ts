import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { readQueueCounts } from '../alarms/queue-counts.ts'
import type { Trade } from '../connectors/connector.ts'
import { type Scope, systemActor, wholeScope } from '../core/access/actor.ts'
import { listIds } from '../core/lists/list.ts'
import { convertTrades } from '../flows/convert-trade.ts'
import { aRefund, aTrade, type IntakeFixture, intakeFixture, stage, stageRefunds } from '../intake/testing.ts'
import { tradeQuery, tradeTable } from '../intake/trades/trade-list.ts'
import { chinaDay, fromChinaTime, hourMs, minuteMs } from '../lib/time.ts'
import { paidHours } from './hours.ts'
import { queuesAndStuck } from './overview.ts'

const now = new Date()

async function overview(pool: IntakeFixture, scope: Scope = wholeScope) {
  const asked = { db: pool.db, ring: pool.ring, scope, now }
  return queuesAndStuck(asked, await readQueueCounts(asked))
}

async function queue(pool: IntakeFixture, key: string, scope?: Scope) {
  return (await overview(pool, scope)).queues.find((one) => one.key === key)
}

async function convert({ db }: IntakeFixture, ...trades: readonly Trade[]): Promise<void> {
  const tids = trades.map(({ tid }) => tid)
  const found = await sql<{
    id: string
  }>`select id from staged_trade where tid = any(${tids}::text[])`.execute(db)
  const ids = found.rows.map(({ id }) => id)
  await db.transaction().execute((tx) => convertTrades(tx, ids, { actor: systemActor, scope: wholeScope }))
}

test('an empty house has eight empty queues and nothing stuck', async () => {
  await using pool = await intakeFixture()
  const { queues, stuck } = await overview(pool)
  assert.deepEqual(
    queues.map((one) => [one.key, one.count, one.oldestMs, one.note.count]),
    ['download', 'fetching', 'staged', 'unconfirmed', 'held', 'differs', 'refunds', 'write_back'].map(
      (key) => [key, 0, null, 0],
    ),
  )
  assert.deepEqual(stuck, [])
})

test('counts what waits, what of it converts, and why the rest does not', async () => {
  await using pool = await intakeFixture()
  const held = aTrade({ holds: ['risk'] })
  const applied = aTrade()
  await stage(pool, aTrade(), aTrade(), held, applied, aTrade({ status: 'unpaid', paidAt: null }))
  await stageRefunds(pool, aRefund(applied), {
    ...aRefund(aTrade()),
    deadline: new Date(now.getTime() + hourMs),
  })
  const { queues, stuck } = await overview(pool)
  assert.deepEqual(
    queues.find((one) => one.key === 'staged'),
    {
      key: 'staged',
      count: 5,
      capped: false,
      oldestMs: null,
      note: { code: 'convertible', count: 2, capped: false },
    },
  )
  assert.deepEqual(queues.find((one) => one.key === 'refunds')?.note, {
    code: 'due',
    count: 1,
    capped: false,
  })
  assert.deepEqual(
    stuck.map((one) => [one.code, one.count, one.where, one.needsPerson, one.to]),
    [
      ['no_original', 1, 'refunds', true, '/staged-refunds?tab=open&reason=no_original'],
      ['not_paid', 1, 'staged', false, '/staged-trades?tab=blocked&reason=not_paid'],
      ['platform_hold', 1, 'staged', false, '/staged-trades?tab=blocked&reason=platform_hold'],
      ['refund_open', 1, 'staged', true, '/staged-trades?tab=blocked&reason=refund_open'],
    ],
  )
})

test('says since when the queue, the details and the unconfirmed orders wait', async () => {
  await using pool = await intakeFixture()
  const trade = aTrade()
  await stage(pool, trade, aTrade())
  await sql`
    insert into download_queue (shop_id, tid, modified_at, platform_status, trade_type, is_new, waiting_since)
    values (${pool.shopId}, '1', now(), 'X', 'fixed', true, ${new Date(now.getTime() - 2 * minuteMs)})`.execute(
    pool.db,
  )
  await convert(pool, trade)
  await sql`update sales_order set created_at = ${new Date(now.getTime() - 48 * minuteMs)}`.execute(pool.db)
  await sql`
    insert into staged_trade (shop_id, tid, state, state_at, modified_at, status, platform_status, trade_type, reason, facets)
    values (${pool.shopId}, '9', 'fetching', ${new Date(now.getTime() - 6 * minuteMs)}, now(), 'unknown', 'X', 'fixed', 'fetching', '{}')`.execute(
    pool.db,
  )
  await sql`insert into trade_fetch (trade_id, shop_id, tid, wanted_at, tries, error)
    select id, shop_id, tid, now(), 5, 'isv.timeout' from staged_trade where tid = '9'`.execute(pool.db)
  const { queues, stuck } = await overview(pool)
  const minutes = Object.fromEntries(
    queues.map((one) => [one.key, one.oldestMs === null ? null : one.oldestMs / minuteMs]),
  )
  assert.deepEqual(
    [minutes['download'], minutes['fetching'], minutes['unconfirmed'], minutes['staged']],
    [2, 6, 48, null],
  )
  assert.deepEqual(
    stuck.map((one) => [one.code, one.where, one.count]),
    [['detail_failed', 'fetching', 1]],
  )
})

test('a detail that keeps failing is told of and found, also where an older version is here', async () => {
  await using pool = await intakeFixture()
  const [here, other] = [aTrade(), aTrade()]
  await stage(pool, here, other)
  await sql`insert into trade_fetch (trade_id, shop_id, tid, wanted_at, tries, error)
    select id, shop_id, tid, now(), 5, 'isv.timeout' from staged_trade where tid = ${here.tid}`.execute(
    pool.db,
  )
  const { stuck } = await overview(pool)
  assert.deepEqual(
    stuck.map(({ code, count, to }) => [code, count, to]),
    [['detail_failed', 1, '/staged-trades?tab=fetching&failing=true']],
  )
  const behind = async (tab: 'fetching' | 'staged' | 'history') => {
    const query = await tradeQuery(
      pool.db,
      pool.ring,
      { tab, failing: 'true' },
      { scope: wholeScope, sort: undefined },
    )
    const { ids } = await listIds(pool.db, tradeTable, query, { limit: 5, after: undefined })
    return (await sql<{ tid: string }>`select tid from staged_trade where id = any(${ids})`.execute(pool.db))
      .rows
  }
  assert.deepEqual(await behind('fetching'), [{ tid: here.tid }])
  assert.deepEqual(await behind('staged'), [{ tid: here.tid }])
  assert.deepEqual(await behind('history'), [])
})

test('an order that is over is not among those that an open refund holds', async () => {
  await using pool = await intakeFixture()
  const [over, waiting] = [aTrade(), aTrade()]
  await stage(pool, over, waiting)
  await convert(pool, over, waiting)
  await stageRefunds(pool, aRefund(over), aRefund(waiting))
  const note = async () => (await queue(pool, 'held'))?.note
  assert.deepEqual(await note(), { code: 'refund_open', count: 2, capped: false })
  await sql`update sales_order set status = 'voided' where tid = ${over.tid}`.execute(pool.db)
  assert.deepEqual(await note(), { code: 'refund_open', count: 1, capped: false })
})

test('failed and unclear actions stand beside those that are still under way', async () => {
  await using pool = await intakeFixture()
  await sql`
    insert into platform_action (shop_id, kind, subject_type, subject_id, idempotency_key, payload, state, next_at, created_by)
    select ${pool.shopId}::bigint, 'refund.refuse', 'refund', k, k, '{}', s, n, '{}' from (values
      ('a', 'pending', now()), ('b', 'failed', null), ('c', 'unknown', null), ('d', 'unknown', now()), ('e', 'succeeded', null)) x (k, s, n)`.execute(
    pool.db,
  )
  const writeBack = await queue(pool, 'write_back')
  assert.deepEqual([writeBack?.count, writeBack?.note], [4, { code: 'failed', count: 2, capped: false }])
})

test('shows nothing of shops outside the scope, in any figure', async () => {
  await using pool = await intakeFixture()
  const trade = aTrade()
  await stage(pool, trade, aTrade({ status: 'unpaid', paidAt: null }))
  await stageRefunds(pool, { ...aRefund(trade), deadline: now })
  await sql`
    insert into platform_action (shop_id, kind, subject_type, subject_id, idempotency_key, payload, state, created_by)
    values (${pool.shopId}, 'x', 'refund', '1', '1', '{}', 'failed', '{}')`.execute(pool.db)
  for (const shops of [[], ['999']]) {
    const scope = { shops, warehouses: 'all' } as const
    const { queues, stuck } = await overview(pool, scope)
    assert.ok(queues.every((one) => one.count === 0 && one.note.count === 0 && one.oldestMs === null))
    assert.deepEqual(stuck, [])
  }
  assert.equal((await queue(pool, 'staged', { shops: [pool.shopId], warehouses: 'all' }))?.count, 2)
})

test('counts paid trades by hour of Shanghai, yesterday beside today, whatever became of them', async () => {
  await using pool = await intakeFixture()
  const at = fromChinaTime(`${chinaDay(now)} 10:30:00`)
  const midnight = fromChinaTime(`${chinaDay(now)} 00:00:00`)
  const yesterday = (clock: string) =>
    fromChinaTime(`${chinaDay(new Date(midnight.getTime() - hourMs))} ${clock}`)
  await stage(
    pool,
    aTrade({ paidAt: midnight }),
    aTrade({ paidAt: fromChinaTime(`${chinaDay(now)} 09:59:59`) }),
    aTrade({ paidAt: at, status: 'closed_refunded' }),
    aTrade({ paidAt: yesterday('23:59:59') }),
    aTrade({ paidAt: yesterday('00:00:00') }),
    aTrade({ paidAt: new Date(midnight.getTime() - 25 * hourMs) }),
    aTrade({ status: 'unpaid', paidAt: null }),
  )
  const hours = await paidHours(pool.db, wholeScope, at)
  const figures = (all: readonly number[]) => all.flatMap((count, hour) => (count > 0 ? [[hour, count]] : []))
  assert.deepEqual(figures(hours.today), [
    [0, 1],
    [9, 1],
    [10, 1],
  ])
  assert.deepEqual(figures(hours.yesterday), [
    [0, 1],
    [23, 1],
  ])
  assert.equal(hours.hour, 10)
  assert.deepEqual(figures((await paidHours(pool.db, { shops: ['999'], warehouses: 'all' }, at)).today), [])
  // A late trade of an hour long past appears when that hour is counted again.
  await stage(pool, aTrade({ paidAt: yesterday('12:00:00') }), aTrade({ paidAt: at }))
  const soon = await paidHours(pool.db, wholeScope, new Date(at.getTime() + 10_000))
  assert.deepEqual([soon.today[10], soon.yesterday[12]], [2, 0])
  const later = await paidHours(pool.db, wholeScope, new Date(at.getTime() + 25 * minuteMs))
  assert.deepEqual([later.today[10], later.yesterday[12]], [2, 1])
})
