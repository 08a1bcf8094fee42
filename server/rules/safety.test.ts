import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { type Answer, type Caller, type TestApp, testApp } from '../testing/app.ts'

// What an attacker tries, on every route that there is: a new route is tried by being there.

type Parameter = { in: string; name: string; schema?: { type?: unknown; enum?: unknown } }
type Operation = {
  method: string
  url: string
  parameters: Parameter[]
  /** Names of the body's properties; undefined when it takes none. */
  body: string[] | undefined
}

const methods = ['get', 'post', 'put', 'patch', 'delete']

/** Every route, as our own API document describes it. */
function operations(house: TestApp): Operation[] {
  const found: Operation[] = []
  for (const [path, item] of Object.entries(house.app.swagger().paths ?? {})) {
    for (const method of methods) {
      const operation = Reflect.get(Object(item), method)
      if (!operation) continue
      const schema = operation.requestBody?.content?.['application/json']?.schema
      found.push({
        method: method.toUpperCase(),
        url: path.replace(/\{(\w+)\}/g, ':$1'),
        parameters: operation.parameters ?? [],
        body: schema && Object.keys(schema.properties ?? {}),
      })
    }
  }
  return found
}

const hostile: readonly string[] = [
  "1' or 1=1; drop table app_user; select pg_sleep(9) --",
  '9'.repeat(40),
  '-1e400',
  '{"$ne":null}',
  '\u202e\ud83d\udca3\u0301 \ufffd',
  '\\x00\\u0000\r\nSet-Cookie: a=b',
  '../../../etc/passwd%',
  '1,,2,\'"',
  '2026-02-31T99:99:99Z',
  '294276-12-31T00:00:00Z',
]

/** Nothing of ours broke: what we did not foresee is a 500, and so is what PostgreSQL refused. */
function isHandled({ status, body }: Answer): boolean {
  return status < 400 || (status < 500 && /^[a-z_]+$/.test(String(Object(body).code)))
}

/** What went wrong, told all at once; of a fault with what its process noted of it. */
function findings(house: TestApp) {
  const lines: string[] = []
  const logOf = ({ status, body }: Answer) =>
    status < 500 ? '' : house.logged.filter((line) => line.includes(String(Object(body).requestId))).join('')
  return {
    add(wrong: boolean, answer: Answer, ...name: unknown[]): void {
      if (!wrong || lines.length > 100) return
      const what = name.map((part) => (typeof part === 'string' ? part : JSON.stringify(part)).slice(0, 120))
      lines.push(
        `${what.join(' ')} → ${answer.status} ${JSON.stringify(answer.body).slice(0, 120)}${logOf(answer)}`,
      )
    },
    assertNone: () => assert.deepEqual(lines, []),
  }
}

/** A few at a time; each route with a caller of its own, since some end sessions or change rights. */
async function onEach(
  house: TestApp,
  all: readonly Operation[],
  work: (operation: Operation, caller: Caller) => Promise<void>,
): Promise<void> {
  const queue = [...all]
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      for (let next = queue.shift(); next; next = queue.shift()) await work(next, await house.as(['*']))
    }),
  )
}

/** `npm run prove hostile` sends every value to every place. Otherwise a place gets one value in twelve, and its neighbours the others. */
const everything = process.env['HOSTILE'] === 'all'
function share<Value>(all: readonly Value[], ...place: string[]): readonly Value[] {
  if (everything) return all
  const apart = Math.min(12, all.length)
  const first = [...place.join(' ')].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % apart
  return all.filter((_, at) => at % apart === first)
}

const filled = (url: string, value = '1') => url.replace(/:\w+/g, encodeURIComponent(value))

test('hostile values of every query parameter are refused or find nothing, and break nothing', async () => {
  await using house = await testApp()
  const reads = operations(house).filter(({ method }) => method === 'GET')
  assert.ok(reads.length > 40, `${reads.length} routes`)
  const found = findings(house)
  await onEach(house, reads, async ({ method, url, parameters }, caller) => {
    for (const { name } of parameters.filter((parameter) => parameter.in === 'query')) {
      const tries = [...hostile.map((value) => `${name}=${encodeURIComponent(value)}`), `${name}=1&${name}=2`]
      for (const query of share([...tries, `${name}[a]=1`], url, name)) {
        const answer = await caller.call(method, `${filled(url)}?${query}`)
        found.add(!isHandled(answer), answer, method, `${url}?${query}`)
      }
    }
  })
  found.assertNone()
  assert.ok((await sql`select 1 from app_user`.execute(house.db)).rows.length > 0)
})

test('hostile values in the path find nothing', async () => {
  await using house = await testApp()
  const found = findings(house)
  const withId = operations(house).filter(({ url }) => url.includes(':'))
  assert.ok(withId.length > 30, `${withId.length} routes`)
  await onEach(house, withId, async ({ method, url }, caller) => {
    for (const value of share(hostile, method, url)) {
      const answer = await caller.call(method, filled(url, value), method === 'GET' ? undefined : {})
      found.add(!isHandled(answer) || answer.status < 400, answer, method, url, value)
    }
  })
  found.assertNone()
})

const bodies: readonly unknown[] = [
  null,
  [{ id: '1' }],
  'text',
  { constructor: { prototype: { admin: true } } },
  JSON.parse(`${'{"a":'.repeat(200)}1${'}'.repeat(200)}`),
]

const values: readonly unknown[] = [
  null,
  -1,
  1e300,
  [[1]],
  { $ne: null },
  '9'.repeat(40),
  'x'.repeat(100_000),
  ["1'; drop table app_user; --", '\u202e\ud83d\udca3'],
]

test('hostile bodies are refused with a code, whatever they are and wherever they stand', async () => {
  await using house = await testApp()
  const writes = operations(house).filter(({ method }) => method !== 'GET')
  const found = findings(house)
  await onEach(house, writes, async ({ method, url, body }, caller) => {
    for (const whole of share(bodies, method, url)) {
      const answer = await caller.call(method, filled(url), whole)
      found.add(!isHandled(answer) || (body !== undefined && answer.status < 400), answer, method, url, whole)
    }
    for (const property of body ?? []) {
      for (const value of share(values, method, url, property)) {
        const answer = await caller.call(method, filled(url), { [property]: value })
        found.add(!isHandled(answer), answer, method, url, property, value)
      }
    }
  })
  found.assertNone()
})

test('no body sets what its route does not name: ids, owners, rights, states', async () => {
  await using house = await testApp()
  // A shop's credentials are what its connector declares; they are checked against that (shops.test.ts).
  const writes = operations(house).filter(
    ({ method, url, body }) => method !== 'GET' && body !== undefined && !url.endsWith('/credentials'),
  )
  assert.ok(writes.length > 40, `${writes.length} writes with a body`)
  const found = findings(house)
  await onEach(house, writes, async ({ method, url, body }, caller) => {
    for (const property of ['id', 'createdBy', 'allShops', 'state'].filter((one) => !body?.includes(one))) {
      const answer = await caller.call(method, filled(url), { [property]: '1' })
      found.add(Object(answer.body).code !== 'invalid_input', answer, method, url, property)
    }
  })
  found.assertNone()
})

test('no write rides on a cookie from another site, in whatever form it comes', async () => {
  await using house = await testApp()
  const writes = house.app.routeList.filter(
    ({ method, permission }) => !['GET', 'HEAD', 'OPTIONS'].includes(method) && permission !== 'public',
  )
  assert.ok(writes.length > 50)
  const caller = await house.as(['*'])
  const evil = 'https://evil.example'
  const foreign: Record<string, string>[] = [
    { origin: 'null' },
    { origin: `${house.url}.evil.example` },
    { origin: evil, 'content-type': 'text/plain' },
    { origin: evil, 'x-requested-with': 'XMLHttpRequest', 'x-forwarded-host': 'evil.example' },
  ]
  const found = findings(house)
  for (const { method, url } of writes) {
    for (const headers of foreign) {
      const answer = await caller.call(method, filled(url), undefined, headers)
      found.add(Object(answer.body).code !== 'foreign_origin', answer, method, url, headers)
    }
  }
  const signIn = await house.anonymous.call('POST', '/api/sign-in', {}, { origin: evil })
  found.add(Object(signIn.body).code !== 'foreign_origin', signIn, 'sign-in')
  found.assertNone()
})

test('an API key does nothing that belongs to a person alone', async () => {
  await using house = await testApp()
  const admin = await house.as(['*'])
  const made = await admin.call('POST', '/api/api-keys', {
    name: '对接',
    permissions: ['trades.read'],
    shops: 'all',
    expiresAt: null,
  })
  const authorization = `Bearer ${Object(made.body).key}`
  const found = findings(house)
  const own = house.app.routeList.filter(
    ({ method, url, permission }) =>
      permission === 'signed_in' && !['GET', 'HEAD', 'OPTIONS'].includes(method) && url.startsWith('/api/me'),
  )
  assert.ok(own.length > 5)
  for (const { method, url } of own) {
    const body = method === 'DELETE' ? undefined : {}
    const answer = await house.anonymous.call(method, filled(url), body, { authorization })
    found.add(![400, 403].includes(answer.status), answer, method, url)
  }
  // A key beside a cookie is the key: no more than the key may.
  const both = await admin.call('GET', '/api/users', undefined, { authorization })
  assert.equal(both.status, 403)
  found.assertNone()
})

test('an answer of the API is data that no browser runs, frames, keeps or guesses a type for', async () => {
  await using house = await testApp()
  const caller = await house.as(['*'])
  const reads = operations(house).filter(({ method }) => method === 'GET')
  for (const { url } of reads) {
    for (const someone of [caller, house.anonymous]) {
      const { headers } = await someone.call('GET', filled(url))
      assert.equal(headers.get('x-content-type-options'), 'nosniff', url)
      assert.match(headers.get('content-security-policy') ?? '', /^default-src 'none';/, url)
      assert.equal(headers.get('x-frame-options'), 'DENY', url)
      assert.equal(headers.get('cache-control'), 'no-store', url)
      assert.doesNotMatch(headers.get('content-type') ?? '', /html|svg|xml;/, url)
      assert.equal(headers.get('access-control-allow-origin'), null, url)
    }
  }
})

test('the page runs scripts of its own only, and sends nothing elsewhere', async () => {
  await using house = await testApp()
  const { headers } = await house.anonymous.call('GET', '/orders')
  const policy = headers.get('content-security-policy') ?? ''
  const directive = (name: string) => policy.split('; ').find((part) => part.startsWith(`${name} `))
  assert.equal(directive('script-src'), "script-src 'self'")
  assert.equal(directive('style-src'), "style-src 'self'")
  assert.equal(
    directive('connect-src'),
    "connect-src 'self' ws://127.0.0.1:13528 ws://127.0.0.1:5000 ws://127.0.0.1:13888 ws://127.0.0.1:12705 ws://127.0.0.1:16888/ks/printer ws://127.0.0.1:10818",
  )
  assert.equal(directive('object-src'), "object-src 'none'")
  assert.equal(directive('base-uri'), "base-uri 'none'")
  assert.equal(directive('form-action'), "form-action 'self'")
  assert.equal(directive('frame-ancestors'), "frame-ancestors 'none'")
})

test('a session that an attacker planted before the sign-in is not the one after it', async () => {
  await using house = await testApp()
  const planted = await house.as([])
  const user = await house.as(['*'])
  await house.db.transaction().execute(async (tx) => {
    await sql`update app_user set email = 'lin@shanyu.cn' where id = ${user.userId}`.execute(tx)
    const { hashPassword } = await import('better-auth/crypto')
    await sql`
      insert into user_credential (user_id, account_id, provider_id, password)
      values (${user.userId}, ${user.userId}, 'credential', ${await hashPassword('correct horse battery')})`.execute(
      tx,
    )
  })
  const answer = await planted.call('POST', '/api/sign-in', {
    email: 'lin@shanyu.cn',
    password: 'correct horse battery',
  })
  assert.equal(answer.status, 200)
  const token = (cookie: string) => cookie.split(';')[0]
  assert.ok(!answer.cookies.map(token).includes(token(planted.cookie)))
  // And the planted one is still the attacker's own, not the victim's.
  const me = await planted.call('GET', '/api/me')
  assert.notEqual(Object(Object(me.body).user).id, user.userId)
})

test('nothing of a request but its route is logged: no search, body, cookie or key', async () => {
  await using house = await testApp()
  const caller = await house.as(['*'])
  const mark = 'Zz9Secret'
  for (const { method, url, parameters } of operations(house)) {
    const query = parameters.filter((one) => one.in === 'query').map(({ name }) => `${name}=${mark}`)
    await caller.call(
      method,
      `${filled(url, mark)}?${query.join('&')}`,
      method === 'GET' ? undefined : { q: mark },
      {
        authorization: `Bearer sk_${mark}${'x'.repeat(30)}`,
        'user-agent': mark,
        'x-request-id': `${mark} "}\n`.trim(),
      },
    )
    await caller.call(method, `${filled(url)}?q=${mark}`)
  }
  assert.ok(house.logged.length > 100)
  assert.deepEqual(
    house.logged.filter((line) => line.includes(mark)),
    [],
  )
  const token = decodeURIComponent(caller.cookie.split('=')[1] ?? '').split('.')[0] ?? ''
  assert.ok(token.length > 20)
  assert.equal(
    house.logged.some((line) => line.includes(token)),
    false,
  )
})
