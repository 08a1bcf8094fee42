import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { pino } from 'pino'
import { alarmsNow } from '../../alarms/alarms.ts'
import { readQueueCounts } from '../../alarms/queue-counts.ts'
import { connectors } from '../../connectors/index.ts'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { openCall } from '../../shops/calls.ts'
import { refundArrives } from '../../testing/refund-versions.ts'
import { aShippingHouse, type Packed, packer, type ShippingHouse } from '../../testing/shipping.ts'
import { unshipDeliveries } from '../shipping/unship.ts'
import { placeOf, trackParcels } from './tracking.ts'

const hour = 3600

describe('tracking parcels on Pinduoduo', () => {
  let house: ShippingHouse
  before(async () => {
    house = await aShippingHouse('pinduoduo')
  })
  after(() => house[Symbol.asyncDispose]())

  /** Ships an order that left so many hours ago, and whose parcel fares so. */
  const shipped = async (hours: number, fate?: string): Promise<Packed> => {
    const packed = await house.shipped()
    const outbox = house.outbox()
    assert.equal((await house.settled(packed.id)).writeBack, 'done')
    await outbox.stop()
    if (fate) await house.control('parcels', { waybill: packed.waybillNo, fate })
    await later(packed, hours)
    return packed
  }
  /** Lets so many hours pass for one parcel. */
  const later = async ({ id, tid }: Packed, hours: number) => {
    house.trade(tid).consigned -= hours * hour
    await sql`
      update parcel_track set left_at = left_at - ${hours}::int * interval '1 hour', next_at = now() where delivery_id = ${id}`.execute(
      house.db,
    )
  }
  const run = async (parcelsPerRun = 3000) => {
    const deps = { db: house.db, ring: house.ring, connectors, simulator: true }
    const shop = await openCall(deps, house.shopId)
    const { signal } = new AbortController()
    return trackParcels({
      ...shop,
      ...{ db: house.db, params: { parcelsPerRun }, window: undefined, signal, actor: systemActor },
      ...{ progress: () => {}, log: pino({ level: 'silent' }), taskId: '1', runId: '1', fence: '1' },
    })
  }
  const trackOf = async ({ id }: Packed) => {
    const found = await sql<{ state: string; asked: boolean; over: boolean; hours: number | null }>`
      select state, asked_at is not null as asked, next_at is null as over, round(extract(epoch from next_at - now()) / 3600)::int as hours
      from parcel_track where delivery_id = ${id}`.execute(house.db)
    return found.rows[0]
  }
  const events = async ({ orderId }: Packed) => {
    const found = await sql<{ event: string }>`
      select event from order_event where order_id = ${orderId} and event like 'parcel%' order by id`.execute(
      house.db,
    )
    return found.rows.map(({ event }) => event)
  }
  const alarms = async () => {
    const asked = { db: house.db, scope: wholeScope, now: new Date() }
    const all = await alarmsNow(asked, await readQueueCounts(asked))
    return all
      .filter(({ kind }) => /^parcels_(uncollected|stuck|problem|returning)$/.test(kind))
      .map(({ kind, tone, ids }) => [kind, tone, ids])
  }

  test('a parcel is followed from its leaving until it is signed for', async () => {
    const parcel = await house.shipped()
    assert.deepEqual(await trackOf(parcel), { state: 'unknown', asked: false, over: false, hours: 2 })
    assert.equal((await run()).seen, 0)
    const outbox = house.outbox()
    await house.settled(parcel.id)
    await outbox.stop()
    const seen = []
    for (const hours of [1, 2, 6, 34, 2]) {
      await later(parcel, hours)
      await run()
      seen.push(await trackOf(parcel))
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
    assert.deepEqual(await events(parcel), ['parcel_collected', 'parcel_signed'])
    await sql`update parcel_track set next_at = now()`.execute(house.db)
    assert.deepEqual(await run(), { seen: 1, updated: 0, failed: 0, requests: 1 })
  })

  test('parcels that are not collected, are not scanned, have a problem or come back raise their alarms', async () => {
    await sql`update parcel_track set next_at = null`.execute(house.db)
    const uncollected = await shipped(23, 'uncollected')
    const slow = await shipped(73, 'slow')
    const problem = await shipped(50, 'problem')
    const returning = await shipped(51, 'returned')
    assert.deepEqual(await alarms(), [])
    assert.deepEqual(await run(), { seen: 4, updated: 3, failed: 0, requests: 4 })
    assert.deepEqual(await alarms(), [
      ['parcels_problem', 'bad', [problem.id]],
      ['parcels_returning', 'warn', [returning.id]],
    ])
    for (const parcel of [uncollected, slow]) await later(parcel, 3)
    await run()
    assert.deepEqual((await alarms()).toSorted(), [
      ['parcels_problem', 'bad', [problem.id]],
      ['parcels_returning', 'warn', [returning.id]],
      ['parcels_stuck', 'warn', [slow.id]],
      ['parcels_uncollected', 'bad', [uncollected.id]],
    ])
    assert.deepEqual(await events(problem), ['parcel_problem'])
  })

  test('a parcel that comes back ends its intercept', async () => {
    const parcel = await shipped(51, 'returned')
    await refundArrives(house, parcel)
    const intercept = async () => {
      const found = await sql<{ way: string; state: string; note: string }>`
        select way, state, note from intercept where delivery_id = ${parcel.id}`.execute(house.db)
      return found.rows[0]
    }
    await run()
    assert.equal((await trackOf(parcel))?.state, 'returning')
    assert.deepEqual(await intercept(), { way: 'recall', state: 'open', note: '' })
    await later(parcel, 30)
    await run()
    assert.equal((await trackOf(parcel))?.state, 'returned')
    assert.deepEqual(await intercept(), { way: 'recall', state: 'returned', note: '快递显示已退回' })
    assert.deepEqual(await events(parcel), ['parcel_returning', 'parcel_returned'])
  })

  test('a refused question waits longer each time, and stops no other; an undone shipping is asked for no more', async () => {
    await sql`update parcel_track set next_at = null`.execute(house.db)
    const [strange, known] = [await shipped(10), await shipped(10)]
    house.sandbox.world.waybills.delete(strange.waybillNo)
    assert.deepEqual(await run(), { seen: 2, updated: 1, failed: 1, requests: 2 })
    assert.deepEqual(await trackOf(strange), { state: 'unknown', asked: false, over: false, hours: 4 })
    assert.equal((await trackOf(known))?.state, 'in_transit')
    await later(strange, 1)
    await run()
    assert.equal((await trackOf(strange))?.hours, 8)
    const undone = await house.shipped()
    await house.run((tx) => unshipDeliveries(tx, [undone.id], { actor: packer, scope: wholeScope }))
    await sql`update parcel_track set next_at = now() where delivery_id = ${undone.id}`.execute(house.db)
    assert.equal((await run()).seen, 0)
    assert.equal((await trackOf(undone))?.over, true)
  })

  test('a run asks for no more parcels than it may', async () => {
    await sql`update parcel_track set next_at = null`.execute(house.db)
    for (let count = 0; count < 3; count += 1) await shipped(10)
    assert.equal((await run(2)).seen, 2)
    assert.equal((await run(2)).seen, 1)
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
