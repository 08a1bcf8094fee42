import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import Type from 'typebox'
import packageJson from '../package.json' with { type: 'json' }
import { buildApp } from './app.ts'
import { loadConfig } from './config.ts'
import { openDatabase } from './core/db/db.ts'
import { route } from './core/http/http.ts'
import { buildLog } from './core/http/http-log.ts'
import { AppError } from './errors.ts'
import { memoryKeyRing } from './lib/seal.ts'
import { type Caller, testApp } from './testing/app.ts'
import { permissions } from './users/permissions.ts'

function fill(url: string): string {
  return url.replace(/:(\w+)/g, '1').replace(/\*$/, 'x')
}

test('every route under /api names a permission, refuses the unknown with 401 and those without it with 403', async () => {
  await using house = await testApp()
  const routes = house.app.routeList.filter(({ url, method }) => url.startsWith('/api') && method !== 'HEAD')
  assert.ok(routes.length > 30, `${routes.length} routes`)
  // Schemas are compiled at their first use, so without this an invalid one would be found only there.
  await house.app.compileSchemas()
  const open = routes
    .filter(({ permission }) => permission === 'public')
    .map(({ method, url }) => `${method} ${url}`)
  assert.deepEqual(open.filter((name) => !name.includes('/api/docs')).sort(), [
    'GET /api/oauth/callback',
    'GET /api/openapi.json',
    'GET /api/push/:platform/:appKey',
    'GET /api/report-subscriptions/stop',
    'GET /api/setup',
    'POST /api/parcel-news/:hook',
    'POST /api/password',
    'POST /api/push/:platform/:appKey',
    'POST /api/report-subscriptions/stop',
    'POST /api/setup',
    'POST /api/sign-in',
    'POST /api/sign-in/code',
    'POST /api/sign-out',
  ])
  for (const { method, url, permission } of routes) {
    assert.ok(permission, `${method} ${url}`)
    if (permission === 'public') continue
    const name = `${method} ${url}`
    const unknown = await house.anonymous.call(method, fill(url))
    assert.equal(unknown.status, 401, name)
    assert.equal(Object(unknown.body).code, 'not_signed_in', name)
    if (permission === 'signed_in') continue
    const poor = await house.as(permissions.filter((other) => other !== permission))
    const refused = await poor.call(method, fill(url))
    assert.equal(refused.status, 403, name)
    assert.equal(Object(refused.body).code, 'forbidden', name)
  }
})

test('a route under /api without a permission keeps the process from starting', async () => {
  await assert.rejects(
    testApp({}, (app) => void app.get('/api/secret', async () => 'all of it')),
    /GET \/api\/secret declares no permission/,
  )
})

test('an address under /api that does not exist is a 404 in JSON, any other one is the page', async () => {
  await using house = await testApp()
  const missing = await house.anonymous.call('GET', '/api/nothing?q=1')
  assert.equal(missing.status, 404)
  assert.equal(Object(missing.body).code, 'not_found')
  assert.equal((await house.anonymous.call('POST', '/trades', {})).status, 404)
  assert.equal((await house.anonymous.call('GET', '/assets/missing.js')).status, 404)
  const page = await house.anonymous.call('GET', '/staged-trades?shop=1')
  assert.match(page.headers.get('content-type') ?? '', /^text\/html/)
  assert.match(page.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/)
})

test('bad input is refused with a code and the field, and changes nothing', async () => {
  await using house = await testApp({}, (app) => {
    app.post(
      '/api/probe/:id',
      route('signed_in', 'Probe', {
        params: Type.Object({ id: Type.String({ pattern: '^[0-9]+$' }) }),
        querystring: Type.Object({ shop: Type.Optional(Type.Integer()) }),
        body: Type.Object({
          items: Type.Array(Type.Object({ quantity: Type.Integer({ minimum: 1 }) }), { minItems: 1 }),
          note: Type.Optional(Type.String()),
        }),
      }),
      async (request) => ({ got: request.body }),
    )
  })
  const caller = await house.as([])
  const items = [{ quantity: 1 }]
  const probe = async (path: string, body: unknown) => {
    const answer = await caller.call('POST', path, body)
    const { code, field, message, messageEn, requestId } = Object(answer.body)
    if (answer.status !== 200) assert.equal(requestId, answer.headers.get('x-request-id'))
    return [answer.status, code, field, message, messageEn]
  }
  assert.deepEqual((await probe('/api/probe/1?shop=2', { items }))[0], 200)
  assert.deepEqual(await probe('/api/probe/1?colour=red', { items }), [
    400,
    'unknown_filter',
    'colour',
    '不支持的筛选：colour',
    'Unknown filter: colour',
  ])
  assert.deepEqual(await probe('/api/probe/1?shop=x', { items }), [
    400,
    'invalid_input',
    'shop',
    '输入有误：shop 应为 integer',
    'Invalid input: shop must be integer',
  ])
  assert.deepEqual((await probe('/api/probe/1', { items: [{ quantity: '1' }] })).slice(0, 3), [
    400,
    'invalid_input',
    'items.0.quantity',
  ])
  assert.deepEqual((await probe('/api/probe/1', { items: [{ quantity: 0 }] })).slice(0, 3), [
    400,
    'invalid_input',
    'items.0.quantity',
  ])
  assert.deepEqual((await probe('/api/probe/1', { items: [{ quantity: 1, price: 2 }] })).slice(0, 3), [
    400,
    'invalid_input',
    'items.0.price',
  ])
  assert.deepEqual(await probe('/api/probe/1', {}), [
    400,
    'invalid_input',
    'items',
    '输入有误：items 没有填',
    'Invalid input: items is missing',
  ])
  assert.deepEqual((await probe('/api/probe/x', { items })).slice(0, 3), [400, 'invalid_input', 'id'])
  assert.deepEqual((await probe('/api/probe/1', undefined)).slice(0, 2), [400, 'invalid_input'])
  assert.deepEqual((await probe('/api/probe/%00', { items })).slice(0, 2), [400, 'invalid_input'])
  assert.deepEqual((await probe('/api/probe/1', { items: '\u0000' })).slice(0, 2), [400, 'invalid_input'])
  assert.deepEqual((await probe('/api/probe/1', { items: '\\\u0000' })).slice(0, 2), [400, 'invalid_input'])
  // The letters of an escape are a text like any other.
  assert.equal((await probe('/api/probe/1', { items, note: 'C:\\u0000' }))[0], 200)
  assert.deepEqual((await probe('/api/probe/1', { items: 'x'.repeat(1_100_000) })).slice(0, 2), [
    413,
    'payload_too_large',
  ])
})

test('a time that the database cannot hold is refused as input, in a query, a body and a filter of bulk work', async () => {
  await using house = await testApp()
  const admin = await house.as(['*'])
  const refusalOf = async (method: string, path: string, body?: unknown) => {
    const answer = await admin.call(method, path, body)
    return [answer.status, Object(answer.body).code]
  }
  const never = '0000-01-01T00:00:00Z'
  const leap = '2016-12-31T23:59:60Z'
  for (const path of [
    `/api/audit?from=${leap}`,
    '/api/task-runs?day=0000-01-01',
    `/api/staged-trades?paidFrom=${never}`,
    `/api/orders/count?shipByTo=${never}`,
  ])
    assert.deepEqual(await refusalOf('GET', path), [400, 'invalid_input'], path)
  const shop = { platform: 'taobao', name: '店', goLiveAt: leap }
  assert.deepEqual(await refusalOf('POST', '/api/shops', shop), [400, 'invalid_input'])
  const bulk = { action: 'trades.convert', target: { filter: { paidFrom: never } } }
  assert.deepEqual(await refusalOf('POST', '/api/batches', bulk), [400, 'invalid_input'])
})

test('half of a character is refused, a whole one is kept, however it is written', async () => {
  await using house = await testApp()
  const admin = await house.as(['*'])
  const made = Object((await admin.call('POST', '/api/shops', { platform: 'taobao', name: '店' })).body)
  const rename = async (name: string) => {
    const response = await fetch(`${house.url}/api/shops/${made.shop.id}`, {
      method: 'PATCH',
      headers: { cookie: admin.cookie, origin: house.url, 'content-type': 'application/json' },
      body: `{"name":"${name}"}`,
    })
    const answer = Object(await response.json())
    return [response.status, answer.code ?? answer.shop.name]
  }
  assert.deepEqual(await rename('\\ud83d'), [400, 'invalid_input'])
  assert.deepEqual(await rename('\\\\\\uDE00x'), [400, 'invalid_input'])
  assert.deepEqual(await rename('\\ud83d\\ude00'), [200, '😀'])
  assert.deepEqual(await rename('\\\\ud83d'), [200, '\\ud83d'])
})

test('what is not JSON is refused: half a body, another type, a poisoned prototype', async () => {
  await using house = await testApp()
  const send = async (body: string, type = 'application/json') => {
    const response = await fetch(`${house.url}/api/sign-in`, {
      method: 'POST',
      body,
      headers: { 'content-type': type },
    })
    const answer = Object(await response.json())
    return [response.status, answer.code]
  }
  assert.deepEqual(await send('{"email":'), [400, 'invalid_input'])
  assert.deepEqual(await send('{"__proto__":{"admin":true}}'), [400, 'invalid_input'])
  assert.deepEqual(await send('a=1', 'application/x-www-form-urlencoded'), [415, 'unsupported_media'])
  assert.deepEqual(await send(''), [400, 'invalid_input'])
})

test('a refusal keeps its code and status; a bug tells nothing but a number, and its log no value', async () => {
  await using house = await testApp({}, (app) => {
    app.get('/api/refusal', route('public', 'r', {}), async () => {
      throw new AppError('outside_scope', {}, 'shopId')
    })
    app.get('/api/bug', route('public', 'b', {}), async () => {
      await sql`insert into role (name) values ('13812345678'), ('13812345678')`.execute(app.db)
    })
    app.get('/api/cast', route('public', 'c', {}), async () =>
      sql`select ${'13812345678 张三'}::bigint`.execute(app.db),
    )
  })
  const refusal = await house.anonymous.call('GET', '/api/refusal')
  assert.equal(refusal.status, 403)
  assert.equal(Object(refusal.body).field, 'shopId')
  for (const path of ['/api/bug?phone=13812345678', '/api/cast']) {
    const bug = await house.anonymous.call('GET', path)
    assert.equal(bug.status, 500)
    const { code, message, requestId } = Object(bug.body)
    assert.deepEqual([code, message], ['internal', `系统出错，编号 ${requestId}`])
    assert.ok(house.logged.some((line) => line.includes(requestId) && line.includes('"level":50')))
  }
  assert.deepEqual(
    house.logged.filter((line) => line.includes('13812345678') || line.includes('sanyi.session')),
    [],
  )
})

test('the request number of a proxy is kept when it can stand in a log line', async () => {
  await using house = await testApp()
  const idOf = async (given: string) =>
    (await house.anonymous.call('GET', '/healthz', undefined, { 'x-request-id': given })).headers.get(
      'x-request-id',
    )
  assert.equal(await idOf('trace-0123_AB'), 'trace-0123_AB')
  assert.match((await idOf('"},{"level":50')) ?? '', /^[a-z0-9]{10}$/)
})

test('healthz is 200 with every migration, and 503 while one is missing', async () => {
  await using house = await testApp()
  await house.owner(`delete from migration where name = '0001_schema.sql'`)
  const missing = await house.anonymous.call('GET', '/healthz')
  assert.equal(missing.status, 503)
  assert.equal(Object(missing.body).reason, 'migrations not applied: 0001_schema.sql')
  await house.owner(`insert into migration (name) values ('0001_schema.sql')`)
  const healthy = await house.anonymous.call('GET', '/healthz')
  assert.deepEqual([healthy.status, Object(healthy.body).ok], [200, true])
  assert.deepEqual(Object.keys(Object(healthy.body).disk), ['freeBytes', 'sizeBytes'])
})

test('without a database every answer is a clear 503, and the process lives on', async () => {
  const lost = openDatabase('postgres://nobody@127.0.0.1:1/nothing')
  const config = loadConfig({ PORT: '0' })
  const log = buildLog({ logLevel: 'silent' }, 'web')
  const app = await buildApp({ ...lost, config, ring: memoryKeyRing(), log })
  const setup = await app.inject('/api/setup')
  assert.equal(setup.statusCode, 503)
  assert.equal(setup.json().code, 'unavailable')
  assert.equal(setup.headers['retry-after'], '3')
  const health = await app.inject('/healthz')
  assert.deepEqual([health.statusCode, health.json().reason], [503, 'database does not answer'])
  await app.close()
  await lost.close()
})

test('a statement that was cancelled for its length is a clear 503 and no bug', async () => {
  await using house = await testApp({}, (app) => {
    app.get('/api/slow', route('public', 's', {}), async () => {
      await app.db.transaction().execute(async (tx) => {
        await sql`set local statement_timeout = '20ms'`.execute(tx)
        await sql`select pg_sleep(5)`.execute(tx)
      })
    })
  })
  const { status, body } = await house.anonymous.call('GET', '/api/slow')
  assert.deepEqual([status, Object(body).code], [503, 'too_slow'])
})

test('a proxy that is trusted tells the true address of the client; others are not believed', async () => {
  for (const [proxies, expected] of [
    ['', '127.0.0.1'],
    ['127.0.0.1', '203.0.113.9'],
  ] as const) {
    await using house = await testApp({ TRUSTED_PROXIES: proxies })
    const body = { email: 'nobody@shanyu.cn', password: 'wrong' }
    const forwarded = { 'x-forwarded-for': '198.51.100.1, 203.0.113.9' }
    await house.anonymous.call('POST', '/api/sign-in', body, forwarded)
    const { rows } = await sql<{ ip: string }>`select ip from audit_log`.execute(house.db)
    assert.deepEqual(rows, [{ ip: expected }])
  }
})

test('metrics count requests by route pattern', async () => {
  await using house = await testApp()
  await house.anonymous.call('GET', '/api/views/123456')
  await house.anonymous.call('GET', '/api/setup')
  const { body } = await (await house.as(['overview.read'])).call('GET', '/metrics')
  assert.match(
    String(body),
    /sanyi_http_request_seconds_count\{method="GET",route="\/api\/setup",status="200"\} [1-9]/,
  )
  assert.ok(!String(body).includes('123456'))
})

test('metrics are for whoever may see the overview of every shop, also from this machine', async () => {
  await using house = await testApp()
  const refusal = async (caller: Caller) => {
    const { status, body } = await caller.call('GET', '/metrics')
    assert.ok(!JSON.stringify(body).includes('sanyi_'))
    return [status, Object(body).code]
  }
  assert.deepEqual(await refusal(house.anonymous), [401, 'not_signed_in'])
  assert.deepEqual(await refusal(await house.as(['trades.read'])), [403, 'forbidden'])
  assert.deepEqual(await refusal(await house.as(['overview.read'], ['1'])), [403, 'outside_scope'])
})

test('metrics tell what the workers did and what waits for them', async () => {
  await using house = await testApp()
  await sql`
    with shops as (insert into shop (platform, variant, name) values ('taobao', 'taobao', '店') returning id),
    cursors as (
      insert into stream_cursor (shop_id, stream, complete_to) select id, 'trades', now() - interval '1000 seconds' from shops
    ),
    tasks as (
      insert into task (kind, shop_id, interval_seconds, next_run_at)
      select 'trade_list', id, 60, now() - interval '90 seconds' from shops returning id, shop_id
    ), actions as (
      insert into platform_action (shop_id, kind, subject_type, subject_id, idempotency_key, payload, state, created_by)
      select id, 'x', 'y', '1', n, '{}', state, '{}' from shops, (values ('a', 'pending'), ('b', 'failed')) v (n, state)
    )
    insert into task_run (task_id, kind, shop_id, trigger, state, seen, created, requested_at)
    select id, 'trade_list', shop_id, 'schedule', state, seen, seen - 1, now() - age
    from tasks, (values ('done', 5, interval '1 minute'), ('done', 7, '2 minutes'), ('failed', 1, '0'),
      ('done', 99, '6 minutes'), ('queued', 1, '0')) v (state, seen, age)`.execute(house.db)
  const { body } = await (await house.as(['overview.read'])).call('GET', '/metrics')
  const told = String(body)
    .split('\n')
    .filter((line) => /^sanyi_(queue|task)_/.test(line) && !line.endsWith(' 0'))
  assert.match(told.pop() ?? '', /^sanyi_task_overdue_seconds 9\d\.\d+$/)
  assert.deepEqual(told, [
    'sanyi_queue_rows{queue="actions_pending"} 1',
    'sanyi_queue_rows{queue="actions_failed"} 1',
    'sanyi_queue_rows{queue="task_runs"} 1',
    'sanyi_task_runs_recent{kind="trade_list",state="done"} 2',
    'sanyi_task_runs_recent{kind="trade_list",state="failed"} 1',
    'sanyi_task_runs_recent{kind="trade_list",state="queued"} 1',
    'sanyi_task_rows_recent{kind="trade_list",what="seen"} 14',
    'sanyi_task_rows_recent{kind="trade_list",what="created"} 10',
  ])
  assert.match(
    String(body),
    /^sanyi_stream_behind_seconds\{shop="\d+",platform="taobao",stream="trades"\} 100\d/m,
  )
  assert.match(String(body), /^sanyi_action_oldest_seconds 0\.\d+$/m)
  assert.match(String(body), /^sanyi_database_bytes [1-9]\d{6,}$/m)
  assert.match(String(body), /^sanyi_connections\{state="idle"\} \d+$/m)
  assert.match(String(body), /^sanyi_alarms\{kind="actions_failed",tone="bad"\} 1$/m)
})

test('the API document describes every route with its permission and its refusals', async () => {
  await using house = await testApp()
  const { status, body } = await house.anonymous.call('GET', '/api/openapi.json')
  assert.equal(status, 200)
  const document = Object(body)
  assert.equal(document.info.version, packageJson.version)
  const described = Object.entries(document.paths).flatMap(([path, verbs]) =>
    Object.keys(Object(verbs)).map((verb) => `${verb.toUpperCase()} ${path}`),
  )
  const expected = house.app.routeList
    .filter(
      ({ method, url }) =>
        url.startsWith('/api/') &&
        !/^\/api\/(docs|openapi|oauth|report-subscriptions\/stop)/.test(url) &&
        method !== 'HEAD',
    )
    .map(({ method, url }) => `${method} ${url.replace(/:(\w+)/g, '{$1}')}`)
  assert.deepEqual(described.sort(), [...new Set(expected)].sort())
  const users = document.paths['/api/users'].post
  assert.match(users.description, /users\.write/)
  assert.deepEqual(Object.keys(users.responses), ['201', '400', '401', '403', '404', '409'])
  assert.match(users.responses['409'].description, /duplicate/)
  assert.deepEqual(users.responses['409'].content['application/json'].schema, {
    $ref: '#/components/schemas/Error',
  })
  const docs = await house.anonymous.call('GET', '/api/docs/')
  assert.equal(docs.status, 200)
  assert.ok(!/https?:\/\/(?!localhost|127)/.test(String(docs.body)), 'nothing is fetched elsewhere')
})
