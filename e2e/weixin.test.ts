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
  writtenBackOnce,
} from './app-shop.ts'

// A shop of WeChat from its first token to the write-back: its lists give numbers only, and its lines have none.
const shop = await anAppShop('weixin')
const { house } = shop

test('a shop connects with its app alone: the platform issues the token and names the shop', async () => {
  const shops = await sql<{ auth: string; named: boolean; short: boolean; nick: string }>`
    select auth_state as auth, platform_shop_id like 'gh_%' as named, seller_nick as nick,
      token_expires_at < now() + interval '3 hours' as short
    from shop`.execute(house.db)
  assert.deepEqual(shops.rows, [{ auth: 'live', named: true, short: true, nick: '山隅家居微信小店' }])
})

test('its trades are staged by their numbers, with lines that have none on the platform', async () => {
  const { trade, staged } = await firstStaged(shop)
  const oids = trade.lines.map(({ oid }) => oid)
  assert.deepEqual(staged, [{ tid: trade.tid, state: 'staged', status: 'paid', oids }])
})

test('an order is shipped and written back with its pieces, once', async () => {
  await writtenBackOnce(house)
})

test('a write-back whose answer was lost is found, and not sent again', async () => {
  await foundAfterLostAnswer(house, 'order/delivery/send')
})

test('a refund is agreed to and another refused, with the reasons of the platform, and a note replaces the one before', async () => {
  const [paid, kept] = [await house.order({ lines: 1 }), await house.order({ lines: 1 })]
  const [ofPaid = assert.fail(), ofKept = assert.fail()] = await openedRefunds(shop, [paid, kept])
  const reasons = await refuseReasons(await shop.context())
  assert.deepEqual(reasons[0], { id: '6', text: '买家误操作/已协商取消申请' })
  await agree(house, ofPaid)
  await refuse(house, ofKept, { reasonId: '6', message: '已协商' })
  await writeMemo(house, kept, { memo: '等买家', flag: 2 })
  await sendAnswers(house)
  const [agreed, refused] = [paid, kept].map(({ tid }) => house.trade(tid).refunds[0]?.status)
  assert.deepEqual([agreed, refused], ['SUCCESS', 'SELLER_REFUSE_BUYER'])
  assert.deepEqual([house.trade(kept.tid).memo, house.trade(kept.tid).flag], ['等买家', 0])
})

async function refuseReasons({ connector, call }: Awaited<ReturnType<typeof shop.context>>) {
  const refund = { refundId: '1', tid: '1', oid: '', phase: 'onsale', version: '' } as const
  return (await connector.actions.refuseReasons?.(call, refund)) ?? []
}

test('a token that the platform refuses is issued anew, and the shop stays live', async () => {
  await runTradeList(await withEndedToken(shop))
  assert.deepEqual(await authOf(house), ['live'])
})

test('a shop with trades and refunds of every kind is with us as the platform has it', async () => {
  const { found } = await comparedWithItsBooks('weixin', 150)
  assert.deepEqual([found.differences, found.trades, found.refunds > 0], [[], 150, true])
})
