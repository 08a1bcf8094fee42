import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PlatformError, type PlatformErrorKind } from '../lib/platform-error.ts'
import { setInGroups } from './stock.ts'

const groups = [
  ['a', 'b'],
  ['c', 'd'],
  ['e', 'f'],
].map((ids) => ids.map((platformSkuId) => ({ itemId: '1', platformSkuId, quantity: 5 })))

/** Sets the groups at a platform that answers the SKUs of `faults` with these errors. Returns the outcome of each SKU, and the calls. */
async function setWith(faults: Record<string, PlatformErrorKind>) {
  const calls: string[] = []
  const setting = setInGroups(
    groups,
    async (group) => {
      const ids = group.map(({ platformSkuId }) => platformSkuId).join('')
      calls.push(ids)
      const fault = Object.entries(faults).find(([id]) => ids.includes(id))
      if (fault) throw new PlatformError(fault[1], fault[1], `${fault[0]} ${fault[1]}`)
    },
    () => 'no',
  )
  const results = await setting.catch((error: PlatformError) => error.message)
  const outcomes =
    typeof results === 'string' ? results : results.map((one) => `${one.platformSkuId} ${one.outcome}`)
  return { calls, outcomes }
}

test('a group without an answer is left for later, and the groups after it are set', async () => {
  assert.deepEqual(await setWith({ a: 'retry' }), {
    calls: ['ab', 'cd', 'ef'],
    outcomes: ['a again', 'b again', 'c done', 'd done', 'e done', 'f done'],
  })
  assert.deepEqual(await setWith({ c: 'retry', f: 'rejected' }), {
    calls: ['ab', 'cd', 'ef', 'e', 'f'],
    outcomes: ['a done', 'b done', 'c again', 'd again', 'e done', 'f refused'],
  })
})

test('a refusal that concerns all calls ends them, and without any answer the error is thrown', async () => {
  assert.deepEqual(await setWith({ c: 'rate_limited' }), {
    calls: ['ab', 'cd'],
    outcomes: ['a done', 'b done', 'c again', 'd again', 'e again', 'f again'],
  })
  assert.deepEqual(await setWith({ a: 'reauthorise' }), { calls: ['ab'], outcomes: 'a reauthorise' })
  assert.deepEqual(await setWith({ a: 'retry', c: 'retry', e: 'retry' }), {
    calls: ['ab', 'cd', 'ef'],
    outcomes: 'e retry',
  })
})
