import { sql } from 'kysely'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { lateOf } from '../../core/tasks/cursors.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { refundsKnownTo } from './asking-queries.ts'

// Queries of the refund check (核退款) for the slice intake, which calls the platforms: which shops and trades to check, the answers, and
// their meaning for unchecked shipments.

/**
 * Returns the database's time, the time up to which the shop's refunds are known (null: no refunds were checked or downloaded yet), and by
 * how much its lists are late.
 */
export async function nowAndKnownTo(
  db: Database,
  shopId: string,
): Promise<{ now: Date; knownTo: Date | null; lateMs: number }> {
  const found = await sql<Row<'unasked_parcel', 'knownTo'> & Row<'stream_cursor', 'lateMs'> & { now: Date }>`
    select clock_timestamp() as now, ${refundsKnownTo(sql`${shopId}::bigint`)} as "knownTo",
      coalesce(${lateOf(sql`${shopId}::bigint`)}, 0) as "lateMs"`.execute(db)
  const row = found.rows[0]
  if (!row) throw new Error('a query without a row')
  return row
}

/** Returns those of these trade numbers whose refunds are not known up to `freshMs` milliseconds ago. */
export async function unansweredTids(
  db: Database,
  shopId: string,
  tids: readonly string[],
  freshMs: number,
): Promise<string[]> {
  const found = await sql<Row<'sales_order', 'tid'>>`
    select w.tid from unnest(${[...tids]}::text[]) w (tid)
    where coalesce(${refundsKnownTo(sql`${shopId}::bigint`, sql`w.tid`)}, '-infinity')
      < now() - ${freshMs}::float8 * interval '1 millisecond'`.execute(db)
  return found.rows.map(({ tid }) => tid)
}

/**
 * Records that the shop's platform answered. `askedTo`: the answer covers all trades up to this time. `answeredAt` null: the answer covered
 * the checked trades, but not everything that waits.
 */
export async function recordShopAnswer(
  db: Database,
  shopId: string,
  { askedTo, answeredAt }: { askedTo: Date | null; answeredAt: Date | null },
): Promise<void> {
  await sql`
    insert into refund_ask (shop_id, asked_to, answered_at, tried_at)
    values (${shopId}::bigint, ${askedTo}::timestamptz, ${answeredAt}::timestamptz, clock_timestamp())
    on conflict (shop_id) do update
    set asked_to = greatest(refund_ask.asked_to, excluded.asked_to),
      answered_at = greatest(refund_ask.answered_at, excluded.answered_at),
      tried_at = greatest(refund_ask.tried_at, excluded.tried_at), error_code = ''`.execute(db)
}

export async function recordTradesChecked(
  db: Database,
  shopId: string,
  tids: readonly string[],
  askedTo: Date,
): Promise<void> {
  if (tids.length === 0) return
  await sql`
    insert into refund_ask_trade (shop_id, tid, asked_to)
    select ${shopId}::bigint, tid, ${askedTo}::timestamptz from unnest(${[...tids]}::text[]) tid order by tid
    on conflict (shop_id, tid) do update set asked_to = greatest(refund_ask_trade.asked_to, excluded.asked_to)`.execute(
    db,
  )
}

/**
 * Records that the shop's platform did not answer, or not completely. Earlier answers stay valid. `rests`: for some seconds no further
 * check of the shop is made.
 */
export async function recordNoAnswer(
  db: Database,
  shopId: string,
  code: string,
  { rests }: { rests: boolean },
): Promise<void> {
  await sql`
    insert into refund_ask (shop_id, tried_at, error_code)
    values (${shopId}::bigint, case when ${rests} then clock_timestamp() end, ${code})
    on conflict (shop_id) do update set tried_at = excluded.tried_at, error_code = excluded.error_code`.execute(
    db,
  )
}

/**
 * Claims shops that are enabled, authorised and not paused, and that have deliveries to ship or unchecked shipments. A claim lasts
 * `everySeconds`, after which another worker can claim the shop, so that a dead worker does not block it.
 */
export async function claimShops(
  db: Database,
  limit: number,
  everySeconds: number,
): Promise<{ shopId: string }[]> {
  await sql`
    insert into refund_ask (shop_id)
    select id from shop s where enabled and auth_state = 'live'
      and not exists (select from refund_ask a where a.shop_id = s.id)
    order by id on conflict (shop_id) do nothing`.execute(db)
  const claimed = await sql<Row<'refund_ask', 'shopId'>>`
    with due as materialized (
      select a.shop_id from refund_ask a
      join shop s on s.id = a.shop_id and s.enabled and s.auth_state = 'live'
      where a.next_at <= now()
        and not exists (select from shop_gate g where g.shop_id = a.shop_id and (g.paused <> '{}' or g.ban_until > now()))
        and (exists (select from delivery d where d.shop_id = a.shop_id and d.status = 'pending')
          or exists (select from unasked_parcel u where u.shop_id = a.shop_id and u.answered_at is null))
      order by a.next_at limit ${limit} for update of a skip locked
    )
    update refund_ask a set next_at = now() + make_interval(secs => ${everySeconds})
    from due where due.shop_id = a.shop_id
    returning a.shop_id as "shopId"`.execute(db)
  return claimed.rows
}

/**
 * Returns trade numbers of deliveries that wait for shipping or were shipped unchecked, and whose last check is older than
 * `olderThanSeconds`. Trades without a check come first, then the oldest check.
 */
export async function tradesToCheck(
  db: Database,
  shopId: string,
  olderThanSeconds: number,
  limit: number,
): Promise<string[]> {
  const found = await sql<Row<'sales_order', 'tid'>>`
    select w.tid from (
      select tid from delivery where shop_id = ${shopId}::bigint and status = 'pending'
      union select tid from unasked_parcel where shop_id = ${shopId}::bigint and answered_at is null
    ) w
    left join refund_ask_trade t on t.shop_id = ${shopId}::bigint and t.tid = w.tid
    where t.asked_to is null or t.asked_to < now() - make_interval(secs => ${olderThanSeconds})
    order by t.asked_to nulls first, w.tid limit ${limit}`.execute(db)
  return found.rows.map(({ tid }) => tid)
}

export async function forgetTrades(db: Database, shopId: string): Promise<void> {
  await sql`
    delete from refund_ask_trade where (shop_id, tid) in (
      select shop_id, tid from refund_ask_trade
      where shop_id = ${shopId}::bigint and asked_to < now() - interval '1 hour'
      order by tid limit 1000 for update skip locked)`.execute(db)
}

export type Open = Row<'unasked_parcel', 'deliveryId' | 'round' | 'orderId' | 'tid'>

/** Returns open unchecked shipments of the shop whose refunds are now known at least up to the time of the shipping. */
export async function answeredShipments(db: Database, shopId: string): Promise<Open[]> {
  const found = await sql<Open>`
    select u.delivery_id as "deliveryId", u.round, u.order_id as "orderId", u.tid
    from unasked_parcel u
    where u.shop_id = ${shopId}::bigint and u.answered_at is null
      and ${refundsKnownTo(sql`${shopId}::bigint`, sql`u.tid`)} >= u.left_at
    order by u.delivery_id, u.round limit 500`.execute(db)
  return found.rows
}

export async function anyUnchecked(db: Database, shopId: string): Promise<boolean> {
  const found = await sql`
    select from unasked_parcel where shop_id = ${shopId}::bigint and answered_at is null limit 1`.execute(db)
  return found.rows.length > 0
}

/**
 * Writes the outcome of each unchecked shipment. `undone`: the shipping was undone. `refund`: the delivery got an intercept after it left,
 * or its trade is in `unapplied`, the trade numbers with a refund that could not be applied. `clear`: neither.
 */
export async function writeCheckOutcomes(
  tx: Tx,
  parcels: readonly Open[],
  unapplied: readonly string[],
): Promise<void> {
  await sql`
    update unasked_parcel u set answered_at = now(), outcome = case
      when not exists (select from delivery d where d.id = u.delivery_id and d.round = u.round and d.status = 'shipped') then 'undone'
      when u.tid = any(${[...unapplied]}::text[])
        or exists (select from intercept i where i.delivery_id = u.delivery_id and i.created_at >= u.left_at) then 'refund'
      else 'clear' end
    from ${unnestRows('p', parcels, [
      ['delivery_id', 'int8', (row) => row.deliveryId],
      ['round', 'int4', (row) => row.round],
    ])}
    where u.delivery_id = p.delivery_id and u.round = p.round and u.answered_at is null`.execute(tx)
}
