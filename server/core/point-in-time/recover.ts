import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import {
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createZstdDecompress } from 'node:zlib'
import { toChinaTime } from '../../lib/time.ts'
import { closeRestoredShops } from '../access/shop-gate.ts'
import { leapNumbers } from '../backup/leap.ts'
import { measuredStream } from '../backup/measured.ts'
import type { Storage } from '../backup/place.ts'
import { assertRoom, BackupRefusal } from '../backup/refusal.ts'
import { keptPassword, stopServer } from '../embedded/postgres.ts'
import { type Account, findPlace, majorOfPrograms, type Place } from '../embedded/postgres-place.ts'
import { exitOf } from '../embedded/postgres-programs.ts'
import type { StoredBase } from './base-backups.ts'
import { baseFileName } from './base-manifest.ts'
import { type Chosen, chooseLog } from './choose-log.ts'
import { keptLogOf } from './keeping-script.ts'
import { type LogReader, startLogReader } from './log-reader.ts'
import { hasLater, whyNotReached } from './not-reached.ts'
import { formerCluster, markRecovering, removeRecoveringMark } from './recovering.ts'
import { isHistory } from './segments.ts'
import { untar } from './untar.ts'

export type RecoverRequest = {
  /** The folder of the embedded cluster, such as `data/postgres`. */
  dataDir: string
  place: string
  /** Undefined: to the end of the log. */
  at: Date | undefined
  timeline: number | undefined
  /** The data folder of the broken-down installation, whose disk has the end of the log. */
  disk: string | undefined
  replace: boolean
  storage: Storage
  say(line: string): void
}

/** `moved`: where the former cluster is now. */
export type Recovered = { base: StoredBase; label: string; moved: string | undefined }

/**
 * Restores the embedded cluster as it was at a second: from the newest base backup before it, and the log up to it. Everything is made in a folder
 * beside the cluster, the quiet of the shops included, and takes its place at the end, so that a restore that is killed changes nothing before.
 */
export async function recover(request: RecoverRequest): Promise<Recovered> {
  const dataDir = resolve(request.dataDir)
  if (request.disk !== undefined) await assertDisk(request.disk)
  const place = await findPlace(dataDir, request.say)
  const former = await formerCluster(dataDir)
  const isThere = (await readdir(place.cluster).catch((): string[] => [])).includes('PG_VERSION')
  if (isThere && !request.replace)
    throw new BackupRefusal(
      `${dataDir} 里已有数据库。若要用备份替换它,加上 --replace;它会被移到旁边。\n` +
        `${dataDir} has a database already. To replace it by the backup, add --replace: it is moved aside.`,
    )
  if (isThere) await stopServer(place)
  await removeStages(place)
  const stage = await mkdtemp(`${place.cluster}.new-`)
  try {
    await own(stage, place.account)
    const chosen = await chooseLog({ ...request, stage })
    await assertFits(place, chosen)
    const cluster = join(stage, 'cluster')
    await unpackBase(chosen, cluster, place)
    const found = await disksOf([place.cluster, former, request.disk && join(request.disk, 'postgres')])
    // A restore that was killed may have moved the former cluster aside without its kept log.
    const disks = [...new Set([...found, keptLogOf(place.cluster)])]
    const password = await keptPassword(place, dataDir)
    const label = `${chosen.base.name} → ${request.at ? toChinaTime(request.at) : 'end'}`
    await replay({ ...request, place, stage, cluster, chosen, disks, password, label })
    const moved = await takeItsPlace(dataDir, { place, cluster, isThere, former })
    return { base: chosen.base, label, moved }
  } finally {
    await rm(stage, { recursive: true, force: true })
  }
}

async function own(path: string, account: Account | undefined): Promise<void> {
  if (account) await chown(path, account.uid, account.gid)
}

/** Removes the rests of restores that were killed. */
async function removeStages({ cluster }: Place): Promise<void> {
  for (const name of await readdir(dirname(cluster)))
    if (name.startsWith(`${basename(cluster)}.new-`))
      await rm(join(dirname(cluster), name), { recursive: true, force: true })
}

async function assertFits({ programs, cluster }: Place, { base }: Chosen): Promise<void> {
  const [made] = base.manifest.serverVersion.split('.')
  const brought = await majorOfPrograms(programs)
  if (brought !== undefined && brought !== made)
    throw new BackupRefusal(
      `${base.name} 属于 PostgreSQL ${made},这个版本带的是 ${brought}:用当时的版本恢复。\n` +
        `${base.name} is of PostgreSQL ${made}, and this version brings ${brought}: restore it with the version that made it.`,
    )
  await assertRoom(dirname(cluster), base.manifest.bytes * 1.2, { zh: '恢复', en: 'restore' })
}

async function unpackBase({ base, log }: Chosen, cluster: string, { account }: Place): Promise<void> {
  await mkdir(cluster, { mode: 0o700 })
  await own(cluster, account)
  const packed = join(dirname(cluster), baseFileName)
  await log.get(`${base.name}/${baseFileName}`, packed)
  const hashed = measuredStream({ hashed: true })
  await pipeline(
    createReadStream(packed, { highWaterMark: 1024 * 1024 }),
    hashed.stream,
    createZstdDecompress(),
    untar(cluster, (path) => own(path, account)),
  )
  await rm(packed)
  if (hashed.sha256() !== base.manifest.sha256)
    throw new BackupRefusal(`${base.name} 有损坏。\n${base.name} is damaged.`)
}

/** Refuses a disk that has no database: the end of the log, for which it was given, would be missing without a word. */
async function assertDisk(disk: string): Promise<void> {
  const path = join(disk, 'postgres')
  const found = await stat(join(path, 'pg_wal')).catch(() => undefined)
  if (found?.isDirectory()) return
  const target = await readlink(path).catch(() => undefined)
  if (target !== undefined)
    throw new BackupRefusal(
      `${path} 是链接,指向 ${target},那里没有数据库:把链接改指到旧磁盘上的那个文件夹。什么都没有改动。\n` +
        `${path} is a link to ${target}, which has no database: let it point to that folder on the old disk. Nothing was changed.`,
    )
  throw new BackupRefusal(
    `${disk} 里没有数据库(没有 postgres/pg_wal):--disk 后面写旧机器的数据目录(DATA_DIR)。什么都没有改动。\n` +
      `${disk} has no database (no postgres/pg_wal): give --disk the data folder (DATA_DIR) of the old machine. Nothing was changed.`,
  )
}

/** Returns the folders of a database's disk that may have the end of its log. */
async function disksOf(clusters: readonly (string | undefined)[]): Promise<string[]> {
  const found: string[] = []
  for (const path of clusters) {
    const cluster = path && (await realpath(path).catch(() => undefined))
    if (cluster) found.push(join(cluster, 'pg_wal'), keptLogOf(cluster))
  }
  return found
}

type Replaying = RecoverRequest & {
  stage: string
  cluster: string
  chosen: Chosen
  disks: readonly string[]
  password: string
  label: string
}

/** Lets the server read the log up to the second, in one run without a port, and closes the shops before any other process sees the rows. */
async function replay(request: Omit<Replaying, 'place'> & { place: Place }): Promise<void> {
  const { place, stage, cluster, chosen, disks, at } = request
  const folder = join(stage, 'log')
  await mkdir(folder, { mode: 0o700 })
  await own(folder, place.account)
  await writeFile(join(cluster, 'recovery.signal'), '', { mode: 0o600 })
  await own(join(cluster, 'recovery.signal'), place.account)
  const { systemId } = chosen.base.manifest
  const source = { place: chosen.log, names: chosen.names, systemId, disks }
  const reader = await startLogReader(folder, source, place.account)
  const settings = {
    restore_command: reader.command,
    recovery_target_timeline: String(chosen.timeline),
    ...(at ? { recovery_target_time: `${toChinaTime(at)}+08` } : {}),
    recovery_target_action: 'promote',
    // Without other processes, a recovering server cannot answer reads.
    hot_standby: 'off',
    log_min_messages: 'log',
    log_timezone: 'UTC',
    timezone: 'UTC',
  }
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const input = statements(request)
  try {
    const ran = await exitOf(place, 'postgres', ['--single', ...args, '-D', cluster, 'sanyi'], {
      output: 'pipe',
      input,
    })
    const isWhole = ran.code === 0 && ran.output.includes(quietWords)
    // Without a second to come to, the server takes a gap for the end of the log.
    const missing = at ? undefined : reader.missing()
    if (!isWhole || (missing !== undefined && hasLater(chosen.names, missing)))
      throw refusal(request, reader, ran.output)
  } finally {
    await reader.stop()
  }
}

const quietWords = 'shops are closed'

/** One statement a line, as a server without clients reads them. The last one says that the others did their work: shops are closed, numbers leapt. */
function statements({ password, label, chosen }: Pick<Replaying, 'password' | 'label' | 'chosen'>): string {
  const text = (value: string) => `'${value.replaceAll("'", "''")}'`
  return [
    `alter role sanyi password ${text(password)}`,
    `insert into restore_record (taken_at, backup) values (coalesce(pg_last_xact_replay_timestamp(), ${text(chosen.base.manifest.endedAt)}), ${text(label)})`,
    closeRestoredShops.replaceAll(/\s+/g, ' ').trim(),
    leapNumbers,
    'truncate relay_call',
    'truncate kept_log',
    `select ${text(quietWords)} from restore_record r where backup = ${text(label)} and not exists (select from shop s left join shop_gate g on g.shop_id = s.id where s.auth_state <> 'none' and g.restored_at is null) and (select not is_called from sales_order_no) limit 1`,
    '',
  ].join('\n')
}

function refusal({ chosen, at }: Pick<Replaying, 'chosen' | 'at'>, reader: LogReader, output: string): Error {
  const failure = reader.failure()
  if (failure) return failure instanceof Error ? failure : new Error(String(failure))
  return whyNotReached({
    names: chosen.names,
    words: chosen.log.words,
    missing: reader.missing(),
    at,
    output,
  })
}

type Exchange = { place: Place; cluster: string; isThere: boolean; former: string | undefined }

/** Moves the former cluster aside, and the restored one in its place. The log that it keeps from now on begins with the history of its timeline. */
async function takeItsPlace(dataDir: string, { place, cluster, isThere, former }: Exchange) {
  const before = isThere ? `${place.cluster}.before-${randomUUID().slice(0, 8)}` : (former ?? '')
  const kept = keptLogOf(place.cluster)
  await markRecovering(dataDir, before)
  if (isThere) await rename(place.cluster, before)
  if (before !== '') await rename(kept, keptLogOf(before)).catch(() => {})
  await rm(kept, { recursive: true, force: true })
  await mkdir(kept, { mode: 0o700 })
  await own(kept, place.account)
  for (const name of (await readdir(join(cluster, 'pg_wal'))).filter(isHistory)) {
    await writeFile(join(kept, name), await readFile(join(cluster, 'pg_wal', name)), { mode: 0o600 })
    await own(join(kept, name), place.account)
  }
  await rename(cluster, place.cluster)
  await removeRecoveringMark(dataDir)
  return before || undefined
}
