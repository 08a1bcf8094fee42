import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { demoShops } from '../../sandbox/demo-shops.ts'
import { addFault } from '../../sandbox/faults.ts'
import { type RunningSandbox, startSandbox } from '../../sandbox/server.ts'
import { expireSessions, shopByKey } from '../../sandbox/world/world.ts'
import { reported } from '../connectors/gateway.ts'
import { connectors } from '../connectors/index.ts'
import { wholeScope } from '../core/access/actor.ts'
import { type OpenDatabase, openDatabase } from '../core/db/db.ts'
import { PlatformError } from '../lib/platform-error.ts'
import { memoryKeyRing } from '../lib/seal.ts'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { type CallDeps, callShop, markExpired, type OpenedShop, openCall, withShop } from './calls.ts'
import { connectDemoShops } from './demo.ts'
import { readShop } from './shops.ts'
import { sealCredentials } from './tokens.ts'

const tmall = demoShops[0] ?? assert.fail()
const verifying = 'taobao.user.seller.get'

let base: TestDatabase
let open: OpenDatabase
let sandbox: RunningSandbox
let deps: CallDeps
let shopId: string

before(async () => {
  base = await testDatabase()
  open = openDatabase(base.url)
  sandbox = await startSandbox({
    port: 0,
    seed: 'calls',
    shops: demoShops.map((shop) => ({ ...shop, trades: 3 })),
  })
  deps = { db: open.db, ring: memoryKeyRing(), connectors, simulator: true }
})
after(async () => {
  await sandbox.close()
  await open.close()
  await base[Symbol.asyncDispose]()
})
beforeEach(async () => {
  sandbox.sandbox.board.faults = []
  sandbox.sandbox.board.bans.clear()
  await sql`delete from shop_gate`.execute(open.db)
  await base.empty('audit_log')
  const seller = shopByKey(sandbox.world, tmall.key) ?? assert.fail()
  sandbox.world.sessions.set(tmall.sessionKey, { shop: seller, expires: Number.POSITIVE_INFINITY })
  sandbox.world.refreshTokens.set(tmall.refreshToken, seller)
  shopId = (await connectDemoShops(deps, sandbox.url, [tmall]))[0] ?? assert.fail()
  sandbox.sandbox.calls.clear()
})

const verify = (opened: OpenedShop) => callShop(opened, (connector, call) => connector.verify(call))
const asked = (method: string) => sandbox.sandbox.calls.get(method) ?? 0
const verifications = () => asked(`${tmall.key} ${verifying}`)
const renewals = () => asked('- token refresh_token')
const shop = () => readShop(open.db, shopId, wholeScope)
const killSessions = () => expireSessions(sandbox.world, shopByKey(sandbox.world, tmall.key) ?? assert.fail())
const fault = (kind: Parameters<typeof addFault>[1]['kind'], more: object = {}) =>
  addFault(sandbox.sandbox.board, { kind, method: verifying, remaining: 1, ...more })
const failure = (work: Promise<unknown>): Promise<PlatformError> =>
  work.then(
    () => assert.fail('it succeeded'),
    (error) => (error instanceof PlatformError ? error : Promise.reject(error)),
  )

test('an opened shop is called without a query per call', async () => {
  const other = openDatabase(base.url)
  const opened = await openCall({ ...deps, db: other.db }, shopId)
  await other.close()
  const identity = await verify(opened)
  assert.equal(identity.nick, tmall.name)
  assert.equal(verifications(), 1)
})

test('every request is told to the run and to the metrics', async () => {
  const seen: string[] = []
  const metrics = {
    platformRequest: (platform: string, { outcome }: { outcome: string }) =>
      seen.push(`${platform} ${outcome}`),
  }
  let told = 0
  const opened = await openCall({ ...deps, metrics }, shopId, { onRequest: () => void told++ })
  await verify(opened)
  assert.equal(told, seen.length)
  assert.deepEqual([...new Set(seen)], ['taobao ok'])
})

test('a passing trouble of the platform is tried again', async () => {
  fault('isp', { remaining: 2 })
  await verify(await openCall(deps, shopId))
  assert.equal(verifications(), 3)
})

test('a lasting trouble is given up after four tries', async () => {
  fault('isp', { remaining: 9 })
  const error = await failure(verify(await openCall(deps, shopId)))
  assert.equal(error.kind, 'retry')
  assert.equal(verifications(), 4)
  assert.equal((await shop()).authState, 'live')
})

test('a write whose outcome is unclear is not tried again', async () => {
  fault('http', { status: 502 })
  const opened = await openCall(deps, shopId)
  const error = await failure(
    callShop(opened, (connector, call) => connector.verify(call), { effect: 'write' }),
  )
  assert.equal(error.unclear, true)
  assert.equal(verifications(), 1)
})

test('a token that ends after the first call of a write is renewed, and the whole is repeated', async () => {
  const opened = await openCall(deps, shopId)
  killSessions()
  let tries = 0
  const identity = await callShop(
    opened,
    async (connector, call) => {
      tries += 1
      return connector.verify(call).catch((error: PlatformError) => {
        throw new PlatformError(error.kind, error.code, error.message, { unclear: true })
      })
    },
    { effect: 'write', tries: 1 },
  )
  assert.deepEqual([identity.nick, tries, renewals()], [tmall.name, 2, 1])
  assert.equal((await shop()).authState, 'live')
})

test('a rejection is passed on at once', async () => {
  const opened = await openCall(deps, shopId)
  let tries = 0
  const error = await failure(
    callShop(opened, async () => {
      tries += 1
      throw new PlatformError('rejected', 'isv.invalid-parameter', 'No.')
    }),
  )
  assert.deepEqual([error.code, tries], ['isv.invalid-parameter', 1])
})

test('an error that is not the platform’s is passed on as it is', async () => {
  const opened = await openCall(deps, shopId)
  const bug = new TypeError('a bug')
  await assert.rejects(
    callShop(opened, () => Promise.reject(bug)),
    (error) => error === bug,
  )
})

test('a short ban is waited for', async () => {
  fault('limited', { seconds: 1 })
  const begun = Date.now()
  await verify(await openCall(deps, shopId))
  assert.ok(Date.now() - begun >= 900, `waited ${Date.now() - begun} ms`)
})

/** A call of several requests, as a page of a list with a detail for each row. Returns when each was sent. */
async function requests(
  opened: OpenedShop,
  outcomes: readonly (PlatformError | 'ok')[],
  signal?: AbortSignal,
) {
  const sent: { at: number; no: number }[] = []
  const left = [...outcomes]
  const done = callShop(
    opened,
    async (_connector, call) => {
      for (let no = 0; left.length > 0; no += 1)
        await reported(call, `request ${no}`, async () => {
          sent.push({ at: performance.now(), no })
          const outcome = left.shift()
          if (outcome instanceof PlatformError) throw outcome
        })
    },
    { effect: 'write', ...(signal ? { signal } : {}) },
  )
  return { sent, done }
}

test('each request of a call takes its own turn in the quota', async () => {
  await sql`update shop set settings = '{"requestsPerSecond": 20}' where id = ${shopId}`.execute(open.db)
  const { sent, done } = await requests(await openCall(deps, shopId), ['ok', 'ok', 'ok', 'ok', 'ok'])
  await done
  const [first, last] = [sent[0]?.at ?? 0, sent.at(-1)?.at ?? 0]
  assert.ok(last - first >= 190, `five requests within ${last - first} ms`)
})

test('a request that was refused as one too many is sent again, and those before it are not', async () => {
  const limited = new PlatformError('rate_limited', 'too_many', 'Too many.', { waitMs: 200 })
  const { sent, done } = await requests(await openCall(deps, shopId), ['ok', 'ok', limited, 'ok', 'ok'])
  await done
  assert.deepEqual(
    sent.map(({ no }) => no),
    [0, 1, 2, 2, 3],
  )
  assert.ok((sent[3]?.at ?? 0) - (sent[2]?.at ?? 0) >= 190)
})

test('a write that is stopped between two requests is unclear, and one that has sent nothing is not', async () => {
  await sql`update shop set settings = '{"requestsPerSecond": 1}' where id = ${shopId}`.execute(open.db)
  const opened = await openCall(deps, shopId)
  const stop = new AbortController()
  const { sent, done } = await requests(opened, ['ok', 'ok'], stop.signal)
  const failed = failure(done)
  while (sent.length === 0) await sleep(5)
  stop.abort(new Error('stopped'))
  const { code, unclear } = await failed
  assert.deepEqual([sent.length, code, unclear], [1, 'aborted', true])
  const waiting = new AbortController()
  const none = await requests(opened, ['ok'], waiting.signal)
  waiting.abort(new Error('stopped'))
  const early = await failure(none.done)
  assert.deepEqual([early.kind, early.code, early.unclear], ['rate_limited', 'no_turn', false])
  assert.equal(none.sent.length, 0)
})

test('a write that failed before it was sent is not unclear, although its time ends before it is tried again', async () => {
  const away = new PlatformError('retry', 'connection', 'No connection.', { waitMs: 60_000 })
  const opened = await openCall(deps, shopId)
  const late = new AbortController()
  const pausing = await requests(opened, [away, 'ok'], late.signal)
  const failed = failure(pausing.done)
  while (pausing.sent.length === 0) await sleep(5)
  await sleep(20)
  late.abort(new Error('late'))
  const paused = await failed
  const over = new AbortController()
  const done = callShop(
    opened,
    async () => {
      over.abort(new Error('late'))
      throw away
    },
    { effect: 'write', signal: over.signal },
  )
  for (const { kind, code, unclear } of [paused, await failure(done)])
    assert.deepEqual([kind, code, unclear], ['retry', 'connection', false])
  assert.equal(pausing.sent.length, 1)
  // A reading that is stopped ends by that.
  const reading = callShop(opened, () => Promise.reject(away), { signal: over.signal })
  await assert.rejects(reading, /^Error: late$/)
})

test('a long ban ends the call, stops the shop in every process, and is not called into', async () => {
  fault('limited', { seconds: 300, subCode: 'app-access-count' })
  const opened = await openCall(deps, shopId)
  const error = await failure(verify(opened))
  assert.deepEqual([error.kind, error.waitMs], ['rate_limited', 300_000])
  const gate = await sql<{ left: number }>`
    select extract(epoch from ban_until - now())::float8 as left from shop_gate where shop_id = ${shopId}`.execute(
    open.db,
  )
  assert.ok((gate.rows[0]?.left ?? 0) > 290)
  assert.equal((await failure(verify(opened))).code, 'banned')
  assert.equal(verifications(), 1)
})

test('a stopped run stops between tries', async () => {
  fault('isp', { remaining: 99 })
  const stop = new AbortController()
  const opened = await openCall(deps, shopId, { signal: stop.signal })
  const going = verify(opened)
  stop.abort(new Error('stopped by a person'))
  await assert.rejects(going)
  assert.ok(verifications() <= 1)
})

test('a token that ends within the hour is renewed once, by whichever process comes first', async () => {
  await endsIn(shopId, 30)
  const before = await shop()
  const others = [1, 2, 3, 4].map(() => openDatabase(base.url, { max: 2 }))
  const opened = await Promise.all(others.map(({ db }) => openCall({ ...deps, db }, shopId)))
  await Promise.all(opened.map(verify))
  await Promise.all(others.map((other) => other.close()))
  const now = await shop()
  assert.equal(renewals(), 1)
  assert.equal(now.tokenVersion, before.tokenVersion + 1)
  assert.ok((now.tokenExpiresAt?.getTime() ?? 0) > Date.now() + 86_400_000)
  assert.equal(new Set(opened.map(({ call }) => call.session)).size, 1)
  assert.notEqual(opened[0]?.call.session, tmall.sessionKey)
})

test('a renewal that fails is a warning while the token lasts', async () => {
  await endsIn(shopId, 30)
  forgetRefreshTokens()
  const opened = await openCall(deps, shopId)
  await verify(opened)
  await verify(opened)
  const { authState, authError } = await shop()
  assert.equal(authState, 'live')
  assert.match(authError, /invalid_grant/)
  assert.equal(renewals(), 1)
})

test('a session that the platform refuses is renewed, and the call made again', async () => {
  const opened = await openCall(deps, shopId)
  killSessions()
  const identities = await Promise.all([verify(opened), verify(opened), verify(opened)])
  assert.deepEqual(
    identities.map(({ nick }) => nick),
    [tmall.name, tmall.name, tmall.name],
  )
  assert.equal(renewals(), 1)
  assert.equal((await shop()).authState, 'live')
})

test('when nothing renews it, the shop expires once, its tasks pause, and nobody asks the platform again', async () => {
  const opened = await openCall(deps, shopId)
  killSessions()
  forgetRefreshTokens()
  const errors = await Promise.all([failure(verify(opened)), failure(verify(opened))])
  assert.deepEqual(
    errors.map(({ kind }) => kind),
    ['reauthorise', 'reauthorise'],
  )
  assert.equal((await shop()).authState, 'expired')
  const gate = await sql<{
    paused: string[]
  }>`select paused from shop_gate where shop_id = ${shopId}`.execute(open.db)
  assert.deepEqual(gate.rows[0]?.paused, ['auth_expired'])
  const noted = await sql`select 1 from audit_log where action = 'shop.expire'`.execute(open.db)
  assert.equal(noted.rows.length, 1)

  sandbox.sandbox.calls.clear()
  assert.equal((await failure(verify(opened))).kind, 'reauthorise')
  assert.equal(
    (await failure(withShop(deps, shopId, (connector, call) => connector.verify(call)))).kind,
    'reauthorise',
  )
  assert.equal(sandbox.sandbox.calls.size, 0)
})

test('a slow answer to an old token does not expire the new one', async () => {
  const old = (await shop()).tokenVersion
  await sql`update shop set token_version = token_version + 1 where id = ${shopId}`.execute(open.db)
  const marked = await open.db.transaction().execute((tx) => markExpired(tx, shopId, 'late', old))
  assert.equal(marked, false)
  assert.equal((await shop()).authState, 'live')
})

test('a disabled shop is not called', async () => {
  await sql`update shop set enabled = false where id = ${shopId}`.execute(open.db)
  await assert.rejects(openCall(deps, shopId), { code: 'shop_disabled' })
  await sql`update shop set enabled = true where id = ${shopId}`.execute(open.db)
})

test('secrets that a platform echoes are in no error, row or audit entry', async () => {
  const opened = await openCall(deps, shopId)
  const { secrets } = opened
  assert.equal(secrets.length, 3)
  const echo = new PlatformError('reauthorise', '27', `Invalid session ${secrets.join(' ')}`, {
    cause: new Error(secrets[0]),
  })
  forgetRefreshTokens()
  const error = await failure(callShop(opened, () => Promise.reject(echo)))
  const stored = await sql<{ all: string }>`
    select concat((select json_agg(s)::text from (select auth_error, settings, name from shop) s),
      (select json_agg(a)::text from audit_log a)) as all`.execute(open.db)
  for (const secret of secrets) {
    assert.ok(!`${error.message} ${error.stack} ${error.cause}`.includes(secret))
    assert.ok(!stored.rows[0]?.all.includes(secret))
  }
})

test('two shops of one app share its quota, also where each has settings of its own; two apps do not', async () => {
  const seal = async (more: object) => {
    const { credentials } = (await openCall(deps, shopId)).call
    const sealed = sealCredentials(deps.ring, shopId, { ...credentials, ...more })
    await sql`update shop set credentials = ${sealed} where id = ${shopId}`.execute(open.db)
    return (await openCall(deps, shopId)).limiterKey
  }
  const own = (await openCall(deps, shopId)).limiterKey
  assert.equal(await seal({ pushUrl: 'ws://127.0.0.1:9/other' }), own)
  assert.notEqual(await seal({ appKey: '99' }), own)
})

test('work that runs takes a setting that a person changed', async () => {
  const opened = await openCall(deps, shopId)
  const pushUrl = 'ws://127.0.0.1:9/new'
  const sealed = sealCredentials(deps.ring, shopId, { ...opened.call.credentials, pushUrl })
  await sql`update shop set credentials = ${sealed} where id = ${shopId}`.execute(open.db)
  opened.readAt = 0
  await verify(opened)
  assert.equal(opened.call.credentials['pushUrl'], pushUrl)
})

test('the sealed bytes of one shop cannot be opened as another’s', async () => {
  const [, second = ''] = await connectDemoShops(deps, sandbox.url, demoShops.slice(0, 2))
  await sql`update shop set credentials = (select credentials from shop where id = ${shopId}) where id = ${second}`.execute(
    open.db,
  )
  await assert.rejects(openCall(deps, second))
  await sql`delete from shop where id = ${second}`.execute(open.db)
})

async function endsIn(id: string, minutes: number): Promise<void> {
  await sql`update shop set token_expires_at = now() + ${minutes}::int * interval '1 minute' where id = ${id}`.execute(
    open.db,
  )
}

function forgetRefreshTokens(): void {
  sandbox.world.refreshTokens.clear()
}
