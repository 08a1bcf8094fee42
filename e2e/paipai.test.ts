import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { runTradeList } from '../server/intake/downloads/streams.ts'
import { outcomesOf } from '../server/intake/refunds/refund-actions.ts'
import {
  agree,
  anAppShop,
  authOf,
  comparedWithItsBooks,
  firstStaged,
  foundAfterLostAnswer,
  madeTrade,
  openedRefunds,
  sendAnswers,
  withEndedToken,
  writeMemo,
  writtenBackOnce,
} from './app-shop.ts'
import { openShop } from './one-shop.ts'

// A shop of Paipai from its pasted token to the write-back: deals leave whole, and refunds are answered on the platform only.
const shop = await anAppShop('paipai')
const { house } = shop

test('a shop connects with its token alone, and its number is that of the seller', async () => {
  const shops = await sql<{ auth: string; number: string; nick: string }>`
    select auth_state as auth, platform_shop_id as number, seller_nick as nick from shop`.execute(house.db)
  assert.deepEqual(shops.rows, [{ auth: 'live', number: '855000188', nick: '山隅家居拍拍店' }])
})

test('its trades are staged with the numbers of their lines, and with a receiver that nobody masked', async () => {
  const { trade, staged } = await firstStaged(shop)
  const { tid, lines, receiver } = trade
  assert.match(tid, /^855000188-\d{8}-\d{10}$/)
  assert.deepEqual(staged, [{ tid, state: 'staged', status: 'paid', oids: lines.map(({ oid }) => oid) }])
  const { connector, call } = await shop.context()
  const detail = await connector.trades.detail(call, tid)
  assert.ok(detail && 'trade' in detail)
  const { name, mobile, province, city, district, address, token } = detail.trade.receiver
  assert.deepEqual(
    [name, mobile, province, city, district, address, token],
    [receiver.name, receiver.mobile, receiver.state, receiver.city, receiver.district, receiver.address, ''],
  )
})

test('a deal of more than three months is still found by its number', async () => {
  const created = Math.floor(Date.now() / 1000) - 100 * 86_400
  const tid = await madeTrade(house, { status: 'TRADE_FINISHED', created })
  const { connector, call } = await shop.context()
  const detail = await connector.trades.detail(call, tid)
  assert.deepEqual(detail && 'trade' in detail && [detail.trade.tid, detail.trade.status], [tid, 'finished'])
  assert.equal(await connector.trades.detail(call, `${tid}9`), undefined)
})

test('an order is shipped whole and written back once', async () => {
  const lines = await writtenBackOnce(house)
  assert.deepEqual(
    lines.map(({ company }) => company),
    ['顺丰速运', '顺丰速运'],
  )
})

test('a write-back whose answer was lost is found, and not sent again', async () => {
  await foundAfterLostAnswer(house, 'deal/sellerConsignDealItem')
})

test('a refund comes in and is not agreed to from here; a note replaces the one before and keeps its label', async () => {
  const [paid, noted] = [await house.order({ lines: 1 }), await house.order({ lines: 1, flag: 3 })]
  const [refund = assert.fail()] = await openedRefunds(shop, [paid])
  assert.equal(refund.word, 'DS_REFUND_ALL_WAIT_SELLER_AGREE')
  const [outcome] = outcomesOf([refund.seen], await agree(house, refund))
  assert.deepEqual(outcome && !outcome.done && outcome.code, 'unsupported_by_platform')
  await writeMemo(house, noted, { memo: '等买家' })
  await sendAnswers(house)
  assert.equal(house.trade(paid.tid).refunds[0]?.status, 'WAIT_SELLER_AGREE')
  assert.deepEqual([house.trade(noted.tid).memo, house.trade(noted.tid).flag], ['等买家', 3])
})

test('a token that the platform refuses ends the authorisation, because no call renews it', async () => {
  await assert.rejects(runTradeList(await withEndedToken(shop)), { kind: 'reauthorise' })
  assert.deepEqual(await authOf(house), ['expired'])
})

test('a shop with trades and refunds of every kind is with us as the platform has it', async () => {
  const { found } = await comparedWithItsBooks('paipai', 150)
  assert.deepEqual([found.differences, found.trades, found.refunds > 0], [[], 150, true])
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
