import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { systemActor } from '../../core/access/actor.ts'
import { claimActions } from '../../core/outbox/claim.ts'
import { shipDeliveries } from '../../flows/ship.ts'
import { convertRefunds } from '../../intake/refunds/convert-refunds.ts'
import { noteOurAgreement, noteProcessed, noteTradeLines } from '../../intake/staged/notices.ts'
import { shipOverRefunds } from '../../orders/refunds/ship-over.ts'
import { decideLast, interceptsShown } from '../../testing/intercepts.ts'
import { type RefundChange, refundArrives } from '../../testing/refund-versions.ts'
import { codes } from '../../testing/run.ts'
import {
  aShippingHouse,
  byPacker as by,
  type Packed,
  packer,
  type ShippingHouse,
} from '../../testing/shipping.ts'

describe('parcels that refunds want back before they are converted', () => {
  let house: ShippingHouse
  before(async () => {
    house = await aShippingHouse()
  })
  after(() => house[Symbol.asyncDispose]())

  const isStaged = (packed: Packed, change?: RefundChange) =>
    refundArrives(house, packed, { ...change, staysStaged: true })
  const shown = (packed: Packed) => interceptsShown(house, packed)
  const ship = ({ id }: Packed) => house.run((tx) => shipDeliveries(tx, [id], by))
  const writeBacks = async ({ id }: Packed) =>
    (
      await sql<{ state: string }>`
        select state from platform_action where subject_type = 'delivery' and subject_id = ${id} order by id`.execute(
        house.db,
      )
    ).rows.map(({ state }) => state)
  const converted = async ({ orderId }: Packed) =>
    (await sql`select refund_no from order_refund where order_id = ${orderId}`.execute(house.db)).rows.length
  const convert = async (refundNo: string) => {
    const found = await sql<{ id: string }>`
      select id from staged_refund where refund_no = ${refundNo}`.execute(house.db)
    const ids = found.rows.map(({ id }) => id)
    return codes(await house.run((tx) => convertRefunds(tx, ids, by)))
  }
  /** Sends all write-backs that wait. */
  const writeBackAll = async (packed: Packed) => {
    const outbox = house.outbox()
    const state = await house.settled(packed.id)
    await outbox.stop()
    return state
  }
  const line = (packed: Packed, refund: 'applied' | 'none', second: number) =>
    house.run((tx) =>
      noteTradeLines(
        tx,
        [
          {
            shopId: house.shopId,
            tid: packed.tid,
            modifiedAt: new Date(Date.UTC(2026, 10, 24, 4, 0, second)),
            lines: house
              .trade(packed.tid)
              .lines.slice(0, 1)
              .map(({ oid, num }) => ({ oid, refund, refundId: '', quantity: num, paymentFen: 100 })),
          },
        ],
        systemActor,
      ),
    )

  test('not written back yet: stopped at once, and written back once when the refund has ended', async () => {
    const packed = await house.shipped()
    const refundId = await isStaged(packed)
    assert.deepEqual([await shown(packed), await writeBacks(packed)], [['pull open'], ['withdrawn']])
    assert.equal((await house.state(packed.id)).writeBack, 'stopped')
    const found = await sql`select deadline from intercept where delivery_id = ${packed.id}`.execute(house.db)
    assert.deepEqual(found.rows, [{ deadline: new Date('2026-11-26T12:00:00+08:00') }])
    assert.equal(await converted(packed), 0)
    await isStaged(packed, { refundId, status: 'closed', at: 10 })
    assert.deepEqual(
      [await shown(packed), await writeBacks(packed)],
      [['pull lifted'], ['withdrawn', 'pending']],
    )
    const state = await writeBackAll(packed)
    assert.deepEqual([state.writeBack, state.told], ['done', true])
  })

  test('converted after that: the same intercept; pulled out, the order is held by its refund', async () => {
    const packed = await house.shipped()
    const refundId = await isStaged(packed)
    assert.deepEqual(await convert(refundId), ['done'])
    assert.deepEqual([await shown(packed), await converted(packed)], [['pull open'], 1])
    assert.deepEqual(await decideLast(house, packed, 'pull'), ['done'])
    assert.deepEqual(codes(await ship(packed)), ['refund_open'])
  })

  test('pulled out before it is converted: the refund holds the order', async () => {
    const packed = await house.shipped()
    await isStaged(packed)
    assert.deepEqual(await decideLast(house, packed, 'pull'), ['done'])
    const state = await house.state(packed.id)
    assert.deepEqual([state.order, state.delivery, state.writeBack], ['released', 'pending', ''])
    assert.deepEqual(codes(await ship(packed)), ['refund_open'])
    assert.equal(await converted(packed), 0)
  })

  test('missed: it is written back, and a newer version stops nothing again', async () => {
    const packed = await house.shipped()
    const refundId = await isStaged(packed)
    assert.deepEqual(await decideLast(house, packed, 'miss'), ['done'])
    await isStaged(packed, { refundId, at: 10 })
    assert.deepEqual(
      [await shown(packed), await writeBacks(packed)],
      [['pull missed'], ['withdrawn', 'pending']],
    )
    await writeBackAll(packed)
  })

  test('the platform knows of the shipment: the courier is asked for it only when a person converts', async () => {
    const packed = await house.shipped()
    await writeBackAll(packed)
    const refundId = await isStaged(packed)
    assert.deepEqual(await shown(packed), [])
    assert.deepEqual(await convert(refundId), ['done'])
    assert.deepEqual(await shown(packed), ['recall open'])
  })

  test('stopped while it was being sent, and it arrived: the courier is asked until the refund ends', async () => {
    const packed = await house.shipped()
    const one = { kind: 'trade.ship', rank: 0, leaseMs: 60_000, lookAfterMs: 0, canLook: true }
    await claimActions(house.db, 'w', [one], { limit: 50, usualRoom: 50, rooms: [] })
    const refundId = await isStaged(packed)
    assert.deepEqual([await shown(packed), await writeBacks(packed)], [['recall open'], ['sending']])
    await sql`update sales_order set written_back_at = now() where id = ${packed.orderId}`.execute(house.db)
    await isStaged(packed, { refundId, at: 10 })
    assert.deepEqual(await shown(packed), ['recall open'])
    await isStaged(packed, { refundId, status: 'closed', at: 20 })
    assert.deepEqual(await shown(packed), ['recall lifted'])
    await sql`update platform_action set state = 'withdrawn', lease_until = null where state = 'sending'`.execute(
      house.db,
    )
  })

  test('about money only, or of goods that the buyer has: nothing is stopped', async () => {
    const changes: RefundChange[] = [{ refundKind: 'money_only' }, { phase: 'aftersale' }]
    for (const change of changes) {
      const packed = await house.shipped()
      await isStaged(packed, change)
      assert.deepEqual([await shown(packed), await writeBacks(packed)], [[], ['pending']])
    }
  })

  test('a person let it leave over the refund: stopped only when more is asked for', async () => {
    const packed = await house.packed()
    const refundId = await isStaged(packed)
    assert.deepEqual(codes(await ship(packed)), ['refund_open'])
    const over = await house.run((tx) => shipOverRefunds(tx, packed.orderId, '买家说不退了', by))
    assert.deepEqual(codes([over]), ['done'])
    assert.deepEqual(codes(await ship(packed)), ['done'])
    await isStaged(packed, { refundId, at: 10 })
    assert.deepEqual([await shown(packed), await writeBacks(packed)], [[], ['pending']])
    await isStaged(packed, { refundId, at: 20, status: 'succeeded' })
    assert.deepEqual([await shown(packed), await writeBacks(packed)], [['pull open'], ['withdrawn']])
  })

  test('only a line of the trade shows the refund: stopped, and lifted when the line shows none', async () => {
    const packed = await house.shipped()
    await line(packed, 'applied', 1)
    assert.deepEqual([await shown(packed), await writeBacks(packed)], [['pull open'], ['withdrawn']])
    await line(packed, 'none', 2)
    assert.deepEqual(
      [await shown(packed), await writeBacks(packed)],
      [['pull lifted'], ['withdrawn', 'pending']],
    )
  })

  test('a line raised the intercept, then the refund itself comes: the intercept has its number, money and deadline', async () => {
    const packed = await house.shipped()
    await line(packed, 'applied', 1)
    const named = () =>
      sql`select refund_no, amount_fen, deadline from intercept where delivery_id = ${packed.id}`.execute(
        house.db,
      )
    assert.deepEqual((await named()).rows, [{ refund_no: '', amount_fen: '100', deadline: null }])
    const refundId = await isStaged(packed, { amountFen: 900 })
    assert.deepEqual((await named()).rows, [
      { refund_no: refundId, amount_fen: '900', deadline: new Date('2026-11-26T12:00:00+08:00') },
    ])
    assert.deepEqual([await shown(packed), await writeBacks(packed)], [['pull open'], ['withdrawn']])
  })

  test('a line shows a refund that turns out to be about money only: the stop is lifted, and no line stops it again', async () => {
    const packed = await house.shipped()
    await line(packed, 'applied', 1)
    assert.deepEqual(await shown(packed), ['pull open'])
    await isStaged(packed, { refundKind: 'money_only' })
    await line(packed, 'applied', 2)
    assert.deepEqual(
      [await shown(packed), await writeBacks(packed)],
      [['pull lifted'], ['withdrawn', 'pending']],
    )
  })

  test('of unknown kind and paid, or of unknown status: stopped until a person has looked', async () => {
    const changes: RefundChange[] = [{ status: 'unknown' }, { refundKind: 'other', status: 'succeeded' }]
    for (const change of changes) {
      const packed = await house.shipped()
      const refundNo = await isStaged(packed)
      await isStaged(packed, { refundId: refundNo, at: 10, ...change })
      assert.deepEqual([await shown(packed), await writeBacks(packed)], [['pull open'], ['withdrawn']])
      const refund = { shopId: house.shopId, refundNo, tid: packed.tid }
      await house.run((tx) => noteProcessed(tx, [refund], true, packer))
      assert.deepEqual(
        [await shown(packed), await writeBacks(packed)],
        [['pull lifted'], ['withdrawn', 'pending']],
      )
    }
  })

  test('converted, and then of unknown status: the courier is still asked', async () => {
    const packed = await house.shipped()
    await writeBackAll(packed)
    const refundId = await isStaged(packed)
    assert.deepEqual(await convert(refundId), ['done'])
    await isStaged(packed, { refundId, at: 10, status: 'unknown' })
    await line(packed, 'applied', 1)
    assert.deepEqual(await shown(packed), ['recall open'])
  })

  test('a refund about money only leaves the deadline of the one that stopped the parcel', async () => {
    const packed = await house.shipped()
    await isStaged(packed)
    const deadline = new Date('2026-11-29T12:00:00+08:00')
    await isStaged(packed, { refundKind: 'money_only', amountFen: 100, quantity: 0, deadline })
    const found = await sql`select deadline from intercept where delivery_id = ${packed.id}`.execute(house.db)
    assert.deepEqual(found.rows, [{ deadline: new Date('2026-11-26T12:00:00+08:00') }])
  })

  test('a person let it leave and agrees to the refund later: stopped, until the platform refuses our agreement', async () => {
    const packed = await house.packed()
    const refundNo = await isStaged(packed)
    await house.run((tx) => shipOverRefunds(tx, packed.orderId, '买家说不退了', by))
    assert.deepEqual([codes(await ship(packed)), await shown(packed)], [['done'], []])
    const agreeing = (state: 'asked' | '') =>
      house.run((tx) =>
        noteOurAgreement(tx, [{ shopId: house.shopId, refundNo, tid: packed.tid, agreeing: state }], packer),
      )
    await agreeing('asked')
    assert.deepEqual(await shown(packed), ['pull open'])
    await agreeing('')
    assert.deepEqual(
      [await shown(packed), await writeBacks(packed)],
      [['pull lifted'], ['withdrawn', 'pending']],
    )
  })

  test('a person took the write-back over, who may have shipped it at the platform: stopped only when converted', async () => {
    const packed = await house.shipped()
    await sql`update delivery set write_back = 'manual' where id = ${packed.id}`.execute(house.db)
    const refundId = await isStaged(packed)
    assert.deepEqual(await shown(packed), [])
    assert.deepEqual(await convert(refundId), ['done'])
    assert.deepEqual(await shown(packed), ['pull open'])
  })

  test('shipping and its refund at once: the order is held, or the parcel is stopped', async () => {
    for (let round = 0; round < 8; round += 1) {
      const packed = await house.packed()
      const [outcomes] = await Promise.all([ship(packed), isStaged(packed)])
      assert.deepEqual(
        [codes(outcomes), await shown(packed), await writeBacks(packed)],
        codes(outcomes)[0] === 'done' ? [['done'], ['pull open'], ['withdrawn']] : [['refund_open'], [], []],
      )
    }
  })
})
