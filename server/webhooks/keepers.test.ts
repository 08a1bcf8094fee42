import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { sql } from 'kysely'
import { webhookAlarms } from '../alarms/webhook-alarms.ts'
import { wholeScope } from '../core/access/actor.ts'
import { sharedNow } from '../lib/clock.ts'
import { type Caller, type TestApp, testApp } from '../testing/app.ts'
import { program, sendDue, subscribe } from './testing.ts'

let house: TestApp
before(async () => {
  house = await testApp({ SIMULATOR: '1' })
})
after(() => house[Symbol.asyncDispose]())
beforeEach(async () => {
  await sql`with gone as (delete from webhook_message) delete from webhook_subscription`.execute(house.db)
})

const reason = '建它、改它或恢复它的人没有权限再读这些单据了；有权限的人可以恢复'
const born = (id: string, no: string) =>
  sql`insert into webhook_message (subscription_id, kind, document, no, data)
    values (${id}::bigint, 'order.created', ${`order:${no}`}, ${no}, '{}')`.execute(house.db)
const stateOf = async (id: string) =>
  (
    await sql<{ state: string; why: string | null }>`
      select state, failure ->> 'zh' as why from webhook_subscription where id = ${id}::bigint`.execute(
      house.db,
    )
  ).rows[0]
const waiting = async () =>
  (
    await sql<{ no: string }>`select no from webhook_message where state = 'waiting' order by id`.execute(
      house.db,
    )
  ).rows.map(({ no }) => no)
const turn = (who: Caller, id: string) => who.call('POST', `/api/webhooks/${id}/state`, { state: 'on' })

test('a subscription whose maker may no longer read its documents stops before the next message and says why; others go on', async () => {
  await using receiver = await program()
  const clerk = await house.as(['webhooks.write', 'orders.read'])
  const boss = await house.as(['*'])
  const { id } = await subscribe(clerk, {
    address: `${receiver.url}/clerk`,
    name: '店员的',
    kinds: ['order.*'],
  })
  const other = await subscribe(boss, { address: `${receiver.url}/boss` })
  const paths = () => receiver.got.map(({ path }) => path)
  await born(id, 'A')
  await sendDue(house)
  assert.deepEqual(paths(), ['/clerk'])

  await sql`
    update role set permissions = '{webhooks.write}' where id in (select role_id from user_role where user_id = ${clerk.userId}::bigint)`.execute(
    house.db,
  )
  await born(id, 'B')
  await born(other.id, 'C')
  await sendDue(house)
  assert.deepEqual([paths(), await waiting()], [['/clerk', '/boss'], ['B']])
  assert.deepEqual(await stateOf(id), { state: 'stopped', why: reason })
  assert.equal((await stateOf(other.id))?.state, 'on')
  const alarms = await webhookAlarms({ db: house.db, scope: wholeScope, now: sharedNow() })
  assert.deepEqual(
    alarms.map((one) => [one.id, one.tone, one.title.zh]),
    [[`webhook_failing:${id}`, 'bad', `事件推送「店员的」已停：${reason}`]],
  )
})

test('it goes on by a person who may read the documents, who keeps it from then on', async () => {
  await using receiver = await program()
  const clerk = await house.as(['webhooks.write', 'orders.read'])
  const { id } = await subscribe(clerk, { address: receiver.url, kinds: ['order.*'] })
  await sql`update app_user set disabled_at = now() where id = ${clerk.userId}::bigint`.execute(house.db)
  await born(id, 'A')
  await sendDue(house)
  assert.deepEqual([receiver.got.length, (await stateOf(id))?.state], [0, 'stopped'])

  const packer = await house.as(['webhooks.write', 'fulfilment.read'])
  const refused = await turn(packer, id)
  assert.deepEqual([refused.status, Object(refused.body).code], [403, 'beyond_own_rights'])
  await sendDue(house)
  assert.deepEqual([receiver.got.length, (await stateOf(id))?.state], [0, 'stopped'])

  const reader = await house.as(['webhooks.write', 'orders.read'])
  assert.equal((await turn(reader, id)).status, 204)
  await sendDue(house)
  assert.deepEqual([receiver.got.length, (await stateOf(id))?.state], [1, 'on'])
  await sql`update app_user set disabled_at = now() where id = ${reader.userId}::bigint`.execute(house.db)
  await sendDue(house)
  assert.equal((await stateOf(id))?.state, 'stopped')
})

test('shops that the maker no longer sees stop it too, and a key that was revoked', async () => {
  const clerk = await house.as(['*'])
  const whole = await subscribe(clerk, { address: 'https://example.com/a', kinds: ['order.*'] })
  const some = await subscribe(clerk, { address: 'https://example.com/b', kinds: ['order.*'], shops: ['1'] })
  const key = await clerk.call('POST', '/api/api-keys', {
    ...{ name: '程序', permissions: ['webhooks.write', 'orders.read'], shops: 'all', expiresAt: null },
  })
  assert.equal(key.status, 201, JSON.stringify(key.body))
  const authorization = `Bearer ${Object(key.body).key}`
  const boss = await house.as(['*'])
  const made = await house.anonymous.call(
    'POST',
    '/api/webhooks',
    { name: '程序的', kinds: ['order.*'], shops: ['1'], warehouses: null, address: 'https://example.com/c' },
    { authorization },
  )
  assert.equal(made.status, 201, JSON.stringify(made.body))
  const ofKey = String(Object(made.body).id)
  const states = async () => {
    await sendDue(house)
    return Promise.all([whole.id, some.id, ofKey].map(async (id) => (await stateOf(id))?.state))
  }
  assert.deepEqual(await states(), ['on', 'on', 'on'])
  await sql`update app_user set all_shops = false, shop_ids = '{1}' where id = ${clerk.userId}::bigint`.execute(
    house.db,
  )
  assert.deepEqual(await states(), ['stopped', 'on', 'on'])
  const change = { name: '店员的', kinds: ['order.*'], shops: null, warehouses: null }
  assert.equal((await boss.call('PATCH', `/api/webhooks/${whole.id}`, change)).status, 204)
  assert.equal((await turn(boss, whole.id)).status, 204)
  const revoked = await boss.call('DELETE', `/api/api-keys/${Object(key.body).id}`)
  assert.equal(revoked.status, 204)
  assert.deepEqual(await states(), ['on', 'on', 'stopped'])
})
