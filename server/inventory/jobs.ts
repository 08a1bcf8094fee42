import { systemActor } from '../core/access/actor.ts'
import type { Tx } from '../core/db/db.ts'
import type { Job } from '../core/jobs/job.ts'
import { receiveEvent, sendEvent } from '../events.ts'
import { applyFreezePeriods } from './documents/locks.ts'
import { type Filled, fillShortages } from './fill.ts'

/** One transaction fills at most this many backorders, because many other transactions need the row locks of the same balances. */
const batchSize = 500

export type InventoryNews = {
  /** Called in the same transaction with the backorders that were filled. */
  onFilled?: (tx: Tx, filled: readonly Filled[]) => Promise<void>
}

export function inventoryJobs({ onFilled }: InventoryNews = {}): Job[] {
  return [
    receiveEvent('inventory.fill', async ({ db }, payloads) => {
      for (const payload of payloads) {
        await db.transaction().execute(async (tx) => {
          const { filled, more } = await fillShortages(tx, { ...payload, limit: batchSize })
          if (filled.length > 0) await onFilled?.(tx, filled)
          if (more) await sendEvent(tx, 'inventory.fill', [payload])
        })
      }
    }),
    receiveEvent('inventory.lock_window', ({ db }, payloads) =>
      db.transaction().execute((tx) =>
        applyFreezePeriods(
          tx,
          payloads.map(({ documentId }) => documentId),
          systemActor,
        ),
      ),
    ),
  ]
}
