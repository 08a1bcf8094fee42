import { type Refusal, wrongStatus } from '../../core/decide.ts'
import { type OrderStatus, statusWords } from '../order/lifecycle.ts'

const words = { zh: '换货品', en: 'substitute goods' }

/** Why the goods of an order cannot be substituted by now; pure, the pages ask it too. */
export function whyNotSubstituted(order: { status: OrderStatus; origin: string }): Refusal | undefined {
  const open = order.status === 'unconfirmed' || order.status === 'confirmed'
  return open && order.origin !== 'record' ? undefined : wrongStatus(statusWords[order.status], words)
}
