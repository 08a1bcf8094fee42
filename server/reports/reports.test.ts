import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { createQueues } from '../core/jobs/job.ts'
import { aTrade, type IntakeFixture, stage } from '../intake/testing.ts'
import { memoryKeyRing } from '../lib/seal.ts'
import { type TestApp, testApp } from '../testing/app.ts'
import { dice } from '../testing/dice.ts'
import { aShop } from '../testing/orders.ts'
import { jobs } from '../worker.ts'
import { differingFigures } from './check.ts'
import type { ReportRow } from './contract.ts'
import { wholeMonths } from './figure-queries.ts'
import { type Measure, reportNames, reports } from './report-rules.ts'
import { computeDue } from './task.ts'
import { computeAll, first, last, someDocuments, splitOwnOrder, timeIn } from './testing.ts'

const all = { from: '2020-01-01', to: '2030-01-01' }
const run = { signal: new AbortController().signal, progress: () => {} }
let house: TestApp
let pool: IntakeFixture

before(async () => {
  house = await testApp()
  await createQueues(house.db, jobs)
  pool = {
    db: house.db,
    ring: memoryKeyRing(),
    shopId: await aShop(house.db),
    [Symbol.asyncDispose]: async () => {},
  }
})
after(() => house[Symbol.asyncDispose]())

const compute = () => computeAll(house.db)

/** Changes that come late: each of one row of the table. */
const changes = [
  (time: Date) => sql`update staged_trade set payment_fen = payment_fen + 17, paid_at = ${time}`,
  (time: Date) => sql`update staged_refund set status = 'succeeded', modified_at = ${time}`,
  () => sql`update staged_refund set buyer_reason = '发错货', amount_fen = amount_fen + 3`,
  () => sql`update sales_order set status = 'voided'`,
  (time: Date) => sql`update sales_order set paid_at = ${time}`,
  () => sql`update sales_order set region = '西藏 拉萨', payment_fen = payment_fen + 1`,
  () => sql`update order_line set refunded_quantity = 1, refunded_fen = 99`,
  () => sql`update order_line set sku_id = null`,
  (time: Date) => sql`update delivery set shipped_at = ${time}`,
  () => sql`update delivery set status = 'cancelled', write_back = ''`,
  () => sql`update delivery set weight_grams = 1200, courier = 'JD'`,
  (time: Date) => sql`update parcel_track set state = 'signed', moved_at = ${time}`,
  () => sql`delete from staged_trade`,
  () => sql`delete from order_line`,
]

/** Adds a gift to an order that exists, as 加赠品 does. */
const addGift = async (place: number) => {
  const added = await sql`
    insert into order_line (order_id, line_no, tid, oid, sku_id, item_id, platform_sku_id, outer_item_id, outer_sku_id, title, spec, picture_url,
      quantity, price_fen, discount_fen, payment_fen, gift)
    select order_id, (select max(line_no) + 1 from order_line m where m.order_id = l.order_id), tid, '', sku_id, '', '', '', '', title, spec, '',
      2, 0, 0, 0, true
    from order_line l where sku_id is not null order by order_id limit 1 offset ${place % 4}`.execute(
    house.db,
  )
  assert.equal(added.numAffectedRows, 1n)
}

test('the figures equal their rows to the cent, whatever changes late', async () => {
  const random = dice(71)
  const other = await aShop(house.db)
  await someDocuments(pool, random, pool.shopId, 24)
  await someDocuments(pool, random, other, 8)
  assert.ok((await compute()).seen >= 7)
  assert.deepEqual(await differingFigures(house.db, all), {})
  for (let round = 0; round < 60; round += 1) {
    const change = changes[round % changes.length]?.(timeIn(random)) ?? assert.fail()
    const table = sql.table(change.compile(house.db).sql.match(/(?:update|from) (\w+)/)?.[1] ?? '')
    const changed = await sql`
      ${change} where ctid = (
        select ctid from ${table} order by ctid limit 1 offset (select ${random.int(1000)} % count(*) from ${table}))`.execute(
      house.db,
    )
    assert.equal(changed.numAffectedRows, 1n, `round ${round}`)
    if (round % 6 !== 5) continue
    await addGift(random.int(20))
    await compute()
    const left = await sql<{ n: number }>`select count(*)::int as n from report_due`.execute(house.db)
    assert.deepEqual([left.rows[0]?.n, await differingFigures(house.db, all)], [0, {}], `round ${round}`)
  }
})

test('a sum of the page is the sum that plain SQL finds', async () => {
  const viewer = await house.as(['reports.read'])
  const days = `from=${first}&to=${last}`
  const { body } = await viewer.call('GET', `/api/reports/figures?report=sales&${days}`)
  const { columns, rows, total, periods, others, waiting } = Object(body)
  assert.deepEqual([periods.length, rows.length, others.count, waiting], [7, 2, 0, 0])
  const paid = await sql<{ fen: number; n: number }>`
    select sum(payment_fen)::float8 as fen, count(*)::int as n from staged_trade
    where to_char(paid_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD') between ${first} and ${last}`.execute(
    house.db,
  )
  const sumOf = (name: string) =>
    total.reduce((sum: number, cell: number[] | null) => sum + (cell?.[columns.indexOf(name)] ?? 0), 0)
  assert.deepEqual([sumOf('trade_fen'), sumOf('trade_count')], [paid.rows[0]?.fen, paid.rows[0]?.n])
})

/** Documents that a cell may count in part: a part of an off-platform order, refunded lines, deliveries of orders without a payment time. */
async function countedInPart(): Promise<void> {
  const { db, shopId } = pool
  await splitOwnOrder(db, shopId, timeIn(dice(9)))
  for (const refunded of [sql`refunded_quantity = 1, refunded_fen = 70`, sql`refunded_fen = 5`])
    await sql`
      update order_line set ${refunded} where ctid = (
        select l.ctid from order_line l join sales_order o on o.id = l.order_id
        where o.status <> 'voided' and o.paid_at is not null and l.sku_id is not null and l.refunded_fen = 0 order by l.order_id limit 1)`.execute(
      db,
    )
  await sql`
    update sales_order set paid_at = null
    where id in (select order_id from delivery where status = 'shipped' order by id limit 2)`.execute(db)
  await compute()
}

test('figures of an earlier version differ in nothing that a report reads', async () => {
  await sql`update report_goods set order_count = order_count + 1`.execute(house.db)
  const found = await differingFigures(house.db, all)
  // The sums are made of the figures, so they have the other number too.
  assert.deepEqual(Object.keys(found), ['report_goods_month', 'report_goods_day'])
  await sql`update report_goods set order_count = 0`.execute(house.db)
  assert.deepEqual(await differingFigures(house.db, all), {})
})

test('the rows behind a cell are those that it counts: they are as many, or add up to it', async () => {
  await countedInPart()
  const viewer = await house.as(['reports.read'])
  const counted = new Set<string>()
  for (const report of reportNames)
    for (const dimension of reports[report].dimensions) {
      const query = `report=${report}&rows=${dimension}&from=${first}&to=${last}&step=week`
      const { columns, rows, periods } = Object(
        (await viewer.call('GET', `/api/reports/figures?${query}`)).body,
      )
      for (const row of rows.slice(0, 2))
        for (const [at, { from, to }] of periods.entries())
          for (const measure of reports[report].measures) {
            const asked = {
              report,
              rows: dimension,
              from,
              to,
              key: row.key,
              measure: measure.key,
              limit: '200',
            }
            const answer = Object(
              (await viewer.call('GET', `/api/reports/rows?${new URLSearchParams(asked)}`)).body,
            )
            const [said, found] = sumsOf(
              measure,
              (name) => row.cells[at]?.[columns.indexOf(name)] ?? 0,
              answer.rows,
            )
            assert.deepEqual([found, answer.next], [said, null], JSON.stringify(asked))
            if (said !== 0) counted.add(`${report} ${measure.key}`)
          }
    }
  assert.deepEqual(
    [...counted].toSorted(),
    reportNames.flatMap((report) => reports[report].measures.map(({ key }) => `${report} ${key}`)).toSorted(),
  )
})

type Sum = (column: string) => number
const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0)

/** Returns the number or sum of documents that a cell has been made of, and that of the rows. */
function sumsOf({ sum, less = [], per, rows: source }: Measure, of: Sum, rows: readonly ReportRow[]) {
  // The parts of an off-platform order have shares of its amount, and the average is not divided by them. The rate of refunds opens the refunds.
  const counted = per === undefined || source === 'trades' || source === 'refunds' ? sum : per
  const said = sumOf(counted.map(of)) - sumOf(less.map(of))
  // An order of which nothing was refunded adds nothing, and is no row of such a cell.
  if (counted[0]?.startsWith('refunded_'))
    assert.ok(
      rows.every(({ quantity, amountFen }) => (counted[0] === 'refunded_fen' ? amountFen : quantity) !== 0),
    )
  if (counted[0]?.endsWith('_fen')) return [said, sumOf(rows.map(({ amountFen }) => amountFen ?? 0))]
  if (counted[0]?.endsWith('piece_count') || counted[0] === 'refunded_pieces')
    return [said, sumOf(rows.map(({ quantity }) => quantity))]
  if (counted[0] === 'package_count') return [of('parcel_count'), rows.length]
  return [said, rows.length]
}

test('the number of orders and deliveries in a cell is that of their lists under the same filter', async () => {
  const shop = await aShop(house.db)
  await someDocuments(pool, dice(5), shop, 16)
  await compute()
  const viewer = await house.as(['reports.read', 'orders.read', 'fulfilment.read'])
  const { body } = await viewer.call(
    'GET',
    `/api/reports/figures?report=sales&from=${first}&to=${last}&shop=${shop}`,
  )
  const { columns, rows, periods } = Object(body)
  let [orders, parcels] = [0, 0]
  for (const row of rows)
    for (const [at, { from }] of periods.entries()) {
      const start = new Date(`${from}T00:00:00+08:00`)
      const next = new Date(start.getTime() + 86_400_000)
      const counted = async (list: string, filter: Record<string, string>) => {
        const query = new URLSearchParams({ tab: 'all', shop: row.key, ...filter })
        return Object((await viewer.call('GET', `/api/${list}/count?${query}`)).body).count
      }
      const ofDay = (name: string) => ({
        [`${name}From`]: start.toISOString(),
        [`${name}To`]: next.toISOString(),
      })
      const listed = await counted('orders', {
        status: 'unconfirmed,confirmed,released,shipped,completed',
        ...ofDay('paid'),
      })
      const shipped = await counted('deliveries', ofDay('shipped'))
      const cell = (name: string) => row.cells[at]?.[columns.indexOf(name)] ?? 0
      assert.deepEqual([cell('order_count'), cell('parcel_count')], [listed, shipped])
      orders += listed
      parcels += shipped
    }
  assert.ok(orders === 16 && parcels > 5)
})

/** Puts some shipped deliveries into two warehouses and leaves the others without one. Returns their numbers. */
async function twoWarehouses(): Promise<Record<'7' | '8', string[]>> {
  const { rows } = await sql<Record<'no' | 'warehouse', string>>`
    update delivery d set warehouse_id = case when x.place <= 2 then 7 else 8 end
    from (select id, row_number() over (order by id) as place from delivery where status = 'shipped') x
    where x.id = d.id and x.place <= 5 returning d.no, d.warehouse_id::text as warehouse`.execute(house.db)
  await compute()
  const of = (id: string) => rows.filter(({ warehouse }) => warehouse === id).map(({ no }) => no)
  assert.deepEqual([of('7').length, of('8').length], [2, 3])
  return { 7: of('7'), 8: of('8') }
}

test('a person sees the figures and rows of their own shops only, and of their own warehouses where parcels count', async () => {
  const days = `from=${first}&to=${last}`
  const one = await house.as(['reports.read'], [pool.shopId])
  const { rows } = Object((await one.call('GET', `/api/reports/figures?report=sales&${days}`)).body)
  assert.deepEqual(
    rows.map(({ key }: { key: string }) => key),
    [pool.shopId],
  )
  const seen = Object(
    (await one.call('GET', `/api/reports/rows?report=sales&measure=paid&${days}&limit=200`)).body,
  )
  assert.deepEqual([...new Set(seen.rows.map(({ shopId }: { shopId: string }) => shopId))], [pool.shopId])
  const inWarehouses = await twoWarehouses()
  for (const [granted, expected] of [
    [['7'], inWarehouses['7']],
    [['8'], inWarehouses['8']],
    [
      ['7', '8'],
      [...inWarehouses['7'], ...inWarehouses['8']],
    ],
    [['999'], []],
  ] as const) {
    const packer = await house.as(['reports.read'], 'all', [...granted])
    const parcels = await packer.call('GET', `/api/reports/figures?report=couriers&${days}`)
    const { total, columns } = Object(parcels.body)
    const sums = total.map((cell: number[] | null) => cell?.[columns.indexOf('parcel_count')] ?? 0)
    const behind = await packer.call(
      'GET',
      `/api/reports/rows?report=couriers&measure=parcels&${days}&limit=200`,
    )
    const nos = Object(behind.body).rows.map(({ no }: ReportRow) => no)
    assert.deepEqual([sumOf(sums), nos.toSorted()], [expected.length, [...expected].toSorted()])
    const steps = await packer.call('GET', `/api/reports/rows?report=staff&measure=shipped&${days}&limit=200`)
    assert.equal(Object(steps.body).rows.length, expected.length)
    const confirmed = await packer.call('GET', `/api/reports/rows?report=staff&measure=confirmed&${days}`)
    assert.deepEqual(Object(confirmed.body).rows, [])
  }
  const nobody = await house.as(['orders.read'])
  assert.equal((await nobody.call('GET', `/api/reports/figures?report=sales&${days}`)).status, 403)
})

test('a day with a change that is not computed yet is named, with the time up to which it is complete', async () => {
  await compute()
  const viewer = await house.as(['reports.read'])
  const read = async () =>
    Object((await viewer.call('GET', `/api/reports/figures?report=sales&from=${first}&to=${last}`)).body)
  const {
    rows: [computed],
  } = await sql<{ at: Date }>`select min(computed_at) as at from report_day where day = ${first}`.execute(
    house.db,
  )
  await stage(pool, aTrade({ paidAt: new Date(`${first}T10:00:00+08:00`) }))
  const waiting = await read()
  assert.deepEqual(
    waiting.periods.map(({ due }: { due: boolean }) => due),
    [true, false, false, false, false, false, false],
  )
  assert.equal(waiting.at, computed?.at.toISOString())
  const rest = await computeDue(house.db, { restSeconds: 3600, restTimes: 0, daysPerRun: 5000 }, run)
  assert.deepEqual(rest, { seen: 0 })
  await compute()
  assert.ok((await read()).periods.every(({ due }: { due: boolean }) => !due))
})

test('days are added up to weeks from Monday and months, and too many periods are refused', async () => {
  const viewer = await house.as(['reports.read'])
  const ask = (rest: string) => viewer.call('GET', `/api/reports/figures?report=sales&${rest}`)
  const { periods, total, columns } = Object((await ask(`from=${first}&to=${last}&step=week`)).body)
  assert.deepEqual(
    periods.map(({ from, to }: { from: string; to: string }) => [from, to]),
    [
      ['2026-11-18', '2026-11-22'],
      ['2026-11-23', '2026-11-24'],
    ],
  )
  const days = Object((await ask(`from=${first}&to=${last}`)).body).total
  const trades = (cells: (number[] | null)[]) =>
    cells.reduce((sum, cell) => sum + (cell?.[columns.indexOf('trade_count')] ?? 0), 0)
  assert.equal(trades(total), trades(days))
  assert.equal((await ask('from=2026-01-01&to=2026-12-31&step=month')).status, 200)
  for (const wrong of [
    'from=2026-01-01&to=2026-12-31',
    'from=2026-02-01&to=2026-01-01',
    `from=${first}&to=${last}&rows=sku`,
    `from=${first}&to=${last}&by=x`,
  ])
    assert.equal((await ask(wrong)).status, 400, wrong)
})

test('goods and reasons of whole months are read from their sums by month, and other days one by one', async () => {
  await compute()
  const viewer = await house.as(['reports.read'])
  const ask = async (report: string, rest: string) => {
    const { body } = await viewer.call('GET', `/api/reports/figures?report=${report}&${rest}`)
    const { total, columns, rows } = Object(body)
    const pieces = total.reduce(
      (sum: number, cell: number[] | null) => sum + (cell?.[columns.indexOf('piece_count')] ?? 0),
      0,
    )
    return { pieces, keys: rows.map(({ key }: { key: string }) => key) }
  }
  const [year, month, cut] = [
    'from=2026-01-01&to=2026-12-31&step=month',
    'from=2026-11-01&to=2026-11-30',
    'from=2026-11-02&to=2026-11-30&step=month',
  ]
  for (const [report, table] of [
    ['goods', 'report_goods_month'],
    ['causes', 'report_causes_month'],
  ] as const) {
    const byDay = await ask(report, month)
    assert.ok(byDay.pieces > 0)
    for (const days of [year, cut, `${month}&step=month`]) assert.deepEqual(await ask(report, days), byDay)
    await sql`update ${sql.table(table)} set piece_count = piece_count + 1000`.execute(house.db)
    assert.ok((await ask(report, year)).pieces >= byDay.pieces + 1000)
    for (const days of [month, cut]) assert.equal((await ask(report, days)).pieces, byDay.pieces)
    assert.deepEqual(Object.keys(await differingFigures(house.db, all)), [table])
    await sql`insert into report_due (day) values (${first}::date)`.execute(house.db)
    await compute()
    assert.deepEqual(await differingFigures(house.db, all), {})
    assert.deepEqual(await ask(report, year), byDay)
  }
})

test('the whole months of some days', () => {
  const spans = [
    ['2026-01-01', '2026-12-31', '2026-01-01', '2027-01-01'],
    ['2026-01-15', '2026-02-28', '2026-02-01', '2026-03-01'],
    ['2025-12-02', '2026-01-31', '2026-01-01', '2026-02-01'],
  ] as const
  for (const [from, to, first, until] of spans)
    assert.deepEqual(wholeMonths({ from, to }), { from: first, until })
  for (const [from, to] of [
    ['2026-01-15', '2026-02-27'],
    ['2026-02-02', '2026-02-28'],
    ['2026-01-01', '2026-01-30'],
  ] as const)
    assert.equal(wholeMonths({ from, to }), undefined)
})
