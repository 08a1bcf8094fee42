import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { wholeScope } from '../core/access/actor.ts'
import { type OpenDatabase, openDatabase } from '../core/db/db.ts'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { computeSums } from './day-queries.ts'
import { type Asked, readFigures } from './figure-queries.ts'
import { reports, type Step } from './report-rules.ts'

// 100 days of seven SKUs in two shops. SKU 7 is sold on one day only, and on day 9 nothing but SKU 1 is sold.

let base: TestDatabase
let database: OpenDatabase

before(async () => {
  base = await testDatabase()
  const owner = openDatabase(base.ownerUrl, { max: 1 })
  await sql`
    insert into report_goods
    select '2026-08-01'::date + d, s, k, 1, (8 - k) * 100 + d % 7 + s, 1000 * k + d, d % 3, d % 3 * 100
    from generate_series(0, 99) d, generate_series(1, 2) s, generate_series(1, 7) k
    where (k < 7 or d = 40) and (k = 1 or d <> 9)`.execute(owner.db)
  await computeSums(owner.db)
  await owner.close()
  database = openDatabase(base.url)
})
after(async () => {
  await database.close()
  await base[Symbol.asyncDispose]()
})

const pieces = reports.goods.measures.find(({ key }) => key === 'pieces')

for (const step of ['day', 'week', 'month'] as const)
  test(`rows that are not shown are one row with the rest of the sums, by ${step}`, async () => {
    const found = await figures({ step, most: 2 })
    assert.deepEqual([found.keys, found.others], [['1', '2'], 5])
    assert.deepEqual(sorted(found.rows), sorted(await plainly(step, 2)))
  })

test('a period in which only shown rows have figures has no rest', async () => {
  const { rows } = await figures({ step: 'day', most: 1, from: '2026-08-10', to: '2026-08-10' })
  assert.deepEqual(
    rows.map(({ key }) => key),
    ['1'],
  )
})

test('without further rows there is no rest', async () => {
  const { rows, others } = await figures({ step: 'day', most: 7 })
  assert.equal(others, 0)
  assert.deepEqual(
    rows.filter(({ key }) => key === null),
    [],
  )
})

test('shops and the rest are those of the scope', async () => {
  const { rows } = await figures({ step: 'day', most: 1, shops: ['2'], from: '2026-08-01', to: '2026-08-01' })
  assert.deepEqual(sorted(rows), [
    { key: '1', period: '2026-08-01', sums: [702, 1000, 0, 0] },
    { key: null, period: '2026-08-01', sums: [2010, 20_000, 0, 0] },
  ])
})

type Question = { step: Step; most: number; shops?: string[]; from?: string; to?: string }

async function figures({ step, most, shops, from = '2026-08-01', to = '2026-11-08' }: Question) {
  assert.ok(pieces)
  const days = { from, to }
  const asked: Asked = {
    report: reports.goods,
    days,
    shops: shops ?? null,
    scope: wholeScope,
    dimension: 'sku',
    step,
  }
  return readFigures(database.db, asked, pieces, most)
}

type Rows = Awaited<ReturnType<typeof figures>>['rows']

async function plainly(step: Step, shown: number): Promise<Rows> {
  const found = await sql<Rows[number]>`
    select case when sku_id <= ${shown} then sku_id::text end as key, to_char(date_trunc(${step}, day::timestamp), 'YYYY-MM-DD') as period,
      array[sum(piece_count), sum(amount_fen), sum(refunded_pieces), sum(refunded_fen)]::float8[] as sums
    from report_goods group by 1, 2`.execute(database.db)
  return found.rows
}

const sorted = (rows: Rows) =>
  rows.toSorted((one, other) => (`${one.period} ${one.key}` < `${other.period} ${other.key}` ? -1 : 1))
