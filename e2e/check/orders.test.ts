import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TradeBook } from './books.ts'
import { type Difference, notebook } from './differences.ts'
import { checkChanges } from './orders.ts'
import type { OurOrder } from './ours.ts'

// The rule is violated on purpose, in books and rows made here, to prove that the checker finds it.

/** A trade that was refunded whole and so closed, before or after another client shipped it, and our unconfirmed order of it. */
function found(platform: string, consigned: number, told: readonly string[]): string[] {
  const book = {
    ...{ status: 'TRADE_CLOSED', consigned, paid: 100, memo: '', flag: 0, stepStatus: '', hold: '' },
    lines: [{ status: 'TRADE_CLOSED', refundStatus: 'SUCCESS' }],
  }
  const order = {
    ...{
      no: 'SO1',
      origin: 'trade',
      status: 'unconfirmed',
      seller_memo: '',
      flag: 0,
      differences: told.length,
    },
    differences_all: told.map((kind) => ({ kind, new_value: '', settled: null })),
  }
  const differences: Difference[] = []
  // The other fields are not read here.
  checkChanges(
    notebook('店', differences),
    platform,
    book as unknown as TradeBook,
    order as unknown as OurOrder,
  )
  return differences.map(({ rule }) => rule)
}

const rule = 'a close is told, or answered'

test('a close that no order was told is found on every platform', () => {
  for (const platform of ['taobao', 'pinduoduo', 'kuaishou']) {
    assert.deepEqual(found(platform, 0, []), [rule], platform)
    assert.deepEqual(found(platform, 0, ['closed']), [], platform)
  }
})

test('拼多多 calls what was refunded after it was shipped still shipped, so its order is told of the shipping', () => {
  assert.deepEqual(found('pinduoduo', 150, ['shipped_elsewhere']), [])
  assert.deepEqual(found('pinduoduo', 150, []), [rule])
  assert.deepEqual(found('taobao', 150, ['shipped_elsewhere']), [rule])
})
