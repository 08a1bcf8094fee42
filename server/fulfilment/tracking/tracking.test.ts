import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { alarmsNow } from '../../alarms/alarms.ts'
import { readQueueCounts } from '../../alarms/queue-counts.ts'
import { connectors } from '../../connectors/index.ts'
import { wholeScope } from '../../core/access/actor.ts'
import { openCall } from '../../shops/calls.ts'
import { refundArrives } from '../../testing/refund-versions.ts'
import { aRun } from '../../testing/run.ts'
import { aShippingHouse, type Packed, packer } from '../../testing/shipping.ts'
import { unshipDeliveries } from '../shipping/unship.ts'
import { placeOf } from './note-tracks.ts'
import { trackParcels } from './tracking.ts'

const hour = 3600

/** A test fixture: a shop of the simulator whose shipped parcels are asked for. */
type TrackingHouse = Awaited<ReturnType<typeof aTrackingHouse>>

async function aTrackingHouse(platform: 'tmall' | 'pinduoduo') {
  const house = await aShippingHouse(platform)
  const { db } = house
  /** Lets so many hours pass for one parcel. */
  const later = async ({ id, tid }: Packed, hours: number) => {
    const trade = house.trade(tid)
    for (const one of [trade, ...trade.lines]) one.consigned -= hours * hour
    await sql`
      update parcel_track set left_at = left_at - ${hours}::int * interval '1 hour', next_at = now() where delivery_id = ${id}`.execute(
      db,
    )
  }
  return {
    ...house,
    later,
    /** Ships an order that left so many hours ago, and whose parcel fares so. */
    async left(hours: number, fate?: string): Promise<Packed> {
      const packed = await house.shipped()
      const outbox = house.outbox()
      assert.equal((await house.settled(packed.id)).writeBack, 'done')
      await outbox.stop()
      if (fate) await house.control('parcels', { waybill: packed.waybillNo, fate })
      await later(packed, hours)
      return packed
    },
    async ask(parcelsPerRun = 3000) {
      const shop = await openCall({ db, ring: house.ring, connectors, simulator: true }, house.shopId)
      return trackParcels({ ...shop, ...aRun(db, { parcelsPerRun }) })
    },
    async trackOf({ id }: Packed) {
      const found = await sql<{ state: string; asked: boolean; over: boolean; hours: number | null }>`
        select state, asked_at is not null as asked, next_at is null as over,
          round(extract(epoch from next_at - now()) / 3600)::int as hours
        from parcel_track where delivery_id = ${id}`.execute(db)
      return found.rows[0]
    },
    async parcelEvents({ orderId }: Packed) {
      const found = await sql<{ event: string }>`
        select event from order_event where order_id = ${orderId} and event like 'parcel%' order by id`.execute(
        db,
      )
      return found.rows.map(({ event }) => event)
    },
    async parcelAlarms() {
      const asked = { db, scope: wholeScope, now: new Date() }
      const all = await alarmsNow(asked, await readQueueCounts(asked))
      return all
        .filter(({ kind }) => /^parcels_(uncollected|stuck|problem|returning)$/.test(kind))
        .map(({ kind, tone, ids }) => [kind, tone, ids])
    },
    forgetAll: () => sql`update parcel_track set next_at = null`.execute(db),
  }
}

describe('tracking parcels on Pinduoduo', () => {
  let house: TrackingHouse
  before(async () => {
    house = await aTrackingHouse('pinduoduo')
  })
  after(() => house[Symbol.asyncDispose]())

  test('a parcel is followed from its leaving until it is signed for', async () => {
    const parcel = await house.shipped()
    assert.deepEqual(await house.trackOf(parcel), { state: 'unknown', asked: false, over: false, hours: 2 })
    assert.equal((await house.ask()).seen, 0)
    const outbox = house.outbox()
    await house.settled(parcel.id)
    await outbox.stop()
    const seen = []
    for (const hours of [1, 2, 6, 34, 2]) {
      await house.later(parcel, hours)
      await house.ask()
      seen.push(await house.trackOf(parcel))
    }
    assert.deepEqual(
      seen.map((one) => [one?.state, one?.hours, one?.over]),
      [
        ['unknown', 4, false],
        ['collected', 8, false],
        ['in_transit', 8, false],
        ['out_for_delivery', 4, false],
        ['signed', null, true],
      ],
    )
    assert.deepEqual(await house.parcelEvents(parcel), ['parcel_collected', 'parcel_signed'])
    await sql`update parcel_track set next_at = now()`.execute(house.db)
    assert.deepEqual(await house.ask(), { seen: 1, updated: 0, failed: 0, requests: 1 })
  })

  test('parcels that are not collected, are not scanned, have a problem or come back raise their alarms', async () => {
    await house.forgetAll()
    const uncollected = await house.left(23, 'uncollected')
    const slow = await house.left(73, 'slow')
    const problem = await house.left(50, 'problem')
    const returning = await house.left(51, 'returned')
    assert.deepEqual(await house.parcelAlarms(), [])
    assert.deepEqual(await house.ask(), { seen: 4, updated: 3, failed: 0, requests: 4 })
    assert.deepEqual(await house.parcelAlarms(), [
      ['parcels_problem', 'bad', [problem.id]],
      ['parcels_returning', 'warn', [returning.id]],
    ])
    for (const parcel of [uncollected, slow]) await house.later(parcel, 3)
    await house.ask()
    assert.deepEqual((await house.parcelAlarms()).toSorted(), [
      ['parcels_problem', 'bad', [problem.id]],
      ['parcels_returning', 'warn', [returning.id]],
      ['parcels_stuck', 'warn', [slow.id]],
      ['parcels_uncollected', 'bad', [uncollected.id]],
    ])
    assert.deepEqual(await house.parcelEvents(problem), ['parcel_problem'])
  })

  test('a parcel that comes back ends its intercept', async () => {
    const parcel = await house.left(51, 'returned')
    await refundArrives(house, parcel)
    const intercept = async () => {
      const found = await sql<{ way: string; state: string; note: string }>`
        select way, state, note from intercept where delivery_id = ${parcel.id}`.execute(house.db)
      return found.rows[0]
    }
    await house.ask()
    assert.equal((await house.trackOf(parcel))?.state, 'returning')
    assert.deepEqual(await intercept(), { way: 'recall', state: 'open', note: '' })
    await house.later(parcel, 30)
    await house.ask()
    assert.equal((await house.trackOf(parcel))?.state, 'returned')
    assert.deepEqual(await intercept(), { way: 'recall', state: 'returned', note: '快递显示已退回' })
    assert.deepEqual(await house.parcelEvents(parcel), ['parcel_returning', 'parcel_returned'])
  })

  test('a refused question waits longer each time, and stops no other; an undone shipping is asked for no more', async () => {
    await house.forgetAll()
    const [strange, known] = [await house.left(10), await house.left(10)]
    house.sandbox.world.waybills.delete(strange.waybillNo)
    assert.deepEqual(await house.ask(), { seen: 2, updated: 1, failed: 1, requests: 2 })
    assert.deepEqual(await house.trackOf(strange), { state: 'unknown', asked: false, over: false, hours: 4 })
    assert.equal((await house.trackOf(known))?.state, 'in_transit')
    await house.later(strange, 1)
    await house.ask()
    assert.equal((await house.trackOf(strange))?.hours, 8)
    const undone = await house.shipped()
    await house.run((tx) => unshipDeliveries(tx, [undone.id], { actor: packer, scope: wholeScope }))
    await sql`update parcel_track set next_at = now() where delivery_id = ${undone.id}`.execute(house.db)
    assert.equal((await house.ask()).seen, 0)
    assert.equal((await house.trackOf(undone))?.over, true)
  })

  test('a run asks for no more parcels than it may', async () => {
    await house.forgetAll()
    for (let count = 0; count < 3; count += 1) await house.left(10)
    assert.equal((await house.ask(2)).seen, 2)
    assert.equal((await house.ask(2)).seen, 1)
  })
})

describe('tracking parcels on Taobao and Tmall', () => {
  let house: TrackingHouse
  before(async () => {
    house = await aTrackingHouse('tmall')
  })
  after(() => house[Symbol.asyncDispose]())

  test('a parcel without scans is not known to wait, until the platform shows scans of others', async () => {
    const uncollected = await house.left(25, 'uncollected')
    assert.deepEqual(await house.ask(), { seen: 1, updated: 0, failed: 1, requests: 1 })
    assert.deepEqual(await house.trackOf(uncollected), {
      state: 'unknown',
      asked: false,
      over: false,
      hours: 4,
    })
    assert.deepEqual(await house.parcelAlarms(), [])
    const underway = await house.left(10)
    await house.ask()
    assert.equal((await house.trackOf(underway))?.state, 'in_transit')
    assert.deepEqual(await house.parcelEvents(underway), [])
    await house.later(uncollected, 1)
    await house.ask()
    assert.equal((await house.trackOf(uncollected))?.asked, true)
    assert.deepEqual(await house.parcelAlarms(), [['parcels_uncollected', 'bad', [uncollected.id]]])
  })

  test('a parcel is followed until it is signed for', async () => {
    await house.forgetAll()
    const parcel = await house.left(3)
    assert.equal((await house.ask()).updated, 1)
    await house.later(parcel, 41)
    await house.ask()
    assert.deepEqual(await house.parcelEvents(parcel), ['parcel_collected', 'parcel_signed'])
  })

  test('a merged shipment is one parcel: asked for once, and one alarm', async () => {
    await house.forgetAll()
    const parcels = [await house.left(50, 'problem'), await house.left(50, 'problem')]
    const [first, second] = [parcels[0] ?? assert.fail(), parcels[1] ?? assert.fail()]
    const { waybillNo } = first
    for (const line of house.trade(second.tid).lines) line.waybill = waybillNo
    await sql`update delivery set waybill_no = ${waybillNo}, parcel = 1, beside = true where id = ${second.id}`.execute(
      house.db,
    )
    await sql`update parcel_track set waybill_no = ${waybillNo} where delivery_id = ${second.id}`.execute(
      house.db,
    )
    assert.deepEqual(await house.ask(), { seen: 2, updated: 2, failed: 0, requests: 1 })
    assert.deepEqual(await house.parcelAlarms(), [['parcels_problem', 'bad', [first.id]]])
  })
})

test('the last scan says where a parcel is; scanned on its way back, it stays on its way back', () => {
  const at = (hours: number) => new Date(hours * hour * 1000)
  const step = (hours: number, state: Parameters<typeof placeOf>[0][number]['state']) => ({
    at: at(hours),
    state,
  })
  assert.deepEqual(placeOf([]), { state: 'unknown', movedAt: null })
  assert.deepEqual(placeOf([step(9, 'in_transit'), step(2, 'collected')]), {
    state: 'in_transit',
    movedAt: at(9),
  })
  assert.equal(placeOf([step(9, 'signed'), step(9, 'out_for_delivery')]).state, 'signed')
  assert.equal(placeOf([step(2, 'returning'), step(9, 'in_transit')]).state, 'returning')
  assert.equal(placeOf([step(2, 'returning'), step(9, 'signed')]).state, 'returned')
})
