import assert from 'node:assert/strict'
import { test } from 'node:test'
import { budgetOf, fewConnections, visitPlacesOf, workPlacesOf } from './limits.ts'

test('a web and a worker process together have the connections of the setting, and those with a place for work leave some to others, and all that are visited have enough', () => {
  const usual = { serverConnections: 90, workerConnections: 8 }
  assert.deepEqual([budgetOf(usual, 'web'), budgetOf(usual, 'worker'), workPlacesOf(usual)], [36, 54, 4])
  for (const serverConnections of [60, 90, 200, 500])
    for (const workerConnections of [8, 13, 20]) {
      const config = { serverConnections, workerConnections }
      const most = budgetOf(config, 'worker')
      assert.equal(most + budgetOf(config, 'web'), serverConnections)
      assert.ok(workPlacesOf(config) * workerConnections < most, JSON.stringify(config))
      const [visits, work] = [visitPlacesOf(config), workPlacesOf(config)]
      assert.ok(visits * fewConnections + work * (workerConnections - fewConnections) <= most)
    }
})
