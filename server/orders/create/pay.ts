import type { By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Outcome } from '../../core/decide.ts'
import { sharedNow } from '../../lib/clock.ts'
import { reservePaid } from '../gifts/give.ts'
import { answerOrders, withoutForeignEditLocks } from '../order/access.ts'
import { whyNotPaid } from '../order/desk-rules.ts'
import { addOrderEvents, lockOrders } from '../order/queries.ts'
import { writePaid } from './own-order-queries.ts'

/** 登记付款: records the payment of off-platform orders. They then get their gifts, and stock is requested for them. */
export function bookPayment(tx: Tx, ids: readonly string[], { actor, scope }: By): Promise<Outcome[]> {
  return withoutForeignEditLocks(tx, ids, { actor, scope }, async (granted) => {
    const orders = await lockOrders(tx, granted)
    const paid = orders.filter((order) => !whyNotPaid(order)).map(({ id }) => id)
    if (paid.length > 0) {
      await writePaid(tx, paid, sharedNow())
      await addOrderEvents(
        tx,
        paid.map((orderId) => ({ orderId, event: 'paid', detail: {} })),
        actor,
      )
      await reservePaid(tx, paid, actor)
    }
    return answerOrders(granted, orders, whyNotPaid)
  })
}
