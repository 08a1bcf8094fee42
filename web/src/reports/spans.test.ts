import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leastStep, ownDays, spans } from './spans.ts'

test('each span has the days that its name says', () => {
  const of = (key: string) => spans.find((span) => span.key === key)?.of('2026-11-29')
  assert.deepEqual(of('7'), { from: '2026-11-23', to: '2026-11-29' })
  assert.deepEqual(of('week'), { from: '2026-11-16', to: '2026-11-22' })
  assert.deepEqual(of('month'), { from: '2026-11-01', to: '2026-11-29' })
  assert.deepEqual(of('before'), { from: '2026-10-01', to: '2026-10-31' })
})

test('an address may name days by itself, in their order and at most 400; the columns fit', () => {
  assert.deepEqual(ownDays({ from: '2026-11-01', to: '2026-11-30' }), {
    from: '2026-11-01',
    to: '2026-11-30',
  })
  for (const [from, to] of [
    ['2026-11-02', '2026-11-01'],
    ['2025-01-01', '2026-11-01'],
    ['x', '2026-11-01'],
    ['2026-13-01', '2026-13-02'],
  ])
    assert.equal(ownDays({ from: from ?? '', to: to ?? '' }), undefined)
  assert.equal(ownDays({}), undefined)
  const least = (to: string) => leastStep({ from: '2026-01-01', to })
  assert.deepEqual([least('2026-03-03'), least('2026-03-04'), least('2027-02-04')], ['day', 'week', 'week'])
  assert.equal(leastStep({ from: '2026-01-01', to: '2027-03-01' }), 'month')
})
