import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { pino } from 'pino'
import { startBatches } from '../core/batches/loop.ts'
import { trimming } from '../core/db/trim.ts'
import { type Caller, codesOf, type TestApp, testApp } from '../testing/app.ts'
import { aRun } from '../testing/run.ts'
import { until } from '../testing/until.ts'
import { scopeNow } from '../users/current-rights.ts'
import { batchActions } from '../worker.ts'
import { everything, isSignedWith, program, sendDue, subscribe } from './testing.ts'

let house: TestApp
let boss: Caller
before(async () => {
  house = await testApp({ SIMULATOR: '1' })
  boss = await house.as(['*'])
})
after(() => house[Symbol.asyncDispose]())

const address = 'https://example.com/hooks/k-e-y'
const refused = (answer: { status: number; body: unknown }) => [answer.status, Object(answer.body).code]
const born = (id: string, no: string, shop: string | null = null) =>
  sql`insert into webhook_message (subscription_id, kind, document, no, shop_id, data)
    values (${id}::bigint, 'order.created', ${`order:${no}`}, ${no}, ${shop}::bigint, '{}')`.execute(house.db)

test('the secret is shown once, address and secret are sealed, and a change without an address keeps it', async () => {
  const { id, secret } = await subscribe(boss, { address, name: '甲' })
  assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/)
  const list = await boss.call('GET', '/api/webhooks')
  const row = Object(list.body).rows.find((one: { id: string }) => one.id === id)
  assert.deepEqual([row.host, row.name, row.state, row.formerUntil], ['example.com', '甲', 'on', null])
  const { rows } = await sql<{ text: string }>`
    select s::text || (select string_agg(a::text, '') from audit_log a) as text from webhook_subscription s where id = ${id}`.execute(
    house.db,
  )
  for (const text of [JSON.stringify(list.body), rows[0]?.text ?? '']) {
    assert.ok(!text.includes('k-e-y'))
    assert.ok(!text.includes(secret.slice(6)))
  }
  const change = { ...everything, name: '乙', kinds: ['order.shipped'] }
  assert.equal((await boss.call('PATCH', `/api/webhooks/${id}`, change)).status, 204)
  const again = await boss.call('GET', '/api/webhooks')
  const changed = Object(again.body).rows.find((one: { id: string }) => one.id === id)
  assert.deepEqual([changed.host, changed.name, changed.kinds], ['example.com', '乙', ['order.shipped']])
})

test('addresses that are not https, have a port or a password, or are numbers are refused', async () => {
  for (const wrong of [
    ...[
      'http://example.com/',
      'https://example.com:8443/',
      'https://10.0.0.1/',
      'https://[::1]/',
      'ftp://example.com/',
    ],
    ...['https://u:p@example.com/', 'wss://example.com/', 'example.com', 'http://192.168.1.1/'],
  ]) {
    const answer = await boss.call('POST', '/api/webhooks', { ...everything, address: wrong })
    assert.deepEqual(
      [...refused(answer), Object(answer.body).field],
      [400, 'invalid_input', 'address'],
      wrong,
    )
  }
  const unknown = await boss.call('POST', '/api/webhooks', { ...everything, address, kinds: ['order.eaten'] })
  assert.deepEqual(refused(unknown), [400, 'invalid_input'])
})

test('a person of some shops or warehouses subscribes to those alone, and neither sees nor changes others', async () => {
  const clerk = await house.as(['*'], ['1'], ['5'])
  for (const [shops, warehouses] of [
    [null, ['5']],
    [['1'], null],
    [['1', '2'], ['5']],
    [['1'], ['6']],
  ]) {
    const answer = await clerk.call('POST', '/api/webhooks', { ...everything, address, shops, warehouses })
    assert.deepEqual(refused(answer), [403, 'outside_scope'])
  }
  const own = await subscribe(clerk, { address, shops: ['1'], warehouses: ['5'] })
  const whole = await subscribe(boss, { address })
  await born(whole.id, 'SO-HIDDEN', '1')
  await born(own.id, 'SO-OWN', '1')
  const list = await clerk.call('GET', '/api/webhooks')
  assert.deepEqual(
    Object(list.body).rows.map(({ id }: { id: string }) => id),
    [own.id],
  )
  const messages = await clerk.call('GET', '/api/webhook-messages')
  assert.deepEqual(
    Object(messages.body).rows.map(({ no }: { no: string }) => no),
    ['SO-OWN'],
  )
  const hidden =
    (await sql<{ id: string }>`select id from webhook_message where no = 'SO-HIDDEN'`.execute(house.db))
      .rows[0]?.id ?? ''
  assert.deepEqual(refused(await clerk.call('GET', `/api/webhook-messages/${hidden}`)), [404, 'not_found'])
  assert.deepEqual(await codesOf(clerk, '/api/webhook-messages/replay', { ids: [hidden] }), ['not_found'])
  const scoped = { ...everything, shops: ['1'], warehouses: ['5'] }
  for (const [method, path, body] of [
    ['PATCH', '', scoped],
    ['DELETE', '', undefined],
    ['POST', '/state', { state: 'paused' }],
    ['POST', '/rotate', undefined],
    ['POST', '/test', undefined],
  ] as const)
    assert.deepEqual(
      refused(await clerk.call(method, `/api/webhooks/${whole.id}${path}`, body)),
      [404, 'not_found'],
      path,
    )
  const wider = await clerk.call('PATCH', `/api/webhooks/${own.id}`, everything)
  assert.deepEqual(refused(wider), [403, 'outside_scope'])
  const left =
    await sql`select shop_ids as shops from webhook_subscription where id = any(${[own.id, whole.id]}::bigint[]) order by id`.execute(
      house.db,
    )
  assert.deepEqual(left.rows, [{ shops: ['1'] }, { shops: null }])
})

test('only documents that its maker may read can be asked for, and only with the permission for webhooks', async () => {
  const packer = await house.as(['webhooks.write', 'fulfilment.read'])
  const asked = (kinds: string[]) => packer.call('POST', '/api/webhooks', { ...everything, address, kinds })
  assert.deepEqual(refused(await asked(['delivery.*', 'order.created'])), [403, 'beyond_own_rights'])
  assert.equal((await asked(['delivery.shipped'])).status, 201)
  const reader = await house.as(['orders.read', 'fulfilment.read'])
  assert.deepEqual(refused(await reader.call('GET', '/api/webhooks')), [403, 'forbidden'])
})

test('another person’s messages are read, and their secret is changed, only with the right to read the documents', async () => {
  const { id } = await subscribe(boss, { address, kinds: ['order.*'] })
  const made = await sql<{ id: string }>`
    insert into webhook_message (subscription_id, kind, document, no, data)
    values (${id}::bigint, 'order.created', 'order:1', 'SO1', '{"paymentFen": 100}') returning id`.execute(
    house.db,
  )
  const message = `/api/webhook-messages/${made.rows[0]?.id}`
  const packer = await house.as(['webhooks.write', 'fulfilment.read'])
  assert.deepEqual(refused(await packer.call('GET', message)), [404, 'not_found'])
  assert.deepEqual(refused(await packer.call('POST', `/api/webhooks/${id}/rotate`, {})), [
    403,
    'beyond_own_rights',
  ])
  const clerk = await house.as(['webhooks.write', 'orders.read'])
  assert.equal((await clerk.call('GET', message)).status, 200)
  assert.equal((await clerk.call('POST', `/api/webhooks/${id}/rotate`, {})).status, 200)
})

test('who may not read what a subscription sends cannot turn it to an address of their own, nor narrow it to what they read', async () => {
  const { id } = await subscribe(boss, { address, kinds: ['order.*'] })
  const packer = await house.as(['webhooks.write', 'fulfilment.read'])
  const own = { ...everything, address: 'https://example.com/packer', kinds: ['delivery.*'] }
  assert.deepEqual(refused(await packer.call('PATCH', `/api/webhooks/${id}`, own)), [
    403,
    'beyond_own_rights',
  ])
  const held = await sql`select kinds from webhook_subscription where id = ${id}::bigint`.execute(house.db)
  assert.deepEqual(held.rows, [{ kinds: ['order.*'] }])
})

test('the test event is signed, has no document, and says how the program answered', async () => {
  await using receiver = await program()
  const { id, secret } = await subscribe(boss, { address: receiver.url })
  const { body } = await boss.call('POST', `/api/webhooks/${id}/test`)
  assert.deepEqual([Object(body).status, Object(body).failure], [204, null])
  const [got] = receiver.got
  assert.ok(got && isSignedWith(secret, got))
  assert.deepEqual([JSON.parse(got.text).type, JSON.parse(got.text).data], ['test.sent', {}])
  receiver.answers.push({ status: 401 })
  const failed = await boss.call('POST', `/api/webhooks/${id}/test`)
  assert.deepEqual(Object(failed.body).failure, {
    zh: '接收方答 HTTP 401',
    en: 'The program answered HTTP 401',
  })
})

test('after another secret was made both sign for a day, then the new one alone', async () => {
  await using receiver = await program()
  const { id, secret } = await subscribe(boss, { address: receiver.url })
  const { body } = await boss.call('POST', `/api/webhooks/${id}/rotate`)
  const fresh = String(Object(body).secret)
  const until = new Date(Object(body).formerUntil).getTime()
  assert.ok(Math.abs(until - Date.now() - 86_400_000) < 60_000)
  await boss.call('POST', `/api/webhooks/${id}/test`)
  const both = receiver.got[0]
  assert.ok(both && fresh !== secret && isSignedWith(secret, both) && isSignedWith(fresh, both))
  // The former secret signs no more once another one follows the new one.
  await boss.call('POST', `/api/webhooks/${id}/rotate`)
  await boss.call('POST', `/api/webhooks/${id}/test`)
  const later = receiver.got[1]
  assert.ok(later && isSignedWith(fresh, later) && !isSignedWith(secret, later))
})

test('what was delivered is sent again under the same id, one or all since a time, in the first order', async () => {
  await using receiver = await program()
  const { id } = await subscribe(boss, { address: receiver.url })
  for (const no of ['A', 'B', 'A']) await born(id, no)
  await sendDue(house)
  const first = receiver.ids()
  const ids = (
    await sql<{
      id: string
    }>`select id from webhook_message where subscription_id = ${id} order by id`.execute(house.db)
  ).rows.map((row) => row.id)
  assert.deepEqual(await codesOf(boss, '/api/webhook-messages/replay', { ids: [ids[2], ids[0]] }), [
    'done',
    'done',
  ])
  await sendDue(house)
  assert.deepEqual(receiver.ids().slice(3), [first[0], first[2]])
  const found = await boss.call(
    'GET',
    `/api/webhook-messages/count?subscription=${id}&createdFrom=2026-01-01T00:00:00Z`,
  )
  assert.deepEqual(found.body, { count: 3 })
  const batch = await boss.call('POST', '/api/batches', {
    action: 'webhook_messages.replay',
    target: { filter: { subscription: id, createdFrom: '2026-01-01T00:00:00Z' } },
    input: {},
  })
  assert.equal(batch.status, 202, JSON.stringify(batch.body))
  const batches = startBatches({
    ...{ db: house.db, ring: house.ring, log: pino({ level: 'silent' }), pollMs: 20 },
    actions: batchActions(house.ring),
    authorise: (actor, permission, scope) => scopeNow(house.db, actor, permission, scope),
  })
  const done = async () => Object((await boss.call('GET', `/api/batches/${Object(batch.body).id}`)).body)
  await until(async () => (await done()).state === 'done')
  await batches.stop()
  const { total, succeeded, refused: left } = await done()
  assert.deepEqual([total, succeeded, left], [3, 3, 0])
  await sendDue(house)
  const again = receiver.ids().slice(5)
  assert.deepEqual(again.toSorted(), first.toSorted())
  assert.deepEqual(
    again.filter((one) => one !== first[1]),
    [first[0], first[2]],
  )
  const whole = await boss.call('GET', `/api/webhook-messages/${ids[0]}`)
  assert.equal(Object(whole.body).body, receiver.got[0]?.text)
  const audited = await sql`select detail from audit_log where action = 'webhook.replay' order by id`.execute(
    house.db,
  )
  assert.deepEqual(audited.rows, [{ detail: { count: 2 } }, { detail: { count: 3 } }])
})

test('a subscription that was removed gets nothing more, and its messages go with the trim', async () => {
  await using receiver = await program()
  const { id } = await subscribe(boss, { address: receiver.url })
  await born(id, 'X')
  assert.equal((await boss.call('DELETE', `/api/webhooks/${id}`)).status, 204)
  await sendDue(house)
  assert.equal(receiver.got.length, 0)
  assert.deepEqual(refused(await boss.call('DELETE', `/api/webhooks/${id}`)), [404, 'not_found'])

  const other = await subscribe(boss, { address: receiver.url })
  await born(other.id, 'Y')
  const kept = async () =>
    (
      await sql<{ no: string }>`select no from webhook_message where no in ('X', 'Y')`.execute(house.db)
    ).rows.map(({ no }) => no)
  assert.deepEqual((await kept()).toSorted(), ['X', 'Y'])
  await trimming.run(aRun(house.db, trimming.parseParams({})), undefined)
  assert.deepEqual(await kept(), ['Y'])
})

test('messages that a subscription no longer asks for are given up, are not sent again, and are seen by nobody of other shops', async () => {
  const { id } = await subscribe(boss, { address, kinds: ['order.*'] })
  await born(id, 'SO-ONE', '1')
  await born(id, 'SO-TWO', '2')
  const counted = (search: string) =>
    boss.call('GET', `/api/webhook-messages/count?subscription=${id}${search}`)
  assert.deepEqual((await counted('')).body, { count: 2 })
  assert.deepEqual((await counted('&most=1')).body, { count: 1, capped: true })
  const narrowed = { ...everything, kinds: ['order.created'], shops: ['1'], warehouses: ['5'] }
  assert.equal((await boss.call('PATCH', `/api/webhooks/${id}`, narrowed)).status, 204)
  const messages = await sql<{ id: string; state: string }>`
    select id, state from webhook_message where subscription_id = ${id}::bigint order by id`.execute(house.db)
  assert.deepEqual(
    messages.rows.map(({ state }) => state),
    ['waiting', 'given_up'],
  )
  const [one, two] = messages.rows.map((row) => row.id)
  assert.deepEqual(await codesOf(boss, '/api/webhook-messages/replay', { ids: [one, two] }), [
    'done',
    'not_subscribed',
  ])
  const clerk = await house.as(['*'], ['1'], ['5'])
  const list = await clerk.call('GET', `/api/webhook-messages?subscription=${id}`)
  assert.deepEqual(
    Object(list.body).rows.map(({ no }: { no: string }) => no),
    ['SO-ONE'],
  )
  assert.equal((await clerk.call('GET', `/api/webhook-messages/${one}`)).status, 200)
  assert.deepEqual(refused(await clerk.call('GET', `/api/webhook-messages/${two}`)), [404, 'not_found'])
  assert.deepEqual(await codesOf(clerk, '/api/webhook-messages/replay', { ids: [two] }), ['not_found'])
})
