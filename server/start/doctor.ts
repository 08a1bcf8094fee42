import { access, constants } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import packageJson from '../../package.json' with { type: 'json' }
import { alarmsNow } from '../alarms/alarms.ts'
import { readQueueCounts } from '../alarms/queue-counts.ts'
import type { Config } from '../config.ts'
import { wholeScope } from '../core/access/actor.ts'
import { assertKeyFile } from '../core/access/key-check.ts'
import { commitOfProgram } from '../core/backup/commit.ts'
import { type OpenDatabase, openDatabase } from '../core/db/db.ts'
import { diskWords, megabytes, readDisk, roomOf } from '../core/db/disk.ts'
import { migrationGaps } from '../core/db/migrate.ts'
import { compareClocks, processHeartbeats } from '../core/embedded/house-process.ts'
import { runningPort, startPostgres } from '../core/embedded/postgres.ts'
import { reachDatabase } from '../core/embedded/reach.ts'
import { certificateEnd } from '../core/https/certificates.ts'
import { sharedMs, sharedNow } from '../lib/clock.ts'
import type { LocalizedText } from '../lib/localized-text.ts'
import { memoryKeyRing } from '../lib/seal.ts'
import { dayMs, secondMs, toChinaTime } from '../lib/time.ts'
import { taskKinds } from '../worker.ts'
import { askHealth } from './ask-health.ts'

type GivenTls = Exclude<Config['tls'], 'local' | undefined>

/** One thing that was looked at. `remedy`: what to do; missing where nothing is to be done. */
export type Finding = { tone: 'ok' | 'warn' | 'bad'; title: LocalizedText; remedy?: LocalizedText }

/** Certificates are usually renewed a month before their end, so with less time left that was forgotten. */
const certificateMs = 14 * dayMs
/** How long a database may take to answer. */
const patienceMs = 10 * secondMs
/** A server that is this full refuses connections soon. */
const fullShare = 0.9

/** Looks at an installation from its own machine, and changes nothing. It needs no running process and no sign-in. */
export async function* examine(config: Config): AsyncGenerator<Finding> {
  yield programFinding(await commitOfProgram())
  yield* looked(() => folderFindings(config))
  const { tls } = config
  if (tls && tls !== 'local') yield* looked(() => certificateFindings(tls))
  const reached = await reach(config)
  if (typeof reached !== 'string') return yield reached
  const open = openDatabase(reached, { max: 1, name: 'sanyi doctor', statementMs: 30 * secondMs })
  try {
    yield* looked(() => serverFindings(open))
    const migrated = await findingsOf(() => migrationFindings(open))
    yield* migrated
    // The other questions are about tables that may be missing.
    if (migrated.some(({ tone }) => tone === 'bad')) return
    yield* looked(() => keyFindings(open, config))
    yield* looked(() => processFindings(open, config))
    yield* looked(() => alarmFindings(open, config))
  } finally {
    await open.close()
  }
}

async function* looked(look: () => Promise<Finding[]>): AsyncGenerator<Finding> {
  yield* await findingsOf(look)
}

/** A look that fails is a finding of its own. Messages for the machine's owner have a Chinese part and an English one. */
function findingsOf(look: () => Promise<Finding[]>): Promise<Finding[]> {
  return look().catch((error: unknown) => [badOf(error)])
}

function badOf(error: unknown): Finding {
  const [zh = '', en = zh] = (error instanceof Error ? error.message : String(error)).split(/\n| · /)
  return { tone: 'bad', title: { zh, en } }
}

const ok = (zh: string, en = zh): Finding => ({ tone: 'ok', title: { zh, en } })

const programFinding = (commit: string): Finding =>
  ok(`三易 ${[packageJson.version, commit.slice(0, 8)].join(' ').trim()} · Node ${process.versions.node}`)

const notRunning: Finding = {
  tone: 'bad',
  title: { zh: '这个数据目录的三易没有运行', en: 'No Sanyi runs on this data folder' },
  remedy: {
    zh: '用 npm start 启动；换了目录的，给 DATA_DIR',
    en: 'Start it with npm start; give DATA_DIR if its folder is another',
  },
}

async function folderFindings({ dataDir }: Config): Promise<Finding[]> {
  const isWritable = await access(dataDir, constants.W_OK).then(
    () => true,
    () => false,
  )
  if (!isWritable)
    return [
      {
        tone: 'bad',
        title: {
          zh: `数据目录 ${dataDir} 不在或写不进`,
          en: `The data folder ${dataDir} is missing or not writable`,
        },
      },
    ]
  const disk = await readDisk(dataDir)
  if (!disk) return []
  const words = diskWords(disk)
  const left = `${megabytes(disk.freeBytes)} / ${megabytes(disk.sizeBytes)}`
  return words
    ? [{ tone: roomOf(disk) === 'full' ? 'bad' : 'warn', title: words }]
    : [ok(`磁盘剩 ${left}`, `${left} left on the disk`)]
}

async function certificateFindings(tls: GivenTls): Promise<Finding[]> {
  const end = await certificateEnd(tls)
  const until = toChinaTime(end)
  const leftMs = end.getTime() - sharedMs()
  if (leftMs > certificateMs) return [ok(`证书到 ${until}`, `The certificate is good until ${until}`)]
  return [
    {
      tone: leftMs > 0 ? 'warn' : 'bad',
      title: { zh: `证书 ${until} 到期`, en: `The certificate ends ${until}` },
      remedy: {
        zh: '换上新的证书文件，不用重启',
        en: 'Put the new certificate in its place; no restart is needed',
      },
    },
  ]
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
  return Promise.race([reaching(), late]).catch((error: unknown) => badOf(error))
}

async function serverFindings({ pool }: OpenDatabase): Promise<Finding[]> {
  const asked = performance.now()
  const { rows } = await pool.query<{ version: string; used: number; most: number }>(`
    select current_setting('server_version') as version, current_setting('max_connections')::int as most,
      (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as used`)
  const [{ version, used, most } = { version: '', used: 0, most: 0 }] = rows
  const ms = Math.round(performance.now() - asked)
  return [
    ok(`PostgreSQL ${version}，${ms} ms 应答`, `PostgreSQL ${version} answers in ${ms} ms`),
    ...(used > most * fullShare
      ? [
          {
            tone: 'warn' as const,
            title: {
              zh: `数据库连接用了 ${used} / ${most}`,
              en: `${used} of ${most} database connections are in use`,
            },
            remedy: {
              zh: '加大 max_connections，或调小 WEB_CONNECTIONS、WORKER_CONNECTIONS',
              en: 'Raise max_connections, or lower WEB_CONNECTIONS and WORKER_CONNECTIONS',
            },
          },
        ]
      : []),
  ]
}

async function migrationFindings({ pool }: OpenDatabase): Promise<Finding[]> {
  const { missing, unknown } = await migrationGaps(pool)
  if (unknown.length > 0)
    return [
      {
        tone: 'bad',
        title: {
          zh: `数据库比程序新：${unknown.join('、')}`,
          en: `The database is newer than the program: ${unknown.join(', ')}`,
        },
        remedy: { zh: '启动新版本', en: 'Start the newer version' },
      },
    ]
  if (missing.length > 0)
    return [
      {
        tone: 'bad',
        title: {
          zh: `数据库缺 ${missing.length} 次升级：${missing[0]}…`,
          en: `${missing.length} migrations are not applied: ${missing[0]}…`,
        },
        remedy: { zh: '启动这个版本，它会升级数据库', en: 'Start this version: it migrates the database' },
      },
    ]
  return [ok('数据库与程序同一版本', 'The database has the version of the program')]
}

async function keyFindings({ db }: OpenDatabase, { sealingKeyPath }: Config): Promise<Finding[]> {
  await assertKeyFile(db, sealingKeyPath)
  return [ok('密钥文件是这个数据库的', 'The key file is this database’s')]
}

async function processFindings({ db }: OpenDatabase, config: Config): Promise<Finding[]> {
  await compareClocks(db)
  const processes = await processHeartbeats(db)
  const webs = processes.filter(({ kind }) => kind === 'web')
  const workers = processes.filter(({ kind }) => kind === 'worker')
  const findings: Finding[] = [
    ok(
      `网页进程 ${webs.length}，后台进程 ${workers.length}`,
      `${webs.length} web and ${workers.length} worker processes`,
    ),
  ]
  const start = { zh: '用 npm start 启动', en: 'Start it with npm start' }
  if (webs.length === 0)
    findings.push({
      tone: 'bad',
      title: { zh: '两分钟没有网页进程', en: 'No web process for two minutes' },
      remedy: start,
    })
  if (workers.length === 0)
    findings.push({
      tone: 'bad',
      title: {
        zh: '两分钟没有后台进程，下载、转单、回写都停着',
        en: 'No worker for two minutes: downloads, conversions and write-backs stand still',
      },
      remedy: start,
    })
  if (webs.some(({ name }) => name.startsWith(`${hostname()}:`))) {
    const health = await askHealth(config)
    if (health !== '')
      findings.push({
        tone: 'bad',
        title: { zh: `本机网页不应答：${health}`, en: `The web of this machine does not answer: ${health}` },
        remedy: { zh: `看 ${join(config.dataDir, 'logs')}`, en: `See ${join(config.dataDir, 'logs')}` },
      })
  }
  return findings
}

/** The alarms of the overview. The disk of this machine was looked at before. */
async function alarmFindings({ db }: OpenDatabase, { publicUrl }: Config): Promise<Finding[]> {
  const asked = { db, scope: wholeScope, now: sharedNow(), taskName }
  const alarms = await alarmsNow(asked, await readQueueCounts(asked))
  if (alarms.length === 0) return [ok('没有告警', 'No alarms')]
  return alarms
    .filter(({ kind }) => kind !== 'disk_low')
    .map(({ tone, title, detail, to }) => ({
      tone,
      title,
      remedy: { zh: `${detail.zh} → ${publicUrl}${to}`, en: `${detail.en} → ${publicUrl}${to}` },
    }))
}

/** Only the names are read, so no key is needed. */
const kinds = taskKinds(memoryKeyRing())
const taskName = (kind: string) => kinds.find((one) => one.kind === kind)?.name
