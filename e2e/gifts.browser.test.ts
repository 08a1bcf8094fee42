import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { QueryClient } from '@tanstack/react-query'
import { appears, listIsReady, openBrowser, pictureFailures, rowsOf } from './browser.ts'
import { asked, openHouse } from './house.ts'

const house = await openHouse({ trades: { 'shanyu-tmall': 0 } })
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})
await asked(house.admin, 'POST', '/api/skus', {
  rows: [
    { code: 'MUG', name: '马克杯', spec: '白' },
    { code: 'PEN', name: '笔', spec: '蓝' },
  ],
})
const now = Math.floor(Date.now() / 1000)
await house.control('trades', {
  shop: 'shanyu-tmall',
  count: 2,
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
type Rows = { rows: { id: string; tid: string }[] }
const staged = await asked<Rows>(house.admin, 'GET', '/api/staged-trades?limit=50')
const convert = (at: number) =>
  asked(house.admin, 'POST', '/api/staged-trades/convert', { ids: [staged.rows[at]?.id] })
await convert(0)

const page = await chromium.open(`${house.url}/gift-rules`, house.admin)
pictureFailures(() => page)
const drawer = page.getByRole('dialog', { name: /^销售订单/ })
const dialog = (name: string | RegExp) => page.getByRole('dialog', { name, exact: true })

test('a rule is written, tried on the orders that wait, and saved', async () => {
  await appears(page.getByText('还没有赠品规则'))
  await page.keyboard.press('n')
  await page.waitForFunction(() => document.activeElement instanceof HTMLInputElement)
  await page.keyboard.press('Control+a')
  await page.keyboard.type('满赠')
  assert.equal(await page.getByLabel('名称').inputValue(), '满赠')
  await page.getByRole('combobox', { name: '赠品', exact: true }).fill('MUG')
  await page.getByLabel('商品实付 ¥ 从').fill('50')
  await page.getByRole('button', { name: '试算未确认订单' }).click()
  await appears(page.getByText('MUG × 1'))
  await page.getByLabel('缺货时').selectOption('wait')
  await page.getByRole('button', { name: '保存' }).click()
  await appears(page.getByText('规则已保存，下一次转单起生效'))
})

test('rules that another user saves do not take the place of edits, and saving these says so', async () => {
  const name = page.getByLabel('名称')
  await name.fill('满赠两支')
  await savesRules('/api/gift-rules', '别人的')
  await readAgain()
  assert.equal(await name.inputValue(), '满赠两支', 'the edit is kept')
  await page.getByRole('button', { name: '保存' }).click()
  await appears(page.locator('.toast').filter({ hasText: '赠品规则已被改动，刷新后再试' }))
  assert.equal(await name.inputValue(), '满赠两支')
  // Without an edit, the page follows.
  await name.fill('满赠')
  await page.waitForFunction(
    () => document.querySelector<HTMLInputElement>('.rule-head input')?.value === '别人的',
  )
  await savesRules('/api/gift-rules', '满赠')
  await readAgain()
  await appears(page.locator('.rule-pick', { hasText: '满赠' }))

  const confirming = `/api/confirm-rules/${house.shops['shanyu-tmall']}`
  await page.goto(`${house.url}/confirm-rules?shop=${house.shops['shanyu-tmall']}`)
  await page.getByRole('button', { name: '保存' }).click()
  await appears(page.getByText('规则已保存，下次执行起生效'))
  await name.fill('双11')
  await savesRules(confirming, '别人的')
  await readAgain()
  assert.equal(await name.inputValue(), '双11', 'the edit is kept')
  await page.getByRole('button', { name: '保存' }).click()
  await appears(page.locator('.toast').filter({ hasText: '自动确认的规则已被改动，刷新后再试' }))
  const { rules } = await asked<{ rules: { name: string }[] }>(house.admin, 'GET', confirming)
  assert.deepEqual(
    rules.map((rule) => rule.name),
    ['别人的'],
    'nothing of the other user was overwritten',
  )
  await name.fill('平日')
  await page.waitForFunction(
    () => document.querySelector<HTMLInputElement>('.rule-head input')?.value === '别人的',
  )
})

/** Another user names the first rule. */
async function savesRules(path: string, name: string): Promise<void> {
  const { rules, version } = await asked<{ rules: Record<string, unknown>[]; version: number }>(
    house.admin,
    'GET',
    path,
  )
  const [{ taken: _, ...first } = {}, ...others] = rules
  await asked(house.admin, 'PUT', path, { rules: [{ ...first, name }, ...others], version })
}

/** Has the page read its rules again, as it does when the network comes back. */
async function readAgain(): Promise<void> {
  await page.evaluate(() => {
    const program = window as unknown as { __TANSTACK_QUERY_CLIENT__: QueryClient }
    return program.__TANSTACK_QUERY_CLIENT__.refetchQueries({ type: 'active' })
  })
}

test('the next order has the gift and says why; a person takes it off and adds another', async () => {
  await convert(1)
  await page.goto(`${house.url}/orders?tab=unconfirmed`)
  await listIsReady(page)
  await appears(rowsOf(page))
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  const gifts = drawer.getByRole('region', { name: '赠品' })
  await appears(gifts.getByText('MUG × 1'))
  await appears(gifts.getByText('满赠'))
  await gifts.getByRole('button', { name: '去掉' }).click()
  await appears(gifts.getByText(/去掉的$/))
  await gifts.getByRole('button', { name: '加赠品' }).click()
  const form = dialog('给 1 单加赠品')
  const gift = form.getByRole('combobox', { name: '赠品', exact: true })
  assert.equal(await gift.inputValue(), '', 'nothing is preselected')
  await gift.fill('PEN')
  await appears(page.getByRole('option').filter({ hasText: 'PEN' }))
  // The row is selected in the moment in which the field is left, because the next press may be the one that saves.
  const isOpen = await gift.evaluate((field) => {
    field.blur()
    return field.getAttribute('aria-expanded')
  })
  assert.equal(isOpen, 'false')
  await form.getByLabel('件数').fill('2')
  await form.getByRole('button', { name: '给 1 单加赠品' }).click()
  await appears(gifts.getByText('PEN × 2'))
  await gifts.getByRole('button', { name: '重算' }).click()
  await appears(page.getByText('结果没有变'))
})
