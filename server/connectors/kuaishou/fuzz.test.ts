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
import { type Fields, fieldsAt, isFields, listAt } from '../fields.ts'
import { parseProduct } from './goods.ts'
import { parseRefund } from './refunds.ts'
import { parseOrder } from './trades.ts'

function dataOf(name: string): Fields {
  const answer = parseJson(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8'))
  return isFields(answer) ? fieldsAt(answer, 'data') : assert.fail('no object')
}
const products = listAt(dataOf('itemList'), 'items', '').filter(isFields)

test('hostile payloads make a sound order or a parked one', () => {
  const check = (tree: unknown) => {
    const found = parseOrder(tree, 'raw')
    assert.deepEqual('trade' in found ? tradeViolations(found.trade) : badItemViolations(found), [])
  }
  fc.assert(fc.property(mutated([dataOf('orderDetail')]), check), { numRuns: 800 })
})

test('hostile payloads make a sound refund or a parked one', () => {
  const check = (tree: Fields) => {
    const found = parseRefund(tree)
    assert.deepEqual(found.kind === 'refund' ? refundViolations(found) : badItemViolations(found), [])
  }
  fc.assert(fc.property(mutated([dataOf('refundDetail')]), check), { numRuns: 500 })
})

test('hostile payloads make sound listings or parked ones', () => {
  const check = (tree: Fields) => {
    for (const found of parseProduct(tree, listAt(tree, 'skuList', '')))
      assert.deepEqual('kind' in found ? badItemViolations(found) : listingViolations(found), [])
  }
  fc.assert(fc.property(mutated(products), check), { numRuns: 400 })
})
