import { sql } from 'kysely'
import { skuCodes, skuFaces, skuParts } from '../../catalog/relations.ts'
import type { Actor, By, Scope } from '../../core/access/actor.ts'
import { grantedSql } from '../../core/access/scope.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row, RowFor } from '../../core/db/rows.ts'
import type { ShipStep } from '../../inventory/lifecycle.ts'
import { packedOrders, unshippedLines } from '../../orders/order/relations.ts'
import type { WorkState } from '../lifecycle.ts'
import type { ScanReply, StationLine, StationStop } from './contract.ts'

/** Makes the requests of one station run one after another. Call it before any order is locked. */
export async function lockStation(tx: Tx, station: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('station:' || current_schema() || ':' || ${station}, 0))`.execute(
    tx,
  )
}

/** Minutes after its last scan at which another station may take the parcel. */
const idleMinutes = 15

export type OnStation = Row<'station_parcel', 'deliveryId'> & { stop: StationStop | null }

export async function parcelOn(db: Database | Tx, station: string): Promise<OnStation | undefined> {
  const found = await sql<RowFor<'station_parcel', OnStation>>`
    select delivery_id as "deliveryId", stop from station_parcel where station = ${station}`.execute(db)
  return found.rows[0]
}

/** Returns the other station that has the parcel, if it was used lately. */
export async function otherStation(
  tx: Tx,
  deliveryId: string,
  station: string,
): Promise<Row<'station_parcel', 'station' | 'userName'> | undefined> {
  const found = await sql<Row<'station_parcel', 'station' | 'userName'>>`
    select station, user_name as "userName" from station_parcel
    where delivery_id = ${deliveryId}::bigint and station <> ${station} and touched_at > now() - make_interval(mins => ${idleMinutes})`.execute(
    tx,
  )
  return found.rows[0]
}

/** The station is used now, so no other may take its parcel. */
export async function touch(tx: Tx, station: string): Promise<void> {
  await sql`update station_parcel set touched_at = now() where station = ${station}`.execute(tx)
}

/** Puts the parcel on the station, instead of the one that is there. */
export async function putOn(
  tx: Tx,
  { deliveryId, station, userName }: Row<'station_parcel', 'deliveryId' | 'station' | 'userName'>,
): Promise<void> {
  await sql`delete from station_parcel where station = ${station} and delivery_id <> ${deliveryId}::bigint`.execute(
    tx,
  )
  await sql`
    insert into station_parcel (delivery_id, station, user_name) values (${deliveryId}::bigint, ${station}, ${userName})
    on conflict (delivery_id) do update set station = excluded.station, user_name = excluded.user_name, touched_at = now(),
      stop = null`.execute(tx)
}

export async function takeOff(tx: Tx, station: string): Promise<void> {
  await sql`delete from station_parcel where station = ${station}`.execute(tx)
}

export async function writeStop(tx: Tx, station: string, stop: StationStop | null): Promise<void> {
  await sql`
    update station_parcel set stop = ${stop === null ? null : JSON.stringify(stop)}::jsonb where station = ${station}`.execute(
    tx,
  )
}

export async function addPiece(
  tx: Tx,
  { deliveryId, lineNo, skuId }: Pick<StationLine, 'deliveryId' | 'lineNo' | 'skuId'>,
): Promise<void> {
  await sql`
    insert into station_count as c (delivery_id, line_no, sku_id, counted)
    values (${deliveryId}::bigint, ${lineNo}, ${skuId}::bigint, 1)
    on conflict (delivery_id, line_no, sku_id) do update set counted = c.counted + 1, counted_at = now()`.execute(
    tx,
  )
}

export async function clearCounts(tx: Tx, deliveryIds: readonly string[]): Promise<void> {
  await sql`delete from station_count where delivery_id = any(${[...deliveryIds]}::bigint[])`.execute(tx)
}

export type PackedDelivery = Row<
  'delivery',
  | 'id'
  | 'no'
  | 'orderId'
  | 'orderNo'
  | 'status'
  | 'courier'
  | 'waybillNo'
  | 'shipBy'
  | 'checkedAt'
  | 'checkedPieces'
  | 'weightGrams'
  | 'shippedAt'
  | 'shippedBy'
> &
  Row<'sales_order', 'receiverMasked' | 'region' | 'buyerMessage' | 'sellerMemo' | 'ownNote'> & {
    shipSteps: ShipStep[]
    workState: WorkState
    orderStatus: Row<'sales_order', 'status'>['status']
  } & Record<'pieces', number>

/**
 * Returns the deliveries with the texts that a packer reads, and the pieces of each order that are not refunded. The first of a merged
 * shipment comes first.
 */
export async function packedDeliveries(db: Database | Tx, ids: readonly string[]): Promise<PackedDelivery[]> {
  const found = await sql<PackedDelivery>`
    select d.id, d.no, d.order_id as "orderId", d.order_no as "orderNo", d.status, o.status as "orderStatus", d.courier, d.waybill_no as "waybillNo", d.ship_by as "shipBy",
      d.ship_steps as "shipSteps", d.standing as "workState", d.checked_at as "checkedAt", d.checked_pieces as "checkedPieces",
      d.weight_grams as "weightGrams", d.shipped_at as "shippedAt", d.shipped_by as "shippedBy", o.receiver_masked as "receiverMasked",
      o.region, o.buyer_message as "buyerMessage", o.seller_memo as "sellerMemo", o.own_note as "ownNote", l.pieces::int as pieces
    from delivery d
    join ${packedOrders} as o on o.id = d.order_id
    cross join lateral (
      select coalesce(sum(line.pieces), 0) as pieces from ${unshippedLines} as line where line.order_id = d.order_id) l
    where d.id = any(${[...ids]}::bigint[])
    order by d.beside, d.order_id, d.id`.execute(db)
  return found.rows
}

export type PackedLine = StationLine & { codes: string[]; weightGrams: number | null }

/** Returns the pieces to pack, bundles by their parts, with the codes by which each is scanned. Whole refunded lines that were counted stay. */
export async function packedLines(db: Database | Tx, deliveryIds: readonly string[]): Promise<PackedLine[]> {
  const found = await sql<RowFor<'station_count', PackedLine>>`
    select d.id as "deliveryId", line.line_no as "lineNo", coalesce(part.part_id, line.sku_id, 0)::text as "skuId",
      coalesce(face.code, line.outer_sku_id) as code, coalesce(face.name, line.title) as name, coalesce(face.spec, line.spec) as spec,
      coalesce(face.picture_url, '') as "pictureUrl", face.weight_g as "weightGrams", line.gift,
      line.pieces * coalesce(part.quantity, 1) as wanted, coalesce(c.counted, 0) as counted,
      coalesce(right(codes.list[1], 4), '') as "barcodeTail",
      array_remove(coalesce(codes.list, '{}') || face.code || case when coalesce(part.part_id, line.sku_id) is not distinct from line.sku_id
        then nullif(line.outer_sku_id, '') end, null) as codes
    from delivery d
    join ${unshippedLines} as line on line.order_id = d.order_id
    left join ${skuParts} as part on part.sku_id = line.sku_id
    left join ${skuFaces} as face on face.sku_id = part.part_id
    left join lateral (
      select array_agg(s.code order by s.code) as list from ${skuCodes} s where s.sku_id = part.part_id and s.code <> face.code) codes on true
    left join station_count c on c.delivery_id = d.id and c.line_no = line.line_no and c.sku_id = coalesce(part.part_id, line.sku_id, 0)
    where d.id = any(${[...deliveryIds]}::bigint[]) and (line.pieces > 0 or c.counted > 0)
    order by d.beside, d.order_id, line.gift, line.line_no, 3`.execute(db)
  return found.rows
}

/** Returns the name of the goods with this code. */
export async function goodsWithCode(
  tx: Tx,
  code: string,
): Promise<(Row<'product', 'name'> & Row<'sku', 'spec'>) | undefined> {
  const found = await sql<Row<'product', 'name'> & Row<'sku', 'spec'>>`
    select face.name, face.spec from ${skuCodes} s join ${skuFaces} as face on face.sku_id = s.sku_id
    where s.code = any(${[code, code.toUpperCase()]}::text[]) limit 1`.execute(tx)
  return found.rows[0]
}

/** Returns a delivery with this waybill or delivery number, one that is not cancelled if there is one. */
export async function deliveryWithCode(tx: Tx, code: string, scope: Scope): Promise<string | undefined> {
  const upper = code.toUpperCase()
  const found = await sql<Row<'delivery', 'id'>>`
    select id from (
      select id, status, shop_id, warehouse_id from delivery where waybill_no = ${upper} and waybill_no <> '' and status <> 'cancelled'
      union all select id, status, shop_id, warehouse_id from delivery where no = ${upper}
    ) d where ${grantedSql(scope)} order by status = 'cancelled', status = 'shipped', id limit 1`.execute(tx)
  return found.rows[0]?.id
}

/**
 * Returns the pending parcels in baskets with this number, one delivery of each, at most two. Waves of several people may use the same
 * numbers; those that ended more than two days ago do not count.
 */
export async function deliveriesInBasket(tx: Tx, basket: number, scope: Scope): Promise<string[]> {
  const found = await sql<Row<'delivery', 'id'>>`
    select min(d.id)::text as id from wave
    join wave_delivery w on w.wave_id = wave.id and w.basket = ${basket} and (w.live or w.keeps)
    join delivery d on d.id = w.delivery_id and d.status = 'pending'
    where (wave.status in ('picking', 'picked', 'sorting') or (wave.status = 'done' and wave.done_at > now() - interval '2 days'))
      and ${grantedSql(scope, 'd')}
    group by coalesce(-d.parcel, d.id) limit 2`.execute(tx)
  return found.rows.map(({ id }) => id)
}

/** Returns the delivery that had this number, which was given back since. */
export async function deliveryOfOldNumber(tx: Tx, code: string, scope: Scope): Promise<string | undefined> {
  const found = await sql<Row<'delivery', 'id'>>`
    select delivery.id from waybill w join delivery on delivery.id = w.delivery_id
    where w.waybill_no = ${code.toUpperCase()} and w.waybill_no <> '' and ${grantedSql(scope, 'delivery')}
    order by w.id desc limit 1`.execute(tx)
  return found.rows[0]?.id
}

export type Scanned = {
  key: string
  station: string
  deliveryId: string | null
  verdict: ScanReply
}

export async function priorVerdict(tx: Tx, key: string): Promise<ScanReply | undefined> {
  const found = await sql<
    RowFor<'station_scan', { verdict: ScanReply }>
  >`select verdict from station_scan where key = ${key}`.execute(tx)
  return found.rows[0]?.verdict
}

export async function insertScan(tx: Tx, { verdict, ...scan }: Scanned, actor: Actor): Promise<void> {
  await sql`
    insert into station_scan (key, station, user_id, user_name, delivery_id, kind, verdict)
    values (${scan.key}, ${scan.station}, ${actor.id}, ${actor.name}, ${scan.deliveryId}::bigint, ${verdict.kind},
      ${JSON.stringify(verdict)}::jsonb)`.execute(tx)
}

/** The scan also shipped the parcel, or was refused to: its key has this answer from now on. */
export async function replaceReply(tx: Tx, key: string, verdict: ScanReply): Promise<void> {
  await sql`
    update station_scan set kind = ${verdict.kind}, verdict = ${JSON.stringify(verdict)}::jsonb where key = ${key}`.execute(
    tx,
  )
}

export type UserToday = Row<'station_scan', 'userId'> & {
  name: string
  parcels: number
  perHour: number
  wrong: number
}

/** SQL: the scans of today, by the day of Shanghai, of parcels in the scope; one's own also without a parcel. */
const scansOfToday = ({ actor, scope }: By) => sql`(
  select s.* from station_scan s
  where s.at >= date_trunc('day', now() at time zone 'Asia/Shanghai') at time zone 'Asia/Shanghai'
    and (s.user_id = ${actor.id} or exists (select from delivery d where d.id = s.delivery_id and ${grantedSql(scope, 'd')})))`

/** Returns what each user did at stations today. */
export async function usersToday(db: Database, by: By): Promise<UserToday[]> {
  const found = await sql<RowFor<'station_scan', UserToday>>`
    select user_id as "userId", max(user_name) as name, count(*) filter (where kind = 'shipped')::int as parcels,
      (count(*) filter (where kind = 'shipped') / greatest(extract(epoch from max(at) - min(at)) / 3600, 0.25))::int as "perHour",
      count(*) filter (where kind in ('wrong', 'extra', 'unknown'))::int as wrong
    from ${scansOfToday(by)} as scan group by user_id order by 3 desc, 1 limit 50`.execute(db)
  return found.rows
}

export async function stoppedToday(db: Database, by: By): Promise<number> {
  const found = await sql<Record<'stopped', number>>`
    select count(distinct delivery_id)::int as stopped from ${scansOfToday(by)} as scan where kind = 'stop'`.execute(
    db,
  )
  return found.rows[0]?.stopped ?? 0
}
