import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { sql } from 'kysely'
import { endActionsByHand } from '../../core/outbox/actions.ts'
import { codes } from '../../testing/run.ts'
import {
  aShippingHouse,
  aWaybill,
  byPacker as by,
  type Packed,
  type ShippingHouse,
} from '../../testing/shipping.ts'
import { unshipDeliveries } from '../shipping/unship.ts'
import { changeAction } from './change-outbox.ts'
import { changeWaybills } from './change-waybill.ts'
import { shippingAction } from './outbox.ts'
import { writeBackAgain } from './write-again.ts'

describe('another waybill for a parcel that Tmall knows of (改运单)', () => {
  let house: ShippingHouse
  before(async () => {
    house = await aShippingHouse()
  })
  after(() => house[Symbol.asyncDispose]())
  beforeEach(() => {
    house.sandbox.sandbox.board.faults = []
  })

  const change = (id: string, waybillNo: string, courier = 'SF') =>
    house
      .run((tx) => changeWaybills(tx, [{ deliveryId: id, courier, waybillNo }], '面单贴错', by))
      .then(codes)
  const fault = (kind: string, more: object = {}) =>
    house.control('faults', {
      ...{ kind, shop: house.sandbox.world.shops[0]?.options.key, method: 'taobao.logistics.consign.resend' },
      ...{ count: 1, ...more },
    })
  const shown = (tid: string) => [...new Set(house.trade(tid).lines.map(({ waybill }) => waybill))]
  const writtenBack = async (): Promise<Packed> => {
    const packed = await house.shipped()
    const outbox = house.outbox()
    assert.equal((await house.settled(packed.id)).writeBack, 'done')
    await outbox.stop()
    return packed
  }
  const row = async (id: string) => {
    const found = await sql<Record<'no' | 'shown' | 'tracked', string>>`
      select d.waybill_no as no, d.shown_waybill as shown, t.waybill_no as tracked
      from delivery d join parcel_track t on t.delivery_id = d.id where d.id = ${id}`.execute(house.db)
    return found.rows[0] ?? assert.fail()
  }
  const actions = async (id: string) => {
    const found = await sql<{ state: string }>`
      select state from platform_action where kind = 'trade.change_waybill' and subject_id = ${id} order by id`.execute(
      house.db,
    )
    return found.rows.map(({ state }) => state)
  }

  test('the parcel has the new number at once, and is written back only when the platform shows it', async () => {
    const { id, orderId, tid, waybillNo } = await writtenBack()
    const next = aWaybill()
    assert.deepEqual(await change(id, next), ['done'])
    assert.deepEqual(await row(id), { no: next, shown: waybillNo, tracked: next })
    assert.equal((await house.state(id)).writeBack, 'waiting')
    assert.deepEqual(shown(tid), [waybillNo])
    assert.deepEqual(await change(id, aWaybill()), ['waybill_changing'])
    assert.deepEqual(codes(await house.run((tx) => unshipDeliveries(tx, [id], by))), ['written_back'])
    const outbox = house.outbox()
    const state = await house.settled(id)
    await outbox.stop()
    assert.deepEqual([state.writeBack, state.told, state.action], ['done', true, 'succeeded'])
    assert.deepEqual(shown(tid), [next])
    assert.deepEqual(await row(id), { no: next, shown: '', tracked: next })
    assert.deepEqual(await change(id, next), ['already'])
    assert.deepEqual(
      house.trade(tid).lines.map(({ shipments }) => shipments),
      [1, 1],
    )
    const events = await sql<{ detail: object }>`
      select detail from order_event where order_id = ${orderId} and event = 'waybill_changed'`.execute(
      house.db,
    )
    assert.deepEqual(
      events.rows.map(({ detail }) => detail),
      [{ courier: 'SF', waybillNo: next, was: waybillNo, note: '面单贴错' }],
    )
  })

  test('a number may come back after another one, and each change is sent once', async () => {
    const { id, tid, waybillNo } = await writtenBack()
    const other = aWaybill()
    const outbox = house.outbox()
    for (const no of [other, waybillNo, other]) {
      assert.deepEqual(await change(id, no), ['done'])
      assert.equal((await house.settled(id)).writeBack, 'done')
      assert.deepEqual(shown(tid), [no])
    }
    await outbox.stop()
    assert.deepEqual(await actions(id), ['succeeded', 'succeeded', 'succeeded'])
  })

  test('an answer that was lost is looked for, and the change is sent once', async () => {
    const { id, tid } = await writtenBack()
    const next = aWaybill()
    await fault('timeout-after')
    assert.deepEqual(await change(id, next), ['done'])
    const outbox = house.outbox({ timeoutSeconds: 1 })
    const state = await house.settled(id)
    await outbox.stop()
    assert.deepEqual([state.writeBack, state.attempts], ['done', 1])
    assert.deepEqual(shown(tid), [next])
  })

  test('a call that never arrived is looked at, and sent again', async () => {
    const { id, tid } = await writtenBack()
    const next = aWaybill()
    await fault('timeout-before')
    assert.deepEqual(await change(id, next), ['done'])
    const outbox = house.outbox({ timeoutSeconds: 1 })
    const state = await house.settled(id)
    await outbox.stop()
    assert.deepEqual([state.writeBack, state.attempts], ['done', 2])
    assert.deepEqual(shown(tid), [next])
  })

  test('a refused number is a failed write-back that says what the platform shows; another number mends it', async () => {
    const { id, tid, waybillNo } = await writtenBack()
    assert.deepEqual(await change(id, 'ABCD-EFGH'), ['done'])
    const outbox = house.outbox()
    const state = await house.settled(id)
    assert.deepEqual([state.writeBack, state.errorCode], ['failed', 'waybill_invalid'])
    assert.deepEqual((await row(id)).shown, waybillNo)
    assert.deepEqual(shown(tid), [waybillNo])
    const next = aWaybill()
    assert.deepEqual(await change(id, next), ['done'])
    assert.equal((await house.settled(id)).writeBack, 'done')
    await outbox.stop()
    assert.deepEqual(shown(tid), [next])
    assert.deepEqual(await actions(id), ['withdrawn', 'succeeded'])
  })

  test('a failed change is tried again, or a person says that it is done', async () => {
    const [one, other] = [await writtenBack(), await writtenBack()]
    const outbox = house.outbox()
    for (const { id } of [one, other]) {
      await fault('forbidden')
      assert.deepEqual(await change(id, aWaybill()), ['done'])
      assert.equal((await house.settled(id)).writeBack, 'failed')
    }
    assert.deepEqual(codes(await house.run((tx) => writeBackAgain(tx, [one.id], '再试', by))), ['done'])
    assert.equal((await house.settled(one.id)).writeBack, 'done')
    const found = await sql<{
      id: string
    }>`select action_id as id from delivery where id = ${other.id}`.execute(house.db)
    const ids = found.rows.map(({ id }) => id)
    const ended = { ids, state: 'forced', reason: '平台上改了' } as const
    assert.deepEqual(codes(await house.run((tx) => endActionsByHand(tx, [changeAction], ended, by))), [
      'done',
    ])
    await outbox.stop()
    assert.equal((await house.state(other.id)).writeBack, 'forced')
    assert.equal((await row(other.id)).shown, '')
  })

  test('refuses what the platform does not know of, a number of another parcel, a wrong one, and what is too late', async () => {
    const [one, other] = [await writtenBack(), await writtenBack()]
    const waiting = await house.shipped()
    const packed = await house.packed()
    assert.deepEqual(await change(packed.id, aWaybill()), ['wrong_status'])
    assert.deepEqual(await change(waiting.id, aWaybill()), ['not_written_back'])
    assert.deepEqual(await change(one.id, other.waybillNo), ['waybill_used'])
    assert.deepEqual(await change(one.id, '1'), ['bad_waybill'])
    assert.deepEqual(await change(one.id, aWaybill(), 'PIGEON'), ['unknown_courier'])
    await sql`update delivery set shipped_at = now() - interval '51 days' where id = ${one.id}`.execute(
      house.db,
    )
    assert.deepEqual(await change(one.id, aWaybill()), ['change_too_late'])
    assert.deepEqual(await actions(one.id), [])
    assert.equal((await house.state(one.id)).writeBack, 'done')
  })

  test('says what to do first of a parcel that a person took over, and of one that is shown with another waybill', async () => {
    const [taken, shownWith] = [await house.shipped(), await house.shipped()]
    const why = async (id: string) => {
      const waybills = [{ deliveryId: id, courier: 'SF', waybillNo: aWaybill() }]
      const [refused] = await house.run((tx) => changeWaybills(tx, waybills, '面单贴错', by))
      return refused && !refused.done ? [refused.code, refused.message?.zh] : refused
    }
    const settle = async (state: 'manual' | 'forced') => {
      const found = await sql<{
        id: string
      }>`select action_id as id from delivery where id = ${taken.id}`.execute(house.db)
      const ids = found.rows.map(({ id }) => id)
      await house.run((tx) =>
        endActionsByHand(tx, [shippingAction], { ids, state, reason: '在平台发了' }, by),
      )
    }
    await settle('manual')
    assert.deepEqual(await why(taken.id), [
      'not_written_back',
      '回写是手工完成的。平台上发了货的，先点强制成功再改运单；没发的，撤销发货',
    ])
    await house.control(`trades/${shownWith.tid}/ship`, { waybill: aWaybill() })
    const outbox = house.outbox()
    assert.equal((await house.settled(shownWith.id)).errorCode, 'other_waybill')
    await outbox.stop()
    assert.deepEqual(await why(shownWith.id), [
      'not_written_back',
      '平台上这次发货是另一个运单。先采用平台运单，或到平台改好后点强制成功',
    ])
    await settle('forced')
    assert.deepEqual(await change(taken.id, aWaybill()), ['done'])
  })
})
