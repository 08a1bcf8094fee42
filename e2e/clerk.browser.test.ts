import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { until } from '../server/testing/until.ts'
import { appears, goToList, listIsReady, openBrowser, pictureFailures, rowsOf } from './browser.ts'
import { asked, openHouse } from './house.ts'

// A usual day of a clerk: keys, toasts, refusals, dead ends.
const house = await openHouse({ trades: { 'shanyu-tmall': 0 } })
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})

const now = Math.floor(Date.now() / 1000)
await house.control('trades', {
  shop: 'shanyu-tmall',
  count: 5,
  status: 'WAIT_SELLER_SEND_GOODS',
  type: 'fixed',
  lines: 1,
  payment: 10_000,
  memo: '',
  flag: 0,
  created: now - 7200,
  spreadSeconds: 3600,
})
await house.download()
type Order = { id: string; no: string; status: string; holdReasons: string[]; courier: string }
const trades = await asked<{ rows: { id: string; tid: string }[] }>(
  house.admin,
  'GET',
  '/api/staged-trades?limit=50',
)
const orders = async (query = 'limit=50') =>
  (await asked<{ rows: Order[] }>(house.admin, 'GET', `/api/orders?${query}`)).rows

const page = await chromium.open(`${house.url}/staged-trades`, house.admin)
pictureFailures(() => page)
const dialog = (name: string | RegExp) => page.getByRole('dialog', { name, exact: true })
const toast = (text: string | RegExp) => page.locator('.toast', { hasText: text })
const goTo = (path: string) => goToList(page, house.url + path)

test('keys say Ctrl where there is no ⌘', async () => {
  await appears(page.locator('.top-search').getByText('Ctrl K'))
  await page.keyboard.press('?')
  await appears(page.getByRole('region', { name: '快捷键' }).getByText('Ctrl A'))
  await page.keyboard.press('Escape')
  assert.equal(await page.getByText('⌘').count(), 0)
})

test('the palette stays where it is while its results change, and shows numbers whole', async () => {
  await page.keyboard.press('Control+k')
  const palette = dialog('命令')
  const top = async () => (await palette.boundingBox())?.y
  const before = await top()
  const tid = trades.rows[0]?.tid ?? ''
  await page.keyboard.type(tid)
  await appears(palette.getByRole('option').getByText(tid, { exact: true }))
  assert.equal(await top(), before)
  const shown = palette.getByText(tid, { exact: true }).first()
  assert.ok(await shown.evaluate((box) => box.scrollWidth <= box.clientWidth || box.clientWidth === 0))
  await page.keyboard.press('Escape')
})

test('a toast stands at the bottom centre, links to what was made, and is above the bulk bar', async () => {
  const bar = page.getByRole('region', { name: '批量操作' })
  await page.keyboard.press('j')
  await page.keyboard.press('c')
  const said = toast('已转 1 条')
  await appears(said)
  const box = await said.boundingBox()
  assert.ok(box && Math.abs(box.x + box.width / 2 - 720) < 2, 'in the middle of 1440')
  const [order] = await orders()
  assert.equal(await said.getByRole('link').textContent(), order?.no)
  await said.getByRole('link').click()
  await page.waitForURL(/\/orders\?q=SO/)
  await listIsReady(page)
  await appears(rowsOf(page).getByText(order?.no ?? ''))
  await goTo('/staged-trades')
  await page.keyboard.press('j')
  await page.keyboard.press('c')
  await appears(toast('已转 1 条'))
  await page.keyboard.press('Control+a')
  await appears(bar)
  const over = await toast('已转 1 条').boundingBox()
  const barAt = await bar.boundingBox()
  assert.ok(over && barAt && over.y + over.height <= barAt.y, 'above the bulk bar')
  await page.keyboard.press('Escape')
})

test('a refusal names the hold, leads to its remedy, and offers no retry that cannot succeed', async () => {
  await asked(house.admin, 'POST', '/api/staged-trades/convert', { ids: trades.rows.map(({ id }) => id) })
  const held = (await orders()).filter(({ holdReasons }) => holdReasons.includes('unmatched'))
  assert.equal(held.length, 5, 'nothing is matched yet')
  await goTo('/orders?tab=unconfirmed')
  await appears(rowsOf(page).getByText('商品未匹配').first())
  assert.equal(await page.getByText('还不能').count(), 0)
  await page.keyboard.press('Control+a')
  await page.keyboard.press('c')
  const panel = dialog('5 条失败')
  const reason = panel.getByRole('list', { name: '按原因' }).getByRole('listitem')
  await appears(reason.filter({ hasText: '挂起：商品未匹配。匹配商品后自动解除' }))
  assert.equal(await reason.count(), 1)
  assert.equal(await panel.getByRole('button', { name: /重试/ }).count(), 0)
  await reason.getByRole('link', { name: '去匹配' }).click()
  await page.waitForURL(/\/listings$/)
})

test('what was just done is taken back from its toast', async () => {
  const skus = await asked<{ rows: { outerSkuId: string; outerItemId: string; title: string }[] }>(
    house.admin,
    'GET',
    '/api/listings?limit=100',
  )
  const codes = new Map(skus.rows.map((row) => [row.outerSkuId || row.outerItemId, row.title]))
  await asked(house.admin, 'POST', '/api/skus', {
    rows: [...codes].filter(([code]) => code !== '').map(([code, name]) => ({ code, name })),
  })
  await until(async () => (await orders('limit=50&held=false')).length > 0)
  const [order] = await orders('limit=50&held=false')
  await goTo(`/orders?tab=unconfirmed&ids=${order?.id}`)
  await page.keyboard.press('j')
  await page.keyboard.press('l')
  await appears(toast('1 单已锁定'))
  await toast('1 单已锁定').getByRole('button', { name: '撤销' }).click()
  await appears(toast('1 单已解锁'))
  const [after] = await asked<{ rows: { lockedName: string }[] }>(
    house.admin,
    'GET',
    `/api/orders?ids=${order?.id}`,
  ).then(({ rows }) => rows)
  assert.equal(after?.lockedName, '')
})

test('the overview stands where it stands while it loads', async () => {
  const fresh = await chromium.open(house.url, house.admin)
  await fresh.addInitScript(() => {
    const told = { shift: 0 }
    Object.assign(window, { told })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        if ('value' in entry && typeof entry.value === 'number') told.shift += entry.value
    }).observe({ type: 'layout-shift', buffered: true })
  })
  await fresh.goto(house.url)
  await appears(fresh.getByRole('heading', { name: '卡住的单' }).or(fresh.locator('.panel.stuck')))
  await fresh.waitForTimeout(1000)
  const shift = await fresh.evaluate(() => Object(window).told.shift)
  assert.ok(typeof shift === 'number' && shift < 0.1, `the layout shifts by ${shift}`)
  await fresh.context().close()
})

test('no page broke on the way', () => {
  assert.deepEqual(chromium.faults, [])
})
