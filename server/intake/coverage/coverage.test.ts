import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { wholeScope } from '../../core/access/actor.ts'
import { dayMs, minuteMs } from '../../lib/time.ts'
import { type IntakeFixture, intakeFixture } from '../testing.ts'
import { coverageOf, presentCoverage, streamStates } from './coverage.ts'

const now = new Date()
const ago = (minutes: number) => new Date(now.getTime() - minutes * minuteMs)

/** A shop that was connected a day ago, with both streams and a finished first load. */
async function aFollowedShop(): Promise<IntakeFixture> {
  const pool = await intakeFixture()
  const created = new Date(now.getTime() - dayMs)
  await sql`update shop set created_at = ${created}`.execute(pool.db)
  await sql`insert into task (kind, shop_id, interval_seconds) values
    ('trade_list', ${pool.shopId}, 120), ('refund_list', ${pool.shopId}, 120)`.execute(pool.db)
  await mark(pool, 'trades', ago(2))
  await mark(pool, 'refunds', ago(3))
  await mark(pool, 'trades_first', created)
  return pool
}

async function mark({ db, shopId }: IntakeFixture, stream: string, to: Date) {
  await sql`
    insert into stream_cursor (shop_id, stream, complete_to) values (${shopId}, ${stream}, ${to})
    on conflict (shop_id, stream) do update set complete_to = excluded.complete_to`.execute(db)
}

async function run(
  { db, shopId }: IntakeFixture,
  kind: string,
  values: { state?: string; seen?: number; created?: number; skipped?: string; at?: Date },
) {
  const { state = 'done', seen = 0, created = 0, skipped = '{}', at = now } = values
  await sql`
    insert into task_run (task_id, kind, shop_id, trigger, state, requested_at, started_at, ended_at, seen, created, skipped, error_code, error)
    select id, kind, shop_id, 'schedule', ${state}, ${at}, ${at}, ${at}, ${seen}, ${created}, ${skipped}::jsonb,
      ${state === 'failed' ? 'isp.http-timeout' : ''}, '' from task where kind = ${kind} and shop_id = ${shopId}`.execute(
    db,
  )
}

async function rows(pool: IntakeFixture, hours = 1) {
  return (await streamStates(pool.db, wholeScope, { hours, now })).map(presentCoverage)
}
async function row(pool: IntakeFixture, stream: string) {
  return (await rows(pool)).find((one) => one.stream === stream)
}

test('a shop is complete to the earlier of its trades and refunds', async () => {
  await using pool = await aFollowedShop()
  const all = await rows(pool)
  assert.deepEqual(
    all.map((one) => [one.stream, one.completeTo, one.behindMs, one.state, one.code, one.reason]),
    [
      ['shop', ago(3).toISOString(), 3 * minuteMs, 'complete', 'complete', null],
      ['trades', ago(2).toISOString(), 2 * minuteMs, 'complete', 'complete', null],
      ['trades_first', new Date(now.getTime() - dayMs).toISOString(), 0, 'complete', 'complete', null],
      ['refunds', ago(3).toISOString(), 3 * minuteMs, 'complete', 'complete', null],
    ],
  )
  const seam = await coverageOf(pool.db, [pool.shopId, '999'])
  assert.deepEqual([...seam.keys()], [pool.shopId])
  assert.deepEqual([seam.get(pool.shopId)?.completeTo, seam.get(pool.shopId)?.reason], [ago(3), null])
})

test('what waits for its detail is not here: the shop is complete to before it, and never called complete', async () => {
  await using pool = await aFollowedShop()
  const { db, shopId } = pool
  await sql`insert into download_queue (shop_id, tid, modified_at, platform_status, trade_type, is_new)
    values (${shopId}, 'T1', ${ago(7)}, '', 'other', true), (${shopId}, 'T2', ${ago(5)}, '', 'other', true)`.execute(
    db,
  )
  // T2 is in both tables but is one trade; of T3 only the number is known.
  await sql`with made as (
      insert into staged_trade (shop_id, tid, state, modified_at, status, platform_status, trade_type, payment_fen, reason, facets)
      select ${shopId}, tid, 'fetching', now(), 'unknown', '', 'other', 0, 'fetching', '{}' from unnest('{T2,T3}'::text[]) tid
      returning id, tid)
    insert into trade_fetch (trade_id, shop_id, tid, wanted_at)
    select id, ${shopId}, tid, case tid when 'T3' then to_timestamp(0) else ${ago(5)}::timestamptz end from made`.execute(
    db,
  )
  assert.deepEqual(
    (await rows(pool)).map((one) => [
      one.stream,
      one.completeTo,
      one.state,
      one.code,
      one.waiting,
      one.reason?.zh,
    ]),
    [
      ['shop', ago(7).toISOString(), 'chasing', 'fetching_details', 3, '3 笔在取明细'],
      ['trades', ago(7).toISOString(), 'chasing', 'fetching_details', 3, '3 笔在取明细'],
      [
        'trades_first',
        new Date(now.getTime() - dayMs).toISOString(),
        'chasing',
        'fetching_details',
        3,
        '3 笔在取明细',
      ],
      ['refunds', ago(3).toISOString(), 'complete', 'complete', 0, undefined],
    ],
  )
  const listed = (await coverageOf(db, [shopId])).get(shopId)
  assert.deepEqual([listed?.completeTo, listed?.reason?.zh], [ago(7), '3 笔在取明细'])
  await sql`delete from download_queue`.execute(db)
  await sql`delete from trade_fetch`.execute(db)
  assert.deepEqual((await row(pool, 'shop'))?.completeTo, ago(3).toISOString())
})

test('too many details that wait: nobody can say to which moment the shop is complete', async () => {
  await using pool = await aFollowedShop()
  await sql`insert into download_queue (shop_id, tid, modified_at, platform_status, trade_type, is_new)
    select ${pool.shopId}, 'T' || n, ${ago(7)}, '', 'other', true from generate_series(1, 10001) n`.execute(
    pool.db,
  )
  const shop = await row(pool, 'shop')
  assert.deepEqual([shop?.completeTo, shop?.behindMs, shop?.reason?.zh], [null, null, '10000+ 笔在取明细'])
})

test('a trade that came and could not be read is told of beside the rest', async () => {
  await using pool = await aFollowedShop()
  await sql`insert into parked_item (shop_id, kind, platform_id, reason, sealed, fingerprint)
    values (${pool.shopId}, 'trade', 'T1', 'no lines', '', 'a')`.execute(pool.db)
  assert.deepEqual(
    (await rows(pool)).map((one) => [one.stream, one.parked]),
    [
      ['shop', 1],
      ['trades', 1],
      ['trades_first', 1],
      ['refunds', 0],
    ],
  )
})

test('while the first load stands in the past, the shop is complete to there and no further', async () => {
  await using pool = await aFollowedShop()
  await mark(pool, 'trades_first', ago(2 * 24 * 60))
  const shop = await row(pool, 'shop')
  assert.deepEqual(
    [shop?.completeTo, shop?.code, shop?.behindMs],
    [ago(2 * 24 * 60).toISOString(), 'first_load', 2 * dayMs],
  )
  const listed = (await coverageOf(pool.db, [pool.shopId])).get(pool.shopId)
  assert.deepEqual([listed?.completeTo, listed?.reason?.zh], [ago(2 * 24 * 60), '首次下载中'])

  await sql`delete from stream_cursor where stream = 'trades_first'`.execute(pool.db)
  const before = await row(pool, 'shop')
  assert.deepEqual([before?.completeTo, before?.code], [null, 'first_load'])
})

test('sums what the runs of today did, with the reasons of what was skipped, and nothing of yesterday', async () => {
  await using pool = await aFollowedShop()
  await run(pool, 'trade_list', { seen: 10, created: 4, skipped: '{"same": 5, "processed": 1}' })
  await run(pool, 'trade_list', { seen: 3, created: 1, skipped: '{"same": 2}' })
  await run(pool, 'refund_list', { seen: 2, created: 2 })
  await run(pool, 'trade_list', { seen: 99, created: 99, at: new Date(now.getTime() - dayMs) })
  const trades = await row(pool, 'trades')
  assert.deepEqual(
    [trades?.seen, trades?.created, trades?.skipped, trades?.skippedReasons],
    [13, 5, 8, { same: 7, processed: 1 }],
  )
  const shop = await row(pool, 'shop')
  assert.deepEqual([shop?.seen, shop?.created], [15, 7])
})

test('documents that push brought today count with those of the runs, and none of yesterday', async () => {
  await using pool = await aFollowedShop()
  await run(pool, 'trade_list', { seen: 10, created: 4, skipped: '{"same": 6}' })
  await sql`insert into push_today (shop_id, kind, day, created, updated) values
    (${pool.shopId}, 'trade', china_day(now()), 20, 3), (${pool.shopId}, 'refund', china_day(now()) - 1, 50, 50)`.execute(
    pool.db,
  )
  const sums = async (stream: string) => {
    const found = await row(pool, stream)
    return [found?.seen, found?.created, found?.updated, found?.skipped]
  }
  assert.deepEqual(
    [await sums('trades'), await sums('refunds')],
    [
      [33, 24, 3, 6],
      [0, 0, 0, 0],
    ],
  )
})

test('says why a stream does not move, and what of the strip is missing', async () => {
  await using pool = await aFollowedShop()
  await mark(pool, 'trades', ago(20))
  const stripOf = async () =>
    (await row(pool, 'trades'))?.windows.map(({ from, to, state }) => [
      state,
      (Date.parse(to) - Date.parse(from)) / minuteMs,
    ])
  assert.equal((await row(pool, 'trades'))?.code, 'catching_up')
  assert.deepEqual(await stripOf(), [['done', 40]])

  await sql`update task set run_id = 1, lease_until = now() + interval '9 s' where kind = 'trade_list'`.execute(
    pool.db,
  )
  assert.deepEqual(await stripOf(), [
    ['done', 40],
    ['running', 20],
  ])

  await sql`update task set run_id = null, lease_until = null, failures = 2 where kind = 'trade_list'`.execute(
    pool.db,
  )
  await run(pool, 'trade_list', { state: 'failed' })
  const failing = await row(pool, 'trades')
  assert.deepEqual(
    [failing?.state, failing?.code, failing?.errorCode, failing?.reason?.zh],
    ['failing', 'failing', 'isp.http-timeout', '失败，在重试：超时没有答复'],
  )
  assert.deepEqual(await stripOf(), [
    ['done', 40],
    ['failed', 20],
  ])
  assert.equal((await row(pool, 'refunds'))?.code, 'complete')
  assert.equal((await row(pool, 'shop'))?.code, 'failing')

  await sql`insert into shop_gate (shop_id, ban_until) values (${pool.shopId}, now() + interval '30 s')`.execute(
    pool.db,
  )
  assert.deepEqual(
    [(await row(pool, 'trades'))?.code, (await row(pool, 'trades'))?.state],
    ['rate_limited', 'chasing'],
  )
  await sql`update shop set auth_state = 'expired'`.execute(pool.db)
  assert.deepEqual(
    [(await row(pool, 'shop'))?.code, (await row(pool, 'shop'))?.state],
    ['auth_expired', 'paused'],
  )
  await sql`update shop set auth_state = 'live', enabled = false`.execute(pool.db)
  assert.equal((await row(pool, 'trades'))?.reason?.zh, '店铺已停用')
})

test('a new shop is in its first load until what lay before its connection is here', async () => {
  await using pool = await aFollowedShop()
  await mark(pool, 'refunds', new Date(now.getTime() - 10 * dayMs))
  await mark(pool, 'trades_first', new Date(now.getTime() - 10 * dayMs))
  assert.deepEqual(
    (await rows(pool)).map((one) => [one.stream, one.code]),
    [
      ['shop', 'first_load'],
      ['trades', 'complete'],
      ['trades_first', 'first_load'],
      ['refunds', 'first_load'],
    ],
  )
  assert.equal((await row(pool, 'trades_first'))?.behindMs, 9 * dayMs)
})

test('nobody sees the coverage of a shop outside the scope', async () => {
  await using pool = await aFollowedShop()
  assert.deepEqual(await streamStates(pool.db, { shops: [], warehouses: 'all' }), [])
  assert.deepEqual(await streamStates(pool.db, { shops: ['999'], warehouses: 'all' }), [])
})

test('a late list of the platform is said with its minutes, holds both streams back, and is over when it is', async () => {
  await using pool = await aFollowedShop()
  const late = (ms: number) =>
    sql`update stream_cursor set late_ms = ${ms} where stream = 'trades'`.execute(pool.db)
  await late(8 * minuteMs)
  const shown = (one: Awaited<ReturnType<typeof rows>>[number]) => [
    ...[one.stream, one.completeTo, one.state, one.code, one.reason?.zh],
    one.reason?.en,
  ]
  const words = ['平台列表晚约 8 分钟，会自己补齐', 'Platform lists about 8 min late; nothing is lost']
  assert.deepEqual((await rows(pool)).map(shown), [
    ['shop', ago(11).toISOString(), 'chasing', 'platform_late', ...words],
    ['trades', ago(10).toISOString(), 'chasing', 'platform_late', ...words],
    [
      'trades_first',
      new Date(now.getTime() - dayMs).toISOString(),
      'complete',
      'complete',
      undefined,
      undefined,
    ],
    ['refunds', ago(11).toISOString(), 'chasing', 'platform_late', ...words],
  ])
  await late(0)
  assert.deepEqual(
    (await rows(pool)).map(({ code, lateMs }) => [code, lateMs]),
    Array.from({ length: 4 }, () => ['complete', 0]),
  )
})
