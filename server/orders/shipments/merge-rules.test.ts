import assert from 'node:assert/strict'
import { test } from 'node:test'
import { byHand, type MergeFacts, whyNotTogether } from './merge-rules.ts'

const order = (id: string, more: Partial<MergeFacts> = {}): MergeFacts => ({
  ...{ id, no: `SO${id}`, rootId: id, shopId: '1', platform: 'one', origin: 'trade', status: 'confirmed' },
  ...{ parcel: null, receiverHash: 7, receiverMasked: '王** 138****1234', region: '浙江 杭州', nicks: [] },
  ...{ warehouseId: '1', cod: false, designated: [], openHolds: 0, refundOpen: false, openProblems: 0 },
  ...{ short: false, presaleUntil: '', paidAt: new Date(0), buyerMessage: '', sellerMemo: '' },
  ...{ takenOut: false, asked: '5', grp: 1 },
  ...more,
})
const asking = { ...byHand, askFirst: new Set(['1']) }

test('a copy is merged by hand only where receivers are compared first, since no platform can compare its own', () => {
  const copy = order('2', { origin: 'copy', platform: '', asked: '-2', grp: null })
  assert.equal(whyNotTogether(order('1'), copy, asking)?.code, 'never_asked')
  assert.equal(whyNotTogether(copy, order('1'), asking)?.code, 'never_asked')
  assert.equal(whyNotTogether(order('1'), copy, byHand), undefined)
  assert.equal(whyNotTogether(order('1'), order('3', { asked: null, grp: null }), asking)?.code, 'not_asked')
  assert.equal(whyNotTogether(order('1'), order('3'), asking), undefined)
})
