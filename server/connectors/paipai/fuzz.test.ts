import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { mutated, runs } from '../../testing/hostile.ts'
import { checkListing, checkRefund, checkTrade } from '../conformance/checks.ts'
import { answerIn } from '../conformance/fixtures.ts'
import { type Fields, isFields, listAt } from '../fields.ts'
import { parseItem } from './goods.ts'
import { refundsIn } from './refunds.ts'
import { parseDeal } from './trades.ts'

const rowsOf = (name: string) => listAt(answerIn(import.meta.url, name), 'dealList', '').filter(isFields)
const deals = [answerIn(import.meta.url, 'getDealDetail'), ...rowsOf('sellerSearchDealList')]
const stock = {
  skuId: '500000001',
  stockLocalCode: 'A-1',
  stockAttr: '颜色:白',
  stockPrice: '100',
  stockCount: '5',
}
const item = {
  itemCode: 'AAAAAAAA00000000000000000000000A',
  itemName: '衬衫',
  itemLocalCode: 'ITEM-A',
  itemState: 'IS_FOR_SALE',
  itemPrice: '100',
  stockCount: '5',
  lastModifyTime: '2015-04-01 10:00:00',
}

test('hostile payloads make a sound deal or a parked one', () => {
  const check = (tree: unknown) => checkTrade(parseDeal(tree, 'raw'))
  fc.assert(fc.property(mutated(deals), check), runs(800))
})

test('hostile payloads make sound refunds or parked ones', () => {
  const check = (tree: unknown) => {
    for (const found of refundsIn(tree)) {
      if (found.kind === 'bad') checkRefund(found)
      else {
        const { raw, ...refund } = found
        // A value that is nested too deeply to be written has no text.
        assert.ok(raw === '' || raw.startsWith('{'))
        checkRefund(refund)
      }
    }
  }
  fc.assert(fc.property(mutated(rowsOf('getDealRefundInfoList')), check), runs(500))
})

test('hostile payloads make sound listings or parked ones', () => {
  const check = (tree: Fields) => parseItem(tree, tree).forEach(checkListing)
  fc.assert(fc.property(mutated([{ ...item, stockList: [stock] }, item]), check), runs(400))
})
