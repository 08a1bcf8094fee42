import { test } from 'node:test'
import fc from 'fast-check'
import { mutated, runs } from '../../testing/hostile.ts'
import { checkListing, checkRefund, checkTrade } from '../conformance/checks.ts'
import { answerIn } from '../conformance/fixtures.ts'
import { type Fields, listAt } from '../fields.ts'
import { listingsOf } from './goods.ts'
import { refundsIn } from './refunds.ts'
import { parseOrder } from './trades.ts'

const of = (name: string) => answerIn(import.meta.url, name)
const notes = listAt(of('notes'), 'notes', '')

test('hostile payloads make a sound order or a parked one', () => {
  const check = (tree: unknown) => checkTrade(parseOrder(tree, 'raw', { refunds: [of('refund')], notes }))
  fc.assert(fc.property(mutated([of('order')]), check), runs(300))
})

test('hostile refunds make sound ones or parked ones, and leave their order sound', () => {
  const check = (tree: Fields) => {
    for (const { raw, ...refund } of refundsIn(of('order'), [tree])) checkRefund({ ...refund, raw: '' })
    checkTrade(parseOrder(of('order'), 'raw', { refunds: [tree], notes }))
  }
  fc.assert(fc.property(mutated([of('refund')]), check), runs(100))
})

test('hostile notes leave their order sound', () => {
  const check = (tree: Fields) =>
    checkTrade(parseOrder(of('order'), 'raw', { refunds: [], notes: listAt(tree, 'notes', '') }))
  fc.assert(fc.property(mutated([of('notes')]), check), runs(100))
})

test('hostile payloads make sound listings or parked ones', () => {
  const check = (tree: Fields) =>
    listingsOf(tree, listAt(tree, 'of_variations', ''), 'on_sale').forEach(checkListing)
  fc.assert(fc.property(mutated([of('product')]), check), runs(150))
})
