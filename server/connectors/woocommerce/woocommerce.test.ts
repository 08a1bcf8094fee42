import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PlatformError } from '../../lib/platform-error.ts'
import { answerIn } from '../conformance/fixtures.ts'
import type { Refund, Trade } from '../connector.ts'
import { type Fields, fieldsAt, isFields, listAt } from '../fields.ts'
import { readAnswer } from './client.ts'
import { goneOf } from './errors.ts'
import { signedFenAt } from './fields.ts'
import { listingsOf } from './goods.ts'
import { spanOf } from './lists.ts'
import { memoIn } from './notes.ts'
import { givenBackIn, refundsIn } from './refunds.ts'
import { statusWords } from './statuses.ts'
import { withParcel } from './tracking.ts'
import { parseOrder } from './trades.ts'

const order = answerIn(import.meta.url, 'order')
const refundRow = answerIn(import.meta.url, 'refund')
const product = answerIn(import.meta.url, 'product')
const { notes } = answerIn(import.meta.url, 'notes')
const noteRows = listAt({ notes }, 'notes', '')
const [set = assert.fail()] = listAt(order, 'line_items', '').filter(isFields)

function parsed(change: Fields = {}, beside: { refunds?: unknown[] } = {}): Trade {
  const found = parseOrder({ ...order, ...change }, '', { refunds: beside.refunds ?? [], notes: noteRows })
  return 'trade' in found ? found.trade : assert.fail(found.reason)
}

const reasonOf = (change: Fields): string => {
  const found = parseOrder({ ...order, ...change }, 'raw', { refunds: [], notes: [] })
  return 'trade' in found ? assert.fail('it was read') : found.reason
}

describe('an order of WooCommerce', () => {
  it('is read with the newest note of a person, and goes to the address of delivery', () => {
    const { lines: _lines, ...trade } = parsed()
    assert.deepEqual(trade, {
      tid: '727',
      status: 'paid',
      platformStatus: 'processing',
      type: 'normal',
      platformType: 'alipay',
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
      buyer: { nick: '', openId: '12' },
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

  it('has lines with net and tax together, and the variety as it was chosen', () => {
    const [line, single] = parsed().lines
    assert.deepEqual(line, {
      oid: '315',
      status: 'paid',
      platformStatus: 'processing',
      refund: 'none',
      refundId: '',
      itemId: '93',
      skuId: '97',
      outerItemId: '',
      outerSkuId: 'SJT60-0102',
      title: '四件套',
      spec: '雾蓝 / 1.8m床',
      pictureUrl: 'https://shop.example.com/a.jpg',
      quantity: 2,
      priceFen: 4500,
      paymentFen: 8000,
      discountFen: 1000,
      shipBy: null,
    })
    assert.deepEqual(
      [single?.skuId, single?.outerItemId, single?.outerSkuId, single?.paymentFen],
      ['', 'YJ-SM', '', 2000],
    )
  })

  it('takes amounts whose parts were rounded each by itself, and doubts those that do not add up', () => {
    assert.equal(parsed({ total: '110.02' }).doubts, undefined)
    const { doubts, paymentFen, lines } = parsed({ total: '100.00' })
    assert.deepEqual(
      [doubts?.map(({ field }) => field), paymentFen, lines.map((line) => line.paymentFen)],
      [['line payments'], 10_000, [7200, 1800]],
    )
  })

  it('puts a fee with the freight, and a deduction with the goods', () => {
    const fee = (total: string) => [{ id: 1, name: '手续费', total, total_tax: '0.00' }]
    const more = parsed({ fee_lines: fee('5.00'), total: '115.00' })
    assert.deepEqual([more.postFeeFen, more.doubts], [1500, undefined])
    const less = parsed({ fee_lines: fee('-10.00'), total: '100.00' })
    assert.deepEqual(
      [less.postFeeFen, less.discountFen, less.lines.map(({ paymentFen }) => paymentFen), less.doubts],
      [1000, 2000, [7200, 1800], undefined],
    )
  })

  it('is parked in another currency, and without its number, its time or its goods', () => {
    assert.equal(reasonOf({ currency: 'USD' }), 'the currency is USD')
    assert.equal(reasonOf({ id: null }), 'no id')
    assert.equal(reasonOf({ date_modified_gmt: '2026-07-01 02:05:00' }), 'no date_modified_gmt')
    assert.equal(reasonOf({ line_items: [] }), 'no lines')
  })

  it('goes to the buyer’s own address without another one, and names another country first', () => {
    assert.equal(parsed({ shipping: {} }).receiver.address, '滨江区江南大道1号')
    const billing = fieldsAt(order, 'billing')
    const abroad = (change: Fields) => parsed({ shipping: { ...billing, ...change } }).receiver
    assert.equal(abroad({ country: 'US', state: 'CA' }).province, 'US CA')
    assert.equal(abroad({ country: 'HK', state: 'KOWLOON' }).province, '香港特别行政区')
    assert.equal(abroad({ state: '浙江' }).province, '浙江')
    assert.equal(abroad({ first_name: 'Ann', last_name: 'Lee' }).name, 'Ann Lee')
    assert.equal(abroad({ first_name: '', last_name: '', company: '山隅贸易' }).name, '山隅贸易')
    assert.deepEqual(
      [abroad({ phone: '0571-8888' }).mobile, abroad({ phone: '0571-8888' }).phone],
      ['', '0571-8888'],
    )
  })
})

describe('the status of an order of WooCommerce', () => {
  const statusOf = (status: string, more: Fields = {}) => parsed({ status, ...more }).status
  const unpaid = { date_paid_gmt: null }

  it('is that of the payment where it says nothing else', () => {
    assert.deepEqual(
      ['pending', 'failed', 'checkout-draft', 'on-hold'].map((status) => statusOf(status, unpaid)),
      ['unpaid', 'unpaid', 'unpaid', 'unpaid'],
    )
    assert.deepEqual(
      ['processing', 'completed', 'cancelled', 'trash', 'refunded', 'vip-review'].map((status) =>
        statusOf(status),
      ),
      ['paid', 'shipped', 'closed_refunded', 'closed_refunded', 'closed_refunded', 'unknown'],
    )
    assert.deepEqual(
      ['cancelled', 'trash'].map((status) => statusOf(status, unpaid)),
      ['closed_unpaid', 'closed_unpaid'],
    )
    assert.deepEqual(statusWords('on-hold'), { zh: '保留', en: 'On hold' })
    assert.equal(statusWords('vip-review'), undefined)
  })

  it('keeps a paid order that is on hold from being sent', () => {
    const { status, holds } = parsed({ status: 'on-hold' })
    assert.deepEqual([status, holds], ['paid', ['ship_hold']])
  })

  it('lets cash on delivery be sent unpaid', () => {
    const { status, type, cod, paidAt } = parsed({ payment_method: 'cod', ...unpaid })
    assert.deepEqual([status, type, cod, paidAt], ['paid', 'cod', true, null])
  })
})

describe('a refund of WooCommerce', () => {
  const facts = (items: ReturnType<typeof refundsIn>) =>
    items.map((item) =>
      item.kind === 'refund'
        ? [item.refundId, item.oid, item.refundKind, item.amountFen, item.quantity]
        : [item.reason],
    )

  it('is one for each line, with the rest of the amount besides, and final', () => {
    const items = refundsIn(order, [refundRow])
    assert.deepEqual(facts(items), [
      ['727-931-315', '315', 'refund_only', 4000, 1],
      ['727-931-316', '316', 'money_only', 500, 0],
      ['727-931-0', '', 'money_only', 1000, 0],
    ])
    const [first] = items
    assert.ok(first?.kind === 'refund')
    const { status, reason, title, spec, outerId, version } = first satisfies Refund
    assert.deepEqual(
      [status, reason, title, spec, outerId, version],
      ['succeeded', '少发一件', '四件套 - 雾蓝, 1.8m床', '雾蓝', 'SJT60-0102', '931'],
    )
  })

  it('keeps the amounts of its lines if the whole amount cannot be read, and doubts them', () => {
    const items = refundsIn(order, [{ ...refundRow, amount: 'many' }])
    assert.deepEqual(facts(items), [
      ['727-931-315', '315', 'refund_only', 4000, 1],
      ['727-931-316', '316', 'money_only', 500, 0],
    ])
    assert.deepEqual(
      items.map((item) => item.kind === 'refund' && item.doubts?.map(({ field, guess }) => [field, guess])),
      [[['refund_amount', '40.00']], [['refund_amount', '5.00']]],
    )
  })

  it('of an amount alone is a difference, unless it closed the order', () => {
    const bare = { ...refundRow, line_items: [], amount: '110.00' }
    assert.deepEqual(facts(refundsIn(order, [bare])), [['727-931-0', '', 'money_only', 11_000, 0]])
    assert.deepEqual(facts(refundsIn({ ...order, status: 'refunded' }, [bare])), [
      ['727-931-0', '', 'refund_only', 11_000, 0],
    ])
  })

  it('leaves a line to be sent until all its pieces or all its money have gone back', () => {
    const back = (quantity: number, total: string) => ({
      ...refundRow,
      line_items: [
        { ...set, quantity, total, total_tax: '0', meta_data: [{ key: '_refunded_item_id', value: '315' }] },
      ],
    })
    const linesOf = (row: unknown) =>
      parsed({}, { refunds: [row] }).lines.map(({ status, refund }) => [status, refund])
    const waits = ['paid', 'none']
    assert.deepEqual(linesOf(back(-1, '-40.00')), [waits, waits])
    assert.deepEqual(linesOf(back(-2, '-70.00')), [['closed_refunded', 'succeeded'], waits])
    assert.deepEqual(linesOf(back(0, '-80.00')), [['closed_refunded', 'succeeded'], waits])
    assert.deepEqual(givenBackIn([back(-1, '-40.00'), back(-1, '-20.00')]).get('315'), {
      fen: 6000,
      pieces: 2,
    })
  })

  it('that cannot be read is parked', () => {
    assert.deepEqual(facts(refundsIn(order, [{ id: 931 }, 7])), [['no date_created_gmt'], ['no id']])
  })
})

describe('the seller’s note', () => {
  it('is the newest one that a person wrote for the shop', () => {
    assert.equal(memoIn(noteRows), '改发顺丰')
    assert.equal(memoIn(noteRows.slice(0, 1)), '')
    assert.equal(memoIn([7, null, { note: 'x' }]), '')
  })
})

describe('the goods of WooCommerce', () => {
  it('are the variations of a product, each with its own code', () => {
    const found = listingsOf(product, listAt(product, 'of_variations', ''), 'on_sale')
    assert.deepEqual(
      found.map((one) =>
        'kind' in one
          ? one.reason
          : [one.platformSkuId, one.outerItemId, one.outerSkuId, one.spec, one.priceFen, one.quantity],
      ),
      [
        ['97', 'SJT60', 'SJT60-0102', '雾蓝 / 1.8m床', 4500, 12],
        ['98', 'SJT60', '', '燕麦', 4800, 0],
      ],
    )
  })

  it('are not those that are sold elsewhere, and a product without a number is parked', () => {
    assert.deepEqual(listingsOf({ ...product, type: 'external' }, [], 'on_sale'), [])
    assert.deepEqual(listingsOf({ ...product, type: 'grouped' }, [], 'on_sale'), [])
    const [simple] = listingsOf({ ...product, type: 'simple', stock_quantity: 4 }, [], 'on_sale')
    assert.ok(simple && !('kind' in simple))
    assert.deepEqual([simple.platformSkuId, simple.quantity], ['', 4])
    assert.deepEqual(
      listingsOf({}, [], 'on_sale').map((one) => 'kind' in one && one.reason),
      ['no id'],
    )
  })
})

describe('an answer of a site', () => {
  const of = { secrets: ['cs_secret'], isRead: true }
  const answer = (status: number, text: string, headers = {}) => ({ status, text, headers, retryAfterMs: 0 })
  const failed = (status: number, body: object | string, how = of): PlatformError => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    try {
      readAnswer(answer(status, text), how)
    } catch (error) {
      return error as PlatformError
    }
    return assert.fail('it was read')
  }
  const said = { code: 'woocommerce_rest_authentication_error', message: 'cs_secret is invalid.' }

  it('is read behind the notices of a plugin, with the count of its headers', () => {
    const { rows, total, text } = readAnswer(
      answer(200, '<b>Notice</b>: x {y} [z]\n[{"id":1}]', { 'x-wp-total': '31' }),
      of,
    )
    assert.deepEqual([rows, total, text], [[{ id: 1 }], 31, '[{"id":1}]'])
  })

  it('asks for the seller if the key ended, and says so if it may only read', () => {
    const over = failed(401, said)
    assert.deepEqual([over.kind, over.code], ['reauthorise', said.code])
    assert.ok(!over.message.includes('cs_secret'))
    const reads = failed(401, said, { ...of, isRead: false })
    assert.deepEqual([reads.kind, reads.code], ['rejected', 'key_reads_only'])
  })

  it('is unclear if the server failed, and asks for another address if it moved', () => {
    const kinds = [
      failed(503, '<html>maintenance</html>'),
      failed(500, { code: 'internal_server_error', message: '', data: null }),
      failed(404, { code: 'rest_no_route', message: '' }),
      failed(301, ''),
      failed(200, '{"id":'),
    ]
    assert.deepEqual(
      kinds.map(({ kind, code, unclear }) => [kind, code, unclear]),
      [
        ['retry', 'http_503', true],
        ['retry', 'internal_server_error', true],
        ['rejected', 'rest_no_route', false],
        ['rejected', 'site_moved', false],
        ['retry', 'bad_answer', true],
      ],
    )
  })

  it('says by its code which product is gone', () => {
    const error = (code: string) => failed(400, { code, message: '' })
    assert.deepEqual(
      [
        'woocommerce_rest_product_invalid_id',
        'woocommerce_rest_product_variation_invalid_id',
        'rest_invalid_param',
      ].map((code) => goneOf(error(code))),
      ['sku', 'sku', 'no'],
    )
  })
})

describe('windows and amounts', () => {
  it('begin a second earlier, because their ends lie outside', () => {
    const window = { from: new Date('2026-07-01T02:00:00.500Z'), to: new Date('2026-07-01T03:00:00.200Z') }
    const { modified_after, modified_before, dates_are_gmt } = spanOf('modified', window)
    assert.deepEqual(
      [modified_after, modified_before, dates_are_gmt],
      ['2026-07-01T01:59:59', '2026-07-01T03:00:01', 'true'],
    )
  })

  it('are added before they are rounded', () => {
    const fen = (total: unknown, tax: unknown) => signedFenAt({ total, tax }, 'total', 'tax')
    assert.deepEqual(
      [
        fen('8.8496', '1.1504'),
        fen('-35.3982', '-4.6018'),
        fen('0.005', '0.005'),
        fen('1e3', '0'),
        fen('', '1'),
      ],
      [1000, -4000, 1, null, null],
    )
  })

  it('keeps the parcels that others wrote, and each number once', () => {
    const meta = (value: unknown) => ({ meta_data: [{ key: '_wc_shipment_tracking_items', value }] })
    const parcel = { courier: '顺丰速运', waybillNo: 'SF1', at: new Date(1_783_000_000_500) }
    const own = {
      tracking_provider: '',
      custom_tracking_provider: '顺丰速运',
      custom_tracking_link: '',
      tracking_number: 'SF1',
      date_shipped: '1783000000',
      tracking_id: 'sanyi-SF1',
    }
    const others = [{ tracking_number: 'YT2' }, { tracking_number: 'SF1' }]
    assert.deepEqual(withParcel(meta(others), parcel), [{ tracking_number: 'YT2' }, own])
    assert.deepEqual(withParcel({}, parcel), [own])
    const sent = { status: 'completed', ...meta([{ tracking_number: 'YT2' }, own]) }
    assert.deepEqual(
      parsed(sent).lines.map(({ waybillNo }) => waybillNo),
      ['SF1', 'SF1'],
    )
    assert.equal(parsed({ ...sent, status: 'processing' }).lines[0]?.waybillNo, undefined)
  })
})
