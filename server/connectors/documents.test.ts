import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PlatformError } from '../lib/platform-error.ts'
import { faultOf, ifThere } from './documents.ts'

test('a document is missing only if the platform rejects the call for that; every other error is thrown', async () => {
  const isMissing = ({ code }: PlatformError) => code === 'none'
  const fails = (error: PlatformError) => ifThere(isMissing, () => Promise.reject(error))
  assert.equal(await ifThere(isMissing, async () => 'there'), 'there')
  assert.equal(await fails(new PlatformError('rejected', 'none', '')), undefined)
  for (const error of [
    new PlatformError('rejected', 'other', ''),
    // The server failed: the code is not certain.
    new PlatformError('retry', 'none', '', { unclear: true }),
  ])
    await assert.rejects(fails(error), error)
})

test('a trade is parked without number, time of change or lines, and with more than a thousand lines', () => {
  const names = { tid: 'order_id', modifiedAt: 'update_time' }
  const whole = { tid: '1', modifiedAt: new Date(0), lines: 1 }
  const faults = [{ tid: '' }, { modifiedAt: null }, { lines: 0 }, { lines: 1001 }, { lines: 1000 }].map(
    (part) => faultOf({ ...whole, ...part }, names),
  )
  assert.deepEqual(faults, ['no order_id', 'no update_time', 'no lines', 'too many lines', ''])
})
