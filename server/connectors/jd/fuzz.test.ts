import { test } from 'node:test'
import fc from 'fast-check'
import { mutated, runs } from '../../testing/hostile.ts'
import { checkListing, checkRefund, checkTrade } from '../conformance/checks.ts'
import { answerIn } from '../conformance/fixtures.ts'
import { type Fields, fieldsAt, isFields, listAt } from '../fields.ts'
import { parseSku } from './goods.ts'
import { parseRefund } from './refunds.ts'
import { parseService } from './services.ts'
import { parseOrder } from './trades.ts'

/** The business object of a recorded answer. */
const resultOf = (fixture: string, name: string): Fields => {
  const [root] = Object.values(answerIn(import.meta.url, fixture)).filter(isFields)
  return fieldsAt(root ?? {}, name)
}
const order = fieldsAt(resultOf('orderGet', 'orderDetailInfo'), 'orderInfo')
const goods = listAt(order, 'itemInfoList', '').filter(isFields)
const applications = listAt(resultOf('refundList', 'queryResult'), 'result', '').filter(isFields)
const skus = listAt(resultOf('skuList', 'page'), 'data', '').filter(isFields)

test('hostile payloads make a sound order or a parked one', () => {
  const check = (tree: unknown) => checkTrade(parseOrder(tree, 'raw'))
  fc.assert(fc.property(mutated([order]), check), runs(150))
})

test('hostile payloads make a sound application or a parked one', () => {
  const check = (tree: Fields) => checkRefund(parseRefund(tree, goods))
  fc.assert(fc.property(mutated(applications), check), runs(100))
})

test('hostile goods of an order leave its application sound', () => {
  const check = (tree: Fields) =>
    checkRefund(parseRefund(applications[0] ?? {}, listAt(tree, 'itemInfoList', '').filter(isFields)))
  fc.assert(fc.property(mutated([order]), check), runs(80))
})

const service = fieldsAt(resultOf('serviceView', 'result'), 'data')
const freight = fieldsAt(resultOf('serviceFreight', 'result'), 'data')
const moneys = listAt(resultOf('serviceMoney', 'pageResult'), 'data', '').filter(isFields)

test('hostile payloads make a sound service order or a parked one', () => {
  const check = (view: Fields) => checkRefund(parseService({ view, freight, money: moneys[0] }))
  fc.assert(fc.property(mutated([{ ...service, serviceStatus: 10010 }]), check), runs(150))
})

test('a hostile parcel and hostile money leave their service order sound', () => {
  const parcels = (parcel: Fields) =>
    checkRefund(parseService({ view: service, freight: parcel, money: undefined }))
  fc.assert(fc.property(mutated([freight]), parcels), runs(80))
  const payments = (money: Fields) => checkRefund(parseService({ view: service, freight, money }))
  fc.assert(fc.property(mutated(moneys), payments), runs(80))
})

test('hostile payloads make sound listings or parked ones', () => {
  const check = (tree: Fields) => checkListing(parseSku(tree, 'on_sale'))
  fc.assert(fc.property(mutated(skus), check), runs(100))
})
