import { type RawBuilder, sql } from 'kysely'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { streamComplete } from '../../core/tasks/cursors.ts'
import { unnestRows } from '../../lib/unnest.ts'

/**
 * `knownTo`: the time up to which the refunds of a delivery's trade are known. `ageMs`: milliseconds since then by the database's clock;
 * null: never checked.
 */
export type RefundKnowledge = Row<
  'unasked_parcel',
  'deliveryId' | 'orderId' | 'shopId' | 'tid' | 'knownTo'
> & {
  ageMs: number | null
  /**
   * Milliseconds since the latest of three times: `knownTo`, the shop's last complete answer, and, if it never answered, the last change of
   * its authorisation.
   */
  silentMs: number
  /**
   * Milliseconds since the shop's last check, if that check failed; for some seconds after it the shop is not called. Null: the last check
   * had an answer, complete or not.
   */
  failedMs: number | null
  /** The shop's setting `shipUnasked`. True: its deliveries ship unchecked, however long the platform does not answer. */
  shipsUnasked: boolean
}

/**
 * The time up to which we know the refunds of a shop, or of one of its trades: the latest of the shop's check, the download cursor and
 * the trade's check. An SQL expression for each row of the caller's statement.
 */
export function refundsKnownTo(shopId: RawBuilder<unknown>, tid?: RawBuilder<unknown>): RawBuilder<unknown> {
  const ofTrade = sql`, (select asked_to from refund_ask_trade where shop_id = ${shopId} and tid = ${tid})`
  return sql`greatest(
    (select asked_to from refund_ask where shop_id = ${shopId}),
    (select ${streamComplete} from stream_cursor where shop_id = ${shopId} and stream = 'refunds')${tid ? ofTrade : sql``})`
}

/**
 * True if the refunds of all shops of these deliveries, and of their merged shipments, are known up to `withinMs` milliseconds ago. Then no
 * single trade has to be checked; for most deliveries this is the only query of the check.
 */
export async function areShopsKnown(
  db: Database,
  deliveryIds: readonly string[],
  withinMs: number,
): Promise<boolean> {
  const since = sql`now() - ${withinMs}::int * interval '1 millisecond'`
  const found = await sql<{ known: boolean }>`
    with leaving as materialized (select shop_id, parcel from delivery where id = any(${[...deliveryIds]}::bigint[])),
    shops as (
      select shop_id from leaving
      union select shop_id from delivery where parcel in (select parcel from leaving where parcel is not null)
    )
    select coalesce(bool_and(coalesce(${refundsKnownTo(sql`shops.shop_id`)} >= ${since}, false)), true) as known from shops`.execute(
    db,
  )
  return found.rows[0]?.known ?? false
}

/** Returns what is known of the refunds of each pending delivery. The facts of a shop are read once for all its deliveries. */
export async function knownOf(db: Database | Tx, deliveryIds: readonly string[]): Promise<RefundKnowledge[]> {
  const found = await sql<RefundKnowledge>`
    with leaving as materialized (
      select id, order_id, shop_id, tid from delivery where id = any(${[...deliveryIds]}::bigint[]) and status = 'pending'
    ), shops as materialized (
      select s.id, ${refundsKnownTo(sql`s.id`)} as known_to, coalesce(a.answered_at, s.auth_changed_at) as answered_at,
        case when a.error_code <> '' then extract(epoch from now() - a.tried_at)::float8 * 1000 end as "failedMs",
        coalesce((s.settings ->> 'shipUnasked')::boolean, false) as "shipsUnasked"
      from shop s left join refund_ask a on a.shop_id = s.id
      where s.id in (select shop_id from leaving)
    )
    select k."deliveryId", k."orderId", k."shopId", k.tid, k."knownTo", k."failedMs", k."shipsUnasked",
      extract(epoch from now() - k."knownTo")::float8 * 1000 as "ageMs",
      extract(epoch from now() - greatest(k."knownTo", k.answered_at))::float8 * 1000 as "silentMs"
    from (
      select d.id as "deliveryId", d.order_id as "orderId", d.shop_id as "shopId", d.tid, s.answered_at, s."failedMs", s."shipsUnasked",
        greatest(s.known_to, t.asked_to) as "knownTo"
      from leaving d join shops s on s.id = d.shop_id
      left join refund_ask_trade t on t.shop_id = d.shop_id and t.tid = d.tid
    ) k order by k."deliveryId"`.execute(db)
  return found.rows
}

export type UncheckedShipment = Pick<
  RefundKnowledge,
  'deliveryId' | 'orderId' | 'shopId' | 'tid' | 'knownTo'
> & {
  round: number
  letBy: 'patience' | 'setting'
}

export async function insertUnchecked(tx: Tx, rows: readonly UncheckedShipment[]): Promise<void> {
  if (rows.length === 0) return
  await sql`
    insert into unasked_parcel (delivery_id, round, order_id, shop_id, tid, known_to, let_by)
    select delivery_id, round, order_id, shop_id, tid, known_to, let_by
    from ${unnestRows('d', rows, [
      ['delivery_id', 'int8', (row) => row.deliveryId],
      ['round', 'int4', (row) => row.round],
      ['order_id', 'int8', (row) => row.orderId],
      ['shop_id', 'int8', (row) => row.shopId],
      ['tid', 'text', (row) => row.tid],
      ['known_to', 'timestamptz', (row) => row.knownTo],
      ['let_by', 'text', (row) => row.letBy],
    ])}
    order by delivery_id
    on conflict (delivery_id, round) do nothing`.execute(tx)
}

/** True if one of these deliveries was shipped unchecked in its present shipping. */
export async function anyUncheckedOf(tx: Tx, deliveryIds: readonly string[]): Promise<boolean> {
  const found = await sql`
    select from unasked_parcel u join delivery d on d.id = u.delivery_id and d.round = u.round
    where d.id = any(${[...deliveryIds]}::bigint[]) and u.answered_at is null limit 1`.execute(tx)
  return found.rows.length > 0
}
