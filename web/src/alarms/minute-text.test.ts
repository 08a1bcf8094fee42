import assert from 'node:assert/strict'
import { test } from 'node:test'
import { minuteText, readMinute } from './minute-text.ts'

test('a time of day is written with two digits each, and read as people type it', () => {
  assert.deepEqual([0, 485, 1320].map(minuteText), ['00:00', '08:05', '22:00'])
  assert.deepEqual(['22:00', '22：00', '2200', '22', ' 8:05 ', '805'].map(readMinute), [
    ...[1320, 1320, 1320, 1320, 485, 485],
  ])
  assert.deepEqual(['', '24:00', '22:60', 'x', '8:5'].map(readMinute), Array(5).fill(undefined))
})
