import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PlatformError } from '../../lib/platform-error.ts'
import { checkTrade } from '../conformance/checks.ts'
import { parseTrade } from '../posted/trades.ts'
import { withParcel } from './ship.ts'

const at = new Date('2026-11-24T04:00:00Z')
const line = { itemId: '1', title: '枕头', priceFen: 500 }
const trade = JSON.stringify({
  ...{ tid: 'A1', status: 'paid', createdAt: '2026-11-24T02:00:00Z', paidAt: '2026-11-24T02:00:00Z' },
  ...{ modifiedAt: '2026-11-24T02:00:00Z', paymentFen: 2000, postFeeFen: 0, buyer: { nick: '' } },
  receiver: { name: '林', mobile: '13800001234', province: '浙江省', city: '杭州市', address: '一号' },
  lines: [
    { oid: 'A1-1', ...line, quantity: 3, paymentFen: 1500 },
    { oid: 'A1-2', ...line, itemId: '2', quantity: 1, paymentFen: 500 },
  ],
})
const parcel = (oids: string[], waybillNo: string, quantity?: number) => ({
  ...{ tid: 'A1', oids, carrier: 'SF', waybillNo },
  ...(quantity === undefined ? {} : { goods: oids.map((oid) => ({ oid, quantity })) }),
})
const linesOf = (text: string) => {
  const found = parseTrade(text)
  checkTrade(found)
  assert.ok('trade' in found)
  return [found.trade.status, ...found.trade.lines.map(({ status, waybills }) => [status, waybills])]
}

test('parcels fill a trade piece by piece, and each line has its waybills', () => {
  const first = withParcel(trade, parcel(['A1-1'], 'SF1001', 2), at)
  assert.deepEqual(linesOf(first), ['partly_shipped', ['partly_shipped', ['SF1001']], ['paid', undefined]])
  const second = withParcel(first, parcel(['A1-1'], 'SF1002', 1), at)
  assert.deepEqual(linesOf(second), [
    'partly_shipped',
    ['shipped', ['SF1001', 'SF1002']],
    ['paid', undefined],
  ])
  const last = withParcel(second, parcel(['A1-2'], 'SF1003'), at)
  assert.deepEqual(linesOf(last), ['shipped', ['shipped', ['SF1001', 'SF1002']], ['shipped', ['SF1003']]])
})

test('more pieces than a line has, and a line that is not there, are refused', () => {
  const refused = (work: () => unknown) => {
    try {
      work()
      return 'taken'
    } catch (error) {
      assert.ok(error instanceof PlatformError)
      return [error.kind, error.code]
    }
  }
  const whole = withParcel(trade, parcel([], 'SF1001'), at)
  assert.deepEqual(
    refused(() => withParcel(whole, parcel([], 'SF1002'), at)),
    ['rejected', 'sent_already'],
  )
  assert.deepEqual(
    refused(() => withParcel(trade, parcel(['A1-9'], 'SF1001'), at)),
    ['rejected', 'parameter'],
  )
})
