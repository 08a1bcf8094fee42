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

// A shop of 京东 from its first token to the write-back: lines have no numbers and no payments, an order leaves whole, an application to cancel is of a
// whole order, and a token is renewed within its last day only.
let house: ShippingHouse
let context: ReturnType<typeof runsOf>
before(async () => {
  house = await aShippingHouse('jd')
  context = runsOf(house)
})
after(() => house[Symbol.asyncDispose]())

const theShop = () => house.sandbox.world.shops[0] ?? assert.fail()

test('a shop connects with the token of its seller, and the platform names it', async () => {
  const shops = await sql<{ auth: string; named: boolean; nick: string }>`
    select auth_state as auth, platform_shop_id ~ '^[0-9]{8}$' as named, seller_nick as nick from shop`.execute(
    house.db,
  )
  assert.deepEqual(shops.rows, [{ auth: 'live', named: true, nick: '山隅家居京东旗舰店' }])
})

test('its trades are staged with lines that order and SKU name, whose money is spread', async () => {
  const shop = theShop()
  await house.control('trades', { shop: shop.key, status: 'WAIT_SELLER_SEND_GOODS', type: 'fixed', lines: 2 })
  const [tid = ''] = [...shop.trades.keys()].slice(-1)
  await sleep(1100)
  await runTradeList(await context())
  const staged = await sql<{ tid: string; state: string; oids: string[]; paid: number }>`
    select t.tid, t.state, array(select l ->> 'oid' from jsonb_array_elements(g.lines) l) as oids,
      (select sum((l ->> 'paymentFen')::int) from jsonb_array_elements(g.lines) l)::int + t.post_fee_fen::int as paid
    from staged_trade t join staged_trade_lines g on g.trade_id = t.id`.execute(house.db)
  const book = house.trade(tid)
  const paid = book.lines.reduce(
    (sum, { price, num, discount, adjust, share }) => sum + price * num + adjust - discount - share,
    book.postFee,
  )
  const oids = book.lines.map(({ sku }) => `${tid}-${sku?.skuId}`)
  assert.deepEqual(staged.rows, [{ tid, state: 'staged', oids, paid }])
})

test('an order is shipped and written back whole, once', async () => {
  const { id, tid, waybillNo } = await house.shipped({ lines: 2 })
  house.outbox()
  const state = await house.settled(id)
  assert.deepEqual([state.order, state.writeBack, state.errorCode], ['shipped', 'done', ''])
  const { lines } = house.trade(tid)
  assert.deepEqual(
    lines.map((line) => [line.status, line.waybill, line.company, line.shipments]),
    lines.map(() => ['WAIT_BUYER_CONFIRM_GOODS', waybillNo, '467', 1]),
  )
})

test('a write-back whose answer was lost is found, and not sent again', async () => {
  const { id, tid } = await house.shipped({ lines: 1 })
  const method = 'jingdong.pop.order.shipment'
  await house.control('faults', { kind: 'timeout-after', method, ms: 20, count: 1 })
  house.outbox()
  const state = await house.settled(id)
  assert.deepEqual([state.writeBack, state.action], ['done', 'succeeded'])
  assert.deepEqual(
    house.trade(tid).lines.map(({ shipments }) => shipments),
    [1],
  )
})

test('an order whose buyer wants to cancel is locked: its parcel is not written back', async () => {
  const { id, tid } = await house.shipped({ lines: 1 })
  await house.control('refunds', { tid })
  house.outbox()
  const state = await house.settled(id)
  assert.deepEqual([state.writeBack, state.errorCode], ['failed', 'refund_open'])
  assert.deepEqual(
    house.trade(tid).lines.map(({ status, shipments }) => [status, shipments]),
    [['WAIT_SELLER_SEND_GOODS', 0]],
  )
})

test('an application is agreed to, another refused with a reason of the platform, and a remark is written with its flag', async () => {
  const [paid, kept, noted] = [
    await house.order({ lines: 2 }),
    await house.order({ lines: 1 }),
    await house.order({ lines: 1 }),
  ]
  for (const { tid } of [paid, kept]) await house.control('refunds', { tid })
  await sleep(1100)
  await runRefundList(await context())
  const staged = await sql<{ id: string; tid: string; version: string; amountFen: string; pieces: number }>`
    select id, tid, version, amount_fen as "amountFen", quantity as pieces from staged_refund
    where status = 'applied' and oid = '' order by id`.execute(house.db)
  const seenOf = ({ tid }: { tid: string }) => {
    const refund = staged.rows.find((row) => row.tid === tid) ?? assert.fail('no refund')
    const { lines } = house.trade(tid)
    assert.equal(
      refund.pieces,
      lines.reduce((sum, { num }) => sum + num, 0),
    )
    return [{ id: refund.id, version: refund.version, amountFen: Number(refund.amountFen) }]
  }
  await house.run(async (tx) => {
    const by = { actor: packer, scope: wholeScope }
    await agreeRefunds(tx, house.ring, { seen: seenOf(paid), request: {} }, by)
    const request = { reasonId: '4', message: '客户愿意收货', proof: undefined }
    await refuseRefunds(tx, house.ring, { seen: seenOf(kept), request }, by)
    await writeMemos(tx, house.ring, { ids: [noted.id], change: { memo: '等买家', flag: 2 } }, by)
  })
  await sendAnswers(house)
  const [agreed, refused] = [paid, kept].map(({ tid }) => house.trade(tid).refunds[0]?.status)
  assert.deepEqual([agreed, refused], ['SUCCESS', 'SELLER_REFUSE_BUYER'])
  assert.deepEqual(
    house.trade(paid.tid).lines.map(({ status }) => status),
    ['TRADE_CLOSED', 'TRADE_CLOSED'],
  )
  assert.deepEqual([house.trade(noted.tid).memo, house.trade(noted.tid).flag], ['等买家', 2])
  const answers = house.sandbox.world.deeds.filter(({ action }) =>
    ['agree', 'refuse', 'memo'].includes(action),
  )
  const told = answers.map(({ action, accepted, detail }) =>
    [action, accepted, detail.reason, detail.left].filter(Boolean).join(' '),
  )
  assert.deepEqual(told.toSorted(), ['agree true 2', 'memo true', 'refuse true 4 2'])
})

test('an application that the buyer takes back is closed, though neither of its times moves', async () => {
  const { tid } = await house.order({ lines: 1 })
  await house.control('refunds', { tid })
  const [refund = assert.fail()] = house.trade(tid).refunds
  await sleep(1100)
  await runRefundList(await context())
  await house.control(`refunds/${refund.id}/close`)
  await sleep(1100)
  await runRefundList(await context())
  const rows = await sql<{ status: string; raw: string }>`
    select status, platform_status as raw from staged_refund where refund_no = ${refund.id}`.execute(house.db)
  assert.deepEqual(rows.rows, [{ status: 'closed', raw: '11' }])
})

test('a token is renewed in its last hour; one that has ended is not, and the seller must agree again', async () => {
  const [session] = [...house.sandbox.world.sessions.values()]
  const soon = Math.floor(Date.now() / 1000) + 1800
  Object.assign(session ?? {}, { expires: soon })
  await sql`update shop set token_expires_at = to_timestamp(${soon})`.execute(house.db)
  await runTradeList(await context())
  const renewed = await sql<{ auth: string; days: number; until: number }>`
    select auth_state as auth, ceil(extract(epoch from token_expires_at - now()) / 86400)::int as days,
      ceil(extract(epoch from refresh_expires_at - now()) / 86400)::int as until from shop`.execute(house.db)
  assert.deepEqual(renewed.rows, [{ auth: 'live', days: 30, until: 30 }])
  await house.control('expire-session', { shop: theShop().key })
  await assert.rejects(async () => runTradeList(await context()))
  const over = await sql<{ auth: string }>`select auth_state as auth from shop`.execute(house.db)
  assert.deepEqual(over.rows, [{ auth: 'expired' }])
})

test('a shop with orders and applications of every kind is with us as the platform has it', async () => {
  await using shop = await openShop('jd', 150)
  await sleep(1100)
  for (const run of [runTradeList, runRefundList]) {
    const opened = await shop.aRun({ firstLoadDays: 2, windowsPerRun: 500 })
    await run({ ...opened, connector: withoutLag(opened.connector) })
  }
  const found = await check({ sandboxUrl: shop.sandbox.url, databaseUrl: shop.databaseUrl })
  assert.deepEqual(found.differences, [])
  assert.deepEqual([found.trades, found.refunds > 0], [150, true])
  const several = shop.sandbox.world.shops.flatMap(({ trades }) =>
    [...trades.values()].filter(({ lines }) => lines.length > 1),
  )
  assert.ok(several.length > 5)
})
