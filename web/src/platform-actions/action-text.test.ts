import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Action } from './action-text.ts'

Object.assign(globalThis, { localStorage: { getItem: () => 'zh', setItem: () => undefined } })
const { actionText } = await import('./action-text.ts')
const { say } = await import('../words.ts')

const row = (change: Partial<Action>) =>
  actionText({ waitsFor: '', errorCode: '', error: '', settledReason: '', ...change } as Action, say)

test('a write-back that the platform refused for another waybill names the number that it has', () => {
  assert.equal(
    row({ errorCode: 'other_waybill', error: '7310573537156' }),
    '平台上是另一个运单号：7310573537156',
  )
  assert.equal(
    row({ errorCode: 'waybill_invalid', error: '8193 · 参数错误:logisticsCode不合法' }),
    '参数错误:logisticsCode不合法',
  )
})
