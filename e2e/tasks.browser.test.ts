import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { until } from '../server/testing/until.ts'
import { appears, goes, listIsReady, openBrowser, pictureFailures, rowsOf } from './browser.ts'
import { asked, openHouse, tasksOf } from './house.ts'

const house = await openHouse({ trades: { 'shanyu-tmall': 0, 'shanyu-taobao': 0 }, apart: true })
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})
const now = Math.floor(Date.now() / 1000)
await house.control('trades', { shop: 'shanyu-tmall', count: 6, created: now - 7200, spreadSeconds: 3600 })

const page = await chromium.open(`${house.url}/tasks?as=tasks`, house.admin)
pictureFailures(() => page)
const tmallRow = () => page.getByRole('row', { name: /山隅家居旗舰店/ })

test('a task gets another interval, effective at once', async () => {
  await tmallRow().getByRole('button', { name: '修改…' }).click()
  const dialog = page.getByRole('dialog', { name: '交易下载 · 山隅家居旗舰店' })
  await dialog.getByLabel('秒').fill('0')
  await dialog.getByRole('button', { name: '保存' }).click()
  await appears(dialog.locator('.note.bad'))
  await dialog.getByLabel('秒').fill('300')
  await dialog.getByRole('button', { name: '保存' }).click()
  await goes(dialog)
  await appears(tmallRow().getByText(/每 5 分/))
  const task = (await tasksOf(house.admin, 'trade_list')).find(
    ({ shopId }) => shopId === house.shops['shanyu-tmall'],
  )
  assert.deepEqual(task && 'schedule' in task && task.schedule, { everySeconds: 300 })
})

test('a task runs now with the window that a person gives, and its record says what it did', async () => {
  await page.getByRole('button', { name: '运行', exact: true }).click()
  await page.keyboard.press('r')
  const dialog = page.getByRole('dialog', { name: '立即运行' })
  await dialog.getByLabel('任务').selectOption({ label: '交易下载 · 山隅家居旗舰店' })
  const beijing = (seconds: number) =>
    new Date((seconds + 8 * 3600) * 1000).toISOString().slice(0, 16).replace('T', ' ')
  await dialog.getByLabel('从', { exact: true }).fill(beijing(now - 4 * 3600))
  await page.keyboard.press('Enter')
  await dialog.getByLabel('到', { exact: true }).fill(beijing(now))
  await dialog.getByRole('button', { name: '立即运行' }).click()
  await goes(dialog)
  await listIsReady(page)
  const row = rowsOf(page).filter({ hasText: '山隅家居旗舰店' })
  await appears(row.getByText('完成'), 20_000)
  await row.first().click()
  await appears(page.getByText(/林晓 手工运行/))
  const { rows } = await asked<{ rows: { seen: number; created: number; askedFrom: string }[] }>(
    house.admin,
    'GET',
    '/api/task-runs?kind=trade_list&limit=5',
  )
  assert.deepEqual(
    rows.map(({ seen, created, askedFrom }) => [seen, created, Date.parse(askedFrom)]),
    [[6, 6, Math.floor((now - 4 * 3600) / 60) * 60_000]],
  )
})

test('an authorisation that ends raises an alarm, and the alarm leads to the way out', async () => {
  await house.control('expire-session', { shop: 'shanyu-tmall' })
  // The refresh token has expired too, so only the seller can authorise again.
  house.sandbox.world.refreshTokens.clear()
  await assert.rejects(house.run('trade_list', { shop: 'shanyu-tmall' }))
  await page.goto(house.url)
  const alarm = page.getByRole('region', { name: '告警' }).getByRole('listitem').first()
  // The page reads alarms every ten seconds, and the server caches them for some.
  await appears(alarm.getByText(/山隅家居旗舰店/), 30_000)
  await appears(page.getByRole('status', { name: '告警 1' }))
  await alarm.getByRole('button').click()
  await appears(page.getByText('授权失效').first())
  const [consent] = await Promise.all([
    page.context().waitForEvent('page'),
    page.getByRole('button', { name: '重新授权' }).click(),
  ])
  await consent.getByRole('button', { name: '授权并登录' }).click()
  await consent.waitForURL(`${house.url}/**`)
  await consent.close()
  await appears(
    page.getByRole('region', { name: '授权', exact: true }).getByText(/^授权至 \d{4}-\d{2}-\d{2}$/),
  )
  await house.run('trade_list', { shop: 'shanyu-tmall' })
})

test('the failed run keeps its three answers', async () => {
  await page.goto(`${house.url}/tasks`)
  const note = page.getByRole('note')
  await appears(note.getByText('会丢吗'))
  await appears(note.getByRole('button', { name: '去授权' }))
  await until(async () => (await rowsOf(page).count()) === 3)
})

test('once authorised, the alarm is over', async () => {
  await page.goto(house.url)
  await appears(page.getByText('没有要处理的。', { exact: false }), 30_000)
})

test('no page broke on the way', () => {
  assert.deepEqual(chromium.faults, [])
})
