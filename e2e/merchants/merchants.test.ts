import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../../server/testing/until.ts'
import { type MerchantHouse, type MerchantsHouse, openMerchants, tidsOf } from './merchants-house.ts'

test('one web and one worker process serve merchants of two servers: each sees its own trade, and none of another', async (t) => {
  await using house = await openMerchants({ merchants: 3, servers: 2, trades: 5, pooler: true })
  if (house.servers.some(({ pooler }) => !pooler)) return t.diagnostic('only where PgBouncer is')
  const { child: web, log: webLog } = await house.start('web')
  const { child: worker, log: workerLog } = await house.start('worker')
  await until(async () => {
    const seen = await Promise.all(house.merchants.map(tidsOf))
    return seen.every(({ size }) => size === 5)
  }, 60_000)
  const fresh = await Promise.all(house.merchants.map((merchant) => house.addTrades(merchant, 2)))
  const began = performance.now()
  await until(async () => {
    const seen = await Promise.all(house.merchants.map(tidsOf))
    return fresh.every((tids, at) => tids.every((tid) => seen[at]?.has(tid)))
  }, 60_000)
  t.diagnostic(`seen after ${((performance.now() - began) / 1000).toFixed(1)} s`)
  for (const [at, merchant] of house.merchants.entries()) {
    const own = await listed(house, merchant)
    assert.equal(own.size, 7)
    for (const [other, tids] of fresh.entries())
      assert.deepEqual(
        tids.map((tid) => own.has(tid)),
        tids.map(() => other === at),
      )
  }
  const nowhere = await house.call('m9.example.com', '/api/me')
  assert.deepEqual([nowhere.status, Object(nowhere.body).code], [404, 'unknown_merchant'])
  assert.equal(web.exitCode, null, webLog.text)
  assert.equal(worker.exitCode, null, workerLog.text)
})

/** The trades that the pages of a merchant show. */
async function listed(house: MerchantsHouse, { host, cookie }: MerchantHouse): Promise<Set<string>> {
  const tids = new Set<string>()
  for (const tab of ['staged', 'blocked', 'fetching', 'processed', 'history']) {
    const found = await house.call(host, `/api/staged-trades?limit=100&tab=${tab}`, { cookie })
    assert.equal(found.status, 200, JSON.stringify(found.body))
    for (const { tid } of Object(found.body).rows) tids.add(tid)
  }
  return tids
}
