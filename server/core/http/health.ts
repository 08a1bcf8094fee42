import type { FastifyInstance } from 'fastify'
import { diskWords, readDisk } from '../db/disk.ts'
import { migrationGaps } from '../db/migrate.ts'
import { thisProgram } from '../upgrade/program.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Makes `/readyz` answer 503, so that a balancer sends its requests elsewhere. Requests that still come are answered, and each
     * connection is closed after its answer.
     */
    drain(): void
    /** Aborted when this process begins to end because it was asked to. */
    draining: AbortSignal
  }
}

type Refused = { reason: string }

/**
 * `GET /healthz`: 200 if the database answers and has every migration of this version, otherwise 503 with the reason. A disk that is full
 * or nearly full is a warning within the 200, because users can still read. `GET /readyz`: the same, and 503 before this process ends.
 */
export async function addHealth(app: FastifyInstance): Promise<void> {
  const program = await thisProgram()
  const look = addLook(app)
  const draining = new AbortController()
  app.decorate('draining', draining.signal)
  app.decorate('drain', () => draining.abort())
  // Requests that are held open must not keep the process from closing.
  app.addHook('preClose', async () => draining.abort())
  app.addHook('onSend', async (_request, reply) => {
    if (draining.signal.aborted) reply.header('connection', 'close')
  })
  app.get('/healthz', { schema: { hide: true } }, async (_request, reply) => {
    const refused = await look()
    if (refused) return reply.code(503).send({ ok: false, ...refused, ...program })
    const disk = await readDisk(app.config.dataDir)
    const warning = disk && diskWords(disk)
    return {
      ok: true,
      ...program,
      ...(disk ? { disk } : {}),
      ...(warning ? { warning: `${warning.zh} · ${warning.en}` } : {}),
    }
  })
  app.get('/readyz', { schema: { hide: true } }, async (_request, reply) => {
    const refused = draining.signal.aborted ? { reason: 'stopping' } : await look()
    return reply.code(refused ? 503 : 200).send({ ok: !refused, ...refused, ...program })
  })
}

/** Returns a function that says why the database cannot be used; undefined: it can. */
function addLook(app: FastifyInstance): () => Promise<Refused | undefined> {
  let missing: string[] | undefined
  return async () => {
    try {
      // Migrations are never undone. Once none is missing, it is enough that the database answers.
      if (missing?.length === 0) await app.pool.query('select 1')
      else missing = (await migrationGaps(app.pool)).missing
    } catch (error) {
      app.log.warn({ err: error }, 'database does not answer')
      return { reason: 'database does not answer' }
    }
    if (missing.length > 0) return { reason: `migrations not applied: ${missing.join(', ')}` }
    return undefined
  }
}
