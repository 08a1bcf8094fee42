import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { parseJson } from '../../lib/json.ts'
import type { Trade } from '../connector.ts'
import { tradeStatusOf } from './statuses.ts'
import { parseTrade, specOf } from './trade.ts'
import { parsePushedTrade } from './trades.ts'

const closedTrade = readFileSync(
  new URL('fixtures/trade_fullinfo_get_response.closed_by_taobao.json', import.meta.url),
  'utf8',
)

/** Returns a paid trade with two lines and 10.00 freight. The given fields replace its own. */
function payload(fields: Record<string, unknown> = {}, lines: Record<string, unknown>[] = [{}, {}]) {
  const line = (index: number) => ({
    oid: `12345678901234567${index}1`,
    status: 'WAIT_SELLER_SEND_GOODS',
    refund_status: 'NO_REFUND',
    num: 1,
    price: '50.00',
    total_fee: '50.00',
    payment: '50.00',
    title: '陶瓷马克杯',
  })
  return {
    tid: '1234567890123456701',
    status: 'WAIT_SELLER_SEND_GOODS',
    type: 'fixed',
    created: '2026-11-24 10:00:00',
    modified: '2026-11-24 10:05:00',
    pay_time: '2026-11-24 10:04:00',
    payment: '100.00',
    total_fee: '100.00',
    post_fee: '10.00',
    ...fields,
    orders: { order: lines.map((own, index) => ({ ...line(index), ...own })) },
  }
}

function parsed(value: unknown): Trade {
  const detail = parseTrade(value, 'raw')
  if (!('trade' in detail)) assert.fail(`parked: ${detail.reason}`)
  return detail.trade
}

const linePayments = (trade: Trade) => trade.lines.map((line) => line.paymentFen)

describe('a trade of TOP', () => {
  it('is read from a real answer, field by field', () => {
    const detail = parsePushedTrade(closedTrade)
    assert.ok('trade' in detail)
    assert.equal(detail.raw, closedTrade)
    assert.deepEqual(detail.trade, {
      tid: '452790065331038',
      status: 'closed_unpaid',
      platformStatus: 'TRADE_CLOSED_BY_TAOBAO',
      type: 'normal',
      platformType: 'fixed',
      createdAt: new Date('2013-11-10T06:22:38Z'),
      modifiedAt: new Date('2014-01-30T16:18:01Z'),
      paidAt: null,
      shippedAt: null,
      endedAt: new Date('2013-11-13T06:24:01Z'),
      shipBy: null,
      planAt: null,
      cod: false,
      finalUnpaid: false,
      holds: [],
      paymentFen: 1380,
      postFeeFen: 0,
      discountFen: 7420,
      subsidyFen: 0,
      buyer: { nick: 'q***7', openId: '' },
      receiver: {
        name: '屈**',
        mobile: '***MASKED***',
        phone: '***MASKED***',
        province: '陕西省',
        city: '西安市',
        district: '雁塔区',
        town: '',
        address: '***MASKED***',
        zip: '710065',
        token: '',
      },
      buyerMessage: '',
      sellerMemo: '已催 小强 11.11',
      flag: 1,
      lines: [
        {
          oid: '452790065331038',
          status: 'closed_unpaid',
          platformStatus: 'TRADE_CLOSED_BY_TAOBAO',
          refund: 'none',
          refundId: '',
          itemId: '35223917483',
          skuId: '33395009470',
          outerItemId: '',
          outerSkuId: 'TX324A0212',
          title: '2013春秋装 男士 长袖T恤男新款 圆领长纯色 简单打底衫 休闲体恤',
          spec: '白色 / 180/100(XL)',
          pictureUrl:
            'http://img04.taobaocdn.com/bao/uploaded/i4/267761165/T2oKlBXxBXXXXXXXXX_!!267761165.jpg',
          quantity: 1,
          priceFen: 8800,
          paymentFen: 1380,
          discountFen: 7420,
          shipBy: null,
        },
      ],
    })
  })

  it('keeps 19 digits of its numbers, written bare or quoted', () => {
    const trade = parsed(
      parseJson(
        '{"tid":1234567890123456789,"modified":"2026-11-24 10:00:00","orders":{"order":[{"oid":1234567890123456788}]}}',
      ),
    )
    assert.equal(trade.tid, '1234567890123456789')
    assert.equal(trade.lines[0]?.oid, '1234567890123456788')
  })

  it('has a status for every official one, and keeps an unknown one', () => {
    const of = (status: string) => parsed(payload({ status })).status
    assert.equal(of('TRADE_NO_CREATE_PAY'), 'unpaid')
    assert.equal(of('WAIT_PRE_AUTH_CONFIRM'), 'unpaid')
    assert.equal(of('PAY_PENDING'), 'unpaid')
    assert.equal(of('WAIT_SELLER_SEND_GOODS'), 'paid')
    assert.equal(of('SELLER_CONSIGNED_PART'), 'partly_shipped')
    assert.equal(of('TRADE_BUYER_SIGNED'), 'shipped')
    assert.equal(of('TRADE_CLOSED'), 'closed_refunded')
    assert.equal(Object.keys(tradeStatusOf).length, 12)
    for (const status of ['TRADE_NEWLY_INVENTED', 'constructor', '']) {
      const trade = parsed(payload({ status }))
      assert.equal(trade.status, 'unknown')
      assert.equal(trade.platformStatus, status)
    }
  })

  it('says why the platform forbids shipping', () => {
    assert.deepEqual(parsed(payload({ status: 'PAID_FORBID_CONSIGN' })).holds, ['forbid_consign'])
    assert.equal(parsed(payload({ status: 'PAID_FORBID_CONSIGN' })).status, 'paid')
    assert.deepEqual(
      parsed(payload({ top_hold: 1, team_buy_hold: '1', ofp_hold: 0, is_sh_ship: true })).holds,
      ['top_hold', 'team_buy_hold', 'is_sh_ship'],
    )
    assert.deepEqual(parsed(payload({ rx_audit_status: '0' })).holds, ['rx_audit'])
    assert.deepEqual(parsed(payload({ rx_audit_status: '1', top_hold: 0 })).holds, [])
    assert.deepEqual(parsed(payload({}, [{ is_sh_ship: true }, { zhengji_status: '2' }])).holds, [])
    assert.deepEqual(parsed(payload({}, [{ zhengji_status: '1' }])).holds, ['presale_collecting'])
  })

  it('knows presales with an open final payment, and cash on delivery', () => {
    const unpaid = (step: string) => parsed(payload({ type: 'step', step_trade_status: step })).finalUnpaid
    assert.equal(unpaid('FRONT_PAID_FINAL_NOPAID'), true)
    assert.equal(unpaid('FRONT_PAID_FRONT_FORFEITED'), true)
    assert.equal(unpaid('FRONT_PAID_FINAL_PAID'), false)
    const cod = parsed(payload({ type: 'cod', pay_time: '' }))
    assert.deepEqual([cod.cod, cod.status, cod.paidAt], [true, 'paid', null])
  })

  it('takes the time-out for the shipping deadline only while it waits to be shipped', () => {
    const timeout = '2026-11-26 10:00:00'
    assert.deepEqual(
      parsed(payload({ timeout_action_time: timeout })).shipBy,
      new Date('2026-11-26T02:00:00Z'),
    )
    assert.equal(
      parsed(payload({ status: 'WAIT_BUYER_CONFIRM_GOODS', timeout_action_time: timeout })).shipBy,
      null,
    )
    const both = payload({ timeout_action_time: timeout, delivery_time: '2026-11-25 23:59:59' })
    assert.deepEqual(parsed(both).shipBy, new Date('2026-11-25T15:59:59Z'))
  })

  it('reads promises in days, and the earliest of the lines when the trade makes none', () => {
    assert.deepEqual(
      parsed(payload({ est_con_time: '付款后 2 天内发货' })).shipBy,
      new Date('2026-11-26T02:04:00Z'),
    )
    assert.deepEqual(parsed(payload({ est_con_time: '2026-11-30' })).shipBy, new Date('2026-11-30T15:59:59Z'))
    const lines = payload({}, [{ estimate_con_time: '48小时内' }, { delivery_time: '2026-11-25 12:00:00' }])
    const trade = parsed(lines)
    assert.deepEqual(trade.shipBy, new Date('2026-11-25T04:00:00Z'))
    assert.deepEqual(trade.lines[0]?.shipBy, new Date('2026-11-26T02:04:00Z'))
  })

  it('names the day of a presale where a day is named, and the last one of several', () => {
    const of = (fields: object, ...lines: Record<string, unknown>[]) =>
      parsed(payload({ type: 'step', ...fields }, lines)).planAt
    assert.deepEqual(of({ est_con_time: '2026-12-25' }, {}), new Date('2026-12-24T16:00:00Z'))
    assert.deepEqual(of({ est_con_time: '2026-12-25 23:59:59' }, {}), new Date('2026-12-24T16:00:00Z'))
    assert.deepEqual(
      of({}, { estimate_con_time: '2026-12-20' }, { estimate_con_time: '2026-12-28' }, {}),
      new Date('2026-12-27T16:00:00Z'),
    )
    for (const text of ['付款后 2 天内发货', '48小时内', '7', '2026-13-45', '', null])
      assert.equal(of({ est_con_time: text }, {}), null, String(text))
  })

  it('gives each line of a presale the day that is named for it, and no other line one', () => {
    const of = (fields: Record<string, unknown>) =>
      parsed(
        payload(fields, [{ estimate_con_time: '2026-12-20' }, { estimate_con_time: '48小时内' }, {}]),
      ).lines.map(({ planAt }) => planAt)
    assert.deepEqual(of({ type: 'step' }), [new Date('2026-12-19T16:00:00Z'), undefined, undefined])
    assert.deepEqual(of({}), [undefined, undefined, undefined])
  })

  it('plans nothing but presales: a day of any other trade is its deadline', () => {
    const of = (fields: object) => parsed(payload({ est_con_time: '2026-12-25', ...fields })).planAt
    assert.equal(of({}), null)
    assert.equal(of({ new_presell: false }), null)
    assert.deepEqual(of({ new_presell: true }), new Date('2026-12-24T16:00:00Z'))
  })

  it('writes the spec as values only', () => {
    assert.equal(specOf('颜色:白色;尺码:XL'), '白色 / XL')
    assert.equal(specOf('雾蓝'), '雾蓝')
    assert.equal(specOf(';:;'), '')
  })
})

describe('the money of a trade', () => {
  it("is the platform's own split where it adds up", () => {
    const trade = parsed(payload({}, [{ divide_order_fee: '44.99' }, { divide_order_fee: '45.01' }]))
    assert.deepEqual(linePayments(trade), [4499, 4501])
    assert.equal(trade.doubts, undefined)
    assert.equal(trade.discountFen, 1000)
  })

  it('takes the discount of the whole trade off line payments', () => {
    const trade = parsed(payload({}, [{ part_mjz_discount: '3.33' }, { part_mjz_discount: '6.67' }]))
    assert.deepEqual(linePayments(trade), [4667, 4333])
    assert.equal(trade.doubts, undefined)
  })

  it('takes the freight out of the payment of an only line', () => {
    const trade = parsed(payload({ payment: '60.00' }, [{ payment: '60.00', total_fee: '50.00' }]))
    assert.deepEqual(linePayments(trade), [5000])
    assert.equal(trade.doubts, undefined)
  })

  it('counts a refunded line as nothing where the trade does', () => {
    const trade = parsed(payload({ payment: '60.00' }, [{ refund_status: 'SUCCESS' }, {}]))
    assert.deepEqual(linePayments(trade), [0, 5000])
    assert.equal(trade.lines[0]?.refund, 'succeeded')
  })

  it('spreads what the trade says when the lines disagree, to the last 分, and says so', () => {
    const trade = parsed(
      payload({ payment: '99.99' }, [{ payment: '10.00' }, { payment: '20.00' }, { payment: 'x' }]),
    )
    assert.deepEqual(linePayments(trade), [3000, 5999, 0])
    assert.equal(linePayments(trade).reduce((a, b) => a + b) + trade.postFeeFen, 9999)
    assert.deepEqual(trade.doubts, [
      { field: 'payment', line: trade.lines[2]?.oid, raw: 'x', guess: '' },
      { field: 'line payments', line: '', raw: '10.00 + 20.00 + x', guess: '30.00 + 59.99 + 0.00' },
    ])
  })

  it('never lets the freight exceed what was paid', () => {
    const trade = parsed(payload({ payment: '3.00' }))
    assert.deepEqual([trade.paymentFen, trade.postFeeFen, ...linePayments(trade)], [300, 300, 0, 0])
  })
})

describe('a hostile payload of a trade', () => {
  it('loses no trade through one bad line', () => {
    const trade = parsed(
      payload({}, [{ num: 0, price: {}, title: 'a\0b\ud800', refund_status: 'NEW_ONE' }, { oid: null }]),
    )
    assert.equal(trade.lines[0]?.quantity, 1)
    assert.equal(trade.lines[0]?.title, 'ab\ufffd')
    assert.equal(trade.lines[0]?.refund, 'applied')
    assert.equal(trade.lines[1]?.oid, '1234567890123456701-2')
    const oid = trade.lines[0]?.oid ?? ''
    assert.deepEqual(
      trade.doubts?.filter(({ field }) => field !== 'line payments' && field !== 'payment'),
      [
        { field: 'oid', line: '1234567890123456701-2', raw: '', guess: '1234567890123456701-2' },
        { field: 'refund_status', line: oid, raw: 'NEW_ONE', guess: 'applied' },
        { field: 'num', line: oid, raw: '0', guess: '1' },
        { field: 'price', line: oid, raw: '{}', guess: '' },
      ],
    )
  })

  it('keeps the first of two lines with one number', () => {
    const trade = parsed(
      payload({}, [
        { oid: '77', title: 'first' },
        { oid: '77', title: 'second' },
      ]),
    )
    assert.deepEqual(
      trade.lines.map((line) => line.title),
      ['first'],
    )
    assert.equal(linePayments(trade)[0], trade.paymentFen - trade.postFeeFen)
  })

  it('cuts long texts and forgets impossible times', () => {
    const trade = parsed(
      payload({
        buyer_message: '长'.repeat(1e5),
        pay_time: '0000-00-00 00:00:00',
        end_time: '2026-02-30 00:00:00',
        created: 7,
      }),
    )
    assert.equal(trade.buyerMessage.length, 2000)
    assert.deepEqual([trade.paidAt, trade.endedAt, trade.createdAt], [null, null, trade.modifiedAt])
    assert.deepEqual(
      trade.doubts?.map(({ field }) => field),
      ['line payments', 'created', 'end_time'],
    )
  })

  it('is parked with its text when it cannot be placed', () => {
    const reasons = [{}, null, 'x', [], payload({ tid: { a: 1 } }), payload({ tid: 0.5 })].map((value) =>
      parseTrade(value, 'the text'),
    )
    for (const bad of reasons)
      assert.deepEqual(bad, { kind: 'bad', id: null, reason: 'no tid', raw: 'the text' })
    assert.deepEqual(parseTrade(payload({ modified: null }), 'r'), {
      kind: 'bad',
      id: '1234567890123456701',
      reason: 'no modified time',
      raw: 'r',
    })
    assert.deepEqual(parseTrade({ ...payload(), orders: [1, null] }, 'r'), {
      kind: 'bad',
      id: '1234567890123456701',
      reason: 'no lines',
      raw: 'r',
    })
    assert.equal('kind' in parsePushedTrade('{"trade_fullinfo_get_response":{"trade":{"tid":1,'), true)
  })

  it('was oversold if one of its lines was', () => {
    assert.equal(parsed(payload({}, [{}, { is_oversold: true }])).oversold, true)
    assert.equal('oversold' in parsed(payload({}, [{}, { is_oversold: false }])), false)
  })

  it('says by which couriers it must go, and whether to the door', () => {
    const promised = (fields: object) => {
      const { designated, toDoor, doubts = [] } = parsed(payload({ ...fields }))
      return { designated, toDoor, doubts: doubts.filter(({ field }) => field === 'white_delivery_cps') }
    }
    const lists = (...all: [type: number, couriers: string][]) => ({
      logistics_infos: {
        logistics_info: all.map(([type, codes]) => ({ biz_delivery_type: type, white_delivery_cps: codes })),
      },
    })
    const free = { designated: undefined, toDoor: undefined, doubts: [] }
    assert.deepEqual(promised({}), free)
    assert.deepEqual(promised(lists([1, 'SF'], [3, 'YTO'])), free)
    assert.deepEqual(promised({ asdp_ads: '201,202' }), { ...free, designated: ['SF'], toDoor: true })
    assert.deepEqual(promised({ logistics_agreement: { asdp_ads: '201' } }), { ...free, toDoor: true })
    assert.deepEqual(promised(lists([2, 'YTO,ZTO'], [2, 'ZTO,SF'])), { ...free, designated: ['ZTO'] })
    for (const codes of ['PIGEON', 'YTO'])
      assert.deepEqual(promised({ asdp_ads: '202', ...lists([2, codes]) }), {
        ...free,
        doubts: [{ field: 'white_delivery_cps', line: '', raw: codes, guess: '' }],
      })
  })

  it('is read alike in the simplified and in the wrapped form', () => {
    const wrapped = parsed(payload())
    const { order } = payload().orders
    assert.deepEqual(parsed({ ...payload(), orders: order }), wrapped)
    assert.deepEqual(parsePushedTrade(JSON.stringify({ trade: payload() })), {
      trade: wrapped,
      raw: JSON.stringify({ trade: payload() }),
    })
  })
})
