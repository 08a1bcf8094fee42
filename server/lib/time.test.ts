import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { fromChinaTime, toChinaTime } from './time.ts'

describe('China time', () => {
  it('is eight hours ahead, and comes back as it was', () => {
    assert.equal(fromChinaTime('2026-11-24 14:32:07').toISOString(), '2026-11-24T06:32:07.000Z')
    assert.equal(fromChinaTime('2026-03-01T07:59:59').toISOString(), '2026-02-28T23:59:59.000Z')
    fc.assert(
      fc.property(fc.integer({ min: -2_000_000_000, max: 100_000_000_000 }), (second) => {
        const date = new Date(second * 1000)
        assert.deepEqual(fromChinaTime(toChinaTime(date)), date)
      }),
    )
  })

  it('refuses impossible times and other shapes', () => {
    const impossible = [
      '0000-00-00 00:00:00',
      '0026-11-24 00:00:00',
      '2026-02-29 00:00:00',
      '2026-13-01 00:00:00',
      '2026-00-10 00:00:00',
      '2026-01-00 00:00:00',
      '2026-01-32 00:00:00',
      '2026-01-01 24:00:00',
      '2026-01-01 23:60:00',
      '2026-01-01 23:59:60',
      '2026-1-1 00:00:00',
      '2026-01-01',
      '',
      '2026-01-01 00:00:00 ',
      '20260101000000',
    ]
    for (const text of impossible) assert.throws(() => fromChinaTime(text), RangeError, text)
    assert.equal(toChinaTime(fromChinaTime('2024-02-29 23:59:59')), '2024-02-29 23:59:59')
  })
})
