import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import exceljs from 'exceljs'
import { sql } from 'kysely'
import { lists } from '../app.ts'
import { systemActor, wholeScope } from '../core/access/actor.ts'
import { convertTrades } from '../flows/convert-trade.ts'
import { downloadQueue } from '../intake/downloads/lists.ts'
import {
  aLine,
  aRefund,
  aTrade,
  type IntakeFixture,
  matchGoods,
  stage,
  stageRefunds,
} from '../intake/testing.ts'
import { tradeLists } from '../intake/trades/lists.ts'
import { memoryKeyRing } from '../lib/seal.ts'
import { type Caller, type TestApp, testApp } from '../testing/app.ts'
import { until } from '../testing/until.ts'
import { exportRoutes } from './export-routes.ts'

let house: TestApp
let pool: IntakeFixture
let admin: Caller

before(async () => {
  house = await testApp()
  const shop = await sql<{ id: string }>`
    insert into shop (platform, variant, name, go_live_at, auth_state) values ('taobao', 'tmall', '山隅家居旗舰店', '2026-01-01', 'live')
    returning id`.execute(house.db)
  pool = {
    db: house.db,
    ring: house.ring,
    shopId: shop.rows[0]?.id ?? '',
    [Symbol.asyncDispose]: async () => {},
  }
  await matchGoods(house.db, pool.shopId)
  admin = await house.as(['*'])
  await fill()
})
after(() => house[Symbol.asyncDispose]())

const evil = aTrade({
  tid: '9100000000000000001',
  paidAt: new Date('2026-11-20T16:30:00Z'),
  buyerMessage: '=HYPERLINK("http://evil")',
  sellerMemo: '改发 13812345678，交易 2948105733000000001',
  lines: [
    aLine({ paymentFen: 12_345, quantity: 2, outerSkuId: 'SY-1' }),
    aLine({ paymentFen: 1, refund: 'applied', outerSkuId: 'SY-2' }),
  ],
})

async function fill() {
  await stage(
    pool,
    evil,
    aTrade({ tid: '9100000000000000002', flag: 1 }),
    aTrade({ tid: '9100000000000000003' }),
  )
  await stageRefunds(pool, aRefund(evil, { refundId: '71', amountFen: 12_345 }))
  const last = await sql<{
    id: string
  }>`select id from staged_trade where tid = '9100000000000000003'`.execute(house.db)
  await house.db
    .transaction()
    .execute((tx) => convertTrades(tx, [last.rows[0]?.id ?? ''], { actor: systemActor, scope: wholeScope }))
  await sql`
    insert into download_queue (shop_id, tid, modified_at, platform_status, trade_type, payment_fen, is_new)
    values (${pool.shopId}, '5', '2026-11-20 12:00:00+08', 'WAIT_SELLER_SEND_GOODS', 'fixed', 990, true)`.execute(
    house.db,
  )
  await sql`
    with t as (insert into task (kind, shop_id, interval_seconds) values ('trade_list', ${pool.shopId}, 120) returning id)
    insert into task_run (task_id, kind, shop_id, trigger, state, seen, skipped)
    select id, 'trade_list', ${pool.shopId}::bigint, 'schedule', 'done', 7, '{"same": 6}' from t`.execute(
    house.db,
  )
}

type Sheet = { name: string; rows: Record<string, unknown>[]; texts: unknown[][] }

async function sheet(caller: Caller, path: string, base = house.url, more = {}): Promise<Sheet> {
  const response = await fetch(`${base}${path}`, { headers: { cookie: caller.cookie, ...more } })
  assert.equal(response.status, 200, path)
  const book = new exceljs.Workbook()
  await book.xlsx.load(await response.arrayBuffer())
  const found = book.worksheets[0]
  assert.ok(found)
  const texts = found.getSheetValues().flatMap((row) => (Array.isArray(row) ? [row.slice(1)] : []))
  const [head = [], ...body] = texts
  return {
    name: found.name,
    texts,
    rows: body.map((row) =>
      Object.fromEntries(head.map((title, at) => [String(title), row[at] ?? ''] as const)),
    ),
  }
}

async function audits() {
  const found = await sql<{ action: string; detail: Record<string, unknown>; subject_id: string }>`
    select action, detail, subject_id from audit_log order by id desc limit 2`.execute(house.db)
  return found.rows.toReversed()
}

/** Waits until the end of each export is noted, which comes after its file. */
const allEnded = () =>
  until(async () => {
    const { rows } = await sql<{ open: number }>`
      select (count(*) filter (where action = 'list.export') - count(*) filter (where action = 'list.export_end'))::int as open
      from audit_log`.execute(house.db)
    return rows[0]?.open === 0
  })

test('a sheet holds what the filter matches: money as numbers, times of Shanghai as text, no sealed data', async () => {
  const { name, rows } = await sheet(admin, '/api/exports/staged-trades.xlsx?tab=staged')
  assert.equal(name, '待转入订单')
  assert.deepEqual(
    rows.map((row) => row['交易号']),
    ['9100000000000000001', '9100000000000000002'],
  )
  const [row] = rows
  assert.deepEqual(
    [
      row?.['实付'],
      row?.['付款时间'],
      row?.['店铺'],
      row?.['平台'],
      row?.['不可转原因'],
      row?.['件数'],
      row?.['商家编码'],
    ],
    [123.46, '2026-11-21 00:30:00', '山隅家居旗舰店', '天猫', '退款申请中', 3, 'SY-1; SY-2'],
  )
  assert.match(String(row?.['商品']), /× 2; .*× 1 \(退款申请中\)$/)
  const text = JSON.stringify(rows)
  assert.doesNotMatch(text, /王小明|文一西路|13810000|买家\d/)
  assert.match(String(row?.['收件人']), /^王\*\* 138\*\*\*\*\d{4}$/)
})

test('what a spreadsheet would run is text, and mobiles that people wrote into memos are masked', async () => {
  const { rows } = await sheet(admin, '/api/exports/staged-trades.xlsx?tids=9100000000000000001')
  assert.equal(rows.length, 1)
  assert.equal(rows[0]?.['买家留言'], `'=HYPERLINK("http://evil")`)
  assert.equal(rows[0]?.['卖家备注'], '改发 138****5678，交易 2948105733000000001')
})

test('mobiles are masked in every column into which people write freely', async () => {
  const free = lists(pool.ring).flatMap(({ declared: { name, columns } }) =>
    columns.flatMap(({ key, freeText, sheet: width }) => (freeText && width ? [`${name} ${key}`] : [])),
  )
  assert.deepEqual(free.toSorted(), [
    'bill-trades explainedWhy',
    'extra-refunds reason',
    'intercepts note',
    'orders buyerMessage',
    'orders sellerMemo',
    'orders voidReason',
    'refund-history buyerReason',
    'refund-history description',
    'returns reason',
    'returns voidReason',
    'settlements voidReason',
    'staged-refunds buyerReason',
    'staged-refunds description',
    'staged-trades buyerMessage',
    'staged-trades sellerMemo',
    'trade-history buyerMessage',
    'trade-history sellerMemo',
  ])
  const called = '打 +8613812345678'
  await sql`
    insert into extra_refund (no, shop_id, order_id, order_no, refund_no, kind, amount_fen, reason, status, created_by)
    select 'ER1', shop_id, id, no, '', 'compensation', 1, ${called}, 'draft', '' from sales_order`.execute(
    house.db,
  )
  await sql`update staged_refund set buyer_reason = ${called}`.execute(house.db)
  const reasons = async (list: string, column: string) =>
    (await sheet(admin, `/api/exports/${list}.xlsx`)).rows.map((row) => row[column])
  assert.deepEqual(await reasons('extra-refunds', '原因'), ['打 +86138****5678'])
  assert.deepEqual(await reasons('staged-refunds', '退款原因'), ['打 +86138****5678'])
})

test('speaks English when asked to', async () => {
  const { name, rows } = await sheet(admin, '/api/exports/staged-trades.xlsx?language=en&sort=paidAt&flag=1')
  assert.equal(name, 'Staged trades')
  assert.deepEqual(
    rows.map((row) => [row['Trade no.'], row['Flag'], row['Platform status'], row['Platform']]),
    [['9100000000000000002', 'Red', 'Paid, to ship', 'Tmall']],
  )
})

test('every list can be taken out', async () => {
  const of = async (list: string, column: string) =>
    (await sheet(admin, `/api/exports/${list}.xlsx`)).rows.map((row) => row[column])
  assert.deepEqual(await of('trade-history', '交易号'), ['9100000000000000003'])
  assert.deepEqual(await of('download-queue', '实付'), [9.9])
  assert.deepEqual(await of('staged-refunds', '退款金额'), [123.45])
  assert.deepEqual(await of('refund-history', '退款编号'), [])
  assert.deepEqual(await of('orders', '状态'), ['未确认'])
  assert.deepEqual(await of('task-runs', '跳过'), ['same 6'])
})

test('a sheet of deliveries says what stops a delivery, as the list does', async () => {
  const made = await sql<{ orderId: string }>`
    insert into delivery (no, order_id, order_no, tid, shop_id, status, created_by, piece_count)
    select 'DN1', id, no, tid, shop_id, 'pending', '', 1 from sales_order returning order_id as "orderId"`.execute(
    house.db,
  )
  const stops = async (language: string, column: string) =>
    (await sheet(admin, `/api/exports/deliveries.xlsx?tab=all&language=${language}`)).rows.map(
      (row) => row[column],
    )
  assert.deepEqual(await stops('zh', '拦截原因'), [''])
  const ids = made.rows.map(({ orderId }) => orderId)
  const held = await admin.call('POST', '/api/orders/hold', { ids, reason: 'address', note: '' })
  assert.equal(held.status, 200)
  assert.deepEqual(await stops('zh', '拦截原因'), ['地址待核实'])
  assert.deepEqual(await stops('en', 'Stopped by'), ['Check address'])
  assert.deepEqual(await stops('zh', '取号问题'), [''])
  const account = await sql<{ id: string }>`
    insert into waybill_account (shop_id, source, courier, sender, template_url, created_by)
    select shop_id, 'cainiao', 'YTO', '', '', '' from sales_order returning id`.execute(house.db)
  await sql`update sales_order set courier = 'SF'`.execute(house.db)
  assert.deepEqual(await stops('zh', '取号问题'), ['订单指定的快递没有电子面单账号。加账号，或改快递'])
  await sql`
    insert into waybill (delivery_id, round, account_id, shop_id, courier, state, error, asked_by)
    select id, 1, ${account.rows[0]?.id}, shop_id, 'SF', 'failed', 'No balance', '' from delivery`.execute(
    house.db,
  )
  assert.deepEqual(await stops('en', 'Why no number'), ['No balance'])
})

test('a selection is these rows of the filter and no others', async () => {
  const found = await sql<{ id: string; tid: string }>`select id, tid from staged_trade`.execute(house.db)
  const idOf = (tid: string) => found.rows.find((row) => row.tid === tid)?.id
  const ids = `${idOf('9100000000000000002')},${idOf('9100000000000000003')}`
  const { rows } = await sheet(admin, `/api/exports/staged-trades.xlsx?tab=staged&ids=${ids}`)
  assert.deepEqual(
    rows.map((row) => row['交易号']),
    ['9100000000000000002'],
  )
})

test('takes what is searched for beside the address, as lists do', async () => {
  const sought = async (text: string) => {
    const header = { 'x-search': encodeURIComponent(text) }
    const { rows } = await sheet(admin, '/api/exports/staged-trades.xlsx', house.url, header)
    return rows.map((row) => row['交易号'])
  }
  assert.deepEqual(await sought('9100000000000000002'), ['9100000000000000002'])
  assert.deepEqual(await sought('没有这个人'), [])
})

test('notes who took what out by the names of the filters, never by what was searched for', async () => {
  await allEnded()
  await sheet(admin, '/api/exports/staged-trades.xlsx?q=13800000001&hasMemo=true&language=en')
  await allEnded()
  assert.deepEqual(await audits(), [
    {
      action: 'list.export',
      subject_id: 'staged-trades',
      detail: { filters: ['q', 'hasMemo'], language: 'en' },
    },
    {
      action: 'list.export_end',
      subject_id: 'staged-trades',
      detail: { rows: 0, cut: false, outcome: 'whole' },
    },
  ])
})

test('needs the permission to export and the one to read that list; shows only granted shops', async () => {
  const path = '/api/exports/orders.xlsx'
  await allEnded()
  const before = await audits()
  for (const permissions of [['orders.read'], ['export', 'trades.read']] as const) {
    const refused = await (await house.as(permissions)).call('GET', path)
    assert.deepEqual([refused.status, Object(refused.body).code], [403, 'forbidden'])
  }
  assert.equal((await house.anonymous.call('GET', path)).status, 401)
  assert.deepEqual(await audits(), before)
  const elsewhere = await house.as(
    ['export', 'orders.read', 'trades.read', 'queue.read', 'refunds.read', 'tasks.read'],
    [],
  )
  for (const list of [
    'orders',
    'staged-trades',
    'trade-history',
    'download-queue',
    'staged-refunds',
    'task-runs',
  ]) {
    assert.deepEqual((await sheet(elsewhere, `/api/exports/${list}.xlsx`)).rows, [], list)
  }
})

test('a wrong filter is refused in plain JSON before anything is written', async () => {
  for (const [query, field] of [
    ['status=gone', 'status'],
    ['ids=x', 'ids'],
    ['sort=price', 'sort'],
    ['colour=red', 'colour'],
    ['language=fr', 'language'],
  ]) {
    const refused = await admin.call('GET', `/api/exports/staged-trades.xlsx?${query}`)
    assert.deepEqual([refused.status, Object(refused.body).field], [400, field], query)
  }
})

test('beyond the limit the sheet ends with a line that says so', async () => {
  await using small = await testApp({}, (app) => void app.register(limited, { prefix: '/small' }))
  const shop = await sql<{ id: string }>`
    insert into shop (platform, variant, name) values ('taobao', 'taobao', '店') returning id`.execute(
    small.db,
  )
  const own = { ...pool, db: small.db, ring: small.ring, shopId: shop.rows[0]?.id ?? '' }
  await stage(own, ...Array.from({ length: 3 }, () => aTrade()))
  const caller = await small.as(['*'])
  const cut = await sheet(caller, '/small/api/exports/staged-trades.xlsx', small.url)
  assert.equal(cut.texts.length, 4)
  assert.deepEqual(cut.texts.at(-1), ['只导出了前 2 行，后面还有。缩小筛选后分次导出。'])
  assert.equal((await sheet(caller, '/api/exports/staged-trades.xlsx', small.url)).rows.length, 3)
})
const limited = exportRoutes(tradeLists(memoryKeyRing()), { rowsMax: 2 })

test('a reader who leaves stops the reading, and it is noted how far it came', async () => {
  await sql`
    insert into download_queue (shop_id, tid, modified_at, platform_status, trade_type, is_new, buyer_masked)
    select ${pool.shopId}::bigint, 'x' || n, now(), md5(n::text) || md5((-n)::text), 'fixed', true, md5(n::text)
    from generate_series(1, 40000) n`.execute(house.db)
  await allEnded()
  const leaving = new AbortController()
  const response = await fetch(`${house.url}/api/exports/download-queue.xlsx`, {
    headers: { cookie: admin.cookie },
    signal: leaving.signal,
  })
  await response.body?.getReader().read()
  leaving.abort()
  await allEnded()
  const [, end] = await audits()
  assert.equal(end?.detail['outcome'], 'aborted')
  assert.ok(Number(end?.detail['rows']) < 40_000)
  // The aborted export no longer counts for the limit.
  assert.equal((await sheet(admin, '/api/exports/download-queue.xlsx?tids=x7,x8')).rows.length, 2)
})

test('two readers who take nothing hold up the exports of others for a while only, and who waits too long is refused', async () => {
  await using small = await testApp({}, (app) => void app.register(impatient, { prefix: '/small' }))
  await sql`
    with shop as (insert into shop (platform, variant, name) values ('taobao', 'taobao', '店') returning id)
    insert into download_queue (shop_id, tid, modified_at, platform_status, trade_type, is_new, buyer_masked)
    select id, 'x' || n, now(), '', 'fixed', true, (select string_agg(md5(n || '/' || m), '') from generate_series(1, 40) m)
    from shop, generate_series(1, 30000) n`.execute(small.db)
  const caller = await small.as(['*'])
  const path = `${small.url}/small/api/exports/download-queue.xlsx`
  const take = (query = '') => fetch(`${path}${query}`, { headers: { cookie: caller.cookie } })
  const ends = async () =>
    (
      await sql<{ outcome: string; rows: number }>`
        select detail ->> 'outcome' as outcome, (detail ->> 'rows')::int as rows from audit_log
        where action = 'list.export_end' order by id`.execute(small.db)
    ).rows
  const paused = [await take(), await take()]
  assert.deepEqual(
    paused.map(({ status }) => status),
    [200, 200],
  )
  const refused = await take('?tids=x7')
  assert.deepEqual([refused.status, Object(await refused.json()).code], [429, 'too_many_at_once'])
  await until(async () => (await ends()).length === 3)
  const [first, ...others] = await ends()
  assert.deepEqual(first, { outcome: 'failed', rows: 0 })
  for (const { outcome, rows } of others) {
    assert.equal(outcome, 'aborted')
    assert.ok(rows < 30_000)
  }
  for (const { body } of paused) await assert.rejects(new Response(body).arrayBuffer())
  assert.equal(
    (await sheet(caller, '/small/api/exports/download-queue.xlsx?tids=x7', small.url)).rows.length,
    1,
  )
})
const impatient = exportRoutes([downloadQueue(memoryKeyRing())], { idleMs: 1500, waitMs: 200 })
