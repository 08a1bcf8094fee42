import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import {
  anAppShop,
  assertGivenBackStopsWriteBack,
  assertLinesOfPlatform,
  assertRefundOfSeller,
  comparedWithItsBooks,
  foundAfterLostAnswer,
  memoComesBack,
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
  await assertLinesOfPlatform(shop)
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
  await assertGivenBackStopsWriteBack(house)
})

test('a refund of the seller comes with its line, as paid back', async () => {
  await assertRefundOfSeller(shop)
})

test('a remark is added as a note of the shop', async () => {
  const { there, here } = await memoComesBack(house, await house.order({ lines: 1 }), '等买家')
  assert.deepEqual([there, here], ['等买家', [{ memo: '等买家', message: '', flag: 0 }]])
})

test('a shop with orders and refunds of every kind is with us as the site has it', async () => {
  const { found, platformTrades } = await comparedWithItsBooks('woocommerce', 150)
  assert.deepEqual(found.differences, [])
  assert.deepEqual([found.trades, found.refunds > 0], [150, true])
  assert.ok(platformTrades.filter(({ lines }) => lines.length > 1).length > 5)
})
