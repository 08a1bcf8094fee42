import { sql } from 'kysely'
import type { Actor } from '../core/access/actor.ts'
import { preparedStatement, type Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { sendEvent } from '../events.ts'
import { unnestRows } from '../lib/unnest.ts'
import { deliveryFactsOf, leaveUndone } from '../orders/holds/shipping.ts'
import type { Readdressed } from '../orders/platform-changes/differences.ts'
import { packedGoods } from './goods-rules.ts'
import { giveBackUnused, giveUpNumbers, writeTypedPackages } from './numbers.ts'
import { notPacked } from './ship-steps.ts'

type Parted = Row<'delivery', 'id' | 'orderId'> & Row<'parcel_order', 'parcel'>

/**
 * Separates pending deliveries whose orders have left their merged shipments. A delivery that leaves loses its waybill; a typed one stays
 * with the rest. A number of a source covers the trades for which it was asked, so it is given back, and the rest gets one of its own. A
 * shipment of one delivery ends, and the rest of another consists of one package. The caller has locked these orders and the other orders of their shipments.
 */
export async function partDeliveries(tx: Tx, orderIds: readonly string[], actor: Actor): Promise<void> {
  if (orderIds.length === 0) return
  const facts = await deliveryFactsOf(tx, orderIds)
  const apart = [...facts.values()].filter(({ parcel }) => parcel === null).map(({ orderId }) => orderId)
  const left = await takeOut(tx, apart)
  const parcels = [...new Set(left.map(({ parcel }) => parcel))]
  if (parcels.length === 0) return
  const rest = await pendingOf(tx, parcels)
  const members = [...left, ...rest]
  const gaveUp = await giveUpNumbers(
    tx,
    members.map(({ id }) => id),
    actor,
  )
  // A person says again of how many packages the rest consists.
  await writeTypedPackages(tx, await mainsOf(tx, rest), [])
  await sql`
    update delivery t set parcel = case when rest.members > 1 then t.parcel end, beside = rest.members > 1 and t.order_id <> rest.first,
      package_count = 1, ${notPacked}
    from (
      select parcel, count(*) as members, min(order_id) as first from delivery
      where parcel = any(${parcels}::bigint[]) and status = 'pending' group by parcel
    ) rest
    where t.parcel = rest.parcel and t.status = 'pending'`.execute(tx)
  await refreshGoods(
    tx,
    members.map(({ orderId }) => orderId),
  )
  const without = new Set(members.filter(({ id }) => gaveUp.has(id)).map(({ parcel }) => parcel))
  const deliveryIds = rest.filter(({ parcel }) => without.has(parcel)).map(({ id }) => id)
  if (deliveryIds.length > 0) await sendEvent(tx, 'fulfilment.number_lost', [{ deliveryIds }])
}

/** Takes the pending deliveries of these orders out of their merged shipments, without a waybill. Returns them with the former shipments. */
async function takeOut(tx: Tx, orderIds: readonly string[]): Promise<Parted[]> {
  const left = await sql<Parted>`${preparedStatement}
    update delivery t set parcel = null, beside = false, package_count = 1, courier = '', waybill_no = '', labelled = false, printed_at = null,
      printed_by = null, ${notPacked}
    from (select id, parcel from delivery where order_id = any(${[...orderIds]}::bigint[]) and status = 'pending' and parcel is not null) was
    where t.id = was.id returning t.id, t.order_id as "orderId", was.parcel`.execute(tx)
  return left.rows
}

/**
 * The shipping of these orders was undone while others of their parcels stay shipped: they leave the parcels, which are out under their
 * numbers, and get numbers of their own. The caller has locked all orders of the parcels.
 */
export async function leaveBehind(tx: Tx, orderIds: readonly string[], actor: Actor): Promise<void> {
  if (orderIds.length === 0) return
  await leaveUndone(tx, orderIds, actor)
  const left = await takeOut(tx, orderIds)
  await giveBackUnused(
    tx,
    left.map(({ id }) => id),
    actor,
  )
  await refreshGoods(tx, orderIds)
  const parcels = [...new Set(left.map(({ parcel }) => parcel))]
  // One delivery represents a parcel in papers and counts, and it may be the one that left.
  await sql`
    update delivery t set beside = t.order_id <> rest.first
    from (
      select parcel, min(order_id) as first from delivery where parcel = any(${parcels}::bigint[]) and status = 'shipped' group by parcel
    ) rest
    where t.parcel = rest.parcel and t.status = 'shipped' and t.beside <> (t.order_id <> rest.first)`.execute(
    tx,
  )
}

async function pendingOf(tx: Tx, parcels: readonly string[]): Promise<Parted[]> {
  const found = await sql<Parted>`
    select id, order_id as "orderId", parcel from delivery where parcel = any(${[...parcels]}::bigint[]) and status = 'pending'`.execute(
    tx,
  )
  return found.rows
}

/** Returns the waybills of those of these deliveries that consist of several packages. */
async function mainsOf(tx: Tx, rest: readonly Parted[]): Promise<Row<'delivery', 'courier' | 'waybillNo'>[]> {
  const found = await sql<Row<'delivery', 'courier' | 'waybillNo'>>`
    select distinct courier, waybill_no as "waybillNo" from delivery
    where id = any(${rest.map(({ id }) => id)}::bigint[]) and package_count > 1 and waybill_no <> ''`.execute(
    tx,
  )
  return found.rows
}

/**
 * The address or the designated couriers of these orders changed on the platform: they leave their merged shipments, and the numbers are
 * given back whose labels have the old address or another courier. Locks as `partDeliveries`.
 */
export async function readdressDeliveries(
  tx: Tx,
  moved: readonly Readdressed[],
  actor: Actor,
): Promise<void> {
  if (moved.length === 0) return
  await partDeliveries(
    tx,
    moved.map(({ orderId }) => orderId),
    actor,
  )
  const found = await sql<Row<'delivery', 'id'>>`
    select d.id from delivery d join ${unnestRows('m', moved, [
      ['order_id', 'int8', (row) => row.orderId],
      ['designation', 'text', (row) => row.designation],
    ])} on m.order_id = d.order_id
    where d.status = 'pending' and (m.designation is null or m.designation <> '' and not exists (
      select from waybill w where w.delivery_id = d.id and w.state in ('asked', 'taken') and w.wanted
        and w.courier = any(string_to_array(m.designation, ','))))`.execute(tx)
  await giveUpNumbers(
    tx,
    found.rows.map(({ id }) => id),
    actor,
  )
}

/** Returns the orders with pending deliveries in the same merged shipments as these orders' pending deliveries, themselves included. */
export async function ordersBeside(tx: Tx, orderIds: readonly string[]): Promise<string[]> {
  const found = await sql<Row<'delivery', 'orderId'>>`
    select b.order_id as "orderId" from delivery d join delivery b on b.parcel = d.parcel and b.status = 'pending'
    where d.order_id = any(${[...orderIds]}::bigint[]) and d.status = 'pending' and d.parcel is not null`.execute(
    tx,
  )
  return found.rows.map(({ orderId }) => orderId)
}

/** Writes what pending deliveries keep of their orders' goods, after these have changed. The caller has locked the orders. */
export async function refreshGoods(tx: Tx, orderIds: readonly string[]): Promise<void> {
  const rows = [...(await deliveryFactsOf(tx, orderIds)).values()].map((facts) => ({
    orderId: facts.orderId,
    ...packedGoods(facts),
  }))
  if (rows.length === 0) return
  await sql`
    update delivery t set shape = d.shape, sku_id = d.sku_id, piece_count = d.piece_count
    from ${unnestRows('d', rows, [
      ['order_id', 'int8', (row) => row.orderId],
      ['shape', 'text', (row) => row.shape],
      ['sku_id', 'int8', (row) => row.skuId],
      ['piece_count', 'int4', (row) => row.pieceCount],
    ])}
    where t.order_id = d.order_id and t.status = 'pending'`.execute(tx)
}
