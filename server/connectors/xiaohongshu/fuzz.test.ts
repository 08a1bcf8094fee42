import { test } from 'node:test'
import fc from 'fast-check'
import { mutated, runs } from '../../testing/hostile.ts'
import { checkListing, checkRefund, checkTrade } from '../conformance/checks.ts'
import { answerIn } from '../conformance/fixtures.ts'
import { type Fields, fieldsAt, isFields, listAt } from '../fields.ts'
import { parseSku } from './goods.ts'
import { parseRefund } from './refunds.ts'
import { parseOrder } from './trades.ts'

const dataOf = (name: string) => fieldsAt(answerIn(import.meta.url, name), 'data')
const skus = listAt(dataOf('skuList'), 'data', '').filter(isFields)

test('hostile payloads make a sound order or a parked one', () => {
  const check = (tree: unknown) => checkTrade(parseOrder(tree, 'raw'))
  fc.assert(fc.property(mutated([dataOf('orderDetail')]), check), runs(300))
})

test('hostile payloads make a sound after-sale or a parked one', () => {
  const check = (tree: Fields) => checkRefund(parseRefund(tree))
  fc.assert(fc.property(mutated([fieldsAt(dataOf('afterSaleInfo'), 'data')]), check), runs(200))
})

test('hostile goods of an order leave its after-sale sound', () => {
  const data = fieldsAt(dataOf('afterSaleInfo'), 'data')
  const check = (tree: Fields) => checkRefund(parseRefund(data, tree))
  fc.assert(fc.property(mutated([dataOf('orderDetail')]), check), runs(100))
})

test('hostile payloads make sound listings or parked ones', () => {
  const check = (tree: Fields) => checkListing(parseSku(tree, 'on_sale'))
  fc.assert(fc.property(mutated(skus), check), runs(150))
})
