import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { type Json, part, rows } from '../json-parts.ts'
import { aTrade, control, NOON, stillSandbox, type TestSandbox, woocommerce } from '../testing.ts'
import { stopCounting } from './products.ts'
import { type Answered, wc } from './testing.ts'

let sandbox: TestSandbox
before(async () => {
  sandbox = await stillSandbox()
})
after(() => sandbox.close())

const shop = () => sandbox.world.shops.find(({ key }) => key === 'woo') ?? assert.fail()
const tradeOf = (tid: string) => shop().trades.get(tid) ?? assert.fail()
const paidTrade = (more: object = {}) => aTrade(sandbox, 'woo', { type: 'fixed', ...more })
const bodyOf = ({ body }: Answered): Json => part({ body }, 'body')
const rowsOf = ({ body }: Answered): Json[] => rows({ body }, 'body')
const saysOf = (answer: Answered) => [answer.status, bodyOf(answer)['code']]
const at = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 19)
const orders = (more = '') =>
  wc(
    sandbox,
    `GET orders?modified_after=${at(NOON - 60)}&modified_before=${at(NOON + 1)}&dates_are_gmt=true${more}`,
  )

describe('the REST API of WooCommerce', () => {
  it('takes a key with its secret, in the header or signed, each nonce once', async () => {
    const refused = [401, 'woocommerce_rest_authentication_error']
    assert.deepEqual(saysOf(await wc(sandbox, 'GET orders', undefined, '')), [
      401,
      'woocommerce_rest_cannot_view',
    ])
    assert.deepEqual(saysOf(await wc(sandbox, 'GET orders', undefined, 'ck_other:cs')), refused)
    assert.deepEqual(saysOf(await wc(sandbox, 'GET orders', undefined, `${woocommerce.appKey}:cs`)), refused)
    const signed = (nonce: string, timestamp = NOON) => {
      const params = new URLSearchParams({
        oauth_consumer_key: woocommerce.appKey,
        oauth_nonce: nonce,
        oauth_signature_method: 'HMAC-SHA256',
        oauth_timestamp: String(timestamp),
        per_page: '5',
      })
      const url = `${sandbox.url}/wp-json/wc/v3/orders`
      const base = ['GET', url, String(params)].map(encodeURIComponent).join('&')
      params.set(
        'oauth_signature',
        createHmac('sha256', `${woocommerce.appSecret}&`).update(base).digest('base64'),
      )
      return wc(sandbox, `GET orders?${params}`, undefined, '')
    }
    assert.deepEqual((await signed('one')).status, 200)
    assert.deepEqual(saysOf(await signed('one')), refused)
    assert.deepEqual(saysOf(await signed('two', NOON - 901)), refused)
  })

  it('lists whole orders with the fields that were asked for, and counts them in headers', async () => {
    const tids = [await paidTrade(), await paidTrade(), await paidTrade()]
    const page = await orders('&per_page=2&page=2&orderby=id&order=asc&_fields=id,status')
    assert.deepEqual([page.headers.get('x-wp-total'), page.headers.get('x-wp-totalpages')], ['3', '2'])
    assert.deepEqual(rowsOf(page), [{ id: Number(tids[2]), status: 'processing' }])
    assert.equal(rows(rowsOf(await orders())[0] ?? {}, 'line_items').length > 0, true)
    assert.deepEqual(rowsOf(await orders('&status=completed')), [])
    assert.deepEqual(saysOf(await orders('&per_page=101')), [400, 'rest_invalid_param'])
    assert.deepEqual(saysOf(await orders('&status=sent')), [400, 'rest_invalid_param'])
    assert.deepEqual(saysOf(await orders('&orderby=total')), [400, 'rest_invalid_param'])
  })

  it('leaves the ends of a window outside, and takes times for the site’s own unless they are said to be UTC', async () => {
    await paidTrade({ modified: NOON - 5000 })
    const count = async (from: number, to: number, more = '&dates_are_gmt=true') =>
      (
        await wc(sandbox, `GET orders?modified_after=${at(from)}&modified_before=${at(to)}${more}`)
      ).headers.get('x-wp-total')
    assert.deepEqual(
      [
        await count(NOON - 5001, NOON - 4999),
        await count(NOON - 5000, NOON - 4999),
        await count(NOON - 5001, NOON - 5000),
        await count(NOON - 5001, NOON - 4999, ''),
        await count(NOON - 5001 + 28_800, NOON - 4999 + 28_800, ''),
      ],
      ['1', '0', '0', '0', '1'],
    )
    assert.deepEqual(saysOf(await wc(sandbox, 'GET orders?modified_after=yesterday')), [
      400,
      'rest_invalid_param',
    ])
  })

  it('completes any order, also one whose money went back, and keeps the fields that it is given', async () => {
    const tid = await paidTrade({ lines: 1 })
    const num = tradeOf(tid).lines[0]?.num
    await control(sandbox, 'refunds', { tid, kind: 'REFUND', num })
    assert.equal(bodyOf(await wc(sandbox, `GET orders/${tid}`))['status'], 'refunded')
    const value = [{ tracking_number: 'SF1', custom_tracking_provider: '顺丰速运' }]
    const meta_data = [{ key: '_wc_shipment_tracking_items', value }]
    const sent = bodyOf(await wc(sandbox, `PUT orders/${tid}`, { status: 'completed', meta_data }))
    assert.deepEqual([sent['status'], sent['meta_data']], ['completed', [{ id: 1, ...meta_data[0] }]])
    assert.deepEqual(
      tradeOf(tid).lines.map(({ shipments }) => shipments),
      [1],
    )
    assert.deepEqual(saysOf(await wc(sandbox, `PUT orders/${tid}`, { status: 'sent' })), [
      400,
      'rest_invalid_param',
    ])
    assert.deepEqual(saysOf(await wc(sandbox, 'PUT orders/1', { status: 'completed' })), [
      404,
      'woocommerce_rest_shop_order_invalid_id',
    ])
  })

  it('piles notes up, of which only those of the key’s user are a person’s', async () => {
    const tid = await paidTrade({ memo: '' })
    const add = (more: object) => wc(sandbox, `POST orders/${tid}/notes`, { note: '加急', ...more })
    await add({})
    assert.equal(tradeOf(tid).memo, '')
    await add({ added_by_user: true })
    await add({ note: '已发货', customer_note: true })
    assert.equal(tradeOf(tid).memo, '加急')
    const authors = async (type: string) =>
      rowsOf(await wc(sandbox, `GET orders/${tid}/notes?type=${type}`)).map(({ author }) => author)
    assert.deepEqual(await authors('internal'), ['WooCommerce', '店员', 'WooCommerce'])
    assert.deepEqual(await authors('customer'), ['WooCommerce'])
    assert.deepEqual(saysOf(await add({ note: ' ' })), [400, 'rest_invalid_param'])
  })

  it('names the line of a refund by its field, with amounts below nothing', async () => {
    const tid = await paidTrade({ lines: [{ num: 2, price: 11_300 }] })
    await control(sandbox, 'refunds', { tid, kind: 'REFUND', num: 1, fee: 11_300 })
    const [refund = assert.fail()] = rowsOf(await wc(sandbox, `GET orders/${tid}/refunds`))
    const [item = assert.fail()] = rows(refund, 'line_items')
    assert.deepEqual(
      [refund['amount'], item['quantity'], item['total'], item['total_tax']],
      ['113.00', -1, '-100.00', '-13.00'],
    )
    assert.deepEqual(rows(item, 'meta_data')[0], {
      id: 1,
      key: '_refunded_item_id',
      value: tradeOf(tid).lines[0]?.oid,
    })
    const order = bodyOf(await wc(sandbox, `GET orders/${tid}`))
    assert.deepEqual(
      [order['status'], rows(order, 'refunds').map(({ total }) => total)],
      ['processing', ['-113.00']],
    )
  })

  it('sets quantities row by row, each with its own answer', async () => {
    const single = shop().listings.find(({ skus }) => skus.length === 0) ?? assert.fail()
    const update = [
      { id: Number(single.numIid), manage_stock: true, stock_quantity: 7 },
      { id: 1, manage_stock: true, stock_quantity: 7 },
    ]
    const answer = await wc(sandbox, 'POST products/batch', { update })
    const [done = {}, gone = {}] = rows(bodyOf(answer), 'update')
    assert.deepEqual(
      [answer.status, done['stock_quantity'], part(gone, 'error')['code'], single.quantity],
      [200, 7, 'woocommerce_rest_product_invalid_id', 7],
    )
    stopCounting(sandbox.world, single.numIid)
    const uncounted = { update: [{ id: Number(single.numIid), stock_quantity: 9 }] }
    const [kept = {}] = rows(bodyOf(await wc(sandbox, 'POST products/batch', uncounted)), 'update')
    assert.deepEqual([kept['stock_quantity'], single.quantity], [null, 7])
    const many = { update: Array.from({ length: 101 }, () => update[0]) }
    assert.equal((await wc(sandbox, 'POST products/batch', many)).status, 413)
  })
})
