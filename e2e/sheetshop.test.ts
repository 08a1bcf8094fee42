import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import exceljs from 'exceljs'
import { sql } from 'kysely'
import { createQueues } from '../server/core/jobs/job.ts'
import { sheetDemo } from '../server/start/demo-sheets.ts'
import { codesOf, testApp } from '../server/testing/app.ts'
import { aWaybill } from '../server/testing/shipping.ts'
import { aSku } from '../server/testing/stock.ts'
import { until } from '../server/testing/until.ts'
import { jobs } from '../server/worker.ts'
import { aSheetHouse, fileOf, head, rowOf, type SheetHouse, type SheetReport } from './malls/sheet-house.ts'

// A shop without an interface: sheets of trades come in, and sheets of parcels go out.
let it: SheetHouse
before(async () => {
  it = await aSheetHouse()
})
after(() => it[Symbol.asyncDispose]())

const counts = ({ added, changed, same, refunds, refused }: SheetReport) => [
  ...[added, changed, same, refunds],
  refused.map(({ row, code }) => `${row} ${code}`).join(' '),
]
const one = <T>(query: ReturnType<typeof sql<{ is: T }>>) =>
  query.execute(it.house.db).then(({ rows }) => rows[0]?.is)
const stagedStatus = (tid: string) =>
  one<string>(sql`select status as is from staged_trade where tid = ${tid} and state = 'staged'`)

test('a preview shows what an import would do, with the receiver masked, and does nothing', async () => {
  const seen = await it.preview([head, rowOf('P1'), rowOf('1.23457E+17')])
  assert.deepEqual(counts(seen), [1, 0, 0, 0, '3 bad_cell'])
  assert.deepEqual([seen.columns['tid'], seen.known], ['订单号', false])
  assert.deepEqual(seen.first[0], {
    ...{ row: 2, tid: 'P1', state: 'new', receiver: '林** 138****1234', region: '浙江省 杭州市 西湖区' },
    ...{ goods: 'BED-1 四件套', quantity: 2, amountFen: 19_000, refund: '' },
  })
  const kept = await one(
    sql`select (select count(*) from mall_document)::int + (select count(*) from sheet_layout)::int as is`,
  )
  assert.equal(kept, 0)
})

test('an import stages the trades within seconds; the same sheet again changes nothing', async () => {
  const lines = [head, rowOf('T1'), rowOf('T1', 'PIL-1'), rowOf('T2')]
  assert.deepEqual(counts(await it.imported(lines)), [2, 0, 0, 0, ''])
  await until(async () => (await stagedStatus('T2')) === 'paid', 5000)
  const staged = await sql<{ paid: string; lines: number }>`
    select t.payment_fen::text as paid, jsonb_array_length(g.lines) as lines
    from staged_trade t join staged_trade_lines g on g.trade_id = t.id where t.tid = 'T1'`.execute(
    it.house.db,
  )
  assert.deepEqual(staged.rows, [{ paid: '38000', lines: 2 }])
  const version = () => one(sql`select max(version_at)::text as is from mall_document`)
  const before = await version()
  assert.deepEqual(counts(await it.imported(lines)), [0, 0, 2, 0, ''])
  assert.equal(await version(), before)
})

test('a mapping by hand is kept for sheets with the same head', async () => {
  const odd = head.replace('订单号', '流水').replace('商品编码', '代号')
  const seen = await it.preview([odd, rowOf('H1')])
  assert.deepEqual(counts(seen), [0, 0, 0, 0, '1 no_number_column'])
  const columns = { ...seen.columns, tid: '流水', code: '代号' }
  assert.deepEqual(counts(await it.imported([odd, rowOf('H1')], columns)), [1, 0, 0, 0, ''])
  const next = await it.preview([odd, rowOf('H2')])
  assert.deepEqual([next.known, next.columns['tid'], next.columns['code']], [true, '流水', '代号'])
  const titles = await one<string>(sql`select string_agg(columns::text, '') as is from sheet_layout`)
  assert.doesNotMatch(titles ?? '', /林|138/)
})

test('a corrected address reaches the order of a trade that waits', async () => {
  await it.imported([head, rowOf('C1')])
  const orderId = await it.order('C1')
  const corrected = rowOf('C1').replace('文三路1号', '文三路2号')
  assert.deepEqual(counts(await it.imported([head, corrected])), [0, 1, 0, 0, ''])
  const told = () =>
    one<number>(
      sql`select count(*)::int as is from order_difference where order_id = ${orderId} and kind = 'address'`,
    )
  await until(async () => (await told()) === 1, 5000)
})

test('a shipped trade is in the books, and its parcel is in one sheet only, which can be taken again', async () => {
  await it.imported([head, rowOf('S1'), rowOf('S1', 'PIL-1')])
  const { waybillNo } = await it.ship(await it.order('S1'))
  assert.deepEqual(counts(await it.imported([head, rowOf('S1'), rowOf('S1', 'PIL-1')])), [0, 0, 1, 0, ''])
  assert.deepEqual(
    counts(
      await it.imported([
        head,
        rowOf('S1').replace('文三路', '文二路'),
        rowOf('S1', 'PIL-1').replace('文三路', '文二路'),
      ]),
    ),
    [0, 0, 0, 0, '2 shipped_already'],
  )
  const path = `/api/shops/${it.shopId}/handouts`
  const waits = Object((await it.clerk.call('GET', path)).body)
  assert.deepEqual([waits.waiting, waits.rows], [1, []])
  const made = await Promise.all([it.clerk.call('POST', path, {}), it.clerk.call('POST', path, {})])
  const ids = made.map(({ body }) => Object(body).id)
  assert.deepEqual([ids.filter(Boolean).length, ids.filter((id) => id === null).length], [1, 1])
  const sheet = await rowsOf(`/api/handouts/${ids.find(Boolean)}/sheet`)
  assert.deepEqual(sheet[0], ['交易编号', '快递公司', '运单号', '商品', '件数', '发货时间'])
  assert.deepEqual(sheet[1]?.slice(0, 5), ['S1', '顺丰速运', waybillNo, '四件套 × 2；四件套 × 2', 4])
  assert.deepEqual(await rowsOf(`/api/handouts/${ids.find(Boolean)}/sheet`), sheet)
  assert.equal(Object((await it.clerk.call('GET', path)).body).waiting, 0)
  assert.doesNotMatch(JSON.stringify(sheet), /林小满|13800001234|文三路/)
})

test('columns that a user chose are those of the next sheet; a column of goods makes a row for each', async () => {
  await it.imported([head, rowOf('S2'), rowOf('S2', 'PIL-1'), rowOf('S3')])
  await it.ship(await it.order('S2'))
  const columns = [
    { field: 'tid', title: '主订单号' },
    { field: 'code', title: '货号' },
    { field: 'courierCode', title: '物流公司' },
  ]
  const path = `/api/shops/${it.shopId}/handouts`
  const { id } = Object((await it.clerk.call('POST', path, { columns })).body)
  assert.deepEqual(await rowsOf(`/api/handouts/${id}/sheet`), [
    ['主订单号', '货号', '物流公司'],
    ['S2', 'BED-1', 'SF'],
    ['S2', 'PIL-1', 'SF'],
  ])
  assert.deepEqual(Object((await it.clerk.call('GET', path)).body).columns, columns)
  await it.ship(await it.order('S3'))
  const next = Object((await it.clerk.call('POST', path, {})).body)
  assert.deepEqual((await rowsOf(`/api/handouts/${next.id}/sheet`))[1], ['S3', 'BED-1', 'SF'])
})

test('a row that says 退款中 keeps its parcel in the warehouse; 已退款 closes the trade', async () => {
  await it.imported([head, rowOf('R1')])
  const orderId = await it.order('R1')
  assert.deepEqual(await codesOf(it.boss, '/api/orders/release', { ids: [orderId] }), ['done'])
  const id = await one<string>(sql`select id as is from delivery where order_id = ${orderId}`)
  const rows = [{ id, courier: 'SF', waybillNo: aWaybill() }]
  assert.deepEqual(await codesOf(it.boss, '/api/deliveries/waybills', { rows }), ['done'])
  assert.deepEqual(counts(await it.imported([head, rowOf('R1', 'BED-1', '退款中')])), [0, 1, 0, 1, ''])
  await until(
    async () => (await one(sql`select count(*)::int as is from staged_refund where tid = 'R1'`)) === 1,
    5000,
  )
  assert.deepEqual(await codesOf(it.boss, '/api/deliveries/ship', { ids: [id] }), ['refund_open'])
  assert.deepEqual(counts(await it.imported(['订单号,退款状态', 'R1,已退款'])), [0, 1, 0, 1, ''])
  await until(
    async () => (await one(sql`select status as is from staged_refund where tid = 'R1'`)) === 'succeeded',
    5000,
  )
  await until(
    async () =>
      (await one(sql`select status as is from staged_trade where tid = 'R1'`)) === 'closed_refunded',
    5000,
  )
})

test('lines numbered 1 in each trade have refunds of their own: one closes without the other, and both are done at once', async () => {
  const heads = head.replace('商品编码', '明细编号,商品编码')
  const row = (tid: string, refund: string) => rowOf(tid, '1,BED-1', refund)
  assert.deepEqual(counts(await it.imported([heads, row('N1', ''), row('N2', '')])), [2, 0, 0, 0, ''])
  const orders = [await it.order('N1'), await it.order('N2')]
  const both = (refund: string) => it.imported([heads, row('N1', refund), row('N2', refund)])
  assert.deepEqual(counts(await both('退款中')), [0, 2, 0, 2, ''])
  const refunds = (tid: string) =>
    one<string>(sql`select string_agg(status, ' ') as is from staged_refund where tid = ${tid}`)
  await until(async () => (await refunds('N1')) === 'applied' && (await refunds('N2')) === 'applied', 5000)
  assert.deepEqual(counts(await it.imported([heads, row('N2', '无')])), [0, 1, 0, 1, ''])
  await until(async () => (await refunds('N2')) === 'closed', 5000)
  assert.equal(await refunds('N1'), 'applied')
  const held = await sql<{ open: number }>`
    select open_holds as open from sales_order where id = any(${orders}::bigint[]) order by tid`.execute(
    it.house.db,
  )
  assert.deepEqual(held.rows, [{ open: 1 }, { open: 0 }])
  assert.deepEqual(counts(await both('已退款')), [0, 2, 0, 2, ''])
  const states = async () => {
    const found = await sql<{ trade: string; refund: string }>`
      select t.status as trade, r.status as refund
      from sales_order o join staged_trade t using (tid) join staged_refund r using (tid) where o.id = any(${orders}::bigint[])`.execute(
      it.house.db,
    )
    return JSON.stringify(found.rows)
  }
  const over = { trade: 'closed_refunded', refund: 'succeeded' }
  await until(async () => (await states()) === JSON.stringify([over, over]), 5000)
})

test('money that went back in part leaves a trade that waits to be shipped; the trade and its refund are downloaded by numbers with _', async () => {
  const lines = [`${head},退款金额`, `${rowOf('M_1', 'BED-1', '已退款')},50`]
  assert.deepEqual(counts(await it.imported(lines)), [1, 0, 0, 1, ''])
  const staged = async () => {
    const found = await sql<Record<'no' | 'state' | 'trade' | 'refund', string> & { refunded: number }>`
      select r.refund_no as no, t.state, t.lines_refunded as refunded, t.status as trade, r.status as refund
      from staged_trade t join staged_refund r using (tid) where t.tid = 'M_1'`.execute(it.house.db)
    return found.rows[0]
  }
  await until(async () => (await staged()) !== undefined, 5000)
  const { no, ...rest } = (await staged()) ?? assert.fail()
  assert.deepEqual(rest, { state: 'staged', refunded: 0, trade: 'paid', refund: 'succeeded' })
  const asked = async (path: string, numbers: object) =>
    (await it.boss.call('POST', path, { shopId: it.shopId, ...numbers })).status
  assert.equal(await asked('/api/staged-trades/download', { tids: ['M_1'] }), 202)
  assert.equal(await asked('/api/staged-refunds/download', { refundNos: [no] }), 202)
  assert.equal(await asked('/api/staged-trades/download', { tids: ['M 1'] }), 400)
})

test('only sheets bring its trades, only its own sheets go out, and the right is asked', async () => {
  const posted = await it.boss.call('POST', `/api/malls/${it.shopId}/trades`, { trades: [{}] })
  assert.deepEqual([posted.status, Object(posted.body).code], [409, 'unsupported_by_platform'])
  const away = await it.boss.call('POST', '/api/shops', { platform: 'taobao', name: '淘宝店' })
  const other = Object(away.body).shop.id
  const file = fileOf([head, rowOf('X1')])
  for (const path of ['trade-sheet/preview', 'trade-sheet/import', 'handouts']) {
    const refused = await it.boss.call(
      'POST',
      `/api/shops/${other}/${path}`,
      path === 'handouts' ? {} : { file },
    )
    assert.deepEqual([refused.status, Object(refused.body).code], [409, 'unsupported_by_platform'], path)
  }
  const reader = await it.house.as(['shops.read', 'trades.read'])
  assert.equal(
    (await reader.call('POST', `/api/shops/${it.shopId}/trade-sheet/import`, { file })).status,
    403,
  )
  const elsewhere = await it.house.as(['trades.import'], [other])
  assert.equal(
    (await elsewhere.call('POST', `/api/shops/${it.shopId}/trade-sheet/import`, { file })).status,
    404,
  )
})

test('what was imported lies sealed, and the audit log has counts only', async () => {
  const texts = await sql<{ text: string }>`
    select encode(sealed, 'escape') as text from mall_document
    union all select detail::text from audit_log union all select columns::text from sheet_layout`.execute(
    it.house.db,
  )
  assert.ok(texts.rows.length > 10)
  assert.doesNotMatch(texts.rows.map(({ text }) => text).join('\n'), /13800001234|林小满|文三路/)
  const logged = it.house.logged.join('\n')
  assert.doesNotMatch(logged, /13800001234|林小满|文三路/)
})

test('the demo has such a shop with the sheet of a day, and makes it once', async () => {
  await using demo = await testApp()
  await createQueues(demo.db, jobs)
  for (const code of ['BED-1', 'PIL-1']) await aSku(demo.db, code)
  await sheetDemo(demo.db, demo.ring)
  await sheetDemo(demo.db, demo.ring)
  const found = await sql<Record<'shops' | 'trades' | 'refunds', number>>`
    select (select count(*)::int from shop where auth_state = 'live') as shops,
      count(*) filter (where kind = 'trade')::int as trades, count(*) filter (where kind = 'refund')::int as refunds
    from mall_document`.execute(demo.db)
  assert.deepEqual(found.rows, [{ shops: 1, trades: 6, refunds: 1 }])
})

/** The rows of a sheet, also its titles. */
async function rowsOf(path: string): Promise<unknown[][]> {
  const response = await fetch(it.house.url + path, { headers: { cookie: it.clerk.cookie } })
  assert.equal(response.status, 200)
  const book = new exceljs.Workbook()
  await book.xlsx.load(await response.arrayBuffer())
  return (book.worksheets[0]?.getSheetValues() ?? []).flatMap((row) =>
    Array.isArray(row) ? [row.slice(1)] : [],
  )
}
