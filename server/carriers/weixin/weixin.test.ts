import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { startSandbox } from '../../../sandbox/server.ts'
import { NOON, weixin as shop, type TestSandbox } from '../../../sandbox/testing.ts'
import { labelBook } from '../../../sandbox/world/labels.ts'
import { manualClock } from '../../../sandbox/world/world.ts'
import { failureOf } from '../../connectors/conformance/checks.ts'
import type { Call } from '../../connectors/connector.ts'
import { weixin } from '../../connectors/weixin/index.ts'
import type { ParcelAsked, TakeRequest } from '../carrier.ts'
import { orderIdOf } from './ids.ts'
import { weixinWaybills } from './index.ts'

describe('an e-waybill order of 微信小店 has a number of ours', () => {
  let sandbox: TestSandbox
  let made = 0
  before(async () => {
    const clock = manualClock(NOON * 1000)
    sandbox = { ...(await startSandbox({ port: 0, seed: 'test', shops: [shop], clock })), clock }
  })
  after(() => sandbox.close())
  beforeEach(() => {
    sandbox.sandbox.board.faults = []
  })

  const call = (): Call => ({
    credentials: { appId: shop.appKey, appSecret: shop.appSecret, apiUrl: sandbox.url },
    ...{ session: shop.sessionKey, variant: 'weixin', now: () => new Date(sandbox.clock.now()) },
  })
  const control = async (path: string, body: object) => {
    const answer = await fetch(`${sandbox.url}/control/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    })
    assert.equal(answer.status, 200, await answer.text())
  }
  const aTrade = async (spec = {}): Promise<ParcelAsked> => {
    made += 1
    const tid = `370510573399${String(made).padStart(7, '0')}`
    await control('trades', { shop: shop.key, tid, status: 'WAIT_SELLER_SEND_GOODS', ...spec })
    const detail = await weixin.trades.detail(call(), tid)
    assert.ok(detail && 'trade' in detail)
    const { receiver, lines } = detail.trade
    return {
      ...{ key: `d${made}_1`, platform: 'weixin', tids: [tid], receiverTid: tid, receiver, weightG: null },
      ...{ codFen: null, insuredFen: null, toDoor: false, packages: 1 },
      goods: lines.map(({ title, quantity }) => ({ name: title, quantity })),
    }
  }
  const requestOf = async (parcel: ParcelAsked, template = 'single'): Promise<TakeRequest> => {
    const branch =
      (await weixinWaybills.service?.branches(call()))?.find((one) => one.courier === 'YTO') ?? assert.fail()
    const { branchCode, addresses, services } = branch
    const [address = assert.fail()] = addresses
    return {
      ...{ courier: 'YTO', branchCode, services, sellerId: '', parcels: [parcel] },
      sender: { name: '发货员', mobile: '13900001111', phone: '', address },
      templateUrl: `https://t.example/YTO.html#${template}`,
    }
  }
  const books = () => labelBook(sandbox.world.labels, sandbox.world.shops[0] ?? assert.fail())
  const givenTo = ({ tids }: ParcelAsked) => books().filter((label) => label.tids[0] === tids[0])

  test('a lost answer is found again by that number, with its label', async () => {
    const parcel = await aTrade()
    const request = await requestOf(parcel)
    const method = 'logistics/ewaybill/biz/order/create'
    await control('faults', { kind: 'timeout-after', ms: 20, shop: shop.key, method, count: 1 })
    assert.equal((await failureOf(weixinWaybills.take(call(), request))).unclear, true)
    const [label = assert.fail(), ...others] = givenTo(parcel)
    assert.deepEqual([others, label.objectId], [[], orderIdOf(request.branchCode, parcel)])
    const [taken = assert.fail()] = await weixinWaybills.take(call(), request)
    assert.deepEqual([taken.waybillNo, taken.courierOrder], [label.waybill, label.objectId])
    const printInfo = sandbox.world.labels.byWaybill.get(label.waybill)?.printData
    assert.equal(JSON.parse(taken.printData).printInfo, printInfo)
    assert.equal(givenTo(parcel).length, 1)
  })

  for (const kind of ['timeout-after', 'forbidden'])
    test(`a number that exists and cannot be read (${kind}) stays unclear`, async () => {
      const parcel = await aTrade()
      const request = await requestOf(parcel)
      await weixinWaybills.take(call(), request)
      const method = 'logistics/ewaybill/biz/order/get'
      await control('faults', { kind, ms: 20, shop: shop.key, method, count: 1 })
      assert.equal((await failureOf(weixinWaybills.take(call(), request))).unclear, true)
      assert.equal(givenTo(parcel).length, 1)
    })

  test('a repeated request finds its number when another order has left the parcel', async () => {
    const [one, other] = [await aTrade(), await aTrade()]
    const trades = [one, other].map(({ tids }) => sandbox.world.shops[0]?.trades.get(tids[0] ?? ''))
    if (trades[0] && trades[1]) trades[1].receiver = trades[0].receiver
    const [first] = await weixinWaybills.take(
      call(),
      await requestOf({ ...one, tids: [...one.tids, ...other.tids] }),
    )
    const [again] = await weixinWaybills.take(call(), await requestOf(one))
    assert.deepEqual([again?.waybillNo, givenTo(one).length], [first?.waybillNo, 1])
  })

  test('a label that does not come leaves the number, which the repeated request finds', async () => {
    const parcel = await aTrade()
    const request = await requestOf(parcel)
    const [label = assert.fail()] = await weixinWaybills.take(call(), request)
    const method = 'logistics/ewaybill/biz/print/get'
    await control('faults', { kind: 'forbidden', shop: shop.key, method, count: 1 })
    const { kind, unclear } = await failureOf(weixinWaybills.take(call(), request))
    assert.deepEqual([kind, unclear], ['retry', true])
    const [again] = await weixinWaybills.take(call(), request)
    assert.deepEqual([again?.waybillNo, givenTo(parcel).length], [label.waybillNo, 1])
  })

  test('a number that was given back is not got again by its request', async () => {
    const parcel = await aTrade()
    const request = await requestOf(parcel)
    const [first = assert.fail()] = await weixinWaybills.take(call(), request)
    await weixinWaybills.giveBack(call(), { ...first, courier: 'YTO', packageNos: [] })
    const { kind, code } = await failureOf(weixinWaybills.take(call(), request))
    assert.deepEqual([kind, code], ['rejected', 'number_cancelled'])
    const next = { ...request, parcels: [{ ...parcel, key: `${parcel.key}1` }] }
    const [second = assert.fail()] = await weixinWaybills.take(call(), next)
    assert.deepEqual(
      givenTo(parcel).map(({ waybill, cancelled }) => [waybill, cancelled]),
      [
        [first.waybillNo, true],
        [second.waybillNo, false],
      ],
    )
  })

  test('a printed label is reported with its e-waybill order, and a number of another order is refused', async () => {
    const parcel = await aTrade()
    const [taken = assert.fail()] = await weixinWaybills.take(call(), await requestOf(parcel))
    const label = { ...taken, courier: 'YTO' }
    await weixinWaybills.reportPrinted?.(call(), { ...label, again: false })
    await weixinWaybills.reportPrinted?.(call(), { ...label, again: true })
    const reports = sandbox.world.deeds.filter(({ action }) => action === 'waybill_print')
    assert.deepEqual(
      reports.map(({ key, detail }) => [key, detail['again']]),
      [
        [taken.waybillNo, '0'],
        [taken.waybillNo, '1'],
      ],
    )
    const other = weixinWaybills.reportPrinted?.(call(), { ...label, waybillNo: 'YT1', again: false })
    assert.equal((await failureOf(other ?? Promise.resolve())).kind, 'rejected')
  })

  test('orders of one receiver in one parcel are one request, each with its goods', async () => {
    const [one, other] = [await aTrade({ lines: 2 }), await aTrade({ lines: 1 })]
    const trades = [one, other].map(({ tids }) => sandbox.world.shops[0]?.trades.get(tids[0] ?? ''))
    const both = { ...one, tids: [...one.tids, ...other.tids], goods: [...one.goods, ...other.goods] }
    const refused = await failureOf(weixinWaybills.take(call(), await requestOf(both)))
    assert.deepEqual([refused.kind, refused.code], ['rejected', '10025017'])
    if (trades[0] && trades[1]) trades[1].receiver = trades[0].receiver
    await weixinWaybills.take(call(), await requestOf(both))
    assert.deepEqual(books().at(-1)?.tids, both.tids)
  })

  test('the courier’s own reason is told, and the seller’s own label is asked for by its number', async () => {
    const parcel = await aTrade()
    const request = await requestOf(parcel)
    const branch = { ...request.sender, address: { ...request.sender.address, detail: '别处 1 号' } }
    const refused = await failureOf(weixinWaybills.take(call(), { ...request, sender: branch }))
    assert.deepEqual([refused.kind, refused.code], ['rejected', '10025005'])
    assert.match(refused.message, /寄件地址与绑定的发货地址不一致/)
    const labels = (await weixinWaybills.service?.templates(call())) ?? []
    assert.deepEqual(
      labels.filter(({ courier }) => courier === 'YTO').map(({ name }) => name),
      ['一联单标准模板', '带商品的一联单'],
    )
    const own = labels.find(({ name }) => name === '带商品的一联单')?.url ?? ''
    assert.equal((await weixinWaybills.take(call(), { ...request, templateUrl: own })).length, 1)
    const wrong = await failureOf(weixinWaybills.take(call(), await requestOf(await aTrade(), '77')))
    assert.deepEqual([wrong.kind, wrong.code], ['rejected', '10025106'])
  })
})

test('numbers of e-waybill orders are of 64 bits, and differ by account, request and order', () => {
  const ids = ['a', 'b'].flatMap((branch) =>
    Array.from({ length: 10_000 }, (_, at) =>
      orderIdOf(branch, { key: `d${at}_1`, receiverTid: String(at) }),
    ),
  )
  assert.equal(new Set(ids).size, 20_000)
  assert.ok(ids.every((id) => /^[1-9]\d{0,18}$/.test(id) && BigInt(id) < 2n ** 63n))
})
