import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pdd, taobao, tmall } from '../testing.ts'
import { pay } from './change.ts'
import { advance, populate } from './life.ts'
import { dividedFee, payment, type Shop, type Trade } from './model.ts'
import { countBetween, filteredBetween, newestBetween } from './modified-log.ts'
import { agreeRefund, openRefund, reopenRefund, returnGoods, succeedRefund } from './refund.ts'
import { createTrade } from './trade.ts'
import { createWorld, manualClock, nowSeconds, type World } from './world.ts'

const START = Date.UTC(2026, 10, 24, 4)

function smallWorld(seed = 'w'): { world: World; clock: ReturnType<typeof manualClock>; shops: Shop[] } {
  const clock = manualClock(START)
  const world = createWorld(seed, [tmall, taobao, pdd], clock)
  for (const shop of world.shops) populate(world, shop, 400, 5 * 86_400)
  return { world, clock, shops: world.shops }
}

const first = (shops: Shop[]): Shop => {
  const [shop] = shops
  if (shop === undefined) throw new Error('no shop')
  return shop
}

const picture = (world: World) =>
  world.shops.flatMap((shop) =>
    [...shop.trades.values()].map((trade) =>
      [trade.tid, trade.status, payment(trade), trade.modified, trade.receiver.name].join(),
    ),
  )

test('the same seed and clock build and live the same world', () => {
  const a = smallWorld()
  const b = smallWorld()
  for (const { world, clock } of [a, b]) {
    clock.advance(60_000)
    advance(world, 300, 50)
  }
  assert.deepEqual(picture(a.world), picture(b.world))
  assert.notDeepEqual(picture(a.world), picture(smallWorld('other').world))
})

test('money adds up to the fen on every trade', () => {
  const { shops } = smallWorld()
  for (const shop of shops) {
    for (const trade of shop.trades.values()) {
      const parts = trade.lines.map(dividedFee)
      assert.equal(payment(trade), parts.reduce((a, b) => a + b, 0) + trade.postFee)
      assert.ok(Number.isSafeInteger(payment(trade)) && parts.every((part) => part > 0), trade.tid)
    }
  }
})

test('nothing has happened in the future, and things happened in order', () => {
  const { world, shops } = smallWorld()
  const now = nowSeconds(world)
  for (const trade of shops.flatMap((shop) => [...shop.trades.values()])) {
    assert.ok(trade.modified <= now && trade.created <= trade.modified, trade.tid)
    for (const time of [trade.paid, trade.consigned, trade.ended]) {
      assert.ok(time === 0 || (time >= trade.created && time <= now), trade.tid)
    }
  }
})

test('numbers are unique, nineteen digits on Taobao, and too large for a double', () => {
  const { shops } = smallWorld()
  const numbers = shops.flatMap((shop) =>
    shop.platform === 'pinduoduo' ? [] : [...shop.trades.values()].flatMap((t) => t.lines.map((l) => l.oid)),
  )
  assert.equal(new Set(numbers).size, numbers.length)
  assert.ok(numbers.every((number) => /^\d{19}$/.test(number) && !Number.isSafeInteger(Number(number))))
})

test('whatever happened, the log gives each trade once and in order', () => {
  const { world, clock, shops } = smallWorld()
  const shop = first(shops)
  for (let i = 0; i < 40; i++) {
    clock.advance(700)
    advance(world, 400, 5, shop)
  }
  const now = nowSeconds(world)
  const from = now - 20
  const truth = [...shop.trades.values()].filter((trade) => trade.modified >= from)
  assert.equal(countBetween(shop.tradeLog, { from, to: now }), truth.length)
  const paged: Trade[] = []
  for (let skip = 0; skip < truth.length; skip += 7) {
    paged.push(...newestBetween(shop.tradeLog, { from, to: now }, { skip, limit: 7 }))
  }
  assert.deepEqual(new Set(paged.map((t) => t.tid)), new Set(truth.map((t) => t.tid)))
  assert.equal(paged.length, truth.length)
  assert.ok(paged.every((trade, i) => i === 0 || trade.modified <= (paged[i - 1]?.modified ?? 0)))
  const waiting = filteredBetween(
    shop.tradeLog,
    { from: 0, to: now },
    'w',
    (t) => t.status === 'WAIT_BUYER_PAY',
  )
  assert.equal(waiting.length, [...shop.trades.values()].filter((t) => t.status === 'WAIT_BUYER_PAY').length)
})

test('a presale pays its deposit, then its rest', () => {
  const { world, shops } = smallWorld()
  const trade = createTrade(world, first(shops), {
    type: 'step',
    status: 'WAIT_BUYER_PAY',
    stepStatus: 'FRONT_NOPAID_FINAL_NOPAID',
  })
  assert.ok(pay(world, trade))
  assert.deepEqual([trade.status, trade.stepStatus], ['WAIT_BUYER_PAY', 'FRONT_PAID_FINAL_NOPAID'])
  assert.ok(pay(world, trade))
  assert.deepEqual([trade.status, trade.stepStatus], ['WAIT_SELLER_SEND_GOODS', 'FRONT_PAID_FINAL_PAID'])
  assert.equal(trade.stepPaid, payment(trade))
  assert.equal(pay(world, trade), false)
})

test('a refund reopens with a higher version, and the last whole one closes the trade', () => {
  const { world, shops } = smallWorld()
  const trade = createTrade(world, first(shops), {
    lines: 2,
    type: 'fixed',
    status: 'WAIT_SELLER_SEND_GOODS',
  })
  const [a, b] = trade.lines
  if (a === undefined || b === undefined) throw new Error('two lines wanted')
  const refund = openRefund(world, trade, a, { kind: 'REFUND', fee: dividedFee(a) })
  const version = refund.version
  assert.ok(reopenRefund(world, refund, dividedFee(a) - 1))
  assert.ok(refund.version > version)
  assert.ok(agreeRefund(world, refund))
  assert.deepEqual([refund.status, a.status], ['SUCCESS', 'WAIT_SELLER_SEND_GOODS'])
  assert.ok(succeedRefund(world, openRefund(world, trade, a, { kind: 'REFUND', fee: 1 })))
  assert.deepEqual([a.status, trade.status], ['TRADE_CLOSED', 'WAIT_SELLER_SEND_GOODS'])
  const back = openRefund(world, trade, b, { kind: 'REFUND_AND_RETURN', fee: dividedFee(b) })
  assert.ok(agreeRefund(world, back))
  assert.equal(back.status, 'WAIT_BUYER_RETURN_GOODS')
  assert.ok(returnGoods(world, back) && agreeRefund(world, back))
  assert.deepEqual([back.status, trade.status], ['SUCCESS', 'TRADE_CLOSED'])
})

test('silence consents: an open refund past its deadline succeeds', () => {
  const { world, clock, shops } = smallWorld()
  const trade = createTrade(world, first(shops), { type: 'fixed', status: 'WAIT_SELLER_SEND_GOODS' })
  const [line] = trade.lines
  if (line === undefined) throw new Error('a line wanted')
  const refund = openRefund(world, trade, line, { kind: 'REFUND', deadlineIn: 60 })
  clock.advance(61_000)
  advance(world, 0, 0)
  assert.equal(refund.status, 'SUCCESS')
})
