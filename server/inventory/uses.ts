import { sql } from 'kysely'
import { skuParts } from '../catalog/relations.ts'
import type { Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'

export type SkuUse = 'has_stock' | 'reserved' | 'in_documents'

/**
 * Returns the reason why a SKU must keep its own stock: pieces on hand, reservations or backorders, or an unposted document. SKUs without a
 * reason are missing. The balances stay locked, those of the parts of bundles too, so that no reason can arise before the transaction ends.
 */
export async function usesOfSkus(tx: Tx, skuIds: readonly string[]): Promise<Map<string, SkuUse>> {
  const ids = [...skuIds]
  if (ids.length === 0) return new Map()
  await sql`
    select from stock where sku_id in (select part.part_id from ${skuParts} part where part.sku_id = any(${ids}::bigint[]))
    order by warehouse_id, sku_id for update`.execute(tx)
  const found = await sql<Row<'stock', 'skuId'> & { use: SkuUse }>`
    select sku_id as "skuId", (array['has_stock', 'reserved', 'in_documents'])[min(rank)] as use
    from (
      select sku_id, case when on_hand > 0 or locked > 0 then 1 else 2 end as rank from stock
      where sku_id = any(${ids}::bigint[]) and (on_hand > 0 or locked > 0 or reserved > 0 or short > 0)
      union all
      select l.sku_id, 3 from stock_document d join stock_document_line l on l.document_id = d.id
      where d.status in ('draft', 'approved', 'sent') and l.sku_id = any(${ids}::bigint[])
    ) used
    group by sku_id`.execute(tx)
  return new Map(found.rows.map(({ skuId, use }) => [skuId, use]))
}
