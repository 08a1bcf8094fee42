import assert from 'node:assert/strict'
import { test } from 'node:test'
import { basketRanges, isNotNeeded, walked } from './stops.ts'

const line = (done: boolean, picked = 0, missing = 0) => ({ done, picked, missing })

test('a stop whose parcels were stopped is no stop on the way; one that was picked, or where pieces were missing, is walked', () => {
  const stopped = line(true)
  assert.deepEqual(walked([line(false), stopped, line(false)]), { stops: 2, done: 0 })
  assert.deepEqual(walked([line(true, 2), stopped, line(true, 0, 1), line(false, 1)]), { stops: 3, done: 2 })
  assert.deepEqual(walked([stopped]), { stops: 0, done: 0 })
  assert.deepEqual([stopped, line(true, 1), line(true, 0, 1), line(false)].map(isNotNeeded), [
    true,
    false,
    false,
    false,
  ])
})

test('all baskets of a line are named, those that follow one another as a range', () => {
  assert.deepEqual(basketRanges([]), [])
  assert.deepEqual(basketRanges([3]), ['03'])
  assert.deepEqual(basketRanges([1, 2, 4, 5, 6, 12, 100]), ['01', '02', '04–06', '12', '100'])
})
