import Type from 'typebox'
import type { Database } from '../core/db/db.ts'
import { defineInstallationTaskKind } from '../core/tasks/kinds.ts'
import { reconcileTrades } from './recon.ts'
import { takeDue, takeScan } from './recon-queries.ts'

const batchSize = 1000

/** 对账: reconciles trades whose settlements have changed. Without imported bills it finds nothing. */
export const reconciling = defineInstallationTaskKind({
  kind: 'reconcile_bills',
  name: { zh: '对账', en: 'Reconcile bills' },
  params: Type.Object({}, { additionalProperties: false }),
  defaultSchedule: { everySeconds: 60 },
  run: ({ db, signal, progress }) => reconcileDue(db, { signal, progress }),
})

/** Works in batches until no trade is due; a batch can be repeated. */
export async function reconcileDue(
  db: Database,
  run: { signal: AbortSignal; progress: (counts: { seen: number }) => void },
): Promise<{ seen: number }> {
  while (await db.transaction().execute(takeScan)) run.signal.throwIfAborted()
  for (let seen = 0; ; ) {
    run.signal.throwIfAborted()
    const done = await db.transaction().execute(async (tx) => {
      const due = await takeDue(tx, batchSize)
      await reconcileTrades(tx, due)
      return due.length
    })
    if (done === 0) return { seen }
    seen += done
    run.progress({ seen })
  }
}
