import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { sql } from 'kysely'
import { mailServer } from '../alarms/notices/mail-testing.ts'
import { channel, noticeApp, partsOf, receiver } from '../alarms/notices/testing.ts'
import { aRefund, aTrade, stage, stageRefunds } from '../intake/testing.ts'
import { chinaDay, dayMs, fromChinaTime, toChinaTime } from '../lib/time.ts'
import type { TestApp } from '../testing/app.ts'
import { aShop } from '../testing/orders.ts'
import { sendDueMails } from './mails.ts'
import { plusDays } from './report-rules.ts'
import { computeAll, dailySales, makeDue } from './testing.ts'

const send = (house: TestApp) => sendDueMails(partsOf(house))
const today = chinaDay(new Date())
const midnight = fromChinaTime(`${today} 00:00:00`).getTime()

/** Seven shops: the first one has two trades of yesterday, one of them refunded, and one of the day before; the others have one of yesterday each. */
async function tradingHouse(house: TestApp): Promise<string[]> {
  const shops: string[] = []
  for (let made = 0; made < 7; made += 1) shops.push(await aShop(house.db))
  for (const [at, shopId] of shops.entries()) {
    await sql`update shop set name = ${`店 ${at}`} where id = ${shopId}::bigint`.execute(house.db)
    const pool = { db: house.db, ring: house.ring, shopId, [Symbol.asyncDispose]: async () => {} }
    const trade = aTrade({ paidAt: new Date(midnight - dayMs / 2), paymentFen: 10_000 - 1000 * at })
    await stage(pool, trade)
    if (at > 0) continue
    await stage(
      pool,
      aTrade({ paidAt: new Date(midnight - dayMs / 2), paymentFen: 10_000 }),
      aTrade({ paidAt: new Date(midnight - 1.5 * dayMs), paymentFen: 40_000 }),
    )
    await stageRefunds(
      pool,
      aRefund(trade, { status: 'succeeded', modifiedAt: new Date(midnight - dayMs / 3), amountFen: 590 }),
    )
  }
  await computeAll(house.db)
  return shops
}

const robotAt = (house: TestApp, url: string, own: Record<string, unknown> = {}) =>
  channel(house, { kind: 'wecom', name: '客服主管', credentials: { address: `${url}/send?key=k1` }, ...own })

test('a subscription goes to the robot of a group chat once, as a few figures with their change, the largest rows and a link', async () => {
  await using house = await noticeApp()
  await using robot = await receiver()
  await using server = await mailServer()
  await tradingHouse(house)
  const id = await robotAt(house, robot.url)
  const asker = await house.as(['reports.read'])
  const { status, body } = await asker.call('POST', '/api/report-subscriptions', {
    ...dailySales,
    channel: id,
  })
  assert.equal(status, 200, JSON.stringify(body))
  await makeDue(house.db)
  assert.deepEqual((await Promise.all([send(house), send(house)])).sort(), [0, 1])
  assert.equal(await send(house), 0)
  const yesterday = plusDays(today, -1)
  const text = [
    `店铺日报 · 销售额 ¥ ${yesterday}`,
    '销售额 ¥ 590.00（+47.5%）',
    '付款交易 8（+700.0%）',
    '客单价 ¥ 73.75（−81.6%）',
    '净额 ¥ 584.10（+46.0%）',
    '退款率 1.0%（+1.0 点）',
    '括号里比前 1 天',
    '',
    '销售额 ¥',
    ...['1. 店 0 200.00', '2. 店 1 90.00', '3. 店 2 80.00', '4. 店 3 70.00', '5. 店 4 60.00'],
    '',
    `https://sanyi.example.com/reports?report=sales&from=${yesterday}&to=${yesterday}&rows=shop&by=amount&step=day`,
  ].join('\n')
  assert.deepEqual(robot.bodies(), [{ msgtype: 'text', text: { content: text } }])
  assert.equal(robot.got[0]?.path, '/send?key=k1')
  assert.deepEqual(server.mails, [])
  const list = Object((await asker.call('GET', '/api/report-subscriptions')).body)
  assert.deepEqual(list.robots, [{ id, kind: 'wecom', name: '客服主管' }])
  assert.equal(list.rows[0].channel, id)
  assert.deepEqual(list.rows[0].last, { period: today, state: 'sent', error: '', again: null })
})

test('a report waits until its days are computed, at most an hour, and then says up to when it is complete', async () => {
  await using house = await noticeApp()
  await using robot = await receiver()
  await tradingHouse(house)
  const channelId = await robotAt(house, robot.url)
  const asker = await house.as(['reports.read'])
  const hour = Number(toChinaTime(new Date()).slice(11, 13))
  const subscribe = (every: string, at: number) =>
    asker.call('POST', '/api/report-subscriptions', { ...dailySales, channel: channelId, every, hour: at })
  assert.equal((await subscribe('day', hour)).status, 200)
  await makeDue(house.db)
  const yesterday = plusDays(today, -1)
  await sql`insert into report_due (day) values (${yesterday}::date)`.execute(house.db)
  assert.equal(await send(house), 0)
  assert.deepEqual(robot.got, [])
  await sql`delete from report_due`.execute(house.db)
  assert.equal(await send(house), 1)
  assert.ok(!String(robot.bodies()[0]?.text.content).includes('算到'))
  const lastMonth = `${plusDays(`${today.slice(0, 7)}-01`, -1).slice(0, 7)}-01`
  await sql`insert into report_due (day) values (${lastMonth}::date)`.execute(house.db)
  await sql`delete from report_day where day = ${lastMonth}::date`.execute(house.db)
  assert.equal((await subscribe('month', 0)).status, 200)
  await makeDue(house.db)
  assert.equal(await send(house), 1)
  assert.match(
    String(robot.bodies()[1]?.text.content),
    new RegExp(`\n\n算到 ${lastMonth} 00:00:00\n\nhttps:`),
  )
})

test('a message to a chat is signed as that of an alarm, has the keyword where no signature is checked, and has only shops of the scope', async () => {
  await using house = await noticeApp()
  await using robot = await receiver()
  const shops = await tradingHouse(house)
  const own = shops.slice(1, 2)
  await sql`update shop set name = '<at user_id="all">店</at>' where id = any(${own}::bigint[])`.execute(
    house.db,
  )
  const secret = 'SEC0123'
  const ids = [
    await robotAt(house, robot.url, {
      kind: 'dingtalk',
      credentials: { address: `${robot.url}/ding?access_token=a`, secret },
    }),
    await robotAt(house, robot.url, {
      kind: 'dingtalk',
      credentials: { address: `${robot.url}/plain?access_token=a` },
    }),
    await robotAt(house, robot.url, {
      kind: 'feishu',
      credentials: { address: `${robot.url}/feishu`, secret },
    }),
  ]
  const asker = await house.as(['reports.read'], own)
  for (const id of ids)
    assert.equal(
      (await asker.call('POST', '/api/report-subscriptions', { ...dailySales, channel: id, language: 'en' }))
        .status,
      200,
    )
  await makeDue(house.db)
  assert.equal(await send(house), 3)
  const [ding, plain, feishu] = robot.got
  const url = new URL(ding?.path ?? '', robot.url)
  const at = url.searchParams.get('timestamp') ?? ''
  assert.equal(
    url.searchParams.get('sign'),
    createHmac('sha256', secret).update(`${at}\n${secret}`).digest('base64'),
  )
  const [signed, keyword, body] = [ding, plain, feishu].map((got) => JSON.parse(got?.text ?? ''))
  assert.equal(signed.text.content.includes('告警'), false)
  assert.match(keyword.text.content, /\n（三易告警）$/)
  assert.equal(body.sign, createHmac('sha256', `${body.timestamp}\n${secret}`).update('').digest('base64'))
  assert.match(body.content.text, /^Shops by day · Sales ¥ .+\nSales ¥ 90\.00\nPaid trades 1\n/)
  assert.match(body.content.text, /\n1\. at user_id="all" 店 \/at 90\.00\n\nhttps:/)
  assert.doesNotMatch(body.content.text, /[<>]|200\.00|\n2\./)
})

test('a report of staff goes to a chat without their names', async () => {
  await using house = await noticeApp()
  await using robot = await receiver()
  const shopId = await aShop(house.db)
  await sql`
    insert into report_people (day, shop_id, warehouse_id, person_name, confirmed_count, printed_count, picked_count, checked_count, weighed_count, shipped_count, piece_count)
    values (china_day(now()) - 1, ${shopId}::bigint, 0, '周强', 0, 0, 0, 0, 0, 7, 9)`.execute(house.db)
  const asker = await house.as(['reports.read'])
  const channelId = await robotAt(house, robot.url)
  await asker.call('POST', '/api/report-subscriptions', {
    ...{ ...dailySales, report: 'staff', rows: 'person', by: 'shipped', channel: channelId },
  })
  await makeDue(house.db)
  assert.equal(await send(house), 1)
  const [{ text }] = robot.bodies()
  assert.match(text.content, /\n发货 7\n/)
  assert.doesNotMatch(text.content, /周强/)
})

test('a refusal of the robot is kept with its reason and goes again when its user asks; a robot that is off or gone says so', async () => {
  await using house = await noticeApp()
  await using robot = await receiver()
  await tradingHouse(house)
  const channelId = await robotAt(house, robot.url)
  const asker = await house.as(['reports.read'])
  const { body } = await asker.call('POST', '/api/report-subscriptions', {
    ...dailySales,
    channel: channelId,
  })
  const ids = [Object(body).id]
  await makeDue(house.db)
  robot.answers.push({ status: 200, text: '{"errcode":45009,"errmsg":"api freq out of limit"}' })
  assert.equal(await send(house), 1)
  const last = async () => Object((await asker.call('GET', '/api/report-subscriptions')).body).rows[0].last
  const { again: next, ...failed } = await last()
  assert.deepEqual(failed, {
    ...{ period: today, state: 'failed', error: '接收方拒绝：api freq out of limit (45009)' },
  })
  assert.ok(Date.parse(next) > Date.now() + 9 * 60_000)
  assert.equal(await send(house), 0)
  const again = () => asker.call('POST', '/api/report-subscriptions/again', { ids })
  await again()
  await sql`update alarm_channel set enabled = false`.execute(house.db)
  assert.equal(await send(house), 1)
  assert.deepEqual(await last(), { period: today, state: 'failed', error: 'no_robot', again: null })
  await sql`update alarm_channel set enabled = true`.execute(house.db)
  await again()
  assert.equal(await send(house), 1)
  assert.equal((await last()).state, 'sent')
  assert.equal(robot.got.length, 2)
})

test('the same subscription exists once by mail and once for each robot, and only robots that are on are taken', async () => {
  await using house = await noticeApp()
  await using robot = await receiver()
  const [one, two] = [await robotAt(house, robot.url), await robotAt(house, robot.url)]
  const off = await robotAt(house, robot.url, { enabled: false })
  const program = await robotAt(house, robot.url, {
    ...{ kind: 'webhook', credentials: { address: robot.url, secret: 'sixteen-letters-or-more' } },
  })
  const asker = await house.as(['reports.read'])
  const ask = async (own: Record<string, unknown>) =>
    await asker.call('POST', '/api/report-subscriptions', { ...dailySales, ...own })
  const made = async (own: Record<string, unknown>) => Object((await ask(own)).body).made
  assert.deepEqual(
    [await made({}), await made({ channel: one }), await made({ channel: two })],
    [true, true, true],
  )
  assert.deepEqual(
    [await made({ channel: null }), await made({ channel: one }), await made({ channel: two })],
    [false, false, false],
  )
  const rows = await sql<{
    id: string
  }>`select id from report_subscription where channel_id = ${one}::bigint`.execute(house.db)
  const ids = rows.rows.map(({ id }) => id)
  await asker.call('POST', '/api/report-subscriptions/switch', { ids, enabled: false })
  assert.deepEqual(Object((await ask({ channel: one })).body), { id: ids[0], made: false, resumed: true })
  for (const wrong of [off, program, '999']) {
    const { status, body } = await ask({ channel: wrong })
    assert.deepEqual([status, Object(body).code], [400, 'invalid_input'])
  }
  const kept = await sql`select from report_subscription`.execute(house.db)
  assert.equal(kept.rows.length, 3)
})
