import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { xiaohongshu as shop } from '../../../sandbox/testing.ts'
import { failureOf } from '../../connectors/conformance/checks.ts'
import { xiaohongshu } from '../../connectors/xiaohongshu/index.ts'
import type { ParcelAsked, TakeRequest } from '../carrier.ts'
import { fromBranch } from '../conformance/conformance.ts'
import { labelShop } from '../conformance/simulator.ts'
import { xiaohongshuWaybills } from './index.ts'
import { xiaohongshuPrintClient } from './print-client-contract.ts'
import { createRequest } from './requests.ts'

const labels = labelShop(xiaohongshuWaybills, xiaohongshu, shop)
const { call, aParcel } = labels
const service = xiaohongshuWaybills.service ?? assert.fail()

async function requestOf(courier: string, parcel: ParcelAsked): Promise<TakeRequest> {
  const label = (await service.templates(call())).find((one) => one.courier === courier)
  const from = await fromBranch(service, call(), courier)
  return { ...from, templateUrl: label?.url ?? '', sellerId: '', parcels: [parcel] }
}
const take = (request: TakeRequest) => xiaohongshuWaybills.take(call(), request)

describe('e-waybills of 小红书', () => {
  beforeEach(() => labels.calm())

  test('a parcel gets its number with the label as the platform gave it', async () => {
    const parcel = await aParcel()
    const [taken = assert.fail()] = await take(await requestOf('YTO', parcel))
    const book = labels.world().labels.byWaybill.get(taken.waybillNo)
    assert.equal(taken.printData, book?.printData)
    assert.deepEqual([taken.key, taken.packages, taken.courierOrder], [parcel.key, [], ''])
  })

  test('顺丰 is named by the account of the shop and its brand, and a branch that is no longer subscribed is refused', async () => {
    const [one, two] = [await aParcel(), await aParcel()]
    const request = await requestOf('SF', one)
    assert.match(request.branchCode, /^571\d+$/)
    const [taken = assert.fail()] = await take(request)
    assert.match(taken.waybillNo, /^SF15\d{10}$/)
    const branch = (await service.branches(call())).find(({ courier }) => courier === 'SF')
    assert.equal(branch?.balance, null)
    const other = { ...(await requestOf('YTO', two)), branchCode: 'YTO999' }
    const error = await failureOf(take(other))
    assert.deepEqual([error.kind, error.code, labels.givenTo(two)], ['rejected', 'parameter', []])
  })

  test('an order that may not ship and a receiver of another order are refused, and get no number', async () => {
    const [parcel, stranger] = [await aParcel(), await aParcel()]
    const trade = labels.world().shops[0]?.trades.get(parcel.receiverTid) ?? assert.fail()
    const request = await requestOf('YTO', parcel)
    const wrong = { ...parcel, receiver: { ...parcel.receiver, token: stranger.receiver.token } }
    assert.equal((await failureOf(take({ ...request, parcels: [wrong] }))).code, '-2100007')
    trade.status = 'WAIT_BUYER_CONFIRM_GOODS'
    const error = await failureOf(take(request))
    assert.deepEqual([error.kind, error.code, error.unclear], ['rejected', '-2100006', false])
    assert.equal(error.message, '-2100006 · 订单状态不允许取号')
    assert.deepEqual(labels.givenTo(parcel), [])
  })

  test('a parcel that has left keeps its number', async () => {
    const parcel = await aParcel()
    const [{ waybillNo } = assert.fail()] = await take(await requestOf('YTO', parcel))
    const goods = [{ oid: parcel.receiverTid, quantity: parcel.goods[0]?.quantity ?? 0 }]
    await xiaohongshu.actions.ship?.(call(), {
      tid: parcel.receiverTid,
      oids: [],
      carrier: 'YTO',
      waybillNo,
      goods,
    })
    const mine = { waybillNo, courier: 'YTO', courierOrder: '', packageNos: [] }
    assert.equal((await failureOf(xiaohongshuWaybills.giveBack(call(), mine))).kind, 'rejected')
    assert.deepEqual(
      labels.givenTo(parcel).map(({ cancelled }) => cancelled),
      [false],
    )
  })

  test('the masked receiver is named by its id alone, and one that a person changed as it is written', async () => {
    const parcel = await aParcel()
    const request = await requestOf('YTO', parcel)
    const site = { isMonthly: false, branch: 'B', customer: '', brand: '' }
    const recipient = (of: ParcelAsked) => {
      const text = JSON.stringify(createRequest({ ...request, parcels: [of] }, site, 1))
      return JSON.parse(text).tradeOrderInfoList[0].recipient
    }
    assert.deepEqual(recipient(parcel), { openAddressId: parcel.receiver.token })
    const changed = {
      ...parcel.receiver,
      name: '王一',
      mobile: '13900002222',
      phone: '',
      address: '新路 1 号',
    }
    const { province, city, district, town } = parcel.receiver
    assert.deepEqual(recipient({ ...parcel, receiver: changed }), {
      ...{ name: '王一', mobile: '13900002222' },
      address: { province, city, district, ...(town ? { town } : {}), detail: '新路 1 号' },
    })
  })
})

test('the print client of 小红书 gets the label as it is, and the area over it', () => {
  const area = { templateURL: 'https://t.example/own.json', data: { order: '1' } }
  const { task } = xiaohongshuPrintClient.askPrint(
    { documentId: 'd-1', contents: [{ encryptedData: 'x' }, area] },
    '热敏',
  )
  assert.deepEqual(task, {
    taskID: 'd-1',
    documents: [{ documentID: 'd-1', contents: [{ encryptedData: 'x' }, area] }],
    preview: false,
    printer: '热敏',
  })
})
