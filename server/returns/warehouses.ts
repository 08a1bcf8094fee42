import type { Scope } from '../core/access/actor.ts'
import { inWarehouses } from '../core/access/scope.ts'
import type { Tx } from '../core/db/db.ts'
import { warehousesById } from '../inventory/warehouses.ts'

/** Which of these warehouses may receive returns: granted, in use, and not only for what is defective. */
export async function returnWarehouses(
  tx: Tx,
  ids: readonly string[],
  scope: Scope,
): Promise<ReadonlySet<string>> {
  const known = await warehousesById(tx, [...new Set(ids)])
  return new Set(
    [...known.values()]
      .filter(({ id, active, kind }) => active && kind !== 'defective' && inWarehouses(scope, id))
      .map(({ id }) => id),
  )
}

/** What lies in no warehouse is for who sees all of them. */
export const grants = (scope: Scope, warehouseId: string | null): boolean =>
  warehouseId === null ? scope.warehouses === 'all' : inWarehouses(scope, warehouseId)
