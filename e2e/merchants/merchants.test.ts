import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import pg from 'pg'
import {
  applicationUrlOf,
  databaseOf,
  merchantOf,
  putServer,
  serverOf,
} from '../../server/core/directory/merchants.ts'
import { pushServes } from '../../server/intake/push-state.ts'
import { unseal } from '../../server/lib/seal.ts'
import { resumeMerchant, suspendMerchant } from '../../server/merchants/suspend.ts'
import { until } from '../../server/testing/until.ts'
import { sealedPlaces } from '../../server/worker.ts'
import { type MerchantHouse, openMerchants, tidsOf } from './merchants-house.ts'

// Three merchants on two servers behind PgBouncer. The tests follow one another.

const house = await openMerchants({
  ...{ merchants: 3, servers: 2, trades: 5, pooler: true },
  poolerSettings: 'server_idle_timeout = 5',
})
after(() => house[Symbol.asyncDispose]())
const [one, two, three] = house.merchants
if (!one || !two || !three) throw new Error('three merchants are needed')
const web = await house.start('web')
const worker = await house.start('worker')

test('one web and one worker process serve them: each sees its own trades within a minute of a silent push, and none of another', async (t) => {
  await until(async () => {
    const seen = await Promise.all(house.merchants.map(tidsOf))
    return seen.every(({ size }) => size === 5)
  }, 120_000)
  // Their lists are read more rarely while messages come. Then messages stop, and no process has noticed yet.
  await until(async () => {
    const served = await Promise.all(house.merchants.map(({ db, shopId }) => pushServes(db, shopId)))
    return served.every(Boolean)
  }, 120_000)
  await pushFaults({ mute: true })
  const fresh = await Promise.all(house.merchants.map((merchant) => house.addTrades(merchant, 2)))
  const began = performance.now()
  await until(async () => {
    const seen = await Promise.all(house.merchants.map(tidsOf))
    return fresh.every((tids, at) => tids.every((tid) => seen[at]?.has(tid)))
  }, 60_000)
  t.diagnostic(`seen after ${((performance.now() - began) / 1000).toFixed(1)} s`)
  await pushFaults({ mute: false })
  for (const [at, merchant] of house.merchants.entries()) {
    const own = await listed(merchant)
    assert.equal(own.size, 7)
    for (const [other, tids] of fresh.entries())
      assert.deepEqual(
        tids.map((tid) => own.has(tid)),
        tids.map(() => other === at),
      )
  }
})

test('a host name without a merchant is refused, and so is a merchant by the address of the process', async () => {
  for (const host of ['m9.example.com', 'example.com', '127.0.0.1']) {
    const { status, body } = await house.call(host, '/api/me')
    assert.deepEqual([status, Object(body).code], [404, 'unknown_merchant'])
  }
  assert.equal((await house.call('127.0.0.1', '/readyz')).status, 200)
  assert.equal((await house.call(one.host.toUpperCase(), '/api/me', one)).status, 200)
})

test('a session, an API key and a set-up link of one merchant open nothing at another', async () => {
  const me = await house.call(one.host, '/api/me', one)
  assert.equal(me.status, 200)
  const body = { name: 'program', permissions: ['trades.read'], shops: 'all', expiresAt: null }
  const made = await house.call(one.host, '/api/api-keys', { ...one, method: 'POST', body })
  assert.equal(made.status, 201, JSON.stringify(made.body))
  const bearer = `Bearer ${Object(made.body).key}`
  const path = '/api/staged-trades?limit=1'
  assert.equal((await house.call(one.host, path, { bearer })).status, 200)
  for (const other of [two, three]) {
    for (const asked of [{ cookie: one.cookie }, { bearer }])
      for (const each of [path, '/api/me', '/api/exports/staged-trades.xlsx', '/metrics'])
        assert.equal((await house.call(other.host, each, asked)).status, 401, each)
    const setUp = await house.call(other.host, '/api/setup', { method: 'POST', body: person(one) })
    assert.deepEqual([setUp.status, Object(setUp.body).code], [410, 'setup_closed'])
  }
  const setUp = await house.call(one.host, '/api/setup', { method: 'POST', body: person(one) })
  assert.equal(setUp.status, 200, JSON.stringify(setUp.body))
})

test('the keys of one merchant open no sealed value of another, and its roles connect to no other database', async () => {
  let opened = 0
  for (const place of sealedPlaces) {
    const sample = await place.sample?.(one.db)
    if (!sample) continue
    assert.ok(unseal(one.ring, sample.boundTo, sample.sealed).length >= 0)
    for (const other of [two, three]) assert.throws(() => unseal(other.ring, sample.boundTo, sample.sealed))
    opened += 1
  }
  assert.ok(opened >= 3, `${opened} places`)
  // Merchants 1 and 3 are on the same server.
  const merchant = await merchantOf(house.directory, one.key)
  const url = new URL(applicationUrlOf(house.directory, merchant, await serverOf(house.directory, 's1')))
  url.search = ''
  assert.equal(await refusalOf(url.href), undefined)
  url.pathname = `/${databaseOf(three.key)}`
  assert.match(String(await refusalOf(url.href)), /permission denied for database/)
})

test('metrics of one merchant count no request of another', async () => {
  await house.call(two.host, '/api/orders?limit=1', two)
  const counted = /route="\/api\/orders"/
  assert.match(String((await house.call(two.host, '/metrics', two)).body), counted)
  assert.doesNotMatch(String((await house.call(three.host, '/metrics', three)).body), counted)
})

test('a suspended merchant answers 503 and its database takes nothing from web and workers; the others go on', async () => {
  await suspendMerchant(house.directory, two.key)
  const { status, body } = await house.call(two.host, '/api/me', two)
  assert.deepEqual([status, Object(body).code], [503, 'merchant_closed'])
  assert.equal((await house.call(one.host, '/api/me', one)).status, 200)
  const merchant = await merchantOf(house.directory, two.key)
  assert.equal(merchant.worker, null)
  const url = applicationUrlOf(house.directory, merchant, {
    ...(await serverOf(house.directory, 's2')),
    pooler: null,
  })
  assert.match(String(await refusalOf(url)), /not permitted to log in/)
  await resumeMerchant(house.directory, two.key)
  await until(async () => (await house.call(two.host, '/api/me', two)).status === 200, 10_000)
})

test('both processes follow a server to its new address, and leave a merchant closed whose database lacks a migration', async () => {
  const s2 = await serverOf(house.directory, 's2')
  const lacking = /"merchant":"m2","missing":\["0001_schema\.sql"\]/
  const answer = async () => {
    const { status, body } = await house.call(two.host, '/api/me', two)
    return [status, Object(body).code]
  }
  await until(async () => (await answer())[0] === 200, 30_000)
  await putServer(house.directory, { ...s2, ownerUrl: 'postgres://127.0.0.1:9/none', pooler: null })
  await until(async () => (await answer())[1] === 'unavailable', 30_000)
  await sql`update migration set name = 'away' where name = '0001_schema.sql'`.execute(two.db)
  await putServer(house.directory, s2)
  await until(async () => {
    assert.deepEqual(await answer(), [503, 'unavailable'])
    return lacking.test(web.log.text) && lacking.test(worker.log.text)
  }, 60_000)
  await sql`update migration set name = '0001_schema.sql' where name = 'away'`.execute(two.db)
  await until(async () => (await answer())[0] === 200, 30_000)
  const [tid = ''] = await house.addTrades(two, 1)
  await until(async () => (await tidsOf(two)).has(tid), 120_000)
})

test('a move that is killed while it closes, and again while it copies, is completed by the same command with every row', async () => {
  const before = await tidsOf(one)
  const move = ['move', one.key, '--to', 's2']
  await house.command(move, 'closing it')
  await until(async () => (await house.call(one.host, '/api/me', one)).status === 503, 5_000)
  await house.command(move, 'MB → s2')
  const between = await merchantOf(house.directory, one.key)
  assert.deepEqual([between.state, between.server, between.movingTo], ['moving', 's1', 's2'])
  await assert.rejects(suspendMerchant(house.directory, one.key), /complete that command first/)
  for (const server of ['s1', 's2'])
    await assert.rejects(house.command(['clear', one.key, '--server', server]), /uses its database on/)
  assert.match(await house.command(move), /it is on s2 now/)
  const moved = await house.reopen(one)
  assert.deepEqual([...(await tidsOf(moved))].sort(), [...before].sort())
  // The session lies in the database, so its user stays signed in.
  await until(async () => (await house.call(one.host, '/api/me', one)).status === 200, 10_000)
  const [tid = ''] = await house.addTrades(one, 1)
  await until(async () => (await tidsOf(moved)).has(tid), 120_000)
  assert.equal((await tidsOf(one)).has(tid), false)
  assert.equal((await listed(one)).has(tid), true)
  await one.close()
  await house.command(['clear', one.key, '--server', 's1'])
  await assert.rejects(house.command(['clear', one.key, '--server', 's2']), /uses its database on s2/)
  assert.match(await house.command(['list']), /m1 {2}active {2}s2 {2}m1\.example\.com/)
})

test('one merchant is backed up, and a command of one installation runs for it alone', async () => {
  const said = await house.command(['backup', three.key, `${house.config.dataDir}/backups`])
  assert.match(said, /sanyi-\d{8}-\d{6} {2}\d+ rows/)
  const made = await house.command(['run', three.key, 'admin', 'new', 'second@example.com', '店长'])
  assert.match(made, /^http:\/\/m3\.example\.com:\d+\//m)
  const emails = async ({ db }: Pick<MerchantHouse, 'db'>) =>
    (
      await sql<
        Record<'found', string>
      >`select email as found from app_user where email like 'second%'`.execute(db)
    ).rows
  assert.equal((await emails(three)).length, 1)
  assert.equal((await emails(two)).length, 0)
})

test('another worker process takes the merchants of one that was killed, and two share them', async () => {
  const before = (await merchantOf(house.directory, three.key)).worker
  worker.child.kill('SIGKILL')
  await house.start('worker')
  const main = await house.start('main')
  const holders = async () => {
    const found = await Promise.all(house.merchants.map(({ key }) => merchantOf(house.directory, key)))
    return new Set(found.map(({ worker: name }) => name))
  }
  await until(async () => {
    const names = await holders()
    return names.size === 2 && !names.has(before) && !names.has(null)
  }, 120_000)
  const [tid = ''] = await house.addTrades(three, 1)
  await until(async () => (await tidsOf(three)).has(tid), 120_000)
  // A worker that is asked to end gives its merchants back at once.
  main.child.kill('SIGTERM')
  await until(async () => {
    const names = await holders()
    return names.size === 1 && !names.has(null)
  }, 25_000)
  assert.equal(web.child.exitCode, null, web.log.text)
})

const pushFaults = (faults: { mute: boolean }) =>
  fetch(`${house.sandbox.url}/control/push`, { method: 'POST', body: JSON.stringify(faults) })

const person = ({ link }: MerchantHouse) => ({
  ...{ token: new URL(link).searchParams.get('token') ?? '', email: 'owner@example.com', name: '店主' },
  password: 'nine green bottles 9',
})

/** Why a connection is refused; undefined: it is not. */
async function refusalOf(url: string): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: url.replace(/\?.*/, '') })
  try {
    await client.connect()
    await client.end()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** The trades that the pages of a merchant show. */
async function listed({ host, cookie }: MerchantHouse): Promise<Set<string>> {
  const tids = new Set<string>()
  for (const tab of ['staged', 'blocked', 'fetching', 'processed', 'history']) {
    const found = await house.call(host, `/api/staged-trades?limit=100&tab=${tab}`, { cookie })
    assert.equal(found.status, 200, JSON.stringify(found.body))
    for (const { tid } of Object(found.body).rows) tids.add(tid)
  }
  return tids
}
