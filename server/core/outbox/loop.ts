import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { safeError } from '../../lib/safe-error.ts'
import type { Database } from '../db/db.ts'
import { type Running, workerName } from '../jobs/engine.ts'
import { inTurn } from '../jobs/pace.ts'
import type { ShopOpener } from '../tasks/kinds.ts'
import { claimActions, endLostSends, type KindTimes } from './claim.ts'
import type { ActionHandler } from './handlers.ts'
import { createShopQueues, type Pace } from './lanes.ts'
import { createSendGuards } from './recheck.ts'
import { createWriter } from './writer.ts'

export type OutboxLoop<Shop> = {
  db: Database
  openShop: ShopOpener<Shop>
  log: Logger
  handlers: readonly ActionHandler<Shop>[]
  /** Returns the rate of a shop's calls. Undefined: every shop has a slow default rate. */
  paceOf?: (shop: Shop) => Pace
  /** At most this many claimed actions are in this process, over all shops. */
  inHand?: number
  pollMs?: number
}

// Milliseconds that a lease lasts longer than the call: for waiting in the queue and opening the shop before it, and writing the outcome
// after it.
const besideMs = 30_000
/** At least this many milliseconds pass between two claims, so that each claim takes many actions. */
const shortestRoundMs = 100

/**
 * Sends platform actions until stopped: claims the most urgent actions of each shop, as many as the shop can send in a moment, and writes
 * the outcomes in sets. Stopping waits for calls that have begun, so that their outcomes are stored.
 */
export function startOutbox<Shop>(options: OutboxLoop<Shop>): Running {
  const { db, log, handlers } = options
  const pollMs = options.pollMs ?? 300
  const worker = workerName()
  const kinds = handlers.map(timesOf)
  const rest = wakeable()
  let stopping = false
  const writer = createWriter({
    db,
    log,
    handlers,
    onNoted(shopIds, back) {
      lanes.noted(shopIds)
      if (back) rest.wake()
    },
  })
  const { openShop, paceOf } = options
  const lanes = createShopQueues({ log, handlers, openShop, paceOf, onTaken: writer.add, onRoom: rest.wake })
  const rechecks = createSendGuards({ db, log, handlers, onWanted: lanes.add, onTaken: writer.add })
  const turn = async () => {
    const { usualRoom, rooms, inHand } = lanes.rooms()
    const limit = (options.inHand ?? 600) - inHand
    if (limit <= 0) return
    const lost = await endLostSends(db, kinds)
    if (lost.length > 0) log.warn({ actions: lost }, 'sends were lost: their outcome is unclear')
    const claimedAtMs = performance.now()
    const claimed = await claimActions(db, worker, kinds, { limit, usualRoom, rooms })
    await rechecks.take(claimed, claimedAtMs)
  }
  const claiming = async () => {
    while (!stopping) {
      await inTurn(turn).catch((error: unknown) =>
        log.warn({ err: safeError(error), name: 'outbox' }, 'a turn failed'),
      )
      await sleep(Math.min(pollMs, shortestRoundMs))
      if (!stopping) await rest.upTo(pollMs - shortestRoundMs)
    }
  }
  const running = claiming()
  return {
    async stop() {
      stopping = true
      rest.wake()
      await running
      await rechecks.settled()
      await lanes.stop()
      await writer.drained()
    },
  }
}

/** Makes a pause that `wake()` ends early. A `wake()` before the pause ends it too. */
function wakeable() {
  let isWoken = false
  let go = () => {}
  return {
    wake() {
      isWoken = true
      go()
    },
    async upTo(ms: number) {
      if (!isWoken && ms > 0)
        await new Promise<void>((settle) => {
          const timer = setTimeout(settle, ms)
          go = () => {
            clearTimeout(timer)
            settle()
          }
        })
      isWoken = false
    },
  }
}

function timesOf<Shop>(handler: ActionHandler<Shop>): KindTimes {
  return {
    kind: handler.kind,
    rank: handler.rank,
    leaseMs: (handler.timeoutSeconds ?? 30) * 1000 + besideMs,
    lookAfterMs: (handler.lookAfterSeconds ?? 10) * 1000,
    canLook: handler.look !== undefined,
  }
}
