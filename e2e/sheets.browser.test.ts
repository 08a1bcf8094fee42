import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import exceljs from 'exceljs'
import { sql } from 'kysely'
import { aShop, matchGoods } from '../server/testing/orders.ts'
import { aWarehouse, putStock } from '../server/testing/stock.ts'
import { appears, downloadOf, listIsReady, openBrowser, pictureFailures, rowsOf } from './browser.ts'
import { aPressHouse } from './presses/seeds.ts'

// A user with just the permissions for a list exports it, and the sheet is compared with the tables.

const house = await aPressHouse()
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})
const { db, shopId, warehouseId } = house
const left = await house.shipped()
const waits = await house.released()
await sql`update sales_order set courier = 'YTO' where no = ${waits['orderNo']}`.execute(db)
const elsewhere = await aShop(db)
const otherSku = await matchGoods(db, elsewhere)
const otherWarehouse = await aWarehouse(db, 2)
await putStock(db, otherWarehouse, otherSku, 7)
await putStock(db, warehouseId, otherSku, 50)
const theirs = await house.released({ shopId: elsewhere })

type SheetRow = Record<string, unknown>
async function rowsOfSheet(file: Buffer): Promise<SheetRow[]> {
  const book = new exceljs.Workbook()
  await book.xlsx.load(new Uint8Array(file).buffer)
  const [head = [], ...body] = (book.worksheets[0]?.getSheetValues() ?? []).flatMap((row) =>
    Array.isArray(row) ? [row.slice(1)] : [],
  )
  return body.map((row) => Object.fromEntries(head.map((title, at) => [String(title), row[at] ?? ''])))
}
const only = (rows: readonly SheetRow[], ...titles: string[]) =>
  rows.map((row) => titles.map((one) => row[one]))

const whole = await house.as(['fulfilment.read', 'inventory.read', 'catalog.read', 'orders.read', 'export'])
const clerk = await house.as(['fulfilment.read', 'orders.read', 'export'], [shopId])
const page = await chromium.open(`${house.url}/deliveries?tab=all`, whole)
pictureFailures(() => page)
const taken = async () =>
  rowsOfSheet(await downloadOf(page, () => page.getByRole('button', { name: '导出' }).click()))
const open = async (at: string) => {
  await page.goto(house.url + at)
  await listIsReady(page)
}

test('the warehouse takes its deliveries out as a sheet, with courier and waybill, and nobody in clear', async () => {
  await listIsReady(page)
  const rows = await taken()
  const found = await sql<SheetRow>`
    select d.no, d.order_no as "orderNo", s.name as shop, o.receiver_masked as receiver, d.waybill_no as waybill
    from delivery d join shop s on s.id = d.shop_id join sales_order o on o.id = d.order_id
    order by d.created_at desc, d.id desc`.execute(db)
  assert.deepEqual(
    only(rows, '发货单号', '销售单号', '店铺', '收件人', '运单号'),
    found.rows.map(({ no, orderNo, shop, receiver, waybill }) => [no, orderNo, shop, receiver, waybill]),
  )
  const [first] = rows.filter((row) => row['发货单号'] === left.no)
  assert.deepEqual(
    [first?.['状态'], first?.['快递'], first?.['回写'], first?.['件数']],
    ['已发货', '顺丰速运', '未回写', 3],
  )
  assert.match(String(first?.['商品']), /× \d/)
  assert.match(String(first?.['发货时间']), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
  assert.doesNotMatch(JSON.stringify(rows), /王一|13800001234|一路 1 号/)
})

test('a selection is these deliveries, and a filter by courier leaves the others out', async () => {
  await rowsOf(page)
    .filter({ hasText: String(waits.no) })
    .getByRole('checkbox')
    .click()
  assert.deepEqual(only(await taken(), '发货单号'), [[waits.no]])
  await page.getByRole('button', { name: '取消选择' }).click()
  await open('/deliveries?tab=all&courier=SF')
  assert.deepEqual(only(await taken(), '发货单号', '快递'), [[left.no, '顺丰速运']])
})

test('stock is exported with the quantities of the tables, of one warehouse where one is chosen', async () => {
  await open('/stock')
  const found = await sql<SheetRow>`
    select k.code, w.name, s.on_hand, s.reserved, s.locked, s.on_hand - s.reserved - s.locked as available
    from stock s join sku k on k.id = s.sku_id join warehouse w on w.id = s.warehouse_id
    order by s.sku_id desc, s.warehouse_id desc`.execute(db)
  assert.deepEqual(
    only(await taken(), '商家编码', '仓库', '在库', '占用', '锁定', '可用'),
    found.rows.map((row) => Object.values(row)),
  )
  await open(`/stock?warehouse=${otherWarehouse}`)
  assert.deepEqual(only(await taken(), '在库', '缺货'), [[7, 0]])
})

test('who sees one shop or one warehouse takes out nothing of another', async () => {
  const sheet = async (caller: typeof clerk, path: string) => {
    const response = await fetch(`${house.url}/api/exports/${path}`, { headers: { cookie: caller.cookie } })
    assert.equal(response.status, 200, path)
    return rowsOfSheet(Buffer.from(await response.arrayBuffer()))
  }
  const numbers = only(await sheet(clerk, 'deliveries.xlsx?tab=all'), '发货单号').flat()
  assert.deepEqual([numbers.includes(left.no), numbers.includes(theirs.no)], [true, false])
  const asked = await sheet(clerk, `deliveries.xlsx?tab=all&shop=${elsewhere}`)
  assert.deepEqual(asked, [])
  const keeper = await house.as(['inventory.read', 'fulfilment.read', 'export'], 'all', [otherWarehouse])
  assert.deepEqual(only(await sheet(keeper, 'stock.xlsx'), '在库'), [[7]])
  assert.deepEqual(await sheet(keeper, 'deliveries.xlsx?tab=all'), [])
})

test('without the right to export the button says so, and the right to the list is asked as well', async () => {
  const reader = await house.as(['fulfilment.read'])
  const other = await chromium.open(`${house.url}/deliveries`, reader)
  await listIsReady(other)
  const button = other.getByRole('button', { name: '导出' })
  await appears(button)
  assert.equal(await button.getAttribute('aria-disabled'), 'true')
  await other.context().close()
  const exporter = await house.as(['export'])
  for (const path of ['deliveries', 'stock', 'skus', 'listings']) {
    const refused = await exporter.call('GET', `/api/exports/${path}.xlsx`)
    assert.deepEqual([refused.status, Object(refused.body).code], [403, 'forbidden'], path)
  }
})

test('an order’s courier and waybill are in its sheet', async () => {
  await open('/orders?tab=all')
  const rows = await taken()
  const row = (no: unknown) => rows.find((one) => one['销售单号'] === no)
  assert.deepEqual(only([row(left['orderNo']) ?? {}], '快递', '运单号'), [['顺丰速运', left['waybillNo']]])
  assert.deepEqual(only([row(waits['orderNo']) ?? {}], '快递', '运单号'), [['圆通速递', '']])
})

test('products and listings are exported with codes, barcodes, prices and matches', async () => {
  const products = await sql<SheetRow>`
    select k.code, p.name, k.spec, case when k.active then '在用' else '停用' end as standing
    from sku k join product p on p.id = k.product_id where k.standing = 'active' order by k.created_at desc, k.id desc`.execute(
    db,
  )
  await sql`update sku set price_fen = 12345 where id = ${house.skuId}`.execute(db)
  await open('/products')
  const skus = await taken()
  assert.deepEqual(
    only(skus, '商家编码', '商品名', '规格', '状态'),
    products.rows.map((row) => Object.values(row)),
  )
  assert.ok(skus.some((row) => row['售价 ¥'] === 123.45))
  const found = await sql<SheetRow>`
    select l.item_id, l.platform_sku_id, s.name as shop, coalesce(k.code, '') as code
    from listing l join shop s on s.id = l.shop_id left join sku k on k.id = l.sku_id
    order by l.created_at desc, l.id desc`.execute(db)
  await open('/listings?tab=all')
  assert.deepEqual(
    only(await taken(), '平台商品 ID', '平台 SKU ID', '店铺', '匹配的 SKU'),
    found.rows.map((row) => Object.values(row)),
  )
  const theirShop = await house.as(['catalog.read', 'export'], [elsewhere])
  const response = await fetch(`${house.url}/api/exports/listings.xlsx?tab=all`, {
    headers: { cookie: theirShop.cookie },
  })
  const shops = only(await rowsOfSheet(Buffer.from(await response.arrayBuffer())), '店铺').flat()
  assert.deepEqual([shops.length > 0, new Set(shops).size], [true, 1])
})
