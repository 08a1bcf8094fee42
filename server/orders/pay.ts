import type { Actor, Scope } from '../actor.ts'
import type { Outcome } from '../batches/batch.ts'
import type { Tx } from '../db.ts'
import { reserveGoods } from './goods.ts'
import { answer } from './holds.ts'
import { isOwn, isUnshipped, statusWords } from './lifecycle.ts'
import { writePaid } from './own-order-queries.ts'
import { addOrderEvents, type HeldOrder, lockOrders } from './queries.ts'
import { withinReach } from './transition.ts'

/** 登记付款: of orders that no platform tells of. Stock is asked for them now. */
export function bookPayment(tx: Tx, ids: readonly string[], actor: Actor, scope: Scope): Promise<Outcome[]> {
  return withinReach(tx, ids, { actor, scope }, async (granted) => {
    const orders = await lockOrders(tx, granted)
    const paid = orders.filter((order) => whyNotPaid(order) === null).map(({ id }) => id)
    if (paid.length > 0) {
      await writePaid(tx, paid, new Date())
      await addOrderEvents(
        tx,
        paid.map((orderId) => ({ orderId, event: 'paid', detail: {} })),
        actor,
      )
      await reserveGoods(tx, paid)
    }
    return answer(granted, orders, whyNotPaid)
  })
}

export function whyNotPaid({
  origin,
  paid,
  cod,
  status,
}: Pick<HeldOrder, 'origin' | 'paid' | 'cod' | 'status'>) {
  if (!isOwn(origin))
    return {
      code: 'of_platform',
      message: { zh: '平台订单的付款由平台告知', en: "The platform tells of its trades' payment" },
    }
  if (paid) return { code: 'already', message: { zh: '已付款', en: 'Paid already' } }
  if (cod) return { code: 'cod', message: { zh: '货到付款，不用登记', en: 'Cash on delivery' } }
  if (isUnshipped(status)) return null
  const words = statusWords[status]
  return {
    code: 'wrong_status',
    message: { zh: `${words.zh}，不能登记付款`, en: `${words.en}: cannot book a payment` },
  }
}
