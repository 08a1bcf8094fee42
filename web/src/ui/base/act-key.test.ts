import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keptKey } from './act-key.ts'

test('a request that is sent again before its answer has its key of before, another one and one after the answer do not', () => {
  const keys = keptKey()
  const first = keys.of({ codes: ['A1'] })
  assert.match(first, /^[0-9a-f]{32}$/)
  assert.equal(keys.of({ codes: ['A1'] }), first)
  const second = keys.of({ codes: ['A1', 'A2'] })
  assert.notEqual(second, first)
  assert.equal(keys.of({ codes: ['A1', 'A2'] }), second)
  keys.answered()
  assert.notEqual(keys.of({ codes: ['A1', 'A2'] }), second)
})
