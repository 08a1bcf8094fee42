import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setBundles } from '../catalog/skus/bundles.ts'
import { type Actor, systemActor, wholeScope } from '../core/access/actor.ts'
import { type Database, openDatabase } from '../core/db/db.ts'
import { createQueues } from '../core/jobs/job.ts'
import { testDatabase } from '../testing/database.ts'
import { aDemand, aSku, aWarehouse, putStock } from '../testing/stock.ts'
import { approveDocuments, createDocument, postDocuments } from './documents/documents.ts'
import { inventoryJobs } from './jobs.ts'
import { unreserve } from './release.ts'
import { reserve } from './reserve.ts'
import { usesOfSkus } from './uses.ts'

const actor: Actor = { ...systemActor, name: '林晓' }
let base: Awaited<ReturnType<typeof testDatabase>>
let database: ReturnType<typeof openDatabase>
let db: Database
let warehouseId = ''
let part = ''
before(async () => {
  base = await testDatabase()
  database = openDatabase(base.url, { max: 6 })
  db = database.db
  await createQueues(db, inventoryJobs())
  warehouseId = await aWarehouse(db)
  part = await aSku(db)
})
after(async () => {
  await database.close()
  await base[Symbol.asyncDispose]()
})

async function bundling(skuId: string): Promise<string | undefined> {
  const bundle = { id: skuId, parts: [{ skuId: part, quantity: 2 }] }
  const [answer] = await db.transaction().execute((tx) => setBundles(tx, [bundle], actor, usesOfSkus))
  return answer?.done ? 'done' : answer?.code
}

test('a SKU with goods on the shelf does not become a bundle until they are gone', async () => {
  const code = 'USED-1'
  const skuId = await aSku(db, code)
  await putStock(db, warehouseId, skuId, 3)
  assert.equal(await bundling(skuId), 'has_stock')
  await db.transaction().execute(async (tx) => {
    const id = await createDocument(
      tx,
      'adjustment',
      { warehouseId, lines: [{ skuCode: code, quantity: -3 }] },
      { actor, scope: wholeScope },
    )
    await approveDocuments(tx, [id], { actor, scope: wholeScope })
    await postDocuments(tx, [id], { actor, scope: wholeScope })
  })
  assert.equal(await bundling(skuId), 'done')
  // A SKU that is a bundle already may get other components.
  assert.equal(await bundling(skuId), 'done')
})

test('nor one that orders wait for, nor one that a draft names', async () => {
  const skuId = await aSku(db)
  const demand = aDemand({ skuId, warehouseId })
  await db.transaction().execute((tx) => reserve(tx, [demand]))
  assert.equal(await bundling(skuId), 'reserved')
  await db.transaction().execute((tx) => unreserve(tx, [demand.orderId]))
  assert.equal(await bundling(skuId), 'done')

  const named = await aSku(db, 'USED-2')
  const input = { warehouseId, lines: [{ skuCode: 'USED-2', quantity: 1 }] }
  await db
    .transaction()
    .execute((tx) => createDocument(tx, 'adjustment', input, { actor, scope: wholeScope }))
  assert.equal(await bundling(named), 'in_documents')
})

test('whoever asks for it at the same moment makes it wait, or gets its parts', async () => {
  const skuId = await aSku(db)
  await db.transaction().execute((tx) => reserve(tx, [aDemand({ skuId, warehouseId, orderId: '900001' })]))
  await db.transaction().execute((tx) => unreserve(tx, ['900001']))
  const begun = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const asking = db.transaction().execute(async (tx) => {
    await reserve(tx, [aDemand({ skuId, warehouseId, orderId: '900002' })])
    begun.resolve()
    await goOn.promise
  })
  await begun.promise
  const answer = bundling(skuId)
  goOn.resolve()
  await asking
  assert.equal(await answer, 'reserved')
})
