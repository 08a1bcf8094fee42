import { test } from 'node:test'
import fc from 'fast-check'
import { mutated, runs } from '../../testing/hostile.ts'
import { checkRefund, checkTrade } from '../conformance/checks.ts'
import { answerIn } from '../conformance/fixtures.ts'
import { fieldsAt, isFields } from '../fields.ts'
import { parseRefund } from './refunds.ts'
import { parseOrder } from './trades.ts'

const orders = [fieldsAt(answerIn(import.meta.url, 'order_get.official'), 'order')]
const refunds = [fieldsAt(answerIn(import.meta.url, 'getaftersaleorder'), 'after_sale_order')]

test('hostile payloads make a sound order or a parked one', () => {
  const check = (tree: unknown) => checkTrade(parseOrder(tree, 'raw'))
  fc.assert(fc.property(mutated(orders), check), runs(600))
})

test('hostile payloads make a sound after-sale or a parked one', () => {
  const check = (tree: unknown) => checkRefund(parseRefund(isFields(tree) ? tree : {}, new Date(0)))
  fc.assert(fc.property(mutated(refunds), check), runs(400))
})
