import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { createQueues } from '../server/core/jobs/job.ts'
import { reserve } from '../server/inventory/reserve.ts'
import { testApp } from '../server/testing/app.ts'
import { anOrder, aShop } from '../server/testing/orders.ts'
import { aDemand, aSku } from '../server/testing/stock.ts'
import { jobs } from '../server/worker.ts'
import { appears, goes, openBrowser, pictureFailures, rowsOf } from './browser.ts'

const house = await testApp()
await createQueues(house.db, jobs)
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})
const skuId = await aSku(house.db, 'CUP-01')
const keeper = await house.as(['*'])
const page = await chromium.open(`${house.url}/warehouses`, keeper)
pictureFailures(() => page)
const dialog = page.getByRole('dialog')
const drawer = page.locator('.drawer')

test('N adds a warehouse', async () => {
  await appears(page.getByText('还没有仓库'))
  await page.keyboard.press('n')
  await dialog.getByLabel('编码').fill('HZ')
  await dialog.getByLabel('名称').fill('杭州仓')
  await dialog.getByRole('button', { name: '保存' }).click()
  await goes(dialog)
  await appears(page.getByRole('cell', { name: '杭州仓' }))
})

test('the steps before shipping are chosen in the dialog of the warehouse', async () => {
  const row = page.getByRole('row').filter({ hasText: '杭州仓' })
  await appears(row.getByRole('cell', { name: '打印面单', exact: true }))
  await row.getByRole('button', { name: '修改…' }).click()
  await dialog.getByLabel('验货').check()
  await dialog.getByLabel('称重').check()
  await dialog.getByLabel('打印面单').uncheck()
  await dialog.getByRole('button', { name: '保存' }).click()
  await goes(dialog)
  await appears(row.getByRole('cell', { name: '验货、称重', exact: true }))
  const stored = await sql<{
    steps: string[]
  }>`select ship_steps as steps from warehouse where code = 'HZ'`.execute(house.db)
  assert.deepEqual(stored.rows, [{ steps: ['check', 'weigh'] }])
})

test('an adjustment is typed, approved with A, posted with P after a question', async () => {
  await page.goto(`${house.url}/stock-documents`)
  await appears(page.getByText('没有待审核的单据'))
  await page.keyboard.press('n')
  const lines = dialog.getByLabel('商品：每行一个商家编码和数量')
  await lines.fill('NOBODY 1')
  await dialog.getByRole('button', { name: '存为待审核' }).click()
  await appears(dialog.getByText('没有商家编码：NOBODY'))
  await lines.fill('CUP-01 5')
  await dialog.getByRole('button', { name: '存为待审核' }).click()
  await appears(drawer.getByText('待审核'))
  await page.keyboard.press('a')
  await appears(drawer.getByText('待过账'))
  await page.keyboard.press('p')
  await page.getByRole('button', { name: '过账 1 条' }).click()
  await appears(drawer.getByText('已过账'))
  assert.deepEqual(chromium.faults, [])
})

test('stock shows what there is, who holds it, and who waits', async () => {
  const shopId = await aShop(house.db)
  const [first, second] = [await anOrder(house.db, { shopId }), await anOrder(house.db, { shopId })]
  const demand = (orderId: string, quantity: number) =>
    aDemand({ skuId, warehouseId: '1', orderId, quantity })
  await house.db.transaction().execute((tx) => reserve(tx, [demand(first.id, 4), demand(second.id, 3)]))
  await page.goto(`${house.url}/stock?tab=short`)
  await appears(rowsOf(page))
  assert.equal(await rowsOf(page).count(), 1)
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await appears(drawer.getByText(first.no))
  await appears(drawer.getByText('占 4'))
  await appears(drawer.getByText('缺 3').first())
  await page.keyboard.press('l')
  await appears(dialog.getByText('锁住的不卖给订单，直到释放'))
  assert.equal(await dialog.getByLabel('商品：每行一个商家编码和数量').inputValue(), 'CUP-01 ')
})

test('a bin that was changed meanwhile is not saved over, and the dialog says so', async () => {
  const { rows } = await sql<{ id: string }>`select id from warehouse where code = 'HZ'`.execute(house.db)
  const bin = { warehouseId: rows[0]?.id ?? '', code: 'A-01', active: true, mains: [], spares: [] }
  const save = async (route: number, version: string) =>
    (await keeper.call('POST', '/api/bins', { ...bin, route, version })).status
  assert.equal(await save(10, ''), 200)
  await page.goto(`${house.url}/bins`)
  await rowsOf(page).first().getByRole('button', { name: '修改…' }).click()
  await dialog.getByLabel('主库位的商品').fill('CUP-01')
  const { body } = await keeper.call('GET', '/api/bins')
  assert.equal(await save(20, Object(body).rows[0].version), 200)
  await dialog.getByRole('button', { name: '保存' }).click()
  await appears(dialog.getByText('库位 A-01 已被改动，刷新后再试'))
  const lying = await sql`select from sku_bin`.execute(house.db)
  assert.equal(lying.rows.length, 0)
  await page.reload()
  await rowsOf(page).first().getByRole('button', { name: '修改…' }).click()
  await dialog.getByLabel('主库位的商品').fill('CUP-01')
  await dialog.getByRole('button', { name: '保存' }).click()
  await goes(dialog)
  const now = await sql<{ route: number; code: string }>`
    select b.route, s.code from sku_bin l join bin b on b.id = l.main_bin_id join sku s on s.id = l.sku_id`.execute(
    house.db,
  )
  assert.deepEqual(now.rows, [{ route: 20, code: 'CUP-01' }])
})
