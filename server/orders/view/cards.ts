import type { Database } from '../../core/db/db.ts'
import type { OrderRow } from '../list/contract.ts'
import { orderRows } from './view-queries.ts'

export async function orderCards(db: Database, ids: readonly string[]): Promise<Map<string, OrderRow>> {
  return new Map((await orderRows(db, ids)).map((row) => [row.id, row]))
}
