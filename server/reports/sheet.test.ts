import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { readSheet } from '../core/sheets/sheet-in.ts'
import { aRefund, aTrade, type IntakeFixture, stage, stageRefunds } from '../intake/testing.ts'
import { memoryKeyRing } from '../lib/seal.ts'
import { toChinaTime } from '../lib/time.ts'
import { type TestApp, testApp } from '../testing/app.ts'
import { dice } from '../testing/dice.ts'
import { aShop } from '../testing/orders.ts'
import { rowsMost } from './figures.ts'
import { addCells, measured, reportNames, reports } from './report-rules.ts'
import { computeAll, first, last, someDocuments } from './testing.ts'

let house: TestApp
let pool: IntakeFixture
const days = `from=${first}&to=${last}`

before(async () => {
  house = await testApp()
  pool = {
    ...{ db: house.db, ring: memoryKeyRing(), shopId: await aShop(house.db) },
    [Symbol.asyncDispose]: async () => {},
  }
  await someDocuments(pool, dice(5), pool.shopId, 24)
  await someDocuments(pool, dice(6), await aShop(house.db), 8)
  await computeAll(house.db)
})
after(() => house[Symbol.asyncDispose]())

type Asker = Awaited<ReturnType<TestApp['as']>>

async function sheet(asker: Asker, query: string): Promise<string[][]> {
  const response = await fetch(`${house.url}/api/exports/reports.xlsx?${query}`, {
    headers: { cookie: asker.cookie },
  })
  assert.equal(response.status, 200, query)
  return readSheet(Buffer.from(await response.arrayBuffer()))
}

test('the sheet of each report and measure has the figures of the page to the cent, row by row', async () => {
  const asker = await house.as(['reports.read', 'export'])
  for (const name of reportNames)
    for (const dimension of reports[name].dimensions)
      for (const [place, measure] of reports[name].measures.entries()) {
        const step = place % 2 === 0 ? 'day' : 'week'
        const query = `report=${name}&${days}&rows=${dimension}&by=${measure.key}&step=${step}`
        const { body } = await asker.call('GET', `/api/reports/figures?${query}`)
        const figures = Object(body)
        const texts = (cells: (number[] | null)[]) =>
          [...cells, addCells(cells)].map((cell) => {
            const value = measured(measure, figures.columns, cell)
            if (value === null) return ''
            if (measure.kind === 'money') return String(value / 100)
            return String(Math.round(value * 10) / 10)
          })
        const [head = [], ...lines] = await sheet(asker, query)
        assert.equal(head.length, figures.periods.length + 2)
        const shown = lines.slice(0, figures.rows.length + 1)
        const padded = (values: readonly string[]) =>
          Array.from({ length: head.length - 1 }, (_, at) => values[at] ?? '')
        assert.deepEqual(
          shown.map(([, ...values]) => padded(values)),
          [...figures.rows.map((row: { cells: [] }) => texts(row.cells)), texts(figures.total)],
          query,
        )
        assert.equal(shown.at(-1)?.[0], '合计')
        assert.equal(lines.at(-1)?.[1], reports[name].defined[0])
      }
})

test('a sheet keeps to the scope, needs both permissions, and says a wrong question plainly', async () => {
  const query = `report=sales&${days}&by=paid`
  const own = await house.as(['reports.read', 'export'], [pool.shopId])
  const [, ...lines] = await sheet(own, query)
  const name = (
    await sql<Record<'name', string>>`select name from shop where id = ${pool.shopId}`.execute(house.db)
  ).rows[0]?.name
  assert.deepEqual(
    lines.slice(0, 2).map(([first]) => first),
    [name, '合计'],
  )
  for (const permission of ['reports.read', 'export'] as const)
    assert.equal(
      (await (await house.as([permission])).call('GET', `/api/exports/reports.xlsx?${query}`)).status,
      403,
    )
  const { status } = await own.call('GET', `/api/exports/reports.xlsx?report=sales&from=${last}&to=${first}`)
  assert.equal(status, 400)
})

test('a sheet says up to when its figures are complete while days of it are computed again, and then no longer', async () => {
  const asker = await house.as(['reports.read', 'export'])
  const query = `report=sales&${days}&by=paid`
  const end = async () => (await sheet(asker, query)).at(-1)
  const { defined } = reports.sales
  assert.deepEqual((await end())?.slice(0, 2), ['口径', defined[0]])
  await sql`insert into report_due (day) values (${first}::date)`.execute(house.db)
  const { at } = Object((await asker.call('GET', `/api/reports/figures?${query}`)).body)
  assert.deepEqual((await end())?.filter(Boolean), [`算到 ${toChinaTime(new Date(at))}`])
  assert.deepEqual(
    (await sheet(asker, `${query}&language=en`)).slice(-2).map(([text]) => text),
    ['How it is counted', `Complete up to ${toChinaTime(new Date(at))}`],
  )
  await computeAll(house.db)
  assert.deepEqual((await end())?.slice(0, 2), ['口径', defined[0]])
})

test('the rows that a page sums up as one open the documents of just these', async () => {
  const shopId = await aShop(house.db)
  const trades = Array.from({ length: rowsMost + 3 }, () =>
    aTrade({ paidAt: new Date(`${first}T10:00:00+08:00`) }),
  )
  await stage({ ...pool, shopId }, ...trades)
  await stageRefunds(
    { ...pool, shopId },
    ...trades.map((trade, at) =>
      aRefund(trade, {
        ...{ reason: `原因 ${at}`, amountFen: 1000 - at },
        createdAt: new Date(`${first}T11:00:00+08:00`),
      }),
    ),
  )
  await computeAll(house.db)
  const asker = await house.as(['reports.read'], [shopId])
  const query = `report=causes&${days}&rows=cause`
  const figures = Object((await asker.call('GET', `/api/reports/figures?${query}&by=asked`)).body)
  assert.equal(figures.others.count, 3)
  const rows = Object(
    (await asker.call('GET', `/api/reports/rows?${query}&by=asked&measure=asked&others=true`)).body,
  ).rows
  assert.deepEqual(rows.map(({ amountFen }: { amountFen: number }) => amountFen).sort(), [898, 899, 900])
  const sum = figures.columns.indexOf('asked_fen')
  assert.equal(addCells(figures.others.cells)?.[sum], 898 + 899 + 900)
})
