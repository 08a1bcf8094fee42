import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { type Caller, callerAt, cookieOf, type TestApp, testApp } from '../../testing/app.ts'
import { scopeNow } from '../current-rights.ts'
import { setupLink } from '../sign-in/setup.ts'

const code = (answer: { body: unknown }) => Object(answer.body).code

async function signIn(house: TestApp, email: string, password: string): Promise<Caller> {
  const answer = await house.anonymous.call('POST', '/api/sign-in', { email, password })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return callerAt(house.url, '', cookieOf(answer.cookies))
}

async function firstAdmin(house: TestApp): Promise<Caller> {
  const token = new URL((await setupLink(house.db, 'http://x')) ?? '').searchParams.get('token')
  const person = { token, email: 'admin@shanyu.cn', name: '周宁', password: 'correct horse battery' }
  const answer = await house.anonymous.call('POST', '/api/setup', person)
  return callerAt(house.url, '', cookieOf(answer.cookies))
}

/** Creates a user through the API and accepts the invitation. */
async function member(
  house: TestApp,
  by: Caller,
  { email, roleIds, shops }: { email: string; roleIds: string[]; shops: 'all' | string[] },
) {
  const made = await by.call('POST', '/api/users', { email, name: '林晓', roleIds, shops })
  assert.equal(made.status, 201, JSON.stringify(made.body))
  const { id, link } = Object(made.body)
  const token = new URL(link.url).searchParams.get('token')
  const set = await house.anonymous.call('POST', '/api/password', { token, password: 'another long one' })
  assert.equal(set.status, 204, JSON.stringify(set.body))
  return { id: String(id), token, caller: await signIn(house, email, 'another long one') }
}

test('an invited user sets a password by the link once, and has the roles and shops that were granted', async () => {
  await using house = await testApp()
  const admin = await firstAdmin(house)
  const { id, token, caller } = await member(house, admin, {
    email: 'Lin@shanyu.cn',
    roleIds: ['2'],
    shops: ['7', '8', '7'],
  })
  const again = await house.anonymous.call('POST', '/api/password', { token, password: 'yet another one' })
  assert.deepEqual([again.status, code(again)], [410, 'link_expired'])
  const me = Object((await caller.call('GET', '/api/me')).body)
  assert.deepEqual([me.id, me.email, me.shops], [id, 'lin@shanyu.cn', ['7', '8']])
  assert.deepEqual(me.roles, [{ id: '2', name: '接口员', nameEn: 'Intake clerk' }])
  assert.ok(me.permissions.includes('trades.convert') && !me.permissions.includes('refunds.agree'))
  const listed = Object((await admin.call('GET', '/api/users?q=lin&state=active')).body)
  assert.deepEqual(
    listed.rows.map((row: { email: string }) => row.email),
    ['lin@shanyu.cn'],
  )
  const second = await admin.call('POST', '/api/users', {
    email: 'LIN@shanyu.cn',
    name: 'x',
    roleIds: [],
    shops: [],
  })
  assert.deepEqual([second.status, code(second), Object(second.body).field], [409, 'duplicate', 'email'])
})

test('disabling a user, changing a role and revoking sessions take effect with the next request', async () => {
  await using house = await testApp()
  const admin = await firstAdmin(house)
  const role = Object(
    (await admin.call('POST', '/api/roles', { name: '夜班', permissions: ['users.read'] })).body,
  )
  const { id, caller } = await member(house, admin, {
    email: 'a@shanyu.cn',
    roleIds: [role.id],
    shops: 'all',
  })
  assert.equal((await caller.call('GET', '/api/users')).status, 200)
  assert.equal((await admin.call('PATCH', `/api/roles/${role.id}`, { permissions: [] })).status, 204)
  assert.equal((await caller.call('GET', '/api/users')).status, 403)
  assert.equal((await admin.call('DELETE', `/api/users/${id}/sessions`)).status, 204)
  assert.equal((await caller.call('GET', '/api/me')).status, 401)
  const back = await signIn(house, 'a@shanyu.cn', 'another long one')
  assert.equal((await admin.call('PATCH', `/api/users/${id}`, { disabled: true })).status, 204)
  assert.equal((await back.call('GET', '/api/me')).status, 401)
  const refused = await house.anonymous.call('POST', '/api/sign-in', {
    email: 'a@shanyu.cn',
    password: 'another long one',
  })
  assert.deepEqual([refused.status, code(refused), refused.cookies], [403, 'user_disabled', []])
  const wrong = await house.anonymous.call('POST', '/api/sign-in', {
    email: 'a@shanyu.cn',
    password: 'not the password',
  })
  assert.equal(code(wrong), 'wrong_credentials')
})

test('the audit names a role that was deleted', async () => {
  await using house = await testApp()
  const admin = await firstAdmin(house)
  const role = Object((await admin.call('POST', '/api/roles', { name: '夜班', permissions: [] })).body)
  assert.equal((await admin.call('DELETE', `/api/roles/${role.id}`)).status, 204)
  const found = await sql<{ detail: unknown }>`
    select detail from audit_log where action = 'role.delete'`.execute(house.db)
  assert.deepEqual(found.rows, [{ detail: { name: '夜班' } }])
})

test('the last administrator cannot be disabled or lose the role, also when two take each other out at once', async () => {
  await using house = await testApp()
  const admin = await firstAdmin(house)
  for (const change of [{ disabled: true }, { roleIds: ['2'] }, { shops: [] }]) {
    const refused = await admin.call('PATCH', '/api/users/1', change)
    assert.deepEqual([refused.status, code(refused)], [409, 'last_admin'], JSON.stringify(change))
  }
  // An invited administrator who has not set a password does not count.
  await admin.call('POST', '/api/users', { email: 'b@shanyu.cn', name: 'b', roleIds: ['1'], shops: 'all' })
  assert.equal(code(await admin.call('PATCH', '/api/users/1', { disabled: true })), 'last_admin')
  const other = await member(house, admin, { email: 'c@shanyu.cn', roleIds: ['1'], shops: 'all' })
  const both = await Promise.all([
    admin.call('PATCH', `/api/users/${other.id}`, { disabled: true }),
    other.caller.call('PATCH', '/api/users/1', { disabled: true }),
  ])
  // The slower request is refused because its user would be the last administrator, or because its session has ended.
  assert.equal(both.filter(({ status }) => status === 204).length, 1, JSON.stringify(both))
  const { rows } =
    await sql`select 1 from app_user where id in (1, ${other.id}) and disabled_at is null`.execute(house.db)
  assert.equal(rows.length, 1)
})

test('a link for a password works no more once its user has rights that its maker has not', async () => {
  await using house = await testApp()
  const admin = await firstAdmin(house)
  const manager = await house.as(['users.read', 'users.write', 'trades.read'], ['7'])
  const input = { email: 'v@shanyu.cn', name: 'v', roleIds: [], shops: ['7'], warehouses: [] }
  const made = await manager.call('POST', '/api/users', input)
  assert.equal(made.status, 201, JSON.stringify(made.body))
  const { id, link } = Object(made.body)
  const use = (url: string) =>
    house.anonymous.call('POST', '/api/password', {
      token: new URL(url).searchParams.get('token'),
      password: 'another long one',
    })
  assert.equal((await admin.call('PATCH', `/api/users/${id}`, { roleIds: ['1'] })).status, 204)
  const refused = await use(link.url)
  assert.deepEqual([refused.status, code(refused)], [410, 'link_expired'])
  const own = await admin.call('POST', `/api/users/${id}/password-link`)
  assert.equal((await use(Object(own.body).url)).status, 204)
})

test('nobody grants, changes or takes over more than they have', async () => {
  await using house = await testApp()
  const admin = await firstAdmin(house)
  const clerk = await house.as(['users.read', 'users.write', 'api_keys.write', 'orders.read'], ['7'])
  const attempts: [string, string, unknown, string][] = [
    ['POST', '/api/users', { email: 'x@x.cn', name: 'x', roleIds: ['1'], shops: [] }, 'beyond_own_rights'],
    ['POST', '/api/users', { email: 'x@x.cn', name: 'x', roleIds: [], shops: 'all' }, 'outside_scope'],
    ['POST', '/api/users', { email: 'x@x.cn', name: 'x', roleIds: [], shops: ['8'] }, 'outside_scope'],
    ['PATCH', `/api/users/${clerk.userId}`, { roleIds: ['1'] }, 'beyond_own_rights'],
    ['PATCH', `/api/users/${clerk.userId}`, { shops: 'all', warehouses: 'all' }, 'outside_scope'],
    ['POST', '/api/users/1/password-link', undefined, 'beyond_own_rights'],
    ['PATCH', '/api/users/1', { email: 'mine@x.cn' }, 'beyond_own_rights'],
    ['DELETE', '/api/users/1/sessions', undefined, 'beyond_own_rights'],
    ['DELETE', '/api/users/1/two-factor', undefined, 'beyond_own_rights'],
    ['POST', '/api/roles', { name: 'r', permissions: ['refunds.agree'] }, 'beyond_own_rights'],
    ['PATCH', '/api/roles/2', { permissions: ['orders.read'] }, 'beyond_own_rights'],
    ['DELETE', '/api/roles/2', undefined, 'beyond_own_rights'],
    ['PATCH', '/api/roles/1', { name: 'x' }, 'builtin_role'],
    ['POST', '/api/roles', { name: 'r', permissions: ['*'] }, 'invalid_input'],
    ['POST', '/api/roles', { name: 'r', permissions: ['all.of.it'] }, 'invalid_input'],
    [
      'POST',
      '/api/api-keys',
      { name: 'k', permissions: ['trades.read'], shops: ['7'], expiresAt: null },
      'beyond_own_rights',
    ],
    [
      'POST',
      '/api/api-keys',
      { name: 'k', permissions: ['users.write'], shops: ['7'], expiresAt: null },
      'invalid_input',
    ],
    [
      'POST',
      '/api/api-keys',
      { name: 'k', permissions: ['orders.read'], shops: 'all', expiresAt: null },
      'outside_scope',
    ],
  ]
  for (const [method, path, body, expected] of attempts) {
    assert.equal(
      code(await clerk.call(method, path, body)),
      expected,
      `${method} ${path} ${JSON.stringify(body)}`,
    )
  }
  const { rows } = await sql<{ users: number; roles: number; keys: number; links: number }>`
    select (select count(*)::int from app_user) as users, (select count(*)::int from role) as roles,
      (select count(*)::int from api_key) as keys, (select count(*)::int from one_time_link where purpose = 'password') as links
  `.execute(house.db)
  assert.deepEqual(rows[0], { users: 2, roles: 7, keys: 0, links: 0 })
  assert.equal((await admin.call('GET', '/api/me')).status, 200)
})

test('a role in use is kept, an unused one can go', async () => {
  await using house = await testApp()
  const admin = await house.as(['*'])
  const { id } = Object(
    (await admin.call('POST', '/api/roles', { name: '夜班', nameEn: 'Night', permissions: [] })).body,
  )
  assert.equal(code(await admin.call('POST', '/api/roles', { name: '夜班', permissions: [] })), 'duplicate')
  await admin.call('POST', '/api/users', { email: 'n@x.cn', name: 'n', roleIds: [id], shops: [] })
  const used = await admin.call('DELETE', `/api/roles/${id}`)
  assert.deepEqual([used.status, code(used)], [409, 'role_in_use'])
  await sql`delete from user_role where role_id = ${id}`.execute(house.db)
  assert.equal((await admin.call('DELETE', `/api/roles/${id}`)).status, 204)
  const { rows, permissions } = Object((await admin.call('GET', '/api/roles')).body)
  assert.ok(rows.every((row: { id: string }) => row.id !== id))
  assert.deepEqual(permissions[0], {
    name: 'overview.read',
    area: 'overview',
    label: '查看总览',
    labelEn: 'See the overview',
  })
})

test('an API key does what it was given, until it is revoked or ends; only its hash is kept', async () => {
  await using house = await testApp()
  const admin = await house.as(['*'])
  const make = async (expiresAt: string | null) => {
    const body = { name: 'ERP', permissions: ['users.read'], shops: ['7'], expiresAt }
    return Object((await admin.call('POST', '/api/api-keys', body)).body)
  }
  const { id, key } = await make(null)
  assert.match(key, /^sk_[\w-]{43}$/)
  const program = (path: string, method = 'GET', token = key) =>
    callerAt(house.url, '', '').call(method, path, undefined, {
      authorization: `Bearer ${token}`,
      origin: 'https://any.example',
    })
  const me = Object((await program('/api/me')).body)
  assert.deepEqual([me.kind, me.name, me.permissions, me.shops], ['api_key', 'ERP', ['users.read'], ['7']])
  assert.equal((await program('/api/users')).status, 200)
  assert.equal((await program('/api/audit')).status, 403)
  assert.equal((await program('/api/me/sessions')).status, 403)
  assert.equal((await program('/api/users', 'GET', `${key.slice(0, -1)}x`)).status, 401)
  // A wrong key is refused even with a valid cookie.
  assert.equal(
    (await admin.call('GET', '/api/me', undefined, { authorization: 'Bearer sk_wrong' })).status,
    401,
  )
  const stored = await sql<{ row: string }>`select row_to_json(k)::text as row from api_key k`.execute(
    house.db,
  )
  assert.ok(!stored.rows[0]?.row.includes(key))
  assert.equal((await admin.call('DELETE', `/api/api-keys/${id}`)).status, 204)
  assert.equal((await program('/api/users')).status, 401)
  const past = await admin.call('POST', '/api/api-keys', {
    name: 'k',
    permissions: ['users.read'],
    shops: [],
    expiresAt: '2020-01-01T00:00:00Z',
  })
  assert.equal(Object(past.body).field, 'expiresAt')
  const ending = await make(new Date(Date.now() + 60_000).toISOString())
  await sql`update api_key set expires_at = now() where id = ${ending.id}`.execute(house.db)
  assert.equal((await program('/api/users', 'GET', ending.key)).status, 401)
})

test('an API key ends with the person who made it, and narrows with their rights, from the next request on', async () => {
  await using house = await testApp()
  const admin = await firstAdmin(house)
  const rights = ['api_keys.write', 'users.read', 'audit.read']
  const role = Object((await admin.call('POST', '/api/roles', { name: '接口', permissions: rights })).body)
  const { id, caller } = await member(house, admin, {
    email: 'b@shanyu.cn',
    roleIds: [role.id],
    shops: ['7', '8'],
  })
  const body = { name: 'ERP', permissions: ['users.read', 'audit.read'], shops: ['7', '8'], expiresAt: null }
  const { id: keyId, key } = Object((await caller.call('POST', '/api/api-keys', body)).body)
  const program = (path: string) =>
    callerAt(house.url, '', '').call('GET', path, undefined, { authorization: `Bearer ${key}` })
  const inBackground = () =>
    scopeNow(house.db, { kind: 'api_key', id: keyId, name: 'ERP' }, 'users.read', {
      shops: 'all',
      warehouses: 'all',
    })
  const change = async (patch: object) =>
    assert.equal((await admin.call('PATCH', `/api/users/${id}`, patch)).status, 204)

  assert.deepEqual(
    [(await program('/api/users')).status, await inBackground()],
    [200, { shops: ['7', '8'], warehouses: 'all' }],
  )
  await admin.call('PATCH', `/api/roles/${role.id}`, { permissions: ['users.read'] })
  await change({ shops: ['8', '9'], warehouses: ['3'] })
  const me = Object((await program('/api/me')).body)
  assert.deepEqual([me.permissions, me.shops, me.warehouses], [['users.read'], ['8'], ['3']])
  assert.deepEqual(await inBackground(), { shops: ['8'], warehouses: ['3'] })
  assert.equal((await program('/api/audit')).status, 403)

  await change({ disabled: true })
  const refused = await program('/api/users')
  assert.deepEqual([refused.status, code(refused)], [401, 'not_signed_in'])
  await assert.rejects(inBackground(), { code: 'forbidden' })
  await change({ disabled: false })
  assert.equal((await program('/api/users')).status, 200)
})

test('one ends own sessions, singly or all others, and an idle or ended one is no session', async () => {
  await using house = await testApp()
  const admin = await firstAdmin(house)
  const second = await signIn(house, 'admin@shanyu.cn', 'correct horse battery')
  const third = await signIn(house, 'admin@shanyu.cn', 'correct horse battery')
  const { rows } = Object((await admin.call('GET', '/api/me/sessions')).body)
  assert.equal(rows.length, 3)
  assert.equal(rows.filter((row: { current: boolean }) => row.current).length, 1)
  assert.match(rows[0].ip, /^127\.0\.0\.1$/)
  const stranger = await house.as([])
  assert.equal((await stranger.call('DELETE', `/api/me/sessions/${rows[0].id}`)).status, 404)
  const { sessionId } = Object((await second.call('GET', '/api/me')).body)
  assert.equal((await admin.call('DELETE', `/api/me/sessions/${sessionId}`)).status, 204)
  assert.equal((await second.call('GET', '/api/me')).status, 401)
  assert.equal((await admin.call('DELETE', '/api/me/sessions')).status, 204)
  assert.equal((await third.call('GET', '/api/me')).status, 401)
  assert.equal((await admin.call('GET', '/api/me')).status, 200)
  await sql`update user_session set updated_at = now() - interval '25 hours'`.execute(house.db)
  assert.equal((await admin.call('GET', '/api/me')).status, 401)
})

test('a new password asks for the old one and ends the other sessions', async () => {
  await using house = await testApp()
  const admin = await firstAdmin(house)
  const other = await signIn(house, 'admin@shanyu.cn', 'correct horse battery')
  const wrong = await admin.call('POST', '/api/me/password', { current: 'guess', password: 'a new long one' })
  assert.deepEqual([wrong.status, code(wrong), Object(wrong.body).field], [400, 'wrong_password', 'current'])
  const change = { current: 'correct horse battery', password: 'a new long one' }
  assert.equal((await admin.call('POST', '/api/me/password', change)).status, 204)
  assert.equal((await other.call('GET', '/api/me')).status, 401)
  assert.equal((await admin.call('GET', '/api/me')).status, 200)
  await signIn(house, 'admin@shanyu.cn', 'a new long one')
})

test('views are one’s own; a shared one is seen by all and changed by its owner', async () => {
  await using house = await testApp()
  const [one, two] = [await house.as([]), await house.as([])]
  const view = { list: 'staged-trades', name: '有留言', query: 'hasMessage=true&sort=-paidAt' }
  const { id } = Object((await one.call('POST', '/api/views', view)).body)
  assert.equal(code(await one.call('POST', '/api/views', view)), 'duplicate')
  const seen = async (by: Caller) => Object((await by.call('GET', '/api/views?list=staged-trades')).body).rows
  assert.deepEqual(await seen(one), [{ id, ...view, shared: false, own: true, owner: '林晓' }])
  assert.deepEqual(await seen(two), [])
  assert.equal((await two.call('PATCH', `/api/views/${id}`, { shared: true })).status, 404)
  assert.equal((await one.call('PATCH', `/api/views/${id}`, { shared: true })).status, 204)
  assert.deepEqual(await seen(two), [{ id, ...view, shared: true, own: false, owner: '林晓' }])
  assert.equal((await two.call('DELETE', `/api/views/${id}`)).status, 404)
  assert.equal((await one.call('DELETE', `/api/views/${id}`)).status, 204)
  assert.deepEqual(await seen(one), [])
})

test('the audit log pages by time, filters, and hides shops that were not granted', async () => {
  await using house = await testApp()
  const admin = await house.as(['*'])
  const roleIds: string[] = []
  for (const name of ['a', 'b', 'c']) {
    roleIds.push(Object((await admin.call('POST', '/api/roles', { name, permissions: [] })).body).id)
  }
  await sql`
    insert into audit_log (actor_kind, actor_id, actor_name, action, subject_type, subject_id, shop_id)
    values ('task', '1', 'x', 'trade.reveal', 'trade', '5', 7), ('task', '1', 'x', 'trade.reveal', 'trade', '6', 8)
  `.execute(house.db)
  const narrow = await house.as(['audit.read'], ['7'])
  const own = Object((await narrow.call('GET', '/api/audit')).body).rows
  // Entries without a shop are visible only to users with all shops: a user with one shop sees neither roles nor other users' sign-ins.
  assert.deepEqual(
    own.map(({ action, subject }: { action: string; subject: { id: string } }) => [action, subject.id]),
    [['trade.reveal', '5']],
  )
  // A user with every shop but not every warehouse sees entries of shops, but no entries without a shop.
  const clerk = await house.as(['audit.read'], 'all', ['1'])
  const ofShops = Object((await clerk.call('GET', '/api/audit')).body).rows
  assert.deepEqual(
    ofShops.map(({ action, subject }: { action: string; subject: { id: string } }) => [action, subject.id]),
    [
      ['trade.reveal', '6'],
      ['trade.reveal', '5'],
    ],
  )
  const auditor = await house.as(['audit.read'])
  const first = Object((await auditor.call('GET', '/api/audit?limit=3')).body)
  const second = Object((await auditor.call('GET', `/api/audit?limit=3&after=${first.next}`)).body)
  const shown = [...first.rows, ...second.rows].map(({ action, subject }) => [action, subject.id])
  assert.deepEqual(shown, [
    ['trade.reveal', '6'],
    ['trade.reveal', '5'],
    ...roleIds.reverse().map((id) => ['role.create', id]),
  ])
  assert.equal(second.next, null)
  const filtered = Object(
    (
      await auditor.call(
        'GET',
        `/api/audit?action=role.create,user.create&actorId=${admin.userId}&from=2020-01-01T00:00:00Z`,
      )
    ).body,
  )
  assert.equal(filtered.rows.length, 3)
  assert.match(filtered.rows[0].requestId, /^[a-z0-9]{10}$/)
  assert.equal(filtered.rows[0].ip, '127.0.0.1')
  assert.equal(code(await auditor.call('GET', '/api/audit?after=x')), 'invalid_cursor')
  assert.equal(code(await auditor.call('GET', '/api/audit?who=x')), 'unknown_filter')
})

test('who has one shop sees and ends nothing of people and keys that reach further', async () => {
  await using house = await testApp()
  const boss = await house.as(['*'])
  const lead = await house.as(['users.read', 'users.write', 'api_keys.write', 'trades.read'], ['7'], [])
  const mate = await house.as(['trades.read'], ['7'], [])
  const stranger = await house.as(['trades.read'], ['8'], [])
  const people = Object((await lead.call('GET', '/api/users')).body).rows
  assert.deepEqual(
    people.map(({ id }: { id: string }) => id),
    [lead.userId, mate.userId],
  )
  assert.equal((await lead.call('GET', `/api/users/${mate.userId}/sessions`)).status, 200)
  for (const other of [boss, stranger])
    assert.equal((await lead.call('GET', `/api/users/${other.userId}/sessions`)).status, 404)

  const make = async (who: Caller, shops: 'all' | string[], warehouses: 'all' | string[]) => {
    const body = { name: '对接', permissions: ['trades.read'], shops, warehouses, expiresAt: null }
    const made = await who.call('POST', '/api/api-keys', body)
    assert.equal(made.status, 201, JSON.stringify(made.body))
    return String(Object(made.body).id)
  }
  const [wide, narrow, own] = [
    await make(boss, 'all', 'all'),
    await make(boss, ['7'], []),
    await make(lead, ['7'], []),
  ]
  const keys = Object((await lead.call('GET', '/api/api-keys')).body).rows
  assert.deepEqual(keys.map(({ id }: { id: string }) => id).sort(), [narrow, own].sort())
  const refused = await lead.call('DELETE', `/api/api-keys/${wide}`)
  assert.deepEqual([refused.status, code(refused)], [403, 'outside_scope'])
  const { rows } = await sql`select from api_key where revoked_at is not null`.execute(house.db)
  assert.equal(rows.length, 0)
  for (const id of [narrow, own]) assert.equal((await lead.call('DELETE', `/api/api-keys/${id}`)).status, 204)
})

test('a view keeps no search, in whatever way its name is written', async () => {
  await using house = await testApp()
  const one = await house.as(['orders.read'])
  const text = '13900007771'
  const queries = [
    `q=${text}`,
    `%71=${text}`,
    `Q=${text}`,
    `%51=${text}`,
    `q%20=${text}`,
    `+q=${text}`,
    `%zz=${text}`,
  ]
  for (const [at, query] of queries.entries()) {
    const body = { list: 'orders', name: `视图 ${at}`, query: `tab=all&${query}&sort=-paidAt` }
    assert.equal((await one.call('POST', '/api/views', body)).status, 201, query)
  }
  const { rows } = await sql<{ query: string }>`select distinct query from saved_view`.execute(house.db)
  assert.deepEqual(rows, [{ query: 'tab=all&sort=-paidAt' }])
})
