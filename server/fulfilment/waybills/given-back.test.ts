import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { wholeScope } from '../../core/access/actor.ts'
import { shipDeliveries } from '../../flows/ship.ts'
import { designatedText } from '../../orders/order/queries.ts'
import { resolvePlatformChanges } from '../../orders/platform-changes/differences.ts'
import { unconfirmOrders } from '../../orders/review/confirm.ts'
import { voidOrders } from '../../orders/status/void.ts'
import {
  aWaybillAccount,
  inOneParcel,
  labelsOf,
  numbered,
  numbersSettled,
  requestsOf,
} from '../../testing/numbers/numbered.ts'
import { refundArrives, workTwice } from '../../testing/refund-versions.ts'
import { codes, must } from '../../testing/run.ts'
import { aShippingHouse, byPacker as by, printLabel, type ShippingHouse } from '../../testing/shipping.ts'
import { until } from '../../testing/until.ts'
import { lockDeliveries } from '../held.ts'
import { fulfilmentJobs } from '../jobs.ts'
import { printLabels } from '../printing/print.ts'
import { releaseOrders, unreleaseDeliveries } from '../shipping/release.ts'
import { setWaybills } from '../shipping/waybills.ts'
import { giveBackNumbers } from './give-back.ts'
import { takeNumbers } from './take.ts'

describe('when a waybill number is given back, and when it is kept', () => {
  let house: ShippingHouse
  before(async () => {
    house = await aShippingHouse()
    await aWaybillAccount(house)
  })
  after(() => house[Symbol.asyncDispose]())
  beforeEach(async () => {
    house.sandbox.sandbox.board.faults = []
    await sql`delete from job`.execute(house.db)
  })

  const take = (...ids: string[]) => house.run((tx) => takeNumbers(tx, ids, by)).then(codes)
  const ship = (...ids: string[]) => house.run((tx) => shipDeliveries(tx, ids, by)).then(codes)
  const print = async (...ids: string[]) => {
    const { results } = await house.run((tx) => printLabels(tx, { ids, printer: '', reason: '' }, by))
    return codes(results)
  }
  const work = () => workTwice(house.db, fulfilmentJobs)
  const settle = async () => {
    const outbox = house.outbox()
    await numbersSettled(house)
    await outbox.stop()
  }
  /** Platforms count whole seconds, so a trade that is younger than one would look unchanged. */
  const changes = async (tid: string, what: string, body = {}) => {
    const age = () => Date.now() - house.trade(tid).modified * 1000
    await sleep(Math.max(0, 1100 - age()))
    await house.control(`trades/${tid}/${what}`, body)
    await house.download(tid)
  }
  const readdress = (tid: string) => changes(tid, 'address')
  const designate = (tid: string, couriers: string) => changes(tid, 'couriers', { couriers })
  const settled = (orderId: string, how: 'apply' | 'ignore') =>
    house.run((tx) => resolvePlatformChanges(tx, [orderId], { how }, by)).then(codes)
  /** The order's courier, the couriers that are designated on it, its open holds and its changes. */
  const orderOf = async (orderId: string) => {
    const found = await sql<{ is: string[] }>`
      select array[o.courier, ${designatedText(sql`o.facets`)},
        (select string_agg(reason, ',' order by reason) from order_hold where order_id = o.id and released_at is null),
        (select string_agg(concat_ws(' ', kind, old_value || '>' || new_value, settled_how), ', ' order by id)
          from order_difference where order_id = o.id)] as is
      from sales_order o where o.id = ${orderId}`.execute(house.db)
    return found.rows[0]?.is
  }
  const given = (tid: string) => labelsOf(house, tid).map(({ cancelled }) => (cancelled ? 'back' : 'live'))

  test('the buyer changes the address: the number goes back, and the delivery waits without one', async () => {
    const { id, orderId, tid } = await house.released()
    await numbered(house, [id])
    await readdress(tid)
    await settle()
    assert.deepEqual(await requestsOf(house, id), ['returned'])
    assert.deepEqual(given(tid), ['back'])
    assert.deepEqual(await take(id), ['address_changed'])
    await house.run((tx) => resolvePlatformChanges(tx, [orderId], { how: 'ignore' }, by))
    assert.deepEqual(await take(id), ['done'])
  })

  test('the platform designates another courier: the wrong number goes back, and the order waits for a person', async () => {
    const { id, orderId, tid } = await house.released()
    await numbered(house, [id])
    await designate(tid, 'SF')
    await settle()
    assert.deepEqual(await requestsOf(house, id), ['returned'])
    assert.deepEqual(given(tid), ['back'])
    assert.deepEqual(await orderOf(orderId), ['', '', 'courier_changed', 'courier >SF'])
    const [refused] = await house.run((tx) => takeNumbers(tx, [id], by))
    assert.ok(refused && !refused.done)
    assert.deepEqual(
      [refused.code, refused.message?.zh],
      ['courier_changed', '已拦截：平台改了指定快递，先处理差异'],
    )
    assert.deepEqual(await ship(id), ['courier_changed'])
    assert.deepEqual(await settled(orderId, 'apply'), ['not_unconfirmed'])
    await house.run((tx) => unreleaseDeliveries(tx, [id], by))
    await house.run((tx) => unconfirmOrders(tx, [orderId], by))
    // A person had chosen another courier before.
    await sql`update sales_order set courier = 'ZTO', courier_by_hand = true where id = ${orderId}`.execute(
      house.db,
    )
    assert.deepEqual(await settled(orderId, 'apply'), ['done'])
    assert.deepEqual(await orderOf(orderId), ['SF', 'SF', null, 'courier >SF applied'])
  })

  test('a number of a courier that is still designated stays, and what comes back to the old lifts its hold', async () => {
    const { id, orderId, tid } = await house.released()
    await numbered(house, [id])
    await designate(tid, 'YTO,SF')
    await settle()
    assert.deepEqual(await requestsOf(house, id), ['taken on it'])
    assert.deepEqual(await print(id), ['courier_changed'])
    await designate(tid, '')
    assert.deepEqual(await orderOf(orderId), [
      '',
      '',
      null,
      'courier >SF,YTO superseded, courier > superseded',
    ])
    await printLabel(house, id)
    await designate(tid, 'YTO')
    assert.deepEqual(await settled(orderId, 'ignore'), ['done'])
    await changes(tid, 'touch')
    assert.equal((await orderOf(orderId))?.[2], null)
    assert.deepEqual(await ship(id), ['done'])
  })

  test('a designation that changes takes its trade out of the parcel', async () => {
    const [gone, stays] = [await house.released(), await house.released()]
    await inOneParcel(house, [gone.id, stays.id])
    await numbered(house, [gone.id, stays.id])
    await designate(gone.tid, 'EMS')
    await work()
    await settle()
    assert.deepEqual(given(gone.tid), ['back'])
    assert.deepEqual(given(stays.tid), ['back', 'live'])
    await printLabel(house, stays.id)
    assert.deepEqual(await ship(stays.id, gone.id), ['done', 'courier_changed'])
  })

  test('a number that arrives while a person gives it back is not written on the delivery', async () => {
    const { id, tid } = await house.released()
    await take(id)
    const outbox = await house.run(async (tx) => {
      await lockDeliveries(tx, [id], wholeScope)
      const outbox = house.outbox()
      await until(async () => {
        const waiting = await sql`
          select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
          house.db,
        )
        return waiting.rows.length > 0
      })
      await giveBackNumbers(tx, [id], '', by)
      return outbox
    })
    await numbersSettled(house)
    await outbox.stop()
    assert.deepEqual([await requestsOf(house, id), given(tid)], [['returned'], ['back']])
    const delivery = await sql<{
      no: string
    }>`select waybill_no as no from delivery where id = ${id}`.execute(house.db)
    assert.deepEqual(delivery.rows, [{ no: '' }])
  })

  test('a number that is on its way when the address changes is given back as it arrives', async () => {
    const { id, tid } = await house.released()
    const [shop] = house.sandbox.world.shops
    await house.control('faults', {
      ...{ kind: 'slow', ms: 2500, shop: shop?.key, method: 'cainiao.waybill.ii.get', count: 1 },
    })
    assert.deepEqual(await take(id), ['done'])
    const outbox = house.outbox()
    await until(() => given(tid).length > 0)
    await readdress(tid)
    await numbersSettled(house)
    await outbox.stop()
    assert.deepEqual(await requestsOf(house, id), ['returned'])
    assert.deepEqual(given(tid), ['back'])
  })

  test('a request that was not sent before the address changed takes no number', async () => {
    const { id, tid } = await house.released()
    assert.deepEqual(await take(id), ['done'])
    await readdress(tid)
    await settle()
    assert.deepEqual(await requestsOf(house, id), ['failed'])
    assert.deepEqual(given(tid), [])
  })

  test('a person gives a number back and names another courier, whose account gives the next one', async () => {
    const sf = await aWaybillAccount(house, { courier: 'SF', branchCode: 'SF571001' })
    const [{ id, orderId, tid }, other] = [await house.released(), await house.released()]
    await numbered(house, [id])
    const giveBack = (deliveryId: string) =>
      house.run((tx) => giveBackNumbers(tx, [deliveryId], 'SF', by)).then(codes)
    assert.deepEqual(await giveBack(other.id), ['no_number'])
    assert.deepEqual(await giveBack(id), ['done'])
    assert.deepEqual(await giveBack(id), ['no_number'])
    await numbered(house, [id])
    assert.deepEqual(await requestsOf(house, id), ['returned', 'taken on it'])
    assert.deepEqual(
      labelsOf(house, tid).map(({ courier, cancelled }) => [courier, cancelled]),
      [
        ['YTO', true],
        ['SF', false],
      ],
    )
    const events = await sql<{ event: string }>`
      select event from order_event where order_id = ${orderId} and event in ('number_back', 'edit_courier') order by id`.execute(
      house.db,
    )
    assert.deepEqual(
      events.rows.map(({ event }) => event),
      ['number_back', 'edit_courier'],
    )
    await sql`update waybill_account set enabled = false where id = ${sf}`.execute(house.db)
  })

  test('a number that goes back, or went back, is not typed again: its label is void', async () => {
    const { id, tid } = await house.released()
    await numbered(house, [id])
    const taken = labelsOf(house, tid)[0]?.waybill ?? ''
    const type = (courier: string, waybillNo: string) =>
      house.run((tx) => setWaybills(tx, [{ deliveryId: id, courier, waybillNo }], by)).then(codes)
    assert.deepEqual(await type('STO', taken), ['waybill_returned'])
    assert.deepEqual([given(tid), await requestsOf(house, id)], [['live'], ['taken on it']])
    assert.deepEqual(await type('SF', 'SF8800000000001'), ['done'])
    assert.deepEqual(await type('YTO', taken), ['waybill_returned'])
    await settle()
    assert.deepEqual([given(tid), await requestsOf(house, id)], [['back'], ['returned']])
    assert.deepEqual(await type('YTO', taken), ['waybill_returned'])
    const delivery = await sql<{ is: string }>`
      select concat_ws(' ', courier, waybill_no) as is from delivery where id = ${id}`.execute(house.db)
    assert.deepEqual(delivery.rows, [{ is: 'SF SF8800000000001' }])
  })

  test('a number that went back is typed with no other courier for its order or its parcel; a stranger may have it', async () => {
    const [one, mate, stranger] = [await house.released(), await house.released(), await house.released()]
    const back = async (id: string, tid: string) => {
      await numbered(house, [id])
      must(await house.run((tx) => giveBackNumbers(tx, [id], '', by)))
      await settle()
      return labelsOf(house, tid)[0]?.waybill ?? ''
    }
    const type = (id: string, courier: string, waybillNo: string) =>
      house.run((tx) => setWaybills(tx, [{ deliveryId: id, courier, waybillNo }], by)).then(codes)
    const strangers = await back(stranger.id, stranger.tid)
    must(await house.run((tx) => unreleaseDeliveries(tx, [stranger.id], by)))
    must(await house.run((tx) => releaseOrders(tx, [stranger.orderId], by)))
    const next = await sql<{ id: string }>`
      select id from delivery where order_id = ${stranger.orderId} and status <> 'cancelled'`.execute(
      house.db,
    )
    assert.deepEqual(await type(next.rows[0]?.id ?? '', 'STO', strangers), ['waybill_returned'])
    await inOneParcel(house, [one.id, mate.id])
    const taken = await back(one.id, one.tid)
    assert.deepEqual(await type(one.id, 'STO', taken), ['waybill_returned'])
    assert.deepEqual(await type(mate.id, 'STO', taken), ['waybill_returned'])
    assert.deepEqual(await type(mate.id, 'YTO', strangers), ['waybill_returned'])
    assert.deepEqual(await type(mate.id, 'STO', strangers), ['done'])
  })

  for (const [who, leaver] of [
    ['the first', 0],
    ['the second', 1],
  ] as const)
    test(`${who} trade of a parcel is refunded: the other gets a number of its own, to be printed`, async () => {
      const both = [await house.released(), await house.released()]
      const [gone, stays] = leaver === 0 ? both : both.toReversed()
      assert.ok(gone && stays)
      await inOneParcel(house, [gone.id, stays.id])
      await numbered(house, [gone.id, stays.id])
      assert.deepEqual(await print(stays.id), ['done'])
      await refundArrives(house, gone)
      await work()
      await settle()
      assert.deepEqual(given(gone.tid), ['back'])
      assert.deepEqual(given(stays.tid), ['back', 'live'])
      assert.deepEqual(labelsOf(house, stays.tid)[1]?.tids, [stays.tid])
      assert.deepEqual((await requestsOf(house, stays.id)).at(-1), 'taken on it')
      await printLabel(house, stays.id)
      assert.deepEqual(await ship(stays.id, gone.id), ['done', 'refund_open'])
    })

  test('a trade that is refunded while the number of its parcel is asked for leaves the other with one number', async () => {
    const [gone, stays] = [await house.released(), await house.released()]
    await inOneParcel(house, [gone.id, stays.id])
    await take(stays.id)
    await refundArrives(house, gone)
    await work()
    await settle()
    assert.deepEqual(given(gone.tid), [])
    assert.deepEqual(given(stays.tid), ['live'])
  })

  test('an order of a parcel is voided: what remains keeps no number that covers it', async () => {
    const three = [await house.released(), await house.released(), await house.released()]
    const [gone, ...rest] = three
    assert.ok(gone)
    await inOneParcel(
      house,
      three.map(({ id }) => id),
    )
    await numbered(
      house,
      three.map(({ id }) => id),
    )
    await house.run((tx) => voidOrders(tx, [gone.orderId], '不要了', by))
    await work()
    await settle()
    assert.deepEqual(given(gone.tid), ['back'])
    for (const { tid } of rest) assert.deepEqual(given(tid), ['back', 'live'])
    const [one, other] = rest.map(({ tid }) => labelsOf(house, tid)[1])
    assert.equal(one?.waybill, other?.waybill)
    assert.deepEqual(one?.tids.toSorted(), rest.map(({ tid }) => tid).toSorted())
    await printLabel(house, rest[0]?.id ?? '')
    assert.deepEqual(await ship(...rest.map(({ id }) => id)), ['done', 'done'])
  })

  test('an address that changes takes its trade out of the parcel', async () => {
    const [gone, stays] = [await house.released(), await house.released()]
    await inOneParcel(house, [gone.id, stays.id])
    await numbered(house, [gone.id, stays.id])
    await readdress(gone.tid)
    await work()
    await settle()
    assert.deepEqual(given(gone.tid), ['back'])
    assert.deepEqual(given(stays.tid), ['back', 'live'])
    await printLabel(house, stays.id)
    assert.deepEqual(await ship(stays.id, gone.id), ['done', 'address_changed'])
  })
})
