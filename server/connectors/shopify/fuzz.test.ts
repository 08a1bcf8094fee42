import { test } from 'node:test'
import fc from 'fast-check'
import { mutated, runs } from '../../testing/hostile.ts'
import { checkListing, checkRefund, checkTrade } from '../conformance/checks.ts'
import { answerIn } from '../conformance/fixtures.ts'
import { type Fields, fieldsAt, listAt } from '../fields.ts'
import { listingOf } from './goods.ts'
import { refundsIn } from './refunds.ts'
import { returnsIn } from './returns.ts'
import { parseOrder } from './trades.ts'

const of = (name: string) => answerIn(import.meta.url, name)
const itemsOf = (order: Fields) => listAt(fieldsAt(order, 'lineItems'), 'nodes', '')
const whole = {
  items: itemsOf(of('order')),
  works: listAt(fieldsAt(of('order'), 'fulfillmentOrders'), 'nodes', ''),
  parcels: [of('parcel')],
  refunds: [of('refund')],
  returns: [of('return')],
}

test('hostile payloads make a sound order or a parked one', () => {
  const check = (tree: Fields) => checkTrade(parseOrder(tree, 'raw', { ...whole, items: itemsOf(tree) }))
  fc.assert(fc.property(mutated([of('order')]), check), runs(300))
})

test('hostile parcels leave their order sound', () => {
  const check = (tree: Fields) => checkTrade(parseOrder(of('order'), 'raw', { ...whole, parcels: [tree] }))
  fc.assert(fc.property(mutated([of('parcel')]), check), runs(100))
})

test('hostile refunds make sound ones or parked ones, and leave their order sound', () => {
  const check = (tree: Fields) => {
    for (const { raw: _raw, ...refund } of refundsIn([tree])) checkRefund({ ...refund, raw: '' })
    checkTrade(parseOrder(of('order'), 'raw', { ...whole, refunds: [tree] }))
  }
  fc.assert(fc.property(mutated([of('refund')]), check), runs(150))
})

test('hostile returns make sound ones or parked ones, and leave their order sound', () => {
  const check = (tree: Fields) => {
    for (const { raw: _raw, ...refund } of returnsIn([tree])) checkRefund({ ...refund, raw: '' })
    checkTrade(parseOrder(of('order'), 'raw', { ...whole, returns: [tree] }))
  }
  fc.assert(fc.property(mutated([of('return')]), check), runs(150))
})

test('hostile payloads make sound listings or parked ones', () => {
  const check = (tree: Fields) => checkListing(listingOf(tree, 'on_sale'))
  fc.assert(fc.property(mutated([of('variant')]), check), runs(150))
})
