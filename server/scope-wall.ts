import type { FastifyInstance } from 'fastify'
import { AppError } from './errors.ts'

/**
 * The second wall. Every query keeps to the scope by itself; should one ever forget, its answer stops here: what names
 * a shop that the asker was not granted does not leave. Whoever sees every shop is not held up.
 */
export function addScopeWall(app: FastifyInstance): void {
  app.addHook('preSerialization', async (request, _reply, answer) => {
    const { shops } = request.scope
    if (shops === 'all' || request.actor.id === '') return answer
    if (foreignShop(answer, new Set(shops)) === undefined) return answer
    request.log.error({ route: request.routeOptions.url }, 'an answer went beyond the scope')
    throw new AppError('internal', { requestId: request.id })
  })
}

const deepest = 8

/** The first `shopId` anywhere inside that is not granted. */
export function foreignShop(value: unknown, granted: ReadonlySet<string>, depth = 0): string | undefined {
  if (typeof value !== 'object' || value === null || value instanceof Date || depth > deepest)
    return undefined
  for (const [key, part] of Object.entries(value)) {
    if (key === 'shopId' && typeof part === 'string' && part !== '' && !granted.has(part)) return part
    const inside = typeof part === 'object' ? foreignShop(part, granted, depth + 1) : undefined
    if (inside !== undefined) return inside
  }
  return undefined
}
