import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  parcelStatuses,
  type ReturnEvent,
  type ReturnFacts,
  returnEvents,
  returnStatuses,
  settlesAutomatically,
  whyNoExchange,
  whyNotParcel,
  whyNotReceived,
  whyNotReturn,
} from './lifecycle.ts'

const facts: ReturnFacts = {
  status: 'unconfirmed',
  kind: 'return',
  refundNo: 'r1',
  refundStatus: 'agreed',
  exchangeOrderNo: '',
  hasWarehouse: true,
  openProblems: 0,
  good: 1,
  defective: 0,
}
const code = (more: Partial<ReturnFacts>, event: ReturnEvent) => {
  const verdict = whyNotReturn({ ...facts, ...more }, event)
  return verdict?.code ?? returnEvents[event].to
}

test('every event moves from where the table says, and says why from everywhere else', () => {
  for (const event of Object.keys(returnEvents) as ReturnEvent[])
    for (const status of returnStatuses) {
      const verdict = whyNotReturn({ ...facts, refundStatus: 'succeeded', status }, event)
      const from: readonly string[] = returnEvents[event].from
      assert.equal(verdict === undefined, from.includes(status), `${event} from ${status}`)
      if (verdict) assert.ok(verdict.message.zh !== '' && verdict.message.en !== '')
    }
})

test('goods are received where there is a warehouse, on the way from unconfirmed as well', () => {
  assert.equal(code({ status: 'confirmed', hasWarehouse: false }, 'receive'), 'no_warehouse')
  assert.equal(whyNotReceived(facts), undefined)
  for (const status of ['received', 'settled', 'voided'] as const)
    assert.notEqual(whyNotReceived({ ...facts, status }), undefined)
  assert.equal(code({ status: 'settled' }, 'receive'), 'already')
})

test('a return is settled when its refund ended, an exchange when its order exists', () => {
  const received = { status: 'received' as const }
  assert.equal(code(received, 'settle'), 'refund_open')
  assert.equal(code({ ...received, refundStatus: 'succeeded' }, 'settle'), 'settled')
  assert.equal(code({ ...received, refundNo: '' }, 'settle'), 'settled')
  assert.equal(code({ ...received, kind: 'exchange' }, 'settle'), 'exchange_open')
  assert.equal(code({ ...received, kind: 'exchange', exchangeOrderNo: 'SO1' }, 'settle'), 'settled')
  const nothing = { ...received, kind: 'exchange' as const, good: 0 }
  assert.equal(code(nothing, 'settle'), 'settled')
  assert.equal(code({ ...nothing, openProblems: 1 }, 'settle'), 'exchange_open')
  assert.equal(settlesAutomatically({ ...facts, ...nothing, unpaid: true }), false)
})

test('only what nobody owes for is settled by itself: of a return without a refund a person says so', () => {
  const received: ReturnFacts = { ...facts, status: 'received', refundNo: '' }
  assert.equal(settlesAutomatically({ ...received, unpaid: false }), false)
  assert.equal(settlesAutomatically({ ...received, unpaid: true }), true)
  assert.equal(settlesAutomatically({ ...received, refundNo: 'r1', unpaid: true }), false)
  assert.equal(
    settlesAutomatically({ ...received, refundNo: 'r1', refundStatus: 'succeeded', unpaid: false }),
    true,
  )
})

test('an exchange is sent when its time has come, and once', () => {
  const of = (more: Partial<ReturnFacts>, exchangeWhen: 'confirmed' | 'received' = 'received') =>
    whyNoExchange({ ...facts, kind: 'exchange', exchangeWhen, ...more })?.code
  assert.equal(of({ kind: 'return', status: 'received' }), 'wrong_kind')
  assert.equal(of({}), 'wrong_status')
  assert.equal(of({ status: 'confirmed' }), 'goods_not_back')
  assert.equal(of({ status: 'confirmed' }, 'confirmed'), undefined)
  assert.equal(of({ status: 'received' }), undefined)
  assert.equal(of({ status: 'received', exchangeOrderNo: 'SO1' }), 'already')
  assert.equal(of({ status: 'voided' }, 'confirmed'), 'wrong_status')
  assert.equal(of({ status: 'received', refundStatus: 'closed' }), 'refund_closed')
  assert.equal(of({ status: 'received', openProblems: 1 }), 'problems_open')
  assert.equal(of({ status: 'received', good: 0 }), 'nothing_back')
  assert.equal(of({ status: 'received', good: 0, defective: 1 }), undefined)
  assert.equal(of({ status: 'received', openProblems: 1, good: 0 }, 'confirmed'), undefined)
})

test('an unclaimed parcel is stocked once and claimed once', () => {
  const told = (event: 'stock' | 'claim') => parcelStatuses.map((status) => whyNotParcel(status, event)?.code)
  assert.deepEqual(told('stock'), [undefined, 'already', 'wrong_status'])
  assert.deepEqual(told('claim'), [undefined, undefined, 'already'])
})
