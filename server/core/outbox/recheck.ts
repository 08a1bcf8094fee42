import type { Logger } from 'pino'
import { backoffMs } from '../../lib/backoff.ts'
import { safeError } from '../../lib/safe-error.ts'
import type { Database } from '../db/db.ts'
import type { ActionHandler, SendGuard } from './handlers.ts'
import type { ClaimedAction } from './queries.ts'
import { firstRetryMs, longestRetryMs, putBack } from './runs.ts'
import type { Taken } from './writer.ts'

export type SendGuardDeps<Shop> = {
  db: Database
  log: Logger
  handlers: readonly ActionHandler<Shop>[]
  /** Gets the actions that may be sent. */
  onWanted: (actions: readonly ClaimedAction[]) => void
  onTaken: (taken: Taken) => void
}

export type SendGuards = {
  /** Passes the undoubted actions on at once, and the others when they are checked. */
  take(actions: readonly ClaimedAction[]): Promise<void>
  /** Settles when all checks have ended. */
  settled(): Promise<void>
}

/** Runs the send guards between claiming and sending: asks each kind that has one whether its actions are still wanted. */
export function createSendGuards<Shop>(parts: SendGuardDeps<Shop>): SendGuards {
  const checkOf = new Map(parts.handlers.flatMap(({ kind, recheck }) => (recheck ? [[kind, recheck]] : [])))
  const open = new Set<Promise<void>>()
  return {
    async take(actions) {
      const unsure = new Set<ClaimedAction>()
      const asked = Map.groupBy(actions, (action) => (isSent(action) ? checkOf.get(action.kind) : undefined))
      for (const [check, some] of asked) {
        if (!check) continue
        const doubted = await doubtedOf(parts, check, some)
        const own = some.filter(({ id }) => doubted.has(id))
        if (own.length === 0) continue
        for (const action of own) unsure.add(action)
        // This check may wait for locks; the other actions do not wait for it.
        const done = withhold(parts, check, own).finally(() => open.delete(done))
        open.add(done)
      }
      parts.onWanted(actions.filter((action) => !unsure.has(action)))
    },
    async settled() {
      await Promise.all(open)
    },
  }
}

/**
 * True if the action is about to be sent. A verification changes nothing on the platform, and a known answer is only stored, so neither is
 * checked.
 */
const isSent = ({ state, answer }: ClaimedAction) => state === 'sending' && answer === null

async function doubtedOf<Shop>(
  parts: SendGuardDeps<Shop>,
  check: SendGuard,
  actions: readonly ClaimedAction[],
): Promise<ReadonlySet<string>> {
  try {
    return await check.doubt(parts.db, actions)
  } catch (error) {
    parts.log.warn({ err: safeError(error) }, 'whether actions are still wanted could not be read')
    return new Set(actions.map(({ id }) => id))
  }
}

/** Checks the doubted actions under locks. Never rejects. */
async function withhold<Shop>(
  { db, log, onWanted, onTaken }: SendGuardDeps<Shop>,
  check: SendGuard,
  actions: readonly ClaimedAction[],
): Promise<void> {
  try {
    const withheld = await db.transaction().execute((tx) => check.withhold(tx, actions))
    onWanted(actions.filter(({ id }) => !withheld.has(id)))
    for (const action of actions) if (withheld.has(action.id) && action.probe) onTaken(notSent(action))
  } catch (error) {
    log.warn({ err: safeError(error) }, 'whether actions are still wanted could not be told')
    for (const action of actions) onTaken(notSent(action))
  }
}

/**
 * Unclaims an action that could not be checked; one that this process no longer owns is not changed. A probe reports `still_away`, so that
 * the next probe gets its time.
 */
function notSent(action: ClaimedAction): Taken {
  const nextInMs = backoffMs(action.claim, firstRetryMs, longestRetryMs)
  return {
    action,
    verdict: putBack(action, 'not_rechecked', nextInMs),
    word: action.probe ? 'still_away' : undefined,
  }
}
