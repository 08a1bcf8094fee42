import type { By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Outcome } from '../../core/decide.ts'
import { reserveOrders } from '../allocation/goods.ts'
import { withinScope } from '../order/access.ts'
import { isOffPlatform } from '../order/lifecycle.ts'
import { ordersOfNumbers } from '../order/numbers.ts'
import { type LockedOrder, lockOrders } from '../order/queries.ts'
import { transition } from '../status/transition.ts'
import { applyMissedChanges, missedChangesOf } from './take-up.ts'

/**
 * 恢复: makes a voided order unconfirmed again, since its trade cannot convert twice. Changes since the void are applied: refunded money
 * takes its goods off the lines, an open refund or a close on the platform holds the order, and stock is requested for the remaining
 * goods. Refused are an order without remaining goods, and an off-platform order whose number another order has.
 */
export function restoreOrders(tx: Tx, ids: readonly string[], { actor, scope }: By): Promise<Outcome[]> {
  return withinScope(tx, ids, scope, async (granted) => {
    const orders = await lockOrders(tx, granted)
    const meanwhile = await missedChangesOf(tx, orders)
    const gone = new Set(
      orders
        .filter((order) => order.status === 'voided' && meanwhile.settled.get(order.id)?.whole)
        .map((order) => order.id),
    )
    const taken = await takenNumbers(tx, orders)
    const outcomes = await transition(
      tx,
      granted.filter((id) => !gone.has(id) && !taken.has(id)),
      { event: 'restore' },
      actor,
    )
    const restored = outcomes.filter((outcome) => outcome.done).map((outcome) => outcome.id)
    await applyMissedChanges(tx, restored, meanwhile, actor)
    await reserveOrders(tx, restored)
    return [
      ...outcomes,
      ...orders.flatMap(({ id, no }): Outcome[] => {
        const other = taken.get(id)
        if (other !== undefined) return [{ ...numberTaken(other), id, ref: no }]
        return gone.has(id) ? [{ ...nothingLeft, id, ref: no }] : []
      }),
    ]
  })
}

/** For voided off-platform orders whose trade number another order has meanwhile: returns that order's number. */
async function takenNumbers(tx: Tx, orders: readonly LockedOrder[]): Promise<Map<string, string>> {
  const own = orders.filter(({ origin, status }) => isOffPlatform(origin) && status === 'voided')
  const others = await ordersOfNumbers(
    tx,
    own.map(({ shopId, tid }) => ({ shopId, outerNo: tid })),
  )
  return new Map(
    own.flatMap(({ id, shopId, tid }) => {
      const other = others.find((one) => one.shopId === shopId && one.tid === tid && one.id !== id)
      return other ? [[id, other.no]] : []
    }),
  )
}

const numberTaken = (no: string) => ({
  done: false as const,
  code: 'duplicate',
  message: { zh: `同号的 ${no} 已在，不能恢复`, en: `${no} has its number; it cannot be restored` },
})

const nothingLeft = {
  done: false as const,
  code: 'refunded_whole',
  message: { zh: '已全部退款，没有可发的商品', en: 'Fully refunded; nothing is left to ship' },
}
