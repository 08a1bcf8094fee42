import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeliveryRow } from '../types.ts'

// The pages read the browser's language when they are loaded.
Object.assign(globalThis, { localStorage: { getItem: () => 'zh', setItem: () => undefined } })
const { withShown } = await import('./shown.ts')
const { say } = await import('../../words.ts')

const row = { shownWaybill: '', writeBack: 'done', errorCode: '', platformWaybill: '' } as const
const second = (own: Partial<DeliveryRow>, said?: string) =>
  withShown(said === undefined ? {} : { second: said }, { ...row, ...own }, say).second

test('after 改运单 a parcel says which waybill its platform still shows, and what to do if it refused the new one', () => {
  assert.equal(second({}), undefined)
  assert.equal(second({}, '平台忙'), '平台忙')
  assert.equal(second({ shownWaybill: 'SF1', writeBack: 'waiting' }), 'SF1 还在平台上，改运单没完')
  assert.equal(second({ shownWaybill: 'SF1', writeBack: 'manual' }), 'SF1 之前在平台上，改运单手工完成')
  assert.equal(
    second({ shownWaybill: 'SF1', writeBack: 'failed', errorCode: 'waybill_invalid' }, '单号不符'),
    'SF1 还在平台上，改运单没完。单号不符。平台不接受这个运单号。核对单号，再改一次运单',
  )
  assert.equal(
    second({ shownWaybill: 'SF1', writeBack: 'failed', errorCode: 'parameter' }),
    'SF1 还在平台上，改运单没完。平台拒绝改运单。核对后重试，或到平台手工改',
  )
  assert.equal(
    second({ shownWaybill: 'SF1', writeBack: 'failed', errorCode: 'other_waybill', platformWaybill: 'SF9' }),
    'SF9 在平台上，是另一个运单。核对后采用平台运单，或再改一次运单',
  )
})
