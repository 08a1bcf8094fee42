import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { channel, expiredShops, noticeApp, plain, receiver, turn } from './testing.ts'

const secret = 'a-secret-of-sixteen'

test('the test button sends now, in quiet hours and to a channel that is off, and answers why it failed', async () => {
  await using house = await noticeApp()
  await using program = await receiver()
  const id = await channel(house, {
    ...{ kind: 'webhook', credentials: { address: program.url, secret }, enabled: false, name: '老板' },
  })
  const boss = await house.as(['tasks.write'])
  const press = async () => (await boss.call('POST', `/api/alarm-channels/${id}/test`)).body
  assert.deepEqual(await press(), { failure: null })
  const [body] = program.bodies()
  assert.deepEqual([body.event, body.title, body.alarms], ['alarms.test', '【测试】三易告警通知', []])
  assert.equal(body.text, '【测试】三易告警通知\n“老板” 能收到告警。\nhttp://localhost:3000/')
  program.answers.push({ status: 404, text: '' })
  assert.deepEqual(await press(), {
    failure: { zh: '接收方答 HTTP 404', en: 'The receiver answered HTTP 404' },
  })
  const found =
    await sql`select detail ->> 'sent' as sent from audit_log where action = 'alarm_channel.test' order by id`.execute(
      house.db,
    )
  assert.deepEqual(found.rows, [{ sent: 'true' }, { sent: 'false' }])
})

test('address and secret are sealed, never shown again, and stay when a change leaves them out', async () => {
  await using house = await noticeApp()
  await using program = await receiver()
  const id = await channel(house, {
    kind: 'webhook',
    credentials: { address: `${program.url}/k-e-y`, secret },
  })
  const boss = await house.as(['tasks.write'])
  const { body } = await boss.call('GET', '/api/alarm-channels')
  const [row] = Object(body).rows
  assert.deepEqual(row.credentials, { set: ['address', 'secret'], values: {} })
  assert.equal(row.place, new URL(program.url).host)
  assert.doesNotMatch(JSON.stringify(body), /k-e-y|a-secret/)
  const stored = await sql<{ row: string }>`
    select c::text || coalesce((select string_agg(a::text, '') from audit_log a), '') as row from alarm_channel c`.execute(
    house.db,
  )
  assert.doesNotMatch(stored.rows[0]?.row ?? '', /k-e-y|a-secret/)
  const changed = await boss.call('PATCH', `/api/alarm-channels/${id}`, { ...plain, name: '新名' })
  assert.equal(changed.status, 204)
  await expiredShops(house, 1)
  await turn(house)
  assert.equal(program.got[0]?.path, '/k-e-y')
})

test('a user of some shops sees no channel and changes none, because a channel gets the alarms of all', async () => {
  await using house = await noticeApp()
  const id = await channel(house, {
    kind: 'webhook',
    credentials: { address: 'https://example.com/a', secret },
  })
  const clerk = await house.as(['tasks.write'], ['1'])
  const { body } = await clerk.call('GET', '/api/alarm-channels')
  assert.deepEqual(Object(body).rows, [])
  const input = { ...plain, kind: 'webhook', credentials: { address: 'https://example.com/b', secret } }
  for (const [method, path, sent] of [
    ['POST', '/api/alarm-channels', input],
    ['PATCH', `/api/alarm-channels/${id}`, plain],
    ['DELETE', `/api/alarm-channels/${id}`, undefined],
    ['POST', `/api/alarm-channels/${id}/test`, undefined],
  ] as const) {
    const answer = await clerk.call(method, path, sent)
    assert.deepEqual([answer.status, Object(answer.body).code], [403, 'outside_scope'], method)
  }
  const left = await sql`select name from alarm_channel`.execute(house.db)
  assert.deepEqual(left.rows, [{ name: '值班群' }])
  const boss = await house.as(['tasks.write'])
  assert.equal((await boss.call('DELETE', `/api/alarm-channels/${id}`)).status, 204)
  assert.equal((await boss.call('DELETE', `/api/alarm-channels/${id}`)).status, 404)
})

test('quiet hours that begin and end at the same minute are refused', async () => {
  await using house = await noticeApp()
  const boss = await house.as(['tasks.write'])
  const { status, body } = await boss.call('POST', '/api/alarm-channels', {
    ...{ ...plain, kind: 'webhook', credentials: { address: 'https://example.com/a', secret } },
    quiet: { from: 60, to: 60, passesBad: true },
  })
  assert.deepEqual([status, Object(body).field], [400, 'quiet'])
})
