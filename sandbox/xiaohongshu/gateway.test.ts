import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { aTrade, control, NOON, stillSandbox, type TestSandbox, valuesOf, xiaohongshu } from '../testing.ts'
import { xiaohongshuSign } from './gateway.ts'
import { ark } from './testing.ts'

let sandbox: TestSandbox
before(async () => {
  sandbox = await stillSandbox()
})
after(() => sandbox.close())

const saysOf = (text: string) =>
  [...valuesOf(text, 'msg'), ...valuesOf(text, 'error_msg')].find(Boolean) ?? ''
const shop = () => sandbox.world.shops.find(({ key }) => key === 'xhs') ?? assert.fail()
const tradeOf = (tid: string) => shop().trades.get(tid) ?? assert.fail()
const paidTrade = (more: object = {}) => aTrade(sandbox, 'xhs', { type: 'fixed', ...more })
const list = (more: Record<string, unknown> = {}) =>
  ark(sandbox, 'order.getOrderList', {
    startTime: NOON - 900,
    endTime: NOON + 900,
    timeType: 2,
    pageNo: 1,
    pageSize: 100,
    ...more,
  })

describe('the gateway of 小红书', () => {
  it('signs the parameters of the system, and neither those of the method nor the token', () => {
    const system = {
      method: 'order.getOrderDetail',
      appId: 'xhs-demo-app',
      timestamp: '1700000000',
      version: '2.0',
    }
    const sign = '3b83ee7d9c4a47a6121ca5cbe46bd3e0'
    assert.equal(xiaohongshuSign(system, 'xhs-demo-secret'), sign)
    assert.equal(xiaohongshuSign({ ...system, accessToken: 't', orderId: 'P1' }, 'xhs-demo-secret'), sign)
  })

  it('takes one flat body, and refuses a call for each part of it that is wrong', async () => {
    const of = async (more: Record<string, unknown>, method = 'common.getSellerKeyInfo') =>
      saysOf(await ark(sandbox, method, {}, more))
    assert.deepEqual(
      await Promise.all([
        of({}),
        of({ sign: 'wrong' }),
        of({ timestamp: String(NOON - 601) }),
        of({ timestamp: NOON }),
        of({ version: '1.0' }),
        of({ accessToken: 'other' }),
        of({ accessToken: undefined }),
        of({ appId: 'other' }),
        of({}, 'package.getPackageList'),
      ]),
      [
        '',
        '签名校验失败',
        'timestamp不正确',
        'timestamp不能为空',
        'version不正确',
        'accessToken无效或已过期，请重新授权',
        'accessToken无效或已过期，请重新授权',
        'appId不存在',
        'method不存在',
      ],
    )
    const form = await fetch(`${sandbox.url}/ark/open_api/v3/common_controller`, {
      method: 'POST',
      body: new URLSearchParams({ appId: xiaohongshu.appKey }),
    })
    assert.equal(saysOf(await form.text()), '仅支持POST JSON')
  })

  it('lists half an hour by change and a day by creation, a hundred pages of a hundred rows, without goods', async () => {
    const tid = await paidTrade()
    const text = await list()
    assert.deepEqual([valuesOf(text, 'orderId').includes(tid), text.includes('skuList')], [true, false])
    assert.equal(saysOf(await list({ startTime: NOON - 901 })), '更新时间范围不能超过30分钟')
    assert.equal(saysOf(await list({ startTime: NOON - 80_000, timeType: 1 })), '')
    assert.equal(saysOf(await list({ startTime: NOON - 86_400, timeType: 1 })), '创建时间范围不能超过24小时')
    assert.equal(saysOf(await list({ pageSize: 101 })), 'pageNo、pageSize不能大于100')
    assert.equal(saysOf(await list({ pageNo: 101 })), 'pageNo、pageSize不能大于100')
    assert.equal(saysOf(await list({ timeType: undefined })), 'startTime、endTime、timeType不能为空')
  })

  it('shows the sealed receiver while an order waits to be shipped, and to who names the present one', async () => {
    const tid = await paidTrade()
    const detail = await ark(sandbox, 'order.getOrderDetail', { orderId: tid })
    const { name, mobile } = tradeOf(tid).receiver
    assert.ok(!detail.includes(name) && !detail.includes(mobile))
    const [openAddressId = ''] = valuesOf(detail, 'openAddressId')
    const receiver = (id: string) =>
      ark(sandbox, 'order.getOrderReceiverInfo', {
        receiverQueries: [{ orderId: tid, openAddressId: id }],
        isReturn: false,
      })
    const sealed = await receiver(openAddressId)
    assert.deepEqual([valuesOf(sealed, 'matched'), sealed.includes(name)], [['true'], false])
    assert.match(valuesOf(sealed, 'receiverName')[0] ?? '', /^#.+#1#$/)
    assert.deepEqual(valuesOf(await receiver('former'), 'matched'), ['false'])
    await control(sandbox, `trades/${tid}/ship`)
    assert.equal(saysOf(await receiver(openAddressId)), '订单状态不允许获取收件人信息')
  })

  it('ships an order whole or SKU by SKU, with a number that no other receiver has, and none in an after-sale', async () => {
    const [tid, other, held] = [await paidTrade({ lines: 2 }), await paidTrade(), await paidTrade()]
    await control(sandbox, 'refunds', { tid: held })
    const [one = '', two = ''] = tradeOf(tid).lines.map(({ sku }) => sku?.skuId)
    const sent = async (orderId: string, more: Record<string, unknown> = {}) =>
      saysOf(
        await ark(sandbox, 'order.orderDeliver', {
          ...{ orderId, expressCompanyCode: 'zto', expressNo: '71234567890123', unpack: false, ...more },
        }),
      )
    assert.equal(await sent('P1'), '订单不存在')
    assert.equal(await sent(tid, { expressCompanyCode: 'ZTO' }), '快递公司编码不存在')
    assert.equal(await sent(tid, { expressNo: 'SF1234567890123' }), '快递单号格式不正确')
    assert.equal(await sent(tid, { unpack: undefined }), 'unpack不正确')
    assert.equal(await sent(tid, { unpack: true, skuIdList: [] }), 'skuIdList不正确')
    assert.equal(await sent(tid, { unpack: true, skuIdList: [one, 'x'] }), 'skuIdList不正确')
    assert.equal(await sent(held), '订单售后处理中，不允许发货')
    assert.equal(await sent(tid, { unpack: true, skuIdList: [one] }), '')
    assert.equal(await sent(tid, { unpack: true, skuIdList: [one] }), '拆单发货的商品已发货')
    assert.equal(await sent(other), '快递单号已被其他订单使用')
    assert.equal(await sent(tid, { unpack: true, skuIdList: [two], expressNo: '71234567890124' }), '')
    assert.equal(await sent(tid), '订单状态不允许发货')
    assert.deepEqual(
      tradeOf(tid).lines.map(({ shipments, waybill }) => [shipments, waybill]),
      [
        [1, '71234567890123'],
        [1, '71234567890124'],
      ],
    )
    const text = await ark(sandbox, 'order.getOrderDetail', { orderId: tid })
    assert.deepEqual([valuesOf(text, 'orderStatus'), valuesOf(text, 'unpack')], [['6'], ['true']])
  })

  it('lists after-sales of a window in milliseconds or of an order, in an envelope inside, in yuan', async () => {
    const tid = await paidTrade({ lines: 1 })
    await control(sandbox, 'refunds', { tid, kind: 'REFUND', fee: 1205 })
    const asked = (more: Record<string, unknown>) =>
      ark(sandbox, 'afterSale.listAfterSaleInfos', { pageNo: 1, pageSize: 50, ...more })
    const text = await asked({ orderId: tid })
    assert.match(text, /^\{"error_code":0,"error_msg":"","success":true,"data":\{"code":0,/)
    assert.deepEqual(valuesOf(text, 'expectedRefundAmountYuan'), ['12.05'])
    assert.equal(saysOf(await asked({})), 'startTime、endTime、timeType不能为空')
    const window = { timeType: 2, startTime: (NOON - 900) * 1000, endTime: (NOON + 900) * 1000 }
    assert.deepEqual(valuesOf(await asked(window), 'orderId').includes(tid), true)
    assert.equal(
      saysOf(await asked({ ...window, endTime: (NOON + 901) * 1000 })),
      '更新时间范围不能超过30分钟',
    )
    assert.equal(saysOf(await asked({ ...window, pageNo: 1001 })), 'pageNo、pageSize不正确')
  })

  it('takes an answer to an after-sale that fits its type and step, once', async () => {
    const tid = await paidTrade({ lines: 1 })
    await control(sandbox, 'refunds', { tid, kind: 'REFUND' })
    const [refund = assert.fail()] = tradeOf(tid).refunds
    const audit = async (more: Record<string, unknown>) =>
      saysOf(await ark(sandbox, 'afterSale.auditReturns', { returnsId: refund.id, action: 1, ...more }))
    assert.equal(await audit({ returnsId: 'R1' }), '售后单不存在')
    assert.equal(await audit({ action: 2 }), 'action与售后类型不符')
    assert.equal(await audit({ action: 3, description: '已发出' }), 'reason不正确')
    assert.equal(await audit({ action: 3, reason: 21, description: '已发出' }), 'reason不正确')
    assert.equal(await audit({ action: 3, reason: 11 }), 'description不能为空')
    const confirmed = await ark(sandbox, 'afterSale.confirmReceive', { returnsId: refund.id, action: 1 })
    assert.equal(saysOf(confirmed), '售后单状态不允许当前操作')
    assert.equal(refund.status, 'WAIT_SELLER_AGREE')
    assert.equal(await audit({}), '成功')
    assert.equal(await audit({}), '售后单状态不允许当前操作')
    assert.equal(refund.status, 'SUCCESS')
  })

  it('answers the same token again until half an hour before its end, and a new one after', async () => {
    const renewed = (refreshToken: string) =>
      ark(sandbox, 'oauth.refreshToken', { refreshToken }, { accessToken: undefined })
    const same = await renewed(xiaohongshu.refreshToken)
    assert.deepEqual(
      [valuesOf(same, 'accessToken'), valuesOf(same, 'refreshToken')],
      [[xiaohongshu.sessionKey], [xiaohongshu.refreshToken]],
    )
    const session = sandbox.world.sessions.get(xiaohongshu.sessionKey) ?? assert.fail()
    session.expires = NOON + 1800
    const next = await renewed(xiaohongshu.refreshToken)
    assert.notDeepEqual(valuesOf(next, 'accessToken'), [xiaohongshu.sessionKey])
    assert.equal(session.expires, NOON + 300)
    assert.equal(saysOf(await renewed(xiaohongshu.refreshToken)), 'refreshToken无效或已过期，请重新授权')
    sandbox.clock.advance(15 * 86_400_000)
    assert.equal(
      saysOf(await renewed(valuesOf(next, 'refreshToken')[0] ?? '')),
      'refreshToken无效或已过期，请重新授权',
    )
  })
})
