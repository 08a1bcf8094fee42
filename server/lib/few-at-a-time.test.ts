import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { mapConcurrent } from './few-at-a-time.ts'

test('results come in the order of the items, and no more than three are under way', async () => {
  let running = 0
  let most = 0
  const done = await mapConcurrent([30, 5, 20, 1, 10], async (ms) => {
    running += 1
    most = Math.max(most, running)
    await sleep(ms)
    running -= 1
    return ms * 2
  })
  assert.deepEqual([done, most], [[60, 10, 40, 2, 20], 3])
  assert.deepEqual(await mapConcurrent([], async () => assert.fail('nothing is asked')), [])
})

test('what fails fails the whole', async () => {
  await assert.rejects(
    mapConcurrent([1, 2, 3], async (one) => {
      if (one === 2) throw new Error('two')
      return one
    }),
    /two/,
  )
})
