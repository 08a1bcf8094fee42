import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { mailServer } from '../../alarms/notices/mail-testing.ts'
import { channel, noticeApp, partsOf, receiver } from '../../alarms/notices/testing.ts'
import { aRefund, aTrade, stage, stageRefunds } from '../../intake/testing.ts'
import { chinaDay, toChinaTime } from '../../lib/time.ts'
import type { TestApp } from '../../testing/app.ts'
import { aShop } from '../../testing/orders.ts'
import { computeAll } from '../testing.ts'
import { beginDueNotices } from './threshold-queries.ts'
import { lookAtThresholds, sendDueNotices } from './thresholds.ts'

const wanted = {
  ...{ figure: 'refundRate', bound: 8, least: 3, hour: 0 },
  ...{ shop: null, channel: null, language: 'zh' },
}
const today = chinaDay(new Date())

const look = async (house: TestApp) => {
  const looked = await lookAtThresholds(partsOf(house))
  return { looked, sent: await sendDueNotices(partsOf(house)) }
}
/** The last look was in an earlier hour. */
const anHourLater = (house: TestApp) =>
  sql`update report_threshold set looked_at = looked_at - interval '1 hour'`.execute(house.db)
/** The last look and what it found were a day earlier. */
async function aDayLater(house: TestApp): Promise<void> {
  await sql`update report_threshold_notice set day = day - 1`.execute(house.db)
  await anHourLater(house)
}

/** A shop with so many trades of 100.00 paid today, of which so much was refunded in one refund. */
async function shopWith(
  house: TestApp,
  name: string,
  { trades, refundFen }: Record<'trades' | 'refundFen', number>,
) {
  const shopId = await aShop(house.db)
  await sql`update shop set name = ${name} where id = ${shopId}::bigint`.execute(house.db)
  const pool = { db: house.db, ring: house.ring, shopId, [Symbol.asyncDispose]: async () => {} }
  const now = new Date()
  const all = Array.from({ length: trades }, () => aTrade({ paidAt: now, paymentFen: 10_000 }))
  await stage(pool, ...all)
  const [first] = all
  if (first && refundFen > 0)
    await stageRefunds(pool, aRefund(first, { status: 'succeeded', modifiedAt: now, amountFen: refundFen }))
  await computeAll(house.db)
  return shopId
}

/** Long headers of a mail are folded. */
const unfolded = (mail: string) => mail.replaceAll(/\n[ \t]+/g, ' ')

const robotAt = (house: TestApp, url: string) =>
  channel(house, { kind: 'wecom', name: '客服主管', credentials: { address: `${url}/send?key=k1` } })

test('shops whose figure of today is beyond the bound go to a robot in one message, each once a day, and a later one in its own', async () => {
  await using house = await noticeApp()
  await using robot = await receiver()
  await shopWith(house, '旗舰店', { trades: 4, refundFen: 4000 })
  await shopWith(house, '家纺店', { trades: 5, refundFen: 6050 })
  await shopWith(house, '少退的店', { trades: 4, refundFen: 3200 })
  await shopWith(house, '两单的店', { trades: 2, refundFen: 10_000 })
  const later = await shopWith(house, '后来的店', { trades: 4, refundFen: 0 })
  const asker = await house.as(['reports.read'])
  const answer = await asker.call('POST', '/api/report-thresholds', {
    ...wanted,
    channel: await robotAt(house, robot.url),
  })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  const both = await Promise.all([look(house), look(house)])
  assert.equal(
    both.reduce((sum, { looked }) => sum + looked, 0),
    1,
  )
  assert.equal((await look(house)).sent + both.reduce((sum, { sent }) => sum + sent, 0), 1)
  const link = `https://sanyi.example.com/reports?report=sales&from=${today}&to=${today}&rows=shop&by=refundRate`
  const text = [
    '【三易告警】退款率 > 8%',
    `${today}，到现在`,
    '旗舰店：10.0%（付款交易 4）',
    '家纺店：12.1%（付款交易 5）',
    ...['', link],
  ].join('\n')
  assert.deepEqual(robot.bodies(), [{ msgtype: 'text', text: { content: text } }])

  // Within the hour it is not looked at again, and in the next one only the shop that is new goes.
  const pool = { db: house.db, ring: house.ring, shopId: later, [Symbol.asyncDispose]: async () => {} }
  const trade = aTrade({ paidAt: new Date(), paymentFen: 10_000 })
  await stage(pool, trade)
  await stageRefunds(pool, aRefund(trade, { status: 'succeeded', modifiedAt: new Date(), amountFen: 10_000 }))
  await computeAll(house.db)
  assert.deepEqual(await look(house), { looked: 0, sent: 0 })
  await anHourLater(house)
  assert.deepEqual(await look(house), { looked: 1, sent: 1 })
  assert.equal(robot.got.length, 2)
  assert.match(robot.bodies()[1].text.content, /到现在\n后来的店：20\.0%（付款交易 5）\n\nhttps/)
  await anHourLater(house)
  assert.deepEqual(await look(house), { looked: 1, sent: 0 })

  await aDayLater(house)
  assert.deepEqual(await look(house), { looked: 1, sent: 1 })
  assert.match(robot.bodies()[2].text.content, /旗舰店.*\n家纺店.*\n后来的店/)
  const { rows } = Object((await asker.call('GET', '/api/report-thresholds')).body)
  assert.deepEqual(rows[0].last, { period: today, state: 'sent', error: '', shops: 3, again: null })
})

test('a notice goes by mail to its user alone, about the shops that the user may see when it is looked at and when it is sent, and its link switches the threshold off', async () => {
  await using house = await noticeApp()
  await using server = await mailServer()
  const own = await shopWith(house, '自己的店', { trades: 4, refundFen: 4000 })
  const lost = await shopWith(house, '收回的店', { trades: 4, refundFen: 8000 })
  await shopWith(house, '别人的店', { trades: 4, refundFen: 4000 })
  await channel(house, {
    kind: 'mail',
    credentials: {
      ...{ host: '127.0.0.1', port: server.port, user: 'robot', password: 'pass-of-robot' },
      ...{ from: 'reports@example.com', to: 'boss@example.com' },
    },
  })
  const asker = await house.as(['reports.read'], [own, lost])
  await asker.call('POST', '/api/report-thresholds', { ...wanted, language: 'en' })
  assert.equal(await lookAtThresholds(partsOf(house)), 1)
  const user = sql`(select user_id from report_threshold)`
  await sql`update app_user set shop_ids = array[${own}::bigint] where id = ${user}`.execute(house.db)
  assert.equal(await sendDueNotices(partsOf(house)), 1)
  const [mail, ...more] = server.mails
  assert.deepEqual(more, [])
  const { rows } = await sql<{ email: string }>`select email from app_user where id = ${user}`.execute(
    house.db,
  )
  assert.deepEqual(mail?.to, [rows[0]?.email])
  const plain = Buffer.from(
    (mail?.text ?? '').split('\n\n').slice(1).join('').replaceAll('\n', ''),
    'base64',
  ).toString('utf8')
  const body = plain.includes('10.0%') ? plain : (mail?.text ?? '').replaceAll('=\n', '')
  assert.match(body, /10\.0% \(paid trades: 4\)/)
  assert.doesNotMatch(body, /20\.0%/)
  const found = await sql<{ id: string }>`
    select shop_id::text as id from report_threshold_notice order by shop_id`.execute(house.db)
  assert.deepEqual(
    found.rows.map(({ id }) => id),
    [own, lost],
  )
  const [, stop = ''] =
    /^List-Unsubscribe: <https:\/\/sanyi\.example\.com(.*?)>$/m.exec(unfolded(mail?.text ?? '')) ?? []
  const press = async (method: string) => {
    const answer = await fetch(house.url + stop, { method })
    return [answer.status, /<p>(.*?)<\/p>/.exec(await answer.text())?.[1]]
  }
  const isOn = async () =>
    (await sql<{ on: boolean }>`select enabled as on from report_threshold`.execute(house.db)).rows[0]?.on
  assert.deepEqual(await press('GET'), [200, '不再收《退款率 &gt; 8%》的邮件？'])
  assert.equal(await isOn(), true)
  assert.deepEqual(await press('POST'), [200, '已退订'])
  assert.deepEqual(await press('GET'), [200, '已退订'])
  assert.equal(await isOn(), false)
  await aDayLater(house)
  assert.deepEqual(await look(house), { looked: 0, sent: 0 })
  assert.equal(server.mails.length, 1)
})

test('sales below a bound report a shop that sold nothing, and each figure that may be watched is one of its report', async () => {
  await using house = await noticeApp()
  await using robot = await receiver()
  const shop = await shopWith(house, '卖了的店', { trades: 4, refundFen: 0 })
  await shopWith(house, '没卖的店', { trades: 0, refundFen: 0 })
  const closed = await shopWith(house, '停用的店', { trades: 0, refundFen: 0 })
  await sql`update shop set enabled = false where id = ${closed}::bigint`.execute(house.db)
  await sql`
    insert into report_shipping (day, shop_id, warehouse_id, courier, parcel_count, package_count, weighed_count, total_grams, due_count, on_time_count,
      late_count, late_minutes, paid_count, paid_minutes, signed_count, signed_minutes)
    values (${today}::date, ${shop}::bigint, 0, 'SF', 40, 40, 0, 0, 40, 30, 10, 600, 0, 0, 0, 0)`.execute(
    house.db,
  )
  const asker = await house.as(['reports.read'])
  const channelId = await robotAt(house, robot.url)
  const figures = [
    { figure: 'sales', bound: 100_000, least: 0 },
    { figure: 'onTime', bound: 80, least: 20 },
    { figure: 'onTime', bound: 75, least: 20 },
    { figure: 'late', bound: 9, least: 0 },
    { figure: 'late', bound: 10, least: 0 },
  ]
  for (const one of figures)
    assert.equal(
      (await asker.call('POST', '/api/report-thresholds', { ...wanted, ...one, channel: channelId })).status,
      200,
    )
  assert.deepEqual(await look(house), { looked: 5, sent: 3 })
  const texts = robot.bodies().map(({ text }) => text.content.split('\n').slice(0, -2).join(' | '))
  assert.deepEqual(texts, [
    `【三易告警】销售额 < ¥1,000.00 | ${today}，到现在 | 卖了的店：400.00（付款交易 4） | 没卖的店：0.00（付款交易 0）`,
    `【三易告警】发货按时率 < 80% | ${today}，到现在 | 卖了的店：75.0%（有时限的发货单 40）`,
    `【三易告警】超时发货 > 9 | ${today}，到现在 | 卖了的店：10（有时限的发货单 40）`,
  ])
})

test('nothing is looked at before its hour, while it is off, for a disabled user, or while the figures of today are old', async () => {
  await using house = await noticeApp()
  await using robot = await receiver()
  await shopWith(house, '旗舰店', { trades: 4, refundFen: 4000 })
  const asker = await house.as(['reports.read'])
  const channelId = await robotAt(house, robot.url)
  const add = async (own: Record<string, unknown>) =>
    Object(
      (await asker.call('POST', '/api/report-thresholds', { ...wanted, channel: channelId, ...own })).body,
    ).id
  await add({ hour: 23 })
  const isLastHour = toChinaTime(new Date()).slice(11, 13) === '23'
  assert.equal((await look(house)).looked, isLastHour ? 1 : 0)
  await sql`delete from report_threshold`.execute(house.db)
  const id = await add({})
  const switched = (enabled: boolean) =>
    asker.call('POST', '/api/report-thresholds/switch', { ids: [id], enabled })
  await switched(false)
  assert.equal((await look(house)).looked, 0)
  await switched(true)
  await sql`update app_user set disabled_at = now() where id = (select user_id from report_threshold)`.execute(
    house.db,
  )
  assert.equal((await look(house)).looked, 0)
  await sql`update app_user set disabled_at = null`.execute(house.db)
  await sql`insert into report_due (day) values (${today}::date)`.execute(house.db)
  await sql`update report_day set computed_at = now() - interval '61 minutes' where day = ${today}::date`.execute(
    house.db,
  )
  assert.equal((await look(house)).looked, 0)
  const before = robot.got.length
  await computeAll(house.db)
  assert.deepEqual(await look(house), { looked: 1, sent: 1 })
  assert.equal(robot.got.length, before + 1)
})

test('a notice that failed or whose process ended goes again with its figures, by itself or when its user asks', async () => {
  await using house = await noticeApp()
  await using robot = await receiver()
  await shopWith(house, '旗舰店', { trades: 4, refundFen: 4000 })
  const asker = await house.as(['reports.read'])
  const other = await house.as(['reports.read'])
  const { body } = await asker.call('POST', '/api/report-thresholds', {
    ...wanted,
    channel: await robotAt(house, robot.url),
  })
  const ids = [Object(body).id]
  const again = async (who = asker) =>
    Object((await who.call('POST', '/api/report-thresholds/again', { ids })).body).ids
  const last = async () => Object((await asker.call('GET', '/api/report-thresholds')).body).rows[0].last
  robot.answers.push({ status: 500, text: '' })
  assert.deepEqual(await look(house), { looked: 1, sent: 1 })
  const { again: next, ...failed } = await last()
  assert.deepEqual(failed, { period: today, state: 'failed', error: '接收方答 HTTP 500', shops: 1 })
  assert.ok(Math.abs(Date.parse(next) - Date.now() - 600_000) < 30_000, next)
  assert.equal(await sendDueNotices(partsOf(house)), 0)
  const passes = (minutes: number) =>
    sql`update report_threshold_notice set begun_at = begun_at - make_interval(mins => ${minutes}),
      again_at = again_at - make_interval(mins => ${minutes})`.execute(house.db)
  await passes(10)
  const killed = await house.db.transaction().execute((tx) => beginDueNotices(tx, Buffer.from('killed')))
  assert.equal(killed?.id, ids[0])
  assert.equal(await sendDueNotices(partsOf(house)), 0)
  assert.equal((await last()).state, 'sending')
  assert.deepEqual(await again(), [])
  await passes(10)
  assert.equal(await sendDueNotices(partsOf(house)), 1)
  assert.equal(robot.got.length, 2)
  assert.equal(robot.got[1]?.text, robot.got[0]?.text)
  assert.equal((await last()).state, 'sent')
  await passes(60)
  assert.equal(await sendDueNotices(partsOf(house)), 0)
  await sql`update report_threshold_notice set state = 'failed'`.execute(house.db)
  assert.deepEqual(await again(other), [])
  assert.deepEqual(await again(), ids)
  await sql`update report_threshold set enabled = false`.execute(house.db)
  assert.equal(await sendDueNotices(partsOf(house)), 0)
  await sql`update report_threshold set enabled = true`.execute(house.db)
  await sql`update report_threshold_notice set day = day - 2`.execute(house.db)
  assert.equal(await sendDueNotices(partsOf(house)), 0)
  await sql`update report_threshold_notice set day = day + 2`.execute(house.db)
  assert.equal(await sendDueNotices(partsOf(house)), 1)
  assert.equal(robot.got.length, 3)
  await sql`delete from user_role where user_id = (select user_id from report_threshold)`.execute(house.db)
  await sql`update report_threshold_notice set state = 'due'`.execute(house.db)
  assert.equal(await sendDueNotices(partsOf(house)), 1)
  const kept = await sql`select state, error from report_threshold_notice`.execute(house.db)
  assert.deepEqual(kept.rows, [{ state: 'failed', error: 'forbidden' }])
  assert.equal(robot.got.length, 3)
})

test('a user watches shops of the own scope only, sees and switches only the own thresholds, and the same one exists once', async () => {
  await using house = await noticeApp()
  const asker = await house.as(['reports.read'], ['7'])
  const other = await house.as(['reports.read'])
  const ask = async (own: Record<string, unknown>) =>
    await asker.call('POST', '/api/report-thresholds', { ...wanted, ...own })
  assert.equal((await ask({ shop: '8' })).status, 403)
  const refused = [{ figure: 'amount' }, { bound: -1 }, { hour: 24 }, { channel: '9' }, { least: 1.5 }]
  for (const own of refused) assert.equal((await ask(own)).status, 400, JSON.stringify(own))
  const answers = (await Promise.all([ask({ shop: '7' }), ask({ shop: '7' })])).map(({ body }) =>
    Object(body),
  )
  assert.deepEqual(answers.map(({ made }) => made).sort(), [false, true])
  const [{ id } = { id: '' }] = answers
  const switched = await other.call('POST', '/api/report-thresholds/switch', { ids: [id], enabled: false })
  assert.deepEqual(switched.body, { ids: [] })
  assert.deepEqual((await other.call('GET', '/api/report-thresholds')).body, { rows: [] })
  assert.deepEqual((await asker.call('GET', '/api/report-thresholds')).body, {
    rows: [
      {
        ...{
          id,
          figure: 'refundRate',
          bound: 8,
          least: 3,
          hour: 0,
          shop: '7',
          channel: null,
          language: 'zh',
        },
        ...{ enabled: true, last: null },
      },
    ],
  })
  const noted = await sql`select subject_type from audit_log where action = 'report.subscribe'`.execute(
    house.db,
  )
  assert.deepEqual(noted.rows, [{ subject_type: 'report_threshold' }])
})
