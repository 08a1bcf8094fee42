import { safeError } from '../../lib/safe-error.ts'
import { type Claimant, defaultLeaseMs, type Running, repeat, workerName } from '../jobs/engine.ts'
import type { BatchAction } from './batch.ts'
import { claimBatches, extendBatches } from './queries.ts'
import { type BatchRunner, runBatch } from './runs.ts'

export type BatchLoop = BatchRunner & {
  actions: readonly BatchAction[]
  /**
   * At most this many batches run at the same time in this process; undefined: 2. Each uses one connection, and more if its action calls
   * platforms before a chunk.
   */
  parallel?: number
  pollMs?: number
  leaseMs?: number
}

type Live = { abort: AbortController; ended: Promise<void> }

/** Claims and runs batches until stopped. When it is stopped, each batch ends its current chunk and is unclaimed. */
export function startBatches(options: BatchLoop): Running {
  const claimant: Claimant = { worker: workerName(), leaseMs: options.leaseMs ?? defaultLeaseMs }
  const live = new Map<string, Live>()
  const stopping = new AbortController()
  const ending = new AbortController()
  const turn = async () => {
    const free = (options.parallel ?? 2) - live.size
    if (free <= 0) return
    for (const batch of await claimBatches(options.db, claimant, names(options.actions), free)) {
      const action = options.actions.find(({ action }) => action === batch.action)
      if (!action || live.has(batch.id)) continue
      const abort = new AbortController()
      const ended = runBatch(options, claimant, { action, batch }, abort.signal)
        .catch((error: unknown) =>
          options.log.error({ err: safeError(error) }, 'a batch could not be given back'),
        )
        .finally(() => live.delete(batch.id))
      live.set(batch.id, { abort, ended })
    }
  }
  const beat = async () => {
    if (live.size > 0) await extendBatches(options.db, claimant, [...live.keys()])
  }
  const claiming = repeat(
    options.log,
    { name: 'batches', signal: stopping.signal, everyMs: options.pollMs ?? 300 },
    turn,
  )
  const beating = repeat(
    options.log,
    { name: 'batches', signal: ending.signal, everyMs: claimant.leaseMs / 4 },
    beat,
  )
  return {
    async stop() {
      stopping.abort()
      await claiming
      for (const { abort } of live.values()) abort.abort()
      await Promise.all([...live.values()].map(({ ended }) => ended))
      ending.abort()
      await beating
    },
  }
}

function names(actions: readonly BatchAction[]): string[] {
  return actions.map(({ action }) => action)
}
