import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refundRule } from '../../../../server/orders/refunds/refund-rules.ts'
import { refundNext, refundStop } from './refund-stop.ts'

const notice = { kind: 'refund_only', phase: 'onsale', agreeing: '' } as const

test('what a refund that stops an order waits for is what it can still become', () => {
  const paid = { ...notice, status: 'succeeded' } as const
  assert.match(refundStop(paid)[0], /^已退款/)
  assert.equal(refundNext(paid)[0], '转退单后减去商品：退完则作废，否则继续。')
  assert.doesNotMatch(refundNext(paid).join(' '), /关闭|closes/, 'what succeeded does not close')
  const asked = { ...notice, status: 'applied' } as const
  assert.match(refundStop(asked)[0], /^买家申请退款/)
  assert.equal(refundNext(asked)[0], '退款关闭后自动解挂；退款成功则减去商品：退完则作废，否则继续。')
  const agreed = { ...notice, status: 'applied', agreeing: 'done' } as const
  assert.match(refundStop(agreed)[0], /^我方已同意退款/)
})

test('an order that is refunded whole is voided, and its page says so before, as the table of refunds does', () => {
  for (const kind of ['refund_only', 'return'] as const)
    for (const original of ['unconfirmed', 'confirmed', 'released'] as const) {
      const rule = refundRule({ kind, phase: 'onsale', status: 'succeeded' }, original)
      assert.deepEqual([rule.effect, /退完则作废/.test(rule.zh)], ['reduce', true], rule.id)
      assert.match(refundNext({ ...notice, kind, status: 'applied' })[0], /退完则作废，否则继续/)
    }
})

test('of a refund whose success takes nothing off no page says that goods come off', () => {
  for (const kind of ['exchange', 'reship', 'repair'] as const)
    assert.equal(refundNext({ ...notice, kind, status: 'agreed' })[0], '退款结束后自动解挂。')
  const unknownKind = { ...notice, kind: 'other', status: 'succeeded' } as const
  assert.equal(refundStop(unknownKind)[0], '退款 ¥{amount} 已成功，类型未识别，订单已挂起。')
  assert.equal(refundNext(unknownKind)[0], '核对平台后标记已处理。')
  const unknown = { ...notice, status: 'unknown' } as const
  assert.equal(refundStop(unknown)[0], '退款 ¥{amount} 的状态未识别，订单已挂起。')
  assert.equal(refundNext(unknown)[0], '等平台给出新状态，或核对平台后标记已处理。')
})
