import assert from 'node:assert/strict'
import { mkdtempSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { demoShops } from './demo-shops.ts'
import { keepSandbox } from './keeping.ts'
import { type RunningSandbox, startSandbox } from './server.ts'
import { NOON, tmall, top, valuesOf } from './testing.ts'
import { advance } from './world/life.ts'
import type { ShopOptions } from './world/model.ts'
import { addParcel, openParcels } from './world/sent-parcels.ts'
import { issueTokens, manualClock } from './world/world.ts'

const clock = manualClock(NOON * 1000)
const path = () => join(mkdtempSync(join(tmpdir(), 'kept-')), 'simulator.bin')
const start = (keptIn: string, shops: readonly ShopOptions[] = demoShops) =>
  startSandbox({ port: 0, seed: 'kept', shops, clock, keptIn })

/** Everything that a platform shows of its trades. */
const shown = ({ world }: RunningSandbox) =>
  world.shops.map((shop) => ({
    key: shop.key,
    trades: [...shop.trades.values()].map(({ tid, status, modified, memo, receiver, lines, refunds }) => ({
      ...{ tid, status, modified, memo, receiver: receiver.name },
      lines: lines.map(({ oid, status: of, waybill, sku }) => ({ oid, of, waybill, sku: sku?.skuId })),
      refunds: refunds.map(({ id, status: of, version }) => ({ id, of, version })),
    })),
    inLists: shop.tradeLog.records.filter((trade) => trade !== null).length,
  }))

test('a simulator that starts again has every trade, refund, parcel and token, and its new trades have new numbers', async () => {
  const place = path()
  const first = await start(place)
  advance(first.world, 3000, 120)
  const [shop] = first.world.shops
  const [trade] = shop?.trades.values() ?? []
  assert.ok(shop && trade)
  const [line] = trade.lines
  assert.ok(line)
  addParcel(trade, { courier: 'SF', waybill: 'SF100', at: NOON, goods: [{ line, pieces: 1 }] })
  const { access } = issueTokens(first.world, shop, 3600)
  const before = shown(first)
  const known = new Set(before.flatMap(({ trades }) => trades.map(({ tid }) => tid)))
  await first.close()

  const again = await start(place)
  try {
    assert.deepEqual(shown(again), before)
    const same = again.world.shops[0]?.trades.get(trade.tid)
    assert.ok(same)
    assert.deepEqual(
      openParcels(same).map(({ waybill, goods }) => [waybill, goods[0]?.line === same.lines[0]]),
      [['SF100', true]],
    )
    const asked = { fields: 'tid,status', tid: trade.tid, session: access }
    const answer = await top({ ...again, clock }, shop.options, 'taobao.trade.fullinfo.get', asked)
    assert.deepEqual(valuesOf(answer, 'status'), [trade.status])
    advance(again.world, 0, 120)
    const all = shown(again).flatMap(({ trades }) => trades.map(({ tid }) => tid))
    assert.equal(all.length, known.size + 120)
    assert.equal(new Set(all).size, all.length)
  } finally {
    await again.close()
  }
})

test('a simulator that is kept while it runs goes on, reports its trades, and obeys the rate of each start', async () => {
  const shops = [{ ...tmall, trades: 3 }]
  const [place, seed] = [path(), 'kept']
  const rate = { newTradesPerMinute: 7, eventsPerMinute: 0 }
  const running = await startSandbox({ port: 0, seed, shops, clock, keptIn: place, rate })
  const heard: unknown[] = []
  running.sandbox.push.watchers.add((change) => heard.push(change))
  keepSandbox(place, running.sandbox, { seed, shops })
  advance(running.world, 0, 2)
  assert.equal(running.world.shops[0]?.trades.size, 5)
  assert.ok(heard.length >= 2)
  await running.close()
  const again = await start(place, shops)
  assert.equal(again.world.shops[0]?.trades.size, 5)
  assert.deepEqual(again.sandbox.rate, { newTradesPerMinute: 0, eventsPerMinute: 0 })
  await again.close()
})

test('a simulator that cannot be kept goes on and ends in an orderly way', async () => {
  const running = await start('/nowhere/simulator.bin', [{ ...tmall, trades: 3 }])
  await running.close()
  const again = await start('/nowhere/simulator.bin', [{ ...tmall, trades: 3 }])
  assert.equal(again.world.shops[0]?.trades.size, 3)
  await again.close()
})

test('a simulator of other shops, and one whose file was cut off, begins with its own first trades', async () => {
  const place = path()
  await (await start(place)).close()
  const other = await start(place, [{ ...tmall, trades: 3 }])
  assert.equal(other.world.shops[0]?.trades.size, 3)
  await other.close()
  truncateSync(place, 1000)
  const cut = await start(place, [{ ...tmall, trades: 3 }])
  assert.equal(cut.world.shops[0]?.trades.size, 3)
  await cut.close()
})
