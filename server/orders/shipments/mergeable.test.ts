import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { type Actor, wholeScope } from '../../core/access/actor.ts'
import { type OpenDatabase, openDatabase } from '../../core/db/db.ts'
import { createQueues } from '../../core/jobs/job.ts'
import { type TestDatabase, testDatabase } from '../../testing/database.ts'
import { aReceiver, aReservedOrder, aShop, matchGoods, type OrderInput } from '../../testing/orders.ts'
import { aRun } from '../../testing/run.ts'
import { aWarehouse, putStock } from '../../testing/stock.ts'
import { jobs } from '../../worker.ts'
import { holdOrders } from '../holds/holds.ts'
import { autoMerge } from '../merge/auto-merge.ts'
import { mergeOrders, unmergeOrders } from '../merge/merge.ts'
import { autoConfirm, waiveOrders } from '../review/confirm.ts'
import { usualChecks } from '../review/confirm-settings.ts'
import { judge } from '../review/judge.ts'

let database: TestDatabase
let house: OpenDatabase
let warehouse: string
const actor: Actor = { kind: 'user', id: '7', name: '林晓' }

before(async () => {
  database = await testDatabase()
  house = openDatabase(database.url, { max: 12 })
  await createQueues(house.db, jobs)
  warehouse = await aWarehouse(house.db, 1)
})
after(async () => {
  await house.close()
  await database[Symbol.asyncDispose]()
})

type Settings = { acrossShops?: boolean; unpaid?: boolean; minutes?: number }
const checksWith = (settings: Settings | null) => ({
  ...usualChecks,
  delay: { on: false, minutes: 15 },
  duplicate: { on: false, hours: 24 },
  mergeable: {
    acrossShops: false,
    unpaid: false,
    minutes: 0,
    on: settings !== null,
    ...settings,
  },
})

/** A shop whose confirm rule stops orders that could be merged; null: the rule does not check this. */
async function ruledShop(settings: Settings | null): Promise<string> {
  const shopId = await aShop(house.db)
  await putStock(house.db, warehouse, await matchGoods(house.db, shopId), 100)
  const rules = [{ name: '平日', enabled: true, from: null, to: null, checks: checksWith(settings) }]
  await sql`
    insert into confirm_rules (shop_id, rules, updated_by) values (${shopId}, ${JSON.stringify(rules)}::jsonb, '林晓')`.execute(
    house.db,
  )
  return shopId
}

const order = (shopId: string, receiverHash: number, input: Partial<OrderInput> = {}) =>
  aReservedOrder(house.db, { shopId, receiverHash, ...input })
const confirm = (shopId: string) =>
  autoConfirm({ ...aRun(house.db, { ordersPerRun: 1000 }), shop: { id: shopId } })
const merge = (...ids: string[]) =>
  house.db.transaction().execute((tx) => mergeOrders(tx, ids, { actor, scope: wholeScope }))
const mergeByTask = () =>
  autoMerge({
    db: house.db,
    params: {
      waitMinutes: 0,
      acrossShops: false,
      sameNick: false,
      withoutNotes: false,
      withoutShort: false,
    },
    actor,
    signal: new AbortController().signal,
    progress: () => undefined,
  })

/** Returns the order's status, and its problem with order numbers: "unconfirmed mergeable SO1". */
async function standing({ id }: { id: string }): Promise<string> {
  const found = await sql<{ text: string }>`
    select concat_ws(' ', o.status, p.reason, (select string_agg(value, ' ') from jsonb_array_elements_text(p.detail -> 'orders'))) as text
    from sales_order o left join order_problem p on p.order_id = o.id and p.waived_at is null where o.id = ${id}`.execute(
    house.db,
  )
  return found.rows.map(({ text }) => text).join('; ')
}

test('two orders that could leave in one parcel are not confirmed, each says with which, until they are merged', async () => {
  const shopId = await ruledShop({})
  const receiver = aReceiver()
  const [one, two, alone] = [
    await order(shopId, receiver),
    await order(shopId, receiver),
    await order(shopId, aReceiver()),
  ]
  assert.deepEqual(await confirm(shopId), { seen: 3, updated: 1, skipped: { mergeable: 2 } })
  assert.equal(await standing(one), `unconfirmed mergeable ${two.no}`)
  assert.equal(await standing(two), `unconfirmed mergeable ${one.no}`)
  assert.equal(await standing(alone), 'confirmed')

  // The problem `mergeable` does not prevent merging, and merged orders do not have it any more.
  assert.deepEqual(
    (await merge(one.id, two.id)).map(({ done }) => done),
    [true, true],
  )
  assert.equal(await standing(one), 'unconfirmed')
  assert.deepEqual(await confirm(shopId), { seen: 2, updated: 2, skipped: {} })
  for (const each of [one, two]) assert.equal(await standing(each), 'confirmed')
})

test('a further order of a parcel waits to join it, and the task merges what waits', async () => {
  const shopId = await ruledShop({})
  const receiver = aReceiver()
  const [one, two] = [await order(shopId, receiver), await order(shopId, receiver)]
  await merge(one.id, two.id)
  const third = await order(shopId, receiver)
  await confirm(shopId)
  assert.equal(await standing(third), `unconfirmed mergeable ${one.no} ${two.no}`)
  assert.equal(await standing(one), `unconfirmed mergeable ${third.no}`)
  await mergeByTask()
  await confirm(shopId)
  for (const each of [one, two, third]) assert.equal(await standing(each), 'confirmed')
})

test('what cannot leave together holds up nothing', async () => {
  const shopId = await ruledShop({})
  const receiver = aReceiver()
  const one = await order(shopId, receiver)
  const held = await order(shopId, receiver)
  await house.db
    .transaction()
    .execute((tx) =>
      holdOrders(tx, [held.id], { reason: 'risk', note: '', until: null }, { actor, scope: wholeScope }),
    )
  await order(shopId, receiver, { cod: true })
  await order(shopId, receiver, { paid: false })
  await order(shopId, receiver, { status: 'shipped' })
  await order(await ruledShop(null), receiver)
  await confirm(shopId)
  assert.equal(await standing(one), 'confirmed')
  assert.equal(await standing(held), 'unconfirmed on_hold')
})

test('a waiver lets it go, as long as no further order comes', async () => {
  const shopId = await ruledShop({})
  const receiver = aReceiver()
  const [one, two] = [await order(shopId, receiver), await order(shopId, receiver)]
  await confirm(shopId)
  const waive = () =>
    house.db
      .transaction()
      .execute((tx) => waiveOrders(tx, [one.id], { reasons: ['mergeable'] }, { actor, scope: wholeScope }))
  await waive()
  const third = await order(shopId, receiver)
  await confirm(shopId)
  assert.equal(await standing(one), `unconfirmed mergeable ${two.no} ${third.no}`)
  await waive()
  await confirm(shopId)
  assert.equal(await standing(one), 'confirmed')
})

test('what a person takes out of its parcel is neither held up again nor merged again by the task', async () => {
  const shopId = await ruledShop({})
  const receiver = aReceiver()
  const [one, two] = [await order(shopId, receiver), await order(shopId, receiver)]
  await merge(one.id, two.id)
  await house.db.transaction().execute((tx) => unmergeOrders(tx, [two.id], { actor, scope: wholeScope }))
  await mergeByTask()
  const parcels = await sql<{ parcel: string | null }>`
    select parcel from sales_order where receiver_hash = ${receiver}`.execute(house.db)
  assert.deepEqual(parcels.rows, [{ parcel: null }, { parcel: null }])
  assert.deepEqual(await confirm(shopId), { seen: 2, updated: 2, skipped: {} })
  // A person may merge them.
  assert.deepEqual(
    (await merge(one.id, two.id)).map(({ done }) => done),
    [true, true],
  )
})

test('who asks for it waits for a further order, for what is not paid yet, and for other shops', async () => {
  const later = await ruledShop({ minutes: 10 })
  const young = await order(later, aReceiver())
  assert.deepEqual(await confirm(later), { seen: 1, updated: 0, skipped: { mergeable: 1 } })
  // The order waits and gets no problem.
  assert.equal(await standing(young), 'unconfirmed')
  await sql`update sales_order set paid_at = now() - interval '11 minutes' where id = ${young.id}`.execute(
    house.db,
  )
  await confirm(later)
  assert.equal(await standing(young), 'confirmed')

  const [patient, receiver] = [await ruledShop({ unpaid: true }), aReceiver()]
  const [paid] = [await order(patient, receiver), await order(patient, receiver, { paid: false })]
  await confirm(patient)
  assert.equal(await standing(paid), 'unconfirmed')

  const [wide, narrow, shared] = [await ruledShop({ acrossShops: true }), await ruledShop({}), aReceiver()]
  const [asked, unasked] = [await order(wide, shared), await order(narrow, shared)]
  await confirm(wide)
  await confirm(narrow)
  assert.equal(await standing(asked), `unconfirmed mergeable ${unasked.no}`)
  assert.equal(await standing(unasked), 'confirmed')
})

test('a dry run finds the same and writes nothing; where nobody asks, nothing is looked for', async () => {
  const shopId = await ruledShop(null)
  const receiver = aReceiver()
  const [one, two] = [await order(shopId, receiver), await order(shopId, receiver)]
  const judged = await judge(house.db, [{ id: one.id, checks: checksWith({}) }], new Date())
  assert.deepEqual(
    judged.map(({ open }) => open.map(({ reason, detail }) => [reason, detail])),
    [[['mergeable', { orders: [two.no] }]]],
  )
  assert.equal(await standing(one), 'unconfirmed')
  await confirm(shopId)
  for (const each of [one, two]) assert.equal(await standing(each), 'confirmed')
})
