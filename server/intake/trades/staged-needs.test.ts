import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Trade } from '../../connectors/connector.ts'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { convertTrades } from '../../flows/convert-trade.ts'
import { markChanged } from '../../inventory/stock.ts'
import { calculateStockSync } from '../../stock-sync/calculate.ts'
import { processStockChanges } from '../../stock-sync/loop.ts'
import { aWarehouse, putStock } from '../../testing/stock.ts'
import {
  aLine,
  aRefund,
  aTrade,
  count,
  type IntakeFixture,
  intakeFixture,
  stage,
  stageRefunds,
  tradeOf,
} from '../testing.ts'
import { countDemand } from './staged-needs.ts'
import { processTrades, removeTrades, unprocessTrades } from './trades.ts'

let pool: IntakeFixture
let warehouseId = ''
before(async () => {
  pool = await intakeFixture()
  warehouseId = await aWarehouse(pool.db)
  await sql`
    insert into upload_shop (shop_id, enabled, rule, updated_by)
    select id, true, '{"warehouses":[],"percent":100,"plus":0,"safety":0,"min":0,"max":null}', '' from shop`.execute(
    pool.db,
  )
})
after(() => pool[Symbol.asyncDispose]())

let kind = 0
/** Creates a SKU used by no other test of this file, with a hundred pieces in stock, and its listing. */
async function goods() {
  kind += 1
  const at = String(kind)
  const found = await sql<{ id: string; skuId: string; skuCode: string }>`
    select l.id, l.sku_id as "skuId", s.code as "skuCode" from listing l join sku s on s.id = l.sku_id
    where l.item_id = ${`6523${at}`}`.execute(pool.db)
  const listing = found.rows[0]
  assert.ok(listing)
  await putStock(pool.db, warehouseId, listing.skuId, 100)
  await pool.db.transaction().execute((tx) => calculateStockSync(tx, [listing.id]))
  const line = (quantity: number, more = {}) =>
    aLine({ itemId: `6523${at}`, skuId: `48${at}`, quantity, ...more })
  return { ...listing, line }
}

/** Does what the two loops do shortly after each change. */
async function takeAll() {
  while (await countDemand(pool.db));
  while (await processStockChanges(pool.db));
}

async function shown({ id }: { id: string }) {
  await takeAll()
  const found = await sql<{ quantity: number; staged: number | null }>`
    select quantity, (trace -> 'parts' -> 0 ->> 'staged')::int as staged from stock_upload where id = ${id}`.execute(
    pool.db,
  )
  return found.rows[0]
}

const idOf = async ({ tid }: Trade) => (await tradeOf(pool, tid))?.id ?? ''
const act = (verb: typeof removeTrades, ...ids: string[]) =>
  pool.db.transaction().execute((tx) => verb(tx, ids, { actor: systemActor, scope: wholeScope }))
const convert = (...ids: string[]) =>
  pool.db.transaction().execute((tx) => convertTrades(tx, ids, { actor: systemActor, scope: wholeScope }))

test('a paid trade that waits takes its goods off the shop, and converting it hands them over to its order', async () => {
  const bed = await goods()
  const trade = aTrade({ lines: [bed.line(3)] })
  await stage(pool, trade)
  assert.deepEqual(await shown(bed), { quantity: 97, staged: 3 })
  await convert(await idOf(trade))
  assert.deepEqual([await count(pool, 'staged_need'), await count(pool, 'staged_need_due')], [0, 0])
  assert.deepEqual(await shown(bed), { quantity: 97, staged: null })
})

test('a trade that is converted while the counter is at it is not counted for good', async () => {
  const bed = await goods()
  const trade = aTrade({ lines: [bed.line(3)] })
  await stage(pool, trade)
  const id = await idOf(trade)
  const counting = await pool.db.transaction().execute(async (tx) => {
    // The counter has read its mark and written the need, and waits here; then the conversion waits for the same goods.
    await markChanged(tx, [bed.skuId])
    const both = [countDemand(pool.db)]
    await waits(1)
    both.push(convert(id).then(() => true))
    await waits(2)
    return both
  })
  await Promise.all(counting)
  assert.deepEqual([await count(pool, 'staged_need'), await count(pool, 'staged_need_due')], [1, 1])
  assert.deepEqual(await shown(bed), { quantity: 97, staged: null })
  assert.equal(await count(pool, 'staged_need'), 0)
})

/** Waits until so many connections wait for a lock. */
async function waits(many: number): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const found = await sql<{ count: number }>`
      select count(*)::int as count from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`.execute(
      pool.db,
    )
    if (found.rows[0]?.count === many) return
    assert.ok(tries < 500, `${many} never waited`)
    await sleep(10)
  }
}

test('only what is paid counts, or cash on delivery; a refund or the platform that holds it up changes nothing', async () => {
  const bed = await goods()
  const unpaid = { status: 'unpaid', paidAt: null } as const
  await stage(
    pool,
    aTrade({ ...unpaid, lines: [bed.line(1, { status: 'unpaid' })] }),
    aTrade({ ...unpaid, finalUnpaid: true, lines: [bed.line(1, { status: 'unpaid' })] }),
    aTrade({ status: 'shipped', lines: [bed.line(1, { status: 'shipped' })] }),
    aTrade({ status: 'closed_unpaid', paidAt: null, lines: [bed.line(1, { status: 'closed' })] }),
    aTrade({ paidAt: new Date('2025-12-01'), lines: [bed.line(1)] }),
  )
  assert.deepEqual(await shown(bed), { quantity: 100, staged: null })

  const held = aTrade({ holds: ['group_open'], lines: [bed.line(5)] })
  const refunding = aTrade({ lines: [bed.line(7)] })
  await stage(
    pool,
    held,
    refunding,
    aTrade({ ...unpaid, cod: true, lines: [bed.line(11, { status: 'unpaid' })] }),
  )
  await stageRefunds(pool, aRefund(refunding))
  assert.equal((await tradeOf(pool, refunding.tid))?.reason, 'refund_open')
  assert.deepEqual(await shown(bed), { quantity: 77, staged: 23 })
})

test('of a partly shipped trade only what is left counts, and of a refunded line nothing', async () => {
  const bed = await goods()
  await stage(
    pool,
    aTrade({ status: 'partly_shipped', lines: [bed.line(2), bed.line(30, { status: 'shipped' })] }),
    aTrade({ lines: [bed.line(3), bed.line(40, { refund: 'succeeded' })] }),
  )
  assert.deepEqual(await shown(bed), { quantity: 95, staged: 5 })
})

test('a newer version counts instead of the older, also when it closes', async () => {
  const bed = await goods()
  const trade = aTrade({ lines: [bed.line(4), bed.line(1)] })
  const later = (minutes: number) => new Date(trade.modifiedAt.getTime() + minutes * 60_000)
  await stage(pool, trade)
  assert.deepEqual(await shown(bed), { quantity: 95, staged: 5 })
  await stage(pool, { ...trade, modifiedAt: later(1), lines: [bed.line(6)] })
  assert.deepEqual(await shown(bed), { quantity: 94, staged: 6 })
  await stage(pool, { ...trade, modifiedAt: later(2), status: 'closed_refunded' })
  assert.deepEqual(await shown(bed), { quantity: 100, staged: null })
})

test('what is removed or processed needs nothing, until it comes back', async () => {
  const bed = await goods()
  const [one, other] = [aTrade({ lines: [bed.line(2)] }), aTrade({ lines: [bed.line(9)] })]
  await stage(pool, one, other)
  assert.deepEqual(await shown(bed), { quantity: 89, staged: 11 })
  await act(removeTrades, await idOf(one))
  assert.deepEqual(await shown(bed), { quantity: 91, staged: 9 })
  await act(processTrades, await idOf(other))
  assert.deepEqual(await shown(bed), { quantity: 100, staged: null })
  await act(unprocessTrades, await idOf(other))
  await stage(pool, one, other)
  assert.deepEqual(await shown(bed), { quantity: 89, staged: 11 })
})

test('what bundles will need is counted by their parts, and other shops’ listings see it too', async () => {
  const [bed, pillow] = [await goods(), await goods()]
  await sql`update sku set is_bundle = true where id = ${pillow.skuId}`.execute(pool.db)
  await sql`insert into bundle_part (bundle_id, part_id, quantity) values (${pillow.skuId}, ${bed.skuId}, 2)`.execute(
    pool.db,
  )
  const elsewhere = await sql<{ id: string }>`
    with shop as (
      insert into shop (platform, variant, name) select platform, '', '山隅家居分店' from shop returning id
    ), shown as (
      insert into upload_shop (shop_id, enabled, rule, updated_by) select shop.id, true, u.rule, '' from shop, upload_shop u
    )
    insert into listing (shop_id, item_id, platform_sku_id, status, modified_at, sku_id, matched_how)
    select id, '1', '1', 'on_sale', now(), ${bed.skuId}, 'hand' from shop returning id`.execute(pool.db)
  await stage(pool, aTrade({ lines: [bed.line(1), pillow.line(10)] }))
  assert.deepEqual(await shown(bed), { quantity: 79, staged: 21 })
  assert.deepEqual(await shown(pillow), { quantity: 39, staged: 21 })
  assert.deepEqual(await shown({ id: elsewhere.rows[0]?.id ?? '' }), { quantity: 79, staged: 21 })
})

test('trades that nobody has counted yet are counted once, by four counters at once', async () => {
  const bed = await goods()
  const trades = Array.from({ length: 40 }, () => aTrade({ lines: [bed.line(1)] }))
  await stage(pool, ...trades)
  await convert(...(await Promise.all(trades.slice(0, 25).map(idOf))))
  await Promise.all([1, 2, 3, 4].map(() => countDemand(pool.db)))
  assert.deepEqual(await shown(bed), { quantity: 60, staged: 15 })
})

test('an order that stock has not enough for waits in place of its trade, which no longer counts beside it', async () => {
  const bed = await goods()
  const trade = aTrade({ lines: [bed.line(130)] })
  await stage(pool, trade)
  assert.deepEqual(await shown(bed), { quantity: 0, staged: 130 })
  await convert(await idOf(trade))
  assert.deepEqual(await shown(bed), { quantity: 0, staged: null })
})

test('a trade that could not be converted is counted as before', async () => {
  const bed = await goods()
  const trade = aTrade({ lines: [bed.line(3)] })
  await stage(pool, trade)
  const id = await idOf(trade)
  await convert(id)
  // The trade is in 待转入 again although its order exists.
  await sql`update staged_trade set state = 'staged', order_no = '' where id = ${id}::bigint`.execute(pool.db)
  assert.deepEqual(await shown(bed), { quantity: 94, staged: 3 })
  const [outcome] = await convert(id)
  assert.deepEqual(outcome, { id, done: false, code: 'nothing_to_convert' })
  assert.deepEqual(await shown(bed), { quantity: 94, staged: 3 })
})
