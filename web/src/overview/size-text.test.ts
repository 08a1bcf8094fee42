import assert from 'node:assert/strict'
import { test } from 'node:test'
import { byteText } from './size-text.ts'

test('a size has two or three digits and the unit that a person reads', () => {
  assert.deepEqual([0, 8192, 999_499, 999_500, 1_234_567, 47e9, 1.5e12, -2.5e6].map(byteText), [
    '0 KB',
    '8.2 KB',
    '999 KB',
    '1 MB',
    '1.2 MB',
    '47 GB',
    '1.5 TB',
    '−2.5 MB',
  ])
})
