import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { downloadRefundsManually, downloadTradesManually } from '../server/intake/downloads/pull.ts'
import { auditDownloads } from '../server/intake/downloads/reconcile.ts'
import { runCatchUp, runTradeList } from '../server/intake/downloads/streams.ts'
import { type OneShop, openShop, rowsOf } from './one-shop.ts'

test('a pull by number says of each what became of it, and counts as fetched only what came', async () => {
  await using shop = await openShop('taobao', 0)
  const trades = Object(
    await shop.control('trades', { shop: shop.key, count: 3, status: 'WAIT_SELLER_SEND_GOODS' }),
  )
  const [fresh = '', closed = '', ended = '']: string[] = trades.tids
  await downloadTradesManually(await shop.aRun({ numbers: [closed, ended], status: '' }))
  await sql`update staged_trade set state = 'processed', note = case tid when ${closed} then '' else 'closed_unpaid' end, state_by = '林晓'
    where tid in (${closed}, ${ended})`.execute(shop.db)
  const counts = await downloadTradesManually(
    await shop.aRun({ numbers: [fresh, closed, ended, '2948000000000000001'], status: '' }),
  )
  assert.deepEqual(
    [counts.seen, counts.created, counts.failed, counts.report],
    [2, 1, 0, { notFound: ['2948000000000000001'], processed: [{ number: closed, by: '林晓' }], failed: [] }],
  )
  assert.deepEqual(
    await rowsOf(
      shop.db,
      sql<{ n: number }>`select count(*)::int as n from staged_trade where tid = ${fresh}`,
    ),
    [{ n: 1 }],
  )
})

test('a refund that the platform would not tell of failed; it is not among those that do not exist', async () => {
  await using shop = await openShop('taobao', 1)
  await shop.control('faults', { kind: 'http', status: 502, probability: 1, count: 50 })
  const failed = await downloadRefundsManually(await shop.aRun({ numbers: ['77001'], status: '' }))
  assert.deepEqual(
    [failed.seen, failed.failed, failed.report],
    [0, 1, { notFound: [], processed: [], failed: ['77001'] }],
  )
  await shop.control('DELETE faults')
  const unknown = await downloadRefundsManually(await shop.aRun({ numbers: ['77001'], status: '' }))
  assert.deepEqual(
    [unknown.seen, unknown.failed, unknown.report],
    [0, 0, { notFound: ['77001'], processed: [], failed: [] }],
  )
})

test('a run with a first load says the window of that load, and later ones say their own', async () => {
  await using shop = await openShop('taobao', 3)
  const params = { firstLoadDays: 3, windowsPerRun: 100 }
  // Older than the list's lag, so that the first run reaches the time at which the shop was connected.
  const [made] = await rowsOf(
    shop.db,
    sql<{
      at: Date
    }>`update shop set created_at = created_at - interval '1 minute' returning created_at as at`,
  )
  const first = await runTradeList(await shop.aRun(params))
  const days = ((first.windowTo?.getTime() ?? 0) - (first.windowFrom?.getTime() ?? 0)) / 86_400_000
  assert.ok(days > 2.9 && days < 3.1, `${days} days`)
  const later = await runTradeList(await shop.aRun(params))
  assert.ok((later.windowFrom ?? 0) >= new Date(Math.floor((made?.at.getTime() ?? 0) / 1000) * 1000))
})

const secondsAgo = (seconds: number) => Math.floor(Date.now() / 1000) - seconds
/** Returns the tasks whose next run is due within so many seconds. */
const soon = async ({ db }: OneShop, seconds: number) =>
  (
    await rowsOf(
      db,
      sql<{ kind: string }>`
        select kind from task where enabled and next_run_at <= now() + make_interval(secs => ${seconds})`,
    )
  ).map(({ kind }) => kind)
const rest = ({ db }: OneShop) => sql`update task set next_run_at = now() + interval '1 hour'`.execute(db)

test('a comparison that breaks off says what it compared until then and what it parked', async () => {
  await using shop = await openShop('taobao', 0)
  const twoDays = 2 * 86_400
  await shop.control('trades', {
    shop: shop.key,
    created: secondsAgo(twoDays),
    modified: secondsAgo(twoDays),
    status: 'WAIT_SELLER_SEND_GOODS',
    garbage: { modified: null },
  })
  const told: Record<string, unknown> = {}
  const breaking = new AbortController()
  const progress = (counts: object) => {
    Object.assign(told, counts)
    if (Object(told['report']).days?.length === 1) breaking.abort('stopped')
  }
  await assert.rejects(
    auditDownloads({ ...(await shop.aRun({ days: 2 })), signal: breaking.signal, progress }),
    (error) => error === 'stopped',
  )
  const { days, ...others } = Object(told['report'])
  assert.deepEqual(others, { parked: 1 })
  assert.deepEqual(
    days.map(({ day: _, ...counts }: { day: string }) => counts),
    [{ trades: 1, missing: 0, stale: 0, refunds: 0, refundsMissing: 0, refundsStale: 0 }],
  )
})

test('whatever lists a trade whose detail fails, the details’ next run comes when it is asked for again', async () => {
  await using shop = await openShop('pinduoduo', 0)
  const at = secondsAgo(1800)
  await shop.control('trades', {
    shop: shop.key,
    created: at,
    modified: at,
    status: 'WAIT_SELLER_SEND_GOODS',
  })
  await shop.control('faults', { kind: 'http', status: 502, method: 'pdd.order.information.get', count: 100 })
  const window = { from: new Date((at - 600) * 1000), to: new Date((at + 600) * 1000) }
  const params = { firstLoadDays: 1, windowsPerRun: 100, numbers: [], status: '' }
  const ways = {
    list: async () => runTradeList(await shop.aRun(params)),
    'list of one status': async () => runTradeList(await shop.aRun({ ...params, status: 'paid' })),
    'catch-up': async () => runCatchUp(await shop.aRun({}), 1),
    pull: async () => downloadTradesManually({ ...(await shop.aRun(params)), window }),
  }
  for (const [name, run] of Object.entries(ways)) {
    await rest(shop)
    const { failed } = await run()
    // Not sooner, because it would find nothing to do.
    assert.deepEqual([name, failed, await soon(shop, 1)], [name, 1, []])
    assert.deepEqual([name, await soon(shop, 5)], [name, ['trade_detail']])
  }
  await shop.control('DELETE faults')
  await rest(shop)
  assert.equal((await ways.pull()).created, 1)
  assert.deepEqual(await soon(shop, 60), [])
})

test('what waits for its detail in a queue wakes the details once it is listed, by whom it may be', async () => {
  await using shop = await openShop('taobao', 0)
  const yesterday = secondsAgo(86_400)
  const made = (at: number) =>
    shop.control('trades', { shop: shop.key, created: at, modified: at, status: 'WAIT_SELLER_SEND_GOODS' })
  const window = { from: new Date((yesterday - 600) * 1000), to: new Date((yesterday + 600) * 1000) }
  const ways = {
    pull: async () => downloadTradesManually({ ...(await shop.aRun({ numbers: [], status: '' })), window }),
    comparison: async () => auditDownloads(await shop.aRun({ days: 1 })),
    'catch-up': async () => runCatchUp(await shop.aRun({}), 30),
  }
  for (const [name, run] of Object.entries(ways)) {
    await made(yesterday)
    await rest(shop)
    const { created } = await run()
    assert.deepEqual([name, created, await soon(shop, 60)], [name, 1, ['trade_detail']])
    assert.deepEqual([name, await soon(shop, 0)], [name, ['trade_detail']])
    await rest(shop)
    await run()
    assert.deepEqual([name, await soon(shop, 60)], [name, []])
  }
})
