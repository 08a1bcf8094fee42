import type { Scope } from '../../core/access/actor.ts'
import { inWarehouses } from '../../core/access/scope.ts'

type Ends = { warehouseId: string; toWarehouseId: string | null }

/** Returns true if the scope includes the document's warehouse, or a transfer's destination. */
export const seesDocument = (scope: Scope, { warehouseId, toWarehouseId }: Ends): boolean =>
  inWarehouses(scope, warehouseId) || (toWarehouseId !== null && inWarehouses(scope, toWarehouseId))

/** Returns true if the scope includes the warehouse of the step: receiving happens at the destination, all other steps at the source. */
export const isDocumentInScope = (scope: Scope, ends: Ends, receives: boolean): boolean =>
  inWarehouses(scope, receives ? (ends.toWarehouseId ?? ends.warehouseId) : ends.warehouseId)

export const notYours = {
  code: 'outside_scope',
  message: { zh: '没有这个仓库的权限', en: 'No access to this warehouse' },
}
