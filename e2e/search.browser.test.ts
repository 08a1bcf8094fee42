import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import type { Caller } from '../server/testing/app.ts'
import { aWarehouse } from '../server/testing/stock.ts'
import { appears, goes, listIsReady, openBrowser } from './browser.ts'
import { aPressHouse } from './presses/seeds.ts'

// The search box: what each number finds, and for which users.

const house = await aPressHouse()
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})
const packed = await house.packed()
const { waybillNo = '', orderNo = '', no = '' } = packed
await sql`
  insert into sku_barcode (code, sku_id) select '6901234567890', id from sku where code = 'SY-7'`.execute(
  house.db,
)
await sql`update sku set words = 'sy-7 四件套 雾蓝' where code = 'SY-7'`.execute(house.db)

async function found(who: Caller, text: string): Promise<string[]> {
  const { status, body } = await who.call('GET', `/api/search?q=${encodeURIComponent(text)}`)
  assert.equal(status, 200, JSON.stringify(body))
  return Object(body).rows.map((row: { kind: string; no: string }) => `${row.kind} ${row.no}`)
}
const clerk = await house.as(['orders.read', 'fulfilment.read', 'catalog.read', 'returns.read'])

test('a waybill finds its order and its delivery, however it is written', async () => {
  assert.deepEqual(await found(clerk, waybillNo), [`order ${orderNo}`, `delivery ${no}`])
  assert.deepEqual(await found(clerk, ` ${waybillNo.toLowerCase()} `), [`order ${orderNo}`, `delivery ${no}`])
})

test('the number of a delivery finds it, and that of its order both', async () => {
  assert.deepEqual(await found(clerk, no), [`delivery ${no}`])
  assert.deepEqual(await found(clerk, orderNo), [`order ${orderNo}`, `delivery ${no}`])
})

test('goods are found by code, name and barcode', async () => {
  assert.deepEqual(await found(clerk, 'SY-7'), ['sku SY-7'])
  assert.deepEqual(await found(clerk, '6901234567890'), ['sku SY-7'])
  assert.deepEqual(await found(clerk, '雾蓝'), ['sku SY-7'])
})

test('each sees what they may read, of their shops and warehouses', async () => {
  const reader = await house.as(['orders.read'])
  assert.deepEqual(await found(reader, waybillNo), [`order ${orderNo}`])
  assert.deepEqual(await found(reader, 'SY-7'), [])
  const packer = await house.as(['fulfilment.read'])
  assert.deepEqual(await found(packer, waybillNo), [`delivery ${no}`])
  const all = ['orders.read', 'fulfilment.read'] as const
  assert.deepEqual(await found(await house.as([...all], []), waybillNo), [], 'no shop of theirs')
  const other = await aWarehouse(house.db)
  assert.deepEqual(
    await found(await house.as([...all], 'all', [other]), waybillNo),
    [],
    'no warehouse of theirs',
  )
  assert.deepEqual(await found(await house.as([...all], 'all', [house.warehouseId]), waybillNo), [
    ...[`order ${orderNo}`, `delivery ${no}`],
  ])
})

test('a waybill that was taken back finds nothing', async () => {
  const gone = await house.packed()
  await sql`update delivery set status = 'cancelled' where id = ${gone.id}`.execute(house.db)
  assert.deepEqual(await found(clerk, gone['waybillNo'] ?? ''), [])
})

test('in the search box a waybill leads to its order and to its delivery, and a barcode to the goods', async () => {
  const page = await chromium.open(`${house.url}/orders`, clerk)
  await listIsReady(page)
  const box = page.getByRole('dialog', { name: '命令' }).getByRole('combobox')
  const go = async (typed: string, option: RegExp, down: number) => {
    await page.keyboard.press('Control+k')
    await box.fill(typed)
    await appears(page.getByRole('option', { name: option }))
    for (let step = 0; step < down; step += 1) await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
  }
  await go(waybillNo, new RegExp(orderNo), 0)
  await appears(page.getByRole('dialog', { name: new RegExp(`^销售订单 ?${orderNo}`) }))
  await page.keyboard.press('Escape')
  await goes(page.locator('.drawer'))
  await go(waybillNo, new RegExp(no), 1)
  await appears(page.getByRole('heading', { name: '发货' }))
  await appears(page.getByRole('grid').getByText(no))
  await go('6901234567890', /SY-7/, 0)
  await appears(page.getByRole('dialog', { name: '商品 SY-7' }))
  assert.deepEqual(chromium.faults, [])
})
