import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { wholeScope } from '../../core/access/actor.ts'
import { endActionsByHand } from '../../core/outbox/actions.ts'
import { shipDeliveries } from '../../flows/ship.ts'
import { codes } from '../../testing/run.ts'
import { aShippingHouse, aWaybill, packer, type ShippingHouse } from '../../testing/shipping.ts'
import { until } from '../../testing/until.ts'
import { unshipDeliveries } from '../shipping/unship.ts'
import { setWaybills } from '../shipping/waybills.ts'
import { viewDeliveries } from '../view.ts'
import { shippingAction } from './outbox.ts'
import { adoptPlatformWaybills } from './platform-waybill.ts'
import { writeBackAgain } from './write-again.ts'

const sending = 'taobao.logistics.offline.send'

describe('telling Tmall that goods have left', () => {
  let house: ShippingHouse
  before(async () => {
    house = await aShippingHouse()
  })
  after(() => house[Symbol.asyncDispose]())
  beforeEach(() => {
    house.sandbox.sandbox.board.faults = []
  })

  const unship = (id: string) =>
    house.run((tx) => unshipDeliveries(tx, [id], { actor: packer, scope: wholeScope })).then(codes)
  const ship = (id: string) =>
    house.run((tx) => shipDeliveries(tx, [id], { actor: packer, scope: wholeScope })).then(codes)
  const parcels = (tid: string) =>
    house.trade(tid).lines.map(({ waybill, shipments }) => [waybill, shipments])
  const shop = () => house.sandbox.world.shops[0]?.options.key
  const fault = (kind: string, more: object = {}) =>
    house.control('faults', { kind, shop: shop(), method: sending, count: 1, ...more })
  const deeds = (tid: string) =>
    house.sandbox.world.deeds.filter((deed) => deed.action === 'ship' && deed.key === tid && deed.accepted)
      .length

  test('a confirmed order is released, gets its waybill, ships, and the platform knows', async () => {
    const packed = await house.packed()
    assert.deepEqual(await house.state(packed.id), {
      order: 'released',
      delivery: 'pending',
      writeBack: '',
      errorCode: '',
      told: false,
      action: null,
      attempts: null,
    })
    assert.deepEqual(await ship(packed.id), ['done'])
    assert.deepEqual((await house.state(packed.id)).action, 'pending')
    const outbox = house.outbox()
    assert.deepEqual(await house.settled(packed.id), {
      order: 'shipped',
      delivery: 'shipped',
      writeBack: 'done',
      errorCode: '',
      told: true,
      action: 'succeeded',
      attempts: 1,
    })
    await outbox.stop()
    assert.deepEqual(parcels(packed.tid), [
      [packed.waybillNo, 1],
      [packed.waybillNo, 1],
    ])
    assert.deepEqual(await unship(packed.id), ['written_back'])
    // A download that shows our own shipping makes no platform change.
    await house.download(packed.tid)
    const news = await sql<{ n: number }>`
      select count(*)::int as n from order_difference where order_id = ${packed.orderId}`.execute(house.db)
    assert.equal(news.rows[0]?.n, 0)
  })

  test('an answer that was lost after the platform had shipped makes one shipment', async () => {
    const { id, tid, waybillNo } = await house.shipped()
    await fault('timeout-after')
    const outbox = house.outbox({ timeoutSeconds: 1 })
    const state = await house.settled(id)
    await outbox.stop()
    assert.deepEqual([state.writeBack, state.told, state.attempts], ['done', true, 1])
    assert.deepEqual(parcels(tid), [
      [waybillNo, 1],
      [waybillNo, 1],
    ])
    assert.equal(deeds(tid), 1)
  })

  test('a call that never arrived is looked at, and sent again', async () => {
    const { id, tid, waybillNo } = await house.shipped()
    await fault('timeout-before')
    const outbox = house.outbox({ timeoutSeconds: 1 })
    const state = await house.settled(id)
    await outbox.stop()
    assert.deepEqual([state.writeBack, state.attempts], ['done', 2])
    assert.deepEqual(parcels(tid), [
      [waybillNo, 1],
      [waybillNo, 1],
    ])
  })

  test('what the platform shipped already counts as told', async () => {
    const { id, tid, waybillNo } = await house.shipped()
    await house.control(`trades/${tid}/ship`, { waybill: waybillNo })
    const outbox = house.outbox()
    const state = await house.settled(id)
    await outbox.stop()
    assert.deepEqual([state.writeBack, state.told, state.action], ['done', true, 'succeeded'])
  })

  test('goods that the platform shows with another waybill wait for a person, who sees both and may take it', async () => {
    const { id, orderId, tid, waybillNo } = await house.shipped()
    const theirs = aWaybill()
    await house.control(`trades/${tid}/ship`, { waybill: theirs })
    const outbox = house.outbox()
    const state = await house.settled(id)
    await outbox.stop()
    const followed = async () => {
      const found = await sql<{ no: string; state: string; isDue: boolean; leftThen: boolean }>`
        select t.waybill_no as no, state, next_at is not null as "isDue", left_at = d.shipped_at as "leftThen"
        from parcel_track t join delivery d on d.id = t.delivery_id where d.id = ${id}`.execute(house.db)
      return found.rows
    }
    assert.deepEqual(await followed(), [{ no: waybillNo, state: 'unknown', isDue: true, leftThen: true }])
    await sql`update parcel_track set state = 'collected', next_at = null where delivery_id = ${id}`.execute(
      house.db,
    )
    assert.deepEqual([state.writeBack, state.errorCode, state.told], ['failed', 'other_waybill', false])
    const seen = async () => {
      const [row] = await viewDeliveries(house.db, [id])
      return [row?.waybillNo, row?.platformWaybill]
    }
    assert.deepEqual(await seen(), [waybillNo, theirs])
    const take = () =>
      house.run((tx) => adoptPlatformWaybills(tx, [id], { actor: packer, scope: wholeScope })).then(codes)
    assert.deepEqual([await take(), await take()], [['done'], ['no_platform_waybill']])
    const after = await house.state(id)
    assert.deepEqual([after.writeBack, after.told, await seen()], ['forced', true, [theirs, '']])
    assert.deepEqual(await followed(), [{ no: theirs, state: 'unknown', isDue: true, leftThen: true }])
    const events = await sql<{ detail: unknown }>`
      select detail from order_event where order_id = ${orderId} and event = 'waybill_taken'`.execute(
      house.db,
    )
    assert.deepEqual(events.rows, [{ detail: { courier: 'SF', waybillNo: theirs, was: waybillNo } }])
  })

  test('a line in two parcels: the platform takes the first, and the second is not claimed as told', async () => {
    const first = await house.shipped({ lines: 1 })
    const second = await house.shipped()
    // Simulates a second order with pieces of the same line, as after a split.
    await sql`update platform_action set payload = jsonb_set(payload, '{tid}', to_jsonb(${first.tid}::text)) || '{"oids": []}'
      where subject_type = 'delivery' and subject_id = ${second.id}`.execute(house.db)
    const outbox = house.outbox()
    const states = [await house.settled(first.id), await house.settled(second.id)]
    await outbox.stop()
    const of = (one: (typeof states)[number] | undefined) => [one?.writeBack, one?.errorCode, one?.told]
    const told = states.filter(({ writeBack }) => writeBack === 'done')
    const untold = states.filter(({ writeBack }) => writeBack !== 'done')
    assert.deepEqual(
      [of(told[0]), of(untold[0])],
      [
        ['done', '', true],
        ['failed', 'other_waybill', false],
      ],
    )
    const refused = untold[0] === states[0] ? first.id : second.id
    const take = await house.run((tx) =>
      adoptPlatformWaybills(tx, [refused], { actor: packer, scope: wholeScope }),
    )
    assert.deepEqual(codes(take), ['waybill_used'])
    assert.deepEqual(
      house.trade(first.tid).lines.map(({ shipments }) => shipments),
      [1],
    )
  })

  test('two people ship one order: one shipping, one action', async () => {
    const { id } = await house.packed()
    const answers = await Promise.all(Array.from({ length: 6 }, () => ship(id)))
    assert.deepEqual(answers.flat().sort(), ['already', 'already', 'already', 'already', 'already', 'done'])
    const actions = await sql<{ n: number }>`
      select count(*)::int as n from platform_action where subject_type = 'delivery' and subject_id = ${id}`.execute(
      house.db,
    )
    assert.equal(actions.rows[0]?.n, 1)
  })

  test('undoing races with the outbox: exactly one wins', async () => {
    let undone = 0
    for (let round = 0; round < 12; round += 1) {
      const { id, tid } = await house.shipped()
      // The rounds range from undoing before the send to long after it, so that undo and send meet in some of them.
      const before = round === 0 ? await unship(id) : undefined
      const outbox = house.outbox()
      if (round > 3) await sleep(round * 3)
      const [answer] = before ?? (await unship(id))
      await sleep(60)
      await until(async () => !['pending', 'sending'].includes((await house.state(id)).action ?? ''))
      await outbox.stop()
      const state = await house.state(id)
      const shipments = house.trade(tid).lines.map((line) => line.shipments)
      if (answer === 'done') {
        undone += 1
        assert.deepEqual(
          [state.order, state.delivery, state.told, shipments],
          ['released', 'pending', false, [0, 0]],
        )
      } else {
        assert.ok(answer === 'written_back' || answer === 'write_back_under_way', answer)
        assert.deepEqual(
          [state.order, state.delivery, state.told, shipments],
          ['shipped', 'shipped', true, [1, 1]],
        )
      }
    }
    assert.ok(undone > 0)
  })

  test('undone and shipped again with another waybill, only the last one is told', async () => {
    const { id, tid } = await house.shipped()
    assert.deepEqual(await unship(id), ['done'])
    assert.deepEqual(await unship(id), ['wrong_status'])
    const waybillNo = aWaybill()
    const rows = [{ deliveryId: id, courier: 'SF', waybillNo }]
    assert.deepEqual(
      codes(await house.run((tx) => setWaybills(tx, rows, { actor: packer, scope: wholeScope }))),
      ['done'],
    )
    assert.deepEqual(await ship(id), ['done'])
    const outbox = house.outbox()
    await house.settled(id)
    await outbox.stop()
    assert.deepEqual(parcels(tid), [
      [waybillNo, 1],
      [waybillNo, 1],
    ])
    const actions = await sql<{ state: string }>`
      select state from platform_action where subject_type = 'delivery' and subject_id = ${id} order by id`.execute(
      house.db,
    )
    assert.deepEqual(
      actions.rows.map(({ state }) => state),
      ['withdrawn', 'succeeded'],
    )
  })

  test('the worker that dies between its commit and the answer leaves one shipment', async () => {
    const before = await house.shipped()
    const afterwards = await house.shipped()
    // Both actions are claimed by a dead worker. It died before the call of the first, and before it wrote the answer of the second.
    const dies = (of: string) =>
      sql`update platform_action set state = 'sending', claim = claim + 1, attempt = 1, next_at = null,
          lease_until = now() - interval '1 second', worker = 'dead'
        where subject_type = 'delivery' and subject_id = ${of}`.execute(house.db)
    await dies(before.id)
    await dies(afterwards.id)
    await house.control(`trades/${afterwards.tid}/ship`, { waybill: afterwards.waybillNo })
    assert.deepEqual(await unship(before.id), ['write_back_under_way'])
    const outbox = house.outbox()
    const states = [await house.settled(before.id), await house.settled(afterwards.id)]
    await outbox.stop()
    assert.deepEqual(
      states.map(({ writeBack, told, attempts }) => [writeBack, told, attempts]),
      [
        ['done', true, 2],
        ['done', true, 1],
      ],
    )
    assert.deepEqual([deeds(before.tid), deeds(afterwards.tid)], [1, 0])
    assert.deepEqual(
      house.trade(before.tid).lines.map(({ shipments }) => shipments),
      [1, 1],
    )
  })

  test('a refusal is classified, shown, tried again or settled by a person with a reason', async () => {
    const { id, orderId, tid } = await house.packed()
    // The simulator refuses a waybill of this form.
    const rows = [{ deliveryId: id, courier: 'SF', waybillNo: `XX${id}00` }]
    await house.run((tx) => setWaybills(tx, rows, { actor: packer, scope: wholeScope }))
    await ship(id)
    const outbox = house.outbox()
    const refused = await house.settled(id)
    assert.deepEqual(
      [refused.order, refused.writeBack, refused.errorCode, refused.told],
      ['shipped', 'failed', 'waybill_invalid', false],
    )
    const again = () =>
      house
        .run((tx) => writeBackAgain(tx, [id], '再试一次', { actor: packer, scope: wholeScope }))
        .then(codes)
    assert.deepEqual(await again(), ['done'])
    assert.equal((await house.settled(id)).writeBack, 'failed')
    await outbox.stop()
    const handlers = [shippingAction]
    const actionId = await sql<{ id: string }>`select action_id as id from delivery where id = ${id}`.execute(
      house.db,
    )
    const ids = actionId.rows.map((row) => row.id)
    await house.run((tx) =>
      endActionsByHand(
        tx,
        handlers,
        { ids, state: 'forced', reason: '平台上已发' },
        { actor: packer, scope: wholeScope },
      ),
    )
    const forced = await house.state(id)
    assert.deepEqual([forced.writeBack, forced.action, forced.told], ['forced', 'forced', true])
    assert.deepEqual(await again(), ['action_forced'])
    assert.deepEqual(await unship(id), ['written_back'])
    const events = await sql<{ event: string }>`
      select event from order_event where order_id = ${orderId} and event like 'write_back%' order by id`.execute(
      house.db,
    )
    assert.deepEqual(
      events.rows.map(({ event }) => event),
      ['write_back_failed', 'write_back_failed', 'write_back_forced'],
    )
    assert.deepEqual(
      house.trade(tid).lines.map(({ shipments }) => shipments),
      [0, 0],
    )
  })

  test('what the platform refused can be undone, and what a person took over as well', async () => {
    const { id } = await house.shipped()
    const outbox = house.outbox()
    await fault('forbidden')
    const state = await house.settled(id)
    await outbox.stop()
    assert.deepEqual([state.writeBack, state.errorCode, state.told], ['failed', 'other', false])
    assert.deepEqual(await unship(id), ['done'])
    assert.deepEqual(await ship(id), ['done'])
    const taken = await sql<{ id: string }>`select action_id as id from delivery where id = ${id}`.execute(
      house.db,
    )
    const ids = taken.rows.map((row) => row.id)
    await house.run((tx) =>
      endActionsByHand(
        tx,
        [shippingAction],
        { ids, state: 'manual', reason: '我来' },
        { actor: packer, scope: wholeScope },
      ),
    )
    const manual = await house.state(id)
    assert.deepEqual([manual.writeBack, manual.told], ['manual', false])
    assert.deepEqual(await unship(id), ['done'])
  })

  test('a trade that was shipped in part before us is shipped by its lines', async () => {
    const { id, tid, waybillNo } = await house.shipped({ status: 'SELLER_CONSIGNED_PART', lines: 3 })
    const before = house.trade(tid).lines.map(({ shipments, consigned }) => [shipments, consigned > 0])
    const outbox = house.outbox()
    const state = await house.settled(id)
    await outbox.stop()
    assert.equal(state.writeBack, 'done', state.errorCode)
    const ours = house.trade(tid).lines.filter((line) => line.waybill === waybillNo)
    assert.equal(ours.length, before.filter(([, consigned]) => !consigned).length)
    assert.ok(ours.length < 3)
    assert.ok(ours.every(({ shipments }) => shipments === 1))
  })

  test('cash on delivery goes by the method for it', async () => {
    const { id, tid, waybillNo } = await house.shipped({ type: 'cod', lines: 1 })
    const payload = await sql<{ cod: boolean }>`
      select payload -> 'cod' as cod from platform_action where subject_type = 'delivery' and subject_id = ${id}`.execute(
      house.db,
    )
    assert.equal(payload.rows[0]?.cod, true)
    const outbox = house.outbox()
    const state = await house.settled(id)
    await outbox.stop()
    assert.deepEqual([state.writeBack, parcels(tid)], ['done', [[waybillNo, 1]]])
  })
})

describe('telling Pinduoduo', () => {
  test('whole orders only: one of which we hold a part is refused, and ships nothing', async () => {
    await using house = await aShippingHouse('pinduoduo')
    const whole = await house.shipped()
    const part = await house.packed()
    // Simulates an order that has only a part of the trade's lines, which this platform cannot ship alone.
    await sql`update sales_order set whole_trade = false where id = ${part.orderId}`.execute(house.db)
    await sql`update order_line set oid = 'another' where order_id = ${part.orderId}`.execute(house.db)
    const ship = house.run((tx) => shipDeliveries(tx, [part.id], { actor: packer, scope: wholeScope }))
    assert.deepEqual(codes(await ship), ['done'])
    const outbox = house.outbox()
    const [told, refused] = [await house.settled(whole.id), await house.settled(part.id)]
    await outbox.stop()
    assert.deepEqual([told.writeBack, told.told], ['done', true])
    assert.deepEqual([refused.writeBack, refused.errorCode, refused.told], ['failed', 'parameter', false])
    const payloads = await sql<{ oids: string[] }>`
      select payload -> 'oids' as oids from platform_action where kind = 'trade.ship' order by id`.execute(
      house.db,
    )
    assert.deepEqual(payloads.rows[0]?.oids, [])
    const shipments = (tid: string) => house.trade(tid).lines.map((line) => line.shipments)
    assert.ok(shipments(whole.tid).every((count) => count === 1))
    assert.ok(shipments(part.tid).every((count) => count === 0))
  })
})
