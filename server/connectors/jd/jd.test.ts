import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PlatformError } from '../../lib/platform-error.ts'
import { dayMs } from '../../lib/time.ts'
import { sign } from '../../wire/sign.ts'
import { answerIn } from '../conformance/fixtures.ts'
import type { Refund, Trade } from '../connector.ts'
import { type Fields, fieldsAt, isFields, listAt } from '../fields.ts'
import { readAnswer, signedCall } from './client.ts'
import { isNoOrder, shipFailureOf, tokenError } from './errors.ts'
import { parseSku } from './goods.ts'
import { spanOf, tradeList } from './lists.ts'
import { oauth } from './oauth.ts'
import { parseRefund } from './refunds.ts'
import { statesOf, statusWords } from './statuses.ts'
import { parseOrder } from './trades.ts'

function rootOf(name: string): Fields {
  const [root] = Object.values(answerIn(import.meta.url, name)).filter(isFields)
  return root ?? assert.fail('no object')
}
const order = fieldsAt(fieldsAt(rootOf('orderGet'), 'orderDetailInfo'), 'orderInfo')
const [item = assert.fail(), second = assert.fail()] = listAt(order, 'itemInfoList', '').filter(isFields)
const application =
  listAt(fieldsAt(rootOf('refundList'), 'queryResult'), 'result', '').find(isFields) ?? assert.fail()

function parsed(change: Fields = {}): Trade {
  const found = parseOrder({ ...order, ...change }, '')
  return 'trade' in found ? found.trade : assert.fail(found.reason)
}

describe('the signature of 京东', () => {
  it('is that of the example of its documents', () => {
    const params = {
      '360buy_param_json':
        '{"end_date":null,"optional_fields":null,"order_state":"WAIT_SELLER_STOCK_OUT","page":"1","page_size":"200","start_date":null}',
      access_token: 'yourtoken',
      app_key: 'yourappkey',
      method: 'jingdong.pop.order.search',
      timestamp: '2021-05-07 09:20:39.683+0800',
      v: '2.0',
    }
    assert.equal(sign(params, 'yourappSecret', 'md5'), 'D70825340F4084360B9362B60DFD7930')
    const { query, form } = signedCall(
      { credentials: { appKey: 'yourappkey', appSecret: 'yourappSecret' }, session: 'yourtoken' },
      'jingdong.pop.order.search',
      { at: new Date('2021-05-07T01:20:39.683Z'), params: { page: '1', order_state: 'LOCKED' } },
    )
    const { sign: signed, ...rest } = query
    assert.deepEqual(
      { ...rest, ...form },
      { ...params, '360buy_param_json': '{"order_state":"LOCKED","page":"1"}' },
    )
    assert.equal(signed, sign({ ...rest, ...form }, 'yourappSecret', 'md5'))
  })

  it('is preceded by the agreement of the seller', () => {
    const url = new URL(
      oauth.authorizeUrl({ appKey: 'A1' }, { redirectUri: 'https://a.test/back', state: 's' }),
    )
    assert.equal(url.origin + url.pathname, 'https://open-oauth.jd.com/oauth2/to_login')
    assert.deepEqual(
      ['app_key', 'response_type', 'scope', 'state'].map((name) => url.searchParams.get(name)),
      ['A1', 'code', 'snsapi_base', 's'],
    )
  })
})

describe('an order of 京东', () => {
  it('is read with its remark, and masks in place of the receiver', () => {
    const { lines: _lines, ...trade } = parsed()
    assert.deepEqual(trade, {
      tid: '300000000001',
      status: 'paid',
      platformStatus: 'WAIT_SELLER_STOCK_OUT',
      type: 'normal',
      platformType: '22',
      createdAt: new Date('2026-11-01T02:00:00Z'),
      modifiedAt: new Date('2026-11-01T02:01:05Z'),
      paidAt: new Date('2026-11-01T02:01:00Z'),
      shippedAt: null,
      endedAt: null,
      shipBy: null,
      planAt: null,
      cod: false,
      finalUnpaid: false,
      holds: [],
      paymentFen: 26_600,
      postFeeFen: 600,
      discountFen: 3000,
      subsidyFen: 1000,
      buyer: { nick: 'jd_7f3a', openId: 'ob1f3b5d7c' },
      receiver: {
        name: '张*',
        mobile: '138****0000',
        phone: '',
        province: '北京',
        city: '大兴区',
        district: '亦庄',
        town: '',
        address: '***',
        zip: '',
        token: 'c2a1f0e9d8b7',
        identity: '300000000001',
      },
      buyerMessage: '周末送',
      sellerMemo: '加急',
      flag: 2,
    })
  })

  it('spreads what the buyer pays over its lines by price and the discounts that name a SKU', () => {
    assert.deepEqual(
      parsed().lines.map((line) => [line.oid, line.itemId, line.outerSkuId, line.quantity, line.paymentFen]),
      [
        ['300000000001-100000000001', '10000001', 'SKU-A', 2, 18_571],
        ['300000000001-100000000002', '10000002', 'SKU-B', 1, 7429],
      ],
    )
  })

  it('gives a gift of a SKU that was also bought a number of its own, and a line without a SKU one with a doubt', () => {
    const gift = { ...item, jdPrice: '0.00', itemTotal: '1' }
    const twice = parsed({ itemInfoList: [item, gift, second], couponDetailList: [] })
    assert.deepEqual(
      twice.lines.map(({ oid, quantity, paymentFen }) => [oid, quantity, paymentFen]),
      [
        ['300000000001-100000000001', 2, 17_333],
        ['300000000001-100000000001-2', 1, 0],
        ['300000000001-100000000002', 1, 8667],
      ],
    )
    const nameless = parsed({ itemInfoList: [item, { ...second, skuId: '' }] })
    assert.equal(nameless.lines[1]?.oid, '300000000001-0-2')
    assert.deepEqual(nameless.doubts, [
      { field: 'oid', line: '300000000001-0-2', raw: '', guess: '300000000001-0-2' },
    ])
  })

  it('is of the state that it says: locked and paused ones are paid, and a cancelled one was paid or not', () => {
    const seen = (change: Fields) => {
      const { status, holds, lines } = parsed(change)
      return [status, holds.join(), lines[0]?.refund]
    }
    assert.deepEqual(seen({ orderState: 'LOCKED' }), ['paid', '', 'applied'])
    assert.deepEqual(seen({ orderState: 'POP_ORDER_PAUSE' }), ['paid', 'top_hold', 'none'])
    assert.deepEqual(seen({ orderState: 'PAUSE' }), ['paid', 'top_hold', 'none'])
    assert.deepEqual(seen({ orderState: 'WAIT_SELLER_DELIVERY' }), ['paid', 'ship_hold', 'none'])
    assert.deepEqual(seen({ orderState: 'FINISHED_L' }), ['finished', '', 'none'])
    assert.deepEqual(seen({ orderState: 'TRADE_CANCELED' }), ['closed_refunded', '', 'succeeded'])
    const never = { orderState: 'TRADE_CANCELED', paymentConfirmTime: '0001-01-01 00:00:00' }
    assert.deepEqual(seen(never), ['closed_unpaid', '', 'none'])
    // Nothing was paid at the door of an order that was cancelled.
    assert.deepEqual(seen({ ...never, payType: '1-货到付款' }), ['closed_unpaid', '', 'none'])
    assert.deepEqual(seen({ orderState: 'SOMETHING_NEW' }), ['unknown', '', 'none'])
    assert.equal(parsed(never).doubts, undefined)
    assert.deepEqual([statusWords('LOCKED')?.zh, statusWords('SOMETHING_NEW')], ['锁定', undefined])
    assert.equal(statesOf('shipped'), 'WAIT_GOODS_RECEIVE_CONFIRM')
    assert.equal(statesOf(undefined).split(',').length, 8)
    // A month may have 28 days.
    assert.equal(tradeList.windowMs, 28 * dayMs)
  })

  it('that has left shows each of its numbers; a number before that is no parcel', () => {
    const sent = parsed({ orderState: 'WAIT_GOODS_RECEIVE_CONFIRM', waybill: 'SF1,SF2|YT3' })
    assert.deepEqual(
      sent.lines.map(({ waybillNo, waybills }) => [waybillNo, waybills]),
      [
        ['SF1', ['SF1', 'SF2', 'YT3']],
        ['SF1', ['SF1', 'SF2', 'YT3']],
      ],
    )
    assert.deepEqual(sent.shippedAt, sent.modifiedAt)
    assert.equal(parsed({ waybill: 'SF1' }).lines[0]?.waybillNo, undefined)
  })

  it('of cash on delivery is what is to pay, and one whose amounts are missing has a doubt', () => {
    const unpaid = { actualPay: '0.00', paymentConfirmTime: '' }
    const atTheDoor = parsed({ payType: '1-货到付款', ...unpaid })
    assert.deepEqual(
      [atTheDoor.type, atTheDoor.cod, atTheDoor.paymentFen, atTheDoor.status],
      ['cod', true, 27_600, 'paid'],
    )
    const missing = parsed({ actualPay: '', shouldPay: '' })
    assert.deepEqual(
      [missing.paymentFen, missing.doubts],
      [27_600, [{ field: 'payment', line: '', raw: '', guess: '276.00' }]],
    )
  })

  it('shows strangers with equal masks as two, and a plain receiver as it is', () => {
    const other = parsed({ orderId: '300000000002' })
    assert.notEqual(other.receiver.identity, parsed().receiver.identity)
    const plain = {
      ...fieldsAt(order, 'consigneeInfo'),
      ...{ fullname: '张三', mobile: '13800000000', fullAddress: '北京大兴区亦庄1号', oaid: '' },
    }
    const { receiver } = parsed({ consigneeInfo: plain })
    assert.deepEqual([receiver.address, receiver.token, receiver.identity], ['1号', '', undefined])
  })
})

describe('an application to cancel', () => {
  const seen = (change: Fields = {}, goods?: readonly Fields[]): Refund => {
    const refund = parseRefund({ ...application, ...change }, goods)
    return refund.kind === 'refund' ? refund : assert.fail(refund.reason)
  }

  it('is of the whole order, in 分, with the pieces of its goods', () => {
    const refund = seen({}, [item, second])
    assert.deepEqual(
      [refund.refundId, refund.tid, refund.oid, refund.refundKind, refund.phase, refund.status],
      ['8800000001', '300000000001', '', 'refund_only', 'onsale', 'applied'],
    )
    assert.deepEqual([refund.amountFen, refund.quantity, refund.version], [26_600, 3, '2026-11-01 11:00:02'])
    assert.equal(refund.doubts, undefined)
  })

  it('bears the name and code of its goods only if the order has no others, whose pieces would be counted as theirs', () => {
    const named = (goods: readonly Fields[]) => {
      const { title, outerId, quantity } = seen({}, goods)
      return [title, outerId, quantity]
    }
    assert.deepEqual(named([item]), [item.skuName, item.outerSkuId, Number(item.itemTotal)])
    assert.deepEqual(named([item, second]), ['', '', 3])
  })

  it('has the state of its number, and is of the time of its check where no change is named', () => {
    const states = ['0', '1', '2', '3', '4', '6', '9', '10', '11', '99'].map(
      (status) => seen({ status }).status,
    )
    assert.deepEqual(states, [
      ...['applied', 'agreed', 'refused', 'succeeded', 'agreed'],
      ...['agreed', 'agreed', 'applied', 'closed', 'unknown'],
    ])
    const checked = seen({ modified: '', checkTime: '2026-11-01 12:00:00' })
    assert.deepEqual(checked.modifiedAt, new Date('2026-11-01T04:00:00Z'))
    assert.deepEqual(seen({ modified: '' }).modifiedAt, new Date('2026-11-01T03:00:00Z'))
  })

  it('whose amount cannot be read has a doubt', () => {
    for (const applyRefundSum of ['', '12.5', '-1', 'x']) {
      const { amountFen, doubts } = seen({ applyRefundSum })
      assert.deepEqual([amountFen, doubts?.map(({ field }) => field)], [0, ['refund_amount']], applyRefundSum)
    }
  })
})

describe('an error of 京东', () => {
  const refused = (text: string, status = 200) => ({
    answer: { status, text, retryAfterMs: 0 },
    at: new Date('2026-11-24T04:00:00Z'),
    secrets: ['the-secret'],
  })
  const errorOf = (text: string, status?: number): PlatformError => {
    try {
      readAnswer('jingdong.pop.order.shipment', 'sopjosshipment_result', refused(text, status))
    } catch (error) {
      if (error instanceof PlatformError) return error
    }
    return assert.fail('no error')
  }
  const gateway = (code: string, zh_desc: string) =>
    JSON.stringify({ error_response: { code, zh_desc, en_desc: '' } })
  const business = (result: Fields) =>
    JSON.stringify({ jingdong_pop_order_shipment_responce: { code: '0', sopjosshipment_result: result } })

  it('has the kind of its number, which means something else than on TOP', () => {
    const kinds = ['2', '8', '12', '19', '21', '50', '2001'].map((code) => errorOf(gateway(code, 'x')).kind)
    assert.deepEqual(kinds, [
      ...['rate_limited', 'rejected', 'rejected', 'reauthorise', 'rejected', 'retry', 'rejected'],
    ])
    assert.equal(errorOf(gateway('50', 'x')).unclear, true)
    assert.equal(errorOf(gateway('12', '无效签名 the-secret')).message, '12 · 无效签名 ***')
  })

  it('of a limit waits for half a minute, or for the end of the day that its text names', () => {
    assert.equal(errorOf(gateway('2', '限制时间内调用失败次数')).waitMs, 30_000)
    assert.equal(errorOf(gateway('2', '今日调用次数已用完')).waitMs, 12 * 3_600_000)
  })

  it('of a method is told by its text, also where success is a text; a server that failed is unclear', () => {
    const refusal = { success: 'false', chineseErrCode: '订单不存在', numberCode: 10_100_002 }
    const error = errorOf(business(refusal))
    assert.deepEqual([error.kind, error.code, isNoOrder(error)], ['rejected', '10100002', true])
    const failed = errorOf(business(refusal), 503)
    assert.deepEqual([failed.kind, failed.unclear], ['retry', true])
    const busy = errorOf(business({ success: false, chineseErrCode: '系统繁忙，请稍后重试' }))
    assert.deepEqual([busy.kind, busy.unclear], ['retry', true])
  })

  it('of a shipment says what is wrong; a state says nothing, because the order may have left', () => {
    const failures = [
      '物流公司ID不正确',
      '运单号格式不正确',
      '订单状态不允许出库，当前状态：LOCKED',
      '订单不存在',
    ].map((chineseErrCode) => shipFailureOf(errorOf(business({ success: false, chineseErrCode }))))
    assert.deepEqual(failures, ['courier_code', 'waybill_invalid', undefined, 'other'])
  })

  it('without its object is broken, and one of a lost renewal needs the seller', () => {
    const broken = errorOf('{"jingdong_pop_order_shipment_responce":{"code":"0"}}')
    assert.deepEqual([broken.kind, broken.code, broken.unclear], ['retry', 'bad_answer', true])
    const token = (msg: string) => tokenError({ code: 404, msg, requestId: 'r1' }, refused(''))
    assert.deepEqual(
      [token('refresh_token已过期').kind, token('app_secret不正确').kind, token('x').requestId],
      ['reauthorise', 'rejected', 'r1'],
    )
  })
})

describe('a list of 京东', () => {
  const now = new Date('2026-11-24T04:00:00Z')
  const call = { credentials: {}, session: '', variant: '', now: () => now }

  it('begins where its reach does, and is empty before it', () => {
    const at = (days: number) => new Date(now.getTime() - days * dayMs)
    assert.deepEqual(spanOf(call, { from: at(2), to: at(1) }, 89 * dayMs), {
      from: '2026-11-22 12:00:00',
      to: '2026-11-23 12:00:00',
    })
    assert.equal(spanOf(call, { from: at(95), to: at(80) }, 89 * dayMs)?.from, '2026-08-27 12:00:00')
    assert.equal(spanOf(call, { from: at(95), to: at(90) }, 89 * dayMs), undefined)
  })

  it('of goods has a listing for each SKU, with its variety', () => {
    const [row] = listAt(fieldsAt(rootOf('skuList'), 'page'), 'data', '')
    assert.deepEqual(parseSku(row, 'on_sale'), {
      itemId: '10000001',
      platformSkuId: '100000000001',
      outerItemId: '',
      outerSkuId: 'SKU-A',
      title: '60支长绒棉四件套',
      spec: '雾蓝 / 1.8m床',
      pictureUrl: 'https://img.example.com/1.jpg',
      priceFen: 10_000,
      quantity: 37,
      status: 'on_sale',
      modifiedAt: new Date('2026-10-30T01:00:00Z'),
    })
  })
})
