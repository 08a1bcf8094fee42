import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { sql } from 'kysely'
import pino from 'pino'
import { matchListings } from '../../catalog/listings/match.ts'
import { setBundles } from '../../catalog/skus/bundles.ts'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import type { Job } from '../../core/jobs/job.ts'
import { convertTrades } from '../../flows/convert-trade.ts'
import { inventoryJobs } from '../../inventory/jobs.ts'
import { usesOfSkus } from '../../inventory/uses.ts'
import { enqueueFilled, goodsJobs } from '../../orders/allocation/goods-jobs.ts'
import { tradesPaid } from '../../orders/create/pay.ts'
import { reserveMatched } from '../../orders/gifts/give.ts'
import { liftHolds } from '../../orders/holds/holds.ts'
import { restoreOrders } from '../../orders/refunds/restore.ts'
import { transition } from '../../orders/status/transition.ts'
import { voidOrders } from '../../orders/status/void.ts'
import { viewOrder } from '../../orders/view/view.ts'
import { aSku, aWarehouse, balanceOf, passedOver, putStock, wrongInTheBooks } from '../../testing/stock.ts'
import { convertRefunds } from '../refunds/convert-refunds.ts'
import {
  aLine,
  aRefund,
  aTrade,
  type IntakeFixture,
  intakeFixture,
  paidLater,
  reserveWaiting,
  stage,
  stageRefunds,
  tradeOf,
} from '../testing.ts'

let pool: IntakeFixture
let warehouseId: string
const actor = { kind: 'user' as const, id: '7', name: '林晓' }
const jobs = new Map<string, Job>(
  [...inventoryJobs({ onFilled: enqueueFilled }), ...goodsJobs(reserveMatched), tradesPaid].map((job) => [
    job.name,
    job,
  ]),
)
const log = pino({ level: 'silent' })

before(async () => {
  pool = await intakeFixture()
  warehouseId = await aWarehouse(pool.db)
})
beforeEach(async () => {
  await sql`delete from job`.execute(pool.db)
})
after(async () => {
  assert.deepEqual(await wrongInTheBooks(pool.db), [])
  await pool[Symbol.asyncDispose]()
})

/** Runs the enqueued jobs until none is left; each `times` times at once. */
async function work(times = 1): Promise<string[]> {
  const done: string[] = []
  for (;;) {
    const taken = await sql<{ name: string; data: unknown }>`delete from job returning name, data`.execute(
      pool.db,
    )
    if (taken.rows.length === 0) return done.sort()
    for (const { name, data } of taken.rows) {
      done.push(name)
      await Promise.all(
        Array.from({ length: times }, () => jobs.get(name)?.run({ db: pool.db, log }, [data])),
      )
    }
  }
}

let items = 0
/** Returns a line of a new item, matched if a SKU is given. */
async function sold(input: { skuId?: string; quantity?: number; paymentFen?: number } = {}) {
  items += 1
  const { skuId, quantity = 1, paymentFen = 10_000 } = input
  const line = aLine({ itemId: `new${items}`, skuId: '', outerSkuId: '', quantity, paymentFen })
  await sql`
    insert into listing (shop_id, item_id, platform_sku_id, status, modified_at, sku_id, matched_how)
    values (${pool.shopId}, ${line.itemId}, '', 'on_sale', now(), ${skuId ?? null}, ${skuId ? 'hand' : ''})`.execute(
    pool.db,
  )
  return line
}

async function stocked(quantity: number): Promise<string> {
  const skuId = await aSku(pool.db)
  if (quantity > 0) await putStock(pool.db, warehouseId, skuId, quantity)
  return skuId
}

const convertIds = (ids: string[]) =>
  pool.db.transaction().execute((tx) => convertTrades(tx, ids, { actor: systemActor, scope: wholeScope }))

async function converted(...trades: ReturnType<typeof aTrade>[]): Promise<string[]> {
  await stage(pool, ...trades)
  const ids = await Promise.all(trades.map(async ({ tid }) => (await tradeOf(pool, tid))?.id ?? ''))
  await convertIds(ids)
  const found = await sql<{ id: string }>`
    select id from sales_order where tid = any(${trades.map(({ tid }) => tid)}::text[])
    order by array_position(${trades.map(({ tid }) => tid)}::text[], tid)`.execute(pool.db)
  return found.rows.map(({ id }) => id)
}

const order = async (lines: ReturnType<typeof aLine>[], overrides = {}) =>
  (await converted(aTrade({ lines, ...overrides })))[0] ?? ''

async function match(itemId: string, skuId: string) {
  const found = await sql<{ id: string }>`select id from listing where item_id = ${itemId}`.execute(pool.db)
  const pairs = found.rows.map(({ id }) => ({ id, skuId }))
  await pool.db.transaction().execute((tx) => matchListings(tx, pairs, 'hand', { actor, scope: wholeScope }))
}

const balance = (skuId: string) => balanceOf(pool.db, warehouseId, skuId)

/** Returns an order's open holds, what it waits for, and the pieces promised to each line. */
async function shown(id: string) {
  const view = await viewOrder(pool.db, id, { actor: systemActor, scope: wholeScope })
  assert.ok(view)
  const open = view.holds.filter((hold) => hold.releasedAt === null).map((hold) => hold.reason)
  const waits = (['unmatched', 'short', 'unasked'] as const).filter((one) => view[one])
  assert.equal(view.openHolds, open.length)
  return { holds: open, waits, lines: view.lines.map((line) => line.promise) }
}

const fine = (...lines: string[]) => ({ holds: [], waits: [], lines })
const voiding = (id: string) =>
  pool.db.transaction().execute((tx) => voidOrders(tx, [id], '客人不要了', { actor, scope: wholeScope }))
const restoring = (id: string) =>
  pool.db.transaction().execute((tx) => restoreOrders(tx, [id], { actor, scope: wholeScope }))

async function refunding(...refunds: ReturnType<typeof aRefund>[]) {
  await stageRefunds(pool, ...refunds)
  const found = await sql<{ id: string }>`
    select id from staged_refund where refund_no = any(${refunds.map(({ refundId }) => refundId)}::text[])`.execute(
    pool.db,
  )
  const ids = found.rows.map(({ id }) => id)
  await pool.db
    .transaction()
    .execute((tx) => convertRefunds(tx, ids, { actor: systemActor, scope: wholeScope }))
}

test('converting gives lines their SKU and has them promised, nothing of it twice from eight connections', async () => {
  const skuId = await stocked(100)
  const line = await sold({ skuId, quantity: 2 })
  const trades = Array.from({ length: 10 }, () => aTrade({ lines: [{ ...line, oid: aLine().oid }] }))
  await stage(pool, ...trades)
  const ids = await Promise.all(trades.map(async ({ tid }) => (await tradeOf(pool, tid))?.id ?? ''))
  await Promise.all(Array.from({ length: 8 }, () => convertIds(ids)))
  assert.deepEqual(await balance(skuId), [100, 20, 0])
  const rows = await sql<{ n: number }>`
    select count(*)::int as n from reservation where sku_id = ${skuId} and reserved = 2`.execute(pool.db)
  assert.equal(rows.rows[0]?.n, 10)
  assert.deepEqual(await work(), [])
})

test('of the last piece the one who paid first is served; the other is short and cannot be released', async () => {
  const skuId = await stocked(1)
  const line = await sold({ skuId })
  const early = aTrade({ lines: [line], paidAt: new Date('2026-11-20T01:00:00Z') })
  const late = aTrade({ lines: [{ ...line, oid: aLine().oid }], paidAt: new Date('2026-11-20T02:00:00Z') })
  const [second = '', first = ''] = await converted(late, early)
  assert.deepEqual(await shown(first), fine('promised'))
  assert.deepEqual(await shown(second), { holds: [], waits: ['short'], lines: ['short'] })
  const releasing = (id: string) =>
    pool.db.transaction().execute(async (tx) => {
      await transition(tx, [id], { event: 'confirm' }, actor)
      return transition(tx, [id], { event: 'release' }, actor)
    })
  assert.deepEqual(
    (await releasing(second)).map((one) => (one.done ? 'done' : one.code)),
    ['short'],
  )
  assert.deepEqual(await passedOver(pool.db), [])

  await voiding(first)
  assert.deepEqual(await work(), ['inventory.fill', 'orders.filled'])
  assert.deepEqual(await shown(second), fine('promised'))
  assert.deepEqual(await balance(skuId), [1, 1, 0])
  assert.equal((await releasing(second))[0]?.done, true)
})

test('a line without a SKU holds its order, and no person lifts that', async () => {
  const skuId = await stocked(5)
  const [known, unknown] = [await sold({ skuId }), await sold()]
  const id = await order([known, unknown])
  assert.deepEqual(await shown(id), {
    holds: ['unmatched'],
    waits: ['unmatched'],
    lines: ['promised', 'unmatched'],
  })
  assert.deepEqual(await balance(skuId), [5, 1, 0])
  const answers = await pool.db
    .transaction()
    .execute((tx) => liftHolds(tx, [id], {}, { actor, scope: wholeScope }))
  assert.deepEqual(
    answers.map((one) => (one.done ? 'done' : one.code)),
    ['hold_of_match'],
  )
})

test('matched, it heals: the hold is lifted and stock asked once, though the job runs twice at once', async () => {
  const skuId = await stocked(5)
  const unknown = await sold({ quantity: 2 })
  const id = await order([unknown])
  await sql`delete from job`.execute(pool.db)
  await match(unknown.itemId, skuId)
  assert.deepEqual(await work(2), ['orders.listings_matched'])
  assert.deepEqual(await shown(id), fine('promised'))
  assert.deepEqual(await balance(skuId), [5, 2, 0])
  const events = await sql<{ event: string }>`
    select event from order_event where order_id = ${id} order by id`.execute(pool.db)
  assert.deepEqual(
    events.rows.map(({ event }) => event),
    ['convert', 'release_hold'],
  )
})

test('a listing that is matched while its trade converts is not missed', async () => {
  const skuId = await stocked(5)
  const unknown = await sold()
  const id = await order([unknown])
  // As if the match was committed, and its job done, before the order became visible.
  await sql`update listing set sku_id = ${skuId}, matched_how = 'hand' where item_id = ${unknown.itemId}`.execute(
    pool.db,
  )
  assert.deepEqual(await work(), ['orders.unmatched'])
  assert.deepEqual(await shown(id), fine('promised'))
})

test('a record of what was shipped elsewhere is neither held nor promised', async () => {
  const skuId = await stocked(5)
  const lines = [await sold(), await sold({ skuId })].map((line) => ({
    ...line,
    status: 'finished' as const,
  }))
  const trade = aTrade({ status: 'finished', lines })
  await stage(pool, trade)
  const id = (await tradeOf(pool, trade.tid))?.id ?? ''
  await pool.db
    .transaction()
    .execute((tx) => convertTrades(tx, [id], { actor: systemActor, scope: wholeScope }, { asRecord: true }))
  const found = await sql<{ id: string; warehouse_id: string | null }>`
    select id, warehouse_id from sales_order where tid = ${trade.tid}`.execute(pool.db)
  assert.equal(found.rows[0]?.warehouse_id, null)
  const { holds, waits } = await shown(found.rows[0]?.id ?? '')
  assert.deepEqual([holds, waits], [[], []])
  assert.deepEqual(await balance(skuId), [5, 0, 0])
})

test('a bundle is promised by its parts, and a refund takes parts off it', async () => {
  const [bundle, sheet, pillow] = [await aSku(pool.db), await stocked(10), await stocked(10)]
  const parts = [
    { skuId: sheet, quantity: 1 },
    { skuId: pillow, quantity: 2 },
  ]
  await pool.db.transaction().execute((tx) => setBundles(tx, [{ id: bundle, parts }], actor, usesOfSkus))
  const line = await sold({ skuId: bundle, quantity: 3, paymentFen: 30_000 })
  const trade = aTrade({ lines: [line] })
  const [id = ''] = await converted(trade)
  assert.deepEqual(
    [await balance(sheet), await balance(pillow)],
    [
      [10, 3, 0],
      [10, 6, 0],
    ],
  )
  assert.deepEqual(await shown(id), fine('promised'))
  await refunding(aRefund(trade, { status: 'succeeded', quantity: 1, amountFen: 10_000 }))
  assert.deepEqual(
    [await balance(sheet), await balance(pillow)],
    [
      [10, 2, 0],
      [10, 4, 0],
    ],
  )
  assert.deepEqual(await shown(id), fine('promised'))
})

test('void gives everything back, restore asks again, and a refund of everything gives it back', async () => {
  const [one, other] = [await stocked(5), await stocked(1)]
  const lines = [await sold({ skuId: one, quantity: 2 }), await sold({ skuId: other, quantity: 3 })]
  const trade = aTrade({ lines })
  const [id = ''] = await converted(trade)
  const sums = async () => [await balance(one), await balance(other)]
  assert.deepEqual(await sums(), [
    [5, 2, 0],
    [1, 0, 3],
  ])
  await voiding(id)
  assert.deepEqual(await sums(), [
    [5, 0, 0],
    [1, 0, 0],
  ])
  await restoring(id)
  assert.deepEqual(await sums(), [
    [5, 2, 0],
    [1, 0, 3],
  ])
  assert.deepEqual((await shown(id)).waits, ['short'])
  // The promise of one line is released; nothing of the other line changes.
  await refunding(
    aRefund(trade, { status: 'succeeded', oid: lines[1]?.oid ?? '', quantity: 3, amountFen: 10_000 }),
  )
  assert.deepEqual(await sums(), [
    [5, 2, 0],
    [1, 0, 0],
  ])
  assert.deepEqual((await shown(id)).waits, [])
  await refunding(aRefund(trade, { status: 'succeeded', quantity: 2, amountFen: 10_000 }))
  assert.deepEqual(await sums(), [
    [5, 0, 0],
    [1, 0, 0],
  ])
  const left = await sql`select from reservation where order_id = ${id}`.execute(pool.db)
  assert.equal(left.rows.length, 0)
})

test('a refund that takes the unmatched line lifts its hold', async () => {
  const skuId = await stocked(5)
  const lines = [await sold({ skuId }), await sold()]
  const trade = aTrade({ lines })
  const [id = ''] = await converted(trade)
  assert.deepEqual((await shown(id)).holds, ['unmatched'])
  await refunding(aRefund(trade, { status: 'succeeded', oid: lines[1]?.oid ?? '', amountFen: 10_000 }))
  assert.deepEqual([(await shown(id)).holds, (await shown(id)).waits], [[], []])
  assert.deepEqual(await balance(skuId), [5, 1, 0])
})

test('a refund corrected to less asks stock anew for what came back', async () => {
  const skuId = await stocked(5)
  const line = await sold({ skuId, quantity: 4, paymentFen: 40_000 })
  const trade = aTrade({ lines: [line] })
  const [id = ''] = await converted(trade)
  const refund = aRefund(trade, { status: 'succeeded', quantity: 3, amountFen: 30_000 })
  await refunding(refund)
  assert.deepEqual(await balance(skuId), [5, 1, 0])
  await stageRefunds(pool, {
    ...refund,
    quantity: 1,
    amountFen: 10_000,
    version: '1411375308999',
    modifiedAt: new Date(refund.modifiedAt.getTime() + 5000),
  })
  assert.deepEqual([await balance(skuId), (await shown(id)).waits], [[5, 0, 0], ['unasked']])
  await asking()
  assert.deepEqual([await balance(skuId), (await shown(id)).waits], [[5, 3, 0], []])
})

test('cash on delivery is promised; what is not paid waits until it is', async () => {
  const skuId = await stocked(5)
  const line = await sold({ skuId })
  const cod = await order([line], { cod: true, paidAt: null })
  assert.deepEqual(await shown(cod), fine('promised'))
  await sql`update shop set settings = settings || '{"convertUnpaid": true}' where id = ${pool.shopId}`.execute(
    pool.db,
  )
  const trade = aTrade({
    lines: [{ ...line, oid: aLine().oid, status: 'unpaid' }],
    status: 'unpaid',
    paidAt: null,
  })
  const [unpaid = ''] = await converted(trade)
  assert.deepEqual((await shown(unpaid)).waits, ['unasked'])
  await asking()
  assert.deepEqual(await balance(skuId), [5, 1, 0])
  await stage(pool, paidLater(trade))
  assert.deepEqual(await work(2), ['orders.trades_paid'])
  assert.deepEqual(await shown(unpaid), fine('promised'))
  assert.deepEqual(await balance(skuId), [5, 2, 0])
})

test('a house without a warehouse converts as ever, and asks once there is one', async () => {
  const skuId = await stocked(5)
  const lines = [await sold({ skuId })]
  await sql`update warehouse set active = false where id = ${warehouseId}`.execute(pool.db)
  const id = await order(lines)
  assert.deepEqual(await shown(id), { holds: [], waits: ['unasked'], lines: ['unasked'] })
  await asking()
  assert.deepEqual((await shown(id)).waits, ['unasked'])
  await sql`update warehouse set active = true where id = ${warehouseId}`.execute(pool.db)
  await Promise.all([asking(), asking()])
  assert.deepEqual(await shown(id), fine('promised'))
  assert.deepEqual(await balance(skuId), [5, 1, 0])
})

const asking = () => reserveWaiting(pool.db)
