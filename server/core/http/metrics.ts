import type { FastifyInstance } from 'fastify'
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client'
import { AppError } from '../../errors.ts'

/** What this process measures of itself. */
const registry = new Registry()

const requestSeconds = new Histogram({
  name: 'sanyi_http_request_seconds',
  help: 'Time from the request to the end of its answer, by route pattern',
  labelNames: ['method', 'route', 'status'] as const,
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  registers: [registry],
})

const figuresAgeMs = 1000

let collecting = false

/**
 * `GET /metrics` for Prometheus: this process, and `house`, what the workers wrote down. It tells of every shop, so it is
 * for whoever may see the overview of all of them: a scraper gives an API key as its bearer token. An address is no
 * proof of who asks, since a proxy on this machine calls from it for the whole world.
 */
export function addMetrics(app: FastifyInstance, house: () => Promise<string>): void {
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
  // Megabytes: whoever asks within the same second gets the same bytes.
  let asked: { at: number; text: Promise<Buffer> } | undefined
  const figures = () => {
    if (!asked || performance.now() - asked.at > figuresAgeMs) {
      const text = Promise.all([registry.metrics(), house()]).then((parts) => Buffer.from(parts.join('')))
      text.catch(() => {
        asked = undefined
      })
      asked = { at: performance.now(), text }
    }
    return asked.text
  }
  const options = { config: { permission: 'overview.read' }, schema: { hide: true } } as const
  app.get('/metrics', options, async (request, reply) => {
    if (request.scope.shops !== 'all') throw new AppError('outside_scope')
    return reply
      .header('cache-control', 'no-store')
      .type(registry.contentType)
      .send(await figures())
  })
}
