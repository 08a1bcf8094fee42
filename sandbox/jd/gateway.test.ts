import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { aTrade, chinaTime, control, jd, NOON, stillSandbox, type TestSandbox, valuesOf } from '../testing.ts'
import { jdSign } from './gateway.ts'
import { jos } from './testing.ts'

let sandbox: TestSandbox
before(async () => {
  sandbox = await stillSandbox()
})
after(() => sandbox.close())

const codeOf = (text: string) => (text.includes('error_response') ? valuesOf(text, 'code')[0] : undefined)
const saysOf = (text: string) => [...valuesOf(text, 'chineseErrCode'), ...valuesOf(text, 'errorMessage')][0]
const shop = () => sandbox.world.shops.find(({ key }) => key === 'jd') ?? assert.fail()
const tradeOf = (tid: string) => shop().trades.get(tid) ?? assert.fail()

const paidTrade = (more: object = {}) => aTrade(sandbox, 'jd', { type: 'fixed', ...more })
const listed = {
  start_date: chinaTime(NOON - 3600),
  end_date: chinaTime(NOON + 3600),
  order_state: 'WAIT_SELLER_STOCK_OUT,LOCKED,POP_ORDER_PAUSE',
  optional_fields: 'orderId,orderState',
  page: '1',
  page_size: '100',
  sortType: '1',
  dateType: '0',
}
const search = (more: Record<string, string> = {}) =>
  jos(sandbox, 'jingdong.pop.order.search', { ...listed, ...more })

describe('the gateway of 京东', () => {
  it('signs as the example of the documents does', () => {
    const params = new Map([
      [
        '360buy_param_json',
        '{"end_date":null,"optional_fields":null,"order_state":"WAIT_SELLER_STOCK_OUT","page":"1","page_size":"200","start_date":null}',
      ],
      ['access_token', 'yourtoken'],
      ['app_key', 'yourappkey'],
      ['method', 'jingdong.pop.order.search'],
      ['timestamp', '2021-05-07 09:20:39.683+0800'],
      ['v', '2.0'],
    ])
    assert.equal(jdSign(params, 'yourappSecret'), 'D70825340F4084360B9362B60DFD7930')
  })

  it('refuses a call by its own numbers', async () => {
    const of = async (params: Record<string, string>, method = 'jingdong.vender.shop.query') =>
      codeOf(await jos(sandbox, method, {}, { params }))
    assert.deepEqual(
      await Promise.all([
        of({}),
        of({ sign: 'WRONG' }),
        of({ timestamp: chinaTime(NOON - 361) }),
        of({ timestamp: '2026-11-24T12:00:00Z' }),
        of({ v: '1.0' }),
        of({ access_token: 'other' }),
        of({ app_key: 'other' }),
        of({}, 'jingdong.nothing'),
        of({ timestamp: '' }),
      ]),
      [undefined, '12', '8', '8', '5', '19', '21', '15', '7'],
    )
    assert.equal(await of({ timestamp: chinaTime(NOON - 360) }), undefined)
  })

  it('gives only the fields that are asked for, each a text', async () => {
    const tid = await paidTrade()
    const text = await jos(sandbox, 'jingdong.pop.order.get', {
      order_id: tid,
      optional_fields: 'orderId,actualPay',
    })
    assert.match(text, /^\{"jingdong_pop_order_get_responce":\{"code":"0","orderDetailInfo":/)
    assert.deepEqual([valuesOf(text, 'orderId'), valuesOf(text, 'orderState')], [[tid], []])
    assert.match(text, /"actualPay":"\d+\.\d\d"/)
    assert.equal(
      saysOf(await jos(sandbox, 'jingdong.pop.order.get', { order_id: tid })),
      'optional_fields不能为空',
    )
  })

  it('lists a month at most, of the states that are named, and knows no order that is not paid', async () => {
    const [paid, unpaid] = [await paidTrade(), await paidTrade({ status: 'WAIT_BUYER_PAY' })]
    const ids = valuesOf(await search(), 'orderId')
    assert.deepEqual([ids.includes(paid), ids.includes(unpaid)], [true, false])
    assert.equal(
      saysOf(await jos(sandbox, 'jingdong.pop.order.get', { order_id: unpaid, optional_fields: 'orderId' })),
      '订单不存在',
    )
    assert.equal(
      saysOf(await search({ start_date: chinaTime(NOON - 32 * 86_400) })),
      '查询时间范围不能超过31天',
    )
    const old = { start_date: chinaTime(NOON - 95 * 86_400), end_date: chinaTime(NOON - 94 * 86_400) }
    assert.equal(saysOf(await search(old)), '只能查询最近90天')
    assert.equal(saysOf(await search({ ...old, dateType: '1' })), '')
    assert.equal(saysOf(await search({ order_state: '' })), 'order_state不正确')
    assert.equal(saysOf(await search({ page_size: '101' })), 'page、page_size不正确')
  })

  it('locks an order whose buyer wants to cancel, and ships none that is locked or paused', async () => {
    const [tid, paused] = [await paidTrade(), await paidTrade({ hold: 'top_hold' })]
    await control(sandbox, 'refunds', { tid })
    const parcel = (orderId: string) => ({ orderId, logiCoprId: '1499', logiNo: '71234567890123' })
    const sent = (orderId: string) => jos(sandbox, 'jingdong.pop.order.shipment', parcel(orderId))
    assert.equal(saysOf(await sent(tid)), '订单状态不允许出库，当前状态：LOCKED')
    assert.equal(saysOf(await sent(paused)), '订单状态不允许出库，当前状态：POP_ORDER_PAUSE')
    assert.deepEqual(
      [...tradeOf(tid).lines, ...tradeOf(paused).lines].filter(({ shipments }) => shipments > 0),
      [],
    )
  })

  it('ships an order whole and once, with a number of the courier that no other receiver has', async () => {
    const [one, two] = [await paidTrade({ lines: 2 }), await paidTrade()]
    const sent = (orderId: string, logiNo: string, logiCoprId = '1499') =>
      jos(sandbox, 'jingdong.pop.order.shipment', { orderId, logiCoprId, logiNo })
    assert.equal(saysOf(await sent(one, 'SF1234567890123')), '运单号格式不正确')
    assert.equal(saysOf(await sent(one, '71234567890123', '1')), '物流公司ID不正确')
    assert.equal(saysOf(await sent(one, '71234567890123')), '')
    assert.match(saysOf(await sent(one, '71234567890123')) ?? '', /WAIT_GOODS_RECEIVE_CONFIRM/)
    assert.equal(saysOf(await sent(two, '71234567890123')), '运单号已被其他订单使用')
    assert.deepEqual(
      tradeOf(one).lines.map(({ shipments }) => shipments),
      [1, 1],
    )
  })

  it('takes an answer to an application with all that it needs, once', async () => {
    const tid = await paidTrade()
    await control(sandbox, 'refunds', { tid })
    const [refund = assert.fail()] = tradeOf(tid).refunds
    const answer = { id: refund.id, status: '1', checkUserName: '商家', remark: '同意', outWareStatus: '2' }
    const replied = async (more: Record<string, string>) =>
      saysOf(await jos(sandbox, 'jingdong.pop.afs.soa.refundapply.replyRefund', { ...answer, ...more }))
    assert.equal(await replied({ id: '1' }), '退款单不存在')
    assert.equal(await replied({ remark: '' }), 'remark不能为空')
    assert.equal(await replied({ outWareStatus: '' }), 'outWareStatus不正确')
    assert.equal(await replied({ status: '2' }), 'rejectType不正确')
    assert.equal(await replied({ rejectType: '5' }), 'rejectType不正确')
    assert.equal(refund.status, 'WAIT_SELLER_AGREE')
    assert.equal(await replied({}), '')
    assert.equal(await replied({}), '退款单状态不允许审核')
    assert.deepEqual([refund.status, tradeOf(tid).status], ['SUCCESS', 'TRADE_CLOSED'])
  })

  it('renews a token within the last day before its end, and not after it', async () => {
    const renewed = async (refreshToken: string) => {
      const query = {
        app_key: jd.appKey,
        app_secret: jd.appSecret,
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
      }
      const response = await fetch(`${sandbox.url}/oauth2/refresh_token?${new URLSearchParams(query)}`)
      return response.text()
    }
    const first = await renewed(jd.refreshToken)
    const [token = ''] = valuesOf(first, 'refresh_token')
    for (const session of sandbox.world.sessions.values())
      if (session.shop === shop() && session.expires === Number.POSITIVE_INFINITY) session.expires = 0
    assert.equal(valuesOf(await renewed(token), 'code')[0], '405')
    const ofShop = () => [...sandbox.world.sessions.values()].filter((one) => one.shop === shop())
    for (const session of ofShop()) session.expires = Math.min(session.expires, NOON)
    assert.equal(valuesOf(await renewed(token), 'code')[0], '404')
    for (const session of ofShop()) session.expires = NOON + 86_000
    assert.equal(valuesOf(await renewed(token), 'access_token').length, 1)
    assert.equal(valuesOf(await renewed(token), 'code')[0], '403')
  })
})
