import type { By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { type Answers, answerEach, notFound, type Outcome } from '../../core/decide.ts'
import { AppError } from '../../errors.ts'
import { asNumber } from '../lifecycle.ts'
import { type PutBackEnd, whyNotPutBack } from './intercept-lifecycle.ts'
import { lockPutBacks, openByNumber, writePutBackState } from './put-back-queries.ts'

/** 放回: the pieces are on the shelf again, or nobody had taken them off it. Stock knew of them all the time. */
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

/** A number is scanned, of the delivery, its waybill, order or trade: all that waits of it is put back. */
export async function scanPutBack(tx: Tx, text: string, { actor, scope }: By): Promise<Outcome[]> {
  const ids = await openByNumber(tx, asNumber(text.trim()), scope)
  if (ids.length === 0)
    throw new AppError('not_found', { what: { zh: '待放回', en: 'To put back' } }, 'number')
  return finishPutBacks(tx, ids, 'done', { actor, scope })
}
