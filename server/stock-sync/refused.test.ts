import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import type { Call } from '../connectors/connector.ts'
import type { StockInput, StockResult } from '../connectors/stock.ts'
import { wholeScope } from '../core/access/actor.ts'
import { must } from '../testing/run.ts'
import { aSku, aWarehouse } from '../testing/stock.ts'
import { anUploadHouse, keeper, type UploadHouse } from '../testing/uploads.ts'
import { stockSyncAction } from './outbox.ts'
import { pauseListings, resumeListings } from './pause.ts'
import { resyncListings } from './resync.ts'
import { stockSyncRows } from './view-queries.ts'

const by = { actor: keeper, scope: wholeScope }

/** A listing with 12 pieces, whose shop is on. */
async function sold(house: UploadHouse) {
  const skuId = await aSku(house.db, 'REFUSED-1')
  await house.put(await aWarehouse(house.db), 'REFUSED-1', 12)
  const place = house.place(0, 0)
  const id = await house.listing(place, skuId)
  await house.shop(0, true)
  return { id, place }
}

test('what a platform refused is told again when it is resumed, and when its shop is switched on', async () => {
  await using house = await anUploadHouse()
  const { id, place } = await sold(house)
  const shop = house.sandbox.world.shops[0]
  assert.ok(shop)
  const listings = shop.listings
  shop.listings = []
  await house.take()
  house.outbox()
  await house.settled()
  assert.equal((await house.state(place)).problem, 'listing_gone')
  shop.listings = listings

  must(await house.run((tx) => pauseListings(tx, [id], by)))
  assert.deepEqual([(await house.state(place)).problem, house.deeds(place)], ['listing_gone', []])
  must(await house.run((tx) => resumeListings(tx, [id], by)))
  await house.settled()
  assert.deepEqual([(await house.state(place)).standing, house.deeds(place)], ['synced', [12]])

  await sql`
    update stock_upload set problem = 'refused', problem_text = '不卖了', problem_at = now() where id = ${id}`.execute(
    house.db,
  )
  await house.shop(0, false)
  assert.equal((await house.state(place)).problem, 'refused')
  await house.shop(0, true)
  await house.whole(0)
  await house.settled()
  assert.deepEqual([(await house.state(place)).standing, house.deeds(place)], ['synced', [12, 12]])
})

test('SKUs that a call has no time for are sent by the next ones, and answered ones are not sent again', async () => {
  await using house = await anUploadHouse()
  const skuId = await aSku(house.db, 'MANY-1')
  await house.put(await aWarehouse(house.db), 'MANY-1', 12)
  const places = ['1', '2', '3', '4', '5'].map((platformSkuId) => ({
    ...house.place(0, 0),
    ...{ itemId: '900', platformSkuId },
  }))
  for (const place of places) await house.listing(place, skuId)
  const calls: string[][] = []
  const twoAtOnce = async (_call: Call, { items }: StockInput): Promise<StockResult[]> => {
    calls.push(items.map(({ platformSkuId }) => platformSkuId))
    return items.map(({ itemId, platformSkuId }, at) => ({
      ...{ itemId, platformSkuId, message: '' },
      outcome: at < 2 ? 'done' : 'again',
    }))
  }
  house.outbox({
    send: (shop, action, signal) => {
      const { connector } = shop
      const actions = { ...connector.actions, updateStock: twoAtOnce }
      return stockSyncAction.send({ ...shop, connector: { ...connector, actions } }, action, signal)
    },
  })
  await house.shop(0, true)
  await house.whole(0)
  await house.settled()
  assert.deepEqual(calls, [['1', '2', '3', '4', '5'], ['3', '4', '5'], ['5']])
  const states = await Promise.all(places.map((place) => house.state(place)))
  assert.deepEqual(
    states.map(({ standing, told }) => [standing, told]),
    places.map(() => ['synced', 12]),
  )
})

test('a listing whose upload waits for a person says so, and no longer once the upload is tried again', async () => {
  await using house = await anUploadHouse()
  const { id } = await sold(house)
  await house.take()
  const shown = async () =>
    (await stockSyncRows(house.db, [id])).map((row) => [row.standing, row.needsPerson])
  assert.deepEqual(await shown(), [['waiting', false]])
  await sql`update platform_action set state = 'unknown', next_at = null`.execute(house.db)
  assert.deepEqual(await shown(), [['waiting', true]])
  await sql`update platform_action set state = 'pending', next_at = now()`.execute(house.db)
  assert.deepEqual(await shown(), [['waiting', false]])
})

test('a resync of a listing that is gone is refused, and resuming it keeps the reason', async () => {
  await using house = await anUploadHouse()
  const { id, place } = await sold(house)
  await sql`update listing set status = 'gone' where id = ${id}`.execute(house.db)
  await house.whole(0)
  const outcomes = await house.run((tx) => resyncListings(tx, [id], by))
  assert.deepEqual(
    outcomes.map((one) => !one.done && one.code),
    ['listing_gone'],
  )
  must(await house.run((tx) => pauseListings(tx, [id], by)))
  must(await house.run((tx) => resumeListings(tx, [id], by)))
  const { standing, problem } = await house.state(place)
  assert.deepEqual([standing, problem], ['off', 'gone'])
  const actions = await sql`select from platform_action`.execute(house.db)
  assert.equal(actions.rows.length, 0)
})
