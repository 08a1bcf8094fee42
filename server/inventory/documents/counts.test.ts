import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, afterEach, before, test } from 'node:test'
import { sql } from 'kysely'
import { type Actor, systemActor, wholeScope } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { createQueues } from '../../core/jobs/job.ts'
import { type Caller, type TestApp, testApp } from '../../testing/app.ts'
import { aSku, aWarehouse, balanceOf, putStock, wrongInTheBooks } from '../../testing/stock.ts'
import { countPlace, endCounts } from '../counting/count.ts'
import { makeCount } from '../counting/count-tasks.ts'
import { inventoryJobs } from '../jobs.ts'

const person = (name: string): Actor => ({ ...systemActor, id: name, name })

let house: TestApp
let keeper: Caller
let warehouseId: string
let made = 0

before(async () => {
  house = await testApp()
  await createQueues(house.db, inventoryJobs())
  keeper = await house.as(['inventory.read', 'inventory.write', 'inventory.approve'])
  warehouseId = await aWarehouse(house.db)
})
afterEach(async () => assert.deepEqual(await wrongInTheBooks(house.db), []))
after(() => house[Symbol.asyncDispose]())

type Goods = { skuId: string; code: string }
async function goods(quantity: number): Promise<Goods> {
  made += 1
  const code = `CT-${made}`
  const skuId = await aSku(house.db, code)
  await putStock(house.db, warehouseId, skuId, quantity)
  return { skuId, code }
}
const onHand = async ({ skuId }: Goods) => (await balanceOf(house.db, warehouseId, skuId))[0]

const counted = (...lines: [Goods, number][]) => ({
  warehouseId,
  lines: lines.map(([{ code }, quantity]) => ({ skuCode: code, quantity })),
})
async function draft(...lines: [Goods, number][]): Promise<string> {
  const answer = await keeper.call('POST', '/api/stock-documents', { kind: 'count', ...counted(...lines) })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return Object(answer.body).id
}
async function books(id: string): Promise<number[]> {
  const { body } = await keeper.call('GET', `/api/stock-documents/${id}`)
  return Object(body).lines.map(({ book }: { book: number }) => book)
}
async function posted(ids: readonly string[]): Promise<(string | undefined)[]> {
  const approved = await keeper.call('POST', '/api/stock-documents/approve', { ids })
  assert.equal(approved.status, 200)
  const { body } = await keeper.call('POST', '/api/stock-documents/post', { ids })
  return Object(body).results.map((one: { done: boolean; message?: { zh: string } }) =>
    one.done ? 'done' : one.message?.zh,
  )
}

test('a draft whose note is changed keeps the books of what was counted, and reads those of what was counted again', async () => {
  const [same, again, more] = [await goods(100), await goods(50), await goods(7)]
  const id = await draft([same, 100], [again, 50])
  for (const { skuId } of [same, again]) await putStock(house.db, warehouseId, skuId, 10)
  const lines = counted([same, 100], [again, 61], [more, 7])
  const written = await keeper.call('PUT', `/api/stock-documents/${id}`, { version: 1, note: '改', ...lines })
  assert.equal(written.status, 200, JSON.stringify(written.body))
  assert.deepEqual(await books(id), [100, 60, 7])
  assert.deepEqual(await posted([id]), ['done'])
  assert.deepEqual([await onHand(same), await onHand(again), await onHand(more)], [110, 61, 7])
})

test('a draft that is written again for another warehouse has the books of that warehouse', async () => {
  const one = await goods(100)
  const other = await aWarehouse(house.db)
  await putStock(house.db, other, one.skuId, 3)
  const id = await draft([one, 100])
  const moved = { version: 1, ...counted([one, 100]), warehouseId: other }
  assert.equal((await keeper.call('PUT', `/api/stock-documents/${id}`, moved)).status, 200)
  assert.deepEqual(await books(id), [3])
})

test('a difference that two counts found is posted once; the second count is refused with its goods', async () => {
  const [one, even] = [await goods(100), await goods(5)]
  const [first, second] = [await draft([one, 90], [even, 5]), await draft([even, 4], [one, 90])]
  const agreeing = await draft([one, 100])
  assert.deepEqual(await posted([first]), ['done'])
  const refusal = `写单后别的盘点单已经改过：${one.code}。作废它，重新盘`
  assert.deepEqual(await posted([second]), [refusal])
  assert.deepEqual([await onHand(one), await onHand(even)], [90, 5])
  // A count that found no difference finds none twice.
  assert.deepEqual(await posted([agreeing]), ['done'])
  assert.equal(await onHand(one), 90)
  // It is counted again after the first count, so there is nothing to find twice.
  assert.deepEqual(await posted([await draft([one, 88], [even, 4])]), ['done'])
  assert.deepEqual([await onHand(one), await onHand(even)], [88, 4])
})

test('of two counts of one SKU that are posted in one step the first is posted; one without a difference stops nothing', async () => {
  const one = await goods(100)
  const [even, first, second] = [await draft([one, 100]), await draft([one, 90]), await draft([one, 90])]
  const results = await posted([even, first, second])
  assert.deepEqual(results, ['done', 'done', `写单后别的盘点单已经改过：${one.code}。作废它，重新盘`])
  assert.equal(await onHand(one), 90)
})

test('two counts of one SKU that are posted at once post their difference once', async () => {
  const one = await goods(100)
  const ids = [await draft([one, 90]), await draft([one, 90])]
  const results = (await Promise.all(ids.map((id) => posted([id])))).flat()
  assert.deepEqual(results.filter((result) => result === 'done').length, 1)
  assert.equal(await onHand(one), 90)
})

test('what shipping and receiving move between counting and posting refuses no count', async () => {
  const one = await goods(100)
  const id = await draft([one, 90])
  await putStock(house.db, warehouseId, one.skuId, 20)
  assert.deepEqual(await posted([id]), ['done'])
  assert.equal(await onHand(one), 110)
})

test('pieces that a phone counted before another count was posted are not found missing twice', async () => {
  const one = await goods(100)
  const by = { actor: person('林晓'), scope: wholeScope }
  const offShelf = async () => ({ pieces: 0, maybePacked: 0, isMoving: false })
  const key = () => randomBytes(16).toString('hex')
  const spare = await goods(5)
  const run = <T>(work: (tx: Tx) => Promise<T>) => house.db.transaction().execute(work)
  const task = await run((tx) =>
    makeCount(tx, { key: key(), warehouseId, codes: [one.code, spare.code] }, by),
  )
  for (const round of [1, 2])
    await run((tx) =>
      countPlace(
        tx,
        task.id,
        { key: key(), lineNo: 1, round, quantity: 90, ageMs: 0, alone: true },
        { by, offShelf },
      ),
    )
  assert.deepEqual(await posted([await draft([one, 90])]), ['done'])
  await run((tx) => endCounts(tx, [task.id], by))
  const { body } = await keeper.call('GET', '/api/count-tasks?tab=done')
  const [{ documentId, status }] = Object(body).rows
  assert.equal(status, 'done')
  assert.deepEqual(await posted([documentId]), [`写单后别的盘点单已经改过：${one.code}。作废它，重新盘`])
  assert.equal(await onHand(one), 90)
})

test('a sheet or document with more pieces than a balance holds is refused with its row', async () => {
  const [one, two, three] = [await goods(1), await goods(1), await goods(1)]
  const { rows } = await sql<{ code: string }>`select code from warehouse where id = ${warehouseId}`.execute(
    house.db,
  )
  const row = ({ code }: Goods, quantity: number) => ({
    warehouseCode: rows[0]?.code ?? '',
    skuCode: code,
    quantity,
  })
  const importing = async (...sheet: object[]) => {
    const { status, body } = await keeper.call('POST', '/api/stock-documents/import', { rows: sheet })
    return [status, Object(body).answers?.map(({ code }: { code: string }) => code)]
  }
  assert.deepEqual(await importing(row(one, 1e9 + 1), row(one, 1e15), row(two, 3)), [
    200,
    ['wrong_quantity', 'wrong_quantity', 'taken'],
  ])
  assert.deepEqual(await importing(row(one, 1e9), row(two, 1e9), row(three, 2e8), row(three, 147_483_647)), [
    200,
    ['taken', 'taken', 'wrong_quantity', 'taken'],
  ])
  const body = { kind: 'count', ...counted([one, 1e9], [two, 1e9], [three, 2e8]) }
  const refused = await keeper.call('POST', '/api/stock-documents', body)
  assert.deepEqual(
    [refused.status, Object(refused.body).code, Object(refused.body).field],
    [400, 'invalid_input', 'lines'],
  )
})
