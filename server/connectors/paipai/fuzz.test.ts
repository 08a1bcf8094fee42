import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseJson } from '../../lib/json.ts'
import { mutated } from '../../testing/hostile.ts'
import {
  badItemViolations,
  listingViolations,
  refundViolations,
  tradeViolations,
} from '../conformance/checks.ts'
import { type Fields, isFields, listAt } from '../fields.ts'
import { parseItem } from './goods.ts'
import { refundsIn } from './refunds.ts'
import { parseDeal } from './trades.ts'

function answerOf(name: string): Fields {
  const answer = parseJson(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8'))
  return isFields(answer) ? answer : assert.fail('no object')
}
const rowsOf = (name: string) => listAt(answerOf(name), 'dealList', '').filter(isFields)
const deals = [answerOf('getDealDetail'), ...rowsOf('sellerSearchDealList')]
const stock = {
  skuId: '500000001',
  stockLocalCode: 'A-1',
  stockAttr: '颜色:白',
  stockPrice: '100',
  stockCount: '5',
}
const item = {
  itemCode: 'AAAAAAAA00000000000000000000000A',
  itemName: '衬衫',
  itemLocalCode: 'ITEM-A',
  itemState: 'IS_FOR_SALE',
  itemPrice: '100',
  stockCount: '5',
  lastModifyTime: '2015-04-01 10:00:00',
}

test('hostile payloads make a sound deal or a parked one', () => {
  const check = (tree: unknown) => {
    const found = parseDeal(tree, 'raw')
    assert.deepEqual('trade' in found ? tradeViolations(found.trade) : badItemViolations(found), [])
  }
  fc.assert(fc.property(mutated(deals), check), { numRuns: 800 })
})

test('hostile payloads make sound refunds or parked ones', () => {
  const check = (tree: unknown) => {
    for (const found of refundsIn(tree)) {
      if (found.kind === 'bad') assert.deepEqual(badItemViolations(found), [])
      else {
        const { raw, ...refund } = found
        // A value that is nested too deeply to be written has no text.
        assert.ok(raw === '' || raw.startsWith('{'))
        assert.deepEqual(refundViolations(refund), [])
      }
    }
  }
  fc.assert(fc.property(mutated(rowsOf('getDealRefundInfoList')), check), { numRuns: 500 })
})

test('hostile payloads make sound listings or parked ones', () => {
  const check = (tree: Fields) => {
    for (const found of parseItem(tree, tree))
      assert.deepEqual('kind' in found ? badItemViolations(found) : listingViolations(found), [])
  }
  fc.assert(fc.property(mutated([{ ...item, stockList: [stock] }, item]), check), { numRuns: 400 })
})
