import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { sql } from 'kysely'
import { shipDeliveries } from '../../flows/ship.ts'
import { interceptsShown } from '../../testing/intercepts.ts'
import {
  aWaybillAccount,
  inOneParcel,
  labelsOf,
  numbered,
  numbersSettled,
  requestsOf,
} from '../../testing/numbers/numbered.ts'
import { refundArrives } from '../../testing/refund-versions.ts'
import { codes, must } from '../../testing/run.ts'
import {
  aShippingHouse,
  aWaybill,
  byPacker as by,
  printLabel,
  type ShippingHouse,
} from '../../testing/shipping.ts'
import { setWaybills } from '../shipping/waybills.ts'
import { changeWaybills } from './change-waybill.ts'
import { writeBackAgain } from './write-again.ts'

describe('what becomes of the former number, and of the parcel, after 改运单', () => {
  let house: ShippingHouse
  before(async () => {
    house = await aShippingHouse()
    await aWaybillAccount(house)
  })
  after(() => house[Symbol.asyncDispose]())
  beforeEach(() => {
    house.sandbox.sandbox.board.faults = []
  })

  const change = (id: string, waybillNo: string) =>
    house
      .run((tx) => changeWaybills(tx, [{ deliveryId: id, courier: 'SF', waybillNo }], '面单贴错', by))
      .then(codes)
  const given = (tid: string) => labelsOf(house, tid).map(({ cancelled }) => (cancelled ? 'back' : 'live'))
  const shown = (tid: string) => [...new Set(house.trade(tid).lines.map(({ waybill }) => waybill))]
  const settled = async (...ids: string[]) => {
    const outbox = house.outbox()
    const states: string[] = []
    for (const id of ids) states.push((await house.settled(id)).writeBack)
    await numbersSettled(house)
    await outbox.stop()
    return states
  }
  const refuseNext = (count: number) =>
    house.control('faults', {
      ...{ kind: 'forbidden', shop: house.sandbox.world.shops[0]?.options.key, count },
      method: 'taobao.logistics.consign.resend',
    })
  const shippedWithNumber = async () => {
    const one = await house.released()
    await numbered(house, [one.id])
    await printLabel(house, one.id)
    must(await house.run((tx) => shipDeliveries(tx, [one.id], by)))
    assert.deepEqual(await settled(one.id), ['done'])
    return one
  }

  test('a number of an account goes back when the platform shows the new one, and not before', async () => {
    const { id, tid } = await shippedWithNumber()
    assert.deepEqual(await change(id, aWaybill()), ['done'])
    assert.deepEqual([await requestsOf(house, id), given(tid)], [['taken'], ['live']])
    assert.deepEqual(await settled(id), ['done'])
    assert.deepEqual([await requestsOf(house, id), given(tid)], [['returned'], ['back']])
  })

  test('a number of an account stays while the platform refuses the new one, and may be taken again', async () => {
    const { id, tid } = await shippedWithNumber()
    const [former = ''] = shown(tid)
    await refuseNext(1)
    assert.deepEqual(await change(id, aWaybill()), ['done'])
    assert.deepEqual(await settled(id), ['failed'])
    assert.deepEqual([await requestsOf(house, id), given(tid)], [['taken'], ['live']])
    const again = await house.run((tx) =>
      changeWaybills(tx, [{ deliveryId: id, courier: 'YTO', waybillNo: former }], '还是原来的', by),
    )
    assert.deepEqual(codes(again), ['done'])
    assert.deepEqual(await settled(id), ['done'])
    assert.deepEqual(
      [shown(tid), await requestsOf(house, id), given(tid)],
      [[former], ['taken on it'], ['live']],
    )
  })

  test('the orders of a parcel change together, and its number goes back when no trade shows it', async () => {
    const [one, other] = [await house.released(), await house.released()]
    // Both trades are of one buyer.
    house.trade(other.tid).buyer = house.trade(one.tid).buyer
    await inOneParcel(house, [one.id, other.id])
    await numbered(house, [one.id])
    await printLabel(house, one.id)
    must(await house.run((tx) => shipDeliveries(tx, [one.id, other.id], by)))
    assert.deepEqual(await settled(one.id, other.id), ['done', 'done'])
    const live = () => [...given(one.tid), ...given(other.tid)].filter((state) => state === 'live').length
    assert.ok(live() > 0)
    await refuseNext(1)
    const next = aWaybill()
    assert.deepEqual(await change(other.id, next), ['done'])
    const states = await settled(one.id, other.id)
    assert.deepEqual(states.toSorted(), ['done', 'failed'])
    assert.ok(live() > 0)
    const failed = states[0] === 'failed' ? one.id : other.id
    assert.deepEqual(codes(await house.run((tx) => writeBackAgain(tx, [failed], '再试', by))), ['done'])
    assert.deepEqual(await settled(failed), ['done'])
    assert.deepEqual([shown(one.tid), shown(other.tid), live()], [[next], [next], 0])
  })

  test('a number that another parcel was given is refused, also one that went back', async () => {
    const [one, other] = [await shippedWithNumber(), await shippedWithNumber()]
    const [theirs = ''] = shown(other.tid)
    const ask = (waybillNo: string) =>
      house
        .run((tx) => changeWaybills(tx, [{ deliveryId: one.id, courier: 'YTO', waybillNo }], '贴错', by))
        .then(codes)
    assert.deepEqual(await ask(theirs), ['waybill_used'])
    const [former = ''] = shown(one.tid)
    assert.deepEqual(await change(one.id, aWaybill()), ['done'])
    assert.deepEqual(await settled(one.id), ['done'])
    assert.deepEqual(await ask(former), ['waybill_returned'])
  })

  test('a refund while the platform hears of another number has the courier asked, and the change goes on', async () => {
    const packed = await house.shipped()
    assert.deepEqual(await settled(packed.id), ['done'])
    const next = aWaybill()
    assert.deepEqual(await change(packed.id, next), ['done'])
    await refundArrives(house, packed)
    assert.deepEqual(await interceptsShown(house, packed), ['recall open'])
    assert.deepEqual(await settled(packed.id), ['done'])
    assert.deepEqual(shown(packed.tid), [next])
  })

  test('a worker that died after the platform had changed it: the next one looks, and changes nothing twice', async () => {
    const { id, tid } = await house.shipped()
    assert.deepEqual(await settled(id), ['done'])
    const next = aWaybill()
    assert.deepEqual(await change(id, next), ['done'])
    for (const line of house.trade(tid).lines) line.waybill = next
    await sql`
      update platform_action set state = 'sending', attempt = 1, claim = claim + 1, lease_until = now() - interval '1 second'
      where id = (select action_id from delivery where id = ${id})`.execute(house.db)
    house.sandbox.sandbox.calls.clear()
    assert.deepEqual(await settled(id), ['done'])
    const key = house.sandbox.world.shops[0]?.key
    assert.equal(house.sandbox.sandbox.calls.get(`${key} taobao.logistics.consign.resend`), undefined)
  })

  test('nothing is typed for a parcel that waits in the warehouse by this way, nor the other way round', async () => {
    const packed = await house.packed()
    assert.deepEqual(await change(packed.id, aWaybill()), ['wrong_status'])
    must(await house.run((tx) => shipDeliveries(tx, [packed.id], by)))
    const typed = await house.run((tx) =>
      setWaybills(tx, [{ deliveryId: packed.id, courier: 'SF', waybillNo: aWaybill() }], by),
    )
    assert.deepEqual(codes(typed), ['wrong_status'])
  })
})
