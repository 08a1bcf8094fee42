import { type Actor, type By, systemActor } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Outcome } from '../../core/decide.ts'
import { receiveEvent } from '../../events.ts'
import { sharedNow } from '../../lib/clock.ts'
import { reservePaid } from '../gifts/give.ts'
import { answerOrders, withoutForeignEditLocks } from '../order/access.ts'
import { whyNotPaid } from '../order/desk-rules.ts'
import { isUnshipped } from '../order/lifecycle.ts'
import { addOrderEvents, lockOrders, lockOrdersWithChildren } from '../order/queries.ts'
import { writePaid } from './own-order-queries.ts'

/** 登记付款: records the payment of off-platform orders. They then get their gifts, and stock is requested for them. */
export function bookPayment(tx: Tx, ids: readonly string[], { actor, scope }: By): Promise<Outcome[]> {
  return withoutForeignEditLocks(tx, ids, { actor, scope }, async (granted) => {
    const orders = await lockOrders(tx, granted)
    const paid = orders.filter((order) => !whyNotPaid(order)).map(({ id }) => id)
    const at = sharedNow()
    await notePaid(
      tx,
      paid.map((orderId) => ({ orderId, at })),
      actor,
    )
    await reservePaid(tx, paid, actor)
    return answerOrders(granted, orders, whyNotPaid)
  })
}

const batchSize = 500

/** Trades that were converted unpaid were paid on the platform. Orders whose payment is known do not change, so a repeated event is harmless. */
export const tradesPaid = receiveEvent('orders.trades_paid', async ({ db }, payloads) => {
  const paid = payloads.flatMap((payload) => payload.paid)
  for (let from = 0; from < paid.length; from += batchSize) {
    const some = paid.slice(from, from + batchSize)
    await db.transaction().execute((tx) => payTrades(tx, some))
  }
})

/** Records the payment of trades on their orders and on the orders that were split from these. */
async function payTrades(tx: Tx, paid: readonly { orderId: string; at: string }[]): Promise<void> {
  const times = new Map(paid.map(({ orderId, at }) => [orderId, new Date(at)]))
  const orders = (await lockOrdersWithChildren(tx, [...times.keys()])).filter(
    (order) => !order.paid && !order.cod,
  )
  await notePaid(
    tx,
    orders.flatMap(({ id, splitFrom }) => {
      const at = times.get(id) ?? times.get(splitFrom ?? '')
      return at ? [{ orderId: id, at }] : []
    }),
    systemActor,
  )
  const waiting = orders.filter(({ status }) => isUnshipped(status)).map(({ id }) => id)
  await reservePaid(tx, waiting, systemActor)
}

async function notePaid(
  tx: Tx,
  payments: readonly { orderId: string; at: Date }[],
  actor: Actor,
): Promise<void> {
  if (payments.length === 0) return
  await writePaid(tx, payments)
  await addOrderEvents(
    tx,
    payments.map(({ orderId }) => ({ orderId, event: 'paid', detail: {} })),
    actor,
  )
}
