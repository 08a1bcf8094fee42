import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Page } from 'playwright-core'
import { queueTrades } from '../server/intake/downloads/queue-queries.ts'
import { until } from '../server/testing/until.ts'
import {
  addFilter,
  appears,
  downloadOf,
  goes,
  listIsReady,
  openBrowser,
  pictureFailures,
  rowsOf,
} from './browser.ts'
import { asked, openHouse } from './house.ts'

// The tests share one database: each continues where the one before ended.
const house = await openHouse({ trades: { 'shanyu-tmall': 0, 'shanyu-taobao': 0 } })
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})

const now = Math.floor(Date.now() / 1000)
const plain = { status: 'WAIT_SELLER_SEND_GOODS', type: 'fixed', lines: 1, message: '', memo: '', flag: 0 }
const many = await made({
  ...plain,
  shop: 'shanyu-tmall',
  count: 30,
  created: now - 7200,
  spreadSeconds: 3600,
})
const [named = ''] = await made({
  ...plain,
  shop: 'shanyu-tmall',
  created: now - 5000,
  message: '尽快发货',
  receiver: { name: '赵小满', mobile: '13900004321' },
})
const withRefund = await made({ ...plain, shop: 'shanyu-taobao', count: 2, created: now - 6000 })
for (const tid of withRefund) await house.control('refunds', { tid })
await house.download()

async function made(body: Record<string, unknown>): Promise<string[]> {
  const answer = await house.control('trades', body)
  assert.ok(typeof answer === 'object' && answer !== null && 'tids' in answer && Array.isArray(answer.tids))
  return answer.tids.map(String)
}

const clerk = await house.as([
  'overview.read',
  'queue.read',
  'trades.read',
  'refunds.read',
  'trades.convert',
  'trades.process',
  'trades.remove',
  'trades.download',
  'orders.read',
  'shops.read',
  'tasks.read',
  'export',
])
const page = await chromium.open(`${house.url}/staged-trades`, clerk)
pictureFailures(() => page)

async function shownTids(on: Page): Promise<string[]> {
  await listIsReady(on)
  return rowsOf(on)
    .locator('.two [title]')
    .evaluateAll((cells) => [
      ...new Set(
        cells.map((cell) => cell.getAttribute('title') ?? '').filter((text) => /^\d{15,}$/.test(text)),
      ),
    ])
}

async function tab(name: string): Promise<void> {
  await page.getByRole('tab', { name }).click()
  await listIsReady(page)
}

const foot = () => page.locator('.list-foot')
const toast = (text: string | RegExp) => page.locator('.toast', { hasText: text })

test('a clerk sees what came down, and filters it by a chip that the address keeps over a reload', async () => {
  await appears(foot().getByText('已载入 33 / 33'))
  const editor = await addFilter(page, '能否转单')
  await editor.getByRole('menuitemcheckbox', { name: '退款申请中' }).click()
  await page.keyboard.press('Escape')
  await appears(foot().getByText('已载入 2 / 2'))
  assert.equal(new URL(page.url()).search, '?reason=refund_open')
  assert.deepEqual((await shownTids(page)).sort(), withRefund.toSorted())
  await page.reload()
  await appears(foot().getByText('已载入 2 / 2'))
  await appears(page.locator('.chip', { hasText: '退款申请中' }))
  await page.getByRole('button', { name: '去掉筛选 能否转单' }).click()
  await appears(foot().getByText('已载入 33 / 33'))
  assert.equal(new URL(page.url()).search, '')
})

test('a selection leaves as a sheet', async () => {
  await rowsOf(page).first().getByRole('checkbox').click()
  const bar = page.getByRole('region', { name: '批量操作' })
  const sheet = await downloadOf(page, () => bar.getByRole('button', { name: '导出' }).click())
  assert.equal(sheet.subarray(0, 2).toString(), 'PK', 'a zipped workbook')
  await bar.getByRole('button', { name: '取消选择' }).click()
})

test('the last four digits of a phone find its trade', async () => {
  const editor = await addFilter(page, '搜索')
  await editor.getByRole('textbox').fill('4321')
  await page.keyboard.press('Enter')
  await appears(foot().getByText('已载入 1 / 1'))
  assert.deepEqual(await shownTids(page), [named])
  await rowsOf(page).first().getByRole('checkbox').click()
  const asking = page.waitForRequest(/\/api\/exports\//)
  const taken = await downloadOf(page, () => page.getByRole('button', { name: '导出' }).click())
  assert.equal(taken.subarray(0, 2).toString(), 'PK', 'a zipped workbook')
  const request = await asking
  assert.equal(request.headers()['x-search'], '4321')
  assert.doesNotMatch(new URL(request.url()).search, /\bq=/, 'what somebody looks for stands in no address')
  await page.getByRole('button', { name: '取消选择' }).click()
  await page.getByRole('button', { name: '清空' }).click()
  await appears(foot().getByText('已载入 33 / 33'))
})

test('J K X and Enter move, select and open; C converts what is selected, and the order exists once', async () => {
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await page.keyboard.press('k')
  const focused = page.locator('.list-row.focused')
  assert.equal(await focused.count(), 1)
  const tid = (await focused.locator('.two [title]').first().getAttribute('title')) ?? ''
  await page.keyboard.press('x')
  await appears(page.getByRole('region', { name: '批量操作' }).getByText('已选 1 条'))
  await page.keyboard.press('Enter')
  await appears(page.getByRole('dialog', { name: `交易 ${tid}` }))
  await page.keyboard.press('Escape')
  await goes(page.getByRole('dialog', { name: `交易 ${tid}` }))
  await appears(page.getByRole('region', { name: '批量操作' }).getByText('已选 1 条'))
  await page.keyboard.press('c')
  await appears(toast('已转 1 条'))
  assert.match((await toast('已转 1 条').getByRole('link').textContent()) ?? '', /^SO\d+$/)
  await appears(foot().getByText('已载入 32 / 32'))
  const { rows } = await asked<{ rows: { tid: string }[] }>(house.admin, 'GET', '/api/orders?limit=50')
  assert.deepEqual(
    rows.map((row) => row.tid),
    [tid],
  )
})

test('everything that a filter matches is converted in bulk, with progress, and the refused rows say why', async () => {
  await rowsOf(page).first().getByRole('checkbox').click()
  await page.keyboard.down('Shift')
  await rowsOf(page).nth(2).locator('.cell-tick').click()
  await page.keyboard.up('Shift')
  const bar = page.getByRole('region', { name: '批量操作' })
  await appears(bar.getByText('已选 3 条'))
  await bar.getByRole('button', { name: '改选全部 32 条符合筛选' }).click()
  await appears(bar.getByText('已选全部 32 条'))
  await bar.getByRole('button', { name: '转销售单' }).click()
  const question = page.getByRole('dialog', { name: '转销售单 32 条' })
  await appears(question.getByText('其中现在能做的 30 条'))
  await question.getByRole('button', { name: '转销售单 32 条' }).click()
  await appears(bar.getByText('32 / 32'), 20_000)
  await appears(bar.getByText('成功 30'))
  await bar.getByRole('button', { name: '失败 2，看原因' }).click()
  const panel = page.getByRole('dialog', { name: /2 条失败/ })
  for (const tid of withRefund)
    await appears(panel.getByRole('row', { name: tid }).getByText('退款申请中').first())
  const reasons = panel.getByRole('list', { name: '按原因' })
  await appears(
    reasons.getByRole('listitem').filter({ hasText: '退款申请中' }).getByText('2', { exact: true }),
  )
  assert.match(
    (await reasons.getByRole('link', { name: '去处理退款' }).getAttribute('href')) ?? '',
    new RegExp(`^/staged-refunds\\?as=list&tids=(${withRefund.join('|')}),(${withRefund.join('|')})$`),
  )
  await panel.getByRole('button', { name: '关闭' }).click()
  await bar.getByRole('button', { name: '收起' }).click()
  await appears(foot().getByText('已载入 2 / 2'))
  const { rows } = await asked<{ rows: { tid: string }[] }>(house.admin, 'GET', '/api/orders?limit=100')
  assert.deepEqual(rows.map((row) => row.tid).sort(), [...many, named].sort())
})

test('what is marked processed stays out of the next download, and comes back when that is undone', async () => {
  const [tid = ''] = await shownTids(page)
  // The converted rows are gone, and the last of the two remaining rows has the focus.
  await page.keyboard.press('k')
  const focusedTid =
    (await page.locator('.list-row.focused .two [title]').first().getAttribute('title')) ?? ''
  assert.equal(focusedTid, tid)
  await page.keyboard.press('p')
  await page
    .getByRole('dialog', { name: '标为已处理 1 条' })
    .getByRole('button', { name: '标为已处理 1 条' })
    .click()
  await appears(toast('1 条标为已处理'))
  await house.control(`trades/${tid}/touch`, {})
  await house.download()
  await tab('已处理')
  assert.deepEqual(await shownTids(page), [tid])
  await tab('待转入')
  assert.deepEqual(
    await shownTids(page),
    withRefund.filter((each) => each !== tid),
  )
  await tab('已处理')
  await rowsOf(page).first().getByRole('checkbox').click()
  await page.keyboard.press('u')
  await appears(toast('撤销 1 条，正在重新取明细'))
  await house.run('trade_detail')
  await tab('待转入')
  await until(async () => (await shownTids(page)).length === 2)
})

test('a removed trade goes, and the next run brings it back with what the buyer changed', async () => {
  const [tid = ''] = await shownTids(page)
  await rowsOf(page).first().getByRole('checkbox').click()
  await page.keyboard.press('r')
  const question = page.getByRole('dialog', { name: '移除 1 条' })
  await question.getByRole('button', { name: '移除 1 条' }).click()
  await appears(toast('移除 1 条'))
  await appears(foot().getByText('已载入 1 / 1'))
  await house.control(`trades/${tid}/memo`, { memo: '改到周五发', flag: 2 })
  await house.download()
  await page.reload()
  await appears(foot().getByText('已载入 2 / 2'))
  await appears(
    rowsOf(page)
      .filter({ has: page.locator(`[title="${tid}"]`) })
      .getByText('改到周五发'),
  )
})

test('a pasted list of trade numbers is downloaded, and those that the shop does not know are named', async () => {
  const [fresh = ''] = await made({ ...plain, shop: 'shanyu-tmall', created: now - 60 })
  await page.keyboard.press('d')
  const dialog = page.getByRole('dialog', { name: '下载订单' })
  await dialog.getByRole('combobox', { name: '店铺' }).selectOption({ label: '天猫 · 山隅家居旗舰店' })
  await dialog
    .getByRole('textbox', { name: '单号' })
    .fill(`交易号 ${fresh}\n2948000000000000001, 2948000000000000002 abc`)
  await appears(dialog.getByText('认出 3 个'))
  await appears(dialog.getByText('不是单号，不下载：交易号 abc'))
  await dialog.getByRole('button', { name: '下载 3 个单号' }).click()
  await appears(dialog.getByText('没找到 2 个'), 20_000)
  await appears(dialog.getByText('取到 1，新增 1，更新 0'))
  await appears(dialog.getByText('2948000000000000001 2948000000000000002'))
  await dialog.getByRole('button', { name: '关闭' }).click()
  const editor = await addFilter(page, '单号')
  await editor.getByRole('textbox').fill(`${fresh} ${many[0]}`)
  await editor.getByRole('button', { name: '筛选' }).click()
  await until(async () => (await shownTids(page)).join() === fresh)
  await page.getByRole('button', { name: '清空' }).click()
})

test('what was pressed 下载 is said to be here once it is, never because nobody could be asked', async () => {
  const [tid = ''] = await made({ ...plain, shop: 'shanyu-tmall', created: now - 50 })
  const named = { kind: 'brief' as const, tid, modifiedAt: new Date(), createdAt: null, platformStatus: '' }
  const rest = { type: 'fixed', buyerNick: '', receiverName: '', paymentFen: null }
  const shopId = house.shops['shanyu-tmall'] ?? ''
  await house.db.transaction().execute((tx) => queueTrades(tx, shopId, [{ ...named, ...rest }]))
  const queue = await chromium.open(`${house.url}/download-queue`, house.admin)
  let unanswered = 0
  await queue.route(/\/api\/staged-trades\?tab=fetching/, (route) => {
    unanswered += 1
    return route.fulfill({ status: 500, body: '{}' })
  })
  await listIsReady(queue)
  await appears(rowsOf(queue).getByText(tid))
  await queue.keyboard.press('j')
  await queue.keyboard.press('d')
  await appears(queue.locator('.toast', { hasText: '1 条正在下载' }))
  await until(async () => unanswered >= 3)
  assert.equal(await queue.locator('.toast', { hasText: '已下载' }).count(), 0)
  await queue.unroute(/\/api\/staged-trades\?tab=fetching/)
  await appears(queue.locator('.toast', { hasText: '1 条已下载' }))
  await queue.context().close()
})

test('no page broke on the way', () => {
  assert.deepEqual(chromium.faults, [])
})
