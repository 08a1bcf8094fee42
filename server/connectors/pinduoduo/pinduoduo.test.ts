import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { parseJson } from '../../lib/json.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { sign } from '../../wire/sign.ts'
import type { Trade } from '../connector.ts'
import { isFields } from '../fields.ts'
import { readPopAnswer } from './client.ts'
import { parseDetail, parseListed } from './refunds.ts'
import { parseOrder } from './trades.ts'

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8')

const order = {
  order_sn: '261124-123456789012345',
  confirm_status: 1,
  group_status: 1,
  order_status: 1,
  refund_status: 1,
  created_time: '2026-11-24 10:00:00',
  updated_at: '2026-11-24 10:05:00',
  pay_time: '2026-11-24 10:00:30',
  pay_amount: 85.8,
  goods_amount: 89.7,
  discount_amount: 9.9,
  platform_discount: 4.9,
  postage: 6,
  item_list: [
    {
      goods_id: 863369485,
      sku_id: 13182332985,
      goods_name: '抱枕',
      goods_spec: '雾蓝,45×45cm',
      goods_price: 29.9,
      goods_count: 3,
      outer_id: '04',
    },
  ],
}

function parsed(fields: Record<string, unknown> = {}): Trade {
  const detail = parseOrder({ ...order, ...fields }, '')
  if (!('trade' in detail)) assert.fail(detail.reason)
  return detail.trade
}

describe('Pinduoduo', () => {
  it('signs as the published example does', () => {
    const { pinduoduo_md5 } = JSON.parse(
      readFileSync(new URL('../../wire/fixtures/signatures.json', import.meta.url), 'utf8'),
    )
    const params = {
      access_token: 'asd78172s8ds9a921j9qqwda12312w1w21211',
      client_id: '1',
      data_type: 'XML',
      order_status: '1',
      page: '1',
      page_size: '10',
      timestamp: '1480411125',
      type: 'pdd.order.number.list.get',
    }
    assert.equal(sign(params, 'testSecret', 'md5'), pinduoduo_md5.sign)
  })

  it('maps the official error and the session, limit and system families', () => {
    const kindOf = (text: string) => {
      try {
        readPopAnswer({ status: 200, text, retryAfterMs: 0 }, [])
      } catch (error) {
        if (error instanceof PlatformError) return [error.kind, error.code, error.requestId]
      }
      return assert.fail()
    }
    assert.deepEqual(kindOf(fixture('error_response.official.json')), [
      'rejected',
      '10001',
      '15440104776643887',
    ])
    const coded = (error_code: number, sub_msg = '') =>
      kindOf(JSON.stringify({ error_response: { error_code, error_msg: 'm', sub_msg } }))[0]
    assert.deepEqual(
      [10014, 10019, 10035, 20032, 70031, 50000, 20004, 20031, 50001].map((code) => coded(code)),
      [
        ...['reauthorise', 'reauthorise', 'reauthorise', 'reauthorise'],
        ...['rate_limited', 'retry', 'rejected', 'rejected', 'rejected'],
      ],
    )
    assert.equal(coded(50001, '系统繁忙，请稍后重试'), 'retry')
  })

  it('names the day of a presale', () => {
    const day = { pre_sale_time: '2026-12-25 23:59:59' }
    assert.deepEqual(parsed({ is_pre_sale: 1, ...day }).planAt, new Date('2026-12-24T16:00:00Z'))
    assert.equal(parsed({ is_pre_sale: 0, ...day }).planAt, null)
    assert.equal(parsed({ is_pre_sale: 1, pre_sale_time: '' }).planAt, null)
  })

  it('reads an order: yuan numbers, one article, what the platform pays beside it', () => {
    const trade = parsed()
    assert.equal(trade.doubts, undefined)
    assert.deepEqual(
      [trade.paymentFen, trade.postFeeFen, trade.discountFen, trade.subsidyFen],
      [8580, 600, 990, 490],
    )
    assert.deepEqual(trade.lines, [
      {
        oid: '261124-123456789012345',
        status: 'paid',
        platformStatus: 'confirm 1, group 1, order 1, refund 1',
        refund: 'none',
        refundId: '',
        itemId: '863369485',
        skuId: '13182332985',
        outerItemId: '',
        outerSkuId: '04',
        title: '抱枕',
        spec: '雾蓝 / 45×45cm',
        pictureUrl: '',
        quantity: 3,
        priceFen: 2990,
        paymentFen: 7980,
        discountFen: 990,
        shipBy: null,
      },
    ])
  })

  it('says whether the buyer asks for an invoice', () => {
    assert.equal(parsed({ invoice_status: 1 }).invoice, true)
    for (const fields of [{ invoice_status: 0 }, {}]) assert.equal('invoice' in parsed(fields), false)
  })

  it('says whether it must go by SF, and whether to the door', () => {
    for (const fields of [{ free_sf: 1 }, { order_tag_list: [{ name: 'free_sf', value: 1 }] }])
      assert.deepEqual(parsed(fields).designated, ['SF'])
    for (const type of [1, 2]) assert.equal(parsed({ home_delivery_type: type }).toDoor, true)
    const plain = parsed({ free_sf: 0, home_delivery_type: 0 })
    assert.deepEqual(['designated' in plain, 'toDoor' in plain], [false, false])
  })

  it('puts its four states together, and keeps those that it does not know', () => {
    const of = (fields: Record<string, unknown>) => parsed(fields).status
    assert.equal(of({ order_status: 2 }), 'shipped')
    assert.equal(of({ order_status: 3, refund_status: 4 }), 'finished')
    assert.equal(of({ refund_status: 4 }), 'closed_refunded')
    assert.equal(of({ confirm_status: 2 }), 'closed_refunded')
    assert.equal(of({ confirm_status: 2, pay_time: null }), 'closed_unpaid')
    assert.equal(of({ confirm_status: 0, group_status: 0, pay_time: '' }), 'unpaid')
    assert.equal(of({ group_status: 2 }), 'closed_refunded')
    assert.equal(of({ order_status: 9 }), 'unknown')
    assert.equal(of({ confirm_status: 7 }), 'unknown')
  })

  it('says why an order may not be shipped', () => {
    assert.deepEqual(
      [parsed({ confirm_status: 0, group_status: 0 }).status, parsed({ group_status: 0 }).holds],
      ['paid', ['group_open']],
    )
    assert.deepEqual(
      parsed({ risk_control_status: 1, order_tag_list: [{ name: 'ship_hold', value: 1 }] }).holds,
      ['risk', 'ship_hold'],
    )
    assert.equal(parsed({ trade_type: 1, step_order_info: { step_trade_status: 1 } }).finalUnpaid, true)
    assert.equal(parsed({ trade_type: 1, step_order_info: { step_trade_status: 2 } }).finalUnpaid, false)
    assert.equal(parsed({ step_order_info: null }).finalUnpaid, false)
  })

  it('shows masks instead of ciphertext', () => {
    const { receiver } = parsed({
      receiver_name: '~AgAAAAx=~1~~',
      receiver_name_mask: '张*',
      receiver_phone: '~AgAAAAy=~1~~',
      address: '文三路1号',
      open_address_id: 'K1',
    })
    assert.deepEqual(
      [receiver.name, receiver.mobile, receiver.address, receiver.token],
      ['张*', '', '文三路1号', 'K1'],
    )
  })

  it('marks an open refund on the line', () => {
    assert.equal(parsed({ refund_status: 2 }).lines[0]?.refund, 'applied')
    assert.equal(parsed({ refund_status: 1, after_sales_status: 11 }).lines[0]?.refund, 'closed')
  })

  it('reads a real refund of the list once it has its numbers, and parks it without them', () => {
    const real = parseJson(fixture('refund_list_item.real.json'))
    assert.ok(isFields(real))
    assert.deepEqual(parseListed(real), { kind: 'bad', id: null, reason: 'no refund id', raw: '' })
    assert.deepEqual(parseListed({ ...real, id: 1234567, order_sn: '180410-355530178612389' }), {
      kind: 'refund',
      refundId: '1234567',
      tid: '180410-355530178612389',
      oid: '',
      refundKind: 'return',
      phase: 'aftersale',
      status: 'succeeded',
      platformStatus: '10',
      version: '2018-04-10 17:18:03',
      amountFen: 800,
      quantity: 1,
      title: '我是一个可爱的抱枕抱枕就是可爱的我我是一个可爱的抱枕抱枕--测试',
      spec: '',
      outerId: '04',
      reason: '货物与描述不符',
      description: '',
      goodsReceived: 'returned',
      carrier: '',
      waybillNo: '123456123456',
      createdAt: new Date('2018-04-10T09:03:29Z'),
      modifiedAt: new Date('2018-04-10T09:18:03Z'),
      deadline: null,
      buyerNick: '',
      constraint: '',
    })
  })

  it('reads the detail in its own units: 分, seconds, types from 1', () => {
    const refund = parseDetail({
      id: 7,
      order_sn: 'a-1',
      after_sales_type: 2,
      after_sales_status: 3,
      refund_amount: 880,
      recreated_at: 1795485600,
      expire_time: 1795658400,
    })
    assert.ok(refund.kind === 'refund')
    assert.deepEqual([refund.refundKind, refund.amountFen, refund.status], ['return', 880, 'applied'])
    assert.deepEqual([refund.createdAt, refund.deadline], [new Date(1795485600000), new Date(1795658400000)])
  })
})
