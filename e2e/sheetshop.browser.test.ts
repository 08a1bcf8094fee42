import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import exceljs from 'exceljs'
import { sql } from 'kysely'
import { permissionsOf } from '../server/testing/app.ts'
import { aWaybill } from '../server/testing/shipping.ts'
import { aSku, aWarehouse, putStock } from '../server/testing/stock.ts'
import { until } from '../server/testing/until.ts'
import { appears, downloadOf, openBrowser, pictureFailures } from './browser.ts'
import { openHouse } from './house.ts'

/** The processes of the house share two busy processors with all other tests. */
const patienceMs = 60_000

// A clerk of 客服 who may also convert and ship: a sheet in, its parcels out, with the processes of a real house.
const house = await openHouse({ trades: {}, connected: false })
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})
const { db } = house
const admin = await house.as(['*'])
const clerk = await house.as([
  ...(await permissionsOf(db, '客服')),
  ...(['trades.convert', 'fulfilment.ship'] as const),
])
const page = await chromium.open(`${house.url}/shops/connect`, admin)
let desk = page
pictureFailures(() => desk)

const one = async (query: ReturnType<typeof sql<{ is: unknown }>>) => (await query.execute(db)).rows[0]?.is
const appearsInTime = async (query: ReturnType<typeof sql<{ is: unknown }>>, is: unknown) =>
  until(async () => (await one(query)) === is, patienceMs)

async function workbook(rows: readonly (readonly (string | number)[])[]): Promise<Buffer> {
  const book = new exceljs.Workbook()
  const sheet = book.addWorksheet('订单')
  for (const row of rows) sheet.addRow([...row])
  return Buffer.from(await book.xlsx.writeBuffer())
}
const head = [
  '跟团流水',
  '收件人',
  '联系电话',
  '收货地址',
  '商品编码',
  '品名',
  '数量',
  '小计',
  '支付时间',
  '售后',
]
const row = (no: string, code: string, more: string = '') => [
  ...[
    no,
    '林小满',
    '13800001234',
    '浙江省杭州市西湖区文三路1号2幢301',
    code,
    '四件套',
    2,
    190,
    '2026-11-24 10:00',
    more,
  ],
]
const sheet = await workbook([
  ['小林团长 11月24日'],
  head,
  row('KTT001', 'BED-1'),
  row('KTT001', 'PIL-1'),
  row('KTT002', 'BED-1'),
  row('1.23457E+17', 'BED-1'),
])

async function choose(name: string, file: Buffer): Promise<void> {
  const mimeType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
  await desk.locator('input[type=file]').setInputFiles({ name, mimeType, buffer: file })
}

test('an administrator connects a channel by its name alone', async () => {
  await page.getByLabel('平台').selectOption({ label: '表格店铺' })
  await page.getByLabel('店铺名称').fill('快团团')
  await page.getByLabel(/^渠道/).fill('快团团·小林团长')
  await page.getByRole('button', { name: '保存，下一步验证' }).click()
  await page.getByRole('button', { name: '验证', exact: true }).click()
  await appears(page.getByText('导入交易表格').first(), patienceMs)
  await sql`update shop set go_live_at = '2026-01-01T00:00:00Z'`.execute(db)
  const warehouseId = await aWarehouse(db)
  for (const code of ['BED-1', 'PIL-1']) await putStock(db, warehouseId, await aSku(db, code), 1000)
  await appearsInTime(sql`select count(*)::int as is from push_shop`, 1)
})

test('the clerk chooses a sheet, maps the column that is not known, and sees what is wrong by row', async () => {
  desk = await chromium.open(`${house.url}/shops/1`, clerk)
  await choose('1124.xlsx', sheet)
  await appears(desk.getByText('第 2 行是表头。列认得不对，在这里改'), patienceMs)
  await appears(desk.getByText(/没有交易编号列/))
  assert.equal(
    await desk.getByRole('button', { name: '导入', exact: true }).getAttribute('aria-disabled'),
    'true',
  )
  await desk.getByRole('combobox', { name: '交易编号' }).selectOption({ label: '跟团流水' })
  await appears(desk.getByText('4 行，2 笔交易：新 2，有改动 0，没变 0；退款 0；有误 1 行'), patienceMs)
  await appears(desk.getByText(/后面几位已经丢了/))
  await appears(desk.getByText('林** 138****1234').first())
  assert.equal(await one(sql`select count(*)::int as is from mall_document`), 0)
})

test('two columns that are changed quickly are both kept, and a late answer about the first changes nothing', async () => {
  const preview = /trade-sheet\/preview$/
  const asked: object[] = []
  let answerFirst: () => void = () => undefined
  await desk.route(preview, async (route) => {
    asked.push(Object(route.request().postDataJSON()).columns)
    if (asked.length === 1)
      await new Promise<void>((settle) => {
        answerFirst = settle
      })
    await route.continue()
  })
  const column = (name: string) => desk.getByRole('combobox', { name, exact: true })
  const [title, quantity] = ['商品名称', '数量']
  await column(title).selectOption('')
  await Promise.all([desk.waitForResponse(preview), column(quantity).selectOption('')])
  await Promise.all([desk.waitForResponse(preview), answerFirst()])
  assert.deepEqual(
    asked.map((columns) => ['title' in columns, 'quantity' in columns]),
    [
      [false, true],
      [false, false],
    ],
  )
  assert.deepEqual([await column(title).inputValue(), await column(quantity).inputValue()], ['', ''])
  await desk.unroute(preview)
  await Promise.all([desk.waitForResponse(preview), column(quantity).selectOption('数量')])
  await Promise.all([desk.waitForResponse(preview), column(title).selectOption('品名')])
})

test('the import stages the trades, and the mapping is kept', async () => {
  await desk.getByRole('button', { name: '导入', exact: true }).click()
  await appears(desk.getByText(/已导入。4 行，2 笔交易：新 2/), patienceMs)
  await appearsInTime(
    sql`select count(*)::int as is from staged_trade where state = 'staged' and tid like 'KTT%'`,
    2,
  )
  const page = desk.url()
  await desk.getByRole('link', { name: '看这些交易' }).click()
  for (const tid of ['KTT001', 'KTT002']) await appears(desk.getByText(tid).first(), patienceMs)
  await desk.goto(page)
  await choose('1124.xlsx', sheet)
  await appears(desk.getByText('第 2 行是表头，列和上次一样'), patienceMs)
  await appears(desk.getByText('4 行，2 笔交易：新 0，有改动 0，没变 2；退款 0；有误 1 行'))
})

test('a trade becomes an order, is packed and shipped, and its parcel waits for the sheet', async () => {
  const ids = await one(sql`select array_agg(id::text) as is from staged_trade where tid like 'KTT%'`)
  const call = async (path: string, body: object) => {
    const { status, body: answer } = await clerk.call('POST', path, body)
    assert.equal(status, 200, JSON.stringify(answer))
    for (const { done, code } of Object(answer).results) assert.equal(done ? 'done' : code, 'done', path)
  }
  await call('/api/staged-trades/convert', { ids })
  const orders = await one(
    sql`select array_agg(id::text order by tid) as is from sales_order where tid like 'KTT%'`,
  )
  assert.equal((orders as string[]).length, 2)
  await call('/api/orders/confirm', { ids: orders })
  await call('/api/orders/release', { ids: orders })
  const delivery = await one(sql`select id::text as is from delivery where tid = 'KTT001'`)
  await call('/api/deliveries/waybills', { rows: [{ id: delivery, courier: 'SF', waybillNo: aWaybill() }] })
  await call('/api/deliveries/ship', { ids: [delivery] })
  await appearsInTime(sql`select write_back as is from delivery where tid = 'KTT001'`, 'done')
  // The page counts them once a minute.
  await desk.reload()
  await appears(desk.getByText('1 个包裹没给过渠道'), patienceMs)
  await appearsInTime(sql`select status as is from staged_trade where tid = 'KTT001'`, 'shipped')
})

test('the sheet of parcels is downloaded once, and again on demand', async () => {
  const first = await rowsOf(
    await downloadOf(desk, () => desk.getByRole('button', { name: '下载发货表' }).click()),
  )
  const waybill = await one(sql`select waybill_no as is from delivery where tid = 'KTT001'`)
  assert.deepEqual(first[0], ['交易编号', '快递公司', '运单号', '商品', '件数', '发货时间'])
  assert.deepEqual(
    first.slice(1).map((cells) => cells.slice(0, 5)),
    [['KTT001', '顺丰速运', waybill, '四件套 × 2；四件套 × 2', 4]],
  )
  await appears(desk.getByText('0 个包裹没给过渠道'), patienceMs)
  assert.equal(await desk.getByRole('button', { name: '下载发货表' }).getAttribute('aria-disabled'), 'true')
  assert.equal(await one(sql`select count(*)::int as is from handout_parcel`), 1)
  const again = await rowsOf(
    await downloadOf(desk, () => desk.getByRole('button', { name: '再下一遍' }).click()),
  )
  assert.deepEqual(again, first)
  assert.equal(await one(sql`select count(*)::int as is from handout`), 1)
})

async function rowsOf(file: Buffer): Promise<unknown[][]> {
  const book = new exceljs.Workbook()
  await book.xlsx.load(new Uint8Array(file).buffer)
  return (book.worksheets[0]?.getSheetValues() ?? []).flatMap((cells) =>
    Array.isArray(cells) ? [cells.slice(1)] : [],
  )
}
