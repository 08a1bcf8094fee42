import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { until } from '../server/testing/until.ts'
import { appears, choosePicture, goes, openBrowser, pictureFailures } from './browser.ts'
import { asked, openHouse } from './house.ts'

const house = await openHouse({ trades: { 'shanyu-tmall': 0 } })
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})

const hour = 3600
const now = Math.floor(Date.now() / 1000)
const made = await house.control('trades', {
  shop: 'shanyu-tmall',
  count: 4,
  status: 'WAIT_SELLER_SEND_GOODS',
  type: 'fixed',
  lines: 1,
  payment: 12_800,
  created: now - 2 * hour,
  spreadSeconds: hour,
})
assert.ok(typeof made === 'object' && made !== null && 'tids' in made && Array.isArray(made.tids))
await house.run('trade_list')
await house.run('trade_detail')
type Rows = { rows: { id: string }[] }
const staged = await asked<Rows>(house.admin, 'GET', '/api/staged-trades?limit=50')
await asked(house.admin, 'POST', '/api/staged-trades/convert', { ids: staged.rows.map((row) => row.id) })
// Each refund is later than the one before, which is the order of the queue.
const numbers: string[] = []
for (const [index, tid] of made.tids.map(String).entries()) {
  const refund = await house.control('refunds', {
    tid,
    kind: 'REFUND',
    fee: 12_800,
    num: 1,
    constraint: '',
    deadlineIn: (index + 2) * hour,
    created: now - 600,
  })
  numbers.push(/"refundId":"(\d+)"/.exec(JSON.stringify(refund))?.[1] ?? '')
}
await house.run('refund_list')
const [refused = '', converted = '', agreed = '', closed = ''] = numbers

const page = await chromium.open(`${house.url}/staged-refunds`, house.admin)
pictureFailures(() => page)
const decision = (no: string) => page.getByRole('region', { name: `退款 ${no}` })
/** Reads, in the page, everything again, as the page itself does after a while. */
const readAgain = () => {
  type Program = { __TANSTACK_QUERY_CLIENT__: { invalidateQueries: () => void } }
  ;(window as unknown as Program).__TANSTACK_QUERY_CLIENT__.invalidateQueries()
}
const deeds = async (action: string) => {
  const done = await house.control(`done?shop=shanyu-tmall&action=${action}`)
  assert.ok(typeof done === 'object' && done !== null && 'counts' in done)
  return done.counts
}

test('the most urgent refund comes first, with what converting will do and the rule that says so', async () => {
  await appears(decision(refused))
  await appears(decision(refused).getByText('¥128.00').first())
  await appears(decision(refused).getByText('第 1 / 4 笔'))
  assert.equal(await decision(refused).locator('.rule-table [aria-current]').count(), 1)
  await page.keyboard.press('j')
  await appears(decision(converted))
  await page.keyboard.press('k')
  await appears(decision(refused))
})

test('a more urgent refund that arrives does not take the place of the one that is shown', async () => {
  await page.goto(`${house.url}/staged-refunds`)
  await appears(decision(refused))
  await page.route(/\/api\/staged-refunds\?/, async (route) => {
    const answer = Object(await (await route.fetch()).json())
    await route.fulfill({ json: { ...answer, rows: answer.rows.toReversed() } })
  })
  await Promise.all([page.waitForResponse(/\/api\/staged-refunds\?/), page.evaluate(readAgain)])
  await appears(page.getByRole('option', { selected: true }).and(page.getByRole('option').last()))
  await appears(decision(refused).getByText('第 4 / 4 笔'))
  await page.unroute(/\/api\/staged-refunds\?/)
  await page.goto(`${house.url}/staged-refunds`)
  await appears(decision(refused).getByText('第 1 / 4 笔'))
})

test('a refusal is not sent while its picture is being read, and takes the one that was chosen last', async () => {
  // Each picture is read when the test says so.
  await page.evaluate(() => {
    const reads: (() => void)[] = []
    const read = globalThis.createImageBitmap
    const later = async (file: Blob) => {
      await new Promise<void>((go) => reads.push(go))
      return read(file)
    }
    Object.assign(globalThis, { reads, createImageBitmap: later })
  })
  const readEach = (order: number[]) =>
    page.evaluate((all) => {
      for (const at of all) Object(globalThis).reads[at]()
    }, order)
  await page.keyboard.press('r')
  const dialog = page.getByRole('dialog', { name: '拒绝退款 ¥128.00' })
  await dialog.getByLabel('原因').selectOption({ label: '商品已发出' })
  await dialog.getByLabel('说明').fill('包裹已经揽收，请收到后再申请')
  const act = dialog.getByRole('button', { name: '拒绝并写回天猫' })
  const shown = dialog.getByRole('img', { name: '凭证' })
  const widthShown = () => shown.evaluate((image) => Object(image).naturalWidth)
  const waits = async () => {
    await until(async () => (await act.getAttribute('aria-disabled')) === 'true')
    await act.hover({ force: true })
    await appears(page.getByText('正在读图片'))
    await act.click({ force: true })
  }

  await choosePicture(dialog, 60)
  await waits()
  await choosePicture(dialog, 50)
  await readEach([1])
  await appears(shown)
  assert.equal(await widthShown(), 50)
  await readEach([0])

  // A picture that replaces another one holds the refusal back as well.
  await choosePicture(dialog, 40)
  await waits()
  assert.equal(await widthShown(), 50)
  await readEach([2])
  await until(async () => (await widthShown()) === 40)
  assert.equal(await act.getAttribute('aria-disabled'), null)

  // A file that is no picture leaves the one before, and says so.
  await dialog
    .locator('input[type=file]')
    .setInputFiles({ name: 'proof.png', mimeType: 'image/png', buffer: Buffer.from('no picture') })
  await until(() => page.evaluate(() => Object(globalThis).reads.length === 4))
  await readEach([3])
  await appears(dialog.getByText('这个文件读不成图片，换 jpg 或 png'))
  assert.equal(await widthShown(), 40)
  assert.deepEqual(await deeds('refuse'), {})
  await page.reload()
})

test('refusing on Tmall demands a picture, and is written back exactly once', async () => {
  await appears(decision(refused))
  await page.keyboard.press('r')
  const dialog = page.getByRole('dialog', { name: '拒绝退款 ¥128.00' })
  assert.equal(await dialog.getByLabel('原因').inputValue(), '', 'nobody chose a reason yet')
  await dialog.getByLabel('原因').selectOption({ label: '商品已发出' })
  await dialog.getByLabel('说明').fill('包裹已经揽收，请收到后再申请')
  const act = dialog.getByRole('button', { name: '拒绝并写回天猫' })
  await appears(dialog.getByText('天猫要求至少 1 张，jpg 或 png'))
  assert.equal(await act.getAttribute('aria-disabled'), 'true', 'not without the picture')
  await act.click({ force: true })
  assert.deepEqual(await deeds('refuse'), {})
  await choosePicture(dialog, 60)
  await appears(dialog.getByRole('img', { name: '凭证' }))
  await act.click()
  await goes(dialog)
  await appears(decision(refused).getByText(/^(正在拒绝，等平台确认|已拒绝退款)$/))
  await appears(
    decision(refused)
      .locator('.decision-head')
      .getByText(/^(拒绝中|已拒绝)$/),
  )
  // The platform's confirmation appears without reloading the page.
  await appears(decision(refused).locator('.decision-head').getByText('已拒绝', { exact: true }), 30_000)
  await appears(decision(refused).getByText('已拒绝退款').first())
  assert.equal(await decision(refused).getByText('不同意也不拒绝').count(), 0)
  await appears(decision(refused).getByText('商品、库存、资金都没有动；平台更新状态后，订单因它的挂起解除'))
  assert.equal(await decision(refused).getByText('不答复平台视为同意').count(), 0, 'it was answered')
  await goes(page.getByRole('option').nth(3))
  await page.keyboard.press('j')
  await appears(decision(converted))
  await page.keyboard.press('j')
  await appears(decision(agreed))
  await until(async () => Object.keys(Object(await deeds('refuse'))).length > 0)
  await page.goto(`${house.url}/refund-history`)
  await appears(page.getByRole('row', { name: refused }).getByText(/拒绝/).first(), 20_000)
  assert.deepEqual(Object.values(Object(await deeds('refuse'))), [1])
})

test('a refund that is applied for converts into a hold on its order', async () => {
  await page.goto(`${house.url}/staged-refunds`)
  await appears(decision(converted))
  await page.keyboard.press('c')
  await goes(decision(converted))
  const { rows } = await asked<{ rows: { openHolds: number }[] }>(
    house.admin,
    'GET',
    '/api/orders?held=true&limit=50',
  )
  assert.ok(rows.length > 0)
})

test('an order shows its refund, and is let through over it with a reason', async () => {
  const { rows } = await asked<{ rows: { orderId: string }[] }>(
    house.admin,
    'GET',
    `/api/staged-refunds?tab=history&refundNos=${converted}`,
  )
  const id = rows[0]?.orderId ?? ''
  await page.goto(`${house.url}/orders?tab=all&open=${id}`)
  const drawer = page.getByRole('dialog', { name: /销售订单/ })
  await appears(drawer.getByRole('link', { name: converted }))
  await appears(drawer.getByText('挡住发货'))
  const act = drawer.getByRole('button', { name: '退款中照发' })
  if (!(await act.isVisible())) await drawer.getByRole('button', { name: '更多' }).click()
  await page
    .getByRole('button', { name: '退款中照发' })
    .or(page.getByRole('menuitem', { name: '退款中照发' }))
    .first()
    .click()
  const dialog = page.getByRole('dialog', { name: '退款中照发这张单' })
  await dialog.getByLabel('原因').fill('买家说不退了')
  await dialog.getByRole('button', { name: '照发' }).click()
  await goes(dialog)
  await appears(drawer.getByText('买家说不退了'))
  type Shown = { notices: { stops: boolean }[]; holds: { reason: string; releasedAt: string | null }[] }
  const { notices, holds } = await asked<Shown>(house.admin, 'GET', `/api/orders/${id}`)
  const held = holds.filter(({ reason, releasedAt }) => reason === 'refund_open' && releasedAt === null)
  assert.deepEqual([notices.map(({ stops }) => stops), held], [[false], []])
})

test('a link to a refund that the queue does not hold shows that one, not the most urgent', async () => {
  const { rows } = await asked<Rows>(
    house.admin,
    'GET',
    `/api/staged-refunds?tab=history&refundNos=${converted}`,
  )
  await page.goto(`${house.url}/staged-refunds?open=${rows[0]?.id}`)
  await appears(decision(converted))
  await appears(page.getByRole('option').first())
  assert.equal(await decision(agreed).count(), 0)
  await page.goto(`${house.url}/staged-refunds`)
})

test('agreeing moves money: the amount is typed again, and the platform pays once', async () => {
  await appears(decision(agreed))
  await page.getByRole('button', { name: '同意退款 ¥128.00…' }).click()
  const dialog = page.getByRole('dialog', { name: '同意退款 ¥128.00' })
  const act = dialog.getByRole('button', { name: '同意，天猫退 ¥128.00 给买家' })
  await dialog.getByLabel('再输入一次金额').fill('12.80')
  assert.equal(await act.getAttribute('aria-disabled'), 'true', 'another amount')
  await page.keyboard.press('Enter')
  await appears(dialog.getByLabel('再输入一次金额'))
  await dialog.getByLabel('再输入一次金额').fill('128')
  await page.keyboard.press('Enter')
  await goes(dialog)
  await until(async () => Object.keys(Object(await deeds('agree'))).length > 0)
  await page.reload()
  await appears(decision(agreed).getByText(/^(正在同意，等平台确认|已同意退款)$/))
  assert.equal(await decision(agreed).getByText('不同意也不拒绝').count(), 0)
  assert.deepEqual(Object.values(Object(await deeds('agree'))), [1])
})

test('what is marked processed leaves the queue, and can be taken back', async () => {
  await page.keyboard.press('j')
  await appears(decision(closed))
  await page.keyboard.press('p')
  const question = page.getByRole('dialog', { name: /^标为已处理/ })
  await question.getByRole('button', { name: /^标为已处理/ }).click()
  await goes(decision(closed))
  await page.getByRole('tab', { name: '已处理' }).click()
  await appears(page.getByRole('row', { name: closed }))
  await page.getByRole('row', { name: closed }).getByRole('checkbox').click()
  await page.keyboard.press('u')
  await goes(page.getByRole('row', { name: closed }))
  assert.deepEqual(Object.values(Object(await deeds('refuse'))), [1])
  assert.deepEqual(Object.values(Object(await deeds('agree'))), [1])
})

test('what a conversion of all refuses is looked at while it runs, and stays in sight when it ends', async () => {
  let over = false
  // No worker runs here, so the page gets simulated progress.
  await page.route(/\/api\/batches\/\d+$/, async (route) => {
    const answer = await route.fetch()
    const batch = Object(await answer.json())
    const counts = { total: 2, done: over ? 2 : 1, refused: 1, succeeded: over ? 1 : 0 }
    await route.fulfill({ json: { ...batch, ...counts, state: over ? 'done' : 'running' } })
  })
  await page.goto(`${house.url}/staged-refunds`)
  await page.getByRole('button', { name: '批量转退单' }).click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^转退单/ })
    .click()
  await page.locator('.bulk').getByRole('button', { name: '失败 1' }).click()
  const results = page.getByRole('dialog', { name: /1 条失败/ })
  await appears(results)
  over = true
  await appears(page.locator('.toast').getByText(/失败 1/))
  assert.equal(await results.count(), 1)
  await page.keyboard.press('Escape')
  await goes(results)
  await page.unroute(/\/api\/batches\/\d+$/)
})

test('no page broke on the way', () => {
  assert.deepEqual(chromium.faults, [])
})
