import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { stockDemo } from '../server/inventory/demo.ts'
import { goodsOf } from '../server/start/demo.ts'
import { appears, goes, listIsReady, openBrowser, pictureFailures, rowsOf } from './browser.ts'
import { asked, openHouse } from './house.ts'

const house = await openHouse({ trades: { 'shanyu-tmall': 0 } })
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})
await stockDemo(house.db, await goodsOf(house.sandbox.url, { key: 'shanyu-tmall' }))
await house.control('trades', {
  shop: 'shanyu-tmall',
  count: 120,
  status: 'WAIT_SELLER_SEND_GOODS',
  type: 'fixed',
  lines: 1,
  memo: '',
  flag: 0,
  created: Math.floor(Date.now() / 1000) - 7200,
  spreadSeconds: 3600,
})
await house.download()
const staged = await asked<{ rows: { id: string }[] }>(house.admin, 'GET', '/api/staged-trades?limit=200')
await asked(house.admin, 'POST', '/api/staged-trades/convert', { ids: staged.rows.map((row) => row.id) })

const page = await chromium.open(`${house.url}/orders?tab=unconfirmed`, house.admin)
pictureFailures(() => page)
const bar = page.getByRole('region', { name: '批量操作' })

/** Counts the unconfirmed orders, the orders on hold, and the confirmation events. */
async function books() {
  const found = await sql<{ unconfirmed: number; held: number; confirmations: number }>`
    select count(*) filter (where status = 'unconfirmed')::int as unconfirmed, count(*) filter (where open_holds > 0)::int as held,
      (select count(*)::int from order_event where event = 'confirm') as confirmations
    from sales_order`.execute(house.db)
  return found.rows[0]
}

test('while somebody types, Ctrl A means the text and not the rows', async () => {
  await listIsReady(page)
  await appears(rowsOf(page))
  await page.keyboard.press('/')
  const input = page.locator('input:focus')
  await appears(input)
  await page.keyboard.type('SO')
  assert.equal(await input.inputValue(), 'SO')
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Backspace')
  assert.equal(await input.inputValue(), '', 'all of the text was chosen')
  await page.keyboard.press('Escape')
  await goes(input)
  assert.equal(await bar.count(), 0, 'no row was chosen')
})

test('a selection counts the rows that are still there, also after others have worked on them', async () => {
  const { rows } = await asked<{ rows: { id: string; no: string }[] }>(
    house.admin,
    'GET',
    '/api/orders?tab=unconfirmed&held=false&limit=3',
  )
  const [first, second, third] = rows
  assert.ok(first && second && third)
  const change = (verb: string, some: readonly { id: string }[]) =>
    asked(house.admin, 'POST', `/api/orders/${verb}`, { ids: some.map(({ id }) => id) })
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Control+a')
  await appears(bar.getByText('已选全部 120 条'))
  await change('confirm', [first])
  await appears(bar.getByText('已选全部 119 条'), 30_000)
  await page.keyboard.press('Escape')
  await goes(bar)

  for (const { no } of [second, third])
    await page.getByRole('row', { name: no }).getByRole('checkbox').click()
  await appears(bar.getByText('已选 2 条'))
  await change('confirm', [second, third])
  await goes(bar, 30_000)
  await change('unconfirm', rows)
  assert.equal((await books())?.unconfirmed, 120)
  await page.reload()
  await listIsReady(page)
})

test('all orders of a filter are confirmed without a mouse, except those on hold', async () => {
  const before = await books()
  assert.equal(before?.unconfirmed, 120)
  const held = before.held
  await page.keyboard.press('Control+a')
  await appears(bar.getByText('已选 100 条'))
  await page.keyboard.press('Control+a')
  await appears(bar.getByText('已选全部 120 条'))
  await page.keyboard.press('c')
  const question = page.getByRole('dialog', { name: '确认 120 条' })
  await appears(question)
  await appears(question.getByText(`其中没挂起、没问题的 ${120 - held} 条`))
  assert.deepEqual(await books(), before, 'nothing happens before the answer')
  await page.keyboard.press('Enter')
  await goes(question)
  await appears(bar.getByText(`成功 ${120 - held}`, { exact: true }))
  assert.equal(await bar.getByRole('progressbar').getAttribute('aria-valuenow'), '120')
  assert.deepEqual(await books(), {
    unconfirmed: held,
    held,
    confirmations: before.confirmations + 120 - held,
  })
})

test('while the failed rows are on their way nobody reads that there are none', async () => {
  let answer: () => void = () => undefined
  const held = new Promise<void>((settle) => {
    answer = settle
  })
  await page.route(/\/api\/batches\/\d+\/items/, async (route) => {
    await held
    await route.continue()
  })
  await page.goto(`${house.url}/orders?tab=all`)
  await listIsReady(page)
  await page.keyboard.press('Control+a')
  await appears(bar.getByText('已选 100 条'))
  await page.keyboard.press('Control+a')
  await appears(bar.getByText('已选全部 120 条'))
  await page.keyboard.press('c')
  await appears(page.getByRole('dialog', { name: '确认 120 条' }).getByText('其中没挂起、没问题的 0 条'))
  await page.keyboard.press('Enter')
  await bar.getByRole('button', { name: '失败 120' }).click()
  const panel = page.getByRole('dialog', { name: /120 条失败/ })
  await appears(panel.getByRole('button', { name: /重试这 120 条/ }))
  assert.equal(await panel.getByText('没有失败的').count(), 0)
  answer()
  await appears(panel.getByRole('row').nth(100))
  await page.unroute(/\/api\/batches\/\d+\/items/)
  await page.keyboard.press('Escape')
})

test('no page broke on the way', () => {
  assert.deepEqual(chromium.faults, [])
})
