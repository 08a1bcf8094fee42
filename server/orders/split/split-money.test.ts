import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { splitLine } from './split-money.ts'

test('a line of 3 pieces for 10 yuan gives its parts whole cents, which sum to it', () => {
  assert.deepEqual(splitLine({ quantity: 3, paymentFen: 1000, discountFen: 100 }, [1, 1, 1]), [
    { quantity: 1, paymentFen: 334, discountFen: 34 },
    { quantity: 1, paymentFen: 333, discountFen: 33 },
    { quantity: 1, paymentFen: 333, discountFen: 33 },
  ])
})

test('what leaves whole takes everything along, and what stays has nothing', () => {
  assert.deepEqual(splitLine({ quantity: 2, paymentFen: 777, discountFen: -5 }, [0, 2]), [
    { quantity: 0, paymentFen: 0, discountFen: 0 },
    { quantity: 2, paymentFen: 777, discountFen: -5 },
  ])
})

test('the parts of any line sum to it, to the last cent', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(500), { minLength: 1, maxLength: 8 }).filter((parts) => parts.some((part) => part > 0)),
      fc.nat(100_000_000),
      fc.integer({ min: -100_000, max: 100_000 }),
      (parts, paymentFen, discountFen) => {
        const quantity = parts.reduce((sum, part) => sum + part, 0)
        const pieces = splitLine({ quantity, paymentFen, discountFen }, parts)
        const sum = (of: 'quantity' | 'paymentFen' | 'discountFen') =>
          pieces.reduce((total, piece) => total + piece[of], 0)
        assert.deepEqual(
          [sum('quantity'), sum('paymentFen'), sum('discountFen')],
          [quantity, paymentFen, discountFen],
        )
        for (const { quantity: own, paymentFen: fen } of pieces)
          assert.ok(Math.abs(fen - (paymentFen * own) / quantity) < 1)
      },
    ),
  )
})
