import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { AppError } from '../../errors.ts'
import { safeError } from '../../lib/safe-error.ts'
import type { KeyRing } from '../../lib/seal.ts'
import type { Permission } from '../../users/permissions.ts'
import type { Actor, Scope } from '../access/actor.ts'
import type { Database, Tx } from '../db/db.ts'
import type { Outcome } from '../decide.ts'
import type { Claimant } from '../jobs/engine.ts'
import { type BatchAction, chunkSize } from './batch.ts'
import { openRequest } from './batches.ts'
import { bisect, isAboutTheServer } from './bisect.ts'
import {
  type ClaimedBatch,
  endBatch,
  hasOpenChunk,
  isStopping,
  lockProgress,
  nextChunkIds,
  type Progress,
  takeChunk,
  unclaimBatch,
  writeChunk,
  writeProgress,
  writeWalk,
} from './queries.ts'

export type BatchRunner = {
  db: Database
  ring: KeyRing
  /**
   * Returns the actor's present scope, limited to the scope with which the batch was started. Throws an AppError if the actor no longer
   * exists or lacks the permission. It runs when a batch is claimed and every few seconds after that.
   */
  authorise(actor: Actor, permission: Permission, scope: Scope): Promise<Scope>
  log: Logger
}

type Job = BatchRunner & {
  claimant: Claimant
  batch: ClaimedBatch
  action: BatchAction
  filter: unknown
  input: unknown
  granted: { scope: Scope; at: number }
  signal: AbortSignal
}

/** Thrown when another worker has claimed the batch. */
class LeaseLost extends Error {}

const authoriseEveryMs = 5000
const mostTries = 5
const pauseAfterFailureMs = 10_000

/** Runs a claimed batch until it ends, is stopped, or the signal aborts. After an abort another worker can continue with the next chunk. */
export async function runBatch(
  runner: BatchRunner,
  claimant: Claimant,
  { action, batch }: { action: BatchAction; batch: ClaimedBatch },
  signal: AbortSignal,
): Promise<void> {
  const log = runner.log.child({ batch: batch.no, action: batch.action })
  try {
    if (batch.state === 'stopping') {
      await endBatch(runner.db, claimant, batch.id, { state: 'stopped', errorCode: '' })
      return
    }
    const scope = await runner.authorise(batch.actor, action.permission, batch.scope)
    const request = openRequest(runner.ring, batch.request)
    const job: Job = {
      ...runner,
      claimant,
      action,
      batch,
      filter: batch.byFilter ? action.parseFilter(request.filter) : undefined,
      input: action.parseInput(request.input),
      granted: { scope, at: performance.now() },
      signal,
      log,
    }
    await finish(job, (await runChunks(job)) === 'stopped')
  } catch (error) {
    if (error instanceof LeaseLost) return
    if (error instanceof AppError) {
      await endBatch(runner.db, claimant, batch.id, { state: 'stopped', errorCode: error.code })
      return
    }
    log.error({ err: safeError(error) }, 'a batch was interrupted; it goes on in a moment')
    await unclaimBatch(runner.db, claimant, batch.id, pauseAfterFailureMs)
  }
}

async function finish(job: Job, stopped: boolean): Promise<void> {
  const { db, claimant, batch } = job
  if (stopped) {
    await endBatch(db, claimant, batch.id, { state: 'stopped', errorCode: '' })
    return
  }
  if (!job.signal.aborted && (await endBatch(db, claimant, batch.id, { state: 'done', errorCode: '' })))
    return
  // The batch is not finished: this process is shutting down, or a worker whose lease expired still locks a chunk.
  await unclaimBatch(db, claimant, batch.id, job.signal.aborted ? 0 : 1000)
}

type End = 'empty' | 'stopped' | 'interrupted'

/**
 * Runs the chunks one after another, so that the other connections stay free for users' requests. Between two chunks it keeps none: questions
 * asked then would wait for a second one, for ever if all are kept by batches that do the same.
 */
async function runChunks(job: Job): Promise<End> {
  for (let tries = 0; ; ) {
    if (job.signal.aborted) return 'interrupted'
    if (await isStopping(job.db, job.batch.id)) return 'stopped'
    await renewGrant(job)
    await askFirst(job)
    try {
      const turn = await job.db.transaction().execute((tx) => runChunk(job, tx))
      if (turn !== 'more' && turn !== 'wait') return turn
      tries = 0
      if (turn === 'wait') await sleep(50)
    } catch (error) {
      tries += 1
      if (!isAboutTheServer(error) || tries >= mostTries) throw error
      await sleep(Math.random() * 200 * tries)
    }
  }
}

async function renewGrant(job: Job): Promise<void> {
  if (performance.now() - job.granted.at < authoriseEveryMs) return
  const { actor, scope } = job.batch
  job.granted = { scope: await job.authorise(actor, job.action.permission, scope), at: performance.now() }
}

async function askFirst({ db, action, batch, granted }: Job): Promise<void> {
  if (!action.before) return
  const ids = await nextChunkIds(db, batch.id)
  if (ids.length > 0) await action.before(db, ids, granted.scope)
}

/** Runs one chunk. The verb's changes, the outcomes, the counts and the next chunk commit together. */
async function runChunk(job: Job, tx: Tx): Promise<End | 'more' | 'wait'> {
  const { batch, action } = job
  // A person may have stopped the batch while platforms were asked.
  if (action.before && (await isStopping(tx, batch.id))) return 'stopped'
  const chunk = await takeChunk(tx, batch.id)
  const { scope } = job.granted
  const outcomes = chunk
    ? await bisect(
        tx,
        chunk.ids,
        (ids) => action.run(tx, ids, job.input, { actor: batch.actor, scope }),
        reportFailure(job),
      )
    : []
  if (chunk) await writeChunk(tx, batch.id, chunk.no, outcomes)
  const progress = await lockProgress(tx, batch.id)
  if (progress.worker !== job.claimant.worker) throw new LeaseLost()
  if (chunk) await writeProgress(tx, batch.id, tally(outcomes, progress.reasons))
  if (progress.state === 'stopping') return 'stopped'
  if (progress.walked) return chunk ? 'more' : 'empty'
  return (await walk(job, tx, progress)) || chunk ? 'more' : 'wait'
}

function reportFailure(job: Job) {
  return (id: string, error: unknown) => {
    if (!(error instanceof AppError)) job.log.error({ id, err: safeError(error) }, 'a row of a batch failed')
  }
}

function tally(outcomes: readonly Outcome[], before: Record<string, number>) {
  const reasons = { ...before }
  let refused = 0
  for (const outcome of outcomes) {
    if (outcome.done) continue
    refused += 1
    reasons[outcome.code] = (reasons[outcome.code] ?? 0) + 1
  }
  return { succeeded: outcomes.length - refused, refused, reasons }
}

/** Creates the next chunk of a batch over a filter. Returns false if an open chunk exists already. */
async function walk(job: Job, tx: Tx, progress: Progress): Promise<boolean> {
  const { batch, action } = job
  if (await hasOpenChunk(tx, batch.id)) return false
  const { scope } = job.granted
  const found = await action.resolve(tx, job.filter, scope, { cap: chunkSize, after: progress.walkAfter })
  const { upTo } = batch
  const meant = upTo === null ? found.ids : found.ids.filter((id) => BigInt(id) <= BigInt(upTo))
  await writeWalk(tx, batch.id, meant, found.after)
  return true
}
