import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { wholeScope } from '../server/core/access/actor.ts'
import type { Tx } from '../server/core/db/db.ts'
import { runTradeList } from '../server/intake/downloads/streams.ts'
import { agreeRefunds, refuseRefunds, type Seen } from '../server/intake/refunds/refund-actions.ts'
import { writeMemos } from '../server/orders/platform-changes/memo.ts'
import { openCall } from '../server/shops/calls.ts'
import { type Caller, codesOf } from '../server/testing/app.ts'
import { aRun } from '../server/testing/run.ts'
import { aWaybill, packer } from '../server/testing/shipping.ts'
import { until } from '../server/testing/until.ts'
import { aMallHouse, type MallHouse } from './malls/mall-house.ts'

// A shop of the merchant's own making, from its connection to the parcel that its buyer sees.
let it: MallHouse
before(async () => {
  it = await aMallHouse()
})
after(() => it[Symbol.asyncDispose]())

const tradeOf = (tid: string) => it.sandbox.world.shops[0]?.trades.get(tid) ?? assert.fail()

test('the shop is live, named by its mall, and says where to post', async () => {
  const shops = await sql<{ auth: string; nick: string; number: string }>`
    select auth_state as auth, seller_nick as nick, platform_shop_id as number from shop`.execute(it.house.db)
  assert.deepEqual(shops.rows, [{ auth: 'live', nick: '测试商城', number: new URL(it.sandbox.url).host }])
  assert.equal(it.path, `/api/malls/${it.shopId}`)
})

test('a trade is staged within three seconds of its post, and its parcel is told by a signed event with the waybill', async () => {
  const began = performance.now()
  const tid = await it.staged()
  assert.ok(performance.now() - began < 3000)
  const staged = await sql<{ status: string; paid: string; lines: number }>`
    select t.status, t.payment_fen::text as paid, jsonb_array_length(g.lines) as lines
    from staged_trade t join staged_trade_lines g on g.trade_id = t.id where t.tid = ${tid}`.execute(
    it.house.db,
  )
  const { lines, postFee } = tradeOf(tid)
  const paid = lines.reduce(
    (sum, one) => sum + one.price * one.num + one.adjust - one.discount - one.share,
    postFee,
  )
  assert.deepEqual(staged.rows, [{ status: 'paid', paid: String(paid), lines: 2 }])
  const sent = await it.shipped()
  await it.outbox()
  const told = tradeOf(sent.tid)
  assert.deepEqual(
    told.lines.map(({ status, waybill, company, shipments }) => [status, waybill, company, shipments]),
    told.lines.map(() => ['WAIT_BUYER_CONFIRM_GOODS', sent.waybillNo, 'SF', 1]),
  )
})

const by = { actor: packer, scope: wholeScope }
const run = <T>(work: (tx: Tx) => Promise<T>) => it.house.db.transaction().execute(work)

/** Lets the buyer apply for a refund of the first line, and waits until it is staged. */
async function refundOf(tid: string, kind = 'REFUND'): Promise<Seen> {
  await it.control('refunds', { tid, kind, constraint: '' })
  const found = () =>
    sql<Seen>`
    select id::text, version::text, amount_fen as "amountFen" from staged_refund where tid = ${tid}`.execute(
      it.house.db,
    )
  await until(async () => (await found()).rows.length === 1, 3000)
  const [seen = assert.fail()] = (await found()).rows
  return { ...seen, amountFen: Number(seen.amountFen) }
}

test('a refund that was posted keeps its parcel in the warehouse', async () => {
  const { id, tid } = await it.order()
  assert.deepEqual(await codesOf(it.boss, '/api/orders/release', { ids: [id] }), ['done'])
  const found = await sql<{ id: string }>`select id from delivery where order_id = ${id}`.execute(it.house.db)
  const ids = found.rows.map((row) => row.id)
  const rows = ids.map((one) => ({ id: one, courier: 'SF', waybillNo: aWaybill() }))
  assert.deepEqual(await codesOf(it.boss, '/api/deliveries/waybills', { rows }), ['done'])
  await refundOf(tid)
  const codes = await codesOf(it.boss, '/api/deliveries/ship', { ids })
  assert.deepEqual(codes, ['refund_open'])
  await it.outbox()
  assert.deepEqual(
    tradeOf(tid).lines.map(({ shipments }) => shipments),
    [0, 0],
  )
})

test('the mall hears of an agreement, of a refusal in words, and of a note with its flag', async () => {
  const [paid, kept, noted] = [await it.order(), await it.order(), await it.order()]
  const [ofPaid, ofKept] = [await refundOf(paid.tid), await refundOf(kept.tid)]
  await run((tx) => agreeRefunds(tx, it.house.ring, { seen: [ofPaid], request: {} }, by))
  const request = { reasonId: '', message: '已经在路上了' }
  await run((tx) => refuseRefunds(tx, it.house.ring, { seen: [ofKept], request }, by))
  await run((tx) =>
    writeMemos(tx, it.house.ring, { ids: [noted.id], change: { memo: '等买家', flag: 2 } }, by),
  )
  await it.outbox()
  const [agreed, refused] = [paid, kept].map(({ tid }) => tradeOf(tid).refunds[0])
  assert.deepEqual(
    [agreed?.status, refused?.status, refused?.refuseReason],
    ['SUCCESS', 'SELLER_REFUSE_BUYER', '已经在路上了'],
  )
  assert.deepEqual([tradeOf(noted.tid).memo, tradeOf(noted.tid).flag], ['等买家', 2])
})

test('an agreement says whether money goes back, goods come back, or goods are sent once more', async () => {
  const kinds = ['REFUND', 'REFUND_AND_RETURN', 'RESHIPPING']
  const steps: unknown[] = []
  for (const kind of kinds) {
    const { tid } = await it.order({ lines: 1 })
    const seen = await refundOf(tid, kind)
    await run((tx) => agreeRefunds(tx, it.house.ring, { seen: [seen], request: {} }, by))
    await it.outbox()
    const refund = tradeOf(tid).refunds[0] ?? assert.fail()
    const told = it.sandbox.world.deeds.filter(({ action, key }) => action === 'agree' && key === refund.id)
    steps.push(told.map(({ accepted, detail }) => [accepted, detail['step']]))
  }
  assert.deepEqual(steps, [[[true, 'pay']], [[true, 'return']], [[true, 'reship']]])
})

test('pieces that the mall paid back stay here, and the other pieces of their line leave', async () => {
  const [line = assert.fail()] = document().lines
  const at = (minute: number) => ({
    modifiedAt: `2026-11-24T12:0${minute}:00+08:00`,
    tid: 'P1',
    lines: [{ ...line, oid: 'P1-1', quantity: 3, priceFen: 300 }],
  })
  const back = {
    ...{ refundId: 'P1-R1', tid: 'P1', oid: 'P1-1', kind: 'refund_only', status: 'succeeded' },
    ...{ quantity: 1, amountFen: 300, createdAt: at(2).modifiedAt, modifiedAt: at(2).modifiedAt },
  }
  await it.post('trades', [document(at(1))])
  await it.post('refunds', [back])
  await until(
    async () =>
      (await sql`select from staged_refund where refund_no = 'P1-R1'`.execute(it.house.db)).rows.length === 1,
  )
  await it.post('trades', [document(at(3))])
  const now = () =>
    sql<{ refund: string }>`
      select g.lines -> 0 ->> 'refund' as refund from staged_trade t join staged_trade_lines g on g.trade_id = t.id
      where t.tid = 'P1' and t.modified_at = ${at(3).modifiedAt}::timestamptz`.execute(it.house.db)
  await until(async () => (await now()).rows.length === 1)
  assert.deepEqual((await now()).rows, [{ refund: 'none' }])
  const ids = await sql<{ id: string }>`select id from staged_refund where tid = 'P1'`.execute(it.house.db)
  assert.deepEqual(
    await codesOf(it.boss, '/api/staged-refunds/convert', { ids: ids.rows.map(({ id }) => id) }),
    ['done'],
  )
  const { deliveryId } = await it.ship('P1')
  const left = await sql<{ quantity: number; refunded: number; shipped: boolean }>`
    select l.quantity, l.refunded_quantity as refunded, o.status = 'shipped' as shipped
    from delivery d join order_line l on l.order_id = d.order_id join sales_order o on o.id = d.order_id
    where d.id = ${deliveryId}`.execute(it.house.db)
  assert.deepEqual(left.rows, [{ quantity: 3, refunded: 1, shipped: true }])
})

test('a parcel whose answer was lost is told again by the same number, and shipped once', async () => {
  await it.control('faults', { kind: 'timeout-after', method: 'trade.shipped', ms: 20, count: 1 })
  const { tid, deliveryId, waybillNo } = await it.shipped({ lines: 1 })
  await it.outbox()
  const written = await sql<{ state: string }>`
    select write_back as state from delivery where id = ${deliveryId}`.execute(it.house.db)
  assert.deepEqual(written.rows, [{ state: 'done' }])
  assert.deepEqual(
    tradeOf(tid).lines.map((line) => [line.waybill, line.shipments]),
    [[waybillNo, 1]],
  )
})

test('what the mall refuses is shown in its words, and nothing is shipped', async () => {
  await it.control('faults', { kind: 'forbidden', method: 'trade.shipped', count: 1 })
  const { tid, deliveryId } = await it.shipped({ lines: 1 })
  await it.outbox()
  const written = await sql<{ state: string; error: string }>`
    select d.write_back as state, a.error from delivery d join platform_action a on a.id = d.action_id
    where d.id = ${deliveryId}`.execute(it.house.db)
  assert.equal(written.rows[0]?.state, 'failed')
  assert.match(written.rows[0]?.error ?? '', /不接受这种通知/)
  assert.deepEqual(
    tradeOf(tid).lines.map(({ shipments }) => shipments),
    [0],
  )
})

const document = (more: object = {}) => ({
  ...{
    tid: 'D1',
    status: 'paid',
    createdAt: '2026-11-24T12:00:00+08:00',
    paidAt: '2026-11-24T12:01:00+08:00',
  },
  ...{ modifiedAt: '2026-11-24T12:01:00+08:00', paymentFen: 900, buyer: { nick: 'lin' } },
  receiver: { name: '林', mobile: '13800001234', province: '浙江省', city: '杭州市', address: '一号' },
  lines: [{ oid: 'D1-1', itemId: '1', title: '枕头', quantity: 1, priceFen: 900, paymentFen: 900 }],
  ...more,
})

test('each document is judged by itself, and a refusal names the field', async () => {
  const good = document()
  const [line = assert.fail()] = good.lines
  const answers = await it.post('trades', [
    good,
    document({ tid: 'D2', paymentFen: 901 }),
    document({ tid: 'D3', lines: [{ ...line, quantity: 0 }] }),
    document({ tid: 'D4', lines: [line, line], paymentFen: 1800 }),
    document({ tid: 'D5', remark: '不认识' }),
    document({ tid: 'D6', paidAt: undefined }),
    document({ tid: 'D7', modifiedAt: '2026-11-24 12:01:00' }),
    document({ tid: 'D8', tid2: 1, paymentFen: '900' }),
    'no document',
  ])
  assert.deepEqual(
    answers.map(({ number, outcome, code, field }) => [number, outcome, code, field]),
    [
      ['D1', 'stored', '', ''],
      ['D2', 'refused', 'amounts_differ', 'paymentFen'],
      ['D3', 'refused', 'invalid', 'lines.0.quantity'],
      ['D4', 'refused', 'line_twice', 'lines.1.oid'],
      ['D5', 'refused', 'unknown_field', 'remark'],
      ['D6', 'refused', 'missing', 'paidAt'],
      ['D7', 'refused', 'invalid', 'modifiedAt'],
      ['D8', 'refused', 'unknown_field', 'tid2'],
      ['', 'refused', 'invalid', ''],
    ],
  )
  const kept = await sql<{ number: string }>`
    select number from mall_document where number like 'D%' order by number`.execute(it.house.db)
  assert.deepEqual(kept.rows, [{ number: 'D1' }])
})

test('the newest version counts, in whatever order versions come, also within one request', async () => {
  const at = (second: number, memo: string) =>
    document({
      tid: 'V1',
      modifiedAt: `2026-11-24T12:01:0${second}Z`,
      sellerMemo: memo,
      lines: document().lines.map((line) => ({ ...line, oid: 'V1-1' })),
    })
  const outcomes = async (...documents: object[]) =>
    (await it.post('trades', documents)).map(({ outcome }) => outcome)
  assert.deepEqual(await outcomes(at(3, '三'), at(4, '四'), at(2, '二')), [
    'unchanged',
    'stored',
    'unchanged',
  ])
  assert.deepEqual(await outcomes(at(4, '又四')), ['unchanged'])
  assert.deepEqual(await outcomes(at(1, '一')), ['unchanged'])
  const memo = () =>
    sql<{ memo: string }>`select seller_memo as memo from staged_trade where tid = 'V1'`.execute(it.house.db)
  await until(async () => (await memo()).rows.length === 1)
  assert.deepEqual((await memo()).rows, [{ memo: '四' }])
})

test('a key posts for its own shop only, with the permission only, and reads nothing', async () => {
  const post = (caller: Caller, path: string) =>
    caller.call('POST', `${path}/trades`, { trades: [document({ tid: 'K1' })] })
  const boss = await it.boss.call('POST', '/api/shops', { platform: 'ownshop', name: '另一个商城' })
  const other = `/api/malls/${Object(boss.body).shop.id}`
  assert.equal((await post(it.mall, other)).status, 404)
  assert.equal((await post(await it.house.as(['trades.read']), it.path)).status, 403)
  assert.equal((await post(it.house.anonymous, it.path)).status, 401)
  const away = await it.boss.call('POST', '/api/shops', { platform: 'taobao', name: '淘宝店' })
  const refused = await post(it.boss, `/api/malls/${Object(away.body).shop.id}`)
  assert.deepEqual([refused.status, Object(refused.body).code], [409, 'unsupported_by_platform'])
  assert.equal((await it.mall.call('GET', '/api/staged-trades')).status, 403)
  const kept = await sql`select from mall_document where number = 'K1'`.execute(it.house.db)
  assert.equal(kept.rows.length, 0)
})

test('what no message announced is found by the list', async () => {
  await it.boss.call('PATCH', `/api/shops/${it.shopId}`, { settings: { push: false } })
  await until(async () => (await sql`select from push_shop`.execute(it.house.db)).rows.length === 0)
  const [answer] = await it.post('trades', [
    document({ tid: 'L1', lines: document().lines.map((line) => ({ ...line, oid: 'L1-1' })) }),
  ])
  assert.equal(answer?.outcome, 'stored')
  // Windows end at whole seconds.
  await sleep(1100)
  const opened = await openCall(it.calls, it.shopId)
  const { trades } = opened.connector
  const connector = { ...opened.connector, trades: { ...trades, changed: { ...trades.changed, lagMs: 0 } } }
  const context = aRun(it.house.db, { firstLoadDays: 1, windowsPerRun: 200 })
  await runTradeList(Object.assign(opened, context, { connector, runId: '1', fence: '1' }))
  const staged = await sql<{ state: string }>`select state from staged_trade where tid = 'L1'`.execute(
    it.house.db,
  )
  assert.deepEqual(staged.rows, [{ state: 'staged' }])
})
