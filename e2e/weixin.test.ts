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

// A shop of WeChat from its first token to the write-back: its lists give numbers only, and its lines have none.
let house: ShippingHouse
let context: ReturnType<typeof runsOf>
before(async () => {
  house = await aShippingHouse('weixin')
  context = runsOf(house)
})
after(() => house[Symbol.asyncDispose]())

test('a shop connects with its app alone: the platform issues the token and names the shop', async () => {
  const shops = await sql<{ auth: string; named: boolean; short: boolean; nick: string }>`
    select auth_state as auth, platform_shop_id like 'gh_%' as named, seller_nick as nick,
      token_expires_at < now() + interval '3 hours' as short
    from shop`.execute(house.db)
  assert.deepEqual(shops.rows, [{ auth: 'live', named: true, short: true, nick: '山隅家居微信小店' }])
})

test('its trades are staged by their numbers, with lines that have none on the platform', async () => {
  const shop = house.sandbox.world.shops[0] ?? assert.fail()
  await house.control('trades', { shop: shop.key, status: 'WAIT_SELLER_SEND_GOODS', lines: 2 })
  const [tid = ''] = [...shop.trades.keys()].slice(-1)
  await sleep(1100)
  await runTradeList(await context())
  const staged = await sql<{ tid: string; state: string; status: string; oids: string[] }>`
    select t.tid, t.state, t.status, array(select l ->> 'oid' from jsonb_array_elements(g.lines) l) as oids
    from staged_trade t join staged_trade_lines g on g.trade_id = t.id`.execute(house.db)
  const oids = house.trade(tid).lines.map(({ oid }) => oid)
  assert.deepEqual(staged.rows, [{ tid, state: 'staged', status: 'paid', oids }])
})

test('an order is shipped and written back with its pieces, once', async () => {
  const { id, tid, waybillNo } = await house.shipped({ lines: 2 })
  house.outbox()
  const state = await house.settled(id)
  assert.deepEqual([state.order, state.writeBack, state.errorCode], ['shipped', 'done', ''])
  const lines = house.trade(tid).lines
  assert.deepEqual(
    lines.map((line) => [line.status, line.waybill, line.shipments]),
    lines.map(() => ['WAIT_BUYER_CONFIRM_GOODS', waybillNo, 1]),
  )
})

test('a write-back whose answer was lost is found, and not sent again', async () => {
  const { id, tid } = await house.shipped({ lines: 1 })
  await house.control('faults', { kind: 'timeout-after', method: 'order/delivery/send', ms: 20, count: 1 })
  house.outbox()
  const state = await house.settled(id)
  assert.deepEqual([state.writeBack, state.action], ['done', 'succeeded'])
  assert.deepEqual(
    house.trade(tid).lines.map(({ shipments }) => shipments),
    [1],
  )
})

test('a refund is agreed to and another refused, with the reasons of the platform, and a note replaces the one before', async () => {
  const [paid, kept] = [await house.order({ lines: 1 }), await house.order({ lines: 1 })]
  for (const { tid } of [paid, kept]) await house.control('refunds', { tid, kind: 'REFUND' })
  await sleep(1100)
  await runRefundList(await context())
  const staged = await sql<{ id: string; tid: string; version: string; amountFen: string; oid: string }>`
    select id, tid, version, amount_fen as "amountFen", oid from staged_refund
    where status = 'applied' and kind = 'refund_only' order by id`.execute(house.db)
  const seenOf = (order: { tid: string }) => {
    const refund = staged.rows.find(({ tid }) => tid === order.tid) ?? assert.fail('no refund')
    assert.equal(refund.oid, house.trade(order.tid).lines[0]?.oid)
    return [{ id: refund.id, version: refund.version, amountFen: Number(refund.amountFen) }]
  }
  const by = { actor: packer, scope: wholeScope }
  const reasons = await refuseReasons(await context())
  assert.deepEqual(reasons[0], { id: '6', text: '买家误操作/已协商取消申请' })
  await house.run(async (tx) => {
    await agreeRefunds(tx, house.ring, { seen: seenOf(paid), request: {} }, by)
    const request = { reasonId: '6', message: '已协商', proof: undefined }
    await refuseRefunds(tx, house.ring, { seen: seenOf(kept), request }, by)
    await writeMemos(tx, house.ring, { ids: [kept.id], change: { memo: '等买家', flag: 2 } }, by)
  })
  await sendAnswers(house)
  const [agreed, refused] = [paid, kept].map(({ tid }) => house.trade(tid).refunds[0]?.status)
  assert.deepEqual([agreed, refused], ['SUCCESS', 'SELLER_REFUSE_BUYER'])
  assert.deepEqual([house.trade(kept.tid).memo, house.trade(kept.tid).flag], ['等买家', 0])
})

async function refuseReasons({ connector, call }: Awaited<ReturnType<typeof context>>) {
  const refund = { refundId: '1', tid: '1', oid: '', phase: 'onsale', version: '' } as const
  return (await connector.actions.refuseReasons?.(call, refund)) ?? []
}

test('a token that the platform refuses is issued anew, and the shop stays live', async () => {
  const shop = house.sandbox.world.shops[0] ?? assert.fail()
  await house.control('expire-session', { shop: shop.key })
  await runTradeList(await context())
  const shops = await sql<{ auth: string }>`select auth_state as auth from shop`.execute(house.db)
  assert.deepEqual(shops.rows, [{ auth: 'live' }])
})

test('a shop with trades and refunds of every kind is with us as the platform has it', async () => {
  await using shop = await openShop('weixin', 150)
  await sleep(1100)
  for (const run of [runTradeList, runRefundList]) {
    const opened = await shop.aRun({ firstLoadDays: 2, windowsPerRun: 500 })
    await run({ ...opened, connector: withoutLag(opened.connector) })
  }
  const found = await check({ sandboxUrl: shop.sandbox.url, databaseUrl: shop.databaseUrl })
  assert.deepEqual(found.differences, [])
  assert.deepEqual([found.trades, found.refunds > 0], [150, true])
})
