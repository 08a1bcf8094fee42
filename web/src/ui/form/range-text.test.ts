import assert from 'node:assert/strict'
import { mock, test } from 'node:test'

// The module reads the browser's language when it is loaded.
Object.assign(globalThis, { localStorage: { getItem: () => 'zh', setItem: () => undefined } })
const { boundsOf, rangeOf, readMoment, readRange } = await import('./range-text.ts')

test('a moment is read however it is written, and a day alone from its beginning to its end', () => {
  mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-11-27T00:41:30+08:00') })
  assert.equal(readMoment('2026-11-20 13:30', 0), '2026-11-20 13:30')
  assert.equal(readMoment(' 2026/11/2 9：05 ', 1), '2026-11-02 09:05')
  assert.equal(readMoment('2026-11-20T13:30:59.000', 0), '2026-11-20 13:30')
  assert.equal(readMoment('2026年11月2日13:30', 0), '2026-11-02 13:30')
  assert.equal(readMoment('20261102', 0), '2026-11-02 00:00')
  assert.equal(readMoment('11-20', 1), '2026-11-20 24:00')
  assert.equal(readMoment('今天', 0), '2026-11-27 00:00')
  assert.equal(readMoment('昨天 18:00', 1), '2026-11-26 18:00')
  mock.timers.reset()
})

test('a text without a moment is refused', () => {
  for (const text of [
    '',
    '山隅',
    '2026-02-30',
    '2026-13-01',
    '2026-11-20 25:00',
    '2026-11-20 13:61',
    '2026-11',
  ])
    assert.equal(readMoment(text, 0), undefined, text)
})

test('both ends are read out of one text', () => {
  const both = ['2026-11-01 00:00', '2026-11-03 24:00']
  for (const text of [
    '2026-11-01~2026-11-03',
    '2026/11/1 至 2026/11/3',
    '2026-11-01\t2026-11-03',
    '20261101 - 20261103',
  ])
    assert.deepEqual(readRange(text), both, text)
  assert.equal(readRange('2026-11-01'), undefined)
  assert.equal(readRange('2026-11-01 至 明年'), undefined)
})

test('a range goes into an address and comes back, open on either side', () => {
  assert.deepEqual(boundsOf(rangeOf(['2026-11-01 00:00', ''])), ['2026-11-01 00:00', ''])
  assert.deepEqual(boundsOf('7d'), ['', ''])
  assert.equal(rangeOf(['', '']), '')
})
