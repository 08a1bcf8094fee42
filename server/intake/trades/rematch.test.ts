import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import pino from 'pino'
import { matchListings, unmatchListings } from '../../catalog/listings/match.ts'
import { type Actor, systemActor, wholeScope } from '../../core/access/actor.ts'
import { convertTrades } from '../../flows/convert-trade.ts'
import { goodsJobs } from '../../orders/allocation/goods-jobs.ts'
import { restoreOrders } from '../../orders/refunds/restore.ts'
import { voidOrders } from '../../orders/status/void.ts'
import { viewOrder } from '../../orders/view/view.ts'
import { aSku, aWarehouse, putStock, wrongInTheBooks } from '../../testing/stock.ts'
import { aLine, aTrade, type IntakeFixture, intakeFixture, stage, tradeOf } from '../testing.ts'

const clerk: Actor = { kind: 'user', id: '7', name: '林晓' }
const job = goodsJobs().find(({ name }) => name === 'orders.listings_matched')
let pool: IntakeFixture
let warehouseId = ''
before(async () => {
  pool = await intakeFixture()
  warehouseId = await aWarehouse(pool.db)
})
after(async () => {
  assert.deepEqual(await wrongInTheBooks(pool.db), [])
  await pool[Symbol.asyncDispose]()
})

let codes = 0
async function stocked(quantity: number) {
  codes += 1
  const code = `RE-${codes}`
  const id = await aSku(pool.db, code)
  if (quantity > 0) await putStock(pool.db, warehouseId, id, quantity)
  return { id, code }
}

/** Creates a listing that is matched with this SKU. */
async function sold(skuId: string) {
  codes += 1
  const itemId = `item${codes}`
  const made = await sql<{ id: string }>`
    insert into listing (shop_id, item_id, platform_sku_id, status, modified_at, sku_id, matched_how)
    values (${pool.shopId}, ${itemId}, '', 'on_sale', now(), ${skuId}, 'hand') returning id`.execute(pool.db)
  return { id: made.rows[0]?.id ?? '', itemId }
}

async function order(itemIds: readonly string[], quantity = 2) {
  const lines = itemIds.map((itemId) => aLine({ itemId, skuId: '', quantity }))
  const trade = aTrade({ lines })
  await stage(pool, trade)
  const ids = [(await tradeOf(pool, trade.tid))?.id ?? '']
  await pool.db
    .transaction()
    .execute((tx) => convertTrades(tx, ids, { actor: systemActor, scope: wholeScope }))
  const found = await sql<{ id: string }>`select id from sales_order where tid = ${trade.tid}`.execute(
    pool.db,
  )
  return found.rows[0]?.id ?? ''
}

/** Matches a listing by hand, then runs the enqueued jobs twice at once. */
async function match(listingId: string, skuId: string | null) {
  await pool.db
    .transaction()
    .execute((tx) =>
      skuId === null
        ? unmatchListings(tx, [listingId], { actor: clerk, scope: wholeScope })
        : matchListings(tx, [{ id: listingId, skuId }], 'hand', { actor: clerk, scope: wholeScope }),
    )
  const jobs = await sql<{
    data: unknown
  }>`delete from job where name = ${'orders.listings_matched'} returning data`.execute(pool.db)
  const payloads = jobs.rows.map(({ data }) => data)
  const context = { db: pool.db, log: pino({ level: 'silent' }) }
  await Promise.all([job?.run(context, payloads), job?.run(context, payloads)])
}

async function shown(id: string) {
  const view = await viewOrder(pool.db, id, { actor: systemActor, scope: wholeScope })
  return view?.lines.map(
    (line) => `${line.skuCode} ${line.promise}${line.rematchedTo && ` now ${line.rematchedTo}`}`,
  )
}
const told = async (id: string) => {
  const view = await viewOrder(pool.db, id, { actor: systemActor, scope: wholeScope })
  return view?.events.map(({ event }) => event).filter((event) => event.startsWith('rematch'))
}

test('what waits follows the new match of its listing, and what is reserved stays and says so', async () => {
  const [wrong, right] = [await stocked(2), await stocked(50)]
  const listing = await sold(wrong.id)
  const [held, waits] = [await order([listing.itemId]), await order([listing.itemId])]
  assert.deepEqual(
    [await shown(held), await shown(waits)],
    [[`${wrong.code} promised`], [`${wrong.code} short`]],
  )
  await match(listing.id, right.id)
  assert.deepEqual(await shown(waits), [`${right.code} promised`])
  assert.deepEqual(await shown(held), [`${wrong.code} promised now ${right.code}`])
  assert.deepEqual([await told(waits), await told(held)], [['rematched'], ['rematch_kept']])

  // The solution that the page suggests.
  const verbs = pool.db.transaction()
  await verbs.execute((tx) => voidOrders(tx, [held], '换货', { actor: clerk, scope: wholeScope }))
  await verbs.execute((tx) => restoreOrders(tx, [held], { actor: clerk, scope: wholeScope }))
  assert.deepEqual(await shown(held), [`${right.code} promised`])
})

test('of an order only the lines that wait follow', async () => {
  const [wrong, right, other] = [await stocked(0), await stocked(50), await stocked(50)]
  const [listing, beside] = [await sold(wrong.id), await sold(other.id)]
  const id = await order([listing.itemId, beside.itemId])
  assert.deepEqual(await shown(id), [`${wrong.code} short`, `${other.code} promised`])
  await match(listing.id, right.id)
  assert.deepEqual(await shown(id), [`${right.code} promised`, `${other.code} promised`])
})

test('a match that was first taken away is followed as well', async () => {
  const [wrong, right] = [await stocked(0), await stocked(50)]
  const listing = await sold(wrong.id)
  const id = await order([listing.itemId])
  await match(listing.id, null)
  assert.deepEqual(await shown(id), [`${wrong.code} short`])
  await match(listing.id, right.id)
  assert.deepEqual(await shown(id), [`${right.code} promised`])
})

test('lines for which stock was never asked are asked for as what their listing is by then', async () => {
  const [wrong, right] = [await stocked(50), await stocked(50)]
  const listing = await sold(wrong.id)
  await sql`update warehouse set active = false where id = ${warehouseId}`.execute(pool.db)
  const id = await order([listing.itemId])
  await sql`update warehouse set active = true where id = ${warehouseId}`.execute(pool.db)
  await match(listing.id, right.id)
  const verbs = pool.db.transaction()
  const { reserveOrders } = await import('../../orders/allocation/goods.ts')
  await verbs.execute((tx) => reserveOrders(tx, [id]))
  assert.deepEqual(await shown(id), [`${right.code} promised`])
  assert.deepEqual(await told(id), ['rematched'])
})
