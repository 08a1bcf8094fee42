import { type RawBuilder, sql } from 'kysely'
import { skuCodes, skuFaces, skuParts } from '../../catalog/relations.ts'
import type { Scope } from '../../core/access/actor.ts'
import { grantedSql } from '../../core/access/scope.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row, RowFor } from '../../core/db/rows.ts'
import type { ShipStep } from '../../inventory/lifecycle.ts'
import { warehousesPrintingLast } from '../../inventory/relations.ts'
import {
  ordersToPick,
  ordersWithNotices,
  packedOrders,
  unshippedLines,
} from '../../orders/order/relations.ts'
import type { WorkState } from '../lifecycle.ts'
import { packagesOf } from '../numbers.ts'
import type { ScannedPackage, StationLine } from './contract.ts'

// A parcel as a station reads it, with its pieces, in one statement.

export type PackedLine = StationLine & { codes: string[]; weightGrams: number | null }

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
    /** Pieces of the order that are not refunded, a bundle counted as one. */
    pieces: number
    /** 后置打印: its label is printed at the last piece. */
    printsLast: boolean
    /** The station waits for the serial number of a piece. */
    asksSerial: boolean
    /** The packages by their sub-numbers, if there are several; empty too if a typed waybill has none. */
    packages: ScannedPackage[]
    lines: PackedLine[]
  }

/**
 * SQL, for each delivery `d`: its pieces to pack as a JSON list, bundles by their parts, with the codes by which each is scanned. Lines that
 * were refunded as a whole and counted before stay.
 */
const linesOfDelivery = sql`
  select coalesce(json_agg(one order by one.gift, one."lineNo", one."skuId"), '[]') as list from (
    select d.id::text as "deliveryId", line.line_no as "lineNo", coalesce(part.part_id, line.sku_id, 0)::text as "skuId",
      coalesce(face.code, line.outer_sku_id) as code, coalesce(face.name, line.title) as name, coalesce(face.spec, line.spec) as spec,
      coalesce(face.picture_url, '') as "pictureUrl", face.weight_g as "weightGrams", line.gift,
      coalesce(face.scan_once and not face.needs_serial, false) as "scanOnce", coalesce(face.needs_serial, false) as "needsSerial",
      line.pieces * coalesce(part.quantity, 1) as wanted, coalesce(c.counted, 0) as counted,
      coalesce(right(codes.list[1], 4), '') as "barcodeTail",
      array_remove(coalesce(codes.list, '{}') || face.code || case when coalesce(part.part_id, line.sku_id) is not distinct from line.sku_id
        then nullif(line.outer_sku_id, '') end, null) as codes
    from ${unshippedLines} as line
    left join ${skuParts} as part on part.sku_id = line.sku_id
    left join ${skuFaces} as face on face.sku_id = part.part_id
    left join lateral (
      select array_agg(s.code order by s.code) as list from ${skuCodes} s where s.sku_id = part.part_id and s.code <> face.code) codes on true
    left join station_count c on c.delivery_id = d.id and c.line_no = line.line_no and c.sku_id = coalesce(part.part_id, line.sku_id, 0)
    where line.order_id = d.order_id and (line.pieces > 0 or c.counted > 0)) one`

/** SQL: the columns of a `PackedDelivery`, over `packedFrom`. */
const packedColumns = sql`
  d.id, d.no, d.order_id as "orderId", d.order_no as "orderNo", d.status, o.status as "orderStatus", d.courier, d.waybill_no as "waybillNo",
  d.ship_by as "shipBy", d.ship_steps as "shipSteps", d.standing as "workState", d.checked_at as "checkedAt",
  d.checked_pieces as "checkedPieces", d.weight_grams as "weightGrams", d.shipped_at as "shippedAt", d.shipped_by as "shippedBy",
  o.receiver_masked as "receiverMasked", o.region, o.buyer_message as "buyerMessage", o.seller_memo as "sellerMemo", o.own_note as "ownNote",
  l.pieces::int as pieces, exists (select from ${warehousesPrintingLast} as w where w.id = d.warehouse_id) as "printsLast",
  exists (select from station_parcel p where p.delivery_id = d.id and p.asks_serial is not null) as "asksSerial", packed.list as lines,
  (select coalesce(json_agg(json_build_object('n', p.nth, 'waybillNo', p.waybill_no, 'isScanned', p.scanned_at is not null) order by p.nth), '[]')
    from ${packagesOf('d')} p) as packages`

const packedFrom = (ids: RawBuilder<unknown>) => sql`
  delivery d
  join ${packedOrders} as o on o.id = d.order_id
  cross join lateral (
    select coalesce(sum(line.pieces), 0) as pieces from ${unshippedLines} as line where line.order_id = d.order_id) l
  cross join lateral (${linesOfDelivery}) packed
  where d.id in (${ids})`

/** Returns the deliveries of a parcel with what a packer reads and counts. The first of a merged shipment comes first. */
export async function packedDeliveries(db: Database | Tx, ids: readonly string[]): Promise<PackedDelivery[]> {
  const found = await sql<RowFor<'delivery', PackedDelivery>>`
    select ${packedColumns} from ${packedFrom(sql`select unnest(${[...ids]}::bigint[])`)}
    order by d.beside, d.order_id, d.id`.execute(db)
  return found.rows
}

/** A parcel that is being counted and that nothing stops. `version`: of its row in `station_parcel`. */
export type QuietParcel = { version: string; deliveries: PackedDelivery[] }

/**
 * Reads the parcel on a station if the next scan can do no more than count: it is being counted, nothing stops it, no refund notice is to be
 * applied to it, and the key is new.
 */
export async function quietParcel(
  db: Database,
  { station, key }: { station: string; key: string },
  scope: Scope,
): Promise<QuietParcel | undefined> {
  const found = await sql<RowFor<'delivery', PackedDelivery & { touched: string; quiet: boolean }>>`
    with here as (
      select d.id, d.parcel, p.touched_at::text as touched
      from station_parcel p join delivery d on d.id = p.delivery_id
      where p.station = ${station} and p.stop is null and p.asks_serial is null and ${grantedSql(scope, 'd')}
        and not exists (select from station_scan s where s.key = ${key})
    ), members as (
      select id from here
      union select m.id from here join delivery m on m.parcel = here.parcel where m.status <> 'cancelled'
    )
    select ${packedColumns}, (select touched from here) as touched,
      d.status = 'pending' and d.checked_at is null and 'check' = any(d.ship_steps)
        and exists (select from ${ordersToPick} as free where free.id = d.order_id)
        and not exists (select from ${ordersWithNotices} as noted where noted.id = d.order_id) as quiet
    from ${packedFrom(sql`select id from members`)}
    order by d.beside, d.order_id, d.id`.execute(db)
  const [first] = found.rows
  return first && found.rows.every(({ quiet }) => quiet)
    ? { version: first.touched, deliveries: found.rows }
    : undefined
}
