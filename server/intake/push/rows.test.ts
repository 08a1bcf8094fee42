import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { pino } from 'pino'
import { type RunningRds, startRds } from '../../../sandbox/rds/server.ts'
import type { RdsRow } from '../../../sandbox/rds/tables.ts'
import { alarmsNow } from '../../alarms/alarms.ts'
import { readQueueCounts } from '../../alarms/queue-counts.ts'
import { connectors } from '../../connectors/index.ts'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import type { Running } from '../../core/jobs/engine.ts'
import { createLimiter } from '../../lib/limiter.ts'
import { unseal } from '../../lib/seal.ts'
import { describeCredentials, setCredentials } from '../../shops/shops.ts'
import { aShippingHouse, type ShippingHouse } from '../../testing/shipping.ts'
import { until } from '../../testing/until.ts'
import { giveShopTasks } from '../../worker.ts'
import { pushServes, pushStates } from '../push-state.ts'
import { startPush } from './loop.ts'

const quiet = pino({ level: 'silent' })
const by = { actor: systemActor, scope: wholeScope }

async function anRdsHouse(): Promise<{ house: ShippingHouse; rds: RunningRds }> {
  const house = await aShippingHouse('tmall')
  const rds = await startRds(house.sandbox.sandbox)
  const connector = connectors.find(({ id }) => id === 'taobao')
  assert.ok(connector)
  await house.run((tx) => giveShopTasks(tx, { id: house.shopId }, connector))
  await enter(house, {
    rdsAddress: rds.address,
    rdsUser: rds.user,
    rdsPassword: rds.password,
    rdsName: 'jdp',
  })
  return { house, rds }
}

const keysOf = ({ ring }: ShippingHouse) => ({ ring, connectors, simulator: true })

async function enter(house: ShippingHouse, typed: Record<string, string>): Promise<void> {
  const { values } = await describeCredentials(house.db, keysOf(house), house.shopId, wholeScope)
  const given = { shopId: house.shopId, typed: { ...values, ...typed } }
  await house.run((tx) => setCredentials(tx, keysOf(house), given, by))
}

const started: Running[] = []
function start({ db, ring }: ShippingHouse): Running {
  const deps = { db, ring, connectors, simulator: true, limiter: createLimiter() }
  const push = startPush({ deps, log: quiet, everyMs: 50, leaseMs: 9000 })
  started.push(push)
  return push
}

type Message = { kind: string; topic: string; outcome: string; tid: string }
const messages = async ({ db }: ShippingHouse) =>
  (await sql<Message>`select kind, topic, outcome, tid from push_message order by id`.execute(db)).rows
const settled = (house: ShippingHouse) =>
  until(async () => (await messages(house)).every(({ outcome }) => outcome !== ''))
const staged = async ({ db }: ShippingHouse) =>
  (
    await sql<{ tid: string }>`select tid from staged_trade where detail_at is not null order by tid`.execute(
      db,
    )
  ).rows.map(({ tid }) => tid)
async function made(house: ShippingHouse, spec: Record<string, unknown> = {}): Promise<string[]> {
  const shop = house.sandbox.world.shops[0]?.key ?? ''
  const type = { type: 'fixed', status: 'WAIT_SELLER_SEND_GOODS', hold: '' }
  const answer = JSON.parse(await house.control('trades', { shop, ...type, ...spec }))
  return [...answer.tids].toSorted()
}

describe('rows of the data push', () => {
  let house: ShippingHouse
  let rds: RunningRds
  before(async () => {
    ;({ house, rds } = await anRdsHouse())
  })
  afterEach(async () => {
    for (const one of started.splice(0)) await one.stop()
    Object.assign(rds.faults, { late: 0, lateMs: 0, double: 0, paused: false, refuse: false })
    await sql`delete from push_message`.execute(house.db)
  })
  after(async () => {
    await rds.close()
    await house[Symbol.asyncDispose]()
  })
  const served = () => until(() => pushServes(house.db, house.shopId))

  test('bring a trade and its refund with their details within seconds, while no list is read', async () => {
    start(house)
    await served()
    const channel = await sql<{ channel: string }>`select channel from push_channel`.execute(house.db)
    assert.deepEqual(channel.rows, [{ channel: `taobao:rds:${rds.address}` }])
    const [tid = ''] = await made(house)
    await until(async () => (await staged(house)).includes(tid), 6000)
    await house.control('refunds', { tid, kind: 'REFUND' })
    await until(async () => {
      const found = await sql`select from staged_refund where tid = ${tid}`.execute(house.db)
      return found.rows.length === 1
    }, 6000)
    await settled(house)
    const all = await messages(house)
    assert.deepEqual([...new Set(all.map(({ topic, outcome }) => `${topic} ${outcome}`))].toSorted(), [
      'jdp_tb_refund fetched',
      'jdp_tb_trade fetched',
    ])
    // The message service of the same app is left alone.
    assert.equal(
      [...house.sandbox.sandbox.push.links.values()].reduce((sum, some) => sum + some.size, 0),
      0,
    )
  })

  test('name a shop by its seller, hold nothing of the buyer, and are kept once however often they are read', async () => {
    start(house)
    await served()
    const [tid = ''] = await made(house)
    await until(async () => (await staged(house)).includes(tid))
    await settled(house)
    const reads = rds.counts.reads
    await until(() => rds.counts.reads > reads + 6)
    const kept = await sql<{ sealed: Buffer; channel: string; shopId: string }>`
      select sealed, channel, shop_id as "shopId" from push_message where tid = ${tid} and kind = 'trade'`.execute(
      house.db,
    )
    assert.equal(kept.rows.length, 1)
    const [row] = kept.rows
    assert.equal(row?.shopId, house.shopId)
    const text = row ? unseal(house.ring, row.channel, row.sealed).toString('utf8') : ''
    assert.deepEqual(Object.keys(JSON.parse(text)).toSorted(), [
      ...['jdp_hashcode', 'jdp_modified', 'modified', 'seller_nick', 'tid'],
    ])
  })

  test('that are committed behind others, or written again without a change, are each handled once', async () => {
    start(house)
    await served()
    Object.assign(rds.faults, { late: 0.5, lateMs: 12_500, double: 0.3 })
    const tids = await made(house, { count: 30 })
    const rows = rds.rows.jdp_tb_trade
    assert.ok(tids.some((tid) => !rows.has(tid)))
    // Rows that are committed at once move the place of the newest one on, past the time of those that are late.
    const steps = setInterval(() => void made(house), 2000)
    try {
      await until(() => tids.every((tid) => rows.has(tid)), 20_000)
    } finally {
      clearInterval(steps)
    }
    await until(async () => {
      const here = await staged(house)
      return tids.every((tid) => here.includes(tid))
    }, 30_000)
    await settled(house)
    const of = (await messages(house)).filter(({ tid, kind }) => kind === 'trade' && tids.includes(tid))
    assert.deepEqual(of.map(({ tid }) => tid).toSorted(), tids)
    assert.ok(of.every(({ outcome }) => outcome === 'fetched'))
  })

  test('that were written while the reader was away are read at the start', async () => {
    const tids = await made(house, { count: 5 })
    start(house)
    await until(async () => {
      const here = await staged(house)
      return tids.every((tid) => here.includes(tid))
    })
    await settled(house)
  })

  test('of one second are all read, also if they are more than a page', async () => {
    const template = [...rds.rows.jdp_tb_trade.values()].at(-1)
    assert.ok(template)
    const base = 9_007_199_254_740_993n
    for (let n = 0n; n < 2300n; n += 1n) {
      const row: RdsRow = { ...template, tid: String(base + n), jdp_hashcode: String(n), seller_nick: '别家' }
      rds.rows.jdp_tb_trade.set(String(base + n), row)
    }
    start(house)
    const kept = async () => (await messages(house)).filter(({ outcome }) => outcome === 'no_shop')
    await until(async () => (await kept()).length >= 2300, 20_000)
    assert.equal((await kept()).length, 2300)
    assert.deepEqual(
      (await kept()).map(({ tid }) => BigInt(tid) - base).filter((n) => n < 0n || n >= 2300n),
      [],
    )
    for (let n = 0n; n < 2300n; n += 1n) rds.rows.jdp_tb_trade.delete(String(base + n))
  })

  test('come again after a broken connection; a refused login says why and is an alarm after five minutes', async () => {
    start(house)
    await served()
    rds.drop()
    const [tid = ''] = await made(house)
    await until(async () => (await staged(house)).includes(tid))
    rds.faults.refuse = true
    rds.drop()
    const state = async () => (await pushStates(house.db, wholeScope))[0]
    await until(async () => {
      const found = await sql<{ code: string }>`select error_code as code from push_channel`.execute(house.db)
      return found.rows[0]?.code === 'login_refused'
    })
    for (const one of started.splice(0)) await one.stop()
    await sql`update push_channel set opened_at = null, silent_since = now() - interval '6 minutes'`.execute(
      house.db,
    )
    assert.equal((await state())?.code, 'silent')
    const now = new Date()
    const asked = { db: house.db, scope: wholeScope, now }
    const alarms = (await alarmsNow(asked, await readQueueCounts(asked))).filter(
      ({ kind }) => kind === 'push_silent',
    )
    assert.equal(alarms.length, 1)
    assert.match(alarms[0]?.title.zh ?? '', /推送中断：平台不接受登录/)
    assert.equal(await pushServes(house.db, house.shopId), false)
  })
})

test('a database is one of the platform, and its password is entered again when its address changes', async () => {
  await using house = await aShippingHouse('tmall')
  const typed = { rdsUser: 'reader', rdsPassword: 'one' }
  for (const rdsAddress of ['db.example.com', '10.0.0.8:3306', 'rds.aliyuncs.com.example.com', 'a b'])
    await assert.rejects(enter(house, { ...typed, rdsAddress }), { code: 'invalid_input' })
  const rdsAddress = 'rm-1.mysql.zhangbei.rds.aliyuncs.com:3306/sys_info'
  await enter(house, { ...typed, rdsAddress })
  await enter(house, { rdsName: 'jdp' })
  await assert.rejects(enter(house, { rdsAddress: 'rm-2.mysql.rds.aliyuncs.com' }), {
    code: 'invalid_input',
  })
  const shop = await sql<{ state: string }>`select auth_state as state from shop`.execute(house.db)
  assert.deepEqual(shop.rows, [{ state: 'live' }])
})
