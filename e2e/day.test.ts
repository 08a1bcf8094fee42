import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describe } from './checker.ts'
import { tradingDay } from './day.ts'

test('after a day of trading with faults, people at work and new sessions, our books, the screens and the platforms’ books agree', async () => {
  const { checked, restless, work, untrue } = await tradingDay({
    seconds: 25,
    trades: 120,
    seed: 'npm test',
    people: 4,
    hands: 3,
    troubleEveryMs: 1500,
  })
  assert.deepEqual(work.broken, [])
  assert.deepEqual(untrue, [])
  assert.deepEqual(restless, [])
  assert.deepEqual(checked.differences, [], describe(checked))
  // A day without events would prove nothing.
  assert.ok(checked.trades > 400, `${checked.trades} trades`)
  assert.ok(checked.orders > 50, `${checked.orders} orders`)
  assert.ok(checked.refunds > 50, `${checked.refunds} refunds`)
  assert.ok(checked.numbers > 0, `${checked.numbers} numbers`)
  assert.ok(checked.shipped > 0, `${checked.shipped} parcels left`)
})
