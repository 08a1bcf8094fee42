import type { By } from '../core/access/actor.ts'
import type { Tx } from '../core/db/db.ts'
import { answerEach, type Outcome } from '../core/decide.ts'
import { calculateStockSync } from './calculate.ts'
import { auditEach, listingAnswers } from './heads.ts'
import { lockStockSyncs, writePaused } from './queries.ts'

/** 暂停: pauses listings; the platform keeps its present quantity. An unfinished action does not send them any more. */
export async function pauseListings(
  tx: Tx,
  ids: readonly string[],
  { actor, scope }: By,
): Promise<Outcome[]> {
  const heads = await lockStockSyncs(tx, ids, scope)
  const outcomes = answerEach(ids, heads, listingAnswers, ({ paused }) =>
    paused ? alreadyPaused : undefined,
  )
  const done = outcomes.filter((one) => one.done).map(({ id }) => id)
  if (done.length === 0) return outcomes
  await writePaused(tx, done, true)
  await auditEach(tx, { action: 'stock_upload.pause' }, { ids: done, heads }, actor)
  return outcomes
}

/** 恢复: resumes listings; their quantity is sent even if it is unchanged. */
export async function resumeListings(
  tx: Tx,
  ids: readonly string[],
  { actor, scope }: By,
): Promise<Outcome[]> {
  const heads = await lockStockSyncs(tx, ids, scope)
  const outcomes = answerEach(ids, heads, listingAnswers, ({ paused }) => (paused ? undefined : notPaused))
  const done = outcomes.filter((one) => one.done).map(({ id }) => id)
  if (done.length === 0) return outcomes
  await writePaused(tx, done, false)
  await auditEach(tx, { action: 'stock_upload.resume' }, { ids: done, heads }, actor)
  await calculateStockSync(tx, done)
  return outcomes
}

const alreadyPaused = { code: 'already', message: { zh: '已经暂停', en: 'Paused already' } }
const notPaused = { code: 'not_paused', message: { zh: '没有暂停', en: 'Not paused' } }
