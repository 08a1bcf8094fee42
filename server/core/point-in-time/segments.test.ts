import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromChinaTime } from '../../lib/time.ts'
import { dueSince } from './keep-log.ts'
import { branchesOf, chainFrom, nameOfSegment, segmentNumberAt, segmentOf } from './segments.ts'

test('the name of a segment has its timeline and its place in the log', () => {
  const name = '0000000200000001000000FF'
  assert.deepEqual(segmentOf(name), { timeline: 2, number: 511 })
  assert.equal(nameOfSegment({ timeline: 2, number: 512 }), '000000020000000200000000')
  assert.equal(segmentNumberAt('1/FF000028'), 511)
  assert.equal(segmentOf('00000002.history'), undefined)
})

test('the log of a second timeline is that of the first up to where it began', () => {
  const branches = branchesOf('1\t0/5000110\tbefore 2026-11-30 10:23:45+08\n')
  assert.deepEqual(branches, [{ timeline: 1, until: '0/5000110' }])
  const names = new Set(['000000010000000000000004', '000000020000000000000005', '000000020000000000000007'])
  assert.deepEqual(chainFrom({ timeline: 1, number: 4 }, { timeline: 2, branches }, names), [
    '000000010000000000000004',
    '000000020000000000000005',
    '000000020000000000000006',
    '000000020000000000000007',
  ])
})

test('a base backup is due each day at half past four in China', () => {
  assert.deepEqual(dueSince(fromChinaTime('2026-11-30 04:29:59')), fromChinaTime('2026-11-29 04:30:00'))
  assert.deepEqual(dueSince(fromChinaTime('2026-11-30 04:30:00')), fromChinaTime('2026-11-30 04:30:00'))
})
