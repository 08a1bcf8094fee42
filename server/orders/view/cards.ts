import type { Database } from '../../core/db/db.ts'
import type { OrderRow } from '../list/contract.ts'
import { orderRows } from './view-queries.ts'

/** Returns rows of orders for lists of other slices. */
export async function orderCards(db: Database, ids: readonly string[]): Promise<Map<string, OrderRow>> {
  return new Map((await orderRows(db, ids)).map((row) => [row.id, row]))
}
