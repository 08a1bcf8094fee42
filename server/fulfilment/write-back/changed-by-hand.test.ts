import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { sql } from 'kysely'
import { endActionsByHand } from '../../core/outbox/actions.ts'
import { codes } from '../../testing/run.ts'
import { aShippingHouse, aWaybill, byPacker as by, type ShippingHouse } from '../../testing/shipping.ts'
import { changeAction } from './change-outbox.ts'
import { changeWaybills } from './change-waybill.ts'
import { takeShownWaybills } from './shown-waybills.ts'

describe('a waybill that a person changes on the platform, after 改运单 was refused or taken over', () => {
  let house: ShippingHouse
  before(async () => {
    house = await aShippingHouse()
  })
  after(() => house[Symbol.asyncDispose]())
  beforeEach(() => {
    house.sandbox.sandbox.board.faults = []
  })

  const row = async (id: string) => {
    const found = await sql<Record<'no' | 'shown' | 'writeBack', string>>`
      select waybill_no as no, shown_waybill as shown, write_back as "writeBack" from delivery where id = ${id}`.execute(
      house.db,
    )
    return found.rows[0] ?? assert.fail()
  }
  /** Shipped and written back, then changed to `next`, which the platform refused. */
  const refused = async () => {
    const packed = await house.shipped()
    const outbox = house.outbox()
    assert.equal((await house.settled(packed.id)).writeBack, 'done')
    await house.control('faults', {
      ...{ kind: 'forbidden', shop: house.sandbox.world.shops[0]?.options.key, count: 1 },
      method: 'taobao.logistics.consign.resend',
    })
    const next = aWaybill()
    const waybills = [{ deliveryId: packed.id, courier: 'SF', waybillNo: next }]
    assert.deepEqual(codes(await house.run((tx) => changeWaybills(tx, waybills, '面单贴错', by))), ['done'])
    assert.equal((await house.settled(packed.id)).writeBack, 'failed')
    await outbox.stop()
    return { ...packed, next }
  }
  const takenOver = async () => {
    const one = await refused()
    assert.deepEqual(await end(one.id, 'manual'), ['done'])
    return one
  }
  const end = async (id: string, state: 'manual' | 'forced') => {
    const found = await sql<{ id: string }>`select action_id as id from delivery where id = ${id}`.execute(
      house.db,
    )
    const ids = found.rows.map((action) => action.id)
    const ended = { ids, state, reason: '到平台改' } as const
    return codes(await house.run((tx) => endActionsByHand(tx, [changeAction], ended, by)))
  }
  /** A person types it on the platform's pages; the trade is downloaded, and the job that follows runs. */
  const changedThere = async (tid: string, waybill: string) => {
    const trade = house.trade(tid)
    for (const line of trade.lines) Object.assign(line, { waybill })
    trade.modified += 60
    await downloaded(tid)
  }
  const downloaded = async (tid: string) => {
    await sql`delete from job where name = 'fulfilment.waybills_shown'`.execute(house.db)
    await house.download(tid)
    const sent = await sql<{ shown: Parameters<typeof takeShownWaybills>[1] }>`
      select data -> 'shown' as shown from job where name = 'fulfilment.waybills_shown'`.execute(house.db)
    for (const { shown } of sent.rows) await house.run((tx) => takeShownWaybills(tx, shown))
    return sent.rows.length
  }

  for (const [how, start, writeBack] of [
    ['refused', refused, 'failed'],
    ['ended by hand (手工完成)', takenOver, 'manual'],
  ] as const) {
    test(`one that was ${how} is done when the platform shows it, and not before`, async () => {
      const { id, tid, waybillNo, next } = await start()
      house.trade(tid).modified += 30
      assert.equal(await downloaded(tid), 1)
      assert.deepEqual(await row(id), { no: next, shown: waybillNo, writeBack })
      await changedThere(tid, next)
      assert.deepEqual(await row(id), { no: next, shown: '', writeBack: 'forced' })
    })
  }

  test('a third number that a person typed there is the one that we say the platform shows', async () => {
    const { id, tid, next } = await takenOver()
    const third = aWaybill()
    await changedThere(tid, third)
    assert.deepEqual(await row(id), { no: next, shown: third, writeBack: 'manual' })
  })

  test('a person who took it over says that it is done', async () => {
    const { id, next } = await takenOver()
    assert.deepEqual(await end(id, 'manual'), ['action_manual'])
    assert.deepEqual(await end(id, 'forced'), ['done'])
    assert.deepEqual(await row(id), { no: next, shown: '', writeBack: 'forced' })
  })

  test('a trade without such a change sends nothing', async () => {
    const { tid } = await house.shipped()
    house.trade(tid).modified += 30
    assert.equal(await downloaded(tid), 0)
  })
})
