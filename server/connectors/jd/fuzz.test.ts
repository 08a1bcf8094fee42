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
import { parseSku } from './goods.ts'
import { parseRefund } from './refunds.ts'
import { parseOrder } from './trades.ts'

function rootOf(name: string): Fields {
  const answer = parseJson(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8'))
  const [root] = isFields(answer) ? Object.values(answer).filter(isFields) : []
  return root ?? assert.fail('no object')
}
const order = fieldsAt(fieldsAt(rootOf('orderGet'), 'orderDetailInfo'), 'orderInfo')
const goods = listAt(order, 'itemInfoList', '').filter(isFields)
const applications = listAt(fieldsAt(rootOf('refundList'), 'queryResult'), 'result', '').filter(isFields)
const skus = listAt(fieldsAt(rootOf('skuList'), 'page'), 'data', '').filter(isFields)

test('hostile payloads make a sound order or a parked one', () => {
  const check = (tree: unknown) => {
    const found = parseOrder(tree, 'raw')
    assert.deepEqual('trade' in found ? tradeViolations(found.trade) : badItemViolations(found), [])
  }
  fc.assert(fc.property(mutated([order]), check), { numRuns: 100 })
})

test('hostile payloads make a sound application or a parked one', () => {
  const check = (tree: Fields) => {
    const found = parseRefund(tree, goods)
    assert.deepEqual(found.kind === 'refund' ? refundViolations(found) : badItemViolations(found), [])
  }
  fc.assert(fc.property(mutated(applications), check), { numRuns: 100 })
})

test('hostile goods of an order leave its application sound', () => {
  const check = (tree: Fields) => {
    const found = parseRefund(applications[0] ?? {}, listAt(tree, 'itemInfoList', '').filter(isFields))
    assert.deepEqual(found.kind === 'refund' ? refundViolations(found) : badItemViolations(found), [])
  }
  fc.assert(fc.property(mutated([order]), check), { numRuns: 80 })
})

test('hostile payloads make sound listings or parked ones', () => {
  const check = (tree: Fields) => {
    const found = parseSku(tree, 'on_sale')
    assert.deepEqual('kind' in found ? badItemViolations(found) : listingViolations(found), [])
  }
  fc.assert(fc.property(mutated(skus), check), { numRuns: 100 })
})
