import { sql } from 'kysely'
import { skuParts } from '../../catalog/relations.ts'
import type { Scope } from '../../core/access/actor.ts'
import { grantedSql } from '../../core/access/scope.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row, RowFor } from '../../core/db/rows.ts'
import { skuBins } from '../../inventory/bins/relations.ts'
import { warehouseNames } from '../../inventory/relations.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { courierShown } from '../queries.ts'
import type { HandoverParcel } from './contract.ts'

export type DeliveryFacts = Row<
  'delivery',
  'id' | 'no' | 'orderId' | 'orderNo' | 'tid' | 'shopId' | 'courier' | 'waybillNo' | 'warehouseId'
> & { warehouse: string; pending: boolean; basket: string }

/** Returns what papers show of these deliveries, in the given order. Deliveries outside the scope are left out. */
export async function deliveriesOnPaper(
  db: Database,
  ids: readonly string[],
  scope: Scope,
): Promise<DeliveryFacts[]> {
  const found = await sql<DeliveryFacts>`
    select t.id, t.no, t.order_id as "orderId", t.order_no as "orderNo", t.tid, t.shop_id as "shopId", ${courierShown} as courier,
      t.waybill_no as "waybillNo", t.warehouse_id as "warehouseId", coalesce(w.name, '') as warehouse, t.status = 'pending' as pending,
      coalesce(nullif(concat_ws(' · ', v.no, lpad(v.basket::text, 2, '0')), ''), '') as basket
    from unnest(${[...ids]}::bigint[]) with ordinality i (id, n) join delivery t on t.id = i.id
    left join ${warehouseNames} w on w.id = t.warehouse_id
    left join lateral (
      select w.no, case when w.sorting <> 'none' then coalesce(t.basket, m.basket) end as basket from wave w
      left join wave_delivery m on m.wave_id = w.id and m.delivery_id = t.id and m.live
      where w.id = coalesce(t.wave_id, (select wave_id from wave_delivery where delivery_id = t.id and live))
    ) v on true
    where ${grantedSql(scope)} order by i.n`.execute(db)
  return found.rows
}

type Part = Row<'bundle_part', 'partId' | 'quantity'> & Row<'sku_bin', 'skuId'>

/** Returns the SKUs that are picked for each of these SKUs, with their quantities: of a bundle its parts, of any other SKU itself. */
export async function partsOf(db: Database, skuIds: readonly string[]): Promise<Map<string, Part[]>> {
  const found = await sql<Part>`
    select part.sku_id as "skuId", part.part_id as "partId", part.quantity
    from ${skuParts} as part where part.sku_id = any(${[...new Set(skuIds)]}::bigint[]) order by part.sku_id, part.part_id`.execute(
    db,
  )
  return Map.groupBy(found.rows, ({ skuId }) => skuId)
}

export type Place = Row<'bin', 'route'> & Record<'bin', string>
export const placeKey = ({ warehouseId, skuId }: { warehouseId: string | null; skuId: string }) =>
  `${warehouseId} ${skuId}`

/** Returns the bins from which these SKUs are picked in these warehouses, by `placeKey`. */
export async function placesOf(
  db: Database,
  wanted: readonly { warehouseId: string | null; skuId: string }[],
): Promise<Map<string, Place>> {
  const found = await sql<Place & Row<'sku_bin', 'warehouseId' | 'skuId'>>`
    select place.warehouse_id as "warehouseId", place.sku_id as "skuId", place.code as bin, place.route
    from ${unnestRows('d', wanted, [
      ['warehouse_id', 'int8', (row) => row.warehouseId],
      ['sku_id', 'int8', (row) => row.skuId],
    ])}
    join ${skuBins} as place on place.warehouse_id = d.warehouse_id and place.sku_id = d.sku_id`.execute(db)
  return new Map(found.rows.map((row) => [placeKey(row), { bin: row.bin, route: row.route }]))
}

/** The first parcels that left on a day (+08:00), by courier. A merged shipment is one parcel. */
export async function parcelsOfDay(
  db: Database,
  { day, warehouse, limit }: { day: string; warehouse: string | undefined; limit: number },
  scope: Scope,
): Promise<HandoverParcel[]> {
  const found = await sql<RowFor<'delivery', HandoverParcel>>`
    select t.courier, t.waybill_no as "waybillNo", t.package_count as "packageCount", t.order_no as "orderNo", coalesce(w.name, '') as warehouse,
      coalesce(m.pieces, t.piece_count)::int as pieces, t.weight_grams as "weightGrams", t.shipped_at as "shippedAt"
    from delivery t
    left join ${warehouseNames} w on w.id = t.warehouse_id
    left join lateral (
      select sum(piece_count) as pieces from delivery where parcel = t.parcel and status = 'shipped' and t.parcel is not null
    ) m on true
    where t.status = 'shipped' and not t.beside and ${grantedSql(scope)}
      and t.shipped_at >= ${day}::date::timestamp at time zone 'Asia/Shanghai'
      and t.shipped_at < (${day}::date + 1)::timestamp at time zone 'Asia/Shanghai'
      and (${warehouse ?? null}::bigint is null or t.warehouse_id = ${warehouse ?? null}::bigint)
    order by t.courier, t.shipped_at, t.id limit ${limit}`.execute(db)
  return found.rows
}

type Labelled = Row<'delivery', 'no' | 'orderId' | 'orderNo' | 'tid' | 'shopId'> &
  Record<'waybillId' | 'deliveryId', string>

/** Returns the deliveries that leave with each of these waybills, the oldest first. */
export async function deliveriesOfWaybills(tx: Tx, waybillIds: readonly string[]): Promise<Labelled[]> {
  const found = await sql<Labelled>`
    select w.id as "waybillId", t.id as "deliveryId", t.no, t.order_id as "orderId", t.order_no as "orderNo", t.tid, t.shop_id as "shopId"
    from waybill w join delivery t on t.courier = w.courier and t.waybill_no = w.waybill_no and t.waybill_no <> '' and t.status <> 'cancelled'
    where w.id = any(${[...waybillIds]}::bigint[]) order by w.id, t.id`.execute(tx)
  return found.rows
}
