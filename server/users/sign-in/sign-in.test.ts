import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { type Caller, callerAt, cookieOf, type TestApp, testApp } from '../../testing/app.ts'
import { until } from '../../testing/until.ts'
import { hashPassword, storePassword } from './password.ts'
import { setupLink } from './setup.ts'

const admin = { email: 'LinXiao@shanyu.cn', name: '林晓', password: 'correct horse battery' }

const secret = { email: admin.email, password: admin.password }

async function setUp(house: TestApp, person = admin): Promise<Caller> {
  const link = await setupLink(house.db, house.config.publicUrl)
  assert.ok(link)
  const token = new URL(link).searchParams.get('token')
  const answer = await house.anonymous.call('POST', '/api/setup', { ...person, token })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return callerAt(house.url, '', cookieOf(answer.cookies))
}

function code(answer: { body: unknown }): unknown {
  return answer.body instanceof Object && 'code' in answer.body ? answer.body.code : undefined
}

test('the set-up link makes the first administrator, signs in, and works once', async () => {
  await using house = await testApp()
  const link = await setupLink(house.db, 'https://erp.example.com')
  assert.match(link ?? '', /^https:\/\/erp\.example\.com\/setup\?token=[\w-]{43}$/)
  assert.deepEqual((await house.anonymous.call('GET', '/api/setup')).body, { open: true })

  const me = await (await setUp(house)).call('GET', '/api/me')
  assert.equal(me.status, 200)
  const { id, sessionId, permissions, ...rest } = Object(me.body)
  assert.deepEqual(rest, {
    kind: 'user',
    name: '林晓',
    email: 'linxiao@shanyu.cn',
    language: 'zh',
    theme: 'system',
    roles: [{ id: '1', name: '管理员', nameEn: 'Administrator' }],
    shops: 'all',
    warehouses: 'all',
    twoFactor: false,
  })
  assert.ok(permissions.includes('users.write') && permissions.includes('refunds.agree'))

  assert.equal(await setupLink(house.db, house.config.publicUrl), undefined)
  const token = new URL(link ?? '').searchParams.get('token')
  const again = await house.anonymous.call('POST', '/api/setup', { ...admin, email: 'b@b.cn', token })
  assert.equal(again.status, 410)
  assert.equal(code(again), 'setup_closed')
  assert.deepEqual((await house.anonymous.call('GET', '/api/setup')).body, { open: false })
  const stored = await sql<{
    plain: string
  }>`select encode(token_hash, 'escape') as plain from one_time_link`.execute(house.db)
  assert.ok(stored.rows.every(({ plain }) => !plain.includes(token ?? '')))
})

test('of eight concurrent uses of set-up links one makes an administrator', async () => {
  await using house = await testApp()
  const links = [await setupLink(house.db, 'http://x'), await setupLink(house.db, 'http://x')]
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, index) => {
      const token = new URL(links[index % 2] ?? '').searchParams.get('token')
      return house.anonymous.call('POST', '/api/setup', { ...admin, email: `a${index}@shanyu.cn`, token })
    }),
  )
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 410, 410, 410, 410, 410, 410, 410])
  const { rows } = await sql<{ count: string }>`select count(*) from app_user`.execute(house.db)
  assert.equal(rows[0]?.count, '1')
})

test('a sign-in whose password is replaced while it is compared gets no session', async () => {
  await using house = await testApp()
  await setUp(house)
  const sessions = async () => {
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from user_session`.execute(house.db)
    return rows[0]?.n
  }
  const hash = await hashPassword('battery horse correct')
  const signing = await house.db.transaction().execute(async (tx) => {
    await storePassword(tx, '1', hash)
    const answer = house.anonymous.call('POST', '/api/sign-in', secret)
    await until(async () => (await sessions()) === 2)
    return { answer }
  })
  const answer = await signing.answer
  assert.deepEqual([answer.status, code(answer)], [401, 'wrong_credentials'])
  assert.equal(await sessions(), 0)
  const next = { ...secret, password: 'battery horse correct' }
  assert.equal((await house.anonymous.call('POST', '/api/sign-in', next)).status, 200)
})

test('a wrong password tells the tries left, and the fifth locks even the right one for 15 minutes', async () => {
  await using house = await testApp()
  await setUp(house)
  const attempt = (password: string, email = admin.email) =>
    house.anonymous.call('POST', '/api/sign-in', { email, password })
  assert.equal(Object(await attempt('wrong one')).body.message, '邮箱或密码不对。再错 4 次会锁定 15 分钟。')
  const second = await attempt('wrong two')
  assert.equal(second.status, 401)
  assert.equal(Object(second.body).message, '邮箱或密码不对。再错 3 次会锁定 15 分钟。')
  assert.equal(Object(second.body).field, 'password')
  await attempt('wrong three')
  await attempt('wrong four')
  const fifth = await attempt('wrong five')
  assert.equal(fifth.status, 429)
  const right = await attempt(admin.password)
  assert.equal(right.status, 429)
  assert.equal(Object(right.body).message, '错误次数太多，15 分钟后再试')
  assert.deepEqual(right.cookies, [])
  // After the lock has ended, the password works again.
  await sql`update sign_in_failure set locked_until = now() - interval '1 second'`.execute(house.db)
  assert.equal((await attempt(admin.password)).status, 200)
  const { rows } = await sql<{ action: string; count: number }>`
    select action, count(*)::int from audit_log group by action order by action
  `.execute(house.db)
  assert.deepEqual(rows, [
    { action: 'setup', count: 1 },
    { action: 'sign_in.fail', count: 5 },
    { action: 'sign_in.success', count: 2 },
  ])
})

test('parallel guesses do not slip past the limit, and an unknown address looks the same', async () => {
  await using house = await testApp()
  await setUp(house)
  for (const email of [admin.email, 'nobody@shanyu.cn']) {
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        house.anonymous.call('POST', '/api/sign-in', { email, password: `guess number ${index}` }),
      ),
    )
    assert.deepEqual(
      answers.map(({ status }) => status).sort(),
      [401, 401, 401, 401, 429, 429, 429, 429, 429, 429, 429, 429],
    )
  }
})

/** Headers of a request from another address, through a trusted proxy. */
const from = (address: string) => ({ 'x-forwarded-for': address })
const behindProxy = { TRUSTED_PROXIES: '127.0.0.1' }

test('a stranger who goes on guessing from one place locks nobody out but himself', async () => {
  await using house = await testApp(behindProxy)
  const caller = await setUp(house)
  const attempt = (password: string, address: string) =>
    house.anonymous.call('POST', '/api/sign-in', { email: admin.email, password }, from(address))
  for (let n = 0; n < 60; n += 1) await attempt(`guess number ${n}`, '203.0.113.9')
  assert.equal((await attempt('guess once more', '203.0.113.9')).status, 429)
  const { rows } = await sql<{ reason: string; count: number }>`
    select detail ->> 'reason' as reason, count(*)::int from audit_log where action = 'sign_in.fail' group by 1`.execute(
    house.db,
  )
  assert.deepEqual(rows, [{ reason: 'wrong_credentials', count: 5 }])
  assert.equal((await attempt(admin.password, '203.0.113.10')).status, 200)
  const change = { current: admin.password, password: 'correct horse battery staple' }
  assert.equal((await caller.call('POST', '/api/me/password', change)).status, 204)
})

test('an account that is guessed at from everywhere is locked for strangers, and open to a device it knows', async () => {
  await using house = await testApp(behindProxy)
  await setUp(house)
  const attempt = (password: string, address: string, cookie = '', email = admin.email) =>
    callerAt(house.url, '', cookie).call('POST', '/api/sign-in', { email, password }, from(address))
  const first = await attempt(admin.password, '198.51.100.1')
  const device = cookieOf(first.cookies.filter((line) => line.startsWith('sanyi.device=')))
  for (let n = 0; n < 24; n += 1) await attempt(`guess number ${n}`, `203.0.113.${Math.floor(n / 4)}`)
  assert.equal((await attempt(admin.password, '198.51.100.1')).status, 429)
  assert.equal((await attempt(admin.password, '198.51.100.1', device)).status, 200)
  // The device has its own count, which is limited too, and its cookie cannot be forged.
  for (let n = 0; n < 10; n += 1) await attempt(`guess number ${n}`, '198.51.100.1', device)
  assert.equal((await attempt(admin.password, '198.51.100.1', device)).status, 429)
  const forged = device.replace(/(device~)(.)/, (_, head, letter) => `${head}${letter === 'A' ? 'B' : 'A'}`)
  assert.notEqual(forged, device)
  assert.equal((await attempt(admin.password, '203.0.113.77', forged)).status, 429)
})

test('a hundred people of one office sign in from its one address, also where some mistype', async () => {
  await using house = await testApp(behindProxy)
  await setUp(house)
  for (let n = 0; n < 60; n += 1) {
    const { status } = await house.anonymous.call('POST', '/api/sign-in', secret, from('198.51.100.1'))
    assert.equal(status, 200, `sign-in ${n + 1}`)
  }
  const { rows } = await sql<{ failures: number }>`select failures from sign_in_failure`.execute(house.db)
  assert.deepEqual(
    rows.map(({ failures }) => failures),
    [0, 0],
  )
})

test('signing in again ends what this browser was signed in with, and no other session', async () => {
  await using house = await testApp()
  const other = await setUp(house)
  const first = await house.anonymous.call('POST', '/api/sign-in', secret)
  const before = callerAt(house.url, '', cookieOf(first.cookies))
  const second = await before.call('POST', '/api/sign-in', secret)
  const after = callerAt(house.url, '', cookieOf(second.cookies))
  assert.equal((await before.call('GET', '/api/me')).status, 401)
  assert.equal((await after.call('GET', '/api/me')).status, 200)
  assert.equal((await other.call('GET', '/api/me')).status, 200)
})

test('a note of who asks from a proxy that is not trusted is not believed, and is warned of once', async () => {
  await using house = await testApp()
  for (let n = 0; n < 3; n += 1)
    await house.anonymous.call('GET', '/api/setup', undefined, from('203.0.113.9'))
  const warnings = house.logged.filter((line) => line.includes('TRUSTED_PROXIES'))
  assert.equal(warnings.length, 1)
  assert.ok(!house.logged.some((line) => line.includes('203.0.113.9')))
})

test('signing out ends the session at once, and a changed signature is no session', async () => {
  await using house = await testApp()
  const caller = await setUp(house)
  const forged = callerAt(house.url, '', caller.cookie.replace(/(session_token=[^;]+)..(?=%3D)/, '$1'))
  assert.equal((await forged.call('GET', '/api/me')).status, 401)
  const out = await caller.call('POST', '/api/sign-out')
  assert.equal(out.status, 204)
  assert.match(out.cookies[0] ?? '', /^sanyi\.session_token=; Max-Age=0; Path=\/; HttpOnly; SameSite=Lax$/)
  const after = await caller.call('GET', '/api/me')
  assert.equal(after.status, 401)
  assert.equal(code(after), 'not_signed_in')
})

test('a session cookie is for this site only, and Secure when the site is https', async () => {
  await using house = await testApp({ PUBLIC_URL: 'https://erp.example.com' })
  const link = await setupLink(house.db, house.config.publicUrl)
  const token = new URL(link ?? '').searchParams.get('token')
  const { cookies, headers } = await house.anonymous.call('POST', '/api/setup', { ...admin, token })
  assert.match(
    cookies[0] ?? '',
    /^__Host-sanyi\.session_token=[^;]+; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
  )
  assert.equal(headers.get('strict-transport-security'), 'max-age=31536000; includeSubDomains')
})

test('a write from another site is refused though the browser sends the cookie', async () => {
  await using house = await testApp()
  const caller = await setUp(house)
  const foreign = await caller.call('PATCH', '/api/me', { name: 'x' }, { origin: 'https://evil.example' })
  assert.equal(foreign.status, 403)
  assert.equal(code(foreign), 'foreign_origin')
  const login = await house.anonymous.call('POST', '/api/sign-in', admin, { origin: 'https://evil.example' })
  assert.equal(code(login), 'foreign_origin')
  assert.equal((await caller.call('PATCH', '/api/me', { language: 'en' })).status, 204)
  assert.equal(Object((await caller.call('GET', '/api/me')).body).name, '林晓')
})

test('a weak password is refused with its reason and nothing is made', async () => {
  await using house = await testApp()
  const link = await setupLink(house.db, 'http://x')
  const token = new URL(link ?? '').searchParams.get('token')
  for (const password of [
    'short',
    '1234567890',
    'aaaaaaaaaaaa',
    'linxiao@shanyu.cn',
    'linxiao1234',
    'Password2026',
  ]) {
    const answer = await house.anonymous.call('POST', '/api/setup', { ...admin, password, token })
    assert.equal(answer.status, 400, password)
    assert.equal(Object(answer.body).field, 'password')
  }
  assert.equal((await sql`select 1 from app_user`.execute(house.db)).rows.length, 0)
})
