import type { Actor, Scope } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { answerEach, numbered, type Outcome, type Refusal } from '../../core/decide.ts'
import { whyEditLocked } from './lifecycle.ts'
import { type LockedOrder, lockOrders, orderIdsIn } from './queries.ts'

// Which of the orders that a verb is asked for it may touch, and the answer for each of them.

/** The name of whoever else has locked the order; empty: nobody, or the actor. */
export function otherLockOwner(
  { lockedBy, lockedName }: Pick<LockedOrder, 'lockedBy' | 'lockedName'>,
  actor: Actor,
): string {
  return lockedBy === null || lockedBy === lockOwnerKey(actor) ? '' : lockedName
}

/** Whom a lock belongs to. */
export const lockOwnerKey = ({ kind, id }: Actor) => `${kind}:${id}`

export const orderAnswers = numbered({ zh: '销售订单', en: 'Sales order' })
export const noOrder = orderAnswers.missing

/** The same for what only the holder of a lock may do: the orders that somebody else has locked are refused. */
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
 * For verbs that touch more orders than they are asked for: all of them are locked at once, in key order, before anything else. Asked
 * for are those that the scope grants.
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

/** Runs a verb on those orders that the scope grants; the others are "not found", so that nobody learns of them. */
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

/** One outcome for each id of these locked orders; "not found" of those that are not among them. */
export function answerOrders(
  ids: readonly string[],
  orders: readonly LockedOrder[],
  whyNot: (order: LockedOrder) => Refusal | undefined,
): Outcome[] {
  return answerEach(ids, new Map(orders.map((order) => [order.id, order])), orderAnswers, whyNot)
}
