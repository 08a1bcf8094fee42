import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { sql } from 'kysely'
import { webhookAlarms } from '../alarms/webhook-alarms.ts'
import { wholeScope } from '../core/access/actor.ts'
import { sharedNow } from '../lib/clock.ts'
import { type TestApp, testApp } from '../testing/app.ts'
import { postBriefly } from '../wire/http.ts'
import { waitsMs } from './lifecycle.ts'
import { sealReceiver } from './sealed.ts'
import { deliveriesOf, isSignedWith, program, sendDue, subscribe } from './testing.ts'

let house: TestApp
before(async () => {
  house = await testApp({ SIMULATOR: '1' })
})
after(() => house[Symbol.asyncDispose]())
beforeEach(async () => {
  await sql`with gone as (delete from webhook_message) delete from webhook_subscription`.execute(house.db)
})

/** Puts messages about documents straight into the table, in this order. */
const born = (subscriptionId: string, ...documents: string[]) =>
  sql`
    insert into webhook_message (subscription_id, kind, document, no, data)
    select ${subscriptionId}::bigint, 'order.changed', document, document, jsonb_build_object('n', n)
    from unnest(${documents}::text[]) with ordinality d (document, n) order by n`.execute(house.db)

const messages = async () =>
  (
    await sql<{ no: string; state: string; attempts: number; status: number | null; waits: number }>`
      select no, state, attempts, answer_status as status, round(extract(epoch from due_at - now()))::int as waits from webhook_message order by id`.execute(
      house.db,
    )
  ).rows
const states = async () => (await messages()).map(({ no, state }) => `${no} ${state}`)
const due = () => sql`update webhook_message set due_at = now() where state = 'waiting'`.execute(house.db)
const boss = () => house.as(['*'])

test('a message is signed, and says its kind, version, time, document and sequence', async () => {
  await using receiver = await program()
  const { id, secret } = await subscribe(await boss(), { address: `${receiver.url}/in?key=1` })
  await born(id, 'order:1')
  await sendDue(house)
  const [got, ...more] = receiver.got
  assert.deepEqual(more, [])
  assert.ok(got && isSignedWith(secret, got))
  assert.equal(got.path, '/in?key=1')
  assert.equal(got.headers['content-type'], 'application/json')
  const { rows } = await sql<{
    id: string
    at: Date
  }>`select id, created_at as at from webhook_message`.execute(house.db)
  assert.equal(got.headers['webhook-id'], `msg_${rows[0]?.id}`)
  assert.deepEqual(JSON.parse(got.text), {
    ...{ type: 'order.changed', version: 1, timestamp: rows[0]?.at.toISOString(), document: 'order' },
    ...{ sequence: rows[0]?.id, data: { n: 1 } },
  })
  assert.equal(isSignedWith(`whsec_${Buffer.from('another secret').toString('base64')}`, got), false)
  assert.equal(isSignedWith(secret, { ...got, text: got.text.replace('order', 'Order') }), false)
  assert.equal(isSignedWith(secret, got, Date.now() + 600_000), false)
})

test('a later event of a document waits until the earlier one was taken; other documents go on', async () => {
  await using receiver = await program(({ text }) => ({ status: JSON.parse(text).data.n === 1 ? 500 : 204 }))
  const { id } = await subscribe(await boss(), { address: receiver.url })
  await born(id, 'order:1', 'order:2', 'order:1', 'order:1', 'order:2')
  await sendDue(house)
  assert.deepEqual(
    receiver
      .bodies()
      .map(({ data }) => data.n)
      .toSorted(),
    [1, 2, 5],
  )
  assert.deepEqual(await states(), [
    ...['order:1 waiting', 'order:2 delivered', 'order:1 waiting', 'order:1 waiting', 'order:2 delivered'],
  ])
  const [first] = await messages()
  assert.deepEqual([first?.attempts, first?.status], [1, 500])
  receiver.answers.push({ status: 200 })
  await due()
  await sendDue(house)
  assert.deepEqual(
    receiver
      .bodies()
      .slice(3)
      .map(({ data }) => data.n),
    [1, 3, 4],
  )
  assert.ok((await states()).every((state) => state.endsWith('delivered')))
})

test('what waits behind a refused event waits as long, so that a long document stays not at the head of the line', async () => {
  const refused = new Set([1])
  await using receiver = await program(({ text }) => ({
    status: refused.has(JSON.parse(text).data.n) ? 500 : 204,
  }))
  const { id } = await subscribe(await boss(), { address: receiver.url })
  await born(id, 'order:1', 'order:1', 'order:1')
  await sendDue(house)
  const waitsOf = async () => (await messages()).map(({ state, waits }) => [state, waits])
  const [first = 0, second = 0] = waitsMs.map((ms) => ms / 1000)
  assert.deepEqual(
    await waitsOf(),
    [1, 2, 3].map(() => ['waiting', first]),
  )
  await sql`update webhook_message set due_at = now() where data ->> 'n' = '1'`.execute(house.db)
  await sendDue(house, { probeMs: 0 })
  assert.deepEqual(
    await waitsOf(),
    [1, 2, 3].map(() => ['waiting', second]),
  )
  // The first is taken at last: the others follow at once, in order.
  refused.clear()
  await sql`update webhook_message set due_at = now() where data ->> 'n' = '1'`.execute(house.db)
  await sendDue(house, { probeMs: 0 })
  assert.deepEqual(
    receiver.bodies().map(({ data }) => data.n),
    [1, 1, 1, 2, 3],
  )
  assert.ok((await states()).every((state) => state.endsWith('delivered')))
})

test('each attempt has the same id and body, a signature of its own time, and a longer wait; after the last one the next event goes', async () => {
  await using receiver = await program(({ text }) => ({ status: JSON.parse(text).data.n === 1 ? 503 : 204 }))
  const { id, secret } = await subscribe(await boss(), { address: receiver.url })
  await born(id, 'order:1', 'order:1')
  const waits: (number | undefined)[] = []
  for (let attempt = 0; attempt <= waitsMs.length; attempt += 1) {
    await due()
    await sendDue(house, { probeMs: 0 })
    waits.push((await messages())[0]?.waits)
  }
  assert.deepEqual(
    waits.slice(0, -1),
    waitsMs.map((ms) => ms / 1000),
  )
  const tries = receiver.got.slice(0, -1)
  assert.equal(tries.length, waitsMs.length + 1)
  assert.equal(new Set(tries.map(({ headers, text }) => `${headers['webhook-id']} ${text}`)).size, 1)
  assert.ok(receiver.got.every((got) => isSignedWith(secret, got)))
  assert.deepEqual(await states(), ['order:1 given_up', 'order:1 delivered'])
})

test('a redirect is not followed, and a long answer is not read', async () => {
  await using other = await program()
  await using receiver = await program()
  receiver.answers.push(
    { status: 302, headers: { location: other.url } },
    { status: 200, text: 'x'.repeat(1_000_000) },
  )
  const { id } = await subscribe(await boss(), { address: receiver.url })
  await born(id, 'order:1')
  await sendDue(house)
  const { rows } = await sql<{
    failure: string
  }>`select failure ->> 'en' as failure from webhook_message`.execute(house.db)
  assert.equal(rows[0]?.failure, 'The program answered HTTP 302: redirects are not followed')
  await due()
  await sendDue(house)
  assert.deepEqual([other.got.length, await states()], [0, ['order:1 delivered']])
})

test('a program that is gone (410) stops its subscription at once, and nothing more is sent', async () => {
  await using receiver = await program(() => ({ status: 410 }))
  const { id } = await subscribe(await boss(), { address: receiver.url })
  await born(id, 'order:1')
  await sendDue(house)
  await born(id, 'order:2')
  await due()
  await sendDue(house)
  assert.equal(receiver.got.length, 1)
  const { rows } = await sql`select state, failure ->> 'zh' as why from webhook_subscription`.execute(
    house.db,
  )
  assert.deepEqual(rows, [{ state: 'stopped', why: '接收方答 HTTP 410：不再接收' }])
})

test('a program that took nothing for three days stops its subscription; let go on, it gets all that waited, in order', async () => {
  await using receiver = await program()
  receiver.answers.push(...Array.from({ length: 6 }, () => ({ status: 500 })))
  const who = await boss()
  const { id } = await subscribe(who, { address: receiver.url })
  await born(id, 'order:1', 'order:1')
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await due()
    await sendDue(house)
  }
  const state = async () =>
    (await sql<{ state: string }>`select state from webhook_subscription`.execute(house.db)).rows[0]?.state
  assert.equal(await state(), 'on')
  await sql`update webhook_subscription set failed_since = now() - interval '73 hours'`.execute(house.db)
  await due()
  await sendDue(house)
  assert.equal(await state(), 'stopped')
  const alarms = await webhookAlarms({ db: house.db, scope: wholeScope, now: sharedNow() })
  assert.deepEqual(
    alarms.map((one) => [one.id, one.tone, one.title.zh]),
    [[`webhook_failing:${id}`, 'bad', '事件推送「进销存」已停：接收方答 HTTP 500']],
  )
  await born(id, 'order:2')
  await due()
  await sendDue(house)
  assert.equal(receiver.got.length, 6)
  assert.equal((await who.call('POST', `/api/webhooks/${id}/state`, { state: 'on' })).status, 204)
  await sendDue(house)
  assert.ok((await states()).every((one) => one.endsWith('delivered')))
  const sent = receiver
    .bodies()
    .slice(6)
    .map(({ sequence }) => sequence)
  const { rows } = await sql<{ id: string }>`select id from webhook_message order by id`.execute(house.db)
  const [first, second, other] = rows.map((row) => row.id)
  assert.deepEqual(sent.toSorted(), [first, second, other].toSorted())
  assert.deepEqual(
    sent.filter((one) => one !== other),
    [first, second],
  )
})

test('while a program is down one message at a time is tried, and not the next at once', async () => {
  await using receiver = await program(() => ({ status: 500 }))
  const { id } = await subscribe(await boss(), { address: receiver.url })
  await born(id, ...Array.from({ length: 40 }, (_, at) => `order:${at}`))
  const deliveries = deliveriesOf(house)
  assert.equal(await deliveries.turn(), 8)
  await deliveries.settled()
  assert.equal(await deliveries.turn(), 1)
  await deliveries.settled()
  assert.equal(await deliveries.turn(), 0)
  assert.equal(receiver.got.length, 9)
})

test('two workers at once send each message once, and those of a document in order', async () => {
  await using receiver = await program(() => ({ status: 204, afterMs: 2 }))
  const { id } = await subscribe(await boss(), { address: receiver.url })
  await born(id, ...Array.from({ length: 300 }, (_, at) => `order:${at % 12}`))
  await Promise.all([sendDue(house), sendDue(house)])
  await sendDue(house)
  const got = receiver.bodies().map(({ data }) => Number(data.n))
  assert.equal(got.length, 300)
  for (let document = 0; document < 12; document += 1) {
    const own = got.filter((n) => (n - 1) % 12 === document)
    assert.deepEqual(
      own,
      own.toSorted((a, b) => a - b),
    )
  }
})

test('a worker that lost its claim records nothing, and sends nothing when it was frozen after its claim', async () => {
  await using receiver = await program(() => ({ status: 204, afterMs: 150 }))
  const { id } = await subscribe(await boss(), { address: receiver.url })
  await born(id, 'order:1')
  const slow = deliveriesOf(house)
  await slow.turn()
  await sql`update webhook_message set claim = claim + 1`.execute(house.db)
  await slow.settled()
  assert.deepEqual(await states(), ['order:1 waiting'])
  await due()
  // The lease leaves no time for the answer, as if the process had stood still since its claim.
  const frozen = deliveriesOf(house, { leaseMs: 9_000 })
  assert.equal(await frozen.turn(), 1)
  await frozen.settled()
  assert.equal(receiver.got.length, 1)
})

test('a subscription that is paused sends nothing, keeps what happens, and sends it when it goes on', async () => {
  await using receiver = await program()
  const who = await boss()
  const { id } = await subscribe(who, { address: receiver.url })
  await who.call('POST', `/api/webhooks/${id}/state`, { state: 'paused' })
  await born(id, 'order:1', 'order:1')
  await sendDue(house)
  assert.equal(receiver.got.length, 0)
  await who.call('POST', `/api/webhooks/${id}/state`, { state: 'on' })
  await sendDue(house)
  assert.deepEqual(
    receiver.bodies().map(({ data }) => data.n),
    [1, 2],
  )
})

test('an address of this machine or of a private network gets nothing where no simulator is allowed', async () => {
  await using receiver = await program()
  const { id } = await subscribe(await boss(), { address: receiver.url })
  await born(id, 'order:1')
  await sendDue(house, { simulator: false })
  await sql`update webhook_subscription set state = 'on'`.execute(house.db)
  assert.equal(receiver.got.length, 0)
  const { rows } = await sql<{
    failure: string
  }>`select failure ->> 'zh' as failure from webhook_message`.execute(house.db)
  assert.equal(rows[0]?.failure, '连不上接收方，或 10 秒内没有答复')
  assert.deepEqual([rows.length, (await messages())[0]?.status], [1, null])
})

test('a name that leads inside is not connected to, also where a simulator is allowed', async () => {
  // A name is looked up when it is called, so no later answer of the name server goes there.
  const hits: string[] = []
  const sink = createServer((socket) => {
    hits.push(socket.remoteAddress ?? '')
    socket.destroy()
  }).listen(0, '127.0.0.1')
  await once(sink, 'listening')
  sink.unref()
  const inside = `https://localhost:${Object(sink.address()).port}/in`
  const { id, secret } = await subscribe(await boss(), { address: 'https://example.com/in' })
  const credentials = sealReceiver(house.ring, { address: inside, secrets: [{ secret }] })
  await sql`update webhook_subscription set credentials = ${credentials} where id = ${id}::bigint`.execute(
    house.db,
  )
  await born(id, 'order:1')
  await sendDue(house)
  assert.deepEqual(hits, [])
  assert.deepEqual(
    (await messages()).map(({ state, attempts, status }) => [state, attempts, status]),
    [['waiting', 1, null]],
  )
  const refused = postBriefly(inside, '{}', AbortSignal.timeout(5000), {})
  await assert.rejects(refused, { kind: 'retry', code: 'unreachable', unclear: false })
  sink.close()
})
