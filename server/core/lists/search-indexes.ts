import { sql } from 'kysely'
import type { Logger } from 'pino'
import type { Database } from '../db/db.ts'
import { type Running, repeat } from '../jobs/engine.ts'

/**
 * New rows of a list wait beside their search index (a GIN "pending list") until there are 2 MB of them: sorted together
 * they enter it several times as cheaply. But each search reads through what waits, 15 ms at 2 MB; so while few come, they
 * are taken in every second, and a quiet house searches at full speed.
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

/** Takes what waits into every search index of our tables. One process does it at a time; the others need not wait. */
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
