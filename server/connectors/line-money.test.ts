import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Doubt } from './connector.ts'
import { lineMoney, paidLines } from './line-money.ts'

describe('the money of lines', () => {
  it('is the first claim that adds up', () => {
    const first = [
      [60, 41],
      [60, 40],
      [50, 50],
    ]
    assert.deepEqual(lineMoney(100, 2, first), { fen: [60, 40], exact: true })
  })

  it('passes over claims that are negative or incomplete, though they add up', () => {
    assert.deepEqual(
      lineMoney(100, 2, [
        [110, -10],
        [null, 100],
        [30, 60],
      ]),
      { fen: [100, 0], exact: false },
    )
  })

  it('is spread evenly when nobody says anything', () => {
    assert.deepEqual(
      lineMoney(101, 2, [
        [0, null],
        [null, null],
      ]),
      { fen: [51, 50], exact: false },
    )
    assert.deepEqual(lineMoney(0, 0, []), { fen: [], exact: false })
  })

  it('always sums to the 分 and is never negative', () => {
    const amount = fc.option(fc.integer({ min: -1000, max: 1_000_000 }))
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.nat(1_000_000),
        fc.infiniteStream(amount),
        (count, goods, amounts) => {
          const claims = Array.from({ length: 3 }, () => [...amounts.take(count)])
          const { fen } = lineMoney(goods, count, claims)
          assert.equal(fen.length, count)
          assert.equal(
            fen.reduce((a, b) => a + b),
            goods,
          )
          assert.ok(fen.every((part) => part >= 0))
        },
      ),
    )
  })
})

describe('the payments of lines whose platform rounds each by itself', () => {
  const read = (goods: number, claim: (number | null)[]) => {
    const doubts: Doubt[] = []
    return [paidLines(goods, claim, doubts), doubts]
  }

  it('may miss the payment by a 分 each and two more, without a doubt', () => {
    assert.deepEqual(read(104, [60, 40]), [[62, 42], []])
  })

  it('are a doubt if they miss it by more, or if one is unknown', () => {
    const doubt = { field: 'line payments', line: '' }
    assert.deepEqual(read(105, [60, 40]), [
      [63, 42],
      [{ ...doubt, raw: '0.60 + 0.40', guess: '0.63 + 0.42' }],
    ])
    assert.deepEqual(read(100, [60, null]), [[100, 0], [{ ...doubt, raw: '0.60 + ?', guess: '1.00 + 0.00' }]])
  })

  it('are all of it where there is one line', () => {
    assert.deepEqual(read(100, [60]), [[100], []])
  })
})
