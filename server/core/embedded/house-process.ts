import { hostname } from 'node:os'
import { sql } from 'kysely'
import type { Logger } from 'pino'
import { type ClockSource, databaseSays } from '../../lib/clock.ts'
import type { Database } from '../db/db.ts'
import { type Disk, diskWords, readDisk, roomOf } from '../db/disk.ts'
import { programNumber } from '../db/migration-files.ts'
import type { Row, WithNumbers } from '../db/rows.ts'
import { type Running, repeat, workerName } from '../jobs/engine.ts'
import { programText, thisProgram } from '../upgrade/program.ts'

const everyMs = 15_000
/** A process whose last heartbeat is older counts as ended. */
const silentSeconds = 120
/** If the database takes longer to answer, its time is too inexact to compare clocks. */
const slowMs = 2000
/**
 * A larger difference between the clocks raises an alarm: platforms refuse requests with a wrong time, and users would read wrong times.
 */
const skewMs = 5000

export type ProcessHeartbeat = WithNumbers<
  Row<'house_process', 'name' | 'kind' | 'version' | 'seenAt' | 'aheadMs' | 'freeBytes' | 'sizeBytes'>,
  'freeBytes' | 'sizeBytes'
>

type Heartbeats = { db: Database; log: Logger; kind: 'web' | 'worker'; dataDir: string; everyMs?: number }

/**
 * Writes every few seconds the difference between this machine's clock and the database's, and the free space of its disk. The first
 * comparison is made before this function settles; from then on all rules use the database's time.
 */
export async function startHeartbeats(signs: Heartbeats): Promise<Running> {
  const name = workerName()
  const told: Told = { skew: false, disk: 'enough' }
  const turn = () => writeHeartbeat(signs, name, told)
  await turn().catch((error: unknown) => signs.log.warn({ err: error }, 'the clocks could not be compared'))
  const stopping = new AbortController()
  const signing = repeat(
    signs.log,
    { name: 'signs', signal: stopping.signal, everyMs: signs.everyMs ?? everyMs },
    turn,
  )
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
    // Several processes of one machine measure the same clock; one row for each machine is enough.
    if (skew) await noteSkew(db, aheadMs)
    else if (told.skew) await sql`delete from clock_skew where machine = ${hostname()}`.execute(db)
    if (skew !== told.skew) log.warn({ aheadMs }, skew ? 'the clock is wrong' : 'the clock is right again')
    told.skew = skew
  }
  const disk = await readDisk(dataDir)
  logDiskSpace(log, told, disk)
  await sql`
    insert into house_process (name, kind, program, version, ahead_ms, free_bytes, size_bytes)
    values (${name}, ${kind}, ${await programNumber()}, ${programText(await thisProgram())}, ${aheadMs ?? 0}, ${disk?.freeBytes ?? 0},
      ${disk?.sizeBytes ?? 0})
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

/** Logs the disk's state when it changes. Logging each figure would fill the rest of the disk. */
export function logDiskSpace(
  log: { warn(fields: object, words: string): void },
  told: Told,
  disk: Disk | undefined,
): void {
  // A disk that cannot be read keeps its last known state.
  const room = disk ? roomOf(disk) : told.disk
  if (!disk || room === told.disk) return
  log.warn({ disk }, diskWords(disk)?.en ?? 'there is room on the disk again')
  told.disk = room
}

/**
 * Asks the database for its time, which all rules use from then on. Returns by how many milliseconds the machine's clock is ahead, measured
 * at the middle of the call; undefined if the call took too long.
 */
export async function compareClocks(
  db: Database,
  source: ClockSource = 'installation',
): Promise<number | undefined> {
  const own = Date.now()
  const asked = performance.now()
  const found = await sql<{ ms: number }>`
    select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`.execute(db)
  const halfMs = (performance.now() - asked) / 2
  const ms = found.rows[0]?.ms
  if (ms === undefined || halfMs * 2 > slowMs) return undefined
  databaseSays(ms + halfMs, halfMs, source)
  const ahead = Math.round(own + halfMs - ms)
  // The answer's travel time makes the measurement inexact by half of it.
  return Math.abs(ahead) <= halfMs ? 0 : ahead
}

/** Returns the processes that wrote a heartbeat within the last two minutes. */
export async function processHeartbeats(db: Database): Promise<ProcessHeartbeat[]> {
  const found = await sql<ProcessHeartbeat>`
    select name, kind, version, seen_at as "seenAt", ahead_ms as "aheadMs", free_bytes::float8 as "freeBytes", size_bytes::float8 as "sizeBytes"
    from house_process where seen_at > now() - make_interval(secs => ${silentSeconds}) order by name`.execute(
    db,
  )
  return found.rows
}
