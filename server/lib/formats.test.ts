import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDay, isInstant } from './formats.ts'

test('a day is one of the calendar, from the year 1 on', () => {
  const days = ['2026-11-24', '2024-02-29', '0001-01-01', '9999-12-31']
  const others = [
    '0000-01-01',
    '2026-02-29',
    '2026-13-01',
    '2026-11-31',
    '2026-11-24T00:00:00Z',
    '26-11-24',
    '',
  ]
  assert.deepEqual([...days, ...others].filter(isDay), days)
})

test('an instant has a zone, and is read alike by JavaScript and PostgreSQL', () => {
  const instants = ['2026-11-24T14:00:00Z', '2026-11-24T14:00:00.123+08:00', '0001-01-01T00:00:00+14:00']
  const others = [
    '2016-12-31T23:59:60Z',
    '0000-01-01T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-11-24T25:00:00Z',
    '2026-11-24T14:00:00+20:00',
    '2026-11-24T14:00:00',
    '2026-11-24',
  ]
  assert.deepEqual([...instants, ...others].filter(isInstant), instants)
})
