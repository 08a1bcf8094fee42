import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { sql } from 'kysely'
import type { Locator } from 'playwright-core'
import { channel, noticeApp, partsOf, receiver } from '../server/alarms/notices/testing.ts'
import { readSheet } from '../server/core/sheets/sheet-in.ts'
import { aRefund, aTrade, stage, stageRefunds } from '../server/intake/testing.ts'
import { sendDueMails } from '../server/reports/mails.ts'
import { computeAll, first, last, someDocuments } from '../server/reports/testing.ts'
import { lookAtThresholds, sendDueNotices } from '../server/reports/thresholds/thresholds.ts'
import { testApp } from '../server/testing/app.ts'
import { dice } from '../server/testing/dice.ts'
import { aShop } from '../server/testing/orders.ts'
import { secretHash } from '../server/users/sign-in/secret-hash.ts'
import { appears, goes, openBrowser } from './browser.ts'

test('a person reads a report, walks its cells by keyboard, opens the documents of one, and finds as many in the list', async () => {
  await using house = await testApp()
  const shopId = await aShop(house.db)
  const pool = { db: house.db, ring: house.ring, shopId, [Symbol.asyncDispose]: async () => {} }
  await someDocuments(pool, dice(3), shopId, 20)
  // The documents of the test are of fixed days; here they are of the last week.
  await sql`update sales_order set paid_at = now() - interval '1 day' * (id % 6)`.execute(house.db)
  await computeAll(house.db)
  await using chromium = await openBrowser()
  const page = await chromium.open(
    `${house.url}/reports?by=orders`,
    await house.as(['reports.read', 'orders.read']),
  )
  await appears(page.locator('.report-canvas canvas'))
  await appears(page.getByText('口径'))
  await appears(page.getByText('按付款时间计，北京时间', { exact: false }))
  await appears(page.getByText('算到', { exact: false }))
  // The present day is not over: its heading is as grey as its cells.
  const inkOf = (place: 'first' | 'last', selector: string) =>
    page
      .locator(selector)
      [place]()
      .evaluate((element) => getComputedStyle(element).color)
  const grey = await inkOf('last', '.report-pivot tbody tr:first-child td.unfinished')
  assert.equal(await inkOf('last', '.report-pivot thead th.unfinished'), grey)
  assert.notEqual(await inkOf('first', '.report-pivot thead th.right:not(.unfinished)'), grey)
  const total = page.locator('.report-pivot tfoot td button').last()
  assert.equal(await total.textContent(), '20')

  await page.keyboard.press('ArrowRight')
  for (let step = 0; step < 7; step += 1) await page.keyboard.press('ArrowRight')
  assert.equal(await page.locator('.report-pivot td.at').textContent(), '20')
  await page.keyboard.press('ArrowLeft')
  const cell = await page.locator('.report-pivot td.at').textContent()
  await page.keyboard.press('Enter')
  await appears(page.getByText(`已载入 ${cell}`))
  assert.equal(await page.locator('.report-rows tbody tr').count(), Number(cell))
  await page.locator('[data-action="open-list"]').click()
  await page.waitForURL(/\/orders\?/)
  await page.locator('.data-list[aria-busy="false"]').waitFor()
  assert.equal(await page.getByRole('grid').locator('.list-row').count(), Number(cell))
  await page.goBack()
  await appears(page.locator('.report-pivot'))

  await page.keyboard.press('3')
  await appears(page.getByRole('tab', { name: '地区', selected: true }))
  await appears(page.getByRole('rowheader', { name: '浙江' }))

  // What she looks at gets a name, and is there again under it.
  await page.getByRole('button', { name: '存为视图' }).click()
  await page.getByRole('textbox', { name: '视图名称' }).fill('各地单数')
  await page.keyboard.press('Enter')
  await appears(page.getByRole('button', { name: '视图：各地单数' }))
  await page.getByRole('button', { name: '视图：各地单数' }).click()
  await page.getByRole('menuitemradio', { name: '上周店铺' }).click()
  await page.waitForURL(/report=sales.*days=week|days=week.*report=sales/)
  await page.getByRole('button', { name: '视图：上周店铺' }).click()
  await page.getByRole('menuitemradio', { name: '各地单数' }).click()
  await appears(page.getByRole('tab', { name: '地区', selected: true }))
  const views = await sql<{ list: string; query: string }>`select list, query from saved_view`.execute(
    house.db,
  )
  assert.deepEqual(views.rows, [{ list: 'reports', query: 'report=regions' }])

  await appears(page.locator('.report-canvas canvas'))
  const choose = async (theme: string) => {
    await page.locator('.top-item[aria-haspopup="menu"]').last().click()
    await page.getByRole('menuitemradio', { name: theme }).click()
    await page.keyboard.press('Escape')
  }
  const colour = () =>
    page
      .locator('.report-legend i')
      .first()
      .evaluate((mark) => getComputedStyle(mark).backgroundColor)
  assert.equal(await colour(), 'rgb(52, 80, 196)')
  const light = await page.locator('.report-canvas').screenshot()
  await choose('深色')
  assert.equal(await colour(), 'rgb(132, 150, 240)')
  assert.notDeepEqual(await page.locator('.report-canvas').screenshot(), light)
  await choose('浅色')
  assert.equal(await colour(), 'rgb(52, 80, 196)')
  assert.deepEqual(chromium.faults, [])
})

test('a person chooses the days, finds them in the address, and takes out the sheet of just these', async () => {
  await using house = await testApp()
  const shopId = await aShop(house.db)
  const pool = { db: house.db, ring: house.ring, shopId, [Symbol.asyncDispose]: async () => {} }
  await someDocuments(pool, dice(3), shopId, 20)
  await computeAll(house.db)
  await using chromium = await openBrowser()
  const asker = await house.as(['reports.read', 'orders.read', 'export'])
  const page = await chromium.open(
    `${house.url}/reports?report=sales&from=${first}&to=${last}&by=orders&open=total`,
    asker,
  )
  // The address of a figure elsewhere opens its documents.
  await appears(page.getByText('已载入 20'))
  assert.equal(await page.locator('.report-pivot thead th').count(), 1 + 7 + 2)
  const day = (name: '从' | '到') => page.getByRole('textbox', { name, exact: true })
  const type = async (text: string) => {
    await day('到').fill(text)
    await day('到').press('Enter')
  }
  // Half a date moves nothing.
  await day('到').fill('2026-11-2')
  assert.match(page.url(), new RegExp(`to=${last}`))
  await type('11月20日')
  await page.waitForURL(/to=2026-11-20/)
  assert.equal(await day('到').inputValue(), '2026-11-20')
  await page.waitForFunction(() => document.querySelectorAll('.report-pivot thead th').length === 6)
  const total = await page.locator('.report-pivot tfoot td button').last().textContent()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: '导出' }).click(),
  ])
  const lines = readSheet(await readFile(await download.path()))
  assert.deepEqual(lines[0]?.slice(1), ['11-18', '11-19', '11-20', '合计'])
  assert.equal(lines.find(([name]) => name === '合计')?.at(-1), total)
  // A last day before the first one is the only day.
  await type('2026-11-01')
  await page.waitForURL(/from=2026-11-01&to=2026-11-01/)
  // The calendar is in the language of the page, whatever the browser's is, and needs no mouse.
  await day('从').press('ArrowDown')
  const calendar = page.getByRole('dialog', { name: '日历' })
  await appears(calendar.getByRole('heading', { name: '2026年11月' }))
  for (const key of ['ArrowRight', 'Enter', 'ArrowDown', 'Enter']) await page.keyboard.press(key)
  await page.waitForURL(/from=2026-11-02&to=2026-11-10/)
  await goes(calendar)
  // The focus goes back to what opened the calendar.
  const hasFocus = (of: Locator) => of.evaluate((element) => element === document.activeElement)
  assert.equal(await hasFocus(day('从')), true)
  const button = page.getByRole('button', { name: '日历' })
  await button.click()
  await appears(calendar)
  await page.keyboard.press('Escape')
  await goes(calendar)
  assert.equal(await hasFocus(button), true)
  await day('到').press('ArrowDown')
  await appears(calendar)
  await page.keyboard.press('Escape')
  await goes(calendar)
  assert.equal(await hasFocus(day('到')), true)
  assert.match(page.url(), /from=2026-11-02&to=2026-11-10/)
  await page.getByLabel('时间').selectOption('30')
  await page.waitForURL((url) => !url.search.includes('from='))
  assert.deepEqual(chromium.faults, [])
})

test('a person without an account on this browser ends a subscription by the link of its mail and one press', async () => {
  await using house = await testApp()
  const word = 'a-word-of-the-link-in-a-mail'
  await house.as(['reports.read'])
  await sql`
    with made as (
      insert into report_subscription (user_id, report, row_kind, measure, every, hour, language)
      select min(id), 'sales', 'shop', 'paid', 'month', 8, 'zh' from app_user returning id
    )
    insert into report_mail (subscription_id, period, state, stop_hash)
    select id, current_date, 'sent', ${secretHash(word)} from made`.execute(house.db)
  const isOn = async () =>
    (await sql<{ is: boolean }>`select enabled as is from report_subscription`.execute(house.db)).rows[0]?.is
  await using chromium = await openBrowser()
  const page = await chromium.open(`${house.url}/api/report-subscriptions/stop?word=${word}`)
  await appears(page.getByText('不再收《店铺日报》的邮件？'))
  assert.equal(await isOn(), true)
  await page.getByRole('button', { name: '退订' }).click()
  await appears(page.getByText('已退订'))
  assert.equal(await isOn(), false)
  assert.deepEqual(chromium.faults, [])
})

test('a person subscribes to a report and to a figure beyond a bound by the keyboard, and both reach the robot of the group chat', async () => {
  await using house = await noticeApp()
  await using robot = await receiver()
  const shopId = await aShop(house.db)
  await sql`update shop set name = '山隅家居' where id = ${shopId}::bigint`.execute(house.db)
  const pool = { db: house.db, ring: house.ring, shopId, [Symbol.asyncDispose]: async () => {} }
  const now = new Date()
  const trades = Array.from({ length: 20 }, () => aTrade({ paidAt: now, paymentFen: 10_000 }))
  await stage(pool, ...trades)
  const [refunded] = trades
  if (refunded)
    await stageRefunds(pool, aRefund(refunded, { status: 'succeeded', modifiedAt: now, amountFen: 19_600 }))
  await computeAll(house.db)
  const credentials = { address: `${robot.url}/send?key=k1` }
  await channel(house, { kind: 'wecom', name: '客服主管', credentials })
  await using chromium = await openBrowser()
  const page = await chromium.open(`${house.url}/reports`, await house.as(['reports.read']))
  await appears(page.locator('.report-pivot'))
  const opened = async () => {
    const dialog = page.getByRole('dialog', { name: '新建订阅' })
    await appears(dialog)
    return dialog
  }
  await page.keyboard.press('s')
  await appears(page.getByText('还没有订阅'))
  await page.keyboard.press('Enter')
  let dialog = await opened()
  await dialog.getByLabel('发到').selectOption({ label: '企业微信：客服主管' })
  await page.keyboard.press('Control+Enter')
  await goes(dialog)
  await appears(page.getByRole('switch', { name: '每天 08:00 开关', checked: true }))

  await page.getByRole('button', { name: '新建订阅' }).press('Enter')
  dialog = await opened()
  await dialog.getByLabel('什么时候发').selectOption('bound')
  await dialog.getByLabel('发到').selectOption({ label: '企业微信：客服主管' })
  await dialog.getByLabel('界限').fill('八')
  await page.keyboard.press('Enter')
  await appears(page.getByText('界限填一个数'))
  await dialog.getByLabel('界限').fill('8')
  await page.keyboard.press('Enter')
  await goes(dialog)
  const entry = page.getByRole('listitem').filter({ hasText: '退款率 > 8% 时' })
  await appears(entry.getByRole('switch', { checked: true }))
  assert.match((await entry.textContent()) ?? '', /任一店铺，按小时看，付款交易满 20企业微信：客服主管/)
  const kept = await sql`select figure, bound, least_count from report_threshold`.execute(house.db)
  assert.deepEqual(kept.rows, [{ figure: 'refundRate', bound: 8, least_count: 20 }])

  await sql`update report_subscription set created_at = now() - interval '40 days', hour = 0`.execute(
    house.db,
  )
  robot.answers.push({ status: 200, text: '{"errcode":0}' }, { status: 500, text: '' })
  await sendDueMails(partsOf(house))
  await lookAtThresholds(partsOf(house))
  await sendDueNotices(partsOf(house))
  const texts = robot.bodies().map(({ text }) => text.content)
  assert.match(texts[0], /^店铺日报 · 销售额 ¥ /)
  assert.match(texts[1], /^【三易告警】退款率 > 8%\n.+\n山隅家居：9\.8%（付款交易 20）\n\nhttps/)
  await page.keyboard.press('s')
  await page.keyboard.press('s')
  await page.reload()
  await appears(page.locator('.report-pivot'))
  await page.keyboard.press('s')
  // The failure is red, and goes again by its button.
  const failed = entry.locator('.note.bad')
  assert.match((await failed.textContent()) ?? '', /没发出，1 家：接收方答 HTTP 500。\d\d:\d\d 自动再发/)
  await failed.getByRole('button', { name: '重发' }).press('Enter')
  await goes(failed)
  await sendDueNotices(partsOf(house))
  assert.equal(robot.bodies()[2].text.content, texts[1])
  await entry.getByRole('switch').press('Space')
  await appears(entry.getByRole('switch', { checked: false }))
  const off = await sql`select enabled from report_threshold`.execute(house.db)
  assert.deepEqual(off.rows, [{ enabled: false }])
  assert.deepEqual(chromium.faults, [])
})
