import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silenceOf } from './silence.ts'

test('a channel is silent once half a minute after its last sign, connected or not, and again after a new sign', () => {
  let now = 0
  const isSilent = silenceOf(() => now)
  const at = (ms: number, heardMs: number | null) => {
    now = ms
    return isSilent(heardMs)
  }
  // A channel that never gave a sign has not become silent.
  assert.equal(at(60_000, null), false)
  assert.equal(at(100_000, 2000), false)
  assert.equal(at(126_000, 28_000), false)
  assert.equal(at(128_400, null), false)
  assert.equal(at(128_500, null), true)
  assert.equal(at(129_500, null), false)
  assert.equal(at(200_000, 102_000), false)
  assert.equal(at(210_000, 0), false)
  assert.equal(at(240_400, 30_400), false)
  assert.equal(at(240_600, 30_600), true)
  assert.equal(at(241_600, 31_600), false)
})
