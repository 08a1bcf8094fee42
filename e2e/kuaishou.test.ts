import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { runTradeList } from '../server/intake/downloads/streams.ts'
import {
  agree,
  anAppShop,
  comparedWithItsBooks,
  firstStaged,
  foundAfterLostAnswer,
  openedRefunds,
  refuse,
  sendAnswers,
  withEndedToken,
  writeMemo,
  writtenBack,
  writtenBackOnce,
} from './app-shop.ts'

// A shop of Kuaishou from its first token to the write-back: an order has one SKU and gifts, lists have a cursor and no total, and notes pile up.
const shop = await anAppShop('kuaishou')
const { house } = shop

test('a shop connects with the token of its seller, and the platform names it', async () => {
  const shops = await sql<{ auth: string; named: boolean; nick: string }>`
    select auth_state as auth, platform_shop_id ~ '^[0-9]{10}$' as named, seller_nick as nick from shop`.execute(
    house.db,
  )
  assert.deepEqual(shops.rows, [{ auth: 'live', named: true, nick: '山隅家居快手店' }])
})

test('its trades are staged with their gifts, whose lines cost nothing and have numbers of their own', async () => {
  const { trade, staged } = await firstStaged(shop, { type: 'fixed' })
  const oids = trade.lines.map(({ oid }) => oid)
  assert.equal(oids[0], trade.tid)
  assert.deepEqual(staged, [{ tid: trade.tid, state: 'staged', status: 'paid', oids }])
  const gifts = await sql<{
    paid: string
  }>`select lines -> 1 ->> 'paymentFen' as paid from staged_trade_lines`.execute(house.db)
  assert.deepEqual(gifts.rows, [{ paid: '0' }])
})

test('an order is shipped and written back with its gift, once', async () => {
  const lines = await writtenBackOnce(house)
  assert.deepEqual(
    lines.map(({ company }) => company),
    ['4', '4'],
  )
})

test('a write-back whose answer was lost is found, and not sent again', async () => {
  await foundAfterLostAnswer(house, 'open.seller.order.goods.deliver')
})

test('a refund is agreed to, another refused with the address of its evidence, and a note is added with its flag', async () => {
  const [paid, noted] = [await house.order({ lines: 1 }), await house.order({ lines: 1 })]
  const sent = await writtenBack(house, 1)
  const [ofPaid = assert.fail(), ofSent = assert.fail()] = await openedRefunds(shop, [paid, sent])
  const proofUrl = 'https://example.com/proof.jpg'
  await agree(house, ofPaid)
  await refuse(house, ofSent, { reasonId: '102', message: '影响二次销售', proofUrl })
  await writeMemo(house, noted, { memo: '等买家', flag: 2 })
  await sendAnswers(house)
  const [agreed, refused] = [paid, sent].map(({ tid }) => house.trade(tid).refunds[0]?.status)
  assert.deepEqual([agreed, refused], ['SUCCESS', 'SELLER_REFUSE_BUYER'])
  assert.deepEqual([house.trade(noted.tid).memo, house.trade(noted.tid).flag], ['等买家', 2])
  const refusal = house.sandbox.world.deeds.find(({ action }) => action === 'refuse')
  assert.deepEqual([refusal?.detail.proof, refusal?.detail.reason], [proofUrl, '102'])
  const notes = house.sandbox.world.deeds.filter(({ action }) => action === 'memo')
  assert.equal(notes.length, 1)
})

test('a refund that was answered on the platform meanwhile keeps the words for it, not the number of an error', async () => {
  const order = await house.order({ lines: 1 })
  const [refund = assert.fail()] = await openedRefunds(shop, [order])
  await house.control(`refunds/${house.trade(order.tid).refunds[0]?.id}/agree`, {})
  await refuse(house, refund, { reasonId: '102', message: '影响二次销售', proofUrl: '' })
  await sendAnswers(house)
  const kept = await sql<{ state: string; error: string }>`
    select state, error from staged_refund where id = ${refund.seen.id}`.execute(house.db)
  assert.deepEqual(kept.rows, [{ state: 'staged', error: 'refund_changed' }])
})

test('a token that ended is renewed with the refresh token, which is good once, and the shop stays live', async () => {
  for (const _ of [1, 2]) await runTradeList(await withEndedToken(shop))
  const shops = await sql<{ auth: string; days: number }>`
    select auth_state as auth, ceil(extract(epoch from token_expires_at - now()) / 86400)::int as days
    from shop`.execute(house.db)
  assert.deepEqual(shops.rows, [{ auth: 'live', days: 2 }])
})

test('a shop with trades and refunds of every kind is with us as the platform has it', async () => {
  const { found, platformTrades } = await comparedWithItsBooks('kuaishou', 150)
  assert.deepEqual([found.differences, found.trades, found.refunds > 0], [[], 150, true])
  assert.ok(platformTrades.filter(({ lines }) => lines.length > 1).length > 5)
})
