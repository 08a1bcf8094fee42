import type { By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { type Answers, answerEach, notFound, type Outcome } from '../../core/decide.ts'
import { AppError } from '../../errors.ts'
import { asNumber } from '../lifecycle.ts'
import { type PutBackEnd, whyNotPutBack } from './intercept-lifecycle.ts'
import { lockPutBacks, openByNumber, writePutBackState } from './put-back-queries.ts'

/**
 * 放回: records that the pieces are on the shelf again, or were never picked. Stock is not changed, since pieces leave on hand only when they
 * are shipped.
 */
export async function finishPutBacks(
  tx: Tx,
  ids: readonly string[],
  state: PutBackEnd,
  { actor, scope }: By,
): Promise<Outcome[]> {
  const distinct = [...new Set(ids)]
  const rows = new Map((await lockPutBacks(tx, distinct, scope)).map((row) => [row.id, row]))
  const outcomes = answerEach(distinct, rows, putBackAnswers, (row) => whyNotPutBack(row.state))
  const open = outcomes.filter(({ done }) => done).map(({ id }) => id)
  if (open.length > 0) await writePutBackState(tx, open, { state, by: actor.name })
  return outcomes
}

const putBackAnswers: Answers<{ deliveryNo: string }> = {
  missing: notFound({ zh: '待放回', en: 'To put back' }),
  refOf: ({ deliveryNo }) => deliveryNo,
}

export async function scanPutBack(tx: Tx, text: string, { actor, scope }: By): Promise<Outcome[]> {
  const ids = await openByNumber(tx, asNumber(text.trim()), scope)
  if (ids.length === 0)
    throw new AppError('not_found', { what: { zh: '待放回', en: 'To put back' } }, 'number')
  return finishPutBacks(tx, ids, 'done', { actor, scope })
}
