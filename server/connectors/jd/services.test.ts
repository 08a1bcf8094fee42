import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { failureOf } from '../conformance/checks.ts'
import { answerIn } from '../conformance/fixtures.ts'
import type { Refund } from '../connector.ts'
import { type Fields, fieldsAt, isFields, listAt } from '../fields.ts'
import { returnAddressOf } from './credentials.ts'
import { isService, parseService, serviceItem } from './services.ts'

/** The business object of a recorded answer. */
const resultOf = (fixture: string, name: string): Fields => {
  const [root] = Object.values(answerIn(import.meta.url, fixture)).filter(isFields)
  return fieldsAt(root ?? {}, name)
}
const view = fieldsAt(resultOf('serviceView', 'result'), 'data')
const freight = fieldsAt(resultOf('serviceFreight', 'result'), 'data')
const [money = {}] = listAt(resultOf('serviceMoney', 'pageResult'), 'data', '').filter(isFields)
const [row = {}] = listAt(view, 'serviceBillDetailList', '').filter(isFields)

const seen = (change: Fields = {}, beside: { freight?: Fields; money?: Fields } = {}): Refund => {
  const { freight: parcel = {}, money: paid } = beside
  const refund = parseService({ view: { ...view, ...change }, freight: parcel, money: paid })
  return refund.kind === 'refund' ? refund : assert.fail(refund.reason)
}
const badOf = (change: Fields) => {
  const bad = parseService({ view: { ...view, ...change }, freight: {}, money: undefined })
  return bad.kind === 'bad' ? [bad.id, bad.reason] : assert.fail('it is read')
}

describe('a service order', () => {
  it('is of a line of its order, in yuan, with version, reason and the parcel that comes back', () => {
    assert.deepEqual(seen({}, { freight }), {
      kind: 'refund',
      refundId: 'S700000001',
      tid: '300000000001',
      oid: '300000000001-100000000001',
      quantity: 2,
      title: '60支长绒棉四件套 雾蓝',
      spec: '',
      outerId: '',
      refundKind: 'return',
      phase: 'aftersale',
      status: 'agreed',
      platformStatus: '10005',
      version: '9',
      amountFen: 14_190,
      reason: '七天无理由',
      description: '买错了',
      goodsReceived: 'returned',
      carrier: '京东快递',
      waybillNo: 'JDV000000000001',
      createdAt: new Date(1_793_512_800_000),
      // The parcel came later than the last change of the service order.
      modifiedAt: new Date(1_793_602_800_000),
      deadline: null,
      buyerNick: 'jd_7f3a',
      constraint: '',
    })
  })

  it('without a parcel says nothing of the goods, and is of the time of its change, also as a text', () => {
    const { goodsReceived, waybillNo, modifiedAt } = seen()
    assert.deepEqual([goodsReceived, waybillNo, modifiedAt], ['unknown', '', new Date(1_793_516_400_000)])
    assert.deepEqual(seen({ updateDate: '2026-11-01 15:00:00' }).modifiedAt, new Date('2026-11-01T07:00:00Z'))
    assert.equal(seen({ receiveDate: 1_793_700_000_000 }).goodsReceived, 'returned')
  })

  it('has the state of its number, and one that is not known is kept', () => {
    const states = [
      '10001',
      '10002',
      '10012',
      '10005',
      '10007',
      '10009',
      '7060',
      '10004',
      '10011',
      '55555',
    ].map((serviceStatus) => seen({ serviceStatus }).status)
    assert.deepEqual(states, [
      ...['applied', 'applied', 'applied', 'agreed', 'agreed', 'agreed', 'agreed'],
      ...['refused', 'closed', 'unknown'],
    ])
    assert.equal(seen({ serviceStatus: '55555' }).platformStatus, '55555')
  })

  it('is paid when its money is, and not when it is finished', () => {
    const finished = { serviceStatus: 10010 }
    assert.equal(seen(finished).status, 'agreed')
    assert.equal(seen(finished, { money: { ...money, status: 14 } }).status, 'agreed')
    assert.equal(seen({ ...finished, processResultName: '原返' }).status, 'closed')
    const paid = seen(finished, { money: { ...money, refoundAmount: 100.01 } })
    assert.deepEqual(
      [paid.status, paid.amountFen, paid.modifiedAt],
      ['succeeded', 10_001, new Date(1_793_689_200_000)],
    )
    // Money may be there before the platform calls the service order finished.
    assert.equal(seen({ serviceStatus: 10007 }, { money }).status, 'succeeded')
    assert.equal(seen({ ...finished, customerExpect: 20 }).status, 'succeeded')
  })

  it('whose money is more than was paid for the goods has a doubt, because no document names its unit', () => {
    const { amountFen, doubts } = seen(
      { serviceStatus: 10010 },
      { money: { ...money, refoundAmount: 14_190 } },
    )
    assert.deepEqual(
      [amountFen, doubts],
      [14_190, [{ field: 'refund_amount', line: '', raw: '14190', guess: '141.90' }]],
    )
  })

  it('is of the kind that its number names; any other is parked with it', () => {
    const kinds = [10, 20, 30, 80, 90].map((customerExpect) => seen({ customerExpect }).refundKind)
    assert.deepEqual(kinds, ['return', 'exchange', 'repair', 'reship', 'money_only'])
    assert.deepEqual(badOf({ customerExpect: 77 }), ['S700000001', 'customerExpect 77 is not known'])
    assert.deepEqual(badOf({ serviceId: '' }), [null, 'no serviceId'])
    assert.deepEqual(badOf({ orderId: 0 }), ['S700000001', 'no orderId'])
    assert.deepEqual(badOf({ updateDate: null }), ['S700000001', 'no updateDate'])
  })

  it('of several SKUs is of the whole order, and one whose goods cannot be read has doubts', () => {
    const both = seen({
      serviceBillDetailList: [row, { ...row, skuId: 100000000002, wareNum: 1, actualPayPrice: 0.1 }],
    })
    assert.deepEqual([both.oid, both.quantity, both.title, both.amountFen], ['', 3, '', 14_200])
    const none = seen({ serviceBillDetailList: [] })
    assert.deepEqual(
      [none.oid, none.amountFen, none.doubts?.map(({ field }) => field)],
      ['', 0, ['num', 'refund_amount']],
    )
  })

  it('is listed by its number, which has an S so that it never equals one of an application', () => {
    assert.deepEqual(serviceItem({ serviceId: 700000001 }), { kind: 'id', refundId: 'S700000001' })
    assert.deepEqual(serviceItem({ serviceId: 'x y' }), {
      ...{ kind: 'bad', id: null, reason: 'no serviceId' },
      raw: '{"serviceId":"x y"}',
    })
    assert.deepEqual(['S700000001', '700000001', 'S', 'Sx'].map(isService), [true, false, false, false])
  })
})

describe('the address for returns', () => {
  const whole = '林晓，0571-12345678，310000，15，1213，3411，西湖区文三路1号，3幢'

  it('is read from one line of the form, with commas of either kind', () => {
    const address = {
      returnContactName: '林晓',
      returnContactTel: '0571-12345678',
      returnZipcode: '310000',
      returnProvince: '15',
      returnCity: '1213',
      returnCounty: '3411',
      returnDetailAddress: '西湖区文三路1号，3幢',
      returnAddressType: '1',
    }
    assert.deepEqual(returnAddressOf({ returnAddress: whole }), address)
    assert.deepEqual(returnAddressOf({ returnAddress: whole.replaceAll('，', ', ') }), address)
  })

  it('is refused where a part of it is missing', async () => {
    for (const returnAddress of ['', '林晓', whole.replace('1213', '杭州'), whole.replace('310000', '')]) {
      const error = await failureOf(Promise.resolve().then(() => returnAddressOf({ returnAddress })))
      assert.deepEqual([error.kind, error.code], ['rejected', 'return_address'], returnAddress)
    }
  })
})
