import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isNotNeeded, walked } from './stops.ts'

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
