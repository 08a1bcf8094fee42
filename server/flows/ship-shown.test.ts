import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { systemActor } from '../core/access/actor.ts'
import { holdOrders } from '../orders/holds/holds.ts'
import { recordPlatformChanges, resolvePlatformChanges } from '../orders/platform-changes/differences.ts'
import { aShippingHouse, byPacker as by, type ShippingHouse } from '../testing/shipping.ts'
import { shipShownDeliveries } from './ship-shown.ts'

/** The platform shows these orders as shipped. */
const showShipped = (house: ShippingHouse, orderIds: readonly string[]) =>
  house.run((tx) =>
    recordPlatformChanges(
      tx,
      orderIds.map((orderId) => ({
        ...{ orderId, kind: 'shipped_elsewhere' as const, old: 'paid', new: 'shipped' },
        tradeVersion: new Date(),
      })),
      systemActor,
    ),
  )

const hold = (house: ShippingHouse, orderId: string) =>
  house.run((tx) => holdOrders(tx, [orderId], { reason: 'other', note: '等', until: null }, by))

async function ordersOf({ db }: ShippingHouse) {
  const found = await sql<{ id: string; is: string }>`
    select o.id, concat_ws(' ', o.status, d.status, nullif(d.write_back, ''), (
      select string_agg(h.reason, ',' order by h.reason) from order_hold h where h.order_id = o.id and h.released_at is null),
      (select count(*) from stock_movement m where m.document_kind = 'order' and m.document_id = o.id) > 0) as is
    from sales_order o join delivery d on d.order_id = o.id`.execute(db)
  return new Map(found.rows.map(({ id, is }) => [id, is]))
}

test('what the platform shows under its own waybill is shipped, also beside orders that another hold stops', async () => {
  await using house = await aShippingHouse()
  const [good, free, both, other] = await house.packedMany(4)
  assert.ok(good && free && both && other)
  await showShipped(house, [good.orderId, both.orderId, other.orderId])
  await hold(house, both.orderId)
  // A person ignores "shipped elsewhere" before the event is handled, and the hold of a person is the only one.
  await hold(house, other.orderId)
  await house.run((tx) =>
    resolvePlatformChanges(tx, [other.orderId], { how: 'ignore', kinds: ['shipped_elsewhere'] }, by),
  )
  await house.run((tx) => shipShownDeliveries(tx, [other, good, both, free], systemActor))
  const states = await ordersOf(house)
  assert.deepEqual(
    [good, free, both, other].map(({ orderId }) => states.get(orderId)),
    [
      'shipped shipped waiting t',
      'shipped shipped waiting t',
      'released pending other,shipped_elsewhere f',
      'released pending other f',
    ],
  )
  const open = await sql<{ id: string }>`
    select order_id as id from order_difference where settled_at is null`.execute(house.db)
  assert.deepEqual(open.rows, [{ id: both.orderId }])
})
