import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { runRefundList } from '../server/intake/downloads/streams.ts'
import {
  anAppShop,
  comparedWithItsBooks,
  firstStaged,
  foundAfterLostAnswer,
  sendAnswers,
  writeMemo,
  writtenBackOnce,
} from './app-shop.ts'

// A shop of WooCommerce from its key to the write-back: a site of the seller's own, whose refunds are final and whose orders leave whole.
const shop = await anAppShop('woocommerce')
const { house } = shop

test('a shop connects with its key, and is named by its site', async () => {
  const shops = await sql<{ auth: string; site: string }>`
    select auth_state as auth, platform_shop_id as site from shop`.execute(house.db)
  assert.deepEqual(shops.rows, [{ auth: 'live', site: new URL(house.sandbox.url).hostname }])
})

test('its trades are staged with the lines, the amounts and the plain receiver of the site', async () => {
  const { trade, staged } = await firstStaged(shop, { type: 'fixed', postFee: 600 })
  const oids = trade.lines.map(({ oid }) => oid)
  assert.deepEqual(staged, [{ tid: trade.tid, state: 'staged', status: 'paid', oids }])
  const paid = trade.lines.map(
    ({ price, num, discount, adjust, share }) => price * num + adjust - discount - share,
  )
  const money = await sql<{ paid: number[]; freight: number }>`
    select array(select (l ->> 'paymentFen')::int from jsonb_array_elements(g.lines) l) as paid, t.post_fee_fen::int as freight
    from staged_trade t join staged_trade_lines g on g.trade_id = t.id`.execute(house.db)
  assert.deepEqual(money.rows, [{ paid, freight: 600 }])
})

test('an order is shipped and written back, once, and the buyer gets a note with the number', async () => {
  const [line = assert.fail()] = await writtenBackOnce(house)
  assert.equal(line.company, '顺丰速运')
  const notes = house.sandbox.world.deeds.filter(({ action }) => action === 'tell')
  assert.deepEqual(
    notes.map(({ detail }) => detail.memo),
    [`已发货：顺丰速运 ${line.waybill}`],
  )
})

test('a write-back whose answer was lost is found, and neither parcel nor note is sent again', async () => {
  await foundAfterLostAnswer(house, 'PUT orders/n')
  assert.equal(house.sandbox.world.deeds.filter(({ action }) => action === 'tell').length, 2)
})

test('an order whose money the seller gave back is not written back', async () => {
  const { id, tid } = await house.shipped({ lines: 1 })
  await house.control('refunds', { tid, kind: 'REFUND', num: house.trade(tid).lines[0]?.num })
  house.outbox()
  const state = await house.settled(id)
  assert.deepEqual([state.writeBack, state.errorCode], ['failed', 'refund_open'])
  assert.deepEqual(
    house.trade(tid).lines.map(({ status, shipments }) => [status, shipments]),
    [['TRADE_CLOSED', 0]],
  )
})

test('a refund of the seller comes with its line, as paid back', async () => {
  const { tid } = await house.order({ lines: 2 })
  const [line = assert.fail()] = house.trade(tid).lines
  await house.control('refunds', { tid, kind: 'REFUND', num: line.num })
  await sleep(1100)
  await runRefundList(await shop.context())
  const { rows } = await sql<{ oid: string; status: string; kind: string }>`
    select oid, status, kind from staged_refund where tid = ${tid}`.execute(house.db)
  assert.deepEqual(rows, [{ oid: line.oid, status: 'succeeded', kind: 'refund_only' }])
})

test('a remark is added as a note of the shop', async () => {
  const noted = await house.order({ lines: 1 })
  await writeMemo(house, noted, { memo: '等买家', flag: 0 })
  await sendAnswers(house)
  assert.equal(house.trade(noted.tid).memo, '等买家')
  await house.download(noted.tid)
  const { rows } = await sql<{ memo: string; flag: number }>`
    select seller_memo as memo, flag from staged_trade where tid = ${noted.tid}`.execute(house.db)
  assert.deepEqual(rows, [{ memo: '等买家', flag: 0 }])
})

test('a shop with orders and refunds of every kind is with us as the site has it', async () => {
  const { found, platformTrades } = await comparedWithItsBooks('woocommerce', 150)
  assert.deepEqual(found.differences, [])
  assert.deepEqual([found.trades, found.refunds > 0], [150, true])
  assert.ok(platformTrades.filter(({ lines }) => lines.length > 1).length > 5)
})
