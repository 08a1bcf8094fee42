import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { appears, goes, listIsReady, openBrowser, pictureFailures, rowsOf } from './browser.ts'
import { openHouse } from './house.ts'

const house = await openHouse({ trades: { 'shanyu-tmall': 0 } })
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})
const page = await chromium.open(`${house.url}/bill-trades`, house.admin)
pictureFailures(() => page)
const dialog = (name: string | RegExp) => page.getByRole('dialog', { name, exact: true })

test('a bill is imported; a trade that is not in our books is explained and leaves the list', async () => {
  await listIsReady(page)
  await page.getByRole('button', { name: '导入账单' }).click()
  const form = dialog('导入账单')
  const bill =
    '流水号,订单号,发生时间,收入金额,支出金额,业务类型\nB1,294800000000000001,2026-11-20 10:00:00,88.00,,在线支付\n'
  await form
    .getByLabel('选择文件')
    .setInputFiles({ name: 'bill.csv', mimeType: 'text/csv', buffer: Buffer.from(bill) })
  await form.getByRole('button', { name: '导入', exact: true }).click()
  await appears(form.getByText('1 行：新增 1，已有 0，失败 0'))
  await form.getByRole('button', { name: '关闭' }).click()
  await appears(rowsOf(page).getByText('我们没有'))
  await rowsOf(page).getByText('我们没有').click()
  await appears(page.getByRole('dialog', { name: /对账$/ }).getByText('B1'))
  await page.keyboard.press('e')
  const explain = dialog('说明 1 笔差异')
  await explain.getByLabel('原因').fill('测试单')
  await explain.getByRole('button', { name: '说明 1 笔' }).click()
  await goes(rowsOf(page))
  // The trade has left its tab, so nothing is open, and the keys are those of the list.
  await page.waitForURL((url) => !url.searchParams.has('open'))
  await page.goto(`${house.url}/bill-days?days=31`)
  assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), '按日对账')
  await appears(page.getByRole('row', { name: /2026-11-20/ }))
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await appears(page.getByRole('cell', { name: '我们没有' }))
  await page.keyboard.press('Enter')
  await appears(page.getByRole('heading', { name: '平台对账' }))
  await appears(rowsOf(page).getByText('294800000000000001'))
})
