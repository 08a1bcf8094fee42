import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { wholeScope } from '../server/core/access/actor.ts'
import { convertTrades } from '../server/flows/convert-trade.ts'
import { downloadTradesManually } from '../server/intake/downloads/pull.ts'
import { runCatchUp, runDetails, runRefundList, runTradeList } from '../server/intake/downloads/streams.ts'
import { convertRefunds } from '../server/intake/refunds/convert-refunds.ts'
import { relinkRefunds } from '../server/intake/refunds/relink.ts'
import { aRefund, aTrade, intakeFixture, stage, stageRefunds, tradeOf } from '../server/intake/testing.ts'
import { requestDetails } from '../server/intake/trades/pool-queries.ts'
import { processTrades, removeTrades } from '../server/intake/trades/trades.ts'
import { until } from '../server/testing/until.ts'
import { clerk, type OneShop, openShop, rowsOf } from './one-shop.ts'

const list = { firstLoadDays: 3, windowsPerRun: 500 }
const details = { tradesPerRun: 10_000 }

let shop: OneShop
before(async () => {
  shop = await openShop('taobao', 60)
  await runTradeList(await shop.aRun(list))
  await runDetails(await shop.aRun(details))
})
after(() => shop[Symbol.asyncDispose]())

type Held = { id: string; tid: string; state: string; note: string; modified: Date }
const staged = (state: string) =>
  rowsOf<Held>(
    shop.db,
    sql`select id, tid, state, note, modified_at as modified from staged_trade where state = ${state} order by id`,
  )
const held = async (tid: string) =>
  (
    await rowsOf<Held>(
      shop.db,
      sql`select id, tid, state, note, modified_at as modified from staged_trade where tid = ${tid}`,
    )
  )[0]
const count = async (table: string) =>
  (await rowsOf<{ n: number }>(shop.db, sql`select count(*)::int as n from ${sql.table(table)}`))[0]?.n
const touch = (tid: string) => shop.control(`POST trades/${tid}/touch`, {})
const slowLists = (ms: number, times: number) =>
  shop.control('faults', { kind: 'slow', method: 'taobao.trades.sold.increment.get', ms, count: times })
// Lists end two seconds behind the platform's clock.
const untilListed = () => sleep(3100)

test('a refund that arrives while its trade converts: the order is held or never made, whichever is first', async () => {
  await using pool = await intakeFixture()
  const trades = Array.from({ length: 40 }, () => aTrade())
  await stage(pool, ...trades)
  const ids = await Promise.all(trades.map(async (trade) => (await tradeOf(pool, trade.tid))?.id ?? ''))
  const refunds = trades.map((trade) => aRefund(trade))
  const convert = (id: string) =>
    pool.db.transaction().execute((tx) => convertTrades(tx, [id], { actor: clerk, scope: wholeScope }))
  // In sequence in both orders, and all at once.
  await Promise.all(
    trades.map(async (_, at) => {
      const [refund, id = ''] = [refunds[at], ids[at]]
      if (!refund) return
      const both = [() => convert(id), () => stageRefunds(pool, refund)]
      await Promise.all((at % 2 === 0 ? both : both.toReversed()).map((one) => one()))
    }),
  )
  const refundIds = await rowsOf<{ id: string }>(pool.db, sql`select id from staged_refund`)
  await pool.db.transaction().execute((tx) =>
    convertRefunds(
      tx,
      refundIds.map((row) => row.id),
      { actor: clerk, scope: wholeScope },
    ),
  )
  const rows = await rowsOf<{
    tid: string
    state: string
    reason: string
    open: number
    orders: number
    holds: number
  }>(
    pool.db,
    sql`select tid, state, reason, open_refunds as open,
          (select count(*)::int from sales_order o where o.tid = t.tid) as orders,
          (select coalesce(sum(open_holds), 0)::int from sales_order o where o.tid = t.tid) as holds
        from staged_trade t`,
  )
  assert.equal(rows.length, 40)
  for (const row of rows) {
    const converted = row.state === 'converted'
    assert.deepEqual(row, {
      tid: row.tid,
      state: row.state,
      reason: converted ? '' : 'refund_open',
      open: 1,
      orders: converted ? 1 : 0,
      holds: converted ? 1 : 0,
    })
  }
})

test('a trade and its refund that are new at the same moment find each other', async () => {
  await using pool = await intakeFixture()
  const trades = Array.from({ length: 30 }, () => aTrade())
  await Promise.all(trades.flatMap((trade) => [stage(pool, trade), stageRefunds(pool, aRefund(trade))]))
  const lost = () =>
    rowsOf<{ tid: string }>(
      pool.db,
      sql`select tid from staged_refund where reason <> ''
      union all select tid from staged_trade where open_refunds <> 1 or reason <> 'refund_open'`,
    )
  await relinkRefunds(pool.db, pool.shopId)
  assert.deepEqual(await lost(), [])
})

test('a trade removed while its detail is on its way is dropped, and comes back with the next list run', async () => {
  const [trade] = await staged('staged')
  assert.ok(trade)
  await touch(trade.tid)
  await untilListed()
  await runTradeList(await shop.aRun(list))
  await shop.control('faults', { kind: 'slow', method: 'taobao.trade.fullinfo.get', ms: 800, count: 20 })
  const fetching = runDetails(await shop.aRun(details))
  await until(
    async () =>
      (await rowsOf(shop.db, sql`select 1 from trade_fetch where tid = ${trade.tid} and lease_until > now()`))
        .length > 0,
  )
  const removed = await shop.db
    .transaction()
    .execute((tx) => removeTrades(tx, [trade.id], { actor: clerk, scope: wholeScope }))
  assert.deepEqual(removed, [{ id: trade.id, done: true }])
  const counts = await fetching
  await shop.control('DELETE faults')
  assert.equal(counts.skipped?.['removed'], 1)
  assert.equal(await held(trade.tid), undefined)
  assert.equal(await count('removed_mark'), 1)

  await runTradeList(await shop.aRun(list))
  await runDetails(await shop.aRun(details))
  const back = await held(trade.tid)
  assert.equal(back?.state, 'staged')
  assert.notEqual(back?.id, trade.id)
  assert.equal(await count('removed_mark'), 0)
})

test('a trade removed that the platform does not list any more comes back all the same', async () => {
  const [trade] = await staged('staged')
  assert.ok(trade)
  await untilListed()
  await runTradeList(await shop.aRun(list))
  await shop.db
    .transaction()
    .execute((tx) => removeTrades(tx, [trade.id], { actor: clerk, scope: wholeScope }))
  await runTradeList(await shop.aRun(list))
  await runDetails(await shop.aRun(details))
  assert.equal((await held(trade.tid))?.state, 'staged')
  assert.equal(await count('removed_mark'), 0)
})

test('a trade processed while a list that shows it is on its way stays processed', async () => {
  const [, trade] = await staged('staged')
  assert.ok(trade)
  await touch(trade.tid)
  await untilListed()
  await slowLists(700, 2)
  const listing = runTradeList(await shop.aRun(list))
  await sleep(300)
  const done = await shop.db
    .transaction()
    .execute((tx) => processTrades(tx, [trade.id], { actor: clerk, scope: wholeScope }))
  assert.deepEqual(done, [{ id: trade.id, done: true }])
  await listing
  await runDetails(await shop.aRun(details))
  await runCatchUp(await shop.aRun({}), 1)
  await runDetails(await shop.aRun(details))
  const now = await held(trade.tid)
  assert.deepEqual([now?.id, now?.state, now?.note], [trade.id, 'processed', ''])
  assert.equal(await count('download_queue'), 0)
  assert.equal(await count('trade_fetch'), 0)
})

test('two workers that download one shop at once stage every trade once, and the mark of one stands', async () => {
  await using fresh = await openShop('taobao', 80)
  await untilListed()
  const runs = await Promise.all([fresh.aRun(list), fresh.aRun(list)])
  const lists = await Promise.allSettled(runs.map((run) => runTradeList(run)))
  const failures = lists.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []))
  for (const failure of failures) assert.equal(failure, 'Error: A later run has taken this stream over.')
  await Promise.all([await fresh.aRun(details), await fresh.aRun(details)].map((run) => runDetails(run)))
  await runDetails(await fresh.aRun(details))
  const rows = await rowsOf<{ tid: string; state: string }>(
    fresh.db,
    sql`select tid, state from staged_trade`,
  )
  const { trades } = fresh.sandbox.world.shops[0] ?? { trades: new Map() }
  assert.deepEqual(rows.map((row) => row.tid).toSorted(), [...trades.keys()].toSorted())
  assert.deepEqual(
    rows.filter((row) => row.state === 'fetching'),
    [],
  )
  const cursors = await rowsOf<{ stream: string; fence: string }>(
    fresh.db,
    sql`select stream, fence from stream_cursor order by stream`,
  )
  assert.deepEqual(cursors, [
    { stream: 'trades', fence: '2' },
    { stream: 'trades_first', fence: '2' },
  ])
})

test('a worker that stalled cannot move the mark of its successor, and what it stores does no harm', async () => {
  const [trade] = await staged('staged')
  assert.ok(trade)
  await touch(trade.tid)
  await untilListed()
  await slowLists(1500, 1)
  const stalled = runTradeList(await shop.aRun(list))
  const outcome = stalled.then(
    () => 'ended',
    (error: Error) => error.message,
  )
  await sleep(300)
  await runTradeList(await shop.aRun(list))
  const mark = () =>
    rowsOf<{ at: string; fence: string }>(
      shop.db,
      sql`select complete_to::text as at, fence from stream_cursor where stream = 'trades'`,
    )
  const before = await mark()
  assert.equal(await outcome, 'A later run has taken this stream over.')
  assert.deepEqual(await mark(), before)
  await runDetails(await shop.aRun(details))
  assert.equal((await held(trade.tid))?.state, 'staged')
})

test('details that a dead worker had claimed are fetched by the next run, at once', async () => {
  const [trade] = await staged('staged')
  assert.ok(trade)
  await touch(trade.tid)
  await untilListed()
  await runTradeList(await shop.aRun(list))
  await sql`insert into trade_fetch (trade_id, shop_id, tid, wanted_at) select id, shop_id, tid, now() from staged_trade where tid = ${trade.tid}
    on conflict (trade_id) do nothing`.execute(shop.db)
  await sql`update trade_fetch set lease_until = now() + interval '10 minutes', claim = claim + 1`.execute(
    shop.db,
  )
  await runDetails(await shop.aRun(details))
  const book = shop.sandbox.world.shops[0]?.trades.get(trade.tid)
  assert.equal((await held(trade.tid))?.modified.getTime(), (book?.modified ?? 0) * 1000)
})

test('of two versions of a refund within one second the later stands, whichever comes first', async () => {
  await using pool = await intakeFixture()
  const trade = aTrade()
  await stage(pool, trade)
  const applied = aRefund(trade, { version: '1795540000001', status: 'applied' })
  const closed = { ...applied, version: '1795540000002', status: 'closed' as const, platformStatus: 'CLOSED' }
  for (const order of [
    [applied, closed],
    [closed, applied],
    [closed, applied, closed],
  ]) {
    for (const refund of order) await stageRefunds(pool, refund)
    assert.deepEqual(await rowsOf(pool.db, sql`select status, version from staged_refund`), [
      { status: 'closed', version: closed.version },
    ])
  }
})

test('refunds and their details that are downloaded by two workers at once are staged once', async () => {
  const lists = await Promise.allSettled(
    [await shop.aRun(list), await shop.aRun(list)].map((run) => runRefundList(run)),
  )
  for (const one of lists)
    if (one.status === 'rejected') assert.equal(one.reason.message, 'A later run has taken this stream over.')
  const rows = await rowsOf<{ no: string }>(shop.db, sql`select refund_no as no from staged_refund`)
  const { refunds } = shop.sandbox.world.shops[0] ?? { refunds: new Map() }
  assert.deepEqual(rows.map((row) => row.no).toSorted(), [...refunds.keys()].toSorted())
})

test('a memo that is written while the detail of its trade is on its way is read afterwards', async () => {
  const { tids } = Object(
    await shop.control('trades', { shop: shop.key, count: 1, status: 'WAIT_SELLER_SEND_GOODS' }),
  )
  const [tid = '']: string[] = tids
  const pull = { numbers: [tid], status: '' }
  await downloadTradesManually(await shop.aRun(pull))
  await shop.control('faults', { kind: 'slow', method: 'taobao.trade.fullinfo.get', ms: 800, count: 1 })
  const pulling = downloadTradesManually(await shop.aRun(pull))
  await sleep(400)
  // As the platform action that writes the memo does.
  await shop.control(`POST trades/${tid}/memo`, { memo: '已联系买家', flag: 2 })
  await shop.db.transaction().execute((tx) => requestDetails(tx, [{ shopId: shop.shopId, tid }]))
  await pulling
  const memoOf = () =>
    rowsOf(shop.db, sql<{ memo: string }>`select seller_memo as memo from staged_trade where tid = ${tid}`)
  assert.deepEqual(await memoOf(), [{ memo: '' }])
  await runDetails(await shop.aRun(details))
  assert.deepEqual(await memoOf(), [{ memo: '已联系买家' }])
  assert.deepEqual(await rowsOf(shop.db, sql`select tid from trade_fetch where tid = ${tid}`), [])
})
