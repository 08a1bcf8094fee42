import { describe, it } from 'node:test'
import fc from 'fast-check'
import { goods, items, mutated, orders, refunds, runs, trades, tradeTexts } from '../testing/hostile.ts'
import { checkListing, checkRefund, checkTrade } from './conformance/checks.ts'
import type { Fields } from './fields.ts'
import { parseGoods } from './pinduoduo/goods.ts'
import { parseDetail, parseListed } from './pinduoduo/refunds.ts'
import { parseOrder } from './pinduoduo/trades.ts'
import { parseItem } from './taobao/listings.ts'
import { parsePushedRefund, parseRefund } from './taobao/refunds.ts'
import { parseTrade } from './taobao/trade.ts'
import { parsePushedTrade } from './taobao/trades.ts'

/** The text itself cut off or overwritten at some position. */
const brokenText = fc
  .tuple(fc.constantFrom(...tradeTexts), fc.nat(), fc.string({ unit: 'binary', maxLength: 8 }), fc.boolean())
  .map(([text, at, noise, cut]) => {
    const place = at % text.length
    return cut
      ? text.slice(0, place) + noise
      : text.slice(0, place) + noise + text.slice(place + noise.length)
  })

describe('hostile payloads', () => {
  it('make a sound trade of TOP or a parked one, and never an exception', () => {
    fc.assert(
      fc.property(mutated(trades), (tree) => checkTrade(parseTrade(tree, 'raw'))),
      runs(1200),
    )
  })

  it('make a sound refund of TOP or a parked one', () => {
    fc.assert(
      fc.property(mutated(refunds), (tree) => checkRefund(parseRefund(tree, 'raw'))),
      runs(400),
    )
  })

  it('make a sound order of POP or a parked one', () => {
    fc.assert(
      fc.property(mutated(orders), (tree) => checkTrade(parseOrder(tree, 'raw'))),
      runs(400),
    )
  })

  it('make a sound refund of POP or a parked one', () => {
    const both = (tree: Fields) => [parseListed(tree), parseDetail(tree)].forEach(checkRefund)
    fc.assert(fc.property(mutated(refunds), both), runs(300))
  })

  it('make sound listings or parked ones', () => {
    const both = (tree: Fields) => [...parseItem(tree, 'on_sale'), ...parseGoods(tree)].forEach(checkListing)
    fc.assert(fc.property(mutated([...items, ...goods]), both), runs(500))
  })

  it('may be broken as text, too', () => {
    const both = (text: string) => {
      checkTrade(parsePushedTrade(text))
      checkRefund(parsePushedRefund(text))
    }
    fc.assert(fc.property(brokenText, both), runs(400))
    fc.assert(fc.property(fc.string({ unit: 'binary' }), both), runs(100))
  })

  it('may nest a hundred thousand levels deep', () => {
    const deep = `${'{"order":['.repeat(100_000)}1${']}'.repeat(100_000)}`
    checkTrade(
      parsePushedTrade(
        `{"trade_fullinfo_get_response":{"trade":{"tid":1,"modified":"2026-11-24 10:00:00","orders":${deep}}}}`,
      ),
    )
    checkTrade(parsePushedTrade(deep))
  })
})
