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
  assertLinesOfOrderAndSku,
  assertRefundStopsWriteBack,
  authOf,
  comparedWithItsBooks,
  foundAfterLostAnswer,
  reasonsToRefuse,
  refuse,
  sendAnswers,
  takenBack,
  withEndedToken,
  writeMemo,
  writtenBackOnce,
} from './app-shop.ts'

// A shop of 京东 from its first token to the write-back: lines have no numbers and no payments, an order leaves whole, an application to cancel is of a
// whole order, and a token is renewed within its last day only.
const shop = await anAppShop('jd')
const { house, context } = shop

test('a shop connects with the token of its seller, and the platform names it', async () => {
  const shops = await sql<{ auth: string; named: boolean; nick: string }>`
    select auth_state as auth, platform_shop_id ~ '^[0-9]{8}$' as named, seller_nick as nick from shop`.execute(
    house.db,
  )
  assert.deepEqual(shops.rows, [{ auth: 'live', named: true, nick: '山隅家居京东旗舰店' }])
})

test('its trades are staged with lines that order and SKU name, whose money is spread', async () => {
  await assertLinesOfOrderAndSku(shop)
})

test('an order is shipped and written back whole, once', async () => {
  const lines = await writtenBackOnce(house)
  assert.deepEqual(
    lines.map(({ company }) => company),
    ['467', '467'],
  )
})

test('a write-back whose answer was lost is found, and not sent again', async () => {
  await foundAfterLostAnswer(house, 'jingdong.pop.order.shipment')
})

test('an order whose buyer wants to cancel is locked: its parcel is not written back', async () => {
  await assertRefundStopsWriteBack(house)
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
  const staged = await sql<{ tid: string; pieces: number; word: string; seen: Seen }>`
    select tid, quantity as pieces, platform_status as word,
      json_build_object('id', id::text, 'version', version::text, 'amountFen', amount_fen) as seen
    from staged_refund where status = 'applied' and oid = '' order by id`.execute(house.db)
  const openOf = ({ tid }: { tid: string }) => {
    const refund = staged.rows.find((row) => row.tid === tid) ?? assert.fail('no refund')
    const { lines } = house.trade(tid)
    assert.equal(
      refund.pieces,
      lines.reduce((sum, { num }) => sum + num, 0),
    )
    return refund
  }
  // It takes no picture with a refusal, so none is asked for.
  const { reasons, ...proofs } = await reasonsToRefuse(house, openOf(kept))
  assert.deepEqual(
    [reasons.length, proofs],
    [6, { proofNeeded: false, proofByUrl: false, proofByFile: false }],
  )
  await agree(house, openOf(paid))
  await refuse(house, openOf(kept), { reasonId: '4', message: '客户愿意收货', proof: undefined })
  await writeMemo(house, noted, { memo: '等买家', flag: 2 })
  await sendAnswers(house)
  const [agreed, refused] = [paid, kept].map(({ tid }) => house.trade(tid).refunds[0]?.status)
  assert.deepEqual([agreed, refused], ['SUCCESS', 'SELLER_REFUSE_BUYER'])
  assert.deepEqual(
    house.trade(paid.tid).lines.map(({ status }) => status),
    ['TRADE_CLOSED', 'TRADE_CLOSED'],
  )
  assert.deepEqual([house.trade(noted.tid).memo, house.trade(noted.tid).flag], ['等买家', 2])
  assert.deepEqual(
    answersAt(house, ({ reason, left }) => [reason, left]),
    ['agree true 2', 'memo true', 'refuse true 4 2'],
  )
})

test('an application that the buyer takes back is closed, though neither of its times moves', async () => {
  assert.deepEqual(await takenBack(shop), ['closed', '11'])
})

test('a token is renewed in its last hours; one that has ended is not, and the seller must agree again', async () => {
  const [session] = [...house.sandbox.world.sessions.values()]
  const soon = Math.floor(Date.now() / 1000) + 60_000
  Object.assign(session ?? {}, { expires: soon })
  await sql`update shop set token_expires_at = to_timestamp(${soon})`.execute(house.db)
  await runTradeList(await context())
  const renewed = await sql<{ auth: string; days: number; until: number }>`
    select auth_state as auth, ceil(extract(epoch from token_expires_at - now()) / 86400)::int as days,
      ceil(extract(epoch from refresh_expires_at - now()) / 86400)::int as until from shop`.execute(house.db)
  assert.deepEqual(renewed.rows, [{ auth: 'live', days: 30, until: 30 }])
  // A list that was read within this second asks for nothing.
  await sleep(1100)
  const late = await withEndedToken(shop)
  await assert.rejects(async () => runTradeList(late))
  assert.deepEqual(await authOf(house), ['expired'])
})

test('a shop with orders and applications of every kind is with us as the platform has it', async () => {
  const { found, platformTrades } = await comparedWithItsBooks('jd', 150)
  assert.deepEqual(found.differences, [])
  assert.deepEqual([found.trades, found.refunds > 0], [150, true])
  assert.ok(platformTrades.filter(({ lines }) => lines.length > 1).length > 5)
})
