import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Platform } from '../sandbox/world/model.ts'
import { alarmsNow } from '../server/alarms/alarms.ts'
import { readQueueCounts } from '../server/alarms/queue-counts.ts'
import { wholeScope } from '../server/core/access/actor.ts'
import { refundCheckOf } from '../server/intake/asking/ask-before.ts'
import { coverageOf } from '../server/intake/coverage/coverage.ts'
import { runDetails, runRefundList, runTradeList } from '../server/intake/downloads/streams.ts'
import { type OneShop, openShop, rowsOf } from './one-shop.ts'

const lists = { firstLoadDays: 1, windowsPerRun: 100 }
const details = { tradesPerRun: 1000 }
/** Lists of peak hours are this late. */
const lateSeconds = 600
const secondsNow = () => Math.floor(Date.now() / 1000)

/** Creates a trade each second of [from, to), which are seconds of the platform's time. Returns their numbers by second. */
async function tradeEachSecond(shop: OneShop, from: number, to: number): Promise<Map<number, string>> {
  const made = new Map<number, string>()
  for (let at = from; at < to; at += 1) {
    const body = { shop: shop.key, created: at, modified: at, paid: at, status: 'WAIT_SELLER_SEND_GOODS' }
    made.set(at, Object(await shop.control('trades', body)).tids[0])
  }
  return made
}

/** The shop was connected half an hour ago, and its lists were read while it traded: a trade each second until `until`. */
async function tradingShop(until: number, platform: Platform = 'taobao'): Promise<OneShop> {
  const shop = await openShop(platform, 0)
  await sql`update shop set created_at = created_at - interval '30 minutes'`.execute(shop.db)
  await runTradeList(await shop.aRun(lists))
  for (const from of [until - 120, until - 60]) {
    await tradeEachSecond(shop, from, from + 60)
    await sql`update stream_cursor set complete_to = to_timestamp(${from}), moved_at = to_timestamp(${from}) where stream = 'trades'`.execute(
      shop.db,
    )
    await runTradeList(await shop.aRun(lists))
  }
  return shop
}

const listedBy = async ({ db }: OneShop) =>
  new Set(
    (
      await rowsOf(
        db,
        sql<{ tid: string }>`select tid from download_queue union select tid from staged_trade`,
      )
    ).map(({ tid }) => tid),
  )
const wordsOf = async ({ db, shopId }: OneShop) => (await coverageOf(db, [shopId])).get(shopId)

test('lists that are ten minutes late lose nothing, and the shop says by how much they are late until they are not', async () => {
  const start = secondsNow()
  await using shop = await tradingShop(start - lateSeconds)
  await runRefundList(await shop.aRun(lists))
  await shop.control('peak', { shop: shop.key, on: true, staleSeconds: lateSeconds, quota: 0 })
  const made = await tradeEachSecond(shop, start - lateSeconds, start)
  const late: string[] = []
  for (const end = Date.now() + 15_000; Date.now() < end; await sleep(700)) {
    const shown = secondsNow() - lateSeconds
    await runTradeList(await shop.aRun(lists))
    const listed = await listedBy(shop)
    late.push(...[...made].filter(([at, tid]) => at <= shown && !listed.has(tid)).map(([, tid]) => tid))
  }
  assert.deepEqual(late, [])
  const during = await wordsOf(shop)
  assert.equal(during?.reason?.zh, '平台列表晚约 10 分钟，会自己补齐')
  assert.equal(during?.reason?.en, 'Platform lists about 10 min late; nothing is lost')
  const claimed = (during?.completeTo?.getTime() ?? Number.NaN) / 1000
  // The details of the two minutes before are not fetched yet.
  assert.ok(claimed <= secondsNow() - lateSeconds && claimed > secondsNow() - lateSeconds - 180)
  const asked = { db: shop.db, scope: wholeScope, now: new Date() }
  const alarms = await alarmsNow(asked, await readQueueCounts(asked))
  assert.deepEqual(
    alarms.filter(({ kind }) => kind === 'stream_behind' || kind === 'task_failing').map(({ kind }) => kind),
    [],
  )

  await shop.control('peak', { shop: shop.key, on: false })
  // A run within the same second has no time to read.
  await sleep(2000)
  await runTradeList(await shop.aRun(lists))
  const listed = await listedBy(shop)
  assert.deepEqual(
    [...made.values()].filter((tid) => !listed.has(tid)),
    [],
  )
  // Three minutes in which nothing is late.
  await sql`update stream_cursor set late_at = late_at - interval '3 minutes'`.execute(shop.db)
  await sleep(2000)
  await runTradeList(await shop.aRun(lists))
  await sql`delete from download_queue`.execute(shop.db)
  const after = await wordsOf(shop)
  assert.deepEqual([after?.reason, (after?.behindMs ?? Number.NaN) < 120_000], [null, true])
})

for (const platform of ['pinduoduo', 'weixin', 'kuaishou', 'jd'] as const)
  test(`lists of ${platform} that are ten minutes late lose nothing either`, {
    concurrency: true,
  }, async () => {
    const start = secondsNow()
    await using shop = await tradingShop(start - lateSeconds, platform)
    await runRefundList(await shop.aRun(lists))
    await shop.control('peak', { shop: shop.key, on: true, staleSeconds: lateSeconds, quota: 0 })
    const made = await tradeEachSecond(shop, start - lateSeconds, start)
    const late: string[] = []
    for (let turn = 1; turn <= 4; turn += 1) {
      await sleep(2000)
      const shown = secondsNow() - lateSeconds
      await runTradeList(await shop.aRun(lists))
      const listed = await listedBy(shop)
      late.push(...[...made].filter(([at, tid]) => at <= shown && !listed.has(tid)).map(([, tid]) => tid))
    }
    assert.deepEqual(late, [])
    assert.equal((await wordsOf(shop))?.reason?.zh, '平台列表晚约 10 分钟，会自己补齐')
  })

test('poorer answers of peak hours take away no deadline that is known, no goods, and raise no doubt', async () => {
  await using shop = await openShop('taobao', 0)
  await sql`update shop set created_at = created_at - interval '30 minutes'`.execute(shop.db)
  const at = secondsNow() - 120
  const waiting = { shop: shop.key, created: at, paid: at, modified: at, status: 'WAIT_SELLER_SEND_GOODS' }
  const made = Object(
    await shop.control('trades', { ...waiting, count: 20, lines: 2, garbage: { delivery_time: null } }),
  )
  const [tid = ''] = made.tids
  const facts = () =>
    rowsOf(
      shop.db,
      sql<{ tid: string }>`
        select tid, ship_by, status, line_count, payment_fen, receiver_masked, doubts, (select lines from staged_trade_lines l where l.trade_id = t.id) as lines
        from staged_trade t order by tid`,
    )
  await runTradeList(await shop.aRun(lists))
  await runDetails(await shop.aRun(details))
  const known = await facts()
  assert.equal(known.filter((row) => Object(row).ship_by !== null && Object(row).doubts === null).length, 20)

  await shop.control('peak', { shop: shop.key, on: true, staleSeconds: 1, quota: 0 })
  await shop.control('touch', { shop: shop.key, count: 20, modified: secondsNow() })
  await shop.control('refunds', { tid, fee: 100 })
  await sleep(4000)
  await runTradeList(await shop.aRun(lists))
  await runRefundList(await shop.aRun(lists))
  await runDetails(await shop.aRun(details))
  const [open] = await rowsOf(
    shop.db,
    sql<{ n: number }>`select count(*)::int as n from staged_trade where detail_at > to_timestamp(${at})`,
  )
  assert.deepEqual(open, { n: 20 })
  const stripped = await facts()
  const plain = (rows: readonly unknown[]) =>
    rows.map((row) => {
      const { lines, ...others } = Object(row)
      return {
        ...others,
        lines: lines.map(({ quantity, paymentFen, oid }: Record<string, unknown>) => [
          oid,
          quantity,
          paymentFen,
        ]),
      }
    })
  assert.deepEqual(plain(stripped), plain(known))
})

test('shipping goes on while the list of refunds is late, and a refund that the platform tells of is known before', async () => {
  const start = secondsNow()
  await using shop = await tradingShop(start - lateSeconds)
  await runDetails(await shop.aRun(details))
  await shop.control('peak', { shop: shop.key, on: true, staleSeconds: lateSeconds, quota: 0 })
  await tradeEachSecond(shop, start - lateSeconds, start - lateSeconds + 30)
  await runTradeList(await shop.aRun(lists))
  await runRefundList(await shop.aRun(lists))
  const [{ late = 0 } = {}] = await rowsOf(
    shop.db,
    sql<{ late: number }>`select late_ms as late from stream_cursor where stream = 'trades'`,
  )
  assert.ok(late > 500_000, `${late} ms late`)
  const tids = (
    await rowsOf(shop.db, sql<{ tid: string }>`select tid from staged_trade order by tid limit 12`)
  ).map((row) => row.tid)
  const [refunded = '', ...others] = tids
  await shop.control('refunds', { tid: refunded })
  const opened = await shop.aRun({})
  await refundCheckOf(opened.deps)([{ shopId: shop.shopId, tids }])
  const refunds = await rowsOf(
    shop.db,
    sql<{ tid: string; status: string }>`select tid, status from staged_refund`,
  )
  assert.deepEqual(refunds, [{ tid: refunded, status: 'applied' }])
  // Each was asked about by itself, so none leaves unasked; the shop as a whole is known only as far as its lists tell.
  const fresh = await rowsOf(
    shop.db,
    sql<{
      tid: string
    }>`select tid from refund_ask_trade where asked_to > now() - interval '1 minute' order by tid`,
  )
  assert.deepEqual(
    fresh.map(({ tid }) => tid),
    [refunded, ...others].toSorted(),
  )
  const [known] = await rowsOf(
    shop.db,
    sql<{ late: boolean; answered: boolean }>`
      select asked_to < now() - interval '9 minutes' as late, answered_at > now() - interval '1 minute' as answered from refund_ask`,
  )
  assert.deepEqual(known, { late: true, answered: true })
})

test('a halved quota is learned with few refusals, and a fault of the platform is not repeated at once', async () => {
  await using shop = await openShop('taobao', 0)
  // The demo's shops have a higher rate than the platform's.
  await sql`update shop set created_at = created_at - interval '30 minutes', settings = settings - 'requestsPerSecond'`.execute(
    shop.db,
  )
  const at = secondsNow() - 60
  const body = { shop: shop.key, created: at, paid: at, modified: at, status: 'WAIT_SELLER_SEND_GOODS' }
  await shop.control('trades', { ...body, count: 150 })
  await shop.control('peak', { shop: shop.key, on: true, staleSeconds: 1, quota: 20 })
  await shop.control('faults', { kind: 'isp', shop: shop.key, count: 3, skip: 30 })
  await runTradeList(await shop.aRun(lists))
  await runDetails(await shop.aRun(details))
  const [whole] = await rowsOf(
    shop.db,
    sql<{ n: number }>`select count(*)::int as n from staged_trade where detail_at is not null`,
  )
  assert.deepEqual(whole, { n: 150 })
  const errors = [...shop.sandbox.sandbox.errors]
  const refusals = errors.filter(([name]) => /access-count/.test(name)).reduce((sum, [, n]) => sum + n, 0)
  assert.ok(refusals <= 25, `${refusals} refusals: ${JSON.stringify(errors)}`)
  assert.deepEqual(
    errors.filter(([name]) => /app-api|by-api-access-count/.test(name)),
    [],
  )
})
