import assert from 'node:assert/strict'
import { test } from 'node:test'
import { moneyBounds, moneyRange, readFen } from './money-range.ts'

test('an amount is read as it is typed or copied, and a text that is none is refused instead of dropped', () => {
  for (const [text, fen] of [
    ['12.5', '1250'],
    ['0.29', '29'],
    [' ¥1,268.00 ', '126800'],
    ['￥1，268', '126800'],
    ['', ''],
  ] as const)
    assert.equal(readFen(text), fen, text)
  for (const text of ['十元', '-5', '1.234', '1e5', '10元', '¥¥1', '1,2'])
    assert.equal(readFen(text), undefined, text)
})

test('a range of amounts goes into an address and comes back, open on either side', () => {
  assert.deepEqual(
    [moneyRange(['10', '']), moneyRange(['', '500']), moneyRange(['', ' '])],
    ['1000~', '~50000', ''],
  )
  assert.equal(moneyRange(['abc', '500']), undefined)
  assert.equal(moneyRange(['10', '5oo']), undefined)
  assert.deepEqual(moneyBounds('1000~50050'), ['10', '500.5'])
  assert.deepEqual(moneyBounds(''), ['', ''])
})
