import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { wholeScope } from '../../core/access/actor.ts'
import { type OpenDatabase, openDatabase, type Tx } from '../../core/db/db.ts'
import { createQueues } from '../../core/jobs/job.ts'
import { listIds } from '../../core/lists/list.ts'
import { applyRefunds } from '../../orders/refunds/refunds.ts'
import { type TestDatabase, testDatabase } from '../../testing/database.ts'
import { anOrder, aRefund, aShop } from '../../testing/orders.ts'
import { must } from '../../testing/run.ts'
import { byPacker as by, deliveryOf, packer } from '../../testing/shipping.ts'
import { aSku } from '../../testing/stock.ts'
import { jobs } from '../../worker.ts'
import { packedGoods, readSameGoods, sameGoods } from '../goods-rules.ts'
import { deliveries } from '../lists.ts'
import { refreshGoods } from '../parcels.ts'
import { printLabels } from '../printing/print.ts'
import { releaseOrders } from '../shipping/release.ts'
import { viewDeliveries } from '../view.ts'
import { takeNumbers } from '../waybills/take.ts'
import { deskFacets } from './facets.ts'
import { numberRun, stopNumberRun } from './number-run.ts'
import { openJobs } from './open-jobs.ts'

let database: TestDatabase
let open: OpenDatabase
let shopId: string

before(async () => {
  database = await testDatabase()
  open = openDatabase(database.url, { max: 6 })
  await createQueues(open.db, jobs)
  shopId = await aShop(open.db)
})
after(async () => {
  await open.close()
  await database[Symbol.asyncDispose]()
})

const run = <T>(work: (tx: Tx) => Promise<T>) => open.db.transaction().execute(work)
const line = (quantity: number, oid = 'o1') => ({ oid, quantity, paymentFen: 6000 })

/** Releases an order with these lines; `otherSku`: its last line is of another SKU. */
async function released(quantities: readonly number[], { courier = '', otherSku = false } = {}) {
  const lines = quantities.map((quantity, at) => line(quantity, `o${at + 1}`))
  const order = await anOrder(open.db, { shopId, status: 'confirmed', lines })
  await sql`update sales_order set courier = ${courier} where id = ${order.id}`.execute(open.db)
  if (otherSku)
    await sql`
      update order_line set sku_id = ${await aSku(open.db)} where order_id = ${order.id}
        and line_no = (select max(line_no) from order_line where order_id = ${order.id})`.execute(open.db)
  must(await run((tx) => releaseOrders(tx, [order.id], by)))
  return { id: await deliveryOf(open.db, order.id), orderId: order.id, tid: order.tid }
}

async function goods(id: string): Promise<string> {
  const found = await sql<{ is: string }>`
    select concat_ws(' ', shape, piece_count, case when sku_id is null then 'no SKU' else 'its SKU' end, wanted_courier) as is
    from delivery where id = ${id}`.execute(open.db)
  return (found.rows[0]?.is ?? '').trim()
}

test('a delivery keeps what its parcel is made of: one piece, several of one SKU, or several SKUs', async () => {
  assert.equal(await goods((await released([1], { courier: 'ZTO' })).id), 'single 1 its SKU ZTO')
  assert.equal(await goods((await released([2, 3])).id), 'several 5 its SKU')
  assert.equal(await goods((await released([1, 1], { otherSku: true })).id), 'mixed 2 no SKU')
  const facts = { courier: '', skus: 1, skuId: '7', pieces: 1 }
  assert.equal(packedGoods({ ...facts, parcel: '3' }).shape, 'mixed', 'a merged shipment')
  assert.equal(packedGoods({ ...facts, parcel: null }).shape, 'single')
})

test('a delivery says whether its label is printed here: not if its number was typed, nor where e-waybills are not connected', async () => {
  const one = await released([1])
  const label = async () => (await viewDeliveries(open.db, [one.id]))[0]?.label
  const set = (values: ReturnType<typeof sql>) =>
    sql`update delivery set ${values} where id = ${one.id}`.execute(open.db)
  assert.equal(await label(), 'to_take')
  await set(sql`courier = 'SF', waybill_no = 'SF7700000000001'`)
  assert.equal(await label(), 'typed')
  await set(sql`labelled = true`)
  assert.equal(await label(), 'taken')
  await set(sql`courier = '', waybill_no = '', labelled = false`)
  const { rows } = await sql<{ id: string }>`
    insert into shop (platform, variant, name) values ('elsewhere', 'elsewhere', '别处') returning id`.execute(
    open.db,
  )
  await set(sql`shop_id = ${rows[0]?.id}`)
  assert.equal(await label(), 'elsewhere')
  await set(sql`tid = ''`)
  assert.equal(await label(), 'to_take', 'of an order of ours the receiver is in plain text')
  await set(sql`shop_id = ${shopId}, tid = ${one.tid}`)
})

test('goods that a refund takes off change what the parcel is made of', async () => {
  const one = await released([2])
  const refund = aRefund({
    ...{ shopId, tid: one.tid, oid: 'o1', status: 'succeeded', quantity: 1, amountFen: 3000 },
  })
  await run((tx) => applyRefunds(tx, [refund], packer))
  await run((tx) => refreshGoods(tx, [one.orderId]))
  assert.equal(await goods(one.id), 'single 1 its SKU')
})

test('the same goods in the same quantity have one name, and nothing else is read as one', () => {
  assert.deepEqual(readSameGoods(sameGoods('17', 2)), { skuId: '17', pieces: 2 })
  for (const wrong of ['', '17', '17x', 'x2', '0x1', '17x0', '17x2x3', "17x2'"])
    assert.equal(readSameGoods(wrong), undefined, wrong)
})

test('the batches of a tab are counted, each within those above it, and one click on one finds its deliveries', async () => {
  await sql`update delivery set status = 'cancelled', cancelled_at = now()`.execute(open.db)
  const asking = { db: open.db, scope: wholeScope }
  const made = [
    ...[await released([1], { courier: 'ZTO' }), await released([1], { courier: 'ZTO' })],
    ...[await released([2], { courier: 'ZTO' }), await released([1], { courier: 'SF' })],
    await released([1, 1], { courier: 'ZTO', otherSku: true }),
  ]
  const all = await deskFacets(deliveries, asking, { tab: 'pending' })
  const count = (some: readonly { code: string; count: number }[]) =>
    some.map(({ code, count: many }) => `${code} ${many}`).join()
  assert.equal(count(all.couriers), 'ZTO 4,SF 1')
  assert.equal(count(all.shapes), 'single 3,mixed 1,several 1')
  assert.deepEqual(
    all.same.map(({ pieces, count: many, name }) => [pieces, many, name]),
    [[1, 3, '四件套']],
  )
  // The whole history is never grouped.
  for (const tab of ['all', 'shipped'])
    await assert.rejects(deskFacets(deliveries, asking, { tab }), { code: 'invalid_input' })
  const zto = await deskFacets(deliveries, asking, { tab: 'pending', courier: 'ZTO', shape: 'single' })
  assert.equal(count(zto.couriers), 'ZTO 4,SF 1', 'the couriers are counted without the choice of one')
  assert.equal(count(zto.shapes), 'single 2,mixed 1,several 1')
  assert.equal(zto.same[0]?.count, 2)
  const batch = { tab: 'pending', courier: 'ZTO', same: sameGoods(zto.same[0]?.skuId ?? '', 1) }
  const { ids } = await listIds(open.db, deliveries.table, await deliveries.ask(batch, asking, 'goods'), {
    limit: 10,
    after: undefined,
  })
  assert.deepEqual(
    ids,
    made.slice(0, 2).map(({ id }) => id),
  )
  const sorted = await listIds(
    open.db,
    deliveries.table,
    await deliveries.ask({ tab: 'pending' }, asking, 'goods'),
    { limit: 10, after: undefined },
  )
  assert.deepEqual(
    sorted.ids,
    [0, 1, 3, 2, 4].map((at) => made[at]?.id),
    'the same goods together',
  )
})

test('a run of requests is found again with its refusals; stopping it takes back what was not sent', async () => {
  await sql`
    insert into waybill_account (shop_id, source, courier, sender, template_url, created_by)
    values (${shopId}, 'cainiao', 'ZTO', '', 'http://127.0.0.1/1', '')`.execute(open.db)
  assert.equal(await numberRun(open.db, packer), null)
  const made = [await released([1]), await released([1]), await released([1])]
  const ids = made.map(({ id }) => id)
  must(await run((tx) => takeNumbers(tx, ids, by)))
  const asked = await numberRun(open.db, packer)
  assert.deepEqual([asked?.total, asked?.open, asked?.taken, asked?.failed], [3, 3, 0, 0])
  assert.equal(await numberRun(open.db, { ...packer, id: '10' }), null, 'of another person')
  await sql`
    update waybill set state = 'failed', error_code = 'E1', error = '余额不足', ended_at = now()
    where delivery_id = ${ids[0]}`.execute(open.db)
  assert.equal(await run((tx) => stopNumberRun(tx, by)), 2)
  const stopped = await numberRun(open.db, packer)
  assert.deepEqual([stopped?.total, stopped?.open, stopped?.failed], [3, 0, 3])
  assert.deepEqual(stopped?.reasons, [
    { code: 'stopped', message: '', count: 2, ids: ids.slice(1) },
    { code: 'E1', message: '余额不足', count: 1, ids: ids.slice(0, 1) },
  ])
  const states = await sql<{ state: string }>`select distinct state from platform_action`.execute(open.db)
  assert.deepEqual(states.rows, [{ state: 'withdrawn' }])
})

test('stopping a run leaves the requests that were sent already, whose numbers may be given', async () => {
  await sql`update waybill set asked_at = asked_at - interval '3 hours'`.execute(open.db)
  const made = [await released([1]), await released([1]), await released([1])]
  const ids = made.map(({ id }) => id)
  // One action for each request.
  for (const id of ids) must(await run((tx) => takeNumbers(tx, [id], by)))
  const actions = await sql<{ id: string }>`
    select action_id as id from waybill where delivery_id = any(${ids}::bigint[]) order by delivery_id`.execute(
    open.db,
  )
  const [sent, doubtful] = actions.rows.map(({ id }) => id)
  await sql`update platform_action set attempt = 1 where id = ${sent}`.execute(open.db)
  await sql`update platform_action set unclear = true where id = ${doubtful}`.execute(open.db)
  assert.equal(await run((tx) => stopNumberRun(tx, by)), 1)
  const left = await sql<{ state: string; number: string }>`
    select a.state, w.state as number from waybill w join platform_action a on a.id = w.action_id
    where w.delivery_id = any(${ids}::bigint[]) order by w.delivery_id`.execute(open.db)
  assert.deepEqual(left.rows, [
    { state: 'pending', number: 'asked' },
    { state: 'pending', number: 'asked' },
    { state: 'withdrawn', number: 'failed' },
  ])
  assert.equal(await run((tx) => stopNumberRun(tx, by)), 0)
})

test('a print job with labels left is found again, and its labels of the same goods come one after another', async () => {
  const made = [await released([1]), await released([2]), await released([1])]
  const ids = made.map(({ id }) => id)
  for (const [at, id] of ids.entries()) {
    await sql`
      insert into waybill (delivery_id, round, account_id, shop_id, courier, state, waybill_no, print_data, asked_by)
      select ${id}, 1, id, ${shopId}, 'ZTO', 'taken', ${`78600000${at}`}, '', '' from waybill_account`.execute(
      open.db,
    )
    await sql`update delivery set courier = 'ZTO', waybill_no = ${`78600000${at}`} where id = ${id}`.execute(
      open.db,
    )
  }
  assert.deepEqual(await openJobs(open.db, packer.id), [])
  const { job } = await run((tx) => printLabels(tx, { ids, printer: 'A', reason: '', together: true }, by))
  const order = await sql<{ no: string }>`
    select w.waybill_no as no from print_document p join waybill w on w.id = p.waybill_id where job_id = ${job} order by seq`.execute(
    open.db,
  )
  assert.deepEqual(
    order.rows.map(({ no }) => no),
    ['786000000', '786000002', '786000001'],
  )
  await sql`update print_document set state = 'spooled' where job_id = ${job} and seq = 1`.execute(open.db)
  const [found, ...others] = await openJobs(open.db, packer.id)
  assert.deepEqual(
    [others.length, found?.id, found?.total, found?.spooled, found?.waiting],
    [0, job, 3, 1, 2],
  )
  assert.deepEqual(await openJobs(open.db, '10'), [])
  await sql`update print_document set state = 'printed' where job_id = ${job}`.execute(open.db)
  assert.deepEqual(await openJobs(open.db, packer.id), [])
})
