import { sql } from 'kysely'
import type { Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { reservationRows } from '../../inventory/relations.ts'

/**
 * Returns how many pieces of a SKU were taken off the shelf for parcels that have not left: picked in a wave, or checked or weighed without
 * one. `maybePacked`: pieces whose picking is not recorded, since the parcel goes through no wave and no station: it has a typed number or a
 * printed label, with which people pick and pack; and pieces that wait to be put back, which may have been picked. `isMoving`: pieces of it
 * are being picked, or were in the last `ageMs` milliseconds.
 */
export async function offShelf(
  tx: Tx,
  { warehouseId, skuId }: Row<'stock', 'warehouseId' | 'skuId'>,
  ageMs: number,
): Promise<{ pieces: number; maybePacked: number; isMoving: boolean }> {
  const found = await sql<Record<'pieces' | 'maybePacked', number> & { isMoving: boolean }>`
    with waiting as (
      select d.id as delivery_id, sum(r.wanted) as wanted, sum(r.reserved) as reserved,
        bool_or(d.checked_at is not null or d.weighed_at is not null) as packed,
        bool_or(d.waybill_no <> '' and (d.printed_at is not null or not d.labelled)) as numbered
      from ${reservationRows} r join delivery d on d.order_id = r.order_id and d.status = 'pending'
      where r.warehouse_id = ${warehouseId}::bigint and r.sku_id = ${skuId}::bigint and not r.shipped
      group by d.id
    ), taken as (
      select coalesce(m.picked, case when w.packed then w.wanted else 0 end) as pieces,
        case when m.picked is null and not w.packed and w.numbered then w.reserved else 0 end as maybe
      from waiting w left join lateral (
        select coalesce(sum(p.picked), 0) as picked from wave_delivery m
        left join wave_piece p on p.wave_id = m.wave_id and p.delivery_id = m.delivery_id and p.sku_id = ${skuId}::bigint
        where m.delivery_id = w.delivery_id and (m.live or m.keeps) having count(*) > 0
      ) m on true
    )
    select coalesce((select sum(pieces) from taken), 0)::int as pieces,
      (coalesce((select sum(maybe) from taken), 0) + coalesce((
        select sum(b.quantity) from put_back b
        where b.sku_id = ${skuId}::bigint and b.warehouse_id = ${warehouseId}::bigint and b.state = 'open'), 0))::int as "maybePacked",
      exists (
        select from wave v join wave_line l on l.wave_id = v.id and l.sku_id = ${skuId}::bigint
        where v.warehouse_id = ${warehouseId}::bigint and (
          (v.status = 'picking' and l.done_at is null and l.picked > 0)
          or (v.status in ('picking', 'picked', 'sorting', 'done') and l.done_at > now() - ${ageMs}::float8 * interval '1 ms'))
      ) as "isMoving"`.execute(tx)
  return found.rows[0] ?? { pieces: 0, maybePacked: 0, isMoving: false }
}
