import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { testApp } from '../../testing/app.ts'
import { anOrder, aShop } from '../../testing/orders.ts'
import { aWarehouse } from '../../testing/stock.ts'
import { syncingMemos } from '../tasks.ts'
import { confirmByRule } from './confirm.ts'
import { usualChecks } from './confirm-settings.ts'

const house = await testApp()
after(() => house[Symbol.asyncDispose]())
const { db } = house
const clerk = await house.as(['orders.read', 'orders.rules'])
const task = { kind: 'task', id: '1', name: '自动确认' } as const

/** Rules as an earlier version saved them: without the checks that it did not have. */
async function savedBefore(...unknown: string[]): Promise<string> {
  const shopId = await aShop(db)
  const checks = Object.fromEntries(Object.entries(usualChecks).filter(([name]) => !unknown.includes(name)))
  const quick = { ...checks, delay: { on: false }, duplicate: { on: false, hours: 1 } }
  const rule = { name: '平日', enabled: true, from: null, to: null, checks: quick }
  await sql`
    insert into confirm_rules (shop_id, rules, updated_by) values (${shopId}, ${JSON.stringify([rule])}::jsonb, '林晓')`.execute(
    db,
  )
  return shopId
}
const rulesOf = async (shopId: string) =>
  Object((await clerk.call('GET', `/api/confirm-rules/${shopId}`)).body)
const auto = async (shopId: string, id: string) => {
  await db.transaction().execute((tx) => confirmByRule(tx, shopId, [id], task))
  const found = await sql<{ status: string; reasons: string[] }>`
    select o.status, array(select reason from order_problem p where p.order_id = o.id order by 1) as reasons
    from sales_order o where id = ${id}`.execute(db)
  return found.rows[0]
}

test('a check that is newer than the rules is asked all the same, and the page calls it new until they are saved', async () => {
  const shopId = await savedBefore('cod', 'words')
  const stored = await rulesOf(shopId)
  assert.deepEqual(stored.fresh, ['words', 'cod'])
  assert.deepEqual(stored.rules[0].checks.cod, { on: true })
  assert.deepEqual(stored.rules[0].checks.words, usualChecks['words'])
  // A parameter that is newer than the stored rules has its usual value.
  assert.deepEqual(stored.rules[0].checks.delay, { ...usualChecks['delay'], on: false })

  const { id } = await anOrder(db, { shopId, cod: true })
  assert.deepEqual(await auto(shopId, id), { status: 'unconfirmed', reasons: ['cod'] })

  const { rules, version } = stored
  const saved = await clerk.call('PUT', `/api/confirm-rules/${shopId}`, { rules, version })
  assert.equal(saved.status, 204)
  assert.deepEqual((await rulesOf(shopId)).fresh, [])
})

test('what a person switched off stays off', async () => {
  const shopId = await savedBefore()
  await sql`
    update confirm_rules set rules = jsonb_set(rules, '{0,checks,cod,on}', 'false') where shop_id = ${shopId}`.execute(
    db,
  )
  const { id } = await anOrder(db, { shopId, cod: true })
  assert.deepEqual(await auto(shopId, id), { status: 'confirmed', reasons: [] })
  assert.deepEqual((await rulesOf(shopId)).fresh, [])
})

test('an order without a warehouse is not confirmed by itself, except where there are none', async () => {
  const shopId = await savedBefore()
  const before = await anOrder(db, { shopId })
  assert.deepEqual(await auto(shopId, before.id), { status: 'confirmed', reasons: [] })
  const without = await anOrder(db, { shopId })
  await aWarehouse(db)
  assert.deepEqual(await auto(shopId, without.id), { status: 'unconfirmed', reasons: ['no_warehouse'] })
  const within = await anOrder(db, { shopId })
  assert.deepEqual(await auto(shopId, within.id), { status: 'confirmed', reasons: [] })
})

test('memos come over by themselves unless somebody switches that off', () => {
  assert.equal(syncingMemos.enabled, true)
})
