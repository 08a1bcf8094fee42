import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { holdReasons } from '../server/orders/order/lifecycle.ts'
import { until } from '../server/testing/until.ts'
import { appears, goes, listIsReady, openBrowser, pictureFailures, rowsOf } from './browser.ts'
import { asked, openHouse } from './house.ts'

const house = await openHouse({ trades: { 'shanyu-tmall': 0 } })
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})

const now = Math.floor(Date.now() / 1000)
await house.control('trades', {
  shop: 'shanyu-tmall',
  count: 4,
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
type Rows = { rows: { id: string; tid: string; no: string }[] }
const staged = await asked<Rows>(house.admin, 'GET', '/api/staged-trades?limit=50')
await asked(house.admin, 'POST', '/api/staged-trades/convert', { ids: staged.rows.map((row) => row.id) })

const page = await chromium.open(`${house.url}/orders`, house.admin)
pictureFailures(() => page)
const drawer = page.getByRole('dialog', { name: /^销售订单/ })
const heading = () => drawer.getByRole('heading', { level: 2 }).textContent()
const dialog = (name: string) => page.getByRole('dialog', { name, exact: true })
const keys = page.getByRole('region', { name: '快捷键' })

test('J and K step through the orders while the list stays beside them', async () => {
  await listIsReady(page)
  await appears(rowsOf(page))
  assert.equal(await rowsOf(page).count(), 4)
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await appears(drawer.getByText('1 / 4'))
  const first = await heading()
  await page.keyboard.press('j')
  await appears(drawer.getByText('2 / 4'))
  await until(async () => (await heading()) !== first)
  assert.match(new URL(page.url()).search, /open=\d+/)
  await page.keyboard.press('k')
  await until(async () => (await heading()) === first)
})

test('an order is held for a reason, and released', async () => {
  await page.keyboard.press('h')
  await dialog('挂起 1 单').getByLabel('说明，可不填').fill('等买家回电')
  await dialog('挂起 1 单').getByRole('button', { name: '挂起 1 单' }).click()
  await appears(drawer.getByText('等买家回电'))
  await appears(drawer.getByRole('button', { name: '解除挂起' }))
  await page.keyboard.press('u')
  await appears(drawer.getByRole('button', { name: '挂起', exact: true }))
})

test('an order that was voided by mistake is restored', async () => {
  await page.keyboard.press('v')
  const act = dialog('作废 1 单').getByRole('button', { name: '作废 1 单' })
  assert.equal(await act.getAttribute('aria-disabled'), 'true', 'not without a reason')
  await dialog('作废 1 单').getByLabel('原因').fill('买家重拍了')
  await act.click()
  await appears(drawer.getByText('已作废').first())
  await appears(drawer.getByText('买家重拍了').first())
  await page.keyboard.press('b')
  await dialog('恢复 1 条').getByRole('button', { name: '恢复 1 条' }).click()
  await appears(drawer.getByRole('button', { name: '作废' }))
})

test('a memo goes back to the shop, once', async () => {
  await page.keyboard.press('m')
  const memo = page.getByRole('dialog', { name: /^写备注/ })
  await memo.getByLabel('旗标').selectOption('3')
  await memo.getByRole('textbox', { name: '备注' }).fill('包装加固')
  await memo.getByRole('button', { name: '写回平台' }).click()
  await goes(memo)
  const done = async () => JSON.stringify(await house.control('done?shop=shanyu-tmall&action=memo'))
  await until(async () => (await done()).includes('包装加固'))
  assert.match(await done(), /"counts":\{"shanyu-tmall memo \d+":1\}/)
  await appears(drawer.getByText('包装加固').first())
})

test('an open order is renewed, and what somebody else changed meanwhile is never overwritten', async () => {
  const id = new URL(page.url()).searchParams.get('open') ?? ''
  await page.keyboard.press('a')
  const edit = page.getByRole('dialog', { name: /^修改 SO/ })
  await edit.getByLabel('内部备注，不回写平台').fill('我的备注')
  await asked(house.admin, 'POST', '/api/orders/edit', { edits: [{ id, ownNote: '别人先写的备注' }] })
  await appears(drawer.getByText('别人先写的备注'), 15_000)
  await edit.getByRole('button', { name: '保存' }).click()
  await appears(edit.getByText(/刚刚动过/))
  const { ownNote } = await asked<{ ownNote: string }>(house.admin, 'GET', `/api/orders/${id}`)
  assert.equal(ownNote, '别人先写的备注')
  await page.keyboard.press('Escape')
})

test('who looks at a buyer in clear leaves a row in the audit', async () => {
  await drawer.getByRole('button', { name: '显示' }).click()
  await goes(drawer.getByRole('button', { name: '显示' }))
  const { rows } = await asked<{ rows: { action: string }[] }>(house.admin, 'GET', '/api/audit?limit=50')
  assert.equal(rows.filter((row) => row.action === 'order.reveal').length, 1)
})

test('an extra refund waits for finance, and its sum never exceeds what was paid', async () => {
  const extra = page.getByRole('dialog', { name: /^额外退款/ })
  await page.keyboard.press('e')
  await appears(extra.getByText('最多 100.00'))
  await extra.getByLabel('金额 ¥').fill('30')
  await extra.getByLabel('原因').fill('少发一件配件')
  await extra.getByRole('button', { name: '登记 ¥30.00' }).click()
  await goes(extra)
  await appears(drawer.getByText('30.00').first())
  await page.keyboard.press('e')
  await appears(extra.getByText('最多 70.00'))
  await extra.getByLabel('金额 ¥').fill('80')
  await appears(extra.getByText('要大于 0，最多 70.00'))
  assert.equal(
    await extra.getByRole('button', { name: /^登记/ }).getAttribute('aria-disabled'),
    'true',
    'more than what is left',
  )
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  await page.goto(`${house.url}/extra-refunds`)
  await listIsReady(page)
  await page.keyboard.press('j')
  await page.keyboard.press('a')
  await dialog('审核通过 1 条').getByRole('button', { name: '审核通过 1 条' }).click()
  await appears(page.locator('.toast', { hasText: '审核 1 笔' }))
  await page.getByRole('tab', { name: '已审核' }).click()
  await appears(rowsOf(page).getByText('少发一件配件'))
})

test('⌘A takes every row, and the palette does to them what the page can do', async () => {
  await page.goto(`${house.url}/orders?tab=unconfirmed`)
  await listIsReady(page)
  await page.keyboard.press('Control+a')
  await appears(page.getByText('已选 4 条'))
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').fill('计划发货')
  await page.keyboard.press('Enter')
  await appears(page.getByRole('dialog', { name: /4 单/ }))
  await page.keyboard.press('Escape')
})

test('N makes a new order also while orders are selected, and A asks for their door and insurance', async () => {
  await page.goto(`${house.url}/orders?tab=unconfirmed`)
  await listIsReady(page)
  await page.keyboard.press('Control+a')
  await appears(page.getByText('已选 4 条'))
  await page.keyboard.press('?')
  await appears(keys.getByText('上门、保价', { exact: true }))
  const lines = (await keys.locator('.row').allInnerTexts()).map((text) => text.replace(/\s+/g, ' '))
  assert.deepEqual(
    lines.filter((line) => /^[NA] /.test(line)),
    ['A 上门、保价', 'N 手工建单'],
  )
  await page.keyboard.press('Escape')
  await page.keyboard.press('n')
  await appears(dialog('手工建单'))
  await page.keyboard.press('Escape')
  await page.keyboard.press('a')
  await appears(page.getByRole('dialog', { name: '改 4 单的上门、保价' }))
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
})

test('beside an open order a letter means that order, never what is selected behind it', async () => {
  const sent: string[] = []
  page.on('request', (request) => request.method() === 'POST' && sent.push(request.url()))
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await appears(drawer.getByRole('button', { name: '挂起', exact: true }))
  await page.keyboard.press('y')
  await page.keyboard.press('?')
  const sheet = keys
  await appears(sheet.getByText('部分退款'))
  assert.equal(await sheet.getByText('加急').count(), 0)
  assert.equal(await page.locator('.dialog').count(), 0, 'Y asked nothing about the selection')
  assert.deepEqual(sent, [])
  await page.keyboard.press('Escape')
})

test('what finds no room at the foot is behind 更多, and works from there', async () => {
  await page.setViewportSize({ width: 1280, height: 800 })
  await drawer.getByRole('button', { name: '更多' }).click()
  await page.getByRole('menuitem', { name: '补发、复制' }).click()
  await appears(page.getByRole('dialog', { name: /^再发一次/ }))
  await page.keyboard.press('Escape')
  await page.setViewportSize({ width: 1440, height: 900 })
})

test('after an order has left the list, J goes on where it stood', async () => {
  await page.goto(`${house.url}/orders?tab=unconfirmed`)
  await listIsReady(page)
  const numbers = (await rowsOf(page).allInnerTexts()).map((text) => text.match(/SO\d+/)?.[0])
  assert.equal(numbers.length, 4)
  for (const key of ['j', 'j', 'Enter']) await page.keyboard.press(key)
  await appears(drawer.getByRole('button', { name: '作废' }))
  await page.keyboard.press('v')
  await dialog('作废 1 单').getByLabel('原因').fill('拍错了')
  await page.keyboard.press('Enter')
  assert.equal(await dialog('作废 1 单').count(), 1, 'what destroys asks for ⌘ Enter')
  await page.keyboard.press('Control+Enter')
  await until(async () => (await rowsOf(page).count()) === 3)
  await page.keyboard.press('j')
  await until(async () => (await heading()) === numbers[2])
})

test('in English too, why an order is held is read whole in the list', async () => {
  const english = await chromium.open(`${house.url}/account`, house.admin, { language: 'en', width: 1366 })
  const reasons = Object.keys(holdReasons).filter((reason) => reason !== 'unmatched')
  await english.route(/\/api\/orders\?/, async (route) => {
    const answer = await (await route.fetch()).json()
    const rows = reasons.map((reason, at) => ({ ...answer.rows[0], id: `9${at}`, holdReasons: [reason] }))
    await route.fulfill({ json: { ...answer, rows } })
  })
  await english.goto(`${house.url}/orders?tab=all`)
  const held = english.locator('.list-row .cut:has(> [title^="Held: "])')
  await appears(held)
  const read = await held.evaluateAll((cells) =>
    cells.map((cell) => [cell.textContent ?? '', cell.scrollWidth > cell.clientWidth] as const),
  )
  assert.equal(read.length, reasons.length)
  assert.deepEqual(
    read.filter(([, isCut]) => isCut),
    [],
  )
  await english.context().close()
})

test('no page broke on the way', () => {
  assert.deepEqual(chromium.faults, [])
})
