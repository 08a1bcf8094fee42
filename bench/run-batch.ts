import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import pino from 'pino'
import { systemActor, wholeScope } from '../server/core/access/actor.ts'
import type { BatchAction } from '../server/core/batches/batch.ts'
import { createBatch } from '../server/core/batches/batches.ts'
import { startBatches } from '../server/core/batches/loop.ts'
import type { Database } from '../server/core/db/db.ts'
import type { KeyRing } from '../server/lib/seal.ts'

/** Runs one bulk action over these rows through the production engine; returns its duration by the engine's own clock. */
export async function runBatch(
  { db, ring }: { db: Database; ring: KeyRing },
  actions: readonly BatchAction[],
  name: string,
  ids: readonly string[],
): Promise<{ seconds: number; succeeded: number }> {
  const wanted = actions.find(({ action }) => action === name)
  if (!wanted) throw new Error(`no action ${name}`)
  const engine = startBatches({
    db,
    ring,
    log: pino({ level: 'warn' }),
    actions,
    authorise: async (_actor, _permission, scope) => scope,
    pollMs: 20,
  })
  try {
    const batch = await db
      .transaction()
      .execute((tx) =>
        createBatch(
          tx,
          ring,
          { action: wanted, target: { ids: [...ids] }, input: {} },
          { actor: systemActor, scope: wholeScope },
        ),
      )
    for (;;) {
      await sleep(20)
      const found = await sql<{ state: string; succeeded: number; seconds: number }>`
        select state, succeeded, extract(epoch from ended_at - started_at)::float8 as seconds from batch where id = ${batch.id}::bigint`.execute(
        db,
      )
      const row = found.rows[0]
      if (row?.state === 'done') return { seconds: row.seconds, succeeded: row.succeeded }
      if (row?.state === 'stopped') throw new Error(`the batch was stopped, ${row.succeeded} succeeded`)
    }
  } finally {
    await engine.stop()
  }
}
