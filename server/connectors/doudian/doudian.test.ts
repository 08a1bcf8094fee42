import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, it } from 'node:test'
import { PlatformError } from '../../lib/platform-error.ts'
import { answerIn } from '../conformance/fixtures.ts'
import type { Refund, Trade } from '../connector.ts'
import { type Fields, fieldsAt, isFields, listAt } from '../fields.ts'
import { readAnswer } from './client.ts'
import { goneOf, isChanged, isNoOrder, isNoRefund, rowError, shipFailureOf } from './errors.ts'
import { parseProduct } from './goods.ts'
import { parseDetail, parseListed, refundsOfTrade } from './refunds.ts'
import { statusWords } from './statuses.ts'
import { parseOrder } from './trades.ts'

const dataOf = (name: string) => fieldsAt(answerIn(import.meta.url, name), 'data')
const order = fieldsAt(dataOf('orderDetail'), 'shop_order_detail')
const [first = {}, second = {}] = listAt(order, 'sku_order_list', '').filter(isFields)

function parsed(change: Fields = {}): Trade {
  const found = parseOrder({ ...order, ...change }, '')
  return 'trade' in found ? found.trade : assert.fail(found.reason)
}

/** The order with another status on itself and on its lines. */
const ordered = (order_status: number, change: Fields = {}) =>
  parsed({
    ...change,
    order_status,
    main_status: change.main_status ?? order_status,
    sku_order_list: [{ ...first, order_status, main_status: order_status }],
  })

describe('an order of Douyin', () => {
  it('is read with what the buyer paid, what came on top, and masks in place of the receiver', () => {
    const { lines, ...trade } = parsed()
    assert.deepEqual(trade, {
      tid: '4710000000000000001',
      status: 'paid',
      platformStatus: '2',
      type: 'normal',
      platformType: '0',
      createdAt: new Date(1_700_000_000_000),
      modifiedAt: new Date(1_700_000_061_000),
      paidAt: new Date(1_700_000_060_000),
      shippedAt: null,
      endedAt: null,
      shipBy: new Date(1_700_172_860_000),
      planAt: null,
      cod: false,
      finalUnpaid: false,
      holds: [],
      paymentFen: 17_900,
      postFeeFen: 600,
      discountFen: 3000,
      subsidyFen: 1500,
      buyer: { nick: '', openId: '1@#masked' },
      receiver: {
        name: '张*',
        mobile: '1*********0',
        phone: '',
        province: '浙江省',
        city: '杭州市',
        district: '余杭区',
        town: '仓前街道',
        address: '文一****',
        zip: '',
        token: '#masked#',
      },
      buyerMessage: '周末送',
      sellerMemo: '',
      flag: 1,
    })
    assert.deepEqual(
      lines.map((line) => [line.oid, line.skuId, line.spec, line.quantity, line.paymentFen, line.refund]),
      [
        ['4710000000000000001', '1700000000000001', '雾蓝 / 45×45cm', 2, 8000, 'none'],
        ['4710000000000000002', '1739480000000000021', '', 1, 9300, 'applied'],
      ],
    )
  })

  it('takes the freight out of its lines if they hold it', () => {
    const withFreight = [
      { ...first, pay_amount: 8900, post_amount: 600 },
      { ...second, pay_amount: 9500 },
    ]
    const { lines } = parsed({ sku_order_list: withFreight })
    assert.deepEqual(
      lines.map(({ paymentFen }) => paymentFen),
      [8000, 9300],
    )
  })

  it('has each status of the documents, and must not be shipped before it is accepted', () => {
    const words = [1, 105, 2, 101, 3, 5].map((status) => ordered(status).status)
    assert.deepEqual(words, ['unpaid', 'paid', 'paid', 'partly_shipped', 'shipped', 'finished'])
    assert.deepEqual([ordered(105).holds, ordered(2).holds], [['risk'], []])
    assert.deepEqual(
      [ordered(4).status, ordered(4, { pay_time: 0 }).status],
      ['closed_refunded', 'closed_unpaid'],
    )
    assert.equal(ordered(4, { pay_time: 0, main_status: 21 }).platformStatus, '4/21')
    assert.equal(ordered(4, { pay_time: 0, main_status: 21 }).status, 'closed_refunded')
    assert.equal(ordered(77).status, 'unknown')
    assert.deepEqual(
      [statusWords('4/21')?.zh, statusWords('2')?.zh, statusWords('77')],
      ['发货前退款完结', '待发货', undefined],
    )
  })

  it('waits for the final payment of a presale', () => {
    const phases = [{ pay_success: true }, { pay_success: false }]
    assert.equal(parsed({ order_phase_list: phases }).finalUnpaid, true)
    assert.equal(ordered(1, { main_status: 103 }).finalUnpaid, true)
    assert.equal(
      parsed({ order_phase_list: [{ pay_success: true }, { pay_success: true }] }).finalUnpaid,
      false,
    )
    assert.equal(parsed({ sku_order_list: [{ ...first, trade_type: 2 }] }).type, 'presale')
  })

  it('shows the pieces of a line in each of its parcels', () => {
    const parcel = (tracking_no: string, product_count: number) => ({
      tracking_no,
      company: 'zhongtong',
      ship_time: 1_700_090_000,
      delivery_id: tracking_no,
      product_info: [{ sku_order_id: '4710000000000000001', product_count }],
    })
    const { lines, shippedAt } = parsed({
      order_status: 101,
      logistics_info: [parcel('71', 1), parcel('72', 1)],
    })
    assert.deepEqual(shippedAt, new Date(1_700_090_000_000))
    assert.deepEqual([lines[0]?.status, lines[0]?.waybills], ['partly_shipped', ['71', '72']])
    assert.deepEqual([lines[1]?.status, lines[1]?.waybills], ['paid', undefined])
  })

  it('does not hold goods back for an exchange or a difference in price, and asks about a state that nobody knows', () => {
    const refundOf = (after_sale_status: number, after_sale_type: number) => {
      const trade = parsed({
        sku_order_list: [{ ...first, after_sale_info: { after_sale_status, after_sale_type } }],
      })
      return [trade.lines[0]?.refund, trade.doubts?.map(({ field }) => field) ?? []]
    }
    assert.deepEqual(refundOf(6, 6), ['none', []])
    assert.deepEqual(refundOf(12, 2), ['succeeded', []])
    assert.deepEqual(refundOf(28, 2), ['closed', []])
    assert.deepEqual(refundOf(27, 1), ['applied', []])
    assert.deepEqual(refundOf(99, 2), ['none', ['refund_status']])
  })

  it('names what it could not read', () => {
    const doubted = parsed({
      pay_amount: '184.00',
      sku_order_list: [{ ...first, order_id: '', item_num: 'two' }],
    })
    assert.deepEqual(
      doubted.doubts?.map(({ field, guess }) => [field, guess]),
      [
        ['oid', '4710000000000000001'],
        ['payment', '55.00'],
        ['num', '1'],
      ],
    )
  })
})

describe('an after-sale of Douyin', () => {
  const listed = listAt(dataOf('afterSaleList'), 'items', '')[0]
  const refundIn = (found: ReturnType<typeof parseListed>): Refund =>
    found.kind === 'refund' ? found : assert.fail(found.reason)

  it('is the same in the list and in its detail, whose numbers are numbers', () => {
    const [one, other] = [refundIn(parseListed(listed)), refundIn(parseDetail(dataOf('afterSaleDetail')))]
    assert.deepEqual({ ...other, description: '' }, one)
    assert.equal(other.description, '偏小')
    assert.deepEqual(
      [one.refundId, one.tid, one.oid, one.refundKind, one.status, one.phase, one.version, one.amountFen],
      [
        '7170000000000000001',
        '4710000000000000001',
        '4710000000000000002',
        'return',
        'agreed',
        'aftersale',
        '1700200000',
        9300,
      ],
    )
    assert.deepEqual(
      [one.goodsReceived, one.waybillNo, one.deadline],
      ['returned', '4312345678901', new Date(1_700_300_000_000)],
    )
  })

  it('has not succeeded while the money failed to go back', () => {
    const info = isFields(listed) ? fieldsAt(listed, 'aftersale_info') : {}
    const withStates = (aftersale_status: number, refund_status: number) =>
      refundIn(
        parseListed({
          ...(isFields(listed) ? listed : {}),
          aftersale_info: { ...info, aftersale_status, refund_status },
        }),
      ).status
    assert.deepEqual(
      [withStates(12, 3), withStates(12, 4), withStates(27, 1), withStates(77, 1)],
      ['succeeded', 'agreed', 'refused', 'unknown'],
    )
  })
})

describe('the after-sales of an order of Douyin', () => {
  /** Asks a platform that answers with this state on the only line, and with these after-sales. */
  async function asked(info: object, states: readonly number[]) {
    const [sample] = listAt(dataOf('afterSaleList'), 'items', '')
    const item = isFields(sample) ? sample : {}
    const items = states.map((aftersale_status, at) => ({
      ...item,
      aftersale_info: { ...fieldsAt(item, 'aftersale_info'), aftersale_id: String(at + 1), aftersale_status },
    }))
    const paths: string[] = []
    const server = createServer(({ url = '' }, response) => {
      const path = url.split('?')[0] ?? ''
      paths.push(path)
      const detail = { shop_order_detail: { sku_order_list: [{ after_sale_info: info }] } }
      const data = path === '/afterSale/List' ? { items, total: items.length } : detail
      response.end(JSON.stringify({ code: 10000, data }))
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : assert.fail()
    const credentials = { appKey: '1', appSecret: '1', shopId: '1', gatewayUrl: `http://127.0.0.1:${port}/` }
    try {
      const found = await refundsOfTrade({ credentials, session: 's', variant: 'doudian' }, '1')
      return [found.map(({ refundId, status }) => `${refundId} ${status}`), paths.length]
    } finally {
      server.close()
      server.closeAllConnections()
    }
  }

  it('are all named, so that a later one that is closed hides no open one', async () => {
    assert.deepEqual(await asked({ after_sale_status: 6 }, [6, 28]), [['1 applied', '2 closed'], 2])
  })

  it('are looked up if the order does not say that there is none', async () => {
    assert.deepEqual(await asked({ after_sale_status: 0 }, []), [[], 1])
    assert.deepEqual(await asked({}, [6]), [['1 applied'], 2])
    assert.deepEqual(await asked({}, []), [[], 2])
    await assert.rejects(asked({ after_sale_status: 6 }, []), { kind: 'retry', code: 'bad_answer' })
  })
})

describe('goods of Douyin', () => {
  it('keep the digits of their numbers, and are named by the properties of the SKU', () => {
    const skus = [
      {
        id: '1739480000000000021',
        code: 'B',
        price: 4900,
        stock_num: 7,
        sell_properties: [{ value_name: '雾蓝' }],
      },
    ]
    const [listing] = parseProduct(
      { product_id: '3500000000000000002', name: '抱枕套', update_time: 1_700_000_000 },
      skus,
      'on_sale',
    )
    assert.ok(listing && !('kind' in listing))
    assert.deepEqual(
      [
        listing.itemId,
        listing.platformSkuId,
        listing.outerSkuId,
        listing.spec,
        listing.priceFen,
        listing.quantity,
      ],
      ['3500000000000000002', '1739480000000000021', 'B', '雾蓝', 4900, 7],
    )
  })
})

describe('an error of Douyin', () => {
  function errorOf(code: number, sub_code: string, sub_msg: string): PlatformError {
    const text = JSON.stringify({
      code,
      msg: '业务处理失败',
      sub_code,
      sub_msg,
      log_id: '20231114',
      data: null,
    })
    try {
      readAnswer({ status: 200, text, retryAfterMs: 0 }, ['geheim'])
    } catch (error) {
      if (error instanceof PlatformError) return error
    }
    return assert.fail('no error')
  }

  it('has the kind of its code, and of its sub-code first', () => {
    const kinds = [
      errorOf(20000, 'isp.service-error:10002', '系统处理失败'),
      errorOf(60000, 'isv.traffic-limited', '限流'),
      errorOf(40003, 'isv.access-token-expired', 'access_token已过期'),
      errorOf(40003, 'isv.signature-invalid', '签名校验失败'),
      errorOf(30001, 'dop.authorization-closed', '店铺授权已关闭'),
      errorOf(50002, 'isv.business-failed:60106', '系统繁忙，请稍后重试。'),
      errorOf(50002, 'isv.business-failed:60110', '订单已发货，不允许再次执行发货。'),
    ].map(({ kind }) => kind)
    assert.deepEqual(kinds, [
      'retry',
      'rate_limited',
      'reauthorise',
      'rejected',
      'reauthorise',
      'retry',
      'rejected',
    ])
    const told = errorOf(40004, 'isv.parameter-invalid:1', 'the secret geheim is wrong')
    assert.deepEqual([told.requestId, told.message.includes('geheim')], ['20231114', false])
    assert.equal(errorOf(30002, 'isv.invalid_ip', 'ip不在白名单').code, 'address_not_allowed')
    assert.equal(
      errorOf(50002, 'isv.business-failed:50056', '订单备注内容超过规定字数').code,
      'memo_too_long',
    )
  })

  it('says what is missing, and why a parcel was refused', () => {
    assert.ok(isNoOrder(errorOf(40004, 'isv.parameter-invalid:20001', '订单不存在')))
    assert.ok(isNoRefund(errorOf(40004, 'isv.parameter-invalid:11000', '参数错误，售后单ID错误')))
    assert.ok(isChanged(errorOf(50002, 'isv.business-failed:20309541', '售后状态错误')))
    assert.ok(isChanged(rowError('20309541', '售后状态错误', [])))
    assert.ok(!isChanged(rowError('11005', '操作失败', [])))
    const failure = (number: number, message: string, code = 50002, family = 'isv.business-failed') =>
      shipFailureOf(errorOf(code, `${family}:${number}`, message))
    assert.equal(failure(60040, '发货订单中有退款申请需要处理，请先处理。'), 'refund_open')
    assert.equal(failure(60017, '物流单号不符合规则', 40004, 'isv.parameter-invalid'), 'waybill_invalid')
    assert.equal(failure(700042, '物流服务商信息异常，请传入正确的物流服务商信息或稍后重试'), 'courier_code')
    assert.equal(failure(50050, '发货请求id不能为空', 40002, 'isv.missing-parameter'), 'parameter')
    assert.equal(failure(60110, '订单已发货，不允许再次执行发货。'), undefined)
    assert.equal(goneOf(errorOf(50002, 'isv.business-failed:2010058', '商品不存在或已彻底删除')), 'item')
    assert.equal(goneOf(errorOf(40004, 'isv.parameter-invalid:2010013', '查询商品信息失败')), 'sku')
    assert.equal(goneOf(errorOf(50002, 'isv.business-failed:2010041', '商品审核中，不可更新')), 'no')
  })

  it('is a broken answer without a code', () => {
    for (const text of ['<html>', '{}', '{"err_no":0,"data":{}}'])
      assert.throws(
        () => readAnswer({ status: 200, text, retryAfterMs: 0 }, []),
        (error) => error instanceof PlatformError && error.code === 'bad_answer' && error.unclear,
      )
  })
})
