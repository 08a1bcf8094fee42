import { test } from 'node:test'
import fc from 'fast-check'
import { mutated, runs } from '../../testing/hostile.ts'
import { checkListing, checkRefund, checkTrade } from '../conformance/checks.ts'
import { answerIn } from '../conformance/fixtures.ts'
import { type Fields, fieldsAt, isFields, listAt } from '../fields.ts'
import { parseProduct } from './goods.ts'
import { parseRefund } from './refunds.ts'
import { parseOrder } from './trades.ts'

const dataOf = (name: string) => fieldsAt(answerIn(import.meta.url, name), 'data')
const products = listAt(dataOf('itemList'), 'items', '').filter(isFields)

test('hostile payloads make a sound order or a parked one', () => {
  const check = (tree: unknown) => checkTrade(parseOrder(tree, 'raw'))
  fc.assert(fc.property(mutated([dataOf('orderDetail')]), check), runs(800))
})

test('hostile payloads make a sound refund or a parked one', () => {
  const check = (tree: Fields) => checkRefund(parseRefund(tree))
  fc.assert(fc.property(mutated([dataOf('refundDetail')]), check), runs(500))
})

test('hostile payloads make sound listings or parked ones', () => {
  const check = (tree: Fields) => parseProduct(tree, listAt(tree, 'skuList', '')).forEach(checkListing)
  fc.assert(fc.property(mutated(products), check), runs(400))
})
