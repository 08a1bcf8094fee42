import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describe } from './checker.ts'
import { tradingDay } from './day.ts'

/** `npm run prove houses` trades twice as long. */
const size =
  process.env['HOUSES'] === 'all'
    ? { seconds: 25, trades: 120, events: { trades: 400, some: 50 } }
    : { seconds: 18, trades: 40, shops: 6, events: { trades: 150, some: 15 } }

test('after a day of trading with faults, people at work and new sessions, our books, the screens and the platforms’ books agree', async () => {
  const { checked, restless, work, untrue } = await tradingDay({
    seconds: size.seconds,
    trades: size.trades,
    ...('shops' in size ? { shops: size.shops } : {}),
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
  assert.ok(checked.trades > size.events.trades, `${checked.trades} trades`)
  assert.ok(checked.orders > size.events.some, `${checked.orders} orders`)
  assert.ok(checked.refunds > size.events.some, `${checked.refunds} refunds`)
  assert.ok(checked.numbers > 0, `${checked.numbers} numbers`)
  assert.ok(checked.shipped > 0, `${checked.shipped} parcels left`)
})
