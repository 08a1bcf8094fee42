import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import { after, before, beforeEach, describe, it } from 'node:test'
import { parseJson } from '../../lib/json.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { failureOf } from '../conformance/checks.ts'
import { answerIn } from '../conformance/fixtures.ts'
import type { Call, Trade } from '../connector.ts'
import { type Fields, fieldsAt, isFields, listAt } from '../fields.ts'
import { readAnswer } from './client.ts'
import { shipFailureOf } from './errors.ts'
import { listGoods } from './goods.ts'
import { verify } from './oauth.ts'
import { agreeRefund, refuseRefund } from './refund-actions.ts'
import { refundDetail } from './refunds.ts'
import { ship, shipped } from './ship.ts'
import { listChanged, parseOrder, tradeDetail } from './trades.ts'

// What the simulator cannot be made to answer: each test gives the answers itself.

/** By method, each as the JSON of `data`, or a whole answer. */
let answers: Record<string, Fields> = {}
let sent: { method: string; param: Fields }[] = []
let server: Server
let url = ''

before(async () => {
  server = createServer(async (request, response) => {
    const asked = new URL(request.url ?? '', 'http://local')
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const params = request.method === 'POST' ? new URLSearchParams(body) : asked.searchParams
    const method = asked.pathname.slice(1).replaceAll('/', '.')
    const param = parseJson(params.get('param') ?? '{}')
    sent.push({ method, param: isFields(param) ? param : {} })
    const answer = answers[method] ?? {}
    response.end(JSON.stringify('result' in answer ? answer : { result: 1, data: answer }))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  url = typeof address === 'object' && address ? `http://127.0.0.1:${address.port}/` : ''
})
after(() => server.close())
beforeEach(() => {
  answers = {}
  sent = []
})

const call = (): Call => ({
  credentials: { appKey: 'ks1', appSecret: 'secret', signSecret: 'sign-secret', gatewayUrl: url },
  session: 'token',
  variant: 'kuaishou',
})
const methods = () => sent.map(({ method }) => method)

const dataOf = (name: string) => fieldsAt(answerIn(import.meta.url, name), 'data')
const order = dataOf('orderDetail')
const base = fieldsAt(order, 'orderBaseInfo')
const address = fieldsAt(order, 'orderAddress')
const refund = dataOf('refundDetail')
const tid = '2532100000000001234'

function parsed(change: Fields = {}, beside: Fields = {}): Trade {
  const found = parseOrder({ ...order, orderBaseInfo: { ...base, ...change }, ...beside }, '')
  return 'trade' in found ? found.trade : assert.fail(found.reason)
}

describe('an answer of Kuaishou', () => {
  const errorOf = (status: number, result: number, words: Fields): PlatformError => {
    try {
      const text = JSON.stringify({ result, ...words })
      readAnswer({ status, text, retryAfterMs: 3000 }, new Date(), [])
    } catch (error) {
      if (error instanceof PlatformError) return error
    }
    return assert.fail('no error')
  }
  const meaning = (...of: Parameters<typeof errorOf>) => {
    const { kind, unclear } = errorOf(...of)
    return [kind, unclear]
  }

  it('of a server that failed is unclear, whatever number it gives itself', () => {
    assert.deepEqual(meaning(502, 1016, { error_msg: 'bad gateway' }), ['retry', true])
    assert.deepEqual(meaning(500, 21, { error_msg: '' }), ['retry', true])
    assert.deepEqual(meaning(200, 13, { error_msg: '系统异常' }), ['retry', true])
    assert.deepEqual(meaning(200, 13, { error_msg: '服务调用超时' }), ['retry', true])
    assert.deepEqual(meaning(503, 100_200_102, { error_msg: 'access_denied' }), ['reauthorise', false])
    assert.deepEqual(meaning(400, 21, { error_msg: '订单发货超时，请联系客服' }), ['rejected', false])
  })

  it('with status 429 is a limit, which passes as the gateway says', () => {
    const { kind, waitMs } = errorOf(429, 7, { error_msg: 'too many' })
    assert.deepEqual([kind, waitMs], ['rate_limited', 3000])
  })

  it('is understood by its second text too', () => {
    const error = errorOf(200, 21, { error_msg: '业务处理失败', sub_msg: 'order operation reject' })
    assert.equal(error.message, '21 · 业务处理失败 · order operation reject')
    const parcel = errorOf(200, 11, { error_msg: '发货拦截', sub_msg: '回传运单号与电子面单不一致' })
    assert.equal(shipFailureOf(parcel), 'waybill_invalid')
  })
})

describe('the gifts of an order', () => {
  it('are lines by either name of their list, and such an order leaves with them', async () => {
    const gifts = order.subOrderInfo
    const renamed = { subOrderInfo: [{ subOrderId: '2532100000000005678' }], subOrderDetail: gifts }
    const oids = (beside: Fields) => parsed({}, beside).lines.map(({ oid }) => oid)
    assert.deepEqual(oids(renamed), oids({}))
    assert.deepEqual(oids(renamed), [tid, '2532100000000005678'])
    answers['open.order.detail'] = { ...order, ...renamed }
    const goods = oids(renamed).map((oid) => ({ oid, quantity: 1 }))
    await ship(call(), { tid, oids: [tid], goods, carrier: 'SF', waybillNo: 'SF1000000000001' })
    assert.deepEqual(sent.at(-1)?.param.deliveryStatus, [
      { oid: tid, confirmDeliveryStatus: 10 },
      { oid: '2532100000000005678', confirmDeliveryStatus: 40 },
    ])
  })
})

describe('a shop', () => {
  it('is not one without a number', async () => {
    answers['open.user.seller.get'] = { name: '' }
    assert.equal((await failureOf(verify(call()))).code, 'bad_answer')
  })
})

describe('a parser', () => {
  it('does not throw at an object that no text can be made of', () => {
    const odd: unknown = JSON.parse('[{"toString":1,"valueOf":1}]')
    assert.deepEqual(parsed({ disableDeliveryReasonCode: odd }).holds, ['ship_hold'])
    assert.equal(parsed({ allActivityType: odd }).platformType, '')
  })
})

describe('a paid order', () => {
  it('is held if any of the three ciphertexts of its receiver is missing', () => {
    for (const key of ['encryptedConsignee', 'encryptedMobile', 'encryptedAddress'])
      assert.deepEqual(parsed({}, { orderAddress: { ...address, [key]: '' } }).holds, ['ship_hold'], key)
  })

  it('is held, without a deadline, if the day of shipping is 0: the platform forbids shipping by it', () => {
    const zero = parsed({ validPromiseShipmentTimeStamp: 0 })
    assert.deepEqual([zero.holds, zero.shipBy, zero.lines[0]?.shipBy], [['ship_hold'], null, null])
    const both = parsed({ validPromiseShipmentTimeStamp: 0, disableDeliveryReasonCode: [2] })
    assert.deepEqual(both.holds, ['risk'])
    const sentAlready = parsed({ status: 40, validPromiseShipmentTimeStamp: 0 })
    assert.deepEqual(sentAlready.holds, [])
    const without = parsed({ validPromiseShipmentTimeStamp: undefined })
    assert.deepEqual([without.holds, without.shipBy], [[], new Date(1_773_923_750_000)])
  })
})

describe('a parcel with a part of an order', () => {
  const numbers = ['SF1000000000001', 'SF1000000000002']
  const partly = (packageNum: number | undefined): Fields => ({
    ...order,
    subOrderInfo: [],
    orderDeliveryInfo: { deliveryNum: 1, packageNum },
    orderLogisticsInfo: numbers.map((expressNo, at) => ({ logisticsId: at + 1, expressNo, expressCode: 4 })),
  })
  const parcel = {
    tid,
    oids: [tid],
    goods: [{ oid: tid, quantity: 1 }],
    carrier: 'SF',
    waybillNo: 'SF1000000000002',
  }

  it('is not taken for sent because its number is shown: of two numbers one has left, and which is not said', async () => {
    answers['open.order.detail'] = partly(1)
    assert.equal(await shipped(call(), parcel), false)
    const error = await failureOf(ship(call(), parcel))
    assert.deepEqual([error.kind, error.code], ['rejected', 'other'])
    assert.match(error.message, /not whether its pieces have left/)
    assert.ok(!methods().includes('open.order.goods.split.deliver'))
  })

  it('is sent if its number is not among those', async () => {
    answers['open.order.detail'] = partly(1)
    await ship(call(), { ...parcel, waybillNo: 'SF1000000000003' })
    assert.deepEqual(methods(), ['open.order.detail', 'open.order.goods.split.deliver'])
  })

  it('is known again if as many parcels left as numbers are shown, or their count is not given', async () => {
    for (const count of [2, 0, undefined]) {
      answers['open.order.detail'] = partly(count)
      assert.equal(await shipped(call(), parcel), true)
    }
  })
})

describe('a refund', () => {
  const seenOf = (change: Fields) => {
    const data = { ...refund, ...change }
    answers['open.seller.order.refund.detail'] = data
    return {
      refundId: String(data.refundId),
      tid,
      oid: tid,
      phase: 'aftersale' as const,
      version: String(data.updateTime),
      amountFen: Number(data.refundFee ?? 0),
    }
  }
  const code = async (work: Promise<unknown>) => (await failureOf(work)).code

  it('that the platform decided is not paid before the buyer has sent the goods', async () => {
    const seen = seenOf({ status: 22, logisticsInfo: null })
    assert.equal(await code(agreeRefund(call(), { refunds: [seen] })), 'goods_not_back')
    assert.deepEqual(methods(), ['open.seller.order.refund.detail'])
    await agreeRefund(call(), { refunds: [seenOf({ status: 22 })] })
    assert.deepEqual(sent.at(-1), {
      method: 'open.seller.order.refund.confirm.receipt',
      param: { refundId: '2532500000000004321', status: 22 },
    })
  })

  it('whose amount cannot be read is not paid, because confirming the goods names no amount', async () => {
    for (const refundFee of [null, 'x', -1]) {
      const seen = { ...seenOf({ refundFee }), amountFen: 0 }
      assert.equal(await code(agreeRefund(call(), { refunds: [seen] })), 'unreadable')
    }
    assert.ok(!methods().includes('open.seller.order.refund.confirm.receipt'))
  })

  it('that is refused already counts as answered, by whichever state the platform names', async () => {
    for (const result of [300_010, 300_014, 300_017, 300_018]) {
      const seen = seenOf({ status: 10, negotiateStatus: 3 })
      answers['open.refund.reject'] = { result, error_msg: 'REFUND ORDER STATUS NOT ALLOW' }
      const input = { ...seen, reasonId: '101', message: '', proof: null, proofType: '' }
      assert.equal(await code(refuseRefund(call(), input)), 'answered_already', String(result))
    }
  })

  it('that another answer ended keeps the reason of the platform', async () => {
    const seen = seenOf({ status: 60 })
    answers['open.refund.reject'] = { result: 300_018, error_msg: 'REFUND ORDER STATUS NOT ALLOW' }
    const input = { ...seen, reasonId: '101', message: '', proof: null, proofType: '' }
    assert.equal(await code(refuseRefund(call(), input)), '300018')
  })

  it('is read also if its order is not shown', async () => {
    seenOf({})
    answers['open.order.detail'] = { result: 10, error_msg: '参数不合法' }
    const found = await refundDetail(call(), { refundId: '2532500000000004321' })
    assert.ok(found && 'refund' in found)
    assert.deepEqual(
      [found.refund.refundId, found.refund.amountFen, found.refund.title],
      ['2532500000000004321', 20_800, ''],
    )
  })
})

describe('a line', () => {
  it('that was paid back stays so if a later application was closed', () => {
    const states = (...all: number[]) => {
      const orderRefundList = all.map((refundStatus, at) => ({ refundId: at + 1, refundStatus }))
      const [line] = parsed({}, { orderRefundList }).lines
      return [line?.refund, line?.refundId]
    }
    assert.deepEqual(states(70, 60), ['succeeded', '2'])
    assert.deepEqual(states(60, 10), ['applied', '2'])
    assert.deepEqual(states(70, 70), ['closed', '1'])
  })
})

describe('an order to be shipped, of which money went back', () => {
  const refundAfter = async (paid: Fields, status: number, ...others: number[]) => {
    const rows = [60, ...others].map((refundStatus, at) => ({ refundId: at + 1, refundStatus }))
    answers['open.order.detail'] = { ...order, orderBaseInfo: { ...base, status }, orderRefundList: rows }
    answers['open.seller.order.refund.detail'] = { ...refund, status: 60, handlingWay: 10, ...paid }
    const found = await tradeDetail(call(), '2532100000000001234')
    assert.ok(found && 'trade' in found)
    return found.trade.lines[0]?.refund
  }
  const asked = () => methods().filter((method) => method === 'open.seller.order.refund.detail').length

  it('is shipped unless all of it did: neither 价保 nor a part ends its goods', async () => {
    assert.equal(await refundAfter({ refundFee: 20_800 }, 30), 'succeeded')
    assert.equal(await refundAfter({ refundFee: 20_800, specialRefundType: 1 }, 30), 'none')
    assert.equal(await refundAfter({ refundFee: 500 }, 30), 'none')
    assert.equal(await refundAfter({ refundFee: 500 }, 30, 70), 'closed')
    assert.equal(asked(), 4)
  })

  it('stays here while a refund cannot be read, or is open', async () => {
    assert.equal(await refundAfter({ result: 300_011, error_msg: 'REFUND ORDER NOT FOUND' }, 30), 'succeeded')
    assert.equal(await refundAfter({ refundFee: 'much' }, 30), 'succeeded')
    assert.equal(await refundAfter({ refundFee: 500 }, 30, 10), 'applied')
  })

  it('costs no further call once it has left or was closed', async () => {
    assert.equal(await refundAfter({ refundFee: 500 }, 40), 'succeeded')
    assert.equal(await refundAfter({ refundFee: 20_800 }, 80), 'succeeded')
    assert.equal(asked(), 0)
  })
})

describe('a page of goods', () => {
  it('lacks only the product whose SKUs the platform refuses', async () => {
    const products = listAt(dataOf('itemList'), 'items', '').filter(isFields)
    const ended = { kwaiItemId: '2000000000000000077', shelfStatus: 1, title: 'x' }
    answers['open.item.list.get'] = { totalItemCount: 2, items: [ended, ...products] }
    answers['open.item.sku.list.get'] = { result: 21, error_msg: '商品不存在' }
    const page = await listGoods(call(), { status: 'on_sale', after: null, size: 20 })
    assert.deepEqual(
      page.items.map((item) => ('itemId' in item ? item.itemId : '')),
      ['2000000000000000001'],
    )
  })

  it('parks a product whose SKUs are refused for another reason, and has the others', async () => {
    const products = listAt(dataOf('itemList'), 'items', '').filter(isFields)
    const refused = { kwaiItemId: '2000000000000000077', shelfStatus: 1, title: 'x' }
    answers['open.item.list.get'] = { totalItemCount: 2, items: [refused, ...products] }
    answers['open.item.sku.list.get'] = { result: 21, error_msg: '参数错误' }
    const [parked, other] = (await listGoods(call(), { status: 'on_sale', after: null, size: 20 })).items
    assert.ok(parked && 'kind' in parked && other && 'itemId' in other)
    assert.deepEqual([parked.id, parked.reason], ['2000000000000000077', 'SKUs refused: 21'])
    assert.equal(other.itemId, '2000000000000000001')
  })
})

describe('a list of shipped orders', () => {
  it('is of all orders, because the platform counts received ones apart', async () => {
    answers['open.order.cursor.list'] = { cursor: 'nomore', orderList: [] }
    const window = { from: new Date(Date.now() - 60_000), to: new Date(), status: 'shipped' }
    await listChanged(call(), window, { after: null, size: 50 })
    assert.equal(sent[0]?.param.orderViewStatus, 1)
  })
})
