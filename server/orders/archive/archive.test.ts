import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { openDatabase } from '../../core/db/db.ts'
import { createQueues } from '../../core/jobs/job.ts'
import { countRows, extentOf, listIds } from '../../core/lists/list.ts'
import { buyerKeyMonth, makeBuyerKeys } from '../../lib/people.ts'
import { memoryKeyRing } from '../../lib/seal.ts'
import { testDatabase } from '../../testing/database.ts'
import { anOrder, aRefund, aShop } from '../../testing/orders.ts'
import { jobs } from '../../worker.ts'
import type { OrderFilter } from '../list/lists-contract.ts'
import { orderQuery, orderTable } from '../list/order-list.ts'
import { orders } from '../lists.ts'
import { applyRefunds } from '../refunds/refunds.ts'
import { restoreOrders } from '../refunds/restore.ts'
import { findOrders } from '../view/find.ts'
import { archiveOrders } from './archive.ts'

const database = await testDatabase()
const { db, close } = openDatabase(database.url)
after(async () => {
  await close()
  await database[Symbol.asyncDispose]()
})
const ring = memoryKeyRing()
await createQueues(db, jobs)
const actor = systemActor
const mobile = '13912345678'

/** Makes orders that ended or not, last changed so many months ago. */
async function someOrders(rows: readonly { status: 'completed' | 'voided' | 'shipped'; months: number }[]) {
  const shopId = await aShop(db)
  const made: { id: string; no: string; tid: string; shopId: string }[] = []
  for (const { status, months } of rows) {
    const order = await anOrder(db, { shopId, status })
    await changedBefore(order.id, months)
    made.push({ ...order, shopId })
  }
  return made
}

const changedBefore = (id: string, months: number) =>
  sql`update sales_order set created_at = now() - ${months}::int * interval '1 month' - interval '1 day',
    updated_at = now() - ${months}::int * interval '1 month' - interval '1 day' where id = ${id}`.execute(db)

const run = (signal = new AbortController().signal, settledOnly = true) =>
  archiveOrders(db, { months: 12, settledOnly, signal, progress: () => {} })

const asked = (filter: OrderFilter) =>
  orderQuery(db, { ring }, filter, { scope: wholeScope, sort: '-createdAt' })

/** The ids of the list, which every count of it has to agree with. */
async function listed(filter: OrderFilter): Promise<string[]> {
  const query = await asked(filter)
  const { ids } = await listIds(db, orderTable, query, { limit: 100, after: undefined })
  assert.equal((await countRows(db, orderTable, query)).count, ids.length)
  assert.equal((await extentOf(db, orderTable, query)).total, ids.length)
  const { tab = 'unconfirmed', ...others } = filter
  const counts = await orders({ ring, waybills: sql`delivery` }).counts({ db, scope: wholeScope }, others)
  assert.equal(counts[tab]?.count, ids.length)
  return ids
}

const archivedOf = async (ids: readonly string[]) => {
  const found = await sql<{ id: string }>`
    select id from sales_order where id = any(${[...ids]}::bigint[]) and archived_at is not null order by id`.execute(
    db,
  )
  return found.rows.map(({ id }) => id)
}

test('an archived order is in no list unless it is asked for, and is found by number, buyer and search', async () => {
  const [old, young, open, voided] = await someOrders([
    { status: 'completed', months: 13 },
    { status: 'completed', months: 11 },
    { status: 'shipped', months: 13 },
    { status: 'voided', months: 30 },
  ])
  assert.ok(old && young && open && voided)
  const month = buyerKeyMonth(new Date())
  const people = makeBuyerKeys(ring, month, { nick: 'tb_li', receiver: { name: '李四', mobile, phone: '' } })
  await sql`update sales_order set people = ${people}::bigint[] where id = ${old.id}`.execute(db)
  await changedBefore(old.id, 13)
  const before = await sql`select version, updated_at from sales_order where id = ${old.id}`.execute(db)
  const due = await sql`select count(*) from report_due`.execute(db)

  assert.deepEqual(await run(), { seen: 2, updated: 2 })
  assert.deepEqual(await archivedOf([old, young, open, voided].map(({ id }) => id)), [old.id, voided.id])
  assert.deepEqual(
    (await sql`select version, updated_at from sales_order where id = ${old.id}`.execute(db)).rows,
    before.rows,
  )
  assert.deepEqual((await sql`select count(*) from report_due`.execute(db)).rows, due.rows)

  const shop = old.shopId
  assert.deepEqual(await listed({ tab: 'completed', shop }), [young.id])
  assert.deepEqual(await listed({ tab: 'voided', shop }), [])
  assert.deepEqual(await listed({ tab: 'all', shop, archived: 'false' }), [young.id, open.id])
  assert.deepEqual(await listed({ tab: 'all', shop, archived: 'true' }), [
    young.id,
    old.id,
    open.id,
    voided.id,
  ])
  for (const filter of [
    { q: old.no },
    { q: mobile },
    { q: mobile.slice(-4) },
    { tids: old.tid },
    { ids: old.id },
    { buyer: '李四' },
  ])
    assert.deepEqual(await listed({ tab: 'all', shop, ...filter }), [old.id], JSON.stringify(filter))
  assert.deepEqual(await listed({ tab: 'all', shop, q: '李四' }), [])
  assert.deepEqual(await listed({ tab: 'all', shop, q: '李四', archived: 'true' }), [old.id])
  for (const text of [old.no, mobile, '李四'])
    assert.deepEqual(
      (await findOrders(db, { ring, text, shop, scope: wholeScope })).map(({ id }) => id),
      [old.id],
    )
})

test('an order of which a hold, refund, return or money is open stays live', async () => {
  const rows = Array.from({ length: 5 }, () => ({ status: 'completed' as const, months: 20 }))
  const made = await someOrders(rows)
  const [held, refunded, extra, owing, ended] = made
  assert.ok(held && refunded && extra && owing && ended)
  await sql`update sales_order set open_holds = 1 where id = ${held.id}`.execute(db)
  await sql`
    insert into order_refund (order_id, shop_id, refund_no, oid, kind, phase, refund_status, version, modified_at, amount_fen, quantity, effect)
    values (${refunded.id}, ${refunded.shopId}, 'r', '', 'refund_only', 'aftersale', 'applied', '1', now(), 100, 0, 'record')`.execute(
    db,
  )
  await sql`
    insert into extra_refund (no, order_id, shop_id, order_no, kind, amount_fen, status, reason, created_by)
    values ('EW-1', ${extra.id}, ${extra.shopId}, ${extra.no}, 'other', 100, 'draft', '', '')`.execute(db)
  await sql`
    insert into settlement (no, shop_id, order_id, tid, kind, source, version, amount_fen, status, created_by)
    values ('JS-1', ${owing.shopId}, ${owing.id}, ${owing.tid}, 'order_receipt', ${owing.no}, 1, 100, 'draft', '')`.execute(
    db,
  )
  for (const { id } of made) await changedBefore(id, 20)
  const ids = made.map(({ id }) => id)
  await run()
  assert.deepEqual(await archivedOf(ids), [ended.id])
  await run(undefined, false)
  assert.deepEqual(await archivedOf(ids), [owing.id, ended.id])
})

test('a refund and every other change of an archived order bring it back to life', async () => {
  const [refunded, restored] = await someOrders([
    { status: 'completed', months: 14 },
    { status: 'voided', months: 14 },
  ])
  assert.ok(refunded && restored)
  await run()
  assert.deepEqual(await archivedOf([refunded.id, restored.id]), [refunded.id, restored.id])
  const { shopId, tid } = refunded
  await db
    .transaction()
    .execute((tx) => applyRefunds(tx, [aRefund({ shopId, tid, amountFen: 100, phase: 'aftersale' })], actor))
  await db.transaction().execute((tx) => restoreOrders(tx, [restored.id], { actor, scope: wholeScope }))
  assert.deepEqual(await archivedOf([refunded.id, restored.id]), [])
  assert.deepEqual(await listed({ tab: 'completed', shop: shopId }), [refunded.id])
  assert.deepEqual(await listed({ tab: 'unconfirmed', shop: shopId }), [restored.id])
  await run()
  assert.deepEqual(await archivedOf([refunded.id, restored.id]), [])
})

test('two runs at once and one that is ended half-way archive each order once, and leave locked ones for the next', async () => {
  const made = await someOrders(
    Array.from({ length: 8 }, () => ({ status: 'completed' as const, months: 15 })),
  )
  const ids = made.map(({ id }) => id)
  const ended = new AbortController()
  const some = { months: 12, settledOnly: true, batchSize: 3, signal: ended.signal }
  // The orders of the other tests that stay live are the first that a run looks at.
  let rounds = 0
  const endSoon = (updated: number) => {
    rounds += 1
    if (updated > 0) ended.abort()
  }
  await assert.rejects(archiveOrders(db, { ...some, progress: endSoon }))
  const done = await archivedOf(ids)
  assert.ok(rounds > 0 && done.length > 0 && done.length <= 3, `${rounds} ${done.length}`)
  await db.transaction().execute(async (tx) => {
    await sql`select from sales_order where id = ${ids.at(-1) ?? ''} for update`.execute(tx)
    const both = await Promise.all([run(), run()])
    assert.equal(
      both.reduce((sum, { updated }) => sum + updated, done.length),
      7,
    )
  })
  assert.deepEqual(await archivedOf(ids), ids.slice(0, -1))
  assert.equal((await run()).updated, 1)
  assert.equal((await run()).updated, 0)
  assert.deepEqual(await archivedOf(ids), ids)
})
