import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { wholeScope } from '../server/core/access/actor.ts'
import { runRefundList, runTradeList } from '../server/intake/downloads/streams.ts'
import { agreeRefunds, outcomesOf } from '../server/intake/refunds/refund-actions.ts'
import { writeMemos } from '../server/orders/platform-changes/memo.ts'
import { aShippingHouse, packer, type ShippingHouse } from '../server/testing/shipping.ts'
import { runsOf, sendAnswers, withoutLag } from './app-shop.ts'
import { check } from './checker.ts'
import { openShop } from './one-shop.ts'

// A shop of Paipai from its pasted token to the write-back: deals leave whole, and refunds are answered on the platform only.
let house: ShippingHouse
let context: ReturnType<typeof runsOf>
before(async () => {
  house = await aShippingHouse('paipai')
  context = runsOf(house)
})
after(() => house[Symbol.asyncDispose]())

test('a shop connects with its token alone, and its number is that of the seller', async () => {
  const shops = await sql<{ auth: string; number: string; nick: string }>`
    select auth_state as auth, platform_shop_id as number, seller_nick as nick from shop`.execute(house.db)
  assert.deepEqual(shops.rows, [{ auth: 'live', number: '855000188', nick: '山隅家居拍拍店' }])
})

test('its trades are staged with the numbers of their lines, and with a receiver that nobody masked', async () => {
  const shop = house.sandbox.world.shops[0] ?? assert.fail()
  await house.control('trades', { shop: shop.key, status: 'WAIT_SELLER_SEND_GOODS', lines: 2 })
  const [tid = ''] = [...shop.trades.keys()].slice(-1)
  await sleep(1100)
  await runTradeList(await context())
  const staged = await sql<{ tid: string; state: string; status: string; oids: string[] }>`
    select t.tid, t.state, t.status, array(select l ->> 'oid' from jsonb_array_elements(g.lines) l) as oids
    from staged_trade t join staged_trade_lines g on g.trade_id = t.id`.execute(house.db)
  const { lines, receiver } = house.trade(tid)
  assert.match(tid, /^855000188-\d{8}-\d{10}$/)
  assert.deepEqual(staged.rows, [{ tid, state: 'staged', status: 'paid', oids: lines.map(({ oid }) => oid) }])
  const { connector, call } = await context()
  const detail = await connector.trades.detail(call, tid)
  assert.ok(detail && 'trade' in detail)
  const { name, mobile, province, city, district, address, token } = detail.trade.receiver
  assert.deepEqual(
    [name, mobile, province, city, district, address, token],
    [receiver.name, receiver.mobile, receiver.state, receiver.city, receiver.district, receiver.address, ''],
  )
})

test('a deal of more than three months is still found by its number', async () => {
  const shop = house.sandbox.world.shops[0] ?? assert.fail()
  const created = Math.floor(Date.now() / 1000) - 100 * 86_400
  await house.control('trades', { shop: shop.key, status: 'TRADE_FINISHED', created })
  const [tid = ''] = [...shop.trades.keys()].slice(-1)
  const { connector, call } = await context()
  const detail = await connector.trades.detail(call, tid)
  assert.deepEqual(detail && 'trade' in detail && [detail.trade.tid, detail.trade.status], [tid, 'finished'])
  assert.equal(await connector.trades.detail(call, `${tid}9`), undefined)
})

test('an order is shipped whole and written back once', async () => {
  const { id, tid, waybillNo } = await house.shipped({ lines: 2 })
  house.outbox()
  const state = await house.settled(id)
  assert.deepEqual([state.order, state.writeBack, state.errorCode], ['shipped', 'done', ''])
  const { lines } = house.trade(tid)
  assert.deepEqual(
    lines.map((line) => [line.status, line.company, line.waybill, line.shipments]),
    lines.map(() => ['WAIT_BUYER_CONFIRM_GOODS', '顺丰速运', waybillNo, 1]),
  )
})

test('a write-back whose answer was lost is found, and not sent again', async () => {
  const { id, tid } = await house.shipped({ lines: 1 })
  await house.control('faults', {
    kind: 'timeout-after',
    method: 'deal/sellerConsignDealItem',
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

test('a refund comes in and is not agreed to from here; a note replaces the one before and keeps its label', async () => {
  const [paid, noted] = [await house.order({ lines: 1 }), await house.order({ lines: 1, flag: 3 })]
  await house.control('refunds', { tid: paid.tid, kind: 'REFUND' })
  await sleep(1100)
  await runRefundList(await context())
  const staged = await sql<{
    id: string
    tid: string
    version: string
    amountFen: string
    oid: string
    word: string
  }>`
    select id, tid, version, amount_fen as "amountFen", oid, platform_status as word from staged_refund
    where status = 'applied'`.execute(house.db)
  const [refund = assert.fail(), ...others] = staged.rows
  assert.deepEqual(others, [])
  assert.deepEqual(
    [refund.tid, refund.oid, refund.word],
    [paid.tid, house.trade(paid.tid).lines[0]?.oid, 'DS_REFUND_ALL_WAIT_SELLER_AGREE'],
  )
  const by = { actor: packer, scope: wholeScope }
  const seen = [{ id: refund.id, version: refund.version, amountFen: Number(refund.amountFen) }]
  const { answers } = await house.run((tx) => agreeRefunds(tx, house.ring, { seen, request: {} }, by))
  const [outcome] = outcomesOf(seen, answers)
  assert.deepEqual(outcome && !outcome.done && outcome.code, 'unsupported_by_platform')
  await house.run((tx) => writeMemos(tx, house.ring, { ids: [noted.id], change: { memo: '等买家' } }, by))
  await sendAnswers(house)
  assert.equal(house.trade(paid.tid).refunds[0]?.status, 'WAIT_SELLER_AGREE')
  assert.deepEqual([house.trade(noted.tid).memo, house.trade(noted.tid).flag], ['等买家', 3])
})

test('a token that the platform refuses ends the authorisation, because no call renews it', async () => {
  const shop = house.sandbox.world.shops[0] ?? assert.fail()
  await house.control('expire-session', { shop: shop.key })
  await assert.rejects(runTradeList(await context()), { kind: 'reauthorise' })
  const shops = await sql<{ auth: string }>`select auth_state as auth from shop`.execute(house.db)
  assert.deepEqual(shops.rows, [{ auth: 'expired' }])
})

test('a shop with trades and refunds of every kind is with us as the platform has it', async () => {
  await using shop = await openShop('paipai', 150)
  await sleep(1100)
  for (const run of [runTradeList, runRefundList]) {
    const opened = await shop.aRun({ firstLoadDays: 2, windowsPerRun: 500 })
    await run({ ...opened, connector: withoutLag(opened.connector) })
  }
  const found = await check({ sandboxUrl: shop.sandbox.url, databaseUrl: shop.databaseUrl })
  assert.deepEqual(found.differences, [])
  assert.deepEqual([found.trades, found.refunds > 0], [150, true])
})

test('deals of more than three months are listed behind the others, and counted with them', async () => {
  await using opened = await openShop('paipai', 0)
  const shop = opened.sandbox.world.shops[0] ?? assert.fail()
  const { connector, call } = await opened.aRun({})
  const { changed, created } = connector.trades
  if (changed.paging !== 'numbered' || created?.paging !== 'numbered') return assert.fail()
  const now = Date.now()
  const window = { from: new Date(now - 120 * 86_400_000), to: new Date(now + 60_000) }
  const old = Math.floor(now / 1000) - 100 * 86_400
  const add = (at: object) => opened.control('trades', { shop: shop.key, status: 'TRADE_FINISHED', ...at })
  for (let n = 0; n < 5; n += 1) await add({ created: old + n })
  for (let n = 0; n < 3; n += 1) await add({})
  for (const list of [changed, created]) {
    const { total = -1 } = await list.page(call, window, { number: 1, size: 1, mode: 'count' })
    assert.equal(total, shop.trades.size)
    for (const size of [1, 2, 3, 4, 7, 20]) {
      const tids: string[] = []
      for (let number = 1, hasNext = true; hasNext; number += 1) {
        const page = await list.page(call, window, { number, size, mode: 'rows' })
        tids.push(...page.items.map((item) => ('tid' in item ? item.tid : '')))
        assert.equal(page.items.length, Math.min(size, total - (number - 1) * size))
        hasNext = page.hasNext
      }
      assert.deepEqual(tids.toSorted(), [...shop.trades.keys()].toSorted())
    }
  }
})
