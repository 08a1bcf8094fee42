import type { Actor, By, Scope } from '../core/access/actor.ts'
import type { Tx } from '../core/db/db.ts'
import { answerEach, numbered, type Outcome, type Refusal } from '../core/decide.ts'
import { sendEvent } from '../events.ts'
import { lockOrdersById } from '../orders/holds/shipping.ts'
import { linesToReturn } from '../orders/refunds/for-returns.ts'
import { type ReturnEvent, returnEvents, settlesAutomatically, whyNotReturn } from './lifecycle.ts'
import { ordersOfReturns, type ReturnRow, returnsById } from './queries.ts'
import { writeReturnStatus } from './status-queries.ts'

/** Locks the orders of those of these returns that are in the scope, in the order of the orders' ids, and returns the returns. */
export async function lockReturns(tx: Tx, ids: readonly string[], scope: Scope): Promise<ReturnRow[]> {
  const places = await ordersOfReturns(tx, [...new Set(ids)], scope)
  await lockOrdersById(
    tx,
    places.flatMap(({ orderIds }) => orderIds),
  )
  return returnsById(
    tx,
    places.map(({ id }) => id),
  )
}

export function answerReturns(
  ids: readonly string[],
  held: readonly ReturnRow[],
  why: (one: ReturnRow) => Refusal | undefined,
): Outcome[] {
  return answerEach(ids, new Map(held.map((one) => [one.id, one])), returnAnswers, why)
}

export const returnAnswers = numbered({ zh: '退货单', en: 'Return' })

type Move = { event: ReturnEvent; detail?: Record<string, unknown> }

/**
 * Moves those of these returns for which the transition is allowed, and returns them. The caller has locked their orders. Every change of
 * the status goes through this function.
 */
export async function transition(
  tx: Tx,
  held: readonly ReturnRow[],
  { event, detail = {} }: Move,
  actor: Actor,
): Promise<ReturnRow[]> {
  const { to } = returnEvents[event]
  const moving = held.filter((one) => !whyNotReturn(one, event))
  if (moving.length === 0) return []
  await writeReturnStatus(
    tx,
    moving.map(({ id }) => id),
    { event, to, detail },
    actor,
  )
  if (event === 'void')
    await sendEvent(
      tx,
      'returns.stop_exchange',
      moving.flatMap(({ no, exchangeOrderId }) =>
        exchangeOrderId ? [{ no, orderId: exchangeOrderId }] : [],
      ),
    )
  return moving.map((one) => ({ ...one, status: to, version: one.version + 1 }))
}

export async function moveReturns(
  tx: Tx,
  ids: readonly string[],
  move: Move,
  { actor, scope }: By,
): Promise<Outcome[]> {
  const held = await lockReturns(tx, ids, scope)
  const outcomes = answerReturns(ids, held, (one) => whyNotReturn(one, move.event))
  await transition(tx, held, move, actor)
  return outcomes
}

/**
 * Settles those of these returns that are received and need no person for it (`settlesAutomatically`). The caller has locked their orders.
 */
export async function settleAutomatically(tx: Tx, held: readonly ReturnRow[], actor: Actor): Promise<void> {
  const received = held.filter(({ status }) => status === 'received')
  if (received.length === 0) return
  const lines = await linesToReturn(
    tx,
    received.map(({ orderId }) => orderId),
  )
  const unpaid = new Set(lines.filter((line) => line.unpaid).map(({ orderId }) => orderId))
  const done = received.filter((one) => settlesAutomatically({ ...one, unpaid: unpaid.has(one.orderId) }))
  await transition(tx, done, { event: 'settle' }, actor)
}
