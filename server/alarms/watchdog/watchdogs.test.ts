import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { wholeScope } from '../../core/access/actor.ts'
import { sharedNow } from '../../lib/clock.ts'
import type { TestApp } from '../../testing/app.ts'
import { until } from '../../testing/until.ts'
import { channel, noticeApp, receiver } from '../notices/testing.ts'
import { watchdogAlarms } from '../watchdog-alarms.ts'
import { askInstallation } from './ask-installation.ts'

const may = ['tasks.write', 'api_keys.write', 'watchdogs.serve'] as const
const hook = { address: 'https://example.com/hook', secret: 'a-secret-of-sixteen' }

async function added(house: TestApp, name: string): Promise<{ id: string; key: string }> {
  const boss = await house.as([...may])
  const { status, body } = await boss.call('POST', '/api/watchdogs', { name })
  assert.equal(status, 201, JSON.stringify(body))
  const { id, command } = Object(body)
  assert.match(command, /^npm run watchdog -- http:\/\/localhost:3000 sk_\S+$/)
  return { id, key: command.split(' ').at(-1) }
}

test('the key of a watchdog opens the channels that are on and want to hear of a silent worker, and nothing else', async () => {
  await using house = await noticeApp()
  await channel(house, { kind: 'webhook', name: '一', credentials: hook })
  await channel(house, { kind: 'webhook', name: '二', enabled: false, credentials: hook })
  await channel(house, { kind: 'webhook', name: '三', kinds: ['refund_flood'], credentials: hook })
  const { key } = await added(house, '路由器旁')
  const look = await askInstallation(house.url, key)
  assert.ok(look.well && look.answer)
  const { name, publicUrl, channels } = look.answer
  assert.deepEqual([name, publicUrl], ['路由器旁', 'http://localhost:3000'])
  assert.deepEqual(
    channels.map(({ kind, credentials }) => [kind, credentials]),
    [['webhook', hook]],
  )
  const other = await fetch(`${house.url}/api/alarm-channels`, {
    headers: { authorization: `Bearer ${key}` },
  })
  assert.equal(other.status, 403)
})

test('a person with every permission reads no secrets by the address of watchdogs, and a user of some shops adds none', async () => {
  await using house = await noticeApp()
  const boss = await house.as([...may])
  assert.equal((await boss.call('GET', '/api/watchdog')).status, 404)
  const keeper = await house.as([...may], [])
  assert.equal((await keeper.call('POST', '/api/watchdogs', { name: '店' })).status, 403)
  assert.deepEqual((await keeper.call('GET', '/api/watchdogs')).body, { rows: [] })
})

test('a question that is held back is answered at once when a wanted stop begins, and says so', async () => {
  await using house = await noticeApp()
  const { key } = await added(house, '路由器旁')
  const began = performance.now()
  const short = await askInstallation(house.url, key, 300)
  assert.ok(performance.now() - began >= 300)
  assert.ok(short.well && short.answer)
  assert.equal(short.answer.stopping, undefined)
  const held = askInstallation(house.url, key, 20_000)
  await sleep(300)
  house.app.drain()
  const look = await held
  assert.ok(performance.now() - began < 10_000)
  assert.ok(look.well && look.answer)
  assert.deepEqual([look.answer.name, look.answer.stopping], ['路由器旁', true])
})

test('a removed watchdog is answered, and let read nothing; a key of another use is not removed here', async () => {
  await using house = await noticeApp()
  const { id, key } = await added(house, '旧的')
  const boss = await house.as([...may])
  assert.equal((await boss.call('DELETE', `/api/watchdogs/${id}`)).status, 204)
  assert.deepEqual(await askInstallation(house.url, key), { well: true, refused: 401 })
  assert.equal((await boss.call('DELETE', `/api/watchdogs/${id}`)).status, 404)
})

test('a watchdog that was never started, or is silent for five minutes, raises an alarm until it asks', async () => {
  await using house = await noticeApp()
  const { id, key } = await added(house, '路由器旁')
  const titles = async () =>
    (await watchdogAlarms({ db: house.db, scope: wholeScope, now: sharedNow() })).map(({ title }) => title.zh)
  assert.deepEqual(await titles(), [])
  await sql`update api_key set created_at = now() - interval '6 minutes' where id = ${id}`.execute(house.db)
  assert.deepEqual(await titles(), ['看门狗「路由器旁」还没启动过'])
  await sql`update api_key set last_used_at = now() - interval '301 seconds' where id = ${id}`.execute(
    house.db,
  )
  assert.deepEqual(await titles(), ['看门狗「路由器旁」没有动静'])
  assert.deepEqual(
    await watchdogAlarms({ db: house.db, scope: { shops: [], warehouses: 'all' }, now: sharedNow() }),
    [],
  )
  await askInstallation(house.url, key)
  await until(async () => (await titles()).length === 0)
})

test('a house without its database, a stranger at its address, and a port without a process are not well', async () => {
  await using house = await noticeApp()
  const { key } = await added(house, '路由器旁')
  await house.owner('alter table api_key rename to api_key_away')
  const look = await askInstallation(house.url, key)
  assert.equal(look.well, false)
  assert.match(look.well ? '' : look.why.zh, /^答 HTTP 500 \S/)
  await using stranger = await receiver()
  stranger.answers.push({ status: 404, text: '<html>' })
  const said = ['答 HTTP 404', '答 HTTP 200']
  for (const zh of said)
    assert.deepEqual(await askInstallation(stranger.url, key), {
      well: false,
      why: { zh, en: zh.replace('答', 'it answers') },
    })
  assert.deepEqual(await askInstallation('http://127.0.0.1:1', key), {
    well: false,
    why: { zh: '连不上（ECONNREFUSED）', en: 'it cannot be reached (ECONNREFUSED)' },
  })
})
