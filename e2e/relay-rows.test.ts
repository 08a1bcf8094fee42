import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { startRds } from '../sandbox/rds/server.ts'
import { unseal } from '../server/lib/seal.ts'
import { until } from '../server/testing/until.ts'
import { anAppShop, madeTrade } from './app-shop.ts'
import { pushThrough, relayOf } from './relays/relay-process.ts'

// A shop of Tmall whose relay reads the rows of the data push (RDS). The core knows the address of the database and not its password.
const shop = await anAppShop('tmall')
const { house } = shop
const rds = await startRds(house.sandbox.sandbox)
after(() => rds.close())
const login = { rdsUser: rds.user, rdsPassword: rds.password, rdsName: 'jdp' }
const relay = await relayOf(shop, { rdsAddress: rds.address, ...login })

const isStaged = async (tid: string) =>
  (await sql`select from staged_trade where tid = ${tid} and detail_at is not null`.execute(house.db)).rows
    .length === 1
const heard = async (tid: string) =>
  (await sql`select from push_message where tid = ${tid}`.execute(house.db)).rows.length

test('rows come through the relay, once each, also those of the time in which it was cut off or dead', async () => {
  const sealed = await sql<{ sealed: Buffer }>`select credentials as sealed from shop`.execute(house.db)
  const stored = unseal(house.ring, house.shopId, sealed.rows[0]?.sealed ?? Buffer.alloc(0)).toString()
  assert.equal(stored.includes(rds.password), false)
  await using _push = await pushThrough(house, 'taobao')
  const held = await sql<{
    channel: string
    worker: string
  }>`select channel, worker from push_channel`.execute(house.db)
  assert.deepEqual(held.rows, [{ channel: `taobao:rds:${rds.address}`, worker: `relay:${relay.relayId}` }])
  const first = await madeTrade(house, {})
  await until(() => isStaged(first), 20_000)
  relay.cut()
  const reads = rds.counts.reads
  const during = await madeTrade(house, {})
  await until(() => rds.counts.reads > reads + 4, 20_000)
  assert.equal(await heard(during), 0)
  await relay.kill()
  const dead = await madeTrade(house, {})
  relay.mend()
  await relay.start()
  for (const tid of [during, dead]) await until(() => isStaged(tid), 30_000)
  for (const tid of [first, during, dead]) assert.equal(await heard(tid), 1)
})
