import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { type OpenDatabase, openDatabase, type Tx } from '../core/db/db.ts'
import { createQueues } from '../core/jobs/job.ts'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { aDemand, aSku, aWarehouse, putStock } from '../testing/stock.ts'
import { changedSkus, markProcessed } from './changes.ts'
import { inventoryJobs } from './jobs.ts'
import { reserve } from './reserve.ts'

let database: TestDatabase
let open: OpenDatabase
const run = <T>(work: (tx: Tx) => Promise<T>) => open.db.transaction().execute(work)

before(async () => {
  database = await testDatabase()
  open = openDatabase(database.url, { max: 4 })
  await createQueues(open.db, inventoryJobs())
})
after(async () => {
  await open.close()
  await database[Symbol.asyncDispose]()
})

test('a SKU that changes after it was read stays to be taken, and one that did not is done', async () => {
  const warehouseId = await aWarehouse(open.db)
  const busy = await aSku(open.db)
  const calm = await aSku(open.db)
  for (const skuId of [busy, calm]) await putStock(open.db, warehouseId, skuId, 10)
  const sell = (skuId: string) => run((tx) => reserve(tx, [aDemand({ skuId, warehouseId })]))
  await sell(busy)
  await sell(calm)
  const first = await run((tx) => changedSkus(tx, 10))
  assert.deepEqual(first, [
    { skuId: busy, version: '1' },
    { skuId: calm, version: '1' },
  ])
  await sell(busy)
  await run((tx) => markProcessed(tx, first))
  const second = await run((tx) => changedSkus(tx, 10))
  assert.deepEqual(second, [{ skuId: busy, version: '2' }])
  await run((tx) => markProcessed(tx, second))
  // Marking an older version later does not make the SKU unprocessed again.
  await run((tx) => markProcessed(tx, first))
  assert.deepEqual(await run((tx) => changedSkus(tx, 10)), [])
})

test('a busy SKU that changes once more before it is taken keeps off the indexes', async () => {
  const skuId = await aSku(open.db)
  await sql`insert into stock_change (sku_id, version, changed_at) values (${skuId}, 1, now())`.execute(
    open.db,
  )
  const hotUpdates = async (tx: Tx) => {
    const found = await sql<{ hot: number }>`
      select pg_stat_get_xact_tuples_hot_updated('stock_change'::regclass)::int as hot`.execute(tx)
    return found.rows[0]?.hot ?? 0
  }
  const made = await run(async (tx) => {
    const before = await hotUpdates(tx)
    for (let turn = 0; turn < 5; turn += 1)
      await sql`update stock_change set version = version + 1 where sku_id = ${skuId}`.execute(tx)
    return (await hotUpdates(tx)) - before
  })
  assert.equal(made, 5)
})
