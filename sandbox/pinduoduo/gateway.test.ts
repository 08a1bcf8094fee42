import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { aTrade, control, NOON, pdd, pop, stillSandbox, type TestSandbox, valuesOf } from '../testing.ts'

let sandbox: TestSandbox
before(async () => {
  sandbox = await stillSandbox()
})
after(() => sandbox.close())

const INCREMENT = 'pdd.order.number.list.increment.get'
const all = { order_status: '5', refund_status: '5', is_lucky_flag: '0' }
const window = (from: number, to: number) => ({
  ...all,
  start_updated_at: String(from),
  end_updated_at: String(to),
})
const errorCode = (json: string) => valuesOf(json, 'error_code')[0]

test('names the public parameter that is wrong, the bad signature and the dead token', async () => {
  assert.match(await pop(sandbox, 'pdd.no.such'), /"error_msg":"公共参数错误:type".*"error_code":10001/)
  assert.match(await pop(sandbox, INCREMENT, { timestamp: String(NOON - 601) }), /公共参数错误:timestamp/)
  assert.equal(errorCode(await pop(sandbox, INCREMENT, { sign: 'X' })), '20004')
  assert.equal(errorCode(await pop(sandbox, INCREMENT, { access_token: 'dead' })), '10019')
})

test('takes windows of thirty minutes that ended three minutes ago, and nothing else', async () => {
  assert.equal(errorCode(await pop(sandbox, INCREMENT, window(NOON - 1981, NOON - 180))), '50001')
  assert.equal(errorCode(await pop(sandbox, INCREMENT, window(NOON - 1000, NOON - 179))), '50001')
  assert.equal(errorCode(await pop(sandbox, INCREMENT, { ...all, end_updated_at: '1' })), '10000')
  assert.match(
    await pop(sandbox, INCREMENT, window(NOON - 1980, NOON - 180)),
    /^\{"order_sn_increment_get_response":\{"total_count":0,"order_sn_list":\[\],"request_id":"\w+"\}\}$/,
  )
  const fat = await pop(sandbox, INCREMENT, { ...window(NOON - 600, NOON - 300), page_size: '101' })
  assert.equal(errorCode(fat), '50001')
})

test('writes an order with yuan numbers that add up and a receiver only while it may be shipped', async () => {
  const sn = await aTrade(sandbox, 'pdd', { created: NOON - 900, paid: NOON - 880 })
  assert.match(sn, /^261124-\d{15}$/)
  const order = (await JSON.parse(await pop(sandbox, 'pdd.order.information.get', { order_sn: sn })))
    .order_info_get_response.order_info
  const fen = (yuan: number) => Math.round(yuan * 100)
  assert.equal(
    fen(order.pay_amount),
    fen(order.goods_amount) - fen(order.discount_amount) + fen(order.postage),
  )
  assert.equal(fen(order.discount_amount), fen(order.platform_discount) + fen(order.seller_discount))
  assert.deepEqual([order.order_status, order.refund_status, order.group_status], [1, 1, 1])
  assert.match(order.receiver_name, /^~AgAAAA/)
  const sent = await pop(sandbox, 'pdd.logistics.online.send', {
    order_sn: sn,
    logistics_id: '115',
    tracking_number: '7123456789012',
  })
  assert.match(sent, /"is_success":true/)
  const shipped = (await JSON.parse(await pop(sandbox, 'pdd.order.information.get', { order_sn: sn })))
    .order_info_get_response.order_info
  assert.deepEqual([shipped.order_status, shipped.receiver_name, shipped.address], [2, '', ''])
})

test('lists refunds in yuan text and details them in fen, with types one lower', async () => {
  const sn = await aTrade(sandbox, 'pdd', { payment: 8800, created: NOON - 900 })
  await control(sandbox, 'refunds', { tid: sn, kind: 'REFUND', fee: 8800 })
  const list = await pop(sandbox, 'pdd.refund.list.increment.get', {
    after_sales_status: '2',
    after_sales_type: '1',
    start_updated_at: String(NOON - 60),
    end_updated_at: String(NOON),
  })
  assert.deepEqual(
    [valuesOf(list, 'refund_amount'), valuesOf(list, 'after_sales_type'), valuesOf(list, 'order_sn')],
    [['88.00'], ['2'], [sn]],
  )
  const detail = await pop(sandbox, 'pdd.refund.information.get', { order_sn: sn })
  assert.deepEqual(
    [valuesOf(detail, 'refund_amount'), valuesOf(detail, 'after_sales_type')],
    [['8800'], ['1']],
  )
})

test('says which orders have an after-sales case, a hundred at a time and 2,500 times a minute', async () => {
  const made = await control(sandbox, 'trades', { shop: 'pdd', status: 'WAIT_SELLER_SEND_GOODS', count: 2 })
  const [one = '', other = ''] = [...made.matchAll(/\d{6}-\d{15}/g)].map(([sn]) => sn)
  const check = (order_sns: string) => pop(sandbox, 'pdd.refund.status.check', { order_sns })
  assert.match(
    await check(`${one},${other}`),
    /^\{"refund_status_check_response":\{"order_sns_exists_refund":\[\],/,
  )
  await control(sandbox, 'refunds', { tid: other, kind: 'REFUND' })
  assert.match(
    await check(`${one},${other}`),
    new RegExp(`"order_sns_exists_refund":\\[\\{"order_sn":"${other}"\\}\\]`),
  )
  assert.equal(errorCode(await check(Array.from({ length: 101 }, () => one).join())), '50001')
  const spend = (minute: number) =>
    sandbox.sandbox.board.spent.set('pdd checks', { span: minute, calls: 2500 })
  const minute = Math.floor(sandbox.clock.now() / 60_000)
  spend(minute)
  assert.equal(errorCode(await check(one)), '70031')
  spend(minute - 1)
  assert.equal(errorCode(await check(one)), undefined)
})

test('refreshes a dead token', async () => {
  await control(sandbox, 'expire-session', { shop: 'pdd' })
  assert.equal(errorCode(await pop(sandbox, 'pdd.mall.info.get')), '10019')
  const fresh = await pop(sandbox, 'pdd.pop.auth.token.refresh', { refresh_token: pdd.refreshToken })
  const [token = ''] = valuesOf(fresh, 'access_token')
  assert.match(await pop(sandbox, 'pdd.mall.info.get', { access_token: token }), /"mall_name":"测试拼店"/)
})
