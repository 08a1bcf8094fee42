import assert from 'node:assert/strict'
import { test } from 'node:test'
import { spans } from './spans.ts'

test('each span has the days that its name says', () => {
  const of = (key: string) => spans.find((span) => span.key === key)?.of('2026-11-29')
  assert.deepEqual(of('7'), { from: '2026-11-23', to: '2026-11-29' })
  assert.deepEqual(of('week'), { from: '2026-11-16', to: '2026-11-22' })
  assert.deepEqual(of('month'), { from: '2026-11-01', to: '2026-11-29' })
  assert.deepEqual(of('before'), { from: '2026-10-01', to: '2026-10-31' })
})
