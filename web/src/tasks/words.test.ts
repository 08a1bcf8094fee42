import assert from 'node:assert/strict'
import { test } from 'node:test'

// The pages read the browser's language when they are loaded.
Object.assign(globalThis, { localStorage: { getItem: () => 'zh', setItem: () => undefined } })
const { reportText, schedulesText } = await import('./words.ts')
const { say } = await import('../words.ts')

test('what a run could not read is said beside whatever else it reports', () => {
  const pulled = { notFound: ['261127-1'], failed: [], processed: [] }
  assert.equal(reportText(null, say), '')
  assert.equal(reportText({ parked: 2 }, say), '2 条异常数据')
  assert.equal(reportText(pulled, say), '没找到 1 个： 261127-1')
  assert.equal(reportText({ ...pulled, parked: 2 }, say), '没找到 1 个： 261127-1；2 条异常数据')
})

test('the schedule of several shops is said if all that are on have the same', () => {
  const every = (everySeconds: number, enabled = true) => ({ enabled, schedule: { everySeconds } })
  assert.equal(schedulesText([every(20), every(20)], say), '每 20 秒')
  assert.equal(schedulesText([every(20), every(300)], say), '各店不同，见设置')
  assert.equal(schedulesText([every(20), every(300, false)], say), '每 20 秒')
  assert.equal(schedulesText([every(20, false)], say), '没有开')
})
