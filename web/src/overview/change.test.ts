import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changeOf } from './change.ts'

test('a change is a percentage, and from ten times as much on says how many times', () => {
  assert.deepEqual(
    [
      [0, 0],
      [5, 0],
      [11, 10],
      [9, 10],
      [0, 10],
      [99, 10],
      [100, 10],
      [20_592, 100],
    ].map(([now = 0, before = 0]) => changeOf(now, before)),
    ['', '', '+10.0%', '−10.0%', '−100.0%', '+890.0%', '×10', '×206'],
  )
})
