import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { orderStatuses } from '../order/lifecycle.ts'
import { type ShareOrder, sharesOf } from './refund-shares.ts'

const order = (id: string, more: Partial<ShareOrder> = {}): ShareOrder => ({
  id,
  status: 'confirmed',
  known: false,
  leftFen: 6000,
  quantity: 2,
  lines: [{ oid: 'o1', quantity: 2, paymentFen: 6000 }],
  ...more,
})
const told = (refund: { oid: string; amountFen: number; quantity: number }, ...orders: ShareOrder[]) =>
  sharesOf(refund, orders).map((share) => `${share.orderId} ${share.quantity} for ${share.amountFen}`)

test('the only order of a trade takes the refund as it is', () => {
  assert.deepEqual(told({ oid: 'o1', amountFen: 99_999, quantity: 7 }, order('1')), ['1 7 for 99999'])
  assert.deepEqual(told({ oid: '', amountFen: 10, quantity: 0 }, order('1')), ['1 0 for 10'])
  assert.deepEqual(told({ oid: 'o9', amountFen: 10, quantity: 0 }, order('1')), [])
})

test('of two orders with pieces of the line, the one that was not shipped is asked first', () => {
  const shipped = order('1', { status: 'shipped' })
  assert.deepEqual(told({ oid: 'o1', amountFen: 3000, quantity: 1 }, shipped, order('2')), ['2 1 for 3000'])
  assert.deepEqual(told({ oid: 'o1', amountFen: 9000, quantity: 3 }, shipped, order('2')), [
    '2 2 for 6000',
    '1 1 for 3000',
  ])
})

test('who knows the refund keeps it, and hears of a version that asks for less', () => {
  const known = order('1', { known: true })
  assert.deepEqual(told({ oid: 'o1', amountFen: 3000, quantity: 1 }, order('2'), known), ['1 1 for 3000'])
  const both = [known, order('2', { known: true })]
  assert.deepEqual(told({ oid: 'o1', amountFen: 3000, quantity: 1 }, ...both), ['1 1 for 3000', '2 0 for 0'])
})

test('freight goes back with the order that has it left', () => {
  const root = order('1', { leftFen: 7000 })
  assert.deepEqual(told({ oid: 'o1', amountFen: 13_000, quantity: 4 }, root, order('2')), [
    '1 2 for 7000',
    '2 2 for 6000',
  ])
})

test('a refund of the whole trade takes from each order what it has left, and nothing from voided ones', () => {
  const orders = [
    order('1', { leftFen: 7000 }),
    order('2', { leftFen: 3000 }),
    order('3', { status: 'voided' }),
  ]
  assert.deepEqual(told({ oid: '', amountFen: 10_000, quantity: 1 }, ...orders), [
    '1 2 for 7000',
    '2 2 for 3000',
  ])
})

test('what the standing orders have not left goes back from a voided one, and none gives more than it got', () => {
  const orders = [order('1', { leftFen: 9800, status: 'voided' }), order('2', { leftFen: 9000 })]
  assert.deepEqual(told({ oid: '', amountFen: 18_800, quantity: 1 }, ...orders), [
    '2 2 for 9000',
    '1 2 for 9800',
  ])
  assert.deepEqual(told({ oid: '', amountFen: 5000, quantity: 0 }, ...orders), ['2 0 for 5000'])
})

test('no cent and no piece is lost or made, whatever the orders', () => {
  const some = fc.record({
    status: fc.constantFrom(...orderStatuses),
    known: fc.boolean(),
    leftFen: fc.nat(100_000),
    quantity: fc.integer({ min: 1, max: 50 }),
    lines: fc.array(
      fc.record({
        oid: fc.constantFrom('o1', 'o2', 'o3'),
        quantity: fc.integer({ min: 0, max: 20 }),
        paymentFen: fc.nat(50_000),
      }),
      { maxLength: 4 },
    ),
  })
  const refunds = fc.record({
    oid: fc.constantFrom('', 'o1', 'o2'),
    amountFen: fc.nat(200_000),
    quantity: fc.nat(30),
  })
  fc.assert(
    fc.property(fc.array(some, { minLength: 2, maxLength: 6 }), refunds, (rows, refund) => {
      const orders = rows.map((row, at) => ({ ...row, id: String(at + 1) }))
      const shares = sharesOf(refund, orders)
      const holders = orders.filter(({ lines }) =>
        lines.some(({ oid }) => refund.oid === '' || oid === refund.oid),
      )
      if (holders.length === 0) return assert.deepEqual(shares, [])
      assert.equal(
        shares.reduce((sum, { amountFen }) => sum + amountFen, 0),
        refund.amountFen,
      )
      assert.ok(shares.every(({ amountFen, quantity }) => amountFen >= 0 && quantity >= 0))
      assert.equal(new Set(shares.map(({ orderId }) => orderId)).size, shares.length)
      for (const { id } of holders.filter(({ known }) => known))
        assert.ok(shares.some(({ orderId }) => orderId === id))
      const pieces = holders.flatMap(({ lines }) => lines.filter(({ oid }) => oid === refund.oid))
      const there = pieces.reduce((sum, line) => sum + line.quantity, 0)
      if (refund.oid !== '' && there > 0)
        assert.equal(
          shares.reduce((sum, { quantity }) => sum + quantity, 0),
          refund.quantity,
        )
    }),
    { numRuns: 2000 },
  )
})
