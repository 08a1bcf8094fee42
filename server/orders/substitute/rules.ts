import { type Refusal, wrongStatus } from '../../core/decide.ts'
import { type OrderStatus, statusWords } from '../order/lifecycle.ts'

const words = { zh: '换货品', en: 'substitute goods' }

/** Returns why goods of the order cannot be substituted any more; undefined: they can. Pure, so that the pages use it too. */
export function whyNotSubstituted(order: { status: OrderStatus; origin: string }): Refusal | undefined {
  const open = order.status === 'unconfirmed' || order.status === 'confirmed'
  return open && order.origin !== 'record' ? undefined : wrongStatus(statusWords[order.status], words)
}
