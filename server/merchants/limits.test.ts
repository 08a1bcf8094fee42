import assert from 'node:assert/strict'
import { test } from 'node:test'
import { budgetLimits, fewConnections, workPlacesOf } from './limits.ts'

test('a web and a worker process together have the connections of the setting, and work never waits for a second one', () => {
  const usual = { serverConnections: 90, webConnections: 3, workerConnections: 8 }
  assert.deepEqual(budgetLimits(usual, 'web'), { most: 36 })
  assert.deepEqual(budgetLimits(usual, 'worker'), { most: 54, pools: 18 })
  assert.equal(workPlacesOf(usual), 3)
  for (const serverConnections of [60, 90, 200, 500])
    for (const workerConnections of [8, 13, 20]) {
      const config = { serverConnections, webConnections: 3, workerConnections }
      const { most, pools = 0 } = budgetLimits(config, 'worker')
      const wanted = pools * fewConnections + workPlacesOf(config) * (workerConnections - fewConnections)
      assert.ok(wanted <= most, `${JSON.stringify(config)}: ${wanted} of ${most}`)
      assert.ok(pools >= 9, `${JSON.stringify(config)}: ${pools}`)
      assert.equal(most + budgetLimits(config, 'web').most, serverConnections)
    }
})
