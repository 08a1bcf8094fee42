import assert from 'node:assert/strict'
import { test } from 'node:test'
import { placeOf, planOf } from './route-plan.ts'

const line = (bin: string, done = false, more = {}) => ({
  bin,
  done,
  picked: done ? 2 : 0,
  missing: 0,
  wanted: 2,
  ...more,
})

test('aisle and bay are read in the code of a bin, in the forms that warehouses use', () => {
  assert.deepEqual(placeOf('A-03-12'), { aisle: 'A', bay: 3 })
  assert.deepEqual(placeOf('12-B07'), { aisle: '12', bay: 7 })
  assert.deepEqual(placeOf('B04'), { aisle: 'B', bay: 4 })
  assert.deepEqual(placeOf('AB'), { aisle: 'AB', bay: undefined })
  assert.deepEqual(placeOf('A-左'), { aisle: 'A', bay: undefined })
  assert.equal(placeOf('1001'), undefined)
  assert.equal(placeOf(''), undefined)
})

test('the plan has an aisle for each, in their order, and the stops with the lowest bay at the bottom', () => {
  const plan = planOf([
    line('A-01-02', true),
    line('A-05-08', true),
    line('B-05-01'),
    line('B-01-04'),
    line('C-03-01'),
  ])
  assert.deepEqual(plan?.aisles, [
    { name: 'A', x: 104 },
    { name: 'B', x: 220 },
    { name: 'C', x: 336 },
  ])
  assert.deepEqual(
    plan?.spots.map(({ place, x, y, state }) => [place, x, y, state]),
    [
      [1, 104, 124, 'done'],
      [2, 104, 36, 'done'],
      [3, 220, 36, 'here'],
      [4, 220, 124, 'ahead'],
      [5, 336, 80, 'ahead'],
    ],
  )
  assert.equal(plan?.off, 0)
})

test('the way leaves an aisle by the nearer end, and its walked part ends at the stop where the picker is', () => {
  const plan = planOf([line('A-01-02', true), line('A-05-08', true), line('B-05-01'), line('B-01-04')])
  const [a, b] = plan?.aisles.map(({ x }) => x) ?? []
  assert.deepEqual([a, b], [133, 307])
  assert.equal(
    plan?.walked,
    [
      'M18 152L18 152L157 152L157 124L145 124L157 124',
      'M157 124L157 36L145 36L157 36',
      'M157 36L157 14L331 14L331 36L319 36L331 36',
    ].join(''),
  )
  assert.equal(plan?.ahead, ['M331 36L331 124L319 124L331 124', 'M331 124L331 152L422 152L422 152'].join(''))
})

test('a way that was not begun is all ahead, and one that is done all walked', () => {
  const open = planOf([line('A-01'), line('B-01')])
  assert.equal(open?.walked, '')
  assert.deepEqual(
    open?.spots.map(({ state }) => state),
    ['here', 'ahead'],
  )
  const done = planOf([line('A-01', true), line('B-01', true)])
  assert.equal(done?.ahead, '')
})

test('stops whose bays are near each other or the same keep apart, on a rack that is long enough', () => {
  const plan = planOf(['A-01-1', 'A-01-2', 'A-01-3', 'A-02-1', 'A-09-1', 'B-09-1'].map((bin) => line(bin)))
  const ofA = plan?.spots.filter(({ bin }) => bin.startsWith('A')).map(({ y }) => y)
  assert.deepEqual(ofA, [124, 107, 90, 73, 36])
  const many = planOf(Array.from({ length: 12 }, (_, n) => line(`A-05-${n}`)))
  const ys = many?.spots.map(({ y }) => y).toSorted((one, other) => one - other) ?? []
  assert.ok(
    ys.every((y, at) => at === 0 || y - (ys[at - 1] ?? 0) >= 15),
    ys.join(' '),
  )
  assert.ok((ys[0] ?? 0) >= 22 && (ys.at(-1) ?? 0) <= (many?.bottom ?? 0))
  assert.equal(many?.bottom, 238)
})

test('stops at one bin are one spot, which is done with the last of them, and stops that are not needed are left out', () => {
  const plan = planOf([
    line('A-01', true),
    line('A-01'),
    line('A-02', true, { picked: 0, wanted: 0 }),
    line('A-03'),
  ])
  assert.deepEqual(
    plan?.spots.map(({ place, bin, state }) => [place, bin, state]),
    [
      [1, 'A-01', 'here'],
      [4, 'A-03', 'ahead'],
    ],
  )
})

test('stops without an aisle are counted; with most of them there is no plan, nor with too many aisles', () => {
  assert.equal(planOf([line('A-01'), line('B-01'), line('')])?.off, 1)
  assert.equal(planOf([line('A-01'), line(''), line('1001')]), undefined)
  assert.equal(planOf([]), undefined)
  assert.equal(planOf(Array.from({ length: 13 }, (_, n) => line(`${n + 10}-01`))), undefined)
})
