import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { type Actor, wholeScope } from '../../core/access/actor.ts'
import { type OpenDatabase, openDatabase, type Tx } from '../../core/db/db.ts'
import { createQueues } from '../../core/jobs/job.ts'
import { listIds } from '../../core/lists/list.ts'
import { shipDeliveries } from '../../flows/ship.ts'
import { holdOrders } from '../../orders/holds/holds.ts'
import { allocationFacet, statusFacet } from '../../orders/order/facets.ts'
import { type TestDatabase, testDatabase } from '../../testing/database.ts'
import { anOrder, aShop, manyOrders } from '../../testing/orders.ts'
import { must } from '../../testing/run.ts'
import { deliveryOf, packer } from '../../testing/shipping.ts'
import { aWarehouse } from '../../testing/stock.ts'
import { jobs } from '../../worker.ts'
import { deliveries } from '../lists.ts'
import { printLabels } from '../printing/print.ts'
import { releaseOrders } from '../shipping/release.ts'
import { viewDeliveries } from '../view.ts'
import { withNumberRefusals } from '../waybills/outlook.ts'
import { takeNumbers } from '../waybills/take.ts'
import { type DeskAct, mayDo } from './may-do.ts'

// A button of the desk names as many deliveries as its act then does; the others of its tab are refused, each for a reason of its own.

let database: TestDatabase
let open: OpenDatabase
let shopId: string
const by = { actor: packer as Actor, scope: wholeScope }

before(async () => {
  database = await testDatabase()
  open = openDatabase(database.url, { max: 6 })
  await createQueues(open.db, jobs)
  shopId = await aShop(open.db)
  await sql`
    insert into waybill_account (shop_id, source, courier, sender, template_url, created_by)
    values (${shopId}, 'cainiao', 'ZTO', '', 'http://127.0.0.1/1', '')`.execute(open.db)
})
after(async () => {
  await open.close()
  await database[Symbol.asyncDispose]()
})

const run = <T>(work: (tx: Tx) => Promise<T>) => open.db.transaction().execute(work)

type Made = { id: string; orderId: string }

async function released(courier = 'ZTO'): Promise<Made> {
  const order = await anOrder(open.db, { shopId, status: 'confirmed' })
  await sql`update sales_order set courier = ${courier} where id = ${order.id}`.execute(open.db)
  must(await run((tx) => releaseOrders(tx, [order.id], by)))
  return { id: await deliveryOf(open.db, order.id), orderId: order.id }
}

const hold = async ({ orderId }: Made) =>
  must(await run((tx) => holdOrders(tx, [orderId], { reason: 'ask_buyer', note: '', until: null }, by)))

/** Puts both deliveries into one merged shipment. */
const together = (one: Made, other: Made) =>
  sql`
    update delivery set parcel = ${one.orderId}::bigint, beside = id = ${other.id} where id in (${one.id}, ${other.id})`.execute(
    open.db,
  )

let given = 0
/** Gives the delivery a number of the account, with a label. */
async function numbered(made: Made, beside?: Made): Promise<Made> {
  given += 1
  const no = `7860000${given}`
  await sql`
    insert into waybill (delivery_id, round, account_id, shop_id, courier, state, waybill_no, print_data, asked_by)
    select ${made.id}, 1, id, ${shopId}, 'ZTO', 'taken', ${no}, '', '' from waybill_account`.execute(open.db)
  await sql`
    update delivery set courier = 'ZTO', waybill_no = ${no}, labelled = true, ship_steps = '{print,check}'
    where id in (${made.id}, ${beside?.id ?? made.id})`.execute(open.db)
  return made
}

const ready = (made: Made) =>
  sql`
    update delivery set printed_at = now(), printed_by = '', checked_at = now(), checked_by = '', checked_pieces = 3
    where id = ${made.id}`.execute(open.db)

async function idsOf(filter: Record<string, string>, limit = 5000): Promise<string[]> {
  const query = await deliveries.ask(filter, { db: open.db, scope: wholeScope }, 'createdAt')
  const { ids } = await listIds(open.db, deliveries.table, query, { limit, after: undefined })
  return ids.toSorted()
}

/** Returns the deliveries of the tab, those that the button counts, and those that the act does when it is given all. */
async function counted(
  tab: string,
  may: DeskAct,
  act: (tx: Tx, ids: string[]) => Promise<{ id: string; done: boolean }[]>,
) {
  const all = await idsOf({ tab })
  const named = await idsOf({ tab, may })
  const count = await deliveries.count?.({ db: open.db, scope: wholeScope }, { tab, may })
  assert.equal(count, named.length, 'the count is that of the rows')
  const outcomes = await run((tx) => act(tx, all))
  return { all, named, done: outcomes.flatMap(({ id, done }) => (done ? [id] : [])).toSorted() }
}

test('取号 counts the deliveries that get a number: not those on hold, asked for already, beside one on hold, or without an account', async () => {
  const good = [await released(), await released()]
  const [held, asked, other, beside] = [
    ...[await released(), await released()],
    ...[await released('SF'), await released()],
  ]
  assert.ok(held && asked && other && beside)
  await together(held, beside)
  await hold(held)
  must(await run((tx) => takeNumbers(tx, [asked.id], by)))
  const { all, named, done } = await counted('number', 'number', take)
  assert.equal(all.length, 6)
  assert.deepEqual(
    named,
    good.map(({ id }) => id),
  )
  assert.deepEqual(done, named)
  assert.deepEqual(await idsOf({ tab: 'number', may: 'number' }), [], 'now all of them are asked for')
})

test('a bulk action, which asks within its own transaction, is given the same deliveries', async () => {
  const good = await released()
  await released('SF')
  const found = await run(async (tx) => {
    const asking = { db: tx, scope: wholeScope }
    const query = await deliveries.ask({ tab: 'number', may: 'number' }, asking, 'createdAt')
    return listIds(tx, deliveries.table, query, { limit: 100, after: undefined })
  })
  assert.deepEqual(found.ids, [good.id])
})

const take = (tx: Tx, ids: string[]) => takeNumbers(tx, ids, by)

test('取号 counts no delivery without an account either, however many wait before it', async () => {
  const made = await manyOrders(open.db, { shopId }, 2103)
  const ids = made.map(({ id }) => id)
  await sql`
    update sales_order set status = 'confirmed', facets[1] = ${statusFacet('confirmed')}::int, facets[5] = ${allocationFacet(0)}::int,
      courier = case when id = any(${ids.slice(2050, 2053)}::bigint[]) then 'ZTO' else 'SF' end
    where id = any(${ids}::bigint[])`.execute(open.db)
  must(await run((tx) => releaseOrders(tx, ids, by)))
  const { all, named, done } = await counted('number', 'number', take)
  assert.ok(all.length > 2100)
  const good = new Set(ids.slice(2050, 2053))
  assert.equal(named.length, 4, 'and the one that waits since the test before')
  const orders = await sql<{ orderId: string }>`
    select order_id as "orderId" from delivery where id = any(${named}::bigint[]) order by id`.execute(
    open.db,
  )
  assert.deepEqual(
    orders.rows.map(({ orderId }) => orderId).filter((id) => good.has(id)),
    ids.slice(2050, 2053),
  )
  assert.deepEqual(done, named)
})

test('a count that is bounded stops at one more, and is exact below', async () => {
  const filter = { tab: 'number', may: 'number' }
  for (let n = 0; n < 3; n += 1) await released()
  const asking = { db: open.db, scope: wholeScope }
  const counts = []
  for (const most of [undefined, 2, 3, 100]) counts.push(await deliveries.count?.(asking, filter, most))
  assert.deepEqual(counts, [3, 3, 3, 3])
  await released()
  assert.equal(await deliveries.count?.(asking, filter, 2), 3, 'one more than two, so that the page says 2+')
  assert.equal(await deliveries.count?.(asking, filter), 4)
})

test('打印 counts the deliveries whose label is sent: not those on hold, in a print job already, or beside one on hold', async () => {
  const good = await numbered(await released())
  const merged = [await released(), await released()] as const
  await together(...merged)
  await numbered(...merged)
  const held = [await released(), await released()] as const
  await together(...held)
  await numbered(...held)
  await hold(held[1])
  const inJob = await numbered(await released())
  const print = async (tx: Tx, ids: string[]) =>
    (await printLabels(tx, { ids, printer: '', reason: '' }, by)).results
  must(await run((tx) => print(tx, [inJob.id])))
  const { all, named, done } = await counted('print', 'print', print)
  assert.equal(all.length, 6)
  assert.deepEqual(named, [good.id, ...merged.map(({ id }) => id)].toSorted())
  assert.deepEqual(done, named)
})

test('打印 counts a shipment of two packages until both labels are printed, and a label that is printed twice once', async () => {
  const two = await numbered(await released())
  await sql`update waybill set package_count = 2 where delivery_id = ${two.id}`.execute(open.db)
  const printed = (nth: number, state = 'printed') =>
    sql`
      insert into print_document (job_id, seq, waybill_id, nth, state)
      select job.id, (select count(*) + 1 from print_document), w.id, ${nth}, ${state}
      from waybill w cross join (select min(id) as id from print_job) job where w.delivery_id = ${two.id}`.execute(
      open.db,
    )
  const isCounted = async () => (await idsOf({ tab: 'print', may: 'print' })).includes(two.id)
  const seen = [await isCounted()]
  for (const [nth, state] of [...([[1], [1], [2, 'failed'], [2, 'waiting']] as const)]) {
    await printed(nth, state)
    seen.push(await isCounted())
  }
  assert.deepEqual(seen, [true, true, true, true, false])
})

test('打印 looks for the labels of each delivery by its number, and does not read all that was ever printed', async () => {
  await sql`
    with gone as (
      insert into waybill (delivery_id, round, account_id, shop_id, courier, state, waybill_no, print_data, asked_by, wanted)
      select d.id, 100 + n, a.id, ${shopId}, 'ZTO', 'returned', 'GONE' || n, '', '', false
      from generate_series(1, 5000) n cross join waybill_account a cross join (select max(id) as id from delivery) d
      returning id)
    insert into print_document (job_id, seq, waybill_id, nth, state)
    select job.id, 1000 + row_number() over (), gone.id, 1, 'printed'
    from gone cross join (select min(id) as id from print_job) job`.execute(open.db)
  await sql`analyze print_document, waybill, delivery`.execute(open.db)
  const may = await mayDo('print', { db: open.db, scope: wholeScope })
  const plan = await sql<{ 'QUERY PLAN': string }>`
    explain select from delivery t where t.standing = 'print' and ${may}`.execute(open.db)
  const text = plan.rows.map((row) => row['QUERY PLAN']).join('\n')
  assert.match(text, /Index.* Scan (on|using) print_document_of_waybill/)
  assert.doesNotMatch(text, /Seq Scan on print_document/)
})

test('发货 counts the deliveries that leave: not those on hold, short, with packages left to scan, or with goods refunded after the check', async () => {
  const [good, held, short, left, changed] = [
    ...[await numbered(await released()), await numbered(await released())],
    ...[await numbered(await released()), await numbered(await released())],
    await numbered(await released()),
  ]
  assert.ok(good && held && short && left && changed)
  for (const one of [good, held, short, left, changed]) await ready(one)
  await hold(held)
  const warehouseId = await aWarehouse(open.db)
  await sql`
    insert into reservation (order_id, line_no, warehouse_id, sku_id, wanted, reserved, paid_at)
    select order_id, line_no, ${warehouseId}, sku_id, 2, 0, now() from order_line
    where order_id = ${short.orderId} and line_no = 1`.execute(open.db)
  await sql`update delivery set package_count = 2 where id = ${left.id}`.execute(open.db)
  await sql`
    insert into waybill_package (courier, waybill_no, main_no, nth)
    select courier, waybill_no || '-' || n, waybill_no, n from delivery cross join generate_series(1, 2) n where id = ${left.id}`.execute(
    open.db,
  )
  await sql`update delivery set checked_pieces = 2 where id = ${changed.id}`.execute(open.db)
  const { all, named, done } = await counted('ready', 'ship', (tx, ids) => shipDeliveries(tx, ids, by))
  assert.equal(all.length, 5)
  assert.deepEqual(named, [good.id])
  assert.deepEqual(done, named)
})

test('a delivery that no account would give a number says why; one that gets its number, or has asked for it, does not', async () => {
  const [good, other, asked] = [await released(), await released('SF'), await released()]
  must(await run((tx) => takeNumbers(tx, [asked.id], by)))
  const refused = async () => {
    const rows = await withNumberRefusals(
      open.db,
      await viewDeliveries(open.db, [good.id, other.id, asked.id]),
    )
    return rows.map(({ id, numberState, numberRefusal }) => [id, numberState, numberRefusal?.zh ?? null])
  }
  const why = '订单指定的快递没有电子面单账号。加账号，或改快递'
  assert.deepEqual(await refused(), [
    [good.id, '', null],
    [other.id, '', why],
    [asked.id, 'asked', null],
  ])
  await sql`update waybill_account set enabled = false`.execute(open.db)
  // Without any account the waybills are typed by hand.
  assert.deepEqual(
    (await refused()).map(([, , text]) => text),
    [null, null, null],
  )
  await sql`update waybill_account set enabled = true`.execute(open.db)
})

test('a filter that names no act of the desk is refused', async () => {
  await assert.rejects(idsOf({ tab: 'number', may: 'weigh' }), { code: 'invalid_input' })
})
