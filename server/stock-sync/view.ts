import { skuNames } from '../catalog/names.ts'
import type { Scope } from '../core/access/actor.ts'
import { inWarehouses } from '../core/access/scope.ts'
import type { Database } from '../core/db/db.ts'
import type { StockSyncRow } from './contract.ts'
import type { StockSyncTrace } from './lifecycle.ts'
import { stockSyncRows } from './view-queries.ts'

export async function viewStockSync(
  db: Database,
  ids: readonly string[],
  scope: Scope,
): Promise<StockSyncRow[]> {
  const rows = await stockSyncRows(db, ids)
  const names = await skuNames(
    db,
    rows.flatMap(({ skuId }) => skuId ?? []),
  )
  return rows.map((row) => ({
    ...row,
    trace: row.trace && traceWithin(scope, row.trace),
    skuCode: names.get(row.skuId ?? '')?.code ?? '',
  }))
}

/** What lies in warehouses outside the scope counts as one figure without a name: the quantity is of all of them. */
function traceWithin(scope: Scope, trace: StockSyncTrace): StockSyncRow['trace'] {
  const parts = trace.parts.map(({ warehouses, ...part }) => {
    const isSeen = ({ id }: (typeof warehouses)[number]) => inWarehouses(scope, id ?? '')
    const others = warehouses.filter((one) => !isSeen(one))
    const sum = (of: 'available' | 'short') => others.reduce((total, one) => total + one[of], 0)
    const seen = warehouses.filter(isSeen).map(({ id: _, ...shelf }) => shelf)
    const rest = others.length === 0 ? [] : [{ name: '', available: sum('available'), short: sum('short') }]
    return { ...part, warehouses: [...seen, ...rest] }
  })
  return { ...trace, parts }
}
