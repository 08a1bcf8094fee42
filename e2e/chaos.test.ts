import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chaos } from './chaos.ts'
import { describe } from './checker.ts'

/** `npm run prove houses` kills ten times, `npm run prove chaos` with all shops. */
const size =
  process.env['HOUSES'] === 'all' ? { kills: 10, trades: 150, shops: 6 } : { kills: 4, trades: 60, shops: 4 }

test('workers killed again and again in mid-work, and the database once, lose nothing and double nothing', async () => {
  const { checked, restless, work, resumedMs, afterDatabaseMs, deaths, evidence } = await chaos({
    // A sample that two processors can carry beside the other tests; `node e2e/chaos.ts` has all shops.
    ...size,
    seed: 'npm test',
    people: 4,
    hands: 2,
  })
  assert.deepEqual(work.broken, [])
  assert.deepEqual(restless, [], `tables, books and logs: ${evidence}`)
  assert.deepEqual(deaths, [])
  assert.deepEqual(checked.differences, [], `${describe(checked)}\ntables, books and logs: ${evidence}`)
  assert.ok(checked.orders > 20, `${checked.orders} orders`)
  assert.ok(resumedMs.length > 0, 'no run was interrupted')
  assert.ok(Math.max(...resumedMs) <= 15_000, `work resumed after ${Math.max(...resumedMs)} ms`)
  assert.ok(afterDatabaseMs <= 15_000, `work resumed ${afterDatabaseMs} ms after the database died`)
})
