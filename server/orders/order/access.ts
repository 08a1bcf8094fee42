import type { Actor, Scope } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { answerEach, numbered, type Outcome, type Refusal } from '../../core/decide.ts'
import { whyEditLocked } from './lifecycle.ts'
import { type LockedOrder, lockOrders, orderIdsIn } from './queries.ts'

/** Returns the name of the other user who has the edit lock; empty: no other user has it. */
export function otherLockOwner(
  { lockedBy, lockedName }: Pick<LockedOrder, 'lockedBy' | 'lockedName'>,
  actor: Actor,
): string {
  return lockedBy === null || lockedBy === lockOwnerKey(actor) ? '' : lockedName
}

export const lockOwnerKey = ({ kind, id }: Actor) => `${kind}:${id}`

export const orderAnswers = numbered({ zh: '销售订单', en: 'Sales order' })
export const noOrder = orderAnswers.missing

/** Like `withinScope`, but also refuses orders on which another user has the edit lock. */
export function withoutForeignEditLocks(
  tx: Tx,
  ids: readonly string[],
  { actor, scope }: { actor: Actor; scope: Scope },
  verb: (ids: string[]) => Promise<Outcome[]>,
): Promise<Outcome[]> {
  return withinScope(tx, ids, scope, async (granted) => {
    const refused = new Map<string, Outcome>()
    for (const order of await lockOrders(tx, granted)) {
      const why = whyEditLocked(otherLockOwner(order, actor))
      if (why) refused.set(order.id, { id: order.id, done: false, ...why, ref: order.no })
    }
    const free = granted.filter((id) => !refused.has(id))
    return [...(free.length > 0 ? await verb(free) : []), ...refused.values()]
  })
}

/**
 * Locks the given orders of the scope and the further orders that `along` returns, all at once in the order of their ids, before anything
 * else. It is for verbs that change further orders than the given ones.
 */
export async function lockWithRelated(
  tx: Tx,
  ids: readonly string[],
  scope: Scope,
  along: (tx: Tx, ids: readonly string[]) => Promise<string[]>,
): Promise<void> {
  const granted = await orderIdsIn(tx, ids, scope)
  if (granted.size > 0) await lockOrders(tx, await along(tx, [...granted]))
}

/**
 * Runs a verb on those of these orders that are in the scope. The others get the outcome `not_found`, so that a user learns nothing about
 * them.
 */
export async function withinScope(
  tx: Tx,
  ids: readonly string[],
  scope: Scope,
  verb: (ids: string[]) => Promise<Outcome[]>,
): Promise<Outcome[]> {
  const distinct = [...new Set(ids)]
  const granted = await orderIdsIn(tx, distinct, scope)
  const outcomes = granted.size === 0 ? [] : await verb(distinct.filter((id) => granted.has(id)))
  const byId = new Map(outcomes.map((outcome) => [outcome.id, outcome]))
  return distinct.map((id) => byId.get(id) ?? { id, done: false, ...noOrder })
}

export function answerOrders(
  ids: readonly string[],
  orders: readonly LockedOrder[],
  whyNot: (order: LockedOrder) => Refusal | undefined,
): Outcome[] {
  return answerEach(ids, new Map(orders.map((order) => [order.id, order])), orderAnswers, whyNot)
}
