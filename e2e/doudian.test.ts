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

// A shop of Douyin from its first token to the write-back: receivers are masked, parcels have pieces, and evidence is an address.
let house: ShippingHouse
let context: ReturnType<typeof runsOf>
before(async () => {
  house = await aShippingHouse('doudian')
  context = runsOf(house)
})
after(() => house[Symbol.asyncDispose]())

test('a shop connects with its own application alone: the platform issues a token of seven days and names the shop', async () => {
  const shops = await sql<{ auth: string; number: string; days: number; nick: string }>`
    select auth_state as auth, platform_shop_id as number, seller_nick as nick,
      ceil(extract(epoch from token_expires_at - now()) / 86400)::int as days
    from shop`.execute(house.db)
  assert.deepEqual(shops.rows, [
    { auth: 'live', number: '7196205501733471236', days: 7, nick: '山隅家居抖音店' },
  ])
})

test('its trades are staged with the numbers of their lines, of which one is the number of the trade', async () => {
  const shop = house.sandbox.world.shops[0] ?? assert.fail()
  await house.control('trades', { shop: shop.key, status: 'WAIT_SELLER_SEND_GOODS', type: 'fixed', lines: 2 })
  const [tid = ''] = [...shop.trades.keys()].slice(-1)
  await sleep(1100)
  await runTradeList(await context())
  const staged = await sql<{ tid: string; state: string; status: string; oids: string[] }>`
    select t.tid, t.state, t.status, array(select l ->> 'oid' from jsonb_array_elements(g.lines) l) as oids
    from staged_trade t join staged_trade_lines g on g.trade_id = t.id`.execute(house.db)
  const oids = house.trade(tid).lines.map(({ oid }) => oid)
  assert.equal(oids[0], tid)
  assert.deepEqual(staged.rows, [{ tid, state: 'staged', status: 'paid', oids }])
})

test('an order is shipped and written back with its pieces, once', async () => {
  const { id, tid, waybillNo } = await house.shipped({ lines: 2 })
  house.outbox()
  const state = await house.settled(id)
  assert.deepEqual([state.order, state.writeBack, state.errorCode], ['shipped', 'done', ''])
  const { lines } = house.trade(tid)
  assert.deepEqual(
    lines.map((line) => [line.status, line.waybill, line.shipments]),
    lines.map(() => ['WAIT_BUYER_CONFIRM_GOODS', waybillNo, 1]),
  )
})

test('a write-back whose answer was lost is found, and not sent again', async () => {
  const { id, tid } = await house.shipped({ lines: 1 })
  await house.control('faults', {
    kind: 'timeout-after',
    method: 'order.logisticsAddMultiPack',
    ms: 20,
    count: 1,
  })
  house.outbox()
  const state = await house.settled(id)
  assert.deepEqual([state.writeBack, state.action], ['done', 'succeeded'])
  assert.deepEqual(
    house.trade(tid).lines.map(({ shipments }) => shipments),
    [1],
  )
})

test('a refund is agreed to, another refused with the address of its evidence, and a remark keeps its flag', async () => {
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
    assert.equal(refund.oid, house.trade(order.tid).lines[0]?.oid)
    return [{ id: refund.id, version: refund.version, amountFen: Number(refund.amountFen) }]
  }
  const proofUrl = 'https://example.com/proof.jpg'
  await house.run(async (tx) => {
    const by = { actor: packer, scope: wholeScope }
    await agreeRefunds(tx, house.ring, { seen: seenOf(paid), request: {} }, by)
    const request = { reasonId: '4', message: '影响二次销售', proof: undefined, proofUrl }
    await refuseRefunds(tx, house.ring, { seen: seenOf(sent), request }, by)
    await writeMemos(tx, house.ring, { ids: [noted.id], change: { memo: '等买家', flag: 2 } }, by)
  })
  await sendAnswers(house)
  const [agreed, refused] = [paid, sent].map(({ tid }) => house.trade(tid).refunds[0]?.status)
  assert.deepEqual([agreed, refused], ['SUCCESS', 'SELLER_REFUSE_BUYER'])
  assert.deepEqual([house.trade(noted.tid).memo, house.trade(noted.tid).flag], ['等买家', 2])
  const refusal = house.sandbox.world.deeds.find(({ action }) => action === 'refuse')
  assert.deepEqual([refusal?.detail.proof, refusal?.detail.reason], [proofUrl, '4'])
})

test('a token that the platform refuses is issued anew, and the shop stays live', async () => {
  const shop = house.sandbox.world.shops[0] ?? assert.fail()
  await house.control('expire-session', { shop: shop.key })
  await runTradeList(await context())
  const shops = await sql<{ auth: string }>`select auth_state as auth from shop`.execute(house.db)
  assert.deepEqual(shops.rows, [{ auth: 'live' }])
})

test('a shop with trades and refunds of every kind is with us as the platform has it', async () => {
  await using shop = await openShop('doudian', 150)
  await sleep(1100)
  for (const run of [runTradeList, runRefundList]) {
    const opened = await shop.aRun({ firstLoadDays: 2, windowsPerRun: 500 })
    await run({ ...opened, connector: withoutLag(opened.connector) })
  }
  const found = await check({ sandboxUrl: shop.sandbox.url, databaseUrl: shop.databaseUrl })
  assert.deepEqual(found.differences, [])
  assert.deepEqual([found.trades, found.refunds > 0], [150, true])
})
