import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { sql } from 'kysely'
import { branchAddress, labelBook, setBalance } from '../../../sandbox/world/labels.ts'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { endActionsByHand, retryActions } from '../../core/outbox/actions.ts'
import { shipDeliveries } from '../../flows/ship.ts'
import { unseal } from '../../lib/seal.ts'
import { holdOrders } from '../../orders/holds/holds.ts'
import { codes } from '../../testing/run.ts'
import { aShippingHouse, byPacker as by, printLabel, type ShippingHouse } from '../../testing/shipping.ts'
import { until } from '../../testing/until.ts'
import { unreleaseDeliveries } from '../shipping/release.ts'
import { setWaybills } from '../shipping/waybills.ts'
import { saveAccount } from './accounts.ts'
import { takingNumbers } from './outbox.ts'
import { outlook } from './outlook.ts'
import { takeNumbers } from './take.ts'

describe('taking waybill numbers from Cainiao', () => {
  let shipping: ShippingHouse
  let accountId: string
  before(async () => {
    shipping = await aShippingHouse()
    accountId = await shipping.run((tx) => saveAccount(tx, shipping, account(), by))
  })
  after(() => shipping[Symbol.asyncDispose]())
  beforeEach(() => {
    shipping.sandbox.sandbox.board.faults = []
  })

  const shop = () => shipping.sandbox.world.shops[0] ?? assert.fail()
  const account = () => ({
    ...{
      shopId: shipping.shopId,
      source: 'cainiao',
      courier: 'YTO',
      branchCode: 'YTO571001',
      branchName: '余杭',
    },
    sender: {
      name: '发货员',
      mobile: '13900001111',
      phone: '',
      address: { ...branchAddress(shop()), town: '' },
    },
    ...{ templateName: '一联单', templateUrl: 'http://cloudprint.cainiao.com/template/standard/101/1' },
    ...{ warehouseId: null, enabled: true },
  })
  const given = (tid: string) =>
    labelBook(shipping.sandbox.world.labels, shop()).filter(({ tids }) => tids.includes(tid))
  const take = (...ids: string[]) => shipping.run((tx) => takeNumbers(tx, ids, by)).then(codes)
  const numbers = async (id: string) => {
    const found = await sql<{ state: string; no: string; code: string; onDelivery: string }>`
      select w.state, w.waybill_no as no, w.error_code as code, d.waybill_no as "onDelivery"
      from waybill w join delivery d on d.id = w.delivery_id where d.id = ${id} order by w.round`.execute(
      shipping.db,
    )
    return found.rows
  }
  const ended = (id: string, state = 'asked') =>
    until(async () => (await numbers(id)).every((one) => one.state !== state && one.state !== 'returning'))

  test('a released order gets a number, ships with it, and the platform shows it', async () => {
    const { id, tid, orderId } = await shipping.released()
    assert.deepEqual(await take(id), ['done'])
    assert.deepEqual(await take(id), ['already'])
    const outbox = shipping.outbox()
    await ended(id)
    const [label] = given(tid)
    assert.ok(label)
    assert.deepEqual(await numbers(id), [
      { state: 'taken', no: label.waybill, code: '', onDelivery: label.waybill },
    ])
    assert.deepEqual(await take(id), ['already'])
    await printLabel(shipping, id)
    assert.deepEqual(await shipping.run((tx) => shipDeliveries(tx, [id], by)).then(codes), ['done'])
    assert.equal((await shipping.settled(id)).writeBack, 'done')
    await outbox.stop()
    assert.deepEqual(
      shipping.trade(tid).lines.map(({ waybill, company }) => [waybill, company]),
      [
        [label.waybill, '圆通速递'],
        [label.waybill, '圆通速递'],
      ],
    )
    const events = await sql<{ event: string }>`
      select event from order_event where order_id = ${orderId} and event in ('number_asked', 'waybill') order by id`.execute(
      shipping.db,
    )
    assert.deepEqual(
      events.rows.map(({ event }) => event),
      ['number_asked', 'waybill'],
    )
  })

  test('the label’s data is stored sealed, as the source gave it', async () => {
    const { id } = await shipping.released()
    await take(id)
    const outbox = shipping.outbox()
    await ended(id)
    await outbox.stop()
    const found = await sql<{ data: Buffer }>`
      select print_data as data from waybill where delivery_id = ${id}`.execute(shipping.db)
    const sealed = found.rows[0]?.data ?? assert.fail()
    assert.ok(!sealed.toString('latin1').includes('encryptedData'))
    const data = JSON.parse(unseal(shipping.ring, shipping.shopId, sealed).toString('utf8'))
    assert.equal(data.templateURL, 'http://cloudprint.cainiao.com/template/standard/101/1')
    assert.ok(data.encryptedData.startsWith('AES:'))
    // The action keeps the number, and no second copy of the label.
    const { rows } = await sql<{ result: { taken: object[] }; no: string }>`
      select a.result, w.waybill_no as no from waybill w join platform_action a on a.id = w.action_id where w.delivery_id = ${id}`.execute(
      shipping.db,
    )
    const [kept] = rows
    assert.deepEqual(
      kept?.result.taken.map((one) => [
        'waybillNo' in one && one.waybillNo,
        JSON.stringify(one).includes('printData'),
      ]),
      [[kept?.no, false]],
    )
  })

  test('the weight of the goods and the cash to collect go along', async () => {
    const { id, orderId, tid } = await shipping.released({ type: 'cod' })
    await sql`update sku set weight_g = 300 where id in (select sku_id from order_line where order_id = ${orderId})`.execute(
      shipping.db,
    )
    await take(id)
    const outbox = shipping.outbox()
    await ended(id)
    await outbox.stop()
    const due = await sql<{ pieces: number; fen: number }>`
      select sum(l.quantity)::int as pieces, max(o.payment_fen)::int as fen
      from order_line l join sales_order o on o.id = l.order_id where o.id = ${orderId}`.execute(shipping.db)
    const { pieces, fen } = due.rows[0] ?? assert.fail()
    assert.deepEqual(
      given(tid).map(({ weight, services }) => [weight, JSON.parse(services)]),
      [[String(pieces * 300), { 'SVC-COD': { value: (fen / 100).toFixed(2) } }]],
    )
    await sql`update sku set weight_g = null`.execute(shipping.db)
  })

  test('twelve orders take two calls, and an answer that was lost gives no second number', async () => {
    const packed = []
    for (let count = 0; count < 12; count += 1) packed.push(await shipping.released())
    await shipping.control('faults', {
      ...{ kind: 'timeout-after', ms: 20, shop: shop().key, method: 'cainiao.waybill.ii.get', count: 1 },
    })
    assert.deepEqual(
      await take(...packed.map(({ id }) => id)),
      packed.map(() => 'done'),
    )
    const actions = await sql<{ parcels: number }>`
      select jsonb_array_length(payload -> 'waybillIds') as parcels from platform_action
      where kind = 'waybill.take' and state = 'pending' order by id`.execute(shipping.db)
    assert.deepEqual(
      actions.rows.map(({ parcels }) => parcels),
      [10, 2],
    )
    const outbox = shipping.outbox()
    for (const { id } of packed) await ended(id)
    await outbox.stop()
    for (const { id, tid } of packed) {
      const [label, ...others] = given(tid)
      assert.deepEqual(others, [])
      assert.deepEqual(await numbers(id), [
        { state: 'taken', no: label?.waybill, code: '', onDelivery: label?.waybill },
      ])
    }
  })

  test('a parcel that the source refuses fails alone, with its reason', async () => {
    const [good, bad] = [await shipping.released(), await shipping.released()]
    await shipping.control(`trades/${bad.tid}/ship`, { waybill: 'SF1234567890123' })
    assert.deepEqual(await take(good.id, bad.id), ['done', 'done'])
    const outbox = shipping.outbox()
    await ended(good.id)
    await ended(bad.id)
    await outbox.stop()
    assert.deepEqual(
      (await numbers(good.id)).map(({ state }) => state),
      ['taken'],
    )
    assert.deepEqual(await numbers(bad.id), [
      { state: 'failed', no: '', code: 'isv.cainiao-waybill:ORDER_STATUS', onDelivery: '' },
    ])
    assert.deepEqual(given(bad.tid), [])
  })

  test('a failed number may be asked for again', async () => {
    const { id, tid } = await shipping.released()
    setBalance(shipping.sandbox.world.labels, shop(), 'YTO', 0)
    await take(id)
    const outbox = shipping.outbox()
    await ended(id)
    setBalance(shipping.sandbox.world.labels, shop(), 'YTO', 100)
    assert.deepEqual(await take(id), ['done'])
    await ended(id)
    await outbox.stop()
    assert.deepEqual(
      (await numbers(id)).map(({ state, code }) => [state, code]),
      [
        ['failed', 'isv.cainiao-waybill:NO_BALANCE'],
        ['taken', ''],
      ],
    )
    assert.equal(given(tid).length, 1)
  })

  test('a request that has ended is not tried again among the platform actions, since it would take nothing; one that waits is', async () => {
    const [gone, waits] = [await shipping.released(), await shipping.released()]
    const actionOf = async (id: string) => {
      const found = await sql<{ id: string; state: string }>`
        select a.id, a.state from waybill w join platform_action a on a.id = w.action_id where w.delivery_id = ${id}
        order by w.round desc limit 1`.execute(shipping.db)
      return found.rows[0] ?? assert.fail()
    }
    const again = async (id: string) => {
      const ids = [(await actionOf(id)).id]
      return shipping.run((tx) => retryActions(tx, [takingNumbers], { ids, reason: '再试' }, by))
    }
    await take(gone.id)
    const ids = [(await actionOf(gone.id)).id]
    await shipping.run((tx) =>
      endActionsByHand(tx, [takingNumbers], { ids, state: 'manual', reason: '不取了' }, by),
    )
    const [refused] = await again(gone.id)
    assert.ok(refused && !refused.done)
    assert.deepEqual(
      [refused.code, refused.message?.zh],
      ['numbers_ended', '这次取号已经结束，再试不会取到号。到打单台重新取号'],
    )
    assert.deepEqual(
      [await numbers(gone.id), (await actionOf(gone.id)).state],
      [[{ state: 'failed', no: '', code: 'ended_by_hand', onDelivery: '' }], 'manual'],
    )
    await take(waits.id)
    await sql`update platform_action set state = 'unknown', next_at = null where id = ${(await actionOf(waits.id)).id}`.execute(
      shipping.db,
    )
    assert.deepEqual(codes(await again(waits.id)), ['done'])
    assert.deepEqual(await take(gone.id), ['done'])
    const outbox = shipping.outbox()
    await ended(waits.id)
    await ended(gone.id)
    await outbox.stop()
    assert.deepEqual([given(waits.tid).length, given(gone.tid).length], [1, 1])
  })

  test('a delivery that is taken back gives its number back, also one that was still on its way', async () => {
    const [early, late] = [await shipping.released(), await shipping.released()]
    await take(early.id)
    let outbox = shipping.outbox()
    await ended(early.id)
    await outbox.stop()
    await take(late.id)
    for (const { id } of [early, late])
      assert.deepEqual(await shipping.run((tx) => unreleaseDeliveries(tx, [id], by)).then(codes), ['done'])
    outbox = shipping.outbox()
    await ended(early.id)
    await ended(late.id)
    await outbox.stop()
    for (const { id, tid } of [early, late]) {
      assert.deepEqual(
        (await numbers(id)).map(({ state }) => state),
        ['returned'],
      )
      assert.deepEqual(
        given(tid).map(({ cancelled }) => cancelled),
        [true],
      )
    }
  })

  test('a waybill that is typed over a taken number gives the number back', async () => {
    const { id, tid } = await shipping.released()
    await take(id)
    const outbox = shipping.outbox()
    await ended(id)
    const typed = [{ deliveryId: id, courier: 'SF', waybillNo: 'SF9999999999999' }]
    assert.deepEqual(await shipping.run((tx) => setWaybills(tx, typed, by)).then(codes), ['done'])
    await ended(id)
    await outbox.stop()
    assert.deepEqual(
      (await numbers(id)).map(({ state, onDelivery }) => [state, onDelivery]),
      [['returned', 'SF9999999999999']],
    )
    assert.equal(given(tid)[0]?.cancelled, true)
  })

  test('a number that was taken for one delivery cannot be typed on another', async () => {
    const [one, other] = [await shipping.released(), await shipping.released()]
    await take(one.id)
    const outbox = shipping.outbox()
    await ended(one.id)
    await outbox.stop()
    const waybillNo = given(one.tid)[0]?.waybill ?? assert.fail()
    for (const rows of [
      [{ deliveryId: other.id, courier: 'YTO', waybillNo }],
      [
        { deliveryId: other.id, courier: 'YTO', waybillNo },
        { deliveryId: one.id, courier: 'SF', waybillNo: 'SF8888888888888' },
      ],
    ]) {
      const [outcome] = codes(await shipping.run((tx) => setWaybills(tx, rows.slice(0, 1), by)))
      assert.equal(outcome, 'waybill_used')
    }
  })

  test('a hold keeps the number; a held order gets none', async () => {
    const [kept, held] = [await shipping.released(), await shipping.released()]
    await take(kept.id)
    const outbox = shipping.outbox()
    await ended(kept.id)
    await shipping.run((tx) =>
      holdOrders(
        tx,
        [kept.orderId, held.orderId],
        { reason: 'other', note: '等', until: null },
        { actor: systemActor, scope: wholeScope },
      ),
    )
    assert.deepEqual(await take(held.id), ['on_hold'])
    await outbox.stop()
    assert.deepEqual(
      (await numbers(kept.id)).map(({ state }) => state),
      ['taken'],
    )
    assert.deepEqual(given(held.tid), [])
  })

  test('a merged shipment gets one number, whichever of its deliveries is asked for, and however often', async () => {
    const [one, other] = [await shipping.released(), await shipping.released()]
    await sql`
      update delivery set parcel = 77, beside = id = ${other.id} where id in (${one.id}, ${other.id})`.execute(
      shipping.db,
    )
    assert.deepEqual(await take(other.id), ['done'])
    assert.deepEqual(await take(other.id), ['already'])
    assert.deepEqual(await take(one.id, other.id), ['already', 'already'])
    const outbox = shipping.outbox()
    await ended(one.id)
    await outbox.stop()
    assert.equal(given(one.tid).length, 1)
    assert.deepEqual(given(one.tid), given(other.tid))
    assert.equal((await numbers(one.id))[0]?.onDelivery, given(one.tid)[0]?.waybill)
    assert.deepEqual(await numbers(other.id), [])
  })

  test('an order without a receiver fails with its reason, and does not stay asked', async () => {
    const { id, orderId } = await shipping.released()
    await sql`update sales_order set personal = null where id = ${orderId}`.execute(shipping.db)
    await take(id)
    const outbox = shipping.outbox()
    await ended(id)
    await outbox.stop()
    assert.deepEqual(await numbers(id), [
      { state: 'failed', no: '', code: 'nothing_to_send', onDelivery: '' },
    ])
  })

  test('the accounts say how many waiting deliveries each would serve, and why the others get no number', async () => {
    await sql`update delivery set waybill_no = 'X' || id, courier = 'SF' where standing = 'number'`.execute(
      shipping.db,
    )
    const [one, other] = [await shipping.released(), await shipping.released()]
    assert.deepEqual([...(await outlook(shipping.db, wholeScope)).counts], [[accountId, 2]])
    await sql`update sales_order set courier = 'SF' where id = ${other.orderId}`.execute(shipping.db)
    const { counts, refused } = await outlook(shipping.db, wholeScope)
    assert.deepEqual([...counts], [[accountId, 1]])
    assert.deepEqual(
      refused.map(({ code, count }) => [code, count]),
      [['no_courier_account', 1]],
    )
    await take(one.id)
    assert.deepEqual([...(await outlook(shipping.db, wholeScope)).counts], [])
  })

  test('without an account for the order’s courier, nothing is asked', async () => {
    const { id, orderId } = await shipping.released()
    await sql`update sales_order set courier = 'SF' where id = ${orderId}`.execute(shipping.db)
    assert.deepEqual(await take(id), ['no_courier_account'])
    await sql`update waybill_account set enabled = false where id = ${accountId}`.execute(shipping.db)
    assert.deepEqual(await take(id), ['no_waybill_account'])
    await sql`update waybill_account set enabled = true where id = ${accountId}`.execute(shipping.db)
    assert.deepEqual(await numbers(id), [])
  })
})
