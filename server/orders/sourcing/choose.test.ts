import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Miss } from './choice-lifecycle.ts'
import {
  type Conditions,
  type CourierRule,
  compileSourcingRules,
  type FreeStock,
  nothingToSource,
  reaches,
  type SourcingOrder,
  type SourcingResult,
  type SourcingRules,
  sourceOrders,
  sourcingDetailOf,
  type WarehouseRule,
} from './choose.ts'

const now = new Date('2026-11-24T12:00:00+08:00')
const at = (minute: number) => new Date(now.getTime() + minute * 60_000)

const asksNothing: Conditions = {
  name: '规则',
  enabled: true,
  from: null,
  to: null,
  shops: [],
  regions: [],
  words: [],
  notWords: [],
  minWeightG: null,
  maxWeightG: null,
  minFen: null,
  maxFen: null,
  cod: null,
  skus: [],
  categories: [],
}
const toWarehouse = (rule: Partial<WarehouseRule>): WarehouseRule => ({
  ...asksNothing,
  warehouses: ['1'],
  policy: 'whole_first',
  ...rule,
})
const byCourier = (rule: Partial<CourierRule>): CourierRule => ({
  ...asksNothing,
  warehouses: [],
  courier: 'YTO',
  ...rule,
})
const anOrder = (order: Partial<SourcingOrder> = {}): SourcingOrder => ({
  key: 'a',
  shopId: '7',
  region: '浙江 杭州 西湖区',
  buyerMessage: '',
  sellerMemo: '',
  cod: false,
  paymentFen: 10_000,
  weightG: 1500,
  skus: ['S1'],
  categories: ['床品'],
  parts: [{ skuId: '11', quantity: 2 }],
  asks: true,
  at: now,
  held: [],
  hand: { warehouseId: null, courier: null },
  designated: [],
  ...order,
})
const aHouse = (stored: Partial<Parameters<typeof compileSourcingRules>[0]> = {}): SourcingRules =>
  compileSourcingRules(
    {
      warehouses: [
        { id: '1', name: '杭州仓' },
        { id: '2', name: '广州仓' },
      ],
      warehouseRules: [],
      courierRules: [],
      reach: {},
      ...stored,
    },
    now,
  )
const shelf = (pieces: Record<string, Record<string, number>>): FreeStock =>
  new Map(Object.entries(pieces).map(([id, skus]) => [id, new Map(Object.entries(skus))]))
const full = shelf({ 1: { 11: 100, 12: 100 }, 2: { 11: 100, 12: 100 } })

function chosen(order: Partial<SourcingOrder>, house: SourcingRules, stock = full): SourcingResult {
  const choice = sourceOrders([anOrder(order)], house, stock).get('a')
  assert.ok(choice)
  return choice
}

const misses: readonly [Partial<Conditions>, Partial<SourcingOrder>, Miss | undefined][] = [
  [{}, {}, undefined],
  [{ enabled: false }, {}, 'off'],
  [{ from: '2026-11-24T12:00:00+08:00' }, {}, undefined],
  [{ from: '2026-11-24T12:00:01+08:00' }, {}, 'dates'],
  [{ to: '2026-11-24T12:00:00+08:00' }, {}, 'dates'],
  [{ shops: ['7'] }, {}, undefined],
  [{ shops: ['8'] }, {}, 'shop'],
  [{ regions: ['江苏省', '浙江省'] }, {}, undefined],
  [{ regions: ['浙江 杭州市'] }, {}, undefined],
  [{ regions: ['杭州 西湖区'] }, {}, undefined],
  [{ regions: ['西湖区'] }, {}, undefined],
  [{ regions: ['浙江 西湖区'] }, {}, 'region'],
  [{ regions: ['浙江 宁波'] }, {}, 'region'],
  [{ regions: ['浙江'] }, { region: '' }, 'region'],
  [{ regions: ['新疆维吾尔自治区'] }, { region: '新疆 乌鲁木齐' }, undefined],
  [{ words: ['顺丰', 'sf'] }, { buyerMessage: '请发SF' }, undefined],
  [{ words: ['顺丰'] }, { sellerMemo: '发顺丰' }, undefined],
  [{ words: ['顺丰'] }, { buyerMessage: '尽快' }, 'words'],
  [{ words: ['顺丰'], notWords: ['不要顺丰'] }, { buyerMessage: '不要顺丰' }, 'not_words'],
  [{ minWeightG: 1500, maxWeightG: 1501 }, {}, undefined],
  [{ minWeightG: 1501 }, {}, 'weight'],
  [{ maxWeightG: 1500 }, {}, 'weight'],
  [{ maxWeightG: 1500 }, { weightG: null }, 'weight_unknown'],
  [{ minFen: 10_000 }, {}, undefined],
  [{ minFen: 10_001 }, {}, 'amount'],
  [{ maxFen: 10_000 }, {}, 'amount'],
  [{ cod: true }, {}, 'cod'],
  [{ cod: false }, {}, undefined],
  [{ skus: ['S2'], categories: ['床品'] }, {}, undefined],
  [{ skus: ['S2'] }, {}, 'goods'],
]

test('asks each condition of warehouse and courier rules, and names the first that does not hold', () => {
  for (const [rule, order, miss] of misses) {
    const asked = JSON.stringify([rule, order])
    const house = aHouse({
      warehouseRules: [toWarehouse({ ...rule, warehouses: ['2'] })],
      courierRules: [byCourier(rule)],
    })
    const choice = chosen(order, house)
    assert.deepEqual(choice.warehousePassed, miss ? [['规则', miss]] : [], asked)
    assert.deepEqual(choice.courierPassed, miss ? [['规则', miss]] : [], asked)
    assert.deepEqual(
      [choice.warehouseId, choice.warehouseRule, choice.courier, choice.courierRule],
      miss ? ['1', '', '', ''] : ['2', '规则', 'YTO', '规则'],
      asked,
    )
  }
})

test('sends a whole order from the first warehouse that has all of it, else as the rule says', () => {
  const parts = [
    { skuId: '11', quantity: 2 },
    { skuId: '12', quantity: 1 },
  ]
  const onlySecond = shelf({ 1: { 11: 100 }, 2: { 11: 2, 12: 1 } })
  const none = shelf({ 1: { 11: 100 }, 2: { 12: 100 } })
  const pick = (policy: WarehouseRule['policy'], stock: FreeStock) => {
    const rules = [
      toWarehouse({ name: '甲', warehouses: ['1', '2'], policy }),
      toWarehouse({ name: '乙', warehouses: ['2'], policy: 'first' }),
    ]
    const { warehouseId, how, warehouseRule, warehousePassed } = chosen(
      { parts },
      aHouse({ warehouseRules: rules }),
      stock,
    )
    return [warehouseId, how, warehouseRule, warehousePassed]
  }
  assert.deepEqual(pick('whole_first', onlySecond), ['2', 'whole', '甲', []])
  assert.deepEqual(pick('whole_first', none), ['1', 'short', '甲', []])
  assert.deepEqual(pick('whole_only', none), ['2', 'first', '乙', [['甲', 'stock']]])
  assert.deepEqual(pick('first', onlySecond), ['1', 'first', '甲', []])
  const byDefault = chosen({ parts }, aHouse(), onlySecond)
  assert.deepEqual([byDefault.warehouseId, byDefault.how, byDefault.warehouseRule], ['2', 'whole', ''])
})

test('passes a retired warehouse, and a rule that has no other', () => {
  const rules = [
    toWarehouse({ name: '甲', warehouses: ['9'] }),
    toWarehouse({ name: '乙', warehouses: ['9', '2'] }),
  ]
  const { warehouseId, warehouseRule, warehousePassed } = chosen({}, aHouse({ warehouseRules: rules }))
  assert.deepEqual([warehouseId, warehouseRule, warehousePassed], ['2', '乙', [['甲', 'retired']]])
  const nowhere = chosen({}, aHouse({ warehouses: [], warehouseRules: rules }))
  assert.deepEqual([nowhere.warehouseId, nowhere.how], [null, 'none'])
})

test('takes the next courier where one does not go, and only rules of the order’s warehouse', () => {
  const house = aHouse({
    courierRules: [
      byCourier({ name: '圆通', courier: 'YTO' }),
      byCourier({ name: '广州中通', courier: 'ZTO', warehouses: ['2'] }),
      byCourier({ name: '顺丰', courier: 'SF' }),
    ],
    reach: { YTO: ['浙江 杭州 西湖区', '西藏'], SF: ['西藏'] },
  })
  const near = chosen({}, house)
  assert.deepEqual(
    [near.courier, near.courierPassed],
    [
      'SF',
      [
        ['圆通', 'reach'],
        ['广州中通', 'warehouse'],
      ],
    ],
  )
  assert.equal(chosen({ region: '浙江 杭州 滨江区' }, house).courier, 'YTO')
  const tibet = chosen({ region: '西藏 拉萨' }, house)
  assert.deepEqual([tibet.courier, tibet.courierPassed.length], ['', 3])
})

test('who paid first chooses first, and what it takes is gone for those behind it', () => {
  const house = aHouse({ warehouseRules: [toWarehouse({ warehouses: ['1', '2'] })] })
  const stock = shelf({ 1: { 11: 3 }, 2: { 11: 100 } })
  const late = anOrder({ key: 'late', at: at(2) })
  const early = anOrder({ key: 'early', at: at(1) })
  const unpaid = anOrder({ key: 'unpaid', at: at(0), asks: false })
  const choices = sourceOrders([late, early, unpaid], house, stock)
  const where = (key: string) => choices.get(key)?.warehouseId
  assert.deepEqual([where('unpaid'), where('early'), where('late')], ['1', '1', '2'])
  assert.equal(stock.get('1')?.get('11'), 3)
})

test('a designated courier is chosen before the rules, among several a rule chooses, and a person over both', () => {
  const house = aHouse({
    courierRules: [byCourier({ name: '圆通' }), byCourier({ name: '中通', courier: 'ZTO' })],
  })
  const courier = (order: Partial<SourcingOrder>) => {
    const { courier: chosenOne, courierRule, courierPassed } = chosen(order, house)
    return [chosenOne, courierRule, courierPassed]
  }
  const passed = ['圆通', 'designated']
  assert.deepEqual(courier({ designated: ['SF'] }), ['SF', '', [passed, ['中通', 'designated']]])
  assert.deepEqual(courier({ designated: ['ZTO', 'SF'] }), ['ZTO', '中通', [passed]])
  assert.equal(courier({ designated: ['SF', 'STO'] })[0], '')
  const hand = { warehouseId: null, courier: 'EMS' }
  assert.equal(courier({ designated: ['SF'], hand })[0], 'EMS')
})

test('an order keeps what it holds, and what a person chose stays', () => {
  const house = aHouse({
    warehouseRules: [toWarehouse({ warehouses: ['1', '2'] })],
    courierRules: [byCourier({})],
  })
  const stock = shelf({ 1: { 11: 0 }, 2: { 11: 100 } })
  const held = [{ warehouseId: '1', skuId: '11', quantity: 2 }]
  assert.deepEqual(chosen({ held }, house, stock).warehouseId, '1')
  const byHand = chosen({ hand: { warehouseId: '1', courier: 'EMS' } }, house, stock)
  assert.deepEqual([byHand.warehouseId, byHand.how, byHand.courier], ['1', 'hand', 'EMS'])
  const retired = chosen({ hand: { warehouseId: '9', courier: null } }, house, stock)
  assert.deepEqual([retired.warehouseId, retired.how], ['2', 'whole'])
})

test('a story names the last rules that were passed, not those of other shops, of other days, or off', () => {
  const rules = [
    toWarehouse({ name: '别店', shops: ['8'] }),
    toWarehouse({ name: '停用', enabled: false }),
    ...Array.from({ length: 20 }, (_, n) => toWarehouse({ name: `西部 ${n}`, regions: ['四川'] })),
  ]
  const house = aHouse({ warehouseRules: rules })
  const { passed, warehouse } = sourcingDetailOf(chosen({}, house), house)
  assert.equal(warehouse, '杭州仓')
  assert.deepEqual(passed[0], ['西部 12', 'region'])
  assert.equal(passed.length, 8)
})

test('there is nothing to choose with one warehouse and no rule', () => {
  assert.equal(nothingToSource(aHouse()), false)
  assert.equal(nothingToSource(aHouse({ warehouses: [{ id: '1', name: '杭州仓' }] })), true)
})

const text = fc.constantFrom('', '浙江', '浙江 杭州', '西藏 拉萨', '广东 深圳 南山区')
const someRegions = fc.array(fc.constantFrom('浙江', '杭州', '西藏', '广东 深圳'), { maxLength: 2 })
const ids = fc.uniqueArray(fc.constantFrom('1', '2', '3', '9'), { minLength: 1, maxLength: 4 })
const conditions = fc.record({
  enabled: fc.boolean(),
  regions: someRegions,
  maxWeightG: fc.constantFrom(null, 1000, 2000),
  words: fc.constantFrom<string[]>([], ['顺丰']),
})
const anyHouse = fc
  .record({
    warehouses: fc.subarray(['1', '2', '3']),
    warehouseRules: fc.array(
      fc.tuple(
        conditions,
        ids,
        fc.constantFrom('whole_first' as const, 'whole_only' as const, 'first' as const),
      ),
      { maxLength: 4 },
    ),
    courierRules: fc.array(fc.tuple(conditions, fc.constantFrom('SF', 'YTO', 'ZTO')), { maxLength: 4 }),
    reach: fc.dictionary(fc.constantFrom('SF', 'YTO', 'ZTO'), someRegions),
  })
  .map(({ warehouses, warehouseRules, courierRules, reach }) =>
    aHouse({
      warehouses: warehouses.map((id) => ({ id, name: id })),
      warehouseRules: warehouseRules.map(([rule, list, policy]) =>
        toWarehouse({ ...rule, warehouses: list, policy }),
      ),
      courierRules: courierRules.map(([rule, courier]) => byCourier({ ...rule, courier })),
      reach,
    }),
  )
const anyOrders = fc
  .array(
    fc.record({
      region: text,
      buyerMessage: fc.constantFrom('', '发顺丰'),
      weightG: fc.constantFrom(null, 500, 1500),
      parts: fc.uniqueArray(
        fc.record({ skuId: fc.constantFrom('11', '12'), quantity: fc.integer({ min: 1, max: 5 }) }),
        {
          selector: ({ skuId }) => skuId,
        },
      ),
      at: fc.integer({ min: 0, max: 3 }).map(at),
    }),
    { maxLength: 8 },
  )
  .map((orders) => orders.map((order, index) => anOrder({ ...order, key: String(index) })))
const anyShelf = fc.dictionary(
  fc.constantFrom('1', '2', '3', '9'),
  fc.dictionary(fc.constantFrom('11', '12'), fc.integer({ min: 0, max: 6 })),
)

test('whatever the rules: the same in any order of the set, only warehouses in use, only couriers that go there', () => {
  let asked = 0
  fc.assert(
    fc.property(anyHouse, anyOrders, anyShelf, (house, orders, pieces) => {
      const choices = sourceOrders(orders, house, shelf(pieces))
      assert.deepEqual(choices, sourceOrders(orders.toReversed(), house, shelf(pieces)))
      assert.equal(choices.size, orders.length)
      const inUse = new Set(house.warehouses.map(({ id }) => id))
      for (const order of orders) {
        const choice = choices.get(order.key)
        assert.ok(choice)
        assert.equal(choice.warehouseId === null, inUse.size === 0)
        if (choice.warehouseId !== null) assert.ok(inUse.has(choice.warehouseId))
        if (choice.courier !== '') assert.ok(reaches(house.reach, choice.courier, order.region))
        asked += 1
      }
    }),
    { numRuns: 300 },
  )
  assert.ok(asked > 300)
})
