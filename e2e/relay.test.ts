import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { createRandom } from '../sandbox/world/random.ts'
import { wholeScope } from '../server/core/access/actor.ts'
import { shipDeliveries } from '../server/flows/ship.ts'
import { runTradeList } from '../server/intake/downloads/streams.ts'
import { unseal } from '../server/lib/seal.ts'
import { type Packed, packer } from '../server/testing/shipping.ts'
import { until } from '../server/testing/until.ts'
import { anAppShop, foundAfterLostAnswer, madeTrade, writtenBackOnce } from './app-shop.ts'
import { pushThrough, relayOf } from './relays/relay-process.ts'

// A shop of Tmall that is called through a relay: a process of its own, without a database, that dials the web process.
const shop = await anAppShop('tmall')
const { house } = shop
const relay = await relayOf(shop)

test('the relay has no database, and the core has no secret of the app', async () => {
  assert.equal(relay.environment['DATABASE_URL'], undefined)
  const [row] = (await sql<{ sealed: Buffer }>`select credentials as sealed from shop`.execute(house.db)).rows
  const stored: unknown = JSON.parse(
    unseal(house.ring, house.shopId, row?.sealed ?? Buffer.alloc(0)).toString(),
  )
  assert.deepEqual([Object(stored).appSecret, typeof Object(stored).appKey], [undefined, 'string'])
})

test('lists and details come through the relay', async () => {
  const tid = await madeTrade(house, { lines: 2 })
  await runTradeList(await shop.context())
  const queued = await sql<{ tid: string }>`select tid from download_queue`.execute(house.db)
  assert.deepEqual(queued.rows, [{ tid }])
  await house.download(tid)
  const staged = await sql<{ tid: string }>`select tid from staged_trade`.execute(house.db)
  assert.deepEqual(staged.rows, [{ tid }])
})

test('an order is shipped and written back through the relay, once', async () => {
  await writtenBackOnce(house)
})

test('a write-back whose answer the relay never got is found, and not sent again', async () => {
  await foundAfterLostAnswer(house, 'taobao.logistics.offline.send')
})

test('what a shop withholds does not leave the relay, shows as stars, and is no doubt', async () => {
  await sql`update shop set settings = settings || '{"withheld": ["name", "phone"]}'`.execute(house.db)
  const { tid } = await house.order({ lines: 1 })
  await sql`update shop set settings = settings - 'withheld'`.execute(house.db)
  const staged = await sql<{ doubts: unknown; receiver: string; raw: Buffer }>`
    select t.doubts, o.receiver_masked as receiver, r.sealed as raw from staged_trade t
    join sales_order o on o.tid = t.tid join raw_payload r on r.platform_id = t.tid where t.tid = ${tid}`.execute(
    house.db,
  )
  const [row = assert.fail()] = staged.rows
  assert.deepEqual([row.doubts, row.receiver], [null, '*** ***'])
  const raw = unseal(house.ring, house.shopId, row.raw).toString()
  assert.match(raw, /"receiver_name":"\*\*\*"/)
  assert.match(raw, /"receiver_mobile":"\*\*\*"/)
  assert.match(raw, /"receiver_address":"[^*"]/)
})

/** Makes released orders with waybills and ships them all with us, so that as many write-backs wait. */
async function manyShipped(count: number): Promise<Packed[]> {
  const packed = await house.packedMany(count, { lines: 1 })
  const ids = packed.map(({ id }) => id)
  await house.run((tx) => shipDeliveries(tx, ids, { actor: packer, scope: wholeScope }))
  return packed
}

/** What the platform has of them, and we: each left once, under its waybill, and we know. */
async function assertEachOnce(packed: readonly Packed[]): Promise<void> {
  for (const { id } of packed)
    await until(async () => {
      // After an outage the outbox probes less and less often. The test does not wait for it.
      await sql`update shop_gate set probe_at = now() where away_since is not null`.execute(house.db)
      return (await house.state(id)).writeBack === 'done'
    }, 120_000)
  assert.deepEqual(
    packed.map(({ tid }) =>
      house.trade(tid).lines.map((line) => [line.status, line.waybill, line.shipments]),
    ),
    packed.map(({ waybillNo }) => [['WAIT_BUYER_CONFIRM_GOODS', waybillNo, 1]]),
  )
}

/** `npm run prove houses` kills as often as is said here first. */
const kills = process.env['HOUSES'] === 'all' ? 20 : 5

test('a relay that is killed again and again at random ships nothing twice, and leaves nothing', async () => {
  const packed = await manyShipped(kills * 3)
  // Answers take their time, so that kills fall into calls.
  await house.control('faults', { kind: 'slow', ms: 150, probability: 0.5, count: 100_000 })
  const outbox = house.outbox()
  const random = createRandom('relay kills')
  const lists: Promise<unknown>[] = []
  for (let kill = 0; kill < kills; kill += 1) {
    await madeTrade(house, { lines: 1 })
    // A run whose calls failed leaves its window to the next one.
    lists.push(
      shop
        .context()
        .then(runTradeList)
        .catch(() => {}),
    )
    await sleep(random.between(50, 700))
    await relay.kill()
    await relay.start()
  }
  await Promise.all(lists)
  house.sandbox.sandbox.board.faults = []
  await assertEachOnce(packed)
  await outbox.stop()
  await sleep(2100)
  await runTradeList(await shop.context())
  const here = await sql<{ tid: string }>`
    select tid from staged_trade union select tid from download_queue order by tid`.execute(house.db)
  const there = [...(house.sandbox.world.shops[0]?.trades.keys() ?? [])]
  assert.deepEqual(
    here.rows.map(({ tid }) => tid),
    there.toSorted(),
  )
})

test('write-backs wait while the relay is cut off for longer than any call waits, and then leave once', async () => {
  const packed = await manyShipped(10)
  const outbox = house.outbox()
  await until(async () => (await house.state(packed[0]?.id ?? '')).writeBack === 'done')
  relay.cut()
  await sleep(15_000)
  relay.mend()
  await assertEachOnce(packed)
  await outbox.stop()
})

test('messages of TMC come through the relay, once each, also those that came while it was cut off', async () => {
  await using _push = await pushThrough(house, 'taobao')
  const holders = await sql<{ worker: string }>`select worker from push_channel`.execute(house.db)
  assert.deepEqual(holders.rows, [{ worker: `relay:${relay.relayId}` }])
  const first = await madeTrade(house, {})
  await until(() => isStaged(first), 20_000)
  relay.cut()
  const during = [await madeTrade(house, {}), await madeTrade(house, {})]
  await until(() => [...house.sandbox.sandbox.push.owed.values()].every((owed) => owed.size === 0))
  const heard = () =>
    sql<{ tid: string; n: number }>`
      select tid, count(*)::int as n from push_message where tid = any(${during}::text[]) group by tid order by tid`.execute(
      house.db,
    )
  assert.deepEqual((await heard()).rows, [])
  // What the platform was told is taken is on the relay's disk, also if it dies before the core has it.
  await relay.kill()
  relay.mend()
  await relay.start()
  await until(async () => (await heard()).rows.length === 2, 20_000)
  for (const tid of during) await until(() => isStaged(tid), 20_000)
})

test('a relay that restarts while the core is away takes the messages that come meanwhile', async () => {
  await using _push = await pushThrough(house, 'taobao')
  relay.cut()
  await relay.kill()
  await relay.start()
  const links = () => [...house.sandbox.sandbox.push.links.values()].reduce((sum, some) => sum + some.size, 0)
  await until(() => links() === 1, 20_000)
  const tid = await madeTrade(house, {})
  await until(() => [...house.sandbox.sandbox.push.owed.values()].every((owed) => owed.size === 0), 20_000)
  const heard = await sql`select from push_message where tid = ${tid}`.execute(house.db)
  assert.equal(heard.rows.length, 0)
  relay.mend()
  await until(() => isStaged(tid), 30_000)
})

const isStaged = async (tid: string) =>
  (await sql`select from staged_trade where tid = ${tid} and detail_at is not null`.execute(house.db)).rows
    .length === 1

test('nothing stays in the hand-over', async () => {
  const left = await sql`select from relay_call`.execute(house.db)
  assert.equal(left.rows.length, 0)
})
