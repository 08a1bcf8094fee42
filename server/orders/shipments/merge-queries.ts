import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../../core/access/actor.ts'
import { scopeSql } from '../../core/access/scope.ts'
import { type Database, preparedStatement, type Tx } from '../../core/db/db.ts'
import type { Nullable, Row, Rows } from '../../core/db/rows.ts'
import { monthlessKeysOfKind } from '../../lib/people.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { allocationFacet, refundFacets } from '../order/facets.ts'
import { offPlatformOrigins } from '../order/lifecycle.ts'
import { designatedOf } from '../order/queries.ts'
import type { MergeFacts } from './merge-rules.ts'

/**
 * The name of the check for orders that should be merged first. Merging solves this problem, so it does not prevent merging. It is repeated
 * here, because this room may not import the review.
 */
const mergeable = 'mergeable'

type Computed =
  | 'rootId'
  | 'platform'
  | 'designated'
  | 'nicks'
  | 'refundOpen'
  | 'short'
  | 'presaleUntil'
  | 'takenOut'
  | 'asked'
  | 'grp'
type FoundFacts = Row<'sales_order', Exclude<keyof MergeFacts, Computed>> & Pick<MergeFacts, Computed>

/** Reads the merge facts of these orders. A caller that changes orders by them must have locked the orders. */
export async function mergeFacts(db: Database | Tx, ids: readonly string[]): Promise<MergeFacts[]> {
  const found = await sql<FoundFacts>`${preparedStatement}
    select o.id, o.no, coalesce(o.split_from, o.id) as "rootId", o.shop_id as "shopId",
      case when o.origin = any(${[...offPlatformOrigins]}::text[]) then '' else s.platform end as platform, o.origin, o.status, o.parcel, o.receiver_hash as "receiverHash",
      o.receiver_masked as "receiverMasked", o.region, ${monthlessKeysOfKind(sql.ref('o.people'), 'nick')}::text[] as nicks,
      o.warehouse_id as "warehouseId", o.cod, ${designatedOf(sql`o.facets`)} as designated, o.paid_at as "paidAt", o.open_holds as "openHolds",
      o.facets[4] = ${refundFacets.open}::int as "refundOpen", case when o.open_problems = 0 then 0 else (
        select count(*)::int from order_problem p where p.order_id = o.id and p.waived_at is null and p.reason <> ${mergeable}
      ) end as "openProblems",
      o.facets[5] <> ${allocationFacet(0)}::int as short,
      case when o.ship_after > now() then to_char(o.ship_after at time zone 'Asia/Shanghai', 'YYYY-MM-DD') else '' end as "presaleUntil",
      o.buyer_message as "buyerMessage", o.seller_memo as "sellerMemo",
      exists (select from order_event e where e.order_id = o.id and e.event = 'unmerged') as "takenOut", a.asked, a.grp
    from sales_order o join shop s on s.id = o.shop_id ${answers}
    where o.id = any(${[...ids]}::bigint[]) order by o.id`.execute(db)
  return found.rows
}

/** Joins the platform's answer to the receiver check; an answer for an earlier receiver of the order does not match. */
const answers = sql`left join receiver_answer a on a.order_id = o.id and a.receiver_hash = o.receiver_hash`

export async function withShipments(db: Database | Tx, ids: readonly string[]): Promise<string[]> {
  const found = await sql<Row<'sales_order', 'id'>>`${preparedStatement}
    select id from unnest(${[...ids]}::bigint[]) asked (id)
    union
    select o.id from sales_order own
    join parcel_order p on p.parcel = own.parcel
    join sales_order o on o.id = p.order_id and o.parcel = p.parcel
    where own.id = any(${[...ids]}::bigint[])`.execute(db)
  return found.rows.map(({ id }) => id)
}

type MemberFact = 'id' | 'warehouseId' | 'receiverHash' | 'designated' | 'asked' | 'grp'
/** `designated` is empty if a person chose the courier of the order. */
export type ShipmentMember = Pick<MergeFacts, MemberFact>

export async function shipmentMembers(
  tx: Tx,
  parcels: readonly string[],
): Promise<Map<string, ShipmentMember[]>> {
  if (parcels.length === 0) return new Map()
  const found = await sql<ShipmentMember & Row<'parcel_order', 'parcel'>>`
    select o.parcel, o.id, o.warehouse_id as "warehouseId", o.receiver_hash as "receiverHash",
      case when o.courier_by_hand then '{}' else ${designatedOf(sql`o.facets`)} end as designated, a.asked, a.grp
    from parcel_order p join sales_order o on o.id = p.order_id and o.parcel = p.parcel ${answers}
    where p.parcel = any(${[...parcels]}::bigint[]) order by o.id`.execute(tx)
  return Map.groupBy(found.rows, ({ parcel }) => parcel)
}

export async function withCandidates(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const found = await sql<Row<'sales_order', 'id'>>`
    select id from unnest(${[...ids]}::bigint[]) asked (id)
    union
    select mate.id from sales_order o
    join sales_order mate on mate.receiver_hash = o.receiver_hash and mate.receiver_hash <> 0
      and mate.status in ('unconfirmed', 'confirmed')
    where o.id = any(${[...ids]}::bigint[])`.execute(tx)
  return found.rows.map(({ id }) => id)
}

export type Joining = { orderId: string; leaderId: string; parcel: string | null }

/** Puts locked orders into the merged shipments of their leaders; a leader without a shipment gets a new one. */
export async function writeShipments(tx: Tx, rows: readonly Joining[]): Promise<void> {
  await sql`${preparedStatement}
    with joining as materialized (
      select d.* from ${unnestRows('d', rows, [
        ['order_id', 'int8', (row) => row.orderId],
        ['leader_id', 'int8', (row) => row.leaderId],
        ['parcel', 'int8', (row) => row.parcel],
      ])}
    ), numbered as materialized (
      select leader_id, coalesce(max(parcel), nextval('parcel_id')) as parcel from joining group by leader_id
    ), members as (
      insert into parcel_order (parcel, order_id) select n.parcel, j.order_id from joining j join numbered n using (leader_id)
      on conflict do nothing
    )
    update sales_order o set parcel = n.parcel, version = o.version + 1, updated_at = now()
    from joining j join numbered n using (leader_id)
    where o.id = j.order_id`.execute(tx)
}

/**
 * Takes these locked orders out of their merged shipments. An order that would be alone in a shipment leaves it too, unless another
 * transaction has locked that order.
 */
export async function removeFromShipments(tx: Tx, ids: readonly string[]): Promise<void> {
  await sql`
    with leaving as (
      select id, parcel from sales_order where id = any(${[...ids]}::bigint[]) and parcel is not null
    ), alone as (
      select id from sales_order where id in (
        select min(o.id) from (select distinct parcel from leaving) l
        join parcel_order p using (parcel)
        join sales_order o on o.id = p.order_id and o.parcel = p.parcel
        where o.id not in (select id from leaving)
        group by o.parcel having count(*) = 1)
      for update skip locked
    )
    update sales_order set parcel = null, version = version + 1, updated_at = now()
    where id in (select id from leaving union all select id from alone)`.execute(tx)
}

/**
 * Takes orders out of these merged shipments that are alone in them since the others were voided, unless another transaction has locked them.
 * Those that were shipped keep the parcel in which they left.
 */
export async function endLoneShipments(tx: Tx, parcels: readonly string[]): Promise<void> {
  if (parcels.length === 0) return
  await sql`
    with alone as (
      select id from sales_order where id in (
        select min(o.id) from parcel_order p join sales_order o on o.id = p.order_id and o.parcel = p.parcel
        where p.parcel = any(${[...parcels]}::bigint[]) group by p.parcel having count(*) = 1)
        and status in ('unconfirmed', 'confirmed', 'released')
      for update skip locked
    )
    update sales_order set parcel = null, version = version + 1, updated_at = now() where id in (select id from alone)`.execute(
    tx,
  )
}

export type ReceiverRow = { receiverHash: number; ids: string[] }

/** Limits the index rows that one page reads, so that it is fast even if few receivers have several open orders. */
const lookThrough = 20_000

/** `next`: the hash at which the next page begins; null: there are no more. */
export type ReceiverPage = { rows: ReceiverRow[]; next: number | null }

/**
 * Returns receivers with several open orders in the scope, at least one of which is in no merged shipment. Checks at most `limit`
 * receivers with several open orders.
 */
export function receiversOfSeveral(
  db: Database | Tx,
  { from, limit, scope }: { from: number; limit: number; scope: Scope },
): Promise<ReceiverPage> {
  return receiversWhere(
    db,
    { from, limit },
    sql<boolean>`exists (select from sales_order o where o.id = any(s.ids::bigint[]) and o.parcel is null) and ${grantedSeveral(scope)}`,
  )
}

/** Returns receivers with several open orders (`s.ids`) that satisfy `wanted`, ordered by receiver hash, from the hash `from` on. */
export async function receiversWhere(
  db: Database | Tx,
  { from, limit }: { from: number; limit: number },
  wanted: RawBuilder<boolean>,
): Promise<ReceiverPage> {
  type Found = Nullable<Row<'sales_order', 'receiverHash'> & { ids: Rows['sales_order']['id'][] }> &
    Record<'several' | 'cut' | 'seen' | 'last', number>
  const found = await sql<Found>`
    with seen as materialized (
      select receiver_hash, id from sales_order
      where status in ('unconfirmed', 'confirmed') and receiver_hash <> 0 and receiver_hash >= ${from}
      order by receiver_hash, id limit ${lookThrough}
    ), several as materialized (
      select receiver_hash, array_agg(id::text order by id) as ids from seen
      group by receiver_hash having count(*) > 1 order by receiver_hash limit ${limit}
    )
    select s.receiver_hash as "receiverHash", s.ids, e.*
    from (
      select (select count(*)::int from several) as several, (select max(receiver_hash) from several) as cut,
        (select count(*)::int from seen) as seen, (select max(receiver_hash) from seen) as last
    ) e
    left join several s on ${wanted}
    order by s.receiver_hash`.execute(db)
  const { several = 0, cut = from, seen = 0, last = from } = found.rows[0] ?? {}
  const isFull = several >= limit
  const isCutOff = seen >= lookThrough && (!isFull || cut === last)
  // The last receiver may have further orders beyond the rows that were read, so the next page begins with it.
  const rows = found.rows.flatMap(({ receiverHash, ids }) =>
    ids && receiverHash !== null && !(isCutOff && receiverHash === last) ? [{ receiverHash, ids }] : [],
  )
  if (isFull && !isCutOff) return { rows, next: cut + 1 }
  return { rows, next: isCutOff ? Math.max(last, from + 1) : null }
}

const grantedSeveral = (scope: Scope) =>
  scope.shops === 'all'
    ? sql`true`
    : sql`(select count(*) from sales_order o where o.id = any(s.ids::bigint[]) and ${scopeSql(scope, sql.ref('o.shop_id'))}) > 1`
