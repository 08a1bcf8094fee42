import { sql } from 'kysely'
import type { TrackingSource } from '../../carriers/tracking-source.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row, Rows } from '../../core/db/rows.ts'

// Which account follows a parcel (`parcel_track.account_id`). Where the parcel is, track-queries.ts writes.

/** `accountId`: the account that follows the parcel. */
export type FollowedParcel = Row<
  'parcel_track',
  'deliveryId' | 'courier' | 'waybillNo' | 'state' | 'movedAt'
> &
  Row<'delivery', 'orderId'> & { accountId: Rows['waybill_account']['id'] }

/**
 * Gives parcels to accounts: those of shops whose platform shows no scans (not among `platforms`), those that their platform has refused
 * twice, and those that it does not know. An account of the parcel's own shop comes first, then one of its warehouse. Returns how many.
 */
export async function giveToAccounts(
  db: Database,
  { id: source, couriers, waybillPattern }: Pick<TrackingSource, 'id' | 'couriers' | 'waybillPattern'>,
  platforms: readonly string[],
  most = 2000,
): Promise<number> {
  const given = await sql`
    update parcel_track t set account_id = c.account_id, next_at = now(), misses = 0
    from (
      select p.delivery_id, a.id as account_id from (
        -- The deliveries of a merged shipment have one account.
        select p.*, min(p.shop_id) over (partition by p.courier, p.waybill_no) as first_shop_id
        from parcel_track p
        join delivery d on d.id = p.delivery_id and d.status = 'shipped' and d.waybill_no = p.waybill_no
        join shop s on s.id = p.shop_id
        where p.account_id is null and p.asked_at is null and p.next_at is not null
          and p.courier = any(${[...couriers]}::text[]) and p.waybill_no ~ ${waybillPattern}
          and (p.misses >= 2 or s.platform <> all(${[...platforms]}::text[])
            or d.write_back = 'none' and not exists (
              select from delivery beside
              where beside.parcel = d.parcel and beside.status = 'shipped' and beside.write_back <> 'none'))
      ) p cross join lateral (
        select a.id from waybill_account a
        where a.source = ${source} and a.enabled and a.track <> 'none'
          and (a.warehouse_id is null or a.warehouse_id = p.warehouse_id)
        order by a.shop_id <> p.first_shop_id, a.warehouse_id is null, a.id limit 1
      ) a limit ${most}
    ) c where t.delivery_id = c.delivery_id`.execute(db)
  return Number(given.numAffectedRows ?? 0)
}

/** Takes parcels from accounts that follow none any more. Another account may follow them then. */
export async function takeFromAccounts(db: Database): Promise<void> {
  await sql`
    update parcel_track t set account_id = null, asked_at = null, next_at = now() from waybill_account a
    where a.id = t.account_id and t.next_at is not null and (not a.enabled or a.track = 'none')`.execute(db)
}

/** Parcels that waited for news of a subscription are asked for again, at once: news may not come any more. */
export async function askInsteadOfNews(tx: Tx, accountId: string): Promise<void> {
  await sql`
    update parcel_track set next_at = now()
    where account_id = ${accountId}::bigint and next_at = left_at + interval '30 days'`.execute(tx)
}

/** Ends the tracking of parcels that left long ago and that no account follows. Returns how many. */
export async function endUnfollowed(db: Database, most = 2000): Promise<number> {
  const ended = await sql`
    update parcel_track t set next_at = null
    where t.delivery_id in (
      select delivery_id from parcel_track
      where account_id is null and asked_at is null and next_at is not null and left_at < now() - interval '30 days' limit ${most})`.execute(
    db,
  )
  return Number(ended.numAffectedRows ?? 0)
}

const followed = sql`
  select t.delivery_id as "deliveryId", t.courier, t.waybill_no as "waybillNo", t.state, t.moved_at as "movedAt",
    t.account_id as "accountId", d.order_id as "orderId"
  from parcel_track t join delivery d on d.id = t.delivery_id and d.status = 'shipped' and d.waybill_no = t.waybill_no`

/** Returns the parcels of an account for which it is time to ask, the longest due first. */
export async function dueOfAccount(db: Database, accountId: string, most: number): Promise<FollowedParcel[]> {
  const found = await sql<FollowedParcel>`
    ${followed} where t.account_id = ${accountId}::bigint and t.next_at <= now() order by t.next_at limit ${most}`.execute(
    db,
  )
  return found.rows
}

/** Returns the deliveries of a parcel that this account follows. */
export async function followedParcel(
  tx: Tx,
  { accountId, courier, waybillNo }: Pick<FollowedParcel, 'accountId' | 'courier' | 'waybillNo'>,
): Promise<FollowedParcel[]> {
  const found = await sql<FollowedParcel>`
    ${followed}
    where t.account_id = ${accountId}::bigint and t.courier = ${courier} and t.waybill_no = ${waybillNo}
    order by t.delivery_id`.execute(tx)
  return found.rows
}

/** Notes of parcels with a subscription that their source sends news of them, so that they are not asked for. */
export async function awaitNews(db: Database | Tx, accountIds: readonly string[]): Promise<void> {
  await sql`
    update parcel_track t set next_at = t.left_at + interval '30 days',
      asked_at = case when s.state = 'live' then coalesce(t.asked_at, now()) else t.asked_at end
    from parcel_subscription s
    where t.account_id = any(${[...accountIds]}::bigint[]) and t.next_at is not null
      and (t.next_at <= now() or t.asked_at is null and s.state = 'live')
      and s.account_id = t.account_id and s.courier = t.courier and s.waybill_no = t.waybill_no`.execute(db)
}
