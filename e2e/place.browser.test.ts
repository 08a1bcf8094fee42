import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import type { Page } from 'playwright-core'
import { until } from '../server/testing/until.ts'
import { appears, goes, listIsReady, openBrowser, pictureFailures } from './browser.ts'
import { aPressHouse } from './presses/seeds.ts'

// After an action in a long list the position stays: the row that takes the place has the focus, and nothing scrolls.

const house = await aPressHouse()
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})
let page: Page
pictureFailures(() => page)

before(async () => {
  await house.orders(160)
  page = await chromium.open(
    `${house.url}/orders?tab=unconfirmed`,
    await house.as(['orders.read', 'orders.confirm', 'orders.hold']),
    { width: 1280, height: 800 },
  )
  await listIsReady(page)
})

const place = () =>
  page.locator('.data-list').evaluate((list) => ({
    top: Math.round(list.scrollTop),
    focused: list.querySelector('.list-row.focused')?.getAttribute('aria-rowindex') ?? '',
    no: /SO\d+/.exec(list.querySelector('.list-row.focused')?.textContent ?? '')?.[0] ?? '',
  }))
const statusOf = async (no: string) =>
  (await sql<{ is: string }>`select status as is from sales_order where no = ${no}`.execute(house.db)).rows[0]
    ?.is

test('after a confirm far down, on the second page, the next row has the focus and nothing has moved', async () => {
  // On a slow machine the keys are faster than the second page: those that are pressed at the end of the first do nothing.
  await until(async () => {
    await page.keyboard.press('j')
    return (await place()).focused === '122'
  }, 60_000)
  const start = await place()
  await page.keyboard.press('c')
  await appears(page.getByText('1 单已确认').first())
  await page.waitForFunction(
    (no) => !document.querySelector('.data-list')?.textContent?.includes(no),
    start.no,
  )
  const then = await place()
  assert.deepEqual({ ...then, no: '' }, { ...start, no: '' })
  assert.notEqual(then.no, start.no)
  assert.equal(await statusOf(start.no), 'confirmed')
  await page.keyboard.press('j')
  assert.equal((await place()).focused, '123', 'and the keys go on from there')
})

test('a dialog that is closed, and a hold that is placed, leave the place as it is', async () => {
  const start = await place()
  await page.keyboard.press('h')
  const dialog = page.getByRole('dialog').last()
  await appears(dialog)
  await page.keyboard.press('Escape')
  await goes(page.locator('.dialog'))
  assert.deepEqual(await place(), start)
  await page.keyboard.press('h')
  await page.locator('.dialog .button.primary').click()
  await appears(page.getByText('1 单已挂起').first())
  await goes(page.locator('.dialog'))
  await listIsReady(page)
  assert.deepEqual(await place(), start)
})

test('a drawer that is closed leaves the focus on its row; when that has gone, on the one in its place', async () => {
  await page.keyboard.press('k')
  const start = await place()
  await page.keyboard.press('Enter')
  await appears(page.locator('.drawer'))
  await page.keyboard.press('j')
  await page.keyboard.press('Escape')
  await goes(page.locator('.drawer'))
  const next = await place()
  assert.deepEqual([Number(next.focused) - Number(start.focused), next.top], [1, start.top])
  await page.keyboard.press('k')
  await page.keyboard.press('Enter')
  await appears(page.locator('.drawer').getByText(start.no).first())
  await page.locator('.drawer-foot .button.primary:not([aria-disabled])').waitFor()
  await page.keyboard.press('c')
  await until(async () => (await statusOf(start.no)) === 'confirmed', 10_000)
  await page.keyboard.press('Escape')
  await goes(page.locator('.drawer'))
  await page.waitForFunction(
    (no) => !document.querySelector('.data-list')?.textContent?.includes(no),
    start.no,
  )
  assert.deepEqual({ ...(await place()), no: '' }, { ...start, no: '' })
})

test('a filter is found by typing its name, its initials or one of its values, and Enter opens it', async () => {
  for (const [typed, name] of [
    ['仓', '仓库'],
    ['ck', '仓库'],
    ['Courier', '快递'],
    ['顺丰', '快递'],
  ] as const) {
    await page.keyboard.press('f')
    await page.getByRole('dialog', { name: '筛选' }).getByRole('textbox').waitFor()
    await page.keyboard.type(typed)
    await page.keyboard.press('Enter')
    await appears(page.getByRole('dialog', { name, exact: true }))
    await page.keyboard.press('Escape')
    await goes(page.locator('.popover'))
  }
  await page.keyboard.press('f')
  await page.keyboard.type('没有的')
  await appears(page.getByText('没有这样的筛选'))
  await page.keyboard.press('Enter')
  await page.keyboard.press('Escape')
  await goes(page.locator('.popover'))
})

test('another filter begins at the top', async () => {
  await page.keyboard.press('f')
  await page.keyboard.type('kd')
  await page.keyboard.press('Enter')
  await page.keyboard.type('sf')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Escape')
  await appears(page.getByText('没有符合筛选的行'))
  assert.deepEqual(await place(), { top: 0, focused: '', no: '' })
  assert.deepEqual(chromium.faults, [])
})
