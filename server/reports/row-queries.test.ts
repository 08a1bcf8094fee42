import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { systemActor, wholeScope } from '../core/access/actor.ts'
import { createQueues } from '../core/jobs/job.ts'
import { aRefund, aTrade, type IntakeFixture, stage, stageRefunds } from '../intake/testing.ts'
import { memoryKeyRing } from '../lib/seal.ts'
import { addGifts, removeGifts } from '../orders/gifts/change.ts'
import { type TestApp, testApp } from '../testing/app.ts'
import { anOrder, aShop } from '../testing/orders.ts'
import { aSku, aWarehouse, putStock } from '../testing/stock.ts'
import { jobs } from '../worker.ts'
import type { ReportRow } from './contract.ts'
import { rowsMost } from './figures.ts'
import { addCells } from './report-rules.ts'
import { computeAll, first, last, splitOwnOrder } from './testing.ts'

let house: TestApp
let pool: IntakeFixture

before(async () => {
  house = await testApp()
  await createQueues(house.db, jobs)
  pool = { db: house.db, ring: memoryKeyRing(), shopId: '', [Symbol.asyncDispose]: async () => {} }
})
after(() => house[Symbol.asyncDispose]())

const at = (day: string) => new Date(`${day}T10:00:00+08:00`)

/** Returns a reader of the report: its cells, and the rows behind one. */
async function readerOf(shopId: string, query: string) {
  const asker = await house.as(['reports.read'], [shopId])
  const read = async (path: string) => {
    const { status, body } = await asker.call('GET', path)
    assert.equal(status, 200, JSON.stringify(body))
    return Object(body)
  }
  return {
    figures: () => read(`/api/reports/figures?${query}&from=${first}&to=${last}`),
    rows: async (more: string, from = first, to = last): Promise<ReportRow[]> =>
      (await read(`/api/reports/rows?${query}&from=${from}&to=${to}&limit=200&${more}`)).rows,
  }
}

const sumOf = (rows: readonly ReportRow[]) => rows.reduce((sum, { amountFen }) => sum + (amountFen ?? 0), 0)

test('the rows that a page sums up as one open, in each period, the documents of those that the whole report leaves out', async () => {
  const shopId = await aShop(house.db)
  // The first 40 causes lead on the first day and the last 40 on the last one; over both days the 30 between them are the smallest.
  const asked = [first, last].flatMap((day) =>
    Array.from({ length: rowsMost + 10 }, (_, place) => ({ day, place })),
  )
  const amountOf = ({ day, place }: { day: string; place: number }) => {
    if (place >= 40 && place < 70) return 500 + place
    return place < 40 === (day === first) ? 2000 + place : 10 + place
  }
  const trades = asked.map(({ day }) => aTrade({ paidAt: at(day) }))
  await stage({ ...pool, shopId }, ...trades)
  await stageRefunds(
    { ...pool, shopId },
    ...trades.map((trade, place) => {
      const one = asked[place] ?? assert.fail()
      return aRefund(trade, {
        ...{ reason: `原因 ${one.place}`, amountFen: amountOf(one) },
        createdAt: at(one.day),
      })
    }),
  )
  await computeAll(house.db)
  const reader = await readerOf(shopId, 'report=causes&rows=cause&by=asked')
  const { others, periods, columns } = await reader.figures()
  assert.equal(others.count, 10)
  const sum = columns.indexOf('asked_fen')
  const whole = `measure=asked&others=true&rankedFrom=${first}&rankedTo=${last}`
  const left = Array.from({ length: 10 }, (_, place) => 540 + place)
  for (const [place, { from, to }] of periods.entries()) {
    const rows = await reader.rows(whole, from, to)
    assert.equal(sumOf(rows), others.cells[place]?.[sum] ?? 0, from)
    const amounts = rows.map(({ amountFen }) => amountFen).toSorted()
    assert.deepEqual(amounts, from === first || from === last ? left : [])
  }
  // Without the days of the report, the largest of the day itself are left out.
  const ofDay = await reader.rows('measure=asked&others=true', first, first)
  assert.equal(ofDay.length, 10)
  assert.notEqual(sumOf(ofDay), others.cells[0][sum])
})

test('an off-platform order that is split is one paid trade with its whole amount, and a reship is none', async () => {
  const shopId = await aShop(house.db)
  const [whole = ''] = await splitOwnOrder(house.db, shopId, at(first))
  const reship = await anOrder(house.db, { shopId, status: 'confirmed' })
  await sql`
    update sales_order set origin = 'reship', payment_fen = 0, paid_at = ${at(first)} where id = ${reship.id}::bigint`.execute(
    house.db,
  )
  await computeAll(house.db)
  const reader = await readerOf(shopId, 'report=sales')
  const { total, columns } = await reader.figures()
  const named = Object.fromEntries(columns.map((name: string, place: number) => [name, total[0][place]]))
  assert.deepEqual(
    [named.own_count, named.own_order_fen, named.order_count, named.trade_count],
    [1, 10_000, 3, 0],
  )
  const paid = await reader.rows('measure=paid')
  assert.deepEqual(
    paid.map(({ amountFen }) => amountFen),
    [6000],
  )
  assert.deepEqual(
    (await reader.rows('measure=amount')).map(({ amountFen }) => amountFen).toSorted(),
    [0, 4000, 6000],
  )
  // The rest of a trade whose first order was voided is still one paid trade.
  await sql`update sales_order set status = 'voided' where id = ${whole}::bigint`.execute(house.db)
  await computeAll(house.db)
  const rest = await reader.figures()
  const voided = Object.fromEntries(
    rest.columns.map((name: string, place: number) => [name, rest.total[0][place]]),
  )
  assert.deepEqual([voided.own_count, voided.own_order_fen], [1, 4000])
  assert.deepEqual(
    (await reader.rows('measure=paid')).map(({ amountFen }) => amountFen),
    [4000],
  )
})

test('a gift that was taken off is neither sold nor returned', async () => {
  const shopId = await aShop(house.db)
  const mug = await aSku(house.db, 'GIFT-MUG')
  await putStock(house.db, await aWarehouse(house.db), mug, 10)
  const orders = [await anOrder(house.db, { shopId }), await anOrder(house.db, { shopId })]
  const ids = orders.map(({ id }) => id)
  await sql`update sales_order set paid_at = ${at(first)} where id = any(${ids}::bigint[])`.execute(house.db)
  const by = { actor: systemActor, scope: wholeScope }
  const gift = { code: 'GIFT-MUG', quantity: 2 }
  const given = await house.db.transaction().execute((tx) => addGifts(tx, ids, gift, by))
  const taken = await house.db.transaction().execute((tx) => removeGifts(tx, ids.slice(0, 1), gift, by))
  assert.deepEqual(
    [...given, ...taken].map(({ done }) => done),
    [true, true, true],
  )
  await computeAll(house.db)
  const reader = await readerOf(shopId, 'report=goods&rows=sku')
  const { rows, columns } = await reader.figures()
  assert.deepEqual(columns, ['piece_count', 'amount_fen', 'refunded_pieces', 'refunded_fen'])
  assert.deepEqual(addCells(rows.find(({ key }: { key: string }) => key === mug).cells), [2, 0, 0, 0])
  const pieces = await reader.rows(`key=${mug}&measure=pieces`)
  assert.deepEqual(pieces.map(({ quantity }) => quantity).toSorted(), [0, 2])
  assert.deepEqual(await reader.rows(`key=${mug}&measure=refunded`), [])
})
