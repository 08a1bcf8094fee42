import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import exceljs from 'exceljs'
import { sql } from 'kysely'
import { aShop, matchGoods } from '../server/testing/orders.ts'
import { aWarehouse, putStock } from '../server/testing/stock.ts'
import type { Permission } from '../server/users/permissions.ts'
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
const taken = async (from = page) =>
  rowsOfSheet(await downloadOf(from, () => from.getByRole('button', { name: '导出' }).click()))
/** Opens a page for a user with just these permissions, and the one to export. */
const openFor = async (can: Permission, path: string) => {
  const opened = await chromium.open(`${house.url}${path}`, await house.as([can, 'export']))
  await listIsReady(opened)
  return opened
}
const sheetOf = async (caller: typeof clerk, path: string) => {
  const response = await fetch(`${house.url}/api/exports/${path}`, { headers: { cookie: caller.cookie } })
  assert.equal(response.status, 200, path)
  return rowsOfSheet(Buffer.from(await response.arrayBuffer()))
}
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
  const numbers = only(await sheetOf(clerk, 'deliveries.xlsx?tab=all'), '发货单号').flat()
  assert.deepEqual([numbers.includes(left.no), numbers.includes(theirs.no)], [true, false])
  const asked = await sheetOf(clerk, `deliveries.xlsx?tab=all&shop=${elsewhere}`)
  assert.deepEqual(asked, [])
  const keeper = await house.as(['inventory.read', 'fulfilment.read', 'export'], 'all', [otherWarehouse])
  assert.deepEqual(only(await sheetOf(keeper, 'stock.xlsx'), '在库'), [[7]])
  assert.deepEqual(await sheetOf(keeper, 'deliveries.xlsx?tab=all'), [])
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
  const shops = only(await sheetOf(theirShop, 'listings.xlsx?tab=all'), '店铺').flat()
  assert.deepEqual([shops.length > 0, new Set(shops).size], [true, 1])
})

test('finance takes extra refunds out, with the order, the kind and both people', async () => {
  const one = await house.order()
  const other = await house.order()
  const extra = (orderId: string, amountFen: number, reason: string) =>
    house.boss.call('POST', '/api/extra-refunds', { orderId, kind: 'compensation', amountFen, reason })
  await extra(one.id, 1250, '少发一件')
  await extra(other.id, 300, '=1+1')
  await sql`update extra_refund set created_at = '2026-11-20 16:30:00Z', refund_no = '7300001' where order_id = ${one.id}`.execute(
    db,
  )
  const rows = await sql<SheetRow>`
    select e.id, e.no, e.order_no, e.created_by from extra_refund e order by e.id desc`.execute(db)
  const [second, first] = rows.rows
  const drafts = await openFor('refunds.read', '/extra-refunds')
  const sheet = await taken(drafts)
  assert.deepEqual(sheet[1], {
    单号: first?.['no'],
    平台: '天猫',
    店铺: '山隅家居旗舰店',
    销售单号: one.no,
    退款编号: '7300001',
    类型: '补偿',
    金额: 12.5,
    原因: '少发一件',
    状态: '待审核',
    登记人: first?.['created_by'],
    登记时间: '2026-11-21 00:30:00',
    审核人: '',
    审核时间: '',
  })
  assert.deepEqual(only(sheet, '单号', '原因'), [
    [second?.['no'], "'=1+1"],
    [first?.['no'], '少发一件'],
  ])
  await rowsOf(drafts)
    .filter({ hasText: String(first?.['no']) })
    .getByRole('checkbox')
    .click()
  assert.deepEqual(only(await taken(drafts), '单号'), [[first?.['no']]])
  await house.boss.call('POST', '/api/extra-refunds/approve', { ids: [String(first?.['id'])] })
  await drafts.goto(`${house.url}/extra-refunds?tab=approved&shop=${shopId}`)
  await listIsReady(drafts)
  const [approved, ...more] = await taken(drafts)
  assert.deepEqual(
    [more, approved?.['单号'], approved?.['状态'], approved?.['审核人']],
    [[], first?.['no'], '已审核', first?.['created_by']],
  )
  await drafts.context().close()
})

test('the print desk takes its deliveries out with receiver, goods and the number of prints', async () => {
  const desk = await openFor('fulfilment.read', `/print-desk?tab=number&shop=${shopId}`)
  const sheet = await taken(desk)
  const found = await sql<SheetRow>`
    select d.no, d.order_no as "orderNo", o.receiver_masked as receiver from delivery d join sales_order o on o.id = d.order_id
    where d.status = 'pending' and d.waybill_no = '' and d.shop_id = ${shopId}`.execute(db)
  assert.deepEqual(
    only(sheet, '发货单号', '销售单号', '收件人', '打印'),
    found.rows.map(({ no, orderNo, receiver }) => [no, orderNo, receiver, 0]),
  )
  assert.deepEqual(only(sheet, '发货单号', '快递', '运单号', '件数', '进度'), [
    [waits.no, '', '', 3, '待取号'],
  ])
  assert.match(String(sheet[0]?.['商品']), /× \d/)
  assert.match(String(sheet[0]?.['配货时间']), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
  assert.doesNotMatch(JSON.stringify(sheet), /王一|13800001234|一路 1 号/)
  await desk.context().close()
})

test('parcels that are wanted back are taken out with courier, waybill, refund and what became of them', async () => {
  const add = (id: string, refundNo: string, way: string, state: string) =>
    sql`
    insert into intercept (delivery_id, delivery_no, order_id, order_no, tid, shop_id, warehouse_id, courier, waybill_no,
      refund_no, amount_fen, deadline, way, state, note, created_at, created_by, asked_at, asked_by, ended_at, ended_by)
    select id, no, order_id, order_no, tid, shop_id, warehouse_id, courier, waybill_no, ${refundNo}, 9000, '2026-11-25 04:00:00Z',
      ${way}, ${state}, '已电话', '2026-11-21 02:00:00Z', '周强', ${state === 'missed' ? '2026-11-21 03:00:00Z' : null}::timestamptz,
      ${state === 'missed' ? '周强' : null}, ${state === 'missed' ? '2026-11-22 03:00:00Z' : null}::timestamptz, ${state === 'missed' ? '李敏' : null}
    from delivery where id = ${id}`.execute(db)
  const gone = await house.shipped()
  await add(left.id, '7400001', 'pull', 'open')
  await add(gone.id, '7400002', 'recall', 'missed')
  const open = await openFor('fulfilment.read', '/intercepts')
  const [first, ...more] = await taken(open)
  const { 商品: goods, ...cells } = first ?? {}
  assert.deepEqual(more, [])
  assert.deepEqual(cells, {
    发货单号: left.no,
    平台: '天猫',
    店铺: '山隅家居旗舰店',
    销售单号: left['orderNo'],
    交易号: await house.one(sql`select tid as is from delivery where id = ${left.id}`),
    快递: '顺丰速运',
    运单号: left['waybillNo'],
    退款编号: '7400001',
    收件人: '王** 138****1234',
    地区: '浙江 杭州',
    件数: 3,
    '退款 ¥': 90,
    平台到期: '2026-11-25 12:00:00',
    方式: '仓库拦下',
    状态: '待拦截',
    回写: '未回写',
    备注: '已电话',
    发起: '2026-11-21 10:00:00',
    发起人: '周强',
    请快递时间: '',
    请快递的人: '',
    了结时间: '',
    了结人: '',
    退货单号: '',
  })
  assert.match(String(goods), /× \d/)
  await open.goto(`${house.url}/intercepts?tab=ended&q=${gone['waybillNo']}`)
  await listIsReady(open)
  assert.deepEqual(
    only(
      await taken(open),
      '运单号',
      '方式',
      '状态',
      '请快递时间',
      '请快递的人',
      '了结时间',
      '了结人',
      '退货单号',
    ),
    [
      [
        gone['waybillNo'],
        '快递追回',
        '没拦到',
        '2026-11-21 11:00:00',
        '周强',
        '2026-11-22 11:00:00',
        '李敏',
        '',
      ],
    ],
  )
  await open.context().close()
})

test('goods to put back are taken out with their codes, the parcel and who put them back', async () => {
  const add = (id: string, skuId: string | null, state: string) =>
    sql`
    insert into put_back (delivery_id, delivery_no, order_id, order_no, tid, shop_id, warehouse_id, courier, waybill_no,
      line_no, sku_id, title, spec, quantity, source, state, created_at, done_at, done_by)
    select id, no, order_id, order_no, tid, shop_id, warehouse_id, 'SF', 'SF7500001', 1, ${skuId}, '四件套', '雾蓝', 2, 'void', ${state},
      '2026-11-21 02:00:00Z', ${state === 'done' ? '2026-11-21 03:00:00Z' : null}::timestamptz, ${state === 'done' ? '周强' : null}
    from delivery where id = ${id}`.execute(db)
  await add(waits.id, null, 'open')
  await add(theirs.id, house.skuId, 'done')
  const backs = await openFor('fulfilment.read', '/put-backs')
  assert.deepEqual(await taken(backs), [
    {
      商家编码: '',
      商品: '四件套',
      规格: '雾蓝',
      件数: 2,
      状态: '待放回',
      发货单号: waits.no,
      平台: '天猫',
      店铺: '山隅家居旗舰店',
      销售单号: waits['orderNo'],
      交易号: await house.one(sql`select tid as is from delivery where id = ${waits.id}`),
      快递: '顺丰速运',
      运单号: 'SF7500001',
      列入时间: '2026-11-21 10:00:00',
      了结时间: '',
      了结人: '',
    },
  ])
  await backs.goto(`${house.url}/put-backs?tab=done&shop=${elsewhere}`)
  await listIsReady(backs)
  const code = await house.one(sql`select code as is from sku where id = ${house.skuId}`)
  assert.deepEqual(only(await taken(backs), '商家编码', '发货单号', '状态', '了结时间', '了结人'), [
    [code, theirs.no, '已放回', '2026-11-21 11:00:00', '周强'],
  ])
  await backs.context().close()
})

test('the four sheets need the right to their list, and hold nothing of another shop', async () => {
  const exporter = await house.as(['export'])
  const stranger = await house.as(['fulfilment.read', 'refunds.read', 'export'], [])
  for (const path of ['extra-refunds', 'print-desk', 'intercepts', 'put-backs']) {
    const refused = await exporter.call('GET', `/api/exports/${path}.xlsx`)
    assert.deepEqual([refused.status, Object(refused.body).code], [403, 'forbidden'], path)
    const tab = path === 'extra-refunds' ? '' : '?tab=all'
    assert.deepEqual(await sheetOf(stranger, `${path}.xlsx${tab}`), [], path)
  }
})
