import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { demoShops } from '../../sandbox/demo-shops.ts'
import { type RunningSandbox, startSandbox } from '../../sandbox/server.ts'
import type { Connector } from '../connectors/connector.ts'
import { connectors } from '../connectors/index.ts'
import { systemActor, wholeScope } from '../core/access/actor.ts'
import { type Caller, callerAt, type TestApp, testApp } from '../testing/app.ts'
import { verifyShop } from './authorise.ts'
import { callShop, openCall } from './calls.ts'
import { checkCredentials } from './credentials.ts'
import { connectDemoShops } from './demo.ts'
import { setCredentials, updateShops } from './shops.ts'

const [tmall, taobao] = [demoShops[0] ?? assert.fail(), demoShops[1] ?? assert.fail()]

let house: TestApp
let sandbox: RunningSandbox
let admin: Caller

before(async () => {
  const shops = demoShops.map((shop) => ({ ...shop, trades: 1 }))
  sandbox = await startSandbox({ port: 0, seed: 'guards', shops })
  house = await testApp({ SIMULATOR: '1' })
  admin = await house.as(['*'])
})
after(async () => {
  await house[Symbol.asyncDispose]()
  await sandbox.close()
})

const by = { actor: systemActor, scope: wholeScope }
const depsOf = () => ({ db: house.db, ring: house.ring, connectors, simulator: true })
const asked = (shop: typeof tmall) => sandbox.sandbox.calls.get(`${shop.key} taobao.user.seller.get`) ?? 0
const stateOf = async (id: string) => {
  const found = await sql<{ state: string; version: number; hasToken: boolean }>`
    select auth_state as state, token_version as version, token is not null as "hasToken" from shop where id = ${id}`
  return (await found.execute(house.db)).rows[0]
}

test('outside the demo every address of a platform is https, also one on this machine', async () => {
  const credentials = { appKey: '1', appSecret: 's', tokenUrl: `${sandbox.url}/token` }
  const body = { platform: 'taobao', name: '明文', credentials }
  await using other = await testApp()
  const refused = await (await other.as(['*'])).call('POST', '/api/shops', body)
  const { code, field } = Object(refused.body)
  assert.deepEqual([refused.status, code, field], [400, 'invalid_input', 'credentials.tokenUrl'])
  const left = await sql`select from shop where name = '明文'`.execute(other.db)
  assert.equal(left.rows.length, 0)
})

test('what was the simulator’s address is called by no house that has no simulator', async () => {
  const [id = ''] = await connectDemoShops(depsOf(), sandbox.url, [tmall])
  const before = asked(tmall)
  const elsewhere = { ...depsOf(), simulator: false }
  const refusal = { code: 'invalid_input', field: 'credentials.gatewayUrl' }
  await assert.rejects(openCall(elsewhere, id), refusal)
  await assert.rejects(verifyShop(elsewhere, id, by), refusal)
  assert.equal(asked(tmall), before)
  // A call that was opened before is refused too.
  const opened = await openCall(depsOf(), id)
  opened.deps = elsewhere
  opened.readAt = Number.NEGATIVE_INFINITY
  await connectDemoShops(depsOf(), sandbox.url, [tmall])
  const tried = asked(tmall)
  await assert.rejects(
    callShop(opened, (connector, call) => connector.verify(call)),
    refusal,
  )
  assert.equal(asked(tmall), tried)
  await verifyShop(depsOf(), id, by)
  assert.equal(asked(tmall), tried + 1)
})

test('an address of a platform is one of its own hosts, or one that the operator names', async () => {
  await using other = await testApp({ PLATFORM_HOSTS: 'tbsandbox.com, gateway.example.cn' })
  const ways = [
    ['https://gw.api.taobao.com/router/rest', 'both'],
    ['https://taobao.com/router', 'both'],
    ['https://gw.api.tbsandbox.com/router', 'named'],
    ['https://gateway.example.cn/x', 'named'],
    ['https://evil.example/', 'none'],
    ['https://taobao.com.evil.example/', 'none'],
    ['https://eviltaobao.com/', 'none'],
    ['https://gw.api.taobao.com:8443/', 'none'],
    ['https://127.0.0.1/', 'none'],
    ['https://[::ffff:10.0.0.1]/', 'none'],
    ['https://169.254.169.254/', 'none'],
  ] as const
  const boss = await other.as(['*'])
  for (const [gatewayUrl, taken] of ways) {
    for (const [who, kind] of [
      [admin, 'both'],
      [boss, 'named'],
    ] as const) {
      const body = {
        platform: 'taobao',
        name: `${kind} ${gatewayUrl}`,
        credentials: { appKey: '1', appSecret: 's', gatewayUrl },
      }
      const { status, body: answer } = await who.call('POST', '/api/shops', body)
      const isTaken = taken === 'both' || taken === kind
      assert.equal(status, isTaken ? 201 : 400, gatewayUrl)
      if (!isTaken) assert.equal(Object(answer).field, 'credentials.gatewayUrl', gatewayUrl)
    }
  }
})

test('the seller’s own site is any public name over https, and its secret is typed again for another one', async () => {
  const ways = [
    ['https://shop.example.com', 201],
    ['https://shop.example.com/store/', 201],
    ['http://shop.example.com', 400],
    ['https://shop.example.com:8443', 400],
    ['https://93.184.216.34', 400],
    ['https://169.254.169.254/', 400],
    ['https://[::1]/', 400],
    ['https://user:word@shop.example.com/', 400],
    ['https://shop.example.com/?x=1', 400],
    ['ftp://shop.example.com', 400],
  ] as const
  const own = connectors.find(({ credentials }) => 'siteUrl' in credentials.properties)
  assert.ok(own)
  const keys = { consumerKey: 'ck_1', consumerSecret: 'cs_1' }
  for (const [siteUrl, expected] of ways) {
    const body = { platform: own.id, name: siteUrl, credentials: { ...keys, siteUrl } }
    const { status, body: answer } = await admin.call('POST', '/api/shops', body)
    assert.equal(status, expected, siteUrl)
    if (expected === 400) assert.equal(Object(answer).field, 'credentials.siteUrl', siteUrl)
  }
  const stored = { ...keys, siteUrl: 'https://shop.example.com' }
  assert.throws(
    () =>
      checkCredentials(own, stored, {
        ...stored,
        siteUrl: 'https://evil.example',
        consumerSecret: '',
      }),
    { code: 'invalid_input', field: 'credentials.consumerSecret' },
  )
})

test('work under way heeds within seconds that its shop was disabled, and asks the platform no more', async () => {
  const [id = ''] = await connectDemoShops(depsOf(), sandbox.url, [tmall])
  const opened = await openCall(depsOf(), id)
  const verify = () => callShop(opened, (connector, call) => connector.verify(call))
  await verify()
  const before = asked(tmall)
  const disable = (enabled: boolean) =>
    house.db
      .transaction()
      .execute((tx) => updateShops(tx, depsOf(), { shopIds: [id], patch: { enabled } }, by))
  await disable(false)
  opened.readAt = Number.NEGATIVE_INFINITY
  await assert.rejects(verify(), { code: 'shop_disabled' })
  assert.equal(asked(tmall), before)
  await disable(true)
  opened.readAt = Number.NEGATIVE_INFINITY
  await verify()
  assert.equal(asked(tmall), before + 1)
})

test('work under way goes on with the token that another process stored', async () => {
  const [id = ''] = await connectDemoShops(depsOf(), sandbox.url, [tmall])
  const opened = await openCall(depsOf(), id)
  const seen = opened.tokenVersion
  await connectDemoShops(depsOf(), sandbox.url, [tmall])
  await callShop(opened, (connector, call) => connector.verify(call))
  assert.equal(opened.tokenVersion, seen)
  opened.readAt = Number.NEGATIVE_INFINITY
  await callShop(opened, (connector, call) => connector.verify(call))
  assert.equal(opened.tokenVersion, seen + 1)
})

test('credentials that were changed while the old ones were verified do not go live', async () => {
  const [id = ''] = await connectDemoShops(depsOf(), sandbox.url, [taobao])
  const change = () =>
    house.db.transaction().execute((tx) => {
      const other = { appKey: 'other', appSecret: 'other', gatewayUrl: `${sandbox.url}/router/rest` }
      return setCredentials(tx, depsOf(), { shopId: id, typed: other }, by)
    })
  const slow: Connector[] = connectors.map((connector) => ({
    ...connector,
    async verify(call) {
      const identity = await connector.verify(call)
      await change()
      return identity
    },
  }))
  await assert.rejects(verifyShop({ ...depsOf(), connectors: slow }, id, by), { code: 'conflict' })
  const now = await stateOf(id)
  assert.deepEqual([now?.state, now?.hasToken], ['none', false])
})

test('an authorisation that somebody began who was disabled since is not finished', async () => {
  const [id = ''] = await connectDemoShops(depsOf(), sandbox.url, [tmall])
  const clerk = await house.as(['shops.write'])
  const begun = await clerk.call('POST', `/api/shops/${id}/authorize`)
  const page = new URL(Object(begun.body).url)
  page.pathname = '/authorize/grant'
  page.searchParams.set('shop', tmall.key)
  const granted = await fetch(page, { redirect: 'manual' })
  const back = new URL(granted.headers.get('location') ?? '')
  await sql`update app_user set disabled_at = now() where id = ${clerk.userId}`.execute(house.db)
  const before = await stateOf(id)
  const finished = await callerAt(house.url, '', '').call('GET', back.pathname + back.search)
  assert.equal(finished.status, 403)
  assert.deepEqual(await stateOf(id), before)
})

test('of two shops that are given one name at once, one has it', async () => {
  const ids = await connectDemoShops(depsOf(), sandbox.url, [tmall, taobao])
  const renamed = await Promise.allSettled(
    ids.map((id) =>
      house.db
        .transaction()
        .execute((tx) => updateShops(tx, depsOf(), { shopIds: [id], patch: { name: '同名店' } }, by)),
    ),
  )
  assert.deepEqual(
    renamed.flatMap((one) => (one.status === 'rejected' ? [Object(one.reason).code] : [])),
    ['duplicate'],
  )
})

test('the demo finds its shops again after they were renamed, also when two changed names', async () => {
  const ids = await connectDemoShops(depsOf(), sandbox.url, [tmall, taobao])
  const [one = '', two = ''] = ids
  const rename = (id: string, name: string) =>
    house.db.transaction().execute((tx) => updateShops(tx, depsOf(), { shopIds: [id], patch: { name } }, by))
  await rename(one, '临时')
  await rename(two, tmall.name)
  await rename(one, '改了名的店')
  assert.deepEqual(await connectDemoShops(depsOf(), sandbox.url, [tmall, taobao]), ids)
  const { rows } = await sql<{
    name: string
  }>`select name from shop where id = any(${ids}::bigint[]) order by id`.execute(house.db)
  assert.deepEqual(
    rows.map(({ name }) => name),
    ['改了名的店', tmall.name],
  )
})
