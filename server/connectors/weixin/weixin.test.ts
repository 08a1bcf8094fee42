import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { parseJson } from '../../lib/json.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import type { Refund, Trade } from '../connector.ts'
import { isFields } from '../fields.ts'
import { readAnswer } from './client.ts'
import { apiError, goneOf, shipFailureOf } from './errors.ts'
import { goodsOfOid, pageOfIds } from './fields.ts'
import { parseRefund } from './refunds.ts'
import { parseOrder } from './trades.ts'

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8')
const at = new Date('2026-11-24T04:00:30Z')
const fieldsOf = (value: unknown) => (isFields(value) ? value : assert.fail('no object'))
const answerOf = (name: string) => fieldsOf(parseJson(fixture(name)))
const official = fieldsOf(answerOf('order_get.official.json').order)
const detail = fieldsOf(official.order_detail)
const [product] = detail.product_infos as Record<string, unknown>[]

function parsed(order: Record<string, unknown>): Trade {
  const found = parseOrder(order, '')
  if (!('trade' in found)) assert.fail(found.reason)
  return found.trade
}

/** The official order with other parts of its detail. */
const ordered = (status: number, parts: Record<string, unknown> = {}) =>
  parsed({ ...official, status, order_detail: { ...detail, ...parts } })

const delivery = (...parcels: [waybill: string, pieces: number][]) => ({
  delivery_info: {
    ...fieldsOf(detail.delivery_info),
    delivery_product_info: parcels.map(([waybill_id, product_cnt]) => ({
      waybill_id,
      delivery_id: 'SF',
      delivery_time: 1658592000,
      product_infos: [{ product_id: '10000000000001', sku_id: '1000000001', product_cnt }],
    })),
  },
})

describe('an order of WeChat', () => {
  it('is read as its documents show it', () => {
    assert.deepEqual(parsed(official), {
      tid: '3700000000000000001',
      status: 'paid',
      platformStatus: '20',
      type: 'normal',
      platformType: '',
      createdAt: new Date('2022-07-22T16:00:00Z'),
      modifiedAt: new Date('2022-07-22T16:01:40Z'),
      paidAt: new Date('2022-07-22T16:00:50Z'),
      shippedAt: null,
      endedAt: null,
      shipBy: null,
      planAt: null,
      cod: false,
      finalUnpaid: false,
      holds: [],
      paymentFen: 20_500,
      postFeeFen: 0,
      discountFen: 0,
      subsidyFen: 0,
      buyer: { nick: '', openId: 'masked' },
      receiver: {
        name: '张*',
        mobile: '1**********',
        phone: '',
        province: '广东省',
        city: '广州市',
        district: '海珠区',
        town: '',
        address: '***',
        zip: '',
        token: 'masked',
        identity: 'masked',
      },
      buyerMessage: '',
      sellerMemo: '',
      flag: 0,
      lines: [
        {
          oid: '3700000000000000001-10000000000001-1000000001',
          status: 'paid',
          platformStatus: '20',
          refund: 'none',
          refundId: '',
          itemId: '10000000000001',
          skuId: '1000000001',
          outerItemId: '',
          outerSkuId: 'SKU-A',
          title: '健身环',
          spec: '白',
          pictureUrl: '',
          quantity: 1,
          priceFen: 20_500,
          paymentFen: 20_500,
          discountFen: 0,
          shipBy: null,
        },
      ],
    })
  })

  it('keeps the digits of a number that comes as a number', () => {
    const text = fixture('order_get.official.json').replace('"3700000000000000001"', '3705115058471208928')
    assert.equal(parsed(fieldsOf(fieldsOf(parseJson(text)).order)).tid, '3705115058471208928')
  })

  it('is a present where the platform says so, also where its goods are a presale', () => {
    const presale = [{ ...product, sku_deliver_info: { stock_type: 1 } }]
    const of = (isPresent: unknown, parts: Record<string, unknown> = {}) =>
      parsed({ ...official, is_present: isPresent, order_detail: { ...detail, ...parts } }).type
    assert.deepEqual([of(true), of(false), of('true')], ['present', 'normal', 'normal'])
    assert.deepEqual(
      [of(true, { product_infos: presale }), of(false, { product_infos: presale })],
      ['present', 'presale'],
    )
  })

  it('must not be shipped before a gift is accepted, a group is complete, or a changed address is answered', () => {
    assert.deepEqual([ordered(12).status, ordered(12).holds], ['paid', ['gift_open']])
    assert.deepEqual([ordered(13).status, ordered(13).holds], ['paid', ['group_open']])
    const asked = { delivery_info: { ...fieldsOf(detail.delivery_info), address_under_review: true } }
    assert.deepEqual(ordered(20, asked).holds, ['address_review'])
  })

  it('is partly shipped from its first parcel on, and each line knows its pieces and waybills', () => {
    const some = { product_infos: [{ ...product, sku_cnt: 3 }] }
    const part = ordered(20, { ...some, ...delivery(['SF1', 1]) })
    assert.deepEqual([part.status, part.lines[0]?.status], ['partly_shipped', 'partly_shipped'])
    const whole = ordered(21, { ...some, ...delivery(['SF1', 1], ['SF2', 2]) })
    assert.deepEqual(
      [whole.lines[0]?.status, whole.lines[0]?.waybillNo, whole.lines[0]?.waybills],
      ['shipped', 'SF1', ['SF1', 'SF2']],
    )
  })

  it('has a line for a gift of the same SKU, which goes into the same row of a parcel', () => {
    const { lines } = ordered(20, {
      product_infos: [product, { ...product, is_free_gift: true, real_price: 0 }],
    })
    assert.deepEqual(
      lines.map(({ oid, paymentFen }) => [oid, paymentFen]),
      [
        ['3700000000000000001-10000000000001-1000000001', 20_500],
        ['3700000000000000001-10000000000001-1000000001-2', 0],
      ],
    )
    const both = lines.map(({ oid }) => goodsOfOid(oid))
    assert.deepEqual(both[0], { product_id: '10000000000001', sku_id: '1000000001' })
    assert.deepEqual(both[1], both[0])
    assert.throws(() => goodsOfOid('constructor'), PlatformError)
  })

  it('has a gift of the same SKU still to ship if the parcel holds only what was bought', () => {
    const products = { product_infos: [product, { ...product, is_free_gift: true, real_price: 0 }] }
    const facts = (pieces: number) =>
      ordered(20, { ...products, ...delivery(['SF1', pieces]) }).lines.map((line) => [
        line.status,
        line.waybills,
      ])
    assert.deepEqual(facts(1), [
      ['shipped', ['SF1']],
      ['paid', undefined],
    ])
    assert.deepEqual(facts(2), [
      ['shipped', ['SF1']],
      ['shipped', ['SF1']],
    ])
  })

  it('says what became of the pieces in after-sales', () => {
    const line = (more: object) =>
      ordered(20, { product_infos: [{ ...product, sku_cnt: 2, ...more }] }).lines[0]
    assert.equal(line({ on_aftersale_sku_cnt: 1 })?.refund, 'applied')
    assert.deepEqual(
      [line({ finish_aftersale_sku_cnt: 2 })?.refund, line({ finish_aftersale_sku_cnt: 2 })?.status],
      ['succeeded', 'closed_refunded'],
    )
    assert.deepEqual([line({ finish_aftersale_sku_cnt: 1 })?.refund, line({})?.status], ['none', 'paid'])
  })

  it('says what it could not read by the names that every platform shares', () => {
    const doubted = ordered(20, {
      product_infos: [{ ...product, sku_cnt: 'two' }],
      price_info: { freight: -1 },
    })
    assert.deepEqual(
      doubted.doubts?.map(({ field, guess }) => [field, guess]),
      [
        ['post_fee', '0.00'],
        ['payment', '205.00'],
        ['num', '1'],
      ],
    )
  })
})

describe('an after-sale of WeChat', () => {
  const answer = fieldsOf(answerOf('getaftersaleorder.json').after_sale_order)
  const read = (more: Record<string, unknown> = {}): Refund => {
    const refund = parseRefund({ ...answer, ...more }, at)
    return refund.kind === 'refund' ? refund : assert.fail(refund.reason)
  }

  it('names its line by product and SKU, and its deadline counts from the answer', () => {
    const refund = read()
    assert.deepEqual(
      [refund.oid, refund.status, refund.refundKind, refund.phase, refund.amountFen, refund.goodsReceived],
      [
        '3700000000000000001-10000000000001-1000000001',
        'applied',
        'refund_only',
        'onsale',
        20_500,
        'not_received',
      ],
    )
    assert.deepEqual(refund.deadline, new Date(at.getTime() + 172_700_000))
    assert.equal(read({ deadline: 0 }).deadline, null)
    assert.equal(read({ status: 'BRAND_NEW' }).status, 'unknown')
  })

  it('is listed by number, and the last page names no other', () => {
    const page = pageOfIds(answerOf('getaftersalelist.official.json'), 'after_sale_order_id_list', (id) => id)
    assert.deepEqual(
      [page.items.length, page.items[0], page.next],
      [8, '1934164653012121', 'THE_NEXT_KEY_NEW'],
    )
    assert.deepEqual(
      pageOfIds({ has_more: false }, 'after_sale_order_id_list', (id) => id),
      { items: [], next: null },
    )
    assert.throws(() => pageOfIds({ has_more: true }, 'list', (id) => id), /no key/)
    assert.throws(() => pageOfIds({ errcode: 0 }, 'list', (id) => id), /no list/)
    assert.deepEqual(
      pageOfIds({ list: ['1'], next_key: 'more' }, 'list', (id) => id),
      { items: ['1'], next: 'more' },
    )
  })
})

describe('an error of WeChat', () => {
  const error = (code: number | string, errmsg = '') => apiError(String(code), errmsg, at, ['a-secret'])

  it('has a kind, the number of its request, and no secret', () => {
    const over = error(40001, 'invalid credential a-secret rid: 64c36eab-37b05fdb-430c4dd0')
    assert.deepEqual(
      [over.kind, over.unclear, over.requestId, over.message.includes('a-secret')],
      ['reauthorise', false, '64c36eab-37b05fdb-430c4dd0', false],
    )
    assert.deepEqual([error(-1).kind, error(-1).unclear], ['retry', true])
    assert.deepEqual([error(100003).kind, error(100003).unclear], ['retry', false])
    assert.equal(error(48001).kind, 'rejected')
    assert.equal(error(31042).code, 'window_too_wide')
  })

  it('says how long a quota is used up: a minute’s to its end, a day’s until midnight in China', () => {
    assert.deepEqual([error(45011).kind, error(45011).waitMs], ['rate_limited', 30_000])
    assert.equal(error(45009).waitMs, Date.parse('2026-11-24T16:00:00Z') - at.getTime())
  })

  it('of the HTTP status 403 is that of an address which is not on the list', () => {
    const refused = (status: number) => () =>
      readAnswer({ status, text: 'Forbidden', retryAfterMs: 0 }, at, [])
    assert.throws(refused(403), { kind: 'rejected', code: 'address_not_allowed' })
    assert.throws(refused(502), { kind: 'retry', code: 'http_502', unclear: true })
    assert.throws(refused(200), { kind: 'retry', code: 'bad_answer' })
  })

  it('says which goods are gone, and why a parcel is refused', () => {
    const { errcode, errmsg } = answerOf('stock_update_error.real.json')
    assert.equal(goneOf(error(Number(errcode), String(errmsg))), 'sku')
    assert.deepEqual([goneOf(error(10020052)), goneOf(error(10020217))], ['item', 'no'])
    assert.deepEqual(
      [606004, 606005, 606040, 606042, 101100].map((code) => shipFailureOf(error(code))),
      ['courier_code', 'waybill_invalid', 'parameter', undefined, undefined],
    )
  })
})
