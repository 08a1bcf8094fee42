import { setTimeout as sleep } from 'node:timers/promises'
import { codeOf } from '../../lib/safe-error.ts'
import { secondMs } from '../../lib/time.ts'
import { type Database, type OpenDatabase, openDatabase } from './db.ts'
import { isUnreachable } from './unreachable.ts'

// A standby is a copy of the database that another PostgreSQL server keeps by streaming replication. It answers lists and reports.

/** `db`: the standby's. `asOf`: it has everything that was committed before this time of the primary. */
export type StandbySource = { db: Database; asOf: Date }

export type Standby = {
  /**
   * Returns the standby, unless it is away, too old, or has not reached `mark`. `mark`: a position of the log that `position` returned;
   * undefined: the asker changed nothing.
   */
  source(mark: string | undefined): Promise<StandbySource | undefined>
  /** Returns the primary's present position, which is behind everything that was committed so far. */
  position(): Promise<string>
  /** Notes that the standby failed to answer. It is used again once a later look at it succeeds. */
  failed(error: unknown): void
  /** How old it is in milliseconds, at most; undefined: it is away, or no standby. `error`: the reason. */
  state(): { ageMs: number | undefined; error: string }
  close(): Promise<void>
}

/** Lists are read from the primary while the standby is older than this. A person would take a list for present that is not. */
export const oldestMs = 5 * secondMs
const lookMs = secondMs

/** A position of the primary's log. `takenMs`: the process's time before the position was asked for, so that ages are at most too high. */
type Sample = { position: bigint; at: Date; takenMs: number }

type Options = {
  /** The connection pool of the primary. */
  primary: OpenDatabase['pool']
  max: number
  statementMs: number
  onError: (error: Error) => void
}

/** Opens the standby at `url`, and compares it with the primary every second. It may be away: then nothing is read from it. */
export function openStandby(url: string, { primary, ...options }: Options): Standby {
  const { db, pool, close } = openDatabase(url, { name: 'sanyi web reading', ...options })
  let samples: Sample[] = []
  let reached = -1n
  let error = ''
  const end = new AbortController()

  async function look(): Promise<void> {
    try {
      samples = [await sampleOf(primary), ...samples].slice(0, 60)
      reached = await replayed(pool)
      error = ''
    } catch (cause) {
      reached = -1n
      error = cause instanceof Error ? cause.message : String(cause)
    }
  }
  const newest = () => samples.find(({ position }) => position <= reached)
  const ageOf = (sample: Sample) => performance.now() - sample.takenMs

  async function lookOn(): Promise<void> {
    while (!end.signal.aborted) {
      await look()
      await sleep(lookMs, undefined, { ref: false, signal: end.signal }).catch(() => {})
    }
  }
  const looking = lookOn()

  return {
    async source(mark) {
      const wanted = mark === undefined ? 0n : positionOf(mark)
      // It may have come further since the last look.
      if (error === '' && wanted > reached) reached = await replayed(pool).catch(() => -1n)
      const sample = newest()
      if (!sample || wanted > reached || ageOf(sample) > oldestMs) return undefined
      return { db, asOf: sample.at }
    },
    position: async () => (await positionNow(primary)).position,
    failed(cause) {
      reached = -1n
      error = cause instanceof Error ? cause.message : String(cause)
    },
    state() {
      const sample = newest()
      return { ageMs: sample && Math.round(ageOf(sample)), error }
    },
    async close() {
      end.abort()
      await looking
      await close()
    },
  }
}

/** True for an error that the primary would not have: no connection, or a query that the standby gave up to follow the primary. */
export const isOfStandby = (error: unknown): boolean => isUnreachable(error) || codeOf(error) === readOnlyCode

/** PostgreSQL's code of a statement that writes, which a standby refuses. */
const readOnlyCode = '25006'

async function sampleOf(primary: OpenDatabase['pool']): Promise<Sample> {
  const takenMs = performance.now()
  const { position, at } = await positionNow(primary)
  return { position: positionOf(position), at, takenMs }
}

async function positionNow(primary: OpenDatabase['pool']): Promise<{ position: string; at: Date }> {
  const found = await primary.query<{ position: string; at: Date }>({
    name: 'log_position',
    text: 'select pg_current_wal_insert_lsn()::text as position, clock_timestamp() as at',
  })
  const [row] = found.rows
  if (!row) throw new Error('The database did not give its position.')
  return row
}

/** Returns the position up to which the standby has replayed the log. Throws if the server is no standby, for example after a promotion. */
async function replayed(standby: OpenDatabase['pool']): Promise<bigint> {
  const found = await standby.query<{ position: string | null; follows: boolean }>({
    name: 'log_replayed',
    text: 'select pg_last_wal_replay_lsn()::text as position, pg_is_in_recovery() as follows',
  })
  const { position = null, follows = false } = found.rows[0] ?? {}
  if (!follows || position === null) throw new Error('READ_DATABASE_URL is no standby')
  return positionOf(position)
}

/** Reads a position such as 16/B374D848. */
function positionOf(text: string): bigint {
  const [high = '', low = ''] = text.split('/')
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`)
}
