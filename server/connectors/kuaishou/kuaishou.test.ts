import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PlatformError } from '../../lib/platform-error.ts'
import { answerIn } from '../conformance/fixtures.ts'
import type { Refund, Trade } from '../connector.ts'
import { type Fields, fieldsAt, isFields, listAt } from '../fields.ts'
import { readAnswer } from './client.ts'
import { isNoOrder, shipFailureOf } from './errors.ts'
import { parseProduct } from './goods.ts'
import { oauth } from './oauth.ts'
import { parseRefund } from './refunds.ts'
import { signature } from './sign.ts'
import { statusWords } from './statuses.ts'
import { parseOrder } from './trades.ts'

const dataOf = (name: string) => fieldsAt(answerIn(import.meta.url, name), 'data')
const order = dataOf('orderDetail')
const base = fieldsAt(order, 'orderBaseInfo')
const gift = listAt(order, 'subOrderInfo', '').find(isFields) ?? assert.fail('no gift')

/** The order with other values in its base, and beside it. */
function parsed(change: Fields = {}, beside: Fields = {}): Trade {
  const found = parseOrder({ ...order, orderBaseInfo: { ...base, ...change }, ...beside }, '')
  return 'trade' in found ? found.trade : assert.fail(found.reason)
}

describe('the signature of Kuaishou', () => {
  it('is that of the platform’s description', () => {
    const params = {
      access_token: 'ks-demo-token',
      appkey: 'ks700000000000000001',
      method: 'open.order.detail',
      param: '{"oid":2100000000001}',
      signMethod: 'HMAC_SHA256',
      timestamp: '1700000000000',
      version: '1',
    }
    assert.equal(signature(params, 'ks-demo-sign-secret'), 'zYo3xKLbRcHaZsyWI5q5RnSAKexplg8DpqJO13Pjskc=')
  })

  it('is preceded by an agreement to the rights of orders, refunds and goods', () => {
    const url = new URL(
      oauth.authorizeUrl({ appKey: 'ks1' }, { redirectUri: 'https://a.test/back', state: 's' }),
    )
    assert.equal(url.origin + url.pathname, 'https://open.kwaixiaodian.com/oauth/authorize')
    assert.deepEqual(
      ['app_id', 'response_type', 'state'].map((name) => url.searchParams.get(name)),
      ['ks1', 'code', 's'],
    )
    assert.match(url.searchParams.get('scope') ?? '', /merchant_order,merchant_refund,merchant_item/)
  })
})

describe('an order of Kuaishou', () => {
  it('is read with all digits, its newest note, and masks in place of the receiver', () => {
    const { lines: _lines, ...trade } = parsed()
    assert.deepEqual(trade, {
      tid: '2532100000000001234',
      status: 'paid',
      platformStatus: '30',
      type: 'normal',
      platformType: '18',
      createdAt: new Date(1_773_750_942_425),
      modifiedAt: new Date(1_773_750_950_100),
      paidAt: new Date(1_773_750_950_000),
      shippedAt: null,
      endedAt: null,
      shipBy: new Date(1_773_920_000_000),
      planAt: null,
      cod: false,
      finalUnpaid: false,
      holds: [],
      paymentFen: 21_400,
      postFeeFen: 600,
      discountFen: 1000,
      subsidyFen: 0,
      buyer: { nick: '小***鱼 #b5c6d7', openId: 'f18d0a1b2c3d4e5f60718293a4b5c6d7' },
      receiver: {
        name: '张*',
        mobile: '1**********',
        phone: '',
        province: '浙江省',
        city: '杭州市',
        district: '余杭区',
        town: '仓前街道',
        address: '文一****',
        zip: '',
        token: 'YWRkcmVzcw==',
        identity: '2532100000000001234',
      },
      buyerMessage: '周末送',
      sellerMemo: '加急',
      flag: 2,
    })
  })

  it('has its note and its flag in either form', () => {
    const noted = (beside: Fields) => {
      const { sellerMemo, flag } = parsed({}, { orderNote: null, ...beside })
      return [sellerMemo, flag]
    }
    assert.deepEqual(noted({ orderNoteInfo: [{ note: '加急', flagTagCode: '1' }] }), ['加急', 1])
    assert.deepEqual(
      noted({ orderNote: { orderNoteInfo: [{ note: '好', flagTagCode: 'grey_flag_tag_order' }] } }),
      ['好', 0],
    )
    assert.deepEqual(noted({}), ['', 0])
  })

  it('has one SKU, and its gifts are lines with numbers of their own that cost nothing', () => {
    assert.deepEqual(
      parsed().lines.map((line) => [line.oid, line.skuId, line.outerSkuId, line.quantity, line.paymentFen]),
      [
        ['2532100000000001234', '3000000000000000001', 'SJT60-0102', 2, 20_800],
        ['2532100000000005678', '3000000000000000009', 'ZP-1', 1, 0],
      ],
    )
  })

  it('takes the freight for outside the total, unless price and discount fit with it inside', () => {
    const money = ({ paymentFen, postFeeFen, lines, doubts }: Trade) => [
      paymentFen,
      postFeeFen,
      lines[0]?.paymentFen,
      doubts,
    ]
    assert.deepEqual(money(parsed()), [21_400, 600, 20_800, undefined])
    assert.deepEqual(money(parsed({ totalFee: 21_400 })), [21_400, 600, 20_800, undefined])
    assert.deepEqual(money(parsed({ totalFee: 19_000 })), [19_600, 600, 19_000, undefined])
    const [{ field, guess } = { field: '', guess: '' }] = parsed({ totalFee: 'x' }).doubts ?? []
    assert.deepEqual([field, guess], ['payment', '214.00'])
  })

  it('has the state that its number says; one that was paid and failed is refunded', () => {
    const states = [10, 30, 40, 50, 70, 80, 99].map(
      (status) => parsed({ status }, { subOrderInfo: [] }).status,
    )
    assert.deepEqual(states, [
      'unpaid',
      'paid',
      'shipped',
      'shipped',
      'finished',
      'closed_refunded',
      'unknown',
    ])
    assert.equal(parsed({ status: 80, payTime: 0 }).status, 'closed_unpaid')
    assert.deepEqual([statusWords('30')?.zh, statusWords('99')], ['已付款', undefined])
  })

  it('is partly shipped while pieces of it, or its gift, still wait', () => {
    const parcels = [{ logisticsId: 1, expressNo: 'SF1000000000001', expressCode: 4 }]
    const sent = (deliveryNum: number) => ({
      orderDeliveryInfo: { deliveryNum },
      orderLogisticsInfo: parcels,
    })
    const statuses = (trade: Trade) => [trade.status, ...trade.lines.map(({ status }) => status)]
    assert.deepEqual(statuses(parsed({}, sent(1))), ['partly_shipped', 'partly_shipped', 'paid'])
    assert.deepEqual(parsed({}, sent(1)).lines[0]?.waybills, ['SF1000000000001'])
    assert.deepEqual(statuses(parsed({ status: 40 })), ['partly_shipped', 'shipped', 'paid'])
    assert.deepEqual(statuses(parsed({ status: 40 }, { subOrderInfo: [] })), ['shipped', 'shipped'])
  })

  it('does not count a number that was taken for a parcel as one that has left', () => {
    const taken = [{ logisticsId: 1, expressNo: 'SF1000000000001', expressCode: 4 }]
    const [line] = parsed({}, { orderLogisticsInfo: taken }).lines
    assert.deepEqual([line?.status, line?.waybillNo, line?.waybills], ['paid', undefined, undefined])
  })

  it('is held while the platform forbids shipping, for any reason', () => {
    const holds = (change: Fields, beside: Fields = {}) => parsed(change, beside).holds
    assert.deepEqual(holds({ disableDeliveryReasonCode: [1, 2] }), ['group_open', 'risk'])
    assert.deepEqual(holds({ disableDeliveryReasonCode: [9] }), ['ship_hold'])
    assert.deepEqual(holds({ riskCode: 10_001 }), ['risk'])
    assert.deepEqual(holds({}, { addressUpdateAuditInfo: { auditStatus: 10 } }), ['address_review'])
    assert.deepEqual(holds({}, { addressUpdateAuditInfo: { auditStatus: 20 } }), [])
    assert.deepEqual(holds({}, { orderAddress: { province: '浙江省' } }), ['ship_hold'])
    assert.deepEqual(holds({ coType: 2 }, { orderAddress: {} }), [])
    const virtual = { coType: 2, disableDeliveryReasonCode: [1] }
    assert.deepEqual(holds(virtual, { orderAddress: {} }), ['group_open'])
  })

  it('is a presale whose rest is to pay until the second step is paid', () => {
    const steps = (second: number) => ({
      orderStepInfo: {
        orderPaymentStatus: { payStepType: 1 },
        orderPaymentSteps: [
          { payStepNo: 1, payStepStatus: 30 },
          { payStepNo: 2, payStepStatus: second },
        ],
      },
    })
    const facts = ({ type, finalUnpaid }: Trade) => [type, finalUnpaid]
    assert.deepEqual(facts(parsed({ status: 10 }, steps(10))), ['presale', true])
    assert.deepEqual(facts(parsed({}, steps(30))), ['presale', false])
    const documented = [
      { payStepType: 1, payStepNo: 1, payStepStatus: 30 },
      { payStepType: 1, payStepNo: 2, payStepStatus: 10 },
    ]
    assert.deepEqual(facts(parsed({}, { orderPaymentStepInfos: documented })), ['presale', true])
    assert.deepEqual(facts(parsed({ preSale: 1 })), ['presale', false])
    assert.deepEqual(facts(parsed({ allActivityType: [17] })), ['group_buy', false])
  })

  it('is held back by an open refund, also by one before the last', () => {
    const refund = (...states: number[]) => {
      const orderRefundList = states.map((refundStatus, at) => ({ refundId: at + 1, refundStatus }))
      const { lines, doubts = [] } = parsed({}, { orderRefundList })
      return [lines[0]?.refund, lines[0]?.refundId, doubts.length]
    }
    assert.deepEqual(refund(), ['none', '', 0])
    assert.deepEqual(refund(70, 10), ['applied', '2', 0])
    assert.deepEqual(refund(60), ['succeeded', '1', 0])
    assert.deepEqual(refund(70), ['closed', '1', 0])
    assert.deepEqual(refund(33), ['applied', '1', 1])
  })

  it('with a gift of its own number keeps the first line, and says so', () => {
    const twice = { ...gift, subOrderBaseInfo: { ...fieldsAt(gift, 'subOrderBaseInfo'), oid: base.oid } }
    const { lines, doubts = [] } = parsed({}, { subOrderInfo: [twice] })
    assert.deepEqual([lines.length, doubts.map(({ field }) => field)], [1, ['oid twice']])
  })
})

describe('a refund of Kuaishou', () => {
  const refundOf = (change: Fields = {}): Refund => {
    const found = parseRefund({ ...dataOf('refundDetail'), ...change }, fieldsAt(order, 'orderItemInfo'))
    return found.kind === 'refund' ? found : assert.fail(found.reason)
  }

  it('is read with its version, its amount, the goods of its order and the parcel that the buyer sent', () => {
    assert.deepEqual(refundOf(), {
      kind: 'refund',
      refundId: '2532500000000004321',
      tid: '2532100000000001234',
      oid: '2532100000000001234',
      refundKind: 'return',
      phase: 'aftersale',
      status: 'agreed',
      platformStatus: '40',
      version: '1773923742425',
      amountFen: 20_800,
      quantity: 2,
      title: '60支长绒棉四件套',
      spec: '雾蓝,1.8m床',
      outerId: 'SJT60-0102',
      reason: '7天无理由退换货',
      description: '颜色不对',
      goodsReceived: 'returned',
      carrier: '韵达快递',
      waybillNo: '4312345678901',
      createdAt: new Date(1_773_837_342_425),
      modifiedAt: new Date(1_773_923_742_425),
      deadline: new Date(1_774_787_742_425),
      buyerNick: '',
      constraint: '',
    })
  })

  it('does not guess its pieces where the order does not say them', () => {
    const found = parseRefund(dataOf('refundDetail'))
    assert.ok(found.kind === 'refund')
    assert.equal(found.quantity, 0)
    assert.deepEqual(found.doubts, [{ field: 'num', line: '', raw: '', guess: '0' }])
  })

  it('has the state that its two numbers say; what the platform decides takes no answer', () => {
    const states = [10, 11, 12, 20, 21, 22, 30, 40, 45, 50, 60, 70, 99].map((status) => {
      const refund = refundOf({ status, negotiateStatus: 1 })
      return `${refund.platformStatus} ${refund.status}${refund.constraint}`
    })
    assert.deepEqual(states, [
      '10 applied',
      '11 applied',
      '12 applied',
      '20 applied平台介入中',
      '21 applied平台介入中',
      '22 agreed',
      '30 agreed',
      '40 agreed',
      '45 agreed',
      '50 agreed',
      '60 succeeded',
      '70 closed',
      '99 unknown',
    ])
    for (const status of [10, 11, 40]) {
      const refund = refundOf({ status, negotiateStatus: 3 })
      assert.deepEqual([refund.status, refund.platformStatus], ['refused', `${status}/3`])
    }
    assert.equal(refundOf({ status: 60, negotiateStatus: 3 }).status, 'succeeded')
  })

  it('is of a kind; one of price protection is of money only', () => {
    const kinds = [1, 10, 3, 7].map((handlingWay) => refundOf({ handlingWay }).refundKind)
    assert.deepEqual(kinds, ['return', 'refund_only', 'exchange', 'other'])
    assert.equal(refundOf({ handlingWay: 10, specialRefundType: 1 }).refundKind, 'money_only')
    const unshipped = refundOf({ handlingWay: 10, receiptStatus: 1, logisticsInfo: null })
    assert.deepEqual([unshipped.phase, unshipped.goodsReceived], ['onsale', 'not_received'])
  })
})

describe('goods of Kuaishou', () => {
  it('are a listing for each SKU that is sold', () => {
    const [product] = listAt(dataOf('itemList'), 'items', '').filter(isFields)
    const found = parseProduct(product, listAt(product ?? {}, 'skuList', ''))
    assert.deepEqual(found, [
      {
        itemId: '2000000000000000001',
        platformSkuId: '3000000000000000001',
        outerItemId: '70001',
        outerSkuId: 'SJT60-0102',
        title: '60支长绒棉四件套',
        spec: '雾蓝,1.8m床',
        pictureUrl: 'https://p2-ec.ecukwai.com/a.jpg',
        priceFen: 10_900,
        quantity: 12,
        status: 'on_sale',
        modifiedAt: new Date(1_773_700_000_000),
      },
    ])
  })
})

describe('an error of Kuaishou', () => {
  /** 2026-03-17 18:00 in China. */
  const at = new Date(Date.UTC(2026, 2, 17, 10))
  const errorOf = (result: number, error_msg: string): PlatformError => {
    try {
      readAnswer({ status: 200, text: JSON.stringify({ result, error_msg }), retryAfterMs: 0 }, at, [
        'topsecret',
      ])
    } catch (error) {
      if (error instanceof PlatformError) return error
    }
    return assert.fail('no error')
  }

  it('says by its number or its words what to do', () => {
    const meaning = (result: number, words: string) => {
      const { kind, code, unclear } = errorOf(result, words)
      return [kind, code, unclear]
    }
    assert.deepEqual(meaning(24, 'AUTHORIZATION_REVOKED'), ['reauthorise', '24', false])
    assert.deepEqual(meaning(100_200_102, 'refreshToken.discarded'), ['reauthorise', '100200102', false])
    assert.deepEqual(meaning(7, '鉴权失败'), ['reauthorise', '7', false])
    assert.deepEqual(meaning(100_200_500, 'server_error'), ['retry', '100200500', true])
    assert.deepEqual(meaning(7, '系统繁忙，请稍后重试'), ['retry', '7', true])
    assert.deepEqual(meaning(300_014, 'REFUND ORDER UPDATED'), ['rejected', 'refund_changed', false])
    assert.deepEqual(meaning(300_019, 'SEARCH TIME RANGE EXPAND LIMIT'), [
      'rejected',
      'window_too_wide',
      false,
    ])
    assert.deepEqual(meaning(21, '当前库存不足，请减少预留库存'), ['rejected', '21', false])
  })

  it('waits two seconds for a limit of a second, and ten minutes for a quota, whose time no document gives', () => {
    const perSecond = errorOf(5, 'Exceed qps limit, KEY [apiId:open.order.detail], MAX_QPS [300.0]')
    assert.deepEqual([perSecond.kind, perSecond.waitMs], ['rate_limited', 2000])
    const quota = errorOf(5, 'Exceed quota limit, KEY [appkey:ks6887777777779839]')
    assert.deepEqual([quota.kind, quota.waitMs], ['rate_limited', 600_000])
    assert.equal(errorOf(5, '[1017] exceed quota limit,[apiId:x]').kind, 'rate_limited')
  })

  it('names a wrong parcel by our words, and an order that is not there only as such', () => {
    const failure = (words: string) => shipFailureOf(errorOf(11, words))
    assert.equal(failure('运单号和物流公司不匹配'), 'waybill_invalid')
    assert.equal(failure('快递公司不存在'), 'courier_code')
    assert.equal(failure('收货地址与电子面单取号地址不一致'), undefined)
    assert.equal(shipFailureOf(errorOf(21, '运单号和物流公司不匹配')), undefined)
    assert.equal(isNoOrder(errorOf(21, 'order operation reject')), true)
    assert.equal(isNoOrder(errorOf(21, '当前库存不足')), false)
  })

  it('holds no secret, and takes an answer without a result for broken', () => {
    assert.doesNotMatch(errorOf(9, 'topsecret 13812345678').message, /topsecret|13812345678/)
    const broken = (status: number, text: string) => {
      try {
        readAnswer({ status, text, retryAfterMs: 0 }, at, [])
      } catch (error) {
        if (error instanceof PlatformError) return [error.kind, error.code, error.unclear]
      }
      return assert.fail('no error')
    }
    assert.deepEqual(broken(200, '{"data":{}}'), ['retry', 'bad_answer', true])
    assert.deepEqual(broken(502, '<html>'), ['retry', 'http_502', true])
  })
})
