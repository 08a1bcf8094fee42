import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { aTrade, control, kuaishou, NOON, stillSandbox, type TestSandbox, valuesOf } from '../testing.ts'
import { readParam, writeJson } from './call.ts'
import { kuaishouSign } from './gateway.ts'
import { kwai } from './testing.ts'

let sandbox: TestSandbox
before(async () => {
  sandbox = await stillSandbox()
})
after(() => sandbox.close())

const resultOf = (text: string) => valuesOf(text, 'result')[0]
const HOUR = 3_600_000
const listed = {
  orderViewStatus: 1,
  pageSize: 50,
  sort: 2,
  queryType: 2,
  beginTime: NOON * 1000 - HOUR,
  endTime: NOON * 1000 + HOUR,
  cursor: '',
}
const refundsListed = {
  type: 9,
  pageSize: 100,
  currentPage: 1,
  pcursor: '',
  sort: 2,
  queryType: 2,
  beginTime: NOON * 1000 - HOUR,
  endTime: NOON * 1000 + HOUR,
}

const paidTrade = (more: object = {}) => aTrade(sandbox, 'ks', { type: 'fixed', ...more })
const shop = () => sandbox.world.shops.find(({ key }) => key === 'ks') ?? assert.fail()
const tradeOf = (tid: string) => shop().trades.get(tid) ?? assert.fail()
/** JSON whose long numbers have all their digits. */
const raw = (method: string, json: string) => kwai(sandbox, method, {}, { json })

describe('the gateway of 快手', () => {
  it('signs as the documents describe it, by both methods', () => {
    const params = new Map([
      ['access_token', 'ks-demo-token'],
      ['appkey', 'ks700000000000000001'],
      ['method', 'open.order.detail'],
      ['param', '{"oid":2100000000001}'],
      ['signMethod', 'HMAC_SHA256'],
      ['timestamp', '1700000000000'],
      ['version', '1'],
    ])
    const secret = 'ks-demo-sign-secret'
    assert.equal(kuaishouSign(params, secret), 'zYo3xKLbRcHaZsyWI5q5RnSAKexplg8DpqJO13Pjskc=')
    params.set('signMethod', 'MD5')
    assert.equal(kuaishouSign(params, secret), '86b4e527d7007c723d524a17ab69df4b')
  })

  it('reads and writes numbers with all their digits, and takes a text for none', () => {
    const param = readParam(
      '{"oid":2532105733618829999,"ids":[2532105733618829999],"text":"2532105733618829999"}',
    )
    assert.deepEqual(param, {
      oid: '@@2532105733618829999',
      ids: ['@@2532105733618829999'],
      text: '2532105733618829999',
    })
    assert.equal(writeJson({ oid: '@@2532105733618829999' }), '{"oid":2532105733618829999}')
    assert.equal(readParam('[1]'), undefined)
  })

  it('checks every parameter, the verb and the token', async () => {
    const results = async (params: Record<string, string>) =>
      resultOf(await kwai(sandbox, 'GET open.order.cursor.list', listed, { params }))
    assert.equal(await results({}), '1')
    assert.equal(await results({ sign: 'x' }), '100200100')
    assert.equal(await results({ timestamp: String(NOON) }), '100200100')
    assert.equal(await results({ timestamp: String(NOON * 1000 - HOUR) }), '100200100')
    assert.equal(await results({ version: '2' }), '100200100')
    assert.equal(await results({ signMethod: 'SHA1' }), '100200100')
    assert.equal(await results({ appkey: 'ks1' }), '100200101')
    assert.equal(await results({ access_token: 'dead' }), '100200102')
    assert.equal(await results({ method: 'open.order.detail' }), '100200100')
    assert.equal(resultOf(await kwai(sandbox, 'POST open.order.cursor.list', listed)), '100200100')
    assert.equal(resultOf(await raw('GET open.order.detail', 'x')), '100200100')
  })

  it('lists a week at most, fifty orders a page, by a cursor that opens its own query only', async () => {
    const results = async (change: Record<string, unknown>) =>
      resultOf(await kwai(sandbox, 'GET open.order.cursor.list', { ...listed, ...change }))
    for (const change of [
      { pageSize: 51 },
      { orderViewStatus: 0 },
      { orderViewStatus: undefined },
      { sort: 3 },
      { cursor: undefined },
      { cursor: 'nomore' },
      { beginTime: NOON * 1000 - 7 * 24 * HOUR },
      { beginTime: NOON * 1000 - 91 * 24 * HOUR, endTime: NOON * 1000 - 90 * 24 * HOUR },
      { endTime: NOON * 1000 - HOUR },
    ])
      assert.notEqual(await results(change), '1', JSON.stringify(change))
    const tids = [await paidTrade(), await paidTrade(), await paidTrade()]
    const first = await kwai(sandbox, 'GET open.order.cursor.list', { ...listed, pageSize: 2 })
    const [cursor = ''] = valuesOf(first, 'cursor')
    assert.deepEqual(valuesOf(first, 'totalSize'), [])
    assert.equal(await results({ cursor }), '10')
    const second = await kwai(sandbox, 'GET open.order.cursor.list', { ...listed, pageSize: 2, cursor })
    assert.deepEqual(valuesOf(second, 'cursor'), ['nomore'])
    for (const tid of tids) assert.ok(first.includes(`"oid":${tid}`) || second.includes(`"oid":${tid}`))
  })

  it('shows a receiver by masks and ciphertexts of the order, and not at all while nothing may be shipped', async () => {
    const receiver = { name: '王小明', mobile: '13812345678', address: '文一西路 1 号' }
    const [one, two] = [await paidTrade({ receiver }), await paidTrade({ receiver })]
    const texts = await Promise.all([one, two].map((tid) => raw('GET open.order.detail', `{"oid":${tid}}`)))
    for (const text of texts) assert.doesNotMatch(text, /王小明|13812345678|文一西路 1/)
    const ciphers = texts.flatMap((text) => valuesOf(text, 'encryptedMobile'))
    assert.equal(new Set(ciphers).size, 2)
    const held = await paidTrade({ hold: 'top_hold', receiver })
    const text = await raw('GET open.order.detail', `{"oid":${held}}`)
    assert.deepEqual(valuesOf(text, 'encryptedMobile'), [])
    assert.match(text, /"disableDeliveryReasonCode":\[2\]/)
  })

  it('keeps each note, and shows the newest first', async () => {
    const tid = await paidTrade()
    const before = tradeOf(tid).modified
    sandbox.clock.advance(60_000)
    for (const [note, flag] of [
      ['先别发', 1],
      ['加急', 6],
    ])
      assert.equal(
        resultOf(
          await raw('POST open.seller.order.note.add', `{"orderId":${tid},"note":"${note}","flag":${flag}}`),
        ),
        '1',
      )
    const text = await raw('GET open.order.detail', `{"oid":${tid}}`)
    assert.deepEqual(valuesOf(text, 'note'), ['加急', '先别发'])
    assert.deepEqual(valuesOf(text, 'flagTagCode'), ['grey_flag_tag_order', 'red_flag_tag_order'])
    assert.equal(tradeOf(tid).modified, before)
    const long = `{"orderId":${tid},"note":"${'长'.repeat(201)}"}`
    assert.equal(resultOf(await raw('POST open.seller.order.note.add', long)), '10')
    const quoted = `{"orderId":"${tid}","note":"x"}`
    assert.equal(resultOf(await raw('POST open.seller.order.note.add', quoted)), '10')
  })

  it('ships pieces in parcels if each number says rightly whether pieces are left', async () => {
    const tid = await paidTrade({ lines: [{ num: 3 }, {}] })
    const [main, gift] = tradeOf(tid).lines
    const send = (waybill: string, pieces: number, status: number) =>
      raw(
        'POST open.order.goods.split.deliver',
        `{"mainOrderId":${tid},"deliveryItemInfoList":[{"deliveryGoodsInfoList":[{"oid":${tid},"deliveryNum":${pieces}}],"expressCode":9,"expressNo":"${waybill}"}],"deliveryStatus":[{"oid":${tid},"confirmDeliveryStatus":${status}}]}`,
      )
    assert.equal(resultOf(await send('7123456789012', 1, 40)), '10')
    assert.equal(main?.shipments, 0)
    assert.equal(resultOf(await send('7123456789012', 1, 10)), '1')
    assert.equal(resultOf(await send('7123456789013', 3, 40)), '21')
    assert.equal(resultOf(await send('7123456789013', 2, 40)), '1')
    assert.deepEqual([main?.status, gift?.status], ['WAIT_BUYER_CONFIRM_GOODS', 'WAIT_SELLER_SEND_GOODS'])
    const text = await raw('GET open.order.detail', `{"oid":${tid}}`)
    assert.deepEqual(valuesOf(text, 'expressNo'), ['7123456789012', '7123456789013'])
    assert.deepEqual(valuesOf(text, 'deliveryNum'), ['3', '0'])
  })

  it('ships a whole order, but no gift, and stops wrong parcels', async () => {
    const tid = await paidTrade({ lines: 2 })
    const deliver = (code: number, waybill: string) =>
      raw(
        'POST open.seller.order.goods.deliver',
        `{"orderId":${tid},"expressCode":${code},"expressNo":"${waybill}"}`,
      )
    assert.deepEqual(valuesOf(await deliver(1, 'SF1234567890123'), 'error_msg'), ['快递公司不存在'])
    assert.deepEqual(valuesOf(await deliver(4, 'XX'), 'error_msg'), ['运单号和物流公司不匹配'])
    assert.equal(resultOf(await deliver(4, 'SF1234567890123')), '1')
    assert.equal(resultOf(await deliver(4, 'SF1234567890123')), '21')
    assert.deepEqual(
      tradeOf(tid).lines.map(({ status }) => status),
      ['WAIT_BUYER_CONFIRM_GOODS', 'WAIT_SELLER_SEND_GOODS'],
    )
  })

  it('takes one number for parcels to one address only', async () => {
    const place = { state: '浙江省', city: '杭州市', district: '余杭区', town: '仓前街道' }
    const receiver = { ...place, name: '王小明', mobile: '13812345678', address: '文一西路 1 号' }
    const deliver = async (receiver: Record<string, string>) =>
      raw(
        'POST open.seller.order.goods.deliver',
        `{"orderId":${await paidTrade({ lines: 1, receiver })},"expressCode":4,"expressNo":"SF1234567890555"}`,
      )
    assert.equal(resultOf(await deliver(receiver)), '1')
    assert.equal(resultOf(await deliver(receiver)), '1')
    const elsewhere = await deliver({ ...receiver, address: '文一西路 2 号' })
    assert.deepEqual(valuesOf(elsewhere, 'error_msg'), ['同一个运单号对应收件地址超过1个'])
  })

  it('lists refunds of a day at most, exchanges only if asked, and counts on the first page only', async () => {
    const results = async (change: Record<string, unknown>) =>
      resultOf(
        await kwai(sandbox, 'GET open.seller.order.refund.pcursor.list', { ...refundsListed, ...change }),
      )
    assert.equal(await results({ beginTime: NOON * 1000 - 24 * HOUR }), '300019')
    assert.equal(await results({ endTime: NOON * 1000 - HOUR }), '300003')
    assert.equal(await results({ pageSize: 101 }), '10')
    assert.equal(await results({ currentPage: 2 }), '10')
    assert.equal(await results({ type: 1 }), '10')
    for (const kind of ['REFUND', 'REFUND', 'TMALL_EXCHANGE'])
      await control(sandbox, 'refunds', { tid: await paidTrade(), kind })
    const list = (change: Record<string, unknown>) =>
      kwai(sandbox, 'GET open.seller.order.refund.pcursor.list', { ...refundsListed, pageSize: 2, ...change })
    assert.deepEqual(valuesOf(await list({}), 'totalSize'), ['2'])
    const option = { needExchange: true }
    const first = await list({ option })
    assert.deepEqual([valuesOf(first, 'totalSize'), valuesOf(first, 'refundId').length], [['3'], 2])
    const second = await list({ option, currentPage: 2, pcursor: valuesOf(first, 'pcursor')[0] })
    assert.deepEqual([valuesOf(second, 'totalSize'), valuesOf(second, 'pcursor')], [['0'], ['nomore']])
  })

  it('pays a refund of the amount and state that were seen, and refuses one in the version that was seen', async () => {
    const tid = await paidTrade({ lines: 1 })
    await control(sandbox, 'refunds', { tid, kind: 'REFUND' })
    const refund = tradeOf(tid).refunds[0] ?? assert.fail()
    const approve = (amount: number, status: number) =>
      raw(
        'POST open.seller.order.refund.approve',
        `{"refundId":${refund.id},"refundAmount":${amount},"status":${status},"negotiateStatus":1,"refundHandingWay":10}`,
      )
    const reject = (version: number) =>
      raw('POST open.refund.reject', `{"refundId":${refund.id},"reasonCode":103,"refundVersion":${version}}`)
    assert.equal(resultOf(await reject(refund.modified * 1000 - 1000)), '300014')
    assert.equal(resultOf(await approve(refund.fee + 1, 10)), '300014')
    assert.equal(resultOf(await approve(refund.fee, 11)), '300018')
    assert.equal(refund.status, 'WAIT_SELLER_AGREE')
    assert.equal(resultOf(await approve(refund.fee, 10)), '1')
    assert.equal(refund.status, 'SUCCESS')
    assert.equal(resultOf(await reject(refund.modified * 1000)), '300018')
  })

  it('adds to stock and takes from it, twice if it is called twice, and never below nothing', async () => {
    const [listing = assert.fail()] = shop().listings
    const [sku = assert.fail()] = listing.skus
    sku.quantity = 5
    const update = (change: number, type: number) =>
      raw(
        'POST open.item.sku.stock.update',
        `{"kwaiItemId":${listing.numIid},"skuId":${sku.skuId},"skuChangeStock":${change},"changeType":${type}}`,
      )
    assert.equal(resultOf(await update(3, 1)), '1')
    assert.equal(resultOf(await update(3, 1)), '1')
    assert.equal(sku.quantity, 11)
    assert.equal(resultOf(await update(12, 2)), '21')
    assert.equal(resultOf(await update(0, 1)), '10')
    assert.equal(resultOf(await update(11, 2)), '1')
    assert.equal(sku.quantity, 0)
  })

  it('gives a code for two minutes, and ends each refresh token with the agreement', async () => {
    const token = async (path: string, params: Record<string, string>) => {
      const form = new URLSearchParams({ app_id: kuaishou.appKey, app_secret: kuaishou.appSecret, ...params })
      const isGet = path === 'access_token'
      const url = `${sandbox.url}/oauth2/${path}`
      const answer = await fetch(isGet ? `${url}?${form}` : url, isGet ? {} : { method: 'POST', body: form })
      return answer.text()
    }
    const agree = async () => {
      const asked = new URLSearchParams({
        shop: 'ks',
        client_id: kuaishou.appKey,
        redirect_uri: 'http://127.0.0.1/',
      })
      const answer = await fetch(`${sandbox.url}/authorize/grant?${asked}`, { redirect: 'manual' })
      return new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? ''
    }
    const late = await agree()
    sandbox.clock.advance(121_000)
    assert.equal(resultOf(await token('access_token', { grant_type: 'code', code: late })), '100200105')
    const first = await token('access_token', { grant_type: 'code', code: await agree() })
    assert.deepEqual(valuesOf(first, 'expires_in'), ['172800'])
    const day = 24 * 3600
    assert.deepEqual(valuesOf(first, 'refresh_token_expires_in'), [String(180 * day)])
    sandbox.clock.advance(100 * day * 1000)
    const refresh = (of: string) =>
      token('refresh_token', {
        grant_type: 'refresh_token',
        refresh_token: valuesOf(of, 'refresh_token')[0] ?? '',
      })
    const second = await refresh(first)
    assert.deepEqual(valuesOf(second, 'refresh_token_expires_in'), [String(80 * day)])
    assert.deepEqual(valuesOf(await refresh(first), 'error_msg'), ['refreshToken.discarded'])
    sandbox.clock.advance(81 * day * 1000)
    assert.equal(resultOf(await refresh(second)), '100200102')
    const wrong = { grant_type: 'refresh_token', refresh_token: 'x', app_secret: 'x' }
    assert.equal(resultOf(await token('refresh_token', wrong)), '100200101')
  })
})
