import type { FastifyInstance } from 'fastify'
import { AppError } from '../../errors.ts'

/**
 * A second check of the scope, for a query that forgot to apply it: an answer that contains a shop (for stock and parcels also a warehouse)
 * outside the asker's scope is replaced by an error.
 */
export function addScopeWall(app: FastifyInstance): void {
  app.addHook('preSerialization', async (request, _reply, answer) => {
    const { shops, warehouses } = request.scope
    if (request.actor.id === '') return answer
    const url = request.routeOptions.url ?? ''
    const foreign =
      (shops !== 'all' && foreignId(answer, 'shopId', new Set(shops)) !== undefined) ||
      (warehouses !== 'all' &&
        ofWarehouses.test(url) &&
        foreignId(answer, 'warehouseId', new Set(warehouses)) !== undefined)
    if (!foreign) return answer
    request.log.error({ route: request.routeOptions.url }, 'an answer went beyond the scope')
    throw new AppError('internal', { requestId: request.id })
  })
}

/**
 * Only answers of these routes are checked for warehouses. Orders show their warehouse to every actor who sees the shop, and a transfer
 * shows two warehouses.
 */
const ofWarehouses = /^\/api\/(stock|deliveries|returns|unclaimed-parcels)(\/|$)/

const deepest = 8

/**
 * Returns the first id with this name in the answer that is not granted; undefined if there is none. Values nested deeper than `deepest`
 * levels are not searched.
 */
export function foreignId(
  value: unknown,
  name: 'shopId' | 'warehouseId',
  granted: ReadonlySet<string>,
  depth = 0,
): string | undefined {
  if (typeof value !== 'object' || value === null || value instanceof Date || depth > deepest)
    return undefined
  for (const [key, part] of Object.entries(value)) {
    if (key === name && typeof part === 'string' && part !== '' && !granted.has(part)) return part
    const inside = typeof part === 'object' ? foreignId(part, name, granted, depth + 1) : undefined
    if (inside !== undefined) return inside
  }
  return undefined
}
