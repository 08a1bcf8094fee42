import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { mailServer } from '../alarms/notices/mail-testing.ts'
import { channel, noticeApp, partsOf } from '../alarms/notices/testing.ts'
import type { Database } from '../core/db/db.ts'
import { aTrade, stage } from '../intake/testing.ts'
import { chinaDay, dayMs, fromChinaTime } from '../lib/time.ts'
import type { TestApp } from '../testing/app.ts'
import { aShop } from '../testing/orders.ts'
import { sendDueMails, spanOf } from './mails.ts'
import { beginDueMail } from './subscription-queries.ts'
import { computeAll, dailySales, makeDue } from './testing.ts'

const credentials = (port: string) => ({
  ...{ host: '127.0.0.1', port, user: 'robot', password: 'pass-of-robot' },
  ...{ from: 'reports@example.com', to: 'boss@example.com' },
})

const send = (house: TestApp) => sendDueMails(partsOf(house))

/** The head of a mail, and its parts as their reader sees them. */
function read({ text }: { text: string }) {
  const [head = '', body = ''] = text.split(/\n\n(.*)/s)
  const [, boundary = ''] = /boundary="([^"]+)"/.exec(head) ?? []
  const parts = body.split(`--${boundary}`).slice(1, -1).map(decoded)
  return {
    head: head.replaceAll(/\n[ \t]+/g, ' '),
    plain: parts[0] ?? '',
    html: parts[1] ?? '',
    parts: parts.length,
  }
}

function decoded(part: string): string {
  const [head = '', body = ''] = part.split(/\n\n(.*)/s)
  if (/base64/i.test(/^Content-Transfer-Encoding: (.*)$/im.exec(head)?.[1] ?? ''))
    return Buffer.from(body.replaceAll('\n', ''), 'base64').toString('utf8')
  const bytes = body
    .replaceAll('=\n', '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** Two shops with one trade each, paid yesterday, and a mail channel. */
async function tradingHouse(house: TestApp, port: string): Promise<[string, string]> {
  const shops: [string, string] = [await aShop(house.db), await aShop(house.db)]
  const midnight = fromChinaTime(`${chinaDay(new Date())} 00:00:00`).getTime()
  for (const [place, shopId] of shops.entries()) {
    const pool = { db: house.db, ring: house.ring, shopId, [Symbol.asyncDispose]: async () => {} }
    await stage(pool, aTrade({ paidAt: new Date(midnight - dayMs / 2), paymentFen: 12_345 + place }))
  }
  await computeAll(house.db)
  await channel(house, { kind: 'mail', credentials: credentials(port) })
  return shops
}

test('a subscribed report goes by mail once, to its user alone, with the figures of the shops that the user may see now', async () => {
  await using house = await noticeApp()
  await using server = await mailServer()
  const [own] = await tradingHouse(house, server.port)
  const asker = await house.as(['reports.read'], [own])
  const { status, body } = await asker.call('POST', '/api/report-subscriptions', dailySales)
  assert.equal(status, 200, JSON.stringify(body))
  assert.equal(await send(house), 0)
  await makeDue(house.db)
  assert.deepEqual(
    await Promise.all([send(house), send(house)]).then((counts) => counts.reduce((a, b) => a + b)),
    1,
  )
  assert.equal(await send(house), 0)
  const [mail, ...more] = server.mails
  assert.ok(mail)
  assert.deepEqual(more, [])
  const email = (
    await sql<
      Record<'email', string>
    >`select email from app_user u join report_subscription s on s.user_id = u.id`.execute(house.db)
  ).rows[0]?.email
  assert.deepEqual([mail.from, mail.to], ['reports@example.com', [email]])
  const { plain, html, parts } = read(mail)
  assert.equal(parts, 2)
  for (const text of [plain, html]) {
    assert.match(text, /123\.45/)
    assert.doesNotMatch(text, /123\.46|246\.91/)
  }
  assert.match(plain, /https:\/\/sanyi\.example\.com\/reports\?report=sales&from=/)
  assert.match(html, /<td align="right">123\.45<\/td>/)
  const { rows } = Object((await asker.call('GET', '/api/report-subscriptions')).body)
  assert.deepEqual(rows[0].last, { period: chinaDay(new Date()), state: 'sent', error: '', again: null })
})

test('the link of a mail ends its own subscription without a sign-in: by a button, or by one click of a mail program, and not by being opened', async () => {
  await using house = await noticeApp()
  await using server = await mailServer()
  await tradingHouse(house, server.port)
  const asker = await house.as(['reports.read'])
  for (const by of ['amount', 'orders'])
    await asker.call('POST', '/api/report-subscriptions', { ...dailySales, by })
  await makeDue(house.db)
  assert.equal(await send(house), 2)
  const [mail] = server.mails
  assert.ok(mail)
  const { head, plain, html } = read(mail)
  const [, path = ''] =
    /https:\/\/sanyi\.example\.com(\/api\/report-subscriptions\/stop\?word=[\w-]+)/.exec(plain) ?? []
  assert.match(head, /^List-Unsubscribe-Post: List-Unsubscribe=One-Click$/m)
  assert.ok(head.includes(`List-Unsubscribe: <https://sanyi.example.com${path}>`), head)
  assert.ok(html.includes(`href="https://sanyi.example.com${path}"`))
  const ask = async (method: string, to = path) => {
    const body = method === 'POST' ? { body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }) } : {}
    const answer = await fetch(house.url + to, { method, ...body })
    return [answer.status, /<p>(.*?)<\/p>/.exec(await answer.text())?.[1]]
  }
  const on = async () => {
    const found = await sql<{ on: boolean[] }>`
      select array_agg(enabled order by enabled) as on from report_subscription`.execute(house.db)
    return found.rows[0]?.on
  }
  assert.deepEqual(await ask('GET'), [200, '不再收《店铺日报》的邮件？'])
  assert.deepEqual(await ask('POST', path.replace(/=.*/, `=${'x'.repeat(43)}`)), [404, '这个链接已失效'])
  assert.deepEqual(await on(), [true, true])
  assert.deepEqual(await ask('POST'), [200, '已退订'])
  assert.deepEqual(await on(), [false, true])
  assert.deepEqual(await ask('POST'), [200, '已退订'])
  assert.deepEqual(await ask('GET'), [200, '已退订'])
  const other = await house.anonymous.call('POST', path, { 'List-Unsubscribe': 'One-Click' })
  assert.equal(other.status, 200)
  await sql`delete from report_mail`.execute(house.db)
  assert.equal(await send(house), 1)
  // A program that guesses words gets no answer after thirty wrong ones.
  for (let tried = 0; tried < 29; tried += 1) await ask('GET', path.replace(/=.*/, `=${tried}`))
  assert.equal((await ask('GET'))[0], 429)
})

test('names in a mail are text in its HTML, and the rows are those of its text', async () => {
  await using house = await noticeApp()
  await using server = await mailServer()
  await tradingHouse(house, server.port)
  await sql`update shop set name = '<b>山隅</b> & "木作"' where id = (select min(id) from shop)`.execute(
    house.db,
  )
  const asker = await house.as(['reports.read'])
  await asker.call('POST', '/api/report-subscriptions', { ...dailySales, language: 'en' })
  await makeDue(house.db)
  await send(house)
  const [mail] = server.mails
  assert.ok(mail)
  const { plain, html } = read(mail)
  assert.ok(plain.includes('<b>山隅</b> & "木作"'))
  assert.ok(html.includes('&lt;b&gt;山隅&lt;/b&gt; &amp; &quot;木作&quot;'))
  assert.ok(!html.includes('<b>山隅'))
  const table = [...html.matchAll(/<tr>(.*)<\/tr>/g)].map(([, row = '']) => row.match(/<\/t[dh]>/g)?.length)
  const lines = plain.split('\n').filter((line) => line.includes('\t'))
  assert.deepEqual(
    table,
    lines.map((line) => line.split('\t').length),
  )
  assert.equal(lines.length, 4)
})

test('the same subscription exists once: asked for again it is the one that was there, and the answer says whether it was off', async () => {
  await using house = await noticeApp()
  const asker = await house.as(['reports.read'])
  const other = await house.as(['reports.read'])
  const ask = async (who: typeof asker, own: Record<string, unknown> = {}) =>
    Object((await who.call('POST', '/api/report-subscriptions', { ...dailySales, ...own })).body)
  const answers = await Promise.all([ask(asker), ask(asker), ask(asker)])
  assert.deepEqual(answers.map(({ made }) => made).sort(), [false, false, true])
  assert.equal(new Set(answers.map(({ id }) => id)).size, 1)
  const [{ id }] = answers
  await asker.call('POST', '/api/report-subscriptions/switch', { ids: [id], enabled: false })
  // Of two requests at once one switches it on, and the other finds it on.
  const again = await Promise.all([ask(asker), ask(asker)])
  assert.deepEqual(
    again.sort((first, second) => Number(second.resumed) - Number(first.resumed)),
    [
      { id, made: false, resumed: true },
      { id, made: false, resumed: false },
    ],
  )
  const rows = async () => Object((await asker.call('GET', '/api/report-subscriptions')).body).rows
  assert.deepEqual(
    (await rows()).map((row: { id: string; enabled: boolean }) => [row.id, row.enabled]),
    [[id, true]],
  )
  for (const own of [{ hour: 1 }, { every: 'week' }, { by: 'orders' }, { language: 'en' }])
    assert.equal((await ask(asker, own)).made, true)
  assert.equal((await ask(other)).made, true)
  assert.equal((await rows()).length, 5)
  const noted = await sql`select from audit_log where action = 'report.subscribe'`.execute(house.db)
  assert.equal(noted.rows.length, 6)
})

test('no user gets a mail who is disabled or may not read reports any more', async () => {
  await using house = await noticeApp()
  await using server = await mailServer()
  await tradingHouse(house, server.port)
  const askers = [await house.as(['reports.read']), await house.as(['reports.read'])]
  for (const asker of askers) await asker.call('POST', '/api/report-subscriptions', dailySales)
  await makeDue(house.db)
  await sql`update app_user set disabled_at = now() where id = (select min(user_id) from report_subscription)`.execute(
    house.db,
  )
  await sql`delete from user_role where user_id = (select max(user_id) from report_subscription)`.execute(
    house.db,
  )
  assert.equal(await send(house), 1)
  assert.deepEqual(server.mails, [])
  const mails = await sql`select state, error from report_mail`.execute(house.db)
  assert.deepEqual(mails.rows, [{ state: 'failed', error: 'forbidden' }])
})

test('a mail whose process ended while it was sent goes again after ten minutes, and its user may ask for it then', async () => {
  await using house = await noticeApp()
  await using server = await mailServer()
  const { ids, again } = await subscribed(house, server.port)
  const killed = await house.db.transaction().execute((tx) => beginDueMail(tx, Buffer.from('killed')))
  assert.equal(killed?.id, ids[0])
  assert.equal(await send(house), 0)
  assert.deepEqual(await again(), [])
  await later(house.db, 10)
  assert.equal(await send(house), 1)
  assert.equal(server.mails.length, 1)
  const mails = await sql`select state, tries, again_at from report_mail`.execute(house.db)
  assert.deepEqual(mails.rows, [{ state: 'sent', tries: 2, again_at: null }])
  assert.deepEqual(await again(), [])
  await later(house.db, 60)
  assert.equal(await send(house), 0)
})

test('a mail that the server refuses goes again after 10, 20 and 30 minutes, then only when its user asks', async () => {
  await using house = await noticeApp()
  await using server = await mailServer()
  const { ids, asker, again } = await subscribed(house, server.port)
  server.state.refuses = '550 mailbox full'
  const last = async () => Object((await asker.call('GET', '/api/report-subscriptions')).body).rows[0].last
  for (const minutes of [10, 20, 30]) {
    assert.equal(await send(house), 1)
    const { state, error, again } = await last()
    assert.equal(state, 'failed')
    assert.match(error, /mailbox full/)
    assert.ok(Math.abs(Date.parse(again) - Date.now() - minutes * 60_000) < 30_000, again)
    await later(house.db, minutes - 1)
    assert.equal(await send(house), 0)
    await later(house.db, 1)
  }
  assert.equal(await send(house), 1)
  assert.equal((await last()).again, null)
  await later(house.db, 600)
  assert.equal(await send(house), 0)
  server.state.refuses = ''
  assert.deepEqual(await again(await house.as(['reports.read'])), [])
  assert.deepEqual(await again(), ids)
  assert.equal(await send(house), 1)
  assert.equal(server.mails.length, 1)
  assert.deepEqual(await again(), [])
})

/** A house with one subscription whose mail is due. `again`: asks for it once more, as its user unless another one does. */
async function subscribed(house: TestApp, mailPort: string) {
  await tradingHouse(house, mailPort)
  const asker = await house.as(['reports.read'])
  const { body } = await asker.call('POST', '/api/report-subscriptions', dailySales)
  const ids = [Object(body).id]
  await makeDue(house.db)
  const again = async (who = asker) =>
    Object((await who.call('POST', '/api/report-subscriptions/again', { ids })).body).ids
  return { ids, asker, again }
}

/** Lets minutes pass for the mails. */
const later = (db: Database, minutes: number) =>
  sql`update report_mail set begun_at = begun_at - make_interval(mins => ${minutes}),
    again_at = again_at - make_interval(mins => ${minutes})`.execute(db)

test('a mail shows the days before it: yesterday, the week before a Monday, the month before a first', () => {
  assert.deepEqual(spanOf({ every: 'day', period: '2026-11-30' }), {
    ...{ from: '2026-11-29', to: '2026-11-29', step: 'day' },
  })
  assert.deepEqual(spanOf({ every: 'week', period: '2026-11-30' }), {
    ...{ from: '2026-11-23', to: '2026-11-29', step: 'day' },
  })
  assert.deepEqual(spanOf({ every: 'month', period: '2026-12-01' }), {
    ...{ from: '2026-11-01', to: '2026-11-30', step: 'week' },
  })
})

test('a user subscribes to what a report has and to shops of the own scope only, and a key to nothing', async () => {
  await using house = await noticeApp()
  const asker = await house.as(['reports.read'], ['7'])
  const statusOf = async (own: Record<string, unknown>) =>
    (await asker.call('POST', '/api/report-subscriptions', { ...dailySales, ...own })).status
  assert.deepEqual(
    [await statusOf({ rows: 'sku' }), await statusOf({ by: 'pieces' }), await statusOf({ hour: 24 })],
    [400, 400, 400],
  )
  assert.equal(await statusOf({ shop: '8' }), 403)
  const none = await sql`select from report_subscription`.execute(house.db)
  assert.equal(none.rows.length, 0)
})
