import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { wholeScope } from '../../core/access/actor.ts'
import { endActionsByHand } from '../../core/outbox/actions.ts'
import { shipDeliveries } from '../../flows/ship.ts'
import { decideLast, interceptsShown } from '../../testing/intercepts.ts'
import { refundArrives } from '../../testing/refund-versions.ts'
import { codes } from '../../testing/run.ts'
import {
  aShippingHouse,
  aWaybill,
  deliveryOf,
  type Packed,
  packer,
  type ShippingHouse,
} from '../../testing/shipping.ts'
import { until } from '../../testing/until.ts'
import type { InterceptEvent } from '../intercepts/intercept-lifecycle.ts'
import { releaseOrders } from '../shipping/release.ts'
import { setWaybills } from '../shipping/waybills.ts'
import { shippingAction } from './outbox.ts'
import { writeBackAgain } from './write-again.ts'

const sending = 'taobao.logistics.offline.send'

describe('telling that did not arrive, and a refund that came meanwhile', () => {
  let house: ShippingHouse
  before(async () => {
    house = await aShippingHouse()
  })
  after(() => house[Symbol.asyncDispose]())
  beforeEach(async () => {
    house.sandbox.sandbox.board.faults = []
    await sql`update platform_action set state = 'withdrawn', next_at = null, lease_until = null
      where state in ('pending', 'sending', 'unknown')`.execute(house.db)
  })

  const shop = () => house.sandbox.world.shops[0]?.options.key
  const fault = (kind: string, more: object = {}) =>
    house.control('faults', { kind, shop: shop(), method: sending, count: 1, ...more })
  /** The number of shippings that the simulator recorded for each line of the trade. */
  const shipments = ({ tid }: Packed) => house.trade(tid).lines.map((line) => line.shipments)
  const actions = async ({ id }: Packed) =>
    (
      await sql<{ state: string; attempt: number }>`
        select state, attempt from platform_action where subject_type = 'delivery' and subject_id = ${id} order by id`.execute(
        house.db,
      )
    ).rows.map(({ state, attempt }) => `${state} ${attempt}`)
  const shown = (packed: Packed) => interceptsShown(house, packed)
  const decide = (packed: Packed, event: InterceptEvent) => decideLast(house, packed, event)
  /** An outbox in which a refund on this parcel arrives just before the first call. */
  const outboxWith = (packed: Packed, more: object = {}) => {
    let calls = 0
    return house.outbox({
      async send(opened, action, signal) {
        calls += 1
        if (calls === 1) await refundArrives(house, packed)
        return shippingAction.send(opened, action, signal)
      },
      ...more,
    })
  }
  const stopped = async ({ id }: Packed) => {
    await until(async () => (await house.state(id)).writeBack === 'stopped')
    // A second send would have happened by now.
    await sleep(300)
    return house.state(id)
  }

  test('a platform that was down for a moment is not told again: the warehouse pulls the parcel', async () => {
    const packed = await house.shipped()
    await fault('http', { status: 503 })
    const outbox = outboxWith(packed)
    const state = await stopped(packed)
    assert.deepEqual(
      [state.order, state.delivery, state.told, state.action],
      ['shipped', 'shipped', false, null],
    )
    assert.deepEqual([await shown(packed), await actions(packed)], [['pull open'], ['withdrawn 1']])
    assert.deepEqual(await decide(packed, 'pull'), ['done'])
    await sleep(200)
    await outbox.stop()
    assert.deepEqual([(await house.state(packed.id)).order, shipments(packed)], ['released', [0, 0]])
    const events = await sql<{ event: string }>`
      select event from order_event where order_id = ${packed.orderId} and event like 'write_back%'`.execute(
      house.db,
    )
    assert.deepEqual(events.rows, [{ event: 'write_back_stopped' }])
  })

  test('a call that never arrived is looked at, and not sent again', async () => {
    const packed = await house.shipped()
    await fault('timeout-before')
    const outbox = outboxWith(packed, { timeoutSeconds: 1 })
    await stopped(packed)
    await outbox.stop()
    assert.deepEqual([await shown(packed), shipments(packed)], [['pull open'], [0, 0]])
  })

  test('one that arrived although its answer was lost is told: the courier is asked', async () => {
    const packed = await house.shipped()
    await fault('timeout-after')
    const outbox = outboxWith(packed, { timeoutSeconds: 1 })
    const state = await house.settled(packed.id)
    await outbox.stop()
    assert.deepEqual([state.writeBack, state.told], ['done', true])
    assert.deepEqual([await shown(packed), shipments(packed)], [['recall open'], [1, 1]])
  })

  test('missed after that: the platform is told after all, once', async () => {
    const packed = await house.shipped()
    await fault('http', { status: 503 })
    const outbox = outboxWith(packed)
    await stopped(packed)
    assert.deepEqual(await decide(packed, 'miss'), ['done'])
    const state = await house.settled(packed.id)
    await outbox.stop()
    assert.deepEqual([state.writeBack, state.told, shipments(packed)], ['done', true, [1, 1]])
    assert.deepEqual(await actions(packed), ['withdrawn 1', 'succeeded 1'])
  })

  test('the courier was asked already: whoever asked is answered by pulling or missing it', async () => {
    const packed = await house.shipped()
    let calls = 0
    await fault('http', { status: 503 })
    const outbox = house.outbox({
      async send(opened, action, signal) {
        calls += 1
        if (calls === 1) {
          await refundArrives(house, packed)
          assert.deepEqual(await decide(packed, 'ask'), ['done'])
        }
        return shippingAction.send(opened, action, signal)
      },
    })
    await stopped(packed)
    await outbox.stop()
    assert.deepEqual(await shown(packed), ['pull asked'])
    assert.deepEqual(
      [await decide(packed, 'return'), await decide(packed, 'pull')],
      [['not_with_courier'], ['done']],
    )
    assert.deepEqual([(await house.state(packed.id)).order, shipments(packed)], ['released', [0, 0]])
  })

  test('what a person took over and gives back is not sent while the parcel is looked for', async () => {
    const packed = await house.shipped()
    const ids = (
      await sql<{ id: string }>`select action_id as id from delivery where id = ${packed.id}`.execute(
        house.db,
      )
    ).rows.map(({ id }) => id)
    await house.run((tx) =>
      endActionsByHand(
        tx,
        [shippingAction],
        { ids, state: 'manual', reason: '我来' },
        { actor: packer, scope: wholeScope },
      ),
    )
    await refundArrives(house, packed)
    assert.deepEqual(await shown(packed), ['pull open'])
    assert.deepEqual(
      codes(
        await house.run((tx) =>
          writeBackAgain(tx, [packed.id], '再试', { actor: packer, scope: wholeScope }),
        ),
      ),
      ['done'],
    )
    const outbox = house.outbox()
    await stopped(packed)
    await outbox.stop()
    assert.deepEqual([await actions(packed), shipments(packed)], [['withdrawn 0'], [0, 0]])
  })

  test('what nobody asks back is sent again as ever', async () => {
    const packed = await house.shipped()
    await fault('http', { status: 503 })
    const outbox = house.outbox()
    const state = await house.settled(packed.id)
    await outbox.stop()
    assert.deepEqual([state.writeBack, state.attempts, shipments(packed)], ['done', 2, [1, 1]])
  })

  test('what lies in the same parcel is not told either, and told again when nobody looks for it any more', async () => {
    const orders = [await house.order(), await house.order()]
    const orderIds = orders.map(({ id }) => id)
    // The simulator accepts one waybill only for trades of the same buyer.
    for (const { tid } of orders) house.trade(tid).buyer = house.trade(orders[0]?.tid ?? '').buyer
    await sql`update sales_order set parcel = nextval('parcel_id') where id = ${orderIds[0] ?? ''}`.execute(
      house.db,
    )
    await sql`
      update sales_order set parcel = currval('parcel_id'), receiver_hash = 7 where id = any(${orderIds}::bigint[])`.execute(
      house.db,
    )
    await house.run((tx) => releaseOrders(tx, orderIds, { actor: packer, scope: wholeScope }))
    const waybillNo = aWaybill()
    const packed = await Promise.all(
      orders.map(async ({ id, tid }) => ({
        id: await deliveryOf(house.db, id),
        orderId: id,
        tid,
        waybillNo,
      })),
    )
    const [one, other] = packed
    assert.ok(one && other)
    await house.run((tx) =>
      setWaybills(tx, [{ deliveryId: one.id, courier: 'SF', waybillNo }], {
        actor: packer,
        scope: wholeScope,
      }),
    )
    assert.deepEqual(
      codes(await house.run((tx) => shipDeliveries(tx, [one.id], { actor: packer, scope: wholeScope }))),
      ['done'],
    )
    await fault('http', { status: 503, count: 2 })
    let refundNo = ''
    let arrival: Promise<void> | undefined
    const arrive = async () => {
      refundNo = await refundArrives(house, one)
    }
    const outbox = house.outbox({
      async send(opened, action, signal) {
        // Both parcels' calls wait for it, since one that is faster would be sent again before there is a refund.
        arrival ??= arrive()
        await arrival
        return shippingAction.send(opened, action, signal)
      },
    })
    const states = [await stopped(one), await stopped(other)]
    assert.deepEqual(
      states.map(({ writeBack, told }) => [writeBack, told]),
      [
        ['stopped', false],
        ['stopped', false],
      ],
    )
    assert.deepEqual([await shown(one), await shown(other)], [['pull open'], []])
    assert.deepEqual(
      [shipments(one), shipments(other)],
      [
        [0, 0],
        [0, 0],
      ],
    )
    await refundArrives(house, one, { refundId: refundNo, status: 'closed', at: 10 })
    const told = [await house.settled(one.id), await house.settled(other.id)]
    await outbox.stop()
    assert.deepEqual(
      told.map((state) => [state.writeBack, state.told]),
      [
        ['done', true],
        ['done', true],
      ],
    )
    assert.deepEqual(
      [shipments(one), shipments(other)],
      [
        [1, 1],
        [1, 1],
      ],
    )
  })
})
