import type { FastifyInstance } from 'fastify'
import { diskWords, readDisk } from '../db/disk.ts'
import { migrationGaps } from '../db/migrate.ts'

/**
 * `GET /healthz`: 200 if the database answers and has every migration of this version, otherwise 503 with the reason. A disk that is full
 * or nearly full is a warning within the 200, because users can still read.
 */
export function addHealth(app: FastifyInstance): void {
  let missing: string[] | undefined
  app.get('/healthz', { schema: { hide: true } }, async (_request, reply) => {
    try {
      // Migrations are never undone. Once none is missing, it is enough that the database answers.
      if (missing?.length === 0) await app.pool.query('select 1')
      else missing = (await migrationGaps(app.pool)).missing
    } catch (error) {
      app.log.warn({ err: error }, 'database does not answer')
      return reply.code(503).send({ ok: false, reason: 'database does not answer' })
    }
    if (missing.length > 0)
      return reply.code(503).send({ ok: false, reason: `migrations not applied: ${missing.join(', ')}` })
    const disk = await readDisk(app.config.dataDir)
    const warning = disk && diskWords(disk)
    return {
      ok: true,
      ...(disk ? { disk } : {}),
      ...(warning ? { warning: `${warning.zh} · ${warning.en}` } : {}),
    }
  })
}
