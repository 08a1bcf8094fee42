import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type PlannedLine, planSplit, type SplitHow } from './split-plans.ts'

const line = (lineNo: number, more: Partial<PlannedLine> = {}): PlannedLine => ({
  lineNo,
  quantity: 2,
  code: `C${lineNo}`,
  category: '',
  weightG: 500,
  promised: true,
  refunds: false,
  planAt: null,
  parts: [{ skuId: String(lineNo), quantity: 1 }],
  ...more,
})
const short = { promised: false }
const shelves = new Map([
  ['1', new Map([['1', 9]])],
  ['2', new Map([['2', 2]])],
  [
    '3',
    new Map([
      ['2', 9],
      ['3', 9],
    ]),
  ],
])

/** Returns the plan as "1×2 3×1 | 2×2 @3": line number × pieces of each child order, and its warehouse if it has another one. */
function told(how: SplitHow, ...lines: PlannedLine[]): string {
  const plan = planSplit({ warehouseId: '1', shipAfter: null, lines }, how, shelves)
  if (!('parts' in plan)) return plan.code
  return plan.parts
    .map(
      ({ lines, warehouseId }) =>
        lines.map(({ lineNo, quantity }) => `${lineNo}×${quantity}`).join(' ') +
        (warehouseId ? ` @${warehouseId}` : ''),
    )
    .join(' | ')
}

test('by stock, what is short leaves together, unless everything is or nothing', () => {
  assert.equal(told({ by: 'stock' }, line(1), line(2, short), line(3, short)), '2×2 3×2')
  assert.equal(told({ by: 'stock' }, line(1, short), line(2, short)), 'not_short')
  assert.equal(told({ by: 'stock' }, line(1), line(2)), 'not_short')
  assert.equal(told({ by: 'stock' }, line(1), line(2, { ...short, refunds: true })), 'not_short')
})

test('by warehouse, what is short leaves from the first warehouse that has all of it', () => {
  assert.equal(told({ by: 'warehouse' }, line(1), line(2, short), line(3, short)), '2×2 @2 | 3×2 @3')
  assert.equal(told({ by: 'warehouse' }, line(1), line(2, { ...short, quantity: 3 })), '2×3 @3')
  assert.equal(told({ by: 'warehouse' }, line(1), line(4, short)), 'no_other_warehouse')
})

test('by pieces and by weight, no order has more than may be; a piece that is too heavy goes alone', () => {
  assert.equal(told({ by: 'quantity', max: 3 }, line(1), line(2), line(3)), '2×1 3×2')
  assert.equal(told({ by: 'quantity', max: 1 }, line(1), line(2)), '1×1 | 2×1 | 2×1')
  assert.equal(told({ by: 'quantity', max: 4 }, line(1), line(2)), 'fits')
  assert.equal(told({ by: 'weight', maxG: 1500 }, line(1), line(2)), '2×1')
  assert.equal(told({ by: 'weight', maxG: 400 }, line(1, { quantity: 1 }), line(2, { quantity: 1 })), '2×1')
  assert.equal(told({ by: 'weight', maxG: 400 }, line(1, { weightG: null })), 'no_weight')
})

test('by category, the first stays with what has none', () => {
  const bed = { category: '床品' }
  const bath = { category: '卫浴' }
  assert.equal(told({ by: 'category' }, line(1, bed), line(2, bath), line(3, bed)), '2×2')
  assert.equal(told({ by: 'category' }, line(1), line(2, bath), line(3, bed)), '2×2 | 3×2')
  assert.equal(told({ by: 'category' }, line(1, bed), line(2, bed)), 'one_category')
})

test('by presale date, the named goods leave to wait for their day', () => {
  const at = new Date('2026-12-01T00:00:00+08:00')
  assert.deepEqual(
    planSplit(
      { warehouseId: '1', shipAfter: null, lines: [line(1), line(2)] },
      { by: 'presale', codes: ['c2'], at },
      shelves,
    ),
    { parts: [{ lines: [{ lineNo: 2, quantity: 2 }], shipAfter: at }] },
  )
  assert.equal(told({ by: 'presale', codes: ['C1', 'C2'], at }, line(1), line(2)), 'none_of_them')
})

test('by the platform’s days, each line waits for its own, and what leaves first waits for none of the others', () => {
  const [early, late] = [new Date('2026-12-01T00:00:00+08:00'), new Date('2026-12-20T00:00:00+08:00')]
  const [now, soon, then] = [line(1), line(2, { planAt: early }), line(3, { planAt: late })]
  const plan = (shipAfter: Date | null, ...lines: PlannedLine[]) =>
    planSplit({ warehouseId: '1', shipAfter, lines }, { by: 'days' }, shelves)
  const part = (lineNo: number, shipAfter: Date) => ({ lines: [{ lineNo, quantity: 2 }], shipAfter })
  assert.deepEqual(plan(late, then, now, soon), { parts: [part(2, early), part(3, late)], shipAfter: null })
  assert.deepEqual(plan(late, soon, then), { parts: [part(3, late)], shipAfter: early })
  // A person planned the order for another day, so its date stays.
  assert.deepEqual(plan(new Date('2027-01-01'), soon, then), { parts: [part(3, late)] })
  assert.equal(told({ by: 'days' }, soon, { ...soon, lineNo: 4 }), 'one_day')
  assert.equal(told({ by: 'days' }, now, line(4)), 'one_day')
  assert.deepEqual(plan(late, line(1, { refunds: true, planAt: early }), soon, then), {
    parts: [part(2, early), part(3, late)],
    shipAfter: null,
  })
})

test('a limit of pieces or weight that makes more than 200 orders is refused', () => {
  const many = line(1, { quantity: 100_000, weightG: 1 })
  assert.equal(told({ by: 'quantity', max: 1 }, many), 'too_many_parts')
  assert.equal(told({ by: 'weight', maxG: 400 }, many), 'too_many_parts')
  assert.equal(told({ by: 'quantity', max: 1 }, line(1, { quantity: 202 })), 'too_many_parts')
  assert.equal(told({ by: 'quantity', max: 1 }, line(1, { quantity: 201 })).split(' | ').length, 200)
})
