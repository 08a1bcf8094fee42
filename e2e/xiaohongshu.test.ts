import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { runTradeList } from '../server/intake/downloads/streams.ts'
import {
  agree,
  anAppShop,
  answersAt,
  assertLinesOfOrderAndSku,
  assertRefundStopsWriteBack,
  authOf,
  comparedWithItsBooks,
  foundAfterLostAnswer,
  openedRefunds,
  reasonsToRefuse,
  refuse,
  sendAnswers,
  takenBack,
  withEndedToken,
  writeMemo,
  writtenBack,
  writtenBackOnce,
} from './app-shop.ts'

// A shop of Xiaohongshu from its first token to the write-back: lines have no numbers, the receiver is ciphertext that another call gives, and a SKU leaves
// with all its pieces.
const shop = await anAppShop('xiaohongshu')
const { house } = shop

test('a shop connects with the token of its seller, and the platform names it', async () => {
  const shops = await sql<{ auth: string; named: boolean }>`
    select auth_state as auth, platform_shop_id ~ '^[0-9a-f]{24}$' as named from shop`.execute(house.db)
  assert.deepEqual(shops.rows, [{ auth: 'live', named: true }])
})

test('its trades are staged with lines that order and SKU name, in the amounts of the platform', async () => {
  await assertLinesOfOrderAndSku(shop)
})

test('an order is shipped and written back, once', async () => {
  const lines = await writtenBackOnce(house)
  assert.deepEqual(
    lines.map(({ company }) => company),
    ['shunfeng', 'shunfeng'],
  )
})

test('a write-back whose answer was lost is found, and not sent again', async () => {
  await foundAfterLostAnswer(house, 'order.orderDeliver')
})

test('an order with an open after-sale is not written back', async () => {
  const tid = await assertRefundStopsWriteBack(house)
  const [refund = assert.fail()] = house.trade(tid).refunds
  await house.control(`refunds/${refund.id}/close`, {})
})

test('a refund is agreed to, another refused with a reason of the platform, and a remark is written with its flag', async () => {
  const [paid, noted] = [await house.order({ lines: 1 }), await house.order({ lines: 1 })]
  const sent = await writtenBack(house, 1)
  const [ofPaid = assert.fail(), ofSent = assert.fail()] = await openedRefunds(shop, [paid, sent])
  const { reasons, ...proofs } = await reasonsToRefuse(house, ofSent)
  assert.deepEqual(
    [reasons.map(({ id }) => id), proofs],
    [['11', '12'], { proofNeeded: false, proofByUrl: false, proofByFile: false }],
  )
  await agree(house, ofPaid)
  await refuse(house, ofSent, { reasonId: '11', message: '已经发货', proof: undefined })
  await writeMemo(house, noted, { memo: '等买家', flag: 2 })
  await sendAnswers(house)
  const [agreed, refused] = [paid, sent].map(({ tid }) => house.trade(tid).refunds[0]?.status)
  assert.deepEqual([agreed, refused], ['SUCCESS', 'SELLER_REFUSE_BUYER'])
  assert.deepEqual([house.trade(noted.tid).memo, house.trade(noted.tid).flag], ['等买家', 2])
  assert.deepEqual(
    answersAt(house, ({ reason }) => [reason]),
    ['agree true', 'memo true', 'refuse true 11'],
  )
})

test('orders to one receiver are offered to be merged, by the number that the platform gives the receiver', async () => {
  const receiver = {
    ...{ name: '王小明', mobile: '13800001234', address: '一号' },
    ...{ state: '浙江省', city: '杭州市', district: '西湖区', town: '' },
  }
  const same = [await house.order({ lines: 1, receiver }), await house.order({ lines: 1, receiver })]
  const other = await house.order({ lines: 1, receiver: { ...receiver, name: '王大明' } })
  const rows = await sql<{ id: string; hash: number }>`
    select id::text, receiver_hash as hash from sales_order where id = any(${[...same, other].map(({ id }) => id)}::bigint[])`.execute(
    house.db,
  )
  const hashes = [...same, other].map(({ id }) => rows.rows.find((row) => row.id === id)?.hash)
  assert.deepEqual([hashes[0] === hashes[1], hashes[0] === hashes[2]], [true, false])
})

test('a token that ended is renewed, and the shop is named by the answer that gave the token', async () => {
  for (const _ of [1, 2]) await runTradeList(await withEndedToken(shop))
  assert.deepEqual(await authOf(house), ['live'])
  const shops = await sql<{ days: number; until: number }>`
    select ceil(extract(epoch from token_expires_at - now()) / 86400)::int as days,
      ceil(extract(epoch from refresh_expires_at - now()) / 86400)::int as until from shop`.execute(house.db)
  assert.deepEqual(shops.rows, [{ days: 7, until: 14 }])
})

test('an after-sale that is closed is so with us', async () => {
  assert.deepEqual(await takenBack(shop), ['closed', '5'])
})

test('a shop with orders and after-sales of every kind is with us as the platform has it', async () => {
  const { found, platformTrades } = await comparedWithItsBooks('xiaohongshu', 150)
  assert.deepEqual(found.differences, [])
  assert.deepEqual([found.trades, found.refunds > 0], [150, true])
  assert.ok(platformTrades.filter(({ lines }) => lines.length > 1).length > 5)
})
