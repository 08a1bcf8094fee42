import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PlatformError } from '../../lib/platform-error.ts'
import type { HttpAnswer } from '../../wire/http.ts'
import { answerIn } from '../conformance/fixtures.ts'
import type { Refund, Trade } from '../connector.ts'
import { type Fields, fieldsAt, isFields, listAt } from '../fields.ts'
import { readAnswer, rowsOf } from './client.ts'
import { appOf } from './credentials.ts'
import { assertDone, goneOf, shipFailureOf } from './errors.ts'
import { bagAt, numberAt } from './fields.ts'
import { listingOf } from './goods.ts'
import { refundsIn } from './refunds.ts'
import { returnsIn } from './returns.ts'
import { statusWords } from './statuses.ts'
import { issue } from './token.ts'
import { type Beside, parseOrder } from './trades.ts'

const order = answerIn(import.meta.url, 'order')
const refundRow = answerIn(import.meta.url, 'refund')
const parcel = answerIn(import.meta.url, 'parcel')
const items = listAt(fieldsAt(order, 'lineItems'), 'nodes', '').filter(isFields)
const works = listAt(fieldsAt(order, 'fulfillmentOrders'), 'nodes', '')
const [set = assert.fail(), hangers = assert.fail()] = items
const yuan = (amount: string) => ({ shopMoney: { amount, currencyCode: 'CNY' } })

function parsed(change: Fields = {}, beside: Partial<Beside> = {}): Trade {
  const found = parseOrder({ ...order, ...change }, '', {
    items,
    works,
    parcels: [],
    refunds: [],
    returns: [],
    ...beside,
  })
  return 'trade' in found ? found.trade : assert.fail(found.reason)
}

const reasonOf = (change: Fields, more: Partial<Beside> = {}): string => {
  const found = parseOrder({ ...order, ...change }, 'raw', {
    items,
    works,
    parcels: [],
    refunds: [],
    returns: [],
    ...more,
  })
  return 'trade' in found ? assert.fail('it was read') : found.reason
}

describe('an order of Shopify', () => {
  it('is read with the note of its buyer and our remark beside it, and goes to the address of delivery', () => {
    const { lines: _lines, ...trade } = parsed()
    assert.deepEqual(trade, {
      tid: '5000000000001',
      status: 'paid',
      platformStatus: 'PAID/UNFULFILLED',
      type: 'normal',
      platformType: 'Alipay',
      createdAt: new Date('2026-07-01T02:03:04Z'),
      modifiedAt: new Date('2026-07-01T02:05:00Z'),
      paidAt: new Date('2026-07-01T02:04:59Z'),
      shippedAt: null,
      endedAt: null,
      shipBy: null,
      planAt: null,
      cod: false,
      finalUnpaid: false,
      holds: [],
      paymentFen: 11_000,
      postFeeFen: 1000,
      discountFen: 1000,
      subsidyFen: 0,
      buyer: { nick: '', openId: '7000000000001' },
      receiver: {
        name: '李小红',
        mobile: '13800001234',
        phone: '',
        province: '浙江省',
        city: '杭州市',
        district: '',
        town: '',
        address: '西湖区文三路2号 3单元',
        zip: '310012',
        token: '',
      },
      buyerMessage: '请周末送',
      sellerMemo: '改发顺丰',
      flag: 0,
    })
  })

  it('has lines with all discounts taken off, also their part of the order’s', () => {
    const [line, single] = parsed().lines
    assert.deepEqual(line, {
      oid: '12000000000001',
      status: 'paid',
      platformStatus: 'PAID/UNFULFILLED',
      refund: 'none',
      refundId: '',
      itemId: '93',
      skuId: '97',
      outerItemId: '',
      outerSkuId: 'SJT60-0102',
      title: '四件套',
      spec: '雾蓝 / 1.8m床',
      pictureUrl: 'https://cdn.shopify.com/a.jpg',
      quantity: 2,
      priceFen: 4500,
      paymentFen: 8000,
      discountFen: 1000,
      shipBy: null,
      waybills: [],
    })
    assert.deepEqual([single?.skuId, single?.spec, single?.paymentFen], ['98', '', 2000])
  })

  it('adds the tax where prices are without it, and tips and duties to the freight', () => {
    const net = parsed({ taxesIncluded: false, totalPriceSet: yuan('122.65') })
    assert.deepEqual(
      [net.postFeeFen, net.lines.map(({ paymentFen }) => paymentFen), net.doubts],
      [1115, [8920, 2230], undefined],
    )
    const more = parsed({
      totalTipReceivedSet: yuan('5.0'),
      originalTotalDutiesSet: yuan('3.0'),
      totalPriceSet: yuan('118.0'),
    })
    assert.deepEqual([more.postFeeFen, more.doubts], [1800, undefined])
  })

  it('doubts freight that is in more rows than the order shows, also with one line of goods', () => {
    const rows = { ...fieldsAt(order, 'shippingLines'), pageInfo: { hasNextPage: true } }
    const { doubts, postFeeFen } = parsed({ shippingLines: rows }, { items: [set] })
    assert.deepEqual(
      [postFeeFen, doubts?.map(({ field, guess }) => [field, guess])],
      [1000, [['post_fee', '10.00']]],
    )
  })

  it('doubts lines that do not add up to the payment', () => {
    const { doubts, paymentFen, lines } = parsed({ totalPriceSet: yuan('100.0') })
    assert.deepEqual(
      [doubts?.map(({ field }) => field), paymentFen, lines.map((line) => line.paymentFen)],
      [['line payments'], 10_000, [7200, 1800]],
    )
  })

  it('is parked in another currency, and without its number, its time or its goods', () => {
    assert.equal(reasonOf({ currencyCode: 'USD' }), 'the currency is USD')
    assert.equal(reasonOf({ id: 'gid://shopify/Order/' }), 'no id')
    assert.equal(reasonOf({ updatedAt: '2026-07-01 02:05:00' }), 'no updatedAt')
    assert.equal(reasonOf({}, { items: [] }), 'no lines')
  })

  it('goes to the buyer’s own address without another one, and names another country first', () => {
    assert.equal(parsed({ shippingAddress: null }).receiver.address, '滨江区江南大道1号')
    assert.equal(parsed({ shippingAddress: null, billingAddress: null }).receiver.address, '')
    const billing = fieldsAt(order, 'billingAddress')
    const abroad = (change: Fields) => parsed({ shippingAddress: { ...billing, ...change } }).receiver
    const inOttawa = { countryCodeV2: 'CA', country: 'Canada', province: 'Ontario', provinceCode: 'ON' }
    assert.equal(abroad(inOttawa).province, 'Canada Ontario')
    assert.equal(abroad({ countryCodeV2: 'HK', province: 'Kowloon' }).province, '香港特别行政区')
    assert.equal(abroad({ provinceCode: 'YZ' }).province, '西藏自治区')
    assert.equal(abroad({ provinceCode: null, province: '浙江' }).province, '浙江')
    assert.equal(abroad({ firstName: 'Ann', lastName: 'Lee' }).name, 'Ann Lee')
  })
})

describe('the status of an order of Shopify', () => {
  const statusOf = (money: string, goods: string, more: Fields = {}) =>
    parsed({ displayFinancialStatus: money, displayFulfillmentStatus: goods, ...more }).status

  it('follows from that of the money and that of the goods', () => {
    assert.equal(statusOf('PAID', 'UNFULFILLED'), 'paid')
    assert.equal(statusOf('PARTIALLY_REFUNDED', 'PARTIALLY_FULFILLED'), 'partly_shipped')
    assert.equal(statusOf('PAID', 'FULFILLED'), 'shipped')
    assert.equal(statusOf('REFUNDED', 'FULFILLED'), 'closed_refunded')
    for (const money of ['PENDING', 'AUTHORIZED', 'PARTIALLY_PAID', 'EXPIRED', 'VOIDED'])
      assert.equal(statusOf(money, 'UNFULFILLED'), 'unpaid', money)
    assert.equal(statusOf('PAID', 'TELEPORTED'), 'unknown')
    assert.equal(statusOf('IN_DISPUTE', 'UNFULFILLED'), 'unknown')
  })

  it('is closed once the order is cancelled, after a refund or before a payment', () => {
    const cancelledAt = '2026-07-02T00:00:00Z'
    assert.equal(statusOf('VOIDED', 'UNFULFILLED', { cancelledAt }), 'closed_unpaid')
    const paid = parsed({ cancelledAt })
    assert.deepEqual(
      [paid.status, paid.platformStatus, paid.endedAt?.toISOString()],
      ['closed_refunded', 'CANCELLED/PAID/UNFULFILLED', '2026-07-02T00:00:00.000Z'],
    )
  })

  it('is that of the goods where the courier takes the money', () => {
    const cod = { paymentGatewayNames: ['Cash on Delivery (COD)'] }
    assert.equal(statusOf('PENDING', 'UNFULFILLED', cod), 'paid')
    assert.deepEqual([parsed(cod).type, parsed(cod).cod], ['cod', true])
  })

  it('has a hold while any of its goods is on hold', () => {
    const works = [{ id: 'gid://shopify/FulfillmentOrder/1', status: 'ON_HOLD' }]
    assert.deepEqual(parsed({}, { works }).holds, ['ship_hold'])
    assert.deepEqual(parsed({ displayFulfillmentStatus: 'SCHEDULED' }).holds, ['ship_hold'])
    assert.deepEqual(parsed({ displayFulfillmentStatus: 'FULFILLED' }, { works }).holds, [])
  })

  it('has words in both languages, which say so of a new one with nothing', () => {
    assert.deepEqual(statusWords('PAID/UNFULFILLED'), { zh: '已付款，未发货', en: 'Paid, unfulfilled' })
    assert.deepEqual(statusWords('CANCELLED/REFUNDED/RESTOCKED'), {
      zh: '已取消，已退款，已退回库存',
      en: 'Cancelled, refunded, restocked',
    })
    assert.equal(statusWords('PAID/TELEPORTED'), undefined)
    assert.equal(statusWords('constructor/UNFULFILLED'), undefined)
  })
})

describe('the parcels of an order of Shopify', () => {
  it('show the waybill of each line, which has left once none of its pieces waits', () => {
    const partly = { displayFulfillmentStatus: 'PARTIALLY_FULFILLED' }
    const one = parsed(partly, { parcels: [parcel], items: [{ ...set, unfulfilledQuantity: 1 }, hangers] })
    assert.deepEqual(
      one.lines.map(({ status, waybills }) => [status, waybills]),
      [
        ['paid', ['SF1234567890123']],
        ['paid', []],
      ],
    )
    assert.equal(one.shippedAt?.toISOString(), '2026-07-02T03:00:00.000Z')
    const all = parsed(partly, { parcels: [parcel], items: [{ ...set, unfulfilledQuantity: 0 }, hangers] })
    assert.deepEqual(
      all.lines.map(({ status }) => status),
      ['shipped', 'paid'],
    )
  })

  it('leave out one that was cancelled', () => {
    const { lines, shippedAt } = parsed({}, { parcels: [{ ...parcel, status: 'CANCELLED' }] })
    assert.deepEqual([lines.map(({ waybills }) => waybills), shippedAt], [[[], []], null])
  })
})

const refundsOf = (change: Fields): Refund[] =>
  refundsIn([{ ...refundRow, ...change }]).map((item) => {
    assert.ok(item.kind === 'refund')
    const { raw: _raw, ...refund } = item
    return refund
  })

describe('a refund of Shopify', () => {
  it('is one for each line, and one more for an amount of none', () => {
    assert.deepEqual(
      refundsOf({}).map(({ refundId, oid, refundKind, amountFen, quantity, status }) => [
        ...[refundId, oid, refundKind, amountFen, quantity, status],
      ]),
      [
        ['5000000000001-9000000000001-12000000000001', '12000000000001', 'refund_only', 4000, 1, 'succeeded'],
        ['5000000000001-9000000000001-0', '', 'money_only', 1000, 0, 'succeeded'],
      ],
    )
  })

  it('gives no more money than was given back, as for goods that are taken out of an order', () => {
    assert.deepEqual(
      refundsOf({ totalRefundedSet: yuan('0.0') }).map(({ amountFen, quantity }) => [amountFen, quantity]),
      [[0, 1]],
    )
  })

  it('doubts an amount that cannot be read', () => {
    const [, rest] = refundsOf({ totalRefundedSet: yuan('many'), refundLineItems: { nodes: [] } })
    const [whole] = refundsOf({ totalRefundedSet: yuan('many'), refundLineItems: { nodes: [] } })
    assert.equal(rest, undefined)
    assert.deepEqual(
      whole?.doubts?.map(({ field }) => field),
      ['refund_amount'],
    )
  })

  it('keeps the amounts of its lines if the whole amount cannot be read, and doubts them', () => {
    assert.deepEqual(
      refundsOf({ totalRefundedSet: yuan('many') }).map(({ oid, amountFen, quantity, doubts }) => [
        ...[oid, amountFen, quantity],
        doubts?.map(({ field, guess }) => [field, guess]),
      ]),
      [['12000000000001', 4000, 1, [['refund_amount', '40.00']]]],
    )
  })

  const withoutTax = { order: { ...fieldsAt(refundRow, 'order'), taxesIncluded: false } }

  it('contains the tax of its lines where prices are without it', () => {
    const amounts = (change: Fields) => refundsOf(change).map(({ oid, amountFen }) => [oid, amountFen])
    assert.deepEqual(amounts(withoutTax), [
      ['12000000000001', 4460],
      ['', 540],
    ])
  })

  it('ends a line whose money has all gone back, of which the tax is a part', () => {
    const change = {
      taxesIncluded: false,
      totalPriceSet: yuan('122.65'),
      displayFinancialStatus: 'PARTIALLY_REFUNDED',
    }
    const after = (amount: string, tax: string) => {
      const [node] = listAt(fieldsAt(refundRow, 'refundLineItems'), 'nodes', '').filter(isFields)
      const nodes = [{ ...node, quantity: 0, subtotalSet: yuan(amount), totalTaxSet: yuan(tax) }]
      const refund = {
        ...{ ...refundRow, ...withoutTax, refundLineItems: { nodes } },
        totalRefundedSet: yuan('100.0'),
      }
      return parsed(change, { refunds: [refund] }).lines.map(({ refund: is }) => is)
    }
    assert.deepEqual(after('80.0', '9.2'), ['succeeded', 'none'])
    assert.deepEqual(after('80.0', '9.1'), ['none', 'none'])
  })

  it('ends its line once all pieces have gone back, and not before', () => {
    const ofPieces = (quantity: number) => ({
      ...refundRow,
      refundLineItems: {
        nodes: listAt(fieldsAt(refundRow, 'refundLineItems'), 'nodes', '').map((node) => ({
          ...(isFields(node) ? node : {}),
          quantity,
        })),
      },
    })
    const after = (quantity: number) =>
      parsed({ displayFinancialStatus: 'PARTIALLY_REFUNDED' }, { refunds: [ofPieces(quantity)] }).lines.map(
        ({ refund, status }) => [refund, status],
      )
    assert.deepEqual(after(1), [
      ['none', 'paid'],
      ['none', 'paid'],
    ])
    assert.deepEqual(after(2), [
      ['succeeded', 'closed_refunded'],
      ['none', 'paid'],
    ])
  })

  it('is parked without its order or its time', () => {
    const parked = (change: Fields) => refundsIn([{ ...refundRow, ...change }])[0]
    assert.deepEqual(
      [parked({ order: null }), parked({ createdAt: null })].map(
        (item) => item?.kind === 'bad' && item.reason,
      ),
      ['no id of the order', 'no createdAt'],
    )
  })
})

const returnRow = answerIn(import.meta.url, 'return')
const returnOf = (change: Fields): Refund => {
  const [item] = returnsIn([{ ...returnRow, ...change }])
  assert.ok(item?.kind === 'refund')
  const { raw: _raw, ...refund } = item
  return refund
}

describe('a return of Shopify', () => {
  it('is one for each line, waits for the seller, and changes with its order', () => {
    assert.deepEqual(returnOf({}), {
      kind: 'refund',
      refundId: '5000000000001-r3000000000001-12000000000001',
      tid: '5000000000001',
      oid: '12000000000001',
      refundKind: 'return',
      phase: 'onsale',
      status: 'applied',
      platformStatus: 'REQUESTED',
      version: '1',
      amountFen: 4000,
      quantity: 1,
      title: '四件套',
      spec: '雾蓝 / 1.8m床',
      outerId: 'SJT60-0102',
      reason: 'Too small',
      description: '床单铺不平',
      goodsReceived: 'received',
      carrier: '',
      waybillNo: '',
      createdAt: new Date('2026-07-05T00:00:00Z'),
      modifiedAt: new Date('2026-07-05T00:00:01Z'),
      deadline: null,
      buyerNick: '',
      constraint: '',
    })
  })

  it('has succeeded once its money was given back, and is closed without', () => {
    const paid = { nodes: [{ refundLineItems: fieldsAt(refundRow, 'refundLineItems') }] }
    const factsOf = (status: string, more: Fields = {}) => {
      const { status: is, amountFen } = returnOf({ status, ...more })
      return [is, amountFen]
    }
    assert.deepEqual(factsOf('OPEN'), ['agreed', 4000])
    assert.deepEqual(factsOf('OPEN', { refunds: paid }), ['succeeded', 4000])
    assert.deepEqual(factsOf('CLOSED', { refunds: paid }), ['succeeded', 4000])
    assert.deepEqual(factsOf('CLOSED'), ['closed', 4000])
    assert.deepEqual(factsOf('DECLINED'), ['refused', 4000])
    assert.deepEqual(factsOf('LOST'), ['unknown', 4000])
  })

  it('contains the tax of its pieces where prices are without it, asked for and given back', () => {
    const [row] = listAt(fieldsAt(returnRow, 'returnLineItems'), 'nodes', '').filter(isFields)
    const item = { ...fieldsAt(fieldsAt(row ?? {}, 'fulfillmentLineItem'), 'lineItem'), quantity: 2 }
    const taxed = { ...item, taxLines: [{ priceSet: yuan('9.2') }] }
    const returnLineItems = { nodes: [{ ...row, fulfillmentLineItem: { lineItem: taxed } }] }
    const paid = { nodes: [{ refundLineItems: fieldsAt(refundRow, 'refundLineItems') }] }
    const amounts = (taxesIncluded: boolean) => {
      const change = { returnLineItems, order: { ...fieldsAt(returnRow, 'order'), taxesIncluded } }
      return [returnOf(change), returnOf({ ...change, refunds: paid })].map(({ amountFen }) => amountFen)
    }
    assert.deepEqual(amounts(true), [4000, 4000])
    assert.deepEqual(amounts(false), [4460, 4460])
  })

  it('marks its line while it is not over', () => {
    const marks = (status: string) =>
      parsed({}, { returns: [{ ...returnRow, status }] }).lines.map(({ refund }) => refund)
    assert.deepEqual(marks('REQUESTED'), ['applied', 'none'])
    assert.deepEqual(marks('DECLINED'), ['none', 'none'])
  })

  it('keeps its number when it is paid: the refund for it shows only what is of no line', () => {
    const rest = refundsIn([{ ...refundRow, return: { id: 'gid://shopify/Return/3000000000001' } }])
    assert.deepEqual(
      rest.map((item) => item.kind === 'refund' && [item.refundId, item.amountFen]),
      [['5000000000001-9000000000001-0', 1000]],
    )
  })
})

describe('an answer of Shopify', () => {
  const answered = (body: unknown, more: Partial<HttpAnswer> = {}): HttpAnswer => ({
    status: 200,
    text: JSON.stringify(body),
    retryAfterMs: 0,
    ...more,
  })
  const errorOf = (answer: HttpAnswer): PlatformError => {
    try {
      readAnswer(answer, ['shpat_secret'])
    } catch (error) {
      return error as PlatformError
    }
    return assert.fail('it was read')
  }
  const failed = (code: string, message = 'No.') => answered({ errors: [{ message, extensions: { code } }] })

  it('waits as long as the points of the call need to come back', () => {
    const cost = {
      requestedQueryCost: 442,
      actualQueryCost: null,
      throttleStatus: { maximumAvailable: 2000, currentlyAvailable: 42, restoreRate: 100 },
    }
    const throttled = {
      errors: [{ message: 'Throttled', extensions: { code: 'THROTTLED' } }],
      extensions: { cost },
    }
    const { kind, waitMs, unclear } = errorOf(answered(throttled))
    assert.deepEqual([kind, waitMs, unclear], ['rate_limited', 4000, false])
    const http = errorOf(answered({ errors: 'Too many' }, { status: 429, retryAfterMs: 2000 }))
    assert.deepEqual([http.kind, http.waitMs], ['rate_limited', 2000])
  })

  it('is judged by its code: the platform’s own failures are unclear, and wrong calls are refused', () => {
    const facts = ({ kind, code, unclear }: PlatformError) => [kind, code, unclear]
    assert.deepEqual(facts(errorOf(failed('INTERNAL_SERVER_ERROR'))), [
      'retry',
      'INTERNAL_SERVER_ERROR',
      true,
    ])
    assert.deepEqual(facts(errorOf(failed('ACCESS_DENIED'))), ['rejected', 'ACCESS_DENIED', false])
    assert.deepEqual(facts(errorOf(failed('undefinedField'))), ['rejected', 'undefinedField', false])
    assert.deepEqual(facts(errorOf(answered({ errors: 'Not Found' }, { status: 404 }))), [
      'rejected',
      'http_404',
      false,
    ])
    assert.deepEqual(facts(errorOf(answered({ errors: 'gone' }, { status: 410 }))), [
      'rejected',
      'http_410',
      false,
    ])
    assert.deepEqual(facts(errorOf(answered({ errors: 'Bad Gateway' }, { status: 502 }))), [
      'retry',
      'http_502',
      true,
    ])
    const token = errorOf(answered({ errors: '[API] Invalid API key shpat_secret' }, { status: 401 }))
    assert.deepEqual(
      [...facts(token), token.message.includes('shpat_secret')],
      ['reauthorise', 'reauthorise', false, false],
    )
    assert.equal(errorOf(answered({}, { status: 302 })).code, 'site_moved')
    assert.equal(errorOf(answered({ data: null })).kind, 'retry')
    assert.equal(errorOf({ status: 200, text: '<html>', retryAfterMs: 0 }).code, 'bad_answer')
  })

  it('names the mutation that was not done by its first reason', () => {
    const refuse = (userErrors: unknown[]) => () => assertDone({ userErrors }, [])
    assert.doesNotThrow(refuse([]))
    assert.throws(refuse([{ field: null, message: 'Fulfillment order is closed.' }]), {
      kind: 'rejected',
      code: 'user_error',
    })
    assert.throws(refuse([{ code: 'IDEMPOTENCY_CONCURRENT_REQUEST', message: 'Wait.' }]), { kind: 'retry' })
  })

  it('is broken if a page has lost its rows, and the last page has no next one', () => {
    const page = (nodes: unknown[], hasNextPage: boolean, endCursor: string | null) =>
      rowsOf({ nodes, pageInfo: { hasNextPage, endCursor } })
    assert.deepEqual(page([], false, null), { rows: [], next: null })
    assert.deepEqual(page([1], true, 'c1'), { rows: [1], next: 'c1' })
    assert.throws(() => page([], true, 'c1'), { code: 'bad_answer' })
    assert.throws(() => page([1], true, null), { code: 'bad_answer' })
    assert.throws(() => rowsOf({}), { code: 'bad_answer' })
  })
})

describe('the pieces around it', () => {
  it('a number is that of a global id, and nothing else', () => {
    assert.equal(numberAt({ id: 'gid://shopify/Order/5000000000001' }, 'id'), '5000000000001')
    for (const id of ['5000000000001', 'gid://other/Order/1', 'gid://shopify/Order/x', 7, null])
      assert.equal(numberAt({ id }, 'id'), '')
  })

  it('an amount is that of the shop’s currency', () => {
    assert.equal(bagAt({ of: { ...yuan('12.3'), presentmentMoney: { amount: '9.99' } } }, 'of'), 1230)
    assert.equal(bagAt({ of: yuan('12.345') }, 'of'), null)
  })

  it('a variety without a choice has no spec, and stock below nothing is none', () => {
    const variant = answerIn(import.meta.url, 'variant')
    const listing = listingOf({ ...variant, title: 'Default Title', inventoryQuantity: -3 }, 'on_sale')
    assert.ok(!('kind' in listing))
    assert.deepEqual(
      [listing.itemId, listing.platformSkuId, listing.spec, listing.quantity, listing.priceFen],
      ['93', '97', '', 0, 4500],
    )
  })

  it('the token of an older custom app is used as it is, and refused for good', async () => {
    const custom = { shopUrl: 'https://demo.myshopify.com/', clientId: 'key', clientSecret: 'shpat_1' }
    assert.deepEqual(
      [appOf(custom).shopUrl, appOf(custom).fixedToken, appOf(custom).pushKey],
      [...['https://demo.myshopify.com', 'shpat_1', '']],
    )
    assert.equal((await issue.token(custom, { refused: '' })).accessToken, 'shpat_1')
    await assert.rejects(issue.token(custom, { refused: 'shpat_1' }), {
      kind: 'rejected',
      code: 'key_refused',
    })
  })

  it('refusals have our own meanings', () => {
    const error = (code: string) => ({ code }) as PlatformError
    assert.equal(shipFailureOf(error('no_order')), 'other')
    assert.equal(shipFailureOf(error('user_error')), undefined)
    assert.deepEqual([goneOf(error('no_variant')), goneOf(error('INVALID_LOCATION'))], ['sku', 'no'])
  })
})
