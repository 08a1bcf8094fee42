import type { Logger } from 'pino'
import { backoffMs } from '../../lib/backoff.ts'
import { safeError } from '../../lib/safe-error.ts'
import type { Database } from '../db/db.ts'
import type { ActionHandler, SendGuard } from './handlers.ts'
import { type ClaimedAction, stillClaimed } from './queries.ts'
import { firstRetryMs, longestRetryMs, putBack } from './runs.ts'
import type { Taken } from './writer.ts'

export type SendGuardDeps<Shop> = {
  db: Database
  log: Logger
  handlers: readonly ActionHandler<Shop>[]
  onWanted: (actions: readonly ClaimedAction[], claimedAtMs: number) => void
  onTaken: (taken: Taken) => void
}

export type SendGuards = {
  /**
   * Passes actions without doubt to `onWanted` at once, and the doubted ones when they are checked. `claimedAtMs`: a time before their claim,
   * by `performance.now()`.
   */
  take(actions: readonly ClaimedAction[], claimedAtMs: number): Promise<void>
  settled(): Promise<void>
}

/** Runs the send guards between claiming and sending. An action without a guard is passed on. */
export function createSendGuards<Shop>(parts: SendGuardDeps<Shop>): SendGuards {
  const checkOf = new Map(parts.handlers.flatMap(({ kind, recheck }) => (recheck ? [[kind, recheck]] : [])))
  const open = new Set<Promise<void>>()
  return {
    async take(actions, claimedAtMs) {
      const later = new Set<ClaimedAction>()
      const asked = Map.groupBy(actions, (action) => (isSent(action) ? checkOf.get(action.kind) : undefined))
      for (const [check, some] of asked) {
        if (!check) continue
        const doubted = await doubtedOf(parts, check, some)
        const clear = some.filter(({ id }) => !doubted.has(id))
        for (const action of await putOff(parts, check, clear)) later.add(action)
        const own = some.filter(({ id }) => doubted.has(id))
        if (own.length === 0) continue
        for (const action of own) later.add(action)
        // This check may wait for row locks, and the other actions do not wait for it.
        const done = withhold(parts, check, { own, claimedAtMs }).finally(() => open.delete(done))
        open.add(done)
      }
      parts.onWanted(
        actions.filter((action) => !later.has(action)),
        claimedAtMs,
      )
    },
    async settled() {
      await Promise.all(open)
    },
  }
}

/**
 * True if the step sends the action. The other steps need no guard: a verification changes nothing on the platform, and a known answer is
 * only stored.
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

/**
 * Checks the doubted actions with row locks. Never rejects. An action whose claim ended while its check waited for the locks is not sent: the
 * check could not withdraw it, so it says nothing about it.
 */
async function withhold<Shop>(
  parts: SendGuardDeps<Shop>,
  check: SendGuard,
  { own: actions, claimedAtMs }: { own: readonly ClaimedAction[]; claimedAtMs: number },
): Promise<void> {
  const { db, log, onWanted, onTaken } = parts
  try {
    const { withheld, held } = await db.transaction().execute(async (tx) => ({
      withheld: await check.withhold(tx, actions),
      held: await stillClaimed(tx, actions),
    }))
    for (const action of actions)
      if (withheld.has(action.id) ? action.probe : !held.has(action.id)) onTaken(notSent(action))
    const wanted = actions.filter(({ id }) => !withheld.has(id) && held.has(id))
    const waiting = await putOff(parts, check, wanted)
    onWanted(
      wanted.filter((action) => !waiting.has(action)),
      claimedAtMs,
    )
  } catch (error) {
    log.warn({ err: safeError(error) }, 'whether actions are still wanted could not be told')
    for (const action of actions) onTaken(notSent(action))
  }
}

/** The longest pause before a waiting action is asked about again. The work before it usually ends within seconds. */
const longestWaitMs = 8_000

/** Unclaims the actions that must wait, and returns them. Never rejects: if the reasons cannot be read, all actions wait. */
async function putOff<Shop>(
  { db, log, onTaken }: SendGuardDeps<Shop>,
  check: SendGuard,
  actions: readonly ClaimedAction[],
): Promise<ReadonlySet<ClaimedAction>> {
  if (!check.waits || actions.length === 0) return new Set()
  try {
    const reasons = await check.waits(db, actions)
    const waiting = actions.filter(({ id }) => reasons.has(id))
    for (const action of waiting) onTaken(waitingFor(action, reasons.get(action.id) ?? ''))
    return new Set(waiting)
  } catch (error) {
    log.warn({ err: safeError(error) }, 'whether actions must wait could not be read')
    for (const action of actions) onTaken(notSent(action))
    return new Set(actions)
  }
}

/**
 * Unclaims an action that waits for something else. The next action of the shop becomes the probe, because this action may be waiting for
 * that one.
 */
function waitingFor(action: ClaimedAction, reason: string): Taken {
  const nextInMs = firstRetryMs + backoffMs(action.claim, firstRetryMs, longestWaitMs - firstRetryMs)
  const { change } = putBack(action, reason, nextInMs)
  return {
    action,
    verdict: { change: { ...change, error: reason } },
    word: action.probe ? 'not_asked' : undefined,
  }
}

/** Unclaims an action that was not sent. A probe reports `still_away`, because that sets the time of the next probe. */
function notSent(action: ClaimedAction): Taken {
  const nextInMs = backoffMs(action.claim, firstRetryMs, longestRetryMs)
  return {
    action,
    verdict: putBack(action, 'not_rechecked', nextInMs),
    word: action.probe ? 'still_away' : undefined,
  }
}
