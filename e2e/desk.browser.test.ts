import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
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
    { code: 'LID', name: '杯盖', spec: '木' },
  ],
})
const page = await chromium.open(`${house.url}/orders?tab=all`, house.admin)
pictureFailures(() => page)
const dialog = (name: string | RegExp) => page.getByRole('dialog', { name, exact: true })
const drawer = page.getByRole('dialog', { name: /^销售订单/ })
type Rows = { rows: { id: string; no: string; origin: string; paymentFen: number }[] }
const orders = async (query = '') =>
  (await asked<Rows>(house.admin, 'GET', `/api/orders?tab=all${query}`)).rows

test('an order is made by hand, and opens', async () => {
  await listIsReady(page)
  await page.getByRole('button', { name: '手工建单' }).click()
  const form = dialog('手工建单')
  const create = form.getByRole('button', { name: '建单' })
  assert.equal(await create.getAttribute('aria-disabled'), 'true', 'not without a receiver')
  for (const [label, value] of [
    ['收件人 *', '李小龙'],
    ['手机 *', '13911112222'],
    ['详细地址 *', '大良 1 号'],
  ] as const)
    await form.getByLabel(label, { exact: true }).fill(value)
  await form.getByLabel('省 *', { exact: true }).selectOption('广东省')
  await form.getByLabel('市 *', { exact: true }).selectOption('佛山市')
  await form.getByLabel('区县', { exact: true }).selectOption('顺德区')
  await form.getByLabel('商品：每行写商家编码、数量、单价').fill('MUG 2 30\nLID 1 7.5')
  await form.getByLabel('运费').fill('8')
  await appears(form.getByText('应付 ¥75.50'))
  await create.click()
  await appears(drawer.getByText('李** 139****2222').first())
  await appears(drawer.getByText('没有别的订单'))
  const [order, ...others] = await orders()
  assert.deepEqual([order?.origin, order?.paymentFen, others.length], ['manual', 7550, 0])
})

test('a pasted address is shown as it was understood, and taken; of another city nothing of the old one stays', async () => {
  const told: string[] = []
  page.on('request', (request) => told.push(request.url()))
  await page.keyboard.press('a')
  const form = dialog(/^修改/)
  const box = form.getByLabel('粘贴地址')
  await box.fill('收件人：王小明 电话：138-2222-3333 浙江杭州西湖区文一西路98号')
  await appears(form.getByText('浙江省 杭州市 西湖区'))
  assert.equal(await form.getByLabel('收件人', { exact: true }).inputValue(), '', 'only shown so far')
  await form.getByRole('button', { name: '填入' }).click()
  assert.equal(await form.getByLabel('省', { exact: true }).inputValue(), '浙江省')
  assert.equal(await form.getByLabel('详细地址', { exact: true }).inputValue(), '文一西路98号')
  await form.getByRole('button', { name: '保存' }).click()
  await appears(drawer.getByText('王** 138****3333').first())
  await page.keyboard.press('a')
  await form.getByLabel('省', { exact: true }).selectOption('湖北省')
  await appears(form.getByRole('button', { name: '保存', disabled: true }))
  await form.getByLabel('市', { exact: true }).selectOption('仙桃市')
  await form.getByRole('button', { name: '保存' }).click()
  await appears(drawer.getByText('湖北 仙桃').first())
  const { rows } = await sql<{ region: string; masked: string }>`
    select region, receiver_masked as masked from sales_order where origin = 'manual'`.execute(house.db)
  assert.deepEqual(rows, [{ region: '湖北 仙桃', masked: '王** 138****3333' }])
  assert.deepEqual(
    told.filter((url) => /13822223333|%E7%8E%8B|王小明|文一西路/.test(url)),
    [],
  )
})

test('a part is sent once more for nothing, and both orders say so', async () => {
  await page.keyboard.press('r')
  const form = dialog(/^再发一次/)
  await form.getByLabel('第 2 行的件数').fill('0')
  await form.getByLabel('第 1 行的件数').fill('1')
  await form.getByLabel('原因').fill('破损')
  await form.getByRole('button', { name: '建单' }).click()
  await appears(drawer.getByText('破损').first())
  const [copy] = await orders('&origin=reship')
  assert.equal(copy?.paymentFen, 0)
  await appears(drawer.getByRole('link', { name: copy?.no ?? '' }).first())
  await page.keyboard.press('Escape')
  await appears(page.getByText('补发', { exact: true }).first())
})

test('a sheet brings orders in, and names the rows that it cannot read', async () => {
  await page.getByRole('button', { name: '导入' }).click()
  const form = dialog('导入订单')
  const head = '店铺,订单号,收件人,手机,省,市,详细地址,商家编码,数量,单价'
  const shop = house.shops['shanyu-tmall']
  const who = '张三,13700000001,浙江,杭州,文一路 1 号'
  const text = [head, `${shop},G-1,${who},MUG,1,30`, `${shop},G-2,${who},NIX,1,30`].join('\n')
  await form.locator('input[type=file]').setInputFiles({
    name: '订单.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(text),
  })
  await form.getByRole('button', { name: '导入' }).click()
  await appears(form.getByText('没有商家编码「NIX」'))
  await form.getByRole('button', { name: '关闭' }).click()
  assert.deepEqual(
    (await orders('&origin=import')).map(({ origin }) => origin),
    ['import'],
  )
})

test('a buyer is blacklisted from the list, and taken off again', async () => {
  await page.goto(`${house.url}/orders?tab=all&origin=import`)
  await listIsReady(page)
  await rowsOf(page).first().hover()
  await page.locator('.list-row .cell-tick').first().click()
  await page.getByRole('button', { name: /^拉黑/ }).click()
  const form = dialog('拉黑 1 单的买家')
  await form.getByLabel('原因').fill('恶意退款')
  await form.getByRole('button', { name: '拉黑', exact: true }).click()
  await appears(page.getByText('1 单的买家已拉黑').first())
  await page.goto(`${house.url}/blacklist`)
  await listIsReady(page)
  await appears(page.getByText('137****0001'))
  await appears(page.getByText('恶意退款'))
})

test('rules that are not saved are not left by accident', async () => {
  await page.goto(`${house.url}/confirm-rules`)
  const name = page.getByLabel('名称')
  await name.fill('双11')
  await page.getByRole('link', { name: '开关在计划任务里' }).click()
  const question = dialog('有没保存的改动')
  await question.getByRole('button', { name: '取消' }).click()
  assert.equal(await name.inputValue(), '双11')
  await page.getByRole('link', { name: '开关在计划任务里' }).click()
  await question.getByRole('button', { name: '放弃改动' }).click()
  await page.waitForURL('**/tasks')
  const { rules } = await asked<{ rules: object[] }>(
    house.admin,
    'GET',
    `/api/confirm-rules/${house.shops['shanyu-tmall']}`,
  )
  assert.deepEqual(rules, [], 'nothing was saved')
})

test('no page broke on the way', () => {
  assert.deepEqual(chromium.faults, [])
})
