import type { Logger } from 'pino'
import { AppError } from '../../errors.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { errorLabel, safeError } from '../../lib/safe-error.ts'
import { type Actor, systemActor } from '../access/actor.ts'
import { banShop, pauseUnauthorised } from '../access/shop-gate.ts'
import type { Database } from '../db/db.ts'
import { noCounts, type RunContext, type RunCounts, type ShopOpener, type TaskKind } from './kinds.ts'
import { type ClaimedRun, endRun, type RunEnd } from './queries.ts'

export type Interruption = 'stopped' | 'shutdown' | 'timeout' | 'lost'

export type Live = {
  runId: string
  counts: RunCounts
  interrupt(why: Interruption): void
  /** Settles when the end is recorded, or when recording it failed. Never rejects. */
  ended: Promise<void>
}

export type Performer<Shop> = {
  db: Database
  openShop: ShopOpener<Shop>
  log: Logger
}

// A run that ignores its signal for this time is left alone. As soon as another run has taken its cursor, it cannot move the cursor any
// more, because its fence is old.
const graceMs = 10_000

const firstRetryMs = 15_000
const longestRetryMs = 900_000

export function perform<Shop>(performer: Performer<Shop>, kind: TaskKind<Shop>, claim: ClaimedRun): Live {
  const controller = new AbortController()
  const live: Live = {
    runId: claim.runId,
    counts: { ...noCounts },
    interrupt: (why) => controller.abort(why),
    ended: Promise.resolve(),
  }
  const timeout = setTimeout(() => controller.abort('timeout'), kind.timeoutSeconds * 1000)
  live.ended = toItsEnd(performer, kind, { claim, live, signal: controller.signal }).finally(() =>
    clearTimeout(timeout),
  )
  return live
}

type RunUnderWay = { claim: ClaimedRun; live: Live; signal: AbortSignal }

async function toItsEnd<Shop>(
  performer: Performer<Shop>,
  kind: TaskKind<Shop>,
  run: RunUnderWay,
): Promise<void> {
  const { claim, live, signal } = run
  const log = performer.log.child({ task: claim.kind, shop: claim.shopId, run: claim.runId })
  const context = contextOf({ ...performer, log }, run)
  const work = kind.run(context, shopOpener(performer, run))
  const end = await Promise.race([work.then(done(live), refused(live, signal, log)), givenUp(signal)])
  if (interruptionOf(signal) === 'lost') return
  try {
    await record(performer, claim, live, end)
  } catch (error) {
    // When the lease expires, another worker marks the run as lost and the task runs again.
    log.error({ err: safeError(error) }, 'the end of a run could not be recorded')
  }
}

function contextOf<Shop>(
  { db, log }: Performer<Shop>,
  { claim, live, signal }: RunUnderWay,
): RunContext<unknown> {
  const asked = claim.from !== null || claim.to !== null
  return {
    db,
    params: claim.params,
    window: asked ? { from: claim.from, to: claim.to } : undefined,
    signal,
    progress: (counts) => Object.assign(live.counts, counts),
    actor: claim.requestedBy ?? taskActor(claim),
    log,
    taskId: claim.taskId,
    taskName: claim.taskName,
    runId: claim.runId,
    fence: claim.fence,
  }
}

function taskActor(claim: ClaimedRun): Actor {
  return { ...systemActor, kind: 'task', id: claim.taskId, name: '计划任务' }
}

function shopOpener<Shop>(performer: Performer<Shop>, { claim, live, signal }: RunUnderWay) {
  const { shopId } = claim
  if (shopId === null) return undefined
  const onRequest = () => {
    live.counts.requests += 1
  }
  return () => performer.openShop(shopId, { signal, onRequest })
}

function done(live: Live) {
  return (counts: Partial<RunCounts> | undefined): RunEnd => {
    Object.assign(live.counts, counts)
    return { state: 'done', errorCode: '', error: '' }
  }
}

function refused(live: Live, signal: AbortSignal, log: Logger) {
  return (error: unknown): RunEnd & { platform?: PlatformError } => {
    const interruption = interruptionOf(signal)
    if (interruption) return endOfInterrupted(interruption)
    if (error instanceof PlatformError) {
      return { state: 'failed', errorCode: codeOf(error), error: error.message, platform: error }
    }
    if (error instanceof AppError) {
      // The message is English. The report has it in both languages, for the page.
      const refusal = { zh: error.text('zh'), en: error.text('en') }
      live.counts.report = { ...live.counts.report, refusal }
      return { state: 'failed', errorCode: error.code, error: error.message }
    }
    log.error({ err: safeError(error) }, 'a run failed')
    const label = errorLabel(error)
    if (label === 'disk_full') return { state: 'failed', errorCode: label, error: '' }
    return { state: 'failed', errorCode: 'internal', error: label }
  }
}

/**
 * Returns the error code of a run. For the kinds `reauthorise` and `rate_limited` the kind itself replaces the platform's code, because the
 * user always has to do the same.
 */
function codeOf({ kind, code }: PlatformError): string {
  return kind === 'reauthorise' || kind === 'rate_limited' ? kind : code
}

/** Settles when the grace period after an interruption has passed, so that a run whose code never returns still ends. */
function givenUp(signal: AbortSignal): Promise<RunEnd> {
  return new Promise((settle) => {
    const onAbort = () => {
      const interruption = interruptionOf(signal)
      if (interruption) setTimeout(() => settle(endOfInterrupted(interruption)), graceMs).unref()
    }
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
}

function endOfInterrupted(interruption: Interruption): RunEnd {
  if (interruption === 'shutdown') {
    return { state: 'stopped', errorCode: 'shutdown', error: '', againInMs: 0, requeue: true }
  }
  if (interruption === 'timeout') return { state: 'failed', errorCode: 'timeout', error: '' }
  return { state: 'stopped', errorCode: 'stopped', error: '' }
}

function interruptionOf(signal: AbortSignal): Interruption | undefined {
  const known: Interruption[] = ['stopped', 'shutdown', 'timeout', 'lost']
  return signal.aborted ? (known.find((why) => why === signal.reason) ?? 'stopped') : undefined
}

async function record<Shop>(
  performer: Performer<Shop>,
  claim: ClaimedRun,
  live: Live,
  end: RunEnd & { platform?: PlatformError },
): Promise<void> {
  const { platform } = end
  await performer.db.transaction().execute(async (tx) => {
    const mine = await endRun(tx, live, platform ? { ...end, ...pauseAfter(platform) } : withRetry(end))
    if (!mine || !platform || claim.shopId === null) return
    if (platform.kind === 'rate_limited') await banShop(tx, claim.shopId, platform.waitMs)
    if (platform.kind === 'reauthorise') await pauseUnauthorised(tx, claim.shopId)
  })
}

function pauseAfter(error: PlatformError): Partial<RunEnd> {
  if (error.kind === 'rate_limited') return { notBeforeMs: error.waitMs, againInMs: error.waitMs }
  return error.kind === 'retry' ? { againInMs: retryMs() } : {}
}

function withRetry(end: RunEnd): RunEnd {
  return end.state === 'failed' ? { ...end, againInMs: end.againInMs ?? longestRetryMs } : end
}

/**
 * Returns the pause after a failure that may pass: short, so that tasks with a long interval run again soon, and random, so that shops do
 * not run at the same moment.
 */
function retryMs(): number {
  return firstRetryMs + Math.random() * firstRetryMs
}
