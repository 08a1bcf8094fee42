import type { Actor, Scope } from '../actor.ts'
import type { Outcome } from '../batches/batch.ts'
import type { Tx } from '../db.ts'
import { closedOnPlatform } from './difference-queries.ts'
import { keepUnmatchedHolds, reserveGoods } from './goods.ts'
import { insertHolds, lockOrders, type NewHold, refreshOrders } from './queries.ts'
import { settle } from './refund-money.ts'
import {
  type AppliedRefund,
  linesOfOrders,
  refundsOfOrders,
  upsertOrderRefunds,
  writeRefundedLines,
} from './refund-queries.ts'
import { countedOf } from './refunds.ts'
import { transition, withinScope } from './transition.ts'

/**
 * 恢复: a voided order is unconfirmed again, since its trade cannot convert twice. What happened meanwhile comes to bear:
 * money that went back takes its goods off the lines, an open refund and a close on the platform hold the order, and
 * stock is asked for what is left. An order of which nothing would be left is refused.
 */
export function restoreOrders(
  tx: Tx,
  ids: readonly string[],
  actor: Actor,
  scope: Scope,
): Promise<Outcome[]> {
  return withinScope(tx, ids, scope, async (granted) => {
    const orders = await lockOrders(tx, granted)
    const refunds = (await refundsOfOrders(tx, granted)).map((refund) => ({
      ...refund,
      takesGoods: refund.fact !== null,
    }))
    const lines = await linesOfOrders(tx, granted)
    const byOrder = Map.groupBy(refunds, (refund) => refund.orderId)
    const settled = new Map(
      orders.map((order) => [
        order.id,
        settle(order, lines.get(order.id) ?? [], countedOf(byOrder.get(order.id) ?? [])),
      ]),
    )
    const gone = new Set(
      orders
        .filter((order) => order.status === 'voided' && settled.get(order.id)?.whole)
        .map((order) => order.id),
    )
    const outcomes = await transition(
      tx,
      granted.filter((id) => !gone.has(id)),
      'restore',
      actor,
    )
    const restored = new Set(outcomes.filter((outcome) => outcome.done).map((outcome) => outcome.id))
    await takeUp(
      tx,
      [...restored],
      refunds.filter((refund) => restored.has(refund.orderId)),
      settled,
      actor,
    )
    await reserveGoods(tx, [...restored])
    return [
      ...outcomes,
      ...orders.filter((order) => gone.has(order.id)).map(({ id, no }) => ({ ...nothingLeft, id, ref: no })),
    ]
  })
}

const nothingLeft = {
  done: false as const,
  code: 'refunded_whole',
  message: { zh: '已全部退款，没有可发的商品', en: 'Fully refunded; nothing is left to ship' },
}

async function takeUp(
  tx: Tx,
  ids: readonly string[],
  refunds: readonly AppliedRefund[],
  settled: ReadonlyMap<string, ReturnType<typeof settle>>,
  actor: Actor,
): Promise<void> {
  if (ids.length === 0) return
  const counted = refunds.filter((refund) => refund.fact !== null)
  if (counted.length > 0) {
    await upsertOrderRefunds(tx, counted)
    await writeRefundedLines(
      tx,
      ids.flatMap((orderId) => (settled.get(orderId)?.lines ?? []).map((line) => ({ orderId, ...line }))),
    )
  }
  const base = { note: '', until: null }
  const open = refunds.filter((refund) => refund.status === 'applied' || refund.status === 'agreed')
  const holds: NewHold[] = [
    ...open.map((refund) => ({
      ...base,
      orderId: refund.orderId,
      reason: 'refund_open',
      source: refund.refundNo,
    })),
    ...(await closedOnPlatform(tx, ids)).map((orderId) => ({
      ...base,
      orderId,
      reason: 'platform_closed',
      source: 'closed',
    })),
  ]
  await insertHolds(tx, holds, actor.name)
  await keepUnmatchedHolds(tx, ids)
  await refreshOrders(tx, ids)
}
