import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeliveryRow } from './types.ts'

// The pages read the browser's language when they are loaded.
Object.assign(globalThis, { localStorage: { getItem: () => 'zh', setItem: () => undefined } })
const { writeBackNote } = await import('./write-back-words.ts')
const { say } = await import('../words.ts')

const shipped = {
  writeBack: 'done',
  errorCode: '',
  actionError: '',
  waybillNo: '7123456789014',
  platformWaybill: '',
  shownWaybill: '',
  keptNo: '',
  keptError: '',
  unasked: 'clear',
} as const
const note = (row: Partial<DeliveryRow>) => writeBackNote({ ...shipped, ...row }, say)

test('a failed write-back says why, and a foreign waybill both numbers; once a person took the platform’s or ended it, no failure is left', () => {
  // The action keeps the platform's number as its error.
  const foreign = {
    errorCode: 'other_waybill',
    actionError: '7123456780000',
    platformWaybill: '7123456780000',
  }
  assert.match(note({ ...foreign, writeBack: 'failed' }), /^我们 7123456789014，平台 7123456780000。/)
  assert.equal(note({ writeBack: 'forced', actionError: '7123456780000', waybillNo: '7123456780000' }), '')
  assert.equal(note({ ...foreign, writeBack: 'manual' }), '')
  assert.equal(note({ writeBack: 'manual', actionError: '2001 · 没有权限' }), '')
  assert.equal(
    note({ writeBack: 'forced', actionError: 'x', unasked: 'refund' }),
    note({ unasked: 'refund' }),
  )
})

test('a refusal without words of ours shows those of the platform; a send that goes on shows why it waits', () => {
  assert.equal(
    note({ writeBack: 'failed', errorCode: 'other', actionError: '没有调用该接口的权限' }),
    '平台拒绝：没有调用该接口的权限。更正后重试，或到平台手工发',
  )
  assert.equal(note({ writeBack: 'waiting', actionError: '没有调用该接口的权限' }), '没有调用该接口的权限')
  assert.equal(
    note({
      writeBack: 'failed',
      errorCode: 'courier_code',
      actionError: '没有这家快递',
      shownWaybill: 'SF1',
    }),
    '没有这家快递',
  )
  assert.equal(note({}), '')
})
