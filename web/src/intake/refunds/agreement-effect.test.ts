import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agreementEffect } from './agreement-effect.ts'

const refund = { status: 'applied', kind: 'refund_only', constraint: '' } as const
const goodsBack = { ...refund, kind: 'return' } as const
const usual = { goodsFirst: false, agreesToReturns: false, paysReturnsThere: false, cannot: {} }

test('only refunds that are paid now are in the sum of an agreement', () => {
  assert.equal(agreementEffect(refund, usual), 'money')
  assert.equal(agreementEffect(goodsBack, usual), 'money')
  assert.equal(agreementEffect(goodsBack, { ...usual, agreesToReturns: true }), 'goods')
  assert.equal(agreementEffect(goodsBack, { ...usual, goodsFirst: true }), 'none')
  assert.equal(agreementEffect(refund, { ...usual, goodsFirst: true, agreesToReturns: true }), 'money')
  assert.equal(agreementEffect({ ...goodsBack, status: 'agreed' }, { ...usual, goodsFirst: true }), 'money')
  const agreed = { ...goodsBack, status: 'agreed' } as const
  assert.equal(agreementEffect(agreed, { ...usual, paysReturnsThere: true }), 'none')
  for (const kind of ['exchange', 'reship', 'repair'] as const)
    assert.equal(agreementEffect({ ...agreed, kind }, usual), 'none')
})

test('a refund that has ended, that its platform locks or cannot answer is not agreed to', () => {
  for (const status of ['refused', 'closed', 'succeeded'] as const)
    assert.equal(agreementEffect({ ...refund, status }, usual), 'none')
  assert.equal(agreementEffect({ ...refund, constraint: '平台客服介入' }, usual), 'none')
  const cannot = { agreeRefund: { zh: '没有接口', en: 'no interface' } }
  assert.equal(agreementEffect(refund, { ...usual, cannot }), 'none')
})
