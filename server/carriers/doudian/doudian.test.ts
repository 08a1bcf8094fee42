import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { doudianSign } from '../../../sandbox/doudian/gateway.ts'
import { doudian as shop, stillSandbox, type TestSandbox } from '../../../sandbox/testing.ts'
import { labelBook } from '../../../sandbox/world/labels.ts'
import { failureOf } from '../../connectors/conformance/checks.ts'
import type { Call } from '../../connectors/connector.ts'
import { doudian } from '../../connectors/doudian/index.ts'
import type { ParcelAsked, TakeRequest } from '../carrier.ts'
import { doudianWaybills } from './index.ts'
import { packIdOf } from './pack-id.ts'

describe('numbers and print data of 抖店 come in two calls', () => {
  let sandbox: TestSandbox
  let made = 0
  before(async () => {
    sandbox = await stillSandbox()
  })
  after(() => sandbox.close())
  beforeEach(() => {
    sandbox.sandbox.board.faults = []
  })

  const call = (): Call => ({
    credentials: {
      appKey: shop.appKey,
      appSecret: shop.appSecret,
      shopId: shop.appKey,
      gatewayUrl: sandbox.url,
    },
    ...{ session: shop.sessionKey, variant: 'doudian', now: () => new Date(sandbox.clock.now()) },
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
    const tid = `692010573399${String(made).padStart(7, '0')}`
    await control('trades', { shop: shop.key, tid, status: 'WAIT_SELLER_SEND_GOODS', ...spec })
    const detail = await doudian.trades.detail(call(), tid)
    assert.ok(detail && 'trade' in detail)
    const { receiver, lines } = detail.trade
    return {
      ...{ key: `d${made}_1`, platform: 'doudian', tids: [tid], receiverTid: tid, receiver, weightG: null },
      ...{ codFen: null, insuredFen: null, toDoor: false, packages: 1 },
      goods: lines.map(({ title, quantity }) => ({ name: title, quantity })),
    }
  }
  const requestOf = async (parcels: readonly ParcelAsked[]): Promise<TakeRequest> => {
    const branches = (await doudianWaybills.service?.branches(call())) ?? []
    const {
      branchCode = '',
      addresses = [],
      services = [],
    } = branches.find((one) => one.courier === 'YTO') ?? {}
    const [address = assert.fail()] = addresses
    return {
      ...{ courier: 'YTO', branchCode, services, sellerId: '', parcels },
      sender: { name: '发货员', mobile: '13900001111', phone: '', address },
      templateUrl: 'https://t.example/61.xml',
    }
  }
  const given = () =>
    labelBook(sandbox.world.labels, sandbox.world.shops.find(({ key }) => key === shop.key) ?? assert.fail())
  const givenTo = ({ tids }: ParcelAsked) =>
    given().flatMap((label) => (label.tids[0] === tids[0] ? [label.waybill] : []))

  for (const kind of ['timeout-after', 'forbidden', 'empty-list', 'garbage-body'])
    test(`print data that do not come (${kind}) leave the number, and the repeated request has it with its label`, async () => {
      const parcel = await aTrade()
      const request = await requestOf([parcel])
      await control('faults', { kind, ms: 20, shop: shop.key, method: 'logistics.waybillApply', count: 1 })
      const { kind: failure, unclear } = await failureOf(doudianWaybills.take(call(), request))
      assert.deepEqual([failure, unclear], ['retry', true])
      const [no = assert.fail(), ...others] = givenTo(parcel)
      assert.deepEqual(others, [])
      const [taken = assert.fail()] = await doudianWaybills.take(call(), request)
      assert.deepEqual([taken.waybillNo, givenTo(parcel)], [no, [no]])
      const label = JSON.parse(taken.printData)
      const sealed = JSON.parse(sandbox.world.labels.byWaybill.get(no)?.printData ?? '')
      assert.deepEqual(
        [label.encryptedData, label.signature, label.templateURL],
        [sealed.print_data, sealed.sign, 'https://t.example/61.xml'],
      )
      assert.equal(label.addData.senderInfo.contact.name, '发货员')
    })

  test('an order that may not ship is refused, and the others have the numbers that they get alone', async () => {
    const [good, bad] = [await aTrade(), await aTrade()]
    await control(`trades/${bad.tids[0]}/hold`, { field: 'risk' })
    const request = await requestOf([good, bad])
    const error = await failureOf(doudianWaybills.take(call(), request))
    assert.deepEqual([error.kind, error.code, error.unclear], ['rejected', '15003', false])
    const [no = assert.fail()] = givenTo(good)
    const [taken] = await doudianWaybills.take(call(), { ...request, parcels: [good] })
    assert.deepEqual([taken?.waybillNo, givenTo(good), givenTo(bad)], [no, [no], []])
  })

  test('a number that was given back is not got again: the next request has another pack_id', async () => {
    const parcel = await aTrade()
    const request = await requestOf([parcel])
    const [first = assert.fail()] = await doudianWaybills.take(call(), request)
    await doudianWaybills.giveBack(call(), { ...first, courier: 'YTO', packageNos: [] })
    assert.equal((await failureOf(doudianWaybills.take(call(), request))).unclear, true)
    const next = { ...request, parcels: [{ ...parcel, key: `d${made}_2` }] }
    const [second = assert.fail()] = await doudianWaybills.take(call(), next)
    assert.deepEqual(givenTo(parcel), [first.waybillNo, second.waybillNo])
  })

  test('orders of one receiver in one parcel are one request with its orders', async () => {
    const parcel = await aTrade()
    const other = await aTrade()
    const trades = sandbox.world.shops.find(({ key }) => key === shop.key)?.trades
    const [one, two] = [parcel, other].map(({ tids }) => trades?.get(tids[0] ?? '') ?? assert.fail())
    assert.ok(one && two)
    const both = { ...parcel, tids: [...parcel.tids, ...other.tids] }
    const refused = await failureOf(doudianWaybills.take(call(), await requestOf([both])))
    assert.deepEqual([refused.kind, refused.code], ['rejected', '15004'])
    two.receiver = one.receiver
    await doudianWaybills.take(call(), await requestOf([both]))
    assert.deepEqual(given().at(-1)?.tids, both.tids)
  })

  test('an order of another shop is refused', async () => {
    const parcel = await aTrade()
    const other = { ...parcel, tids: ['9999999'], receiverTid: '9999999' }
    const { kind } = await failureOf(doudianWaybills.take(call(), await requestOf([other])))
    assert.equal(kind, 'rejected')
  })

  test('the query for the print client is signed over empty parameters, now', () => {
    const { params = '' } = doudianWaybills.printFields?.(call()) ?? {}
    const query = new URLSearchParams(params)
    assert.deepEqual(
      [query.get('method'), query.get('param_json'), query.get('access_token'), query.get('v')],
      ['logistics.getShopKey', '{}', shop.sessionKey, '2'],
    )
    assert.equal(query.get('timestamp'), String(Math.floor(sandbox.clock.now() / 1000)))
    assert.equal(query.get('sign'), doudianSign(new Map(query), '{}', shop.appSecret))
  })
})

test('a pack_id is our key where that is short, otherwise a hash that no key of ours is, of at most fifteen letters', () => {
  assert.deepEqual(['d1_1', 'd12345678901_23'].map(packIdOf), ['d1_1', 'd12345678901_23'])
  const long = Array.from({ length: 20_000 }, (_, at) => packIdOf(`d${9_000_000_000_000 + at}_1`))
  assert.equal(new Set(long).size, 20_000)
  assert.ok(long.every((id) => /^_[0-9a-z]{14}$/.test(id)))
})
