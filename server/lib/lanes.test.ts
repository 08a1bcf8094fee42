import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { inLanes } from './lanes.ts'

test('results come in the order of the items, and no more than so many are under way', async () => {
  let running = 0
  let most = 0
  const done = await inLanes([30, 5, 20, 1, 10], 2, async (ms) => {
    running += 1
    most = Math.max(most, running)
    await sleep(ms)
    running -= 1
    return ms * 2
  })
  assert.deepEqual([done, most], [[60, 10, 40, 2, 20], 2])
  assert.deepEqual(await inLanes([], 2, async () => assert.fail('nothing is asked')), [])
})

test('what fails fails the whole', async () => {
  await assert.rejects(
    inLanes([1, 2, 3], 2, async (one) => {
      if (one === 2) throw new Error('two')
      return one
    }),
    /two/,
  )
})
