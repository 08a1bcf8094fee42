import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { connectors } from '../../connectors/index.ts'
import { wholeScope } from '../../core/access/actor.ts'
import { type Database, openDatabase } from '../../core/db/db.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { type Caller, type TestApp, testApp } from '../../testing/app.ts'
import { type TestDatabase, testDatabase } from '../../testing/database.ts'
import { connectorOf } from '../calls.ts'
import { sealedShop } from '../queries.ts'
import { openToken, refreshToken, sealToken } from '../tokens.ts'
import { claimMs } from './renewal-claims.ts'

const memory = 'a folder of the relay'
const taobao = connectorOf(connectors, 'taobao')

let base: TestDatabase
let house: TestApp
let boss: Caller
let key: string
let relayId: string
let shopId: string
let seenVersion: number

before(async () => {
  base = await testDatabase()
  house = await testApp({}, undefined, Promise.resolve(base))
  boss = await house.as(['*'])
  const relay = await boss.call('POST', '/api/relays', { name: '聚石塔' })
  key = Object(relay.body).key
  relayId = Object(relay.body).id
  const shop = await boss.call('POST', '/api/shops', {
    ...{ platform: 'taobao', variant: 'tmall', name: '青禾家居', relayId },
    credentials: { appKey: '23451001' },
  })
  shopId = Object(shop.body).shop.id
})
beforeEach(async () => {
  const old = { accessToken: 'old', refreshToken: 'once', refreshExpiresAt: null, sellerNick: '' }
  const { token } = sealToken(house.ring, shopId, { ...old, expiresAt: null })
  await sql`update shop set token = ${token}, token_version = token_version + 1 where id = ${shopId}::bigint`.execute(
    house.db,
  )
  await sql`delete from relay_call`.execute(house.db)
  seenVersion = (await sealedShop(house.db, shopId, wholeScope))?.tokenVersion ?? assert.fail()
})
after(() => house[Symbol.asyncDispose]())

const say = (path: string, body: object) =>
  house.anonymous.call('POST', `/api/relay/${path}`, body, { authorization: `Bearer ${key}` })
type Handed = { number: string; request: { kind: string; refreshToken: string } }
/** The calls that the relay gets within a second or so. */
async function handedOut(): Promise<Handed[]> {
  return Object((await say('calls', { memory })).body).calls
}
const answer = ({ number }: Handed, outcome: object) =>
  say('answers', {
    answers: [{ number, outcome: Buffer.from(JSON.stringify(outcome)).toString('base64') }],
  })
const newToken = (accessToken: string) => ({
  ...{ kind: 'token', accessToken, refreshToken: 'next', sellerNick: '' },
  ...{ expiresAt: new Date(Date.now() + 86_400_000).toISOString(), refreshExpiresAt: null },
})
const failed = {
  ...{ kind: 'error', errorKind: 'retry', code: 'away', message: 'no', unclear: false, waitMs: 0 },
}
const renew = async (db: Database) => {
  const { shop, refreshed } = await refreshToken({ db, ring: house.ring }, taobao, shopId, {
    seenVersion,
    refused: false,
  })
  return { refreshed, token: openToken(house.ring, shop).accessToken, version: shop.tokenVersion }
}
const claims = async () =>
  (await sql`select from relay_call where number like 'renewal:%'`.execute(house.db)).rows.length

test('a token is renewed through a relay by a process that has one connection, which is free meanwhile', async () => {
  const narrow = openDatabase(base.url, { max: 1 })
  const renewed = renew(narrow.db)
  const [call, ...more] = await handedOut()
  assert.ok(call && more.length === 0)
  assert.deepEqual([call.request.kind, call.request.refreshToken], ['refresh', 'once'])
  const open = await sql<{ n: number }>`
    select count(*)::int as n from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`.execute(
    narrow.db,
  )
  assert.equal(open.rows[0]?.n, 0)
  await answer(call, newToken('new'))
  assert.deepEqual(await renewed, { refreshed: true, token: 'new', version: seenVersion + 1 })
  assert.equal(await claims(), 0)
  await narrow.close()
})

test('of processes that renew a token through a relay at once one asks, and all have its token', async () => {
  const others = [1, 2, 3].map(() => openDatabase(base.url, { max: 1 }))
  const renewed = Promise.all(others.map(({ db }) => renew(db)))
  const [call, ...more] = await handedOut()
  assert.ok(call)
  await sleep(500)
  const { rows } = await sql`select from relay_call where number not like 'renewal:%'`.execute(house.db)
  assert.deepEqual([more.length, rows.length], [0, 1])
  await answer(call, newToken('new'))
  const one = { refreshed: true, token: 'new', version: seenVersion + 1 }
  assert.deepEqual(await renewed, [one, one, one])
  await Promise.all(others.map((other) => other.close()))
})

test('after a renewal that failed the next process asks for itself', async () => {
  const renewals = Promise.allSettled([renew(house.db), renew(house.db)])
  const [first] = await handedOut()
  await answer(first ?? assert.fail(), failed)
  const [second] = await handedOut()
  await answer(second ?? assert.fail(), newToken('second'))
  const ended = await renewals
  const codes = ended.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []))
  const tokens = ended.flatMap((one) => (one.status === 'fulfilled' ? [one.value.token] : []))
  assert.deepEqual([codes, tokens], [['away'], ['second']])
  assert.equal(await claims(), 0)
})

test('the claim of a process that was killed ends by itself, and is handed out to no relay', async () => {
  const renewed = renew(house.db)
  const [call] = await handedOut()
  assert.ok(call)
  // The process that asked is gone: its call and its claim stay, and nobody waits for them.
  const killed = assert.rejects(renewed, (error) => error instanceof PlatformError)
  const claim = await sql`update relay_call set taken_by = 'killed' where number like 'renewal:%'`.execute(
    house.db,
  )
  assert.equal(claim.numAffectedRows, 1n)
  await answer(call, failed)
  await killed
  assert.equal(await claims(), 1)

  const next = renew(house.db)
  await sleep(500)
  const waiting = await sql`select from relay_call where number not like 'renewal:%'`.execute(house.db)
  assert.equal(waiting.rows.length, 0)
  await sql`
    update relay_call set created_at = clock_timestamp() - ${claimMs + 1}::int * interval '1 millisecond'
    where number like 'renewal:%'`.execute(house.db)
  const [again, ...more] = await handedOut()
  assert.deepEqual([again?.request.kind, more], ['refresh', []])
  await answer(again ?? assert.fail(), newToken('after'))
  assert.equal((await next).token, 'after')
  assert.equal(await claims(), 0)
})
