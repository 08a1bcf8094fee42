import { access, constants } from 'node:fs/promises'
import type { Config } from '../../config.ts'
import { assertKeyFile } from '../../core/access/key-check.ts'
import type { OpenDatabase } from '../../core/db/db.ts'
import { diskWords, megabytes, readDisk, roomOf } from '../../core/db/disk.ts'
import { migrationGaps } from '../../core/db/migrate.ts'
import { oldestMs, type Standby } from '../../core/db/standby.ts'
import { certificateEnd } from '../../core/https/certificates.ts'
import { type Program, programText } from '../../core/upgrade/program.ts'
import { whyOutdated } from '../../core/upgrade/support.ts'
import { sharedMs } from '../../lib/clock.ts'
import { dayMs, secondMs, toChinaTime } from '../../lib/time.ts'
import type { Finding } from './contract.ts'
import { ok } from './look.ts'

/** Certificates are usually renewed a month before their end, so with less time left that was forgotten. */
const certificateMs = 14 * dayMs
/** A server that is this full refuses connections soon. */
const fullShare = 0.9

export const programFinding = (program: Program): Finding =>
  ok(
    'program',
    `三易 ${programText(program)} · Node ${process.versions.node}`,
    `Sanyi ${programText(program)} · Node ${process.versions.node}`,
  )

export async function folderFindings({ dataDir }: Pick<Config, 'dataDir'>): Promise<Finding[]> {
  const isWritable = await access(dataDir, constants.W_OK).then(
    () => true,
    () => false,
  )
  if (!isWritable)
    return [
      {
        area: 'disk',
        tone: 'bad',
        title: {
          zh: `数据目录 ${dataDir} 不在或写不进`,
          en: `The data folder ${dataDir} is missing or not writable`,
        },
      },
    ]
  const disk = await readDisk(dataDir)
  if (!disk) return []
  const title = diskWords(disk)
  const left = `${megabytes(disk.freeBytes)} / ${megabytes(disk.sizeBytes)}`
  if (!title) return [ok('disk', `磁盘剩 ${left}`, `${left} left on the disk`)]
  const remedy = {
    zh: '删掉不要的文件，或换大一点的磁盘；腾出空间后自动继续',
    en: 'Remove files that are not needed, or give it a larger disk; it goes on automatically',
  }
  return [{ area: 'disk', tone: roomOf(disk) === 'full' ? 'bad' : 'warn', title, remedy }]
}

export async function certificateFindings({ tls }: Pick<Config, 'tls'>): Promise<Finding[]> {
  if (tls === undefined) return []
  if (tls === 'local')
    return [ok('certificate', '自己的证书，自动续期', 'A certificate of its own, which renews itself')]
  const end = await certificateEnd(tls)
  const until = toChinaTime(end)
  const leftMs = end.getTime() - sharedMs()
  if (leftMs > certificateMs)
    return [ok('certificate', `证书到 ${until}`, `The certificate is good until ${until}`)]
  return [
    {
      area: 'certificate',
      tone: leftMs > 0 ? 'warn' : 'bad',
      title: { zh: `证书 ${until} 到期`, en: `The certificate ends ${until}` },
      remedy: {
        zh: '换上新的证书文件，不用重启',
        en: 'Put the new certificate in its place; no restart is needed',
      },
    },
  ]
}

/** `state`: of the standby; undefined: there is none. */
export function standbyFindings(state: ReturnType<Standby['state']> | undefined): Finding[] {
  if (!state) return []
  const { ageMs, error } = state
  if (ageMs !== undefined && ageMs <= oldestMs) {
    const seconds = Math.ceil(ageMs / secondMs)
    return [
      ok(
        'database',
        `备用库最多旧 ${seconds} 秒，列表和报表由它答`,
        `The standby is at most ${seconds} s old, and answers lists and reports`,
      ),
    ]
  }
  return [
    {
      ...{ area: 'database', tone: 'warn' },
      title:
        error === ''
          ? {
              zh: '备用库跟不上主库，列表和报表由主库答',
              en: 'The standby is behind; the primary answers lists and reports',
            }
          : {
              zh: `备用库没有应答，列表和报表由主库答：${error}`,
              en: `The standby does not answer; the primary answers lists and reports: ${error}`,
            },
    },
  ]
}

export async function serverFindings({ pool }: Pick<OpenDatabase, 'pool'>): Promise<Finding[]> {
  const asked = performance.now()
  const { rows } = await pool.query<{ version: string; used: number; most: number }>(`
    select current_setting('server_version') as version, current_setting('max_connections')::int as most,
      (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as used`)
  const [{ version, used, most } = { version: '', used: 0, most: 0 }] = rows
  const ms = Math.round(performance.now() - asked)
  const well = ok(
    'database',
    `PostgreSQL ${version}，${ms} ms 应答`,
    `PostgreSQL ${version} answers in ${ms} ms`,
  )
  if (used <= most * fullShare) return [well]
  return [
    well,
    {
      area: 'database',
      tone: 'warn',
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
}

export async function migrationFindings({ pool }: Pick<OpenDatabase, 'pool'>): Promise<Finding[]> {
  const { missing, unknown } = await migrationGaps(pool)
  if (unknown.length > 0 && missing.length === 0 && !(await whyOutdated(pool)))
    return [
      ok(
        'migrations',
        '数据库来自更新的版本，这个版本还能用',
        'The database is of a newer version, and still supports this one',
      ),
    ]
  if (unknown.length > 0)
    return [
      {
        area: 'migrations',
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
        area: 'migrations',
        tone: 'bad',
        title: {
          zh: `数据库缺 ${missing.length} 次升级：${missing[0]}…`,
          en: `${missing.length} migrations are not applied: ${missing[0]}…`,
        },
        remedy: { zh: '启动这个版本，它会升级数据库', en: 'Start this version: it migrates the database' },
      },
    ]
  return [ok('migrations', '数据库与程序同一版本', 'The database has the version of the program')]
}

export async function keyFindings(
  { db }: Pick<OpenDatabase, 'db'>,
  { sealingKeyPath }: Pick<Config, 'sealingKeyPath'>,
): Promise<Finding[]> {
  await assertKeyFile(db, sealingKeyPath)
  return [ok('keys', '密钥文件是这个数据库的', 'The key file belongs to this database')]
}
