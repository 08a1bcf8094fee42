import type { Actor, By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Outcome } from '../../core/decide.ts'
import { approvedExtraRefunds } from '../../finance/extra-refunds.ts'
import { owedBy } from '../../finance/lifecycle.ts'
import { ordersOfSettlements } from '../../finance/settlement-rows.ts'
import { moveSettlements } from '../../finance/settlement-verbs.ts'
import { oweSettlements } from '../../finance/settlements.ts'
import { type LockedOrder, lockOrders } from '../order/queries.ts'
import { countedRefunds } from './counted-refunds.ts'

type Money = Pick<LockedOrder, 'id' | 'no' | 'shopId' | 'tid' | 'status' | 'paid' | 'cod' | 'paymentFen'>

/**
 * Updates the settlements of these orders to their status, counted refunds and approved extra refunds. A caller that changes one of these
 * calls it in the same transaction, with the orders locked. The number of statements does not depend on the number of orders.
 */
export async function updateSettlements(tx: Tx, orders: readonly Money[], actor: Actor): Promise<void> {
  if (orders.length === 0) return
  const ids = orders.map(({ id }) => id)
  const back = Map.groupBy(
    [...(await countedRefunds(tx, ids)), ...(await approvedExtraRefunds(tx, ids))],
    ({ orderId }) => orderId,
  )
  const owed = orders.flatMap((order) =>
    owedBy({ ...order, back: back.get(order.id) ?? [] }).map((part) => ({
      ...part,
      shopId: order.shopId,
      orderId: order.id,
      orderNo: order.no,
      tid: order.tid,
    })),
  )
  await oweSettlements(tx, owed, actor.name)
}

/** Locks orders and updates their settlements, for orders that got their status without a transition: record-only and older ones. */
export async function lockAndUpdateSettlements(tx: Tx, ids: readonly string[], actor: Actor): Promise<void> {
  await updateSettlements(tx, await lockOrders(tx, ids), actor)
}

/**
 * 恢复: revives settlements that a person voided. Each becomes a draft again with the amount that is owed now, or is withdrawn if nothing
 * is.
 */
export async function reviveSettlements(
  tx: Tx,
  ids: readonly string[],
  { actor, scope }: By,
): Promise<Outcome[]> {
  const orders = await lockOrders(tx, await ordersOfSettlements(tx, ids, scope))
  const outcomes = await moveSettlements(tx, ids, { event: 'revive' }, { actor, scope })
  await updateSettlements(tx, orders, actor)
  return outcomes
}
