import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { type Caller, callerAt, type TestApp, testApp } from '../testing/app.ts'
import { setupLink } from './setup.ts'

const admin = { email: 'LinXiao@shanyu.cn', name: '林晓', password: 'correct horse battery' }

async function setUp(house: TestApp, person = admin): Promise<Caller> {
  const link = await setupLink(house.db, house.config.publicUrl)
  assert.ok(link)
  const token = new URL(link).searchParams.get('token')
  const answer = await house.anonymous.call('POST', '/api/setup', { ...person, token })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return callerAt(house.url, '', cookieOf(answer.cookies))
}

function cookieOf(cookies: string[]): string {
  return cookies
    .filter((line) => !/max-age=0/i.test(line))
    .map((line) => line.split(';')[0])
    .join('; ')
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
  // Later, it works again.
  await sql`update sign_in_failure set locked_until = now() - interval '1 second'`.execute(house.db)
  assert.equal((await attempt(admin.password)).status, 200)
  const { rows } = await sql<{ action: string; count: number }>`
    select action, count(*)::int from audit_log group by action order by action
  `.execute(house.db)
  assert.deepEqual(rows, [
    { action: 'setup', count: 1 },
    { action: 'sign_in.fail', count: 6 },
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

test('signing out ends the session at once, and a changed signature is no session', async () => {
  await using house = await testApp()
  const caller = await setUp(house)
  const forged = callerAt(house.url, '', caller.cookie.replace(/%3D$/, '').slice(0, -2))
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
    /^__Secure-sanyi\.session_token=[^;]+; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
  )
  assert.equal(headers.get('strict-transport-security'), 'max-age=31536000')
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
