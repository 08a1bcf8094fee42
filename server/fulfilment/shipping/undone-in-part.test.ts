import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { sql } from 'kysely'
import { wholeScope } from '../../core/access/actor.ts'
import { shipDeliveries } from '../../flows/ship.ts'
import { decideLast } from '../../testing/intercepts.ts'
import {
  aWaybillAccount,
  inOneParcel,
  labelsOf,
  numbered,
  numbersSettled,
  requestsOf,
} from '../../testing/numbers/numbered.ts'
import { refundArrives, workTwice } from '../../testing/refund-versions.ts'
import { codes, must } from '../../testing/run.ts'
import {
  aShippingHouse,
  aWaybill,
  byPacker as by,
  printLabel,
  type ShippingHouse,
} from '../../testing/shipping.ts'
import { fulfilmentJobs } from '../jobs.ts'
import { parcelsOfDay } from '../papers/paper-queries.ts'
import { takeNumbers } from '../waybills/take.ts'
import { changeWaybills } from '../write-back/change-waybill.ts'
import { releaseOrders, unreleaseDeliveries } from './release.ts'
import { unshipDeliveries } from './unship.ts'
import { setWaybills } from './waybills.ts'

describe('a parcel of two orders, of which the platform knows one, and the other is undone', () => {
  let house: ShippingHouse
  before(async () => {
    house = await aShippingHouse()
    await aWaybillAccount(house)
  })
  after(() => house[Symbol.asyncDispose]())
  beforeEach(async () => {
    await sql`delete from job`.execute(house.db)
  })

  /** Ships two orders in one parcel under a number of the account. The write-back of the first is refused, the other's is done. */
  const shippedTogether = async () => {
    const [first, other] = [await house.released(), await house.released()]
    await inOneParcel(house, [first.id, other.id])
    await numbered(house, [first.id])
    await printLabel(house, first.id)
    must(await house.run((tx) => shipDeliveries(tx, [first.id, other.id], by)))
    await sql`
      with refused as (
        update platform_action set state = 'failed', next_at = null, ended_at = now() where kind = 'trade.ship' and subject_id = ${first.id}
        returning id)
      update delivery set write_back = 'failed', error_code = 'refund_open' where action_id in (select id from refused)`.execute(
      house.db,
    )
    const outbox = house.outbox()
    assert.equal((await house.settled(other.id)).writeBack, 'done')
    await outbox.stop()
    assert.equal((await house.state(first.id)).writeBack, 'failed')
    const [label] = labelsOf(house, first.tid)
    return { first, other, number: label?.waybill ?? assert.fail() }
  }
  const settle = async () => {
    await workTwice(house.db, fulfilmentJobs)
    const outbox = house.outbox()
    await numbersSettled(house)
    await outbox.stop()
  }
  const row = async (id: string) => {
    const found = await sql<{ is: string }>`
      select concat_ws(' ', status, nullif(courier, ''), nullif(waybill_no, ''), case when parcel is not null then 'merged' end) as is
      from delivery where id = ${id}`.execute(house.db)
    return found.rows[0]?.is
  }
  const undo = (id: string) => house.run((tx) => unshipDeliveries(tx, [id], by)).then(codes)
  const given = (tid: string) => labelsOf(house, tid).map(({ cancelled }) => (cancelled ? 'back' : 'live'))
  const backs = async () => {
    const found = await sql`select from platform_action where kind = 'waybill.back'`.execute(house.db)
    return found.rows.length
  }

  test('the number that the parcel is out with stays taken when the undone order is refunded and voided', async () => {
    const { first, other, number } = await shippedTogether()
    const refundId = await refundArrives(house, first)
    assert.deepEqual(await decideLast(house, first, 'pull'), ['done'])
    await refundArrives(house, first, { refundId, status: 'succeeded', at: 10 })
    await settle()
    assert.deepEqual(
      [await house.state(first.id), await house.state(other.id)].map(({ order, delivery }) => [
        order,
        delivery,
      ]),
      [
        ['voided', 'cancelled'],
        ['shipped', 'shipped'],
      ],
    )
    assert.equal(await row(other.id), `shipped YTO ${number} merged`)
    // The courier gets one parcel, though the order that represented it has left.
    const [own] = (
      await sql<{ no: string; day: string }>`
        select order_no as no, (shipped_at at time zone 'Asia/Shanghai')::date::text as day from delivery where id = ${other.id}`.execute(
        house.db,
      )
    ).rows
    const ofDay = { day: own?.day ?? '', warehouse: undefined, limit: 1000 }
    const handed = await parcelsOfDay(house.db, ofDay, wholeScope)
    assert.deepEqual(
      handed.filter(({ waybillNo }) => waybillNo === number).map(({ orderNo }) => orderNo),
      [own?.no],
    )
    assert.deepEqual(
      [await requestsOf(house, first.id), given(other.tid), await backs()],
      [['taken'], ['live'], 0],
    )
  })

  test('the undone order leaves the parcel and is given another waybill, while the parcel keeps its own', async () => {
    const { first, other, number } = await shippedTogether()
    assert.deepEqual(await undo(first.id), ['done'])
    assert.equal(await row(first.id), 'pending')
    const typed = aWaybill()
    const type = (waybillNo: string, courier: string) =>
      house.run((tx) => setWaybills(tx, [{ deliveryId: first.id, courier, waybillNo }], by)).then(codes)
    assert.deepEqual(await type(number, 'YTO'), ['waybill_used'])
    assert.deepEqual(await type(typed, 'SF'), ['done'])
    assert.equal(await row(first.id), `pending SF ${typed}`)
    assert.equal(await row(other.id), `shipped YTO ${number} merged`)
    assert.deepEqual(await house.run((tx) => shipDeliveries(tx, [first.id], by)).then(codes), ['done'])
    await settle()
    assert.deepEqual([given(other.tid), await backs()], [['live'], 0])
  })

  test('the undone order gets a number of the account of its own, or is taken back and released again alone', async () => {
    const [one, two] = [await shippedTogether(), await shippedTogether()]
    for (const { first } of [one, two]) assert.deepEqual(await undo(first.id), ['done'])
    assert.deepEqual(await house.run((tx) => takeNumbers(tx, [one.first.id], by)).then(codes), ['done'])
    await settle()
    assert.deepEqual(await requestsOf(house, one.first.id), ['taken', 'taken on it'])
    assert.deepEqual(
      labelsOf(house, one.first.tid).map(({ waybill, tids }) => [waybill === one.number, tids.length]),
      [
        [true, 2],
        [false, 1],
      ],
    )
    assert.deepEqual(await house.run((tx) => unreleaseDeliveries(tx, [two.first.id], by)).then(codes), [
      'done',
    ])
    assert.deepEqual(await house.run((tx) => releaseOrders(tx, [two.first.orderId], by)).then(codes), [
      'done',
    ])
    await settle()
    assert.deepEqual([given(two.first.tid), await backs()], [['live'], 0])
  })

  test('the number goes back once the parcel that is out has another waybill, and the undone order keeps its own', async () => {
    const { first, other } = await shippedTogether()
    assert.deepEqual(await undo(first.id), ['done'])
    assert.deepEqual(await house.run((tx) => takeNumbers(tx, [first.id], by)).then(codes), ['done'])
    await settle()
    const typed = aWaybill()
    const waybills = [{ deliveryId: other.id, courier: 'SF', waybillNo: typed }]
    assert.deepEqual(await house.run((tx) => changeWaybills(tx, waybills, '面单贴错', by)).then(codes), [
      'done',
    ])
    assert.equal(await backs(), 0, 'the platform still shows it')
    const outbox = house.outbox()
    assert.equal((await house.settled(other.id)).writeBack, 'done')
    await outbox.stop()
    await settle()
    assert.equal(await row(other.id), `shipped SF ${typed} merged`)
    assert.deepEqual(await requestsOf(house, first.id), ['returned', 'taken on it'])
    assert.deepEqual([given(first.tid), await backs()], [['back', 'live'], 1])
  })
})
