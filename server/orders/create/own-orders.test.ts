import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { createQueues } from '../../core/jobs/job.ts'
import { shipDeliveries } from '../../flows/ship.ts'
import { releaseOrders } from '../../fulfilment/shipping/release.ts'
import { unshipDeliveries } from '../../fulfilment/shipping/unship.ts'
import { setWaybills } from '../../fulfilment/shipping/waybills.ts'
import { changeWaybills } from '../../fulfilment/write-back/change-waybill.ts'
import { writeBackAgain } from '../../fulfilment/write-back/write-again.ts'
import { unseal } from '../../lib/seal.ts'
import { type Caller, codesOf, testApp } from '../../testing/app.ts'
import { anOrder, aShop, orderState } from '../../testing/orders.ts'
import { aSku, aWarehouse, putStock, wrongInTheBooks } from '../../testing/stock.ts'
import { jobs } from '../../worker.ts'
import type { OrderRow } from '../list/contract.ts'
import { statusFacet } from '../order/facets.ts'
import type { OrderDetail } from '../view/contract.ts'
import { completeOwn } from './complete-own.ts'
import type { Created } from './create.ts'
import type { OrderReport } from './own-contract.ts'

const house = await testApp()
after(() => house[Symbol.asyncDispose]())
const { db } = house
await createQueues(db, jobs)
const shopId = await aShop(db)
const warehouseId = await aWarehouse(db)
const mug = await aSku(db, 'MUG')
const lid = await aSku(db, 'LID')
await putStock(db, warehouseId, mug, 100_000)
await putStock(db, warehouseId, lid, 500)
const clerk = await house.as(['orders.read', 'orders.create', 'orders.edit', 'orders.confirm', 'memo.write'])

const receiver = {
  name: '李小龙',
  mobile: '13911112222',
  province: '广东省',
  city: '佛山市',
  district: '顺德区',
  address: '大良街道 1 号',
}
let keys = 0
function aKey(): string {
  keys += 1
  return `act-${keys}-of-test`
}
const input = (more: object = {}) => ({
  key: aKey(),
  shopId,
  receiver,
  lines: [
    { skuId: mug, quantity: 2, priceFen: 3000, discountFen: 500 },
    { skuId: lid, quantity: 1, priceFen: 700 },
  ],
  ...more,
})
async function create(who: Caller, ...orders: object[]): Promise<Created[]> {
  const { status, body } = await who.call('POST', '/api/orders', { orders })
  assert.equal(status, 200, JSON.stringify(body))
  return Object(body).results
}
async function made(more: object = {}): Promise<{ id: string; no: string }> {
  const [one] = await create(clerk, input(more))
  assert.equal(one?.done, true, JSON.stringify(one))
  return { id: one?.id ?? '', no: one?.no ?? '' }
}
const detail = async (id: string): Promise<OrderDetail> =>
  Object((await clerk.call('GET', `/api/orders/${id}`)).body)
const list = async (query: string): Promise<OrderRow[]> =>
  Object((await clerk.call('GET', `/api/orders?${query}`)).body).rows
const orderCount = async () =>
  Number((await sql<{ n: string }>`select count(*) as n from sales_order`.execute(db)).rows[0]?.n)
const actionCount = async () =>
  Number((await sql<{ n: string }>`select count(*) as n from platform_action`.execute(db)).rows[0]?.n)

test('an order made by hand has its warehouse, its goods, its sealed receiver, and is found by phone and number', async () => {
  const { id, no } = await made({
    outerNo: 'WX-881',
    memo: '老客户',
    courier: 'SF',
    postFeeFen: 800,
    nick: '龙哥',
  })
  const order = await detail(id)
  assert.deepEqual(
    [
      order.status,
      order.origin,
      order.tid,
      order.paymentFen,
      order.money.discountFen,
      order.courier,
      order.short,
    ],
    ['unconfirmed', 'manual', 'WX-881', 7000, 500, 'SF', false],
  )
  assert.deepEqual(
    order.lines.map((line) => [line.skuCode, line.quantity, line.paymentFen, line.promise]),
    [
      ['MUG', 2, 5500, 'promised'],
      ['LID', 1, 700, 'promised'],
    ],
  )
  assert.equal(order.receiverMasked, '李** 139****2222')
  assert.deepEqual(
    order.events.map(({ event }) => event),
    ['create'],
  )
  const stored = await sql<{ row: string; personal: Buffer }>`
    select to_jsonb(o)::text as row, personal from sales_order o where id = ${id}`.execute(db)
  assert.doesNotMatch(stored.rows[0]?.row ?? '', /13911112222|李小龙|大良街道/)
  const held = JSON.parse(unseal(house.ring, shopId, stored.rows[0]?.personal ?? Buffer.alloc(0)).toString())
  assert.deepEqual([held.nick, held.receiver.mobile, held.receiver.token], ['龙哥', '13911112222', ''])
  for (const query of ['q=13911112222', 'q=WX-881', `q=${no}`, 'origin=manual&hasMemo=true'])
    assert.deepEqual(
      (await list(`tab=all&${query}`)).map((row) => row.no),
      [no],
      query,
    )
  assert.deepEqual(await wrongInTheBooks(db), [])
})

test('the same act makes one order, also at once; a number of the shop makes none', async () => {
  const wish = input({ outerNo: '' })
  const before = await orderCount()
  const answers = (await Promise.all([1, 2, 3].map(() => create(clerk, wish)))).flat()
  assert.equal(await orderCount(), before + 1)
  assert.equal(answers.filter(({ done }) => done).length, 1)
  assert.equal(new Set(answers.map(({ no }) => no)).size, 1)
  const twice = await create(clerk, input({ outerNo: 'TWICE' }), input({ outerNo: 'TWICE' }))
  assert.deepEqual(
    twice.map(({ done, no }) => [done, no]),
    [
      [true, twice[0]?.no],
      [false, twice[0]?.no],
    ],
  )
  const other = await house.as(['orders.create'])
  assert.equal((await create(other, wish))[0]?.done, true)
  const trade = await anOrder(db, { shopId, tid: '998877665544' })
  const [taken] = await create(clerk, input({ outerNo: trade.tid }))
  assert.deepEqual([taken?.done, taken?.no], [false, trade.no])
  assert.equal(await orderCount(), before + 4)
})

test('what lacks something is refused and names what, and makes no other fail', async () => {
  const before = await orderCount()
  const retired = await aSku(db, 'OLD')
  await sql`update sku set active = false where id = ${retired}`.execute(db)
  const line = { quantity: 1, priceFen: 100 }
  const answers = await create(
    clerk,
    input({ receiver: { ...receiver, mobile: '139****2222' } }),
    input({ receiver: { ...receiver, mobile: '' } }),
    input({ lines: [{ ...line, skuId: retired }] }),
    input({ lines: [{ ...line, skuId: mug, discountFen: 101 }] }),
    input({ courier: 'PIGEON' }),
    input({ lines: [{ ...line, skuId: mug }] }),
  )
  assert.deepEqual(
    answers.map((one) => (one.done ? 'done' : one.code)),
    ['incomplete', 'incomplete', 'no_sku', 'incomplete', 'incomplete', 'done'],
  )
  assert.equal(await orderCount(), before + 1)
  const elsewhere = await house.as(['orders.create'], [await aShop(db)])
  assert.deepEqual(
    (await create(elsewhere, input())).map((one) => !one.done && one.code),
    ['outside_scope'],
  )
  const reader = await house.as(['orders.read'])
  assert.equal((await reader.call('POST', '/api/orders', { orders: [input()] })).status, 403)
  assert.equal(await orderCount(), before + 1)
})

test('an unpaid order asks for stock once its payment is booked; a trade is paid on its platform', async () => {
  const { id } = await made({ paid: false, lines: [{ skuId: mug, quantity: 1, priceFen: 100 }] })
  assert.deepEqual([(await detail(id)).unasked, (await detail(id)).paidAt], [true, null])
  const trade = await anOrder(db, { shopId, paid: false })
  assert.deepEqual(await codesOf(clerk, '/api/orders/book-payment', { ids: [id, trade.id] }), [
    'done',
    'of_platform',
  ])
  const order = await detail(id)
  assert.deepEqual([order.unasked, order.lines[0]?.promise, order.paidAt !== null], [false, 'promised', true])
  assert.deepEqual(await codesOf(clerk, '/api/orders/book-payment', { ids: [id] }), ['already'])
  assert.equal((await detail(trade.id)).paidAt, null)
})

test('it ships like any other, and no platform is told: not of the parcel, not of the memo', async () => {
  const actions = await actionCount()
  const { id } = await made({ lines: [{ skuId: mug, quantity: 1, priceFen: 100 }] })
  assert.deepEqual(await codesOf(clerk, '/api/orders/confirm', { ids: [id] }), ['done'])
  const within = <T>(verb: Parameters<ReturnType<typeof db.transaction>['execute']>[0]) =>
    db.transaction().execute(verb) as Promise<T>
  await within((tx) => releaseOrders(tx, [id], { actor: systemActor, scope: wholeScope }))
  const found = await sql<{ id: string }>`select id from delivery where order_id = ${id}`.execute(db)
  const deliveryId = found.rows[0]?.id ?? ''
  await within((tx) =>
    setWaybills(tx, [{ deliveryId, courier: 'SF', waybillNo: 'SF0000001' }], {
      actor: systemActor,
      scope: wholeScope,
    }),
  )
  const ship = () =>
    db
      .transaction()
      .execute((tx) => shipDeliveries(tx, [deliveryId], { actor: systemActor, scope: wholeScope }))
  assert.equal((await ship())[0]?.done, true)
  const state = await sql<{ write_back: string; action_id: string | null }>`
    select write_back, action_id from delivery where id = ${deliveryId}`.execute(db)
  assert.deepEqual(state.rows, [{ write_back: 'none', action_id: null }])
  const again = await db
    .transaction()
    .execute((tx) => writeBackAgain(tx, [deliveryId], '试试', { actor: systemActor, scope: wholeScope }))
  assert.deepEqual(
    again.map((one) => !one.done && one.code),
    ['nothing_to_tell'],
  )
  // Nobody else shows its waybill, so another one is written at once.
  const changed = await db.transaction().execute((tx) =>
    changeWaybills(tx, [{ deliveryId, courier: 'SF', waybillNo: 'SF0000002' }], '面单贴错', {
      actor: systemActor,
      scope: wholeScope,
    }),
  )
  assert.equal(changed[0]?.done, true)
  const now = await sql<{ no: string; shown: string; write_back: string; action_id: string | null }>`
    select waybill_no as no, shown_waybill as shown, write_back, action_id from delivery where id = ${deliveryId}`.execute(
    db,
  )
  assert.deepEqual(now.rows, [{ no: 'SF0000002', shown: '', write_back: 'none', action_id: null }])
  const undone = await db
    .transaction()
    .execute((tx) => unshipDeliveries(tx, [deliveryId], { actor: systemActor, scope: wholeScope }))
  assert.equal(undone[0]?.done, true)
  assert.equal((await ship())[0]?.done, true)
  const { version } = await detail(id)
  const memo = await clerk.call('POST', `/api/orders/${id}/memo`, { memo: '已电话', flag: 1, version })
  assert.equal(memo.status, 204)
  assert.deepEqual([(await detail(id)).sellerMemo, (await detail(id)).flag], ['已电话', 1])
  assert.equal(await actionCount(), actions)
  assert.deepEqual(await wrongInTheBooks(db), [])
})

const sheet = (...rows: string[]) =>
  Buffer.from(
    ['店铺,订单号,收件人,手机,省,市,详细地址,商家编码,数量,单价,运费,已付款,快递', ...rows].join('\n'),
  ).toString('base64')
async function importSheet(who: Caller, file: string): Promise<OrderReport> {
  const { status, body } = await who.call('POST', '/api/orders/import', { file })
  assert.equal(status, 200, JSON.stringify(body))
  return Object(body)
}

test('rows with one number make one order; the same sheet makes nothing twice and says which orders there are', async () => {
  const file = sheet(
    `${shopId},G-1,张三,13700000001,浙江,杭州,文一路 1 号,MUG,2,30,8,是,顺丰`,
    `${shopId},G-1,,,,,,LID,1,7,,,`,
    `${shopId},G-2,李四,13700000002,浙江,杭州,文二路 2 号,MUG,1,29.9,,否,`,
  )
  const first = await importSheet(clerk, file)
  assert.deepEqual(first, { rows: 3, orders: 2, created: 2, refused: [] })
  const [order] = await list('tab=all&q=G-1')
  assert.deepEqual(
    [order?.origin, order?.paymentFen, order?.lineCount, order?.courier, order?.paidAt !== null],
    ['import', 7500, 2, 'SF', true],
  )
  assert.equal((await list('tab=all&q=G-2'))[0]?.paidAt, null)
  const before = await orderCount()
  const second = await importSheet(clerk, file)
  assert.deepEqual(
    [second.created, second.refused.map(({ row, code, message }) => [row, code, message.zh])],
    [
      0,
      [
        [2, 'already', `已有销售订单 ${order?.no}`],
        [4, 'already', `已有销售订单 ${(await list('tab=all&q=G-2'))[0]?.no}`],
      ],
    ],
  )
  assert.equal(await orderCount(), before)
})

test('a wrong row is named with its cell, and its whole order stays out; the others come in', async () => {
  const before = await orderCount()
  const who = '王五,13700000003,浙江,杭州,文三路 3 号'
  const report = await importSheet(
    clerk,
    sheet(
      `${shopId},B-1,${who},MUG,0,30,,,`,
      `${shopId},B-1,,,,,,LID,1,7,,,`,
      `${shopId},B-2,${who},NIX,1,30,,,`,
      `${shopId},B-3,${who},MUG,1,30,,,`,
      `${shopId},B-3,赵六,,,,,LID,1,7,,,`,
      `没有的店,B-4,${who},MUG,1,30,,,`,
      `${shopId},B-5,钱七,,浙江,杭州,文四路,MUG,1,30,,,`,
      `${shopId},B-6,${who},MUG,1,30,,也许,`,
      `${shopId},B-7,${who},MUG,1,30,,,`,
      `${shopId},B-8,${who},MUG,1,30,,,`,
      `${shopId},,,,,,,LID,1,7,,,`,
    ),
  )
  assert.deepEqual(
    report.refused.map(({ row, column, code }) => [row, column, code]),
    [
      [2, '数量', 'bad_cell'],
      [3, '', 'order_refused'],
      [4, '商家编码', 'no_sku'],
      [6, '收件人', 'differs'],
      [7, '店铺', 'bad_cell'],
      [8, '', 'incomplete'],
      [9, '已付款', 'bad_cell'],
      [11, '', 'order_refused'],
      [12, '订单号', 'bad_cell'],
    ],
  )
  assert.deepEqual([report.created, await orderCount()], [1, before + 1])
})

test('five thousand rows take seconds', async () => {
  const rows = Array.from(
    { length: 5000 },
    (_, at) =>
      `${shopId},M-${at},周${at},1360000${String(at).padStart(4, '0')},浙江,杭州,某路 ${at} 号,MUG,1,30,,是,`,
  )
  const started = Date.now()
  const report = await importSheet(clerk, sheet(...rows))
  assert.deepEqual([report.created, report.refused], [5000, []])
  assert.ok(Date.now() - started < 20_000, `${Date.now() - started} ms`)
})

async function copy(who: Caller, ...copies: object[]): Promise<Created[]> {
  const { status, body } = await who.call('POST', '/api/orders/copy', { copies })
  assert.equal(status, 200, JSON.stringify(body))
  return Object(body).results
}

test('what is sent once more costs nothing, has its reason, and both orders tell of each other', async () => {
  const source = await made({ courier: 'ZTO', memo: '送货前电话' })
  const wish = {
    key: aKey(),
    orderId: source.id,
    kind: 'reship',
    reason: '破损',
    lines: [{ lineNo: 1, quantity: 1 }],
  }
  const [reshipped, ...others] = await copy(
    clerk,
    wish,
    { ...wish, key: aKey(), reason: ' ' },
    { ...wish, key: aKey(), lines: [{ lineNo: 1, quantity: 3 }] },
    { ...wish, key: aKey(), lines: [{ lineNo: 9, quantity: 1 }] },
  )
  assert.deepEqual(
    others.map((one) => !one.done && one.code),
    ['no_reason', 'too_many', 'no_line'],
  )
  const order = await detail(reshipped?.id ?? '')
  assert.deepEqual(
    [order.origin, order.paymentFen, order.quantity, order.courier, order.paidAt !== null, order.sellerMemo],
    ['reship', 0, 1, 'ZTO', true, '破损'],
  )
  assert.equal(order.receiverMasked, '李** 139****2222')
  assert.deepEqual(
    [order.relations.source?.no, order.relations.source?.reason, order.lines[0]?.promise],
    [source.no, '破损', 'promised'],
  )
  const told = await detail(source.id)
  assert.deepEqual(
    told.relations.copies.map(({ no, origin }) => [no, origin]),
    [[order.no, 'reship']],
  )
  assert.deepEqual((await orderState(db, source.id)).events, ['create', 'reshipped'])
  const [again] = await copy(clerk, wish)
  assert.deepEqual([again?.done, again?.no], [false, order.no])
  assert.equal((await detail(source.id)).relations.copies.length, 1)
  assert.deepEqual(
    (await list('tab=all&origin=reship')).map(({ no }) => no),
    [order.no],
  )
})

test('a copy takes over price and payment for what was chosen', async () => {
  const source = await made({ postFeeFen: 600 })
  const [one] = await copy(clerk, {
    key: aKey(),
    orderId: source.id,
    kind: 'copy',
    lines: [{ lineNo: 1, quantity: 1 }],
  })
  const order = await detail(one?.id ?? '')
  assert.deepEqual(
    [
      order.origin,
      order.lines.map((line) => [line.priceFen, line.discountFen, line.paymentFen]),
      order.paymentFen,
    ],
    ['copy', [[3000, 250, 2750]], 3350],
  )
  const stranger = await house.as(['orders.create'], [await aShop(db)])
  const [refused] = await copy(stranger, {
    key: aKey(),
    orderId: source.id,
    kind: 'copy',
    lines: [{ lineNo: 1, quantity: 1 }],
  })
  assert.equal(refused?.done === false && refused.code, 'not_found')
})

test("a person's lock keeps back that order alone, and names who holds it", async () => {
  const [free, locked] = [await made(), await made()]
  const ids = [locked.id, free.id]
  assert.deepEqual(await codesOf(clerk, '/api/orders/confirm', { ids }), ['done', 'done'])
  const holder = await house.as(['orders.lock'])
  assert.deepEqual(await codesOf(holder, '/api/orders/lock', { ids: [locked.id] }), ['done'])
  const answers = await db
    .transaction()
    .execute((tx) =>
      releaseOrders(tx, ids, { actor: { kind: 'user', id: '0', name: '陈晨' }, scope: wholeScope }),
    )
  assert.deepEqual(
    ids
      .map((id) => answers.find((one) => one.id === id))
      .map((one) => one?.done === false && one.message?.zh),
    ['林晓 锁定中。解锁后可用', false],
  )
  assert.deepEqual((await orderState(db, free.id)).status, 'released')
})

test('an order of our own is completed some days after it was shipped; a trade waits for its buyer', async () => {
  const [long, fresh] = [await made(), await made()]
  const trade = await anOrder(db, { shopId, status: 'shipped' })
  for (const [id, days] of [
    [long.id, 11],
    [fresh.id, 9],
    [trade.id, 30],
  ] as const) {
    await sql`
      insert into order_event (order_id, at, event, actor_kind, actor_id, actor_name)
      values (${id}, now() - make_interval(days => ${days}::int), 'ship', 'user', '1', '林晓')`.execute(db)
    await sql`update sales_order set status = 'shipped', facets[1] = ${statusFacet('shipped')} where id = ${id}`.execute(
      db,
    )
  }
  const run = () => completeOwn(db, { days: 10, actor: systemActor, signal: new AbortController().signal })
  assert.deepEqual([await run(), await run()], [1, 0])
  const statuses = [long, fresh, trade].map(async ({ id }) => (await orderState(db, id)).status)
  assert.deepEqual(await Promise.all(statuses), ['completed', 'shipped', 'shipped'])
})
