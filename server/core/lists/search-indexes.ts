import { sql } from 'kysely'
import type { Logger } from 'pino'
import type { Database } from '../db/db.ts'
import { type Running, repeat } from '../jobs/engine.ts'

/**
 * Moves new entries into the search indexes every second. PostgreSQL collects new entries of a GIN index in a pending list of up to 2 MB,
 * because inserting many at once is cheaper. But each search reads the whole pending list, which takes 15 ms at 2 MB.
 */
export function startFlushing({ db, log }: { db: Database; log: Logger }): Running {
  const stopping = new AbortController()
  const flushing = repeat(log, { name: 'search indexes', signal: stopping.signal, everyMs }, () =>
    flushSearchIndexes(db),
  )
  return {
    async stop() {
      stopping.abort()
      await flushing
    },
  }
}

const everyMs = 1000

/** Moves the pending entries into every search index of our tables. Returns at once if another process is doing it. */
export async function flushSearchIndexes(db: Database): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const mine = await sql<{ mine: boolean }>`
      select pg_try_advisory_xact_lock(hashtextextended('search indexes of ' || current_schema(), 0)) as mine`.execute(
      tx,
    )
    if (!mine.rows[0]?.mine) return
    await sql`select take_in_pending_list_rows()`.execute(tx)
  })
}
