import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { sql } from 'kysely'
import { pino } from 'pino'
import type { Static } from 'typebox'
import { type Actor, wholeScope } from '../../core/access/actor.ts'
import { type OpenDatabase, openDatabase } from '../../core/db/db.ts'
import { createQueues } from '../../core/jobs/job.ts'
import { type TestDatabase, testDatabase } from '../../testing/database.ts'
import { anOrder, aReservedOrder, aShop, matchGoods, type OrderInput } from '../../testing/orders.ts'
import { aWarehouse, putStock, wrongInTheBooks } from '../../testing/stock.ts'
import { jobs } from '../../worker.ts'
import { reserveOrders } from '../allocation/goods.ts'
import { holdOrders } from '../holds/holds.ts'
import { autoSplit, type splitParams } from './auto-split.ts'
import { unsplitOrders } from './unsplit.ts'

let database: TestDatabase
let house: OpenDatabase
let shopId: string
let sku: string
const actor: Actor = { kind: 'user', id: '7', name: '林晓' }

before(async () => {
  database = await testDatabase()
  house = openDatabase(database.url, { max: 12 })
  await createQueues(house.db, jobs)
})
after(async () => {
  assert.deepEqual(await wrongInTheBooks(house.db), [])
  await house.close()
  await database[Symbol.asyncDispose]()
})
beforeEach(async () => {
  shopId = await aShop(house.db)
  sku = await matchGoods(house.db, shopId)
})

const order = (input: Partial<OrderInput> = {}) => aReservedOrder(house.db, { shopId, ...input })
const usual: Static<typeof splitParams> = {
  ...{ byDays: false, byWarehouse: false, byStock: false, byCategory: false, maxGrams: 0, maxPieces: 0 },
  ...{ waitMinutes: 5, withoutNotes: true, tryOnly: false, ordersPerRun: 50_000 },
}
const task = async (wants: Partial<Static<typeof splitParams>>) => {
  const told: unknown[] = []
  const logged: string[] = []
  const log = pino({ level: 'error' }, { write: (line) => void logged.push(Object(JSON.parse(line)).id) })
  const counts = await autoSplit({
    db: house.db,
    shop: { id: shopId },
    params: { ...usual, waitMinutes: 0, ...wants },
    actor,
    signal: new AbortController().signal,
    progress: (one) => void told.push(one),
    log,
  })
  return { ...counts, told: told.length, logged }
}
/** The orders of one trade, each as "confirmed 1×2 2×1": its status, then line number × pieces. */
async function partsOf({ id }: { id: string }): Promise<string[]> {
  const found = await sql<{ text: string }>`
    select o.status || ' ' || coalesce(string_agg(l.line_no || '×' || l.quantity, ' ' order by l.line_no), '') as text
    from sales_order o left join order_line l on l.order_id = o.id
    where ${id} in (o.id, o.split_from) group by o.id order by o.id`.execute(house.db)
  return found.rows.map(({ text }) => text)
}

test('orders above the size of the shop are split, once, and their parts fit', async () => {
  await putStock(house.db, await aWarehouse(house.db, 1), sku, 100)
  const [large, small] = [
    await order(),
    await order({ lines: [{ oid: 'o1', quantity: 2, paymentFen: 100 }] }),
  ]
  const { seen, updated, created, report, told } = await task({ maxPieces: 2 })
  assert.deepEqual([seen, updated, created, told], [2, 1, 1, 1])
  assert.deepEqual(report, {
    tried: false,
    ways: [{ by: 'quantity', orders: 1 }],
    orders: [{ no: large.no, by: 'quantity', parts: 1 }],
  })
  assert.deepEqual(await partsOf(large), ['unconfirmed 1×2', 'unconfirmed 2×1'])
  assert.deepEqual(await partsOf(small), ['unconfirmed 1×2'])
  const again = await task({ maxPieces: 2 })
  assert.deepEqual([again.updated, again.report], [0, null])
})

test('a dry run tells the same and splits nothing; without a way nothing is looked at', async () => {
  const large = await order()
  const { updated, created, report } = await task({ maxPieces: 1, tryOnly: true })
  assert.deepEqual([updated, created], [0, 0])
  assert.deepEqual(report, {
    tried: true,
    ways: [{ by: 'quantity', orders: 1 }],
    orders: [{ no: large.no, by: 'quantity', parts: 2 }],
  })
  assert.deepEqual(await partsOf(large), ['unconfirmed 1×2 2×1'])
  assert.deepEqual((await task({})).seen, 0)
})

test('what is short leaves from where it is, or else waits by itself', async () => {
  const [here, there, beyond] = [
    await aWarehouse(house.db, 1),
    await aWarehouse(house.db, 9),
    await aWarehouse(house.db, 5),
  ]
  await putStock(house.db, here, sku, 1)
  const lines = [1, 5].map((quantity, at) => ({ oid: `o${at}`, quantity, paymentFen: 100 }))
  const orderFrom = async (warehouseId: string) => {
    const made = await anOrder(house.db, { shopId, lines })
    await sql`
      update sales_order set warehouse_id = ${warehouseId}, warehouse_by_hand = true where id = ${made.id}`.execute(
      house.db,
    )
    await house.db.transaction().execute((tx) => reserveOrders(tx, [made.id]))
    return made
  }
  const waiting = await orderFrom(here)
  assert.deepEqual(Object((await task({ byWarehouse: true, byStock: true })).report).ways, [
    { by: 'stock', orders: 1 },
  ])
  assert.deepEqual(await partsOf(waiting), ['unconfirmed 1×1', 'unconfirmed 2×5'])
  const moving = await orderFrom(there)
  await putStock(house.db, beyond, sku, 1)
  assert.deepEqual(Object((await task({ byWarehouse: true, byStock: true })).report).ways, [
    { by: 'warehouse', orders: 1 },
  ])
  assert.deepEqual(await partsOf(moving), ['unconfirmed 2×5', 'unconfirmed 1×1'])
  const part = await sql<{ warehouse: string; waits: number }>`
    select warehouse_id as warehouse, facets[5] & 7 as waits from sales_order where split_from = ${moving.id}`.execute(
    house.db,
  )
  assert.deepEqual(part.rows, [{ warehouse: beyond, waits: 0 }])
})

test('it keeps off what waits, what people have in hand, and what they put together again', async () => {
  const [young, held, noted, locked, unpaid, cod, together] = [
    await order(),
    await order(),
    await order(),
    await order(),
    await order({ paid: false }),
    await order({ cod: true }),
    await order(),
  ]
  const hold = { reason: 'risk' as const, note: '', until: null }
  await house.db.transaction().execute((tx) => holdOrders(tx, [held.id], hold, { actor, scope: wholeScope }))
  await sql`update sales_order set seller_memo = '一起发' where id = ${noted.id}`.execute(house.db)
  await sql`update sales_order set locked_by = 'user:9', locked_name = '陈晨' where id = ${locked.id}`.execute(
    house.db,
  )
  await sql`update sales_order set paid_at = now() - interval '1 hour' where id <> ${young.id} and paid_at is not null`.execute(
    house.db,
  )
  await task({ maxPieces: 2, waitMinutes: 30 })
  assert.deepEqual((await partsOf(together)).length, 2)
  const part = await sql<{
    id: string
  }>`select id from sales_order where split_from = ${together.id}`.execute(house.db)
  await house.db
    .transaction()
    .execute((tx) => unsplitOrders(tx, [part.rows[0]?.id ?? ''], { actor, scope: wholeScope }))
  const { updated } = await task({ maxPieces: 2, waitMinutes: 30 })
  assert.equal(updated, 0)
  for (const each of [young, held, noted, locked, unpaid, cod])
    assert.deepEqual(await partsOf(each), ['unconfirmed 1×2 2×1'])
  assert.deepEqual(await partsOf(together), ['unconfirmed 1×2 2×1', 'voided '])
})

test('run by two at once, each order is split once', async () => {
  await putStock(house.db, await aWarehouse(house.db, 1), sku, 100)
  const orders = [await order(), await order(), await order()]
  await Promise.all([task({ maxPieces: 2 }), task({ maxPieces: 2 })])
  for (const each of orders) assert.deepEqual(await partsOf(each), ['unconfirmed 1×2', 'unconfirmed 2×1'])
})

test('parts of an own order get numbers that no other order has, and one order that fails stops no other', async () => {
  await putStock(house.db, await aWarehouse(house.db, 1), sku, 100)
  const [own, taken, failing, last] = [await order(), await order(), await order(), await order()]
  await sql`update sales_order set origin = 'manual', tid = '1001' where id = ${own.id}`.execute(house.db)
  await sql`update sales_order set origin = 'manual', tid = '1001-1' where id = ${taken.id}`.execute(house.db)
  await database.owner(`alter table sales_order add constraint no_part check (no <> '${failing.no}-1')`)
  const { updated, created, failed, logged } = await task({ maxPieces: 1 })
  await database.owner('alter table sales_order drop constraint no_part')
  assert.deepEqual([updated, created, failed, logged], [3, 6, 1, [failing.id]])
  const parts = await sql<{ tid: string; no: string }>`
    select tid, no from sales_order where split_from = any(${[own.id, taken.id]}::bigint[]) order by id`.execute(
    house.db,
  )
  assert.deepEqual(
    parts.rows.map(({ tid, no }) => [tid, no]),
    [
      ['1001-2', `${own.no}-2`],
      ['1001-3', `${own.no}-3`],
      ['1001-1-1', `${taken.no}-1`],
      ['1001-1-2', `${taken.no}-2`],
    ],
  )
  assert.deepEqual(await partsOf(failing), ['unconfirmed 1×2 2×1'])
  assert.equal((await partsOf(last)).length, 3)
  await task({ maxPieces: 1 })
  assert.equal((await partsOf(failing)).length, 3)
})
