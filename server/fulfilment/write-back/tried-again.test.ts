import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { sql } from 'kysely'
import { retryActions } from '../../core/outbox/actions.ts'
import { codes } from '../../testing/run.ts'
import { aShippingHouse, aWaybill, byPacker as by, type ShippingHouse } from '../../testing/shipping.ts'
import { until } from '../../testing/until.ts'
import { lockWaybills } from '../queries.ts'
import { changeAction } from './change-outbox.ts'
import { changeWaybills } from './change-waybill.ts'
import { shippingAction } from './outbox.ts'
import { adoptPlatformWaybills } from './platform-waybill.ts'

describe('write-backs that a person tries again among the platform actions', () => {
  let house: ShippingHouse
  before(async () => {
    house = await aShippingHouse()
  })
  after(() => house[Symbol.asyncDispose]())
  beforeEach(() => {
    house.sandbox.sandbox.board.faults = []
  })

  const row = async (id: string) => {
    const found = await sql<{ is: string; actionId: string }>`
      select concat_ws(' ', d.standing, d.write_back, nullif(d.error_code, ''), a.state) as is, d.action_id as "actionId"
      from delivery d join platform_action a on a.id = d.action_id where d.id = ${id}`.execute(house.db)
    return found.rows[0] ?? assert.fail()
  }
  const tryAgain = async (id: string) => {
    const ids = [(await row(id)).actionId]
    return codes(
      await house.run((tx) => retryActions(tx, [shippingAction, changeAction], { ids, reason: '再试' }, by)),
    )
  }
  const refuseNext = (method: string) =>
    house.control('faults', {
      ...{ kind: 'forbidden', shop: house.sandbox.world.shops[0]?.options.key, count: 1, method },
    })
  const settled = async (id: string) => {
    const outbox = house.outbox()
    const { writeBack } = await house.settled(id)
    await outbox.stop()
    return writeBack
  }

  test('a refused write-back waits once it is tried again, and is failed no longer', async () => {
    const { id } = await house.shipped()
    await refuseNext('taobao.logistics.offline.send')
    assert.equal(await settled(id), 'failed')
    assert.match((await row(id)).is, /^failed failed \w+ failed$/)
    assert.deepEqual(await tryAgain(id), ['done'])
    assert.equal((await row(id)).is, 'shipped waiting pending')
    assert.equal(await settled(id), 'done')
  })

  test('a refused change of a waybill waits once it is tried again', async () => {
    const { id } = await house.shipped()
    assert.equal(await settled(id), 'done')
    const waybills = [{ deliveryId: id, courier: 'SF', waybillNo: aWaybill() }]
    assert.deepEqual(codes(await house.run((tx) => changeWaybills(tx, waybills, '贴错', by))), ['done'])
    await refuseNext('taobao.logistics.consign.resend')
    assert.equal(await settled(id), 'failed')
    assert.deepEqual(await tryAgain(id), ['done'])
    assert.equal((await row(id)).is, 'shipped waiting pending')
    assert.equal(await settled(id), 'done')
  })

  test('a person tries a write-back again while another takes the platform’s waybill: neither waits for ever', async () => {
    const { id, tid } = await house.shipped()
    await house.control(`trades/${tid}/ship`, { waybill: aWaybill() })
    assert.equal(await settled(id), 'failed')
    const { actionId } = await row(id)
    let taking: Promise<string[]> | undefined
    // Trying again holds the action; then it waits for the waybills, as it does for a number that goes back before.
    const handler = {
      ...shippingAction,
      async whyNotAgain(tx: Parameters<typeof lockWaybills>[0]) {
        taking = house.run((other) => adoptPlatformWaybills(other, [id], by)).then(codes)
        await until(async () => {
          const waiting = await sql`
            select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
            house.db,
          )
          return waiting.rows.length > 0
        })
        await lockWaybills(tx)
        return new Map()
      },
    }
    const tried = await house.run((tx) =>
      retryActions(tx, [handler], { ids: [actionId], reason: '再试' }, by),
    )
    assert.deepEqual(codes(tried), ['done'])
    assert.deepEqual(await taking, ['no_platform_waybill'])
    assert.equal((await row(id)).is, 'shipped waiting pending')
  })
})
