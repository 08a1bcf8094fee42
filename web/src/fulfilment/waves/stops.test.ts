import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askOf } from './asks.ts'
import { basketRanges, basketsToFill, isNotNeeded, walked } from './stops.ts'

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

test('a list that is printed half-way names the baskets that still get pieces, with as many as they lack', () => {
  const basket = (of: number, pieces: number, picked: number, stopped = false) => ({
    ...{ basket: of, pieces, picked, stopped },
  })
  assert.deepEqual(
    basketsToFill([basket(1, 2, 2), basket(2, 3, 1), basket(3, 1, 0, true), basket(4, 1, 0)]),
    [
      { basket: 2, pieces: 2 },
      { basket: 4, pieces: 1 },
    ],
  )
})

test('before parcels are cut out of a wave without baskets, the picked pieces are said to go back and not to stay in a basket', () => {
  const [inBaskets, inCart] = [askOf('cut', 'picking')[0], askOf('cut', 'none')[0]]
  assert.match(inBaskets, /已拣的留在篮里/)
  assert.equal(askOf('cut', 'after')[0], inBaskets)
  assert.match(inCart, /已拣的货列入待放回/)
  assert.doesNotMatch(inCart, /篮/)
})

test('all baskets of a line are named, those that follow one another as a range', () => {
  assert.deepEqual(basketRanges([]), [])
  assert.deepEqual(basketRanges([3]), ['03'])
  assert.deepEqual(basketRanges([1, 2, 4, 5, 6, 12, 100]), ['01', '02', '04–06', '12', '100'])
})
