import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import Type from 'typebox'
import { memoryKeyRing } from '../../lib/seal.ts'
import { type Caller, type TestApp, testApp } from '../../testing/app.ts'
import { until } from '../../testing/until.ts'

let house: TestApp
let caller: Caller
let other: Caller
let effects = 0
let failing = false
let workMs = 200

before(async () => {
  house = await testApp({}, (app) => {
    app.post(
      '/api/test/effects',
      { config: { permission: 'signed_in' }, schema: { body: Type.Object({ n: Type.Integer() }) } },
      async (request, reply) => {
        effects += 1
        const effect = effects
        await sleep(workMs)
        if (failing) throw new Error('broken')
        return reply.code(201).send({ effect, echo: request.body })
      },
    )
  })
  caller = await house.as(['*'])
  other = await house.as(['*'])
})
after(() => house[Symbol.asyncDispose]())

test('the same key and request give the first answer again, and have their effect once', async () => {
  const first = await post({ n: 1 }, 'a')
  const again = await post({ n: 1 }, 'a')
  assert.equal(first.status, 201)
  assert.deepEqual([again.status, again.body], [201, first.body])
  assert.equal(again.headers.get('idempotency-replayed'), 'true')
  assert.equal(first.headers.get('idempotency-replayed'), null)
  assert.equal(effects, 1)
})

test('the same key with another request is refused', async () => {
  const answer = await post({ n: 2 }, 'a')
  assert.equal(answer.status, 422)
  assert.equal(codeOf(answer.body), 'idempotency_mismatch')
  assert.equal(effects, 1)
})

test('a repetition while the first is being worked on is refused, and leaves the first alone', async () => {
  const before = effects
  const answers = await Promise.all(Array.from({ length: 6 }, () => post({ n: 3 }, 'b')))
  const first = answers.filter(
    ({ status, headers }) => status === 201 && !headers.has('idempotency-replayed'),
  )
  assert.equal(first.length, 1)
  const refused = answers.filter(({ status }) => status === 409)
  assert.ok(refused.length > 0 && refused.every(({ body }) => codeOf(body) === 'idempotency_busy'))
  assert.equal(effects, before + 1)
})

test('the answer of a request that was overtaken is not kept over that of its successor', async () => {
  const before = effects
  workMs = 1500
  const slow = post({ n: 9 }, 's')
  await until(() => effects === before + 1)
  workMs = 200
  await sql`update idempotency_key set busy_until = now() - interval '1 second' where key = 's'`.execute(
    house.db,
  )
  const next = await post({ n: 9 }, 's')
  const late = await slow
  assert.deepEqual([Object(late.body).effect, Object(next.body).effect], [before + 1, before + 2])
  const again = await post({ n: 9 }, 's')
  assert.deepEqual([again.body, again.headers.get('idempotency-replayed')], [next.body, 'true'])
})

test('keys of two people are two keys', async () => {
  const before = effects
  await post({ n: 4 }, 'c')
  const answer = await other.call('POST', '/api/test/effects', { n: 5 }, { 'idempotency-key': 'c' })
  assert.equal(answer.status, 201)
  assert.equal(effects, before + 2)
})

test('a fault of ours is not kept: the next try does the work', async () => {
  failing = true
  assert.equal((await post({ n: 6 }, 'd')).status, 500)
  failing = false
  // The key is freed shortly after the answer was sent.
  let next = await post({ n: 6 }, 'd')
  for (let tries = 0; next.status === 409 && tries < 50; tries += 1) next = await post({ n: 6 }, 'd')
  assert.equal(next.status, 201)
})

test('bad input is refused the same way each time and may be corrected under a new key', async () => {
  const before = effects
  assert.equal((await post({ n: 'x' }, 'e')).status, 400)
  assert.equal((await post({ n: 7 }, 'e')).status, 201)
  assert.equal((await post({ n: 7 }, 'x'.repeat(300))).status, 400)
  assert.equal(effects, before + 1)
})

test('an answer is kept sealed, and forgotten after a day', async () => {
  const before = effects
  const kept = await sql<{ body: Buffer }>`select body from idempotency_key where key = 'a'`.execute(house.db)
  assert.ok(!kept.rows[0]?.body.toString('latin1').includes('effect'))
  await sql`update idempotency_key set created_at = now() - interval '25 hours' where key = 'a'`.execute(
    house.db,
  )
  assert.equal((await post({ n: 99 }, 'a')).status, 201)
  assert.equal(effects, before + 1)
})

test('under changed rights the answer is not given again, nor is anything done twice', async () => {
  const before = effects
  const clerk = await house.as(['orders.read', 'trades.read'])
  const send = () => clerk.call('POST', '/api/test/effects', { n: 8 }, { 'idempotency-key': 'r' })
  assert.equal((await send()).status, 201)
  await sql`update app_user set all_shops = false, shop_ids = '{7}' where id = ${clerk.userId}`.execute(
    house.db,
  )
  const narrowed = await send()
  assert.deepEqual([narrowed.status, codeOf(narrowed.body)], [409, 'idempotency_rights'])
  await sql`update app_user set all_shops = true, shop_ids = '{}' where id = ${clerk.userId}`.execute(
    house.db,
  )
  assert.equal((await send()).headers.get('idempotency-replayed'), 'true')
  await sql`
    update role set permissions = '{orders.read}' from user_role ur
    where ur.role_id = role.id and ur.user_id = ${clerk.userId}`.execute(house.db)
  assert.equal(codeOf((await send()).body), 'idempotency_rights')
  assert.equal(effects, before + 1)
})

test('what was asked is kept under a key of the house, so that nobody can guess at it with a copy of the table', async () => {
  await post({ n: 41 }, 'h')
  const { rows } = await sql<{ hash: Buffer }>`
    select request_hash as hash from idempotency_key where key = 'h'`.execute(house.db)
  const plain = createHash('sha256').update('POST /api/test/effects\n{"n":41}').digest()
  assert.equal(rows[0]?.hash.equals(plain), false)
  // The request has the same hash after the sealing key changed.
  const { current } = house.ring
  const next = { ...memoryKeyRing().current, number: 2 }
  house.ring.byNumber = new Map([...house.ring.byNumber, [2, next]])
  house.ring.current = next
  assert.equal((await post({ n: 41 }, 'h')).headers.get('idempotency-replayed'), 'true')
  assert.equal((await post({ n: 42 }, 'h')).status, 422)
  house.ring.current = current
})

test('nothing is kept of a request or an answer that holds a secret or a buyer', async () => {
  const secrets = house.app.routeList
    .filter(({ secret }) => secret)
    .map(({ method, url }) => `${method} ${url}`)
  const telling: string[] = []
  for (const [path, item] of Object.entries(house.app.swagger().paths ?? {})) {
    for (const method of ['post', 'put', 'patch', 'delete']) {
      const operation = Object(item)[method]
      if (!operation || operation.security.length === 0) continue
      const text = JSON.stringify([operation.requestBody, operation.responses])
      const name = `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`
      const names =
        /"(password|current|\w*([tT]oken|[sS]ecret)|\w+Key|credentials|backupCodes|uri|url)":\{/.exec(text)
      const isReveal = operation.description.includes('personal.reveal')
      if (names && !isReveal && !secrets.includes(name)) telling.push(`${name}: ${names[1]}`)
    }
  }
  assert.deepEqual(telling, [])
  const answer = await caller.call(
    'POST',
    '/api/me/password',
    { current: 'x', password: 'y' },
    { 'idempotency-key': 'p' },
  )
  assert.equal(answer.status, 400)
  const { rows } = await sql`select from idempotency_key where key = 'p'`.execute(house.db)
  assert.equal(rows.length, 0)
})

function post(body: object, key: string) {
  return caller.call('POST', '/api/test/effects', body, { 'idempotency-key': key })
}

function codeOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'code' in body ? body.code : undefined
}
