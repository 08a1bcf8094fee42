import assert from 'node:assert/strict'
import { test } from 'node:test'
import { money, yuan } from './money-text.ts'

test('amounts are grouped by thousands and keep their two places', () => {
  assert.deepEqual([0, 5, 99, 126_800, 123_456_789].map(yuan), [
    '0.00',
    '0.05',
    '0.99',
    '1,268.00',
    '1,234,567.89',
  ])
})

test('the sign stands before the ¥, and is a minus', () => {
  assert.deepEqual([-2900, -123_456_789, 0, 5].map(money), ['−¥29.00', '−¥1,234,567.89', '¥0.00', '¥0.05'])
})
