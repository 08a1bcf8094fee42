import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type PlanRule, plainRule, planWaves, type Unit } from './plan-rules.ts'

const now = new Date('2026-11-28T12:00:00+08:00')
const rule = (name: string, more: Partial<PlanRule> = {}): PlanRule => ({
  ...{ ...plainRule, id: name, name, sorting: 'none' },
  ...more,
})
let made = 0
const unit = (more: Partial<Unit> = {}): Unit => {
  made += 1
  const id = String(made)
  return {
    ...{ deliveries: [{ id, orderId: id, shopId: '1' }], courier: 'YTO', province: '浙江', oneSku: '1' },
    ...{ pieces: 1, shipBy: null, parts: 1, last: made },
    ...more,
  }
}
const units = (count: number, more: Partial<Unit> = {}) => Array.from({ length: count }, () => unit(more))
const sizes = (plan: ReturnType<typeof planWaves>) =>
  plan.waves.map((wave) => `${wave.rule.name} ${wave.units.length}`)

describe('planning waves', () => {
  test('one SKU with enough orders is a wave of its own; the others go on to the rules below', () => {
    const all = [...units(25), ...units(5, { oneSku: '2' }), ...units(3, { oneSku: null, pieces: 4 })]
    const rules = [
      rule('same', { goods: 'same', ordersFrom: 20 }),
      rule('single', { goods: 'single' }),
      rule('many', { goods: 'many', ordersFrom: 4 }),
    ]
    const plan = planWaves(all, rules, now)
    assert.deepEqual(sizes(plan), ['same 25', 'single 5'])
    assert.deepEqual(
      [...plan.waiting],
      [
        ['same', 25],
        ['single', 5],
        ['many', 3],
      ],
    )
    assert.equal(plan.unmatched, 0)
  })

  test('the same SKU in another quantity is another wave', () => {
    const plan = planWaves([...units(2), ...units(2, { pieces: 2 })], [rule('same', { goods: 'same' })], now)
    assert.deepEqual(sizes(plan), ['same 2', 'same 2'])
  })

  test('a wave has at most so many orders, and its last one at least so many', () => {
    const sized = (count: number) =>
      sizes(planWaves(units(count), [rule('r', { ordersFrom: 3, ordersTo: 10 })], now))
    assert.deepEqual(sized(23), ['r 10', 'r 10', 'r 3'])
    assert.deepEqual(sized(22), ['r 10', 'r 10'])
    assert.deepEqual(sized(2), [])
  })

  test('couriers, provinces, pieces and deadlines choose; couriers and provinces part', () => {
    const all = [
      unit({ courier: 'SF', province: '广东' }),
      unit({ courier: 'YTO', province: '广东' }),
      unit({ courier: 'YTO', province: '浙江', shipBy: new Date('2026-11-28T13:00:00+08:00') }),
      unit({ courier: 'YTO', province: '浙江', pieces: 30 }),
    ]
    const names = (more: Partial<PlanRule>) => sizes(planWaves(all, [rule('r', more)], now))
    assert.deepEqual(names({ couriers: ['SF'] }), ['r 1'])
    assert.deepEqual(names({ provinces: ['浙江'] }), ['r 2'])
    assert.deepEqual(names({ piecesTo: 12 }), ['r 3'])
    assert.deepEqual(names({ hoursLeft: 2 }), ['r 1'])
    assert.deepEqual(names({ byCourier: true }), ['r 1', 'r 3'])
    assert.deepEqual(names({ byProvince: true, byCourier: true }), ['r 1', 'r 1', 'r 2'])
    assert.equal(planWaves(all, [rule('r', { byCourier: true })], now).waves[0]?.courier, 'SF')
    assert.equal(planWaves(all, [rule('r')], now).waves[0]?.courier, '')
  })

  test('a rule that is off makes nothing, and says how many it would take', () => {
    const plan = planWaves(units(4), [rule('off', { enabled: false })], now)
    assert.deepEqual([sizes(plan), [...plan.waiting]], [[], [['off', 4]]])
    assert.equal(planWaves(units(4), [], now).unmatched, 4)
  })

  const dueIn = (hours: number) => new Date(now.getTime() + hours * 3_600_000)
  const places = (plan: ReturnType<typeof planWaves>) =>
    plan.waves.map((wave) => wave.units.map(({ last }) => last))

  test('parcels near each other go together, and the most urgent one gets the first basket', () => {
    const at = (last: number, hours?: number) =>
      unit({ last, shipBy: hours === undefined ? null : dueIn(hours) })
    const all = [at(90), at(10), at(80, 1), at(20), at(30)]
    // The wave that is not full is the one with the shortest way.
    assert.deepEqual(places(planWaves(all, [rule('r', { ordersTo: 2 })], now)), [[80, 90], [30, 20], [10]])
  })

  test('parcels that go to the same parts of the route are in one wave, also if their last bins are apart', () => {
    const at = (last: number, parts: number) => unit({ last, parts })
    const all = [at(95, 0b1000000001), at(94, 0b1000010000), at(93, 0b1000000001), at(91, 0b1000010000)]
    assert.deepEqual(places(planWaves(all, [rule('r', { ordersTo: 2 })], now)), [
      [94, 91],
      [95, 93],
    ])
  })

  test('of parcels that are too few for a last wave the least urgent wait', () => {
    const all = [unit({ last: 5, shipBy: dueIn(9) }), unit({ last: 7 }), unit({ last: 9, shipBy: dueIn(1) })]
    const plan = planWaves(all, [rule('r', { ordersFrom: 2, ordersTo: 2 })], now)
    assert.deepEqual(places(plan), [[9, 5]])
    assert.deepEqual([...plan.waiting], [['r', 3]])
  })
})
