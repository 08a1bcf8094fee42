import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { runTradeList } from '../server/intake/downloads/streams.ts'
import {
  agree,
  anAppShop,
  authOf,
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

// A shop of Douyin from its first token to the write-back: receivers are masked, parcels have pieces, and evidence is an address.
const shop = await anAppShop('doudian')
const { house } = shop

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
  const { trade, staged } = await firstStaged(shop, { type: 'fixed' })
  const oids = trade.lines.map(({ oid }) => oid)
  assert.equal(oids[0], trade.tid)
  assert.deepEqual(staged, [{ tid: trade.tid, state: 'staged', status: 'paid', oids }])
})

test('an order is shipped and written back with its pieces, once', async () => {
  await writtenBackOnce(house)
})

test('a write-back whose answer was lost is found, and not sent again', async () => {
  await foundAfterLostAnswer(house, 'order.logisticsAddMultiPack')
})

test('a refund is agreed to, another refused with the address of its evidence, and a remark keeps its flag', async () => {
  const [paid, noted] = [await house.order({ lines: 1 }), await house.order({ lines: 1 })]
  const sent = await writtenBack(house, 1)
  const [ofPaid = assert.fail(), ofSent = assert.fail()] = await openedRefunds(shop, [paid, sent])
  const proofUrl = 'https://example.com/proof.jpg'
  await agree(house, ofPaid)
  await refuse(house, ofSent, { reasonId: '4', message: '影响二次销售', proofUrl })
  await writeMemo(house, noted, { memo: '等买家', flag: 2 })
  await sendAnswers(house)
  const [agreed, refused] = [paid, sent].map(({ tid }) => house.trade(tid).refunds[0]?.status)
  assert.deepEqual([agreed, refused], ['SUCCESS', 'SELLER_REFUSE_BUYER'])
  assert.deepEqual([house.trade(noted.tid).memo, house.trade(noted.tid).flag], ['等买家', 2])
  const refusal = house.sandbox.world.deeds.find(({ action }) => action === 'refuse')
  assert.deepEqual([refusal?.detail.proof, refusal?.detail.reason], [proofUrl, '4'])
})

test('a token that the platform refuses is issued anew, and the shop stays live', async () => {
  await runTradeList(await withEndedToken(shop))
  assert.deepEqual(await authOf(house), ['live'])
})

test('a shop with trades and refunds of every kind is with us as the platform has it', async () => {
  const { found } = await comparedWithItsBooks('doudian', 150)
  assert.deepEqual([found.differences, found.trades, found.refunds > 0], [[], 150, true])
})
