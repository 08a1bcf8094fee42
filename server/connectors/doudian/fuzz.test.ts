import { test } from 'node:test'
import fc from 'fast-check'
import { mutated, runs } from '../../testing/hostile.ts'
import { checkListing, checkRefund, checkTrade } from '../conformance/checks.ts'
import { answerIn } from '../conformance/fixtures.ts'
import { type Fields, fieldsAt, isFields, listAt } from '../fields.ts'
import { parseProduct } from './goods.ts'
import { parseDetail, parseListed } from './refunds.ts'
import { parseOrder } from './trades.ts'

const dataOf = (name: string) => fieldsAt(answerIn(import.meta.url, name), 'data')
const orders = [fieldsAt(dataOf('orderDetail'), 'shop_order_detail')]
const listed = listAt(dataOf('afterSaleList'), 'items', '').filter(isFields)
const details = [dataOf('afterSaleDetail')]
const product = {
  product_id: '3500000000000000001',
  name: '抱枕套',
  img: '',
  outer_product_id: 'A',
  update_time: 1,
}
const sku = { id: '1739480000000000021', code: 'A-1', price: 100, stock_num: 5, spec_detail_name1: '雾蓝' }

test('hostile payloads make a sound order or a parked one', () => {
  const check = (tree: unknown) => checkTrade(parseOrder(tree, 'raw'))
  fc.assert(fc.property(mutated(orders), check), runs(600))
})

test('hostile payloads make a sound after-sale or a parked one', () => {
  fc.assert(
    fc.property(mutated(listed), (tree) => checkRefund(parseListed(tree))),
    runs(300),
  )
  fc.assert(
    fc.property(mutated(details), (tree) => checkRefund(parseDetail(tree))),
    runs(300),
  )
})

test('hostile payloads make sound listings or parked ones', () => {
  const check = (tree: Fields) => parseProduct(tree, [tree], 'on_sale').forEach(checkListing)
  fc.assert(fc.property(mutated([{ ...product, ...sku }]), check), runs(300))
})
