import { setTimeout as sleep } from 'node:timers/promises'
import { buildApp } from '../app.ts'
import { loadConfig } from '../config.ts'
import { openKeyRing } from '../core/access/key-check.ts'
import { openDatabase } from '../core/db/db.ts'
import { startHeartbeats } from '../core/embedded/house-process.ts'
import { buildLog, logKeys } from '../core/http/http-log.ts'
import { createQueues } from '../core/jobs/job.ts'
import { watchKeyFile } from '../lib/key-file.ts'
import { quietly } from '../lib/quiet.ts'
import { exitWithStartError, whenAskedToStop } from '../lib/stopping.ts'
import { jobs, sealedPlaces } from '../worker.ts'

const config = loadConfig()
const log = buildLog(config, 'web')
const warn = quietly(log)
if (config.databaseUrl === undefined) throw new Error('The web process needs DATABASE_URL.')

// Somebody waits for the answer, and ten such statements would be all connections. Sheets are read page by page.
const statementMs = 30_000
const database = openDatabase(config.databaseUrl, {
  name: 'sanyi web',
  max: config.webConnections,
  statementMs,
  onError: (error) => warn(error, 'database connection lost'),
})
// First, as a key is used from a moment on.
const signs = await startHeartbeats({ db: database.db, log, kind: 'web', dataDir: config.dataDir })
const ring = await openKeyRing(database.db, config.sealingKeyPath, () => sealedPlaces).catch(
  exitWithStartError,
)
const unwatch = watchKeyFile(ring, config.sealingKeyPath, logKeys(log))
const app = await buildApp({ db: database.db, pool: database.pool, config, ring, log })

// Answers what was asked, then leaves. The launcher kills a process that takes too long.
whenAskedToStop(async (why) => {
  log.info({ why }, 'stopping')
  unwatch()
  await app.close()
  await signs.stop()
  await database.close()
  process.exit(0)
})

await app.listen({ port: config.port, host: config.host })

// Where no worker ever ran, there is no queue yet for what a request orders.
await createQueues(database.db, jobs)

// The first pages come before this, and later requests find it done.
await sleep(2000, undefined, { ref: false })
await app.compileSchemas().catch((error: unknown) => log.error({ err: error }, 'a schema does not compile'))
