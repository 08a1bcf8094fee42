import { sql } from 'kysely'
import type { Scope } from '../core/access/actor.ts'
import { scopeSql } from '../core/access/scope.ts'
import type { Database } from '../core/db/db.ts'
import type { Row, Rows } from '../core/db/rows.ts'
import { countCap } from '../core/lists/list-table.ts'
import { unshipped } from '../orders/order/lifecycle.ts'
import { type LateRows, lateRows } from './alarm-queries.ts'

export type RefundedOrder = Row<'staged_refund', 'amountFen'> &
  Row<'sales_order', 'id'> &
  Row<'sales_order', 'no'> & { since: Rows['staged_refund']['modifiedAt'] }

const isUnshipped = sql`status = any(${[...unshipped]}::text[])`

/** At most this many paid refunds are read, newest first. They include those of every order that is still unshipped. */
const goneRefundsMax = 10_000
/** Refunds that changed more than this many days ago are not read. The ship-by time of their orders has raised an alarm already. */
const goneDays = 60

/**
 * Returns unshipped orders without a hold whose money was refunded but whose refunded goods are still on them. Refund notices should
 * prevent this, so a result means an error of the program.
 */
export async function refundedUnheld(db: Database, scope: Scope): Promise<RefundedOrder[]> {
  const free = sql`
    tid = gone.tid and shop_id = gone.shop_id and ${isUnshipped} and open_holds = 0
      and exists (select from order_line l where l.order_id = id and gone.oid in ('', l.oid) and not l.gift and l.quantity > l.refunded_quantity)`
  const found = await sql<RefundedOrder>`
    with gone as materialized (
      select shop_id, tid, oid, refund_no, amount_fen, modified_at from staged_refund r
      where status = 'succeeded' and state <> 'converted' and modified_at > now() - make_interval(days => ${goneDays})
        and ${scopeSql(scope, sql.ref('r.shop_id'))}
      order by modified_at desc limit ${goneRefundsMax}
    )
    select o.id, o.no, sum(gone.amount_fen)::text as "amountFen", min(gone.modified_at) as since
    from gone cross join lateral (
      -- One index look-up for each refund, so that the planner never reads all orders.
      select id, no from sales_order where origin in ('trade', 'record') and ${free}
      union all
      select id, no from sales_order where origin = 'split' and ${free}
      limit 1) o
    where not exists (select from order_refund c
        where c.order_id = o.id and c.refund_no = gone.refund_no and c.fact is not null)
    group by o.id, o.no order by since limit ${countCap + 1}`.execute(db)
  return found.rows
}

/** Returns orders that a refund waiver lets ship although the refund is not finished. */
export async function letThrough(db: Database, scope: Scope): Promise<RefundedOrder[]> {
  const found = await sql<RefundedOrder>`
    select o.id, o.no, sum(n.amount_fen)::text as "amountFen", min(w.given_at) as since
    from refund_waiver w join sales_order o on o.id = w.order_id
    join refund_notice n on n.shop_id = o.shop_id and n.refund_no = w.refund_no
    where w.ended_at is null and o.status <> 'voided' and n.refund_status in ('applied', 'agreed', 'succeeded', 'unknown')
      and not exists (select from order_refund c where c.order_id = o.id and c.refund_no = w.refund_no and c.fact is not null)
      and ${scopeSql(scope, sql.ref('o.shop_id'))}
    group by o.id, o.no order by since limit ${countCap + 1}`.execute(db)
  return found.rows
}

export type Flood = Row<'sales_order', 'shopId'> & {
  shopName: Rows['shop']['name']
  held: number
  open: number
  since: Rows['order_hold']['heldAt']
}

/**
 * Returns shops with suddenly many refund holds: within `minutes`, refunds put at least `least` orders on hold, and more than a tenth of
 * the open orders. The cause may be an error of ours or of the platform, or fraud.
 */
export async function refundFloods(
  db: Database,
  scope: Scope,
  { minutes, least }: { minutes: number; least: number },
): Promise<Flood[]> {
  const found = await sql<Flood>`
    with held as materialized (
      select o.shop_id, count(distinct o.id)::int as held, min(h.held_at) as since
      from order_hold h join sales_order o on o.id = h.order_id
      where h.reason = 'refund_open' and h.released_at is null and h.held_at > now() - make_interval(mins => ${minutes})
        and o.${isUnshipped} and ${scopeSql(scope, sql.ref('o.shop_id'))}
      group by o.shop_id having count(distinct o.id) >= ${least}
    )
    select held.shop_id as "shopId", s.name as "shopName", held.held, o.open, held.since
    from held join shop s on s.id = held.shop_id
    cross join lateral (
      -- Only whether there are ten times as many matters, so counting stops there.
      select count(*)::int as open from (
        select from unnest(${[...unshipped]}::text[]) u (status) cross join lateral (
          -- The index by status is used, so orders that were shipped long ago are never read.
          select from sales_order where archived_at is null and status = u.status and shop_id = held.shop_id and origin <> 'record'
        ) one limit held.held * 10
      ) few
    ) o
    where o.open < held.held * 10
    order by held.shop_id`.execute(db)
  return found.rows
}

/** Returns orders with a refund hold whose ship-by time is near or has passed, the most urgent first. */
export async function heldAndDue(db: Database, scope: Scope, withinMs: number): Promise<LateRows> {
  return await lateRows(
    db,
    sql`
      select distinct o.id, o.no, o.ship_by as at from order_hold h join sales_order o on o.id = h.order_id
      where h.reason = 'refund_open' and h.released_at is null and o.${isUnshipped}
        and o.ship_by < now() + ${withinMs}::float8 * interval '1 millisecond' and ${scopeSql(scope, sql.ref('o.shop_id'))}
      limit ${countCap + 1}`,
  )
}
