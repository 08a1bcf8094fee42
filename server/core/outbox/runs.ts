import type { Logger } from 'pino'
import { AppError } from '../../errors.ts'
import { backoffMs } from '../../lib/backoff.ts'
import { sharedMs } from '../../lib/clock.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { errorLabel, safeError } from '../../lib/safe-error.ts'
import type { ActionHandler, ActionOutcome, Verification } from './handlers.ts'
import type { ActionChange, ClaimedAction } from './queries.ts'

export const firstRetryMs = 2000
// A call that is late has this number of milliseconds to say whether something was sent.
const wordMs = 1000
export const longestRetryMs = 600_000
const usualAttempts = 10
const firstVerifyMs = 10_000
const mostVerifications = 8
// An action whose effect is unclear is verified for this many hours while the platform does not answer; then a user must decide.
const mostHoursAway = 24

export type OwnOutcome = Exclude<ActionOutcome, { state: 'forced' | 'manual' }>

export type StepResult = {
  change: ActionChange
  outcome?: OwnOutcome
  banMs?: number
  reauthorise?: boolean
  /** `here`: the platform answered; `away`: it did not; `elsewhere`: it was not called. Undefined: the step does not show it. */
  platform?: 'here' | 'away' | 'elsewhere'
}

type Step<Shop> = { handler: ActionHandler<Shop>; action: ClaimedAction; shop: Shop; log: Logger }

/** Performs the claimed step: sends or verifies. Never rejects. */
export async function performAction<Shop>(step: Step<Shop>): Promise<StepResult> {
  const { handler, action } = step
  const result = await (action.state === 'sending' ? send(step) : verifyEffect(step))
  if (!handler.isElsewhere?.(action)) return result
  return { ...result, change: { ...result.change, away: false }, platform: 'elsewhere' }
}

async function send<Shop>({ handler, action, shop, log }: Step<Shop>): Promise<StepResult> {
  try {
    const result = await inTime(handler, (signal) => handler.send(shop, action, signal))
    return { ...ended({ state: 'succeeded', result }), platform: 'here' }
  } catch (error) {
    if (error instanceof PlatformError) return afterPlatformError(handler, action, error)
    if (error instanceof AppError)
      return isNotCallable(error)
        ? notOpened(action, error)
        : ended({ state: 'failed', code: error.code, message: error.message })
    log.error({ err: safeError(error) }, 'sending a platform action broke')
    return unclear(handler, errorLabel(error), '')
  }
}

/** True if the shop was switched off, or lost its credentials, after the action was claimed: the action goes on when they are back. */
const isNotCallable = ({ code }: AppError) => code === 'shop_disabled' || code === 'credentials_missing'

/** Returns the result of a step whose shop could not be opened, for example without a new access token. Nothing was sent. */
export function notOpened(action: ClaimedAction, error: unknown): StepResult {
  const platform = error instanceof PlatformError ? error : undefined
  if (platform?.kind === 'reauthorise') return reauthorise(action, platform)
  const label = platform?.code ?? (error instanceof AppError ? error.code : errorLabel(error))
  const nextInMs = backoffMs(Math.max(action.attempt, action.looks), firstRetryMs, longestRetryMs)
  const verdict = putBack(action, label, nextInMs)
  return platform?.kind === 'retry'
    ? { change: { ...verdict.change, away: true }, ...platformOf(platform) }
    : verdict
}

/** Returns the result of a step that did not begin. An unclear action stays unclear, and a known answer is kept. */
export function putBack(action: ClaimedAction, errorCode: string, nextInMs: number): StepResult {
  const state = action.state === 'sending' ? 'pending' : 'unknown'
  return { change: { state, nextInMs, errorCode, error: '', answer: action.answer, uncounted: true } }
}

function reauthorise(action: ClaimedAction, { code, message }: PlatformError): StepResult {
  const { change } = putBack(action, code, 0)
  return { change: { ...change, error: message }, reauthorise: true }
}

function afterPlatformError<Shop>(
  handler: ActionHandler<Shop>,
  action: ClaimedAction,
  error: PlatformError,
): StepResult {
  const { code, message } = error
  if (handler.isDone?.(error))
    return { ...ended({ state: 'succeeded', result: { alreadyDone: code } }), platform: 'here' }
  if (error.unclear) return { ...unclear(handler, code, message), ...platformOf(error), ...stopOf(error) }
  switch (error.kind) {
    case 'rejected':
      return { ...ended({ state: 'failed', code, message }), platform: 'here' }
    case 'rate_limited': {
      const { change } = putBack(action, code, error.waitMs + backoffMs(0, 1000, 1000))
      return { change: { ...change, error: message }, banMs: error.waitMs }
    }
    case 'reauthorise':
      return reauthorise(action, error)
    case 'retry':
      return retry(handler, action, error)
  }
}

/**
 * Returns the result of a send without an answer of the platform. The action is sent again later, or has failed after its last attempt. A
 * probe does not count as an attempt.
 */
function retry<Shop>(handler: ActionHandler<Shop>, action: ClaimedAction, error: PlatformError): StepResult {
  const { code, message } = error
  if (!action.probe && action.attempt >= (handler.mostAttempts ?? usualAttempts))
    return { ...ended({ state: 'failed', code, message }), ...platformOf(error) }
  const nextInMs = backoffMs(action.probe ? action.claim : action.attempt, firstRetryMs, longestRetryMs)
  const change = { state: 'pending' as const, nextInMs, errorCode: code, error: message, away: true }
  return { change: { ...change, uncounted: action.probe }, ...platformOf(error) }
}

/** Returns `away` if the platform did not answer, but not if we aborted the call. */
const platformOf = ({ kind, code }: PlatformError): Pick<StepResult, 'platform'> =>
  kind === 'retry' && code !== 'aborted' ? { platform: 'away' } : {}

/** What the error means for the shop's other calls, also when the effect of this one is unclear. */
function stopOf({ kind, waitMs }: PlatformError): Pick<StepResult, 'banMs' | 'reauthorise'> {
  if (kind === 'rate_limited') return { banMs: waitMs }
  return kind === 'reauthorise' ? { reauthorise: true } : {}
}

export function ended(outcome: OwnOutcome): StepResult {
  if (outcome.state === 'succeeded') {
    const change = { state: outcome.state, nextInMs: null, errorCode: '', error: '', result: outcome.result }
    return { change, outcome }
  }
  return {
    change: { state: 'failed', nextInMs: null, errorCode: outcome.code, error: outcome.message },
    outcome,
  }
}

function unclear<Shop>(handler: ActionHandler<Shop>, errorCode: string, error: string): StepResult {
  const nextInMs = handler.look ? (handler.lookAfterSeconds ?? 10) * 1000 : null
  return { change: { state: 'unknown', nextInMs, errorCode, error } }
}

async function verifyEffect<Shop>({ handler, action, shop, log }: Step<Shop>): Promise<StepResult> {
  const seen = handler.look
  if (!seen) return { change: { state: 'unknown', nextInMs: null, errorCode: 'cannot_look', error: '' } }
  const nextInMs =
    action.looks < mostVerifications ? backoffMs(action.looks, firstVerifyMs, longestRetryMs) : null
  try {
    const answer: Verification = await inTime(handler, (signal) => seen(shop, action, signal))
    if (answer === 'done')
      return { ...ended({ state: 'succeeded', result: { seen: true } }), platform: 'here' }
    if (answer === 'repeat') return sendAgain(handler, action, 'cannot_tell')
    if (answer === 'not_done') return { ...sendAgain(handler, action, 'not_done'), platform: 'here' }
    const change = { state: 'unknown' as const, nextInMs, errorCode: 'cannot_tell', error: '' }
    return { change, platform: 'here' }
  } catch (error) {
    if (!(error instanceof PlatformError)) {
      log.error({ err: safeError(error) }, 'looking at a platform action broke')
      return { change: { state: 'unknown', nextInMs, errorCode: errorLabel(error), error: '' } }
    }
    const { kind, code, waitMs } = error
    const change = { state: 'unknown' as const, nextInMs, errorCode: code, error: '' }
    if (kind === 'reauthorise') return { change: { ...change, nextInMs: 0 }, reauthorise: true }
    if (kind === 'rate_limited') return { change: { ...change, nextInMs: waitMs }, banMs: waitMs }
    if (kind !== 'retry') return { change, platform: 'here' }
    const whenBackMs = whenItIsBack(action)
    return { change: { ...change, nextInMs: whenBackMs, away: whenBackMs !== null }, ...platformOf(error) }
  }
}

/**
 * Sends the action again, at once after the first send and later after each further one. After the last attempt a person decides, because
 * no send had a clear answer. The sends of probes are no reason to ask a person before `mostHoursAway`.
 */
function sendAgain<Shop>(handler: ActionHandler<Shop>, action: ClaimedAction, errorCode: string): StepResult {
  const { attempt, probe } = action
  const isLast = attempt >= (handler.mostAttempts ?? usualAttempts)
  if (isLast && !(probe && whenItIsBack(action) !== null))
    return { change: { state: 'unknown', nextInMs: null, errorCode, error: '' } }
  const nextInMs = attempt <= 1 ? 0 : backoffMs(attempt - 2, firstRetryMs, longestRetryMs)
  return { change: { state: 'pending', nextInMs, errorCode: '', error: '', away: probe } }
}

function whenItIsBack({ looks, createdAt }: ClaimedAction): number | null {
  const hours = (sharedMs() - createdAt.getTime()) / 3_600_000
  return hours < mostHoursAway ? backoffMs(looks, firstVerifyMs, longestRetryMs) : null
}

/** Runs a call with a time limit. A handler that ignores the signal is also left after it, because its lease would expire. */
async function inTime<Shop, T>(
  { timeoutSeconds = 30 }: ActionHandler<Shop>,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  const { signal } = controller
  const timeout = setTimeout(() => controller.abort(new Error('timeout')), timeoutSeconds * 1000)
  const tooLate = new Promise<never>((_settle, fail) => {
    // The call itself has the first word: it knows whether something was sent.
    signal.addEventListener('abort', () => setTimeout(() => fail(signal.reason), wordMs).unref(), {
      once: true,
    })
  })
  try {
    return await Promise.race([work(signal), tooLate])
  } finally {
    clearTimeout(timeout)
  }
}
