import assert from 'node:assert/strict'
import { mock, test } from 'node:test'

// The module reads the browser's language when it is loaded.
Object.assign(globalThis, { localStorage: { getItem: () => 'zh', setItem: () => undefined } })
const { pageClock, stretch } = await import('./time.ts')

test('a stretch of time names its day where it is not today, and both days where they are two', () => {
  mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-11-27T12:41:30+08:00') })
  const at = (text: string, seconds = '00') => `2026-${text}:${seconds}+08:00`
  assert.equal(stretch(at('11-27T11:41'), at('11-27T12:41')), '11:41 至 12:41')
  assert.equal(stretch(at('11-27T11:41', '05'), at('11-27T11:41', '35')), '11:41:05 至 11:41:35')
  assert.equal(stretch(at('11-26T11:41'), at('11-26T12:41')), '11-26 11:41 至 12:41')
  assert.equal(stretch(at('10-28T12:41'), at('11-27T12:41')), '10-28 12:41 至 11-27 12:41')
  assert.equal(stretch(at('11-26T23:50'), at('11-27T00:10')), '11-26 23:50 至 11-27 00:10')
  mock.timers.reset()
})

test('the clock of the page is right when its first countdown appears, and when the page is looked at again', () => {
  const start = Date.parse('2036-11-27T12:41:30+08:00')
  mock.timers.enable({ apis: ['Date', 'setInterval'], now: start })
  const page = Object.assign(new EventTarget(), { hidden: false })
  Object.assign(globalThis, { document: page })
  const hour = 3600_000
  // No countdown was shown for an hour.
  assert.equal(pageClock.read(), start)
  mock.timers.tick(hour)
  assert.equal(pageClock.read(), start + hour)
  let ticks = 0
  const end = pageClock.subscribe(() => {
    ticks += 1
  })
  mock.timers.tick(10_000)
  assert.deepEqual([pageClock.read(), ticks], [start + hour + 10_000, 1])
  // A hidden page stands still until it is looked at.
  page.hidden = true
  mock.timers.tick(hour)
  assert.deepEqual([pageClock.read(), ticks], [start + hour + 10_000, 1])
  page.hidden = false
  page.dispatchEvent(new Event('visibilitychange'))
  assert.deepEqual([pageClock.read(), ticks], [start + 2 * hour + 10_000, 2])
  end()
  mock.timers.reset()
})
