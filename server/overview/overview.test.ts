import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { readQueueCounts } from '../alarms/queue-counts.ts'
import type { Trade } from '../connectors/connector.ts'
import { type Scope, systemActor, wholeScope } from '../core/access/actor.ts'
import { createQueues } from '../core/jobs/job.ts'
import { listIds } from '../core/lists/list.ts'
import { convertTrades } from '../flows/convert-trade.ts'
import { aRefund, aTrade, type IntakeFixture, intakeFixture, stage, stageRefunds } from '../intake/testing.ts'
import { tradeQuery, tradeTable } from '../intake/trades/trade-list.ts'
import { chinaDay, dayMs, fromChinaTime, hourMs, minuteMs, secondMs } from '../lib/time.ts'
import { computeAll, splitOwnOrder } from '../reports/testing.ts'
import { anOrder } from '../testing/orders.ts'
import { jobs } from '../worker.ts'
import { queueKeys } from './contract.ts'
import { queuesAndStuck } from './overview.ts'
import { salesNow, salesOfWeek } from './sales.ts'

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
    [...queueKeys].map((key) => [key, 0, null, 0]),
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
      to: '/staged-trades?tab=staged',
      oldestMs: null,
      note: { code: 'convertible', count: 2, capped: false, to: '/staged-trades?tab=staged&reason=none' },
    },
  )
  assert.deepEqual(queues.find((one) => one.key === 'refunds')?.note, {
    code: 'due',
    count: 1,
    capped: false,
    to: '/staged-refunds?tab=due',
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
  const held = async () =>
    (await overview(pool)).stuck.flatMap(({ where, code, count }) =>
      where === 'unconfirmed' ? [[code, count]] : [],
    )
  assert.deepEqual(await held(), [['refund_held', 2]])
  await sql`update sales_order set status = 'voided' where tid = ${over.tid}`.execute(pool.db)
  assert.deepEqual(await held(), [['refund_held', 1]])
})

test('failed and unclear actions stand beside those that are still under way', async () => {
  await using pool = await intakeFixture()
  await sql`
    insert into platform_action (shop_id, kind, subject_type, subject_id, idempotency_key, payload, state, next_at, created_by)
    select ${pool.shopId}::bigint, 'refund.refuse', 'refund', k, k, '{}', s, n, '{}' from (values
      ('a', 'pending', now()), ('b', 'failed', null), ('c', 'unknown', null), ('d', 'unknown', now()), ('e', 'succeeded', null)) x (k, s, n)`.execute(
    pool.db,
  )
  const { queues, stuck } = await overview(pool)
  const writeBack = queues.find(({ key }) => key === 'write_back')
  assert.deepEqual([writeBack?.count, writeBack?.note.code, writeBack?.note.count], [1, 'failed', 1])
  assert.deepEqual(
    stuck.map(({ code, count }) => [code, count]),
    [
      ['write_back_failed', 1],
      ['write_back_unclear', 1],
    ],
  )
})

test('says how many deliveries have to leave today and how many are late, with the list of each', async () => {
  await using pool = await intakeFixture()
  const midnight = fromChinaTime(`${chinaDay(now)} 00:00:00`).getTime() + dayMs
  const times = [
    new Date(now.getTime() - 72 * minuteMs),
    new Date(now.getTime() - minuteMs),
    new Date((now.getTime() + midnight) / 2),
    new Date(midnight),
    null,
  ]
  for (const shipBy of times) {
    const { id } = await anOrder(pool.db, { shopId: pool.shopId, status: 'released' })
    await sql`insert into delivery (no, order_id, order_no, tid, shop_id, status, ship_by, created_by, piece_count)
      select 'DN' || id, id, no, tid, shop_id, 'pending', ${shipBy}::timestamptz, '', 1 from sales_order where id = ${id}::bigint`.execute(
      pool.db,
    )
  }
  const { shipBy, queues } = await overview(pool)
  assert.deepEqual(queues.find(({ key }) => key === 'to_ship')?.count, 5)
  assert.deepEqual(
    [shipBy.today.count, shipBy.over.count, shipBy.overMs, shipBy.nextMs],
    [3, 2, 72 * minuteMs, Math.floor((midnight - now.getTime()) / 2)],
  )
  const elsewhere = await overview(pool, { shops: ['999'], warehouses: 'all' })
  assert.deepEqual(
    [elsewhere.shipBy.today.count, elsewhere.shipBy.over.count, elsewhere.shipBy.overMs],
    [0, 0, null],
  )
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

test('counts payments by hour of Shanghai, those of yesterday beside today, also of trades that were closed later', async () => {
  await using pool = await intakeFixture()
  const at = fromChinaTime(`${chinaDay(now)} 10:30:00`)
  const midnight = fromChinaTime(`${chinaDay(now)} 00:00:00`)
  const yesterday = (clock: string) =>
    fromChinaTime(`${chinaDay(new Date(midnight.getTime() - hourMs))} ${clock}`)
  const paid = (paidAt: Date | null, paymentFen: number, more: Partial<Trade> = {}) =>
    aTrade({ ...more, paidAt, paymentFen })
  const gone = paid(at, 400, { status: 'closed_refunded' })
  await stage(
    pool,
    paid(midnight, 100),
    paid(fromChinaTime(`${chinaDay(now)} 09:59:59`), 200),
    gone,
    paid(yesterday('23:59:59'), 800),
    paid(yesterday('00:00:00'), 1600),
    paid(yesterday('10:29:00'), 3200),
    paid(yesterday('10:31:00'), 6400),
    paid(new Date(midnight.getTime() - 25 * hourMs), 12_800),
    paid(null, 25_600, { status: 'unpaid' }),
  )
  const backAt = { createdAt: midnight, amountFen: 77 }
  await stageRefunds(
    pool,
    aRefund(gone, { ...backAt, status: 'succeeded', modifiedAt: at }),
    aRefund(gone, { ...backAt, status: 'applied', modifiedAt: at }),
    aRefund(gone, { ...backAt, status: 'succeeded', modifiedAt: yesterday('08:00:00'), amountFen: 5 }),
  )
  // An own order with a part that was split off, a reship, and an own order that is voided.
  const own = async (origin: string, fen: number, status: 'confirmed' | 'voided' = 'confirmed') => {
    const { id } = await anOrder(pool.db, { shopId: pool.shopId, status })
    await sql`update sales_order set paid_at = ${at}, payment_fen = ${fen}, origin = ${origin} where id = ${id}::bigint`.execute(
      pool.db,
    )
    return id
  }
  await createQueues(pool.db, jobs)
  assert.equal((await splitOwnOrder(pool.db, pool.shopId, at)).length, 2)
  await own('reship', 0)
  await own('manual', 90_000, 'voided')
  await own('trade', 70_000)

  const soonAfter = new Date(at.getTime() + secondMs)
  const sales = await salesNow(pool.db, wholeScope, soonAfter)
  const figures = (all: readonly number[]) => all.flatMap((count, hour) => (count > 0 ? [[hour, count]] : []))
  assert.deepEqual(figures(sales.today), [
    [0, 1],
    [9, 1],
    [10, 2],
  ])
  assert.deepEqual(figures(sales.yesterday), [
    [0, 1],
    [10, 2],
    [23, 1],
  ])
  assert.deepEqual(
    [sales.hour, sales.now, sales.before],
    [
      10,
      { count: 4, amountFen: 100 + 200 + 400 + 10_000, refundFen: 77 },
      { count: 2, amountFen: 1600 + 3200, refundFen: 5 },
    ],
  )
  const elsewhere: Scope = { shops: ['999'], warehouses: 'all' }
  assert.deepEqual((await salesNow(pool.db, elsewhere, soonAfter)).now, {
    count: 0,
    amountFen: 0,
    refundFen: 0,
  })
  // A late trade of an hour long past appears when that hour is counted again.
  await stage(pool, paid(yesterday('12:00:00'), 1), paid(at, 1))
  const soon = await salesNow(pool.db, wholeScope, new Date(at.getTime() + 10_000))
  assert.deepEqual([soon.today[10], soon.yesterday[12]], [3, 0])
  const later = await salesNow(pool.db, wholeScope, new Date(at.getTime() + 25 * minuteMs))
  assert.deepEqual([later.today[10], later.yesterday[12]], [3, 1])
})

test('seven days have the figures of the reports and the live ones of today, beside the seven before', async () => {
  await using pool = await intakeFixture()
  const at = fromChinaTime(`${chinaDay(now)} 10:30:00`)
  const daysAgo = (days: number) => new Date(at.getTime() - days * dayMs)
  const trades = [0, 1, 6, 7, 13, 14].map((days) => aTrade({ paidAt: daysAgo(days), paymentFen: 10 ** days }))
  await stage(pool, ...trades)
  const week = async (scope = wholeScope) => salesOfWeek(pool.db, scope, await salesNow(pool.db, scope, at))
  assert.deepEqual(
    (await week()).days.map(({ count, due }) => [count, due]),
    // Nothing is computed yet but the present day, which is live.
    [
      [0, true],
      [0, false],
      [0, false],
      [0, false],
      [0, false],
      [0, true],
      [1, false],
    ],
  )
  await computeAll(pool.db)
  const { days, before, onTime, late } = await week()
  assert.deepEqual(
    days.map(({ count, amountFen, due }) => [count, amountFen, due]),
    [
      [1, 1e6, false],
      [0, 0, false],
      [0, 0, false],
      [0, 0, false],
      [0, 0, false],
      [1, 10, false],
      [1, 1, false],
    ],
  )
  assert.deepEqual([days[0]?.day, days[6]?.day], [chinaDay(daysAgo(6)), chinaDay(at)])
  assert.deepEqual(before, { count: 2, amountFen: 1e7 + 1e13, refundFen: 0 })
  assert.deepEqual([onTime, late], [0, 0])
  const none = await week({ shops: ['999'], warehouses: 'all' })
  assert.deepEqual([none.before, none.days.every(({ count }) => count === 0)], [null, true])
})
