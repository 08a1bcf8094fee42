import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '../../errors.ts'
import type { CheckFacts } from './check-facts.ts'
import { type CheckName, checkNames, checks, reasonWords } from './checks.ts'
import { parseChecks, ruleInForce, usualChecks } from './confirm-settings.ts'

const now = new Date('2026-11-24T12:00:00+08:00')
const before = (minutes: number) => new Date(now.getTime() - minutes * 60_000)

/** Facts of an order that passes every check. */
const fine: CheckFacts = {
  id: '1',
  no: 'SO1',
  shopId: '1',
  paidAt: before(60),
  orderedAt: before(70),
  cod: false,
  presale: false,
  invoice: false,
  oversold: false,
  buyerMessage: '',
  sellerMemo: '',
  flag: 0,
  courier: 'SF',
  hasWarehouse: true,
  outOfReach: false,
  paymentFen: 10_000,
  quantity: 3,
  lineCount: 2,
  differences: 0,
  holdReasons: [],
  region: '浙江 杭州 西湖区',
  receiverMasked: '王** 138****1234',
  lowestPercent: 80,
  belowReference: [],
  similar: [],
  mates: [],
  unpaidMates: [],
  otherAddresses: [],
  buyersThere: 3,
  titles: ['四件套'],
  short: false,
  lockedName: '',
  blacklisted: [],
  takenBack: false,
}

type Row = [name: CheckName, order: Partial<CheckFacts>, params: Record<string, unknown>, zh: string]

const rows: readonly Row[] = [
  ['locked', { lockedName: '陈晨' }, {}, '陈晨 锁定中'],
  ['not_paid', { paidAt: null }, {}, '未付款'],
  ['on_hold', { holdReasons: ['ask_buyer', 'refund_open'] }, {}, '挂起：待联系买家'],
  ['refund_open', { holdReasons: ['refund_open'] }, {}, '退款申请中'],
  ['difference', { differences: 1 }, {}, '平台有改动未处理'],
  ['buyer_message', { buyerMessage: '要开发票' }, {}, '有买家留言'],
  ['seller_memo', { sellerMemo: '老客' }, {}, '有卖家备注'],
  ['invoice', { invoice: true }, {}, '需开发票'],
  ['words', { sellerMemo: '走顺丰，开发票' }, { words: '发票 顺丰，加急' }, '含「发票、顺丰」'],
  ['flag', { flag: 1 }, {}, '红旗'],
  ['amount_above', { paymentFen: 10_001 }, { yuan: 100 }, '金额 ¥100.01 高于 ¥100.00'],
  ['amount_below', { paymentFen: 99 }, { yuan: 1 }, '金额 ¥0.99 低于 ¥1.00'],
  ['quantity_above', { quantity: 51 }, {}, '51 件，多于 50 件'],
  ['lines_above', { lineCount: 11 }, {}, '11 种商品，多于 10'],
  ['duplicate', { similar: ['SO7', 'SO9'] }, {}, '疑似重复：SO7、SO9'],
  ['mergeable', { mates: ['SO7', 'SO9'] }, {}, '可与 SO7、SO9 合单：先合单，要分开发就放行'],
  ['mergeable', { unpaidMates: ['SO8'] }, { unpaid: true }, '同一收件人的 SO8 未付款，等它'],
  ['mergeable', { paidAt: before(9) }, { minutes: 10 }, '付款未满 10 分钟，等买家再下单'],
  ['short', { short: true }, {}, '缺货'],
  ['oversold', { oversold: true }, {}, '平台超卖'],
  ['goods_words', { titles: ['四件套', '补差价专用'] }, {}, '商品含「补差、差价」'],
  ['address_unknown', { region: '浙西 杭州' }, {}, '地区不对：没有「浙西」这个省'],
  ['many_addresses', { otherAddresses: ['SO7'] }, {}, '这位买家的 SO7 寄往别的地址，核对后放行'],
  ['many_buyers', { buyersThere: 4 }, {}, '4 个买家的单寄往这个地址，多于 3 个'],
  ['address_incomplete', { region: '浙江' }, {}, '地址不全：缺地区'],
  ['address_incomplete', { receiverMasked: '王**' }, {}, '地址不全：缺姓名或电话'],
  ['region_words', { region: '新疆 乌鲁木齐' }, {}, '地区：新疆'],
  ['blacklist', { blacklisted: ['拒收', '恶意退款'] }, {}, '黑名单：拒收、恶意退款'],
  ['presale', { presale: true }, {}, '预售'],
  ['cod', { cod: true }, {}, '货到付款'],
  ['price_percent', { lowestPercent: 29 }, {}, '售价为标价的 29%，低于 30%'],
  ['below_reference', { belowReference: [1, 3] }, {}, '第 1、3 行低于参考价'],
  ['no_courier', { courier: '' }, {}, '没有选快递'],
  ['out_of_reach', { outOfReach: true }, {}, '顺丰速运不到这个地区'],
  ['out_of_reach', { outOfReach: true, courier: '' }, {}, '规则里的快递都不到'],
  ['no_warehouse', { hasWarehouse: false }, {}, '没有仓库'],
  ['taken_back', { takenBack: true }, {}, '人工反确认或恢复过'],
  ['dates', {}, { from: '2026-11-25' }, '付款日期 2026-11-24'],
  ['dates', {}, { from: '', to: '2026-11-23' }, '付款日期 2026-11-24'],
  ['delay', { paidAt: before(14) }, {}, '付款未满 15 分钟'],
]

const paramsOf = (name: CheckName, given: Record<string, unknown>) =>
  checks[name].always ? {} : parseChecks({ [name]: { on: true, ...given } })[name]

test('each check finds what it is for, and says it', () => {
  for (const [name, order, given, zh] of rows) {
    const detail = checks[name].find({ ...fine, ...order }, paramsOf(name, given), now)
    assert.equal(detail && reasonWords(name, detail).zh, zh, name)
  }
  assert.deepEqual([...new Set(rows.map(([name]) => name))].sort(), [...checkNames].sort())
})

test('no check finds anything in an ordinary order, at its very limits neither', () => {
  const limits: Partial<CheckFacts> = {
    paymentFen: 100_000,
    quantity: 50,
    lineCount: 10,
    lowestPercent: 30,
    paidAt: before(15),
  }
  const unasked: CheckFacts = { ...fine, unpaidMates: ['SO8'] }
  for (const order of [fine, unasked, { ...fine, ...limits }, { ...fine, flag: 5, lowestPercent: null }]) {
    const found = checkNames.filter((name) => checks[name].find(order, paramsOf(name, {}), now))
    assert.deepEqual(found, [])
  }
  const cod = { ...fine, paidAt: null, cod: true }
  assert.equal(checks.not_paid.find(cod, {}, now), null)
})

test('a changed text is another detail, and no text stands in a detail', () => {
  const detailOf = (buyerMessage: string) => checks.buyer_message.find({ ...fine, buyerMessage }, {}, now)
  assert.notDeepEqual(detailOf('电话 13812341234'), detailOf('电话 13812341235'))
  assert.equal(JSON.stringify(detailOf('电话 13812341234')).includes('1381234'), false)
})

test('a rule is complete, and what it does not know is refused by name', () => {
  assert.equal(usualChecks['duplicate']?.['hours'], 24)
  assert.deepEqual(usualChecks['amount_above'], { yuan: 1000, on: false })
  assert.equal('on_hold' in usualChecks, false)
  const refused = (raw: Record<string, unknown>) => {
    try {
      parseChecks(raw)
      return 'taken'
    } catch (error) {
      return error instanceof AppError ? error.field : 'broken'
    }
  }
  assert.equal(refused({ colour: { on: true } }), 'checks.colour')
  assert.equal(refused({ delay: { on: true, minutes: -1 } }), 'checks.delay/minutes')
  assert.equal(refused({ delay: { on: true, hours: 1 } }), 'checks.delay/hours')
  assert.equal(refused({ delay: { on: 'yes' } }), 'checks.delay.on')
  assert.equal(refused({ dates: { on: true, from: 'tomorrow' } }), 'checks.dates/from')
})

test('of a shop’s rules the first that is on and in its dates decides', () => {
  const rule = { name: '平日', enabled: true, from: null, to: null, checks: usualChecks }
  const sale = { ...rule, name: '双11', from: '2026-11-10T16:00:00Z', to: '2026-11-11T16:00:00Z' }
  const at = (time: string) => ruleInForce([sale, rule], new Date(time))?.name
  assert.equal(at('2026-11-10T15:59:59Z'), '平日')
  assert.equal(at('2026-11-10T16:00:00Z'), '双11')
  assert.equal(at('2026-11-11T16:00:00Z'), '平日')
  assert.equal(ruleInForce([{ ...rule, enabled: false }], now), undefined)
})
