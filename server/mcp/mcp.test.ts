import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { sql } from 'kysely'
import { memoryKeyRing } from '../lib/seal.ts'
import { type Caller, type TestApp, testApp } from '../testing/app.ts'
import { anOrder, aShop } from '../testing/orders.ts'
import { forPeopleOnly } from '../users/accounts/api-keys.ts'
import { permissionTable } from '../users/permissions.ts'
import { verbs } from '../worker.ts'
import { confirmOf, isConfirmed } from './confirm.ts'

// The client is the one of the protocol's authors, so this endpoint is judged by another hand.

let house: TestApp
let admin: Caller
let shopId: string
let otherShop: string

before(async () => {
  house = await testApp()
  admin = await house.as(['*'])
  shopId = await aShop(house.db)
  otherShop = await aShop(house.db)
})
after(() => house[Symbol.asyncDispose]())

test('an assistant is offered what its key may do, and a tool of others is unknown to it', async () => {
  await using assistant = await connected(await keyFor(['orders.read', 'orders.confirm']))
  const { tools } = await assistant.client.listTools()
  const names = tools.map(({ name }) => name)
  for (const name of ['read_orders', 'read_orders_id', 'read_orders_counts', 'orders_confirm'])
    assert.ok(names.includes(name), name)
  for (const name of ['read_audit', 'orders_memo', 'orders_void', 'read_api_keys', 'read_orders_count'])
    assert.ok(!names.includes(name), name)
  const list = tools.find(({ name }) => name === 'read_orders')
  assert.equal(list?.annotations?.readOnlyHint, true)
  assert.equal(Object(list?.inputSchema.properties?.['shop']).description, '店铺 Shop')
  const confirm = tools.find(({ name }) => name === 'orders_confirm')
  assert.equal(confirm?.annotations?.readOnlyHint, false)
  assert.deepEqual(confirm?.inputSchema.required, ['ids'])
  await assert.rejects(
    assistant.call('orders_memo', { ids: ['1'], memo: '送礼' }),
    /Unknown tool: orders_memo/,
  )
})

test('every verb of the house is a tool of a key that may do everything, with a name that all assistants accept', async () => {
  const all = Object.keys(permissionTable).filter((name) => !forPeopleOnly.some((one) => one === name))
  await using assistant = await connected(await keyFor(all))
  const { tools } = await assistant.client.listTools()
  const changing = tools.filter(({ annotations }) => annotations?.readOnlyHint === false)
  assert.equal(changing.length, verbs(memoryKeyRing()).length)
  assert.equal(new Set(tools.map(({ name }) => name)).size, tools.length)
  assert.deepEqual(
    tools.map(({ name }) => name).filter((name) => !/^[a-zA-Z0-9_-]{1,64}$/.test(name)),
    [],
  )
})

test('a reading tool answers like the API, within the shops of the key', async () => {
  const mine = await anOrder(house.db, { shopId })
  const theirs = await anOrder(house.db, { shopId: otherShop })
  await using assistant = await connected(await keyFor(['orders.read'], [shopId]))
  const { rows } = await assistant.call('read_orders', { ids: `${mine.id},${theirs.id}` })
  assert.deepEqual(
    rows.map(({ id }) => id),
    [mine.id],
  )
  const one = await assistant.call('read_orders_id', { id: mine.id })
  assert.equal(one.isError, false)
  const other = await assistant.call('read_orders_id', { id: theirs.id })
  assert.deepEqual([other.isError, other.code], [true, 'not_found'])
})

test('a mistake in a question is answered with the code of the API', async () => {
  await using assistant = await connected(await keyFor(['orders.read']))
  const unknown = await assistant.call('read_orders', { nonsense: '1' })
  assert.deepEqual([unknown.isError, unknown.code], [true, 'unknown_filter'])
  for (const id of ['', '.', '..', undefined]) {
    const lost = await assistant.call('read_orders_id', { id })
    assert.deepEqual([lost.isError, lost.code], [true, 'invalid_input'], String(id))
  }
})

test('a verb first says what it would do and changes nothing; with its confirm it does that, once', async () => {
  const { id, no } = await anOrder(house.db, { shopId })
  await using assistant = await connected(await keyFor(['orders.read', 'orders.confirm']))
  const dry = await assistant.call('orders_confirm', { ids: [id] })
  assert.equal(dry.dryRun, true)
  assert.deepEqual(dry.results, [{ id, done: true, ref: no }])
  assert.equal(await statusOf(id), 'unconfirmed')
  assert.equal(await eventsOf(id, 'confirm'), 0)

  const done = await assistant.call('orders_confirm', { ids: [id], confirm: dry.confirm })
  assert.deepEqual([done.isError, done.dryRun, done.results], [false, undefined, dry.results])
  assert.equal(await statusOf(id), 'confirmed')

  const again = await assistant.call('orders_confirm', { ids: [id], confirm: dry.confirm })
  assert.deepEqual(again.results, dry.results)
  assert.equal(await eventsOf(id, 'confirm'), 1)
})

test('the history names the key that an assistant used', async () => {
  const { id } = await anOrder(house.db, { shopId })
  await using assistant = await connected(await keyFor(['orders.confirm'], 'all', '助手'))
  const dry = await assistant.call('orders_confirm', { ids: [id] })
  await assistant.call('orders_confirm', { ids: [id], confirm: dry.confirm })
  const found = await sql<{ actor_kind: string; actor_name: string }>`
    select actor_kind, actor_name from order_event where order_id = ${id} and event = 'confirm'`.execute(
    house.db,
  )
  assert.deepEqual(found.rows, [{ actor_kind: 'api_key', actor_name: '助手' }])
})

test('a confirm is of no use for other rows, another tool, another key, or when nothing would happen', async () => {
  const one = await anOrder(house.db, { shopId })
  const other = await anOrder(house.db, { shopId })
  const permissions = ['orders.confirm', 'orders.unconfirm']
  await using assistant = await connected(await keyFor(permissions))
  await using stranger = await connected(await keyFor(permissions))
  const { confirm } = await assistant.call('orders_confirm', { ids: [one.id] })
  for (const answer of [
    await assistant.call('orders_confirm', { ids: [one.id, other.id], confirm }),
    await assistant.call('orders_confirm', { ids: [other.id], confirm }),
    await assistant.call('orders_unconfirm', { ids: [one.id], confirm }),
    await stranger.call('orders_confirm', { ids: [one.id], confirm }),
    await assistant.call('orders_confirm', { ids: [one.id], confirm: 'zzzzzzzzz.x' }),
  ])
    assert.deepEqual([answer.isError, answer.code], [true, 'not_confirmed'])
  assert.equal(await statusOf(one.id), 'unconfirmed')
  assert.equal(await statusOf(other.id), 'unconfirmed')
  const nothing = await assistant.call('orders_unconfirm', { ids: [one.id] })
  assert.deepEqual([nothing.results?.[0]?.done, nothing.confirm], [false, undefined])
})

test('a confirm ends after ten minutes of the database, and may write the names of its arguments in another order', () => {
  const ring = memoryKeyRing()
  const actor = { kind: 'api_key', id: '7', name: '助手' } as const
  const at = new Date('2026-11-30T01:00:00Z')
  const later = (ms: number) => new Date(at.getTime() + ms)
  const confirm = confirmOf(ring, { actor, tool: 'orders_memo', args: { ids: ['1'], memo: '急' } }, at)
  const turned = { actor, tool: 'orders_memo', args: { memo: '急', ids: ['1'] } }
  assert.equal(isConfirmed(ring, turned, confirm, later(599_999)), true)
  assert.equal(isConfirmed(ring, turned, confirm, later(600_000)), false)
  assert.equal(isConfirmed(ring, { ...turned, args: { memo: '急', ids: ['2'] } }, confirm, at), false)
  const prolonged = `${(at.getTime() + 3_600_000).toString(36)}.${confirm.split('.')[1]}`
  assert.equal(isConfirmed(ring, turned, prolonged, at), false)
})

test('a browser, a stranger and a revoked key are not assistants', async () => {
  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }
  assert.equal((await admin.call('POST', '/mcp', ping)).status, 401)
  assert.equal((await house.anonymous.call('POST', '/mcp', ping)).status, 401)
  const key = await keyFor(['orders.read'])
  const bearer = { authorization: `Bearer ${key}` }
  const answer = await house.anonymous.call('POST', '/mcp', ping, bearer)
  assert.deepEqual([answer.status, answer.body], [200, { jsonrpc: '2.0', id: 1, result: {} }])
  await sql`update api_key set revoked_at = now() where prefix = ${key.slice(0, 9)}`.execute(house.db)
  assert.equal((await house.anonymous.call('POST', '/mcp', ping, bearer)).status, 401)
})

test('messages that are none are refused, and no stream is opened', async () => {
  const bearer = { authorization: `Bearer ${await keyFor(['orders.read'])}` }
  const send = (body: unknown, headers = {}) =>
    house.anonymous.call('POST', '/mcp', body, { ...bearer, ...headers })
  const invalid = { jsonrpc: '2.0', id: null, error: { code: -32600, message: 'Invalid Request' } }
  for (const body of [[], 'ping', { id: 1, method: 'ping' }, { jsonrpc: '2.0', id: {}, method: 'ping' }])
    assert.deepEqual((await send(body)).body, invalid)
  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }
  assert.equal((await send(ping, { 'mcp-protocol-version': '1999-01-01' })).status, 400)
  assert.equal((await send({ jsonrpc: '2.0', method: 'notifications/initialized' })).status, 202)
  const unknown = await send({ ...ping, method: 'resources/list' })
  assert.equal(Object(unknown.body).error.code, -32601)
  const stream = await house.anonymous.call('GET', '/mcp', undefined, bearer)
  assert.deepEqual([stream.status, stream.headers.get('allow')], [405, 'POST'])
})

test('X-Dry-Run is for verbs: any other write refuses it instead of changing something', async () => {
  const { id, no } = await anOrder(house.db, { shopId })
  const header = { 'x-dry-run': 'true' }
  const dry = await admin.call('POST', '/api/orders/confirm', { ids: [id] }, header)
  assert.deepEqual(dry.body, { results: [{ id, done: true, ref: no }] })
  assert.equal(await statusOf(id), 'unconfirmed')
  const role = { name: '试', permissions: ['orders.read'] }
  const refused = await admin.call('POST', '/api/roles', role, header)
  assert.deepEqual([refused.status, Object(refused.body).code], [400, 'invalid_input'])
  const misspelt = await admin.call('POST', '/api/orders/confirm', { ids: [id] }, { 'x-dry-run': 'yes' })
  assert.equal(misspelt.status, 400)
  assert.equal(await statusOf(id), 'unconfirmed')
})

test('the answer of a dry run is not kept for the request that does it', async () => {
  const { id } = await anOrder(house.db, { shopId })
  const send = (headers = {}) =>
    admin.call('POST', '/api/orders/confirm', { ids: [id] }, { 'idempotency-key': `k-${id}`, ...headers })
  await send({ 'x-dry-run': 'true' })
  const done = await send()
  assert.equal(done.headers.get('idempotency-replayed'), null)
  assert.equal(await statusOf(id), 'confirmed')
})

async function keyFor(
  permissions: string[],
  shops: 'all' | string[] = 'all',
  name = '助手一',
): Promise<string> {
  const body = { name, permissions, shops, warehouses: 'all', expiresAt: null }
  const made = await admin.call('POST', '/api/api-keys', body)
  assert.equal(made.status, 201, JSON.stringify(made.body))
  return String(Object(made.body).key)
}

type Answered = {
  isError: boolean
  code?: string
  dryRun?: boolean
  confirm?: string
  results?: { id: string; done: boolean }[]
  rows: { id: string }[]
}

async function connected(key: string) {
  const client = new Client({ name: 'test', version: '1' })
  const headers = { authorization: `Bearer ${key}` }
  await client.connect(
    new StreamableHTTPClientTransport(new URL('/mcp', house.url), { requestInit: { headers } }),
  )
  return {
    client,
    async call(name: string, args: Record<string, unknown>): Promise<Answered> {
      const { structuredContent, content, isError } = await client.callTool({ name, arguments: args })
      assert.deepEqual(content, [{ type: 'text', text: JSON.stringify(structuredContent) }])
      return { ...Object(structuredContent), isError }
    },
    [Symbol.asyncDispose]: () => client.close(),
  }
}

async function statusOf(id: string): Promise<string | undefined> {
  const found = await sql<{ status: string }>`select status from sales_order where id = ${id}`.execute(
    house.db,
  )
  return found.rows[0]?.status
}

async function eventsOf(id: string, event: string): Promise<number> {
  const found = await sql<{ n: number }>`
    select count(*)::int as n from order_event where order_id = ${id} and event = ${event}`.execute(house.db)
  return found.rows[0]?.n ?? -1
}
