import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { doudianSign } from '../../../sandbox/doudian/gateway.ts'
import { doudian as shop } from '../../../sandbox/testing.ts'
import { failureOf } from '../../connectors/conformance/checks.ts'
import { doudian } from '../../connectors/doudian/index.ts'
import type { ParcelAsked } from '../carrier.ts'
import { labelShop } from '../conformance/simulator.ts'
import { LabelRefused } from '../label-refused.ts'
import { doudianWaybills } from './index.ts'
import { packIdOf } from './pack-id.ts'

describe('numbers and print data of 抖店 come in two calls', () => {
  const labels = labelShop(doudianWaybills, doudian, shop)
  beforeEach(labels.calm)
  const { call, control, aParcel } = labels
  const requestOf = (...parcels: ParcelAsked[]) => labels.request(parcels, 'https://t.example/61.xml')
  const givenTo = (parcel: ParcelAsked) => labels.givenTo(parcel).map(({ waybill }) => waybill)

  for (const kind of ['timeout-after', 'forbidden', 'empty-list', 'garbage-body'])
    test(`print data that do not come (${kind}) leave the number, and the repeated request has it with its label`, async () => {
      const parcel = await aParcel()
      const request = await requestOf(parcel)
      await labels.fail(kind, 'logistics.waybillApply')
      const failure = await failureOf(doudianWaybills.take(call(), request))
      const isRefused = kind === 'forbidden'
      assert.deepEqual([failure.kind, failure.unclear], [isRefused ? 'rejected' : 'retry', true])
      const [no = assert.fail(), ...others] = givenTo(parcel)
      assert.deepEqual(
        failure instanceof LabelRefused ? failure.given : undefined,
        isRefused ? { waybillNo: no, packageNos: [], courierOrder: '' } : undefined,
      )
      assert.deepEqual(others, [])
      const [taken = assert.fail()] = await doudianWaybills.take(call(), request)
      assert.deepEqual([taken.waybillNo, givenTo(parcel)], [no, [no]])
      const label = JSON.parse(taken.printData)
      const sealed = JSON.parse(labels.world().labels.byWaybill.get(no)?.printData ?? '')
      assert.deepEqual(
        [label.encryptedData, label.signature, label.templateURL],
        [sealed.print_data, sealed.sign, 'https://t.example/61.xml'],
      )
      assert.equal(label.addData.senderInfo.contact.name, '发货员')
    })

  test('an order that may not ship is refused, and the others have the numbers that they get alone', async () => {
    const [good, bad] = [await aParcel(), await aParcel()]
    await control(`trades/${bad.tids[0]}/hold`, { field: 'risk' })
    const request = await requestOf(good, bad)
    const error = await failureOf(doudianWaybills.take(call(), request))
    assert.deepEqual([error.kind, error.code, error.unclear], ['rejected', '15003', false])
    const [no = assert.fail()] = givenTo(good)
    const [taken] = await doudianWaybills.take(call(), { ...request, parcels: [good] })
    assert.deepEqual([taken?.waybillNo, givenTo(good), givenTo(bad)], [no, [no], []])
  })

  test('a number that was given back is not got again: the next request has another pack_id', async () => {
    const parcel = await aParcel()
    const request = await requestOf(parcel)
    const [first = assert.fail()] = await doudianWaybills.take(call(), request)
    await doudianWaybills.giveBack(call(), { ...first, courier: 'YTO', packageNos: [] })
    const gone = await failureOf(doudianWaybills.take(call(), request))
    assert.ok(gone instanceof LabelRefused)
    assert.deepEqual(
      [gone.unclear, gone.code, gone.message, gone.given.waybillNo],
      [true, '4020', `${first.waybillNo} · 4020 · 运单号不存在或已取消`, first.waybillNo],
    )
    const next = { ...request, parcels: [{ ...parcel, key: `${parcel.key}2` }] }
    const [second = assert.fail()] = await doudianWaybills.take(call(), next)
    assert.deepEqual(givenTo(parcel), [first.waybillNo, second.waybillNo])
  })

  test('orders of one receiver in one parcel are one request with its orders', async () => {
    const parcel = await aParcel()
    const other = await aParcel()
    const trades = labels.world().shops[0]?.trades
    const [one, two] = [parcel, other].map(({ tids }) => trades?.get(tids[0] ?? '') ?? assert.fail())
    assert.ok(one && two)
    const both = { ...parcel, tids: [...parcel.tids, ...other.tids] }
    const refused = await failureOf(doudianWaybills.take(call(), await requestOf(both)))
    assert.deepEqual([refused.kind, refused.code], ['rejected', '15004'])
    two.receiver = one.receiver
    await doudianWaybills.take(call(), await requestOf(both))
    assert.deepEqual(labels.given().at(-1)?.tids, both.tids)
  })

  test('an order of another shop is refused', async () => {
    const parcel = await aParcel()
    const other = { ...parcel, tids: ['9999999'], receiverTid: '9999999' }
    const { kind } = await failureOf(doudianWaybills.take(call(), await requestOf(other)))
    assert.equal(kind, 'rejected')
  })

  test('the query for the print client is signed over empty parameters, now', () => {
    const { params = '' } = doudianWaybills.printFields?.(call()) ?? {}
    const query = new URLSearchParams(params)
    assert.deepEqual(
      [query.get('method'), query.get('param_json'), query.get('access_token'), query.get('v')],
      ['logistics.getShopKey', '{}', shop.sessionKey, '2'],
    )
    assert.equal(query.get('timestamp'), String(Math.floor(labels.world().clock.now() / 1000)))
    assert.equal(query.get('sign'), doudianSign(new Map(query), '{}', shop.appSecret))
  })
})

test('a pack_id is our key where that is short, otherwise a hash that no key of ours is, of at most fifteen letters', () => {
  assert.deepEqual(['d1_1', 'd12345678901_23'].map(packIdOf), ['d1_1', 'd12345678901_23'])
  const long = Array.from({ length: 20_000 }, (_, at) => packIdOf(`d${9_000_000_000_000 + at}_1`))
  assert.equal(new Set(long).size, 20_000)
  assert.ok(long.every((id) => /^_[0-9a-z]{14}$/.test(id)))
})
