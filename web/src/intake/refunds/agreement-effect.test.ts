import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agreementEffect } from './agreement-effect.ts'
import { goodsWords } from './agreement-words.ts'

const refund = { status: 'applied', kind: 'refund_only', constraint: '' } as const
const goodsBack = { ...refund, kind: 'return' } as const
const usual = { goodsFirst: false, agreesToReturns: false, paysReturnsThere: false, cannot: {} }

test('only refunds that are paid now are in the sum of an agreement', () => {
  assert.equal(agreementEffect(refund, usual), 'money')
  assert.equal(agreementEffect(goodsBack, usual), 'money')
  assert.equal(agreementEffect(goodsBack, { ...usual, agreesToReturns: true }), 'return')
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

test('goods that are sent against goods, or again, are worded by their kind, and are never in a sum that is paid', () => {
  for (const platform of [usual, { ...usual, agreesToReturns: true }]) {
    for (const kind of ['exchange', 'reship', 'repair'] as const)
      assert.equal(agreementEffect({ ...refund, kind }, platform), kind)
    const { title, act, effect, done } = goodsWords.reship
    for (const [zh] of [title, act, done]) assert.match(zh, /^.*同意补寄/)
    assert.equal(effect[0], '同意给买家补寄，货不用寄回，也不退钱，不能撤回。')
  }
  assert.equal(agreementEffect({ ...refund, kind: 'reship' }, { ...usual, goodsFirst: true }), 'none')
})
