import { hostname } from 'node:os'
import { sql } from 'kysely'
import type { Logger } from 'pino'
import { databaseSays } from '../../lib/clock.ts'
import type { Database } from '../db/db.ts'
import { type Disk, diskWords, readDisk, roomOf } from '../db/disk.ts'
import { type Running, repeat, workerName } from '../jobs/engine.ts'

const everyMs = 15_000
/** After so long it is no more, or cannot reach the database. */
const silentSeconds = 120
/** An answer that took so long says little about the clock. */
const slowMs = 2000
/** So far apart is an alarm: platforms refuse what is signed minutes off, and people read wrong times. */
const skewMs = 5000

export type ProcessHeartbeat = {
  name: string
  kind: string
  seenAt: Date
  aheadMs: number
  freeBytes: number
  sizeBytes: number
}

type Heartbeats = { db: Database; log: Logger; kind: 'web' | 'worker'; dataDir: string; everyMs?: number }

/**
 * Says every few seconds what this process sees of its machine: how far its clock is from the database's, which all rules go by
 * from then on, and how much room is left on its disk. The first comparison is made before this settles.
 */
export async function startHeartbeats(signs: Heartbeats): Promise<Running> {
  const name = workerName()
  const told: Told = { skew: false, disk: 'enough' }
  const turn = () => writeHeartbeat(signs, name, told)
  await turn().catch((error: unknown) => signs.log.warn({ err: error }, 'the clocks could not be compared'))
  const stopping = new AbortController()
  const signing = repeat(signs.log, 'signs', stopping.signal, signs.everyMs ?? everyMs, turn)
  return {
    async stop() {
      stopping.abort()
      await signing
      await sql`delete from house_process where name = ${name}`.execute(signs.db).catch(() => {})
    },
  }
}

type Told = { skew: boolean; disk: ReturnType<typeof roomOf> }

async function writeHeartbeat(
  { db, log, kind, dataDir }: Heartbeats,
  name: string,
  told: Told,
): Promise<void> {
  const aheadMs = await compareClocks(db)
  if (aheadMs !== undefined) {
    const skew = Math.abs(aheadMs) > skewMs
    // Several processes of one machine say the same.
    if (skew) await noteSkew(db, aheadMs)
    else if (told.skew) await sql`delete from clock_skew where machine = ${hostname()}`.execute(db)
    if (skew !== told.skew) log.warn({ aheadMs }, skew ? 'the clock is wrong' : 'the clock is right again')
    told.skew = skew
  }
  const disk = await readDisk(dataDir)
  logDiskSpace(log, told, disk)
  await sql`
    insert into house_process (name, kind, ahead_ms, free_bytes, size_bytes)
    values (${name}, ${kind}, ${aheadMs ?? 0}, ${disk?.freeBytes ?? 0}, ${disk?.sizeBytes ?? 0})
    on conflict (name) do update set seen_at = now(), free_bytes = excluded.free_bytes, size_bytes = excluded.size_bytes,
      ahead_ms = case when ${aheadMs === undefined} then house_process.ahead_ms else excluded.ahead_ms end`.execute(
    db,
  )
  await sql`delete from house_process where seen_at < now() - interval '1 day'`.execute(db)
}

async function noteSkew(db: Database, aheadMs: number): Promise<void> {
  await sql`
    insert into clock_skew (machine, ahead_ms) values (${hostname()}, ${aheadMs})
    on conflict (machine) do update set ahead_ms = excluded.ahead_ms, seen_at = now()`.execute(db)
}

/** Once for each change: the words hold the figure, and a line for each megabyte would fill what is left. */
export function logDiskSpace(
  log: { warn(fields: object, words: string): void },
  told: Told,
  disk: Disk | undefined,
): void {
  // One that cannot be read says nothing of its room.
  const room = disk ? roomOf(disk) : told.disk
  if (!disk || room === told.disk) return
  log.warn({ disk }, diskWords(disk)?.en ?? 'there is room on the disk again')
  told.disk = room
}

/**
 * Asks the database for the time, by which all rules go from then on. Answers the milliseconds that the machine's own clock is ahead of
 * it, read half-way between question and answer; undefined: the answer took so long that it says little.
 */
export async function compareClocks(db: Database): Promise<number | undefined> {
  const own = Date.now()
  const asked = performance.now()
  const found = await sql<{ ms: number }>`
    select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`.execute(db)
  const halfMs = (performance.now() - asked) / 2
  const ms = found.rows[0]?.ms
  if (ms === undefined || halfMs * 2 > slowMs) return undefined
  databaseSays(ms + halfMs, halfMs)
  const ahead = Math.round(own + halfMs - ms)
  // A difference that the travel time of the answer can explain counts as none.
  return Math.abs(ahead) <= halfMs ? 0 : ahead
}

/** Those that gave a sign within the last two minutes. */
export async function processHeartbeats(db: Database): Promise<ProcessHeartbeat[]> {
  const found = await sql<ProcessHeartbeat>`
    select name, kind, seen_at as "seenAt", ahead_ms as "aheadMs", free_bytes::float8 as "freeBytes", size_bytes::float8 as "sizeBytes"
    from house_process where seen_at > now() - make_interval(secs => ${silentSeconds}) order by name`.execute(
    db,
  )
  return found.rows
}
