import type { By } from '../../core/access/actor.ts'
import { audit } from '../../core/access/audit.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Outcome, Refusal } from '../../core/decide.ts'
import { noOrder, withoutForeignEditLocks } from '../order/access.ts'
import { isUnshipped, type OrderStatus } from '../order/lifecycle.ts'
import { addOrderEvents, lockOrders } from '../order/queries.ts'
import { writeWaivers } from './refund-notice-queries.ts'
import { applyNotices, readNoticeDecisions } from './refund-notices.ts'
import type { NoticeDecision } from './refund-verdicts.ts'

/**
 * 退款中照发: a person lets this one order ship although its refunds, with their current values, are open. If a refund gets worse, the order
 * is held again. Not possible if money was paid, if we have agreed, if a status is unknown, or if we have reported the order as stopped.
 */
export async function shipOverRefunds(tx: Tx, id: string, reason: string, by: By): Promise<Outcome> {
  const [outcome] = await withoutForeignEditLocks(tx, [id], by, async (granted) => {
    const [order] = await lockOrders(tx, granted)
    if (!order) return []
    await applyNotices(tx, [id], by.actor)
    const verdicts = await readNoticeDecisions(tx, [{ tid: order.tid, shopId: order.shopId }])
    const stopping = verdicts.filter((one) => one.order.id === id && one.stops)
    const why = whyNotShippedOver(order.status, stopping)
    if (why) return [{ id, done: false, ...why, ref: order.no }]
    await writeWaivers(
      tx,
      id,
      stopping.map(({ notice }) => notice),
      { reason, by: by.actor.name },
    )
    await applyNotices(tx, [id], by.actor)
    const refunds = stopping.map(({ notice }) => notice.refundNo)
    await addOrderEvents(
      tx,
      refunds.map((refundNo) => ({ orderId: id, event: 'refund_let_through', detail: { refundNo } })),
      by.actor,
    )
    await audit(tx, {
      actor: by.actor,
      action: 'order.ship_over_refund',
      subject: { type: 'sales_order', id },
      shopId: order.shopId,
      detail: { no: order.no, refunds },
      request: by.request,
    })
    return [{ id, done: true, ref: order.no }]
  })
  return outcome ?? { id, done: false, ...noOrder }
}

export function whyNotShippedOver(
  status: OrderStatus,
  stopping: readonly NoticeDecision[],
): Refusal | undefined {
  if (!isUnshipped(status)) return shippedAlready
  if (stopping.length === 0) return nothingStops
  const notices = stopping.map(({ notice }) => notice)
  if (notices.some(({ status, agreeing }) => status === 'succeeded' || agreeing !== '')) return moneyGone
  if (notices.some(({ status }) => status === 'unknown')) return unclear
  return notices.some(({ toldStopped }) => toldStopped) ? told : undefined
}

const shippedAlready: Refusal = {
  code: 'wrong_status',
  message: { zh: '不是待发货的单', en: 'It does not wait to be shipped' },
}
const nothingStops: Refusal = {
  code: 'not_held',
  message: { zh: '没有退款挡着这张单', en: 'No refund stops this order' },
}
const moneyGone: Refusal = {
  code: 'refund_paid',
  message: {
    zh: '退款已成功或已同意，不能照发',
    en: 'Its refund was paid or agreed to; it is not shipped over that',
  },
}
const unclear: Refusal = {
  code: 'refund_unknown',
  message: {
    zh: '退款状态不认识，钱可能已退，不能照发',
    en: 'The state of its refund is not known, and the money may have gone; it is not shipped over that',
  },
}
const told: Refusal = {
  code: 'told_stopped',
  message: {
    zh: '已向平台上报停止发货，平台会据此退款，不能照发',
    en: 'The platform was told that it is stopped, and pays on that word',
  },
}
