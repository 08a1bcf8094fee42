import { holdReasons } from '../../../server/orders/order/lifecycle.ts'
import type { Say } from '../words.ts'

/** The words of a reason for which an order is held. Lists of deliveries need no more of the orders than this. */
export function holdText(reason: string, say: Say): string {
  const words = Object.entries(holdReasons).find(([name]) => name === reason)?.[1]
  return say(words ?? ['其他原因', 'Another reason'])
}
