import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setupLink } from '../server/users/sign-in/setup.ts'
import { appears, goes, listIsReady, openBrowser, pictureFailures, rowsOf } from './browser.ts'
import { openHouse } from './house.ts'

const house = await openHouse({
  trades: { 'shanyu-tmall': 40 },
  spreadSeconds: 2 * 86_400,
  connected: false,
  apart: true,
})
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})
const link = (await setupLink(house.db, house.url)) ?? ''
const page = await chromium.open(link)
pictureFailures(() => page)

test('whoever holds the printed link becomes the administrator', async () => {
  await page.getByLabel('姓名').fill('周岚')
  await page.getByLabel('邮箱').fill('zhou@example.com')
  await page.getByRole('textbox', { name: '密码' }).fill('太短')
  await page.getByRole('button', { name: '开通管理员' }).click()
  await appears(page.locator('.wrong'))
  await page.getByRole('textbox', { name: '密码' }).fill('一碗热汤面加个荷包蛋 42')
  await page.getByRole('button', { name: '开通管理员' }).click()
  await appears(page.getByRole('heading', { name: '接入店铺' }))
})

test('the wizard connects a shop: keys, the platform’s own consent page, and whose shop it is', async () => {
  await page.getByLabel('平台').selectOption({ label: '天猫' })
  await page.getByLabel('店铺名称').fill('山隅家居旗舰店')
  await page.getByLabel('App Key').fill('23451001')
  await page.getByLabel('App Secret').fill('5f1c0d7a9e3b48d6a2c4e8f01b3d5a79')
  await appears(page.getByRole('status').filter({ hasText: `${house.url}/api/oauth/callback` }))
  await page.getByText('高级：地址与签名').click()
  await page.getByLabel('网关地址').fill(`${house.sandbox.url}/router/rest`)
  await page.getByLabel('授权地址').fill(`${house.sandbox.url}/authorize`)
  await page.getByLabel('令牌地址').fill(`${house.sandbox.url}/token`)
  await page.getByRole('button', { name: '保存，下一步授权' }).click()
  const [consent] = await Promise.all([
    page.context().waitForEvent('page'),
    page.getByRole('button', { name: '去平台授权' }).click(),
  ])
  await consent.getByRole('button', { name: '授权并登录' }).click()
  await consent.waitForURL(`${house.url}/**`)
  await consent.close()
  await appears(page.getByText(/^授权至 \d{4}-\d{2}-\d{2}$/))
  await page.getByRole('button', { name: '验证', exact: true }).click()
  await appears(page.getByText('验证通过：山隅家居旗舰店'))
})

test('the go-live time tells what would be convertible, before it is set', async () => {
  await page.getByRole('button', { name: '下一步' }).click()
  await appears(page.getByRole('heading', { name: '从什么时候起由三易接单？' }))
  await page.getByLabel('上线时间，北京时间').fill('明天')
  await appears(page.locator('.wrong'))
  const tenDaysAgo = new Date(Date.now() - 10 * 86_400_000 + 8 * 3_600_000).toISOString()
  await page.getByLabel('上线时间，北京时间').fill(tenDaysAgo.slice(0, 16).replace('T', ' '))
  await goes(page.locator('.wrong'))
  await page.getByRole('button', { name: '确定上线时间' }).click()
  await appears(page.getByRole('heading', { name: '正在下载' }))
})

test('the first download runs to its end, and the trades are there', async () => {
  const row = page.getByRole('row', { name: /山隅家居旗舰店/ })
  await appears(row.getByText('完整'), 30_000)
  await page.getByRole('button', { name: '进入总览' }).click()
  await appears(page.getByRole('heading', { name: '总览' }))
  await page.getByRole('link', { name: '待转入订单' }).click()
  await listIsReady(page)
  await appears(rowsOf(page), 30_000)
  await appears(page.getByRole('tab', { name: /^待转入\s*[1-9]/ }), 30_000)
})

test('the link works once', async () => {
  const second = await chromium.open(link)
  await second.getByLabel('姓名').fill('别人')
  await second.getByLabel('邮箱').fill('other@example.com')
  await second.getByRole('textbox', { name: '密码' }).fill('一碗热汤面加个荷包蛋 43')
  await second.getByRole('button', { name: '开通管理员' }).click()
  await appears(second.locator('.note.bad'))
  await second.context().close()
})

test('who signs out must sign in again, and comes back to the page that was asked for', async () => {
  await page.getByRole('button', { name: /周岚/ }).click()
  await page.getByRole('menuitem', { name: '退出登录' }).click()
  await page.waitForURL('**/sign-in')
  await page.goto(`${house.url}/orders`)
  await page.waitForURL('**/sign-in?next=%2Forders')
  await page.getByLabel('邮箱').fill('zhou@example.com')
  await page.getByRole('textbox', { name: '密码' }).fill('不是这个密码')
  await page.keyboard.press('Enter')
  await appears(page.locator('.wrong'))
  await page.getByRole('textbox', { name: '密码' }).fill('一碗热汤面加个荷包蛋 42')
  await page.keyboard.press('Enter')
  await appears(page.getByRole('heading', { name: '销售订单' }))
})

test('no page broke on the way', () => {
  assert.deepEqual(chromium.faults, [])
})
