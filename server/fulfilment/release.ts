import type { Actor, Scope } from '../actor.ts'
import type { Outcome } from '../batches/batch.ts'
import type { Tx } from '../db.ts'
import { allowed } from '../orders/lifecycle.ts'
import { holdForShipping, parcelsOf, stopsOf } from '../orders/shipping.ts'
import { transition, withinScope } from '../orders/transition.ts'
import { answerHeld, holdDeliveries } from './held.ts'
import { whyNot } from './lifecycle.ts'
import { insertDeliveries } from './queries.ts'
import { cancelPending } from './status-queries.ts'

/** 通知配货: each order gets its delivery. An open refund, a changed address or a hold stops it. */
export function releaseOrders(
  tx: Tx,
  ids: readonly string[],
  actor: Actor,
  scope: Scope,
): Promise<Outcome[]> {
  return withinScope(tx, ids, scope, async (granted) => {
    const orders = await holdForShipping(tx, granted)
    const stops = await stopsOf(tx, granted)
    const stopped = granted.flatMap((id): Outcome[] => {
      const order = orders.get(id)
      const stop = stops.get(id)
      // Of an order that stands elsewhere, where it stands is the first thing to say.
      if (!order || !stop || order.status !== 'confirmed') return []
      return [{ id, done: false, ...stop, ref: order.no }]
    })
    const free = granted.filter((id) => !stopped.some((one) => one.id === id))
    const outcomes = await transition(tx, free, 'release', actor)
    const released = outcomes.filter(({ done }) => done).map(({ id }) => id)
    if (released.length > 0) {
      // Left by an order that was voided and came back before the warehouse had heard.
      await cancelPending(tx, released, actor.name)
      const parcels = await parcelsOf(tx, released)
      const rows = [...parcels.values()].map(({ no, ...row }) => ({ ...row, orderNo: no }))
      await insertDeliveries(tx, rows, actor.name)
    }
    return [...outcomes, ...stopped]
  })
}

/** 取消配货: the order is confirmed again and its delivery cancelled. */
export async function unreleaseDeliveries(
  tx: Tx,
  ids: readonly string[],
  actor: Actor,
  scope: Scope,
): Promise<Outcome[]> {
  const held = await holdDeliveries(tx, ids, scope)
  const outcomes = answerHeld(ids, held, ({ delivery, order }) => {
    const verdict = allowed({ ...order, lockedByOther: '' }, 'unrelease')
    return whyNot(delivery, 'unrelease') ?? (verdict.ok ? undefined : verdict)
  })
  const done = new Set(outcomes.filter((one) => one.done).map(({ id }) => id))
  const orderIds = held
    .filter(({ delivery }) => done.has(delivery.id))
    .map(({ delivery }) => delivery.orderId)
  if (orderIds.length > 0) {
    await transition(tx, orderIds, 'unrelease', actor)
    await cancelPending(tx, orderIds, actor.name)
  }
  return outcomes
}

/** Orders that were voided: nothing of them is to be packed. One that came back and was released anew keeps its own. */
export async function cancelVoided(tx: Tx, orderIds: readonly string[], actor: Actor): Promise<void> {
  const orders = await holdForShipping(tx, orderIds)
  const gone = [...orders.values()].filter(({ status }) => status !== 'released').map(({ id }) => id)
  if (gone.length > 0) await cancelPending(tx, gone, actor.name)
}
