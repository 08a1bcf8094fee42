import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changeTone } from './change-tone.ts'

test('more sales are green, and more refunds are red', () => {
  assert.deepEqual([changeTone(2, 1), changeTone(1, 2), changeTone(1, 1)], ['ink-ok', 't2', 't2'])
  assert.deepEqual(
    [changeTone(2, 1, true), changeTone(1, 2, true), changeTone(1, 1, true)],
    ['ink-bad', 'ink-ok', 't2'],
  )
})
