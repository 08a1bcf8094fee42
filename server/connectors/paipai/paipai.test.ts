import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PlatformError } from '../../lib/platform-error.ts'
import { failureOf } from '../conformance/checks.ts'
import { answerIn } from '../conformance/fixtures.ts'
import type { Trade } from '../connector.ts'
import { type Fields, isFields, listAt } from '../fields.ts'
import { readAnswer } from './client.ts'
import { apiError, goneOf, isNoDeal, shipFailureOf } from './errors.ts'
import { parseItem } from './goods.ts'
import { updateMemo } from './memo.ts'
import { refundsIn } from './refunds.ts'
import { ship } from './ship.ts'
import { signatureOf } from './sign.ts'
import { stateFilter, statusWords } from './statuses.ts'
import { parseDeal } from './trades.ts'

const answerOf = (name: string) => answerIn(import.meta.url, name)
const deal = answerOf('getDealDetail')
const [first = {}, second = {}] = listAt(deal, 'itemList', '').filter(isFields)
const [listed = {}] = listAt(answerOf('sellerSearchDealList'), 'dealList', '').filter(isFields)

function parsed(change: Fields = {}, of: Fields = deal): Trade {
  const found = parseDeal({ ...of, ...change }, '')
  return 'trade' in found ? found.trade : assert.fail(found.reason)
}

describe('a call of Paipai', () => {
  const common = {
    accessToken: 'pp-demo-token',
    appOAuthID: '700000001',
    charset: 'utf-8',
    dealCode: '855000188-20100809-363110208',
    format: 'json',
    pureData: '1',
    randomValue: '12345',
    sellerUin: '855000188',
    timeStamp: '1700000000',
    uin: '855000188',
  }

  it('is signed over its verb, its path and its sorted parameters', () => {
    assert.equal(
      signatureOf('GET', '/deal/getDealDetail.xhtml', { ...common, listItem: '1' }, 'pp-demo-key'),
      'CZuo+TBCoXuj3Rm8/3Z4e21Y8cU=',
    )
    const parcel = { logisticsName: '圆通速递', logisticsCode: 'YT0000000001', arriveDays: '7' }
    assert.equal(
      signatureOf('POST', '/deal/sellerConsignDealItem.xhtml', { ...common, ...parcel }, 'pp-demo-key'),
      'oxvykvcKv6rCVk2pLg6sjMCHmew=',
    )
  })

  it('has failed unless the answer says errorCode 0', () => {
    const answered =
      (text: string, status = 200) =>
      () =>
        readAnswer({ status, text, retryAfterMs: 0 }, [])
    assert.deepEqual(answered('{"errorCode":0,"a":1}')(), { errorCode: 0, a: 1 })
    assert.deepEqual(answered('{"errorCode":"0"}')(), { errorCode: '0' })
    assert.throws(answered('{"dealList":[]}'), { kind: 'retry', code: 'bad_answer' })
    assert.throws(answered('var result={"errorCode":0};'), { kind: 'retry', code: 'bad_answer' })
    assert.throws(answered('{"errorCode":12290,"errorMessage":"签名错误"}'), {
      kind: 'rejected',
      code: '12290',
    })
    assert.throws(answered('gone', 502), { kind: 'retry', code: 'http_502' })
  })
})

describe('a deal of Paipai', () => {
  it('is read from its detail, which the buyer paid in part with tickets of the platform', () => {
    const { lines, ...trade } = parsed()
    assert.deepEqual(trade, {
      tid: '855000188-20150401-0000000002',
      status: 'shipped',
      platformStatus: 'DS_WAIT_BUYER_RECEIVE',
      type: 'normal',
      platformType: 'SELL_TYPE_BIN',
      createdAt: new Date('2015-04-01T02:00:00Z'),
      modifiedAt: new Date('2015-04-02T01:00:00Z'),
      paidAt: new Date('2015-04-01T02:01:00Z'),
      shippedAt: new Date('2015-04-02T01:00:00Z'),
      endedAt: null,
      shipBy: null,
      planAt: null,
      cod: false,
      finalUnpaid: false,
      holds: [],
      paymentFen: 16_300,
      postFeeFen: 1000,
      discountFen: 1500,
      subsidyFen: 1000,
      buyer: { nick: '买家', openId: '10001' },
      receiver: {
        name: '张三',
        mobile: '13800000000',
        phone: '',
        province: '浙江省',
        city: '杭州市',
        district: '余杭区',
        town: '',
        address: '文一西路 1号 2幢',
        zip: '310000',
        token: '',
      },
      buyerMessage: '请包装好',
      sellerMemo: '送赠品',
      flag: 5,
      invoice: true,
    })
    assert.deepEqual(
      lines.map((line) => [line.oid, line.status, line.refund, line.spec, line.quantity, line.waybillNo]),
      [
        ['1000000002', 'shipped', 'applied', '白 / XL', 2, 'YT0000000001'],
        ['1000000003', 'shipped', 'none', '', 1, 'YT0000000001'],
      ],
    )
    // 15,300 are shared out in proportion to what the lines ask: 16,700 and 100.
    assert.deepEqual(
      lines.map(({ paymentFen, priceFen, discountFen }) => [paymentFen, priceFen, discountFen]),
      [
        [15_209, 8900, 2591],
        [91, 100, 9],
      ],
    )
  })

  it('is read from the list, whose lines sum to the payment', () => {
    const { lines, paymentFen, postFeeFen, flag, endedAt, doubts } = parsed({}, listed)
    assert.deepEqual(
      [lines.map((line) => line.paymentFen), paymentFen, postFeeFen, flag, endedAt, doubts],
      [[8900], 9900, 1000, 0, null, undefined],
    )
  })

  it('pays no freight that the seller bears, and costs what its lines ask if its payment cannot be read', () => {
    const free = parsed({ whoPayShippingfee: '1', dealPayFeeTotal: '16300', totalCash: '16300' })
    assert.deepEqual([free.postFeeFen, free.paymentFen, free.subsidyFen], [0, 16_300, 0])
    const unread = parsed({ dealPayFeeTotal: '?', totalCash: '' })
    assert.equal(unread.paymentFen, 16_700 + 100 + 1000 - 500)
    assert.deepEqual(unread.doubts, [{ field: 'payment', line: '', raw: '?', guess: '173.00' }])
  })

  it('is what its state says, and in a refund what was paid and shipped', () => {
    const unsent = { sellerConsignmentTime: '0000-00-00 00:00:00' }
    const unpaid = { ...unsent, payTime: '' }
    const status = (dealState: string, change: Fields = {}) =>
      parsed({ ...change, dealState, itemList: [{ ...second }] }).status
    assert.deepEqual(
      ['DS_BUYER_PAID_CFT', 'DS_DEAL_SHIPPING_PREPARE', 'DS_BUYER_EVALUATED', 'DS_NEW'].map((state) =>
        status(state),
      ),
      ['unpaid', 'paid', 'finished', 'unknown'],
    )
    assert.deepEqual(
      [{}, unsent, unpaid].map((change) => status('DS_DEAL_REFUNDING', change)),
      ['shipped', 'paid', 'unpaid'],
    )
    assert.deepEqual(
      [unsent, unpaid].map((change) => status('DS_DEAL_CANCELLED', change)),
      ['closed_refunded', 'closed_unpaid'],
    )
    assert.equal(statusWords('DS_WAIT_SELLER_DELIVERY')?.zh, '等待卖家发货')
    assert.equal(statusWords('constructor'), undefined)
    assert.deepEqual(
      ['DS_WAIT_SELLER_DELIVERY', 'STATE_COD_SUCESS', 'DS_REFUND_OK', 'paid', undefined].map(stateFilter),
      ['DS_WAIT_SELLER_DELIVERY', 'STATE_COD_SUCESS', '', '', ''],
    )
  })

  it('goes on after the refund of one line', () => {
    const [over, open] = [
      { ...first, itemDealState: 'DS_REFUND_OK', refundState: 'DS_REFUND_OK' },
      { ...second, itemDealState: 'DS_WAIT_SELLER_DELIVERY' },
    ]
    const status = (itemList: readonly Fields[]) =>
      parsed({ dealState: 'DS_REFUND_OK', sellerConsignmentTime: '', itemList }).status
    assert.deepEqual([status([over, open]), status([over])], ['paid', 'closed_refunded'])
  })

  it('must not be shipped while the platform halts it', () => {
    const halted = parsed({ dealState: 'DS_SYSTEM_HALT', sellerConsignmentTime: '' })
    assert.deepEqual([halted.status, halted.holds], ['paid', ['top_hold']])
  })

  it('is paid at the door if its state or its way of payment says so', () => {
    const unpaid = { payTime: '', sellerConsignmentTime: '' }
    const byState = parsed({ ...unpaid, dealState: 'STATE_COD_WAIT_SHIP' })
    const byPayment = parsed({ ...unpaid, dealState: 'DS_DEAL_REFUNDING', dealPayType: 'DEAL_BIZ_FLAG_HDFK' })
    assert.deepEqual([byState.cod, byState.type, byState.status], [true, 'cod', 'paid'])
    assert.deepEqual([byPayment.cod, byPayment.status], [true, 'paid'])
  })

  it('holds every line back if it is in a refund that no line shows, and a line whose refund nobody knows', () => {
    const plain = { ...first, refundState: '' }
    const all = parsed({ dealState: 'DS_REFUND_ALL_WAIT_SELLER_AGREE', itemList: [plain, second] })
    assert.deepEqual(
      all.lines.map(({ refund }) => refund),
      ['applied', 'applied'],
    )
    const odd = parsed({ itemList: [{ ...first, refundState: 'DS_REFUND_ODD' }, second] })
    assert.deepEqual(
      [odd.lines.map(({ refund }) => refund), odd.doubts],
      [
        ['applied', 'none'],
        [{ field: 'refund_status', line: '1000000002', raw: 'DS_REFUND_ODD', guess: 'applied' }],
      ],
    )
    const again = parsed({
      dealState: 'DS_DEAL_REFUNDING',
      itemList: [
        { ...first, refundState: 'DS_REFUND_CANCEL' },
        { ...second, refundState: 'DS_REFUND_OK' },
      ],
    })
    assert.deepEqual(
      again.lines.map(({ refund }) => refund),
      ['applied', 'succeeded'],
    )
    const byLine = parsed({
      dealState: 'DS_WAIT_SELLER_DELIVERY',
      itemList: [{ ...first, refundState: '', itemDealState: 'DS_REFUND_WAIT_SELLER_AGREE' }, second],
    })
    assert.deepEqual(
      byLine.lines.map(({ refund }) => refund),
      ['applied', 'none'],
    )
    const over = parsed({
      itemList: [
        { ...first, refundState: 'DS_REFUND_CANCEL' },
        { ...second, refundState: 'DS_REFUND_OK' },
      ],
    })
    assert.deepEqual(
      over.lines.map(({ refund }) => refund),
      ['closed', 'succeeded'],
    )
  })

  it('has an address in parts, of which the district may be missing', () => {
    const partsOf = (receiverAddress: string) => {
      const { province, city, district, address } = parsed({ receiverAddress }).receiver
      return [province, city, district, address]
    }
    assert.deepEqual(partsOf('广东省 东莞市 虎门镇 太沙路 1号'), ['广东省', '东莞市', '虎门镇', '太沙路 1号'])
    assert.deepEqual(partsOf('广东省 东莞市 太沙路 1号'), ['广东省', '东莞市', '', '太沙路 1号'])
    assert.deepEqual(partsOf('浙江省 杭州市 余杭区'), ['浙江省', '杭州市', '', '余杭区'])
    assert.deepEqual(partsOf('浙江省 杭州市余杭区文一西路1号'), ['浙江省', '', '', '杭州市余杭区文一西路1号'])
    assert.deepEqual(partsOf('浙江省杭州市文一西路1号'), ['', '', '', '浙江省杭州市文一西路1号'])
    assert.deepEqual(partsOf(''), ['', '', '', ''])
  })
})

describe('a refund of Paipai', () => {
  const [row = {}] = listAt(answerOf('getDealRefundInfoList'), 'dealList', '').filter(isFields)

  it('is read with its line, and two of one line are two', () => {
    const [back, over, ...more] = refundsIn(row)
    assert.deepEqual(more, [])
    if (back?.kind !== 'refund' || over?.kind !== 'refund') return assert.fail('a refund is parked')
    const { raw, ...refund } = back
    assert.ok(raw.includes('855000188-20150401-0000000002') && !raw.includes('2000000000"'))
    assert.deepEqual(refund, {
      kind: 'refund',
      refundId: '2000000001',
      tid: '855000188-20150401-0000000002',
      oid: '1000000002',
      refundKind: 'return',
      phase: 'aftersale',
      status: 'agreed',
      platformStatus: 'DS_REFUND_WAIT_SELLER_RECEIVE',
      version: '2015-04-05 08:00:00',
      amountFen: 8000,
      quantity: 1,
      title: '衬衫',
      spec: '白 / XL',
      outerId: 'SKU-A',
      reason: '尺码不对',
      description: '偏小',
      goodsReceived: 'returned',
      carrier: '韵达快运',
      waybillNo: '4300000000001',
      createdAt: new Date('2015-04-03T00:00:00Z'),
      modifiedAt: new Date('2015-04-05T00:00:00Z'),
      deadline: null,
      buyerNick: '买家',
      constraint: '',
    })
    assert.deepEqual(
      [over.status, over.refundKind, over.phase, over.goodsReceived, over.waybillNo],
      ['closed', 'refund_only', 'onsale', 'not_received', ''],
    )
  })

  it('is parked if it has no number', () => {
    const item = { ...first, refundInfoList: [{ lastUpdateTime: '2015-04-05 08:00:00' }] }
    const [bad] = refundsIn({ dealCode: '1', itemList: [item] })
    assert.deepEqual(bad?.kind === 'bad' && [bad.id, bad.reason], [null, 'no tradeRefundId'])
  })

  it('is never left out: a deal that names none, and a line that cannot be read or whose own state is in refund, are parked', () => {
    const reasonsOf = (itemList: unknown) =>
      refundsIn({ dealCode: '1', itemList }).map((one) => one.kind === 'bad' && one.reason)
    const quiet = { ...first, refundState: '', refundInfoList: [] }
    assert.deepEqual(['', [], [quiet], {}].map(reasonsOf), [
      ['no refundInfoList'],
      ['no refundInfoList'],
      ['no refundInfoList'],
      ['no refundInfoList'],
    ])
    assert.deepEqual(reasonsOf([7, quiet]), ['no tradeRefundId'])
    assert.deepEqual(reasonsOf([{ ...quiet, refundState: 'DS_REFUND_WAIT_SELLER_AGREE' }]), [
      'no tradeRefundId',
    ])
  })
})

describe('an error of Paipai', () => {
  const error = (code: string, text = ''): PlatformError => apiError(code, text, ['a-secret'])

  it('has the kind of its code, and no secret', () => {
    assert.deepEqual(
      ['508', '12288', '12291', '4096', '4098', '8193', '12290', '1'].map((code) => error(code).kind),
      ['reauthorise', 'reauthorise', 'rate_limited', 'retry', 'retry', 'rejected', 'rejected', 'rejected'],
    )
    assert.deepEqual(
      [error('4097').unclear, error('8193').unclear, error('12291').waitMs],
      [true, false, 1000],
    )
    assert.equal(error('8193', 'accessToken a-secret').message, '8193 · accessToken ***')
  })

  it('says what is missing and why a parcel is refused, as far as its text tells', () => {
    assert.deepEqual(
      [isNoDeal(error('9', '订单不存在')), isNoDeal(error('4096', '订单不存在'))],
      [true, false],
    )
    assert.deepEqual(
      ['商品不存在', '库存不存在', '没有权限'].map((text) => goneOf(error('9', text))),
      ['item', 'sku', 'no'],
    )
    const state = '只有状态处于[买家已付款等待卖家发货]的订单可以发货，物流单号'
    assert.deepEqual(
      [
        error('9', state),
        error('9', '物流单号重复'),
        error('8193', 'logisticsName'),
        error('8193'),
        error('9'),
      ].map(shipFailureOf),
      [undefined, 'waybill_invalid', 'courier_code', 'parameter', undefined],
    )
  })
})

describe('an action on Paipai', () => {
  const call = { credentials: { apiUrl: 'http://127.0.0.1:9' }, session: '', variant: 'paipai' }
  const parcel = { tid: '1', oids: [], carrier: 'SF', waybillNo: 'SF1234567890123' }

  it('is not tried with a courier that the platform does not know, or with a note that is too long', async () => {
    const codeOf = async (promise: Promise<unknown>) => (await failureOf(promise)).code
    assert.equal(await codeOf(ship(call, { ...parcel, carrier: 'JTSD' })), 'courier_code')
    assert.equal(
      await codeOf(updateMemo(call, { tid: '1', memo: '长'.repeat(255), flag: 1 })),
      'memo_too_long',
    )
    assert.equal(await codeOf(updateMemo(call, { tid: '1', memo: '长'.repeat(254), flag: 1 })), 'unreachable')
  })
})

describe('an item of Paipai', () => {
  const item = {
    itemCode: 'A1',
    itemName: '衬衫',
    itemLocalCode: 'A',
    itemState: 'IS_FOR_SALE',
    itemPrice: '100',
    stockCount: '5',
  }
  const skuIds = (stockList: readonly unknown[]) =>
    parseItem({ ...item, stockList }, item).map((one) => ('kind' in one ? one.reason : one.platformSkuId))

  it('is one listing for each SKU, and one for itself if it has none', () => {
    assert.deepEqual(skuIds([{ skuId: '1' }, { skuId: '2', status: '2' }, { skuId: '3', status: 9 }, {}]), [
      '1',
      '2',
      'a SKU without skuId',
    ])
    const [whole] = parseItem({ ...item, stockList: [] }, item)
    assert.deepEqual(
      whole && !('kind' in whole) && [whole.platformSkuId, whole.quantity, whole.priceFen, whole.status],
      ['', 5, 100, 'on_sale'],
    )
  })
})
