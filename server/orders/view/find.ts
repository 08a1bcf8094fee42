import type { Scope } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import { listIds } from '../../core/lists/list.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { orderQuery, orderTable } from '../list/order-list.ts'
import { orderStatuses } from '../order/lifecycle.ts'
import { orderRows } from './view-queries.ts'

export async function findOrders(
  db: Database,
  { ring, text, shop, scope }: { ring: KeyRing; text: string; shop: string | undefined; scope: Scope },
): Promise<{ id: string; no: string; text: string }[]> {
  const query = await orderQuery(
    db,
    { ring },
    { q: text, ...(shop ? { shop } : {}) },
    { scope, sort: '-createdAt' },
  )
  const { ids } = await listIds(
    db,
    orderTable,
    { ...query, groups: orderStatuses, live: false },
    { limit: 6, after: undefined },
  )
  const rows = await orderRows(db, ids)
  return rows.map((row) => ({ id: row.id, no: row.no, text: row.receiverMasked }))
}
