import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { sql } from 'kysely'
import { until } from '../../testing/until.ts'
import { startNotices } from './loop.ts'
import { authorised, channel, expiredShops, noticeApp, partsOf, receiver, turn } from './testing.ts'

const secret = 'a-secret-of-sixteen'

test('a program gets an alarm once, signed over its time and body, with words, link and no second message', async () => {
  await using house = await noticeApp()
  await using program = await receiver()
  await channel(house, {
    kind: 'webhook',
    credentials: { address: `${program.url}/alarms?token=t1`, secret },
  })
  await turn(house)
  assert.equal(program.got.length, 0)
  await expiredShops(house, 1)
  await turn(house)
  await turn(house)
  const [one, ...more] = program.got
  assert.ok(one)
  assert.deepEqual(more, [])
  assert.equal(one.path, '/alarms?token=t1')
  const at = String(one.headers['sanyi-timestamp'])
  assert.ok(Math.abs(Number(at) - Date.now() / 1000) < 60)
  assert.equal(
    one.headers['sanyi-signature'],
    createHmac('sha256', secret).update(`${at}.${one.text}`).digest('hex'),
  )
  assert.equal(one.headers['sanyi-event'], 'alarms')
  const body = JSON.parse(one.text)
  assert.equal(one.headers['sanyi-delivery'], body.delivery)
  const shop = await sql<{ id: string }>`select id from shop`.execute(house.db)
  const id = shop.rows[0]?.id ?? ''
  const [alarm] = body.alarms
  assert.deepEqual(
    [body.alarms.length, alarm.what, alarm.alarm, alarm.kind, alarm.tone, alarm.shopId, alarm.link],
    [1, 'bad', `auth_expired:${id}`, 'auth_expired', 'bad', id, `https://sanyi.example.com/shops?open=${id}`],
  )
  assert.match(body.title, /^【严重】店铺 1授权 \d\d-\d\d \d\d:\d\d 失效$/)
  assert.equal(body.text, `${body.title}\n${alarm.detail.zh}\n${alarm.link}`)
})

test('a hundred alarms of a kind are one message, and each is in what a program gets', async () => {
  await using house = await noticeApp()
  await using program = await receiver()
  await channel(house, { kind: 'webhook', credentials: { address: program.url, secret }, language: 'en' })
  await expiredShops(house, 100)
  await turn(house)
  const [body, ...more] = program.bodies()
  assert.deepEqual(more, [])
  assert.equal(body.alarms.length, 100)
  assert.equal(body.title, '[Sanyi alarms] 100 severe')
  assert.match(
    body.text,
    /^\[Sanyi alarms\] 100 severe\n\n\[Severe\] 店铺 \d+: authorisation ended at .{11} \(100 of this kind\)\n[^\n]+\nhttps:\/\/sanyi\.example\.com\/shops\?open=\d+$/,
  )
})

test('two workers at once send nothing twice, and neither does the next turn of either', async () => {
  await using house = await noticeApp()
  await using program = await receiver()
  await channel(house, { kind: 'webhook', credentials: { address: program.url, secret } })
  await expiredShops(house, 3)
  const workers = ['one', 'two', 'three', 'four']
  await Promise.all(workers.map((worker) => turn(house, { worker })))
  for (const worker of workers) await turn(house, { worker })
  assert.deepEqual(
    program.bodies().map(({ alarms }) => alarms.length),
    [3],
  )
})

test('a worker that was killed between sending and marking: another one sends it again after the lease, with the same delivery', async () => {
  await using house = await noticeApp()
  await using program = await receiver()
  await channel(house, { kind: 'webhook', credentials: { address: program.url, secret } })
  await expiredShops(house, 1)
  await turn(house)
  // The state that the kill leaves: the message is out, nothing is marked, and the turn is taken.
  await sql`update alarm_notice set sent_at = null`.execute(house.db)
  await sql`update alarm_turn set worker = 'killed', leased_until = now() + interval '20 seconds'`.execute(
    house.db,
  )
  await turn(house, { worker: 'two' })
  assert.equal(program.got.length, 1)
  await sql`update alarm_turn set leased_until = now() - interval '1 second'`.execute(house.db)
  await turn(house, { worker: 'two' })
  await turn(house, { worker: 'two' })
  const [first, second, ...more] = program.bodies()
  assert.deepEqual(more, [])
  assert.equal(first.delivery, second.delivery)
  assert.equal(first.alarms[0].key, second.alarms[0].key)
})

test('the web process takes a turn only if no worker had one for a while', async () => {
  await using house = await noticeApp()
  await using program = await receiver()
  await channel(house, { kind: 'webhook', credentials: { address: program.url, secret } })
  await turn(house, { worker: 'worker' })
  await expiredShops(house, 1)
  await turn(house, { worker: 'web', restMs: 45_000 })
  assert.equal(program.got.length, 0)
  await sql`update alarm_turn set looked_at = now() - interval '46 seconds'`.execute(house.db)
  await turn(house, { worker: 'web', restMs: 45_000 })
  assert.equal(program.got.length, 1)
})

test('an alarm is at its receiver within half a minute of its cause, and two running loops send it once', async () => {
  await using house = await noticeApp()
  await using program = await receiver()
  await channel(house, { kind: 'webhook', credentials: { address: program.url, secret } })
  const { worker: _worker, restMs: _restMs, ...parts } = partsOf(house)
  const loops = [startNotices(parts), startNotices(parts), startNotices({ ...parts, standsIn: true })]
  try {
    await until(async () => (await sql`select from alarm_turn`.execute(house.db)).rows.length === 1)
    const began = Date.now()
    await expiredShops(house, 1)
    await until(() => program.got.length > 0, 30_000)
    assert.ok(Date.now() - began < 30_000)
  } finally {
    await Promise.all(loops.map((loop) => loop.stop()))
  }
  assert.equal(program.got.length, 1)
})

test('a receiver that is down is tried again later and then gets it once; the list says since when and why', async () => {
  await using house = await noticeApp()
  await using program = await receiver()
  const id = await channel(house, { kind: 'webhook', credentials: { address: program.url, secret } })
  await expiredShops(house, 1)
  program.answers.push({ status: 503, text: 'down' })
  await turn(house)
  const boss = await house.as(['tasks.write'])
  const shown = async () => {
    const { body } = await boss.call('GET', '/api/alarm-channels')
    return Object(body).rows[0]
  }
  const failed = await shown()
  assert.deepEqual(failed.failure, { zh: '接收方答 HTTP 503', en: 'The receiver answered HTTP 503' })
  assert.deepEqual([failed.unsent, failed.lastSentAt], [1, null])
  assert.ok(Date.now() - Date.parse(failed.failedSince) < 60_000)
  await sql`update alarm_channel set next_try_at = now() + interval '5 minutes' where id = ${id}`.execute(
    house.db,
  )
  await turn(house)
  assert.equal(program.got.length, 1)
  await sql`update alarm_channel set next_try_at = now()`.execute(house.db)
  await turn(house)
  await turn(house)
  assert.equal(program.got.length, 2)
  const well = await shown()
  assert.deepEqual([well.failure, well.failedSince, well.unsent], [null, null, 0])
  assert.ok(well.lastSentAt)
})

test('one channel that fails keeps nothing from another', async () => {
  await using house = await noticeApp()
  await using bad = await receiver()
  await using good = await receiver()
  await channel(house, { kind: 'webhook', credentials: { address: bad.url, secret } })
  await channel(house, { kind: 'webhook', credentials: { address: good.url, secret } })
  await expiredShops(house, 1)
  bad.answers.push({ status: 500, text: '' })
  await turn(house)
  await sql`update alarm_channel set next_try_at = now()`.execute(house.db)
  await turn(house)
  assert.deepEqual([bad.got.length, good.got.length], [2, 1])
})

test('an alarm that ended is followed by one recovery note, and if it comes again it is sent again', async () => {
  await using house = await noticeApp()
  await using program = await receiver()
  await using silent = await receiver()
  await channel(house, { kind: 'webhook', credentials: { address: program.url, secret } })
  await channel(house, { kind: 'webhook', credentials: { address: silent.url, secret }, sendsEnd: false })
  await expiredShops(house, 1)
  await turn(house)
  await authorised(house)
  // It is absent for less than a minute: neither an end nor, when it is back, a beginning.
  await turn(house)
  await sql`update shop set auth_state = 'expired'`.execute(house.db)
  await turn(house)
  assert.equal(program.got.length, 1)
  await authorised(house)
  await turn(house)
  await sql`update alarm_record set absent_since = now() - interval '61 seconds'`.execute(house.db)
  await turn(house)
  await turn(house)
  const [, note, ...more] = program.bodies()
  assert.deepEqual(more, [])
  assert.match(note.title, /^【恢复】店铺 1授权 .{11} 失效$/)
  assert.match(note.text, /\n从 \d\d-\d\d \d\d:\d\d 到 \d\d-\d\d \d\d:\d\d$/)
  assert.deepEqual([note.alarms[0].what, typeof note.alarms[0].endedAt], ['ended', 'string'])
  assert.equal(silent.got.length, 1)
  await sql`update shop set auth_state = 'expired'`.execute(house.db)
  await turn(house)
  assert.deepEqual([program.got.length, silent.got.length], [3, 2])
})

test('a warning that becomes severe is sent once more, also to a channel for severe alarms alone', async () => {
  await using house = await noticeApp()
  await using all = await receiver()
  await using severe = await receiver()
  await channel(house, { kind: 'webhook', credentials: { address: all.url, secret } })
  await channel(house, { kind: 'webhook', credentials: { address: severe.url, secret }, leastTone: 'bad' })
  await expiredShops(house, 1)
  await sql`
    insert into alarm_record (alarm_id, kind, tone, title, detail, page, documents)
    select 'auth_expired:' || id, 'auth_expired', 'warn', '{}', '{}', '/', 1 from shop`.execute(house.db)
  await sql`insert into alarm_notice (channel_id, record_id, what, sent_at)
    select c.id, r.id, 'warn', now() from alarm_channel c, alarm_record r where c.least_tone = 'warn'`.execute(
    house.db,
  )
  await turn(house)
  await turn(house)
  for (const { got } of [all, severe])
    assert.deepEqual(
      got.map(({ text }) => JSON.parse(text).alarms.map(({ what }: { what: string }) => what)),
      [['bad']],
    )
})

test('a channel gets the kinds it wants and no others, and one that is off gets nothing', async () => {
  await using house = await noticeApp()
  await using clocks = await receiver()
  await using off = await receiver()
  await channel(house, {
    kind: 'webhook',
    credentials: { address: clocks.url, secret },
    kinds: ['clock_skew'],
  })
  await channel(house, { kind: 'webhook', credentials: { address: off.url, secret }, enabled: false })
  await expiredShops(house, 1)
  await sql`insert into clock_skew (machine, ahead_ms) values ('m1', 60000)`.execute(house.db)
  await turn(house)
  const [body] = clocks.bodies()
  assert.deepEqual(
    body.alarms.map(({ kind }: { kind: string }) => kind),
    ['clock_skew'],
  )
  assert.equal(off.got.length, 0)
})

test('in quiet hours only severe alarms pass, if the channel lets them; the rest comes when they are over', async () => {
  await using house = await noticeApp()
  await using program = await receiver()
  await using asleep = await receiver()
  const credentials = (url: string) => ({ kind: 'webhook', credentials: { address: url, secret } })
  // The whole day but one minute that is not now.
  const minute = (Math.floor(Date.now() / 60_000) + 480) % 1440
  const quiet = { from: (minute + 1000) % 1440, to: (minute + 999) % 1440 }
  await channel(house, { ...credentials(program.url), quiet: { ...quiet, passesBad: true } })
  await channel(house, { ...credentials(asleep.url), quiet: { ...quiet, passesBad: false } })
  await expiredShops(house, 1)
  await sql`insert into reveal_count (actor, actor_name, minute, day, over_at) values ('user:9', '周强', now(), now(), now())`.execute(
    house.db,
  )
  await turn(house)
  assert.deepEqual(
    program.bodies().map(({ alarms }) => alarms.map(({ tone }: { tone: string }) => tone)),
    [['bad']],
  )
  assert.equal(asleep.got.length, 0)
  await sql`update alarm_channel set quiet_from = null, quiet_to = null`.execute(house.db)
  await turn(house)
  assert.deepEqual(
    [program, asleep].map(({ bodies }) => bodies().at(-1).title),
    ['【提醒】1 人查看买家隐私过多', '【三易告警】1 条严重，1 条提醒'],
  )
})
