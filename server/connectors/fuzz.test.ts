import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseJson } from '../lib/json.ts'
import { badProblems, listingProblems, refundProblems, tradeProblems } from './checks.ts'
import type { BadItem, Listing, Refund, RefundDetail, TradeDetail } from './connector.ts'
import { type Fields, isFields } from './fields.ts'
import { parseGoods } from './pinduoduo/goods.ts'
import { parseDetail, parseListed } from './pinduoduo/refunds.ts'
import { parseOrder } from './pinduoduo/trades.ts'
import { parseItem } from './taobao/listings.ts'
import { parsePushedRefund, parseRefund } from './taobao/refunds.ts'
import { parseTrade } from './taobao/trade.ts'
import { parsePushedTrade } from './taobao/trades.ts'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
const tradeTexts = ['closed_by_taobao', 'two_lines'].map((name) =>
  read(`taobao/fixtures/trade_fullinfo_get_response.${name}.json`),
)
const trades = tradeTexts.map((text) => fieldsIn(text, 'trade_fullinfo_get_response', 'trade'))
const refunds: Fields[] = [
  {
    refund_id: '83477',
    tid: '2231884277',
    oid: '2231884277',
    status: 'SUCCESS',
    refund_fee: '10.00',
    num: 1,
    sku: '3|颜色:军绿;尺码:XS',
    created: '2000-01-01 00:00:00',
    modified: '2000-01-01 00:00:00',
    refund_version: 1411375308927,
    dispute_type: 'REFUND',
    refund_remind_timeout: { exist_timeout: true, timeout: '2000-01-02 00:00:00' },
  },
  {
    ...fieldsIn(read('pinduoduo/fixtures/refund_list_item.real.json')),
    id: 1,
    order_sn: '180410-355530178612389',
    recreated_at: 1795485600,
  },
]
const orders: Fields[] = [
  {
    order_sn: '261124-123456789012345',
    confirm_status: 1,
    group_status: 1,
    order_status: 1,
    refund_status: 1,
    created_time: '2026-11-24 10:00:00',
    updated_at: '2026-11-24 10:05:00',
    pay_time: '2026-11-24 10:00:30',
    pay_amount: 85.8,
    discount_amount: 9.9,
    platform_discount: 4.9,
    postage: 6,
    order_tag_list: [{ name: 'ship_hold', value: 1 }],
    step_order_info: { step_trade_status: 1 },
    item_list: [
      { goods_id: 1, sku_id: 2, goods_name: 'a', goods_spec: 'b,c', goods_price: 29.9, goods_count: 3 },
      { goods_id: 1, goods_price: '1.00', goods_count: 1 },
    ],
  },
]

const items: Fields[] = [
  fieldsIn(read('taobao/fixtures/item_get_response.json'), 'item_get_response', 'item'),
]
const goods: Fields[] = [
  {
    goods_id: 1,
    goods_name: 'a',
    goods_quantity: 3,
    is_onsale: 1,
    sku_list: [{ sku_id: 2, spec: 'b,c', sku_quantity: 3, outer_id: 'd', is_sku_onsale: 1 }],
  },
]

/** What may stand where a platform promised something else. */
const hostile = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    undefined,
    true,
    '',
    'null',
    '\0',
    'a\0b\ud800',
    '\udc00'.repeat(50),
    '长'.repeat(30_000),
    'constructor',
    '__proto__',
    '0000-00-00 00:00:00',
    '2026-02-30 25:61:61',
    '-1',
    '0',
    0,
    -1,
    1.5,
    1e300,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 53 + 2,
    '9999999999.99',
    '99999999999999.99',
    '-0.01',
    '0.01',
    '5.00',
    '1e3',
    '0x10',
    [],
    {},
    [[]],
    [null],
    { order: [] },
    { order: {} },
    'DROP TABLE trade',
    '1234567890123456789',
  ),
  fc.anything({ maxDepth: 2 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
)

const change = fc.record({
  at: fc.nat(),
  by: hostile,
  how: fc.constantFrom('replace', 'delete', 'double', 'nest'),
})

/** A real document with some of its values replaced, deleted, doubled or buried, anywhere in the tree. */
function mutated(samples: readonly Fields[]) {
  return fc
    .tuple(fc.constantFrom(...samples), fc.array(change, { minLength: 1, maxLength: 6 }))
    .map(([sample, changes]) => {
      const tree = structuredClone(sample)
      for (const { at, by, how } of changes) {
        const places = placesIn(tree)
        const place = places[at % Math.max(places.length, 1)]
        if (!place) continue
        const { owner, key } = place
        if (Array.isArray(owner)) mutateList(owner, Number(key), by, how)
        else if (how === 'delete') Reflect.deleteProperty(owner, key)
        else
          Reflect.set(
            owner,
            key,
            how === 'nest'
              ? nested(by)
              : how === 'double'
                ? [Reflect.get(owner, key), Reflect.get(owner, key)]
                : by,
          )
      }
      return tree
    })
}

function mutateList(list: unknown[], index: number, by: unknown, how: string): void {
  if (how === 'delete') list.splice(index, 1)
  else if (how === 'double') list.push(...Array.from({ length: 3 }, () => list[index]))
  else list[index] = how === 'nest' ? nested(by) : by
}

function nested(value: unknown): unknown {
  let tree = value
  for (let depth = 0; depth < 2000; depth += 1) tree = { order: [tree] }
  return tree
}

type Place = { owner: object; key: string }

function placesIn(tree: unknown, depth = 0): Place[] {
  if (typeof tree !== 'object' || tree === null || depth > 6) return []
  return Object.entries(tree).flatMap(([key, value]) => [{ owner: tree, key }, ...placesIn(value, depth + 1)])
}

function fieldsIn(text: string, ...path: string[]): Fields {
  const found = path.reduce<unknown>((tree, key) => (isFields(tree) ? tree[key] : undefined), parseJson(text))
  assert.ok(isFields(found))
  return found
}

function checkTrade(detail: TradeDetail): void {
  assert.deepEqual('trade' in detail ? tradeProblems(detail.trade) : badProblems(detail), [])
}

function checkListing(found: Listing | BadItem): void {
  assert.deepEqual('kind' in found ? badProblems(found) : listingProblems(found), [])
}

function checkRefund(found: RefundDetail | Refund | BadItem): void {
  const refund = 'refund' in found ? found.refund : found
  assert.deepEqual(refund.kind === 'refund' ? refundProblems(refund) : badProblems(refund), [])
}

/** Cut or overwritten somewhere in the text itself. */
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
      { numRuns: 1200 },
    )
  })

  it('make a sound refund of TOP or a parked one', () => {
    fc.assert(
      fc.property(mutated(refunds), (tree) => checkRefund(parseRefund(tree, 'raw'))),
      { numRuns: 400 },
    )
  })

  it('make a sound order of POP or a parked one', () => {
    fc.assert(
      fc.property(mutated(orders), (tree) => checkTrade(parseOrder(tree, 'raw'))),
      { numRuns: 400 },
    )
  })

  it('make a sound refund of POP or a parked one', () => {
    const both = (tree: Fields) => [parseListed(tree), parseDetail(tree)].forEach(checkRefund)
    fc.assert(fc.property(mutated(refunds), both), { numRuns: 300 })
  })

  it('make sound listings or parked ones', () => {
    const both = (tree: Fields) => [...parseItem(tree, 'on_sale'), ...parseGoods(tree)].forEach(checkListing)
    fc.assert(fc.property(mutated([...items, ...goods]), both), { numRuns: 500 })
  })

  it('may be broken as text, too', () => {
    const both = (text: string) => {
      checkTrade(parsePushedTrade(text))
      checkRefund(parsePushedRefund(text))
    }
    fc.assert(fc.property(brokenText, both), { numRuns: 400 })
    fc.assert(fc.property(fc.string({ unit: 'binary' }), both), { numRuns: 100 })
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
