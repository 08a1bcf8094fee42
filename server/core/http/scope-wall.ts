import type { FastifyInstance } from 'fastify'
import { AppError } from '../../errors.ts'

/**
 * The second wall. Every query keeps to the scope by itself; should one ever forget, its answer stops here: what names
 * a shop or, of stock and parcels, a warehouse that the asker was not granted does not leave. Whoever sees all is not held up.
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

/** Orders name their warehouse to whoever sees their shop; a transfer names both of its ends. */
const ofWarehouses = /^\/api\/(stock|deliveries|returns|unclaimed-parcels)(\/|$)/

const deepest = 8

/** The first id by that name anywhere inside that is not granted. */
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
