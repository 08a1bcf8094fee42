import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { alarmsNow } from '../../alarms/alarms.ts'
import { readQueueCounts } from '../../alarms/queue-counts.ts'
import { connectors } from '../../connectors/index.ts'
import { wholeScope } from '../../core/access/actor.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { type Answer, type Caller, type TestApp, testApp } from '../../testing/app.ts'
import { until } from '../../testing/until.ts'
import { type RelayTimes, relayedOf } from './hand-over.ts'
import { takeCalls } from './hand-over-queries.ts'

let house: TestApp
let boss: Caller
let relay: { id: string; key: string }
let shopId: string
const memory = 'a folder of the relay'

before(async () => {
  house = await testApp()
  boss = await house.as(['*'])
  relay = asRelay(await boss.call('POST', '/api/relays', { name: '聚石塔' }))
  const shop = await boss.call('POST', '/api/shops', {
    ...{ platform: 'taobao', variant: 'tmall', name: '青禾家居', relayId: relay.id },
    credentials: { appKey: '23451001' },
  })
  assert.equal(shop.status, 201)
  shopId = Object(shop.body).shop.id
})
after(() => house[Symbol.asyncDispose]())

const asRelay = ({ status, body }: Answer): { id: string; key: string } => {
  assert.equal(status, 201)
  return Object(body)
}
const say = (path: string, body: object, key = relay.key) =>
  house.anonymous.call('POST', `/api/relay/${path}`, body, { authorization: `Bearer ${key}` })
const codeOf = ({ status, body }: Answer) => [status, Object(body).code]
const relayed = (times?: RelayTimes) =>
  relayedOf(
    house,
    {
      ...{ id: shopId, platform: 'taobao', relayId: relay.id },
      settings: { ...noSettings, withheld: ['name'] },
    },
    times,
  ) ?? assert.fail()
const handOver = (times?: RelayTimes) =>
  relayed(times).send(
    { credentials: { appKey: '23451001' }, session: 'token', variant: 'tmall' },
    { method: 'taobao.trade.fullinfo.get', params: { tid: '1' } },
  )
const noSettings = {
  ...{ convertUnpaid: false, requestsPerSecond: null, concurrentRequests: null, reportCancels: false },
  ...{ shipUnasked: false, push: true },
}
const inBase64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64')

test('a shop of a relay has no secret, and its form takes none', async () => {
  const path = `/api/shops/${shopId}/credentials`
  const refused = await boss.call('PUT', path, { appKey: '23451001', appSecret: 'x'.repeat(32) })
  assert.deepEqual(codeOf(refused), [400, 'invalid_input'])
  const shop = await boss.call('GET', `/api/shops/${shopId}`)
  assert.equal(Object(shop.body).shop.relayId, relay.id)
  assert.equal(Object(shop.body).credentials.set.includes('appSecret'), false)
})

test('a platform that no relay can call is refused, and so is a relay that is not there', async () => {
  const direct = connectors.find(({ relayed }) => !relayed) ?? assert.fail()
  const own = { platform: direct.id, name: '直连', relayId: relay.id }
  assert.deepEqual(codeOf(await boss.call('POST', '/api/shops', own)), [409, 'unsupported_by_platform'])
  const lost = { platform: 'taobao', name: '没有', relayId: '999' }
  assert.deepEqual(codeOf(await boss.call('POST', '/api/shops', lost)), [404, 'not_found'])
})

test('only the key of a relay gets calls; a person with every permission and another key do not', async () => {
  assert.deepEqual(codeOf(await boss.call('POST', '/api/relay/calls', { memory })), [403, 'forbidden'])
  const made = await boss.call('POST', '/api/api-keys', {
    ...{ name: '别的程序', permissions: ['relays.serve'], shops: 'all', expiresAt: null },
  })
  assert.deepEqual(codeOf(await say('calls', { memory }, Object(made.body).key)), [403, 'forbidden'])
  assert.equal((await say('channels', { signs: [] })).status, 200)
})

test('a call is handed out with what is withheld, again if its hand-over was lost, to no other memory, and answered once', async () => {
  const answer = handOver()
  const first = Object((await say('calls', { memory })).body).calls
  assert.deepEqual(
    first.map(({ request }: { request: object }) => request),
    [
      {
        ...{ kind: 'call', platform: 'taobao', credentials: { appKey: '23451001' }, withhold: ['name'] },
        ...{ session: 'token', variant: 'tmall', method: 'taobao.trade.fullinfo.get' },
        ...{ params: { tid: '1' }, file: null },
      },
    ],
  )
  const [{ number }] = first
  await sql`update relay_call set taken_at = now() - interval '4 seconds'`.execute(house.db)
  assert.deepEqual(await takeCalls(house.db, relay.id, 'a second relay with the key'), [])
  const [again] = Object((await say('calls', { memory })).body).calls
  assert.equal(again.number, number)
  const outcome = inBase64({ kind: 'answer', status: 200, text: '{"a":"\\u0000"}', retryAfterMs: 0 })
  const told = { answers: [{ number, outcome }] }
  assert.deepEqual((await say('answers', told)).body, { taken: 1 })
  assert.equal((await answer).text, '{"a":"\\u0000"}')
  assert.deepEqual((await say('answers', told)).body, { taken: 0 })
})

test('what a relay answers is checked: a text that no table takes, or a pause of a year, leaves the call unclear', async () => {
  const error = {
    kind: 'error',
    errorKind: 'rate_limited',
    code: 'x',
    message: 'no',
    unclear: false,
    waitMs: 0,
  }
  for (const forged of [
    { ...error, message: 'a\0b' },
    { ...error, waitMs: 1e12 },
    { ...error, waitMs: -1 },
    { kind: 'token', accessToken: 'a token for a call that asked for none' },
  ]) {
    // The call may end before the request with its answer does.
    const refused = assert.rejects(
      handOver(),
      (failure) => failure instanceof PlatformError && failure.code === 'bad_answer' && failure.unclear,
    )
    const [{ number }] = Object((await say('calls', { memory })).body).calls
    await say('answers', { answers: [{ number, outcome: inBase64(forged) }] })
    await refused
  }
})

test('a relay answers no calls of another relay', async () => {
  const other = asRelay(await boss.call('POST', '/api/relays', { name: '云岛' }))
  const refused = assert.rejects(
    handOver(),
    (failure) => failure instanceof PlatformError && failure.code === 'x',
  )
  const [{ number }] = Object((await say('calls', { memory })).body).calls
  const outcome = inBase64({ kind: 'answer', status: 200, text: 'forged', retryAfterMs: 0 })
  const forged = await say('answers', { answers: [{ number, outcome }] }, other.key)
  assert.deepEqual(forged.body, { taken: 0 })
  const error = { kind: 'error', errorKind: 'rejected', code: 'x', message: 'no', unclear: false, waitMs: 0 }
  await say('answers', { answers: [{ number, outcome: inBase64(error) }] })
  await refused
  assert.equal((await boss.call('DELETE', `/api/relays/${other.id}`)).status, 204)
  assert.deepEqual(codeOf(await say('calls', { memory }, other.key)), [401, 'not_signed_in'])
})

test('a call that no relay takes was certainly not made, and one that was taken is unclear', async () => {
  const times = { beginMs: 500, answerMs: 300 }
  const calls = Promise.allSettled([handOver(times), handOver(times)])
  const rows = () =>
    sql<{ number: string }>`select number from relay_call order by created_at, number`.execute(house.db)
  await until(async () => (await rows()).rows.length === 2)
  // Which of the two is taken does not matter.
  await sql`update relay_call set taken_by = 'gone', taken_at = now() where number = (select min(number) from relay_call)`.execute(
    house.db,
  )
  const ended = await calls
  assert.deepEqual(
    ended.flatMap((one) => (one.status === 'rejected' ? [[one.reason.code, one.reason.unclear]] : [])).sort(),
    [
      ['relay_no_answer', true],
      ['relay_silent', false],
    ],
  )
  assert.equal((await rows()).rows.length, 0)
})

test('a token that no relay renews is given up long before its claim ends', async () => {
  const began = performance.now()
  await assert.rejects(
    relayed().refresh({ appKey: '23451001' }, 'a refresh token'),
    (failure) => failure instanceof PlatformError && failure.code === 'relay_silent' && !failure.unclear,
  )
  assert.ok(performance.now() - began < 8000)
})

test('a relay with a new key goes on with it, and its old key is refused', async () => {
  const old = relay.key
  const renewed = await boss.call('POST', `/api/relays/${relay.id}/key`)
  assert.equal(renewed.status, 200)
  relay = Object(renewed.body)
  assert.deepEqual(codeOf(await say('channels', { signs: [] }, old)), [401, 'not_signed_in'])
  assert.equal((await say('channels', { signs: [] })).status, 200)
  const clerk = await house.as(['shops.read', 'api_keys.write'])
  assert.deepEqual(codeOf(await clerk.call('POST', `/api/relays/${relay.id}/key`)), [
    403,
    'beyond_own_rights',
  ])
})

test('a relay with shops stays, and raises an alarm once it is silent for two minutes', async () => {
  assert.deepEqual(codeOf(await boss.call('DELETE', `/api/relays/${relay.id}`)), [409, 'relay_in_use'])
  const silent = async () =>
    (
      await alarmsNow(
        { db: house.db, scope: wholeScope, now: new Date() },
        await readQueueCounts({ db: house.db, scope: wholeScope, now: new Date() }),
      )
    ).flatMap(({ id, kind, shopId: of }) => (kind === 'relay_silent' ? [[id, of]] : []))
  assert.deepEqual(await silent(), [])
  await sql`update relay set heard_at = now() - interval '3 minutes'`.execute(house.db)
  assert.deepEqual(await silent(), [[`relay_silent:${relay.id}`, shopId]])
  const rows = Object((await boss.call('GET', '/api/relays')).body).rows
  assert.deepEqual(
    rows.map(({ name, live, shops }: Record<string, unknown>) => [name, live, shops]),
    [['聚石塔', false, ['青禾家居']]],
  )
  const stranger = await house.as(['*'], [])
  const seen = Object((await stranger.call('GET', '/api/relays')).body).rows
  assert.deepEqual(
    seen.map(({ name, shops }: Record<string, unknown>) => [name, shops]),
    [['聚石塔', []]],
  )
})
