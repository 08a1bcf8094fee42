import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { pino } from 'pino'
import { createQueues } from '../../core/jobs/job.ts'
import { databaseSays, sharedMs } from '../../lib/clock.ts'
import { hourMs, minuteMs } from '../../lib/time.ts'
import { type Caller, type TestApp, testApp } from '../../testing/app.ts'
import { aSku, aWarehouse, putStock } from '../../testing/stock.ts'
import { inventoryJobs } from '../jobs.ts'

let house: TestApp
let keeper: Caller
let warehouseId: string

before(async () => {
  house = await testApp()
  await createQueues(house.db, inventoryJobs())
  keeper = await house.as(['inventory.read', 'inventory.write', 'inventory.approve'])
  warehouseId = await aWarehouse(house.db)
})
after(() => house[Symbol.asyncDispose]())

/** An approved lock of 4 pieces for a promotion that begins and ends this many milliseconds from now. */
async function promotion(code: string, begins: number, ends: number): Promise<string> {
  const at = (ms: number) => new Date(Date.now() + ms).toISOString()
  const window = { lockKind: 'promotion', startsAt: at(begins), endsAt: at(ends) }
  const lines = [{ skuCode: code, quantity: 4 }]
  const body = { kind: 'lock', warehouseId, ...window, lines }
  const { id } = Object((await keeper.call('POST', '/api/stock-documents', body)).body)
  const approved = await keeper.call('POST', '/api/stock-documents/approve', { ids: [id] })
  assert.equal(approved.status, 200)
  return id
}
const runJob = (documentId: string) =>
  inventoryJobs()
    .find(({ name }) => name === 'inventory.lock_window')
    ?.run({ db: house.db, log: pino({ level: 'silent' }) }, [{ documentId }])
async function look(id: string): Promise<[string, boolean, boolean]> {
  const { status, isLate, releasedAt } = Object((await keeper.call('GET', `/api/stock-documents/${id}`)).body)
  return [status, isLate, releasedAt !== null]
}
async function locked(skuId: string): Promise<number | undefined> {
  const found = await sql<{ locked: number }>`select locked from stock where sku_id = ${skuId}`.execute(
    house.db,
  )
  return found.rows[0]?.locked
}

test('a promotion begins and ends by the database’s time, though the clock of the worker is late', async () => {
  const skuId = await aSku(house.db, 'PROMO-1')
  await putStock(house.db, warehouseId, skuId, 5)
  const [begun, over] = [await promotion('PROMO-1', -minuteMs, hourMs), await promotion('PROMO-1', 0, 1)]
  databaseSays(sharedMs() - 2 * hourMs, 0)
  try {
    await runJob(begun)
    assert.deepEqual([await locked(skuId), await look(begun)], [4, ['posted', false, false]])
    await sql`update stock_document set ends_at = now() where id = ${begun}`.execute(house.db)
    await runJob(begun)
    assert.deepEqual([await locked(skuId), await look(begun)], [0, ['posted', false, true]])
    await runJob(over)
    assert.deepEqual([await locked(skuId), await look(over)], [0, ['approved', false, false]])
  } finally {
    databaseSays(Date.now(), 0)
  }
})

test('a promotion that lacks a piece at its begin says so and is tried again until its end', async () => {
  const skuId = await aSku(house.db, 'PROMO-2')
  await putStock(house.db, warehouseId, skuId, 3)
  const early = await promotion('PROMO-2', hourMs, 2 * hourMs)
  const id = await promotion('PROMO-2', -minuteMs, hourMs)
  const again = async (documentId: string) => {
    const found = await sql<{ minutes: number }>`
      select round(extract(epoch from start_after - now()) / 60)::int as minutes from job
      where name = 'inventory.lock_window' and data ->> 'documentId' = ${documentId} order by start_after`.execute(
      house.db,
    )
    return found.rows.map(({ minutes }) => minutes)
  }
  await runJob(id)
  await runJob(early)
  assert.deepEqual([await locked(skuId), await look(id)], [0, ['approved', true, false]])
  assert.deepEqual(
    [await again(id), await again(early)],
    [
      [-1, 5, 60],
      [60, 120],
    ],
  )
  assert.deepEqual(await look(early), ['approved', false, false])

  await putStock(house.db, warehouseId, skuId, 1)
  await runJob(id)
  assert.deepEqual([await locked(skuId), await look(id)], [4, ['posted', false, false]])
  assert.deepEqual(await again(id), [-1, 5, 60])
})
