import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import Type from 'typebox'
import Value from 'typebox/value'
import { demoShops } from '../../sandbox/demo-shops.ts'
import { type RunningSandbox, startSandbox } from '../../sandbox/server.ts'
import type { Connector } from '../connectors/connector.ts'
import { connectors } from '../connectors/index.ts'
import { systemActor, wholeScope } from '../core/access/actor.ts'
import { pauseShopTasks, pauseUnauthorised } from '../core/access/shop-gate.ts'
import type { Tx } from '../core/db/db.ts'
import { createQueues, defineJob } from '../core/jobs/job.ts'
import { type Answer, type Caller, type TestApp, testApp } from '../testing/app.ts'
import { shopOfState, verifyShop } from './authorise.ts'
import { markExpired } from './calls.ts'
import { isAllowedAddress } from './credentials.ts'
import { connectDemoShops } from './demo.ts'
import type { ShopRow } from './queries.ts'
import { shopRoutes } from './routes.ts'
import { readShop } from './shops.ts'

const [tmall, taobao] = [demoShops[0] ?? assert.fail(), demoShops[1] ?? assert.fail()]

let house: TestApp
let sandbox: RunningSandbox
let admin: Caller

before(async () => {
  sandbox = await startSandbox({
    port: 0,
    seed: 'shops',
    shops: demoShops.map((shop) => ({ ...shop, trades: 2 })),
  })
  const completeTo = new Date('2026-11-24T06:00:00Z')
  const coverageOf = async (_: unknown, ids: string[]) =>
    new Map(ids.map((id) => [id, { completeTo, behindMs: 5000, reason: null, push: null }]))
  house = await testApp({ SIMULATOR: '1' }, (app) => {
    app.register(shopRoutes({ connectors, coverageOf }), { prefix: '/api/covered' })
  })
  admin = await house.as(['*'])
  const recheck = {
    name: 'intake.recheck',
    payload: Type.Object({ shopId: Type.String() }),
    run: async () => {},
  }
  await createQueues(house.db, [defineJob(recheck)])
})
after(async () => {
  await house[Symbol.asyncDispose]()
  await sandbox.close()
})

const detail = Type.Object({
  shop: Type.Object({
    id: Type.String(),
    variant: Type.String(),
    authState: Type.String(),
    authError: Type.String(),
    platformShopId: Type.String(),
    sellerNick: Type.String(),
    enabled: Type.Boolean(),
    goLiveAt: Type.String(),
    settings: Type.Record(Type.String(), Type.Unknown()),
    coverage: Type.Unknown(),
  }),
  credentials: Type.Union([
    Type.Null(),
    Type.Object({ set: Type.Array(Type.String()), values: Type.Record(Type.String(), Type.String()) }),
  ]),
})

function credentialsOf(shop: typeof tmall) {
  return {
    appKey: shop.appKey,
    appSecret: shop.appSecret,
    gatewayUrl: `${sandbox.url}/router/rest`,
    authorizeUrl: `${sandbox.url}/authorize`,
    tokenUrl: `${sandbox.url}/token`,
  }
}

async function addShop(name: string, shop = tmall) {
  const body = { platform: 'taobao', variant: 'tmall', name, credentials: credentialsOf(shop) }
  const answer = await admin.call('POST', '/api/shops', body)
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return Value.Parse(detail, Value.Clean(detail, answer.body)).shop.id
}

async function look(id: string, caller = admin) {
  const answer = await caller.call('GET', `/api/shops/${id}`)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return Value.Parse(detail, Value.Clean(detail, answer.body))
}

function refusal({ status, body }: Answer): [number, string, string | undefined] {
  const error = Value.Parse(
    Type.Object({ code: Type.String(), field: Type.Optional(Type.String()) }),
    Value.Clean(Type.Object({ code: Type.String(), field: Type.Optional(Type.String()) }), body),
  )
  return [status, error.code, error.field]
}

/** Goes through the platform's consent page as the seller does; returns the address to which it redirects. */
async function consent(shopId: string, as: typeof tmall): Promise<{ callback: string; state: string }> {
  const answer = await admin.call('POST', `/api/shops/${shopId}/authorize`)
  const page = new URL(Value.Parse(Type.Object({ url: Type.String() }), answer.body).url)
  assert.equal(page.origin, sandbox.url)
  assert.equal(page.searchParams.get('redirect_uri'), 'http://localhost:3000/api/oauth/callback')
  page.pathname = '/authorize/grant'
  page.searchParams.set('shop', as.key)
  const granted = await fetch(page, { redirect: 'manual' })
  const back = new URL(granted.headers.get('location') ?? '')
  return { callback: back.pathname + back.search, state: back.searchParams.get('state') ?? '' }
}

test('a new shop goes live from now on, converts nothing unpaid, and is not connected', async () => {
  const { shop, credentials } = await look(await addShop('新店'))
  assert.deepEqual([shop.authState, shop.platformShopId, shop.enabled], ['none', '', true])
  assert.ok(Math.abs(Date.parse(shop.goLiveAt) - Date.now()) < 20_000)
  assert.deepEqual(shop.settings, {
    convertUnpaid: false,
    requestsPerSecond: null,
    concurrentRequests: null,
    reportCancels: false,
    shipUnasked: false,
    push: true,
    withheld: [],
  })
  assert.ok(credentials?.set.includes('appSecret'))
  assert.equal(credentials?.values['appKey'], tmall.appKey)
  assert.ok(!('appSecret' in (credentials?.values ?? {})))
})

test('two shops cannot have one name', async () => {
  await addShop('同名')
  const body = { platform: 'taobao', name: '同名 ' }
  assert.deepEqual(refusal(await admin.call('POST', '/api/shops', body)), [409, 'duplicate', 'name'])
})

test('an unknown platform, kind, field, address or setting is refused and changes nothing', async () => {
  const before = await sql<{ n: number }>`select count(*)::int as n from shop`.execute(house.db)
  const good = { platform: 'taobao', name: '拒收' }
  const cases: [object, [number, string, string | undefined]][] = [
    [{ ...good, platform: 'nowhere' }, [404, 'not_found', undefined]],
    [{ ...good, variant: 'nothing' }, [400, 'invalid_input', 'variant']],
    [{ ...good, name: '  ' }, [400, 'invalid_input', 'name']],
    [{ ...good, settings: { reportCancels: 'never' } }, [400, 'invalid_input', 'settings.reportCancels']],
    [{ ...good, settings: { surprise: 1 } }, [400, 'invalid_input', 'settings.surprise']],
    [
      { ...good, credentials: { ...credentialsOf(tmall), more: 'x' } },
      [400, 'invalid_input', 'credentials.more'],
    ],
    [{ ...good, credentials: { appKey: '1' } }, [400, 'invalid_input', 'credentials.appSecret']],
    [
      { ...good, credentials: { ...credentialsOf(tmall), gatewayUrl: 'http://10.0.0.5/router' } },
      [400, 'invalid_input', 'credentials.gatewayUrl'],
    ],
  ]
  for (const [body, expected] of cases) {
    assert.deepEqual(refusal(await admin.call('POST', '/api/shops', body)), expected, JSON.stringify(body))
  }
  const now = await sql<{ n: number }>`select count(*)::int as n from shop`.execute(house.db)
  assert.deepEqual(now.rows, before.rows)
})

test('addresses are https; for the simulator also http on this machine', () => {
  const allowed = [
    'https://gw.api.taobao.com/router/rest',
    'http://127.0.0.1:4101/x',
    'http://localhost/x',
    'http://[::1]:1/',
  ]
  const refused = [
    'http://gw.api.taobao.com/router/rest',
    'http://127.0.0.1.example.com/',
    'http://169.254.169.254/latest',
    'https://user:pass@gw.api.taobao.com/',
    'http://localhost@evil.example/',
    'file:///etc/passwd',
    'ftp://127.0.0.1/',
    'nonsense',
  ]
  assert.deepEqual(
    allowed.filter((address) => !isAllowedAddress(address, true)),
    [],
  )
  assert.deepEqual(
    [...allowed, ...refused].filter((address) => isAllowedAddress(address, false)),
    ['https://gw.api.taobao.com/router/rest'],
  )
  assert.deepEqual(
    refused.filter((address) => isAllowedAddress(address, true)),
    [],
  )
})

test('a secret left out is kept, unless the app or an address changed', async () => {
  const id = await addShop('换钥匙')
  const { appSecret: _, ...open } = credentialsOf(tmall)
  const put = (body: object) => admin.call('PUT', `/api/shops/${id}/credentials`, body)
  assert.equal((await put({ ...open, signMethod: 'md5' })).status, 200)
  assert.equal((await look(id)).credentials?.values['signMethod'], 'md5')
  const elsewhere = { ...open, tokenUrl: 'https://oauth.tbsandbox.taobao.com/token' }
  assert.deepEqual(refusal(await put(elsewhere)), [400, 'invalid_input', 'credentials.appSecret'])
  assert.equal((await look(id)).credentials?.values['tokenUrl'], open.tokenUrl)
  assert.equal((await put({ ...elsewhere, appSecret: 'another' })).status, 200)
})

test('the seller authorises on the platform’s page, and the shop goes live with its token sealed', async () => {
  const id = await addShop('山隅天猫')
  const { callback } = await consent(id, tmall)
  const answer = await house.anonymous.call('GET', callback)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  assert.match(String(answer.body), new RegExp(`授权完成：${tmall.name}`))
  assert.equal(answer.headers.get('refresh'), `2; url=/shops/${id}`)
  const { shop } = await look(id)
  assert.equal(shop.authState, 'live')
  assert.equal(shop.sellerNick, tmall.name)
  assert.notEqual(shop.platformShopId, '')
  assert.equal((await admin.call('POST', `/api/shops/${id}/verify`)).status, 200)
  const again = await house.anonymous.call('GET', callback)
  assert.equal(again.status, 400, 'a code works once')
})

test('a shop whose token and whose renewal have both ended is authorised again', async () => {
  const [row] = (await sql<{ id: string }>`select id from shop where name = '山隅天猫'`.execute(house.db))
    .rows
  const id = row?.id ?? assert.fail()
  await house.db.transaction().execute(async (tx) => {
    await sql`update shop set auth_state = 'expired', token_expires_at = now() - interval '1 day' where id = ${id}`.execute(
      tx,
    )
    await pauseShopTasks(tx, id, 'auth_expired')
  })
  sandbox.world.refreshTokens.clear()
  const { callback } = await consent(id, tmall)
  const answer = await house.anonymous.call('GET', callback)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  assert.equal((await look(id)).shop.authState, 'live')
  const paused = async () =>
    (await sql<{ paused: string[] }>`select paused from shop_gate where shop_id = ${id}`.execute(house.db))
      .rows
  assert.deepEqual(await paused(), [{ paused: [] }])
  // A late answer to the former token pauses nothing, and one that did is lifted by authorising again.
  await house.db.transaction().execute((tx) => pauseUnauthorised(tx, id))
  assert.deepEqual(await paused(), [{ paused: [] }])
  await house.db.transaction().execute((tx) => pauseShopTasks(tx, id, 'auth_expired'))
  assert.equal((await admin.call('POST', `/api/shops/${id}/verify`)).status, 200)
  assert.deepEqual(await paused(), [{ paused: [] }])
})

test('the same shop of the platform cannot be connected twice', async () => {
  const id = await addShop('又是山隅天猫')
  const { callback } = await consent(id, tmall)
  const answer = await house.anonymous.call('GET', callback)
  assert.equal(answer.status, 409)
  assert.match(String(answer.body), /山隅天猫/)
  const { shop } = await look(id)
  assert.deepEqual([shop.authState, shop.platformShopId], ['none', ''])
})

test('another seller’s authorisation is refused, and the shop keeps its own', async () => {
  const list = await house.db.transaction().execute((tx) =>
    sql<{ id: string; token: Buffer }>`
    select id, token from shop where name = '山隅天猫'`.execute(tx),
  )
  const { id, token } = list.rows[0] ?? assert.fail()
  const { callback } = await consent(id, taobao)
  const answer = await house.anonymous.call('GET', callback)
  assert.equal(answer.status, 409)
  assert.match(String(answer.body), new RegExp(taobao.name))
  assert.equal((await look(id)).shop.authState, 'live')
  const now = await sql<{ token: Buffer }>`select token from shop where id = ${id}`.execute(house.db)
  assert.deepEqual(now.rows[0]?.token, token)
})

test('a link that is forged, changed or over authorises nothing', async (t) => {
  const id = await addShop('假链接', taobao)
  const { callback, state } = await consent(id, taobao)
  const flipped = `${state.startsWith('A') ? 'B' : 'A'}${state.slice(1)}`
  const url = new URL(callback, house.url)
  for (const wrong of ['', 'x', flipped, state.slice(0, -4)]) {
    url.searchParams.set('state', wrong)
    const answer = await house.anonymous.call('GET', url.pathname + url.search)
    assert.equal(answer.status, 400)
    assert.match(String(answer.body), /href="\/shops"/)
  }
  assert.equal((await look(id)).shop.authState, 'none')
  assert.equal(shopOfState(house.ring, state), id)
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 31 * 60_000 })
  assert.equal(shopOfState(house.ring, state), undefined)
})

test('wrong credentials are told by the platform’s word, and nothing is marked', async () => {
  const id = await addShop('错密钥', { ...taobao, appSecret: 'wrong' })
  const { callback } = await consent(id, taobao)
  const answer = await house.anonymous.call('GET', callback)
  assert.equal(answer.status, 502)
  assert.match(String(answer.body), /invalid_client/)
  assert.equal((await look(id)).shop.authState, 'none')
  const verified = await admin.call('POST', `/api/shops/${id}/verify`)
  assert.deepEqual(refusal(verified), [409, 'reauthorise', undefined])
})

test('another app ends the authorisation and pauses the shop until it is given again', async () => {
  const { rows } = await sql<{ id: string }>`select id from shop where name = '山隅天猫'`.execute(house.db)
  const id = rows[0]?.id ?? assert.fail()
  const put = (body: object) => admin.call('PUT', `/api/shops/${id}/credentials`, body)
  assert.equal((await put({ ...credentialsOf(tmall), appKey: '1', appSecret: 'other' })).status, 200)
  assert.equal((await look(id)).shop.authState, 'none')
  assert.deepEqual(await paused(id), ['auth_expired'])
  assert.equal((await put(credentialsOf(tmall))).status, 200)
  const { callback } = await consent(id, tmall)
  assert.equal((await house.anonymous.call('GET', callback)).status, 200)
  assert.deepEqual(await paused(id), [])
})

test('a disabled shop is paused and an enabled one goes on', async () => {
  const id = await addShop('停用')
  await admin.call('PATCH', `/api/shops/${id}`, { enabled: false })
  assert.deepEqual(await paused(id), ['shop_disabled'])
  await admin.call('PATCH', `/api/shops/${id}`, { enabled: true, name: '启用' })
  assert.deepEqual(await paused(id), [])
})

test('another go-live time, or converting the unpaid, has what is staged judged anew; nothing else has', async () => {
  const id = await addShop('重算')
  const patch = async (body: object) => {
    await sql`delete from job`.execute(house.db)
    assert.equal((await admin.call('PATCH', `/api/shops/${id}`, body)).status, 200)
    const found = await sql<{ data: unknown }>`select data from job where name = 'intake.recheck'`.execute(
      house.db,
    )
    return found.rows.map(({ data }) => data)
  }
  const goLiveAt = '2026-01-01T00:00:00.000Z'
  assert.deepEqual(await patch({ goLiveAt }), [{ shopId: id }])
  assert.deepEqual(await patch({ goLiveAt, name: '重算二' }), [])
  assert.deepEqual(await patch({ settings: { convertUnpaid: true } }), [{ shopId: id }])
  assert.deepEqual(await patch({ settings: { reportCancels: true } }), [])
  const { shop } = await look(id)
  assert.equal(shop.goLiveAt, goLiveAt)
  assert.deepEqual([shop.settings['convertUnpaid'], shop.settings['reportCancels']], [true, true])
})

test('a shop outside the scope is not found, and its owner cannot add shops', async () => {
  const [mine, other] = [await addShop('我的'), await addShop('别人的')]
  const clerk = await house.as(['shops.read', 'shops.write'], [mine])
  const list = await clerk.call('GET', '/api/shops')
  const rows = Type.Object({ rows: Type.Array(Type.Object({ id: Type.String() })) })
  assert.deepEqual(Value.Parse(rows, Value.Clean(rows, list.body)).rows, [{ id: mine }])
  const calls: [string, string, object?][] = [
    ['GET', `/api/shops/${other}`],
    ['PATCH', `/api/shops/${other}`, { enabled: false }],
    ['PUT', `/api/shops/${other}/credentials`, credentialsOf(tmall)],
    ['POST', `/api/shops/${other}/verify`],
    ['POST', `/api/shops/${other}/authorize`],
  ]
  for (const [method, path, body] of calls) {
    assert.deepEqual(
      refusal(await clerk.call(method, path, body)),
      [404, 'not_found', undefined],
      `${method} ${path}`,
    )
  }
  assert.equal((await look(other)).shop.enabled, true)
  const added = await clerk.call('POST', '/api/shops', { platform: 'taobao', name: '第三家' })
  assert.deepEqual(refusal(added), [403, 'outside_scope', undefined])
  const reader = await house.as(['shops.read'])
  assert.equal((await look(mine, reader)).credentials, null)
  assert.equal((await reader.call('PATCH', `/api/shops/${mine}`, { enabled: false })).status, 403)
})

test('each going live is told once, in its transaction', async () => {
  const told: string[] = []
  const onShopConnected = async (tx: Tx, shop: ShopRow, { id }: Connector) => {
    const inside = await readShop(tx, shop.id, wholeScope)
    told.push(`${id} ${shop.name} ${inside.authState}`)
  }
  const deps = { db: house.db, ring: house.ring, connectors, simulator: true, onShopConnected }
  const [, , yunqi = assert.fail()] = demoShops
  const [id = ''] = await connectDemoShops(deps, sandbox.url, [yunqi])
  await verifyShop(deps, id, { actor: systemActor, scope: wholeScope })
  assert.deepEqual(told, [`taobao ${yunqi.name} live`])
  await house.db.transaction().execute((tx) => markExpired(tx, id, 'over'))
  assert.deepEqual(await paused(id), ['auth_expired'])
  await verifyShop(deps, id, { actor: systemActor, scope: wholeScope })
  assert.equal(told.length, 2)
  assert.deepEqual(await paused(id), [])
})

test('the list shows how far each shop is complete', async () => {
  const answer = await admin.call('GET', '/api/covered/api/shops')
  assert.match(
    JSON.stringify(answer.body),
    /"coverage":\{"completeTo":"2026-11-24T06:00:00.000Z","behindMs":5000,"reason":null,"push":null\}/,
  )
})

test('what can be connected is listed with the form’s schema', async () => {
  const answer = await admin.call('GET', '/api/connectors')
  const text = JSON.stringify(answer.body)
  assert.match(text, /"appSecret":\{[^}]*"secret":true/)
  assert.match(text, /"id":"taobao".*"oauth":true.*"path":"two_stage"/)
  const asks = [...text.matchAll(/"id":"(\w+)"(?:(?!"agreeCode").)*"agreeCode":true/g)].map(([, id]) => id)
  assert.deepEqual(asks, ['taobao'])
  const returns = [...text.matchAll(/"id":"(\w+)"(?:(?!"agreesToReturns").)*"agreesToReturns":true/g)]
  assert.deepEqual(
    returns.map(([, id]) => id),
    connectors.filter(({ agreesToReturns }) => agreesToReturns).map(({ id }) => id),
  )
})

test('the simulator’s shops are connected once, and again after it moved', async () => {
  await sql`delete from shop`.execute(house.db)
  const deps = { db: house.db, ring: house.ring, connectors, simulator: true }
  const mine = demoShops.filter(({ platform }) => platform !== 'pinduoduo')
  const ids = await connectDemoShops(deps, sandbox.url, mine)
  assert.deepEqual(await connectDemoShops(deps, sandbox.url, mine), ids)
  const moved = await startSandbox({
    port: 0,
    seed: 'moved',
    shops: mine.map((shop) => ({ ...shop, trades: 1 })),
  })
  assert.deepEqual(await connectDemoShops(deps, moved.url, mine), ids)
  await moved.close()
  const { rows } = await sql<{ name: string; variant: string; auth: string }>`
    select name, variant, auth_state as auth from shop order by id`.execute(house.db)
  assert.deepEqual(
    rows,
    mine.map(({ name, platform }) => ({ name, variant: platform, auth: 'live' })),
  )
  assert.equal((await look(ids[0] ?? '')).credentials?.values['gatewayUrl'], `${moved.url}/router/rest`)
})

test('no secret is in a log line, an audit row or an unsealed column', async () => {
  const { rows } = await sql<{ text: string }>`
    select concat((select json_agg(a)::text from audit_log a), (select json_agg(s)::text from shop s)) as text`.execute(
    house.db,
  )
  const text = `${rows[0]?.text} ${house.logged.join(' ')}`
  assert.match(text, /shop\.authorise/)
  for (const shop of demoShops) {
    for (const secret of [shop.appSecret, shop.sessionKey, shop.refreshToken])
      assert.ok(!text.includes(secret))
  }
})

async function paused(id: string): Promise<string[] | undefined> {
  const found = await sql<{ paused: string[] }>`select paused from shop_gate where shop_id = ${id}`.execute(
    house.db,
  )
  return found.rows[0]?.paused
}
