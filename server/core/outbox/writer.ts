import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { backoffMs } from '../../lib/backoff.ts'
import { safeError } from '../../lib/safe-error.ts'
import { banShop, pauseUnauthorised } from '../access/shop-gate.ts'
import type { Database } from '../db/db.ts'
import type { ActionHandler, Ended } from './handlers.ts'
import { type Reachability, recordReachability } from './outage.ts'
import { type ActionChange, type ClaimedAction, changeClaimed } from './queries.ts'
import { firstRetryMs, longestRetryMs, type OwnOutcome, type StepResult } from './runs.ts'

/** `word`: whether the platform answered; undefined if the step does not show it. */
export type Taken = { action: ClaimedAction; verdict: StepResult; word?: Reachability | undefined }

export type Writer = {
  add(taken: Taken): void
  drained(): Promise<void>
}

export type WriterParts<Shop> = {
  db: Database
  log: Logger
  handlers: readonly ActionHandler<Shop>[]
  /** Called when the reachability of these shops' platforms was stored. `back`: true if one of the platforms answers again. */
  onNoted: (shopIds: Iterable<string>, back: boolean) => void
}

/** Results that arrive within this time are written together: forty cost little more than one. */
const gatherMs = 60
const largestSet = 500

export function createWriter<Shop>(parts: WriterParts<Shop>): Writer {
  let waiting: Taken[] = []
  let writing: Promise<void> | undefined
  const writeAll = async () => {
    while (waiting.length > 0) {
      await sleep(gatherMs)
      const set = waiting.slice(0, largestSet)
      waiting = waiting.slice(largestSet)
      await writeSet(parts, set)
    }
    writing = undefined
  }
  return {
    add(taken) {
      waiting.push(taken)
      writing ??= writeAll()
    },
    async drained() {
      await writing
    },
  }
}

async function writeSet<Shop>(parts: WriterParts<Shop>, set: readonly Taken[]): Promise<void> {
  await stopShops(parts, set)
  // Each kind has its own transaction, so that no kind waits for row locks of another.
  for (const [kind, some] of Map.groupBy(set, ({ action }) => action.kind)) {
    const handler = parts.handlers.find((one) => one.kind === kind)
    if (handler) await writeOrHalve(parts, handler, some)
  }
  const words = new Map(set.flatMap(({ action, word }) => (word ? [[action.shopId, word] as const] : [])))
  if (words.size === 0) return
  const back = await recordReachability(parts.db, words).catch((error: unknown) => {
    parts.log.warn({ err: safeError(error) }, 'whether platforms answer could not be noted')
    return []
  })
  parts.onNoted(words.keys(), back.length > 0)
}

/**
 * Stores bans and lost authorisations before the actions of those shops can be claimed again. The longest of several bans of a shop counts.
 */
async function stopShops<Shop>({ db, log }: WriterParts<Shop>, set: readonly Taken[]): Promise<void> {
  const stops = set.filter(({ verdict }) => verdict.banMs !== undefined || verdict.reauthorise)
  for (const [shopId, some] of Map.groupBy(stops, ({ action }) => action.shopId)) {
    const bans = some.flatMap(({ verdict }) => verdict.banMs ?? [])
    await db
      .transaction()
      .execute(async (tx) => {
        if (bans.length > 0) await banShop(tx, shopId, Math.max(...bans))
        if (some.some(({ verdict }) => verdict.reauthorise)) await pauseUnauthorised(tx, shopId)
      })
      .catch((error: unknown) =>
        log.error({ err: safeError(error), shop: shopId }, 'a shop could not be stopped'),
      )
  }
}

/** Writes the results. After an error it writes each half alone, so that a failing result does not stop the others. */
async function writeOrHalve<Shop>(
  parts: WriterParts<Shop>,
  handler: ActionHandler<Shop>,
  set: readonly Taken[],
): Promise<void> {
  try {
    await write(parts.db, handler, set)
  } catch (error) {
    const [only] = set
    if (set.length === 1 && only) return keepAnswer(parts, only, error)
    const middle = Math.ceil(set.length / 2)
    await writeOrHalve(parts, handler, set.slice(0, middle))
    await writeOrHalve(parts, handler, set.slice(middle))
  }
}

async function write<Shop>(db: Database, handler: ActionHandler<Shop>, set: readonly Taken[]): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const ours = await changeClaimed(
      tx,
      set.map(({ action, verdict: { change } }) => ({
        action,
        change: handler.keptOf ? { ...change, result: handler.keptOf(change.result) } : change,
      })),
    )
    const ended = set.flatMap(({ action, verdict: { outcome } }): Ended[] =>
      outcome && ours.has(action) ? [{ action, outcome }] : [],
    )
    if (ended.length > 0) await handler.onResults(tx, ended)
  })
}

/** Stores the platform's answer, so that the call is not repeated; only the change of our documents is tried again. */
async function keepAnswer<Shop>(
  { db, log }: WriterParts<Shop>,
  { action, verdict }: Taken,
  error: unknown,
): Promise<void> {
  const about = { action: action.id, kind: action.kind, shop: action.shopId }
  log.error({ ...about, err: safeError(error) }, 'the outcome of a platform action could not be written')
  await db
    .transaction()
    .execute((tx) => changeClaimed(tx, [{ action, change: kept(action, verdict) }]))
    .catch(() =>
      log.error(about, 'nor could its answer be kept; it will be looked at when its lease has passed'),
    )
}

function kept(action: ClaimedAction, { change, outcome }: StepResult): ActionChange {
  if (!outcome) return { ...change, errorCode: change.errorCode || 'not_written' }
  const nextInMs = firstRetryMs + backoffMs(Math.min(action.claim, 8), firstRetryMs, longestRetryMs)
  return { state: 'unknown', nextInMs, errorCode: 'not_written', error: '', answer: outcome }
}

/** Reads an answer that `kept` stored. */
export function knownOutcome(answer: unknown): OwnOutcome | undefined {
  if (typeof answer !== 'object' || answer === null || !('state' in answer)) return undefined
  if (answer.state === 'succeeded')
    return { state: 'succeeded', result: 'result' in answer ? answer.result : null }
  const code = 'code' in answer ? String(answer.code) : ''
  return { state: 'failed', code, message: 'message' in answer ? String(answer.message) : '' }
}
