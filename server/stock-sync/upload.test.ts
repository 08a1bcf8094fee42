import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { matchListings, unmatchListings } from '../catalog/listings/match.ts'
import { setBundles } from '../catalog/skus/bundles.ts'
import { type Scope, wholeScope } from '../core/access/actor.ts'
import { requestRun, taskOfShop } from '../core/tasks/tasks.ts'
import { reduceReservations, unreserve } from '../inventory/release.ts'
import { reserve } from '../inventory/reserve.ts'
import { usesOfSkus } from '../inventory/uses.ts'
import { must } from '../testing/run.ts'
import { aDemand, aSku, aWarehouse } from '../testing/stock.ts'
import { until } from '../testing/until.ts'
import { anUploadHouse, keeper, type UploadHouse } from '../testing/uploads.ts'
import { usualRule } from './lifecycle.ts'
import { pauseListings, resumeListings } from './pause.ts'
import { resyncListings } from './resync.ts'
import { setStockSyncRule } from './settings.ts'
import { syncingStock } from './tasks.ts'

let codes = 0
const aCode = () => {
  codes += 1
  return `UP-${codes}`
}

/** A SKU with goods in a warehouse, sold at a place of the first shop. */
async function goods(house: UploadHouse, quantity: number, at = 0) {
  const code = aCode()
  const skuId = await aSku(house.db, code)
  const warehouseId = await aWarehouse(house.db)
  await house.put(warehouseId, code, quantity)
  const place = house.place(0, at)
  const id = await house.listing(place, skuId)
  return { code, skuId, warehouseId, place, id }
}

const actions = async (house: UploadHouse) =>
  (
    await sql<{ state: string; count: number }>`
      select state, count(*)::int as count from platform_action group by 1 order by 1`.execute(house.db)
  ).rows.map(({ state, count }) => `${count} ${state}`)

test('a shop is off until somebody switches it on; then it is told, and of each change', async () => {
  await using house = await anUploadHouse()
  const { place, warehouseId, code, skuId } = await goods(house, 12)
  const before = (await house.state(place)).there
  await house.whole(0)
  assert.deepEqual(await house.state(place), {
    standing: 'off',
    quantity: 12,
    told: null,
    problem: '',
    there: before,
  })
  assert.deepEqual(await actions(house), [])

  await house.shop(0, true, { percent: 80 })
  await house.whole(0)
  house.outbox()
  await house.settled()
  assert.deepEqual(await house.state(place), {
    standing: 'synced',
    quantity: 9,
    told: 9,
    problem: '',
    there: 9,
  })

  await house.take()
  await house.put(warehouseId, code, 3)
  await house.take()
  await house.settled()
  assert.equal((await house.state(place)).there, 12)

  const demand = aDemand({ skuId, warehouseId, quantity: 10 })
  await house.run((tx) => reserve(tx, [demand]))
  await house.take()
  await house.settled()
  assert.equal((await house.state(place)).there, 4)
  assert.deepEqual(house.deeds(place), [9, 12, 4])

  const short = aDemand({ skuId, warehouseId, quantity: 9 })
  await house.run((tx) => reserve(tx, [short]))
  await house.take()
  await house.settled()
  assert.equal((await house.state(place)).there, 0)
  await house.run((tx) => reduceReservations(tx, [{ ...short, left: 2 }]))
  await house.take()
  await house.settled()
  assert.equal((await house.state(place)).there, 2)
  await house.run((tx) => unreserve(tx, [short.orderId]))
  await house.take()
  await house.settled()
  assert.equal((await house.state(place)).there, 4)

  await house.take()
  await house.whole(0)
  assert.deepEqual(await actions(house), ['6 succeeded'])
})

test('what changed while it was being sent is told afterwards, whatever the answer says', async () => {
  await using house = await anUploadHouse()
  const { place, warehouseId, code } = await goods(house, 12)
  await house.shop(0, true)
  await house.take()
  const begun = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const { stockSyncAction } = await import('./outbox.ts')
  house.outbox({
    async send(shop, action, signal) {
      const answer = await stockSyncAction.send(shop, action, signal)
      begun.resolve()
      await goOn.promise
      return answer
    },
  })
  await begun.promise
  assert.equal((await house.state(place)).there, 12)
  await house.put(warehouseId, code, -7)
  await house.take()
  assert.deepEqual(await house.state(place), {
    standing: 'waiting',
    quantity: 5,
    told: null,
    problem: '',
    there: 12,
  })
  assert.deepEqual(await actions(house), ['1 sending'])
  goOn.resolve()
  await house.settled()
  assert.deepEqual(await house.state(place), {
    standing: 'synced',
    quantity: 5,
    told: 5,
    problem: '',
    there: 5,
  })
  assert.deepEqual(house.deeds(place), [12, 5])
})

test('changes that wait go along with the action that is open: one for an item', async () => {
  await using house = await anUploadHouse()
  const first = await goods(house, 12, 0)
  const second = await goods(house, 30, 1)
  assert.equal(first.place.itemId, second.place.itemId)
  await house.shop(0, true)
  await house.take()
  for (const quantity of [-1, -2, 5]) {
    await house.put(first.warehouseId, first.code, quantity)
    await house.put(second.warehouseId, second.code, quantity)
    await house.take()
  }
  assert.deepEqual(await actions(house), ['1 pending'])
  house.outbox()
  await house.settled()
  assert.deepEqual([house.deeds(first.place), house.deeds(second.place)], [[14], [32]])
  assert.deepEqual(await actions(house), ['1 succeeded'])
})

test('two shops that share goods are told of them by their percents, a bundle by its scarcest part', async () => {
  await using house = await anUploadHouse()
  const { skuId, code, warehouseId, place } = await goods(house, 11)
  const other = house.place(1, 0)
  await house.listing(other, skuId)
  const partCode = aCode()
  const partId = await aSku(house.db, partCode)
  await house.put(warehouseId, partCode, 9)
  const bundleId = await aSku(house.db, aCode())
  await sql`update sku set is_bundle = true where id = ${bundleId}`.execute(house.db)
  await sql`
    insert into bundle_part (bundle_id, part_id, quantity)
    values (${bundleId}, ${skuId}, 1), (${bundleId}, ${partId}, 2)`.execute(house.db)
  const bundle = house.place(0, 5)
  await house.listing(bundle, bundleId)
  await house.shop(0, true, { percent: 70 })
  await house.shop(1, true, { percent: 30 })
  await house.take()
  house.outbox()
  await house.settled()
  const there = async () =>
    Promise.all([place, other, bundle].map(async (each) => (await house.state(each)).there))
  // 70 % of 11; 30 % of 11; 70 % of the 4 bundles that 9 pieces make at 2 each.
  assert.deepEqual(await there(), [7, 3, 2])
  await house.put(warehouseId, code, -8)
  await house.take()
  await house.settled()
  assert.deepEqual(await there(), [2, 0, 2])
  await house.put(warehouseId, code, -2)
  await house.take()
  await house.settled()
  assert.deepEqual(await there(), [0, 0, 0])
})

test('a send whose answer is lost is repeated, and does no harm', async () => {
  await using house = await anUploadHouse()
  const { place } = await goods(house, 12)
  await house.shop(0, true)
  await house.take()
  await house.control('faults', { kind: 'timeout-after', ms: 100, count: 1 })
  house.outbox()
  await house.settled()
  assert.deepEqual(await house.state(place), {
    standing: 'synced',
    quantity: 12,
    told: 12,
    problem: '',
    there: 12,
  })
  assert.deepEqual([...new Set(house.deeds(place))], [12])
  assert.ok(house.deeds(place).length >= 2)
})

test('a listing that its platform does not have any more stops alone, with its reason, until it is back', async () => {
  await using house = await anUploadHouse()
  const lost = await goods(house, 12, 0)
  const kept = await goods(house, 30, 20)
  assert.notEqual(lost.place.itemId, kept.place.itemId)
  await house.control('listings', { shop: lost.place.key, numIid: lost.place.itemId, gone: true })
  await house.shop(0, true)
  await house.take()
  house.outbox()
  await house.settled()
  const { standing, problem } = await house.state(lost.place)
  assert.deepEqual([standing, problem, (await house.state(kept.place)).there], ['failed', 'listing_gone', 30])

  await house.put(lost.warehouseId, lost.code, 1)
  await house.take()
  await house.settled()
  assert.deepEqual(await actions(house), ['2 succeeded'])
  await sql`update listing set status = 'gone' where id = ${lost.id}`.execute(house.db)
  await house.whole(0)
  assert.equal((await house.state(lost.place)).standing, 'off')
  await sql`update listing set status = 'on_sale' where id = ${lost.id}`.execute(house.db)
  await house.whole(0)
  assert.equal((await house.state(lost.place)).standing, 'waiting')
  await house.settled()
  assert.equal((await house.state(lost.place)).problem, 'listing_gone')
})

test('a paused listing is left as the platform has it, also when its action is on the way; resumed, it is told again', async () => {
  await using house = await anUploadHouse()
  const { place, id, warehouseId, code } = await goods(house, 12)
  await house.shop(0, true)
  await house.take()
  const before = (await house.state(place)).there
  must(await house.run((tx) => pauseListings(tx, [id], { actor: keeper, scope: wholeScope })))
  house.outbox()
  await house.settled()
  await house.put(warehouseId, code, 8)
  await house.take()
  assert.deepEqual(await house.state(place), {
    standing: 'paused',
    quantity: 20,
    told: null,
    problem: '',
    there: before,
  })
  const again = await house.run((tx) =>
    pauseListings(tx, [id, '999999'], { actor: keeper, scope: wholeScope }),
  )
  assert.deepEqual(
    again.map((one) => !one.done && one.code),
    ['already', 'not_found'],
  )
  const refused = await house.run((tx) => resyncListings(tx, [id], { actor: keeper, scope: wholeScope }))
  assert.deepEqual(
    refused.map((one) => !one.done && one.code),
    ['paused'],
  )
  must(await house.run((tx) => resumeListings(tx, [id], { actor: keeper, scope: wholeScope })))
  await house.settled()
  assert.deepEqual(house.deeds(place), [20])
})

test('a shop that is switched off hears nothing more; switched on, it is told everything again', async () => {
  await using house = await anUploadHouse()
  const { place, warehouseId, code } = await goods(house, 12)
  await house.shop(0, true)
  await house.take()
  await house.shop(0, false)
  house.outbox()
  await house.settled()
  await house.put(warehouseId, code, 1)
  await house.whole(0)
  assert.deepEqual([house.deeds(place), (await house.state(place)).standing], [[], 'off'])
  await house.shop(0, true)
  await house.whole(0)
  await house.settled()
  assert.deepEqual([house.deeds(place), (await house.state(place)).standing], [[13], 'synced'])
})

test('a resync tells what has not changed; a rule of its own is told at once, and taken away again', async () => {
  await using house = await anUploadHouse()
  const { place, id } = await goods(house, 12)
  await house.shop(0, true)
  await house.take()
  house.outbox()
  await house.settled()
  const [sku] = house.sandbox.world.shops[0]?.listings.find((one) => one.numIid === place.itemId)?.skus ?? []
  assert.ok(sku)
  sku.quantity = 999
  must(await house.run((tx) => resyncListings(tx, [id], { actor: keeper, scope: wholeScope })))
  await house.settled()
  assert.equal((await house.state(place)).there, 12)
  const rule = { ...usualRule, percent: 50, safety: 1 }
  must(await house.run((tx) => setStockSyncRule(tx, [id], rule, { actor: keeper, scope: wholeScope })))
  await house.settled()
  assert.equal((await house.state(place)).there, 5)
  must(await house.run((tx) => setStockSyncRule(tx, [id], null, { actor: keeper, scope: wholeScope })))
  await house.settled()
  assert.deepEqual(house.deeds(place), [12, 12, 5, 12])
  const foreign: Scope = { shops: [house.shopIds[1] ?? ''], warehouses: 'all' }
  const outside = await house.run((tx) => setStockSyncRule(tx, [id], rule, { actor: keeper, scope: foreign }))
  assert.deepEqual(
    outside.map((one) => !one.done && one.code),
    ['not_found'],
  )
})

test('a shop is resynced whole by a run of its task, which tells how far it is', async () => {
  await using house = await anUploadHouse()
  const sold = [await goods(house, 12, 0), await goods(house, 7, 20)]
  await house.shop(0, true)
  house.outbox()
  house.tasks()
  await until(async () => (await house.state(house.place(0, 20))).standing === 'synced')
  await house.settled()
  await house.run(async (tx) => {
    const taskId = await taskOfShop(tx, 'stock_upload', house.shopIds[0] ?? '', wholeScope)
    await requestRun(
      tx,
      [syncingStock],
      { taskId, params: { again: true } },
      { actor: keeper, scope: wholeScope },
    )
  })
  const run = async () =>
    (
      await sql<{ seen: number; created: number }>`
        select seen, created from task_run where trigger = 'person' and state = 'done'`.execute(house.db)
    ).rows
  await until(async () => (await run()).length === 1)
  await house.settled()
  assert.deepEqual(await run(), [{ seen: 2, created: 2 }])
  assert.deepEqual(
    sold.map(({ place }) => house.deeds(place)),
    [
      [12, 12],
      [7, 7],
    ],
  )
})

test('a listing that is matched, and a bundle that is made of something else, make the task of their shop due', async () => {
  await using house = await anUploadHouse()
  const { id, skuId, code, warehouseId, place } = await goods(house, 12)
  const other = await aSku(house.db, aCode())
  await house.shop(0, true)
  const due = async () => {
    const found = await sql<{ due: boolean }>`
      with asked as (select next_run_at <= now() as due from task where shop_id = ${house.shopIds[0] ?? ''})
      select due from asked`.execute(house.db)
    await sql`update task set next_run_at = now() + interval '1 hour'`.execute(house.db)
    return found.rows[0]?.due
  }
  assert.deepEqual([await due(), await due()], [true, false])
  must(
    await house.run((tx) =>
      matchListings(tx, [{ id, skuId: other }], 'hand', { actor: keeper, scope: wholeScope }),
    ),
  )
  assert.equal(await due(), true)
  must(
    await house.run((tx) =>
      setBundles(tx, [{ id: other, parts: [{ skuId, quantity: 5 }] }], keeper, usesOfSkus),
    ),
  )
  assert.equal(await due(), true)
  await house.whole(0)
  assert.equal((await house.state(place)).quantity, 2)
  await house.put(warehouseId, code, 3)
  await house.take()
  assert.equal((await house.state(place)).quantity, 3)
  must(await house.run((tx) => unmatchListings(tx, [id], { actor: keeper, scope: wholeScope })))
  assert.equal(await due(), true)
  await house.whole(0)
  const { standing, problem } = await house.state(place)
  assert.deepEqual([standing, problem], ['failed', 'unmatched'])
})
