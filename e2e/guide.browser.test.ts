import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { isPermission } from '../server/users/permissions.ts'
import { appears, goes, listIsReady, openBrowser, pictureFailures } from './browser.ts'
import { openHouse } from './house.ts'

const house = await openHouse({ trades: { 'shanyu-tmall': 8 }, spreadSeconds: 20_000 })
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})
await house.download()
const role = await sql<{ permissions: string[] }>`select permissions from role where name = '客服'`.execute(
  house.db,
)
const clerk = await house.as((role.rows[0]?.permissions ?? []).filter(isPermission))

const page = await chromium.open(`${house.url}/staged-trades`, clerk)
pictureFailures(() => page)
const help = page.getByRole('dialog', { name: '帮助' })
const heading = (name: string) => help.getByRole('heading', { name, exact: true })
const focused = () => page.evaluate(() => document.activeElement?.className ?? '')

test('? opens the section of the page at its right, and the list stays in use', async () => {
  await listIsReady(page)
  await page.keyboard.press('?')
  await appears(heading('待转入订单'))
  assert.equal((await help.boundingBox())?.width, 376)
  const list = await page.locator('#content').boundingBox()
  assert.equal((list?.x ?? 0) + (list?.width ?? 0), 1440 - 376, 'the page ends where the panel begins')
  assert.equal(await focused(), 'help')
  await page.keyboard.press('j')
  await appears(page.locator('.list-row.focused'))
  await page.keyboard.press('?')
  await goes(help)
})

test('on another page the section and the keys are those of that page', async () => {
  await page.goto(`${house.url}/orders?tab=all`)
  await listIsReady(page)
  await page.keyboard.press('?')
  await appears(heading('销售订单'))
  await appears(help.getByRole('region', { name: '快捷键' }).getByText('手工建单', { exact: true }))
  const menu = page.getByRole('navigation', { name: '主菜单' })
  await menu.getByRole('button', { name: '退单' }).click()
  await menu.getByRole('link', { name: /售后工作台/ }).click()
  await appears(page.getByRole('heading', { name: '售后工作台' }).first())
  await appears(help.getByRole('region', { name: '快捷键' }).getByText('要拦的包裹', { exact: true }))
  assert.equal(await help.getByText('手工建单', { exact: true }).count(), 0)
  await page.keyboard.press('Escape')
  await goes(help)
})

test('keys with Ctrl are written as on the buttons', async () => {
  await page.goto(`${house.url}/paper-templates`)
  await appears(page.getByRole('button', { name: '保存' }))
  await page.keyboard.press('?')
  const keys = help.getByRole('region', { name: '快捷键' })
  await appears(keys.getByText('Ctrl S', { exact: true }))
  assert.equal(await keys.getByText(/mod/i).count(), 0)
  await page.keyboard.press('Escape')
  await goes(help)
})

test('a question in a whole sentence finds its section, which links on, and Escape leaves the field and the panel', async () => {
  await page.keyboard.press('?')
  const field = help.getByRole('searchbox')
  await field.fill('面单打坏了怎么办')
  const found = help.getByRole('navigation', { name: '找到的' })
  await found.getByRole('button', { name: '面单打坏了、卡纸了' }).press('Enter')
  await appears(heading('面单打坏了、卡纸了'))
  assert.equal(await field.inputValue(), '')
  await help.getByRole('button', { name: '没连打印组件' }).click()
  await appears(heading('没连打印组件'))
  await help.getByRole('button', { name: '目录' }).click()
  await help.getByRole('button', { name: '装好，第一次用' }).click()
  await appears(heading('安装'))
  await help.getByRole('link', { name: '发货 › 打单发货' }).click()
  await appears(page.getByRole('heading', { name: '打单发货' }).first())
  await appears(heading('打单发货'))
  await field.fill('没有这样的词组合')
  await appears(help.getByText('没有找到。换个说法，或看目录'))
  await page.keyboard.press('Escape')
  await goes(help)
})

test('what the person may not open is a word and no link', async () => {
  await page.keyboard.press('?')
  await help.getByRole('searchbox').fill('给同事开账号')
  await help.getByRole('button', { name: '给同事开账号' }).click()
  await appears(heading('给同事开账号'))
  assert.equal(await help.getByText('系统 › 用户', { exact: true }).count(), 1)
  assert.equal(await help.getByRole('link', { name: '系统 › 用户' }).count(), 0)
  await page.keyboard.press('Escape')
})

test('the guide follows the language at once', async () => {
  await page.keyboard.press('?')
  await appears(heading('打单发货'))
  await page.getByRole('button', { name: '切换到英文' }).click()
  const english = page.getByRole('dialog', { name: 'Help' })
  await appears(english.getByRole('heading', { name: 'Print and ship', exact: true }))
  assert.doesNotMatch((await english.textContent()) ?? '', /打单|取号|帮助/)
})

test('the same page lies on the site, which needs no sign-in and no script', async () => {
  await page.getByRole('button', { name: 'Switch to Chinese' }).click()
  await appears(heading('打单发货'))
  const address = await help.getByRole('link', { name: /新窗口/ }).getAttribute('href')
  assert.equal(address, '/guide/zh/printing.html')
  const stranger = await chromium.open(`${house.url}${address}`)
  await appears(stranger.getByRole('heading', { name: '面单打坏了、卡纸了' }))
  assert.equal(await stranger.locator('script').count(), 0)
  const pictures = await stranger
    .locator('img')
    .evaluateAll((found) => found.map((one) => one.getAttribute('alt')))
  assert.deepEqual(pictures, ['打单发货'])
  await stranger.getByRole('link', { name: 'English' }).click()
  await appears(stranger.getByRole('heading', { name: 'A spoiled label' }))
  await stranger.context().close()
})
