import { sql } from 'kysely'
import { skuParts } from '../../catalog/relations.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { reservationRows, warehouseNames } from '../../inventory/relations.ts'
import { type SkuUse, usesOfSkus } from '../../inventory/uses.ts'

/**
 * Returns the reason why a SKU must keep its stock or parts: `usesOfSkus`, and for a bundle that unshipped orders hold or wait for its
 * present parts. Waves and shipping go by these parts, so the station would ask for other goods than are reserved.
 */
export async function usesOfSkusAndBundles(
  tx: Tx,
  skuIds: readonly string[],
): Promise<Map<string, SkuUse | 'parts_reserved'>> {
  const uses = await usesOfSkus(tx, skuIds)
  const found = await sql<Row<'sku', 'id'>>`
    select distinct part.sku_id as id
    from ${skuParts} part cross join ${warehouseNames} w
    join ${reservationRows} r on r.warehouse_id = w.id and r.sku_id = part.part_id and not r.shipped
    join order_line l on l.order_id = r.order_id and l.line_no = r.line_no and l.sku_id = part.sku_id
    where part.sku_id = any(${[...skuIds]}::bigint[]) and part.part_id <> part.sku_id`.execute(tx)
  return new Map([...found.rows.map(({ id }) => [id, 'parts_reserved'] as const), ...uses])
}
