import { type RawBuilder, sql } from 'kysely'
import type { ParcelGoods } from '../../connectors/parcels.ts'
import { type Database, preparedStatement, type Tx } from '../../core/db/db.ts'
import type { Row, Rows } from '../../core/db/rows.ts'
import { facet, has } from '../../lib/facets.ts'
import { offPlatformOrigins } from '../order/lifecycle.ts'
import { openAboutGoods } from '../order/open-refunds.ts'
import { designatedOf } from '../order/queries.ts'

/** A fact, besides the status, for which an order must not be shipped. `refund`: the number of the refund that is the reason; else empty. */
export type OpenStop = Row<'order_hold', 'orderId' | 'reason'> & {
  kind: 'hold' | 'change' | 'refund'
  refund: string
}

/**
 * SQL: the open holds, the open refunds of goods that no person has waived, and the unresolved changes of address and designated courier of
 * the orders whose id is `orders`, such as "= 17".
 */
const stopRows = (orders: RawBuilder<unknown>) => sql`
  select order_id as "orderId", 'refund' as kind, 'refund_open' as reason, refund_no as refund from order_refund r
  where order_id ${orders} and ${openAboutGoods('refund_status', 'kind')} and not exists (
    select from refund_waiver w where w.order_id = r.order_id and w.refund_no = r.refund_no and w.ended_at is null)
  union all
  select order_id, 'change', kind || '_changed', '' from order_difference
  where order_id ${orders} and kind in ('address', 'courier') and settled_at is null
  union all
  select order_id, 'hold', reason, case when reason = 'refund_open' and source !~ '^line/' then source else '' end from order_hold
  where order_id ${orders} and released_at is null`

/** Returns why these locked orders must not be shipped, each reason once. */
export async function openStops(tx: Tx, orderIds: readonly string[]): Promise<OpenStop[]> {
  const found = await sql<OpenStop>`${preparedStatement}
    select distinct * from (${stopRows(sql`= any(${orderIds}::bigint[])`)}) stop order by 1, 2 desc, 3, 4`.execute(
    tx,
  )
  return found.rows
}

/** SQL: true if the order of this id must not be shipped, for one of the reasons of `openStops`. */
export const isStopped = (orderId: string): RawBuilder<boolean> =>
  sql<boolean>`exists (${stopRows(sql`= ${sql.ref(orderId)}`)})`

/**
 * SQL: what decides from which account the delivery of the order gets its number, as in `deliveryOrderRows`: one row (plain, courier, warehouse_id,
 * designated, to_door, insured_fen). `plain`: its receiver is not a platform's. `designated`: the couriers common to all orders that leave
 * with it; empty: it is free. `offset 0` lets a row's facts be computed once, however many accounts they are compared with.
 */
export const accountFactsOf = (orderId: string): RawBuilder<unknown> => sql`(
  select o.courier, o.warehouse_id, coalesce(s.to_door, ${comesToDoor('o')}) as to_door, coalesce(s.insured_fen, o.insured_fen, 0) as insured_fen,
    o.origin = any(${[...offPlatformOrigins]}::text[])
      and not exists (select from order_source c where c.order_id = coalesce(o.split_from, o.id)) as plain,
    case when o.courier_by_hand then '{}' when o.parcel is null then ${designatedOf(sql`o.facets`)} else array(
      select code from jsonb_array_elements(s.designations) d, jsonb_array_elements_text(d) code group by code
      having count(*) = (select count(*) from jsonb_array_elements(s.designations) d where d <> '[]')) end as designated
  from sales_order o left join lateral ${leavingTogether} s on o.parcel is not null
  where o.id = ${sql.ref(orderId)} offset 0)`

export async function chosenCouriers(tx: Tx, orderIds: readonly string[]): Promise<Map<string, string>> {
  const found = await sql<Row<'sales_order', 'id' | 'courier'>>`
    select id, courier from sales_order where id = any(${orderIds}::bigint[]) and courier <> ''`.execute(tx)
  return new Map(found.rows.map(({ id, courier }) => [id, courier]))
}

/** Returns those of these orders that were copied from others. They may have the masked receiver of their source. */
export async function copiedOrders(tx: Tx, orderIds: readonly string[]): Promise<Set<string>> {
  const found = await sql<Row<'sales_order', 'id'>>`
    select o.id from sales_order o join order_source s on s.order_id = coalesce(o.split_from, o.id)
    where o.id = any(${orderIds}::bigint[])`.execute(tx)
  return new Set(found.rows.map(({ id }) => id))
}

const comesToDoor = (o: string) => sql`${sql.ref(`${o}.facets`)} @> array[${facet('has', has.toDoor)}::int]`

/** SQL: one row of the order `o` and those that leave with it: (designations, insured_fen, to_door). */
const leavingTogether = sql`(
  select jsonb_agg(${designatedOf(sql`m.facets`)}) as designations, sum(m.insured_fen)::float8 as insured_fen,
    bool_or(${comesToDoor('m')}) as to_door
  from (
    select o.facets, o.insured_fen
    union all
    select p.facets, p.insured_fen from parcel_order m join sales_order p on p.id = m.order_id and p.parcel = m.parcel
    where m.parcel = o.parcel and p.id <> o.id
  ) m)`

export type DeliveryOrderFacts = Row<
  'sales_order',
  'no' | 'tid' | 'shopId' | 'warehouseId' | 'cod' | 'shipBy' | 'parcel' | 'courier'
> & {
  orderId: Rows['sales_order']['id']
  /** Number of different SKUs among the unrefunded pieces, the lowest of their ids, and the number of these pieces; gifts included. */
  skus: number
  skuId: Rows['order_line']['skuId']
  pieces: number
  /** True if the order has every line of the trade and nothing was refunded. */
  whole: boolean
  /** The platform's numbers of the lines with unrefunded pieces, and these pieces. */
  oids: string[]
  goods: ParcelGoods[]
  /** For the order and each order that leaves with it: the couriers among which the platform lets it go. Empty if a person chose the courier. */
  designations: string[][]
  /** `toDoor`: one of these orders must come to the door. `insuredFen`: their insured value together; null: no person named one. */
  toDoor: boolean
  insuredFen: Rows['sales_order']['insuredFen']
}

export async function deliveryOrderRows(tx: Tx, orderIds: readonly string[]): Promise<DeliveryOrderFacts[]> {
  const found = await sql<DeliveryOrderFacts>`${preparedStatement}
    select o.id as "orderId", o.no, o.tid, o.shop_id as "shopId", o.warehouse_id as "warehouseId", o.cod, o.ship_by as "shipBy", o.parcel,
      o.courier, o.whole_trade and l.gone = 0 as whole, l.oids, l.goods, l.skus, l.sku_id as "skuId", l.pieces,
      case when o.courier_by_hand then '[]' else s.designations end as designations, s.to_door as "toDoor", s.insured_fen as "insuredFen"
    from sales_order o
    cross join lateral (
      select coalesce(array_agg(oid order by line_no) filter (where refunded_quantity < quantity and not gift), '{}') as oids,
        coalesce(jsonb_agg(jsonb_build_object('oid', oid, 'quantity', quantity - refunded_quantity) order by line_no)
          filter (where refunded_quantity < quantity and not gift), '[]') as goods,
        count(*) filter (where refunded_quantity >= quantity and not gift) as gone,
        (count(distinct coalesce(sku_id, 0)) filter (where refunded_quantity < quantity))::int as skus,
        min(sku_id) filter (where refunded_quantity < quantity) as sku_id, coalesce(sum(quantity - refunded_quantity), 0)::int as pieces
      from order_line where order_id = o.id
    ) l
    cross join lateral ${leavingTogether} s
    where o.id = any(${orderIds}::bigint[])
    order by o.id`.execute(tx)
  return found.rows
}

export async function writeBackRows(
  tx: Tx,
  ids: readonly string[],
): Promise<Row<'sales_order', 'id' | 'tid' | 'cod' | 'origin'>[]> {
  const found = await sql<Row<'sales_order', 'id' | 'tid' | 'cod' | 'origin'>>`
    select id, tid, cod, origin from sales_order where id = any(${[...ids]}::bigint[])`.execute(tx)
  return found.rows
}

/**
 * Records on the orders the time of their first successful write-back; a later write-back does not change it. The caller has locked the
 * orders.
 */
export async function writeWrittenBack(tx: Tx, orderIds: readonly string[]): Promise<void> {
  await sql`
    update sales_order set written_back_at = coalesce(written_back_at, now()), version = version + 1, updated_at = now()
    where id = any(${orderIds}::bigint[])`.execute(tx)
}

/**
 * Finds orders by order number or trade number. The query is divided by the kind of number and by origin, so that each part uses its own
 * index.
 */
export async function idsByNumber(
  db: Database,
  numbers: readonly string[],
  shops: readonly string[] | null,
): Promise<{ number: string; id: string }[]> {
  const found = await sql<Row<'sales_order', 'id'> & Record<'number', string>>`
    select no as number, id from sales_order where no = any(${numbers}::text[])
      and (${shops}::bigint[] is null or shop_id = any(${shops}::bigint[]))
    union
    select tid, id from sales_order where tid = any(${numbers}::text[]) and origin in ('trade', 'record')
      and (${shops}::bigint[] is null or shop_id = any(${shops}::bigint[]))
    union
    select tid, id from sales_order where tid = any(${numbers}::text[]) and origin = 'split'
      and (${shops}::bigint[] is null or shop_id = any(${shops}::bigint[]))
    union
    select tid, id from sales_order where tid = any(${numbers}::text[])
      and origin in ('manual', 'import', 'copy', 'reship') and (${shops}::bigint[] is null or shop_id = any(${shops}::bigint[]))
    order by 2`.execute(db)
  return found.rows
}

/** Returns those of these orders that are voided. */
export async function voidedIds(db: Database | Tx, ids: readonly string[]): Promise<string[]> {
  const found = await sql<Row<'sales_order', 'id'>>`
    select id from sales_order where id = any(${ids}::bigint[]) and status = 'voided'`.execute(db)
  return found.rows.map(({ id }) => id)
}
