import { sql } from 'kysely'
import { listingFaces } from '../catalog/relations.ts'
import type { Database } from '../core/db/db.ts'
import type { RowFor } from '../core/db/rows.ts'
import type { StockSyncRow } from './contract.ts'
import type { StockSyncTrace } from './lifecycle.ts'

type Found = Omit<StockSyncRow, 'skuCode' | 'trace'> & { trace: StockSyncTrace | null }

export async function stockSyncRows(db: Database, ids: readonly string[]): Promise<Found[]> {
  const found = await sql<RowFor<'stock_upload', Found>>`
    select u.id, u.shop_id as "shopId", u.item_id as "itemId", l.platform_sku_id as "platformSkuId", l.title, l.spec,
      l.picture_url as "pictureUrl", l.sku_id as "skuId", u.standing,
      coalesce(a.state = 'unknown' and a.next_at is null, false) as "needsPerson", u.problem, u.problem_text as "problemText", u.rule,
      u.quantity, u.trace, u.calculated_at as "calculatedAt", u.told_quantity as "toldQuantity", u.told_at as "toldAt",
      l.quantity as "platformQuantity", l.listed_at as "listedAt", u.created_at as "createdAt"
    from unnest(${[...ids]}::bigint[]) with ordinality i (id, n)
    join stock_upload u on u.id = i.id join ${listingFaces} l on l.id = u.id
    left join platform_action a on a.id = u.action_id
    order by i.n`.execute(db)
  return found.rows
}
