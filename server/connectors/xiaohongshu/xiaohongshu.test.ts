import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PlatformError } from '../../lib/platform-error.ts'
import { answerIn } from '../conformance/fixtures.ts'
import type { Refund, Trade } from '../connector.ts'
import { type Fields, fieldsAt, isFields, listAt } from '../fields.ts'
import { readAnswer, signature } from './client.ts'
import { goneOf, isNoOrder, isNoRefund, shipFailureOf } from './errors.ts'
import { parseSku } from './goods.ts'
import { millisecondsOf, secondsOf } from './lists.ts'
import { oauth } from './oauth.ts'
import { parseRefund } from './refunds.ts'
import { sellerIn, sessionOf, tokenIn } from './session.ts'
import { statusWords } from './statuses.ts'
import { parseOrder } from './trades.ts'

const dataOf = (name: string) => fieldsAt(answerIn(import.meta.url, name), 'data')
const order = dataOf('orderDetail')
const [first = assert.fail(), second = assert.fail()] = listAt(order, 'skuList', '').filter(isFields)
const afterSale = fieldsAt(dataOf('afterSaleInfo'), 'data')
const tid = 'P700000000000000001'
const [skuA, skuB] = ['64a0000000000000000000a1', '64a0000000000000000000b1']

function parsed(change: Fields = {}): Trade {
  const found = parseOrder({ ...order, ...change }, '')
  return 'trade' in found ? found.trade : assert.fail(found.reason)
}

describe('the signature of 小红书', () => {
  it('is made of the parameters of the system only', () => {
    const system = { method: 'order.getOrderDetail', appId: 'xhs-demo-app', timestamp: '1700000000' }
    assert.equal(
      signature({ ...system, version: '2.0' }, 'xhs-demo-secret'),
      '3b83ee7d9c4a47a6121ca5cbe46bd3e0',
    )
  })

  it('is preceded by the agreement of the seller', () => {
    const input = { redirectUri: 'https://a.test/back', state: 's' }
    const url = new URL(oauth.authorizeUrl({ appId: 'A1' }, input))
    assert.equal(url.origin + url.pathname, 'https://ark.xiaohongshu.com/ark/authorization')
    assert.deepEqual(
      [...url.searchParams],
      [
        ['appId', 'A1'],
        ['redirectUri', 'https://a.test/back'],
        ['state', 's'],
      ],
    )
  })
})

describe('a token of 小红书', () => {
  it('is kept with the seller that it was given for, and sent without', () => {
    const seller = { platformShopId: '5d000000000000000000cc01', name: '山隅 家居%', nick: '山隅 家居%' }
    const session = sessionOf('token-1', seller)
    assert.deepEqual([tokenIn(session), sellerIn(session)], ['token-1', seller])
  })

  it('that a person typed names no seller, and one without a readable name is known by its number', () => {
    assert.deepEqual([tokenIn('token-1'), sellerIn('token-1')], ['token-1', undefined])
    assert.deepEqual(sellerIn('token-1 5d01 %E0%A4%A'), {
      platformShopId: '5d01',
      name: '5d01',
      nick: '5d01',
    })
  })
})

describe('an order of 小红书', () => {
  it('is read with its remark, and the number of the receiver in place of name and street', () => {
    const { lines: _lines, ...trade } = parsed()
    assert.deepEqual(trade, {
      tid,
      status: 'paid',
      platformStatus: '4',
      type: 'normal',
      platformType: '1',
      createdAt: new Date('2026-11-01T02:00:00Z'),
      modifiedAt: new Date('2026-11-01T02:01:01Z'),
      paidAt: new Date('2026-11-01T02:01:00Z'),
      shippedAt: null,
      endedAt: null,
      shipBy: new Date('2026-11-03T02:01:00Z'),
      planAt: null,
      cod: false,
      finalUnpaid: false,
      holds: [],
      paymentFen: 16_400,
      postFeeFen: 600,
      discountFen: 1500,
      subsidyFen: 500,
      buyer: { nick: '', openId: '5e000000000000000000bb01' },
      receiver: {
        name: '***',
        mobile: '***',
        phone: '',
        province: '上海',
        city: '上海市',
        district: '黄浦区',
        town: '',
        address: '***',
        zip: '',
        token: '1ab0095927289a813ad1751aed0742cc',
        identity: '1ab0095927289a813ad1751aed0742cc',
      },
      buyerMessage: '周末送',
      sellerMemo: '加急',
      flag: 2,
    })
  })

  it('has lines that order and SKU name, with prices of the sale and not those of customs', () => {
    const shown = parsed().lines.map(({ oid, itemId, outerSkuId, spec, ...line }) => [
      ...[oid, itemId, outerSkuId, spec],
      ...[line.quantity, line.priceFen, line.paymentFen, line.discountFen, line.refund],
    ])
    assert.deepEqual(shown, [
      [`${tid}-${skuA}`, '67a0000000000000000000a0', 'SKU-A', '白/1.8m床', 1, 10_900, 9900, 1000, 'none'],
      // A bundle without a code of its own is known by that of its first component.
      [`${tid}-${skuB}`, '67a0000000000000000000b0', 'SKU-B1', '焦糖', 2, 3450, 5900, 1000, 'none'],
    ])
  })

  it('keeps a gift, and a line that repeats a SKU, apart from the bought goods', () => {
    const gift = {
      ...first,
      skuTag: 1,
      totalPaidAmount: 0,
      totalMerchantDiscount: 10_900,
      totalRedDiscount: 0,
    }
    const skuList = [first, gift, second, { ...second, totalPaidAmount: 0 }]
    const oids = parsed({ skuList }).lines.map(({ oid }) => oid)
    assert.deepEqual(oids, [`${tid}-${skuA}`, `${tid}-${skuA}-g`, `${tid}-${skuB}`, `${tid}-${skuB}-2`])
  })

  it('has one of the states of the platform, and the payment tells what closing meant', () => {
    const states = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11'].map((orderStatus) => {
      const { status, holds } = parsed({ orderStatus })
      return [status, ...holds].join(' ')
    })
    assert.deepEqual(states, [
      'unpaid',
      'paid ship_hold',
      'paid ship_hold',
      'paid',
      'partly_shipped',
      'shipped',
      'finished',
      'closed_refunded',
      'closed_refunded',
      'shipped',
      'unknown',
    ])
    assert.equal(parsed({ orderStatus: 9, paidTime: 0 }).status, 'closed_unpaid')
    assert.deepEqual(statusWords('2'), { zh: '已付款处理中', en: 'Paid, in progress' })
    assert.equal(statusWords('11'), undefined)
  })

  it('that left in parts shows which goods are in which parcel, and which were given back before', () => {
    const parcel = (waybill: string, sku: string) => ({ expressTrackingNo: waybill, skuIdList: [sku] })
    const shown = (change: Fields) =>
      parsed(change).lines.map(({ status, waybillNo = '', refund }) => [status, waybillNo, refund].join(' '))
    const one = [parcel('SF1', skuA)]
    assert.deepEqual(shown({ orderStatus: 5, simpleDeliveryOrderList: one }), [
      'shipped SF1 none',
      'paid  none',
    ])
    assert.deepEqual(shown({ orderStatus: 6, simpleDeliveryOrderList: one }), [
      'shipped SF1 none',
      'closed_refunded  succeeded',
    ])
    assert.deepEqual(shown({ orderStatus: 6, expressTrackingNo: 'SF2' }), [
      'shipped SF2 none',
      'shipped SF2 none',
    ])
    // A number that was merely taken is no parcel.
    assert.deepEqual(shown({ expressTrackingNo: 'SF2' }), ['paid  none', 'paid  none'])
  })

  it('holds the goods whose after-sale is open, and all of them where the goods say nothing', () => {
    const refunds = (change: Fields) => parsed(change).lines.map(({ refund }) => refund)
    const goods = (state: number | undefined) => ({
      ...first,
      skuDetailList: [{ skuId: skuA, ...(state === undefined ? {} : { skuAfterSaleStatus: state }) }],
    })
    const byState = [2, 3, 4, 5, 6, 77].map((state) => refunds({ skuList: [goods(state), second] }).join(' '))
    assert.deepEqual(byState, [
      'applied none',
      'none none',
      'none none',
      'closed none',
      'applied none',
      'applied none',
    ])
    const silent = { skuList: [goods(undefined)] }
    assert.deepEqual(refunds({ ...silent, orderAfterSalesStatus: 2 }), ['applied'])
    assert.deepEqual(refunds({ ...silent, orderAfterSalesStatus: 3 }), ['none'])
    assert.deepEqual(refunds({ ...silent, cancelStatus: 1 }), ['applied'])
    assert.deepEqual(refunds({ orderAfterSalesStatus: 2 }), ['applied', 'applied'])
    assert.deepEqual(refunds({ orderStatus: 8 }), ['succeeded', 'succeeded'])
  })

  it('whose buyer applies to cancel is held whole, whatever its goods say', () => {
    const refunds = parsed({ cancelStatus: 1 }).lines.map(({ refund }) => refund)
    assert.deepEqual(refunds, ['applied', 'applied'])
  })

  it('of a deposit waits for the rest, and presold goods leave from a day on', () => {
    const presale = parsed({ orderType: 2, orderStatus: 1, paidTime: 0 })
    assert.deepEqual([presale.type, presale.finalUnpaid], ['presale', true])
    const paid = parsed({ orderType: 2, presaleDeliveryStartTime: 1_793_600_000_000 })
    assert.deepEqual([paid.finalUnpaid, paid.planAt], [false, new Date('2026-11-01T16:00:00Z')])
    const virtual = parsed({ orderTagList: ['NO_LOGISTICS_SHIP:1'] })
    assert.deepEqual([virtual.type, parsed({ orderType: 5 }).type], ['virtual', 'other'])
  })

  it('spreads its payment by the amounts of its goods, also where these leave the deposit out', () => {
    const money = (change: Fields) => {
      const trade = parsed(change)
      return [trade.lines.map(({ paymentFen }) => paymentFen), trade.doubts?.map(({ field }) => field)]
    }
    assert.deepEqual(money({}), [[9900, 5900], undefined])
    const deposit = { ...first, skuDetailList: [{ skuId: skuA, depositAmountPerSku: 1000 }] }
    const skuList = [deposit, second]
    assert.deepEqual(money({ skuList, totalPayAmount: 17_400 }), [[10_900, 5900], undefined])
    assert.deepEqual(money({ totalPayAmount: 32_200 }), [[19_800, 11_800], ['line payments']])
    assert.deepEqual(money({ totalPayAmount: 'many' }), [[9900, 5900], ['payment']])
  })

  it('without its number, time of change or goods is parked', () => {
    const reasonOf = (change: Fields) => {
      const found = parseOrder({ ...order, ...change }, 'raw')
      return 'kind' in found ? [found.id, found.reason, found.raw] : []
    }
    assert.deepEqual(reasonOf({ orderId: null }), [null, 'no orderId', 'raw'])
    assert.deepEqual(reasonOf({ updateTime: 0 }), [tid, 'no updateTime', 'raw'])
    assert.deepEqual(reasonOf({ skuList: [] }), [tid, 'no lines', 'raw'])
  })
})

describe('an after-sale of 小红书', () => {
  function refundOf(change: Fields = {}): Refund {
    const info = { ...fieldsAt(afterSale, 'afterSaleInfo'), ...change }
    const found = parseRefund({ ...afterSale, afterSaleInfo: info })
    return found.kind === 'refund' ? found : assert.fail(found.reason)
  }

  it('is read with its line, its parcel, and its amount in yuan', () => {
    assert.deepEqual(refundOf(), {
      kind: 'refund',
      refundId: 'R700000000000000009',
      tid,
      oid: `${tid}-${skuA}`,
      refundKind: 'return',
      phase: 'aftersale',
      status: 'agreed',
      platformStatus: '3',
      version: '1793600360000',
      amountFen: 9855,
      quantity: 1,
      title: '长绒棉四件套',
      spec: '白 / 1.8m床',
      outerId: 'SKU-A',
      reason: '7天无理由退换货',
      description: '尺寸偏小',
      goodsReceived: 'returned',
      carrier: '韵达快递',
      waybillNo: '4312345678901',
      createdAt: new Date(1_793_600_000_000),
      modifiedAt: new Date(1_793_600_360_000),
      deadline: new Date(1_794_200_000_000),
      buyerNick: '',
      constraint: '',
    })
  })

  it('has succeeded only when the money has gone back, and an exchange when it is done', () => {
    const state = (change: Fields) => {
      const { status, amountFen } = refundOf(change)
      return [status, amountFen]
    }
    assert.deepEqual(state({ status: 4 }), ['agreed', 9855])
    assert.deepEqual(state({ status: 4, refundStatus: 2, refundAmountYuan: 90 }), ['succeeded', 9000])
    assert.deepEqual(state({ status: 4, returnType: 2 }), ['succeeded', 9855])
    const others = [1, 2, 5, 6, 9, 9001, 11, 12, 13, 14, 99].map((status) => refundOf({ status }).status)
    const words = 'applied agreed closed closed refused refused applied agreed agreed applied unknown'
    assert.equal(others.join(' '), words)
    assert.equal(refundOf({ status: 14 }).constraint, '平台介入中')
  })

  it('before shipping holds the order, and one of several goods is of the whole order', () => {
    // 3 is an older number of 4: nothing says that its goods have not left.
    const former = refundOf({ returnType: 3, returnExpressNo: '' })
    assert.deepEqual(
      [former.refundKind, former.phase, former.goodsReceived],
      ['refund_only', 'aftersale', 'unknown'],
    )
    const early = refundOf({ returnType: 5, returnExpressNo: '' })
    assert.deepEqual(
      [early.refundKind, early.phase, early.goodsReceived],
      ['refund_only', 'onsale', 'not_received'],
    )
    const [sku] = listAt(fieldsAt(afterSale, 'afterSaleInfo'), 'skus', '').filter(isFields)
    const whole = refundOf({ skus: [sku, { ...sku, skuId: skuB, appliedCount: 2 }] })
    assert.deepEqual([whole.oid, whole.quantity, whole.title], ['', 3, ''])
  })

  it('of a component is of its bundle, of a SKU that was only given of the gift, and of no goods of the whole order', () => {
    const [sku] = listAt(fieldsAt(afterSale, 'afterSaleInfo'), 'skus', '').filter(isFields)
    const oid = (skuId: string, goods: Fields = order) => {
      const info = { ...fieldsAt(afterSale, 'afterSaleInfo'), skus: [{ ...sku, skuId }] }
      const found = parseRefund({ afterSaleInfo: info }, goods)
      return found.kind === 'refund' ? found.oid : assert.fail(found.reason)
    }
    assert.equal(oid(skuA), `${tid}-${skuA}`)
    assert.equal(oid('64a0000000000000000000b2'), `${tid}-${skuB}`)
    assert.equal(oid('64a0000000000000000000ff'), '')
    const gift = { ...first, skuTag: 1 }
    assert.equal(oid(skuA, { ...order, skuList: [gift, first] }), `${tid}-${skuA}`)
    assert.equal(oid(skuA, { ...order, skuList: [gift, second] }), `${tid}-${skuA}-g`)
  })

  it('whose amount cannot be read has a doubt, and one without its order is parked', () => {
    const fields = (change: Fields) => refundOf(change).doubts?.map(({ field }) => field)
    assert.deepEqual(fields({ expectedRefundAmountYuan: 'all' }), ['refund_amount'])
    assert.deepEqual(fields({ expectedRefundAmountYuan: null }), ['refund_amount'])
    const info = { ...fieldsAt(afterSale, 'afterSaleInfo'), orderId: '' }
    const bad = parseRefund({ afterSaleInfo: info })
    assert.deepEqual(bad.kind === 'bad' && [bad.id, bad.reason], ['R700000000000000009', 'no orderId'])
  })
})

it('a SKU is a listing with its price in 分 and the pieces that can be sold', () => {
  const [row] = listAt(dataOf('skuList'), 'data', '')
  assert.deepEqual(parseSku(row, 'on_sale'), {
    itemId: '67a0000000000000000000a0',
    platformSkuId: skuA,
    outerItemId: 'SJT60',
    outerSkuId: 'SKU-A',
    title: '长绒棉四件套',
    spec: '白 / 1.8m床',
    pictureUrl: 'https://img.example.com/a.jpg',
    priceFen: 10_900,
    quantity: 37,
    status: 'on_sale',
    modifiedAt: new Date(1_790_000_072_000),
  })
  const bad = parseSku({ item: { id: '67a0' }, sku: {} }, 'in_stock')
  assert.deepEqual('kind' in bad && [bad.id, bad.reason], ['67a0', 'no id of the SKU'])
})

it('windows of orders are in seconds, those of after-sales in milliseconds', () => {
  const window = { from: new Date(1_793_498_400_400), to: new Date(1_793_498_460_200) }
  assert.deepEqual(secondsOf(window), { startTime: 1_793_498_400, endTime: 1_793_498_461 })
  assert.deepEqual(millisecondsOf(window), { startTime: 1_793_498_400_400, endTime: 1_793_498_460_200 })
})

describe('an answer of 小红书', () => {
  const read = (body: unknown, status = 200) =>
    readAnswer({ answer: { status, text: JSON.stringify(body), retryAfterMs: 0 }, secrets: ['hush'] })
  function errorOf(body: unknown, status = 200): PlatformError {
    try {
      read(body, status)
    } catch (error) {
      if (error instanceof PlatformError) return error
    }
    return assert.fail('no error')
  }
  const said = (error_msg: string, error_code = -1) => errorOf({ success: false, error_code, error_msg })

  it('may have a second envelope inside, which has to be good too', () => {
    const inner = (of: Fields) => ({ success: true, error_code: 0, data: of })
    assert.deepEqual(read(inner({ code: 0, success: true, data: { a: 1 } })), { a: 1 })
    assert.deepEqual(read(inner({ success: true, a: 1 })), { success: true, a: 1 })
    const refused = errorOf(inner({ code: -7, success: false, msg: '售后单不存在' }))
    assert.deepEqual([refused.kind, refused.code, refused.message], ['rejected', '-7', '-7 · 售后单不存在'])
    assert.equal(errorOf(inner({ code: 5, success: true, msg: '' })).kind, 'rejected')
  })

  it('that says success beside the number of an error is refused', () => {
    const error = errorOf({ success: true, error_code: 50209, error_msg: '类目错误' })
    assert.deepEqual([error.kind, error.code], ['rejected', '50209'])
    assert.equal(errorOf({ success: false }).code, 'not_done')
  })

  it('is told apart by its words, because its numbers are not public', () => {
    const kinds = [
      said('触发Method维度的限流', -9013),
      said('', -9013),
      said('请求过于频繁，超过QPS'),
      said('accessToken无效或已过期'),
      said('授权已过期'),
      said('签名校验失败'),
      said('appId与accessToken不符'),
      said('系统繁忙'),
      said('订单不存在'),
    ].map(({ kind, unclear, waitMs }) => [kind, unclear ? 'unclear' : '', waitMs].filter(Boolean).join(' '))
    assert.deepEqual(kinds, [
      'rate_limited 1000',
      'rate_limited 1000',
      'rate_limited 1000',
      'reauthorise',
      'reauthorise',
      'rejected',
      'rejected',
      'retry unclear',
      'rejected',
    ])
  })

  it('of a server that failed is unclear, and no secret is repeated', () => {
    const failed = errorOf({ success: false, error_code: -1, error_msg: '订单不存在 hush' }, 502)
    assert.deepEqual([failed.kind, failed.unclear, failed.message.includes('hush')], ['retry', true, false])
    assert.equal(errorOf({ hello: 1 }).code, 'bad_answer')
    assert.equal(errorOf({ hello: 1 }, 403).kind, 'rejected')
  })

  it('says why a parcel, an after-sale or a quantity is refused', () => {
    const reasons = [
      '快递公司编码不存在',
      '快递单号格式不正确',
      '运单号重复',
      '订单不存在',
      '订单状态不允许发货',
    ]
    assert.deepEqual(
      reasons.map((text) => shipFailureOf(said(text))),
      ['courier_code', 'waybill_invalid', 'waybill_invalid', 'other', undefined],
    )
    assert.deepEqual(
      ['商品规格不存在', 'sku不存在', '库存不足'].map((text) => goneOf(said(text))),
      ['sku', 'sku', 'no'],
    )
    assert.deepEqual([isNoOrder(said('订单不存在')), isNoRefund(said('售后单不存在'))], [true, true])
    assert.equal(isNoOrder(said('售后单不存在')), false)
  })
})
