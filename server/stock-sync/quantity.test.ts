import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  listingQuantity,
  mustSend,
  type PartStock,
  type StockSyncFacts,
  traceWords,
  usualRule,
} from './lifecycle.ts'

const shelf = (name: string, available: number, short = 0) => ({ id: name, name, available, short })
const part = (...warehouses: PartStock['warehouses']): PartStock => ({
  code: 'A',
  each: 1,
  warehouses,
  staged: 0,
})
const quantityOf = (rule: Partial<typeof usualRule>, ...parts: PartStock[]) =>
  listingQuantity({ rule: { ...usualRule, ...rule }, own: false, parts })

test('all that is free in every warehouse is shown, and the calculation can be read', () => {
  const told = quantityOf({ percent: 80, safety: 2 }, part(shelf('杭州仓', 12), shelf('广州仓', 3)))
  assert.equal(told.quantity, 10)
  assert.deepEqual(traceWords(told.trace), {
    zh: '杭州仓 可用 12 + 广州仓 可用 3 = 15，× 80% = 12，− 安全库存 2 = 10',
    en: '杭州仓 12 free + 广州仓 3 free = 15, × 80% = 12, − 2 held back = 10',
  })
})

test('only the warehouses of the rule count, and what orders wait for is not free', () => {
  const goods = part(shelf('1', 12, 5), shelf('2', 3, 9), shelf('3', 100))
  assert.equal(quantityOf({ warehouses: ['1', '2'] }, goods).quantity, 7)
  assert.equal(quantityOf({ warehouses: ['4'] }, goods).quantity, 0)
  const words = traceWords(quantityOf({ warehouses: ['1', '2'] }, goods).trace)
  assert.equal(words.zh, '1 可用 12 − 缺货待配 5 + 2 可用 3 − 缺货待配 9 = 7')
})

test('what staged trades will need is not free, whatever warehouse they will get', () => {
  const goods = { ...part(shelf('杭州仓', 12), shelf('广州仓', 3)), staged: 4 }
  const told = quantityOf({}, goods)
  assert.equal(told.quantity, 11)
  assert.deepEqual(traceWords(told.trace), {
    zh: '杭州仓 可用 12 + 广州仓 可用 3 − 待转单要用 4 = 11',
    en: '杭州仓 12 free + 广州仓 3 free − 4 for staged trades = 11',
  })
  assert.equal(quantityOf({ warehouses: ['广州仓'] }, goods).quantity, 0)
  assert.equal(quantityOf({}, { ...goods, each: 3 }).quantity, 3)
})

test('a percent is rounded down; safety stock shows none when there is no more; max and min bound it', () => {
  const ten = part(shelf('1', 10))
  assert.equal(quantityOf({ percent: 99 }, ten).quantity, 9)
  assert.equal(quantityOf({ percent: 9 }, ten).quantity, 0)
  assert.equal(quantityOf({ safety: 10 }, ten).quantity, 0)
  assert.equal(quantityOf({ safety: 25 }, ten).quantity, 0)
  assert.equal(quantityOf({ plus: -3 }, ten).quantity, 7)
  assert.equal(quantityOf({ plus: 5, max: 12 }, ten).quantity, 12)
  assert.equal(quantityOf({ safety: 10, min: 4 }, ten).quantity, 4)
  assert.equal(quantityOf({}, part()).quantity, 0)
  assert.match(traceWords(quantityOf({ safety: 25 }, ten).trace).zh, /− 安全库存 25 = -15，不足，按 0$/)
})

test('a bundle is as many as its scarcest part is enough for', () => {
  const bed = { code: 'BED', each: 1, warehouses: [shelf('1', 9)], staged: 0 }
  const pillow = { code: 'PILLOW', each: 2, warehouses: [shelf('1', 6), shelf('2', 1)], staged: 0 }
  const { quantity, trace } = quantityOf({}, bed, pillow)
  assert.equal(quantity, 3)
  assert.deepEqual(
    trace.parts.map(({ free, makes }) => [free, makes]),
    [
      [9, 9],
      [7, 3],
    ],
  )
  assert.equal(
    traceWords(trace).zh,
    'BED: 1 可用 9，PILLOW: 1 可用 6 + 2 可用 1 = 7，每件用 2 → 3，最少的一种够 3 套',
  )
})

const pieces = fc.integer({ min: 0, max: 10_000 })
const shelves = fc.array(
  fc.record({
    id: fc.constantFrom('1', '2', '3'),
    name: fc.constant('仓'),
    available: pieces,
    short: pieces,
  }),
  { maxLength: 3 },
)
const anyParts = fc.array(
  fc.record({
    code: fc.constant('A'),
    each: fc.integer({ min: 1, max: 9 }),
    warehouses: shelves,
    staged: pieces,
  }),
  { minLength: 1, maxLength: 4 },
)
const honestRule = fc.record({
  warehouses: fc.subarray(['1', '2', '3']),
  percent: fc.integer({ min: 0, max: 100 }),
  plus: fc.integer({ min: -500, max: 0 }),
  safety: fc.integer({ min: 0, max: 500 }),
  min: fc.constant(0),
  max: fc.option(pieces),
})

test('a rule that adds nothing never shows more than there is of any part', () => {
  fc.assert(
    fc.property(honestRule, anyParts, (rule, parts) => {
      const { quantity } = listingQuantity({ rule, own: false, parts })
      assert.ok(Number.isInteger(quantity) && quantity >= 0)
      for (const { each, warehouses } of parts) {
        const there = warehouses.reduce((sum, { available }) => sum + available, 0)
        assert.ok(quantity * each <= there)
      }
    }),
  )
})

test('shops that share goods by percents of at most a hundred in all never show more than there is', () => {
  const percents = fc
    .array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 5 })
    .filter((all) => all.reduce((sum, one) => sum + one, 0) <= 100)
  fc.assert(
    fc.property(percents, anyParts, (all, parts) => {
      const whole = quantityOf({}, ...parts).quantity
      const shown = all.map((percent) => quantityOf({ percent }, ...parts).quantity)
      assert.ok(shown.reduce((sum, one) => sum + one, 0) <= whole)
    }),
  )
})

test('more goods never show fewer, and the trace ends with the quantity', () => {
  fc.assert(
    fc.property(honestRule, shelves, pieces, (rule, warehouses, more) => {
      const few = listingQuantity({ rule, own: true, parts: [part(...warehouses)] })
      const grown = warehouses.map((one) => ({ ...one, available: one.available + more }))
      assert.ok(listingQuantity({ rule, own: true, parts: [part(...grown)] }).quantity >= few.quantity)
      assert.deepEqual([few.trace.quantity, few.trace.own], [few.quantity, true])
    }),
  )
})

const now = new Date('2026-11-25T10:00:00Z')
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000)
const settled: StockSyncFacts = {
  on: true,
  open: false,
  quantity: 5,
  toldQuantity: 5,
  toldVersion: 3,
  problem: '',
  problemAt: null,
  listedAt: minutesAgo(30),
}

test('the platform is told what differs from what it took, and of what failed only for a reason', () => {
  const tell = (standing: Partial<StockSyncFacts>, wanted = 5) =>
    mustSend({ ...settled, ...standing }, wanted, now)
  assert.equal(tell({}), false)
  assert.equal(tell({}, 4), true)
  assert.equal(tell({ toldVersion: 0 }), true)
  assert.equal(tell({ on: false }, 4), false)
  assert.deepEqual([tell({ open: true, toldQuantity: 9 }), tell({ open: true }, 4)], [false, true])
  const failed = (problem: StockSyncFacts['problem'], minutes: number) => ({
    problem,
    problemAt: minutesAgo(minutes),
  })
  assert.deepEqual([tell(failed('not_told', 14)), tell(failed('not_told', 15))], [false, true])
  assert.deepEqual([tell(failed('refused', 99)), tell(failed('refused', 99), 4)], [false, true])
  assert.deepEqual([tell(failed('listing_gone', 29), 4), tell(failed('listing_gone', 31))], [false, true])
  assert.deepEqual([tell(failed('gone', 1)), tell(failed('unmatched', 1))], [true, true])
})
