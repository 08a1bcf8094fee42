import type { FastifyInstance } from 'fastify'
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client'

/** What this process measures. Slices add gauges with `registers: [registry]` and a `collect` that asks the database. */
export const registry = new Registry()

const requestSeconds = new Histogram({
  name: 'sanyi_http_request_seconds',
  help: 'Time from the request to the end of its answer, by route pattern',
  labelNames: ['method', 'route', 'status'] as const,
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  registers: [registry],
})

let collecting = false

/** `GET /metrics` for Prometheus. It names routes and counts only; a proxy to the internet should not pass it on. */
export function addMetrics(app: FastifyInstance): void {
  if (!collecting) collectDefaultMetrics({ register: registry, prefix: 'sanyi_' })
  collecting = true
  app.addHook('onResponse', async (request, reply) => {
    // The pattern, never the address: an unknown path would make a new series each time.
    const route = request.routeOptions.url ?? 'none'
    requestSeconds.observe(
      { method: request.method, route, status: reply.statusCode },
      reply.elapsedTime / 1000,
    )
  })
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    return reply.type(registry.contentType).send(await registry.metrics())
  })
}
