import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { waybillSources } from '../../carriers/index.ts'
import {
  type ForParcel,
  faultOf,
  missOf,
  ownOrders,
  type RuleAccount,
  type WaybillRule,
} from './account-rules.ts'
import { chooseAccount, decideAccount } from './choose-account.ts'

const account = (id: string, courier: string, more: Partial<RuleAccount> = {}): RuleAccount => ({
  ...{ id, courier, warehouseId: null, enabled: true, platforms: ['taobao', ownOrders], onlyShopId: null },
  ...more,
})
const accounts = new Map(
  [
    account('1', 'YTO'),
    account('2', 'SF'),
    account('3', 'ZTO', { platforms: ['pinduoduo', ownOrders] }),
    account('4', 'YTO', { warehouseId: '7' }),
    account('5', 'YTO', { enabled: false }),
    account('6', 'YTO', { platforms: [ownOrders] }),
    account('7', 'YTO', { platforms: ['P'], onlyShopId: '1' }),
    account('8', 'YTO', { platforms: ['P'], onlyShopId: '2' }),
  ].map((one) => [one.id, one]),
)
const rule = (accountId: string, more: Partial<WaybillRule> = {}): WaybillRule => ({
  ...{ platform: '', courier: '', warehouseId: null, accountId, enabled: true },
  ...more,
})
const faults = (...rules: WaybillRule[]) => rules.map((_, at) => faultOf(rules, at, accounts)?.fault ?? '')

describe('rules that could never decide', () => {
  test('a masked receiver needs its own platform’s account; one in plain text can have any', () => {
    assert.deepEqual(faults(rule('1', { platform: 'pinduoduo' })), ['source'])
    assert.deepEqual(faults(rule('3', { platform: 'taobao' })), ['source'])
    assert.deepEqual(faults(rule('3', { platform: ownOrders }), rule('1', { platform: 'taobao' })), ['', ''])
  })

  test('a source for plain text alone serves own orders, and no platform', () => {
    assert.deepEqual(
      faults(rule('6', { platform: 'taobao' }), rule('6', { platform: ownOrders }), rule('1')),
      ['source', '', ''],
    )
  })

  test('the account is of the rule’s courier and warehouse, is there and in use', () => {
    assert.deepEqual(faults(rule('1', { courier: 'SF' }), rule('2', { courier: 'SF' })), ['courier', ''])
    assert.deepEqual(faults(rule('4', { warehouseId: '8' }), rule('4', { warehouseId: '7' })), [
      'warehouse',
      '',
    ])
    assert.deepEqual(faults(rule('9'), rule('5'), rule('5', { enabled: false })), [
      'no_account',
      'retired',
      '',
    ])
  })

  test('a rule that is off may wait for its account, but one that can never fit is refused anyway', () => {
    assert.deepEqual(faults(rule('1', { platform: 'pinduoduo', enabled: false })), ['source'])
  })

  test('a rule below one that takes everything of it is refused, and says which', () => {
    const all = rule('1')
    assert.deepEqual(faults(all, rule('1', { platform: 'taobao' })), ['', 'hidden'])
    assert.deepEqual(faults(all, rule('4', { courier: 'YTO' })), ['', 'hidden'])
    assert.equal(
      faultOf([rule('2'), all, rule('4')], 2, accounts)?.message.zh,
      '轮不到它：第 2 条在上面，全收了',
    )
    assert.deepEqual(faults({ ...all, enabled: false }, all, { ...all, enabled: false }), ['', '', ''])
  })

  test('a rule below one that leaves something to it stays', () => {
    assert.deepEqual(faults(rule('4'), rule('1')), ['', ''])
    assert.deepEqual(faults(rule('1', { courier: 'YTO' }), rule('1')), ['', ''])
    assert.deepEqual(faults(rule('1'), rule('2')), ['', ''])
    assert.deepEqual(faults(rule('1'), rule('3')), ['', ''])
    assert.deepEqual(faults(rule('1', { platform: 'taobao' }), rule('1', { platform: ownOrders })), ['', ''])
    assert.deepEqual(faults(rule('7'), rule('8'), rule('7')), ['', '', 'hidden'], 'accounts of two shops')
  })
})

describe('what a rule takes', () => {
  const parcel = (more: Partial<ForParcel> = {}): ForParcel => ({
    ...{
      platform: 'taobao',
      shopId: '1',
      courier: '',
      warehouseId: '7',
      designated: [],
      toDoor: false,
      insuredFen: null,
      packages: 1,
    },
    ...more,
  })
  const miss = (of: WaybillRule, more: Partial<ForParcel> = {}) =>
    missOf(of, accounts.get(of.accountId), parcel(more)) ?? ''

  test('a rule for any courier takes orders that ask for its account’s courier or for none', () => {
    assert.deepEqual(
      ['', 'YTO', 'SF'].map((courier) => miss(rule('1'), { courier })),
      ['', '', 'courier'],
    )
  })

  test('a rule for a courier takes only orders that ask for it', () => {
    assert.deepEqual(
      ['', 'YTO', 'SF'].map((courier) => miss(rule('1', { courier: 'YTO' }), { courier })),
      ['courier', '', 'courier'],
    )
  })

  test('platform, warehouse and state are said in the order in which they are tested', () => {
    assert.equal(miss(rule('1', { enabled: false })), 'off')
    assert.equal(miss(rule('5')), 'retired')
    assert.equal(miss(rule('9')), 'retired')
    assert.equal(miss(rule('1', { platform: ownOrders })), 'platform')
    assert.equal(miss(rule('1', { platform: ownOrders }), { platform: '' }), '')
    assert.equal(miss(rule('1', { warehouseId: '8' })), 'warehouse')
    assert.equal(miss(rule('4'), { warehouseId: '8' }), 'warehouse')
    assert.equal(miss(rule('4'), { warehouseId: null }), 'warehouse')
    assert.equal(miss(rule('3')), 'source')
    assert.equal(miss(rule('3'), { platform: '' }), '')
  })

  test('an account whose source finds the orders of its own shop only takes those of no other shop', () => {
    assert.deepEqual(
      ['1', '2'].map((shopId) => miss(rule('7'), { platform: 'P', shopId })),
      ['', 'shop'],
    )
  })
})

test('without a rule, too, such an account gives numbers for its own shop only, and others serve the platform', () => {
  const facts = {
    ...{ id: '1', shopId: '1', courier: 'SF', branchName: '', warehouseId: null },
    ...{ services: [], insureFromFen: null, insureMostFen: null },
  }
  const parcel = {
    ...{ courier: '', warehouseId: '3', designated: [] },
    ...{ toDoor: false, insuredFen: null, packages: 1 },
  }
  const masked = waybillSources.filter(({ platforms }) => platforms.length > 0)
  assert.deepEqual([...new Set(masked.map((one) => one.platformOrdersOnly))].length, 2)
  for (const { id: source, platforms, platformOrdersOnly } of masked) {
    const of = (shopId: string) => {
      const asked = { ...parcel, shopId, platform: platforms[0] ?? '' }
      const chosen = chooseAccount([{ ...facts, source }], asked)
      const rules = [{ platform: '', courier: '', warehouseId: null, accountId: '1', enabled: true }]
      const { passed } = decideAccount({ accounts: [{ ...facts, source }], rules }, asked)
      return ['code' in chosen ? chosen.code : chosen.id, ...passed.map(({ miss }) => miss)]
    }
    assert.deepEqual(
      [of('1'), of('2')],
      platformOrdersOnly ? [['1'], ['no_waybill_account', 'shop']] : [['1'], ['1']],
      source,
    )
  }
})

test('several packages name the courier that has no sub-waybills, or the source where none of its couriers has', () => {
  const facts = {
    ...{ id: '1', shopId: '1', branchName: '', warehouseId: null },
    ...{ services: [], insureFromFen: null, insureMostFen: null },
  }
  const parcel = {
    ...{ shopId: '1', courier: 'SF', warehouseId: '3', designated: [] },
    ...{ toDoor: false, insuredFen: null, packages: 2 },
  }
  const answer = (givesPackages: boolean, courier: string) => {
    const source = waybillSources.find(
      (one) => one.givesPackages === givesPackages && one.platforms.length > 0,
    )
    assert.ok(source)
    const account = { ...facts, source: source.id, courier }
    const chosen = chooseAccount([account], { ...parcel, courier, platform: source.platforms[0] ?? '' })
    return 'code' in chosen ? chosen.message?.zh.replace(source.name.zh, 'SOURCE') : chosen.courier
  }
  assert.deepEqual(
    [answer(false, 'SF'), answer(true, 'YTO'), answer(true, 'SF')],
    [
      'SOURCE没有子母件，一单只有一个包裹的号。按包裹拆单',
      '圆通速递没有子母件，一单只有一个包裹的号。换快递，或按包裹拆单',
      'SF',
    ],
  )
})
