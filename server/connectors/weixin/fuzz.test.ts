import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseJson } from '../../lib/json.ts'
import { mutated } from '../../testing/hostile.ts'
import { badItemViolations, refundViolations, tradeViolations } from '../conformance/checks.ts'
import { fieldsAt, isFields } from '../fields.ts'
import { parseRefund } from './refunds.ts'
import { parseOrder } from './trades.ts'

function documentOf(name: string, key: string) {
  const answer = parseJson(readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8'))
  return isFields(answer) ? fieldsAt(answer, key) : assert.fail('no object')
}
const orders = [documentOf('order_get.official.json', 'order')]
const refunds = [documentOf('getaftersaleorder.json', 'after_sale_order')]

test('hostile payloads make a sound order or a parked one', () => {
  const check = (tree: unknown) => {
    const found = parseOrder(tree, 'raw')
    assert.deepEqual('trade' in found ? tradeViolations(found.trade) : badItemViolations(found), [])
  }
  fc.assert(fc.property(mutated(orders), check), { numRuns: 600 })
})

test('hostile payloads make a sound after-sale or a parked one', () => {
  const check = (tree: unknown) => {
    const found = parseRefund(isFields(tree) ? tree : {}, new Date(0))
    assert.deepEqual(found.kind === 'refund' ? refundViolations(found) : badItemViolations(found), [])
  }
  fc.assert(fc.property(mutated(refunds), check), { numRuns: 400 })
})
