import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { startNotices } from '../alarms/notices/loop.ts'
import { buildApp } from '../app.ts'
import { type Config, loadConfig } from '../config.ts'
import { openKeyRing } from '../core/access/key-check.ts'
import { type OpenDatabase, openDatabase } from '../core/db/db.ts'
import { openStandby } from '../core/db/standby.ts'
import { startHeartbeats } from '../core/embedded/house-process.ts'
import { buildLog, logKeys } from '../core/http/http-log.ts'
import { openHttps } from '../core/https/https.ts'
import { createQueues } from '../core/jobs/job.ts'
import { thisProgram } from '../core/upgrade/program.ts'
import { assertSupported, watchSupport } from '../core/upgrade/support.ts'
import { watchKeyFile } from '../lib/key-file.ts'
import { quietly } from '../lib/quiet.ts'
import { exitWithStartError, noRestartCode, reportRefusal, whenAskedToStop } from '../lib/stopping.ts'
import { jobs, nameOfTask, sealedPlaces, taskKinds } from '../worker.ts'

// The server cancels a statement after this number of milliseconds: a user waits for the answer, and ten statements that never end would
// use all connections. Sheets are read page by page, so they need no more.
const statementMs = 30_000

type Web = {
  app: Awaited<ReturnType<typeof buildApp>>
  database: OpenDatabase
  /** Ends what runs beside the server, then the server, then the connections. */
  stop(): Promise<void>
}

/** Opens everything of a web process, and does not listen yet. */
export async function openWeb(config: Config, log: Logger): Promise<Web> {
  if (config.databaseUrl === undefined) throw new Error('The web process needs DATABASE_URL.')
  const warn = quietly(log)
  const database = openDatabase(config.databaseUrl, {
    name: 'sanyi web',
    max: config.webConnections,
    statementMs,
    onError: (error) => warn(error, 'database connection lost'),
  })
  await assertSupported(database.pool)
  // Started before the keys are read, because a key is used from a certain time on, by the database's clock.
  const signs = await startHeartbeats({ db: database.db, log, kind: 'web', dataDir: config.dataDir })
  const ring = await openKeyRing(database.db, config.sealingKeyPath, () => sealedPlaces)
  const unwatch = watchKeyFile(ring, config.sealingKeyPath, logKeys(log))
  const https = await openHttps(config, log)
  const standby =
    config.readDatabaseUrl === undefined
      ? undefined
      : openStandby(config.readDatabaseUrl, {
          ...{ primary: database.pool, max: config.webConnections, statementMs },
          onError: (error) => warn(error, 'standby connection lost'),
        })
  const app = await buildApp({ db: database.db, pool: database.pool, config, ring, log, https, standby })
  const { publicUrl, simulator } = config
  const taskName = nameOfTask(taskKinds(ring, simulator))
  const notices = startNotices({
    ...{ db: database.db, ring, log, publicUrl, simulator, taskName, standsIn: true },
    onChannels: () => process.send?.('channels'),
  })
  // If no worker has ever run, the queues for the jobs that a request enqueues do not exist yet.
  await createQueues(database.db, jobs)
  return {
    app,
    database,
    async stop() {
      unwatch()
      https?.stop()
      await notices.stop()
      await app.close()
      await signs.stop()
      await database.close()
    },
  }
}

async function run(): Promise<void> {
  const config = loadConfig()
  const log = buildLog(config, 'web')
  log.info(await thisProgram(), 'starting')
  const { app, database, stop } = await openWeb(config, log).catch(exitWithStartError)
  // Answers on while a balancer notices that it ends, finishes the requests under way, then ends. The launcher kills a process that takes
  // too long.
  const end = whenAskedToStop(async (why, code) => {
    log.info({ why, drainMs: config.drainMs }, 'stopping')
    app.drain()
    await sleep(config.drainMs)
    await support.stop()
    await stop()
    process.exit(code)
  }, config.drainMs)
  const support = watchSupport({ database: database.pool, log }, (why) => {
    reportRefusal(why, noRestartCode)
    end('outdated', noRestartCode)
  })
  await app.listen({ port: config.port, host: config.host })
  // This takes two seconds of processor time, so it waits for the rush after a start. Until then a request compiles its own schemas.
  await sleep(60_000, undefined, { ref: false })
  await app.compileSchemas().catch((error: unknown) => log.error({ err: error }, 'a schema does not compile'))
}

if (import.meta.main) await run()
