import type { FastifyInstance } from 'fastify'
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { AppError } from '../../errors.ts'
import { thisProgram } from '../upgrade/program.ts'

/** The metrics of the process itself. Those of requests are kept by application, because a process may serve several installations. */
const processMetrics = new Registry()

function requestMetrics(registry: Registry) {
  const seconds = new Histogram({
    name: 'sanyi_http_request_seconds',
    help: 'Time from the request to the end of its answer, by route pattern',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  })
  const build = new Gauge({
    name: 'sanyi_build_info',
    help: 'Always 1: the version and commit of this web process',
    labelNames: ['version', 'commit'] as const,
    registers: [registry],
  })
  return { seconds, build }
}

const figuresAgeMs = 1000

let collecting = false

/**
 * `GET /metrics` for Prometheus: the metrics of this process and of the workers' tables. They cover every shop, so the caller needs the
 * permission for the overview and a scope of all shops; a scraper sends an API key as its bearer token. The client's address proves
 * nothing, because a proxy on this machine forwards requests of any client.
 */
export async function addMetrics(app: FastifyInstance, house: () => Promise<string>): Promise<void> {
  if (!collecting) collectDefaultMetrics({ register: processMetrics, prefix: 'sanyi_' })
  collecting = true
  const registry = new Registry()
  const { seconds, build } = requestMetrics(registry)
  build.set(await thisProgram(), 1)
  app.addHook('onResponse', async (request, reply) => {
    // The route's pattern and not the URL, because each unknown path would create a new series.
    const route = request.routeOptions.url ?? 'none'
    seconds.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000)
  })
  // The answer for Prometheus may be megabytes long, so all requests within a second get the same answer.
  let asked: { at: number; text: Promise<Buffer> } | undefined
  const figures = () => {
    if (!asked || performance.now() - asked.at > figuresAgeMs) {
      const texts = [processMetrics.metrics(), registry.metrics(), house()]
      const text = Promise.all(texts).then((parts) => Buffer.from(parts.join('')))
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
