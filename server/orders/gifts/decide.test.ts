import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decide, type GiftOrder, type Rule, type Scarce, type Sold, sharesOf, type Terms } from './decide.ts'

const terms: Terms = {
  minFen: null,
  maxFen: null,
  minQuantity: null,
  maxQuantity: null,
  skuIds: [],
  itemIds: [],
  match: 'any',
  base: 'order',
  perFen: null,
  perQuantity: null,
  maxTimes: null,
}
const rule = (id: string, more: Partial<Rule> = {}): Rule => ({
  id,
  version: 1,
  name: `规则 ${id}`,
  enabled: true,
  time: 'paid',
  from: null,
  to: null,
  shops: [],
  terms,
  lacks: false,
  firstOrders: null,
  perBuyer: null,
  exclusive: false,
  whenOut: 'wait',
  gifts: [{ code: 'G', skuId: '100', quantity: 1, insteadId: null }],
  ...more,
})
const sold = (skuId: string | null, left: number, fen: number, itemId = ''): Sold => ({
  skuId,
  itemId,
  left,
  fen,
})
const at = (minute: number) => new Date(Date.UTC(2026, 10, 11, 0, minute))
const order = (id: string, more: Partial<GiftOrder> = {}): GiftOrder => ({
  id,
  shopId: '1',
  origin: 'trade',
  orderedAt: at(0),
  paidAt: at(Number(id)),
  cod: false,
  warehouseId: '7',
  sold: [sold('1', 2, 20000), sold('2', 1, 5000, 'i2')],
  gifts: [],
  had: new Map(),
  ...more,
})
const plenty: Scarce = {
  taken: new Map(),
  sameBuyer: new Map(),
  free: () => undefined,
  take: () => undefined,
}
/** A stock with this quantity of each gift. */
const shelf = (quantities: Record<string, number>): Pick<Scarce, 'free' | 'take'> => ({
  free: (_, skuId) => quantities[skuId] ?? 0,
  take: (_, skuId, quantity) => {
    quantities[skuId] = (quantities[skuId] ?? 0) - quantity
  },
})
const told = (orders: GiftOrder[], rules: Rule[], scarce: Partial<Scarce> = {}) =>
  decide(orders, rules, { ...plenty, ...scarce }).map(({ order: { id }, given, missed }) => [
    id,
    given
      .map((one) => `${one.rule.id} ${one.items.map(({ skuId, quantity }) => `${quantity}×${skuId}`)}`)
      .join('; '),
    missed.map(([{ id: missing }, miss]) => `${missing} ${miss}`).join('; '),
  ])

describe('what an order has to be', () => {
  const lines = [sold('1', 2, 20000), sold('2', 1, 5000, 'i2'), sold(null, 0, 0, 'gone')]
  const shares = (more: Partial<Terms>) => sharesOf({ ...terms, ...more }, lines)

  test('nothing asked: one share, of anything that is left', () => {
    assert.equal(shares({}), 1)
    assert.equal(shares({ maxTimes: 9 }), 1)
    assert.equal(sharesOf(terms, [sold('1', 0, 0)]), 'goods')
  })

  test('an amount from, and below; pieces from, and below', () => {
    assert.equal(shares({ minFen: 25000 }), 1)
    assert.equal(shares({ minFen: 25001 }), 'amount')
    assert.equal(shares({ maxFen: 25000 }), 'amount')
    assert.equal(shares({ maxFen: 25001 }), 1)
    assert.equal(shares({ minQuantity: 3, maxQuantity: 4 }), 1)
    assert.equal(shares({ minQuantity: 4 }), 'quantity')
    assert.equal(shares({ maxQuantity: 3 }), 'quantity')
  })

  test('one of the goods that are named, a listing among them, or all of them; what went back is none', () => {
    assert.equal(shares({ skuIds: ['1', '9'] }), 1)
    assert.equal(shares({ skuIds: ['9'], itemIds: ['i2'] }), 1)
    assert.equal(shares({ skuIds: ['1', '9'], match: 'all' }), 'goods')
    assert.equal(shares({ skuIds: ['1'], itemIds: ['i2'], match: 'all' }), 1)
    assert.equal(shares({ itemIds: ['gone'] }), 'goods')
  })

  test('amount and pieces of those goods only, where it is said', () => {
    assert.equal(shares({ skuIds: ['2'], minFen: 20000 }), 1)
    assert.equal(shares({ skuIds: ['2'], minFen: 20000, base: 'goods' }), 'amount')
    assert.equal(shares({ skuIds: ['1'], minQuantity: 3, base: 'goods' }), 'quantity')
    assert.equal(shares({ minFen: 20000, base: 'goods' }), 1, 'without goods named, all of them')
  })

  test('a share for each full amount, each so many pieces, the smaller of both, at most so many', () => {
    assert.equal(shares({ perFen: 10000 }), 2)
    assert.equal(shares({ perFen: 25001 }), 'times')
    assert.equal(shares({ perQuantity: 1 }), 3)
    assert.equal(shares({ perQuantity: 1, perFen: 10000 }), 2)
    assert.equal(shares({ perQuantity: 1, maxTimes: 2 }), 2)
  })
})

describe('which rule gives', () => {
  test('rules give one beside the other, by shop and by dates of the time that they mean', () => {
    const rules = [
      rule('1', { shops: ['2'] }),
      rule('2', { enabled: false }),
      rule('3', { from: at(0), to: at(5) }),
      rule('4', { from: at(0), to: at(5), time: 'ordered' }),
      rule('5', { lacks: true }),
      rule('6', { gifts: [{ code: '?', skuId: null, quantity: 1, insteadId: null }] }),
    ]
    assert.deepEqual(told([order('9')], rules), [
      ['9', '4 1×100', '1 shop; 2 off; 3 dates; 5 goods; 6 no_sku'],
    ])
  })

  test('who has not paid gets nothing; cash on delivery counts when it was ordered', () => {
    const rules = [rule('1', { from: at(0), to: at(1) })]
    assert.deepEqual(told([order('1', { paidAt: null }), order('2', { paidAt: null, cod: true })], rules), [
      ['1', '', '1 unpaid'],
      ['2', '1 1×100', ''],
    ])
  })

  test('an exclusive rule gives alone: not after another, and none after it', () => {
    const [a, b] = [rule('1'), rule('2', { exclusive: true })]
    assert.deepEqual(told([order('1')], [a, b]), [['1', '1 1×100', '2 excluded']])
    assert.deepEqual(told([order('1')], [b, a]), [['1', '2 1×100', '1 excluded']])
    const never = rule('3', { exclusive: true, terms: { ...terms, minFen: 99999999 } })
    assert.deepEqual(told([order('1')], [never, a]), [['1', '1 1×100', '3 amount']])
  })

  test('the first N are those who paid first; one that has its place keeps it', () => {
    const rules = [rule('1', { firstOrders: 2 })]
    const orders = [order('3'), order('2'), order('1')]
    assert.deepEqual(told(orders, rules), [
      ['1', '1 1×100', ''],
      ['2', '1 1×100', ''],
      ['3', '', '1 places'],
    ])
    const known = [order('1'), order('2', { had: new Map([['1', 0]]) })]
    assert.deepEqual(told(known, rules, { taken: new Map([['1', 2]]) }), [
      ['1', '', '1 places'],
      ['2', '1 1×100', ''],
    ])
  })

  test('a buyer gets it so many times, over this set and what was given before', () => {
    const rules = [rule('1', { perBuyer: 2 })]
    const same = (...rows: [string, string | null][]) =>
      rows.map(([orderId, ruleId]) => ({ orderId, ruleId }))
    const sameBuyer = new Map([
      ['1', same(['2', null], ['3', null], ['90', '1'])],
      ['2', same(['1', null], ['3', null], ['90', '1'])],
      ['3', same(['1', null], ['2', null], ['90', '1'])],
    ])
    assert.deepEqual(told([order('1'), order('2'), order('3'), order('4')], rules, { sameBuyer }), [
      ['1', '1 1×100', ''],
      ['2', '', '1 buyer'],
      ['3', '', '1 buyer'],
      ['4', '1 1×100', ''],
    ])
  })
})

describe('when the gift is not there', () => {
  const gifts = [{ code: 'G', skuId: '100', quantity: 2, insteadId: '101' }]

  test('it is left out, waited for, or another is given; what one takes is gone for the next', () => {
    const orders = [order('1'), order('2')]
    const out = (whenOut: Rule['whenOut'], stock: Record<string, number>) =>
      told(orders, [rule('1', { gifts, whenOut })], shelf(stock))
    assert.deepEqual(out('skip', { 100: 3 }), [
      ['1', '1 2×100', ''],
      ['2', '', '1 out'],
    ])
    assert.deepEqual(out('wait', {}), [
      ['1', '1 2×100', ''],
      ['2', '1 2×100', ''],
    ])
    assert.deepEqual(out('instead', { 100: 3, 101: 2 }), [
      ['1', '1 2×100', ''],
      ['2', '1 2×101', ''],
    ])
    assert.deepEqual(out('instead', { 100: 1, 101: 1 }), [
      ['1', '', '1 out'],
      ['2', '', '1 out'],
    ])
  })

  test('a rule that gives nothing takes no place and excludes no other', () => {
    const rules = [rule('1', { gifts, whenOut: 'skip', firstOrders: 1, exclusive: true }), rule('2')]
    assert.deepEqual(told([order('1')], rules, shelf({ 100: 1 })), [['1', '2 1×100', '1 out']])
  })

  test('what the order holds already is there, and an order without a warehouse does not ask', () => {
    const held = { lineNo: 3, skuId: '100', left: 2, ruleId: '1', offBy: null }
    const rules = [rule('1', { gifts, whenOut: 'skip' })]
    assert.deepEqual(
      told([order('1', { gifts: [held] }), order('2', { warehouseId: null })], rules, shelf({})),
      [
        ['1', '1 2×100', ''],
        ['2', '1 2×100', ''],
      ],
    )
  })

  test('what a person took off is not given again', () => {
    const off = { lineNo: 3, skuId: '100', left: 0, ruleId: '1', offBy: '林晓' }
    assert.deepEqual(told([order('1', { gifts: [off] })], [rule('1', { gifts })]), [['1', '', '1 by_hand']])
  })
})

test('one gift has at most ten thousand pieces, so that a line can count them', () => {
  const each = rule('1', {
    terms: { ...terms, perFen: 1 },
    gifts: [{ code: 'G', skuId: '100', quantity: 1000, insteadId: null }],
  })
  const [one] = decide([order('1')], [each], plenty)
  assert.deepEqual(
    one?.given.map(({ times, items }) => [times, items]),
    [[10, [{ skuId: '100', quantity: 10_000 }]]],
  )
})
