import { type Running, repeat, workerName } from '../engine.ts'
import type { ActionHandler } from './handlers.ts'
import { claimActions, endLostSends, type KindTimes } from './queries.ts'
import { performAction, type Sender } from './runs.ts'

export type OutboxLoop<Shop> = Sender<Shop> & {
  handlers: readonly ActionHandler<Shop>[]
  /** Calls at the same time in this process, over all shops. */
  parallel?: number
  pollMs?: number
}

// For opening the shop before the call and writing its outcome after it: the lease must outlast all three.
const besideMs = 30_000

/** Sends platform actions until stopped. Stopping lets the calls in flight end, so that their outcomes are known. */
export function startOutbox<Shop>(options: OutboxLoop<Shop>): Running {
  const worker = workerName()
  const parallel = options.parallel ?? 8
  const kinds = options.handlers.map(timesOf)
  const live = new Set<Promise<void>>()
  const stopping = new AbortController()
  const turn = async () => {
    if (live.size >= parallel) return
    const lost = await endLostSends(options.db, kinds)
    if (lost.length > 0) options.log.warn({ actions: lost }, 'sends were lost: their outcome is unclear')
    // Only as many as begin at once: a lease runs from the claim.
    for (const action of await claimActions(options.db, worker, kinds, parallel - live.size)) {
      const handler = options.handlers.find(({ kind }) => kind === action.kind)
      if (!handler) continue
      const done = performAction(options, handler, action).finally(() => live.delete(done))
      live.add(done)
    }
  }
  const claiming = repeat(options.log, 'outbox', stopping.signal, options.pollMs ?? 300, turn)
  return {
    async stop() {
      stopping.abort()
      await claiming
      await Promise.all(live)
    },
  }
}

function timesOf<Shop>(handler: ActionHandler<Shop>): KindTimes {
  return {
    kind: handler.kind,
    leaseMs: (handler.timeoutSeconds ?? 30) * 1000 + besideMs,
    lookAfterMs: (handler.lookAfterSeconds ?? 10) * 1000,
    canLook: handler.look !== undefined,
  }
}
