import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { aTrade, control, doudian, NOON, stillSandbox, type TestSandbox, valuesOf } from '../testing.ts'
import { readCanonical } from './canonical.ts'
import { doudianSign } from './gateway.ts'
import { fxg } from './testing.ts'

let sandbox: TestSandbox
before(async () => {
  sandbox = await stillSandbox()
})
after(() => sandbox.close())

const codesOf = (text: string) => [valuesOf(text, 'code')[0], valuesOf(text, 'sub_code')[0]]
const window = { update_time_end: NOON + 600, update_time_start: NOON - 600 }
const listed = { order_by: 'update_time', page: 0, size: 20, ...window }

const paidTrade = (more: object = {}) => aTrade(sandbox, 'dd', { type: 'fixed', ...more })

describe('the gateway of 抖店', () => {
  it('signs as the vectors of the documents do', () => {
    const params = new Map([
      ['app_key', '7000000000000000001'],
      ['method', 'order.orderDetail'],
      ['timestamp', '1700000000'],
      ['v', '2'],
    ])
    const json = '{"shop_order_id":"4710000000000000001"}'
    assert.equal(doudianSign(params, json, 'demo-app-secret-0001'), '07ef9b1bcf632f1403274f7ba111fc07')
    params.set('sign_method', 'hmac-sha256')
    assert.equal(
      doudianSign(params, json, 'demo-app-secret-0001'),
      '5d43331fb40f38fc0f6827bae701af4514fcc915b4c4e8981f4a7f1070361b3d',
    )
  })

  it('reads param_json only as the signature wants it written', () => {
    assert.deepEqual(readCanonical('{"a":1,"b":[{"c":"<&>","d":3539925204033339668}]}'), {
      a: 1,
      b: [{ c: '<&>', d: '3539925204033339668' }],
    })
    for (const text of ['{"b":1,"a":2}', '{"a": 1}', '{"a":1.0}', '{"a":"\\u003c"}', '[]', 'x'])
      assert.equal(readCanonical(text), undefined, text)
  })

  it('checks every public parameter', async () => {
    const codes = async (query: Record<string, string>) =>
      codesOf(await fxg(sandbox, 'order/searchList', listed, { query }))
    assert.deepEqual(await codes({}), ['10000', ''])
    assert.deepEqual(await codes({ timestamp: '2026-11-24 12:00:00' }), ['10000', ''])
    assert.deepEqual(await codes({ sign: 'x' }), ['40003', 'isv.signature-invalid'])
    assert.deepEqual(await codes({ timestamp: String(NOON - 5000) }), ['40003', 'isv.timestamp-invalid'])
    assert.deepEqual(await codes({ app_key: '1' }), ['30001', 'dop.app-forbidden'])
    assert.deepEqual(await codes({ access_token: '' }), ['40001', 'isv.access-token-missing'])
    assert.deepEqual(await codes({ access_token: 'dead' }), ['40003', 'isv.access-token-no-existed'])
    assert.deepEqual(await codes({ v: '3' }), ['40002', 'isv.parameter-invalid:1000'])
    assert.deepEqual(await codes({ method: 'order.orderDetail' }), ['40002', 'isv.parameter-invalid:1000'])
  })

  it('refuses a signed body whose keys are not sorted', async () => {
    const json = '{"size":20,"page":0}'
    assert.deepEqual(codesOf(await fxg(sandbox, 'order/searchList', {}, { json })), [
      '40003',
      'isv.signature-invalid',
    ])
  })

  it('answers with the old names unless the new codes are asked for', async () => {
    const text = await fxg(sandbox, 'order/orderDetail', { shop_order_id: '1' }, { headers: {} })
    assert.deepEqual([valuesOf(text, 'err_no'), valuesOf(text, 'code')], [['40004'], []])
  })

  it('keeps a token for its life but for the last hour, and then gives a new one', async () => {
    const ask = async () =>
      fxg(
        sandbox,
        'token/create',
        { code: '', grant_type: 'authorization_self', shop_id: doudian.appKey },
        { query: { access_token: '' } },
      )
    const [first, second] = [await ask(), await ask()]
    assert.equal(valuesOf(first, 'expires_in')[0], String(7 * 86_400))
    assert.deepEqual(valuesOf(first, 'access_token'), valuesOf(second, 'access_token'))
    const refresh = valuesOf(first, 'refresh_token')[0] ?? ''
    const renewed = async () =>
      fxg(
        sandbox,
        'token/refresh',
        { grant_type: 'refresh_token', refresh_token: refresh },
        { query: { access_token: '' } },
      )
    assert.deepEqual(valuesOf(await renewed(), 'access_token'), valuesOf(first, 'access_token'))
    sandbox.clock.advance((7 * 86_400 - 1800) * 1000)
    assert.notDeepEqual(valuesOf(await renewed(), 'access_token'), valuesOf(first, 'access_token'))
    assert.deepEqual(codesOf(await renewed()), ['50001', 'dop.token-generate-failed:token-expired'])
    const wrong = await fxg(sandbox, 'token/create', {
      code: '',
      grant_type: 'authorization_self',
      shop_id: '1',
    })
    assert.equal(valuesOf(wrong, 'code')[0], '50001')
    sandbox.clock.advance(-(7 * 86_400 - 1800) * 1000)
  })

  it('counts pages from 0, up to 100 rows each and 10,000 in all', async () => {
    for (const change of [{ size: 101 }, { page: -1 }, { page: 101, size: 100 }, { page: '0' }])
      assert.equal(
        codesOf(await fxg(sandbox, 'order/searchList', sorted({ ...listed, ...change })))[0],
        '40004',
      )
    const empty = { ...listed, update_time_end: NOON, update_time_start: NOON }
    assert.equal(codesOf(await fxg(sandbox, 'order/searchList', empty))[0], '40004')
  })

  it('shows an order once in its window, whole, and shows the receiver only masked', async () => {
    const tid = await paidTrade({ lines: 2, receiver: { name: '王小明', mobile: '13812345678' } })
    const text = await fxg(sandbox, 'order/searchList', sorted(listed))
    const detail = await fxg(sandbox, 'order/orderDetail', { shop_order_id: tid })
    assert.equal(valuesOf(text, 'parent_order_id').filter((id) => id === tid).length, 2)
    assert.ok(!detail.includes('王小明') && !detail.includes('13812345678'))
    assert.ok(detail.includes('"mask_post_receiver":"王**"'))
    const lines = valuesOf(detail, 'parent_order_id').length
    assert.equal(lines, 2)
    // One line has the order's own number.
    assert.equal(valuesOf(detail, 'order_id').filter((id) => id === tid).length, 2)
  })

  it('does not move update_time with a remark, and takes five hundred characters', async () => {
    const tid = await paidTrade()
    const before = valuesOf(await fxg(sandbox, 'order/orderDetail', { shop_order_id: tid }), 'update_time')
    sandbox.clock.advance(60_000)
    const remark = { is_add_star: 'true', order_id: tid, remark: '改地址', star: '5' }
    assert.equal(codesOf(await fxg(sandbox, 'order/addOrderRemark', remark))[0], '10000')
    const detail = await fxg(sandbox, 'order/orderDetail', { shop_order_id: tid })
    assert.deepEqual(valuesOf(detail, 'update_time'), before)
    assert.deepEqual(
      [valuesOf(detail, 'seller_words'), valuesOf(detail, 'seller_remark_stars')],
      [['改地址'], ['5']],
    )
    const long = { order_id: tid, remark: '长'.repeat(501) }
    assert.equal(codesOf(await fxg(sandbox, 'order/addOrderRemark', long))[1], 'isv.business-failed:50056')
  })

  it('ships pieces in parcels, once for each request_id', async () => {
    const tid = await paidTrade({ lines: [{ num: 3 }] })
    const pack = (requestId: string, waybill: string, pieces: number) => ({
      order_id: tid,
      pack_list: [
        {
          company_code: 'zhongtong',
          logistics_code: waybill,
          shipped_order_info: [{ shipped_num: pieces, shipped_order_id: tid }],
        },
      ],
      request_id: requestId,
    })
    const send = (...args: Parameters<typeof pack>) =>
      fxg(sandbox, 'order/logisticsAddMultiPack', pack(...args))
    const first = await send('r1', '7123456789012', 1)
    assert.equal(codesOf(first)[0], '10000')
    assert.deepEqual(valuesOf(await send('r1', '7123456789012', 1), 'pack_id'), valuesOf(first, 'pack_id'))
    const detail = await fxg(sandbox, 'order/orderDetail', { shop_order_id: tid })
    assert.deepEqual(valuesOf(detail, 'order_status'), ['101', '2'])
    assert.deepEqual(valuesOf(detail, 'product_count'), ['1'])
    assert.equal(codesOf(await send('r2', '7123456789013', 3))[0], '50002')
    assert.equal(codesOf(await send('r3', '7123456789013', 2))[0], '10000')
    const ended = await fxg(sandbox, 'order/orderDetail', { shop_order_id: tid })
    assert.deepEqual(valuesOf(ended, 'order_status'), ['3', '3'])
    assert.deepEqual(valuesOf(ended, 'tracking_no'), ['7123456789012', '7123456789013'])
  })

  it('has shipped a line when the pieces have left whose money did not go back', async () => {
    const tid = await paidTrade({ lines: [{ num: 3 }] })
    const made = await control(sandbox, 'refunds', { tid, kind: 'REFUND', num: 1 })
    await control(sandbox, `refunds/${valuesOf(made, 'refundId')[0]}/succeed`, {})
    const send = (requestId: string, waybill: string) =>
      fxg(sandbox, 'order/logisticsAddMultiPack', {
        order_id: tid,
        pack_list: [
          {
            company_code: 'zhongtong',
            logistics_code: waybill,
            shipped_order_info: [{ shipped_num: 1, shipped_order_id: tid }],
          },
        ],
        request_id: requestId,
      })
    const statuses = async () =>
      valuesOf(await fxg(sandbox, 'order/orderDetail', { shop_order_id: tid }), 'order_status')
    assert.equal(codesOf(await send('s1', '7123456789021'))[0], '10000')
    assert.deepEqual(await statuses(), ['101', '2'])
    assert.equal(codesOf(await send('s2', '7123456789022'))[0], '10000')
    assert.deepEqual(await statuses(), ['3', '3'])
  })

  it('operates a refund only in the version that was seen, and refuses with reason and evidence', async () => {
    const tid = await paidTrade({ lines: 1 })
    await control(sandbox, `trades/${tid}/ship`, {})
    const made = await control(sandbox, 'refunds', { tid, kind: 'REFUND_AND_RETURN' })
    const id = valuesOf(made, 'refundId')[0] ?? ''
    const version = Number(valuesOf(made, 'modified')[0])
    const operate = (type: number, item: Record<string, unknown>) =>
      fxg(sandbox, 'afterSale/operate', {
        items: [sorted({ aftersale_id: id, update_time: version, ...item })],
        type,
      })
    assert.deepEqual(codesOf(await operate(102, { update_time: version - 1 })), [
      '50002',
      'isv.business-failed:20309541',
    ])
    assert.equal(codesOf(await operate(101, {}))[0], '40004')
    const words = { reason: '商品影响二次销售', remark: '已拆封', reject_reason_code: 4 }
    assert.equal(codesOf(await operate(102, words))[0], '40002')
    const evidence = [{ type: 1, url: 'https://example.com/a.jpg' }]
    assert.equal(codesOf(await operate(102, { ...words, evidence }))[0], '10000')
    const detail = await fxg(sandbox, 'afterSale/Detail', { after_sale_id: id })
    assert.deepEqual(valuesOf(detail, 'after_sale_status'), ['27'])
  })

  it('lists refunds by their change only in the order of change', async () => {
    const asked = (order: string[]) => ({
      order_by: order,
      page: 0,
      size: 100,
      update_end_time: NOON + 6000,
      update_start_time: NOON - 600,
    })
    for (let n = 0; n < 3; n += 1)
      await control(sandbox, 'refunds', { tid: await paidTrade(), kind: 'REFUND' })
    const all = await fxg(sandbox, 'afterSale/List', asked(['update_time asc']))
    const some = await fxg(sandbox, 'afterSale/List', asked([]))
    const times = valuesOf(all, 'update_time').map(Number)
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    )
    assert.ok(valuesOf(some, 'aftersale_id').length < valuesOf(all, 'aftersale_id').length)
  })

  it('sets the stock of a product whole or not at all', async () => {
    const [listing] = sandbox.world.shops.find(({ key }) => key === 'dd')?.listings ?? []
    assert.ok(listing)
    const row = (skuId: string, pieces: number) => `{"sku_id":${skuId},"sku_type":0,"stock_num":${pieces}}`
    const set = (list: string[]) =>
      fxg(
        sandbox,
        'sku/syncStockBatch',
        {},
        { json: `{"incremental":false,"product_id":${listing.numIid},"sku_sync_list":[${list.join(',')}]}` },
      )
    const [sku] = listing.skus
    assert.ok(sku)
    const before = sku.quantity
    assert.equal(codesOf(await set([row(sku.skuId, 17), row('1', 5)]))[1], 'isv.parameter-invalid:2010013')
    assert.equal(sku.quantity, before)
    assert.equal(codesOf(await set([row(sku.skuId, 17)]))[0], '10000')
    assert.equal(sku.quantity, 17)
  })
})

const sorted = (fields: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)))
