import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { weixin as shop } from '../../../sandbox/testing.ts'
import { failureOf } from '../../connectors/conformance/checks.ts'
import { weixin } from '../../connectors/weixin/index.ts'
import type { ParcelAsked } from '../carrier.ts'
import { labelShop } from '../conformance/simulator.ts'
import { LabelRefused } from '../label-refused.ts'
import { orderIdOf } from './ids.ts'
import { weixinWaybills } from './index.ts'

describe('an e-waybill order of 微信小店 has a number of ours', () => {
  const labels = labelShop(weixinWaybills, weixin, shop)
  beforeEach(labels.calm)
  const { call, aParcel, givenTo } = labels
  const requestOf = (parcel: ParcelAsked, template = 'single') =>
    labels.request([parcel], `https://t.example/YTO.html#${template}`)
  const tradeOf = ({ receiverTid }: ParcelAsked) =>
    labels.world().shops[0]?.trades.get(receiverTid) ?? assert.fail()

  test('a lost answer is found again by that number, with its label', async () => {
    const parcel = await aParcel()
    const request = await requestOf(parcel)
    await labels.fail('timeout-after', 'logistics/ewaybill/biz/order/create')
    assert.equal((await failureOf(weixinWaybills.take(call(), request))).unclear, true)
    const [label = assert.fail(), ...others] = givenTo(parcel)
    assert.deepEqual([others, label.objectId], [[], orderIdOf(request.branchCode, parcel)])
    const [taken = assert.fail()] = await weixinWaybills.take(call(), request)
    assert.deepEqual([taken.waybillNo, taken.courierOrder], [label.waybill, label.objectId])
    const printInfo = labels.world().labels.byWaybill.get(label.waybill)?.printData
    assert.equal(JSON.parse(taken.printData).printInfo, printInfo)
    assert.equal(givenTo(parcel).length, 1)
  })

  for (const kind of ['timeout-after', 'forbidden'])
    test(`a number that exists and cannot be read (${kind}) stays unclear`, async () => {
      const parcel = await aParcel()
      const request = await requestOf(parcel)
      await weixinWaybills.take(call(), request)
      await labels.fail(kind, 'logistics/ewaybill/biz/order/get')
      assert.equal((await failureOf(weixinWaybills.take(call(), request))).unclear, true)
      assert.equal(givenTo(parcel).length, 1)
    })

  test('a repeated request finds its number when another order has left the parcel', async () => {
    const [one, other] = [await aParcel(), await aParcel()]
    tradeOf(other).receiver = tradeOf(one).receiver
    const [first] = await weixinWaybills.take(
      call(),
      await requestOf({ ...one, tids: [...one.tids, ...other.tids] }),
    )
    const [again] = await weixinWaybills.take(call(), await requestOf(one))
    assert.deepEqual([again?.waybillNo, givenTo(one).length], [first?.waybillNo, 1])
  })

  test('a label that does not come leaves the number, which the repeated request finds', async () => {
    const parcel = await aParcel()
    const request = await requestOf(parcel)
    const [label = assert.fail()] = await weixinWaybills.take(call(), request)
    await labels.fail('forbidden', 'logistics/ewaybill/biz/print/get')
    const failure = await failureOf(weixinWaybills.take(call(), request))
    assert.ok(failure instanceof LabelRefused)
    const { waybillNo, courierOrder } = label
    assert.deepEqual(
      [failure.kind, failure.unclear, failure.given],
      ['rejected', true, { waybillNo, packageNos: [], courierOrder }],
    )
    const [again] = await weixinWaybills.take(call(), request)
    assert.deepEqual([again?.waybillNo, givenTo(parcel).length], [label.waybillNo, 1])
  })

  test('a number that was given back is not got again by its request', async () => {
    const parcel = await aParcel()
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
    const parcel = await aParcel()
    const [taken = assert.fail()] = await weixinWaybills.take(call(), await requestOf(parcel))
    const label = { ...taken, courier: 'YTO' }
    await weixinWaybills.reportPrinted?.(call(), { ...label, again: false })
    await weixinWaybills.reportPrinted?.(call(), { ...label, again: true })
    const reports = labels.world().deeds.filter(({ action }) => action === 'waybill_print')
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
    const [one, other] = [await aParcel({ lines: 2 }), await aParcel({ lines: 1 })]
    const both = { ...one, tids: [...one.tids, ...other.tids], goods: [...one.goods, ...other.goods] }
    const refused = await failureOf(weixinWaybills.take(call(), await requestOf(both)))
    assert.deepEqual([refused.kind, refused.code], ['rejected', '10025017'])
    tradeOf(other).receiver = tradeOf(one).receiver
    await weixinWaybills.take(call(), await requestOf(both))
    assert.deepEqual(labels.given().at(-1)?.tids, both.tids)
  })

  test('the courier’s own reason is told, and the seller’s own label is asked for by its number', async () => {
    const parcel = await aParcel()
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
    const wrong = await failureOf(weixinWaybills.take(call(), await requestOf(await aParcel(), '77')))
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
