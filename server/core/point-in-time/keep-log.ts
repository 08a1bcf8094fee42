import { chown, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import pg from 'pg'
import type { Logger } from 'pino'
import { chinaDay, dayMs, fromChinaTime } from '../../lib/time.ts'
import type { Storage } from '../backup/place.ts'
import { assertRoom, BackupRefusal } from '../backup/refusal.ts'
import { megabytes, roomAt } from '../db/disk.ts'
import { addBase, basesIn, removeUnneeded, type StoredBase } from './base-backups.ts'
import { baseName } from './base-manifest.ts'
import { keptLogOf, startFileOf } from './keeping-script.ts'
import type { KeptPlace } from './kept-log.ts'
import { type LogPlace, logFolder, openLogPlace } from './log-place.ts'
import { type Sending, sendFile, waitingFiles } from './send-log.ts'

export type KeeperParts = {
  /** For the owner of the embedded server. */
  url: string
  /** The folder of the cluster, without links. */
  cluster: string
  /** A folder for files on their way. */
  scratch: string
  storage: Storage
  log: Logger
}

/** Seconds after which the server hands over a segment that is not full: at most this much of the log is on this machine only. */
export const handOverSeconds = 60

export type Keeping = KeeperParts & Sending & { days: number; place: LogPlace; placeName: string }

/**
 * Begins, or goes on, keeping the log at a place: the folder that makes the server hand over its segments, and the setting after which time it
 * does. Throws if the server was started without handing over.
 */
export async function beginKeeping(
  parts: KeeperParts,
  { place: placeName, days }: KeptPlace,
): Promise<Keeping> {
  const kept = keptLogOf(parts.cluster)
  const client = await connected(parts.url)
  try {
    const { rows } = await client.query<{ mode: string; timeout: string; id: string }>(`
      select current_setting('archive_mode') as mode, current_setting('archive_timeout') as timeout,
        (select system_identifier::text from pg_control_system()) as id`)
    const [found] = rows
    if (!found || found.mode === 'off')
      throw new BackupRefusal(
        '数据库是不留日志启动的:重启一次三易。\nThe database was started without handing over its log: restart Sanyi once.',
      )
    await mkdir(kept, { recursive: true, mode: 0o700 })
    const owner = await stat(parts.cluster)
    if (process.getuid?.() === 0) await chown(kept, owner.uid, owner.gid)
    if (found.timeout !== `${handOverSeconds}s` && found.timeout !== '1min')
      await setHandOver(client, `'${handOverSeconds}s'`)
    await rm(parts.scratch, { recursive: true, force: true })
    await mkdir(parts.scratch, { recursive: true, mode: 0o700 })
    const place = openLogPlace(placeName, logFolder(found.id), parts.storage)
    // A place that cannot be reached is found now.
    await place.list()
    return { ...parts, place, placeName, days, systemId: found.id, kept }
  } finally {
    await client.end()
  }
}

/** Ends it: the server drops its segments once they are full. The place keeps its files. */
export async function endKeeping({ url, cluster, scratch }: KeeperParts): Promise<void> {
  await rm(keptLogOf(cluster), { recursive: true, force: true })
  await rm(scratch, { recursive: true, force: true })
  const client = await connected(url)
  try {
    await setHandOver(client, 'default')
  } finally {
    await client.end()
  }
}

async function setHandOver(client: pg.Client, value: string): Promise<void> {
  await client.query(`alter system set archive_timeout = ${value}`)
  await client.query('select pg_reload_conf()')
}

/** With less free bytes than this on the disk of the database, the log is not kept. */
const leastFreeBytes = 500_000_000

/**
 * Drops the segments that wait, and throws, if the disk of the database runs full: a place that is away for long must not keep the database from
 * writing. The server drops its log from then on; once there is room, keeping begins again with a base backup.
 */
export async function assertRoomToKeep({ cluster }: Pick<KeeperParts, 'cluster'>): Promise<void> {
  const room = await roomAt(cluster)
  if (!room || room.freeBytes >= leastFreeBytes) return
  await rm(keptLogOf(cluster), { recursive: true, force: true })
  throw new BackupRefusal(
    `数据库的磁盘只剩 ${megabytes(room.freeBytes)},日志不再留;腾出空间后自动重新开始。\n` +
      `The disk of the database has ${megabytes(room.freeBytes)} left, so its log is not kept; it begins again automatically once there is room.`,
  )
}

/** Sends every segment that waits. Returns the name of the last one. */
export async function sendWaiting(keeping: Keeping, signal?: AbortSignal): Promise<string | undefined> {
  let last: string | undefined
  for (const name of await waitingFiles(keeping.kept)) {
    if (signal?.aborted) break
    await sendFile(keeping, name)
    last = name
  }
  return last
}

/**
 * Makes a base backup if there is none from which the log goes on, or the last one is of before this day's hour. Then removes the files that are
 * not needed any more. Returns the base backups since which the log has no gap, the oldest first.
 */
export async function keepBases(keeping: Keeping, now: Date, signal?: AbortSignal): Promise<StoredBase[]> {
  const start = await readStart(keeping)
  const bases = await basesIn(keeping.place, keeping.scratch)
  const mine = basesSince(start, bases)
  const last = mine.at(-1)
  if (last && new Date(last.manifest.endedAt) >= dueSince(now)) return mine
  const { url, place, scratch } = keeping
  await assertRoomForBase(keeping, bases.at(-1))
  const base = await addBase({ url, place, scratch, fast: !last, ...(signal ? { signal } : {}) })
  if (!last) await writeStart(keeping, base.name)
  await removeUnneeded(place, [...bases, base], new Date(now.getTime() - keeping.days * dayMs))
  return basesSince(last ? start : base.name, await basesIn(place, scratch))
}

/** A base backup is at most about this part of the database. */
const packedShare = 0.4

/**
 * Refuses a base backup that would fill the disk on its way. A full disk would end the log too (`assertRoomToKeep`), and each end is followed by another base
 * backup.
 */
async function assertRoomForBase({ url, scratch }: Keeping, last: StoredBase | undefined): Promise<void> {
  const expected = last ? last.manifest.storedBytes * 1.2 : (await sizeOf(url)) * packedShare
  await assertRoom(scratch, expected + leastFreeBytes, { zh: '基础备份', en: 'base backup' })
}

async function sizeOf(url: string): Promise<number> {
  const client = await connected(url)
  try {
    const { rows } = await client.query<{ bytes: number }>(
      'select sum(pg_database_size(oid))::float8 as bytes from pg_database',
    )
    return rows[0]?.bytes ?? 0
  } finally {
    await client.end()
  }
}

/** The one that the log began with may be removed as old. The log goes on from each that was made since. */
const basesSince = (start: string | undefined, bases: readonly StoredBase[]): StoredBase[] =>
  start === undefined ? [] : bases.filter(({ name }) => name >= start)

/** The hour and minute of the daily base backup, in China, half an hour after the nightly backup. */
const daily = '04:30:00'

/** Returns the last time at which a base backup was due. */
export function dueSince(now: Date): Date {
  const today = fromChinaTime(`${chinaDay(now)} ${daily}`)
  return today <= now ? today : new Date(today.getTime() - dayMs)
}

async function readStart({ kept, placeName }: Keeping): Promise<string | undefined> {
  const text = await readFile(startFileOf(kept), 'utf8').catch(() => '')
  const [place, base = ''] = text.split('\n')
  return place === placeName && baseName.test(base) ? base : undefined
}

const writeStart = ({ kept, placeName }: Keeping, base: string): Promise<void> =>
  writeFile(startFileOf(kept), `${placeName}\n${base}\n`, { mode: 0o600 })

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'sanyi log keeper' })
  client.on('error', () => {})
  await client.connect()
  return client
}
