import assert from 'node:assert/strict'
import { test } from 'node:test'
import { originals } from '../../../server/orders/refunds/refund-rules.ts'

// The pages read the browser's language when they are loaded.
Object.assign(globalThis, { localStorage: { getItem: () => 'zh', setItem: () => undefined } })
const { refundGoods, refundTypeWords } = await import('./words.ts')
const { say } = await import('../words.ts')

test('a refund of money says whether its goods were shipped by its original, and without one by the phase', () => {
  const said = (phase: string) =>
    Object.fromEntries(
      [...originals, '' as const].map((one) => [one, refundTypeWords('refund_only', phase, one)[0]]),
    )
  const known = {
    unconfirmed: '未发货仅退款',
    confirmed: '未发货仅退款',
    released: '未发货仅退款',
    shipped_unwritten: '已发货仅退款',
    shipped: '已发货仅退款',
    completed: '已发货仅退款',
    record: '已发货仅退款',
  }
  assert.deepEqual(said('onsale'), { ...known, voided: '售中仅退款', '': '售中仅退款' })
  assert.deepEqual(said('aftersale'), { ...known, voided: '售后仅退款', '': '售后仅退款' })
  assert.equal(refundTypeWords('return', 'onsale', 'shipped')[0], '退货退款')
})

test('a refund without named goods is of its line, and without a line of the whole trade', () => {
  const named = (title: string, oid: string, quantity = 9) => {
    const of = refundGoods({ title, oid, quantity }, say)
    return `${of.title} × ${of.quantity}`
  }
  assert.deepEqual(
    [named('落地灯', '7'), named('', '7'), named('', ''), named('', '', 0)],
    ['落地灯 × 9', '7 × 9', '整单 9 件 × 0', '整单 × 0'],
  )
})
