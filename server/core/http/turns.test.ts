import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { testApp } from '../../testing/app.ts'
import { until } from '../../testing/until.ts'

/** A route that reports how many requests run at once and ends when `open` is set; and a route for sheets. */
function slow() {
  const state = { running: 0, most: 0, begun: 0, open: false }
  const prepare = (app: FastifyInstance) => {
    app.post(
      '/api/test/sheets',
      { config: { permission: 'signed_in' }, bodyLimit: 8_000_000 },
      async () => ({}),
    )
    for (const permission of ['signed_in', 'public'] as const)
      app.get(`/api/test/${permission}`, { config: { permission } }, async () => {
        state.begun += 1
        state.running += 1
        state.most = Math.max(state.most, state.running)
        while (!state.open) await sleep(5)
        state.running -= 1
        return {}
      })
  }
  return { state, prepare }
}

test('of fifty requests that somebody sends at once three run, the rest in turn, and others are answered beside them', async () => {
  for (const kind of ['signed_in', 'public'] as const) {
    const { state, prepare } = slow()
    await using house = await testApp({}, prepare)
    const [busy, other] = [kind === 'public' ? house.anonymous : await house.as(['*']), await house.as(['*'])]
    const answers = Promise.all(Array.from({ length: 50 }, () => busy.call('GET', `/api/test/${kind}`)))
    await until(() => state.begun === 3)
    assert.equal((await other.call('GET', '/api/me')).status, 200)
    assert.equal((await house.anonymous.call('GET', '/healthz')).status, 200)
    assert.equal(state.begun, 3)
    state.open = true
    assert.deepEqual([...new Set((await answers).map(({ status }) => status))], [200])
    assert.deepEqual([state.begun, state.most, state.running], [50, 3, 0])
  }
})

test('more than may wait are told to wait themselves, and leaving early frees no place before the work is done', async () => {
  const { state, prepare } = slow()
  await using house = await testApp({}, prepare)
  const busy = await house.as(['*'])
  const leaving = Array.from({ length: 3 }, () => {
    const away = new AbortController()
    void fetch(`${house.url}/api/test/signed_in`, {
      headers: { cookie: busy.cookie },
      signal: away.signal,
    }).catch(() => {})
    return away
  })
  await until(() => state.begun === 3)
  for (const away of leaving) away.abort()
  let refused = 0
  const one = async () => {
    const answer = await busy.call('GET', '/api/test/signed_in')
    if (answer.status === 429) refused += 1
    return answer
  }
  const many = Promise.all(Array.from({ length: 110 }, one))
  // The last requests have arrived.
  await until(() => refused === 10)
  assert.deepEqual([state.begun, state.running], [3, 3])
  state.open = true
  const counts = Object.groupBy(await many, ({ status }) => String(status))
  assert.deepEqual([counts['200']?.length, counts['429']?.length], [100, 10])
  assert.equal((await busy.call('GET', '/api/me')).status, 200)
})

test('three that end in one moment leave three places, also where others wait and more come', async () => {
  const rounds = Array.from({ length: 3 }, () => Promise.withResolvers<void>())
  const state = { running: 0, most: 0, begun: 0 }
  await using house = await testApp({}, (app) => {
    app.get<{ Params: { round: string } }>(
      '/api/test/rounds/:round',
      { config: { permission: 'signed_in' } },
      async ({ params }) => {
        state.begun += 1
        state.running += 1
        state.most = Math.max(state.most, state.running)
        await rounds[Number(params.round)]?.promise
        state.running -= 1
        return {}
      },
    )
  })
  const busy = await house.as(['*'])
  const three = (round: number) =>
    Array.from({ length: 3 }, () => busy.call('GET', `/api/test/rounds/${round}`))
  const first = three(0)
  await until(() => state.begun === 3)
  const second = three(1)
  await sleep(300)
  assert.equal(state.begun, 3)
  rounds[0]?.resolve()
  await until(() => state.begun === 6)
  const third = three(2)
  await sleep(300)
  assert.deepEqual([state.begun, state.running, state.most], [6, 3, 3])
  rounds[1]?.resolve()
  rounds[2]?.resolve()
  const answers = await Promise.all([...first, ...second, ...third])
  assert.deepEqual(
    answers.map(({ status }) => status),
    Array(9).fill(200),
  )
  assert.deepEqual([state.begun, state.running, state.most], [9, 0, 3])
})

test('of requests that bring whole sheets five wait, and the others are told to come again', async () => {
  const { state, prepare } = slow()
  await using house = await testApp({}, prepare)
  const busy = await house.as(['*'])
  const running = Array.from({ length: 3 }, () => busy.call('GET', '/api/test/signed_in'))
  await until(() => state.begun === 3)
  let refused = 0
  const sheets = Array.from({ length: 12 }, async () => {
    const { status, body } = await busy.call('POST', '/api/test/sheets', { file: 'x' })
    if (status === 429) refused += 1
    return status === 200 ? 200 : Object(body).code
  })
  await until(() => refused === 7)
  const page = busy.call('GET', '/api/me')
  await sleep(300)
  state.open = true
  assert.deepEqual((await Promise.all(sheets)).sort(), [
    ...Array(5).fill(200),
    ...Array(7).fill('too_many_at_once'),
  ])
  assert.equal((await page).status, 200)
  await Promise.all(running)
})

test('the contract is the same bytes each time, and not sent again to whom has them', async (t) => {
  await using house = await testApp()
  const first = await fetch(`${house.url}/api/openapi.json`, { headers: { 'accept-encoding': 'gzip' } })
  const tag = first.headers.get('etag') ?? ''
  assert.match(tag, /^"[\w-]{22}"$/)
  assert.equal(first.headers.get('content-encoding'), 'gzip')
  assert.equal(Object(await first.json()).openapi, '3.1.0')
  const plain = await fetch(`${house.url}/api/openapi.json`, { headers: { 'accept-encoding': 'identity' } })
  assert.equal(plain.headers.get('content-encoding'), null)
  assert.equal(Object(await plain.json()).openapi, '3.1.0')
  const again = await fetch(`${house.url}/api/openapi.json`, { headers: { 'if-none-match': tag } })
  assert.deepEqual([again.status, await again.text()], [304, ''])
  for (const path of ['/api/docs/json', '/api/docs/yaml']) {
    const { status, headers } = await house.anonymous.call('GET', path)
    assert.deepEqual([status, headers.get('location')], [302, '/api/openapi.json'])
  }
  const written = t.mock.method(house.app, 'swagger')
  await fetch(`${house.url}/api/openapi.json`)
  assert.equal(written.mock.callCount(), 0)
})

/** Returns the answer to these bytes, and whether the server closed the connection. */
function raw(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => void socket.write(bytes))
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('end', () => resolve(text))
    socket.on('error', reject)
  })
}

test('every answer carries the headers, also to an address that cannot be read and to what is no HTTP', async () => {
  await using house = await testApp({ PUBLIC_URL: 'https://erp.example.com' })
  const head = 'host: erp.example.com\r\nconnection: close\r\n\r\n'
  const requests: [bytes: string, status: RegExp][] = [
    [`GET /%ff HTTP/1.1\r\n${head}`, /^HTTP\/1.1 400 /],
    [`GET /api/%ff HTTP/1.1\r\n${head}`, /^HTTP\/1.1 400 /],
    [`GET /no/such/page.js HTTP/1.1\r\n${head}`, /^HTTP\/1.1 (404|200) /],
    [`GET /healthz HTTP/1.1\r\n${head}`, /^HTTP\/1.1 200 /],
    [`GET /api/openapi.json HTTP/1.1\r\n${head}`, /^HTTP\/1.1 200 /],
    [`GET /api/docs/ HTTP/1.1\r\n${head}`, /^HTTP\/1.1 200 /],
    ['hello\r\n\r\n', /^HTTP\/1.1 400 /],
  ]
  for (const [bytes, status] of requests) {
    const answer = await raw(house.url, bytes)
    const name = bytes.split('\r\n')[0]
    assert.match(answer, status, name)
    assert.match(answer, /\r\nx-content-type-options: nosniff\r\n/i, name)
    assert.match(answer, /\r\ncontent-security-policy: default-src /i, name)
    assert.match(answer, /\r\nstrict-transport-security: max-age=31536000; includeSubDomains\r\n/i, name)
  }
  const docs = await raw(house.url, `GET /api/docs/ HTTP/1.1\r\n${head}`)
  const [, policy = ''] = /content-security-policy: ([^\r]*)/i.exec(docs) ?? []
  assert.match(policy, /base-uri 'none'/)
  assert.doesNotMatch(policy, /https:|validator|upgrade/)
})

test('a request that drips is given up', async () => {
  await using house = await testApp()
  assert.equal(house.app.server.requestTimeout, 120_000)
  assert.equal(house.app.server.headersTimeout, 20_000)
  house.app.server.headersTimeout = 300
  house.app.server.requestTimeout = 300
  const answer = await raw(
    house.url,
    'POST /api/sign-in HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"a',
  )
  assert.match(answer, /^HTTP\/1.1 408 /)
})

test('a house that nobody gave a name answers on its own machine only', async () => {
  const { loadConfig } = await import('../../config.ts')
  assert.equal(loadConfig({}).host, '127.0.0.1')
  assert.equal(loadConfig({ PUBLIC_URL: 'https://erp.example.com' }).host, '0.0.0.0')
  assert.equal(loadConfig({ LISTEN_HOST: '10.0.0.5' }).host, '10.0.0.5')
})
