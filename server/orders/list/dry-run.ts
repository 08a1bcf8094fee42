import type { Scope } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import { listIds } from '../../core/lists/list.ts'
import { orderQuery, orderTable, type SearchParts } from './order-list.ts'

/** The most orders that a dry run checks (`seenMax`), and the most that it lists one by one (`dryRowsMax`). */
const seenMax = 1000
export const dryRowsMax = 300

export async function lastOrders(
  db: Database,
  parts: SearchParts,
  filter: Parameters<typeof orderQuery>[2],
  scope: Scope,
): Promise<{ ids: string[]; capped: boolean }> {
  const query = await orderQuery(db, parts, filter, { scope, sort: '-createdAt' })
  const { ids, next } = await listIds(db, orderTable, query, { limit: seenMax, after: undefined })
  return { ids, capped: next !== null }
}

export const countBy = (names: readonly string[]): { name: string; count: number }[] =>
  sumBy(names.map((name) => ({ name, count: 1 })))

export function sumBy(counts: readonly { name: string; count: number }[]): { name: string; count: number }[] {
  return [...Map.groupBy(counts, ({ name }) => name)]
    .map(([name, all]) => ({ name, count: all.reduce((sum, { count }) => sum + count, 0) }))
    .toSorted((a, b) => b.count - a.count)
}
