import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refundNext, refundStop } from './refund-stop.ts'

test('what a refund that stops an order waits for is what it can still become', () => {
  const paid = { status: 'succeeded', agreeing: '' } as const
  assert.match(refundStop(paid)[0], /^已退款/)
  assert.equal(refundNext(paid)[0], '转退单后减去商品，再继续。')
  assert.doesNotMatch(refundNext(paid).join(' '), /关闭|closes/, 'what succeeded does not close')
  const asked = { status: 'applied', agreeing: '' } as const
  assert.match(refundStop(asked)[0], /^买家申请退款/)
  assert.equal(refundNext(asked)[0], '退款关闭后自动解挂；退款成功则减去这一行再发。')
})
