import assert from 'node:assert/strict'
import { test } from 'node:test'
import { whyNotApplied } from './change-rules.ts'
import { heldBySystem } from './hold-rules.ts'
import { whyNotOrder } from './lifecycle.ts'
import { factsOfShown } from './shown-rules.ts'

const now = new Date('2026-11-27T04:00:00Z')
const confirmed = {
  ...{ status: 'confirmed' as const, openHolds: 0, cod: false, openProblems: 0 },
  ...{ paidAt: '2026-11-26T04:00:00Z', writtenBackAt: null, shipAfter: null },
  ...{ paymentFen: 9900, refundedFen: 0, quantity: 2, refundedQuantity: 0 },
  ...{ short: false, unmatched: false, unasked: false },
}
const whyNot = (order: Partial<typeof confirmed>, event: 'release' | 'unship' = 'release') =>
  whyNotOrder(factsOfShown({ ...confirmed, ...order }, { lockedByOther: '', now }), event)?.code

test('an order of the list is released once all of its goods are promised, as under the lock', () => {
  assert.equal(whyNot({}), undefined)
  for (const lacks of ['short', 'unmatched', 'unasked'] as const)
    assert.equal(whyNot({ [lacks]: true }), 'short', lacks)
})

test('an order that is paid, refunded, planned or written back is judged by what is shown of it', () => {
  const of = (order: object) => factsOfShown({ ...confirmed, ...order }, { lockedByOther: '', now })
  assert.equal(of({ paidAt: null }).paid, false)
  assert.equal(of({ refundedFen: 9900 }).refundedWhole, true)
  assert.equal(of({ refundedQuantity: 2 }).refundedWhole, true)
  assert.equal(of({ refundedFen: 9899, refundedQuantity: 1 }).refundedWhole, false)
  assert.equal(of({ shipAfter: '2026-11-30T16:00:00Z' }).presaleUntil, '2026-12-01')
  assert.equal(of({ writtenBackAt: '2026-11-26T05:00:00Z' }).writtenBack, true)
})

test('a change of the address is applied to an unconfirmed order only, and the refusal says what the order is', () => {
  assert.equal(whyNotApplied('address', 'unconfirmed'), undefined)
  assert.deepEqual(whyNotApplied('address', 'released')?.message, {
    zh: '已通知配货，不能改地址。退回未确认后可用',
    en: 'Released: the address stays. Available once it is unconfirmed',
  })
  assert.deepEqual(whyNotApplied('address', 'shipped')?.message, {
    zh: '已发货，不能改地址',
    en: 'Shipped: the address stays',
  })
  assert.equal(whyNotApplied('closed', 'unconfirmed')?.code, 'cannot_apply')
})

test('no person lifts a hold that a refund or a match lifts', () => {
  assert.equal(heldBySystem('refund_open')?.code, 'hold_of_refund')
  assert.equal(heldBySystem('unmatched')?.code, 'hold_of_match')
  assert.equal(heldBySystem('ask_buyer'), undefined)
})
