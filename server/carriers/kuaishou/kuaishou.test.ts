import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { kuaishou as own } from '../../../sandbox/testing.ts'
import { failureOf } from '../../connectors/conformance/checks.ts'
import { kuaishou } from '../../connectors/kuaishou/index.ts'
import type { ParcelAsked, TakeRequest } from '../carrier.ts'
import { fromBranch } from '../conformance/conformance.ts'
import { labelShop } from '../conformance/simulator.ts'
import { kuaishouWaybills } from './index.ts'
import { kuaishouPrintClient } from './print-client-contract.ts'
import { requestIdOf } from './requests.ts'

// The form of the demo fills both secrets alike.
const { signSecret: _own, ...shop } = own

describe('a number of 快手 comes with its label, and under one packageCode is always the same', () => {
  const labels = labelShop(kuaishouWaybills, kuaishou, shop)
  beforeEach(labels.calm)
  const { call, aParcel } = labels
  const requestOf = (...parcels: ParcelAsked[]) => labels.request(parcels, 'https://t.example/YTO.xml')
  const givenTo = (parcel: ParcelAsked) => labels.givenTo(parcel).map(({ waybill }) => waybill)
  const tradeOf = ({ receiverTid }: ParcelAsked) =>
    labels.world().shops[0]?.trades.get(receiverTid) ?? assert.fail()
  const take = (request: TakeRequest) => kuaishouWaybills.take(call(), request)
  /** The request for a courier that is paid each month. */
  const ofDirect = async (courier: string, parcel: ParcelAsked): Promise<TakeRequest> => ({
    ...(await fromBranch(kuaishouWaybills.service ?? assert.fail(), call(), courier)),
    ...{ templateUrl: '', sellerId: '', parcels: [parcel] },
  })

  for (const kind of ['timeout-after', 'empty-list', 'truncated'])
    test(`an answer that is lost (${kind}) leaves the number, and the repeated request has it with its label`, async () => {
      const parcel = await aParcel()
      const request = await requestOf(parcel)
      await labels.fail(kind, 'open.express.ebill.get')
      const { kind: failure, unclear } = await failureOf(take(request))
      assert.deepEqual([failure, unclear], ['retry', true])
      const [no = assert.fail(), ...others] = givenTo(parcel)
      assert.deepEqual(others, [])
      const [taken = assert.fail()] = await take(request)
      assert.deepEqual([taken.waybillNo, givenTo(parcel)], [no, [no]])
      const label = JSON.parse(taken.printData)
      const sealed = JSON.parse(labels.world().labels.byWaybill.get(no)?.printData ?? '')
      assert.deepEqual(
        [label.waybillCode, label.encryptedData, label.signature, label.key, label.ver, label.templateURL],
        [no, sealed.printData, sealed.signature, `key-${sealed.signature}`, '1.0', request.templateUrl],
      )
      assert.deepEqual(label.addData.senderInfo.contact, { name: '发货员', mobile: '13900001111' })
    })

  test('an order that may not ship is refused, and the others have the numbers that they get alone', async () => {
    const [good, bad] = [await aParcel(), await aParcel()]
    const request = await requestOf(good, bad)
    tradeOf(bad).status = 'WAIT_BUYER_CONFIRM_GOODS'
    const error = await failureOf(take(request))
    assert.deepEqual([error.kind, error.code, error.unclear], ['rejected', '30015', false])
    // Without the trade's number, by which equal reasons would be counted apart.
    assert.equal(error.message, '30015 · 订单状态不允许取号')
    const [no = assert.fail()] = givenTo(good)
    const [taken] = await take({ ...request, parcels: [good] })
    assert.deepEqual([taken?.waybillNo, givenTo(good), givenTo(bad)], [no, [no], []])
  })

  test('a number that was given back is not got again: the next request has another packageCode', async () => {
    const parcel = await aParcel()
    const request = await requestOf(parcel)
    const [first = assert.fail()] = await take(request)
    await kuaishouWaybills.giveBack(call(), { ...first, courier: 'YTO', packageNos: [] })
    assert.equal((await failureOf(take(request))).kind, 'rejected')
    const next = { ...request, parcels: [{ ...parcel, key: `${parcel.key}2` }] }
    const [second = assert.fail()] = await take(next)
    assert.deepEqual(givenTo(parcel), [first.waybillNo, second.waybillNo])
  })

  test('a parcel that has left keeps its number, and one shipped with another number than its own is stopped', async () => {
    const parcel = await aParcel()
    const [{ waybillNo } = assert.fail()] = await take(await requestOf(parcel))
    const goods = [{ oid: parcel.receiverTid, quantity: parcel.goods[0]?.quantity ?? 0 }]
    const send = async (carrier: string, no: string) =>
      kuaishou.actions.ship?.(call(), { tid: parcel.receiverTid, oids: [], carrier, waybillNo: no, goods })
    assert.equal((await failureOf(send('YTO', 'YT9999999999999'))).code, 'waybill_invalid')
    await send('YTO', waybillNo)
    const mine = { waybillNo, courier: 'YTO', courierOrder: '', packageNos: [] }
    assert.equal((await failureOf(kuaishouWaybills.giveBack(call(), mine))).kind, 'rejected')
    assert.deepEqual(
      labels.givenTo(parcel).map(({ cancelled }) => cancelled),
      [false],
    )
  })

  test('an order of another shop, a receiver in plain text and a branch that is no longer subscribed are refused', async () => {
    const parcel = await aParcel()
    const request = await requestOf(parcel)
    const wrong: [more: Partial<ParcelAsked>, code: string][] = [
      [{ tids: ['9999999'], receiverTid: '9999999' }, '21'],
      [{ receiver: { ...parcel.receiver, name: '王一' } }, 'parameter'],
    ]
    for (const [more, code] of wrong) {
      const error = await failureOf(take({ ...request, parcels: [{ ...parcel, ...more }] }))
      assert.deepEqual([error.kind, error.code], ['rejected', code])
    }
    const gone = await failureOf(take({ ...request, branchCode: 'YTO999' }))
    assert.deepEqual([gone.kind, gone.code], ['rejected', 'parameter'])
    assert.deepEqual(givenTo(parcel), [])
  })

  test('顺丰 wants the customer code of the shop, and 邮政 the kind of its fee', async () => {
    const [one, two] = [await aParcel(), await aParcel()]
    const forSf = await ofDirect('SF', one)
    const { sfClientCode: _code, ...without } = call().credentials
    const error = await failureOf(kuaishouWaybills.take({ ...call(), credentials: without }, forSf))
    assert.deepEqual([error.kind, error.code, givenTo(one)], ['rejected', 'parameter', []])
    await take(forSf)
    await take(await ofDirect('POSTB', two))
    assert.deepEqual([givenTo(one).length, givenTo(two).length], [1, 1])
  })

  test('two requests of one order and of two orders have different ids, within the longest', () => {
    const ids = [
      requestIdOf({ key: 'd1_1', receiverTid: '2532105733990000001' }),
      requestIdOf({ key: 'd1_2', receiverTid: '2532105733990000001' }),
      requestIdOf({ key: 'd1_1', receiverTid: '2532105733990000002' }),
    ]
    assert.equal(new Set(ids).size, 3)
    assert.ok(ids.every((id) => id.length <= 128))
  })
})

test('the print client of 快手 gets the waybill beside the label, and the area under its own name', () => {
  const label = { waybillCode: 'YT1', encryptedData: 'x', key: 'k' }
  const area = { templateURL: 'https://t.example/own.xml', data: { remark: '加急' } }
  const { task } = kuaishouPrintClient.askPrint({ documentId: 'd-1', contents: [label, area] }, '热敏')
  assert.deepEqual(task, {
    taskID: 'd-1',
    documents: [
      {
        ...{ documentID: 'd-1', waybillCode: 'YT1', ksOrderFlag: true },
        contents: [
          { encryptedData: 'x', key: 'k' },
          { templateURL: 'https://t.example/own.xml', customData: { remark: '加急' } },
        ],
      },
    ],
    preview: false,
    printer: '热敏',
  })
  const ended = (taskStatus: string, status: string) =>
    kuaishouPrintClient.resultIn({
      ...{ cmd: 'notifyPrintResult', taskID: 'd-1', taskStatus },
      printStatus: [{ documentID: 'd-1', status, detail: null }],
    })?.result.printed
  assert.deepEqual(
    [ended('printed', 'success'), ended('failed ', 'failed'), ended('partPrinted', 'failed')],
    [true, false, false],
  )
  assert.deepEqual([ended('partPrinted', 'success'), ended('rendered', 'success')], [true, undefined])
})
