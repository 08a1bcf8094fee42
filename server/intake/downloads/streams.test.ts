import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { pino } from 'pino'
import { alarmsNow } from '../../alarms/alarms.ts'
import { readQueueCounts } from '../../alarms/queue-counts.ts'
import { connectors } from '../../connectors/index.ts'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { startHeartbeats } from '../../core/embedded/house-process.ts'
import { takeCursor } from '../../core/tasks/cursors.ts'
import type { RunContext } from '../../core/tasks/kinds.ts'
import { wakeTask } from '../../core/tasks/tasks.ts'
import { hourMs, minuteMs } from '../../lib/time.ts'
import { type OpenedShop, openCall } from '../../shops/calls.ts'
import { aShippingHouse, type ShippingHouse } from '../../testing/shipping.ts'
import { giveShopTasks } from '../../worker.ts'
import { runRefundList, runTradeList } from './streams.ts'

type ListParams = { firstLoadDays: number; windowsPerRun: number }

let fence = 0

/** Returns the context of one run of a list's task, as the engine does. */
async function contextOf(
  house: ShippingHouse,
  params: Partial<ListParams> = {},
): Promise<RunContext<ListParams> & OpenedShop> {
  fence += 1
  const opened = await openCall({ db: house.db, ring: house.ring, connectors, simulator: true }, house.shopId)
  return {
    ...opened,
    db: house.db,
    params: { firstLoadDays: 1, windowsPerRun: 200, ...params },
    window: undefined,
    signal: new AbortController().signal,
    progress: () => {},
    actor: systemActor,
    log: pino({ level: 'silent' }),
    taskId: '1',
    runId: '1',
    fence: String(fence),
  }
}

async function withTasks(platform: 'tmall' | 'pinduoduo'): Promise<ShippingHouse> {
  const house = await aShippingHouse(platform)
  const connector = connectors.find(({ id }) => id === (platform === 'tmall' ? 'taobao' : platform))
  assert.ok(connector)
  await house.run((tx) => giveShopTasks(tx, { id: house.shopId }, connector))
  return house
}

const rest = ({ db }: ShippingHouse) =>
  sql`update task set next_run_at = now() + interval '1 hour'`.execute(db)
/** Returns the kinds of tasks that are due now. */
const dueOf = async ({ db }: ShippingHouse) =>
  (
    await sql<{
      kind: string
    }>`select kind from task where next_run_at <= now() and enabled order by kind`.execute(db)
  ).rows.map(({ kind }) => kind)
/** Returns how many seconds a mark is behind the database's present time; negative: ahead. */
async function behind({ db }: ShippingHouse, stream: string): Promise<number> {
  const found = await sql<{ seconds: number }>`
    select extract(epoch from clock_timestamp() - complete_to)::float8 as seconds from stream_cursor where stream = ${stream}`.execute(
    db,
  )
  return found.rows[0]?.seconds ?? Number.NaN
}

test('lists rest for a minute while push works, and are read as usual once it does not', async () => {
  await using house = await withTasks('tmall')
  const { db, shopId } = house
  await sql`update shop set created_at = created_at - interval '1 minute'`.execute(db)
  await sql`
    insert into push_channel (channel, platform, opened_at, heard_at, silent_since) values ('taobao:1', 'taobao', now(), now(), null)`.execute(
    db,
  )
  await sql`insert into push_shop (shop_id, channel, permitted_at) values (${shopId}, 'taobao:1', now() - interval '1 hour')`.execute(
    db,
  )
  const waits = async () => {
    await sql`update task set next_run_at = now() + interval '20 seconds'`.execute(db)
    await runTradeList(await contextOf(house))
    await runRefundList(await contextOf(house))
    const found = await sql<{ seconds: number }>`
      select round(extract(epoch from next_run_at - now()))::int as seconds from task
      where kind in ('trade_list', 'refund_list') order by kind`.execute(db)
    return found.rows.map(({ seconds }) => seconds > 40)
  }
  assert.deepEqual(await waits(), [true, true])
  await sql`update push_channel set heard_at = now() - interval '31 seconds'`.execute(db)
  assert.deepEqual(await waits(), [false, false])
  // A list shows a trade of which no message came. Marks are whole seconds, so that the lists have something to read again.
  await sql`update stream_cursor set complete_to = complete_to - interval '5 seconds'`.execute(db)
  await sql`update push_channel set heard_at = now()`.execute(db)
  await house.control('trades', {
    shop: house.sandbox.world.shops[0]?.key,
    modified: Math.floor(Date.now() / 1000) - 12,
  })
  await sql`update stream_cursor set complete_to = complete_to - interval '1 minute' where stream = 'trades'`.execute(
    db,
  )
  assert.deepEqual(await waits(), [false, false])
  await sql`update push_channel set heard_at = now()`.execute(db)
  await sql`update push_shop set heard_at = now()`.execute(db)
  assert.deepEqual(await waits(), [true, true])
})

test('a list that shows what push left out is read as usual for ten minutes, also while other messages come; so are those of a restored shop', async () => {
  for (const platform of ['tmall', 'pinduoduo'] as const) {
    await using house = await withTasks(platform)
    const { db, shopId } = house
    const channel = `${platform}:1`
    await sql`
      insert into push_channel (channel, platform, opened_at, heard_at, silent_since) values (${channel}, 'any', now(), now(), null)`.execute(
      db,
    )
    await sql`
      insert into push_shop (shop_id, channel, permitted_at, heard_at) values (${shopId}, ${channel}, now() - interval '1 hour', now())`.execute(
      db,
    )
    const rests = async () => {
      await sql`update task set next_run_at = now() + interval '20 seconds'`.execute(db)
      const counts = await runTradeList(await contextOf(house))
      await runRefundList(await contextOf(house))
      const found = await sql<{ rests: boolean }>`
        select next_run_at > now() + interval '40 seconds' as rests from task where kind in ('refund_list', 'trade_list') order by kind`.execute(
        db,
      )
      return { rests: found.rows.map((row) => row.rests), report: counts.report ?? null }
    }
    assert.deepEqual(await rests(), { rests: [true, true], report: null })
    // Only lists say that a restored shop was read again.
    await sql`
      insert into shop_gate (shop_id, restored_at) values (${shopId}::bigint, now())
      on conflict (shop_id) do update set restored_at = now()`.execute(db)
    assert.deepEqual(await rests(), { rests: [false, false], report: null })
    await sql`update shop_gate set restored_at = null`.execute(db)
    await house.control('trades', {
      shop: house.sandbox.world.shops[0]?.key,
      modified: Math.floor(Date.now() / 1000) - (platform === 'tmall' ? 12 : 240),
    })
    await sql`update stream_cursor set complete_to = complete_to - interval '10 minutes' where stream = 'trades'`.execute(
      db,
    )
    assert.deepEqual((await rests()).report, { missed: 1 })
    const state = await sql<{ missed: boolean }>`
      select missed_at is not null as missed from push_shop where shop_id = ${shopId}::bigint`.execute(db)
    assert.deepEqual(state.rows, [{ missed: false }])
    await sql`
      insert into task_run (task_id, kind, shop_id, trigger, state, report)
      select id, kind, shop_id, 'schedule', 'done', '{"missed": 1}' from task where kind = 'trade_list'`.execute(
      db,
    )
    assert.deepEqual(await rests(), { rests: [false, false], report: null })
    await sql`update task_run set requested_at = now() - interval '11 minutes'`.execute(db)
    assert.deepEqual(await rests(), { rests: [true, true], report: null })
  }
})

describe('the marks of downloads', () => {
  let house: ShippingHouse
  before(async () => {
    house = await withTasks('tmall')
  })
  after(() => house[Symbol.asyncDispose]())

  test('a worker whose clock is ahead moves none into the future, and is an alarm', async (t) => {
    const now = Date.now
    t.mock.method(Date, 'now', () => now() + 9 * minuteMs)
    await runTradeList(await contextOf(house))
    await runRefundList(await contextOf(house))
    const signs = { db: house.db, log: pino({ level: 'silent' }), kind: 'worker', dataDir: tmpdir() } as const
    await (await startHeartbeats(signs)).stop()
    t.mock.restoreAll()
    // This process uses the correct clock again.
    await (await startHeartbeats(signs)).stop()
    for (const stream of ['trades', 'refunds']) {
      const seconds = await behind(house, stream)
      assert.ok(seconds >= 0 && seconds < 60, `${stream} is ${seconds} s behind`)
    }
    const asked = { db: house.db, scope: wholeScope, now: new Date() }
    const alarms = await alarmsNow(asked, await readQueueCounts(asked))
    const alarm = alarms.find(({ kind }) => kind === 'clock_skew')
    assert.match(alarm?.title.zh ?? '', /快 9 分钟/)
    await sql`update clock_skew set seen_at = now() - interval '11 minutes'`.execute(house.db)
    const later = await alarmsNow(asked, await readQueueCounts(asked))
    assert.deepEqual(
      later.filter(({ kind }) => kind === 'clock_skew'),
      [],
    )
  })

  test('a worker whose clock is behind asks up to the same moment', async (t) => {
    const now = Date.now
    t.mock.method(Date, 'now', () => now() - 9 * minuteMs)
    await runTradeList(await contextOf(house))
    t.mock.restoreAll()
    const seconds = await behind(house, 'trades')
    assert.ok(seconds >= 0 && seconds < 60, `${seconds} s behind`)
  })

  test('one that was ahead of its time goes back to when it was moved', async () => {
    await sql`
      update stream_cursor set complete_to = now() + interval '9 minutes', moved_at = now() - interval '1 minute'
      where stream = 'trades'`.execute(house.db)
    fence += 1
    const key = { shopId: house.shopId, stream: 'trades', from: new Date(0), fence: String(fence) }
    const taken = await house.run((tx) => takeCursor(tx, key))
    assert.ok(taken)
    const seconds = (Date.now() - taken.completeTo.getTime()) / 1000
    assert.ok(seconds > 58 && seconds < 90, `${seconds} s`)
  })
})

describe('what a run leaves to do at once', () => {
  let house: ShippingHouse
  before(async () => {
    house = await withTasks('tmall')
  })
  after(() => house[Symbol.asyncDispose]())

  test('a first load that reached its cap goes on at once, and rests when it is done', async () => {
    await sql`update shop set created_at = created_at - interval '1 minute'`.execute(house.db)
    await runTradeList(await contextOf(house))
    await sql`update stream_cursor set complete_to = complete_to - interval '5 hours' where stream = 'trades_first'`.execute(
      house.db,
    )
    await rest(house)
    await runTradeList(await contextOf(house, { windowsPerRun: 2 }))
    assert.deepEqual(await dueOf(house), ['trade_list'])
    for (let runs = 0; runs < 10 && (await dueOf(house)).includes('trade_list'); runs += 1) {
      await rest(house)
      await runTradeList(await contextOf(house, { windowsPerRun: 2 }))
    }
    assert.deepEqual(await dueOf(house), [])
    const first = await sql<{ done: boolean }>`
      select c.complete_to >= date_trunc('second', s.created_at) as done from stream_cursor c join shop s on s.id = c.shop_id
      where stream = 'trades_first'`.execute(house.db)
    assert.deepEqual(first.rows, [{ done: true }])
  })

  test('a task of somebody’s own that reached its cap goes on by itself, and nobody’s news wakes it', async () => {
    const made = await sql<{ id: string }>`
      insert into task (kind, shop_id, name, enabled, interval_seconds, params, next_run_at)
      select kind, shop_id, '只看已付款', true, interval_seconds, params, now() + interval '1 hour' from task
      where kind = 'trade_list' returning id`.execute(house.db)
    const taskId = made.rows[0]?.id ?? ''
    const dueNames = async () =>
      (
        await sql<{ kind: string; name: string }>`
          select kind, name from task where next_run_at <= now() and enabled`.execute(house.db)
      ).rows.map(({ kind, name }) => `${kind} ${name}`)
    await rest(house)
    await wakeTask(house.db, 'trade_list', house.shopId)
    assert.deepEqual(await dueNames(), ['trade_list '])
    await rest(house)
    const own = { taskId, taskName: '只看已付款' }
    await runTradeList({ ...(await contextOf(house, { windowsPerRun: 1 })), ...own })
    assert.deepEqual(await dueNames(), ['trade_list 只看已付款'])
    await rest(house)
    await runTradeList({ ...(await contextOf(house)), ...own })
    assert.deepEqual(await dueNames(), [])
    await sql`delete from task where id = ${taskId}`.execute(house.db)
  })

  test('of one status it takes each status of the platform that is this one', async () => {
    await using house = await withTasks('tmall')
    const statuses = ['WAIT_SELLER_SEND_GOODS', 'PAID_FORBID_CONSIGN', 'SELLER_CONSIGNED_PART']
    const shop = house.sandbox.world.shops[0]?.key
    for (const status of statuses)
      await house.control('trades', { shop, count: 1, type: 'fixed', status, hold: '' })
    // The platform's lag must have passed.
    await sleep(3100)
    const context = await contextOf(house)
    const now = Date.now()
    const window = { from: new Date(now - minuteMs), to: new Date(now + minuteMs) }
    await sql`delete from download_queue`.execute(house.db)
    await runTradeList({ ...context, params: { ...context.params, status: 'paid' }, window })
    const queued = await sql<{ tid: string }>`select tid from download_queue`.execute(house.db)
    const found = queued.rows.map(({ tid }) => house.trade(tid).status)
    assert.deepEqual([...new Set(found)].toSorted(), ['PAID_FORBID_CONSIGN', 'WAIT_SELLER_SEND_GOODS'])
  })

  test('refunds as well', async () => {
    await rest(house)
    await runRefundList(await contextOf(house, { windowsPerRun: 1 }))
    assert.deepEqual(await dueOf(house), ['refund_list'])
  })

  test('details follow a list that found something at once, and nothing follows an empty one', async () => {
    await rest(house)
    await runTradeList(await contextOf(house))
    assert.deepEqual(await dueOf(house), [])
    await house.control('trades', {
      shop: house.sandbox.world.shops[0]?.key,
      tid: '294810573300000777',
      type: 'fixed',
      status: 'WAIT_SELLER_SEND_GOODS',
    })
    // The platform's lag must have passed.
    await sql`update stream_cursor set complete_to = complete_to - interval '1 minute'`.execute(house.db)
    await new Promise((settle) => setTimeout(settle, 3100))
    await runTradeList(await contextOf(house))
    assert.deepEqual(await dueOf(house), ['trade_detail'])
  })

  test('a run that breaks off within a window says what it stored until then', async () => {
    const { tid } = await house.packed()
    await house.control('refunds', { tid, kind: 'REFUND' })
    await new Promise((settle) => setTimeout(settle, 3100))
    const told: Record<string, unknown> = {}
    const progress = (counts: object) => void Object.assign(told, counts)
    const context = { ...(await contextOf(house)), progress }
    await house.control('faults', { kind: 'slow', ms: 700, count: 1 })
    const listing = runRefundList(context)
    await sleep(250)
    // A later run takes over the stream while this one waits for its page.
    const key = { shopId: house.shopId, stream: 'refunds', fence: String(fence + 1), from: new Date() }
    await house.run((tx) => takeCursor(tx, key))
    await assert.rejects(listing, /A later run has taken this stream over/)
    fence += 1
    const staged = await sql`select from staged_refund where tid = ${tid}`.execute(house.db)
    assert.deepEqual([told['created'], staged.rows.length], [1, 1])
  })

  test('a list that filled a quarter of a page is read again in seconds, and one that did not in its own time', async () => {
    const inSeconds = async () =>
      (
        await sql<{ seconds: number }>`
          select extract(epoch from next_run_at - now())::float8 as seconds from task where kind = 'trade_list'`.execute(
          house.db,
        )
      ).rows[0]?.seconds ?? 0
    const made = (count: number) =>
      house.control('trades', {
        shop: house.sandbox.world.shops[0]?.key,
        count,
        type: 'fixed',
        status: 'WAIT_SELLER_SEND_GOODS',
        modified: Math.floor(Date.now() / 1000) - 4,
      })
    for (const [count, soon] of [
      [12, false],
      [13, true],
    ] as const) {
      await rest(house)
      await made(count)
      await sql`update stream_cursor set complete_to = complete_to - interval '1 minute' where stream = 'trades'`.execute(
        house.db,
      )
      await runTradeList(await contextOf(house))
      assert.equal((await inSeconds()) < 9, soon)
      // These trades are known now, and the next count includes only new ones.
      await new Promise((settle) => setTimeout(settle, 1000))
    }
  })

  test('lists are read every twenty seconds, and older tasks that nobody changed come to that', async () => {
    const intervals = async () =>
      (
        await sql<{ kind: string; seconds: number }>`
          select kind, interval_seconds as seconds from task where kind in ('trade_list', 'refund_list', 'trade_detail') order by kind`.execute(
          house.db,
        )
      ).rows.map(({ kind, seconds }) => `${kind} ${seconds}`)
    assert.deepEqual(await intervals(), ['refund_list 20', 'trade_detail 15', 'trade_list 20'])
    await sql`update task set interval_seconds = 120 where kind in ('trade_list', 'refund_list')`.execute(
      house.db,
    )
    // A user saved this task and kept the two minutes.
    await sql`update task set updated_at = now() where kind = 'refund_list'`.execute(house.db)
    const migration = await readFile(
      new URL('../../../migrations/before-1/0046_clocks.sql', import.meta.url),
      'utf8',
    )
    const statement = migration.slice(migration.indexOf('update task'))
    await sql.raw(statement).execute(house.db)
    assert.deepEqual(await intervals(), ['refund_list 120', 'trade_detail 15', 'trade_list 20'])
  })
})

describe('a new Pinduoduo shop', () => {
  test('is quiet in its first minutes: its first load ends where the platform’s lag begins', async () => {
    const house = await withTasks('pinduoduo')
    try {
      await runTradeList(await contextOf(house))
      await runRefundList(await contextOf(house))
      assert.ok((await behind(house, 'trades_first')) >= 180)
      assert.ok((await behind(house, 'refunds')) >= 180)
      assert.deepEqual(
        [...house.sandbox.sandbox.errors].filter(([name]) => /50001/.test(name)),
        [],
      )
      // Three minutes later the rest is requested, and the load is complete.
      await sql`update shop set created_at = created_at - ${4 * minuteMs}::float8 * interval '1 millisecond'`.execute(
        house.db,
      )
      await runTradeList(await contextOf(house))
      const done = await sql<{ done: boolean }>`
        select c.complete_to >= date_trunc('second', s.created_at) as done from stream_cursor c join shop s on s.id = c.shop_id
        where stream = 'trades_first'`.execute(house.db)
      assert.deepEqual(done.rows, [{ done: true }])
      assert.ok((await behind(house, 'trades_first')) < hourMs)
    } finally {
      await house[Symbol.asyncDispose]()
    }
  })
})

describe('a list that may show a change late', () => {
  const late = { lagMs: minuteMs }
  /** Reads the trades of a shop whose list may be late by a minute, and returns how many wait to be downloaded. */
  async function waitingAfterRun(house: ShippingHouse, limits: object = late): Promise<number> {
    const context = await contextOf(house)
    const { trades } = context.connector
    const changed = { ...trades.changed, ...limits }
    await runTradeList({
      ...context,
      connector: { ...context.connector, trades: { ...trades, changed, created: changed } },
    })
    const found = await sql<{ count: number }>`select count(*)::int from download_queue`.execute(house.db)
    return found.rows[0]?.count ?? Number.NaN
  }
  async function houseWithTrade(): Promise<ShippingHouse> {
    const house = await withTasks('tmall')
    await sql`update shop set created_at = created_at - interval '10 minutes'`.execute(house.db)
    await waitingAfterRun(house)
    await house.control('trades', {
      shop: house.sandbox.world.shops[0]?.key,
      modified: Math.floor(Date.now() / 1000) - 12,
    })
    await backBySeconds(house)
    return house
  }
  /** Marks are whole seconds, so that a run has something to read. */
  const backBySeconds = ({ db }: ShippingHouse) =>
    sql`update stream_cursor set complete_to = complete_to - interval '5 seconds'`.execute(db)

  test('gives what it shows already, once, and its mark waits until the time is complete', async () => {
    await using house = await houseWithTrade()
    assert.equal(await waitingAfterRun(house), 1)
    assert.ok((await behind(house, 'trades')) >= 60)
    await backBySeconds(house)
    assert.equal(await waitingAfterRun(house), 1)
    const [row] = (
      await sql<{ late: number }>`select late_ms as late from stream_cursor where stream = 'trades'`.execute(
        house.db,
      )
    ).rows
    assert.equal(row?.late, 0)
  })

  test('is read no further than its platform asks', async () => {
    await using house = await houseWithTrade()
    assert.equal(await waitingAfterRun(house, { ...late, endsBeforeLag: true }), 0)
  })

  test('is read no further where that would cost a page', async () => {
    await using house = await houseWithTrade()
    await sql`update stream_cursor set gap_ms = 100, newest_at = now() - interval '30 seconds'`.execute(
      house.db,
    )
    assert.equal(await waitingAfterRun(house), 0)
  })
})
