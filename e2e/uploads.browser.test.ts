import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { connectorFor } from '../server/connectors/index.ts'
import { createQueues } from '../server/core/jobs/job.ts'
import { calculateStockSync } from '../server/stock-sync/calculate.ts'
import { listingsOfShop } from '../server/stock-sync/queries.ts'
import { testApp } from '../server/testing/app.ts'
import { aShop } from '../server/testing/orders.ts'
import { aSku, aWarehouse, putStock } from '../server/testing/stock.ts'
import { giveShopTasks, jobs } from '../server/worker.ts'
import { appears, goes, openBrowser, pictureFailures, rowsOf } from './browser.ts'

const house = await testApp()
await createQueues(house.db, jobs)
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})
const { db } = house
const shopId = await aShop(db)
const connector = connectorFor('taobao')
assert.ok(connector)
await db.transaction().execute((tx) => giveShopTasks(tx, { id: shopId }, connector))
const warehouseId = await aWarehouse(db)
for (const [at, pieces] of [15, 3, 1].entries()) {
  const skuId = await aSku(db, `CUP-0${at}`)
  await putStock(db, warehouseId, skuId, pieces)
  await sql`
    insert into listing (shop_id, item_id, platform_sku_id, title, spec, status, modified_at, listed_at, sku_id, matched_how, quantity)
    values (${shopId}, 'i1', ${`s${at}`}, ${`马克杯 ${at}`}, '青釉', 'on_sale', now(), now(), ${skuId}, 'hand', 9)`.execute(
    db,
  )
}
/** As the shop's task does. */
const whole = () =>
  db.transaction().execute(async (tx) => {
    await calculateStockSync(tx, await listingsOfShop(tx, shopId, '0', 100))
  })
const page = await chromium.open(`${house.url}/stock-uploads`, await house.as(['*']))
pictureFailures(() => page)
const dialog = page.getByRole('dialog')
const drawer = page.locator('.drawer')

test('a shop that is off shows what it would be told; S sets its rule and switches it on', async () => {
  await appears(page.getByText('还没有要同步的平台商品'))
  await whole()
  await page.reload()
  await appears(rowsOf(page).getByText('未开启'))
  assert.equal(await rowsOf(page).count(), 3)
  await page.keyboard.press('s')
  await dialog.getByLabel('比例 %').fill('180')
  await appears(dialog.getByText('0 到 100'))
  await dialog.getByLabel('比例 %').fill('80')
  await dialog.getByLabel('安全库存').fill('2')
  await dialog.getByText('把库存推到这家店').click()
  await dialog.getByRole('button', { name: '保存' }).click()
  await goes(dialog)
  await whole()
  await page.reload()
  await appears(rowsOf(page).getByText('待同步'))
  assert.deepEqual(chromium.faults, [])
})

test('a row opens its calculation', async () => {
  await rowsOf(page).filter({ hasText: '马克杯 0' }).click()
  await page.keyboard.press('Enter')
  await appears(drawer.getByText('可用 15，× 80% = 12，− 安全库存 2 = 10'))
  await page.keyboard.press('Escape')
  await goes(drawer)
})

test('R gives chosen listings their own rule, P pauses them, U goes on', async () => {
  const row = rowsOf(page).filter({ hasText: '马克杯 0' })
  await row.getByRole('checkbox').check()
  await page.keyboard.press('r')
  await dialog.getByLabel('最多显示').fill('4')
  await dialog.getByRole('button', { name: '用这条规则' }).click()
  await goes(dialog)
  await appears(row.getByText('单独'))
  await row.getByRole('checkbox').check()
  await page.keyboard.press('p')
  await appears(row.getByText('已暂停'))
  const paused = await sql<{ quantity: number; paused: boolean }>`
    select quantity, paused from stock_upload order by id limit 1`.execute(db)
  assert.deepEqual(paused.rows, [{ quantity: 4, paused: true }])
  await row.getByRole('checkbox').check()
  await page.keyboard.press('u')
  await appears(row.getByText('待同步'))
  assert.deepEqual(chromium.faults, [])
})
