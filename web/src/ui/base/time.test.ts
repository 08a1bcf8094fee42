import assert from 'node:assert/strict'
import { mock, test } from 'node:test'

// The module reads the browser's language when it is loaded.
Object.assign(globalThis, { localStorage: { getItem: () => 'zh', setItem: () => undefined } })
const { stretch } = await import('./time.ts')

test('a stretch of time names its day where it is not today, and both days where they are two', () => {
  mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-11-27T12:41:30+08:00') })
  const at = (text: string) => `2026-${text}:00+08:00`
  assert.equal(stretch(at('11-27T11:41'), at('11-27T12:41')), '11:41 至 12:41')
  assert.equal(stretch(at('11-26T11:41'), at('11-26T12:41')), '11-26 11:41 至 12:41')
  assert.equal(stretch(at('10-28T12:41'), at('11-27T12:41')), '10-28 12:41 至 11-27 12:41')
  assert.equal(stretch(at('11-26T23:50'), at('11-27T00:10')), '11-26 23:50 至 11-27 00:10')
  mock.timers.reset()
})
