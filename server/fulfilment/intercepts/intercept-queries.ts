import { sql } from 'kysely'
import type { Scope } from '../../core/access/actor.ts'
import { scopeSql, warehouseSql } from '../../core/access/scope.ts'
import { type Database, preparedStatement, type Tx } from '../../core/db/db.ts'
import type { NotNull, Row, Rows } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { withShipments } from '../queries.ts'
import { isUnknownThere } from '../write-backs.ts'
import type { InterceptState, InterceptWay } from './intercept-lifecycle.ts'

// This file is the only place that writes an intercept's state, always under the lock of its order.

/**
 * A shipped delivery with its open intercept. `decided`: an intercept of this shipping has ended as returned, missed or money, so no new
 * one is made.
 */
export type Away = Row<'delivery', 'parcel' | 'orderId' | 'writeBack' | 'actionId' | 'shownWaybill'> & {
  deliveryId: Rows['delivery']['id']
  interceptId: string | null
  decided: boolean
}

export async function parcelsAway(tx: Tx, orderIds: readonly string[]): Promise<Away[]> {
  const found = await sql<Away>`${preparedStatement}
    select d.id as "deliveryId", d.parcel, d.order_id as "orderId", d.write_back as "writeBack", d.action_id as "actionId",
      d.shown_waybill as "shownWaybill", (select i.id from intercept i where i.delivery_id = d.id and i.ended_at is null) as "interceptId",
      exists (select from intercept i where i.delivery_id = d.id and i.created_at >= d.shipped_at
        and i.state in ('returned', 'missed', 'money')) as decided
    from delivery d where d.order_id = any(${[...orderIds]}::bigint[]) and d.status = 'shipped' order by d.id`.execute(
    tx,
  )
  return found.rows
}

/**
 * Locks the merged shipments in which these orders have a shipped delivery: two transactions that decide about deliveries of one shipment run one after the other.
 * Call it after the orders' locks and before the deliveries are read.
 */
export async function lockShipments(tx: Tx, orderIds: readonly string[]): Promise<void> {
  await sql`${preparedStatement}
    select pg_advisory_xact_lock(hashtextextended('parcel:' || current_schema(), parcel)) from (
      select distinct parcel from delivery
      where order_id = any(${[...orderIds]}::bigint[]) and parcel is not null and status = 'shipped' order by parcel
    ) parcels`.execute(tx)
}

/**
 * Returns those of these deliveries that must not be written back. These are deliveries with an open intercept, and deliveries in a merged
 * shipment with another delivery that has an open intercept, if that intercept is a warehouse stop (`pull`) or the write-back of that other
 * delivery is waiting or failed.
 */
export async function stoppedDeliveries(
  db: Database | Tx,
  deliveryIds: readonly string[],
): Promise<Set<string>> {
  const found = await sql<Row<'delivery', 'id'>>`
    select d.id from delivery d
    where d.id = any(${[...deliveryIds]}::bigint[]) and d.status = 'shipped' and (
      exists (select from intercept i where i.delivery_id = d.id and i.ended_at is null)
      or exists (
        select from delivery beside join intercept i on i.delivery_id = beside.id and i.ended_at is null
        where beside.parcel = d.parcel and (i.way = 'pull' or ${isUnknownThere('beside')})))`.execute(db)
  return new Set(found.rows.map(({ id }) => id))
}

/** Sets open intercepts to the way `pull`: the platform does not know of the shipping after all, so the courier need not be asked. */
export async function writeWarehouseStop(tx: Tx, deliveryIds: readonly string[]): Promise<void> {
  await sql`
    update intercept set way = 'pull'
    where delivery_id = any(${[...deliveryIds]}::bigint[]) and ended_at is null and way <> 'pull'`.execute(tx)
}

/** Returns the other shipped deliveries of the same merged shipments whose write-back is enqueued or has failed. */
export async function besideThem(
  tx: Tx,
  deliveryIds: readonly string[],
): Promise<{ deliveryId: string; actionId: string }[]> {
  const ids = [...deliveryIds]
  const found = await sql<{ deliveryId: Rows['delivery']['id'] } & NotNull<Row<'delivery', 'actionId'>>>`
    select id as "deliveryId", action_id as "actionId" from delivery
    where parcel in (select parcel from delivery where id = any(${ids}::bigint[]) and parcel is not null)
      and id <> all(${ids}::bigint[]) and status = 'shipped' and ${isUnknownThere('delivery')}
      and action_id is not null
    order by id`.execute(tx)
  return found.rows
}

/**
 * Returns those of these deliveries, and of the other deliveries of their merged shipments, whose write-back is stopped although neither
 * the delivery nor its merged shipment has an open intercept any more.
 */
export async function stoppedForNothing(tx: Tx, deliveryIds: readonly string[]): Promise<string[]> {
  const found = await sql<Row<'delivery', 'id'>>`
    select d.id from ${withShipments(deliveryIds)} these join delivery d on d.id = these.id
    where d.status = 'shipped' and d.write_back = 'stopped'
      and not exists (select from intercept i where i.delivery_id = d.id and i.ended_at is null)
      and not exists (
        select from delivery beside join intercept i on i.delivery_id = beside.id and i.ended_at is null
        where beside.parcel = d.parcel)
    order by d.id`.execute(tx)
  return found.rows.map(({ id }) => id)
}

export type NewIntercept = {
  deliveryId: string
  way: InterceptWay
  refundNo: string
  amountFen: number
  deadline: Date | null
}

/**
 * Inserts intercepts. `created_at` is the time of the clock, not of the transaction's start. Otherwise a shipping that was committed while
 * this transaction waited for the order's lock would seem newer than its intercept.
 */
export async function insertIntercepts(tx: Tx, rows: readonly NewIntercept[], by: string): Promise<void> {
  if (rows.length === 0) return
  await sql`${preparedStatement}
    insert into intercept (delivery_id, delivery_no, order_id, order_no, tid, shop_id, warehouse_id, courier, waybill_no,
      refund_no, amount_fen, deadline, way, state, created_at, created_by)
    select t.id, t.no, t.order_id, t.order_no, t.tid, t.shop_id, t.warehouse_id, t.courier, t.waybill_no,
      d.refund_no, d.amount_fen, d.deadline, d.way, 'open', clock_timestamp(), ${by}
    from ${unnestRows('d', rows, [
      ['delivery_id', 'int8', (row) => row.deliveryId],
      ['way', 'text', (row) => row.way],
      ['refund_no', 'text', (row) => row.refundNo],
      ['amount_fen', 'int8', (row) => row.amountFen],
      ['deadline', 'timestamptz', (row) => row.deadline],
    ])}
    join delivery t on t.id = d.delivery_id
    order by t.id
    on conflict (delivery_id) where ended_at is null do nothing`.execute(tx)
}

/** Writes the deadlines of intercepts, since a newer version of a refund may have another one. */
export async function writeDeadlines(
  tx: Tx,
  rows: readonly { interceptId: string; deadline: Date | null }[],
): Promise<void> {
  if (rows.length === 0) return
  await sql`
    update intercept i set deadline = d.deadline
    from ${unnestRows('d', rows, [
      ['id', 'int8', (row) => row.interceptId],
      ['deadline', 'timestamptz', (row) => row.deadline],
    ])}
    where i.id = d.id and i.deadline is distinct from d.deadline`.execute(tx)
}

/** Writes the refund of intercepts that were raised by a line of the trade, before the refund itself and its number were known. */
export async function writeRefunds(
  tx: Tx,
  rows: readonly { interceptId: string; refundNo: string; amountFen: number }[],
): Promise<void> {
  const numbered = rows.filter(({ refundNo }) => refundNo !== '')
  if (numbered.length === 0) return
  await sql`${preparedStatement}
    update intercept i set refund_no = d.refund_no, amount_fen = d.amount_fen
    from ${unnestRows('d', numbered, [
      ['id', 'int8', (row) => row.interceptId],
      ['refund_no', 'text', (row) => row.refundNo],
      ['amount_fen', 'int8', (row) => row.amountFen],
    ])}
    where i.id = d.id and i.refund_no = ''`.execute(tx)
}

export async function writeInterceptState(
  tx: Tx,
  ids: readonly string[],
  to: { state: Exclude<InterceptState, 'open'>; note: string; by: string },
): Promise<void> {
  await sql`
    update intercept set state = ${to.state}, note = case when ${to.note}::text = '' then note else ${to.note} end,
      asked_at = case when ${to.state} = 'asked' then now() else asked_at end,
      asked_by = case when ${to.state} = 'asked' then ${to.by} else asked_by end,
      ended_at = case when ${to.state} = 'asked' then null else now() end,
      ended_by = case when ${to.state} = 'asked' then null else ${to.by} end
    where id = any(${[...ids]}::bigint[]) and ended_at is null`.execute(tx)
}

export type Askable = { sources: readonly string[]; couriers: readonly string[] }

/**
 * Matches an intercept (`i`) of a parcel whose number came from an account (`a`) that can ask the courier. Without an address for news the
 * account would never learn of the outcome.
 */
export const askableSql = ({ sources, couriers }: Askable) => sql`
  w.courier = i.courier and w.waybill_no = i.waybill_no and w.waybill_no <> '' and w.state = 'taken' and a.enabled and a.track_hook <> ''
  and exists (select from unnest(${[...sources]}::text[], ${[...couriers]}::text[]) s (source, courier)
    where s.source = a.source and s.courier = i.courier)`

/** Returns those of these intercepts whose courier can be asked by the account of the number; one of each parcel. */
export async function askable(
  tx: Tx,
  ids: readonly string[],
  of: Askable,
): Promise<(Row<'intercept', 'id' | 'courier' | 'waybillNo'> & Row<'waybill', 'accountId' | 'shopId'>)[]> {
  const found = await sql<
    Row<'intercept', 'id' | 'courier' | 'waybillNo'> & Row<'waybill', 'accountId' | 'shopId'>
  >`
    select distinct on (i.courier, i.waybill_no) i.id, i.courier, i.waybill_no as "waybillNo", a.id as "accountId", a.shop_id as "shopId"
    from intercept i join waybill w on w.waybill_no = i.waybill_no join waybill_account a on a.id = w.account_id
    where i.id = any(${[...ids]}::bigint[]) and i.way = 'recall' and ${askableSql(of)}
    order by i.courier, i.waybill_no, i.id`.execute(tx)
  return found.rows
}

export type WantedParcel = Row<
  'intercept',
  'id' | 'deliveryId' | 'orderId' | 'refundNo' | 'state' | 'courier' | 'waybillNo'
>

/** Returns the living intercepts, by way of the courier, of the parcels with these waybills; a merged shipment may have several. */
export async function aliveOfParcels(
  db: Database | Tx,
  parcels: readonly Row<'intercept', 'courier' | 'waybillNo'>[],
): Promise<WantedParcel[]> {
  const found = await sql<WantedParcel>`
    select i.id, i.delivery_id as "deliveryId", i.order_id as "orderId", i.refund_no as "refundNo", i.state, i.courier,
      i.waybill_no as "waybillNo"
    from intercept i where i.waybill_no = any(${parcels.map(({ waybillNo }) => waybillNo)}::text[]) and i.ended_at is null
      and i.way = 'recall' order by i.id`.execute(db)
  const asked = new Set(parcels.map(({ courier, waybillNo }) => `${courier} ${waybillNo}`))
  return found.rows.filter(({ courier, waybillNo }) => asked.has(`${courier} ${waybillNo}`))
}

/**
 * The deliveries have other waybills, and so have their living intercepts. A courier that was asked for a former waybill was asked for another parcel,
 * so such an intercept is open again.
 */
export async function writeMoved(tx: Tx, deliveryIds: readonly string[]): Promise<void> {
  await sql`
    update intercept i set courier = t.courier, waybill_no = t.waybill_no, asked_at = null, asked_by = null, state = 'open',
      note = case when i.state = 'asked' then '运单换了，按新运单再请快递' else i.note end
    from delivery t where t.id = any(${[...deliveryIds]}::bigint[]) and i.delivery_id = t.id and i.ended_at is null
      and (i.courier, i.waybill_no) <> (t.courier, t.waybill_no)`.execute(tx)
}

/**
 * Notes why couriers did not take requests, so that a person asks. All orders of a parcel learn of it. Returns the intercepts that were asked
 * for.
 */
export async function writeNotAsked(
  tx: Tx,
  rows: readonly Row<'intercept', 'courier' | 'waybillNo' | 'note'>[],
): Promise<Row<'intercept', 'orderId' | 'refundNo' | 'note'>[]> {
  const written = await sql<Row<'intercept', 'orderId' | 'refundNo' | 'note'>>`
    update intercept i set state = 'open', asked_at = null, asked_by = null, note = d.note
    from ${unnestRows('d', rows, [
      ['courier', 'text', (row) => row.courier],
      ['waybill_no', 'text', (row) => row.waybillNo],
      ['note', 'text', (row) => row.note],
    ])}
    where i.waybill_no = d.waybill_no and i.courier = d.courier and i.state = 'asked' returning i.order_id as "orderId", i.refund_no as "refundNo", i.note`.execute(
    tx,
  )
  return written.rows
}

export type InterceptRow = Row<
  'intercept',
  'id' | 'deliveryId' | 'deliveryNo' | 'orderId' | 'refundNo' | 'way' | 'state'
>

const columns = sql`
  id, delivery_id as "deliveryId", delivery_no as "deliveryNo", order_id as "orderId", refund_no as "refundNo", way, state`

export async function interceptsIn(tx: Tx, ids: readonly string[], scope: Scope): Promise<InterceptRow[]> {
  const found = await sql<InterceptRow>`
    select ${columns} from intercept where id = any(${[...ids]}::bigint[])
      and ${scopeSql(scope, sql.ref('shop_id'))} and ${warehouseSql(scope, sql.ref('warehouse_id'))} order by id`.execute(
    tx,
  )
  return found.rows
}

export async function aliveOfDeliveries(tx: Tx, deliveryIds: readonly string[]): Promise<InterceptRow[]> {
  const found = await sql<InterceptRow>`
    select ${columns} from intercept where delivery_id = any(${[...deliveryIds]}::bigint[]) and ended_at is null
    order by id`.execute(tx)
  return found.rows
}

export async function ordersWithOpenStop(tx: Tx, orderIds: readonly string[]): Promise<Set<string>> {
  const found = await sql<Row<'intercept', 'orderId'>>`
    select order_id as "orderId" from intercept
    where order_id = any(${[...orderIds]}::bigint[]) and ended_at is null and way = 'pull'`.execute(tx)
  return new Set(found.rows.map(({ orderId }) => orderId))
}

export async function aliveOfOrders(tx: Tx, orderIds: readonly string[]): Promise<InterceptRow[]> {
  const found = await sql<InterceptRow>`${preparedStatement}
    select ${columns} from intercept where order_id = any(${[...orderIds]}::bigint[]) and ended_at is null
    order by id`.execute(tx)
  return found.rows
}

export type InterceptSummary = Pick<InterceptRow, 'id' | 'orderId' | 'way' | 'state' | 'refundNo'>

export async function lastOfOrders(db: Database, orderIds: readonly string[]): Promise<InterceptSummary[]> {
  const found = await sql<InterceptSummary>`
    select distinct on (order_id) id, order_id as "orderId", way, state, refund_no as "refundNo" from intercept
    where order_id = any(${[...orderIds]}::bigint[]) order by order_id, id desc`.execute(db)
  return found.rows
}

/** Stops the write-back of these deliveries: no platform learns of their shipping while they are in this state. */
export async function writeStopped(tx: Tx, deliveryIds: readonly string[]): Promise<void> {
  await sql`${preparedStatement}
    update delivery set write_back = 'stopped', error_code = '', action_id = null
    where id = any(${[...deliveryIds]}::bigint[]) and status = 'shipped'`.execute(tx)
}

export async function writeResumed(tx: Tx, rows: readonly { id: string; actionId: string }[]): Promise<void> {
  await sql`
    update delivery t set write_back = 'waiting', action_id = d.action_id
    from ${unnestRows('d', rows, [
      ['id', 'int8', (row) => row.id],
      ['action_id', 'int8', (row) => row.actionId],
    ])}
    where t.id = d.id and t.write_back = 'stopped'`.execute(tx)
}
