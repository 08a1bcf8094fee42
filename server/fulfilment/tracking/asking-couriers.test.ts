import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { sql } from 'kysely'
import { pino } from 'pino'
import { connectors } from '../../connectors/index.ts'
import { retryActions } from '../../core/outbox/actions.ts'
import type { ActionHandler } from '../../core/outbox/handlers.ts'
import { startOutbox } from '../../core/outbox/loop.ts'
import { shipDeliveries } from '../../flows/ship.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { openCall } from '../../shops/calls.ts'
import { decideLast, interceptsShown } from '../../testing/intercepts.ts'
import { aWaybillAccount, inOneParcel } from '../../testing/numbers/numbered.ts'
import { refundArrives } from '../../testing/refund-versions.ts'
import { codes, must } from '../../testing/run.ts'
import {
  aShippingHouse,
  aWaybill,
  byPacker as by,
  type Packed,
  type ShippingHouse,
} from '../../testing/shipping.ts'
import { until } from '../../testing/until.ts'
import { decideIntercepts } from '../shipping/intercept-verbs.ts'
import { setWaybills } from '../shipping/waybills.ts'
import { changeWaybills } from '../write-back/change-waybill.ts'
import { adoptPlatformWaybills } from '../write-back/platform-waybill.ts'
import { askingCouriers } from './intercept-action.ts'

describe('requests to couriers for parcels that may not be wanted back any more', () => {
  let house: ShippingHouse
  let account = ''
  /** The waybills for which the courier was asked. */
  let asked: string[] = []
  let takes = true
  before(async () => {
    house = await aShippingHouse()
    account = await aWaybillAccount(house)
    await sql`update waybill_account set source = 'kuaidi100', track_hook = 'somewhere' where id = ${account}`.execute(
      house.db,
    )
  })
  after(() => house[Symbol.asyncDispose]())
  beforeEach(async () => {
    asked = []
    takes = true
    await sql`
      update platform_action set state = 'withdrawn', next_at = null where kind = 'parcel.intercept' and state in ('pending', 'failed')`.execute(
      house.db,
    )
  })

  const courier: ActionHandler<Awaited<ReturnType<typeof openCall>>> = {
    ...askingCouriers,
    async send(_shop, { payload }) {
      asked.push(String(Object(payload).waybillNo))
      if (!takes) throw new PlatformError('rejected', '30012', '只拦运输中的')
      return null
    },
  }
  /** Runs the requests until none is on its way. */
  const send = async () => {
    const deps = { db: house.db, ring: house.ring, connectors, simulator: true }
    const outbox = startOutbox({
      ...{ db: house.db, log: pino({ level: 'silent' }), pollMs: 20, handlers: [courier] },
      openShop: (id, hooks) => openCall(deps, id, hooks),
    })
    await until(async () => {
      const open = await sql`
        select from platform_action where kind = 'parcel.intercept' and state in ('pending', 'sending', 'unknown')`.execute(
        house.db,
      )
      return open.rows.length === 0
    })
    await outbox.stop()
  }
  const requests = async (...parcels: readonly Packed[]) => {
    const found = await sql<{ id: string; state: string }>`
      select a.id, a.state from platform_action a join intercept i on i.id::text = a.subject_id
      where a.kind = 'parcel.intercept' and i.delivery_id = any(${parcels.map(({ id }) => id)}::bigint[]) order by a.id`.execute(
      house.db,
    )
    return found.rows
  }
  const states = async (...parcels: readonly Packed[]) =>
    (await requests(...parcels)).map(({ state }) => state)
  const tryAgain = async (parcel: Packed) => {
    const ids = (await requests(parcel)).map(({ id }) => id).slice(-1)
    return house.run((tx) => retryActions(tx, [askingCouriers], { ids, reason: '再试' }, by)).then(codes)
  }
  const rows = async (...parcels: readonly Packed[]) => {
    const found = await sql<{ is: string }>`
      select concat_ws(' ', state, courier, waybill_no, nullif(note, '')) as is from intercept
      where delivery_id = any(${parcels.map(({ id }) => id)}::bigint[]) order by delivery_id, id`.execute(
      house.db,
    )
    return found.rows.map(({ is }) => is)
  }
  const now = async (...parcels: readonly Packed[]) => {
    const found = await sql<{ no: string }>`
      select waybill_no as no from delivery where id = any(${parcels.map(({ id }) => id)}::bigint[]) order by id`.execute(
      house.db,
    )
    return found.rows.map(({ no }) => no)
  }
  /** Ships orders in one parcel under a number of the account, which their platform knows of; refunds want them back. */
  const wantedBack = async (count: number) => {
    const waybillNo = aWaybill().replace('SF', 'YT')
    const parcels: Packed[] = []
    for (let one = 0; one < count; one += 1) parcels.push({ ...(await house.released()), waybillNo })
    const [first] = parcels
    assert.ok(first)
    // All trades are of one buyer.
    for (const { tid } of parcels) house.trade(tid).buyer = house.trade(first.tid).buyer
    const ids = parcels.map(({ id }) => id)
    if (count > 1) await inOneParcel(house, ids)
    must(await house.run((tx) => setWaybills(tx, [{ deliveryId: first.id, courier: 'YTO', waybillNo }], by)))
    await sql`
      insert into waybill (delivery_id, round, account_id, shop_id, courier, state, waybill_no, print_data, asked_by)
      values (${first.id}, 1, ${account}, ${house.shopId}, 'YTO', 'taken', ${waybillNo}, '', '')`.execute(
      house.db,
    )
    must(await house.run((tx) => shipDeliveries(tx, ids, by)))
    const outbox = house.outbox()
    for (const id of ids) assert.equal((await house.settled(id)).writeBack, 'done')
    await outbox.stop()
    const refunds: string[] = []
    for (const parcel of parcels) refunds.push(await refundArrives(house, parcel))
    return { parcels, first, refunds, waybillNo }
  }
  const ask = async (...parcels: readonly Packed[]) => {
    const found = await sql<{ id: string }>`
      select id from intercept where delivery_id = any(${parcels.map(({ id }) => id)}::bigint[]) and ended_at is null`.execute(
      house.db,
    )
    const ids = found.rows.map(({ id }) => id)
    must(await house.run((tx) => decideIntercepts(tx, ids, { event: 'ask' }, by)))
  }

  test('a parcel is asked for while its refund stands, and not once it was closed', async () => {
    const [closed, stands] = [await wantedBack(1), await wantedBack(1)]
    for (const { first } of [closed, stands]) await ask(first)
    await refundArrives(house, closed.first, { refundId: closed.refunds[0] ?? '', status: 'closed', at: 10 })
    assert.deepEqual(await interceptsShown(house, closed.first), ['recall lifted'])
    await send()
    assert.deepEqual(asked, [stands.waybillNo])
    assert.deepEqual([await states(closed.first), await states(stands.first)], [['withdrawn'], ['succeeded']])
  })

  test('a parcel of two orders is asked for as long as one of their refunds stands', async () => {
    const { parcels, first, refunds, waybillNo } = await wantedBack(2)
    await ask(...parcels)
    await refundArrives(house, first, { refundId: refunds[0] ?? '', status: 'closed', at: 10 })
    await send()
    assert.deepEqual([asked, await states(...parcels)], [[waybillNo], ['succeeded']])
  })

  test('a refused request is tried again while the parcel is wanted, with its intercept asked; later it is refused', async () => {
    const { first, refunds, waybillNo } = await wantedBack(1)
    await ask(first)
    takes = false
    await send()
    assert.deepEqual(await rows(first), [`open YTO ${waybillNo} 快递没接受：只拦运输中的`])
    assert.deepEqual(await tryAgain(first), ['done'])
    assert.deepEqual(await rows(first), [`asked YTO ${waybillNo} 再请了一次快递`])
    await send()
    assert.deepEqual([asked, await states(first)], [[waybillNo, waybillNo], ['failed']])
    await refundArrives(house, first, { refundId: refunds[0] ?? '', status: 'closed', at: 10 })
    assert.deepEqual(await tryAgain(first), ['intercept_ended'])
    assert.deepEqual(await states(first), ['failed'])
  })

  test('the courier refuses a parcel of two orders: the intercepts of both say so', async () => {
    const { parcels, waybillNo } = await wantedBack(2)
    await ask(...parcels)
    takes = false
    await send()
    assert.deepEqual(asked, [waybillNo])
    const refused = `open YTO ${waybillNo} 快递没接受：只拦运输中的`
    assert.deepEqual(await rows(...parcels), [refused, refused])
    const told = await sql<{ n: number }>`
      select count(*)::int as n from order_event
      where event = 'intercept_not_taken' and order_id = any(${parcels.map(({ orderId }) => orderId)}::bigint[])`.execute(
      house.db,
    )
    assert.equal(told.rows[0]?.n, 2)
  })

  test('改运单 takes the intercepts along: the courier of the former number is not asked, and a person asks anew', async () => {
    const { parcels, first } = await wantedBack(2)
    await ask(...parcels)
    const next = aWaybill()
    const waybills = [{ deliveryId: first.id, courier: 'SF', waybillNo: next }]
    assert.deepEqual(await house.run((tx) => changeWaybills(tx, waybills, '面单贴错', by)).then(codes), [
      'done',
    ])
    const moved = `open SF ${next} 运单换了，按新运单再请快递`
    assert.deepEqual(await rows(...parcels), [moved, moved])
    await send()
    assert.deepEqual([asked, await states(...parcels)], [[], ['withdrawn']])
    assert.deepEqual(await now(...parcels), [next, next])
    assert.deepEqual(await decideLast(house, first, 'ask'), ['done'])
  })

  test('采用平台运单 takes the intercept along', async () => {
    const { first } = await wantedBack(1)
    await ask(first)
    const theirs = aWaybill()
    // As a write-back that was sent when the refund came, and refused after it.
    await sql`
      with refused as (
        update platform_action set state = 'failed' where kind = 'trade.ship' and subject_id = ${first.id} returning id)
      update delivery set write_back = 'failed', error_code = 'other_waybill', platform_waybill = ${theirs}
      where action_id in (select id from refused)`.execute(house.db)
    assert.deepEqual(await house.run((tx) => adoptPlatformWaybills(tx, [first.id], by)).then(codes), ['done'])
    assert.deepEqual(await rows(first), [`open YTO ${theirs} 运单换了，按新运单再请快递`])
    await send()
    assert.deepEqual([asked, await states(first)], [[], ['withdrawn']])
  })
})
