import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { until } from '../server/testing/until.ts'
import { appears, goes, listIsReady, openBrowser, pictureFailures, rowsOf } from './browser.ts'
import { asked, openHouse } from './house.ts'

const house = await openHouse({ trades: { 'shanyu-tmall': 0 } })
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})

await house.control('trades', {
  shop: 'shanyu-tmall',
  count: 12,
  status: 'WAIT_SELLER_SEND_GOODS',
  type: 'fixed',
  lines: 1,
  created: Math.floor(Date.now() / 1000) - 7200,
  spreadSeconds: 3600,
})
await house.download()
type Listing = {
  id: string
  title: string
  spec: string
  outerSkuId: string
  skuCode: string | null
  matchedHow: string
}
const listings = async (query: string) =>
  (await asked<{ rows: Listing[] }>(house.admin, 'GET', `/api/listings?${query}`)).rows
const [first = assert.fail(), second = assert.fail()] = await listings('limit=2')
await asked(house.admin, 'POST', '/api/skus', {
  rows: [
    { code: 'WIDE-1', name: first.title, spec: first.spec, priceFen: 26_900 },
    { code: 'OTHER-1', name: '扫地机器人', barcodes: ['6901234567892'] },
  ],
})

const page = await chromium.open(`${house.url}/listings`, house.admin)
pictureFailures(() => page)
const dialog = (name: string) => page.getByRole('dialog', { name, exact: true })
const of = async (id: string) => (await listings(`tab=all&ids=${id}`))[0] ?? assert.fail()

test('a listing is matched by keyboard alone: the likeliest SKU stands first, and none is chosen for anybody', async () => {
  await listIsReady(page)
  await appears(rowsOf(page).getByText(first.title).first())
  await page.keyboard.press('j')
  await page.keyboard.press('m')
  const match = dialog('匹配 1 个平台商品')
  await appears(match.getByRole('option').first().getByText('WIDE-1'))
  await appears(match.getByRole('option').first().getByText('规格相同'))
  assert.equal(await match.getByRole('option', { selected: true }).count(), 0)
  await page.keyboard.press('Enter')
  await appears(match.getByRole('option').first())
  assert.equal((await of(first.id)).skuCode, null, 'Enter took what nobody chose')
  await page.keyboard.press('ArrowDown')
  await appears(match.getByRole('option', { selected: true }).getByText('WIDE-1'))
  await page.keyboard.press('Enter')
  await goes(match)
  await appears(page.locator('.toast', { hasText: '1 个平台商品已匹配' }))
  const { skuCode, matchedHow } = await of(first.id)
  assert.deepEqual([skuCode, matchedHow], ['WIDE-1', 'hand'])
  await appears(page.locator('.toast').getByRole('button', { name: '撤销' }))
})

test('another one is found by barcode, with Enter on its row', async () => {
  await page.goto(`${house.url}/listings?ids=${second.id}`)
  await listIsReady(page)
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  const match = dialog('匹配 1 个平台商品')
  await match.getByRole('combobox', { name: '找 SKU' }).fill('6901234567892')
  await appears(match.getByRole('option', { selected: true }).getByText('OTHER-1'))
  // A SKU that is retired meanwhile is refused, and the search text stays.
  const { rows } = await asked<{ rows: { id: string }[] }>(house.admin, 'GET', '/api/skus?q=OTHER-1')
  const [other = assert.fail()] = rows
  await asked(house.admin, 'POST', '/api/skus/retire', { ids: [other.id] })
  await page.keyboard.press('Enter')
  await appears(page.locator('.toast', { hasText: 'SKU' }))
  await appears(match.getByRole('option', { selected: true }))
  await asked(house.admin, 'POST', '/api/skus/revive', { ids: [other.id] })
  await page.keyboard.press('Enter')
  await goes(match)
  await appears(page.locator('.toast', { hasText: '1 个平台商品已匹配' }))
  await until(async () => (await of(second.id)).skuCode === 'OTHER-1')
  await page.getByRole('tab', { name: '已匹配' }).click()
  await appears(rowsOf(page).getByText('OTHER-1'))
})

test('matching anew offers no way back, which would leave it without any', async () => {
  await page.goto(`${house.url}/listings?tab=matched&ids=${second.id}`)
  await listIsReady(page)
  await page.keyboard.press('j')
  await page.keyboard.press('m')
  const match = dialog('匹配 1 个平台商品')
  await match.getByRole('combobox', { name: '找 SKU' }).fill('WIDE-1')
  await appears(match.getByRole('option', { selected: true }).getByText('WIDE-1'))
  await page.keyboard.press('Enter')
  await goes(match)
  await appears(page.locator('.toast', { hasText: '1 个平台商品已匹配' }))
  assert.equal((await of(second.id)).skuCode, 'WIDE-1')
  assert.equal(await page.locator('.toast').getByRole('button', { name: '撤销' }).count(), 0)
})

test('what is unmatched by hand is unmatched until it is asked for again', async () => {
  await page.goto(`${house.url}/listings?tab=matched&ids=${second.id}`)
  await listIsReady(page)
  await page.keyboard.press('j')
  await page.keyboard.press('u')
  await appears(page.locator('.toast', { hasText: '1 个已取消匹配' }))
  assert.equal((await of(second.id)).skuCode, null)
})

test('a new SKU takes the listings that carry its code', async () => {
  const [open = assert.fail()] = (await listings('limit=50')).filter(
    (row) => row.outerSkuId !== '' && row.id !== second.id,
  )
  await page.goto(`${house.url}/products`)
  await listIsReady(page)
  await page.keyboard.press('n')
  const add = dialog('新增 SKU')
  await add.getByLabel('商家编码').fill(open.outerSkuId)
  await add.getByLabel('商品名称').fill('新来的')
  await add.getByLabel('售价 ¥').fill('12.345')
  await appears(add.getByText('金额，最多两位小数'))
  await add.getByLabel('售价 ¥').fill('12.30')
  await add.getByRole('button', { name: '新增', exact: true }).click()
  await goes(add)
  const { skuCode, matchedHow } = await of(open.id)
  assert.deepEqual([skuCode, matchedHow], [open.outerSkuId, 'outer_id'])
  await appears(rowsOf(page).getByText(open.outerSkuId))
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  const drawer = page.getByRole('dialog', { name: `商品 ${open.outerSkuId}` })
  await appears(drawer.getByText(open.title).first())
  await page.keyboard.press('e')
  await dialog(`编辑 ${open.outerSkuId}`).getByLabel('规格').fill('加大')
  await dialog(`编辑 ${open.outerSkuId}`).getByLabel('验货').selectOption('once')
  await dialog(`编辑 ${open.outerSkuId}`).getByRole('button', { name: '保存' }).click()
  await appears(drawer.getByText('加大').first())
  await appears(drawer.getByText('整单一扫'))
  await page.keyboard.press('b')
  const bundle = dialog(`套餐组成 ${open.outerSkuId}`)
  await bundle.getByRole('combobox').fill('OTHER-1')
  await appears(bundle.getByRole('option', { selected: true }).getByText('OTHER-1'))
  await page.keyboard.press('Enter')
  await bundle.getByLabel('OTHER-1 的数量').fill('2')
  await bundle.getByRole('button', { name: '保存' }).click()
  await appears(drawer.getByText('× 2'))
})

test('an imported sheet says which rows it did not take', async () => {
  await page.goto(`${house.url}/products`)
  await listIsReady(page)
  await page.keyboard.press('i')
  const box = dialog('导入商品')
  const text = '商家编码,商品名称,售价\nTP-1,演示,9.9\nTP-2,羽绒被,很贵\n'
  await box
    .locator('input[type=file]')
    .setInputFiles({ name: '商品.csv', mimeType: 'text/csv', buffer: Buffer.from(text) })
  await box.getByRole('button', { name: '导入', exact: true }).click()
  await appears(box.getByText('2 行：新增 1，更新 0，失败 1'))
  await appears(box.getByText('「很贵」不是金额'))
  await page.keyboard.press('Escape')
  await appears(rowsOf(page).getByText('TP-1'))
})

test('no page broke on the way', () => {
  assert.deepEqual(chromium.faults, [])
})
