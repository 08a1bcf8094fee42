import { type RawBuilder, sql } from 'kysely'
import type { Actor, By, Scope } from '../../core/access/actor.ts'
import { grantedSql } from '../../core/access/scope.ts'
import { type Database, startOfToday, type Tx } from '../../core/db/db.ts'
import type { Nullable, Row, RowFor } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { deliveriesOfPackages } from '../numbers.ts'
import type { Piece } from '../ship-steps.ts'
import type { ScanReply, StationStop } from './contract.ts'
import type { CountedPieces } from './counting.ts'

/** SQL: a relation of one row. */
const always = sql`(values (1)) as always`

const lockOf = (station: string) =>
  sql`hashtextextended('station:' || current_schema() || ':' || ${station}, 0)`

/**
 * Makes the requests of one station run one after another. Call it before any order is locked. The statements of this transaction get one
 * plan for any values: they read a few rows by their ids, and PostgreSQL would otherwise plan each list of ids again, because it takes one id
 * to be cheaper than the ten that it expects.
 */
export async function lockStation(tx: Tx, station: string): Promise<void> {
  await sql`
    select set_config('plan_cache_mode', 'force_generic_plan', true), pg_advisory_xact_lock(${lockOf(station)})`.execute(
    tx,
  )
}

/** Minutes after its last scan at which another station may take the parcel. */
const idleMinutes = 15

export type OnStation = Row<'station_parcel', 'deliveryId'> & {
  stop: StationStop | null
  /** The piece whose serial number is scanned next. */
  asksSerial: Piece | null
}

export async function parcelOn(db: Database | Tx, station: string): Promise<OnStation | undefined> {
  const found = await sql<RowFor<'station_parcel', OnStation>>`
    select delivery_id as "deliveryId", stop, asks_serial as "asksSerial" from station_parcel where station = ${station}`.execute(
    db,
  )
  return found.rows[0]
}

/** Returns the parcel that is on the station, and the answer to the same key, if it came before. The caller has locked the station. */
export async function stationNowAt(
  tx: Tx,
  station: string,
  key: string,
): Promise<{ on: OnStation | undefined; prior: ScanReply | undefined }> {
  const found = await sql<RowFor<'station_parcel', Nullable<OnStation> & { prior: ScanReply | null }>>`
    select here.delivery_id as "deliveryId", here.stop, here.asks_serial as "asksSerial", (select verdict from station_scan where key = ${key}) as prior
    from ${always} left join station_parcel here on here.station = ${station}`.execute(tx)
  const { deliveryId = null, stop = null, asksSerial = null, prior = null } = found.rows[0] ?? {}
  return { on: deliveryId === null ? undefined : { deliveryId, stop, asksSerial }, prior: prior ?? undefined }
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

/** Puts the parcel on the station, instead of the one that is there (`before`). */
export async function putOn(
  tx: Tx,
  { deliveryId, station, userName }: Row<'station_parcel', 'deliveryId' | 'station' | 'userName'>,
  before: OnStation | undefined,
): Promise<void> {
  if (before && before.deliveryId !== deliveryId) await takeOff(tx, station)
  await sql`
    insert into station_parcel (delivery_id, station, user_name) values (${deliveryId}::bigint, ${station}, ${userName})
    on conflict (delivery_id) do update set station = excluded.station, user_name = excluded.user_name, touched_at = clock_timestamp(),
      stop = null, asks_serial = null`.execute(tx)
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

/** The next scan is the serial number of this piece; null: it is a piece again. */
export async function askSerial(tx: Tx, station: string, piece: Piece | null): Promise<void> {
  await sql`
    update station_parcel set asks_serial = ${piece === null ? null : JSON.stringify(piece)}::jsonb where station = ${station}`.execute(
    tx,
  )
}

/** SQL: counts these pieces, once for each row of `at`. */
const insertPieces = (counted: readonly CountedPieces[], at: RawBuilder<unknown>) => sql`
  insert into station_count as c (delivery_id, line_no, sku_id, counted)
  select n.delivery_id, n.line_no, n.sku_id, n.pieces from ${at} cross join ${unnestRows('n', counted, [
    ['delivery_id', 'int8', ({ line }) => line.deliveryId],
    ['line_no', 'int4', ({ line }) => line.lineNo],
    ['sku_id', 'int8', ({ line }) => line.skuId],
    ['pieces', 'int4', ({ pieces }) => pieces],
  ])}
  on conflict (delivery_id, line_no, sku_id) do update set counted = c.counted + excluded.counted, counted_at = now()`

export async function addPieces(tx: Tx, counted: readonly CountedPieces[]): Promise<void> {
  if (counted.length === 0) return
  await insertPieces(counted, always).execute(tx)
}

export async function clearCounts(tx: Tx, deliveryIds: readonly string[]): Promise<void> {
  await sql`delete from station_count where delivery_id = any(${[...deliveryIds]}::bigint[])`.execute(tx)
}

/** Returns a delivery with this waybill, its own or of a package, or number, or of this order; one that is not cancelled if there is one. */
export async function deliveryWithCode(tx: Tx, code: string, scope: Scope): Promise<string | undefined> {
  const upper = code.toUpperCase()
  const found = await sql<Row<'delivery', 'id'>>`
    select id from (
      select id, status, shop_id, warehouse_id from delivery where waybill_no = ${upper} and waybill_no <> '' and status <> 'cancelled'
      union all select id, status, shop_id, warehouse_id from (${deliveriesOfPackages(sql`${[upper]}::text[]`)}) of_package
      union all select id, status, shop_id, warehouse_id from delivery where no = ${upper}
      union all select id, status, shop_id, warehouse_id from delivery where order_no = ${upper}
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
    where w.id in (
      select id from waybill where waybill_no = ${code.toUpperCase()} and waybill_no <> ''
      union all select waybill_id from waybill_package where waybill_no = ${code.toUpperCase()} and waybill_id is not null)
      and ${grantedSql(scope, 'delivery')}
    order by w.id desc limit 1`.execute(tx)
  return found.rows[0]?.id
}

export type Scanned = {
  key: string
  station: string
  deliveryId: string | null
  verdict: ScanReply
}

/** SQL: inserts a scan for each row of `at`. */
const insertScans = ({ verdict, ...scan }: Scanned, { id, name }: Actor, at: RawBuilder<unknown>) => sql`
  insert into station_scan (key, station, user_id, user_name, delivery_id, kind, verdict)
  select ${scan.key}::text, ${scan.station}::text, ${id}::text, ${name}::text, ${scan.deliveryId}::bigint, ${verdict.kind}::text, ${JSON.stringify(verdict)}::jsonb
  from ${at}`

/** Writes a scan. The station is used now, so no other may take its parcel. */
export async function writeScan(tx: Tx, scan: Scanned, actor: Actor): Promise<void> {
  await sql`
    with touched as (update station_parcel set touched_at = clock_timestamp() where station = ${scan.station})
    ${insertScans(scan, actor, always)}`.execute(tx)
}

/**
 * Writes a scan, and the pieces that it counted, in one statement of its own. False: another request of the station is at work or came
 * first, so nothing is written. `version`: `touched_at` of the station's row as it was read, which every other request changes.
 */
export async function writePlainScan(
  db: Database,
  { scan, counted, version }: { scan: Scanned; counted: readonly CountedPieces[]; version: string },
  actor: Actor,
): Promise<boolean> {
  const written = await sql`
    with station as (select pg_try_advisory_xact_lock(${lockOf(scan.station)}) as is_free), mine as (
      update station_parcel p set touched_at = clock_timestamp() from station
      where station.is_free and p.station = ${scan.station} and p.delivery_id = ${scan.deliveryId}::bigint
        and p.touched_at = ${version}::timestamptz and p.stop is null
      returning p.delivery_id
    ), counted as (${insertPieces(counted, sql`mine`)})
    ${insertScans(scan, actor, sql`mine`)} returning 1`.execute(db)
  return written.rows.length > 0
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
  where s.at >= ${startOfToday}
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
