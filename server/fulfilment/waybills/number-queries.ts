import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../../core/access/actor.ts'
import { grantedSql } from '../../core/access/scope.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row, Rows } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { accountFactsOf } from '../../orders/holds/shipping.ts'
import { keptFor, takenFor } from '../numbers.ts'

/** Returns the orders of the deliveries that wait for a number and have no request for one, the first released first. */
export async function waitingOrders(tx: Tx, scope: Scope, most: number): Promise<string[]> {
  const found = await sql<Row<'delivery', 'orderId'>>`
    select order_id as "orderId" from delivery d
    where standing = 'number' and not beside and ${grantedSql(scope)}
      and not exists (select from waybill w where w.delivery_id = d.id and w.state = 'asked' and w.wanted)
    order by id limit ${most}`.execute(tx)
  return found.rows.map(({ orderId }) => orderId)
}

/**
 * SQL over a delivery: the order and the shop that decide the account of its parcel, as one row (order_id, shop_id). In a parcel with a trade
 * they are the trade's, since an order of ours that goes along has the trade's masked receiver.
 */
export const leadOf = (d: string): RawBuilder<unknown> => sql`(
  select coalesce(m.order_id, ${sql.ref(`${d}.order_id`)}) as order_id, coalesce(m.shop_id, ${sql.ref(`${d}.shop_id`)}) as shop_id
  from (select) one left join lateral (
    select p.order_id, p.shop_id from delivery p cross join lateral ${accountFactsOf('p.order_id')} g
    where ${sql.ref(`${d}.parcel`)} is not null and p.parcel = ${sql.ref(`${d}.parcel`)} and p.status = 'pending' and not g.plain
    order by p.order_id desc limit 1
  ) m on true)`

/** Returns, by order, the order that decides the account of its waiting parcel. */
export async function leadingOrders(tx: Tx, orderIds: readonly string[]): Promise<Map<string, string>> {
  const found = await sql<Row<'delivery', 'orderId'> & Record<'lead', string>>`
    select d.order_id as "orderId", l.order_id as lead from delivery d cross join lateral ${leadOf('d')} l
    where d.order_id = any(${[...orderIds]}::bigint[]) and d.status = 'pending'`.execute(tx)
  return new Map(found.rows.map(({ orderId, lead }) => [orderId, lead]))
}

/** Returns the order of the delivery with this number. */
export async function ordersOfDelivery(tx: Tx, no: string, scope: Scope): Promise<string[]> {
  const found = await sql<Row<'delivery', 'orderId'>>`
    select order_id as "orderId" from delivery where no = ${no} and ${grantedSql(scope)}`.execute(tx)
  return found.rows.map(({ orderId }) => orderId)
}

/** Returns of how many packages the live deliveries of these orders consist, those of several. */
export async function packageCounts(tx: Tx, orderIds: readonly string[]): Promise<Map<string, number>> {
  const found = await sql<Row<'delivery', 'orderId' | 'packageCount'>>`
    select order_id as "orderId", package_count as "packageCount" from delivery
    where order_id = any(${[...orderIds]}::bigint[]) and status <> 'cancelled' and package_count > 1`.execute(
    tx,
  )
  return new Map(found.rows.map((row) => [row.orderId, row.packageCount]))
}

export type Asked = { deliveryId: string; shopId: string; accountId: string; courier: string }

/** Inserts a request for each parcel; a parcel that has one already gets none. Returns those inserted, in the order of their ids. */
export async function insertAsked(
  tx: Tx,
  rows: readonly Asked[],
  by: string,
): Promise<Row<'waybill', 'id' | 'deliveryId' | 'accountId' | 'shopId'>[]> {
  const made = await sql<Row<'waybill', 'id' | 'deliveryId' | 'accountId' | 'shopId'>>`
    insert into waybill (delivery_id, round, account_id, shop_id, courier, package_count, state, asked_by)
    select delivery_id, 1 + coalesce((select max(round) from waybill w where w.delivery_id = d.delivery_id), 0), account_id, shop_id,
      courier, (select package_count from delivery where id = d.delivery_id), 'asked', ${by}
    from ${unnestRows('d', rows, [
      ['delivery_id', 'int8', (row) => row.deliveryId],
      ['account_id', 'int8', (row) => row.accountId],
      ['shop_id', 'int8', (row) => row.shopId],
      ['courier', 'text', (row) => row.courier],
    ])}
    order by delivery_id
    on conflict do nothing
    returning id, delivery_id as "deliveryId", account_id as "accountId", shop_id as "shopId"`.execute(tx)
  return made.rows
}

export async function setActions(
  tx: Tx,
  rows: readonly { id: string; actionId: string | undefined }[],
): Promise<void> {
  await sql`
    update waybill w set action_id = d.action_id
    from ${unnestRows('d', rows, [
      ['id', 'int8', (row) => row.id],
      ['action_id', 'int8', (row) => row.actionId ?? null],
    ])}
    where w.id = d.id`.execute(tx)
}

export type Waiting = Row<'waybill', 'id' | 'round' | 'deliveryId' | 'courier' | 'wanted' | 'packageCount'> &
  Row<'delivery', 'parcel' | 'orderId'> &
  Row<'shop', 'platform' | 'platformShopId'> &
  Row<'waybill_account', 'source'> & { accountShopId: Rows['waybill_account']['shopId'] }

/**
 * Returns the requests among these that are still open, with their parcels. `platformShopId` is the seller on the source's platform: the
 * shop of the delivery, or the account's shop if the delivery's shop is of another platform.
 */
export async function waitingNumbers(db: Database | Tx, ids: readonly string[]): Promise<Waiting[]> {
  const found = await sql<Waiting>`
    select w.id, w.round, w.delivery_id as "deliveryId", w.courier, w.wanted, w.package_count as "packageCount",
      d.parcel, d.order_id as "orderId", s.platform,
      case when s.platform = m.platform then s.platform_shop_id else m.platform_shop_id end as "platformShopId", a.source,
      a.shop_id as "accountShopId"
    from waybill w join delivery d on d.id = w.delivery_id join shop s on s.id = w.shop_id join waybill_account a on a.id = w.account_id
      join shop m on m.id = a.shop_id
    where w.id = any(${[...ids]}::bigint[]) and w.state = 'asked' order by w.id`.execute(db)
  return found.rows
}

/** Returns the pending deliveries of these merged shipments, the first of each shipment first. */
export async function shipmentOrders(
  db: Database | Tx,
  parcels: readonly string[],
): Promise<Row<'delivery', 'parcel' | 'orderId'>[]> {
  const found = await sql<Row<'delivery', 'parcel' | 'orderId'>>`
    select parcel, order_id as "orderId" from delivery
    where parcel = any(${[...parcels]}::bigint[]) and status = 'pending' order by beside, order_id`.execute(
    db,
  )
  return found.rows
}

/** Minutes for which a write-back waits at most for a number on its way back. Giving back is refused or given up sooner, unless its shop is stopped. */
const longestReturnMinutes = 30

/**
 * Returns which of these deliveries have a number that is being given back (退号) and has not come to an end yet, or that a source may have
 * given already and that will go back when it arrives. A request that was never sent is none: it takes no number any more.
 */
export async function returningNumbers(
  db: Database | Tx,
  deliveryIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const found = await sql<Row<'delivery', 'id'>>`
    select d.id from delivery d
    where d.id = any(${[...deliveryIds]}::bigint[]) and exists (
      select ${takenFor('d')} where w.state in ('asked', 'returning') and exists (
        select from platform_action b where b.id = w.action_id and (w.state = 'returning' or b.attempt > 0 or b.unclear)
          and greatest(b.created_at, w.ended_at) > now() - ${longestReturnMinutes}::int * interval '1 minute'))`.execute(
    db,
  )
  return new Set(found.rows.map(({ id }) => id))
}

/** Returns the actions that did not give back a number of these deliveries whose write-back was refused. */
export async function keptNumberActions(tx: Tx, deliveryIds: readonly string[]): Promise<string[]> {
  const found = await sql<Record<'actionId', Rows['waybill']['actionId']>>`
    select distinct k.action_id as "actionId" from delivery d cross join lateral (
      select w.action_id ${keptFor('d')}
    ) k where d.id = any(${[...deliveryIds]}::bigint[]) and d.write_back = 'failed' order by 1`.execute(tx)
  return found.rows.flatMap(({ actionId }) => actionId ?? [])
}
