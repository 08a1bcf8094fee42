import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { wholeScope } from '../server/core/access/actor.ts'
import { runRefundList, runTradeList } from '../server/intake/downloads/streams.ts'
import { agreeRefunds, refuseRefunds } from '../server/intake/refunds/refund-actions.ts'
import { writeMemos } from '../server/orders/platform-changes/memo.ts'
import { aShippingHouse, packer, type ShippingHouse } from '../server/testing/shipping.ts'
import { runsOf, sendAnswers, withoutLag } from './app-shop.ts'
import { check } from './checker.ts'
import { openShop } from './one-shop.ts'

// A shop of Kuaishou from its first token to the write-back: an order has one SKU and gifts, lists have a cursor and no total, and notes pile up.
let house: ShippingHouse
let context: ReturnType<typeof runsOf>
before(async () => {
  house = await aShippingHouse('kuaishou')
  context = runsOf(house)
})
after(() => house[Symbol.asyncDispose]())

test('a shop connects with the token of its seller, and the platform names it', async () => {
  const shops = await sql<{ auth: string; named: boolean; nick: string }>`
    select auth_state as auth, platform_shop_id ~ '^[0-9]{10}$' as named, seller_nick as nick from shop`.execute(
    house.db,
  )
  assert.deepEqual(shops.rows, [{ auth: 'live', named: true, nick: '山隅家居快手店' }])
})

test('its trades are staged with their gifts, whose lines cost nothing and have numbers of their own', async () => {
  const shop = house.sandbox.world.shops[0] ?? assert.fail()
  await house.control('trades', { shop: shop.key, status: 'WAIT_SELLER_SEND_GOODS', type: 'fixed', lines: 2 })
  const [tid = ''] = [...shop.trades.keys()].slice(-1)
  await sleep(1100)
  await runTradeList(await context())
  const staged = await sql<{ tid: string; state: string; oids: string[]; paid: string[] }>`
    select t.tid, t.state, array(select l ->> 'oid' from jsonb_array_elements(g.lines) l) as oids,
      array(select l ->> 'paymentFen' from jsonb_array_elements(g.lines) l) as paid
    from staged_trade t join staged_trade_lines g on g.trade_id = t.id`.execute(house.db)
  const { lines } = house.trade(tid)
  const oids = lines.map(({ oid }) => oid)
  assert.equal(oids[0], tid)
  const [row = assert.fail()] = staged.rows
  assert.deepEqual([row.tid, row.state, row.oids, row.paid[1]], [tid, 'staged', oids, '0'])
  assert.equal(staged.rows.length, 1)
})

test('an order is shipped and written back with its gift, once', async () => {
  const { id, tid, waybillNo } = await house.shipped({ lines: 2 })
  house.outbox()
  const state = await house.settled(id)
  assert.deepEqual([state.order, state.writeBack, state.errorCode], ['shipped', 'done', ''])
  const { lines } = house.trade(tid)
  assert.deepEqual(
    lines.map((line) => [line.status, line.waybill, line.company, line.shipments]),
    lines.map(() => ['WAIT_BUYER_CONFIRM_GOODS', waybillNo, '4', 1]),
  )
})

test('a write-back whose answer was lost is found, and not sent again', async () => {
  const { id, tid } = await house.shipped({ lines: 1 })
  const method = 'open.seller.order.goods.deliver'
  await house.control('faults', { kind: 'timeout-after', method, ms: 20, count: 1 })
  house.outbox()
  const state = await house.settled(id)
  assert.deepEqual([state.writeBack, state.action], ['done', 'succeeded'])
  assert.deepEqual(
    house.trade(tid).lines.map(({ shipments }) => shipments),
    [1],
  )
})

test('a refund is agreed to, another refused with the address of its evidence, and a note is added with its flag', async () => {
  const [paid, noted, sent] = [
    await house.order({ lines: 1 }),
    await house.order({ lines: 1 }),
    await house.shipped({ lines: 1 }),
  ]
  house.outbox()
  await house.settled(sent.id)
  for (const { tid } of [paid, sent]) await house.control('refunds', { tid, kind: 'REFUND' })
  await sleep(1100)
  await runRefundList(await context())
  const staged = await sql<{ id: string; tid: string; version: string; amountFen: string; oid: string }>`
    select id, tid, version, amount_fen as "amountFen", oid from staged_refund
    where status = 'applied' and kind = 'refund_only' order by id`.execute(house.db)
  const seenOf = (order: { tid: string }) => {
    const refund = staged.rows.find(({ tid }) => tid === order.tid) ?? assert.fail('no refund')
    assert.equal(refund.oid, order.tid)
    return [{ id: refund.id, version: refund.version, amountFen: Number(refund.amountFen) }]
  }
  const proofUrl = 'https://example.com/proof.jpg'
  await house.run(async (tx) => {
    const by = { actor: packer, scope: wholeScope }
    await agreeRefunds(tx, house.ring, { seen: seenOf(paid), request: {} }, by)
    const request = { reasonId: '102', message: '影响二次销售', proof: undefined, proofUrl }
    await refuseRefunds(tx, house.ring, { seen: seenOf(sent), request }, by)
    await writeMemos(tx, house.ring, { ids: [noted.id], change: { memo: '等买家', flag: 2 } }, by)
  })
  await sendAnswers(house)
  const [agreed, refused] = [paid, sent].map(({ tid }) => house.trade(tid).refunds[0]?.status)
  assert.deepEqual([agreed, refused], ['SUCCESS', 'SELLER_REFUSE_BUYER'])
  assert.deepEqual([house.trade(noted.tid).memo, house.trade(noted.tid).flag], ['等买家', 2])
  const refusal = house.sandbox.world.deeds.find(({ action }) => action === 'refuse')
  assert.deepEqual([refusal?.detail.proof, refusal?.detail.reason], [proofUrl, '102'])
  const notes = house.sandbox.world.deeds.filter(({ action }) => action === 'memo')
  assert.equal(notes.length, 1)
})

test('a token that ended is renewed with the refresh token, which is good once, and the shop stays live', async () => {
  const shop = house.sandbox.world.shops[0] ?? assert.fail()
  for (const _ of [1, 2]) {
    await house.control('expire-session', { shop: shop.key })
    await runTradeList(await context())
  }
  const shops = await sql<{ auth: string; days: number }>`
    select auth_state as auth, ceil(extract(epoch from token_expires_at - now()) / 86400)::int as days
    from shop`.execute(house.db)
  assert.deepEqual(shops.rows, [{ auth: 'live', days: 2 }])
})

test('a shop with trades and refunds of every kind is with us as the platform has it', async () => {
  await using shop = await openShop('kuaishou', 150)
  await sleep(1100)
  for (const run of [runTradeList, runRefundList]) {
    const opened = await shop.aRun({ firstLoadDays: 2, windowsPerRun: 500 })
    await run({ ...opened, connector: withoutLag(opened.connector) })
  }
  const found = await check({ sandboxUrl: shop.sandbox.url, databaseUrl: shop.databaseUrl })
  assert.deepEqual(found.differences, [])
  assert.deepEqual([found.trades, found.refunds > 0], [150, true])
  const gifts = shop.sandbox.world.shops.flatMap(({ trades }) =>
    [...trades.values()].filter(({ lines }) => lines.length > 1),
  )
  assert.ok(gifts.length > 5)
})
