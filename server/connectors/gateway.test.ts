import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PlatformError } from '../lib/platform-error.ts'
import { certain } from './gateway.ts'

const answer = (status: number) => ({ status, text: '', retryAfterMs: 0 })
const kindAfter = (status: number, kind: PlatformError['kind']) => {
  const { code, unclear, ...found } = certain(answer(status), new PlatformError(kind, '7', 'No.'))
  return [found.kind, code, unclear]
}

test('a rejection by a server that failed is unclear, and every other error stays as the platform says', () => {
  assert.deepEqual(kindAfter(502, 'rejected'), ['retry', '7', true])
  assert.deepEqual(kindAfter(500, 'reauthorise'), ['reauthorise', '7', false])
  assert.deepEqual(kindAfter(503, 'rate_limited'), ['rate_limited', '7', false])
  for (const status of [200, 400, 403])
    assert.deepEqual(kindAfter(status, 'rejected'), ['rejected', '7', false])
})
