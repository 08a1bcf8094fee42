import assert from 'node:assert/strict'
import { test } from 'node:test'
import { niceTop } from './nice-top.ts'

test('the top of the chart holds every bar, and each of its three lines has a whole figure', () => {
  assert.deepEqual([1, 4, 7, 10, 12, 13, 2208].map(niceTop), [3, 6, 9, 12, 12, 15, 2400])
  for (let most = 1; most <= 5000; most += 1) {
    const top = niceTop(most)
    assert.ok(top >= most && top % 3 === 0 && top <= Math.max(3, most * 1.5 + 2), `${most} → ${top}`)
  }
})
