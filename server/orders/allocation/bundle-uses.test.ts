import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { createQueues } from '../../core/jobs/job.ts'
import { unreserve } from '../../inventory/release.ts'
import { type Caller, type TestApp, testApp } from '../../testing/app.ts'
import { aReservedOrder, aShop, matchGoods } from '../../testing/orders.ts'
import { aSku, aWarehouse, putStock } from '../../testing/stock.ts'
import { jobs } from '../../worker.ts'

let house: TestApp
let clerk: Caller
let warehouseId: string
before(async () => {
  house = await testApp()
  await createQueues(house.db, jobs)
  warehouseId = await aWarehouse(house.db)
  clerk = await house.as(['catalog.read', 'catalog.write'])
})
after(() => house[Symbol.asyncDispose]())

type Parts = [skuId: string, quantity: number][]
async function bundling(id: string, ...parts: Parts): Promise<string> {
  const rows = [{ id, parts: parts.map(([skuId, quantity]) => ({ skuId, quantity })) }]
  const { status, body } = await clerk.call('PUT', '/api/skus/parts', { rows })
  assert.equal(status, 200, JSON.stringify(body))
  const [{ done, code }] = Object(body).results
  return done ? 'done' : code
}
async function partsOf(id: string): Promise<Parts> {
  const found = await sql<{ partId: string; quantity: number }>`
    select part_id as "partId", quantity from bundle_part where bundle_id = ${id} order by part_id`.execute(
    house.db,
  )
  return found.rows.map(({ partId, quantity }) => [partId, quantity])
}

test('a bundle keeps its parts while an order holds or waits for them, and gets others when none does', async () => {
  const shopId = await aShop(house.db)
  const bundle = await matchGoods(house.db, shopId)
  const [sheet, pillow] = [await aSku(house.db), await aSku(house.db)]
  assert.equal(await bundling(bundle, [sheet, 1], [pillow, 2]), 'done')
  // Nothing is on the shelf for the second order, so it waits for its parts.
  await putStock(house.db, warehouseId, sheet, 2)
  await putStock(house.db, warehouseId, pillow, 4)
  const orders = [await aReservedOrder(house.db, { shopId }), await aReservedOrder(house.db, { shopId })]
  for (const { id } of orders) {
    assert.equal(await bundling(bundle, [sheet, 1], [pillow, 1]), 'parts_reserved')
    assert.equal(await bundling(bundle, [pillow, 2]), 'parts_reserved')
    assert.equal(await bundling(bundle), 'parts_reserved')
    assert.deepEqual(await partsOf(bundle), [
      [sheet, 1],
      [pillow, 2],
    ])
    // The same parts in another sequence are no change.
    assert.equal(await bundling(bundle, [pillow, 2], [sheet, 1]), 'done')
    await house.db.transaction().execute((tx) => unreserve(tx, [id]))
  }
  assert.equal(await bundling(bundle, [pillow, 1]), 'done')
  assert.deepEqual(await partsOf(bundle), [[pillow, 1]])
})

test('an order that has left, and one of another bundle with the same parts, hold no parts', async () => {
  const shopId = await aShop(house.db)
  const bundle = await matchGoods(house.db, shopId)
  const other = await aSku(house.db)
  const part = await aSku(house.db)
  await putStock(house.db, warehouseId, part, 10)
  assert.equal(await bundling(bundle, [part, 1]), 'done')
  assert.equal(await bundling(other, [part, 3]), 'done')
  const { id } = await aReservedOrder(house.db, { shopId })
  assert.equal(await bundling(other, [part, 2]), 'done')
  assert.equal(await bundling(bundle, [part, 2]), 'parts_reserved')
  await sql`update reservation set shipped = true where order_id = ${id}`.execute(house.db)
  assert.equal(await bundling(bundle, [part, 2]), 'done')
})
