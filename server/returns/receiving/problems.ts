import type { Actor, Scope } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Outcome } from '../../core/decide.ts'
import { addReturnEvents } from '../queries.ts'
import { lockReturns } from '../transition.ts'
import { discrepanciesById, writeDiscrepanciesResolved } from './receipt-queries.ts'
import { writeBackReceipts } from './tell.ts'

/** 了结: a person says what became of what was short or wrong. Then nothing stands against telling the platform. */
export async function resolveDiscrepancies(
  tx: Tx,
  ids: readonly string[],
  note: string,
  actor: Actor,
  scope: Scope,
): Promise<Outcome[]> {
  const places = await discrepanciesById(tx, ids)
  const held = await lockReturns(
    tx,
    places.map(({ returnId }) => returnId),
    scope,
  )
  const returns = new Map(held.map((one) => [one.id, one]))
  const problems = new Map((await discrepanciesById(tx, ids)).map((one) => [one.id, one]))
  const outcomes = [...new Set(ids)].map((id): Outcome => {
    const problem = problems.get(id)
    const one = problem && returns.get(problem.returnId)
    if (!problem || !one)
      return { id, done: false, code: 'not_found', message: { zh: '找不到问题', en: 'Problem not found' } }
    if (!problem.open)
      return {
        id,
        done: false,
        code: 'already',
        message: { zh: '已了结', en: 'Settled already' },
        ref: one.no,
      }
    return { id, done: true, ref: one.no }
  })
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
