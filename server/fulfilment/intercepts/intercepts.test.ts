import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { sql } from 'kysely'
import { wholeScope } from '../../core/access/actor.ts'
import { claimActions } from '../../core/outbox/claim.ts'
import { shipDeliveries } from '../../flows/ship.ts'
import { splitOrders } from '../../orders/split/split.ts'
import { voidOrders } from '../../orders/status/void.ts'
import { decideLast, interceptsShown } from '../../testing/intercepts.ts'
import { type RefundChange, refundArrives, workTwice } from '../../testing/refund-versions.ts'
import { codes } from '../../testing/run.ts'
import {
  aShippingHouse,
  aWaybill,
  deliveryOf,
  type Packed,
  packer,
  type ShippingHouse,
} from '../../testing/shipping.ts'
import { fulfilmentJobs } from '../jobs.ts'
import { releaseOrders, unreleaseDeliveries } from '../shipping/release.ts'
import { unshipDeliveries } from '../shipping/unship.ts'
import { setWaybills } from '../shipping/waybills.ts'
import { writeBackAgain } from '../write-back/write-again.ts'
import type { InterceptEvent } from './intercept-lifecycle.ts'
import { finishPutBacks, scanPutBack } from './put-backs.ts'

const ship = { kind: 'trade.ship', rank: 0, leaseMs: 60_000, lookAfterMs: 0, canLook: true }

describe('parcels that refunds want back', () => {
  let house: ShippingHouse
  before(async () => {
    house = await aShippingHouse()
  })
  after(() => house[Symbol.asyncDispose]())
  beforeEach(async () => {
    // Ends the actions and jobs of earlier tests, so that this test handles only its own.
    await sql`update platform_action set state = 'withdrawn', next_at = null, lease_until = null
      where state in ('pending', 'sending')`.execute(house.db)
    await sql`delete from job`.execute(house.db)
  })

  const arrives = (packed: Packed, change?: RefundChange) => refundArrives(house, packed, change)
  const shown = (packed: Packed) => interceptsShown(house, packed)
  const decide = (packed: Packed, event: InterceptEvent) => decideLast(house, packed, event)
  const claim = async () =>
    (await claimActions(house.db, 'w', [ship], { limit: 50, usualRoom: 50, rooms: [] })).map(({ id }) => id)
  const pending = async ({ id }: Packed) =>
    (
      await sql<{ state: string }>`
        select state from platform_action where subject_type = 'delivery' and subject_id = ${id} order by id`.execute(
        house.db,
      )
    ).rows.map(({ state }) => state)
  const putBacks = async ({ orderId }: Packed) =>
    (
      await sql<{ id: string; state: string; quantity: number }>`
        select id, state, quantity from put_back where order_id = ${orderId} order by line_no, id`.execute(
        house.db,
      )
    ).rows
  const work = () => workTwice(house.db, fulfilmentJobs)

  test('a refund on what has left and is not told stops the telling, and nothing leaves while it stands', async () => {
    const packed = await house.shipped()
    await arrives(packed)
    assert.deepEqual(await shown(packed), ['pull open'])
    assert.deepEqual(await pending(packed), ['withdrawn'])
    assert.deepEqual(await claim(), [])
    const state = await house.state(packed.id)
    assert.deepEqual(
      [state.order, state.delivery, state.writeBack, state.told, state.action],
      ['shipped', 'shipped', 'stopped', false, null],
    )
    assert.deepEqual(
      codes(
        await house.run((tx) =>
          writeBackAgain(tx, [packed.id], '试试', { actor: packer, scope: wholeScope }),
        ),
      ),
      ['write_back_stopped'],
    )
  })

  test('the refund is closed: the stop is lifted, the platform is told once', async () => {
    const packed = await house.shipped()
    const refundId = await arrives(packed)
    await arrives(packed, { refundId, status: 'closed', at: 10 })
    assert.deepEqual(await shown(packed), ['pull lifted'])
    assert.deepEqual(await pending(packed), ['withdrawn', 'pending'])
    // The same version and an older one change nothing.
    await arrives(packed, { refundId, status: 'closed', at: 10 })
    await arrives(packed, { refundId, at: 5 })
    assert.deepEqual(await shown(packed), ['pull lifted'])
    const outbox = house.outbox()
    const state = await house.settled(packed.id)
    await outbox.stop()
    assert.deepEqual([state.writeBack, state.told], ['done', true])
    assert.deepEqual(
      house.trade(packed.tid).lines.map(({ shipments }) => shipments),
      [1, 1],
    )
  })

  test('asked for anew after it was closed: stopped again', async () => {
    const packed = await house.shipped()
    const refundId = await arrives(packed)
    await arrives(packed, { refundId, status: 'closed', at: 10 })
    await arrives(packed, { refundId, at: 20 })
    assert.deepEqual(await shown(packed), ['pull lifted', 'pull open'])
    assert.deepEqual(await pending(packed), ['withdrawn', 'withdrawn'])
    await arrives(packed, { refundId, status: 'closed', at: 30 })
    assert.deepEqual(await pending(packed), ['withdrawn', 'withdrawn', 'pending'])
  })

  test('what a sender has in its hands counts as told: the courier is asked', async () => {
    const packed = await house.shipped()
    assert.equal((await claim()).length, 1)
    await arrives(packed)
    assert.deepEqual(await shown(packed), ['recall open'])
    assert.deepEqual(await pending(packed), ['sending'])
    assert.equal((await house.state(packed.id)).writeBack, 'waiting')
    assert.deepEqual(await decide(packed, 'pull'), ['write_back_under_way'])
    assert.deepEqual(await decide(packed, 'ask'), ['done'])
    assert.deepEqual(await decide(packed, 'return'), ['done'])
    assert.deepEqual(await decide(packed, 'return'), ['already'])
    assert.deepEqual(await shown(packed), ['recall returned'])
  })

  test('a sender and a refund at once: either it is sent and recalled, or stopped and pulled', async () => {
    for (let round = 0; round < 8; round += 1) {
      const packed = await house.shipped()
      const [claimed] = await Promise.all([claim(), arrives(packed)])
      const [shownNow] = await shown(packed)
      const states = await pending(packed)
      assert.deepEqual(
        [shownNow, states],
        claimed.length > 0 ? ['recall open', ['sending']] : ['pull open', ['withdrawn']],
      )
      await sql`update platform_action set state = 'withdrawn', lease_until = null where state = 'sending'`.execute(
        house.db,
      )
    }
  })

  test('pulled: the order goes on as an unshipped original, held; success then voids it and lists its goods', async () => {
    const packed = await house.shipped()
    const refundId = await arrives(packed)
    assert.deepEqual(await decide(packed, 'pull'), ['done'])
    const state = await house.state(packed.id)
    assert.deepEqual([state.order, state.delivery, state.writeBack], ['released', 'pending', ''])
    assert.deepEqual(await shown(packed), ['pull pulled'])
    const holds = await sql<{ source: string }>`
      select source from order_hold where order_id = ${packed.orderId} and released_at is null`.execute(
      house.db,
    )
    assert.deepEqual(holds.rows, [{ source: refundId }])
    assert.deepEqual(
      codes(await house.run((tx) => shipDeliveries(tx, [packed.id], { actor: packer, scope: wholeScope }))),
      ['refund_open'],
    )
    await arrives(packed, { refundId, status: 'succeeded', at: 10 })
    await work()
    const now = await house.state(packed.id)
    assert.deepEqual([now.order, now.delivery], ['voided', 'cancelled'])
    const rows = await putBacks(packed)
    assert.ok(rows.length > 0 && rows.every((row) => row.state === 'open'))
    assert.equal(
      rows.reduce((sum, row) => sum + row.quantity, 0),
      house.trade(packed.tid).lines.reduce((sum, { num }) => sum + num, 0),
    )
  })

  test('money back before it was pulled: undoing the shipping takes the goods off and voids the order', async () => {
    const packed = await house.shipped()
    await arrives(packed, { status: 'succeeded' })
    assert.deepEqual(await shown(packed), ['pull open'])
    assert.deepEqual(
      codes(await house.run((tx) => unshipDeliveries(tx, [packed.id], { actor: packer, scope: wholeScope }))),
      ['done'],
    )
    assert.deepEqual(await shown(packed), ['pull pulled'])
    await work()
    const state = await house.state(packed.id)
    assert.deepEqual([state.order, state.delivery], ['voided', 'cancelled'])
    assert.equal(
      (await putBacks(packed)).reduce((sum, row) => sum + row.quantity, 0),
      house.trade(packed.tid).lines.reduce((sum, { num }) => sum + num, 0),
    )
  })

  test('missed: the platform is told after all, and nothing is raised again for this shipping', async () => {
    const packed = await house.shipped()
    const refundId = await arrives(packed)
    assert.deepEqual(await decide(packed, 'miss'), ['done'])
    assert.deepEqual(await pending(packed), ['withdrawn', 'pending'])
    await arrives(packed, { refundId, at: 10, amountFen: 100 })
    assert.deepEqual(await shown(packed), ['pull missed'])
    assert.deepEqual(await decide(packed, 'pull'), ['intercept_ended'])
    assert.equal((await house.state(packed.id)).writeBack, 'waiting')
  })

  test('eight people decide at once: one decision, one action', async () => {
    const packed = await house.shipped()
    await arrives(packed)
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, at) => decide(packed, at % 2 === 0 ? 'miss' : 'pull')),
    )
    assert.equal(answers.flat().filter((code) => code === 'done').length, 1)
    const [state] = await shown(packed)
    const expected = state === 'pull missed' ? ['withdrawn', 'pending'] : ['withdrawn']
    assert.deepEqual(await pending(packed), expected)
  })

  test('written back: whole goods are asked back from the courier, some money for the freight is not', async () => {
    const outbox = house.outbox()
    const [whole, part, received] = [await house.shipped(), await house.shipped(), await house.shipped()]
    for (const { id } of [whole, part, received]) await house.settled(id)
    await outbox.stop()
    await arrives(whole)
    await arrives(part, { amountFen: 100 })
    await arrives(received, { phase: 'aftersale' })
    assert.deepEqual(
      [await shown(whole), await shown(part), await shown(received)],
      [['recall open'], [], []],
    )
    assert.deepEqual(await decide(whole, 'pull'), ['written_back'])
    assert.deepEqual(await decide(whole, 'money'), ['done'])
    assert.equal((await house.state(whole.id)).writeBack, 'done')
  })

  test('a return is no parcel to stop once the platform knows, nor an exchange', async () => {
    const outbox = house.outbox()
    const [one, other] = [await house.shipped(), await house.shipped()]
    for (const { id } of [one, other]) await house.settled(id)
    await outbox.stop()
    await arrives(one, { refundKind: 'return' })
    await arrives(other, { refundKind: 'exchange' })
    assert.deepEqual([await shown(one), await shown(other)], [[], []])
  })

  test('two refunds want one parcel: one intercept, lifted when both have ended', async () => {
    const packed = await house.shipped()
    const [line] = house.trade(packed.tid).lines
    const first = await arrives(packed)
    const second = await arrives(packed, { oid: line?.oid ?? '', amountFen: 100 })
    assert.deepEqual(await shown(packed), ['pull open'])
    await arrives(packed, { refundId: first, status: 'closed', at: 10 })
    assert.deepEqual(await shown(packed), ['pull open'])
    await arrives(packed, {
      refundId: second,
      oid: line?.oid ?? '',
      amountFen: 100,
      status: 'closed',
      at: 10,
    })
    assert.deepEqual(await shown(packed), ['pull lifted'])
  })

  test('a line refunded after the release is put back, the rest ships; what came off before is no parcel to stop', async () => {
    const packed = await house.packed()
    const [line] = house.trade(packed.tid).lines
    const price = await sql<{ fen: number }>`
      select payment_fen::int as fen from order_line where order_id = ${packed.orderId} and oid = ${line?.oid ?? ''}`.execute(
      house.db,
    )
    const own = { oid: line?.oid ?? '', amountFen: price.rows[0]?.fen ?? 0, quantity: line?.num ?? 0 }
    const refundId = await arrives(packed, own)
    assert.deepEqual(await putBacks(packed), [])
    await arrives(packed, { ...own, refundId, status: 'succeeded', at: 10 })
    await work()
    const rows = await putBacks(packed)
    assert.deepEqual(
      rows.map(({ state, quantity }) => [state, quantity]),
      [['open', line?.num]],
    )
    assert.deepEqual(
      codes(await house.run((tx) => shipDeliveries(tx, [packed.id], { actor: packer, scope: wholeScope }))),
      ['done'],
    )
    await arrives(packed, { ...own, refundId, status: 'succeeded', at: 20 })
    assert.deepEqual(await shown(packed), [])
    const ids = rows.map(({ id }) => id)
    const finish = () =>
      house.run((tx) => finishPutBacks(tx, ids, 'done', { actor: packer, scope: wholeScope }))
    const answers = await Promise.all([finish(), finish(), finish()])
    assert.deepEqual(answers.flatMap(codes).sort(), ['already', 'already', 'done'])
  })

  test('an order voided before its delivery left lists all of it, once; a scanned waybill puts it back', async () => {
    const packed = await house.packed()
    const refundId = await arrives(packed)
    await arrives(packed, { refundId, status: 'succeeded', at: 10 })
    await work()
    await work()
    const rows = await putBacks(packed)
    assert.equal(
      rows.reduce((sum, row) => sum + row.quantity, 0),
      house.trade(packed.tid).lines.reduce((sum, { num }) => sum + num, 0),
    )
    const scanned = await house.run((tx) =>
      scanPutBack(tx, packed.waybillNo, { actor: packer, scope: wholeScope }),
    )
    assert.deepEqual(
      codes(scanned),
      rows.map(() => 'done'),
    )
    await assert.rejects(
      house.run((tx) => scanPutBack(tx, packed.waybillNo, { actor: packer, scope: wholeScope })),
      { code: 'not_found' },
    )
    // The waybill of the cancelled delivery is free for another parcel.
    const live = await sql`
      select from delivery where waybill_no = ${packed.waybillNo} and status <> 'cancelled'`.execute(house.db)
    assert.equal(live.rows.length, 0)
  })

  test('an order taken back from the warehouse lists what is left of it, once for each time it was there', async () => {
    const packed = await house.packed()
    const [line, other] = house.trade(packed.tid).lines
    const price = await sql<{ fen: number }>`
      select payment_fen::int as fen from order_line where order_id = ${packed.orderId} and oid = ${line?.oid ?? ''}`.execute(
      house.db,
    )
    const own = { oid: line?.oid ?? '', amountFen: price.rows[0]?.fen ?? 0, quantity: line?.num ?? 0 }
    await arrives(packed, { ...own, status: 'succeeded' })
    await work()
    const takeBack = (id: string) =>
      house.run((tx) => unreleaseDeliveries(tx, [id], { actor: packer, scope: wholeScope }))
    const answers = await Promise.all([takeBack(packed.id), takeBack(packed.id)])
    assert.deepEqual(answers.flatMap(codes).sort(), ['done', 'wrong_status'])
    const listed = async () => (await putBacks(packed)).map(({ state, quantity }) => [state, quantity])
    assert.deepEqual(await listed(), [
      ['open', line?.num],
      ['open', other?.num],
    ])
    const scanned = await house.run((tx) =>
      scanPutBack(tx, packed.waybillNo, { actor: packer, scope: wholeScope }),
    )
    assert.deepEqual(codes(scanned), ['done', 'done'])
    const again = await house.run((tx) =>
      releaseOrders(tx, [packed.orderId], { actor: packer, scope: wholeScope }),
    )
    assert.deepEqual([codes(again), (await listed()).length], [['done'], 2])
    assert.deepEqual(codes(await takeBack(await deliveryOf(house.db, packed.orderId))), ['done'])
    assert.deepEqual(
      (await listed()).filter(([state]) => state === 'open'),
      [['open', other?.num]],
    )
    // After the order was voided, nothing more is to be put back.
    await house.run((tx) => voidOrders(tx, [packed.orderId], '不要了', { actor: packer, scope: wholeScope }))
    await work()
    assert.equal((await listed()).length, 3)
  })

  /** Two orders of one receiver, shipped in one parcel. */
  const inOneParcel = async (): Promise<[Packed, Packed]> => {
    const orders = [await house.order(), await house.order()]
    const ids = orders.map(({ id }) => id)
    await sql`update sales_order set parcel = nextval('parcel_id') where id = ${ids[0] ?? ''}`.execute(
      house.db,
    )
    await sql`
      update sales_order set parcel = currval('parcel_id'), receiver_hash = 7 where id = any(${ids}::bigint[])`.execute(
      house.db,
    )
    assert.deepEqual(
      codes(await house.run((tx) => releaseOrders(tx, ids, { actor: packer, scope: wholeScope }))),
      ['done', 'done'],
    )
    const waybillNo = aWaybill()
    const packed = await Promise.all(
      orders.map(async ({ id, tid }) => ({
        id: await deliveryOf(house.db, id),
        orderId: id,
        tid,
        waybillNo,
      })),
    )
    const rows = packed.slice(0, 1).map(({ id }) => ({ deliveryId: id, courier: 'SF', waybillNo }))
    assert.deepEqual(
      codes(await house.run((tx) => setWaybills(tx, rows, { actor: packer, scope: wholeScope }))),
      ['done'],
    )
    const [one, other] = packed
    assert.ok(one && other)
    assert.deepEqual(
      codes(await house.run((tx) => shipDeliveries(tx, [one.id], { actor: packer, scope: wholeScope }))),
      ['done'],
    )
    return [one, other]
  }

  test('what lies in the same parcel is not told either, and told again when nobody looks for it any more', async () => {
    const [one, other] = await inOneParcel()
    const refundId = await arrives(one)
    assert.deepEqual([await pending(one), await pending(other)], [['withdrawn'], ['withdrawn']])
    assert.deepEqual([await shown(one), await shown(other)], [['pull open'], []])
    // A refund of the other order wants the same parcel back. When the first order's refund is closed, the parcel stays stopped.
    const second = await arrives(other)
    assert.deepEqual(await shown(other), ['pull open'])
    await arrives(one, { refundId, status: 'closed', at: 10 })
    assert.deepEqual(
      [(await house.state(one.id)).writeBack, (await house.state(other.id)).writeBack],
      ['stopped', 'stopped'],
    )
    await arrives(other, { refundId: second, status: 'closed', at: 10 })
    assert.deepEqual(
      [await pending(one), await pending(other)],
      [
        ['withdrawn', 'pending'],
        ['withdrawn', 'pending'],
      ],
    )
  })

  test('a parcel that is pulled out comes back whole; its neighbour may ship again', async () => {
    const [one, other] = await inOneParcel()
    await arrives(one)
    assert.deepEqual(await decide(one, 'pull'), ['done'])
    const states = [await house.state(one.id), await house.state(other.id)]
    assert.deepEqual(
      states.map(({ order, delivery, writeBack }) => [order, delivery, writeBack]),
      [
        ['released', 'pending', ''],
        ['released', 'pending', ''],
      ],
    )
  })

  test('a refund of a trade in two parts stops both parcels, and lets both go on', async () => {
    const order = await house.order()
    const wish = { id: order.id, parts: [{ lines: [{ lineNo: 2, quantity: 1 }] }], cause: 'hand' }
    const [outcome] = await house.run((tx) => splitOrders(tx, [wish], { actor: packer, scope: wholeScope }))
    assert.ok(outcome?.done, JSON.stringify(outcome))
    const parts = [order.id, ...outcome.parts.map(({ id }) => id)]
    assert.deepEqual(
      codes(await house.run((tx) => releaseOrders(tx, parts, { actor: packer, scope: wholeScope }))),
      ['done', 'done'],
    )
    const packed: Packed[] = []
    for (const orderId of parts) {
      const one = { id: await deliveryOf(house.db, orderId), orderId, tid: order.tid, waybillNo: aWaybill() }
      const rows = [{ deliveryId: one.id, courier: 'SF', waybillNo: one.waybillNo }]
      await house.run((tx) => setWaybills(tx, rows, { actor: packer, scope: wholeScope }))
      assert.deepEqual(
        codes(await house.run((tx) => shipDeliveries(tx, [one.id], { actor: packer, scope: wholeScope }))),
        ['done'],
      )
      packed.push(one)
    }
    const [root, part] = packed
    assert.ok(root && part)
    const whole = await sql<{ fen: number; pieces: number }>`
      select sum(payment_fen)::int as fen, sum(quantity)::int as pieces from sales_order where tid = ${order.tid}`.execute(
      house.db,
    )
    const own = { amountFen: whole.rows[0]?.fen ?? 0, quantity: whole.rows[0]?.pieces ?? 0 }
    const refundId = await arrives(root, own)
    assert.deepEqual([await shown(root), await shown(part)], [['pull open'], ['pull open']])
    await arrives(root, { ...own, refundId, status: 'closed', at: 10 })
    assert.deepEqual([await shown(root), await shown(part)], [['pull lifted'], ['pull lifted']])
    assert.deepEqual(
      [await pending(root), await pending(part)],
      [
        ['withdrawn', 'pending'],
        ['withdrawn', 'pending'],
      ],
    )
  })

  test('refunds on both of a parcel at once, and people who decide meanwhile: nobody waits for ever', async () => {
    for (let round = 0; round < 4; round += 1) {
      const [one, other] = await inOneParcel()
      await Promise.all([arrives(one), arrives(other)])
      assert.deepEqual([await shown(one), await shown(other)], [['pull open'], ['pull open']])
      await Promise.all([decide(one, 'miss'), decide(other, 'pull'), decide(one, 'pull')])
      const left = await sql`
        select from intercept where delivery_id = any(${[one.id, other.id]}::bigint[]) and ended_at is null`.execute(
        house.db,
      )
      assert.equal(left.rows.length, 0)
      const stopped =
        await sql`select from delivery where write_back = 'stopped' and id = any(${[one.id, other.id]}::bigint[])`.execute(
          house.db,
        )
      assert.equal(stopped.rows.length, 0)
    }
  })

  test('an order that nobody had released leaves nothing to put back', async () => {
    const { id, tid } = await house.order()
    const packed = { id: '0', orderId: id, tid, waybillNo: '' }
    await arrives(packed, { status: 'succeeded' })
    await work()
    assert.deepEqual(await putBacks(packed), [])
  })
})
