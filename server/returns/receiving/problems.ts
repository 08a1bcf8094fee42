import type { By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { already, answerEach, numbered, type Outcome } from '../../core/decide.ts'
import { addReturnEvents } from '../queries.ts'
import { lockReturns } from '../transition.ts'
import { writeBackReceipts } from '../write-back/tell.ts'
import { discrepanciesById, writeDiscrepanciesResolved } from './receipt-queries.ts'

/** 了结: a person records how a discrepancy was resolved. After the last one the receipt can be written back. */
export async function resolveDiscrepancies(
  tx: Tx,
  ids: readonly string[],
  note: string,
  { actor, scope }: By,
): Promise<Outcome[]> {
  const places = await discrepanciesById(tx, ids)
  const held = await lockReturns(
    tx,
    places.map(({ returnId }) => returnId),
    scope,
  )
  const returns = new Map(held.map((one) => [one.id, one]))
  const problems = new Map(
    (await discrepanciesById(tx, ids)).flatMap((one) => {
      const found = returns.get(one.returnId)
      return found ? [[one.id, { ...one, no: found.no }] as const] : []
    }),
  )
  const outcomes = answerEach(ids, problems, problemAnswers, ({ open }) =>
    open ? undefined : settledAlready,
  )
  const settled = outcomes.flatMap(({ id, done }) => (done ? (problems.get(id) ?? []) : []))
  if (settled.length === 0) return outcomes
  await writeDiscrepanciesResolved(tx, settled, note, actor.name)
  await addReturnEvents(
    tx,
    settled.map(({ returnId, kind }) => ({ returnId, event: 'problem_settled', detail: { kind, note } })),
    actor,
  )
  await writeBackReceipts(tx, [...new Set(settled.map(({ returnId }) => returnId))], actor)
  return outcomes
}

const problemAnswers = numbered({ zh: '问题', en: 'Problem' })
const settledAlready = already({ zh: '已了结', en: 'Settled' })
