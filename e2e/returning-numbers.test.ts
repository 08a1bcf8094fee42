import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { connectors } from '../server/connectors/index.ts'
import { wholeScope } from '../server/core/access/actor.ts'
import { retryActions } from '../server/core/outbox/actions.ts'
import { shipDeliveries } from '../server/flows/ship.ts'
import { releaseOrders, unreleaseDeliveries } from '../server/fulfilment/shipping/release.ts'
import { setWaybills } from '../server/fulfilment/shipping/waybills.ts'
import { viewDeliveries } from '../server/fulfilment/view.ts'
import { waybillDemo } from '../server/fulfilment/waybills/demo.ts'
import { givingBack } from '../server/fulfilment/waybills/outbox.ts'
import { takeNumbers } from '../server/fulfilment/waybills/take.ts'
import { writeBackAgain } from '../server/fulfilment/write-back/write-again.ts'
import {
  inOneParcel,
  labelsOf,
  numbered,
  numbersSettled,
  requestsOf,
} from '../server/testing/numbers/numbered.ts'
import { must } from '../server/testing/run.ts'
import { aShippingHouse, aWaybill, packer, type ShippingHouse } from '../server/testing/shipping.ts'
import { until } from '../server/testing/until.ts'

const by = { actor: packer, scope: wholeScope }
const cancelling = 'open.express.ebill.cancel'
const taking = 'open.express.ebill.get'
const shipping = 'open.seller.order.goods.deliver'

describe('another waybill is typed over a number of 快手, and the parcel leaves at once', () => {
  let house: ShippingHouse
  before(async () => {
    house = await aShippingHouse('kuaishou')
    const { db, ring } = house
    await waybillDemo({ db, ring, connectors, simulator: true }, [house.shopId])
  })
  after(() => house[Symbol.asyncDispose]())
  beforeEach(async () => {
    house.sandbox.sandbox.board.faults = []
    house.sandbox.sandbox.calls.clear()
    await sql`
      update platform_action set state = 'withdrawn', next_at = null, lease_until = null
      where state in ('pending', 'sending', 'unknown')`.execute(house.db)
    await sql`update waybill set state = 'kept' where state = 'returning'`.execute(house.db)
  })

  const calls = (method: string) =>
    house.sandbox.sandbox.calls.get(`${house.sandbox.world.shops[0]?.key} ${method}`) ?? 0
  const given = (tid: string) => labelsOf(house, tid).map(({ cancelled }) => (cancelled ? 'back' : 'live'))
  const shipments = (tid: string) => house.trade(tid).lines.map((line) => line.shipments)
  const actionOf = async (id: string) => {
    const found = await sql<{ state: string; attempt: number; code: string }>`
      select a.state, a.attempt, a.error_code as code from delivery d join platform_action a on a.id = d.action_id
      where d.id = ${id}`.execute(house.db)
    return found.rows[0]
  }
  const shown = async (id: string) => (await viewDeliveries(house.db, [id]))[0] ?? assert.fail()
  /** A parcel that has left with a typed waybill, while the number that was taken for it is still to be given back. */
  const left = async () => {
    const { id, orderId, tid } = await house.released({ type: undefined, lines: 1 })
    await numbered(house, [id])
    const waybillNo = await typedAndShipped(id)
    return { id, orderId, tid, waybillNo, takenNo: labelsOf(house, tid)[0]?.waybill }
  }
  const typedAndShipped = async (id: string, courier = 'SF', waybillNo = aWaybill()) => {
    must(await house.run((tx) => setWaybills(tx, [{ deliveryId: id, courier, waybillNo }], by)))
    must(await house.run((tx) => shipDeliveries(tx, [id], by)))
    return waybillNo
  }

  test('the platform is told only when the number is back, so that it refuses nothing', async () => {
    const { id, tid, waybillNo } = await left()
    await house.control('faults', { kind: 'http', status: 503, method: cancelling, count: 2 })
    const outbox = house.outbox()
    await until(async () => (await actionOf(id))?.code === 'number_returning')
    assert.deepEqual(await actionOf(id), { state: 'pending', attempt: 0, code: 'number_returning' })
    assert.deepEqual([calls(shipping), given(tid)], [0, ['live']])
    const { writeBack, actionError, keptNo } = await shown(id)
    assert.deepEqual([writeBack, actionError, keptNo], ['waiting', 'number_returning', ''])
    const state = await house.settled(id)
    await outbox.stop()
    assert.deepEqual([state.writeBack, state.errorCode, state.attempts], ['done', '', 1])
    assert.deepEqual([calls(shipping), given(tid), shipments(tid)], [1, ['back'], [1]])
    assert.deepEqual(
      house.trade(tid).lines.map(({ waybill }) => waybill),
      [waybillNo],
    )
  })

  test('a number that cannot be given back stops nothing: the refusal names it, and is written again with it', async () => {
    const { id, tid, takenNo } = await left()
    await house.control('faults', { kind: 'forbidden', method: cancelling, count: 1 })
    const outbox = house.outbox()
    const state = await house.settled(id)
    assert.deepEqual([state.writeBack, state.errorCode], ['failed', 'waybill_invalid'])
    assert.deepEqual([await requestsOf(house, id), given(tid), calls(shipping)], [['kept'], ['live'], 1])
    const { keptNo, keptError } = await shown(id)
    assert.equal(keptNo, takenNo)
    assert.notEqual(keptError, '')
    must(await house.run((tx) => writeBackAgain(tx, [id], '再试', by)))
    assert.equal((await house.settled(id)).writeBack, 'done')
    await outbox.stop()
    assert.deepEqual([await requestsOf(house, id), given(tid), shipments(tid)], [['returned'], ['back'], [1]])
    assert.deepEqual([calls(shipping), calls(cancelling)], [2, 2])
    assert.deepEqual([(await shown(id)).keptNo], [''])
  })

  test('a number whose giving back comes to no end is waited for no longer than half an hour', async () => {
    const { id, tid } = await left()
    await sql`
      update platform_action set next_at = null, created_at = now() - interval '31 minutes'
      where kind = 'waybill.back' and state = 'pending'`.execute(house.db)
    await sql`update waybill set ended_at = now() - interval '31 minutes' where delivery_id = ${id}`.execute(
      house.db,
    )
    const outbox = house.outbox()
    const state = await house.settled(id)
    await outbox.stop()
    assert.deepEqual([state.writeBack, state.errorCode], ['failed', 'waybill_invalid'])
    assert.deepEqual([await requestsOf(house, id), given(tid)], [['returning'], ['live']])
  })

  test('the order was taken back and released again: the number of its delivery before is waited for as well', async () => {
    const { id, orderId, tid } = await house.released({ type: undefined, lines: 1 })
    await numbered(house, [id])
    must(await house.run((tx) => unreleaseDeliveries(tx, [id], by)))
    must(await house.run((tx) => releaseOrders(tx, [orderId], by)))
    const again = await sql<{ id: string }>`
      select id from delivery where order_id = ${orderId} and status <> 'cancelled'`.execute(house.db)
    const next = again.rows[0]?.id ?? assert.fail()
    await typedAndShipped(next)
    await house.control('faults', { kind: 'slow', ms: 800, method: cancelling, count: 1 })
    const outbox = house.outbox()
    assert.equal((await house.settled(next)).writeBack, 'done')
    await numbersSettled(house)
    await outbox.stop()
    assert.deepEqual([calls(shipping), given(tid), shipments(tid)], [1, ['back'], [1]])
  })

  for (const [what, fault] of [
    ['slow', { kind: 'slow', ms: 2500 }],
    ['unclear, so that it is asked for once more', { kind: 'timeout-after', ms: 300 }],
  ] as const)
    test(`the answer with the number is ${what}, and another one is typed: it goes back before the platform is told`, async () => {
      const { id, tid } = await house.released({ type: undefined, lines: 1 })
      await house.control('faults', { ...fault, method: taking, count: 1 })
      must(await house.run((tx) => takeNumbers(tx, [id], by)))
      const outbox = house.outbox()
      await until(() => given(tid).length > 0)
      assert.deepEqual(await requestsOf(house, id), ['asked'])
      await typedAndShipped(id)
      await until(async () => (await actionOf(id))?.code === 'number_returning')
      assert.deepEqual([calls(shipping), given(tid)], [0, ['live']])
      const state = await house.settled(id)
      await numbersSettled(house)
      await outbox.stop()
      assert.deepEqual([state.writeBack, state.errorCode, state.attempts], ['done', '', 1])
      assert.deepEqual([await requestsOf(house, id), given(tid)], [['returned'], ['back']])
      assert.deepEqual([calls(shipping), shipments(tid)], [1, [1]])
    })

  test('a number that was not asked for yet when another one is typed is not taken, and nothing waits for it', async () => {
    const { id, tid } = await house.released({ type: undefined, lines: 1 })
    must(await house.run((tx) => takeNumbers(tx, [id], by)))
    await typedAndShipped(id)
    const outbox = house.outbox()
    const state = await house.settled(id)
    await numbersSettled(house)
    await outbox.stop()
    assert.deepEqual([state.writeBack, state.attempts], ['done', 1])
    assert.deepEqual([await requestsOf(house, id), given(tid), calls(taking)], [['failed'], [], 0])
  })

  test('the parcel that has its taken number waits for nothing, though another one is given back beside it', async () => {
    const other = await left()
    const { id, tid } = await house.released({ type: undefined, lines: 1 })
    await numbered(house, [id])
    // The outbox of this step has given the other number back too.
    assert.deepEqual(await requestsOf(house, other.id), ['returned'])
    await sql`update waybill set state = 'returning' where delivery_id = ${other.id}`.execute(house.db)
    await sql`update delivery set printed_at = now(), printed_by = '周强' where id = ${id}`.execute(house.db)
    must(await house.run((tx) => shipDeliveries(tx, [id], by)))
    const outbox = house.outbox()
    const state = await house.settled(id)
    await sleep(200)
    await outbox.stop()
    assert.deepEqual([state.writeBack, state.attempts, shipments(tid)], ['done', 1, [1]])
  })

  test('a number that is in use again is not given back when its write-back is written again', async () => {
    const { id, tid, takenNo } = await left()
    await house.control('faults', { kind: 'forbidden', method: cancelling, count: 1 })
    const outbox = house.outbox()
    assert.equal((await house.settled(id)).writeBack, 'failed')
    await sql`update delivery set courier = w.courier, waybill_no = w.waybill_no from waybill w
      where w.delivery_id = delivery.id and delivery.id = ${id}`.execute(house.db)
    must(await house.run((tx) => writeBackAgain(tx, [id], '再试', by)))
    await house.settled(id)
    await outbox.stop()
    assert.deepEqual(
      [await requestsOf(house, id), given(tid), calls(cancelling)],
      [['kept on it'], ['live'], 1],
    )
    assert.equal(labelsOf(house, tid)[0]?.waybill, takenNo)
  })

  test('a number that a parcel has is not given back by hand either, and one that none has is', async () => {
    await house.control('faults', { kind: 'forbidden', method: cancelling, count: 2 })
    const [used, unused] = [await left(), await left()]
    const outbox = house.outbox()
    await numbersSettled(house)
    assert.deepEqual(
      [await requestsOf(house, used.id), await requestsOf(house, unused.id)],
      [['kept'], ['kept']],
    )
    const { id } = await house.released({ type: undefined, lines: 1 })
    const [label] = labelsOf(house, used.tid)
    must(
      await house.run((tx) =>
        setWaybills(
          tx,
          [{ deliveryId: id, courier: label?.courier ?? '', waybillNo: label?.waybill ?? '' }],
          by,
        ),
      ),
    )
    const backs = await sql<{ id: string; deliveryId: string }>`
      select action_id as id, delivery_id as "deliveryId" from waybill where delivery_id in (${used.id}, ${unused.id})
      order by delivery_id`.execute(house.db)
    const again = await house.run((tx) =>
      retryActions(tx, [givingBack], { ids: backs.rows.map((row) => row.id), reason: '再试' }, by),
    )
    const no = (await shown(id)).no
    assert.deepEqual(again, [
      {
        id: backs.rows[0]?.id,
        done: false,
        code: 'waybill_used',
        message: {
          zh: `这个运单号现在用在 ${no} 上，不能退`,
          en: `This number is on ${no} now and cannot be given back`,
        },
      },
      { id: backs.rows[1]?.id, done: true },
    ])
    await numbersSettled(house)
    await outbox.stop()
    assert.deepEqual([await requestsOf(house, used.id), given(used.tid)], [['kept'], ['live']])
    assert.deepEqual([await requestsOf(house, unused.id), given(unused.tid)], [['returned'], ['back']])
  })
})

test('in a merged shipment the write-backs of both trades wait for its number', async () => {
  await using house = await aShippingHouse()
  const { db, ring } = house
  await waybillDemo({ db, ring, connectors, simulator: true }, [house.shopId])
  const both = [await house.released(), await house.released()]
  const ids = both.map(({ id }) => id)
  const [one, other] = both
  assert.ok(one && other)
  house.trade(other.tid).buyer = house.trade(one.tid).buyer
  await inOneParcel(house, ids)
  await numbered(house, ids)
  must(
    await house.run((tx) =>
      setWaybills(tx, [{ deliveryId: one.id, courier: 'SF', waybillNo: aWaybill() }], by),
    ),
  )
  must(await house.run((tx) => shipDeliveries(tx, ids, by)))
  await house.control('faults', { kind: 'slow', ms: 1500, method: 'cainiao.waybill.ii.cancel', count: 1 })
  const outbox = house.outbox()
  await until(async () => {
    const waiting = await sql`
      select from platform_action where kind = 'trade.ship' and state = 'pending' and error_code = 'number_returning'`.execute(
      db,
    )
    return waiting.rows.length === 2
  })
  for (const { id } of both) assert.equal((await house.settled(id)).writeBack, 'done')
  await outbox.stop()
  assert.equal(labelsOf(house, one.tid)[0]?.cancelled, true)
})
