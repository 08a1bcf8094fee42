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
  assertGivenBackStopsWriteBack,
  assertLinesOfPlatform,
  assertRefundOfSeller,
  authOf,
  comparedWithItsBooks,
  foundAfterLostAnswer,
  madeTrade,
  memoComesBack,
  refuse,
  sendAnswers,
  withEndedToken,
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
  await assertLinesOfPlatform(shop)
})

test('an order is shipped and written back, once, with the courier as its buyer knows it', async () => {
  const [line = assert.fail()] = await writtenBackOnce(house)
  assert.equal(line.company, '顺丰速运')
})

test('a write-back whose answer was lost is found, and the parcel is not sent again', async () => {
  await foundAfterLostAnswer(house, 'FulfillmentCreate')
})

test('an order whose money the seller gave back is not written back', async () => {
  await assertGivenBackStopsWriteBack(house)
})

test('a refund of the seller comes with its line, as paid back', async () => {
  await assertRefundOfSeller(shop)
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
  const { there, here } = await memoComesBack(house, noted, '等买家')
  assert.deepEqual([there, house.trade(noted.tid).message], ['等买家', '周末送'])
  assert.deepEqual(here, [{ memo: '等买家', message: '周末送', flag: 0 }])
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
