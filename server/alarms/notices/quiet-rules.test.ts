import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSentNow } from './quiet.ts'

const night = { quietFrom: 22 * 60, quietTo: 8 * 60, quietPassesBad: true }
/** A time of day at +08:00. */
const at = (clock: string) => new Date(`2026-11-29T${clock}:00+08:00`)

test('quiet hours go over midnight, begin with their first minute and end before their last', () => {
  const warn = { what: 'warn', tone: 'warn' } as const
  const sent = ['21:59', '22:00', '23:59', '00:00', '07:59', '08:00', '12:00'].filter((clock) =>
    isSentNow(night, warn, at(clock)),
  )
  assert.deepEqual(sent, ['21:59', '08:00', '12:00'])
  const noon = { ...night, quietFrom: 12 * 60, quietTo: 14 * 60 }
  assert.deepEqual(
    ['11:59', '12:00', '13:59', '14:00'].filter((clock) => isSentNow(noon, warn, at(clock))),
    ['11:59', '14:00'],
  )
})

test('a severe alarm and its end pass if the channel lets them', () => {
  const closed = { ...night, quietPassesBad: false }
  for (const notice of [
    { what: 'bad', tone: 'bad' },
    { what: 'ended', tone: 'bad' },
  ] as const) {
    assert.equal(isSentNow(night, notice, at('03:00')), true)
    assert.equal(isSentNow(closed, notice, at('03:00')), false)
  }
  assert.equal(isSentNow(night, { what: 'ended', tone: 'warn' }, at('03:00')), false)
})
