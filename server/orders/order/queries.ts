import { type RawBuilder, sql } from 'kysely'
import { couriers } from '../../connectors/couriers.ts'
import type { Actor, Scope } from '../../core/access/actor.ts'
import { scopeSql } from '../../core/access/scope.ts'
import { type Database, num, preparedStatement, type Tx } from '../../core/db/db.ts'
import type { Row, WithNumbers } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'
import {
  allocationFacet,
  changedFacet,
  heldFacet,
  noDesignation,
  refundFacets,
  statusFacet,
} from './facets.ts'
import type { OrderEvent, OrderFacts, OrderStatus } from './lifecycle.ts'
import { openAboutGoods } from './open-refunds.ts'

type OrderRow = Row<
  'sales_order',
  | 'id'
  | 'no'
  | 'shopId'
  | 'tid'
  | 'origin'
  | 'status'
  | 'version'
  | 'openHolds'
  | 'openProblems'
  | 'cod'
  | 'paymentFen'
  | 'postFeeFen'
  | 'refundedFen'
  | 'cameBack'
  | 'splitFrom'
  | 'parcel'
  | 'lockedBy'
  | 'lockedName'
> &
  Required<Pick<OrderFacts, 'paid' | 'writtenBack' | 'short' | 'presaleUntil' | 'refundedWhole' | 'putBack'>>

type Money = 'paymentFen' | 'postFeeFen' | 'refundedFen'
export type LockedOrder = WithNumbers<OrderRow, Money>

/**
 * Columns of `sales_order` only. After waiting for a lock PostgreSQL reads the locked row again, so these values are current; values of
 * joined tables would not be.
 */
const columns = sql`
  o.id, o.no, o.shop_id as "shopId", o.tid, o.origin, o.status, o.open_holds as "openHolds", o.paid_at is not null as paid,
  o.cod, o.payment_fen as "paymentFen", o.post_fee_fen as "postFeeFen", o.refunded_fen as "refundedFen", o.written_back_at is not null as "writtenBack", o.came_back as "cameBack",
  o.facets[5] <> ${allocationFacet(0)}::int as short,
  o.version, o.split_from as "splitFrom", o.parcel, o.locked_by as "lockedBy", o.locked_name as "lockedName", o.open_problems as "openProblems",
  case when o.ship_after > now() then to_char(o.ship_after at time zone 'Asia/Shanghai', 'YYYY-MM-DD') else '' end as "presaleUntil",
  ((o.payment_fen > 0 and o.refunded_fen >= o.payment_fen) or o.refunded_quantity >= o.quantity) as "refundedWhole",
  o.quantity = 0 as "putBack"`

export async function lockOrders(tx: Tx, ids: readonly string[]): Promise<LockedOrder[]> {
  const found = await sql<OrderRow>`${preparedStatement}
    select ${columns} from sales_order o where o.id = any(${ids}::bigint[]) order by o.id for update`.execute(
    tx,
  )
  return found.rows.map(withMoney)
}

/** Locks the orders of these trades, child orders included, in the order of their ids. */
export async function lockOrdersOfTrades(
  tx: Tx,
  trades: readonly { tid: string; shopId: string }[],
): Promise<LockedOrder[]> {
  const relation = unnestRows('d', trades, [
    ['tid', 'text', (row) => row.tid],
    ['shop_id', 'int8', (row) => row.shopId],
  ])
  const ofTrades = sql`
    select o.id from ${relation} join sales_order o on o.tid = d.tid and o.shop_id = d.shop_id and o.origin in ('trade', 'record')
    union all
    select o.id from ${relation} join sales_order o on o.tid = d.tid and o.shop_id = d.shop_id and o.origin = 'split'`
  // The ids are read first. In a statement that joins the table with itself, a row that changes while its lock is awaited would be lost.
  const named = await sql<Row<'sales_order', 'id'>>`${preparedStatement} ${ofTrades}`.execute(tx)
  const ids = named.rows.map(({ id }) => id)
  const found = await sql<OrderRow>`${preparedStatement}
    select ${columns} from sales_order o where o.id = any(${ids}::bigint[]) order by o.id for update`.execute(
    tx,
  )
  return withLateChildren(tx, found.rows)
}

export async function lockOrdersWithChildren(tx: Tx, ids: readonly string[]): Promise<LockedOrder[]> {
  const found = await sql<OrderRow>`
    select ${columns} from sales_order o
    where o.id = any(${[...ids]}::bigint[]) or o.split_from = any(${[...ids]}::bigint[]) order by o.id for update`.execute(
    tx,
  )
  return withLateChildren(tx, found.rows)
}

/** Returns the ids of these orders' child orders. Without locks on the orders, more may be added. */
export async function childIds(db: Database | Tx, ids: readonly string[]): Promise<string[]> {
  const found = await sql<Row<'sales_order', 'id'>>`${preparedStatement}
    select id from sales_order where split_from = any(${[...ids]}::bigint[])`.execute(db)
  return found.rows.map(({ id }) => id)
}

/**
 * Locks also the child orders that were created while this transaction waited for the parent's lock. Their ids are higher than all locked
 * ones, so the lock order holds.
 */
async function withLateChildren(tx: Tx, rows: readonly OrderRow[]): Promise<LockedOrder[]> {
  const ids = rows.map(({ id }) => id)
  const late = await sql<OrderRow>`${preparedStatement}
    select ${columns} from sales_order o
    where o.split_from = any(${ids}::bigint[]) and o.id <> all(${ids}::bigint[]) order by o.id for update`.execute(
    tx,
  )
  return [...rows, ...late.rows].map(withMoney)
}

/** The row with its money as numbers. */
export function withMoney<Row extends Record<Money, string>>(
  row: Row,
): Omit<Row, Money> & Record<Money, number> {
  return {
    ...row,
    paymentFen: num(row.paymentFen),
    postFeeFen: num(row.postFeeFen),
    refundedFen: num(row.refundedFen),
  }
}

/** Returns those ids that are orders of the scope's shops. An order never changes its shop, so no lock is needed. */
export async function orderIdsIn(
  db: Database | Tx,
  ids: readonly string[],
  scope: Scope,
): Promise<Set<string>> {
  const found = await sql<Row<'sales_order', 'id'>>`${preparedStatement}
    select o.id from sales_order o
    where o.id = any(${ids}::bigint[]) and ${scopeSql(scope, sql.ref('o.shop_id'))}`.execute(db)
  return new Set(found.rows.map((row) => row.id))
}

/** The only function that writes an order's status, with its event row. The caller has locked the orders and checked the transition. */
export async function writeStatus(
  tx: Tx,
  ids: readonly string[],
  move: { event: OrderEvent; to: OrderStatus; reason: string; detail: Record<string, unknown> | null },
  actor: Actor,
): Promise<void> {
  await sql`${preparedStatement}
    with moved as (
      update sales_order
      set status = ${move.to}, facets[1] = ${statusFacet(move.to)}::int, void_reason = ${move.reason},
          parcel = case when ${move.to} = 'voided' then null else parcel end,
          version = version + 1, updated_at = now()
      where id = any(${ids}::bigint[])
      returning id
    )
    insert into order_event (order_id, event, actor_kind, actor_id, actor_name, detail)
    select id, ${move.event}, ${actor.kind}, ${actor.id}, ${actor.name}, ${JSON.stringify(move.detail)}::jsonb
    from moved order by id`.execute(tx)
}

export type NewEvent = { orderId: string; event: string; detail: Record<string, unknown> }

/** Inserts event rows in the transaction of the change that they describe. `detail` must contain no personal data. */
export async function addOrderEvents(tx: Tx, events: readonly NewEvent[], actor: Actor): Promise<void> {
  if (events.length === 0) return
  await sql`${preparedStatement}
    insert into order_event (order_id, event, actor_kind, actor_id, actor_name, detail)
    select order_id, event, ${actor.kind}, ${actor.id}, ${actor.name}, detail::jsonb
    from ${unnestRows('d', events, [
      ['order_id', 'int8', (row) => row.orderId],
      ['event', 'text', (row) => row.event],
      ['detail', 'text', (row) => JSON.stringify(row.detail)],
    ])}`.execute(tx)
}

/**
 * Updates the columns of orders that summarise their holds, platform changes and refunds. Every verb that changes one of those calls it
 * while it has the orders locked.
 */
export async function refreshOrders(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await sql`${preparedStatement}
    with now_is as (
      select d.id,
        h.holds, h.refunding,
        (select count(*)::int from order_difference c where c.order_id = d.id and c.settled_at is null) as differences,
        (select coalesce(sum(l.refunded_quantity), 0)::int from order_line l where l.order_id = d.id and not l.gift) as refunded_quantity,
        r.fen, r.open, r.counted
      from unnest(${ids}::bigint[]) as d (id)
      cross join lateral (
        select count(*)::int as holds, coalesce(bool_or(reason = 'refund_open'), false) as refunding
        from order_hold where order_id = d.id and released_at is null
      ) h
      cross join lateral (
        select coalesce(sum(counted_fen), 0) as fen,
               coalesce(bool_or(${openAboutGoods('refund_status', 'kind')}), false) as open,
               coalesce(bool_or(fact is not null), false) as counted
        from order_refund where order_id = d.id
      ) r
    )
    update sales_order o
    set open_holds = n.holds, differences = n.differences, refunded_fen = n.fen, refunded_quantity = n.refunded_quantity,
        facets[2] = case when n.holds > 0 then ${heldFacet(true)}::int else ${heldFacet(false)}::int end,
        facets[3] = case when n.differences > 0 then ${changedFacet(true)}::int else ${changedFacet(false)}::int end,
        facets[4] = case when n.open or n.refunding then ${refundFacets.open}::int when n.counted then ${refundFacets.succeeded}::int
                         else ${refundFacets.none}::int end,
        version = version + 1, updated_at = now()
    from now_is n
    where o.id = n.id`.execute(tx)
}

export async function bumpVersions(tx: Tx, ids: readonly string[]): Promise<void> {
  await sql`
    update sales_order set version = version + 1, updated_at = now()
    where id = any(${[...ids]}::bigint[])`.execute(tx)
}

export type NewHold = { orderId: string; reason: string; source: string; note: string; until: Date | null }

export async function insertHolds(
  tx: Tx,
  holds: readonly NewHold[],
  by: string,
): Promise<Row<'order_hold', 'orderId' | 'reason'>[]> {
  if (holds.length === 0) return []
  const placed = await sql<Row<'order_hold', 'orderId' | 'reason'>>`
    insert into order_hold (order_id, reason, source, note, until, held_by)
    select order_id, reason, source, note, until, ${by}
    from ${unnestRows('d', holds, [
      ['order_id', 'int8', (row) => row.orderId],
      ['reason', 'text', (row) => row.reason],
      ['source', 'text', (row) => row.source],
      ['note', 'text', (row) => row.note],
      ['until', 'timestamptz', (row) => row.until],
    ])}
    on conflict (order_id, reason, source) where released_at is null do nothing
    returning order_id as "orderId", reason`.execute(tx)
  return placed.rows
}

export async function liftHoldsOf(
  tx: Tx,
  holds: readonly { orderId: string; reason: string; source: string }[],
  by: string,
): Promise<Row<'order_hold', 'orderId' | 'reason' | 'source'>[]> {
  if (holds.length === 0) return []
  const released = await sql<Row<'order_hold', 'orderId' | 'reason' | 'source'>>`${preparedStatement}
    update order_hold h
    set released_at = now(), released_by = ${by}
    from ${unnestRows('d', holds, [
      ['order_id', 'int8', (row) => row.orderId],
      ['reason', 'text', (row) => row.reason],
      ['source', 'text', (row) => row.source],
    ])}
    where h.order_id = d.order_id and h.reason = d.reason and h.source = d.source and h.released_at is null
    returning h.order_id as "orderId", h.reason, h.source`.execute(tx)
  return released.rows
}

export type OpenHold = Row<'order_hold', 'id' | 'orderId' | 'reason' | 'source'>

export async function openHoldsOf(tx: Tx, orderIds: readonly string[]): Promise<OpenHold[]> {
  const found = await sql<OpenHold>`${preparedStatement}
    select id, order_id as "orderId", reason, source from order_hold
    where order_id = any(${orderIds}::bigint[]) and released_at is null order by id`.execute(tx)
  return found.rows
}

/** Returns orders with a hold whose end time has passed; a refund's hold has no end time. */
export async function ordersWithDueHolds(db: Database | Tx, limit: number): Promise<string[]> {
  const found = await sql<Row<'order_hold', 'orderId'>>`
    select distinct order_id as "orderId" from (
      select order_id from order_hold where released_at is null and until <= now() order by until limit ${limit}
    ) due`.execute(db)
  return found.rows.map((row) => row.orderId)
}

export async function writeDueHoldsLifted(
  tx: Tx,
  orderIds: readonly string[],
  by: string,
): Promise<Row<'order_hold', 'orderId' | 'reason'>[]> {
  const released = await sql<Row<'order_hold', 'orderId' | 'reason'>>`
    update order_hold set released_at = now(), released_by = ${by}
    where order_id = any(${orderIds}::bigint[]) and released_at is null and until <= now()
    returning order_id as "orderId", reason`.execute(tx)
  return released.rows
}

/** SQL condition: the facet is one of a designated courier. */
export const isDesignation = (one: RawBuilder<unknown>) =>
  sql`${one} > ${noDesignation}::int and ${one} <= ${noDesignation + couriers.length}::int`
export const courierList = sql`(${couriers.map(({ code }) => code)}::text[])`
/** SQL: the codes of the couriers among which the order or trade with these facets must go. */
export const designatedOf = (facets: RawBuilder<unknown>) =>
  sql`array(select ${courierList}[f - ${noDesignation}::int] from unnest(${facets}) f where ${isDesignation(sql`f`)} order by f)`
/** SQL: the designated couriers of these facets as one text, such as "SF,ZTO", in which designations are compared. */
export const designatedText = (facets: RawBuilder<unknown>) =>
  sql`array_to_string(${designatedOf(facets)}, ',')`

/** SQL: adds the facet to the row's facets if `when` is true, and removes it otherwise. */
export const facetWhen = (facets: RawBuilder<unknown>, one: number, when: RawBuilder<unknown>) =>
  sql`case when ${when} then array_append(array_remove(${facets}, ${one}::int), ${one}::int) else array_remove(${facets}, ${one}::int) end`
