import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import type { Page } from 'playwright-core'
import { menu } from '../web/src/frame/menu.ts'
import { appears, listIsReady, openBrowser, pictureFailures, visit } from './browser.ts'
import { asked, openHouse } from './house.ts'
import { everyPage, someOf } from './presses/some-of.ts'

const house = await openHouse({ trades: { 'shanyu-tmall': 12, 'shanyu-pdd': 6 } })
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})

await house.control('hostile', { shop: 'shanyu-tmall' })
await house.download()
type Rows = { rows: { id: string; shopId: string; tid: string }[] }
const staged = await asked<Rows>(house.admin, 'GET', '/api/staged-trades?limit=50&reason=none')
await asked(house.admin, 'POST', '/api/staged-trades/convert', { ids: staged.rows.map((row) => row.id) })
// Later changes on the platform, and rows that keep waiting or failing.
for (const { tid } of staged.rows.slice(0, 3))
  await house.control(`trades/${tid}/memo`, { memo: '换色', flag: 4 })
await house.run('trade_list')
await house.run('trade_detail')
await house.control('trades', { shop: 'shanyu-tmall', count: 4, status: 'WAIT_SELLER_SEND_GOODS' })
await house.run('trade_list')
const shopId = house.shops['shanyu-tmall'] ?? ''
await sql`
  insert into platform_action (shop_id, kind, subject_type, subject_id, idempotency_key, payload, state, error_code, error, created_by)
  select ${shopId}::bigint, 'trade.ship', 'delivery', '1', code, '{}', 'failed', code, code, '{"kind": "system", "id": "", "name": ""}'
  from unnest('{isv.some_error,not_understood,error 53100,TypeError}'::text[]) code`.execute(house.db)
await sql`update task set failures = 4 where kind = 'refund_list'`.execute(house.db)
await sql`
  insert into task_run (task_id, kind, shop_id, trigger, state, requested_at, started_at, ended_at, error_code, error, skipped)
  select id, kind, shop_id, 'schedule', 'failed', now(), now(), now(), 'internal', 'error 53100', '{"refund_open": 2, "some_new_reason": 1}'
  from task where kind = 'refund_list'`.execute(house.db)
await asked(house.admin, 'PATCH', `/api/shops/${shopId}`, {
  goLiveAt: '2026-01-01T00:00:00Z',
  settings: { convertUnpaid: false },
})

const page = await chromium.open(house.url, house.admin)
pictureFailures(() => page)

const codes = [/\b[A-Z]+(?:_[A-Z]+)+\b/g, /\b[a-z]+_[a-z_]+\b/g, /\b[a-z]+[A-Z]\w+\b/g]
/** Names of makers and machines that look like codes. */
const names = new Set(['iPhone', 'iPad', 'macOS', 'pH', 'kWh'])

/** Returns codes and field names in the page's text, except in texts that the page shows unchanged. */
async function codesOn(page: Page): Promise<string[]> {
  const text = await page.evaluate(() => {
    const copy = document.body.cloneNode(true)
    if (!(copy instanceof HTMLElement)) return ''
    for (const raw of copy.querySelectorAll('pre, script, style, [translate="no"], .uid')) raw.remove()
    const titles = Array.from(copy.querySelectorAll('[title]'), (one) => one.getAttribute('title') ?? '')
    return [copy.textContent ?? '', ...titles].join(' \n ')
  })
  return [...new Set(codes.flatMap((shape) => text.match(shape) ?? []))].filter((each) => !names.has(each))
}

test('the eyes of this test see codes, and leave numbers and what came as it came alone', async () => {
  await page.evaluate(() => {
    document.body.append(
      'WAIT_SELLER_SEND_GOODS：refund_open，goLiveAt SO2611270000001 CL-QZ-0201 2948105733000000777',
    )
    document.body.insertAdjacentHTML('beforeend', '<pre>seller_memo</pre>')
  })
  assert.deepEqual(await codesOn(page), ['WAIT_SELLER_SEND_GOODS', 'refund_open', 'goLiveAt'])
})

test('no code of a platform or of ours, and no name of a field, stands on any page or in its first document', async () => {
  const found: Record<string, string[]> = {}
  // Every page of the menu.
  const pages = menu.flatMap(({ to, pages }) => [
    ...(to ? [to] : []),
    ...(pages ?? []).map((each) => each.to),
  ])
  assert.ok(pages.length > 30, `${pages.length} pages`)
  // Without what the test before has written on the page.
  await page.goto(`${house.url}/account`)
  const opened: string[] = []
  const closed: string[] = []
  const walked = someOf(
    [...pages, '/tasks?as=runs&kind=refund_list', '/platform-actions?stock=only', `/shops/${shopId}`],
    3,
    2,
  )
  for (const place of walked) {
    await visit(page, house.url + place)
    await page.waitForFunction(() => !document.querySelector('main [aria-busy="true"]'))
    const seen = await codesOn(page)
    const row = page.getByRole('grid').locator('.list-row').first()
    if ((await row.count()) > 0) {
      await page.keyboard.press('j')
      await page.keyboard.press('Enter')
      const opens = page.locator('[role="dialog"], .decision').first().waitFor({ timeout: 2000 })
      await opens.then(
        () => opened.push(place),
        () => closed.push(place),
      )
      await page.waitForFunction(() => !document.querySelector('[role="dialog"] [aria-busy="true"]'))
      seen.push(...(await codesOn(page)))
    }
    if (seen.length > 0) found[place] = [...new Set(seen)]
  }
  assert.deepEqual(found, {})
  const among = (places: readonly string[]) => places.filter((place) => walked.includes(place))
  assert.deepEqual(
    opened,
    among([
      '/staged-trades',
      '/trade-history',
      '/parked-items',
      '/platform-actions',
      '/orders',
      '/aftersale',
      '/listings',
      '/users',
      '/audit',
    ]),
  )
  assert.ok(opened.length >= (everyPage ? 9 : 3), opened.join())
  // Their rows open no document.
  assert.deepEqual(closed, among(['/download-queue', '/tasks', '/tasks?as=runs&kind=refund_list']))
})

test('what could not be read, what was told a platform, and what was noted open with Enter', async () => {
  for (const [place, name] of [
    ['/parked-items', '异常数据'],
    ['/platform-actions', '发货'],
    ['/audit', '审计记录'],
  ] as const) {
    await page.goto(house.url + place)
    await page.locator('.data-list[aria-busy="false"]').waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await appears(page.getByRole('dialog', { name: new RegExp(name) }))
    await page.keyboard.press('Escape')
  }
})

test('with shops on two platforms, a tab and a place in the menu show one of them, from page to page', async () => {
  const shopOf = async (platform: string) =>
    (await asked<Rows>(house.admin, 'GET', `/api/staged-trades?tab=history&platform=${platform}`)).rows
  const [onTaobao, onPinduoduo] = [await shopOf('taobao'), await shopOf('pinduoduo')]
  assert.deepEqual([...new Set(onPinduoduo.map(({ shopId }) => shopId))], [house.shops['shanyu-pdd']])
  assert.ok(onTaobao.length > 0 && onTaobao.every((row) => row.shopId === shopId))
  const shown = async (rows: Rows['rows']) => {
    await listIsReady(page)
    assert.equal(await page.locator('.list-row').count(), rows.length)
    for (const { tid } of rows) await appears(page.getByTitle(tid, { exact: true }).first())
  }
  await visit(page, `${house.url}/trade-history`)
  await shown([...onTaobao, ...onPinduoduo])
  await page.getByRole('tab', { name: '拼多多' }).click()
  await shown(onPinduoduo)
  assert.equal(new URL(page.url()).search, '?platform=pinduoduo')
  const places = page.getByRole('list', { name: '按平台' })
  assert.equal(await places.getByRole('link', { name: '拼多多' }).getAttribute('aria-current'), 'page')
  await places.getByRole('link', { name: '淘宝/天猫' }).click()
  await shown(onTaobao)
  assert.equal(new URL(page.url()).pathname, '/trade-history')
  await page.getByRole('tab', { name: '全部平台' }).click()
  await shown([...onTaobao, ...onPinduoduo])
  await visit(page, `${house.url}/orders`)
  assert.equal(await page.getByRole('tab', { name: '拼多多' }).count(), 0)
  await places.getByRole('link', { name: '拼多多' }).click()
  await appears(page.getByRole('heading', { name: '待转入订单' }))
  assert.equal(await page.getByRole('tab', { name: '拼多多' }).getAttribute('aria-selected'), 'true')
})

test('a platform on which the user has no shop has a tab while it is the filter, and no name in the menu is cut', async () => {
  await visit(page, `${house.url}/staged-trades?platform=kuaishou`)
  const other = page.getByRole('tab', { name: '其他平台' })
  assert.equal(await other.getAttribute('aria-selected'), 'true')
  await page.getByRole('tab', { name: '全部平台' }).click()
  await other.waitFor({ state: 'detached' })
  const english = await chromium.open(house.url, house.admin, { language: 'en', width: 1440 })
  await visit(english, `${house.url}/staged-trades`)
  const names = english.getByRole('list', { name: 'By platform' }).locator('.cut')
  const cut = await names.evaluateAll((all) =>
    all.filter((one) => one.scrollWidth > one.clientWidth || one.getBoundingClientRect().right > 200),
  )
  assert.deepEqual([await names.count(), cut.length], [2, 0])
})

test('no page broke on the way', () => {
  assert.deepEqual(chromium.faults, [])
})
