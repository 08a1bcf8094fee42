import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import Type from 'typebox'
import { type Caller, type TestApp, testApp } from './testing/app.ts'

let house: TestApp
let caller: Caller
let other: Caller
let effects = 0
let failing = false

before(async () => {
  house = await testApp({}, (app) => {
    app.post(
      '/api/test/effects',
      { config: { permission: 'signed_in' }, schema: { body: Type.Object({ n: Type.Integer() }) } },
      async (request, reply) => {
        effects += 1
        await sleep(200)
        if (failing) throw new Error('broken')
        return reply.code(201).send({ effect: effects, echo: request.body })
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
  // The key is freed just after the answer has left.
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

function post(body: object, key: string) {
  return caller.call('POST', '/api/test/effects', body, { 'idempotency-key': key })
}

function codeOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'code' in body ? body.code : undefined
}
