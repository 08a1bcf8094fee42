import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import type { Cursor } from '../core/lists/list-table.ts'
import { aTrade, type IntakeFixture, intakeFixture, stage, tradeOf } from '../intake/testing.ts'
import { tradesToConvert } from '../intake/trades/convertible.ts'
import { aRun } from '../testing/run.ts'
import { autoConvertTrades } from './auto-convert.ts'

let pool: IntakeFixture
before(async () => {
  pool = await intakeFixture()
})
after(() => pool[Symbol.asyncDispose]())

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000)
const usual = {
  minutesAfterPayment: 15,
  skipWithMessage: false,
  skipWithMemo: false,
  skipWithFlag: false,
  tradesPerRun: 50_000,
}

function run(params: Partial<typeof usual> = {}) {
  return autoConvertTrades({ ...aRun(pool.db, { ...usual, ...params }), shop: { id: pool.shopId } })
}

const stateOf = async (tid: string) => (await tradeOf(pool, tid))?.state
const ordersInTurn = async () =>
  (await sql<{ tid: string }>`select tid from sales_order order by id`.execute(pool.db)).rows.map(
    ({ tid }) => tid,
  )

test('what was paid long enough ago is converted, and what was paid just now waits', async () => {
  const [old, young] = [aTrade({ paidAt: minutesAgo(20) }), aTrade({ paidAt: minutesAgo(5) })]
  await stage(pool, old, young)
  assert.deepEqual(await run(), { seen: 1, created: 1, skipped: {}, failed: 0 })
  assert.deepEqual([await stateOf(old.tid), await stateOf(young.tid)], ['converted', 'staged'])
  assert.deepEqual(await run({ minutesAfterPayment: 0 }), { seen: 1, created: 1, skipped: {}, failed: 0 })
})

test('a message, a memo or a flag keeps a trade back where that is asked for', async () => {
  const paidAt = minutesAgo(30)
  const trades = [
    aTrade({ paidAt, buyerMessage: '送礼' }),
    aTrade({ paidAt, sellerMemo: '加急' }),
    aTrade({ paidAt, flag: 1 }),
  ]
  await stage(pool, ...trades)
  const none = { seen: 0, created: 0, skipped: {}, failed: 0 }
  assert.deepEqual(await run({ skipWithMessage: true, skipWithMemo: true, skipWithFlag: true }), none)
  assert.deepEqual(await run({ skipWithMemo: true, skipWithFlag: true }), { ...none, seen: 1, created: 1 })
  assert.deepEqual(await run({ skipWithFlag: true }), { ...none, seen: 1, created: 1 })
  assert.deepEqual(await run(), { ...none, seen: 1, created: 1 })
  assert.deepEqual(
    (await ordersInTurn()).slice(-3),
    trades.map(({ tid }) => tid),
  )
})

test('who paid first comes first, page by page, and what cannot be converted is not even looked at', async () => {
  const trades = [30, 50, 40].map((minutes) => aTrade({ paidAt: minutesAgo(minutes) }))
  await stage(pool, ...trades, aTrade({ paidAt: null, status: 'unpaid' }))
  const [third, first, second] = await Promise.all(
    trades.map(async ({ tid }) => (await tradeOf(pool, tid))?.id),
  )
  const page = (after?: Cursor) =>
    tradesToConvert(pool.db, pool.shopId, { ...usual, paidBy: new Date(), after, limit: 2 })
  const places = await page()
  assert.deepEqual(
    places.map(({ id }) => id),
    [first, second],
  )
  assert.deepEqual(
    (await page(places[1])).map(({ id }) => id),
    [third],
  )
  assert.deepEqual(await run(), { seen: 3, created: 3, skipped: {}, failed: 0 })
})

test('a trade that cannot be read is counted as failed, and those beside it become orders', async () => {
  const trades = Array.from({ length: 5 }, () => aTrade({ paidAt: minutesAgo(20) }))
  const [, broken] = trades
  await stage(pool, ...trades)
  await sql`
    update staged_trade_lines set lines = jsonb_set(lines, '{0,quantity}', '"two"')
    where trade_id = (select id from staged_trade where tid = ${broken?.tid})`.execute(pool.db)
  assert.deepEqual(await run(), { seen: 5, created: 4, skipped: {}, failed: 1 })
  assert.deepEqual(await Promise.all(trades.map(({ tid }) => stateOf(tid))), [
    'converted',
    'staged',
    'converted',
    'converted',
    'converted',
  ])
  assert.deepEqual(await run(), { seen: 1, created: 0, skipped: {}, failed: 1 })
  const made = await ordersInTurn()
  assert.deepEqual(
    trades.map(({ tid }) => made.filter((one) => one === tid).length),
    [1, 0, 1, 1, 1],
  )
})
