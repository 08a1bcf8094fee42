import { num } from '../core/db/db.ts'
import { money } from '../lib/money-text.ts'
import { hourMs } from '../lib/time.ts'
import { type Asked, alarmOf, figure, listed, shortNo, type Told } from './alarm-words.ts'
import {
  heldAndDue,
  letThrough,
  type RefundedOrder,
  refundedUnheld,
  refundFloods,
} from './refund-alarm-queries.ts'

/** Milliseconds before the ship-by time at which the alarm begins: enough to finish a refund and pack the order. */
const nearMs = 4 * hourMs
/**
 * A flood of refund holds within `minutes`. With fewer holds than `least` there is no alarm, because a shop with few orders would soon have
 * a tenth of them on hold.
 */
const flood = { minutes: 10, least: 5 }

export async function refundAlarms({ db, scope, now }: Asked): Promise<Told[]> {
  const floods = await refundFloods(db, scope, flood)
  const due = await heldAndDue(db, scope, nearMs)
  const isOver = due.since !== null && due.since < now
  return [
    ...unheldAlarm(await refundedUnheld(db, scope)),
    ...letThroughAlarm(await letThrough(db, scope)),
    ...floods.map(
      ({ shopId, shopName, held, open, since }): Told => ({
        id: `refund_flood:${shopId}`,
        kind: 'refund_flood',
        tone: 'bad',
        since,
        shopId,
        count: held,
        title: {
          zh: `${shopName} 10 分钟内 ${figure(held)} 单因退款挂起`,
          en: `${shopName}: refunds held ${figure(held)} orders within ten minutes`,
        },
        detail: {
          zh: `待发货共 ${figure(open)} 单，超过一成。一起看过再处理`,
          en: `Of ${figure(open)} to ship, more than a tenth. Look through them together`,
        },
        remedy: 'see_orders',
        act: { zh: '去核对', en: 'Go and review' },
        to: `/orders?tab=held&shop=${shopId}&refund=open`,
      }),
    ),
    ...alarmOf(due, {
      kind: 'refund_held_due',
      tone: isOver ? 'bad' : 'warn',
      since: isOver ? due.since : null,
      title: {
        zh: `${figure(due.count)} 单因退款挂起，4 小时内要发`,
        en: `${figure(due.count)} held for refunds, to ship within 4 hours`,
      },
      detail: {
        zh: '先了结退款，过时限平台要罚',
        en: "settle the refunds before the platform's deadline",
      },
      remedy: 'see_orders',
      act: { zh: '看订单', en: 'See orders' },
      to: `/orders?tab=all&ids=${due.ids.join(',')}`,
    }),
  ]
}

function unheldAlarm(orders: readonly RefundedOrder[]): Told[] {
  return ofOrders(orders, {
    id: 'refunded_unheld',
    kind: 'refunded_unheld',
    title: (count) => ({
      zh: `已退款仍未拦截 ${figure(count)} 单`,
      en: `${figure(count)} refunded orders still shipping`,
    }),
    remedy: 'hold_orders',
    // Only this remedy runs from the alarm itself, so its button names the number of orders.
    act: (n) => ({ zh: `拦下 ${n} 单`, en: `Hold ${n} ${n === 1 ? 'order' : 'orders'}` }),
  })
}

function letThroughAlarm(orders: readonly RefundedOrder[]): Told[] {
  return ofOrders(orders, {
    id: 'refund_let_through',
    kind: 'refund_let_through',
    title: (count) => ({
      zh: `退款中照发 ${figure(count)} 单`,
      en: `${figure(count)} let through over a refund`,
    }),
    remedy: 'see_orders',
    act: () => ({ zh: '看订单', en: 'See orders' }),
  })
}

function ofOrders(
  orders: readonly RefundedOrder[],
  {
    title,
    act,
    ...alarm
  }: Pick<Told, 'id' | 'kind' | 'remedy'> & {
    title: (count: number) => Told['title']
    act: (count: number) => Told['act']
  },
): Told[] {
  const [first] = orders
  if (!first) return []
  const amountFen = orders.reduce((sum, order) => sum + num(order.amountFen), 0)
  const numbers = listed(orders.map((order) => shortNo(order.no)))
  const ids = orders.slice(0, 200).map((order) => order.id)
  return [
    {
      ...alarm,
      tone: 'bad',
      since: first.since,
      count: orders.length,
      amountFen,
      ids,
      title: title(orders.length),
      act: act(ids.length),
      detail: {
        zh: `${numbers.zh}，合计 ${money(amountFen)}`,
        en: `${numbers.en}; ${money(amountFen)} in all`,
      },
      to: `/orders?tab=all&ids=${ids.join(',')}`,
    },
  ]
}
