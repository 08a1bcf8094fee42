import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextRunAt, whyNotSchedule } from './schedules.ts'

const at = (text: string) => new Date(text)

test('an interval counts from the start of the last run', () => {
  assert.deepEqual(nextRunAt({ everySeconds: 90 }, at('2026-11-11T00:00:00Z')), at('2026-11-11T00:01:30Z'))
})

test('a cron expression is read on the clock of its zone, wherever the server stands', () => {
  const nightly = { cron: '30 2 * * *', timeZone: 'Asia/Shanghai' }
  assert.deepEqual(nextRunAt(nightly, at('2026-11-10T18:29:59Z')), at('2026-11-10T18:30:00Z'))
  assert.deepEqual(nextRunAt(nightly, at('2026-11-10T18:30:00Z')), at('2026-11-11T18:30:00Z'))
  const london = { cron: '30 2 * * *', timeZone: 'Europe/London' }
  assert.deepEqual(nextRunAt(london, at('2026-07-01T00:00:00Z')), at('2026-07-01T01:30:00Z'))
  assert.deepEqual(nextRunAt(london, at('2026-12-01T00:00:00Z')), at('2026-12-01T02:30:00Z'))
})

test('an hour that a zone leaves out, or has twice, neither skips nor doubles the day', () => {
  const berlin = { cron: '30 2 * * *', timeZone: 'Europe/Berlin' }
  const spring = nextRunAt(berlin, at('2026-03-28T12:00:00Z'))
  assert.equal(spring.toISOString().slice(0, 10), '2026-03-29')
  const autumn = nextRunAt(berlin, at('2026-10-24T12:00:00Z'))
  const dayAfter = nextRunAt(berlin, autumn)
  assert.equal(autumn.toISOString().slice(0, 10), '2026-10-25')
  assert.equal(dayAfter.toISOString().slice(0, 10), '2026-10-26')
})

test('says why a schedule cannot be used', () => {
  assert.equal(whyNotSchedule({ everySeconds: 1 }), undefined)
  assert.equal(whyNotSchedule({ cron: '*/5 * * * *', timeZone: 'Asia/Shanghai' }), undefined)
  for (const everySeconds of [0, -1, 1.5, Number.NaN, 604_801])
    assert.match(whyNotSchedule({ everySeconds }) ?? '', /interval/)
  for (const cron of ['', '* * *', '61 * * * *', 'often', '0 0 31 2 *']) {
    assert.match(whyNotSchedule({ cron, timeZone: 'Asia/Shanghai' }) ?? '', /cron/, cron)
  }
  assert.match(whyNotSchedule({ cron: '* * * * *', timeZone: 'Mars/Olympus' }) ?? '', /Mars/)
})
