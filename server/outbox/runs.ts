import type { Logger } from 'pino'
import { PlatformError } from '../connectors/connector.ts'
import type { Database } from '../db.ts'
import { AppError } from '../errors.ts'
import { backoffMs } from '../lib/backoff.ts'
import { errorLabel, safeError } from '../lib/safe-error.ts'
import { authExpired, banShop, pauseShopTasks } from '../shop-gate.ts'
import type { ShopOpener } from '../tasks/kinds.ts'
import type { ActionHandler, ActionOutcome, Look } from './handlers.ts'
import { type ActionChange, type ClaimedAction, changeClaimed } from './queries.ts'

export type Sender<Shop> = {
  db: Database
  openShop: ShopOpener<Shop>
  log: Logger
}

const firstRetryMs = 2000
const longestRetryMs = 600_000
const firstLookMs = 10_000
const mostLooks = 8
// A platform that does not answer says nothing about an action: an outage of hours is no reason to ask a person.
const mostHoursAway = 24

/** What one step means for the action, and for the shop. */
type Verdict = { change: ActionChange; outcome?: ActionOutcome; banMs?: number; reauthorise?: boolean }

/** Performs the claimed step: sends, looks, or writes our side of an answer that is known. Never rejects. */
export async function performAction<Shop>(
  sender: Sender<Shop>,
  handler: ActionHandler<Shop>,
  action: ClaimedAction,
): Promise<void> {
  const log = sender.log.child({ action: action.id, kind: action.kind, shop: action.shopId })
  const verdict = await verdictOf(sender, handler, action, log)
  try {
    await write(sender, handler, action, verdict)
  } catch (error) {
    log.error({ err: safeError(error) }, 'the outcome of a platform action could not be written')
    // The platform's answer is kept, so that it is not asked for again; only our side is tried anew.
    await sender.db
      .transaction()
      .execute((tx) => changeClaimed(tx, action, keepAnswer(action, verdict)))
      .catch(() => log.error('nor could its answer be kept; it will be looked at when its lease has passed'))
  }
}

async function verdictOf<Shop>(
  sender: Sender<Shop>,
  handler: ActionHandler<Shop>,
  action: ClaimedAction,
  log: Logger,
): Promise<Verdict> {
  const known = knownOutcome(action.answer)
  if (known) return ended(known)
  if (action.state === 'sending') return send(sender, handler, action, log)
  return look(sender, handler, action, log)
}

async function send<Shop>(
  sender: Sender<Shop>,
  handler: ActionHandler<Shop>,
  action: ClaimedAction,
  log: Logger,
): Promise<Verdict> {
  const progress = { began: false }
  try {
    const result = await call(sender, handler, action, progress, (shop) => handler.send(shop, action))
    return ended({ state: 'succeeded', result })
  } catch (error) {
    return afterError(handler, action, error, progress.began, log)
  }
}

function afterError<Shop>(
  handler: ActionHandler<Shop>,
  action: ClaimedAction,
  error: unknown,
  began: boolean,
  log: Logger,
): Verdict {
  if (error instanceof PlatformError) return afterPlatformError(handler, action, error)
  const label = error instanceof AppError ? error.code : errorLabel(error)
  if (!began) return { change: putBack(label, backoffMs(action.attempt, firstRetryMs, longestRetryMs)) }
  if (error instanceof AppError) return ended({ state: 'failed', code: error.code, message: error.message })
  log.error({ err: safeError(error) }, 'sending a platform action broke')
  return unclear(handler, errorLabel(error), '')
}

function afterPlatformError<Shop>(
  handler: ActionHandler<Shop>,
  action: ClaimedAction,
  error: PlatformError,
): Verdict {
  const { code, message } = error
  if (handler.isDone?.(error)) return ended({ state: 'succeeded', result: { alreadyDone: code } })
  if (error.unclear) return unclear(handler, code, message)
  switch (error.kind) {
    case 'rejected':
      return ended({ state: 'failed', code, message })
    case 'rate_limited':
      return {
        change: { ...putBack(code, error.waitMs + backoffMs(0, 1000, 1000)), error: message },
        banMs: error.waitMs,
      }
    case 'reauthorise':
      return { change: { ...putBack(code, 0), error: message }, reauthorise: true }
    case 'retry': {
      if (action.attempt >= (handler.mostAttempts ?? 10)) return ended({ state: 'failed', code, message })
      const nextInMs = backoffMs(action.attempt, firstRetryMs, longestRetryMs)
      return { change: { state: 'pending', nextInMs, errorCode: code, error: message } }
    }
  }
}

function ended(outcome: Exclude<ActionOutcome, { state: 'forced' | 'manual' }>): Verdict {
  if (outcome.state === 'succeeded') {
    const change = { state: outcome.state, nextInMs: null, errorCode: '', error: '', result: outcome.result }
    return { change, outcome }
  }
  return {
    change: { state: 'failed', nextInMs: null, errorCode: outcome.code, error: outcome.message },
    outcome,
  }
}

function putBack(errorCode: string, nextInMs: number): ActionChange {
  return { state: 'pending', nextInMs, errorCode, error: '', uncounted: true }
}

function unclear<Shop>(handler: ActionHandler<Shop>, errorCode: string, error: string): Verdict {
  const nextInMs = handler.look ? (handler.lookAfterSeconds ?? 10) * 1000 : null
  return { change: { state: 'unknown', nextInMs, errorCode, error } }
}

async function look<Shop>(
  sender: Sender<Shop>,
  handler: ActionHandler<Shop>,
  action: ClaimedAction,
  log: Logger,
): Promise<Verdict> {
  const seen = handler.look
  if (!seen) return { change: { state: 'unknown', nextInMs: null, errorCode: 'cannot_look', error: '' } }
  const again = action.looks < mostLooks ? backoffMs(action.looks, firstLookMs, longestRetryMs) : null
  try {
    const answer: Look = await call(sender, handler, action, { began: false }, (shop) => seen(shop, action))
    if (answer === 'done') return ended({ state: 'succeeded', result: { seen: true } })
    if (answer === 'not_done') return { change: { state: 'pending', nextInMs: 0, errorCode: '', error: '' } }
    return { change: { state: 'unknown', nextInMs: again, errorCode: 'cannot_tell', error: '' } }
  } catch (error) {
    if (!(error instanceof PlatformError))
      log.error({ err: safeError(error) }, 'looking at a platform action broke')
    const platform = error instanceof PlatformError ? error : undefined
    const change = {
      state: 'unknown' as const,
      nextInMs: platform?.kind === 'retry' ? whenItIsBack(action) : again,
      errorCode: platform?.code ?? errorLabel(error),
      error: '',
    }
    if (platform?.kind === 'reauthorise') return { change: { ...change, nextInMs: 0 }, reauthorise: true }
    if (platform?.kind === 'rate_limited') {
      return { change: { ...change, nextInMs: platform.waitMs }, banMs: platform.waitMs }
    }
    return { change }
  }
}

function whenItIsBack({ looks, createdAt }: ClaimedAction): number | null {
  const hours = (Date.now() - createdAt.getTime()) / 3_600_000
  return hours < mostHoursAway ? backoffMs(looks, firstLookMs, longestRetryMs) : null
}

/** Opens the shop and gives the call its time. `progress.began` says that it may have left the house. */
async function call<Shop, T>(
  sender: Sender<Shop>,
  handler: ActionHandler<Shop>,
  action: ClaimedAction,
  progress: { began: boolean },
  work: (shop: Shop) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  const shop = await sender.openShop(action.shopId, { signal: controller.signal, onRequest: () => {} })
  progress.began = true
  const timeout = setTimeout(
    () => controller.abort(new Error('timeout')),
    (handler.timeoutSeconds ?? 30) * 1000,
  )
  try {
    return await Promise.race([work(shop), rejectionOf(controller.signal)])
  } finally {
    clearTimeout(timeout)
  }
}

/** A handler that does not heed the signal must not outlive its lease. */
function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_settle, fail) => {
    signal.addEventListener('abort', () => fail(signal.reason), { once: true })
  })
}

async function write<Shop>(
  sender: Sender<Shop>,
  handler: ActionHandler<Shop>,
  action: ClaimedAction,
  { change, outcome, banMs, reauthorise }: Verdict,
): Promise<void> {
  await sender.db.transaction().execute(async (tx) => {
    if (banMs !== undefined) await banShop(tx, action.shopId, banMs)
    if (reauthorise) await pauseShopTasks(tx, action.shopId, authExpired)
    if ((await changeClaimed(tx, action, change)) && outcome) await handler.onResult(tx, action, outcome)
  })
}

function keepAnswer(action: ClaimedAction, { change, outcome }: Verdict): ActionChange {
  if (!outcome) return { ...change, errorCode: change.errorCode || 'not_written' }
  const nextInMs = firstRetryMs + backoffMs(Math.min(action.claim, 8), firstRetryMs, longestRetryMs)
  return { state: 'unknown', nextInMs, errorCode: 'not_written', error: '', answer: outcome }
}

/** A kept answer, as `keepAnswer` wrote it. */
function knownOutcome(answer: unknown): Exclude<ActionOutcome, { state: 'forced' | 'manual' }> | undefined {
  if (typeof answer !== 'object' || answer === null || !('state' in answer)) return undefined
  if (answer.state === 'succeeded')
    return { state: 'succeeded', result: 'result' in answer ? answer.result : null }
  const code = 'code' in answer ? String(answer.code) : ''
  return { state: 'failed', code, message: 'message' in answer ? String(answer.message) : '' }
}
