import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { type Scope, systemActor, wholeScope } from '../core/access/actor.ts'
import { type OpenDatabase, openDatabase, type Tx } from '../core/db/db.ts'
import { createQueues, enqueue } from '../core/jobs/job.ts'
import { endActionsByHand } from '../core/outbox/actions.ts'
import { shipDeliveries } from '../flows/ship.ts'
import { reserve } from '../inventory/reserve.ts'
import { reserveOrders } from '../orders/allocation/goods.ts'
import { holdOrders, liftHolds } from '../orders/holds/holds.ts'
import { lockOrdersById } from '../orders/holds/shipping.ts'
import { recordPlatformChanges } from '../orders/platform-changes/differences.ts'
import { applyRefunds } from '../orders/refunds/refunds.ts'
import { restoreOrders } from '../orders/refunds/restore.ts'
import { transition } from '../orders/status/transition.ts'
import { voidOrders } from '../orders/status/void.ts'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { anOrder, aRefund, aShop, matchGoods, orderState } from '../testing/orders.ts'
import { codes, must } from '../testing/run.ts'
import { aWaybill, deliveryOf, packer } from '../testing/shipping.ts'
import { aDemand, aSku, aWarehouse, putStock, wrongInTheBooks } from '../testing/stock.ts'
import { until } from '../testing/until.ts'
import { jobs } from '../worker.ts'
import { importWaybills } from './shipping/import.ts'
import { releaseOrders, unreleaseDeliveries } from './shipping/release.ts'
import { unshipDeliveries } from './shipping/unship.ts'
import { setWaybills } from './shipping/waybills.ts'
import { shippingAction } from './write-back/outbox.ts'

let database: TestDatabase
let open: OpenDatabase
let shopId: string

before(async () => {
  database = await testDatabase()
  open = openDatabase(database.url, { max: 12 })
  await createQueues(open.db, jobs)
  shopId = await aShop(open.db)
})
after(async () => {
  await open.close()
  await database[Symbol.asyncDispose]()
})

const run = <T>(work: (tx: Tx) => Promise<T>) => open.db.transaction().execute(work)
const confirmed = (more: object = {}) => anOrder(open.db, { shopId, status: 'confirmed', ...more })
const release = async (id: string, scope: Scope = wholeScope) =>
  codes(await run((tx) => releaseOrders(tx, [id], { actor: packer, scope })))
const ship = async (id: string) =>
  codes(await run((tx) => shipDeliveries(tx, [id], { actor: packer, scope: wholeScope })))
const unship = async (id: string) =>
  codes(await run((tx) => unshipDeliveries(tx, [id], { actor: packer, scope: wholeScope })))
const type = async (id: string, waybillNo = aWaybill(), courier = 'SF') =>
  codes(
    await run((tx) =>
      setWaybills(tx, [{ deliveryId: id, courier, waybillNo }], { actor: packer, scope: wholeScope }),
    ),
  )

async function packed(more: object = {}) {
  const order = await confirmed(more)
  assert.deepEqual(await release(order.id), ['done'])
  const id = await deliveryOf(open.db, order.id)
  assert.deepEqual(await type(id), ['done'])
  return { ...order, deliveryId: id }
}

async function deliveries(orderId: string): Promise<string[]> {
  const found = await sql<{
    status: string
  }>`select status from delivery where order_id = ${orderId} order by id`.execute(open.db)
  return found.rows.map(({ status }) => status)
}

/** Runs the enqueued jobs of this name, twice, because a job may run more than once. */
async function workOff(name: string): Promise<void> {
  const taken = await sql<{ data: unknown }>`delete from job where name = ${name} returning data`.execute(
    open.db,
  )
  const job = jobs.find((one) => one.name === name) ?? assert.fail(name)
  const log = { debug() {}, error() {} } as never
  const payloads = taken.rows.map(({ data }) => data)
  for (const _ of [1, 2]) await job.run({ db: open.db, log }, payloads)
}

test('releasing makes one delivery; releasing again, from many sides, makes no second', async () => {
  const { id } = await confirmed()
  const answers = await Promise.all(Array.from({ length: 6 }, () => release(id)))
  assert.deepEqual(answers.flat().sort(), ['already', 'already', 'already', 'already', 'already', 'done'])
  assert.deepEqual(await deliveries(id), ['pending'])
  const other = await aShop(open.db)
  const unseen = await confirmed()
  assert.deepEqual(await release(unseen.id, { shops: [other], warehouses: 'all' }), ['not_found'])
  assert.deepEqual(await release((await anOrder(open.db, { shopId })).id), ['wrong_status'])
})

test('a hold stops releasing and shipping, with its reason in the words', async () => {
  const hold = (id: string) =>
    run((tx) =>
      holdOrders(tx, [id], { reason: 'risk', note: '', until: null }, { actor: packer, scope: wholeScope }),
    )
  const one = await confirmed()
  await hold(one.id)
  const [refused] = await run((tx) => releaseOrders(tx, [one.id], { actor: packer, scope: wholeScope }))
  assert.ok(refused && !refused.done)
  assert.deepEqual([refused.code, refused.message?.zh], ['on_hold', '已拦截，挂起：风险'])
  assert.deepEqual(await deliveries(one.id), [])
  const two = await packed()
  await hold(two.id)
  assert.deepEqual(await ship(two.deliveryId), ['on_hold'])
  assert.equal((await orderState(open.db, two.id)).status, 'released')
  await run((tx) => liftHolds(tx, [two.id], {}, { actor: packer, scope: wholeScope }))
  assert.deepEqual(await ship(two.deliveryId), ['done'])
})

test('a refund that opens between releasing and shipping stops the parcel, until it is closed', async () => {
  const { id, tid, deliveryId } = await packed()
  const refund = { shopId, tid, refundNo: `r${id}`, oid: 'o1', amountFen: 6000, quantity: 2 }
  await run((tx) => applyRefunds(tx, [aRefund({ ...refund, status: 'applied' })], systemActor))
  assert.deepEqual(await ship(deliveryId), ['refund_open'])
  assert.deepEqual(await deliveries(id), ['pending'])
  const actions = await sql`select from platform_action where subject_id = ${deliveryId}`.execute(open.db)
  assert.equal(actions.rows.length, 0)
  await run((tx) => applyRefunds(tx, [aRefund({ ...refund, status: 'closed', at: 60 })], systemActor))
  assert.deepEqual(await ship(deliveryId), ['done'])
})

test('a refund and a shipping that meet: never is an order shipped that is held for its refund', async () => {
  for (let round = 0; round < 6; round += 1) {
    const { id, tid, deliveryId } = await packed()
    const refund = aRefund({ shopId, tid, refundNo: `m${id}`, oid: 'o1', amountFen: 6000, quantity: 2 })
    const [answer] = await Promise.all([
      ship(deliveryId),
      run((tx) => applyRefunds(tx, [refund], systemActor)),
    ])
    const state = await orderState(open.db, id)
    assert.deepEqual(
      [answer[0], state.status, state.openHolds],
      answer[0] === 'done' ? ['done', 'shipped', 0] : ['refund_open', 'released', 1],
    )
  }
})

test('an address that changed stops both, also when its hold was lifted and nobody decided', async () => {
  const change = (orderId: string) =>
    run((tx) =>
      recordPlatformChanges(
        tx,
        [{ orderId, kind: 'address', old: 'a', new: 'b', tradeVersion: new Date() }],
        systemActor,
      ),
    )
  const one = await confirmed()
  await change(one.id)
  assert.deepEqual(await release(one.id), ['address_changed'])
  const two = await packed()
  await change(two.id)
  assert.deepEqual(await ship(two.deliveryId), ['address_changed'])
  await run((tx) => liftHolds(tx, [two.id], {}, { actor: packer, scope: wholeScope }))
  assert.equal((await orderState(open.db, two.id)).openHolds, 0)
  assert.deepEqual(await ship(two.deliveryId), ['address_changed'])
})

test('shipping takes what is reserved off the shelf, undoing puts it back, and what is short does not ship', async () => {
  const warehouseId = await aWarehouse(open.db)
  const skuId = await aSku(open.db)
  await putStock(open.db, warehouseId, skuId, 5)
  const { id, deliveryId } = await packed()
  const late = await packed()
  const demand = (orderId: string, quantity: number) => aDemand({ orderId, skuId, warehouseId, quantity })
  await run((tx) => reserve(tx, [demand(id, 3)]))
  await run((tx) => reserve(tx, [demand(late.id, 4)]))
  const shelf = async () =>
    (
      await sql<{ on_hand: number; reserved: number }>`
        select on_hand, reserved from stock where warehouse_id = ${warehouseId} and sku_id = ${skuId}`.execute(
        open.db,
      )
    ).rows[0]
  assert.deepEqual(await ship(deliveryId), ['done'])
  assert.deepEqual(await shelf(), { on_hand: 2, reserved: 0 })
  assert.deepEqual(await ship(late.deliveryId), ['short'])
  assert.equal((await orderState(open.db, late.id)).status, 'released')
  assert.deepEqual(await unship(deliveryId), ['done'])
  assert.deepEqual(await shelf(), { on_hand: 5, reserved: 3 })
  assert.deepEqual(await ship(deliveryId), ['done'])
  assert.deepEqual(await shelf(), { on_hand: 2, reserved: 0 })
  assert.deepEqual(await wrongInTheBooks(open.db), [])
})

/** Ships an order with two pieces of line 1 and one piece of line 2, from a warehouse that has five pieces. */
async function shippedFromShelf() {
  const warehouseId = await aWarehouse(open.db)
  const skuId = await aSku(open.db)
  await putStock(open.db, warehouseId, skuId, 5)
  const parcel = await packed()
  const demand = (lineNo: number, quantity: number) =>
    aDemand({ orderId: parcel.id, lineNo, skuId, warehouseId, quantity })
  await run((tx) => reserve(tx, [demand(1, 2), demand(2, 1)]))
  assert.deepEqual(await ship(parcel.deliveryId), ['done'])
  const shelf = async () => {
    const found = await sql<{ on_hand: number; reserved: number }>`
      select on_hand, reserved from stock where warehouse_id = ${warehouseId} and sku_id = ${skuId}`.execute(
      open.db,
    )
    return found.rows[0]
  }
  return { ...parcel, shelf }
}

test('a refund that opened while the parcel was away holds the order when its shipping is undone', async () => {
  const { id, tid, deliveryId, shelf } = await shippedFromShelf()
  const refund = { shopId, tid, refundNo: `u${id}`, oid: 'o1', amountFen: 6000, quantity: 2 }
  await run((tx) => applyRefunds(tx, [aRefund({ ...refund, status: 'applied' })], systemActor))
  assert.equal((await orderState(open.db, id)).openHolds, 0)
  assert.deepEqual(await unship(deliveryId), ['done'])
  assert.deepEqual((await orderState(open.db, id)).holds, [{ reason: 'refund_open', source: `u${id}` }])
  assert.deepEqual(await shelf(), { on_hand: 5, reserved: 3 })
  await run((tx) => applyRefunds(tx, [aRefund({ ...refund, status: 'closed', at: 60 })], systemActor))
  assert.deepEqual(await ship(deliveryId), ['done'])
})

test('what was refunded while the parcel was away is not sent again when its shipping is undone', async () => {
  const part = await shippedFromShelf()
  const whole = await shippedFromShelf()
  const refunded = (of: typeof part, oid: string, amountFen: number, quantity: number) =>
    aRefund({
      shopId,
      tid: of.tid,
      refundNo: `w${of.id}${oid}`,
      oid,
      amountFen,
      quantity,
      status: 'succeeded',
    })
  await run((tx) =>
    applyRefunds(
      tx,
      [refunded(part, 'o1', 6000, 2), refunded(whole, 'o1', 6000, 2), refunded(whole, 'o2', 4000, 1)],
      systemActor,
    ),
  )
  assert.deepEqual(await part.shelf(), { on_hand: 2, reserved: 0 })
  assert.deepEqual(await unship(part.deliveryId), ['done'])
  assert.deepEqual(await part.shelf(), { on_hand: 5, reserved: 1 })
  assert.deepEqual((await orderState(open.db, part.id)).lines, [
    { oid: 'o1', fen: 6000, quantity: 2 },
    { oid: 'o2', fen: 0, quantity: 0 },
  ])
  assert.deepEqual(await ship(part.deliveryId), ['done'])
  assert.deepEqual(await part.shelf(), { on_hand: 4, reserved: 0 })

  assert.deepEqual(await unship(whole.deliveryId), ['done'])
  const gone = await orderState(open.db, whole.id)
  assert.deepEqual([gone.status, gone.voidReason], ['voided', 'refunded_whole'])
  assert.deepEqual(await whole.shelf(), { on_hand: 5, reserved: 0 })
  await workOff('fulfilment.orders_voided')
  assert.deepEqual(await deliveries(whole.id), ['cancelled'])
  assert.deepEqual(await wrongInTheBooks(open.db), [])
})

test('a released order that gave its goods back, since its refund was corrected, does not ship without them', async () => {
  await putStock(open.db, await aWarehouse(open.db, 1), await matchGoods(open.db, shopId), 20)
  const order = await anOrder(open.db, { shopId })
  await run((tx) => reserveOrders(tx, [order.id]))
  assert.equal((await run((tx) => transition(tx, [order.id], { event: 'confirm' }, packer)))[0]?.done, true)
  assert.deepEqual(await release(order.id), ['done'])
  const deliveryId = await deliveryOf(open.db, order.id)
  assert.deepEqual(await type(deliveryId), ['done'])
  const refund = { shopId, tid: order.tid, refundNo: `c${order.id}`, oid: 'o1', status: 'succeeded' as const }
  const version = (amountFen: number, quantity: number, at: number) =>
    run((tx) => applyRefunds(tx, [aRefund({ ...refund, amountFen, quantity, at })], systemActor))
  await version(6000, 2, 0)
  // The refund now covers one piece only, so the line needs one piece again, for which it has no reservation.
  await version(3000, 1, 60)
  assert.deepEqual(await ship(deliveryId), ['short'])
  assert.equal((await orderState(open.db, order.id)).status, 'released')
  // After it was unreleased, the order can reserve again like any other order.
  await run((tx) => unreleaseDeliveries(tx, [deliveryId], { actor: packer, scope: wholeScope }))
  await run((tx) => reserveOrders(tx, [order.id]))
  assert.deepEqual(await release(order.id), ['done'])
})

test('without a waybill nothing ships; taking back cancels, and the order can be released anew', async () => {
  const { id } = await confirmed()
  await release(id)
  const deliveryId = await deliveryOf(open.db, id)
  assert.deepEqual(await ship(deliveryId), ['no_waybill'])
  const back = await run((tx) => unreleaseDeliveries(tx, [deliveryId], { actor: packer, scope: wholeScope }))
  assert.deepEqual(codes(back), ['done'])
  assert.deepEqual(await ship(deliveryId), ['wrong_status'])
  assert.equal((await orderState(open.db, id)).status, 'confirmed')
  assert.deepEqual(await release(id), ['done'])
  assert.deepEqual(await deliveries(id), ['cancelled', 'pending'])
})

test('voiding a released order cancels its delivery; a quick comeback gets a new one', async () => {
  await putStock(open.db, await aWarehouse(open.db, 1), await matchGoods(open.db, shopId), 10)
  const gone = await packed()
  const back = await packed()
  const ids = [gone.id, back.id]
  await run((tx) => voidOrders(tx, ids, '买家不要了', { actor: packer, scope: wholeScope }))
  assert.deepEqual(await ship(gone.deliveryId), ['wrong_status'])
  await run((tx) => restoreOrders(tx, [back.id], { actor: packer, scope: wholeScope }))
  await run((tx) => transition(tx, [back.id], { event: 'confirm' }, packer))
  assert.deepEqual(await release(back.id), ['done'])
  await workOff('fulfilment.orders_voided')
  assert.deepEqual(await deliveries(gone.id), ['cancelled'])
  assert.deepEqual(await deliveries(back.id), ['cancelled', 'pending'])
})

test('a waybill is on one live delivery; two deliveries may change theirs over', async () => {
  const [one, two] = [await packed(), await packed()]
  const [first, second] = [aWaybill(), aWaybill()]
  assert.deepEqual(await type(one.deliveryId, first), ['done'])
  assert.deepEqual(await type(two.deliveryId, first), ['waybill_used'])
  assert.deepEqual(await type(two.deliveryId, second), ['done'])
  const swapped = await run((tx) =>
    setWaybills(
      tx,
      [
        { deliveryId: one.deliveryId, courier: 'SF', waybillNo: second },
        { deliveryId: two.deliveryId, courier: 'SF', waybillNo: first },
      ],
      { actor: packer, scope: wholeScope },
    ),
  )
  assert.deepEqual(codes(swapped), ['done', 'done'])
  assert.deepEqual(await type(one.deliveryId, 'x'), ['bad_waybill'])
  assert.deepEqual(await type(one.deliveryId, aWaybill(), 'NOBODY'), ['unknown_courier'])
})

test('a pasted list types and ships, and names every row that it could not', async () => {
  const good = await confirmed()
  const byTrade = await confirmed({ tid: `77${Date.now()}` })
  const held = await packed()
  const unreleased = await confirmed()
  const voided = await confirmed()
  must(await run((tx) => voidOrders(tx, [voided.id], '买家不要了', { actor: packer, scope: wholeScope })))
  await release(good.id)
  await release(byTrade.id)
  await run((tx) =>
    holdOrders(
      tx,
      [held.id],
      { reason: 'risk', note: '', until: null },
      { actor: packer, scope: wholeScope },
    ),
  )
  const [a, b, c, twice] = [aWaybill(), aWaybill(), aWaybill(), aWaybill()]
  const taken = await packed()
  const used = aWaybill()
  await type(taken.deliveryId, used)
  const wanting = await confirmed()
  await release(wanting.id)
  const text = [
    '订单号\t快递\t运单号',
    `${good.no}\t顺丰\t${a}`,
    `${byTrade.tid}, 顺丰速运, ${b}`,
    `${held.no} SF ${c}`,
    `${unreleased.no} SF ${aWaybill()}`,
    `SO999999 SF ${aWaybill()}`,
    `${good.no} 某某快递 ${aWaybill()}`,
    `${good.no} SF`,
    '',
    `${wanting.no} SF ${used}`,
    `${taken.no} SF ${twice}`,
    `${wanting.no} SF ${twice}`,
    `${good.no} SF ${aWaybill()}`,
    `${voided.no} SF ${aWaybill()}`,
  ].join('\n')
  const report = await importWaybills(
    open.db,
    { text },
    { ask: async () => {}, ship: shipDeliveries },
    { actor: packer, scope: wholeScope },
  )
  assert.deepEqual([report.rows, report.written, report.shipped], [12, 3, 2])
  assert.deepEqual(
    report.refused.map(({ row, column, code }) => [row, column, code]),
    [
      [4, '单号', 'on_hold'],
      [5, '单号', 'not_released'],
      [6, '单号', 'not_found'],
      [7, '快递', 'bad_cell'],
      [8, '运单号', 'bad_cell'],
      [10, '运单号', 'waybill_used'],
      [11, '运单号', 'waybill_twice'],
      [12, '运单号', 'waybill_twice'],
      [13, '单号', 'order_twice'],
      [14, '单号', 'voided'],
    ],
  )
  assert.equal((await orderState(open.db, good.id)).status, 'shipped')
  assert.equal((await orderState(open.db, byTrade.id)).status, 'shipped')
  const csv = Buffer.from(`交易号,快递公司,快递单号\n${wanting.tid},顺丰,${aWaybill()}\n`)
  const sheet = await importWaybills(open.db, { file: csv }, undefined, { actor: packer, scope: wholeScope })
  assert.deepEqual(sheet, { rows: 1, written: 1, shipped: 0, refused: [] })
  assert.equal((await orderState(open.db, wanting.id)).status, 'released')
})

test('a paste of another courier than was chosen takes nothing of that row until somebody says so', async () => {
  const one = await confirmed()
  const other = await confirmed()
  await sql`update sales_order set courier = 'SF' where id = ${one.id}`.execute(open.db)
  await release(one.id)
  await release(other.id)
  const waybillNo = aWaybill()
  const text = `${one.no} 中通 ${waybillNo}\n${other.no} 中通 ${aWaybill()}`
  const kept = await importWaybills(
    open.db,
    { text, keepChosen: true },
    { ask: async () => {}, ship: shipDeliveries },
    { actor: packer, scope: wholeScope },
  )
  assert.deepEqual([kept.written, kept.shipped], [1, 1])
  assert.deepEqual(
    kept.refused.map(({ row, column, code, message }) => [row, column, code, message.zh]),
    [[1, '快递', 'other_courier', '订单选的是顺丰速运，这行是中通快递']],
  )
  assert.equal((await orderState(open.db, one.id)).status, 'released')
  const said = await importWaybills(
    open.db,
    { text: text.split('\n')[0] ?? '' },
    { ask: async () => {}, ship: shipDeliveries },
    { actor: packer, scope: wholeScope },
  )
  assert.deepEqual([said.written, said.shipped, said.refused], [1, 1, []])
})

test('a trade that ends well completes what we shipped, and nothing else', async () => {
  const shipped = await packed()
  await ship(shipped.deliveryId)
  const waiting = await packed()
  await run((tx) =>
    enqueue(tx, 'fulfilment.trades_finished', [{ orderIds: [shipped.id, waiting.id, '999999'] }]),
  )
  await workOff('fulfilment.trades_finished')
  assert.equal((await orderState(open.db, shipped.id)).status, 'completed')
  assert.equal((await orderState(open.db, waiting.id)).status, 'released')
  assert.equal((await orderState(open.db, shipped.id)).events.filter((one) => one === 'complete').length, 1)
})

test('settling many write-backs locks their orders in key order, so that nobody who does the same waits crosswise', async () => {
  const [low, high] = [await packed(), await packed()]
  // The order with the greater id ships first, so its action has the smaller id.
  assert.deepEqual([await ship(high.deliveryId), await ship(low.deliveryId)], [['done'], ['done']])
  const actions = await sql<{ id: string }>`
    select action_id as id from delivery where id = any(${[low.deliveryId, high.deliveryId]}::bigint[])`.execute(
    open.db,
  )
  const ids = actions.rows.map(({ id }) => id)
  const settling = await run(async (tx) => {
    await lockOrdersById(tx, [low.id])
    const settled = open.db.transaction().execute((other) =>
      endActionsByHand(
        other,
        [shippingAction],
        { ids, state: 'manual', reason: '平台上发了' },
        {
          actor: packer,
          scope: wholeScope,
        },
      ),
    )
    // The settling transaction now waits for the lock of the lower order, and has not locked the higher order.
    await until(async () => {
      const waiting = await sql<{ n: string }>`
        select count(*) as n from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`.execute(
        open.db,
      )
      return waiting.rows[0]?.n === '1'
    })
    await lockOrdersById(tx, [high.id])
    return { settled }
  })
  assert.deepEqual(codes(await settling.settled), ['done', 'done'])
  const ends = await sql<{ write_back: string }>`
    select write_back from delivery where id = any(${[low.deliveryId, high.deliveryId]}::bigint[])`.execute(
    open.db,
  )
  assert.deepEqual(
    ends.rows.map((row) => row.write_back),
    ['manual', 'manual'],
  )
})
