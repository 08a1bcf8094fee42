import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { type OpenDatabase, openDatabase } from '../../core/db/db.ts'
import type { RunCounts } from '../../core/tasks/kinds.ts'
import { type TestDatabase, testDatabase } from '../../testing/database.ts'
import { anOrder, aShop, orderState } from '../../testing/orders.ts'
import { aRun } from '../../testing/run.ts'
import { autoConfirm } from './confirm.ts'
import { ordersToReview, saveReviewPosition } from './confirm-queries.ts'
import { usualChecks } from './confirm-settings.ts'

let database: TestDatabase
let house: OpenDatabase

before(async () => {
  database = await testDatabase()
  house = openDatabase(database.url)
})
after(async () => {
  await house.close()
  await database[Symbol.asyncDispose]()
})

/** A shop with a confirm rule that an ordinary order passes at once. */
async function ruledShop(): Promise<string> {
  const shopId = await aShop(house.db)
  const checks = { ...usualChecks, delay: { on: false, minutes: 15 } }
  const rules = [{ name: '平日', enabled: true, from: null, to: null, checks }]
  await sql`insert into confirm_rules (shop_id, rules, updated_by) values (${shopId}::bigint, ${JSON.stringify(rules)}::jsonb, '林晓')`.execute(
    house.db,
  )
  return shopId
}

/** An order with a buyer message, which the rule does not let pass. */
async function withMessage(shopId: string): Promise<string> {
  const { id } = await anOrder(house.db, { shopId })
  await writeMessage(id, '送礼')
  return id
}

const writeMessage = (id: string, text: string) =>
  sql`update sales_order set buyer_message = ${text} where id = ${id}::bigint`.execute(house.db)

function run(shopId: string, ordersPerRun = 50_000): Promise<Partial<RunCounts>> {
  return autoConfirm({ ...aRun(house.db, { ordersPerRun }), shop: { id: shopId } })
}

const statusOf = async (id: string) => (await orderState(house.db, id)).status

test('a run confirms what is new and what solved itself, and leaves what still stands still', async () => {
  const shopId = await ruledShop()
  const [solved, stuck] = [await withMessage(shopId), await withMessage(shopId)]
  assert.deepEqual(await run(shopId), { seen: 2, updated: 0, skipped: { buyer_message: 2 } })
  await writeMessage(solved, '')
  const { id: fresh } = await anOrder(house.db, { shopId })
  assert.deepEqual(await run(shopId), { seen: 3, updated: 2, skipped: { buyer_message: 1 } })
  assert.deepEqual(await Promise.all([solved, stuck, fresh].map(statusOf)), [
    'confirmed',
    'unconfirmed',
    'confirmed',
  ])
})

test('orders that stand still use up nothing of what a run may take of new ones', async () => {
  const shopId = await ruledShop()
  await withMessage(shopId)
  await withMessage(shopId)
  await run(shopId)
  const { id } = await anOrder(house.db, { shopId })
  assert.deepEqual(await run(shopId, 1), { seen: 3, updated: 1, skipped: { buyer_message: 2 } })
  assert.equal(await statusOf(id), 'confirmed')
})

test('those that stand still have their turn one after the other, and then from the first on', async () => {
  const shopId = await ruledShop()
  const stuck = [await withMessage(shopId), await withMessage(shopId), await withMessage(shopId)]
  const elsewhere = await ruledShop()
  await withMessage(elsewhere)
  await run(shopId)
  await run(elsewhere)
  const turn = () => ordersToReview(house.db, shopId, 2)
  const note = (id: string) => house.db.transaction().execute((tx) => saveReviewPosition(tx, shopId, id))
  assert.deepEqual(await turn(), { ids: stuck.slice(0, 2), last: false })
  await note(stuck[1] ?? '')
  assert.deepEqual(await turn(), { ids: stuck.slice(2), last: true })
  assert.equal((await run(shopId)).seen, 1)
  assert.equal((await run(shopId)).seen, 3)
})

test('without a rule in force nothing is judged', async () => {
  const shopId = await aShop(house.db)
  const { id } = await anOrder(house.db, { shopId })
  assert.deepEqual(await run(shopId), { seen: 0, updated: 0, skipped: {}, report: { rule: 'none' } })
  assert.equal(await statusOf(id), 'unconfirmed')
})
