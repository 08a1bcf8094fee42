import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config.ts'
import { type OpenDatabase, openDatabase } from '../core/db/db.ts'
import { migrationGaps } from '../core/db/migrate.ts'
import { processHeartbeats } from '../core/embedded/house-process.ts'
import { runningPort, startPostgres } from '../core/embedded/postgres.ts'
import { reachDatabase } from '../core/embedded/reach.ts'
import { lookAtUpgrade } from '../core/upgrade/preflight.ts'
import { thisProgram } from '../core/upgrade/program.ts'
import { sharedNow } from '../lib/clock.ts'
import { memoryKeyRing } from '../lib/seal.ts'
import { secondMs } from '../lib/time.ts'
import type { Finding, HealthArea } from '../overview/health/contract.ts'
import { installationFindings } from '../overview/health/installation.ts'
import { badOf, findingsOf, type Look } from '../overview/health/look.ts'
import {
  certificateFindings,
  folderFindings,
  keyFindings,
  migrationFindings,
  programFinding,
  serverFindings,
} from '../overview/health/machine.ts'
import { growthFindings } from '../overview/health/sizes.ts'
import { taskKinds } from '../worker.ts'
import { askHealth } from './ask-health.ts'

/** How long a database may take to answer. */
const patienceMs = 10 * secondMs
/** A person waits here, and not a page. */
const lookMs = 30 * secondMs

/** Looks at an installation from its own machine, and changes nothing. It needs no running process and no sign-in. */
export async function* examine(config: Config): AsyncGenerator<Finding> {
  yield programFinding(await thisProgram())
  yield* looked('disk', () => folderFindings(config))
  yield* looked('certificate', () => certificateFindings(config))
  const reached = await reach(config)
  if (typeof reached !== 'string') return yield reached
  const open = openDatabase(reached, { max: 1, name: 'sanyi doctor', statementMs: 30 * secondMs })
  try {
    yield* looked('database', () => serverFindings(open))
    const migrated = await findingsOf('migrations', () => migrationFindings(open), lookMs)
    yield* migrated
    yield* looked('migrations', () => upgradeFindings(open, config))
    // The other questions are about tables that may be missing.
    if (migrated.some(({ tone }) => tone === 'bad')) return
    yield* looked('disk', () => growthFindings(open.db, config, sharedNow()))
    yield* looked('keys', () => keyFindings(open, config))
    yield* looked('processes', () => ownWebFindings(open, config))
    const isOneOfMany = config.directoryUrl !== undefined
    yield* await installationFindings({ db: open.db, now: sharedNow(), taskName, isOneOfMany })
  } finally {
    await open.close()
  }
}

async function* looked(area: HealthArea, look: Look): AsyncGenerator<Finding> {
  yield* await findingsOf(area, look, lookMs)
}

const notRunning: Finding = {
  area: 'processes',
  tone: 'bad',
  title: { zh: '这个数据目录的三易没有运行', en: 'No Sanyi runs on this data folder' },
  remedy: {
    zh: '用 npm start 启动；换了目录的，给 DATA_DIR',
    en: 'Start it with npm start; give DATA_DIR if its folder is another',
  },
}

/** Returns the URL of the database, or why there is none. This starts no database, and waits for none longer than ten seconds. */
async function reach({ databaseUrl, dataDir }: Config): Promise<string | Finding> {
  const cluster = join(dataDir, 'postgres')
  if (databaseUrl === undefined && !(await runningPort(cluster).catch(() => undefined))) return notRunning
  const reaching = async () => {
    const url = databaseUrl ?? (await startPostgres({ dataDir: cluster, insist: true })).url
    return reachDatabase(url, () => {}, { isPatient: false })
  }
  const late = sleep(patienceMs, undefined, { ref: false }).then(() => {
    throw new Error('数据库没有应答 · The database does not answer')
  })
  return Promise.race([reaching(), late]).catch((error: unknown) => badOf('database', error))
}

/** The reasons for which the migrations that are missing would not be applied. */
async function upgradeFindings({ pool }: OpenDatabase, config: Config): Promise<Finding[]> {
  const { missing } = await migrationGaps(pool)
  if (missing.length === 0) return []
  const { dataDir, databaseUrl } = config
  const look = await lookAtUpgrade(pool, missing, { dataDir, isEmbedded: databaseUrl === undefined })
  return (look?.faults ?? []).map((title) => ({ area: 'migrations', tone: 'bad', title }))
}

/** The web process of this machine is asked as a browser asks it. */
async function ownWebFindings({ db }: OpenDatabase, config: Config): Promise<Finding[]> {
  const processes = await processHeartbeats(db)
  const isHere = processes.some(({ kind, name }) => kind === 'web' && name.startsWith(`${hostname()}:`))
  const said = isHere ? await askHealth(config) : ''
  if (said === '') return []
  const logs = join(config.dataDir, 'logs')
  return [
    {
      ...{ area: 'processes', tone: 'bad', remedy: { zh: `看 ${logs}`, en: `See ${logs}` } },
      title: { zh: `本机网页不应答：${said}`, en: `The web of this machine does not answer: ${said}` },
    },
  ]
}

/** Only the names are read, so no key is needed. */
const kinds = taskKinds(memoryKeyRing())
const taskName = (kind: string) => kinds.find((one) => one.kind === kind)?.name
