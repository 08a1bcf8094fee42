import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { runRefundList, runTradeList } from '../server/intake/downloads/streams.ts'
import type { Seen } from '../server/intake/refunds/refund-actions.ts'
import {
  agree,
  anAppShop,
  answersAt,
  authOf,
  comparedWithItsBooks,
  firstStaged,
  foundAfterLostAnswer,
  madeTrade,
  refuse,
  sendAnswers,
  withEndedToken,
  writeMemo,
  writtenBackOnce,
} from './app-shop.ts'

// A shop of Shopify from its first token to the write-back: tokens for the app's own credentials, a list without a count, parcels with their pieces.
const shop = await anAppShop('shopify')
const { house } = shop

test('a shop connects with the credentials of its app, and is named by the name that the platform gave it', async () => {
  const shops = await sql<{ auth: string; site: string }>`
    select auth_state as auth, platform_shop_id as site from shop`.execute(house.db)
  assert.deepEqual(shops.rows, [{ auth: 'live', site: 'shanyu-shopify.myshopify.com' }])
})

test('its trades are staged with the lines, the amounts and the plain receiver of the platform', async () => {
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

test('an order is shipped and written back, once, with the courier as its buyer knows it', async () => {
  const [line = assert.fail()] = await writtenBackOnce(house)
  assert.equal(line.company, '顺丰速运')
})

test('a write-back whose answer was lost is found, and the parcel is not sent again', async () => {
  await foundAfterLostAnswer(house, 'FulfillmentCreate')
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

test('a return that a buyer asks for is approved or declined, and has succeeded once its money was given back', async () => {
  const ids: string[] = []
  for (const tid of [await madeTrade(house, { lines: 1 }), await madeTrade(house, { lines: 1 })]) {
    await house.control(`trades/${tid}/ship`)
    await house.control('refunds', { tid, kind: 'REFUND_AND_RETURN' })
    ids.push(house.trade(tid).refunds[0]?.id ?? assert.fail())
  }
  ids.sort()
  const listed = async () => {
    await sleep(1100)
    await runTradeList(await shop.context())
    await runRefundList(await shop.context())
    const { rows } = await sql<{ no: string; status: string; kind: string; word: string; seen: Seen }>`
      select refund_no as no, status, kind, platform_status as word,
        json_build_object('id', id::text, 'version', version::text, 'amountFen', amount_fen) as seen
      from staged_refund where refund_no = any(${ids}::text[]) order by refund_no collate "C"`.execute(
      house.db,
    )
    return rows
  }
  const [first = assert.fail(), second = assert.fail()] = await listed()
  assert.deepEqual(
    [first, second].map(({ status, kind, word }) => [status, kind, word]),
    [
      ['applied', 'return', 'REQUESTED'],
      ['applied', 'return', 'REQUESTED'],
    ],
  )
  await agree(house, first)
  await refuse(house, second, { reasonId: 'FINAL_SALE', message: '清仓品不退' })
  await sendAnswers(house)
  assert.deepEqual(
    answersAt(house, ({ reason, message }) => [reason, message]).filter((one) => !one.startsWith('memo')),
    ['agree true', 'refuse true FINAL_SALE 清仓品不退'],
  )
  await house.control(`refunds/${first.no}/return`)
  await house.control(`refunds/${first.no}/succeed`)
  assert.deepEqual(
    (await listed()).map(({ no, status, word }) => [no, status, word]),
    [
      [first.no, 'succeeded', 'CLOSED'],
      [second.no, 'refused', 'DECLINED'],
    ],
  )
})

test('a remark is written beside the note of the buyer, and comes back as the seller’s', async () => {
  const noted = await house.order({ lines: 1, message: '周末送' })
  await writeMemo(house, noted, { memo: '等买家', flag: 0 })
  await sendAnswers(house)
  assert.deepEqual([house.trade(noted.tid).memo, house.trade(noted.tid).message], ['等买家', '周末送'])
  await house.download(noted.tid)
  const { rows } = await sql<{ memo: string; message: string; flag: number }>`
    select seller_memo as memo, buyer_message as message, flag from staged_trade where tid = ${noted.tid}`.execute(
    house.db,
  )
  assert.deepEqual(rows, [{ memo: '等买家', message: '周末送', flag: 0 }])
})

test('a token that ended is replaced by the next one, and nobody is asked to authorise', async () => {
  const context = await withEndedToken(shop)
  await runRefundList(context)
  assert.deepEqual(await authOf(house), ['live'])
})

test('a shop with orders and refunds of every kind is with us as the platform has it', async () => {
  const { found, platformTrades } = await comparedWithItsBooks('shopify', 150)
  assert.deepEqual(found.differences, [])
  assert.deepEqual([found.trades, found.refunds > 0], [150, true])
  assert.ok(platformTrades.filter(({ lines }) => lines.length > 1).length > 5)
})
