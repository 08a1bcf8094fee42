import { sql } from 'kysely'
import type { Logger } from 'pino'
import type { Database } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { type Running, repeat } from '../core/jobs/engine.ts'
import type { KeyRing } from '../lib/seal.ts'
import { eraseNext } from './erase-batch.ts'

const everyMs = 1000

/**
 * Works on the erasures, batch by batch. A worker that is killed leaves a batch undone, and the next worker goes on with the trades that are
 * not erased yet.
 */
export function startErasing({ db, ring, log }: { db: Database; ring: KeyRing; log: Logger }): Running {
  const stopping = new AbortController()
  const { signal } = stopping
  const erasing = repeat(log, { name: 'erasures', signal, everyMs }, () => eraseOpen(db, ring, signal))
  return {
    async stop() {
      stopping.abort()
      await erasing
    },
  }
}

/**
 * Works on every erasure that has not ended, the oldest first, until the signal aborts. One that fails keeps none of the others waiting; its
 * error is thrown after them.
 */
export async function eraseOpen(db: Database, ring: KeyRing, signal?: AbortSignal): Promise<void> {
  const open = await sql<Row<'erasure', 'id'>>`
    select id from erasure where ended_at is null order by id limit 20`.execute(db)
  const errors: unknown[] = []
  for (const { id } of open.rows) {
    try {
      while (!signal?.aborted && (await eraseNext(db, ring, id)) === 'more');
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length > 0) throw errors[0]
}
