import { sql } from 'kysely'
import type { TrackState } from '../connectors/traces-contract.ts'
import type { Database, Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { unnestRows } from '../lib/unnest.ts'

// This file is the only place that writes where a parcel is.

/**
 * Begins to track the parcels of shipped deliveries. It begins again for a delivery that left again, or whose waybill was corrected after it
 * left.
 */
export async function beginTracking(tx: Tx, deliveryIds: readonly string[]): Promise<void> {
  await sql`
    insert into parcel_track (delivery_id, shop_id, warehouse_id, courier, waybill_no, left_at, next_at)
    select id, shop_id, warehouse_id, courier, waybill_no, shipped_at, now() + interval '2 hours' from delivery
    where id = any(${[...deliveryIds]}::bigint[]) and waybill_no <> ''
    on conflict (delivery_id) do update set warehouse_id = excluded.warehouse_id, courier = excluded.courier,
      waybill_no = excluded.waybill_no, account_id = null, state = 'unknown', moved_at = null, left_at = excluded.left_at, asked_at = null,
      next_at = excluded.next_at, misses = 0`.execute(tx)
}

/**
 * `oids`: the lines that were written back; empty: the whole trade. `onPlatform`: the platform knows the order, because it was written back
 * or will be.
 */
export type DueParcel = Row<'parcel_track', 'deliveryId' | 'courier' | 'waybillNo' | 'state'> &
  Row<'delivery', 'tid' | 'orderId'> &
  Record<'oids', string[]> &
  Record<'onPlatform', boolean>

/** Returns the parcels of the shop for which it is time to ask its platform, the longest due first. */
export async function dueParcels(db: Database, shopId: string, most: number): Promise<DueParcel[]> {
  const found = await sql<DueParcel>`
    select t.delivery_id as "deliveryId", t.courier, t.waybill_no as "waybillNo", t.state, d.tid, d.order_id as "orderId",
      coalesce(a.payload -> 'oids', '[]') as oids, d.write_back <> 'none' as "onPlatform"
    from (
      select * from parcel_track where shop_id = ${shopId}::bigint and account_id is null and next_at <= now()
      order by next_at limit ${most}
    ) t join delivery d on d.id = t.delivery_id and d.status = 'shipped' and d.waybill_no = t.waybill_no
    left join platform_action a on a.id = d.action_id
    order by t.next_at`.execute(db)
  return found.rows
}

/** Returns whether the platform has shown a scan of any open parcel of the shop within a week. */
export async function showsScans(db: Database, shopId: string): Promise<boolean> {
  const found = await sql`
    select from parcel_track
    where shop_id = ${shopId}::bigint and account_id is null and next_at is not null and moved_at > now() - interval '7 days' limit 1`.execute(
    db,
  )
  return found.rows.length > 0
}

/** Ends the tracking of due parcels that did not leave after all, got another waybill, or left long ago. */
export async function endUnshipped(
  db: Database,
  of: { shopId: string } | { accountIds: readonly string[] },
): Promise<void> {
  const ofThese =
    'shopId' in of
      ? sql`t.account_id is null and t.shop_id = ${of.shopId}::bigint`
      : sql`t.account_id = any(${[...of.accountIds]}::bigint[])`
  await sql`
    update parcel_track t set next_at = null from delivery d
    where ${ofThese}
      and t.next_at <= now() and d.id = t.delivery_id
      and (d.status <> 'shipped' or d.waybill_no <> t.waybill_no or t.left_at < now() - interval '30 days')`.execute(
    db,
  )
}

/** `state` null: the platform refused the question. */
export type Answered = Pick<DueParcel, 'deliveryId' | 'waybillNo'> & {
  state: TrackState | null
  movedAt: Date | null
}

/** Writes where parcels are, and when to ask again: often while one is out for delivery, never once it has arrived. */
export async function writeTracks(tx: Tx, rows: readonly Answered[]): Promise<void> {
  await sql`
    update parcel_track t set state = coalesce(d.state, t.state), moved_at = coalesce(d.moved_at, t.moved_at),
      asked_at = case when d.state is null then t.asked_at else now() end,
      misses = case when d.state is null then t.misses + 1 else 0 end,
      next_at = case when t.left_at < now() - interval '30 days' or d.state in ('signed', 'returned') then null
        -- Its source sends news of it, so it is not asked for.
        when exists (
          select from parcel_subscription s join waybill_account a on a.id = s.account_id and a.track = 'subscribe'
          where s.waybill_no = t.waybill_no and s.courier = t.courier and s.account_id = t.account_id and s.state in ('asked', 'live')) then t.left_at + interval '30 days'
        when d.state is null then now() + least(t.misses + 1, 6) * interval '4 hours'
        when d.state in ('unknown', 'out_for_delivery') then now() + interval '4 hours'
        else now() + interval '8 hours' end
    from ${unnestRows('d', rows, [
      ['delivery_id', 'int8', (row) => row.deliveryId],
      ['waybill_no', 'text', (row) => row.waybillNo],
      ['state', 'text', (row) => row.state],
      ['moved_at', 'timestamptz', (row) => row.movedAt],
    ])}
    where t.delivery_id = d.delivery_id and t.waybill_no = d.waybill_no`.execute(tx)
}

/** Returns the living intercepts of these deliveries for which the courier is asked, or would be. */
export async function recallsOf(tx: Tx, deliveryIds: readonly string[]): Promise<string[]> {
  const found = await sql<Row<'intercept', 'id'>>`
    select id from intercept
    where delivery_id = any(${[...deliveryIds]}::bigint[]) and state in ('open', 'asked') and way = 'recall' order by id`.execute(
    tx,
  )
  return found.rows.map(({ id }) => id)
}
