import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { connectors } from '../server/connectors/index.ts'
import { createQueues } from '../server/core/jobs/job.ts'
import { testApp } from '../server/testing/app.ts'
import { aShop, matchGoods } from '../server/testing/orders.ts'
import { shipOne } from '../server/testing/returns.ts'
import { aSku, aWarehouse, putStock } from '../server/testing/stock.ts'
import { jobs } from '../server/worker.ts'
import { appears, goes, openBrowser, pictureFailures, rowsOf } from './browser.ts'

const house = await testApp()
const { db } = house
await createQueues(db, jobs)
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})
const shopId = await aShop(db)
const warehouseId = await aWarehouse(db, 1)
const skuId = await matchGoods(db, shopId)
const code = `OF-SHOP-${shopId}`
await putStock(db, warehouseId, skuId, 100)

const first = await shipOne(db, { shopId })
const refused = await shipOne(db, { shopId })
const onHand = async () => {
  const found = await sql<{ kind: string; pieces: number }>`
    select w.kind, sum(s.on_hand)::int as pieces from stock s join warehouse w on w.id = s.warehouse_id
    where s.sku_id = ${skuId} group by 1 order by 1`.execute(db)
  return Object.fromEntries(found.rows.map(({ kind, pieces }) => [kind, pieces]))
}
const admin = await house.as(['*'])
const page = await chromium.open(`${house.url}/returns`, admin)
pictureFailures(() => page)
const dialog = page.getByRole('dialog')
const drawer = page.locator('.drawer')
const box = page.getByLabel('扫描运单、单号或商品')
const scan = async (text: string) => {
  await box.fill(text)
  await box.press('Enter')
}

test('N makes a return of a shipped order, no more than was shipped', async () => {
  await appears(page.getByText('没有待确认的退货单'))
  await appears(page.getByText('也可以按 N 手工建'))
  await page.keyboard.press('n')
  await dialog.getByLabel('订单号或交易号').fill(first.no)
  await dialog.getByLabel('第 1 行的件数').fill('3')
  await appears(dialog.getByText('发 2，可退 2'))
  assert.equal(await dialog.getByRole('button', { name: '建单' }).getAttribute('aria-disabled'), 'true')
  await dialog.getByLabel('第 1 行的件数').fill('2')
  await dialog.getByLabel('退回运单号，可不填').fill('YD7000001')
  await dialog.getByRole('button', { name: '建单' }).click()
  await goes(dialog)
  await appears(rowsOf(page).getByText('YD7000001'))
  assert.equal(await rowsOf(page).count(), 1)
})

test('a scanner alone receives it: a waybill, the goods one by one, a defective piece, Enter', async () => {
  await page.keyboard.press('r')
  await appears(box)
  await scan('yd7000001')
  await appears(page.getByText('直接按 Enter 全部收为良品'))
  await scan(code)
  await box.press('F8')
  await scan(code)
  await box.press('Enter')
  await appears(page.getByText('2 件入库'))
  assert.deepEqual(await onHand(), { defective: 1, own: 95 })
  await scan('YD7000001')
  await appears(page.getByText('直接按 Enter 全部收为良品'))
  await box.press('Escape')
})

test('what came short is a problem with its remedy, which a person settles', async () => {
  await page.goto(`${house.url}/returns?tab=problem`)
  await rowsOf(page).first().click()
  await page.keyboard.press('Enter')
  await appears(drawer.getByText('少的到了再收一次'))
  await drawer.getByRole('button', { name: '了结' }).click()
  const asked = page.getByRole('dialog', { name: '怎么处理的' })
  await asked.getByLabel('原因').fill('买家留下了')
  await asked.getByRole('button', { name: '了结' }).click()
  await appears(drawer.getByText('买家留下了'))
  await page.keyboard.press('s')
  await page.getByRole('button', { name: '结算 1 条' }).click()
  await appears(drawer.getByText('已结算'))
})

test('a parcel of ours that comes back is received whole with three presses of Enter', async () => {
  await page.goto(`${house.url}/receive-returns`)
  await scan(refused.waybillNo)
  await appears(page.getByText('发出去的包裹回来了'))
  await box.press('Enter')
  await appears(page.getByText('直接按 Enter 全部收为良品'))
  await box.press('Enter')
  await appears(page.getByText('按应退填满了'))
  await box.press('Enter')
  await appears(page.getByText('3 件入库'))
  assert.deepEqual(await onHand(), { defective: 1, own: 98 })
})

test('what nobody knows stands in no scan’s way, and Enter registers it as unclaimed', async () => {
  await scan('ZZ900000000')
  await appears(page.getByText('没有 ZZ900000000 的退货单'))
  await scan('ZZ900000001')
  await appears(page.getByText('没有 ZZ900000001 的退货单'))
  assert.equal(await dialog.count(), 0, 'no dialog catches the next scan')
  await box.press('Enter')
  await dialog.getByLabel('商品，一行一种：商家编码 良品 次品').fill(`${code} 1`)
  await dialog.getByRole('button', { name: '登记' }).click()
  await goes(dialog)
  await page.goto(`${house.url}/unclaimed-parcels`)
  await appears(rowsOf(page).getByText('ZZ900000001'))
  await rowsOf(page).first().click()
  await page.keyboard.press('Enter')
  await appears(drawer.getByText('没有像的退货单').first())
  await page.keyboard.press('s')
  await page.getByRole('button', { name: '入库 1 条' }).click()
  await appears(page.getByText('没有无主件'))
  assert.deepEqual(await onHand(), { defective: 1, own: 99 })
})

test('of two returns in one parcel a figure and Enter choose one', async () => {
  const orders = [await shipOne(db, { shopId }), await shipOne(db, { shopId })]
  const returns = orders.map(({ id }) => ({
    orderId: id,
    kind: 'return',
    waybillNo: 'YD7000009',
    lines: [{ lineNo: 1, quantity: 1 }],
  }))
  assert.equal((await admin.call('POST', '/api/returns', { returns })).status, 200)
  await page.goto(`${house.url}/receive-returns`)
  await scan('YD7000009')
  await appears(page.getByText('有 2 张退货单'))
  // The row's number and the figure beside it.
  const second = await page.locator('.receive-found').getByRole('button').nth(1).textContent()
  await scan('2')
  await appears(page.getByRole('region', { name: second?.slice(0, -1) ?? '' }))
  await box.press('Escape')
  await goes(page.getByText('应收'))
  assert.deepEqual(chromium.faults, [])
})

test('wrong goods come first, a barcode counts, a code of nothing is not counted, and a wrong row is removed', async () => {
  const order = await shipOne(db, { shopId })
  const other = await aSku(db, 'LAMP')
  await sql`insert into sku_barcode (code, sku_id) values ('6901234567892', ${skuId}), ('6901234567908', ${other})`.execute(
    db,
  )
  const wish = { orderId: order.id, kind: 'return', waybillNo: 'YD7000010' }
  const returns = [{ ...wish, lines: [{ lineNo: 1, quantity: 2 }] }]
  assert.equal((await admin.call('POST', '/api/returns', { returns })).status, 200)
  await page.goto(`${house.url}/receive-returns`)
  await scan('YD7000010')
  await appears(page.getByText('直接按 Enter 全部收为良品'))
  await scan('6901234567908')
  await appears(page.getByText('LAMP 不在这张单上，记为错收'))
  await scan('6901234567892')
  await appears(page.locator('input.pieces[value="1"]'))
  await scan('STRAY')
  await appears(page.getByText('STRAY 不是商品的编码或条码，没有计数'))
  await appears(page.getByText('错收 LAMP'))
  await page.getByRole('button', { name: '去掉' }).click()
  await goes(page.getByText('错收 LAMP'))
  await box.press('Enter')
  await appears(page.getByText('1 件入库'))
  const problems = await sql<{ is: string }>`
    select concat_ws(' ', p.kind, p.quantity) as is from return_problem p join return_order t on t.id = p.return_id
    where t.waybill_no = 'YD7000010'`.execute(db)
  assert.deepEqual(problems.rows, [{ is: 'short 1' }])
})

test('Enter takes a refused parcel of two orders whole, and makes no return beside one that is there', async () => {
  const orders = [await shipOne(db, { shopId }), await shipOne(db, { shopId })]
  await sql`update delivery set waybill_no = 'ZZ800000001', courier = case order_id when ${orders[0]?.id} then 'SF' else 'YTO' end where order_id = any(${orders.map(({ id }) => id)}::bigint[])`.execute(
    db,
  )
  const made = async () =>
    (
      await sql<{ is: number }>`
        select count(*)::int as is from return_order where order_id = any(${orders.map(({ id }) => id)}::bigint[])`.execute(
        db,
      )
    ).rows[0]?.is
  await page.goto(`${house.url}/receive-returns`)
  await scan('ZZ800000001')
  await appears(page.getByText(`发出去的包裹回来了：${orders[0]?.no}、${orders[1]?.no}`))
  await box.press('Enter')
  await appears(page.getByText('有 2 张退货单'))
  assert.equal(await made(), 2)
  await box.press('Enter')
  await scan('1')
  await appears(page.getByText('直接按 Enter 全部收为良品'))
  assert.equal(await made(), 2)
  await box.press('Escape')
})

test('a return of a platform that takes no receipts names the step to take in its place', async () => {
  const platform = connectors.find(({ cannot }) => cannot.reportReturn) ?? assert.fail()
  const found = await sql<{ id: string }>`
    update return_order set refund_no = '7001', refund_status = 'agreed', told = 'none'
    where id = (select min(id) from return_order where kind = 'return' and received_at is not null) returning id`.execute(
    db,
  )
  await sql`update shop set platform = ${platform.id} where id = ${shopId}`.execute(db)
  await page.goto(`${house.url}/returns?tab=all&open=${found.rows[0]?.id}`)
  await appears(drawer.getByText('不用回写'))
  await appears(drawer.getByText(platform.cannot.reportReturn?.zh ?? assert.fail()))
})

test('a number that several orders have returns the one that the person chooses', async () => {
  const otherShop = await aShop(db)
  await putStock(db, warehouseId, await matchGoods(db, otherShop), 100)
  const [one, other] = [
    await shipOne(db, { shopId }),
    await shipOne(db, {
      shopId: otherShop,
      tid: '294810573300000001',
      lines: [{ oid: 'only', quantity: 7, paymentFen: 700 }],
    }),
  ]
  await sql`update sales_order set tid = '294810573300000001' where id = ${one.id}`.execute(db)
  await page.goto(`${house.url}/returns`)
  await appears(page.getByText('新建退货单').first())
  await page.keyboard.press('n')
  await dialog.getByLabel('订单号或交易号').fill('294810573300000001')
  const choice = dialog.getByLabel('这个号有几张订单，退哪一张')
  await appears(choice)
  assert.equal(await dialog.getByLabel('第 1 行的件数').count(), 0, 'no order is taken by itself')
  await choice.selectOption(other.id)
  await appears(dialog.getByText('发 7，可退 7'))
  await choice.selectOption(one.id)
  await appears(dialog.getByText('发 2，可退 2'))
  await choice.selectOption(other.id)
  await dialog.getByRole('button', { name: '建单' }).click()
  await goes(dialog)
  const made = await sql<{ order_no: string }>`
    select o.no as order_no from return_order r join sales_order o on o.id = r.order_id order by r.id desc limit 1`.execute(
    db,
  )
  assert.equal(made.rows[0]?.order_no, other.no)
})
