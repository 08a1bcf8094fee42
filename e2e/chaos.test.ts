import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chaos } from './chaos.ts'
import { describe } from './checker.ts'

test('workers killed ten times in mid-work, and the database once, lose nothing and double nothing', async () => {
  const { checked, restless, work, resumedMs, afterDatabaseMs, deaths, evidence } = await chaos({
    kills: 10,
    trades: 150,
    // A sample that two processors can carry beside the other tests; `node e2e/chaos.ts` has all shops.
    shops: 6,
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
